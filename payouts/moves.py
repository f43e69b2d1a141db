"""Where money goes that lies in a pot or account which a new rule drops: where its `moved` says, or it stays.

Money that arrived after the vote, in a pot nobody had given a new place, stands still under its old name until a
later rule names one. Pure: account names in, account names out.
"""

from collections.abc import Collection, Mapping
from typing import TypeVar

from governance.moving import check_change
from governance.rule import RESULT, Rule

T = TypeVar("T")


def place(name: str, rule: Rule) -> str:
    """The account of the books where money lies under this rule: "pot:old" may become "pot:new"."""
    kind, _, rest = name.partition(":")
    if kind == "pot":
        return f"pot:{pot(rest, rule)}"
    if kind == "account":
        to = rule.moved.get(rest, rest)
        fits = to == RESULT or (to in rule.accounts and not rule.is_member(to))
        return f"account:{to}" if fits and rest not in rule.accounts else name
    if kind == "member":
        account, _, person = rest.rpartition(":")
        to = rule.moved.get(account, account)
        return f"member:{to}:{person}" if rule.is_member(to) and account not in rule.accounts else name
    return name


def pot(name: str, rule: Rule) -> str:
    """The pot that goes on with what this one carried, owed by rounding, and had open."""
    to = rule.moved.get(name, name)
    return to if to in rule.pots and name not in rule.pots else name


def of_pots(nested: Mapping[str, Mapping[str, T]], rule: Rule) -> dict[str, dict[str, T]]:
    """What is kept per pot and person, under the pots of this rule. Of two pots made one, sums are added up."""
    renamed: dict[str, dict[str, T]] = {}
    for name, inner in nested.items():
        into = renamed.setdefault(pot(name, rule), {})
        for who, amount in inner.items():
            into[who] = into[who] + amount if who in into else amount  # type: ignore[operator]
    return renamed


def refuse(rule: Rule, declared: Mapping[str, Rule], holding: Collection[str]) -> None:
    """Raise RuleError, naming the place, where a new rule would lose money or let indivisible money go.

    `declared` is the newest rule that knew each pot and account there ever was. A place that holds nothing today
    may be dropped; but what is moved or kept is looked at even then, since money may come before the rule holds.
    """
    for name, old in sorted(declared.items()):
        kept = name in rule.accounts and name in old.accounts and rule.is_member(name) == old.is_member(name)
        if name in holding or name in rule.moved or kept:
            check_change(old, rule, [name])
