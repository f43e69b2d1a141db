"""One pot's turn in a run: what a verb finds, and what it decides.

A verb changes nothing. It reads its turn and answers with an outcome; the run then moves the money.
"""

from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct

from governance.rule import CARRY, RESULT, Rule
from governance.rule_names import Level
from governance.run_facts import Facts, Part, bounded
from ledger import money


class Move(Struct, frozen=True):
    """Money for a pot, an account or "carry"; with `account`, for a person's account."""

    to: str
    amount: int
    account: str | None = None


class Outcome(Struct, frozen=True, kw_only=True):
    """What a pot's turn decided. `debts` are the new ones of those it names; `open` None leaves claims as they were."""

    moves: tuple[Move, ...]
    parts: tuple[Part, ...]
    debts: Mapping[str, int] = {}
    open: Mapping[str, int] | None = None


class Cents(Struct, frozen=True, kw_only=True):
    """Whole units by lifetime-fair cents, and the debts rounding leaves, in 10^-9 units."""

    parts: Mapping[str, int]
    debts: Mapping[str, int]


class Turn(Struct, frozen=True, kw_only=True):
    """What a pot finds when its turn comes: its amount, the facts before the run, the accounts as they stand now."""

    rule: Rule
    facts: Facts
    pot: str
    amount: int
    accounts: Mapping[str, int]
    members: Mapping[str, Mapping[str, int]]

    def room(self, level: Level, given: int) -> int:
        """How much an account still takes up to its level, after what this turn gave it already."""
        return max(0, self._height(level) - self.accounts.get(level.account, 0) - given)

    def holds(self, name: str, taken: int) -> int:
        """What may still be taken from a place in a loss; a pot, or the result, is limited by nothing."""
        if name in self.rule.pots or name in (CARRY, RESULT):
            return self.amount
        return max(0, self.accounts.get(name, 0) - taken)

    @property
    def debts(self) -> Mapping[str, int]:
        """What rounding owes people and places in this pot, in 10^-9 units."""
        return self.facts.debts.get(self.pot, {})

    def debt(self, name: str) -> int:
        """The same of somebody or some place."""
        return self.debts.get(name, 0)

    def cents(self, total: int, weights: Mapping[str, int | Fraction], sign: int = 1) -> Cents:
        """The total in whole units by these weights. A loss has sign -1: its debts count the other way round."""
        held = self.debts
        before = {name: sign * held.get(name, 0) for name in weights}
        parts, after = money.split_and_owed(total, weights, before, f"{self.pot}/{self.facts.seed}".encode())
        return Cents(parts=parts, debts={name: bounded(sign * debt) for name, debt in after.items()})

    def _height(self, level: Level) -> int:
        if level.amount is not None:
            return level.amount.minor(self.facts.exponent)
        if self.rule.is_member(level.as_account):
            return sum(self.facts.members.get(level.as_account, {}).values())
        return self.facts.accounts.get(level.as_account, 0)
