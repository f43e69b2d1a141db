"""Commands of the book year: close it, look at what it comes to, approve it, pay its tax."""

import click

from ledger.doors import Desk, command, group


def why_year_at_desk(desk: Desk, name: str, year: str) -> None:
    """Why somebody got this of a book year, down to the entries and the cent."""
    from payouts.reasons.why_tree import year_tree
    from payouts.years.year_why import why_year

    data = why_year(desk.book, desk.names, desk.words, desk.names.person(name), year)
    desk.answer(data, year_tree(data))


@command("close")
@click.argument("year", required=False)
@click.option("--tax", metavar="AMOUNT", help="The tax that the year owes.")
@click.option("--to", "authority", metavar="AUTHORITY", help="To whom it is owed.")
def year_close(desk: Desk, year: str | None, tax: str | None, authority: str | None) -> None:
    """Close a book year whose periods are computed, the oldest unless named (treasurers)."""
    from payouts.years.year_desk import close_at_desk

    close_at_desk(desk, year, tax, authority)


@command("list")
def year_list(desk: Desk) -> None:
    """The book years: where each stands, and what it left over or lacked."""
    from payouts.years.year_showing import year_rows, year_table

    rows, currency = year_rows(desk.book, desk.names), desk.book.ledger.currency
    nothing = "No period is computed yet, so no book year has begun: tally payout due."
    desk.answer({"years": rows, "currency": currency}, year_table(rows, currency) if rows else nothing)


@command("show")
@click.argument("year")
@click.option("--member", metavar="NAME", help="Why this person got what they got.")
def year_show(desk: Desk, year: str, member: str | None) -> None:
    """A closed book year: who got what, the accounts before and after, interest, everybody's capital."""
    from payouts.years.year_showing import show_year, year_data
    from payouts.years.year_words import year_named

    first = year_named(desk.book, year)
    if member is not None:
        why_year_at_desk(desk, member, first)
        return
    desk.answer(year_data(desk.book, desk.names, first), *show_year(desk.book, desk.names, first))


@command("approve")
@click.argument("year")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--confirm", metavar="YEAR", help="The year once more, instead of being asked for it.")
def year_approve(desk: Desk, year: str, yes: bool, confirm: str | None) -> None:
    """Approve a book year as it is shown (treasurers): you sign for its digest."""
    from payouts.years.year_desk import approve_year_at_desk

    approve_year_at_desk(desk, year, yes, confirm)


@command("pay-tax")
@click.argument("year")
@click.argument("amount")
@click.option("--ref", default="", help="Their paper.")
@click.option("--date", "booked", default="today", metavar="DAY", help="When it was booked.")
@click.option("--value", metavar="DAY", help="Its value date, if another.")
def year_pay_tax(desk: Desk, year: str, amount: str, ref: str, booked: str, value: str | None) -> None:
    """Book that tax of a book year was paid (treasurers)."""
    from payouts.years.year_desk import pay_tax_at_desk

    pay_tax_at_desk(desk, year, amount, ref, booked, value)


@command("correct-tax")
@click.argument("year")
@click.argument("amount")
@click.option("--to", "authority", metavar="AUTHORITY", help="To whom it is owed, where the close named nobody.")
@click.option("--refunded", metavar="AMOUNT", help="What came back of what was paid.")
@click.option("--ref", default="", help="Their paper.")
@click.option("--date", "booked", metavar="DAY", help="When what came back was booked.")
@click.option("--value", metavar="DAY", help="Its value date, if another.")
def year_correct_tax(
    desk: Desk,
    year: str,
    amount: str,
    authority: str | None,
    refunded: str | None,
    ref: str,
    booked: str | None,
    value: str | None,
) -> None:
    """Say that AMOUNT is the right tax of a closed year; the open year bears the difference (treasurers)."""
    from payouts.years.tax_desk import correct_tax_at_desk

    correct_tax_at_desk(desk, year, amount, authority, refunded, ref, booked, value)


year_group = group(
    "year",
    "The book year and its close.",
    year_close,
    year_list,
    year_show,
    year_approve,
    year_pay_tax,
    year_correct_tax,
)
