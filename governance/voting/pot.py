"""Split the pot: everybody proposes parts that make a whole, and the pot is split so that nobody gains by pretending.

There is a price of support, the same for all: an option gets the largest part that is worth its supporters, that is at
most price * (how many proposed at least so much for it). The price is the one at which the parts make exactly one. How
it is found, and where it comes from: `governance.market`.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from operator import methodcaller
from typing import Any

from governance.counted import ballots_cast, elected, no_result
from governance.grouped import apart, offered
from governance.market import Asked, asked, price
from governance.tied import Tie
from governance.voting import Outcome
from ledger.errors import Usage

Part = int | Fraction
_NUMBERS = frozenset([int, Fraction])
_ratio = methodcaller("as_integer_ratio")


def count(
    ballots: Sequence[Any],
    options: Sequence[str],
    *,
    status_quo: Mapping[str, Fraction] | None = None,
    tie: Tie | None = None,  # noqa: ARG001  (a split never asks; every count is called the same way)
) -> Outcome:
    """A ballot is {option: part}, parts being whole numbers or fractions that make 1; an option left out gets 0. The
    winners are the options with a part, the one stage is the parts. Without ballots the split in force stays."""
    listed = offered(options)
    market = _market(ballots, listed)
    if status_quo is not None:
        _market([(1, dict(status_quo))], listed)
    cast = sum(number for number, _ in ballots)
    if not cast:
        return _nobody(listed, status_quo)
    at = price(market)
    shares = {option: one.part(at) for option, one in zip(listed, market, strict=True)}
    told = [f"{ballots_cast(cast)}; the price of support is {at} of the pot for each supporter."]
    for option, one in zip(listed, market, strict=True):
        told.append(f"{option}: {shares[option]}; {one.reaching(shares[option])} asked for that or more.")
    return _outcome(shares, told, "")


def _nobody(listed: Sequence[str], status_quo: Mapping[str, Fraction] | None) -> Outcome:
    if status_quo is None:
        return Outcome(winners=(), stages=(), transcript=(f"{ballots_cast(0)}.", no_result("nobody voted")))
    shares = {option: Fraction(status_quo.get(option, 0)) for option in listed}
    return _outcome(shares, [f"{ballots_cast(0)}."], "as it is now: nobody voted")


def _outcome(shares: dict[str, Fraction], told: Sequence[str], how: str) -> Outcome:
    winners = tuple(option for option, part in shares.items() if part)
    last = elected([f"{option} with {shares[option]}" for option in winners], how)
    return Outcome(winners=winners, stages=(shares,), transcript=(*told, last))


def _market(ballots: Sequence[Any], options: Sequence[str]) -> list[Asked]:
    """What the ballots ask for each option."""
    parts, numbers = _read(ballots, options)
    units, common = _in_units(parts)
    rows = list(zip(*[iter(units)] * len(options), strict=True))
    if any(sum(row) != common for row in rows) or any(unit < 0 for unit in units):
        raise Usage("The parts of a ballot do not make exactly 1.", "Write parts, none below 0, that make the whole.")
    columns = zip(*rows, strict=True) if rows else [() for _ in options]
    return [asked(_proposed(column, numbers, common)) for column in columns]


def _read(ballots: Sequence[Any], options: Sequence[str]) -> tuple[list[Part], Sequence[int]]:
    """The parts of all ballots one after another, each in the order of the options, and how many cast each ballot."""
    known, nothing = frozenset(options), (0,) * len(options)
    numbers, sheets = apart(ballots)
    parts: list[Part] = []
    for ballot in sheets:
        if not isinstance(ballot, dict) or not known.issuperset(ballot):
            raise Usage(f"{ballot!r} is no split among {', '.join(options)}.", "A ballot here is {option: part}.")
        parts.extend(map(ballot.get, options, nothing))
    if not _NUMBERS.issuperset(map(type, parts)):
        raise Usage("A part of the pot is a whole number or a fraction.")
    return parts, numbers


def _in_units(parts: Iterable[Part]) -> tuple[list[int], int]:
    """All parts as whole numbers of the largest unit that measures each of them, and how many units are 1."""
    ratios = list(map(_ratio, parts))
    different = set(ratios)
    common = lcm(*{below for _, below in different})
    units = {(above, below): above * (common // below) for above, below in different}
    return list(map(units.__getitem__, ratios)), common


def _proposed(column: Iterable[int], numbers: Sequence[int], common: int) -> dict[Fraction, int]:
    """How many proposed each part for one option."""
    found: dict[int, int] = {}
    for unit, number in zip(column, numbers, strict=True):
        found[unit] = found.get(unit, 0) + number
    return {Fraction(unit, common): number for unit, number in found.items() if number}
