"""Periods and instants as members read them: in the cooperative's own time, with the days that are left."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ledger.book import Book
from ledger.calendar import Period


def local(book: Book, instant: int) -> datetime:
    """An instant (ms) in the cooperative's zone."""
    return datetime.fromtimestamp(instant / 1000, UTC).astimezone(ZoneInfo(book.ledger.zone))


def instant_words(book: Book, instant: int) -> str:
    """An instant as members read it: "2025-09-04 00:00 (Europe/Rome)"."""
    return f"{local(book, instant):%Y-%m-%d %H:%M} ({book.ledger.zone})"


def cut_words(book: Book, period: Period) -> str:
    """A period's cut-off as members read it."""
    return instant_words(book, period.cut)


def days_words(now: int, then: int) -> str:
    """How long until then: "in 33 days", "tomorrow", "today"."""
    days = (then - now) // 86_400_000
    if days <= 0:
        return "in less than a day"
    return "in a day" if days == 1 else f"in {days} days"


def row_named(book: Book, period: str) -> Period | None:
    """The row of the calendar with this id."""
    return next((row for row in book.ledger.calendar if row.id == period), None)
