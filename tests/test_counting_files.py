"""Elections as BLT and ABIF text: what is written is read again, and what cannot be read is named by its line."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.abif import read_abif, write_abif
from governance.blt import read_blt, write_blt
from governance.voting import count
from ledger.errors import Usage
from tests.drawn import rankings
from tests.elections import election

BLT = """4 2 # options, seats
-2
3 1 3=4 0
1 2 - 3 0 # a rank left blank
2 0

0
"Ana"
"Bela, of house #1"
"Chidi"
"Dilek"
"Who sits on the board?"
"""

ABIF = """# where we meet
{"title": "Where to meet"}
{"description": "nobody needs it"}
=Bus:[The old bus]
= "Hall" : "The [big hall"
3:Bus>Barn=[The [big hall]   # three of them
2 * Barn , "café #2" > Hall
1:
"""

odd = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters='"]'), min_size=1, max_size=9
)
options = st.lists(
    st.one_of(odd, st.sampled_from(["Ana", "_1", "_2", "__2", "7"])), min_size=1, max_size=5, unique=True
)


@st.composite
def ranked_elections(draw: st.DrawFn) -> tuple[str, int, tuple[str, ...], list[Any]]:
    names = tuple(draw(options))
    ballots = draw(st.lists(st.tuples(st.integers(1, 99), rankings(names)).map(list), max_size=6))
    return draw(odd | st.just("")), draw(st.integers(1, 9)), names, ballots


# BLT.


def test_a_blt_text_is_read_without_those_who_have_withdrawn() -> None:
    assert read_blt(BLT) == (
        "Who sits on the board?",
        2,
        ("Ana", "Chidi", "Dilek"),
        [[3, [["Ana"], ["Chidi", "Dilek"]]], [1, [["Chidi"]]], [2, []]],
    )


def test_a_blt_text_is_written_as_others_read_it() -> None:
    written = write_blt("Board", 1, ("Ana", "Bela"), [[2, [["Bela"], ["Ana"]]], [1, [["Ana", "Bela"]]]], ("Bela",))

    assert written == '2 1\n-2\n2 2 1 0\n1 1=2 0\n0\n"Ana"\n"Bela"\n"Board"\n'
    assert read_blt(written) == ("Board", 1, ("Ana",), [[2, [["Ana"]]], [1, [["Ana"]]]])


@given(ranked_elections())
@settings(max_examples=150)
def test_what_is_written_as_blt_is_read_again_and_written_alike(
    one: tuple[str, int, tuple[str, ...], list[Any]],
) -> None:
    text = write_blt(*one)

    assert read_blt(text) == one
    assert write_blt(*read_blt(text)) == text


def test_glasgow_goes_through_blt_and_elects_the_same() -> None:
    case = election("glasgow_2007_springburn")
    _, seats, names, ballots = read_blt(write_blt("Springburn", case["seats"], case["options"], case["ballots"]))

    assert count("stv", ballots, names, seats=seats) == count("stv", case["ballots"], case["options"], seats=3)


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        (1, "4"),
        (1, "four two"),
        (1, "0 1"),
        (1, "4 2 1"),
        (2, "-5"),
        (2, "-0"),
        (2, "-2 3"),
        (3, "3 1 3=4"),
        (3, "3 1 5 0"),
        (3, "3 1 1 0"),
        (3, "3 1=1 0"),
        (3, "x 1 0"),
        (3, "1.5 1 0"),
        (3, "(7) 1 0"),
        (3, "0 1 0"),
        (3, "3 1 == 2 0"),
        (3, "3 ١ 0"),
        (8, "Ana"),
        (9, '"Ana"'),
        (12, '"More" "than one"'),
    ],
)
def test_a_blt_line_that_cannot_be_read_is_named(line: int, instead: str) -> None:
    lines = BLT.splitlines()
    lines[line - 1] = instead

    with pytest.raises(Usage, match=rf"^Line {line} of the BLT text"):
        read_blt("\n".join(lines))


@pytest.mark.parametrize("length", [0, 1, 3, 7, 10])
def test_a_blt_text_that_breaks_off_is_refused(length: int) -> None:
    with pytest.raises(Usage, match="BLT text"):
        read_blt("\n".join(BLT.splitlines()[:length]))


def test_a_blt_text_without_a_title_has_none_and_with_two_is_refused() -> None:
    assert read_blt("\n".join(BLT.splitlines()[:-1]))[0] == ""
    with pytest.raises(Usage, match=r"^Line 13"):
        read_blt(BLT + '"Another title"\n')


@pytest.mark.parametrize("name", ['the "old" bus', "two\nlines", "one\u2028two"])
def test_a_name_that_blt_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(Usage, match="cannot be written"):
        write_blt("", 1, (name, "B"), [])


# ABIF.


def test_an_abif_text_is_read_by_short_forms_names_and_new_words() -> None:
    assert read_abif(ABIF) == (
        "Where to meet",
        ("The old bus", "The [big hall", "Barn", "café #2"),
        [
            [3, [["The old bus"], ["Barn", "The [big hall"]]],
            [2, [["Barn", "café #2"], ["The [big hall"]]],
            [1, []],
        ],
    )


def test_an_abif_text_with_scores_is_read_as_scores() -> None:
    assert read_abif("2:A/5,B/3\n1:A/4>B/2>C/0\n1:B/1=C/1\n1:\n") == (
        "",
        ("A", "B", "C"),
        [[2, {"A": 5, "B": 3}], [1, {"A": 4, "B": 2, "C": 0}], [1, {"B": 1, "C": 1}], [1, {}]],
    )


def test_abif_is_written_as_others_read_it() -> None:
    assert write_abif("Meet", ("Bus", "The hall"), [[3, [["Bus"], ["The hall"]]], [1, [["The hall", "Bus"]]]]) == (
        '{"title":"Meet"}\n=Bus:[Bus]\n=_2:[The hall]\n3:Bus>_2\n1:_2=Bus\n'
    )
    assert write_abif("", ("A", "B"), [[2, {"A": 5, "B": 3}]]) == "=A:[A]\n=B:[B]\n2:A/5,B/3\n"


@given(ranked_elections())
@settings(max_examples=150)
def test_what_is_written_as_abif_is_read_again_and_written_alike(
    one: tuple[str, int, tuple[str, ...], list[Any]],
) -> None:
    title, _, names, ballots = one
    text = write_abif(title, names, ballots)

    assert read_abif(text) == (title, names, ballots)
    assert write_abif(*read_abif(text)) == text


@given(st.data())
@settings(max_examples=150)
def test_scores_written_as_abif_are_read_again_and_written_alike(data: st.DataObject) -> None:
    names = tuple(data.draw(options))
    sheets = st.dictionaries(st.sampled_from(names), st.integers(0, 5))
    ballots = data.draw(st.lists(st.tuples(st.integers(1, 99), sheets).map(list), max_size=6))
    ballots.append([1, {names[0]: 5}])
    text = write_abif("Points", names, ballots)

    assert read_abif(text) == ("Points", names, ballots)
    assert write_abif(*read_abif(text)) == text


@pytest.mark.parametrize(
    "line",
    [
        "Bus>Barn",
        "0:Bus",
        "x:Bus",
        "-1:Bus",
        "1.5:Bus",
        "3:Bus Barn",
        "3:Bus>",
        "3:>Bus",
        "3:Bus>>Barn",
        "3:Bus>Bus",
        "3:Bus>[The old bus]",
        "3:Bus/five",
        "3:[Bus",
        "=Bus:[Another bus]",
        "=Other:[The old bus]",
        "=Other",
        "{title}",
        '{"title": 3}',
        "١:Bus",
    ],
)
def test_an_abif_line_that_cannot_be_read_is_named(line: str) -> None:
    lines = ABIF.splitlines()
    lines.insert(5, line)

    with pytest.raises(Usage, match=r"^Line 6 of the ABIF text"):
        read_abif("\n".join(lines))


@pytest.mark.parametrize("line", ["1:A/5,B", "1:A/3>B/3", "1:A/2>B/3", "1:A/3=B/2"])
def test_scores_that_contradict_themselves_are_named_by_their_line(line: str) -> None:
    with pytest.raises(Usage, match=r"^Line 2 of the ABIF text"):
        read_abif(f"1:A/5,B/3\n{line}\n")


@pytest.mark.parametrize("name", ["the [old] bus", "two\nlines"])
def test_a_name_that_abif_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(Usage, match="cannot be written"):
        write_abif("", (name,), [])


def test_ranked_and_scored_ballots_are_not_written_into_one_text() -> None:
    with pytest.raises(Usage):
        write_abif("", ("A",), [[1, {"A": 3}], [1, [["A"]]]])


def test_burlington_goes_through_abif_and_elects_the_same() -> None:
    case = election("burlington_2009_mayor")
    _, names, ballots = read_abif(write_abif("Mayor", case["options"], case["ballots"]))

    assert count("irv", ballots, names) == count("irv", case["ballots"], case["options"])
