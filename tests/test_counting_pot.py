"""Split the pot: nothing is left, nobody gains by pretending."""

from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.voting import count
from tests.drawn import OPTIONS, splits

ballots_of = st.lists(st.tuples(st.integers(1, 3), splits()).map(list), min_size=1, max_size=7)


def shares(ballots: list[Any], options: Any = OPTIONS) -> dict[str, Fraction]:
    return count("pot", ballots, options).stages[-1]


def by_phantoms(ballots: list[Any]) -> dict[str, Fraction]:
    """The split once more as it was published: medians with phantoms, and the first break where they come to one."""
    votes = [ballot for number, ballot in ballots for _ in range(number)]
    n = len(votes)

    def medians(t: Fraction) -> dict[str, Fraction]:
        phantoms = [min(t * (n - k), Fraction(1)) for k in range(n + 1)]
        return {
            option: sorted([*phantoms, *(Fraction(vote.get(option, 0)) for vote in votes)])[n] for option in OPTIONS
        }

    values = {Fraction(1), *(Fraction(part) for vote in votes for part in vote.values())}
    breaks = sorted({Fraction(0), *(value / (n - k) for value in values for k in range(n) if value <= n - k)})
    low, high = 0, len(breaks) - 1
    while low < high:
        middle = (low + high) // 2
        if sum(medians(breaks[middle]).values()) >= 1:
            high = middle
        else:
            low = middle + 1
    after = sum(medians(breaks[low]).values())
    if after == 1:
        return medians(breaks[low])
    before = sum(medians(breaks[low - 1]).values())
    return medians(breaks[low - 1] + (1 - before) * (breaks[low] - breaks[low - 1]) / (after - before))


@given(ballots_of)
@settings(max_examples=150)
def test_a_price_of_support_gives_what_phantoms_and_medians_give(ballots: list[Any]) -> None:
    assert shares(ballots) == by_phantoms(ballots)


@given(ballots_of)
@settings(max_examples=150)
def test_the_parts_make_exactly_one_and_none_is_below_nothing(ballots: list[Any]) -> None:
    found = shares(ballots)

    assert sum(found.values()) == 1
    assert all(part >= 0 for part in found.values())


@given(splits(), st.integers(1, 9))
def test_what_all_want_is_what_all_get(wanted: dict[str, Fraction], many: int) -> None:
    assert shares([[many, wanted]]) == {option: wanted.get(option, Fraction(0)) for option in OPTIONS}


@given(ballots_of)
@settings(max_examples=80)
def test_an_option_gets_no_more_than_its_keenest_friend_wants(ballots: list[Any]) -> None:
    found = shares(ballots)

    for option in OPTIONS:
        assert found[option] <= max(ballot.get(option, Fraction(0)) for _, ballot in ballots)


def away(wanted: dict[str, Fraction], found: dict[str, Fraction]) -> Fraction:
    """How far a split is from what somebody wants: all differences added up."""
    return sum((abs(wanted.get(option, Fraction(0)) - found[option]) for option in OPTIONS), Fraction(0))


@given(ballots_of, splits(), splits())
@settings(max_examples=400)
def test_nobody_comes_nearer_to_what_they_want_by_proposing_something_else(
    others: list[Any], wanted: dict[str, Fraction], pretended: dict[str, Fraction]
) -> None:
    honest = shares([*others, [1, wanted]])
    other = shares([*others, [1, pretended]])

    assert away(wanted, honest) <= away(wanted, other)


def test_a_plain_mean_would_reward_pretending() -> None:
    """So that the property above is known to say something."""
    wanted, pretended = {"A": Fraction(2, 3), "B": Fraction(1, 3)}, {"A": Fraction(1)}

    def mean(mine: dict[str, Fraction]) -> dict[str, Fraction]:
        votes = [{"A": Fraction(1)}, {"B": Fraction(1)}, mine]
        return {option: sum((vote.get(option, Fraction(0)) for vote in votes), Fraction(0)) / 3 for option in OPTIONS}

    assert away(wanted, mean(wanted)) == Fraction(2, 9)
    assert away(wanted, mean(pretended)) == 0


def test_two_hundred_members_and_awkward_fractions_are_split_exactly() -> None:
    chance = Random(2)
    ballots = []
    for _ in range(200):
        weights = [chance.randint(0, 97) for _ in OPTIONS]
        weights[0] += 1
        ballots.append([1, {o: Fraction(w, sum(weights)) for o, w in zip(OPTIONS, weights, strict=True)}])

    assert sum(shares(ballots).values()) == 1


def test_without_ballots_the_split_in_force_stays() -> None:
    now = {"A": Fraction(3, 4), "B": Fraction(1, 4)}
    found = count("pot", [], OPTIONS, status_quo=now)

    assert found.winners == ("A", "B")
    assert found.stages == ({"A": Fraction(3, 4), "B": Fraction(1, 4), "C": Fraction(0), "D": Fraction(0)},)
    assert found.transcript[-1] == "Elected: A with 3/4 and B with 1/4 (as it is now: nobody voted)."
    assert count("pot", [], OPTIONS).winners == ()
