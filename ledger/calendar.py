"""Periods as plain rows: local dates for work and money, instants for what the log received when.

Rows are made from a time zone once, by the command that founds the cooperative or lengthens the calendar, and
stand in the log. Whoever checks or computes later asks no time zone, so a new release of the zone data cannot
move a closed period. Months are counted on year and month, days on dates; nothing is ever added to a local
clock time, and no cron expression is involved (one popular scheduler skips April in Europe).
"""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Annotated

from msgspec import Meta, Struct

from ledger.errors import Usage

HOUR = 3_600_000
Millis = Annotated[int, Meta(ge=0, le=2**53 - 1)]
DayText = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]\Z")]


class Period(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One period: id, first and last local date, and the instants where it starts, ends and is cut off.

    [start, end) are milliseconds since 1970 of the local midnights; what the log received before `cut` (the end
    plus the days of grace) is what a payout of the period can know.
    """

    id: Annotated[str, Meta(pattern=r"^[0-9A-Z-]{4,12}\Z")]
    first: DayText
    last: DayText
    start: Millis
    end: Millis
    cut: Millis


def midnight(day: date, zone: tzinfo) -> int:
    """The instant a local date begins, in ms. In a gap of the clock the first instant after it; of two, the first."""
    wall = datetime(day.year, day.month, day.day, tzinfo=zone)  # fold 0
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None):
        # In a gap, the offset before it and the offset after it give two instants; the change lies between.
        instant = _first_instant_of(day, zone, instant)
    return int(instant.timestamp()) * 1000


def _first_instant_of(day: date, zone: tzinfo, near: datetime) -> datetime:
    early, late = near - timedelta(hours=3), near + timedelta(hours=3)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(zone).date() < day:
            early = middle
        else:
            late = middle
    return late


def first_day(unit: str, day: date) -> date:
    """The first date of the period of this unit that `day` lies in ("days:N" starts on the day itself)."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    if unit == "year":
        return date(day.year, 1, 1)
    _days(unit)
    return day


def next_first(unit: str, first: date) -> date:
    """The first date of the period after the one that begins on `first`."""
    if unit == "week":
        return first + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    if months is None:
        return first + timedelta(days=_days(unit))
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def name(unit: str, first: date) -> str:
    """The id people use: 2026-10, 2026-Q4, 2026, 2026-W47, or the start date."""
    if unit == "month":
        return f"{first:%Y-%m}"
    if unit == "quarter":
        return f"{first.year}-Q{(first.month + 2) // 3}"
    if unit == "year":
        return f"{first.year}"
    if unit == "week":
        year, week, _ = first.isocalendar()
        return f"{year}-W{week:02}"
    return first.isoformat()


def rows(unit: str, first: date, count: int, grace_days: int, zone: tzinfo) -> list[Period]:
    """`count` periods from `first` on, with the instants of the zone as it is known now."""
    made = []
    for _ in range(count):
        after = next_first(unit, first)
        made.append(
            Period(
                id=name(unit, first),
                first=first.isoformat(),
                last=_before(after).isoformat(),
                start=midnight(first, zone),
                end=midnight(after, zone),
                cut=midnight(after + timedelta(days=grace_days), zone),
            )
        )
        first = after
    return made


def follow(before: Period | None, row: Period) -> str:
    """Why `row` cannot stand after `before` in a calendar; empty when it can."""
    try:
        return _follow(before, row)
    except (ValueError, OverflowError):
        return f"{row.first} or {row.last} is no date that periods can have"


def offset_of(row: Period) -> int:
    """How far (ms) the local midnight a row begins with lies from the same date's midnight in UTC."""
    return row.start - _utc_midnight(date.fromisoformat(row.first))


def differ(unit: str, grace: int, row: Period, offset: int | None = None) -> str:
    """Why `row` is not a period of this unit, these days of grace and about this zone offset (ms), or "".

    Call `follow` first.
    """
    first = date.fromisoformat(row.first)
    try:
        after = next_first(unit, first)
    except (ValueError, OverflowError):
        return f"the period {row.id} reaches beyond the calendars there are"
    if first != first_day(unit, first) or row.id != name(unit, first) or row.last != _before(after).isoformat():
        return f"the period {row.id} is not a {unit}"
    # A local midnight lies within 26 hours of the same date's midnight in UTC, in every zone there was; and within
    # three hours of where the zone's midnights have been in the rows that are known (`offset`).
    offsets = (row.start - _utc_midnight(first), row.end - _utc_midnight(after))
    usual = offsets[0] if offset is None else offset
    if any(abs(one) > 26 * HOUR or abs(one - usual) > 3 * HOUR for one in offsets):
        return f"the period {row.id} does not begin and end when its days do"
    # In the days of grace a clock may be set forward or back, never by more than three hours.
    if abs(row.cut - row.end - grace * 24 * HOUR) > 3 * HOUR:
        return f"the period {row.id} does not have {grace} days of grace"
    return ""


def grace_days(row: Period) -> int:
    """The days from a period's end to its cut-off, whatever the clocks did in between."""
    return (row.cut - row.end + 12 * HOUR) // (24 * HOUR)


def _follow(before: Period | None, row: Period) -> str:
    if date.fromisoformat(row.first) > date.fromisoformat(row.last) or not row.start < row.end <= row.cut:
        return f"the period {row.id} ends before it begins"
    if before is None:
        return ""
    if before.end != row.start or before.last != _before(date.fromisoformat(row.first)).isoformat():
        return f"{row.id} does not begin where {before.id} ends"
    if row.cut < before.cut or row.id == before.id:
        return f"{row.id} does not come after {before.id}"
    return ""


def containing(calendar: list[Period], day: str) -> Period | None:
    """The period a local date lies in, or None outside the calendar."""
    return next((row for row in reversed(calendar) if row.first <= day <= row.last), None)


def _before(day: date) -> date:
    return day - timedelta(days=1)


def _utc_midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def _days(unit: str) -> int:
    head, _, number = unit.partition(":")
    if head != "days" or not (number.isascii() and number.isdigit() and 1 <= int(number) <= 366):
        raise Usage(f"{unit!r} is not a period.", "Write week, month, quarter, year or days:N.")
    return int(number)
