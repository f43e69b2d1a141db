"""What becomes of a tie: the count's own steps, then what is in force now, then whoever was asked; never chance.

A tie callback is given the tied options in the order listed and the stages up to there, and names one of them: it
is elected where the step elects, and excluded where the step excludes. Source: governance of ties and lots.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from msgspec import Struct

from governance.counted import listing
from governance.grouped import one_of
from ledger.errors import Usage

History = Sequence[Mapping[str, Fraction]]
Tie = Callable[[tuple[str, ...], History], str]


class Choice(Struct, frozen=True):
    """Which option a step chose (None: it could not), and the reason as a part of a sentence ("" where it is plain)."""

    option: str | None
    why: str = ""


class Ties(Struct, frozen=True):
    """How a count solves the ties that its own steps leave: `tie` is asked last; without it they stay open."""

    tie: Tie | None = None
    status_quo: str | None = None

    def check(self, options: Sequence[str]) -> None:
        """Usage where the status quo is no option."""
        if self.status_quo is not None:
            one_of(options, self.status_quo, "The status quo")

    def elect(self, tied: Sequence[str], history: History) -> Choice:
        """Who of the tied goes on: the status quo where it is one of them, else whom the callback names."""
        if len(tied) == 1:
            return Choice(tied[0])
        if self.status_quo in tied:
            return Choice(self.status_quo, f"{listing(tied)} tie, and what is in force now wins a tie")
        return self._named(tied, history)

    def exclude(self, tied: Sequence[str], history: History) -> Choice:
        """Who of the tied has to go: never the status quo, else whom the callback names."""
        if len(tied) == 1:
            return Choice(tied[0])
        others = [option for option in tied if option != self.status_quo]
        if len(others) == 1:
            return Choice(others[0], f"{listing(tied)} tie, and what is in force now wins a tie")
        return self._named(others, history)

    def no_votes(self) -> tuple[str, ...]:
        """The winners where nobody voted for anything: what is in force now."""
        return () if self.status_quo is None else (self.status_quo,)

    def _named(self, tied: Sequence[str], history: History) -> Choice:
        if self.tie is None:
            return Choice(None, f"{listing(tied)} tie, and this way of counting alone cannot choose between them")
        named = self.tie(tuple(tied), history)
        if named not in tied:
            raise Usage(f"The tie of {listing(tied)} was answered with {named!r}.", "Name one of the tied.")
        return Choice(named, f"{listing(tied)} tie, and the rule for ties names {named}")


def looked_back(
    tied: Sequence[str], history: History, extreme: Callable[[Iterable[Fraction]], Fraction]
) -> Choice | None:
    """Who of the tied alone had the most (`max`) or the fewest (`min`) votes at the latest stage that tells them apart.

    A stage where some of the tied share that place tells nothing, and all of them are looked at one stage before.
    """
    for number in range(len(history), 0, -1):
        votes = history[number - 1]
        best = extreme(votes[option] for option in tied)
        found = [option for option in tied if votes[option] == best]
        if len(found) == 1:
            amount = "most" if extreme is max else "fewest"
            why = f"{listing(tied)} tie, and {found[0]} alone had the {amount} at stage {number}"
            return Choice(found[0], why if number < len(history) else "")
    return None
