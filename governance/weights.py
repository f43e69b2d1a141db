"""What each person weighs in a share: points, hours, thanks, deals, claims, or plainly being there.

All weights are exact and read the facts as before the run. Only who weighs more than nothing shares.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from governance.among import Among
from governance.rule import HOUR, MINUTE, Kind, Rule
from governance.run_facts import Facts, Item, bounded
from governance.turn import Turn

Weight = int | Fraction


class Tally(Struct):
    """What one person's chosen items come to: hours unfaded, weight, the disputed part of it, claims by life."""

    hours: Weight = 0
    weight: Weight = 0
    disputed: Weight = 0
    once: Weight = 0
    lasting: Weight = 0


class Claim(Struct, frozen=True):
    """What somebody may be paid, in minor units: for `once` claims now or never, and what stays open until paid."""

    once: int
    lasting: int


class Weighed(Struct, frozen=True, kw_only=True):
    """Who shares and by how much; which part of it is disputed (0 to 1); and, in a share by claims, their claims."""

    weights: dict[str, Weight]
    disputed: dict[str, Fraction]
    claims: dict[str, Claim]


class Given(Struct, frozen=True, kw_only=True):
    """What one pot ever gave, this run included, and what all who share it weigh: where a balanced share starts."""

    to: dict[str, int]  # person -> what the pot gave before this run
    ever: int
    weight: Weight

    def behind(self, name: str, own: Weight) -> Weight:
        """How far somebody lies behind their part of all that was ever given; nobody gives back."""
        return max(0, self.ever * own - self.to.get(name, 0) * self.weight)


def weigh(among: Among, turn: Turn) -> Weighed:
    """Everybody who takes part and weighs more than 0."""
    found = tallies(among, turn.rule, turn.facts) if among.looks_at_work else {}
    people = let_in(among, turn.facts, found)
    if among.weight == "claims":
        return _claims(turn, found, people)
    if among.by_items:
        own = weights_of(found, people)
        disputed = {name: Fraction(found[name].disputed) / own[name] for name in own if own[name]}
        if among.balanced:
            before = given(turn.facts, turn.pot, turn.amount, people, own)
            return _weighed({name: before.behind(name, weight) for name, weight in own.items()}, disputed)
        return _weighed(own, disputed)
    return _weighed(_OTHERS[among.weight](among, turn, people), {})


def weigh_loss(among: Among, turn: Turn) -> Weighed:
    """The same for a loss, which knows nothing of balancing what was paid."""
    return weigh(replace(among, balanced=False), turn)


def fade(age: int, half_life: int) -> Fraction:
    """How much an item of some age weighs: exactly half after every half-life, in a straight line between."""
    halvings, further = divmod(age, half_life)
    return Fraction(2 * half_life - further, 2 * half_life * 2**halvings)


def tallies(among: Among, rule: Rule, facts: Facts) -> dict[str, Tally]:
    """What everybody's chosen items come to."""
    found: dict[str, Tally] = {}
    for item in _alike_added(among, among.chosen(facts)):
        tally = found.setdefault(item.who, Tally())
        kind = item.listed or rule.listed(item.role, item.kind)
        tally.hours += _hours(item, kind, facts.exponent)
        if among.by_items:
            _add(tally, item, kind, worth(among, item, kind, facts.exponent))
    return found


def _alike_added(among: Among, items: list[Item]) -> Iterator[Item]:
    """Items that are weighed alike as one, so that fifty thousand are added up as whole numbers."""
    sums: dict[tuple[str, str, str, int, bool, Kind | None, int], int] = {}
    for item in items:
        qty, age = item.qty, item.age if among.half_life else 0
        alike = (item.who, item.role, item.kind, age, item.disputed, item.listed, qty.denominator)
        sums[alike] = sums.get(alike, 0) + qty.numerator
    for (who, role, kind, age, disputed, listed, denominator), total in sums.items():
        qty = Fraction(total, denominator)
        yield Item(who=who, role=role, kind=kind, qty=qty, age=age, disputed=disputed, listed=listed)


def worth(among: Among, item: Item, kind: Kind, exponent: int) -> Weight:
    """What one item weighs by a line of the catalogue: points, hours, or claims in minor units; faded by its age."""
    weight = _WORTH[among.weight](item, kind, exponent)
    return weight * fade(item.age, among.half_life) if among.half_life and item.age else weight


def weights_of(found: dict[str, Tally], people: list[str]) -> dict[str, Weight]:
    """What these people's own items weigh."""
    return {name: found[name].weight for name in people if name in found}


