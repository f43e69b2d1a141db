"""Periods as members read them: when they are cut off, and the days that are left."""

from ledger.book import Book
from ledger.calendar import Period
from ledger.localtime import when


def cut_words(book: Book, period: Period) -> str:
    """A period's cut-off as members read it."""
    return when(book, period.cut)


def days_words(now: int, then: int) -> str:
    """How long until then: "in 33 days", "tomorrow", "today"."""
    days = (then - now) // 86_400_000
    if days <= 0:
        return "in less than a day"
    return "in a day" if days == 1 else f"in {days} days"


def row_named(book: Book, period: str) -> Period:
    """The row of the calendar with this id, which there is for every period that a room has taken note of."""
    return next(row for row in book.ledger.calendar if row.id == period)
