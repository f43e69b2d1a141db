"""A share rule as data: the pots money flows through, the accounts it ends on, and what work counts.

Everything is frozen and plain. What a pot does with its money is its verb, one file in `governance/rules/`;
here stands only what every verb can be asked.
"""

from collections.abc import Collection, Mapping
from fractions import Fraction
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from governance.rule_values import Amount, Portion

if TYPE_CHECKING:
    from governance.among import Among
    from governance.turn import Outcome, Turn

STARTS = ("income", "surplus", "loss")
"""The pots that the engine feeds."""

RESERVED = ("rest", "carry", "held", "balance", "result")
"""Names that are built in: what is left, what stays in the pot, disputed money, what is payable, the year's result."""

RESULT, CARRY, REST, HELD, BALANCE = "result", "carry", "rest", "held", "balance"

INDIVISIBLE, OWED, FUND, MEMBER = "indivisible", "owed", "fund", "member"
KINDS_OF_ACCOUNT = (INDIVISIBLE, OWED, FUND, MEMBER)
TRUE_UP = "true_up"
"""Of late work: it changes what the period of its date paid."""

MINUTE, MONEY, PIECE = "minute", "money", "piece"
HOUR = "hour"
"""The kind of work that is measured in hours everywhere, in the catalogue or not."""


class Account(Struct, frozen=True, kw_only=True):
    """Where money lies: indivisible, owed to a party, a fund, or one balance per member (perhaps with interest)."""

    kind: str
    interest: Portion | None = None


class Ask(Struct, frozen=True, kw_only=True):
    """A number that members set by a median vote: the one in force, and its bounds."""

    now: Portion
    min: Portion
    max: Portion


class Kind(Struct, frozen=True, kw_only=True):
    """One line of the catalogue: what a piece of work of this kind weighs, or claims.

    `per` is (number, unit): minutes, money in major units, or pieces; `per_text` is how the rule writes it. `when` is
    "done", or "paid" for what weighs by the money that came in. `life` of a claim is "until paid" or "once".
    """

    points: Fraction | None = None
    per: tuple[Fraction, str] = (Fraction(1), PIECE)
    per_text: str = "1"
    when: str = "done"
    claim: Amount | None = None
    life: str = "until paid"

    @property
    def quantity(self) -> Fraction:
        """The quantity that `points` or `claim` are for: in hours where the kind is timed, else as in `per`."""
        number, unit = self.per
        return number / 60 if unit == MINUTE else number


class Verb(Protocol):
    """What one pot does with its money. A file in `governance/rules/` has one such class and `read`, which makes it."""

    def targets(self) -> tuple[str, ...]:
        """Every pot and account (never a person, never "carry") that money may flow to."""

    def amounts(self) -> tuple[Amount, ...]:
        """Every amount written in it."""

    def sharing(self) -> "Among | None":
        """Among whom it shares, and by what; None where it names no people."""

    def run(self, turn: "Turn") -> "Outcome":
        """Where the pot's amount goes. Its moves add up to the amount."""

    def lose(self, turn: "Turn") -> "Outcome":
        """From where a loss is taken. Its moves add up to the amount; what nobody covers goes to "result"."""

    def cannot_lose(self, accounts: Mapping[str, Account]) -> str:
        """Why a loss may not reach this pot, "" if it may."""

    def payable_from(self) -> Amount | None:
        """Less than this waits on the balance instead of being paid out; None: nothing waits."""

    def words(self) -> tuple[str, ...]:
        """What it does, in clauses of a sentence that begins with the pot's name; the first has its predicate."""

    def lost_words(self) -> tuple[str, ...]:
        """The same of a loss: from where it is taken."""


class Pot(Struct, frozen=True, kw_only=True):
    """A place money passes: it has one verb, by name, and how the verb is said."""

    name: str
    verb: str
    how: Verb


class Rule(Struct, frozen=True, kw_only=True):
    """One share rule, whole and sound: whatever made it refused anything else."""

    title: str
    late: str  # "next_period", "true_up" or "reject"
    accounts: Mapping[str, Account]
    asks: Mapping[str, Ask]
    points: Mapping[str, Mapping[str, Kind]]  # role -> kind -> line
    pots: Mapping[str, Pot]
    moved: Mapping[str, str]  # a pot or account of an earlier rule -> where its money goes

    def listed(self, role: str, kind: str) -> Kind:
        """The line of the catalogue; of what is not listed, one without points. Hours are hours everywhere."""
        found = self.points.get(role, {}).get(kind)
        return found or (UNLISTED_HOUR if kind == HOUR else UNLISTED)

    def is_member(self, account: str) -> bool:
        """Whether an account has one balance per person."""
        return account in self.accounts and self.accounts[account].kind == MEMBER

    def payable_from(self, exponent: int) -> int:
        """A balance below this is not paid out yet: the highest `minimum` of any pot, in minor units."""
        amounts = [pot.how.payable_from() for pot in self.pots.values()]
        return max((amount.minor(exponent) for amount in amounts if amount), default=0)

    def order(self, start: str) -> list[str]:
        """The pots of a run: all that `start` can reach, each after those that feed it; of those ready, by name."""
        onward = self.onward()
        return flow({name: onward[name] for name in reach(onward, {start})})

    def onward(self) -> dict[str, set[str]]:
        """Each pot with the pots that money flows to from it."""
        return {name: {to for to in pot.how.targets() if to in self.pots} for name, pot in self.pots.items()}


def flow(onward: Mapping[str, set[str]]) -> list[str]:
    """Names, each after those that lead to it; of those ready, the first. What lies in or behind circles is missing."""
    feeders = dict.fromkeys(onward, 0)
    for name in onward:
        for to in onward[name]:
            feeders[to] += 1
    ordered, ready = list[str](), [name for name in onward if not feeders[name]]
    heapify(ready)
    while ready:
        ordered.append(heappop(ready))
        for to in onward[ordered[-1]]:
            feeders[to] -= 1
            if not feeders[to]:
                heappush(ready, to)
    return ordered


def reach(onward: Mapping[str, set[str]], starts: Collection[str]) -> set[str]:
    """The starts and all that they lead to."""
    reached, ahead = set(starts), list(starts)
    while ahead:
        new = onward[ahead.pop()] - reached
        reached |= new
        ahead.extend(new)
    return reached


UNLISTED = Kind()
UNLISTED_HOUR = Kind(per=(Fraction(60), MINUTE), per_text="1h")
