"""Several seats: not one vote is lost on the way."""

from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.voting import count, stv
from tests.drawn import OPTIONS, elections


def first_of(tied: tuple[str, ...], history: Any) -> str:
    """A rule for ties for where it does not matter."""
    return tied[0]


@given(st.data(), st.integers(0, 7))
@settings(max_examples=300)
def test_after_every_stage_all_votes_are_somewhere(data: st.DataObject, places: int) -> None:
    election = data.draw(elections("stv"))
    whole = stv.detailed(election.ballots, OPTIONS, **election.terms, places=places, tie=first_of)

    for stage in whole.stages:
        assert sum(stage.votes.values()) + stage.non_transferable + stage.lost_to_truncation == whole.valid
        assert all(votes * 10**places == int(votes * 10**places) for votes in stage.votes.values())
    assert whole.valid + whole.blank == sum(number for number, _ in election.ballots)
    if whole.valid:
        assert len(whole.winners) == len(set(whole.winners)) == election.terms["seats"]


@given(st.data())
@settings(max_examples=150)
def test_a_stage_only_takes_from_one_option_and_what_is_lost_only_grows(data: st.DataObject) -> None:
    election = data.draw(elections("stv"))
    whole = stv.detailed(election.ballots, OPTIONS, **election.terms, tie=first_of)

    for before, after in pairwise(whole.stages):
        assert sum(after.votes[option] < before.votes[option] for option in OPTIONS) <= 1
        assert after.non_transferable >= before.non_transferable
        assert after.lost_to_truncation >= before.lost_to_truncation
        assert after.lost_to_truncation - before.lost_to_truncation < Fraction(whole.valid, 10**5)


def test_two_who_reach_the_quota_together_both_pass_on_their_surplus() -> None:
    """A count that forgets the second keeps 89.6 of 100 votes (Loomio)."""
    ballots = [
        [40, [["A"], ["C"]]],
        [32, [["B"], ["C"]]],
        [10, [["C"]]],
        [9, [["D"], ["E"]]],
        [9, [["E"]]],
    ]
    whole = stv.detailed(ballots, "ABCDE", seats=3)

    assert whole.stages[0].elected == ("A", "B")
    assert whole.stages[1].votes["C"] == 24
    assert whole.stages[2].votes["C"] == 30
    assert [sum(stage.votes.values()) + stage.lost_to_truncation for stage in whole.stages] == [100] * 3
    assert whole.winners == ("A", "B", "C")


def test_what_is_cut_away_is_not_mixed_with_what_has_no_next_name() -> None:
    """A surplus of 4 of 10 papers is 0.4 each; of 3 of 7 it is 0.42857 each, and 0.00001 is cut away."""
    ballots = [[7, [["A"], ["B"]]], [3, [["B"]]], [2, [["C"]]]]
    whole = stv.detailed(ballots, "ABC", seats=2)

    assert whole.quota == 5
    assert whole.stages[1].votes["B"] == 3 + 7 * Fraction(28571, 100_000)
    assert whole.stages[1].lost_to_truncation == 2 - 7 * Fraction(28571, 100_000)
    assert whole.stages[1].non_transferable == 0


def test_a_value_is_cut_once_by_one_whole_division() -> None:
    """In the pile of B are papers worth 0.55 and 1. The surplus is 3.95 of 7.95 votes, 0.49 for each vote; 0.55 of
    that would be cut a second time, to 0.26."""
    ballots = [[9, [["A"], ["B"], ["C"]]], [3, [["B"], ["C"]]], [2, [["C"]]], [1, [["D"]]]]
    whole = stv.detailed(ballots, "ABCD", seats=3, places=2)

    assert whole.quota == 4
    assert whole.stages[1].votes["B"] == 3 + 9 * Fraction("0.55")
    assert whole.stages[2].votes["C"] == 2 + 9 * Fraction("0.27") + 3 * Fraction("0.49")


def test_equal_ranks_end_a_ballot_or_are_left_out_as_the_importer_says() -> None:
    ballots = [[3, [["A", "B"], ["C"]]], [2, [["A"]]], [2, [["B"]]]]
    ended = stv.detailed(ballots, "ABC", seats=1)
    left_out = stv.detailed(ballots, "ABC", seats=1, overvote="skip")

    assert (ended.valid, ended.blank) == (4, 3)
    assert (left_out.valid, left_out.blank) == (7, 0)
    assert left_out.stages[0].votes["C"] == 3


def test_blank_ballots_raise_no_quota() -> None:
    ballots = [[30, [["A"]]], [20, [["B"]]], [5, [["C"]]], [945, []]]
    whole = stv.detailed(ballots, "ABC", seats=1)

    assert whole.quota == 28
    assert whole.winners == ("A",)


def test_left_over_surpluses_do_not_move_once_the_seats_are_full() -> None:
    whole = stv.detailed([[60, [["A"], ["C"]]], [40, [["B"], ["C"]]]], "ABC", seats=2)

    assert len(whole.stages) == 1
    assert whole.winners == ("A", "B")


def test_one_seat_goes_to_whom_an_instant_runoff_elects_where_nothing_is_cut() -> None:
    chance = Random(9)
    compared = 0
    for _ in range(1_000):
        ballots = [
            [chance.randint(1, 9), [[option] for option in chance.sample("ABCD", 4)]]
            for _ in range(chance.randint(2, 8))
        ]
        by_seats = count("stv", ballots, "ABCD", seats=1).winners
        by_rounds = count("irv", ballots, "ABCD").winners
        if by_seats and by_rounds:
            compared += 1
            assert by_seats == by_rounds
    assert compared > 700
