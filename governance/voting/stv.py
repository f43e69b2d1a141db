"""Single transferable vote: several seats; what an elected option has over the quota, and all of an excluded one, goes
on to the next names on those ballots.

The Scottish rules (SSI 2007/42, rules 45 to 52). Amounts are whole units of 0.00001 vote; a value is cut to that, and
what is cut is counted apart from what has no next name, so that after every stage
    votes + not transferable + lost to cutting = ballots that count.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from msgspec import Struct

from governance.counted import elected, no_result
from governance.grouped import offered, papers, ranked
from governance.scottish import Count, Stage
from governance.tied import Tie, Ties
from governance.voting import Outcome
from ledger.errors import Usage

PLACES_MOST = 100


class Detailed(Struct, frozen=True, kw_only=True):
    """A whole count: ballots that count and those that do not, the quota, every stage with both counters, and the
    winners (() where a tie stays open) with those elected up to there."""

    valid: int
    blank: int
    quota: int
    stages: tuple[Stage, ...]
    winners: tuple[str, ...]
    elected: tuple[str, ...]
    transcript: tuple[str, ...]


def count(
    ballots: Sequence[Any],
    options: Sequence[str],
    *,
    seats: int,
    places: int = 5,
    overvote: str = "exhaust",
    tie: Tie | None = None,
) -> Outcome:
    """A stage is the votes of every option after it. `places` are the decimals of a vote; equal ranks end a ballot
    (overvote="exhaust") or are left out ("skip")."""
    whole = detailed(ballots, options, seats=seats, places=places, overvote=overvote, tie=tie)
    stages: tuple[dict[str, Fraction], ...] = tuple(stage.votes for stage in whole.stages)
    return Outcome(winners=whole.winners, stages=stages, transcript=whole.transcript)


def detailed(
    ballots: Sequence[Any],
    options: Sequence[str],
    *,
    seats: int,
    places: int = 5,
    overvote: str = "exhaust",
    tie: Tie | None = None,
) -> Detailed:
    """The same count with what is not transferable and what was lost to cutting at every stage."""
    listed = offered(options)
    _check(listed, seats, places)
    found = papers(ranked(ballots, listed), overvote)
    blank = found.pop((), 0)
    counting = Count(found, listed, seats, places, Ties(tie))
    opening = f"{counting.valid} ballots count, {blank} do not; seats {seats}, quota {counting.quota}."
    if counting.valid:
        counting.run()
    return Detailed(
        valid=counting.valid,
        blank=blank,
        quota=counting.quota,
        stages=tuple(counting.stages),
        winners=() if counting.open else tuple(counting.elected),
        elected=tuple(counting.elected),
        transcript=(opening, *counting.told, _last_line(counting)),
    )


def _last_line(counting: Count) -> str:
    if not counting.open:
        return elected(counting.elected)
    up_to = f"; elected up to there: {', '.join(counting.elected)}" if counting.elected else ""
    return no_result(counting.open + up_to)


def _check(options: Sequence[str], seats: int, places: int) -> None:
    if type(seats) is not int or not 1 <= seats < len(options):
        raise Usage(
            f"{len(options)} options for {seats!r} seats need no count.", "Give at least one seat, and more options."
        )
    if type(places) is not int or not 0 <= places <= PLACES_MOST:
        raise Usage(f"A vote cannot have {places!r} decimals.", f"Give a whole number from 0 to {PLACES_MOST}.")
