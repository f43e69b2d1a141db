"""Instants as the cooperative's own clocks show them. For showing only: nothing is decided by a local time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ledger.book import Book


def local(book: Book, instant: int) -> datetime:
    """An instant (ms since 1970) in the cooperative's zone."""
    return datetime.fromtimestamp(instant // 1000, UTC).astimezone(ZoneInfo(book.ledger.zone))


def iso(book: Book, instant: int | None) -> str | None:
    """An instant as programs read it, with the offset of the zone; None stays None."""
    return None if instant is None else local(book, instant).isoformat()


def when(book: Book, instant: int) -> str:
    """An instant as people read it: "2025-08-08 11:00 (Europe/Rome)"."""
    return f"{local(book, instant):%Y-%m-%d %H:%M} ({book.ledger.zone})"


def day(book: Book, instant: int) -> str:
    """The local date of an instant."""
    return f"{local(book, instant):%Y-%m-%d}"
