"""What only the whole rule shows: circles, pots nobody fills, work that counts nowhere, claims paid twice.

One function per refusal, in the order they are looked for. Each names the place.
"""

from collections.abc import Iterator
from itertools import combinations

from governance.among import Among
from governance.rule import STARTS, Kind, Rule, flow, reach
from governance.rule_values import Amount, RuleError
from ledger.errors import Usage
from ledger.people import inside


def check_whole(rule: Rule) -> None:
    """Raise RuleError for the first thing that is wrong with the rule as a whole."""
    if "income" not in rule.pots:
        raise RuleError("income", "There is no pot called income, where money comes in.")
    _no_circle(rule)
    _every_pot_filled(rule)
    _loss_can_be_taken(rule)
    _no_claim_twice(rule)
    _every_role_counts(rule)


def check_decimals(rule: Rule, exponent: int) -> None:
    """Raise RuleError where the rule writes an amount with more decimals than the currency has."""
    for place, amount in _amounts(rule):
        try:
            amount.minor(exponent)
        except Usage as error:
            raise RuleError(place, error.message, error.hint) from error


def _no_circle(rule: Rule) -> None:
    onward = rule.onward()
    # Money flows through a sound rule from one end to the other; only where it does not, a circle is looked for.
    for name in sorted(onward.keys() - set(flow(onward))):
        if name in reach(onward, onward[name]):
            raise RuleError(
                name, f'Money from "{name}" comes back to it.', "Let a pot of the circle send it elsewhere."
            )


def _every_pot_filled(rule: Rule) -> None:
    filled = {to for pot in rule.pots.values() for to in pot.how.targets()}
    for name in sorted(rule.pots.keys() - filled - set(STARTS)):
        raise RuleError(name, f'Nothing flows into the pot "{name}".')


def _loss_can_be_taken(rule: Rule) -> None:
    for name in sorted(rule.order("loss")) if "loss" in rule.pots else ():
        why = rule.pots[name].how.cannot_lose(rule.accounts)
        if why:
            raise RuleError(name, why)


def _no_claim_twice(rule: Rule) -> None:
    claiming = [
        (name, among.circle or "", _claimed(rule, among)) for name, among in _sharing(rule) if among.weight == "claims"
    ]
    for (first, here, some), (second, there, others) in combinations(claiming, 2):
        if _overlap(here, there) and not some.isdisjoint(others):
            why = f'"{second}" would pay the same claims as "{first}".'
            raise RuleError(second, why, "Give them different roles or circles.")


def _claimed(rule: Rule, among: Among) -> set[str]:
    """The roles whose claims a share pays."""
    roles = rule.points.keys() if among.roles is None else among.roles
    return {role for role in roles if any(kind.claim for kind in rule.points[role].values())}


def _overlap(one: str, other: str) -> bool:
    return inside(one, other) or inside(other, one)


def _every_role_counts(rule: Rule) -> None:
    sharing = [among for _, among in _sharing(rule)]
    if any(among.by_items and among.roles is None for among in sharing) or not any(among.by_items for among in sharing):
        return
    counted = {role for among in sharing for role in among.roles or ()}
    for role in sorted(rule.points.keys() - counted):
        raise RuleError(f"points.{role}", f'No pot shares for the role "{role}".', "Add it to the roles of a pot.")


def _sharing(rule: Rule) -> Iterator[tuple[str, Among]]:
    for name in sorted(rule.pots):
        among = rule.pots[name].how.sharing()
        if among:
            yield name, among


def _amounts(rule: Rule) -> Iterator[tuple[str, Amount]]:
    for name in sorted(rule.pots):
        for amount in rule.pots[name].how.amounts():
            yield name, amount
    for role in sorted(rule.points):
        for kind in rule.points[role].values():
            yield from ((f"points.{role}", amount) for amount in _amounts_of(kind))


def _amounts_of(kind: Kind) -> list[Amount]:
    # Only a `per` with a point is money for sure; "1" counts pieces, or money of whole units.
    money = [Amount(kind.per_text)] if "." in kind.per_text else []
    return [*money, kind.claim] if kind.claim else money
