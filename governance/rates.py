"""One rate for all: who weighs twice as much gets twice as much, between a floor and a cap.

Each gets rate x weight, at least the floor, at most their cap; the rate is the one that uses up the pot. A cap below
the floor lowers it. If the floors exceed the pot it is shared in proportion to them; if all are capped, what nobody
may have is left over.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import lcm

Weight = int | Fraction


def shares(amount: int, weights: Mapping[str, Weight], floor: int, caps: Mapping[str, int]) -> dict[str, Fraction]:
    """The exact share of each, in minor units; they add up to the amount, or to less where all are capped."""
    if not floor and not caps:
        common = lcm(*{weight.denominator for weight in weights.values()})
        parts = {name: weight.numerator * (common // weight.denominator) for name, weight in weights.items()}
        whole = sum(parts.values())
        return {name: Fraction(amount * part, whole) for name, part in parts.items()}
    floors = {name: min(floor, caps.get(name, floor)) for name in weights}
    lowest = sum(floors.values())
    if lowest >= amount:
        return {name: Fraction(amount * floors[name], lowest or 1) for name in weights}
    if len(caps) == len(weights) and sum(caps.values()) <= amount:
        return {name: Fraction(caps[name]) for name in weights}
    rate = _rate(amount, weights, floors, caps)
    return {name: _between(rate * weight, floors[name], caps.get(name)) for name, weight in weights.items()}


def shares_over(amount: int, weights: Mapping[str, Weight], floor: int, caps: Mapping[str, int]) -> dict[str, Fraction]:
    """The same as if nobody were capped, then cut to the caps: what they free is shared by nobody."""
    free = shares(amount, weights, floor, {})
    return {name: _between(share, 0, caps.get(name)) for name, share in free.items()}


def summed(shares: Iterable[Fraction]) -> Fraction:
    """All of them together, added up as whole numbers over one denominator."""
    held = list(shares)
    common = lcm(*{share.denominator for share in held})
    return Fraction(sum(share.numerator * (common // share.denominator) for share in held), common)


def _between(share: Fraction, floor: int, cap: int | None) -> Fraction:
    raised = max(share, Fraction(floor))
    return raised if cap is None else min(raised, Fraction(cap))


def _rate(amount: int, weights: Mapping[str, Weight], floors: Mapping[str, int], caps: Mapping[str, int]) -> Fraction:
    """The rate at which the shares add up to the amount; between all floors and all caps there is one.

    From rate 0 upwards the sum is `fixed` + rate x `moving`: at some rate a person leaves the floor and moves with
    it, at a higher one they reach the cap and are fixed again.
    """
    changes = [(Fraction(floors[name]) / weight, weight, -floors[name]) for name, weight in weights.items()]
    changes += [(Fraction(cap) / weights[name], -weights[name], cap) for name, cap in caps.items()]
    fixed, moving, at = sum(floors.values()), Fraction(0), Fraction(0)
    for rate, starts, fixes in sorted(changes):
        if fixed + rate * moving >= amount:
            break
        fixed, moving, at = fixed + fixes, moving + starts, rate
    return (amount - fixed) / moving if moving else at
