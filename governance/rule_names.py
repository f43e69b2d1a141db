"""What a pot may name: the pots, accounts, asks and roles that the same rule declares.

Money goes to a pot, to an account, or stays ("carry"). It never flows back to where a run starts, and an account
that is kept per person is reached only by `into`, which says whose it is.
"""

from collections.abc import Mapping, Set
from typing import Any

from msgspec import Struct

from governance.rule import BALANCE, CARRY, MEMBER, REST, RESULT, STARTS, Account
from governance.rule_values import Amount, Portion, RuleError, amount, is_amount, only, portion, shown, table, text


class Level(Struct, frozen=True, kw_only=True):
    """Until an account holds so much: an amount, or as much as another account held before the run."""

    account: str
    amount: Amount | None
    as_account: str

    def words(self) -> str:
        """The level as members say it."""
        return f"until it holds {self.amount.text if self.amount else 'as much as ' + self.as_account}"


class Known(Struct, frozen=True, kw_only=True):
    """The names one rule declares."""

    accounts: Mapping[str, Account]
    pots: Set[str]
    asks: Mapping[str, Portion]
    roles: Set[str]

    def portion(self, place: str, key: str, value: Any) -> Portion:
        """A part of a whole; `"@name"` stands for the number members set."""
        return portion(place, key, value, self.asks)

    def target(self, place: str, key: str, value: Any) -> str:
        """Where money may go: a pot, an account, "result", or "carry"."""
        name = text(place, key, value)
        if name in STARTS:
            raise RuleError(place, f'Nothing flows into "{name}"; a run starts there.')
        if self.is_member(name):
            raise RuleError(place, f'"{name}" is kept per person; only `into` of a share reaches it.')
        if name in self.pots or name in self.accounts or name in (CARRY, RESULT):
            return name
        raise RuleError(place, f'"{name}" is neither a pot nor an account.', f"Declare {name} under [accounts].")

    def level(self, place: str, value: Any, to: str) -> Level:
        """`until = { account = "reserve", level = "12000.00" }`, about the account the line itself goes to."""
        until = table(place, "until", value)
        only(place, until, ("account", "level"))
        account = text(place, "account of until", until.get("account"))
        if account != to or account == CARRY or account in self.pots:
            raise RuleError(place, f'`until` looks at the account its line goes to, not at "{account}".')
        level = until.get("level")
        if is_amount(level):
            return Level(account=account, amount=amount(place, "level", level), as_account="")
        other = text(place, "level of until", level)
        if other == account or (other not in self.accounts and other != RESULT):
            raise RuleError(place, f'level is an amount or another account, not "{other}".')
        return Level(account=account, amount=None, as_account=other)

    def into(self, place: str, value: Any) -> tuple[tuple[str, Portion | None], ...]:
        """The accounts of each person that a share goes to, with their parts; the last takes the rest (None)."""
        if isinstance(value, str):
            return ((self._personal(place, value), None),)
        parts = table(place, "into", value)
        rests = [name for name in sorted(parts) if parts[name] == REST]
        if len(rests) != 1:
            raise RuleError(place, 'into has exactly one "rest".')
        named = [(self._personal(place, name), self.portion(place, f"into {name}", parts[name]))
                 for name in sorted(parts) if name != rests[0]]  # fmt: skip
        if sum(part.value for _, part in named) > 1:
            raise RuleError(place, "The parts of into come to more than the whole.")
        return (*named, (self._personal(place, rests[0]), None))

    def is_member(self, name: str) -> bool:
        """Whether a name is an account with one balance per person."""
        return name in self.accounts and self.accounts[name].kind == MEMBER

    def _personal(self, place: str, name: str) -> str:
        if name != BALANCE and not self.is_member(name):
            hint = 'into is "balance", a member account, or parts for several of them.'
            raise RuleError(place, f"{shown(name)} is not an account of persons.", hint)
        return name
