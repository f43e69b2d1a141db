"""How concentrated an outcome is: the greatest part that one person gets of all that people get, how few get
half of it, and the Gini number.

Pure and exact. Gini is 0 where everybody gets the same, and (n - 1) / n where one of n gets everything: half the mean
difference between any two people, over the mean.
"""

from collections.abc import Mapping
from fractions import Fraction

from ledger.money import format_amount


def gini(amounts: Mapping[str, int]) -> Fraction | None:
    """From 0 (all the same) to (n - 1) / n (one gets all); None where nobody got anything. No amount is negative."""
    ranked, whole = sorted(amounts.values()), sum(amounts.values())
    if not whole:
        return None
    count = len(ranked)
    # Sorted, the sum of all differences between two is a sum of the amounts, each by its place in the row.
    weighed = sum((2 * place - count - 1) * amount for place, amount in enumerate(ranked, 1))
    return Fraction(weighed, count * whole)


def top(amounts: Mapping[str, int]) -> Fraction | None:
    """The part of the whole that the one with the most has; None where nobody got anything."""
    whole = sum(amounts.values())
    return Fraction(max(amounts.values()), whole) if whole else None


def half(amounts: Mapping[str, int]) -> int:
    """The smallest number of people who together have at least half of the whole; 0 where nobody got anything."""
    whole, held = sum(amounts.values()), 0
    for count, amount in enumerate(sorted(amounts.values(), reverse=True), 1):
        held += amount
        if whole and 2 * held >= whole:
            return count
    return 0


def first(amounts: Mapping[str, int]) -> str | None:
    """Who has the most; None where that is nobody, or several."""
    most = max(amounts.values(), default=0)
    found = [name for name, amount in amounts.items() if amount == most]
    return found[0] if most and len(found) == 1 else None


def digits(value: Fraction, places: int) -> str:
    """So many decimals, to the nearest, halves to the even one: "0.412"."""
    whole, rest = divmod(value.numerator * 10**places, value.denominator)
    up = 2 * rest > value.denominator or (2 * rest == value.denominator and whole % 2 == 1)
    return format_amount(whole + up, places)


def percent(value: Fraction) -> str:
    """A part with one decimal: "31.2%"."""
    return f"{digits(100 * value, 1)}%"
