"""When a new rule drops a pot or an account: its money moves where `moved` says, or the rule is refused.

Pots move to pots and accounts to accounts; money kept per person stays with each person, and what is indivisible stays
indivisible.
"""

from collections.abc import Collection, Mapping

from msgspec.structs import replace

from governance.rule import HELD, INDIVISIBLE, MEMBER, RESULT, Rule
from governance.rule_values import RuleError
from governance.run_facts import Facts, Person


def check_change(old: Rule, new: Rule, holding: Collection[str]) -> None:
    """Raise RuleError, naming what is dropped, unless all pots and accounts that hold money are kept or moved."""
    for name in sorted(holding):
        if name in old.pots:
            _new_pot(new, name)
        elif name in old.accounts:
            to = _new_account(new, name, of_persons=old.is_member(name))
            _stays_indivisible(old, new, name, to)


def moved(rule: Rule, facts: Facts) -> Facts:
    """The facts in the names of this rule. Raises RuleError, naming what holds money and has no place in it."""
    return replace(
        facts,
        carried=_renamed(facts.carried, {name: _new_pot(rule, name) for name, held in facts.carried.items() if held}),
        accounts=_renamed(
            facts.accounts,
            {name: _new_account(rule, name, of_persons=False) for name, held in facts.accounts.items() if held},
        ),
        members=_all_renamed(
            facts.members,
            {
                name: _new_account(rule, name, of_persons=True)
                for name, held in facts.members.items()
                if any(held.values())
            },
        ),
        debts=_all_renamed(facts.debts, _moved_pots(rule, facts.debts)),
        open=_all_renamed(facts.open, _moved_pots(rule, facts.open)),
        people={name: _moved_person(rule, person) for name, person in facts.people.items()},
    )


def _new_pot(rule: Rule, name: str) -> str:
    if name in rule.pots:
        return name
    to = rule.moved.get(name)
    if to is None:
        raise _dropped(name)
    if to not in rule.pots:
        raise RuleError(f"moved.{name}", f'"{name}" is a pot, and "{to}" is none.', "Pots move to pots.")
    return to


def _new_account(rule: Rule, name: str, *, of_persons: bool) -> str:
    if _is_account(rule, name, of_persons):
        return name
    to = rule.moved.get(name)
    if to is None:
        raise _dropped(name)
    if not _is_account(rule, to, of_persons):
        sort = "an account of persons" if of_persons else "an account of the cooperative"
        raise RuleError(f"moved.{name}", f'"{name}" is {sort}, and "{to}" is none.', "Accounts move to their like.")
    return to


def _is_account(rule: Rule, name: str, of_persons: bool) -> bool:
    if name in rule.accounts:
        return (rule.accounts[name].kind == MEMBER) == of_persons
    return name == (HELD if of_persons else RESULT)


def _stays_indivisible(old: Rule, new: Rule, name: str, to: str) -> None:
    if old.accounts[name].kind == INDIVISIBLE and (to == RESULT or new.accounts[to].kind != INDIVISIBLE):
        place = f"accounts.{name}" if name == to else f"moved.{name}"
        raise RuleError(place, f'"{name}" is indivisible, so its money stays indivisible; "{to}" is not.')


def _dropped(name: str) -> RuleError:
    hint = f'Say where it goes: moved = {{ {name} = "…" }}.'
    return RuleError(name, f'"{name}" holds money and has no place in the rule.', hint)


def _moved_pots(rule: Rule, names: Collection[str]) -> dict[str, str]:
    """Where the history of pots goes: with their money; of what is neither kept nor moved, nowhere."""
    return {name: rule.moved[name] for name in names if name not in rule.pots and rule.moved.get(name) in rule.pots}


def _moved_person(rule: Rule, person: Person) -> Person:
    last = _renamed(person.last, _moved_pots(rule, person.last))
    return replace(person, last=last, paid=_renamed(person.paid, _moved_pots(rule, person.paid)))


def _renamed(amounts: Mapping[str, int], names: Mapping[str, str]) -> dict[str, int]:
    renamed: dict[str, int] = {}
    for name, amount in amounts.items():
        to = names.get(name, name)
        renamed[to] = renamed.get(to, 0) + amount
    return renamed


def _all_renamed(nested: Mapping[str, Mapping[str, int]], names: Mapping[str, str]) -> dict[str, dict[str, int]]:
    renamed: dict[str, dict[str, int]] = {}
    for name, inner in nested.items():
        into = renamed.setdefault(names.get(name, name), {})
        for person, amount in inner.items():
            into[person] = into.get(person, 0) + amount
    return renamed
