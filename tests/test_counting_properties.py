"""What holds for every way of counting there is: who voted first, or is listed first, decides nothing."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.voting import names
from tests.drawn import METHODS, OPTIONS, Election, elections, renamed

EACH = pytest.mark.parametrize("method", sorted(METHODS))
NAMED = sorted(set(METHODS) - {"yes-no", "median"})
"""Where options are called by names that could be others."""


def test_every_way_of_counting_is_tried() -> None:
    assert sorted(METHODS) == names()


def one_by_one(election: Election, chance: Random) -> Election:
    """Each ballot for itself, in another order, the options of a tier and of a sheet of scores too."""
    single = [[1, mixed(ballot, chance)] for number, ballot in election.ballots for _ in range(number)]
    chance.shuffle(single)
    return Election(election.method, single, election.options, election.terms)


def mixed(ballot: Any, chance: Random) -> Any:
    if isinstance(ballot, dict):
        return dict(chance.sample(list(ballot.items()), len(ballot)))
    if isinstance(ballot, list):
        return [chance.sample(tier, len(tier)) for tier in ballot]
    return ballot


@EACH
@given(data=st.data())
@settings(max_examples=60)
def test_neither_the_order_of_ballots_nor_their_grouping_matters(method: str, data: st.DataObject) -> None:
    election = data.draw(elections(method))
    chance = data.draw(st.randoms(use_true_random=False))

    assert election.outcome() == one_by_one(election, chance).outcome()


@pytest.mark.parametrize("method", NAMED)
@given(data=st.data())
@settings(max_examples=80)
def test_an_option_called_by_the_name_of_another_wins_by_that_name(method: str, data: st.DataObject) -> None:
    """So neither the place in the list nor the letters of a name decide anything, least of all a tie."""
    election = data.draw(elections(method))
    other = dict(zip(OPTIONS, data.draw(st.permutations(OPTIONS)), strict=True))
    again = Election(method, renamed(election.ballots, other), OPTIONS, renamed(election.terms, other))

    assert set(again.outcome().winners) == set(renamed(election.outcome().winners, other))


@EACH
@given(data=st.data())
@settings(max_examples=60)
def test_the_last_line_is_the_result(method: str, data: st.DataObject) -> None:
    election = data.draw(elections(method))
    found = election.outcome()
    last = found.transcript[-1]

    assert all("\n" not in line for line in found.transcript)
    if method == "yes-no":
        assert last.startswith("Passed: " if found.winners == ("yes",) else "Failed: ")
    elif found.winners:
        assert last.startswith("Elected: ")
        assert all(winner in last for winner in found.winners)
    else:
        assert last.startswith("No result: ")
    assert not any(line.startswith(("Elected: ", "No result: ")) for line in found.transcript[:-1])


@EACH
@given(data=st.data())
@settings(max_examples=40)
def test_the_same_ballots_are_counted_to_the_same_result_and_left_as_they_were(
    method: str, data: st.DataObject
) -> None:
    election = data.draw(elections(method))
    before = repr(election)

    assert election.outcome() == election.outcome()
    assert repr(election) == before


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"yes-no", "median", "pot"}))
@given(data=st.data())
@settings(max_examples=80)
def test_a_rule_for_ties_is_asked_only_where_the_count_leaves_a_tie(method: str, data: st.DataObject) -> None:
    election = data.draw(elections(method))
    asked = []

    def tie(tied: tuple[str, ...], history: Sequence[dict[str, Any]]) -> str:
        asked.append(tied)
        assert len(tied) > 1
        assert list(tied) == [option for option in OPTIONS if option in tied]
        assert all(option in stage for stage in history[-1:] for option in tied)
        return tied[-1]

    alone, ruled = election.outcome(), election.outcome(tie=tie)

    if alone.winners or not asked:
        assert ruled == alone
        assert not asked
    else:
        assert ruled.winners
        assert any("the rule for ties names" in line for line in ruled.transcript)


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"yes-no", "median", "pot"}))
def test_without_ballots_nobody_is_elected_and_no_lot_is_drawn(method: str) -> None:
    def tie(tied: tuple[str, ...], history: Any) -> str:
        raise AssertionError("nobody voted, and yet a lot was drawn")

    terms: dict[str, Any] = {"seats": 2} if method == "stv" else {}

    for ballots in ([], [[0, {"A": 1}]] if method in ("score", "star") else [[0, [["A"]]]]):
        found = Election(method, ballots, OPTIONS, terms).outcome(tie=tie)
        assert found.winners == ()


@pytest.mark.parametrize("method", ["approval", "irv", "score", "star"])
def test_without_ballots_what_is_in_force_now_stays(method: str) -> None:
    assert Election(method, [], OPTIONS, {"status_quo": "C"}).outcome().winners == ("C",)


@pytest.mark.parametrize("method", ["approval", "irv", "score", "star"])
@given(data=st.data())
@settings(max_examples=60)
def test_what_is_in_force_now_is_never_voted_out_by_a_tie(method: str, data: st.DataObject) -> None:
    """Where it is one of those who could win by some rule for ties, it wins by itself."""
    election = data.draw(elections(method))
    plain = Election(method, election.ballots, OPTIONS, {})
    final = plain.outcome()
    with_it = Election(method, election.ballots, OPTIONS, {"status_quo": "B"})

    if final.winners:
        assert with_it.outcome().winners == final.winners
    if not final.winners and method in ("approval", "score"):
        top = max(final.stages[0].values())
        expected = ("B",) if final.stages[0]["B"] == top else ()
        assert with_it.outcome().winners == expected
