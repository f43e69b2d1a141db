"""Commands about parties that are paid: suppliers, the network, authorities, heirs."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ledger.doors import Desk, command, group

Function = TypeVar("Function", bound=Callable[..., Any])


def rated(function: Function) -> Function:
    """The options of an amount in another currency."""
    for option in reversed(
        (
            click.option(
                "--rate", metavar="N", help="What one unit of another currency is worth: 0.9213, or 9213/10000."
            ),
            click.option("--rate-source", metavar="TEXT", help="Where the rate stands, like ECB."),
            click.option("--rate-date", metavar="DAY", help="Of which day it is; the booking date, unless said."),
            click.option("--booked-as", metavar="AMOUNT", help="What the bank made of it; the rate follows."),
        )
    ):
        function = option(function)
    return function


@command("list")
def payee_list(desk: Desk) -> None:
    """Parties: what is to be paid, on its way, owed, and how their payment details stand."""
    from payouts.parties.payee_desk import list_at_desk

    list_at_desk(desk)


@command("owed")
@click.argument("account")
@click.option("--to", "party", required=True, metavar="NAME", help="The party.")
@click.option(
    "--sort",
    type=click.Choice(("customer", "supplier", "authority", "fund", "cooperative")),
    default="cooperative",
    show_default=True,
    help="What a party of a new name is.",
)
def payee_owed(desk: Desk, account: str, party: str, sort: str) -> None:
    """Say to whom the money on an owed account of the share rule is owed (treasurers)."""
    from payouts.parties.payee_desk import owed_at_desk

    owed_at_desk(desk, account, party, sort)


@command("due")
@click.argument("what")
@click.argument("amount", required=False)
@click.option("--ref", default="", help="Their paper, or what they know us by; it stands in the payment.")
@click.option("--due", metavar="DAY", help="Until when it is to be paid.")
def payee_due(desk: Desk, what: str, amount: str | None, ref: str, due: str | None) -> None:
    """Make what is owed to a party payable (treasurers): WHAT is an account, "proposal 3" or "tax 2025"."""
    from payouts.parties.payee_desk import due_at_desk

    due_at_desk(desk, what, amount, ref, due)


@command("details")
@click.argument("name")
@click.option("--file", type=click.Path(dir_okay=False, allow_dash=True), help="A file with iban, name and bic.")
def payee_details(desk: Desk, name: str, file: str | None) -> None:
    """Say where a party is paid, which another treasurer agrees to; without a file, show it (treasurers)."""
    from payouts.parties.payee_desk import details_at_desk

    details_at_desk(desk, name, file)


@command("agree")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def payee_agree(desk: Desk, name: str, yes: bool) -> None:
    """Agree to payment details that another treasurer set for a party (treasurers)."""
    from payouts.bank.details_for import agree_to
    from payouts.parties.payee_desk import party_named

    agree_to(desk, party_named(desk, name), yes)


@command("paid")
@click.argument("name")
@click.argument("amount")
@click.option("--ref", default="", help="The bank's, or the receipt's.")
@click.option("--date", "booked", default="today", metavar="DAY", help="When it was booked.")
@click.option("--value", metavar="DAY", help="Its value date, if another.")
def payee_paid(desk: Desk, name: str, amount: str, ref: str, booked: str, value: str | None) -> None:
    """Book that a party was paid by card, in cash or by hand, without a file of ours (treasurers)."""
    from payouts.parties.payee_desk import paid_at_desk

    paid_at_desk(desk, name, amount, ref, booked, value)


@command("credit")
@click.argument("name")
@click.argument("amount")
@click.option("--ref", required=True, help="Their credit note; each is booked once.")
@click.option("--date", "booked", default="today", metavar="DAY", help="When it came.")
def payee_credit(desk: Desk, name: str, amount: str, ref: str, booked: str) -> None:
    """Book that a supplier takes AMOUNT off its bills (treasurers): less is payable, and less was spent."""
    from payouts.parties.credit_desk import credit_at_desk

    credit_at_desk(desk, name, amount, ref, booked)


payee_group = group(
    "payee",
    "Suppliers, the network, authorities: what is paid to parties.",
    payee_list,
    payee_owed,
    payee_due,
    payee_details,
    payee_agree,
    payee_paid,
    payee_credit,
)
