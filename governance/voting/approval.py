"""Approval: you approve of as many options as you like, and the one most approve of wins.

A ballot is one tier with the options approved of, [["bus", "train"]], or just the list of them. Equal highest: what
is in force now wins a tie it is part of, else the tie stays open for the rule for ties.
"""

from collections.abc import Sequence
from typing import Any

from governance.grouped import approved, offered
from governance.highest import highest
from governance.tied import Tie, Ties
from governance.voting import Outcome


def count(
    ballots: Sequence[Any], options: Sequence[str], *, tie: Tie | None = None, status_quo: str | None = None
) -> Outcome:
    """One stage: how many approve of each option."""
    listed, ties = offered(options), Ties(tie, status_quo)
    ties.check(listed)
    totals = dict.fromkeys(listed, 0)
    cast = 0
    for chosen, number in approved(ballots, listed).items():
        cast += number
        for option in chosen:
            totals[option] += number
    return highest(totals, cast, "approvals", ties)
