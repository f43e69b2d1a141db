"""Money that came or went in another currency: how much of it, and the rate at which it is counted here. Pure.

The rate stands in the statement, with its source and its day, so that anybody who recomputes the books needs nothing
from outside. It says how much of the ledger's money one unit of the other is: 0.9213 EUR for a dollar.
"""

import re
from fractions import Fraction
from math import gcd
from typing import Annotated

from msgspec import Meta

from ledger.canonical import INT_MAX
from ledger.errors import Refused, Usage
from ledger.fact import Day, Piece
from ledger.money import show_amount
from payouts.amounts import decimal, number

DIGITS = 15
PLACES = 8
_RATE = re.compile(rf"([0-9]{{1,{DIGITS}}})(?:\.([0-9]{{1,{DIGITS}}})|/([0-9]{{1,{DIGITS}}}))?")


class Foreign(Piece, frozen=True):
    """What moved in another currency, in its smallest units; the rate (numerator, denominator), its source and day."""

    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
    exponent: Annotated[int, Meta(ge=0, le=4)]
    amount: Annotated[int, Meta(ge=1, le=INT_MAX)]
    rate: tuple[Annotated[int, Meta(ge=1, le=INT_MAX)], Annotated[int, Meta(ge=1, le=INT_MAX)]]
    source: Annotated[str, Meta(min_length=1, max_length=60)]
    date: Day

    def here(self, exponent: int) -> int:
        """What it is in the ledger's smallest units, of which a whole one has 10 ** exponent; half goes to even."""
        return counted(self.amount, self.exponent, Fraction(*self.rate), exponent)


def counted(amount: int, theirs: int, rate: Fraction, ours: int) -> int:
    """An amount in another currency, with `theirs` decimals, in units of ours; rounded to the nearest, half to even."""
    # Of a fraction this is exact.
    return round(Fraction(amount * 10**ours, 10**theirs) * rate)


def check_foreign(said: Foreign, amount: int, currency: str, exponent: int) -> None:
    """Raise Refused unless this amount of the ledger's currency is what the foreign one comes to."""
    if said.currency == currency:
        raise Refused(f"{currency} is the ledger's own currency and needs no rate.")
    if gcd(*said.rate) != 1:
        raise Refused("A rate stands in lowest terms.")
    if (comes_to := said.here(exponent)) != amount:
        raise Refused(
            f"{_at(said)} is {show_amount(comes_to, exponent)} {currency}, not {show_amount(amount, exponent)}."
        )


def parse_rate(text: str) -> Fraction:
    """The rate in "0.9213" or "9213/10000". Raises Usage for anything else, and for nothing."""
    found = _RATE.fullmatch(text.strip())
    rate = None
    if found and (found[3] is None or int(found[3])):
        whole, places, below = found[1], found[2] or "", found[3]
        rate = Fraction(int(whole + places), int(below) if below else 10 ** len(places))
    if not rate or max(rate.numerator, rate.denominator) > INT_MAX:
        raise Usage(f'"{text}" is not a rate.', "Write what one unit is worth here: 0.9213, or 9213/10000.")
    return rate


def rate_of(amount: int, theirs: int, here: int, ours: int) -> Fraction:
    """The rate at which an amount of another currency is exactly what was booked here."""
    return Fraction(here * 10**theirs, amount * 10**ours)


def rate_words(rate: Fraction) -> str:
    """A rate for people: "0.9213", or "0.33333333… (1/3)" where its digits do not end soon."""
    ends = next((places for places in range(PLACES + 1) if (rate * 10**places).denominator == 1), None)
    return decimal(rate, 0, ends) if ends is not None else f"{decimal(rate, 0, PLACES)} ({number(rate)})"


def rate_text(said: Foreign) -> str:
    """The rate for files and programs, exactly: "0.9213", or "1/3"."""
    return number(Fraction(*said.rate))


def foreign_words(said: Foreign) -> str:
    """In words: "100.00 USD at 0.9213 (ECB, 2026-11-20)". The source is somebody's text, not safe to show yet."""
    return f"{_at(said)} ({said.source}, {said.date})"


def _at(said: Foreign) -> str:
    return f"{show_amount(said.amount, said.exponent)} {said.currency} at {rate_words(Fraction(*said.rate))}"
