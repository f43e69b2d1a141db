"""Late work in a book year: under `late = "true_up"` it belongs to the year of its date, if that is open. Pure."""

from contributions.disputes import Part, parts_of
from ledger.book import Book
from payouts.correcting import period_of
from payouts.inputs import book_year
from payouts.late_work import RuleThen, late_of, trues_up
from payouts.standing import amended
from payouts.state import of


def year_of_period(book: Book, period: str) -> str:
    """The first day of the book year that a period of the calendar begins in."""
    return next(book_year(book, row) for row in book.ledger.calendar if row.id == period)


def late_counted(book: Book, period: str, sheet: str) -> bool:
    """Whether the book year of a period counted the late work of this sheet: it was amended before the year closed."""
    closed = of(book).years.get(year_of_period(book, period))
    taken = (name for name in of(book).amendments if period_of(name) == period)
    return closed is not None and any(
        of(book).amendments[name].entry < closed.entry and sheet in amended(book, name).late for name in taken
    )


def work_of_year(book: Book, periods: set[str], sheet: str, then: RuleThen) -> list[Part]:
    """The work of one sheet of a book year, and late work of its period that later years' sheets hold.

    Late work of an earlier year that trued it up before it closed is left out: that year has counted it.
    """
    own = [one for one in parts_of(book, sheet, book.size) if not _counted_before(book, one, periods, sheet, then)]
    later = [one for one in of(book).late_in.get(sheet, ()) if one not in periods]
    return own + [one for came in later for one in late_of(book, sheet, came, then, book.size)]


def _counted_before(book: Book, one: Part, periods: set[str], sheet: str, then: RuleThen) -> bool:
    """Whether an earlier year has counted this late work."""
    quantity = one.quantity
    if not trues_up(quantity, sheet, then) or quantity.period in periods:
        return False
    return late_counted(book, quantity.period, sheet)
