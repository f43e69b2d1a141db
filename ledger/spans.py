"""Lengths of time and days as people write them: `1h30`, `90m`, `yesterday`, `monday`.

Pure: today is handed in, so the same words give the same answer on every machine. Lengths are whole minutes,
because a minute is the smallest piece of time a cooperative counts.
"""

import datetime
import re
from fractions import Fraction

from ledger.errors import Usage

LENGTH_HINT = "Write 1h30, 90m or 1.5h."
DAY_HINT = "Write 2026-11-20, today, yesterday or a weekday such as monday."
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# Six digits are 114 years of hours; more is a slip of the finger, and unbounded digits cost unbounded time.
_UNITS = re.compile(r"(?:([0-9]{1,6}) *h)? *(?:([0-9]{1,6}) *(?:m|min)?)?")
_DECIMAL = re.compile(r"([0-9]{0,6})[.,]([0-9]{1,6}) *h")
_CLOCK = re.compile(r"([0-9]{1,6}):([0-5][0-9])(?::([0-5][0-9]))?")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def parse_minutes(text: str) -> int:
    """The whole minutes, at least one, of `1h30`, `1h`, `1h 30m`, `90m`, `1.5h`, `1,5h`, `0:45` or `1:30:00`.

    Raises Usage for anything else: `1h75`, `-1h`, a bare number, nothing at all, zero, or a length that does
    not come to whole minutes.
    """
    seconds = parse_seconds(text)
    if seconds % 60:
        raise Usage(f'"{text.strip()}" is not a whole number of minutes.', LENGTH_HINT)
    if seconds == 0:
        raise Usage(f'"{text.strip()}" is no time at all.', LENGTH_HINT)
    return int(seconds // 60)


def parse_seconds(text: str) -> Fraction:
    """The exact seconds of a length of time, zero included: other programs write seconds and parts of an hour.

    Raises Usage where the text is not a length of time.
    """
    spelling = text.strip().lower()
    if found := _CLOCK.fullmatch(spelling):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return Fraction(hours * 3600 + minutes * 60 + seconds)
    if found := _DECIMAL.fullmatch(spelling):
        whole, part = found.groups()
        return Fraction(int(whole + part) * 3600, 10 ** len(part))
    found = _UNITS.fullmatch(spelling)
    if found is None or not _names_its_units(spelling, found):
        raise Usage(f'"{text.strip()}" is not a length of time.', LENGTH_HINT)
    return Fraction(int(found[1] or 0) * 3600 + int(found[2] or 0) * 60)


def _names_its_units(spelling: str, found: re.Match[str]) -> bool:
    # A bare 90 could be minutes or hours. After hours more than 59 minutes are a slip (1h75), alone they are not (90m).
    hours, minutes = found.groups()
    if hours is None:
        return minutes is not None and not spelling[-1].isdigit()
    return minutes is None or (len(minutes) <= 2 and int(minutes) < 60)


def show_minutes(minutes: int) -> str:
    """Minutes as people write them: `1h30`, `2h`, `45m`; parse_minutes reads every positive one back."""
    if minutes < 0:
        return "-" + show_minutes(-minutes)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}m"
    return f"{hours}h{rest:02d}" if rest else f"{hours}h"


def parse_day(text: str, today: datetime.date) -> datetime.date:
    """The day meant by `today`, `yesterday`, `2026-11-20` or the name of a weekday.

    A weekday is the last one that is not in the future, so `monday` said on a Monday is today. A written date
    may lie in the future; whether that is allowed is for the caller to say. Raises Usage for anything else.
    """
    word = text.strip().lower()
    if word == "today":
        return today
    if word == "yesterday":
        return today - datetime.timedelta(days=1)
    if word in WEEKDAYS:
        return today - datetime.timedelta(days=(today.weekday() - WEEKDAYS.index(word)) % 7)
    return written_day(text.strip())


def written_day(text: str) -> datetime.date:
    """The day of exactly `2026-11-20`. Raises Usage for every other spelling and for a day that never was."""
    found = _ISO_DAY.fullmatch(text)
    if found is None:
        raise Usage(f'"{text}" is not a day.', DAY_HINT)
    try:
        return datetime.date(*(int(part) for part in found.groups()))
    except ValueError as error:
        raise Usage(f'"{text}" is not in the calendar.', DAY_HINT) from error
