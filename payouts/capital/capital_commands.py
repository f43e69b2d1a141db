"""Commands about members' capital: what lies there, how it came, what a close redeems, and redeeming by decision."""

import click

from ledger.doors import Desk, command, group

_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@command("list")
def capital_list(desk: Desk) -> None:
    """Everybody's member accounts: what lies there, what has vested, when it is paid out."""
    from payouts.capital.capital_desk import list_at_desk

    list_at_desk(desk)


@command("show")
@click.argument("name")
def capital_show(desk: Desk, name: str) -> None:
    """How somebody's capital came about: every book year from opening to closing."""
    from payouts.capital.capital_showing import show_data, show_lines

    data = show_data(desk.book, desk.names, desk.names.person(name))
    desk.answer(data, *show_lines(data))


@command("approve")
@click.argument("year")
@_YES
@click.option("--confirm", metavar="YEAR", help="The year once more, instead of being asked for it.")
def capital_approve(desk: Desk, year: str, yes: bool, confirm: str | None) -> None:
    """Approve what the close of a book year redeems (treasurers): then it is payable."""
    from payouts.capital.capital_desk import approve_at_desk

    approve_at_desk(desk, year, yes, confirm)


@command("redeem")
@click.argument("name")
@click.argument("amount")
@click.option("--account", metavar="ACCOUNT", help="Which member account, where there are several.")
def capital_redeem(desk: Desk, name: str, amount: str, account: str | None) -> None:
    """Redeem a member's capital by decision (two treasurers, never the own); the second one says the same."""
    from payouts.capital.capital_desk import redeem_at_desk

    redeem_at_desk(desk, name, amount, account)


capital_group = group("capital", "Members' capital.", capital_list, capital_show, capital_approve, capital_redeem)
