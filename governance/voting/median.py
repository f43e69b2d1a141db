"""Median: everybody names a number, and the one in the middle holds; so nobody gains by naming an extreme one.

A ballot is a whole number or a fraction. With an even number of ballots, what is in force now counts as one more.
"""

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any

from governance.counted import ballots_cast, elected, no_result
from governance.grouped import apart
from governance.tied import Tie
from governance.voting import Outcome
from ledger.errors import Usage

Number = int | Fraction


def count(
    ballots: Sequence[Any],
    options: Sequence[str] = (),  # noqa: ARG001  (numbers are not listed; every count is called the same way)
    *,
    status_quo: Number | None = None,
    tie: Tie | None = None,  # noqa: ARG001  (a median never asks)
) -> Outcome:
    """The winner is the number as a text, "7" or "15/2". The one stage is how many ballots named each number. Without
    `status_quo`, an even number of ballots has a result where its two middle numbers are the same."""
    if status_quo is not None:
        _check(status_quo)
    named = _added_up(ballots)
    cast = sum(named.values())
    stages = ({str(number): Fraction(named[number]) for number in sorted(named)},)
    opening = ballots_cast(cast) + (f", from {min(named)} to {max(named)}." if named else ".")
    if cast % 2 == 0:
        if status_quo is not None:
            named = named | {status_quo: named.get(status_quo, 0) + 1}
            opening += f" What is in force now, {status_quo}, counts as one more, since their number is even."
        elif not cast or _at(named, cast // 2) != _at(named, cast // 2 + 1):
            why = "two numbers are in the middle" if cast else "nobody voted"
            return Outcome(winners=(), stages=stages, transcript=(opening, no_result(why)))
    found = _at(named, sum(named.values()) // 2 + 1)
    less = sum(many for number, many in named.items() if number < found)
    more = sum(many for number, many in named.items() if number > found)
    return Outcome(
        winners=(str(found),),
        stages=stages,
        transcript=(
            opening,
            f"{_say(less)} less than {found}, {_say(more)} more.",
            elected((str(found),), "the middle"),
        ),
    )


def _say(many: int) -> str:
    return f"{many} say{'s' if many == 1 else ''}"


def _added_up(ballots: Sequence[Any]) -> dict[Number, int]:
    """How many named each number."""
    named: dict[Number, int] = {}
    for many, number in zip(*apart(ballots), strict=True):
        _check(number)
        named[number] = named.get(number, 0) + many
    return {number: many for number, many in named.items() if many}


def _check(number: Any) -> None:
    if not isinstance(number, int | Fraction) or isinstance(number, bool):
        raise Usage(f"{number!r} is no number that can be voted for.", "Name a whole number or a fraction.")


def _at(named: dict[Number, int], place: int) -> Number:
    """The number at this place of the sorted ballots, the first being 1."""
    numbers = sorted(named)
    up_to = list(accumulate(named[number] for number in numbers))
    return numbers[bisect_left(up_to, place)]
