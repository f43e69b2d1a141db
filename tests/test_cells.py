"""What no single cell can tell, the whole file decides; what it does not decide, a person is asked."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contributions.cells import decide_mark, decide_order, order_of, read_day, read_money
from contributions.table import parse_columns
from ledger.errors import Usage

COLUMNS = "date=Day,person=Who,role=Area,kind=Kind,quantity=Hours,note=What"


@pytest.mark.parametrize(
    ("written", "mark", "units"),
    [("1 234,50", ",", 123450), ("1'234.50", ".", 123450), ("1\u202f234,5", ",", 123450), ("0.05", ".", 5)],
)
def test_thousands_may_be_set_apart_by_spaces(written: str, mark: str, units: int) -> None:
    assert decide_mark([(2, written)], 2) == mark
    assert read_money(written, mark, 2) == units


def test_amounts_that_contradict_each_other_are_refused_with_their_lines() -> None:
    with pytest.raises(Usage, match=r"1.50 \(line 2\) has a point .* and 2,50 \(line 3\) a comma"):
        decide_mark([(2, "1.50"), (3, "2,50")], 2)


def test_an_amount_nobody_can_tell_is_asked_about() -> None:
    with pytest.raises(Usage, match=r"1,234 \(line 2\) can be read in two ways"):
        decide_mark([(2, "1,234")], 3)

    assert decide_mark([(2, "1,234"), (3, "1.5")], 3) == "."


@pytest.mark.parametrize(("text", "order"), [("DD/MM/YYYY", "dmy"), ("%m/%d/%y", "mdy"), ("yyyy.mm.dd", "ymd")])
def test_a_date_format_says_what_comes_first(text: str, order: str) -> None:
    assert order_of(text) == order


@pytest.mark.parametrize("text", ["", "DD/MM", "YYYY/DD/MM", "iso", "%x"])
def test_a_date_format_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(Usage, match="is not a date format"):
        order_of(text)


@settings(max_examples=100)
@given(st.lists(st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)), min_size=1), st.booleans())
def test_a_file_of_dates_is_read_as_it_was_written_or_asked_about(days: list[datetime.date], day_first: bool) -> None:
    written = [day.strftime("%d/%m/%Y" if day_first else "%m/%d/%Y") for day in days]
    clear = any(day.day > 12 for day in days)
    try:
        order = decide_order(enumerate(written, 2))
    except Usage:
        assert not clear
        return

    assert [read_day(text, order) for text in written] == days


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("", "Nothing says where to find: date, person, role, kind, quantity"),
        ("date=Day,person=Who,role:=code,kind:=hour", "where to find: quantity"),
        (COLUMNS + ",wage=Wage", '"wage" is not something a row of work has'),
        (COLUMNS + ",role:=code", '"role" is given twice'),
        (COLUMNS.replace("=Day", ""), "says nothing about a column"),
        (COLUMNS.replace("=Day", "="), "says nothing about a column"),
    ],
)
def test_columns_that_say_too_little_are_refused_in_words(columns: str, words: str) -> None:
    with pytest.raises(Usage, match=words):
        parse_columns(columns)
