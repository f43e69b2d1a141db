"""Score: you give every option points from 0 to 5, and the highest sum wins.

A ballot is {option: score}; an option left out has 0 points. Equal highest: what is in force now wins a tie it is
part of, else the tie stays open for the rule for ties.
"""

from collections.abc import Sequence
from operator import mul
from typing import Any

from governance.grouped import offered, scored
from governance.highest import highest
from governance.tied import Tie, Ties
from governance.voting import Outcome


def count(
    ballots: Sequence[Any],
    options: Sequence[str],
    *,
    top: int = 5,
    tie: Tie | None = None,
    status_quo: str | None = None,
) -> Outcome:
    """One stage: the sum of the points of each option; `top` is the highest score that may be given."""
    listed, ties = offered(options), Ties(tie, status_quo)
    ties.check(listed)
    found = scored(ballots, listed, top)
    numbers = list(found.values())
    columns = zip(*found, strict=True) if found else [() for _ in listed]
    totals = {option: sum(map(mul, numbers, column)) for option, column in zip(listed, columns, strict=True)}
    return highest(totals, sum(numbers), "points", ties)
