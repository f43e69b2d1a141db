"""A treasurer sets right what tax a closed book year owes, and books what came back of it."""

from typing import Any

from ledger import naming, people
from ledger.doors import Desk
from ledger.errors import Usage
from ledger.fact import plain
from ledger.money import parse_amount
from ledger.spans import parse_day
from payouts.amounts import amounts_of
from payouts.tax_facts import TaxSetRight
from payouts.years.taxes import tax_of
from payouts.years.year_words import run_of_year, year_named

KIND = "payouts.tax_corrected"


def correct_tax_at_desk(
    desk: Desk,
    text: str,
    amount: str,
    authority: str | None,
    refunded: str | None,
    ref: str,
    booked: str | None,
    value: str | None,
) -> None:
    """Record the right tax of a year; an authority of a new name is made first."""
    year, (_, me), say = year_named(desk.book, text), desk.me, amounts_of(desk.book)
    run_of_year(desk.book, year)
    before = tax_of(desk.book, year)
    party = naming.named(desk, authority) if authority is not None else None
    if party is None and not before.authority:
        raise Usage(f"The book year {year} owes no tax to anybody yet.", "Say to whom: --to AUTHORITY.")
    if refunded is None and (booked or value):
        raise Usage("--date and --value are of money that came back.", "Say how much: --refunded AMOUNT.")
    said = TaxSetRight(
        year=year,
        tax=parse_amount(amount, say.exponent),
        authority=party.id if party is not None else before.authority,
        ref=ref.strip(),
        **_came_back(desk, refunded, booked, value),
    )
    people.must_speak(desk.book.ledger, me, KIND)
    said.check_by(desk.book, me, max(desk.now, desk.book.received))
    if party is not None:
        naming.made(desk, party, "authority")
    more = said.more(desk.book)
    entry = desk.record(KIND, plain(said)).entry.index
    after, to = tax_of(desk.book, year), desk.names.of(said.authority)
    lines = [f"The tax of {year} is {say.full(said.tax)} (entry {entry}), {_differs(say.full(abs(more)), more)}."]
    lines += [f"{say.full(said.back())} of it came back from {to}."] if said.back() else []
    lines += [f"{say.full(after.owed)} is owed still to {to}."]
    data = {"entry": entry, "year": year, "tax": say.plain(said.tax), "more": say.plain(more), "authority": to}
    data["currency"] = say.currency
    desk.answer(data | {"refunded": say.plain(said.back()), "owed": say.plain(after.owed)}, *lines)


def _differs(much: str, more: int) -> str:
    if not more:
        return "as before"
    return f"{much} {'more' if more > 0 else 'less'} than before; the result of the open year bears it"


def _came_back(desk: Desk, refunded: str | None, booked: str | None, value: str | None) -> dict[str, Any]:
    """The fields for money that came back; none where nothing did."""
    if refunded is None:
        return {}
    minor = parse_amount(refunded, desk.book.ledger.exponent)
    if not minor:
        raise Usage(f'"{refunded}" is no money.', "Write what came back, or leave out --refunded.")
    on = parse_day(booked or "today", desk.today)
    return {
        "refunded": minor,
        "booked": on.isoformat(),
        "value": (parse_day(value, desk.today) if value else on).isoformat(),
    }
