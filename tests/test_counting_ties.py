"""Ties: the count's own steps first, then what is in force now, then the rule for ties; never who is listed first."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from governance.tied import looked_back
from governance.voting import count
from ledger.errors import Usage


class Asked:
    """A rule for ties that names the last of the tied, and remembers what it was asked."""

    def __init__(self) -> None:
        self.tied: list[tuple[str, ...]] = []
        self.stages: list[int] = []

    def __call__(self, tied: tuple[str, ...], history: Sequence[Any]) -> str:
        self.tied.append(tied)
        self.stages.append(len(history))
        return tied[-1]


def firsts(**votes: int) -> list[Any]:
    """Ballots that name one option each."""
    return [[number, [[option]]] for option, number in votes.items()]


@pytest.mark.parametrize("method", ["approval", "cssd", "irv"])
def test_two_with_equal_votes_are_a_tie_in_whatever_order_they_are_listed(method: str) -> None:
    for options in (("A", "B"), ("B", "A")):
        found = count(method, firsts(A=2, B=2), options)

        assert found.winners == ()
        assert "tie, and this way of counting alone cannot choose" in found.transcript[-1]


def test_the_rule_for_ties_elects_where_the_step_elects() -> None:
    asked = Asked()
    found = count("approval", firsts(A=2, B=2, C=1), ("A", "B", "C"), tie=asked)

    assert found.winners == ("B",)
    assert asked.tied == [("A", "B")]
    assert found.transcript[-1] == "Elected: B (2 approvals: A and B tie, and the rule for ties names B)."


def test_the_rule_for_ties_excludes_where_the_step_excludes() -> None:
    asked = Asked()
    found = count("irv", [*firsts(A=3, B=2), [2, [["C"], ["A"]]]], ("A", "B", "C"), tie=asked)

    assert asked.tied == [("B", "C")]
    assert found.transcript[1] == "Out: C, with 2: B and C tie, and the rule for ties names C."
    assert found.winners == ("A",)


def test_of_two_left_with_equal_votes_the_rule_names_who_loses() -> None:
    found = count("irv", firsts(A=2, B=2), ("A", "B"), tie=Asked())

    assert found.winners == ("A",)
    assert found.transcript[-1] == "Elected: A (the other of two with 2 each)."


def test_an_instant_runoff_looks_back_before_it_asks() -> None:
    """B and C have four each once D is out; at the round before, C had fewer."""
    ballots = [*firsts(A=5, B=4, C=3), [1, [["D"], ["C"]]]]
    asked = Asked()
    found = count("irv", ballots, ("A", "B", "C", "D"), tie=asked)

    assert found.transcript[3] == "Out: C, with 4: B and C tie, and C alone had the fewest at stage 1."
    assert asked.tied == []


def test_looking_back_starts_at_the_latest_stage_and_goes_on_with_all_who_tie() -> None:
    def stage(**votes: int) -> dict[str, Fraction]:
        return {option: Fraction(number) for option, number in votes.items()}

    history = [stage(A=1, B=3, C=2), stage(A=3, B=2, C=2), stage(A=4, B=4, C=4)]
    fewest, most = looked_back(["A", "B", "C"], history, min), looked_back(["A", "B", "C"], history, max)

    assert fewest is not None
    assert fewest.option == "A"  # at stage 2 two share the place, so that stage 1 is asked about all three
    assert most is not None
    assert most.option == "A"
    assert looked_back(["B", "C"], history[1:], min) is None


def test_what_is_in_force_now_wins_a_tie_of_two_and_stays_in_one_of_three() -> None:
    two = count("irv", firsts(A=2, now=2), ("A", "now"), status_quo="now")
    asked = Asked()
    three = count("irv", [*firsts(A=3, B=2, C=2, now=2)], ("A", "B", "C", "now"), status_quo="now", tie=asked)

    assert two.winners == ("now",)
    assert asked.tied[0] == ("B", "C")
    assert "Out: C, with 2: B and C tie, and the rule for ties names C." in three.transcript


@pytest.mark.parametrize(("method", "high"), [("score", 5), ("star", 5)])
def test_what_is_in_force_now_wins_a_tie_of_points(method: str, high: int) -> None:
    ballots = [[2, {"A": high}], [2, {"now": high}]]

    assert count(method, ballots, ("A", "now")).winners == ()
    assert count(method, ballots, ("A", "now"), status_quo="now").winners == ("now",)


def test_star_asks_who_goes_to_the_runoff_where_three_are_alike() -> None:
    ballots = [[1, {"A": 5}], [1, {"B": 5}], [1, {"C": 5}]]
    asked = Asked()
    found = count("star", ballots, ("A", "B", "C"), tie=asked)

    assert asked.tied == [("A", "B", "C"), ("A", "B"), ("B", "C")]
    assert found.winners == ("C",)
    assert count("star", ballots, ("A", "B", "C")).winners == ()
    assert count("star", ballots, ("A", "B", "C"), status_quo="A").winners == ()


def test_options_that_nobody_chose_go_out_without_a_lot_since_no_ballot_moves() -> None:
    asked = Asked()
    ballots = [*firsts(A=4, B=3), [2, [["C"], ["B"]]]]
    found = count("irv", ballots, ("D", "E", "A", "B", "C"), tie=asked)

    assert asked.tied == []
    assert found.winners == ("B",)
    assert len(found.stages) == 4  # one goes out a round, also those without a vote
    assert found.transcript[1] == ("Out: D, with 0: nor has E any; no ballot moves, so their order decides nothing.")


def test_for_a_seat_that_one_of_them_gets_options_without_votes_do_tie() -> None:
    asked = Asked()
    ballots = firsts(A=5)
    alone = count("stv", ballots, ("A", "B", "C"), seats=2)
    found = count("stv", ballots, ("A", "B", "C"), seats=2, tie=asked)

    assert alone.winners == ()
    assert alone.transcript[-1].endswith("cannot choose between them; elected up to there: A.")
    assert asked.tied == [("B", "C")]
    assert found.winners == ("A", "B")


def test_the_larger_surplus_moves_first_and_equal_ones_are_a_tie() -> None:
    ballots = [[30, [["A"], ["C"]]], [30, [["B"], ["D"]]], [9, [["C"]]], [8, [["D"]]]]
    asked = Asked()
    found = count("stv", ballots, ("A", "B", "C", "D"), seats=3, tie=asked)

    assert count("stv", ballots, ("A", "B", "C", "D"), seats=3).winners == ()
    assert asked.tied == [("A", "B")]
    assert "Stage 2, the surplus of B, 10.00000, moves on (A and B tie, and the rule for ties names B)" in (
        "\n".join(found.transcript)
    )


def test_a_rule_for_ties_that_names_somebody_else_is_an_error() -> None:
    with pytest.raises(Usage, match="tie of A and B was answered with 'C'"):
        count("approval", firsts(A=1, B=1), ("A", "B", "C"), tie=lambda tied, history: "C")
