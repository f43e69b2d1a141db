"""What members are shown as examples is what the count gives, to the last line."""

from fractions import Fraction
from typing import Any

import pytest

from governance.voting import count, names, stv
from tests.worked import POTS, WORKED


@pytest.mark.parametrize("example", WORKED, ids=lambda example: str(example["name"]))
def test_an_example_comes_out_as_it_is_written(example: dict[str, Any]) -> None:
    found = count(example["method"], example["ballots"], example["options"], **example["terms"])

    assert found.winners == example["winners"]
    assert found.transcript[-1] == example["last"]


def test_every_way_of_counting_has_an_example() -> None:
    assert {example["method"] for example in WORKED} | {"pot", "yes-no"} == set(names())


@pytest.mark.parametrize(("name", "ballots", "parts"), POTS, ids=[name for name, _, _ in POTS])
def test_a_pot_is_split_as_it_is_written(name: str, ballots: list[Any], parts: dict[str, Fraction]) -> None:
    found = count("pot", ballots, ("A", "B", "C"))

    assert found.stages == (parts,)
    assert found.winners == tuple(option for option, part in parts.items() if part)


def told(name: str) -> tuple[str, ...]:
    example = next(example for example in WORKED if example["name"] == name)
    return count(example["method"], example["ballots"], example["options"], **example["terms"]).transcript


def test_a_member_can_follow_an_instant_runoff() -> None:
    assert told("a capital for Tennessee") == (
        "Round 1: Memphis 42, Nashville 26, Knoxville 17, Chattanooga 15; exhausted 0.",
        "Out: Chattanooga, with 15.",
        "Round 2: Memphis 42, Knoxville 32, Nashville 26; exhausted 0.",
        "Out: Nashville, with 26.",
        "Round 3: Knoxville 58, Memphis 42; exhausted 0.",
        "Elected: Knoxville (58 of the 100 that count in round 3). "
        "Notice: Nashville would have beaten every other option one against one.",
    )


def test_a_member_can_follow_a_circle() -> None:
    assert told("CSSD: a circle, and its weakest defeat") == (
        "9 ballots, one against one:",
        "A beats B (6 : 3), D (9 : 0).",
        "B beats C (7 : 2), D (9 : 0).",
        "C beats A (5 : 4), D (9 : 0).",
        "D beats nobody.",
        "A circle among A, B and C: the weakest defeat is taken back, C over A (5 : 4).",
        "Unbeaten among A, B, C and D: A.",
        "Elected: A.",
    )


def test_a_member_reads_why_an_option_was_dropped() -> None:
    assert told("CSSD: two to one is not three to one")[4:] == (
        "articles is dropped: 6 prefer it to as it is, 3 prefer as it is to it, and it needs 3 times as many.",
        "Unbeaten among paint and as it is: paint.",
        "Elected: paint.",
    )


def test_a_member_can_follow_star_through_its_ties() -> None:
    assert told("STAR: three tie for two places, and the runoff ties twice") == (
        "6 ballots, points: A 12, B 12, C 12, D 9.",
        "A, B and C tie; wins one against one: A 1, B 1, C 0.",
        "Runoff between A and B: A 3, B 3; no preference 0.",
        "A and B tie; points: A 12, B 12.",
        "A and B tie; highest scores: B 2, A 0.",
        "Elected: B.",
    )


def test_a_member_can_follow_a_count_for_three_seats() -> None:
    assert told("three seats, and a surplus that goes past somebody elected") == (
        "100 ballots count, 0 do not; seats 3, quota 26.",
        "Stage 1, first preferences: A 40.00000, B 35.00000, C 15.00000, D 10.00000; "
        "not transferable 0.00000, cut away 0.00000.",
        "A and B are elected: reached the quota.",
        "Stage 2, the surplus of A, 14.00000, moves on: B 35.00000, C 29.00000, A 26.00000, D 10.00000; "
        "not transferable 0.00000, cut away 0.00000.",
        "C is elected: reached the quota.",
        "Elected: A, B and C.",
    )


def test_a_surplus_goes_past_somebody_elected_in_the_same_stage() -> None:
    example = next(example for example in WORKED if example["method"] == "stv")

    whole = stv.detailed(example["ballots"], example["options"], seats=3)
    assert whole.quota == 26
    assert [stage.elected for stage in whole.stages] == [("A", "B"), ("C",)]
    assert whole.stages[1].votes["C"] == 29


def test_a_member_reads_what_a_part_of_the_pot_is_worth() -> None:
    assert count("pot", POTS[1][1], ("A", "B", "C")).transcript == (
        "6 ballots; the price of support is 1/6 of the pot for each supporter.",
        "A: 1/3; 2 asked for that or more.",
        "B: 1/2; 3 asked for that or more.",
        "C: 1/6; 1 asked for that or more.",
        "Elected: A with 1/3, B with 1/2 and C with 1/6.",
    )


def test_a_member_reads_that_a_middle_has_as_many_below_as_above() -> None:
    assert told("two members, and what is in force now between them") == (
        "2 ballots, from 5 to 20. What is in force now, 7, counts as one more, since their number is even.",
        "1 says less than 7, 1 says more.",
        "Elected: 7 (the middle).",
    )
