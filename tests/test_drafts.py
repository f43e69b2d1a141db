"""Work written down elsewhere finds its member by a line of the map or by an equal name, and by nothing else."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contributions.drafts import Draft, Known, Someone, for_members, match, one_line, parse_contact, parse_map, someone
from contributions.imports import names, source
from ledger.errors import Usage

MEMBERS = {"Ana": "a" * 32, "Bela": "b" * 32, "Chidi": "c" * 32}
ANA, BELA = Known("Ana", "a" * 32), Known("Bela", "b" * 32)


def draft(who: Someone, record: str = "1/0") -> Draft:
    return Draft(
        id=record, who=who, date=datetime.date(2026, 11, 20), role="code", kind="commit", amount=1, note="Parser"
    )


def matched(who: Someone, lines: str = "") -> Known | None:
    return match([draft(who)], MEMBERS, parse_map(lines)).get(who)


def test_an_equal_name_is_the_member_whatever_the_letters() -> None:
    assert matched(someone("ANA", "ana@example.org")) == ANA
    assert matched(someone("Ana Rossi", "ana@example.org")) is None


def test_a_line_of_the_map_compares_name_and_address_in_any_letters() -> None:
    line = "ana = Ana ROSSI <Ana@Example.org>"

    assert matched(someone("Ana Rossi", "ana@example.org"), line) == ANA
    assert matched(someone("Ana Rossi", "other@example.org"), line) is None
    assert matched(someone("Somebody", "ana@example.org"), line) is None


def test_what_a_line_leaves_out_is_not_compared() -> None:
    assert matched(someone("Whoever", "ana@example.org"), "Ana = <ana@example.org>") == ANA
    assert matched(someone("A. Rossi"), "Ana = A. Rossi <>") == ANA
    assert matched(someone("A. Rossi", "a@example.org"), "Ana = A. Rossi <>") == ANA


def test_a_member_may_have_several_lines_and_comments_between() -> None:
    lines = "\n# at work\nAna = A <a@example.org>\n\nAna = B <b@example.org>\n"

    assert matched(someone("A", "a@example.org"), lines) == ANA
    assert matched(someone("B", "b@example.org"), lines) == ANA


def test_a_line_of_the_map_goes_before_an_equal_name() -> None:
    assert matched(someone("Ana", "ana@bela.example.org"), "Bela = <ana@bela.example.org>") == BELA


def test_the_most_exact_line_decides() -> None:
    lines = "Ana = <team@example.org>\nBela = Bela B. <team@example.org>"

    assert matched(someone("Bela B.", "team@example.org"), lines) == BELA
    assert matched(someone("Somebody", "team@example.org"), lines) == ANA


@pytest.mark.parametrize(
    "line",
    [
        "Ana",
        "Ana = ",
        "= Ana <a@example.org>",
        "Ana = Ana Rossi",
        "Ana = a@example.org",
        "Ana = <>",
        "Ana = Ana <a@example.org> x",
        "Ana = Ana <a@example.org",
        "Ana < a > = b",
    ],
)
def test_a_line_that_is_not_understood_is_named(line: str) -> None:
    with pytest.raises(Usage, match=r"^Line 2 of the map is not"):
        parse_map(f"Bela = B <b@example.org>\n{line}\n")


def test_one_person_cannot_be_two_members() -> None:
    with pytest.raises(Usage, match="Lines 1 and 3 of the map make one person both Ana and Bela"):
        parse_map("Ana = A <a@example.org>\n\nBela = a <A@example.org>\n")


def test_a_map_that_speaks_of_a_stranger_is_refused_by_its_line() -> None:
    with pytest.raises(Usage, match="Line 2 of the map: Zed is not a member"):
        matched(someone("Ana"), "\nZed = Z <z@example.org>")


def test_a_name_two_members_share_decides_nothing() -> None:
    who = someone("ana")

    assert match([draft(who)], {"Ana": "a" * 32, "ana": "b" * 32}) == {}
    with pytest.raises(Usage, match="more than one member"):
        match([draft(who)], {"Ana": "a" * 32, "ana": "b" * 32}, parse_map("ANA = X <x@example.org>"))


def test_somebody_without_name_and_address_is_nobody() -> None:
    assert matched(someone("", ""), "Ana = <a@example.org>") is None
    assert parse_contact("<>") is None


def test_a_member_named_twice_in_one_piece_of_work_counts_once() -> None:
    author, second = draft(someone("Ana"), "1/0"), draft(someone("A", "a@example.org"), "1/1")
    other = draft(someone("A", "a@example.org"), "2/0")
    known = match([author, second, other], MEMBERS, parse_map("Ana = <a@example.org>"))

    assert for_members([author, second, other], known) == ((author, ANA.person), (other, ANA.person))


def test_strangers_are_not_among_what_would_be_logged() -> None:
    assert for_members([draft(someone("Zed"))], {}) == ()


def test_a_name_cannot_steer_the_terminal() -> None:
    assert one_line("A\x1b[31mna\u202e\n R") == "A [31mna R"
    assert someone("  Ana   Rossi ", " ANA@Example.ORG ") == Someone("Ana Rossi", "ana@example.org")
    assert one_line("Zoe\u0308") == "Zo\u00eb"


@settings(max_examples=100)
@given(st.text(max_size=20), st.text(max_size=20))
def test_a_person_made_twice_is_the_same_person(name: str, email: str) -> None:
    who = someone(name, email)

    assert someone(who.name, who.email) == who


def test_every_source_of_work_is_found_by_its_file_and_nothing_else_is_imported() -> None:
    assert names() == ("csv", "git")
    for name in names():
        assert source(name).read.__doc__
    for stranger in ("svn", "", "__init__", "git.read", "../git", "os"):
        with pytest.raises(Usage, match="is not a source of work"):
            source(stranger)
