"""Where money goes that lies in a pot or account which a new rule drops: where its `moved` says, or it stays.

Money that arrived after the vote, in a place nobody had given a new one, stands still under its old name until a
later rule names one. Pure: names in, names out.
"""

from collections.abc import Callable, Collection, Mapping

from msgspec.structs import replace

from governance.moving import check_change
from governance.rule import RESULT, Rule
from governance.run_facts import Facts, Person

Nested = Mapping[str, Mapping[str, int]]


def pot(name: str, rule: Rule) -> str:
    """The pot that goes on with what this one carried, owed by rounding, and had open."""
    to = rule.moved.get(name, name)
    return to if to in rule.pots and name not in rule.pots else name


def account(name: str, rule: Rule) -> str:
    """The account of the cooperative that goes on with what lay on this one."""
    to = rule.moved.get(name, name)
    fits = to == RESULT or (to in rule.accounts and not rule.is_member(to))
    return to if fits and name not in rule.accounts else name


def member(name: str, rule: Rule) -> str:
    """The account of persons that goes on with this one."""
    to = rule.moved.get(name, name)
    return to if rule.is_member(to) and name not in rule.accounts else name


def place(name: str, rule: Rule) -> str:
    """The account of the books where money lies under this rule: "pot:old" may become "pot:new"."""
    kind, _, rest = name.partition(":")
    if kind == "pot":
        return f"pot:{pot(rest, rule)}"
    if kind == "account":
        return f"account:{account(rest, rule)}"
    if kind == "member":
        of, _, person = rest.rpartition(":")
        return f"member:{member(of, rule)}:{person}"
    return name


def of_pots(nested: Nested, rule: Rule) -> dict[str, dict[str, int]]:
    """What is kept per pot and person, under the pots of this rule."""
    return _all_renamed(nested, rule, pot)


def facts_under(facts: Facts, rule: Rule) -> Facts:
    """The facts of a run that another rule had, in the names of this one."""
    return replace(
        facts,
        carried=_renamed(facts.carried, rule, pot),
        accounts=_renamed(facts.accounts, rule, account),
        members=_all_renamed(facts.members, rule, member),
        debts=of_pots(facts.debts, rule),
        open=of_pots(facts.open, rule),
        people={name: _person(known, rule) for name, known in facts.people.items()},
    )


def refuse(rule: Rule, declared: Mapping[str, Rule], holding: Collection[str]) -> None:
    """Raise RuleError, naming the place, where a new rule would lose money or let indivisible money go.

    `declared` is the newest rule that knew each pot and account there ever was. A place that holds nothing today
    may be dropped; but what is moved or kept is looked at even then, since money may come before the rule holds.
    """
    for name, old in sorted(declared.items()):
        kept = name in rule.accounts and name in old.accounts and rule.is_member(name) == old.is_member(name)
        if name in holding or name in rule.moved or kept:
            check_change(old, rule, [name])


def _person(known: Person, rule: Rule) -> Person:
    return replace(known, last=_renamed(known.last, rule, pot), paid=_renamed(known.paid, rule, pot))


def _renamed(amounts: Mapping[str, int], rule: Rule, to: Callable[[str, Rule], str]) -> dict[str, int]:
    """The amounts under their new names; of two places made one, the sum."""
    renamed: dict[str, int] = {}
    for name, amount in amounts.items():
        renamed[to(name, rule)] = renamed.get(to(name, rule), 0) + amount
    return renamed


def _all_renamed(nested: Nested, rule: Rule, to: Callable[[str, Rule], str]) -> dict[str, dict[str, int]]:
    renamed: dict[str, dict[str, int]] = {}
    for name, inner in nested.items():
        into = renamed.setdefault(to(name, rule), {})
        for who, amount in inner.items():
            into[who] = into.get(who, 0) + amount
    return renamed
