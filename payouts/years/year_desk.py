"""A treasurer closes a book year, looks at what it comes to, and signs for it."""

from ledger import naming, people
from ledger.doors import Desk
from ledger.errors import Usage
from ledger.money import parse_amount
from ledger.spans import parse_day
from payouts.amounts import amounts_of
from payouts.signing import Asked, sign
from payouts.state import YEAR_APPROVED
from payouts.year_facts import YearApproved, YearClosed, owed_of
from payouts.years.year_run import computed_year
from payouts.years.year_showing import show_year
from payouts.years.year_words import outcome_words, run_of_year, year_named, year_to_close


def close_at_desk(desk: Desk, year: str | None, tax: str | None, authority: str | None) -> None:
    """Close a book year, with the tax it owes; an authority of a new name is made first."""
    if (tax is None) != (authority is None):
        raise Usage("A tax is owed to an authority.", "Write --tax AMOUNT --to AUTHORITY, or neither.")
    first, (_, me), say = year_to_close(desk.book, year), desk.me, amounts_of(desk.book)
    minor = parse_amount(tax, say.exponent) if tax is not None else 0
    if authority is not None and not minor:
        raise Usage("A tax of nothing is owed to nobody.", "Leave out --tax and --to.")
    to = naming.named(desk, authority) if authority is not None else None
    party = to.id if to is not None else None
    people.must_speak(desk.book.ledger, me, "payouts.year_closed")
    YearClosed(year=first, tax=minor, authority=party).check_by(desk.book, me)
    named = naming.made(desk, to, "authority") if to is not None else None
    entry = desk.record("payouts.year_closed", {"year": first, "tax": minor, "authority": party}).entry.index
    owed = f", {say.full(minor)} of tax owed to {desk.names.of(party)}" if party else ""
    lines = [f"Closed the book year {first}{owed} (entry {entry}).", "What it comes to: tally payout tick"]
    data = {"year": first, "entry": entry, "tax": say.plain(minor), "currency": say.currency, "party_entry": named}
    desk.answer(data | {"authority": desk.names.of(party) if party else None}, *lines)


def approve_year_at_desk(desk: Desk, text: str, yes: bool, confirm: str | None) -> None:
    """Sign for a year's digest, after the person said the year once more, and say what is missing still."""
    year = year_named(desk.book, text)
    said = YearApproved(year=year, digest=run_of_year(desk.book, year).digest)
    asked = Asked(yes, confirm, lambda: None, lambda: show_year(desk.book, desk.names, year))
    signed = sign(desk, YEAR_APPROVED, said, (year[:4], year), asked)
    words = outcome_words(computed_year(desk.book, year), amounts_of(desk.book))
    lines = [f"You approved the book year {year} (entry {signed.entry}): {words}.", *signed.lines]
    desk.answer({"year": year} | signed.data, *lines)


def pay_tax_at_desk(desk: Desk, text: str, amount: str, ref: str, booked: str, value: str | None) -> None:
    """Record that tax of a book year was paid."""
    year, say, on = year_named(desk.book, text), amounts_of(desk.book), parse_day(booked, desk.today)
    minor = parse_amount(amount, say.exponent)
    if not minor:
        raise Usage(f'"{amount}" is no money.', "Write what was paid.")
    body = {
        "year": year,
        "amount": minor,
        "ref": ref.strip(),
        "booked": on.isoformat(),
        "value": (parse_day(value, desk.today) if value else on).isoformat(),
    }
    entry = desk.record("payouts.tax_paid", body).entry.index
    left = owed_of(desk.book, year)
    lines = [f"Booked {say.full(minor)} of the tax of {year} (entry {entry}); {say.full(left)} is owed still."]
    data = {"entry": entry, "year": year, "amount": say.plain(minor), "currency": say.currency}
    desk.answer(data | {"owed": say.plain(left)}, *lines)
