"""All money in and out, entry by entry, and the sums of member and non-member business by period and book year."""

from collections.abc import Iterator

from ledger import people
from ledger.book import Book
from ledger.money import format_amount
from ledger.names import Names
from ledger.private import show
from payouts import state
from payouts.compute import computed_run
from payouts.inputs import year_of
from payouts.kept import Money
from payouts.parties.moneys import MEMBER, OTHER, UNSAID, business_of, more_of

MONEY, BUSINESS = "money", "business"
MONEY_COLUMNS = (
    *("entry", "period", "booked", "value", "sort", "party", "id", "ref", "deals", "circle", "amount", "currency"),
    *("foreign", "foreign currency", "rate", "rate source", "rate date", "business", "due"),
)
MONEY_ON_PAPER = (
    *("value", "id", "deals", "circle", "currency", "business", "due"),
    *("rate", "rate source", "rate date"),
)
"""Columns that stand in a file only: a screen has no room for them."""
BUSINESS_COLUMNS = ("year", "period", "member", "other", "not said", "together", "currency")


def moneys(book: Book) -> Iterator[tuple[str, Money]]:
    """All money with the period whose run took it in, or will; "" while nobody stands by it."""
    own = state.of(book)
    for period in own.runs:
        yield from ((period, one) for one in computed_run(book, period).pin.money)
    for period, pin in own.pins.items():
        yield from ((period, one) for one in pin.money)
    ahead = book.ledger.calendar[own.pinned :]
    for one in own.money:
        disputed = people.is_disputed(book.ledger, one.entry)
        yield next((row.id for row in ahead if one.booked <= row.last and not disputed), ""), one


def money_rows(book: Book, names: Names) -> list[dict[str, str]]:
    """One row for each entry about money: what came in plus, what was spent or billed minus."""
    rows = []
    for period, one in sorted(moneys(book), key=lambda row: row[1].entry):
        more = more_of(book, one.entry)
        foreign = more["foreign"] or {}
        sort = "income" if one.incoming else "expense" if more["due"] is None else "bill"
        sort = "credit" if one.amount < 0 else sort
        rows.append(
            {
                "entry": str(one.entry),
                "period": period,
                "booked": one.booked,
                "value": one.value,
                "sort": sort,
                "party": names.of(one.party),
                "id": one.party,
                "ref": show(one.ref),
                "deals": show(" ".join(one.deals)),
                "circle": one.circle,
                "amount": format_amount(one.amount if one.incoming else -one.amount, book.ledger.exponent),
                "currency": book.ledger.currency,
                "foreign": foreign.get("amount", ""),
                "foreign currency": foreign.get("currency", ""),
                "rate": foreign.get("rate", ""),
                "rate source": show(foreign.get("source", "")),
                "rate date": foreign.get("date", ""),
                "business": more["business"] or "",
                "due": more["due"] or "",
            }
        )
    return rows


def business_rows(book: Book) -> list[dict[str, str]]:
    """Receipts by whose business they were: a row for each period, and one for each book year together."""
    sums: dict[tuple[str, str], dict[str, int]] = {}
    first = {row.id: row.first for row in book.ledger.calendar}
    for period, one in moneys(book):
        if not one.incoming or not period:
            continue
        year = year_of(book, first[period])
        for key in ((year, period), (year, "")):
            held = sums.setdefault(key, dict.fromkeys((MEMBER, OTHER, UNSAID), 0))
            held[business_of(book, one.entry)] += one.amount
    ordered = sorted(sums.items(), key=lambda row: (row[0][0], row[0][1] == "", first.get(row[0][1], "")))
    return [
        {
            "year": year,
            "period": period or "the year",
            "member": format_amount(held[MEMBER], book.ledger.exponent),
            "other": format_amount(held[OTHER], book.ledger.exponent),
            "not said": format_amount(held[UNSAID], book.ledger.exponent),
            "together": format_amount(sum(held.values()), book.ledger.exponent),
            "currency": book.ledger.currency,
        }
        for (year, period), held in ordered
    ]
