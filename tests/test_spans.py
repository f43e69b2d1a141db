"""People write lengths of time and days in many ways; each has one meaning or is refused in words."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Usage
from ledger.spans import WEEKDAYS, parse_day, parse_minutes, parse_seconds, show_minutes

FRIDAY = datetime.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("1h30", 90),
        ("1h", 60),
        ("90m", 90),
        ("90min", 90),
        ("1.5h", 90),
        ("1,5h", 90),
        (".5h", 30),
        ("0:45", 45),
        ("1:30", 90),
        ("1:30:00", 90),
        ("01:05", 65),
        ("1h 30m", 90),
        (" 1 H 30 Min ", 90),
        ("1h5", 65),
        ("1h05", 65),
        ("1h00", 60),
        ("0h30", 30),
        ("120m", 120),
        ("0.1h", 6),
        ("100:00", 6000),
    ],
)
def test_a_length_of_time_is_read_the_way_it_is_written(text: str, minutes: int) -> None:
    assert parse_minutes(text) == minutes


@pytest.mark.parametrize(
    "text",
    [
        *("1h75", "-1h", "", " ", "h", "m", "min", "90", "1.5", "1h300", "1h1h", "1.5h30", "1.5m", "1:5", "1:75"),
        *("1:30:75", "one hour", "1d", "1h30s", "+1h", "1e3h", "١h", "1234567h", "1.h", "−1h", "1 1h", "1 30m"),
        *("1: 30", "1. 5h", "9" * 5000 + "h", "1\n30m"),
    ],
)
def test_what_is_not_a_length_of_time_is_refused_in_words(text: str) -> None:
    with pytest.raises(Usage) as refusal:
        parse_minutes(text)

    assert refusal.value.message == f'"{text.strip()}" is not a length of time.'
    assert refusal.value.hint == "Write 1h30, 90m or 1.5h."


@pytest.mark.parametrize("text", ["0:45:30", "1.51h", "0.01h", "0,33h"])
def test_seconds_are_refused_where_whole_minutes_are_counted(text: str) -> None:
    with pytest.raises(Usage, match="not a whole number of minutes"):
        parse_minutes(text)


@pytest.mark.parametrize("text", ["0m", "0h", "0:00", "0.0h", "0h00"])
def test_no_time_at_all_is_not_work(text: str) -> None:
    with pytest.raises(Usage, match="no time at all"):
        parse_minutes(text)


@pytest.mark.parametrize(("text", "seconds"), [("0:45:30", 2730), ("0.33h", 1188), ("0:00", 0), ("1h30", 5400)])
def test_other_programs_write_seconds_and_these_are_kept_exactly(text: str, seconds: int) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize(
    ("minutes", "text"), [(90, "1h30"), (60, "1h"), (65, "1h05"), (45, "45m"), (0, "0m"), (-90, "-1h30")]
)
def test_minutes_are_shown_the_way_people_write_them(minutes: int, text: str) -> None:
    assert show_minutes(minutes) == text


@settings(max_examples=200)
@given(st.integers(min_value=1, max_value=60 * 10**5))
def test_a_length_that_is_shown_reads_back_as_itself(minutes: int) -> None:
    assert parse_minutes(show_minutes(minutes)) == minutes


@settings(max_examples=200)
@given(st.text(alphabet="0123456789hm:., in", max_size=9))
def test_whatever_is_typed_is_at_least_a_minute_or_refused(text: str) -> None:
    try:
        minutes = parse_minutes(text)
    except Usage:
        return

    assert minutes >= 1
    assert parse_minutes(show_minutes(minutes)) == minutes


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-11-20"),
        ("Yesterday", "2026-11-19"),
        ("2026-11-20", "2026-11-20"),
        (" 2024-02-29 ", "2024-02-29"),
        ("2027-01-01", "2027-01-01"),
        ("monday", "2026-11-16"),
        ("Friday", "2026-11-20"),
        ("saturday", "2026-11-14"),
    ],
)
def test_a_day_is_read_from_where_today_is(text: str, day: str) -> None:
    assert parse_day(text, FRIDAY) == datetime.date.fromisoformat(day)


@pytest.mark.parametrize("text", ["", "tomorrow", "20.11.2026", "20261120", "2026-W47-5", "2026-11-20T09:00", "mo"])
def test_what_is_not_a_day_is_refused_in_words(text: str) -> None:
    with pytest.raises(Usage) as refusal:
        parse_day(text, FRIDAY)

    assert refusal.value.message == f'"{text}" is not a day.'


@pytest.mark.parametrize("text", ["2026-02-30", "2025-02-29", "2026-13-01", "0000-01-01", "2026-11-00"])
def test_a_day_that_never_was_is_refused(text: str) -> None:
    with pytest.raises(Usage, match="not in the calendar"):
        parse_day(text, FRIDAY)


@settings(max_examples=100)
@given(st.dates(min_value=datetime.date(1990, 1, 1)), st.sampled_from(WEEKDAYS))
def test_a_weekday_is_the_last_one_and_never_in_the_future(today: datetime.date, name: str) -> None:
    day = parse_day(name, today)

    assert day.weekday() == WEEKDAYS.index(name)
    assert datetime.timedelta(0) <= today - day < datetime.timedelta(days=7)


@settings(max_examples=100)
@given(st.dates())
def test_every_written_day_reads_back_as_itself(day: datetime.date) -> None:
    assert parse_day(day.isoformat(), FRIDAY) == day
