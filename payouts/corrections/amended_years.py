"""What amendments mean for book years: to whose result and capital each belongs, and what it changed there. Pure.

An amendment belongs to the year of its period; where that was closed already, its figures stay, and the difference
belongs to the next year that was open then.
"""

from collections.abc import Iterator

from governance.rule import BALANCE
from ledger.book import Book
from payouts.corrections.standing import Amended, amended, rules_from, year_of_amendment
from payouts.inputs import book_year
from payouts.state import by_person, of
from payouts.sums import added
from payouts.years.year_inputs import Named, forward
from payouts.years.year_late import year_of_period
from payouts.years.year_run import Members


def belonging(book: Book) -> Iterator[tuple[str, int, Amended]]:
    """Every amendment: the book year it belongs to, its entry, and what it is."""
    if not of(book).amendments:
        return
    years = {row.id: book_year(book, row) for row in book.ledger.calendar}
    for name, run in of(book).amendments.items():
        yield year_of_amendment(book, name, years), run.entry, amended(book, name)


def changed_after(book: Book, year: str, entry: int, account: str) -> int:
    """By how much amendments that belong to a year, or to one before it, changed an account after this entry."""
    return sum(found.moved.get(account, 0) for whose, made, found in belonging(book) if whose <= year and made > entry)


def opened_otherwise(book: Book, year: str, entry: int, then: Named) -> Members:
    """What the first run of a year (its entry) did not find on member accounts as the year began with them.

    Amendments of years before that came after it; less those of this year that came before it.
    """
    parts = []
    for whose, made, found in belonging(book):
        if whose < year and made > entry:
            parts.append(on_members(book, made, found, then, 1))
        if whose == year and made < entry:
            parts.append(on_members(book, made, found, then, -1))
    return added(*parts)


def corrected_in(book: Book, year: str, then: Named) -> Members:
    """What amendments that belong to a year put on member accounts, or took from them."""
    return added(*(on_members(book, made, one, then, 1) for whose, made, one in belonging(book) if whose == year))


def counted_twice(book: Book, year: str, then: Named) -> Members:
    """What of that stands in the runs of the year's own periods already, which are read as they stand now."""
    found = (one for whose, _, one in belonging(book) if whose == year and year_of_period(book, one.period) == year)
    return added(*(_shared(book, one, then) for one in found))


def corrected_since(book: Book) -> Members:
    """What amendments that belong to no computed year did to member accounts, in the names of today."""
    key = "corrected since"
    if key not in book.memo:
        rows = (row for row in belonging(book) if row[0] not in of(book).years)
        book.memo[key] = added(*(on_members(book, made, one, _as_today, 1) for _, made, one in rows))
    found: Members = book.memo[key]
    return found


def corrected_of(book: Book, year: str, upto: str) -> Members:
    """What amendments of a year's own periods did to member accounts, in the names of today.

    Those that belong to a year after `upto` are left out.
    """
    key = f"corrected of {year} {upto}"
    if key not in book.memo:
        rows = (row for row in belonging(book) if row[0] <= upto and year_of_period(book, row[2].period) == year)
        book.memo[key] = added(*(on_members(book, made, one, _as_today, 1) for _, made, one in rows))
    found: Members = book.memo[key]
    return found


def raised_by(book: Book, name: str) -> Members:
    """What one amendment put on member accounts, in the names of today; what it took is left out."""
    members = on_members(book, of(book).amendments[name].entry, amended(book, name), _as_today, 1)
    return {account: {who: max(0, much) for who, much in each.items()} for account, each in members.items()}


def _as_today(name: str) -> str:
    return name


def on_members(book: Book, made: int, found: Amended, then: Named, sign: int) -> Members:
    """What an amendment changed on member accounts, in the names of a year's rule."""
    later = forward(rules_from(book, made))
    held = {name.removeprefix("member:"): more for name, more in found.moved.items() if name.startswith("member:")}
    sums: dict[str, int] = {}
    for name, more in held.items():
        named = then(later(f"member:{name}")).removeprefix("member:")
        sums[named] = sums.get(named, 0) + sign * more
    return added(by_person(sums))


def _shared(book: Book, found: Amended, then: Named) -> Members:
    """The lines of an amendment on member accounts, in the names of a year's rule."""
    later = forward(rules_from(book, of(book).runs[found.period].entry))
    sums: dict[str, int] = {}
    for line in found.lines:
        if line.account not in (None, BALANCE):
            name = then(later(f"member:{line.account}:{line.to}")).removeprefix("member:")
            sums[name] = sums.get(name, 0) + line.amount
    return added(by_person(sums))
