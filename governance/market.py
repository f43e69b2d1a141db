"""The price of support at which the parts that people ask for make exactly one pot.

An option gets the largest part z that is worth its supporters: z ≤ price * (how many asked for at least z). Source:
independent markets (Freeman, Pennock, Peters, Wortman Vaughan, Journal of Economic Theory 193, 2021). There the price
is the time t, and a part is the median of the n proposals and the n + 1 phantoms min(t * (n - k), 1), k = 0 to n: at
least n + 1 of those 2n + 1 numbers reach z exactly where z ≤ t * (how many proposals reach z).
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from fractions import Fraction

from msgspec import Struct

ONE = Fraction(1)


class Asked(Struct, frozen=True):
    """What was asked for one option: the parts above nothing, the smallest first, and for each how many asked for at
    least so much."""

    parts: tuple[Fraction, ...]
    supporters: tuple[int, ...]

    def part(self, price: Fraction) -> Fraction:
        """What the option gets at this price."""
        dear = bisect_left(range(len(self.parts)), True, key=lambda place: self._too_dear(place, price))
        reached = self.parts[dear - 1] if dear else Fraction(0)
        return max(reached, price * self.supporters[dear]) if dear < len(self.parts) else reached

    def reaching(self, part: Fraction) -> int:
        """How many asked for this part or more."""
        place = bisect_left(self.parts, part)
        return self.supporters[place] if part and place < len(self.parts) else 0

    def bends(self) -> int:
        """At how many prices the part changes from rising to resting or back."""
        return max(2 * len(self.parts) - 1, 0)

    def bend(self, number: int) -> Fraction:
        """The price of a bend; they rise with their number."""
        place, leaves = divmod(number, 2)
        return self.parts[place] / self.supporters[place + leaves]

    def _too_dear(self, place: int, price: Fraction) -> bool:
        part = self.parts[place]
        return part.numerator * price.denominator > price.numerator * self.supporters[place] * part.denominator


def asked(proposed: Mapping[Fraction, int]) -> Asked:
    """From how many proposed each part."""
    parts, supporters, so_far = [], [], 0
    for part in sorted(proposed, reverse=True):
        so_far += proposed[part]
        if part:
            parts.append(part)
            supporters.append(so_far)
    return Asked(tuple(reversed(parts)), tuple(reversed(supporters)))


def price(market: Sequence[Asked]) -> Fraction:
    """The lowest price at which the parts come to one; there is one where proposals that each make one were made."""
    low, high = Fraction(0), ONE
    for one in market:
        low, high = _narrowed(one, market, low, high)
    # No part bends between the two, so that their sum rises evenly from below one to one or more.
    below, above = _sum(market, low), _sum(market, high)
    return low + (1 - below) * (high - low) / (above - below)


def _narrowed(one: Asked, market: Sequence[Asked], low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    """The bounds of the price, moved to the bends of one option that are nearest to it."""

    def enough(number: int) -> bool:
        bend = one.bend(number)
        return bend >= high or (bend > low and _sum(market, bend) >= 1)

    first = bisect_left(range(one.bends()), True, key=enough)
    if first:
        low = max(low, one.bend(first - 1))
    if first < one.bends():
        high = min(high, one.bend(first))
    return low, high


def _sum(market: Sequence[Asked], at: Fraction) -> Fraction:
    return sum((one.part(at) for one in market), Fraction(0))
