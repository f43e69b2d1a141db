"""What amendments mean for book years: to whose result and capital each belongs, and what it changed there. Pure.

An amendment belongs to the year of its period; where that was closed already, its figures stay, and the difference
belongs to the next year that was open then.
"""

from collections.abc import Iterator

from governance.rule import BALANCE
from ledger.book import Book
from payouts.inputs import book_year
from payouts.nested import added
from payouts.standing import Amended, amended, rules_from, year_of_amendment
from payouts.state import by_person, of
from payouts.year_inputs import Named, forward
from payouts.year_late import year_of_period
from payouts.year_run import Members


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
    """What amendments that belong to a year put on member accounts, beyond what its own runs come to by now."""
    parts = []
    for whose, made, found in belonging(book):
        if whose == year:
            parts.append(on_members(book, made, found, then, 1))
            own = year_of_period(book, found.period) == year
            # The runs of the year's own periods are read as they stand, so their shares are in there already.
            parts.append(_shared(book, found, then) if own else {})
    return added(*parts)


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
    """The lines of an amendment on member accounts, with the other sign, in the names of a year's rule."""
    later = forward(rules_from(book, of(book).runs[found.period].entry))
    sums: dict[str, int] = {}
    for line in found.lines:
        if line.account not in (None, BALANCE):
            name = then(later(f"member:{line.account}:{line.to}")).removeprefix("member:")
            sums[name] = sums.get(name, 0) - line.amount
    return added(by_person(sums))
