"""Instant runoff: your vote counts for the option you like best; the weakest goes out, round by round, until one has
more than half.

A ballot counts for its first option that is still in. Equal ranks end it there. One option goes out a round, also
where nobody chose it. A tie for fewest votes: who alone had the fewest at the latest round that tells the tied apart,
then the rule for ties; what is in force now never goes out by a tie. Options without a single vote are no such tie:
in whatever order they go out, no ballot moves.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from governance.counted import elected, figures, listing, no_result
from governance.grouped import Paper, Tiers, offered, papers, ranked
from governance.pairwise import condorcet_winner, matrix
from governance.tied import Choice, Tie, Ties, looked_back
from governance.voting import Outcome

Piles = dict[str, list[tuple[int, Paper, int]]]
"""For each option still in: how many papers, the paper, and the place on it that it counts for now."""


def count(
    ballots: Sequence[Any], options: Sequence[str], *, tie: Tie | None = None, status_quo: str | None = None
) -> Outcome:
    """A stage is the tally of a round, of those still in. Where somebody else would have beaten every other option
    one against one, the last line says so."""
    listed, ties = offered(options), Ties(tie, status_quo)
    ties.check(listed)
    found = ranked(ballots, listed)
    stages, told, winners, how = _rounds(_dealt(papers(found), listed), sum(found.values()), ties)
    last = elected(winners, how) + _notice(winners[0], found, listed) if winners else no_result(how)
    return Outcome(winners=winners, stages=tuple(stages), transcript=(*told, last))


def _rounds(piles: Piles, cast: int, ties: Ties) -> tuple[list[dict[str, Fraction]], list[str], tuple[str, ...], str]:
    """Stages, lines, winners, and how they won or why there is none."""
    stages: list[dict[str, Fraction]] = []
    told: list[str] = []
    while True:
        votes = {option: sum(number for number, _, _ in pile) for option, pile in piles.items()}
        active = sum(votes.values())
        stages.append({option: Fraction(number) for option, number in votes.items()})
        told.append(f"Round {len(stages)}: {figures(votes)}; exhausted {cast - active}.")
        if not active:
            return stages, told, ties.no_votes(), "no ballot counts for anything that is still in"
        leader, most = max(votes.items(), key=lambda one: one[1])
        # Where two are left and one of them leads, that one also has more than half.
        if 2 * most > active:
            return stages, told, (leader,), f"{most} of the {active} that count in round {len(stages)}"
        out = _weakest(votes, stages, ties)
        if out.option is None:
            return stages, told, (), out.why
        told.append(f"Out: {out.option}, with {votes[out.option]}" + (f": {out.why}." if out.why else "."))
        _pass_on(piles, out.option)
        if len(piles) == 1:
            return stages, told, tuple(piles), f"the other of two with {most} each"


def _weakest(votes: Mapping[str, int], stages: Sequence[Mapping[str, Fraction]], ties: Ties) -> Choice:
    fewest = min(votes.values())
    tied = [option for option, number in votes.items() if number == fewest]
    if not fewest and len(tied) > 1:
        return Choice(tied[0], f"nor has {listing(tied[1:])} any; no ballot moves, so their order decides nothing")
    return looked_back(tied, stages, min) or ties.exclude(tied, stages)


def _dealt(found: Mapping[Paper, int], options: Sequence[str]) -> Piles:
    piles: Piles = {option: [] for option in options}
    for paper, number in found.items():
        if paper:
            piles[paper[0]].append((number, paper, 0))
    return piles


def _pass_on(piles: Piles, out: str) -> None:
    """Take an option out; its papers go to their next option that is still in, or count no longer."""
    for number, paper, place in piles.pop(out):
        for later in range(place + 1, len(paper)):
            if paper[later] in piles:
                piles[paper[later]].append((number, paper, later))
                break


def _notice(winner: str, found: Mapping[Tiers, int], options: Sequence[str]) -> str:
    preferred = condorcet_winner(matrix(found, options))
    if preferred in (None, winner):
        return ""
    return f" Notice: {preferred} would have beaten every other option one against one."
