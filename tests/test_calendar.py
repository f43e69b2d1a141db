"""Time is cut the way people cut it: whole months, weeks and years, each once, and none of them lost."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import calendar
from ledger.calendar import Period, containing, differ, first_day, follow, grace_days, midnight, name, next_first, rows
from ledger.errors import Usage

HOUR = 3_600_000
ZONES = (
    "Europe/Rome",
    "Europe/London",
    "America/New_York",
    "America/Havana",
    "America/Asuncion",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Cairo",
    "UTC",
)


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000


def years(unit: str, zone: str, first: date = date(2020, 1, 1), count: int = 120) -> list[Period]:
    return rows(unit, first_day(unit, first), count, 3, ZoneInfo(zone))


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("Europe/Rome", "2027-04-01", "2027-03-31T22:00Z"),
        ("Europe/Rome", "2027-01-01", "2026-12-31T23:00Z"),
        ("America/New_York", "2027-04-01", "2027-04-01T04:00Z"),
        ("America/Havana", "2020-11-01", "2020-11-01T04:00Z"),  # this midnight came twice
        ("America/Asuncion", "2023-10-01", "2023-10-01T04:00Z"),  # this one did not come
        ("Asia/Kolkata", "2026-01-01", "2025-12-31T18:30Z"),
        ("Pacific/Kiritimati", "2026-01-01", "2025-12-31T10:00Z"),
        ("UTC", "2026-01-01", "2026-01-01T00:00Z"),
    ],
)
def test_a_day_begins_at_its_first_instant(zone, day, begins):
    assert midnight(date.fromisoformat(day), ZoneInfo(zone)) == instant(begins)


@pytest.mark.parametrize("zone", ZONES)
def test_april_exists(zone):
    """Every month of ten years is there, once: one popular scheduler skips April in Europe."""
    ids = [row.id for row in years("month", zone)]

    assert ids == [f"{year}-{month:02}" for year in range(2020, 2030) for month in range(1, 13)]


@pytest.mark.parametrize("unit", ["week", "month", "quarter", "year", "days:1", "days:10", "days:366"])
@pytest.mark.parametrize("zone", ZONES)
def test_periods_follow_one_another_without_gap_or_overlap(zone, unit):
    count = {"week": 530, "days:10": 365, "year": 10, "days:366": 10}.get(unit, 120)
    made = years(unit, zone, count=count)
    for before, after in pairwise(made):
        assert before.end == after.start
        assert date.fromisoformat(before.last) + timedelta(days=1) == date.fromisoformat(after.first)
        assert follow(before, after) == ""
    for row in made:
        assert differ(unit, 3, row) == ""
        assert grace_days(row) == 3
    assert len({row.id for row in made}) == len(made)


@pytest.mark.parametrize("zone", ZONES)
def test_every_hour_lies_in_the_month_its_local_date_says(zone):
    made = years("month", zone, date(2023, 1, 1), 24)
    for hour in range(0, 2 * 365 * 24, 7):
        at = made[0].start + hour * HOUR
        if at >= made[-1].end:
            break
        local = datetime.fromtimestamp(at // 1000, ZoneInfo(zone)).date().isoformat()
        row = next(row for row in made if row.start <= at < row.end)

        assert row.first <= local <= row.last
        assert containing(made, local) == row


def test_weeks_are_counted_as_iso_8601_counts_them():
    ids = [row.id for row in years("week", "Europe/Rome", date(2026, 12, 14), 5)]

    assert ids == ["2026-W51", "2026-W52", "2026-W53", "2027-W01", "2027-W02"]
    assert name("week", date(2024, 12, 30)) == "2025-W01"
    assert first_day("week", date(2026, 8, 2)) == date(2026, 7, 27)


def test_quarters_and_years_begin_where_people_expect_them():
    assert [row.id for row in years("quarter", "UTC", date(2026, 5, 31), 4)] == [
        "2026-Q2",
        "2026-Q3",
        "2026-Q4",
        "2027-Q1",
    ]
    assert [(row.id, row.first, row.last) for row in years("year", "UTC", date(2026, 5, 31), 2)] == [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2027", "2027-01-01", "2027-12-31"),
    ]


def test_february_has_its_days():
    assert [row.last for row in years("month", "UTC", date(2027, 2, 3), 13)][::12] == ["2027-02-28", "2028-02-29"]


def test_periods_of_days_begin_on_the_day_they_are_begun():
    made = years("days:10", "UTC", date(2026, 2, 24), 2)

    assert [(row.id, row.last) for row in made] == [("2026-02-24", "2026-03-05"), ("2026-03-06", "2026-03-15")]


@given(st.sampled_from(["week", "month", "quarter", "year"]), st.dates(date(1990, 1, 1), date(2200, 1, 1)))
def test_every_day_lies_in_exactly_one_period(unit, day):
    first = first_day(unit, day)

    assert first <= day < next_first(unit, first)
    assert first_day(unit, first) == first
    assert first_day(unit, next_first(unit, first)) == next_first(unit, first)


@pytest.mark.parametrize(
    "unit", ["fortnight", "", "days:", "days:0", "days:367", "days:-1", "days:٣", "days:1.5", "Month"]
)
def test_what_is_no_period_is_refused(unit):
    with pytest.raises(Usage, match="not a period"):
        rows(unit, date(2026, 1, 1), 1, 3, UTC)


def test_the_days_of_grace_are_local_days():
    made = rows("month", date(2027, 3, 1), 1, 3, ZoneInfo("Europe/Rome"))[0]

    assert made.cut == instant("2027-04-03T22:00Z")
    assert made.cut - made.end == 72 * HOUR
    spring = rows("days:1", date(2027, 3, 27), 1, 3, ZoneInfo("Europe/Rome"))[0]
    assert spring.cut - spring.end == 71 * HOUR
    assert grace_days(spring) == 3


def test_midnight_is_the_first_instant_of_its_day_in_every_zone():
    """All zones from 2000 to 2030: the instant before belongs to an earlier date, and none later is needed."""
    days = [date(2000, 1, 1) + timedelta(days=number) for number in range(0, 31 * 365, 211)]
    for number, zone_name in enumerate(sorted(available_timezones())):
        zone = ZoneInfo(zone_name)
        for day in days[number % 3 :: 3] + changes(zone):
            at = midnight(day, zone) // 1000
            here, before = (datetime.fromtimestamp(one, zone) for one in (at, at - 1))

            assert here.date() >= day, (zone_name, day)
            assert before.date() < day, (zone_name, day)


def changes(zone: ZoneInfo) -> list[date]:
    """Days of 2000 to 2030 at whose midnight this zone does something odd, found a month at a time."""
    found = []
    for year in (2000, 2007, 2011, 2018, 2023):
        for month in (3, 4, 9, 10, 11):
            offsets = [datetime(year, month, day, tzinfo=zone).utcoffset() for day in range(1, 31)]
            found += [date(year, month, day + 1) for day, (one, two) in enumerate(pairwise(offsets), 1) if one != two]
    return found


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"first": "2026-02-30"}, "no date"),
        ({"last": "2026-2-28"}, "no date"),
        ({"first": "2026-02-02"}, "does not begin where"),
        ({"first": "2026-03-31"}, "before it begins"),
        ({"start": 5}, "does not begin where"),
        ({"end": 0}, "before it begins"),
        ({"cut": 0}, "before it begins"),
    ],
    ids=str,
)
def test_a_row_that_does_not_follow_is_named(changed, why):
    before, after = years("month", "Europe/Rome", date(2026, 1, 1), 2)
    wrong = Period(**{part: getattr(after, part) for part in Period.__struct_fields__} | changed)

    assert why in follow(before, wrong)


@pytest.mark.parametrize(
    "changed",
    [{"id": "2026-03"}, {"last": "2026-02-27"}, {"end": 27 * HOUR}, {"cut": 24 * HOUR}, {"cut": -24 * HOUR}],
    ids=str,
)
def test_a_row_of_another_unit_or_grace_is_named(changed):
    row = years("month", "Europe/Rome", date(2026, 2, 1), 1)[0]
    values = {part: getattr(row, part) for part in Period.__struct_fields__}
    for part, change in changed.items():
        values[part] = values[part] + change if isinstance(change, int) else change

    assert differ("month", 3, Period(**values))
    assert differ("quarter", 3, row)
    assert calendar.differ("month", 4, row)
