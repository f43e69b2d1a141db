"""Money in whole cents: shared so that over the years nobody is a cent off, read and written as people do.

An amount is an int in the currency's smallest unit (cents, yen, fils). How many decimals that is, the
exponent, is settled when the cooperative is founded and never looked up again.

A pool is shared *debt first*. Every part is the floor or the ceiling of its exact share. Left-over cents go,
one each, to whom rounding has shortened most so far: a debt is the exact share minus the amount received,
summed over the past, in 10^-9 of the smallest unit. Why not in fractions: their denominators grow with every
period and pass any printable length within ten years.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256
from math import lcm

from ledger.errors import Refused, Usage

AMOUNT_MAX = 2**53 - 1
DEBT_UNITS = 10**9

# ISO 4217: the currencies that do not have two decimals.
# fmt: off
NO_DECIMALS = frozenset({
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
})
# fmt: on
THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
FOUR_DECIMALS = frozenset({"CLF", "UYW"})

_CURRENCY = re.compile("[A-Z]{3}")
_AMOUNT = re.compile(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?")


class CannotSplit(Refused):
    """An amount that cannot be shared by these weights."""


def split(
    total: int, weights: Mapping[str, int | Fraction], debts: Mapping[str, int] = {}, seed: bytes = b""
) -> dict[str, int]:
    """Share `total` by weights, in the order of the weights; the parts add up to it exactly.

    `debts` are those of the same pool from before (10^-9 units; absent is 0). `seed` decides between equals
    and is, in ASCII, the pool's name, "/" and the period's. A loss is shared by the caller: split it as a
    positive total with all debts negated, then negate parts and new debts.
    Raises CannotSplit for a negative total, a negative weight, and weights that add up to nothing.
    """
    whole, shares = _exact(total, weights)
    return _parts(total, whole, shares, debts, seed)


def owed(
    total: int, weights: Mapping[str, int | Fraction], parts: Mapping[str, int], debts: Mapping[str, int]
) -> dict[str, int]:
    """The debts after `parts` were given: those before, plus each exact share minus the part received.

    Rounded down to 10^-9 units, so the sum of a pool's debts may fall a few units short of 0. Whoever has
    no weight this time keeps the debt. Raises CannotSplit as `split` does.
    """
    whole, shares = _exact(total, weights)
    return _owed(total, whole, shares, parts, debts)


def split_and_owed(
    total: int, weights: Mapping[str, int | Fraction], debts: Mapping[str, int], seed: bytes
) -> tuple[dict[str, int], dict[str, int]]:
    """What `split` gives, and what is `owed` after it."""
    whole, shares = _exact(total, weights)
    parts = _parts(total, whole, shares, debts, seed)
    return parts, _owed(total, whole, shares, parts, debts)


def _parts(total: int, whole: int, shares: Mapping[str, int], debts: Mapping[str, int], seed: bytes) -> dict[str, int]:
    parts, claims = dict[str, int](), dict[str, tuple[int, int]]()
    for name, share in shares.items():
        parts[name], rest = divmod(total * share, whole)
        # Who comes out even takes no part in the left-over cents, whatever the debt: no part exceeds its ceiling.
        if rest:
            claims[name] = -(debts.get(name, 0) * whole + rest * DEBT_UNITS), -rest
    left = total - sum(parts.values())
    for name in _first(claims, left, seed):
        parts[name] += 1
    return parts


def _first(claims: Mapping[str, tuple[int, int]], left: int, seed: bytes) -> list[str]:
    """The names with the `left` lowest claims; between equals the seed decides."""
    if not left:
        return []
    last = sorted(claims.values())[left - 1]
    before = [name for name, claim in claims.items() if claim < last]
    equal = [name for name, claim in claims.items() if claim == last]
    if len(before) + len(equal) > left:
        equal.sort(key=lambda name: sha256(seed + b"|" + name.encode()).digest())
    return before + equal[: left - len(before)]


def _owed(
    total: int, whole: int, shares: Mapping[str, int], parts: Mapping[str, int], debts: Mapping[str, int]
) -> dict[str, int]:
    after = dict(debts)
    for name, share in shares.items():
        after[name] = after.get(name, 0) + (total * share - parts[name] * whole) * DEBT_UNITS // whole
    return after


def _exact(total: int, weights: Mapping[str, int | Fraction]) -> tuple[int, dict[str, int]]:
    """All weights as ints over one denominator, and their sum: a share is total * weight / sum."""
    kinds = set(map(type, weights.values()))
    if not isinstance(total, int) or not all(issubclass(kind, int | Fraction) for kind in kinds):
        raise CannotSplit("Money is shared in whole units by whole or fractional weights, never by floats.")
    if total < 0:
        raise CannotSplit(f"{total} is negative and cannot be shared.", "Share a loss as a positive amount.")
    if any(weight.numerator < 0 for weight in weights.values()):
        raise CannotSplit("A weight is negative.", "Weights are 0 or more.")
    common = lcm(*{weight.denominator for weight in weights.values()})
    shares = {name: weight.numerator * (common // weight.denominator) for name, weight in weights.items()}
    whole = sum(shares.values())
    if whole == 0:
        raise CannotSplit("Nobody has a weight to share by.", "Send the amount to the pool's rest.")
    return whole, shares


def exponent(currency: str) -> int:
    """How many decimals a currency has, by ISO 4217. Raises Usage for what is not three capital letters."""
    if not _CURRENCY.fullmatch(currency):
        raise Usage(f'"{currency}" is not a currency.', "Write its three-letter code, such as EUR.")
    if currency in NO_DECIMALS:
        return 0
    if currency in THREE_DECIMALS:
        return 3
    return 4 if currency in FOUR_DECIMALS else 2


def parse_amount(text: str, exponent: int) -> int:
    """The smallest units in "1234", "1234.5" or "1,234.50". Raises Usage for anything else."""
    if text.startswith(("-", "−")):
        raise Usage(f'"{text}" is negative.', "Write the amount without a sign.")
    found = _AMOUNT.fullmatch(text)
    if not found:
        raise Usage(f'"{text}" is not an amount.', _spelling(exponent))
    whole, decimals = found[1].replace(",", ""), found[2] or ""
    if len(decimals) > exponent:
        raise Usage(f'"{text}" has more decimals than the currency, which has {exponent}.', _spelling(exponent))
    digits = (whole + decimals.ljust(exponent, "0")).lstrip("0")
    # The length is looked at first: converting thousands of digits is slow, and Python refuses it.
    if len(digits) > len(str(AMOUNT_MAX)) or int(digits or "0") > AMOUNT_MAX:
        raise Usage(f'"{text}" is too large.', f"The greatest amount is {show_amount(AMOUNT_MAX, exponent)}.")
    return int(digits or "0")


def format_amount(amount: int, exponent: int) -> str:
    """The amount for files and programs: "1234.50", "-0.05", or "1234" where there are no decimals."""
    return _write(amount, exponent, "")


def show_amount(amount: int, exponent: int) -> str:
    """The amount for people: "1,234.50"."""
    return _write(amount, exponent, ",")


def _write(amount: int, exponent: int, grouping: str) -> str:
    units, rest = divmod(abs(amount), 10**exponent)
    sign = "-" if amount < 0 else ""
    decimals = f".{rest:0{exponent}}" if exponent else ""
    return f"{sign}{units:{grouping}}{decimals}"


def _spelling(exponent: int) -> str:
    example = 12345 * 10**exponent // 10
    return f"Write {format_amount(example, exponent)} or {show_amount(example, exponent)}."
