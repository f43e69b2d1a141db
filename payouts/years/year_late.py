"""Late work in a book year: under `late = "true_up"` it belongs to the year of its date, if that is open. Pure."""

from contributions.disputes import Part, parts_of
from ledger.book import Book
from payouts.corrections.correcting import names_of
from payouts.corrections.late_work import RuleThen, late_of, trues_up
from payouts.corrections.standing import amended
from payouts.inputs import book_year
from payouts.state import of


def year_of_period(book: Book, period: str) -> str:
    """The first day of the book year that a period of the calendar begins in."""
    return next(book_year(book, row) for row in book.ledger.calendar if row.id == period)


def amended_with(book: Book, period: str, sheet: str, before: int) -> bool:
    """Whether a period was amended with the late work of this sheet before this entry."""
    names = [name for name in names_of(of(book), period) if of(book).amendments[name].entry < before]
    return any(sheet in amended(book, name).late for name in names)


def work_of_year(book: Book, periods: set[str], sheet: str, then: RuleThen, before: int) -> list[tuple[Part, str]]:
    """The work of one sheet of a book year, and late work of its period that later years' sheets hold.

    Each with the sheet it stands in, as it was before this entry. Late work of an earlier year that trued it up before
    it closed is left out: that year has counted it.
    """
    own = [(one, sheet) for one in parts_of(book, sheet, before) if not _counted(book, one, periods, sheet, then)]
    later = [one for one in of(book).late_in.get(sheet, ()) if one not in periods]
    later = [one for one in later if amended_with(book, sheet, one, before)]
    return own + [(one, came) for came in later for one in late_of(book, sheet, came, then, before)]


def _counted(book: Book, one: Part, periods: set[str], sheet: str, then: RuleThen) -> bool:
    """Whether an earlier year has counted this late work."""
    quantity = one.quantity
    if not trues_up(quantity, sheet, then) or quantity.period in periods:
        return False
    closed = of(book).years.get(year_of_period(book, quantity.period))
    return closed is not None and amended_with(book, quantity.period, sheet, closed.entry)
