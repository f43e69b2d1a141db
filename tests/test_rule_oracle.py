"""Where rounding owes nobody anything, a pot is shared as the library `apportionment` does by largest remainders."""

import json
import random
from fractions import Fraction

import pytest
from apportionment.methods import TiesException, compute
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ledger.money import split
from tests.trial import tried

votes = st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any)
seats = st.integers(1, 10**9)


def by_the_library(weights: list[int], total: int) -> list[int]:
    """Hamilton's method in exact fractions; cases it could only decide by a tie are left out."""
    try:
        return [int(part) for part in compute("hamilton", weights, total, fractions=True, tiesallowed=False)]
    except TiesException:
        assume(False)
        raise


@settings(max_examples=2000, deadline=None)
@given(votes, seats)
def test_without_debts_every_part_is_the_librarys(weights: list[int], total: int) -> None:
    ours = split(total, {f"m{place:02}": weight for place, weight in enumerate(weights)}, {}, b"main/2026-10")

    assert list(ours.values()) == by_the_library(weights, total)


@settings(max_examples=500, deadline=None)
@given(votes, seats, st.integers(1, 10**4))
def test_fractions_of_weights_are_shared_alike(weights: list[int], total: int, whole: int) -> None:
    ours = split(total, {f"m{place:02}": Fraction(weight, whole) for place, weight in enumerate(weights)})

    assert list(ours.values()) == by_the_library(weights, total)


@pytest.mark.parametrize("seed", range(30))
def test_a_whole_run_of_a_rule_shares_as_the_library_does(seed: int) -> None:
    """The same through rule, facts and answer, as somebody tries it without a ledger."""
    chance = random.Random(seed)
    hours = [chance.randint(1, 10**4) for _ in range(chance.randint(2, 30))]
    total = chance.randint(1, 10**7)
    items = [{"who": f"m{place:02}", "role": "work", "kind": "hour", "qty": qty} for place, qty in enumerate(hours)]
    facts = {"currency": "JPY", "exponent": 0, "amount": str(total), "items": items, "seed": str(seed)}
    answer = tried('points.work.hour = 3\nincome = { share = "points", rest = "carry" }', json.dumps(facts))

    try:
        theirs = compute("hamilton", hours, total, fractions=True, tiesallowed=False)
    except TiesException:
        pytest.skip("a tie, which theirs decides by the order of names")
    assert [int(answer["balances"].get(f"m{place:02}", "0")) for place in range(len(hours))] == theirs


def test_the_library_would_notice_a_unit_too_many() -> None:
    assert by_the_library([5, 3, 1], 100) == [56, 33, 11]
    assert by_the_library([445455, 9091, 545455], 22000) == [9800, 200, 12000]
