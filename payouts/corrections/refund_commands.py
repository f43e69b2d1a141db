"""Commands of refunds: money of a receipt that went back, or was taken back."""

import click

from ledger.doors import Desk, command, group
from payouts.parties.payee_commands import rated


@command("add")
@click.argument("amount")
@click.option("--of", "receipt", required=True, metavar="ENTRY|PAPER", help="The receipt: its entry, or its paper.")
@click.option("--from", "party", metavar="NAME", help="Whose receipt, where several have that paper.")
@click.option("--chargeback", is_flag=True, help="The bank took it back; nobody here sent it.")
@click.option("--ref", default="", help="The paper of the refund; each is booked once.")
@click.option("--date", "booked", default="today", metavar="DAY", help="When the bank booked it.")
@click.option("--value", metavar="DAY", help="Its value date, if another.")
@rated
def refund_add(
    desk: Desk,
    amount: str,
    receipt: str,
    party: str | None,
    chargeback: bool,
    ref: str,
    booked: str,
    value: str | None,
    **rate: str | None,
) -> None:
    """Book that money of a receipt went back (treasurers): it is taken back from whoever shared it.

    Of a receipt in another currency, AMOUNT may be in that: "50.00 USD", with a rate. Never more is taken back than the
    receipt brought here; what the rate has risen since is a cost of its own: tally expense add.
    """
    from payouts.corrections.refunding import Wanted, book_refund
    from payouts.parties.foreign_desk import Rated

    typed = Wanted(
        amount=amount,
        receipt=receipt,
        party=party,
        chargeback=chargeback,
        ref=ref,
        booked=booked,
        value=value,
        rated=Rated(**rate),
    )
    book_refund(desk, typed)


@command("list")
def refund_list(desk: Desk) -> None:
    """Refunds, newest last: of which receipt, and in which run or amendment they were taken back."""
    from payouts.corrections.refunding import list_refunds

    list_refunds(desk)


refund = group("refund", "Money of a receipt that went back.", refund_add, refund_list)
