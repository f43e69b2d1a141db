"""Ballots and terms that say nothing a count could use: refused in words, and counted for nothing, not even turnout."""

from fractions import Fraction
from typing import Any

import pytest

from governance.voting import count, stv
from ledger.errors import Usage

OPTIONS = ("A", "B", "C")
RANKED = ("cssd", "irv", "stv")


def terms(method: str) -> dict[str, Any]:
    return {"seats": 1} if method == "stv" else {}


@pytest.mark.parametrize("method", RANKED)
@pytest.mark.parametrize(
    "ballot",
    [
        [["Z"]],
        [["A"], ["A"]],
        [["A", "B"], ["A"]],
        [["A", "A"]],
        [[["A"]]],
        ["A", "B"],
        "AB",
        [[1]],
        {"A": 1},
        None,
        3,
        [["A"], None],
        [[True]],
    ],
)
def test_a_ranking_that_is_none_is_refused(method: str, ballot: Any) -> None:
    with pytest.raises(Usage):
        count(method, [[1, [["B"]]], [1, ballot]], OPTIONS, **terms(method))


@pytest.mark.parametrize("method", ["score", "star"])
@pytest.mark.parametrize(
    "ballot",
    [
        {"Z": 1},
        {"A": 6},
        {"A": -1},
        {"A": True},
        {"A": 2.0},
        {"A": "2"},
        {"A": None},
        {"A": Fraction(1, 2)},
        {1: 2},
        [["A"]],
        [("A", 3)],
        7,
    ],
)
def test_scores_that_are_none_are_refused(method: str, ballot: Any) -> None:
    with pytest.raises(Usage):
        count(method, [[1, {"A": 2}], [1, ballot]], OPTIONS)


@pytest.mark.parametrize(
    "ballot", [[["A"], ["B"]], [["Z"]], ["A", "A"], {"A": 2}, {"A": True}, {"Z": 1}, {"Z": 0}, "A", 1, [["A", "A"]]]
)
def test_approvals_that_are_none_are_refused(ballot: Any) -> None:
    with pytest.raises(Usage):
        count("approval", [[1, ballot]], OPTIONS)


@pytest.mark.parametrize("ballot", [1.5, "7", None, True, [3], {"A": 1}, float("nan")])
def test_a_number_that_is_none_is_refused(ballot: Any) -> None:
    with pytest.raises(Usage):
        count("median", [[1, ballot]], (), status_quo=1)
    with pytest.raises(Usage):
        count("median", [[1, 3]], (), status_quo=[] if ballot is None else ballot)


@pytest.mark.parametrize(
    "ballot",
    [
        {"A": Fraction(1, 2)},
        {"A": Fraction(2, 3), "B": Fraction(2, 3)},
        {"A": Fraction(3, 2), "B": Fraction(-1, 2)},
        {"A": 1.0},
        {"A": True},
        {"Z": Fraction(1)},
        {"A": Fraction(1), "Z": 0},
        {},
        [["A"]],
        "A",
        {"A": "1"},
        {"A": Fraction(10**30 + 1, 10**30)},
    ],
)
def test_a_split_that_does_not_make_one_is_refused(ballot: Any) -> None:
    with pytest.raises(Usage):
        count("pot", [[1, {"A": 1}], [1, ballot]], OPTIONS)
    with pytest.raises(Usage):
        count("pot", [[0, ballot]], OPTIONS)


@pytest.mark.parametrize("method", ["approval", "cssd", "irv", "median", "pot", "score", "star", "stv"])
@pytest.mark.parametrize("ballots", [[[["A"]]], [["1", []]], [[-1, []]], [[1.0, []]], [[True, []]], [3], [[1]], ["ab"]])
def test_ballots_without_how_many_there_are_are_refused(method: str, ballots: Any) -> None:
    with pytest.raises(Usage):
        count(method, ballots, OPTIONS, **terms(method))


@pytest.mark.parametrize("method", ["approval", "cssd", "irv", "pot", "score", "star", "stv"])
@pytest.mark.parametrize("options", [(), ("A", "A"), ("A", 1), ("A", ""), ("A", None)])
def test_options_that_are_none_are_refused(method: str, options: Any) -> None:
    with pytest.raises(Usage):
        count(method, [], options, **terms(method))


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("approval", {"status_quo": "Z"}),
        ("irv", {"status_quo": "Z"}),
        ("score", {"status_quo": "Z"}),
        ("star", {"status_quo": "Z"}),
        ("score", {"top": 0}),
        ("star", {"top": 5.0}),
        ("stv", {"seats": 0}),
        ("stv", {"seats": 3}),
        ("stv", {"seats": True}),
        ("stv", {"seats": 1, "places": -1}),
        ("stv", {"seats": 1, "places": 5.0}),
        ("stv", {"seats": 1, "overvote": "split"}),
        ("cssd", {"default": "Z"}),
        ("cssd", {"quorum": Fraction(1, 2)}),
        ("cssd", {"ratios": {"A": Fraction(3)}}),
        ("cssd", {"eligible": 9}),
        ("cssd", {"default": "C", "ratios": {"Z": Fraction(3)}}),
        ("cssd", {"default": "C", "ratios": {"C": Fraction(3)}}),
        ("cssd", {"default": "C", "ratios": {"A": Fraction(0)}}),
        ("cssd", {"default": "C", "ratios": {"A": 1.5}}),
        ("cssd", {"default": "C", "quorum": 0.5}),
        ("cssd", {"default": "C", "quorum": Fraction(-1, 2)}),
        ("cssd", {"default": "C", "roll": -1}),
        ("cssd", {"default": "C", "roll": 2.5}),
        ("pot", {"status_quo": {"A": Fraction(1, 2)}}),
        ("pot", {"status_quo": {"Z": Fraction(1)}}),
    ],
)
def test_terms_that_mean_nothing_are_refused(method: str, given: dict[str, Any]) -> None:
    with pytest.raises(Usage):
        count(method, [], OPTIONS, **given)


def test_what_is_refused_names_what_is_wrong_and_what_there_is() -> None:
    with pytest.raises(Usage) as refused:
        count("irv", [[1, [["A"], ["Dilek"]]]], OPTIONS)

    assert refused.value.message == "A ballot names 'Dilek', which is no option."
    assert refused.value.hint == "There are: A, B, C."


def test_approval_takes_a_tier_a_list_or_marks() -> None:
    for ballot in ([["A", "C"]], ["A", "C"], {"A": 1, "B": 0, "C": 1}, [["C", "A"]], (("A", "C"),)):
        found = count("approval", [[2, ballot], [1, []], [1, [[]]]], OPTIONS)

        assert found.stages == ({"A": Fraction(2), "B": Fraction(0), "C": Fraction(2)},)
        assert found.transcript[0] == "4 ballots, approvals: A 2, C 2, B 0."


def test_no_ballot_was_wrong_and_counted_in_part() -> None:
    """A count that skips a bad ballot still counts it to turnout (snapshot.js); here there is no such half."""
    with pytest.raises(Usage):
        stv.detailed([[5, [["A"]]], [1, [["A"], ["Z"]]]], OPTIONS, seats=1)
