"""A table of work is read whole or not at all: what it means is decided on all its rows, and every bad row is named."""

import csv
import datetime
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contributions.drafts import match, parse_map
from contributions.imports.csv import BadRows, Table, preview, read
from ledger.errors import Usage

COLUMNS = "date=Day,person=Who,role=Area,kind=Kind,quantity=Hours,note=What"
HEAD = "Day,Who,Area,Kind,Hours,What\n"


def table(tmp_path: Path, text: str | bytes, columns: str = COLUMNS, *given: Any, **more: Any) -> Table:
    path = tmp_path / "work.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path, columns, *given, **more)


def amounts(found: Table) -> list[int | str]:
    return [draft.amount for draft in found.drafts]


def hours(tmp_path: Path, *quantities: str) -> list[int | str]:
    rows = "".join(f'2026-11-{day:02},Ana,code,hour,"{quantity}",\n' for day, quantity in enumerate(quantities, 1))
    return amounts(table(tmp_path, HEAD + rows))


def faults(tmp_path: Path, text: str, columns: str = COLUMNS, *given: Any, **more: Any) -> list[tuple[int, str]]:
    with pytest.raises(BadRows) as refusal:
        table(tmp_path, text, columns, *given, **more)
    return list(refusal.value.faults)


def test_a_row_becomes_a_draft(tmp_path: Path) -> None:
    (draft,) = table(tmp_path, HEAD + '2026-11-20,Ana Rossi,code,hour,1h30,"Parser, tests"\n').drafts

    assert (draft.who.name, draft.who.email) == ("Ana Rossi", "")
    assert draft.date == datetime.date(2026, 11, 20)
    assert (draft.role, draft.kind, draft.amount, draft.note) == ("code", "hour", 90, "Parser, tests")


def test_what_is_the_same_everywhere_needs_no_column(tmp_path: Path) -> None:
    columns = "date=Day,person:=Ana,role:=care,kind:=hour,quantity=Hours"
    (draft,) = table(tmp_path, "Day,Hours\n2026-11-20,2\n", columns).drafts

    assert (draft.who.name, draft.role, draft.kind, draft.amount, draft.note) == ("Ana", "care", "hour", 120, "")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_way_of_saving_the_same_table_reads_the_same(
    delimiter: str, newline: str, mark: str, tmp_path: Path
) -> None:
    rows = [
        ["Day", "Who", "Area", "Kind", "Hours", "What"],
        ["2026-11-20", "Ana", "code", "hour", "1,5", 'A "quoted";\tword, and more'],
        ["2026-11-21", "Zoë", "care", "hour", "90m", "x"],
    ]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_MINIMAL).writerows(rows)
    found = table(tmp_path, mark + out.getvalue())

    assert amounts(found) == [90, 90]
    assert found.drafts[0].note == 'A "quoted";\tword, and more'
    assert (
        found.drafts
        == table(tmp_path, "\n".join(",".join(f'"{c.replace(chr(34), 2 * chr(34))}"' for c in r) for r in rows)).drafts
    )


def test_the_delimiter_is_decided_on_the_whole_file(tmp_path: Path) -> None:
    text = "Day;Who;Area;Kind;Hours;What\n2026-11-20;Ana;code;hour;1,5;a, b, c\n2026-11-21;Ana;code;hour;2,5;d, e\n"

    assert amounts(table(tmp_path, text)) == [90, 150]


def test_a_note_may_run_over_lines_and_the_next_row_still_knows_its_own(tmp_path: Path) -> None:
    text = HEAD + '2026-11-20,Ana,code,hour,1h,"one\ntwo\nthree"\n\n2026-11-21,Ana,code,hour,1h75,x\n'

    assert faults(tmp_path, text) == [(6, '"1h75" is not a length of time.')]
    assert table(tmp_path, text.replace("1h75", "1h45")).drafts[0].note == "one\ntwo\nthree"


