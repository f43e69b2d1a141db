"""When a new rule drops a pot or an account: its money moves where `moved` says, or the rule is refused.

Pots move to pots and accounts to accounts; money kept per person stays with each person, and what is indivisible stays
indivisible. Money that arrived after the vote, in a place nobody had given a new one, stands still under its old name
until a later rule names one. Pure: names in, names out.
"""

from collections.abc import Callable, Collection, Mapping

from msgspec.structs import replace

from governance.rule import HELD, INDIVISIBLE, MEMBER, RESULT, Rule
from governance.rule_values import RuleError
from governance.run_facts import Facts, Person

# Where names go.


def pot(name: str, rule: Rule) -> str:
    """The pot that goes on with what this one carried, owed by rounding, and had open."""
    to = rule.moved.get(name, name)
    return to if to in rule.pots and name not in rule.pots else name


def account(name: str, rule: Rule) -> str:
    """The account of the cooperative that goes on with what lay on this one."""
    return _other_account(name, rule, of_persons=False)


def member(name: str, rule: Rule) -> str:
    """The account of persons that goes on with this one."""
    return _other_account(name, rule, of_persons=True)


def of_pots(nested: Mapping[str, Mapping[str, int]], rule: Rule) -> dict[str, dict[str, int]]:
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


def _other_account(name: str, rule: Rule, *, of_persons: bool) -> str:
    to = rule.moved.get(name, name)
    return to if name not in rule.accounts and _is_account(rule, to, of_persons) else name


def _person(known: Person, rule: Rule) -> Person:
    return replace(known, last=_renamed(known.last, rule, pot), paid=_renamed(known.paid, rule, pot))


def _renamed(amounts: Mapping[str, int], rule: Rule, to: Callable[[str, Rule], str]) -> dict[str, int]:
    """The amounts under their new names; of two places made one, the sum."""
    renamed: dict[str, int] = {}
    for name, amount in amounts.items():
        renamed[to(name, rule)] = renamed.get(to(name, rule), 0) + amount
    return renamed


def _all_renamed(
    nested: Mapping[str, Mapping[str, int]], rule: Rule, to: Callable[[str, Rule], str]
) -> dict[str, dict[str, int]]:
    if not rule.moved:
        return {name: dict(inner) for name, inner in nested.items()}
    renamed: dict[str, dict[str, int]] = {}
    for name, inner in nested.items():
        into = renamed.setdefault(to(name, rule), {})
        for who, amount in inner.items():
            into[who] = into.get(who, 0) + amount
    return renamed


# What is refused.


def check_change(old: Rule, new: Rule, holding: Collection[str]) -> None:
    """Raise RuleError, naming what is dropped, unless all pots and accounts that hold money are kept or moved."""
    for name in sorted(holding):
        if name in old.pots:
            _check_pot(new, name)
        elif name in old.accounts:
            _check_account(new, name, of_persons=old.is_member(name))
            _stays_indivisible(old, new, name)


def check_facts(rule: Rule, facts: Facts) -> None:
    """Raise RuleError, naming what holds money in these facts and has no place in the rule."""
    for name in sorted(name for name, held in facts.carried.items() if held):
        _check_pot(rule, name)
    for name in sorted(name for name, held in facts.accounts.items() if held):
        _check_account(rule, name, of_persons=False)
    for name in sorted(name for name, held in facts.members.items() if any(held.values())):
        _check_account(rule, name, of_persons=True)


def _check_pot(rule: Rule, name: str) -> None:
    if name in rule.pots:
        return
    to = rule.moved.get(name)
    if to is None:
        raise _dropped(name)
    if to not in rule.pots:
        raise RuleError(f"moved.{name}", f'"{name}" is a pot, and "{to}" is none.', "Pots move to pots.")


def _check_account(rule: Rule, name: str, *, of_persons: bool) -> None:
    if _is_account(rule, name, of_persons):
        return
    to = rule.moved.get(name)
    if to is None:
        raise _dropped(name)
    if not _is_account(rule, to, of_persons):
        sort = "an account of persons" if of_persons else "an account of the cooperative"
        raise RuleError(f"moved.{name}", f'"{name}" is {sort}, and "{to}" is none.', "Accounts move to their like.")


def _is_account(rule: Rule, name: str, of_persons: bool) -> bool:
    if name in rule.accounts:
        return (rule.accounts[name].kind == MEMBER) == of_persons
    return name == (HELD if of_persons else RESULT)


def _stays_indivisible(old: Rule, new: Rule, name: str) -> None:
    to = name if _is_account(new, name, old.is_member(name)) else new.moved[name]
    if old.accounts[name].kind == INDIVISIBLE and (to == RESULT or new.accounts[to].kind != INDIVISIBLE):
        place = f"accounts.{name}" if name == to else f"moved.{name}"
        raise RuleError(place, f'"{name}" is indivisible, so its money stays indivisible; "{to}" is not.')


def _dropped(name: str) -> RuleError:
    hint = f'Say where it goes: moved = {{ {name} = "…" }}.'
    return RuleError(name, f'"{name}" holds money and has no place in the rule.', hint)