def _add(tally: Tally, item: Item, kind: Kind, weight: Weight) -> None:
    tally.weight += weight
    if item.disputed:
        tally.disputed += weight
    if kind.life == "once":
        tally.once += weight
    else:
        tally.lasting += weight


def _points(item: Item, kind: Kind, _: int) -> Weight:
    return item.qty * kind.points / kind.quantity if kind.points else 0


def _hours(item: Item, kind: Kind, _: int) -> Weight:
    return item.qty if item.kind == HOUR or kind.per[1] == MINUTE else 0


def _claim(item: Item, kind: Kind, exponent: int) -> Weight:
    return kind.claim.minor(exponent) * item.qty / kind.quantity if kind.claim else 0


_WORTH: dict[str, Callable[[Item, Kind, int], Weight]] = {"points": _points, "hours": _hours, "claims": _claim}


def let_in(among: Among, facts: Facts, found: dict[str, Tally]) -> list[str]:
    """Everybody who meets the conditions; where roles or a circle are named, only who worked there."""
    limited = not among.by_items and (among.roles is not None or among.circle is not None)
    people = sorted(found) if limited else facts.everyone()
    nothing = Tally()
    return [name for name in people if among.who.lets_in(facts.person(name), found.get(name, nothing).hours)]


def _weighed(weights: dict[str, Weight], disputed: dict[str, Fraction]) -> Weighed:
    positive = {name: weight for name, weight in sorted(weights.items()) if weight > 0}
    return Weighed(weights=positive, disputed=disputed, claims={})


def given(facts: Facts, pot: str, amount: int, people: list[str], own: dict[str, Weight]) -> Given:
    """What a pot gave these people so far and gives now, and what their own items weigh together."""
    before = {name: facts.person(name).paid.get(pot, 0) for name in people}
    return Given(to=before, ever=sum(before.values()) + amount, weight=sum(own.values()))


def _claims(turn: Turn, found: dict[str, Tally], people: list[str]) -> Weighed:
    """New claims are summed by life, then rounded down; the weight is what is open plus what is new.

    What is claimed for once, and what stays open, are each at most the greatest amount that can be booked.
    """
    open_before = turn.facts.open.get(turn.pot, {})
    claims, disputed = {}, {}
    for name in people:
        tally = found.get(name, Tally())
        claim = Claim(bounded(int(tally.once)), bounded(open_before.get(name, 0) + int(tally.lasting)))
        claims[name] = claim
        if claim.once + claim.lasting:
            disputed[name] = min(Fraction(1), Fraction(tally.disputed) / (claim.once + claim.lasting))
    weights: dict[str, Weight] = {name: claim.once + claim.lasting for name, claim in claims.items()}
    return Weighed(weights=_weighed(weights, {}).weights, disputed=disputed, claims=claims)


def _equal(_among: Among, _turn: Turn, people: list[str]) -> dict[str, Weight]:
    return dict.fromkeys(people, 1)


def _pay(_among: Among, turn: Turn, people: list[str]) -> dict[str, Weight]:
    return {name: turn.facts.person(name).pay for name in people}


def _capital(_among: Among, turn: Turn, people: list[str]) -> dict[str, Weight]:
    held = turn.facts.members.get("capital", {})
    return {name: held.get(name, 0) for name in people}


def _deals(_among: Among, turn: Turn, people: list[str]) -> dict[str, Weight]:
    weights: dict[str, Weight] = dict.fromkeys(people, 0)
    for receipt in turn.facts.receipts:
        for name in weights.keys() & receipt.deals.keys():
            weights[name] += receipt.amount * receipt.deals[name]
    return weights


def _thanks(among: Among, turn: Turn, people: list[str]) -> dict[str, Weight]:
    """The number of different others who thanked somebody, each by their latest thanks."""
    latest: dict[tuple[str, str], int] = {}
    for thanks in turn.facts.thanks:
        if thanks.giver != thanks.to and among.within(thanks.age):
            pair = (thanks.to, thanks.giver)
            latest[pair] = min(thanks.age, latest.get(pair, thanks.age))
    weights: dict[str, Weight] = dict.fromkeys(people, 0)
    for (to, _), age in latest.items():
        if to in weights:
            weights[to] += fade(age, among.half_life) if among.half_life else 1
    return weights


_OTHERS: dict[str, Callable[[Among, Turn, list[str]], dict[str, Weight]]] = {
    "equal": _equal,
    "pay": _pay,
    "thanks": _thanks,
    "deals": _deals,
    "capital": _capital,
}