def test_columns_are_found_in_any_letters_and_names_may_hold_a_comma(tmp_path: Path) -> None:
    columns = 'date=DAY, person=who ,role:=code,kind:=hour,"quantity=Hours, net"'

    assert amounts(table(tmp_path, 'day,Who,"hours, NET"\n2026-11-20,Ana,2\n', columns)) == [120]


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(Usage, match='no column "Who" and no column "What"') as refusal:
        table(tmp_path, "Day;Person;Area;Kind;Hours;Note\n2026-11-20;Ana;code;hour;1;x\n")

    assert "Day, Person, Area, Kind, Hours, Note" in refusal.value.hint


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Usage, match='more than one column "Hours"'):
        table(tmp_path, "Day,Who,Area,Kind,Hours,What,hours\n2026-11-20,Ana,code,hour,1,x,2\n")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "holds no table"),
        (b"\n \n", "holds no table"),
        (b"PK\x03\x04\x00\x00", "holds no table"),
        ("Day,Who".encode("utf-16"), "not text in UTF-8"),
        ((HEAD + "2026-11-20,Zoë,code,hour,1,x\n").encode("latin-1"), "not text in UTF-8"),
        ((HEAD + '2026-11-20,Ana,code,hour,1,"open\n').encode(), "Line 2 is not a row"),
        ((HEAD + '2026-11-20,Ana,code,hour,1,"a"b\n').encode(), "Line 2 is not a row"),
        ((HEAD + "2026-11-20,Ana,code,hour,1," + "x" * 200_000).encode(), "Line 2 is not a row"),
        (b",;\t\n,,\n", "no column|no line with anything"),
    ],
)
def test_what_is_no_table_is_refused_in_words(data: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(Usage, match=words):
        table(tmp_path, data)


@pytest.mark.parametrize("path", ["nowhere.csv", "", "a\0b"])
def test_a_file_that_is_not_there_is_refused_in_words(path: str, tmp_path: Path) -> None:
    with pytest.raises(Usage, match="cannot be read"):
        read(f"{tmp_path}/{path}", COLUMNS)


def test_lengths_of_time_are_read_the_way_people_write_them(tmp_path: Path) -> None:
    written = ("1h30", "90m", "1.5h", "1,5", "1.5", "1:30", "01:30:00", "2", "0.25")

    assert hours(tmp_path, *written) == [90, 90, 90, 90, 90, 90, 90, 120, 15]


def test_seconds_are_rounded_to_the_minute_and_the_file_is_told_so(tmp_path: Path) -> None:
    rows = "2026-11-20,Ana,code,hour,01:29:43,\n2026-11-21,Ana,code,hour,0.33,\n2026-11-22,Ana,code,hour,00:10:30,\n"
    found = table(tmp_path, HEAD + rows)

    assert amounts(found) == [90, 20, 11]
    assert found.notices == ("Rounded to whole minutes: 3 lengths of 2h and 1 seconds became 2h01 in all.",)


def test_a_column_of_minutes_holds_minutes(tmp_path: Path) -> None:
    columns = "date=Day,person:=Ana,role:=code,kind:=hour,quantity=Minutes"

    assert amounts(table(tmp_path, "Day,Minutes\n2026-11-20,90\n2026-11-21,1h30\n", columns)) == [90, 90]


def test_a_bare_number_of_more_hours_than_a_day_has_is_asked_about(tmp_path: Path) -> None:
    assert faults(tmp_path, HEAD + "2026-11-20,Ana,code,hour,90,\n") == [
        (2, '"90" would be more hours than a day has; write 90h, or 90m for minutes.')
    ]


def test_pieces_and_money_are_read_by_what_the_kind_is_measured_in(tmp_path: Path) -> None:
    text = (
        HEAD + '2026-11-20,Ana,sales,deal,"1,234.5",\n2026-11-20,Ana,sales,deal,1000,\n2026-11-20,Ana,care,event,3,\n'
    )
    found = table(tmp_path, text, measures={"hour": "minutes", "deal": "money", "event": "pieces"})

    assert amounts(found) == ["1234.50", "1000.00", 3]
    assert amounts(table(tmp_path, text)) == ["1234.50", "1000.00", 3]


def test_money_has_the_decimals_of_its_currency(tmp_path: Path) -> None:
    text = HEAD + "2026-11-20,Ana,sales,deal,1000,\n"

    assert amounts(table(tmp_path, text, exponent=0, measures={"deal": "money"})) == ["1000"]
    assert amounts(table(tmp_path, text, exponent=3, measures={"deal": "money"})) == ["1000.000"]


def test_the_decimal_mark_is_decided_on_the_whole_file(tmp_path: Path) -> None:
    text = HEAD.replace(",", ";") + "2026-11-20;Ana;sales;deal;1.234,50;\n2026-11-21;Ana;sales;deal;1.234;\n"

    assert amounts(table(tmp_path, text, measures={"deal": "money"})) == ["1234.50", "1234.00"]


@pytest.mark.parametrize("written", ["$125000", "£1000", "250k", "-5.00", "1.234.5", "1,2,3", "(5.00)", "ten"])
def test_money_that_is_not_a_plain_number_is_refused_by_its_line(written: str, tmp_path: Path) -> None:
    found = faults(tmp_path, HEAD + f'2026-11-20,Ana,sales,deal,"{written}",\n', measures={"deal": "money"})

    assert [line for line, _ in found] == [2]
    assert "is not an amount of money" in found[0][1]


@pytest.mark.parametrize(
    ("days", "first"),
    [
        (("03/04/2026", "25/04/2026"), "2026-04-03"),
        (("03/04/2026", "04/25/2026"), "2026-03-04"),
        (("03-04-2026", "25-04-2026"), "2026-04-03"),
        (("03.04.2026",), "2026-04-03"),
        (("03.04.2026", "04.25.2026"), "2026-03-04"),
        (("2026-04-03", "25/04/2026"), "2026-04-03"),
        (("2026/04/03",), "2026-04-03"),
        (("05/05/2026",), "2026-05-05"),
        (("3/4/2026 09:30", "25/4/2026 14:00:00"), "2026-04-03"),
        (("2026-04-03T09:30:00",), "2026-04-03"),
        (("03/04/2026 09:30 PM", "04/25/2026 10:00 AM"), "2026-03-04"),
    ],
)
def test_one_part_over_twelve_decides_for_the_whole_file(days: tuple[str, ...], first: str, tmp_path: Path) -> None:
    found = table(tmp_path, HEAD + "".join(f"{day},Ana,code,hour,1,\n" for day in days))

    assert found.drafts[0].date.isoformat() == first


def test_dates_that_nothing_decides_are_shown_in_both_readings(tmp_path: Path) -> None:
    text = HEAD + "05/05/2026,Ana,code,hour,1,\n03/04/2026,Ana,code,hour,1,\n"
    with pytest.raises(Usage) as refusal:
        table(tmp_path, text)

    assert "03/04/2026 (line 3) reads as 2026-04-03 (day first) or 2026-03-04 (month first)" in refusal.value.message
    assert "--date-format" in refusal.value.hint
    assert table(tmp_path, text, COLUMNS, "DD/MM/YYYY").drafts[1].date == datetime.date(2026, 4, 3)
    assert table(tmp_path, text, COLUMNS, "%m/%d/%Y").drafts[1].date == datetime.date(2026, 3, 4)


def test_dates_that_contradict_each_other_are_shown_with_their_lines(tmp_path: Path) -> None:
    with pytest.raises(Usage, match=r"25/04/2026 \(line 2\) has the day first and 04/25/2026 \(line 3\) the month"):
        table(tmp_path, HEAD + "25/04/2026,Ana,code,hour,1,\n04/25/2026,Ana,code,hour,1,\n")


def test_years_of_two_digits_need_a_date_format(tmp_path: Path) -> None:
    text = HEAD + "25/04/26,Ana,code,hour,1,\n"

    assert "--date-format" in faults(tmp_path, text)[0][1]
    assert table(tmp_path, text, COLUMNS, "DD/MM/YY").drafts[0].date == datetime.date(2026, 4, 25)


def test_every_bad_row_is_named_with_all_its_reasons_before_anything_is_imported(tmp_path: Path) -> None:
    text = HEAD + (
        "2026-11-20,Ana,code,hour,1h,good\n"
        "2026-02-30,Ana,code,hour,1h75,both\n"
        ",Ana,code,hour,1h,no day\n"
        "2026-11-20,,code,hour,1h,nobody\n"
        "2026-11-20,Ana,code,hour,-1h,minus\n"
        "2026-11-20,Ana,code,hour,1h,one,cell too many\n"
        "20 Nov,Ana,,hour,1h,x\n"
    )
    found = faults(tmp_path, text)

    assert [line for line, _ in found] == [3, 3, 4, 5, 6, 7, 8, 8]
    assert "not in the calendar" in found[0][1]
    assert '"1h75" is not a length of time.' in found[1][1]
    with pytest.raises(BadRows) as refusal:
        table(tmp_path, text)
    assert "6 rows cannot be read, so nothing is imported." in refusal.value.message
    assert "Line 3: " in refusal.value.message


def test_a_note_that_is_too_long_is_named(tmp_path: Path) -> None:
    assert "5000 characters" in faults(tmp_path, HEAD + f"2026-11-20,Ana,code,hour,1h,{'x' * 5000}\n")[0][1]


def test_rows_without_a_quantity_are_left_out_in_words(tmp_path: Path) -> None:
    rows = "2026-11-20,Ana,code,hour,,planned\n2026-11-21,Ana,code,hour,0,none\n2026-11-22,Ana,code,hour,1h,done\n"
    found = table(tmp_path, HEAD + rows)

    assert amounts(found) == [60]
    assert found.empty == 2
    assert found.notices == ("Lines 2, 3 hold no quantity, or none worth a minute, and nothing of it is imported.",)


@pytest.mark.parametrize("last", ["Total,,,,2h30,", ",Total:,,,2.5,", ",,,,2:30,", ",,,,2:30:00,\n,,,,2:30,"])
def test_a_total_at_the_end_is_left_out_and_compared(last: str, tmp_path: Path) -> None:
    rows = "2026-11-20,Ana,code,hour,1h,\n2026-11-21,Bela,code,hour,1h30,\n"
    found = table(tmp_path, HEAD + rows + last + "\n")

    assert amounts(found) == [60, 90]
    assert found.totals == len(last.splitlines())
    assert found.notices[0] == "Line 4 sums up other rows and was left out; it agrees with them."


def test_a_total_that_is_not_the_sum_says_both(tmp_path: Path) -> None:
    found = table(tmp_path, HEAD + "2026-11-20,Ana,code,hour,1h,\nTotal,,,,120.5,\n")

    assert found.notices == ("Line 3 sums up other rows and was left out; it says 120h30, but they come to 1h.",)


def test_a_row_without_a_day_before_the_end_is_no_total(tmp_path: Path) -> None:
    assert faults(tmp_path, HEAD + ",,,,1h,\n2026-11-20,Ana,code,hour,1h,\n")[0] == (2, "it has no date.")


def test_a_second_import_of_the_same_file_adds_nothing_and_equal_rows_stay_apart(tmp_path: Path) -> None:
    text = HEAD + "2026-11-20,Ana,code,hour,1h,x\n" * 3 + "2026-11-20,Ana,code,hour,2h,x\n"
    first = {draft.id for draft in table(tmp_path, text).drafts}

    assert len(first) == 4
    assert {draft.id for draft in table(tmp_path, text).drafts} == first
    assert all(len(name) == 64 and int(name, 16) for name in first)


def test_a_file_that_grew_or_was_saved_another_way_adds_only_what_is_new(tmp_path: Path) -> None:
    before = table(tmp_path, HEAD + "2026-11-20,Ana,code,hour,1h30,x\n2026-11-20,Ana,code,hour,1h30,x\n")
    after = table(
        tmp_path,
        "What;Hours;Kind;Area;Who;Day;Mail\nx;1,5;hour;code;Bela;20.11.2026;b@example.org\n"
        + "x;1,5;hour;code;Ana;20.11.2026;a@example.org\n" * 3,
        COLUMNS + ",email=Mail",
    )
    known = {draft.id for draft in before.drafts}

    assert sum(draft.id not in known for draft in after.drafts) == 2
    assert known < {draft.id for draft in after.drafts}


def test_later_rows_do_not_change_the_ids_of_earlier_ones(tmp_path: Path) -> None:
    one = "2026-11-20,Ana,sales,deal,1000,\n"
    before = table(tmp_path, HEAD + one)
    after = table(tmp_path, HEAD + one + "2026-11-21,Ana,sales,deal,10.50,\n")

    assert before.drafts[0].id == after.drafts[0].id
    assert (before.drafts[0].amount, after.drafts[0].amount) == (1000, "1000.00")


@settings(max_examples=50)
@given(st.permutations(["a", "a", "b", "c", "c", "c"]))
def test_the_order_of_rows_does_not_matter_to_the_ids(
    tmp_path_factory: pytest.TempPathFactory, notes: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("order")
    shuffled = table(folder, HEAD + "".join(f"2026-11-20,Ana,code,hour,1h,{note}\n" for note in notes))
    ordered = table(folder, HEAD + "".join(f"2026-11-20,Ana,code,hour,1h,{note}\n" for note in sorted(notes)))

    assert {draft.id for draft in shuffled.drafts} == {draft.id for draft in ordered.drafts}


def test_the_preview_adds_up_for_each_person_and_in_all(tmp_path: Path) -> None:
    text = HEAD + (
        "2026-11-20,Ana,code,hour,1h30,\n2026-11-21,Ana,code,hour,0.5,\n2026-11-21,A. Bela,care,event,2,\n"
        '2026-11-22,A. Bela,sales,deal,"1,000.10",\n2026-11-22,A. Bela,sales,deal,0.20,\n2026-11-23,Zed,code,hour,,\n'
    )
    found = table(tmp_path, text)
    known = match(found.drafts, {"Ana": "a" * 32, "Bela": "b" * 32}, parse_map("Bela = A. Bela <>"))

    assert preview(found, known) == {
        "people": [
            {
                "name": "A. Bela",
                "email": "",
                "rows": 3,
                "minutes": 0,
                "pieces": 2,
                "money": "1000.30",
                "member": "Bela",
            },
            {"name": "Ana", "email": "", "rows": 2, "minutes": 120, "pieces": 0, "money": "0.00", "member": "Ana"},
        ],
        "skipped": {"empty": 1, "totals": 0},
        "totals": {"rows": 5, "minutes": 120, "pieces": 2, "money": "1000.30", "items": 5},
        "notices": ["Line 7 holds no quantity, or none worth a minute, and nothing of it is imported."],
    }


TOGGL = (
    "\ufeffUser,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags\n"
    'Ana,ANA@example.org,,code,,"Parser\nand tests",Yes,2026-09-28,09:00:00,2026-09-28,10:30:00,01:30:00,"a, b"\n'
    "Bela,bela@example.org,,care,,Call,No,2026-09-29,23:30:00,2026-09-30,00:15:00,00:45:00,\n"
)
CLOCKIFY = (
    "Project,Client,Description,Task,User,Group,Email,Tags,Billable,Start Date,Start Time,End Date,End Time,"
    "Duration (h),Duration (decimal)\n"
    "code,,Parser,,Ana,,ana@example.org,,Yes,22/06/2026,09:00:00,22/06/2026,10:20:00,01:20:00,1.33\n"
    "care,,Call,,Bela,,bela@example.org,,No,03/07/2026,09:00:00,03/07/2026,09:40:00,00:40:00,0.67\n"
    "Total,,,,,,,,,,,,,02:00:00,2.00\n"
)


def test_a_detailed_export_of_toggl_reads_to_its_own_total(tmp_path: Path) -> None:
    columns = "date=Start date,person=User,email=Email,role=Project,kind:=hour,quantity=Duration,note=Description"
    found = table(tmp_path, TOGGL, columns)

    assert amounts(found) == [90, 45]
    assert [draft.who.email for draft in found.drafts] == ["ana@example.org", "bela@example.org"]
    assert found.drafts[0].note == "Parser\nand tests"


def test_a_detailed_export_of_clockify_reads_to_its_own_total(tmp_path: Path) -> None:
    columns = "date=Start Date,person=User,role=Project,kind:=hour,quantity=Duration (h),note=Description"
    found = table(tmp_path, CLOCKIFY, columns)

    assert [draft.date.isoformat() for draft in found.drafts] == ["2026-06-22", "2026-07-03"]
    assert found.notices == ("Line 4 sums up other rows and was left out; it agrees with them.",)
    decimals = table(tmp_path, CLOCKIFY, columns.replace("(h)", "(decimal)"))
    assert amounts(decimals) == amounts(found) == [80, 40]
