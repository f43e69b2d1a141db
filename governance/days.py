"""Local days as instants, without asking any time zone: from the midnights that stand in the calendar. Pure."""

from datetime import UTC, date, datetime, timedelta

from ledger.book import Book
from ledger.calendar import offset_of
from ledger.errors import Refused

DAY = 86_400_000
YEARS_AHEAD = 100


def midnight(book: Book, day: str) -> int:
    """The instant (ms) a local date begins.

    By the offset of the period it lies in, so that on some days of a period in which clocks change it is an hour off:
    every machine must come to the same instant, whatever release of the time zones it has.
    """
    try:
        utc = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    except ValueError as error:
        raise Refused(f"{day} is no date.") from error
    rows = book.ledger.calendar
    row = next((one for one in reversed(rows) if one.first <= day), rows[0])
    return int(utc.timestamp()) * 1000 + offset_of(row)


def end_of(book: Book, day: str) -> int:
    """The instant (ms) at which a local date is over."""
    return midnight(book, day) + DAY


def ahead(book: Book, day: str, at: int) -> int:
    """The instant (ms) at which a day that lies ahead begins. Raises Refused for one that does not, or lies too far.

    The last day that calendars know has no day after it, and somewhere it would be that day already.
    """
    begins = midnight(book, day)
    if begins <= at:
        raise Refused(f"{day} is not in the future.", "Name a later day.")
    if begins - at > YEARS_AHEAD * 365 * DAY:
        raise Refused(f"{day} is more than {YEARS_AHEAD} years ahead.", "Name an earlier day.")
    return begins


def local_date(book: Book, instant: int) -> date:
    """The local date of an instant."""
    rows = book.ledger.calendar
    row = next((one for one in reversed(rows) if one.start <= instant), rows[0])
    return datetime.fromtimestamp((instant - offset_of(row)) // 1000, UTC).date()


def after_clear_days(book: Book, instant: int, days: int) -> int:
    """The instant from which so many whole days lie between: neither that of the notice nor that of the opening.

    A day on which clocks go forward is an hour short; 24 hours are given for it all the same.
    """
    opening = local_date(book, instant) + timedelta(days=days + 1)
    return max(midnight(book, opening.isoformat()), instant + days * DAY)
