"""Commands of what is taken off shares: advances that members had, and tax that is withheld for an authority."""

import click

from ledger.doors import Desk, command, group

_REF = click.option("--ref", default="", help="The bank's or their paper.")
_DATE = click.option("--date", "booked", default="today", metavar="DAY", help="When it was booked.")
_VALUE = click.option("--value", metavar="DAY", help="Its value date, if another.")


@command("add")
@click.argument("amount")
@click.option("--to", "name", required=True, metavar="NAME", help="Which member was paid.")
@click.option("--for", "period", required=True, metavar="PERIOD", help="The period whose run it is a part of.")
@_REF
@_DATE
@_VALUE
def advance_add(desk: Desk, amount: str, name: str, period: str, ref: str, booked: str, value: str | None) -> None:
    """Book that a member was paid in advance; it is set off against that run (treasurers)."""
    from payouts.taken_off.deductions_desk import advance_at_desk

    advance_at_desk(desk, amount, name, period, ref, booked, value)


@command("list")
@click.option("--all", "everything", is_flag=True, help="Also those of which nothing is open.")
def advance_list(desk: Desk, everything: bool) -> None:
    """Advances: what was set off, what was paid back, what is open."""
    from payouts.taken_off.deductions_desk import list_advances

    list_advances(desk, everything)


@command("repaid")
@click.argument("amount")
@click.option("--from", "name", required=True, metavar="NAME", help="Who paid it back.")
@_REF
@_DATE
@_VALUE
def advance_repaid(desk: Desk, amount: str, name: str, ref: str, booked: str, value: str | None) -> None:
    """Book that a member paid an advance back, the oldest first (treasurers)."""
    from payouts.taken_off.deductions_desk import repaid_at_desk

    repaid_at_desk(desk, amount, name, ref, booked, value)


@command("set")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.argument("rate")
@click.option("--all", "everybody", is_flag=True, help="Every member but yourself.")
@click.option("--to", "authority", required=True, metavar="AUTHORITY", help="For whom it is withheld.")
@click.option("--from", "since", required=True, metavar="PERIOD", help="The first period whose run withholds it.")
def withholding_set(desk: Desk, names: tuple[str, ...], rate: str, everybody: bool, authority: str, since: str) -> None:
    """Withhold a part of members' shares, like 20%, for an authority; a RATE of 0 ends it (treasurers)."""
    from payouts.taken_off.deductions_desk import set_withholding

    set_withholding(desk, names, rate, everybody, authority, since)


@command("list")
def withholding_list(desk: Desk) -> None:
    """The rates that hold in the next run, and what is owed to each authority."""
    from payouts.taken_off.deductions_desk import list_withholding

    list_withholding(desk)


@command("paid")
@click.argument("authority")
@click.argument("amount")
@_REF
@_DATE
@_VALUE
def withholding_paid(desk: Desk, authority: str, amount: str, ref: str, booked: str, value: str | None) -> None:
    """Book that an authority was paid what was withheld for it (treasurers)."""
    from payouts.taken_off.deductions_desk import withheld_paid_at_desk

    withheld_paid_at_desk(desk, authority, amount, ref, booked, value)


advance = group("advance", "Shares that were paid in advance.", advance_add, advance_list, advance_repaid)
withholding = group(
    "withholding", "Tax and dues withheld of shares.", withholding_set, withholding_list, withholding_paid
)
