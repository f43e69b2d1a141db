"""What the share rule language knows and this version of the program cannot follow yet on a real ledger.

A rule in force must be one that is followed to the cent, so these are refused before anybody votes. Tried without
a ledger the whole language may be used.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from governance.rule import INDIVISIBLE, TRUE_UP, Rule, reach
from governance.rule_checks import check_decimals
from governance.rule_values import RuleError
from ledger.facts import Circle, Name

APART = "Let `surplus` flow to another pot than those that `income` reaches and that share by claims."
SPELLED = "a to z, digits, - and _, beginning with a letter, at most 40"


def refuse_unrunnable(rule: Rule, exponent: int) -> None:
    """Raise RuleError, naming the place, for what this version of the program could not pay by."""
    check_decimals(rule, exponent)
    for error in _unrunnable(rule):
        raise error


def _unrunnable(rule: Rule) -> Iterator[RuleError]:
    for name in _emptied_by_late_work(rule) if rule.late == TRUE_UP else ():
        why = "What nobody may have here can come to an indivisible account, and late work would take it out again."
        yield RuleError(name, why, 'Let its rest flow elsewhere, or write late = "next_period" or "reject".')
    for name in _claimed_twice(rule):
        yield RuleError(name, "Work would be claimed here in its period and once more at the year's end.", APART)
    for name, pot in sorted(rule.pots.items()):
        among = pot.how.sharing()
        if among and among.circle and not _spells(among.circle, Circle):
            yield RuleError(name, f'No work can name the circle "{among.circle}".', "Write it like berlin/support.")
    yield from _unspeakable(rule)


def _claimed_twice(rule: Rule) -> list[str]:
    """Pots by claims that both a period and a year would run: the work of the year would be claimed twice."""
    if "surplus" not in rule.pots:
        return []
    both = set(rule.order("income")) & set(rule.order("surplus"))
    return sorted(name for name in both if (among := rule.pots[name].how.sharing()) and among.weight == "claims")


def _emptied_by_late_work(rule: Rule) -> list[str]:
    """Pots shared by people in a period, whose rest can come to what is indivisible: more work would lower it."""
    onward, found = rule.onward(), []
    for name in rule.order("income"):
        if rule.pots[name].how.sharing() is None:
            continue
        ends = {to for pot in reach(onward, {name}) for to in rule.pots[pot].how.targets()}
        if any(to in rule.accounts and rule.accounts[to].kind == INDIVISIBLE for to in ends):
            found.append(name)
    return sorted(found)


def _unspeakable(rule: Rule) -> Iterator[RuleError]:
    """Roles and kinds of work that no statement of work could name."""
    for role, kinds in sorted(rule.points.items()):
        place = f"points.{role}"
        if not _spells(role, Name):
            yield RuleError(place, f'No work can name the role "{role}".', f"Spell it with {SPELLED}.")
        for kind in sorted(kinds):
            if not _spells(kind, Name):
                yield RuleError(place, f'No work can name the kind "{kind}".', f"Spell it with {SPELLED}.")


def _spells(word: str, pattern: Any) -> bool:
    try:
        msgspec.convert(word, pattern)
    except msgspec.ValidationError:
        return False
    return True
