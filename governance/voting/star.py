"""STAR: you give every option points; of the two with the most, the one that more people put higher wins.

A ballot is {option: score}; an option left out has 0 points. Source: starvoting.org/ties. Equal points: who beats
more of the tied one against one, then who has more highest scores. Equal in the runoff: more points, then more highest
scores. Then what is in force now, where it is one of the tied, and the rule for ties.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from operator import mul
from typing import Any

from governance.counted import ballots_cast, elected, figures, listing, no_result
from governance.grouped import offered, scored
from governance.tied import Choice, Tie, Ties
from governance.voting import Outcome

Stage = dict[str, Fraction]
Step = tuple[str, Callable[[Sequence[str]], dict[str, int]]]
"""A way to tell tied options apart: what it looks at, and the figures of each of the tied."""


def count(
    ballots: Sequence[Any],
    options: Sequence[str],
    *,
    top: int = 5,
    tie: Tie | None = None,
    status_quo: str | None = None,
) -> Outcome:
    """The first stage are the points of every option, the second how many put which of the finalists higher."""
    listed, ties = offered(options), Ties(tie, status_quo)
    ties.check(listed)
    sheet = _Sheet(scored(ballots, listed, top), listed, top)
    stages = [_stage(sheet.totals)]
    told = [f"{ballots_cast(sum(sheet.numbers))}, points: {figures(sheet.totals)}."]
    if not any(sheet.totals.values()):
        winners = ties.no_votes()
        told.append(elected(winners, "nobody voted for anything") if winners else no_result("nobody voted"))
        return Outcome(winners=winners, stages=tuple(stages), transcript=tuple(told))
    finalists, why = _finalists(sheet, stages, told, ties)
    if why:
        return Outcome(winners=(), stages=tuple(stages), transcript=(*told, no_result(why)))
    choice = _runoff(sheet, finalists, stages, told, ties)
    winners = () if choice.option is None else (choice.option,)
    last = elected(winners, choice.why) if winners else no_result(choice.why)
    return Outcome(winners=winners, stages=tuple(stages), transcript=(*told, last))


class _Sheet:
    """All scores by option, and how many gave each row of them."""

    def __init__(self, found: dict[tuple[int, ...], int], options: Sequence[str], top: int) -> None:
        columns = list(zip(*found, strict=True)) if found else [()] * len(options)
        self.numbers = list(found.values())
        self.columns = dict(zip(options, columns, strict=True))
        self.top = top
        self.totals = {option: sum(map(mul, self.numbers, column)) for option, column in self.columns.items()}

    def higher(self, one: str, other: str) -> int:
        """How many put `one` above `other`."""
        rows = zip(self.numbers, self.columns[one], self.columns[other], strict=True)
        return sum([number for number, this, that in rows if this > that])

    def points(self, tied: Sequence[str]) -> dict[str, int]:
        return {option: self.totals[option] for option in tied}

    def wins(self, tied: Sequence[str]) -> dict[str, int]:
        """How many of the tied each of them beats one against one."""
        return {
            one: sum(self.higher(one, other) > self.higher(other, one) for other in tied if other != one)
            for one in tied
        }

    def highest_scores(self, tied: Sequence[str]) -> dict[str, int]:
        """How many gave each of the tied the highest score there is."""
        return {
            option: sum(
                [number for number, score in zip(self.numbers, self.columns[option], strict=True) if score == self.top]
            )
            for option in tied
        }


def _finalists(sheet: _Sheet, stages: Sequence[Stage], told: list[str], ties: Ties) -> tuple[list[str], str]:
    """The two that go to the runoff (one where there is only one), or why a tie stays open."""
    steps: tuple[Step, ...] = (("wins one against one", sheet.wins), ("highest scores", sheet.highest_scores))
    left = list(sheet.totals)
    found: list[str] = []
    while left and len(found) < 2:
        most = max(sheet.totals[option] for option in left)
        tied = [option for option in left if sheet.totals[option] == most]
        if len(tied) > 2 - len(found):
            tied = _kept(tied, 2 - len(found), steps, told)
        if len(tied) > 2 - len(found):
            choice = ties.elect(tied, stages)
            if choice.option is None:
                return [], choice.why
            told.append(f"{choice.why}.")
            tied = [choice.option]
        found += tied
        left = [option for option in left if option not in tied]
    return found, ""


def _kept(tied: list[str], places: int, steps: Sequence[Step], told: list[str]) -> list[str]:
    """Those of the tied that the steps put first, looking no further once they fit into the places."""
    for what, look in steps:
        found = look(tied)
        told.append(f"{listing(tied)} tie; {what}: {figures(found)}.")
        most = max(found.values())
        tied = [option for option in tied if found[option] == most]
        if len(tied) <= places:
            break
    return tied


def _runoff(sheet: _Sheet, finalists: Sequence[str], stages: list[Stage], told: list[str], ties: Ties) -> Choice:
    """Who wins between the finalists, and how."""
    if len(finalists) == 1:
        return Choice(finalists[0], "the only option")
    one, other = finalists
    preferred = {one: sheet.higher(one, other), other: sheet.higher(other, one)}
    stages.append(_stage(preferred))
    neither = sum(sheet.numbers) - sum(preferred.values())
    told.append(f"Runoff between {one} and {other}: {figures(preferred)}; no preference {neither}.")
    if preferred[one] != preferred[other]:
        return Choice(max(finalists, key=preferred.__getitem__), f"preferred by {max(preferred.values())}")
    steps: tuple[Step, ...] = (("points", sheet.points), ("highest scores", sheet.highest_scores))
    kept = _kept(list(finalists), 1, steps, told)
    return ties.elect([option for option in sheet.totals if option in kept], stages)


def _stage(votes: dict[str, int]) -> Stage:
    return {option: Fraction(number) for option, number in votes.items()}
