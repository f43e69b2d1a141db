"""The stages of a Scottish count: who has reached the quota, whose surplus moves on, who goes out.

Amounts inside are whole units of 10^-places vote (SSI 2007/42: five places); values are cut, never rounded. Ties go
to the latest stage that tells the tied apart, then to the rule for ties. The use of it is `governance.voting.stv`.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from msgspec import Struct

from governance.counted import decimal, listing, most_first
from governance.grouped import Paper
from governance.tied import Choice, Ties, looked_back

Pile = list[tuple[int, Paper, int, int]]
"""How many papers, the paper, the place on it that it counts for now, and the value of one such paper in units."""


class Stage(Struct, frozen=True, kw_only=True):
    """How things stand after a stage, in votes: of each option, of papers without a next name, cut away; and who was
    elected at its end."""

    votes: dict[str, Fraction]
    non_transferable: Fraction
    lost_to_truncation: Fraction
    elected: tuple[str, ...]


class Count:
    """One count on its way: `run` takes it to its end, or to a tie that stays open (`open` says which)."""

    def __init__(
        self, papers: Mapping[Paper, int], options: Sequence[str], seats: int, places: int, ties: Ties
    ) -> None:
        self.valid = sum(papers.values())
        self.quota = self.valid // (seats + 1) + 1
        self.stages: list[Stage] = []
        self.told: list[str] = []
        self.elected: list[str] = []
        self.open = "" if self.valid else "nobody voted"
        self._papers, self._seats, self._places, self._ties = papers, seats, places, ties
        self._unit = 10**places
        self._piles: dict[str, Pile] = {option: [] for option in options}
        self._votes = dict.fromkeys(options, 0)
        self._hopeful = list(options)
        self._surplus: list[str] = []  # elected, with votes above the quota that have not moved yet
        self._non_transferable = self._lost = 0

    def run(self) -> None:
        """Stage by stage, surpluses before exclusions."""
        for paper, number in self._papers.items():
            self._hand_on(number, paper, -1, self._unit)
        self._end_stage("first preferences")
        while self._hopeful and len(self.elected) < self._seats and not self.open:
            if self._surplus:
                self._move_surplus()
            else:
                self._exclude()

    def _move_surplus(self) -> None:
        """Every paper of the largest surplus goes on at a lower value."""
        choice = self._chosen(self._surplus, largest=True)
        if choice.option is None:
            return
        option, has = choice.option, self._votes[choice.option]
        over = has - self.quota * self._unit
        self._surplus.remove(option)
        moved = 0
        for number, paper, place, value in self._emptied(option):
            # One whole division for each value, as rule 48 (3) has it; what is cut is lost.
            lower = over * value // has
            moved += number * lower
            self._hand_on(number, paper, place, lower)
        self._lost += over - moved
        self._votes[option] = has - over
        self._end_stage(f"the surplus of {option}, {self._say(over)}, moves on{_because(choice)}")

    def _exclude(self) -> None:
        """All papers of the option with the fewest votes go on at the value they have."""
        choice = self._chosen(self._hopeful, largest=False)
        if choice.option is None:
            return
        option, has = choice.option, self._votes[choice.option]
        self._hopeful.remove(option)
        for number, paper, place, value in self._emptied(option):
            self._hand_on(number, paper, place, value)
        self._votes[option] = 0
        self._end_stage(f"{option} is out with {self._say(has)}{_because(choice)}")

    def _chosen(self, among: Sequence[str], *, largest: bool) -> Choice:
        """Who of these has the most or the fewest votes; a tie that nothing solves stops the count."""
        extreme = max if largest else min
        votes = extreme(self._votes[option] for option in among)
        tied = [option for option in self._votes if option in among and self._votes[option] == votes]
        if not votes and 1 < len(tied) <= len(self._hopeful) - (self._seats - len(self.elected)):
            # All of them go out before anything else can happen, and no paper moves by it.
            return Choice(tied[0], f"nor has {listing(tied[1:])} any; no paper moves, so their order decides nothing")
        history = [stage.votes for stage in self.stages]
        choice = looked_back(tied, history, extreme)
        if choice is None:
            choice = (self._ties.elect if largest else self._ties.exclude)(tied, history)
        self.open = choice.why if choice.option is None else ""
        return choice

    def _emptied(self, option: str) -> Pile:
        pile, self._piles[option] = self._piles[option], []
        return pile

    def _hand_on(self, number: int, paper: Paper, place: int, value: int) -> None:
        """Papers go to the next name on them that is hopeful now."""
        for later in range(place + 1, len(paper)):
            if paper[later] in self._hopeful:
                self._piles[paper[later]].append((number, paper, later, value))
                self._votes[paper[later]] += number * value
                return
        self._non_transferable += number * value

    def _end_stage(self, what: str) -> None:
        """Write down how things stand, and elect whoever can be elected now."""
        votes = dict(self._votes)
        self.told.append(f"Stage {len(self.stages) + 1}, {what}: {self._figures(votes)}.")
        reached = [option for option in most_first(votes) if self._reaches(option)]
        self._elect(reached, "reached the quota")
        if len(self._hopeful) <= self._seats - len(self.elected):
            rest = [option for option in most_first(votes) if option in self._hopeful]
            self._elect(rest, "no more are left than seats")
            reached += rest
        self._surplus += [option for option in reached if votes[option] > self.quota * self._unit]
        self.stages.append(
            Stage(
                votes={option: Fraction(units, self._unit) for option, units in votes.items()},
                non_transferable=Fraction(self._non_transferable, self._unit),
                lost_to_truncation=Fraction(self._lost, self._unit),
                elected=tuple(reached),
            )
        )

    def _reaches(self, option: str) -> bool:
        return option in self._hopeful and self._votes[option] >= self.quota * self._unit

    def _elect(self, options: Sequence[str], why: str) -> None:
        if not options:
            return
        self.elected += options
        self._hopeful = [option for option in self._hopeful if option not in options]
        self.told.append(f"{listing(options)} {'are' if len(options) > 1 else 'is'} elected: {why}.")

    def _figures(self, votes: Mapping[str, int]) -> str:
        shown = ", ".join(f"{option} {self._say(votes[option])}" for option in most_first(votes))
        return f"{shown}; not transferable {self._say(self._non_transferable)}, cut away {self._say(self._lost)}"

    def _say(self, units: int) -> str:
        return decimal(units, self._places)


def _because(choice: Choice) -> str:
    return f" ({choice.why})" if choice.why else ""
