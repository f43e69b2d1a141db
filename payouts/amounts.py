"""How this room writes money: for people, for files, and exactly, so that everything can be redone by calculator.

Pure. An amount is in minor units; what is not whole is a fraction of them.
"""

from fractions import Fraction

from msgspec import Struct

from governance.rule_values import spelled
from ledger.book import Book
from ledger.money import DEBT_UNITS, format_amount, show_amount

PLACES = 6
"""Digits shown beyond the smallest unit where a figure does not end sooner."""

DRIFT_PLACES = 2
"""Digits beyond the smallest unit of what rounding owes: hundredths of a cent."""

_EIGHTHS = " ▏▎▍▌▋▊▉"


class Amounts(Struct, frozen=True, kw_only=True):
    """Money of one currency, in words."""

    currency: str
    exponent: int

    def show(self, amount: int) -> str:
        """For people: "1,234.50"."""
        return show_amount(amount, self.exponent)

    def full(self, amount: int) -> str:
        """With the currency: "1,234.50 EUR"."""
        return f"{self.show(amount)} {self.currency}"

    def signed(self, amount: int) -> str:
        """A difference: "+12.00", "-0.05", "0.00"."""
        return f"+{self.show(amount)}" if amount > 0 else self.show(amount)

    def plain(self, amount: int) -> str:
        """For files and programs: "1234.50"."""
        return format_amount(amount, self.exponent)

    def exact(self, minor: Fraction) -> str:
        """What is not whole minor units: "12.345", or "12.333333…" where it goes on."""
        return decimal(minor / 10**self.exponent, self.exponent, self.exponent + PLACES)

    def drift(self, debt: int) -> str:
        """What rounding gave more (+) or less (-) than the exact share, over all time, from a debt in 10^-9 units."""
        digits = self.exponent + DRIFT_PLACES
        scale = DEBT_UNITS // 10**DRIFT_PLACES
        # To the nearest digit shown, so that a debt of a billionth does not look like a hundredth of a cent.
        rounded = (-debt * 2 + scale) // (2 * scale)
        return f"{'+' if rounded > 0 else ''}{format_amount(rounded, digits)}"


def amounts_of(book: Book) -> Amounts:
    """The cooperative's money."""
    return Amounts(currency=book.ledger.currency, exponent=book.ledger.exponent)


def people_words(count: int) -> str:
    """So many people: "nobody", "1 person", "3 people"."""
    return "nobody" if count == 0 else "1 person" if count == 1 else f"{count} people"


def decimal(value: Fraction, least: int, most: int) -> str:
    """A number with at least and at most so many digits after the point; "…" where digits were cut off."""
    if spelled(int(value)).endswith("…"):
        return spelled(int(value))
    scaled = abs(value) * 10**most
    whole = scaled.numerator // scaled.denominator
    text = format_amount(whole, most)
    if scaled.denominator == 1 and most > least:
        head, _, digits = text.partition(".")
        kept = digits.rstrip("0").ljust(least, "0")
        text = f"{head}.{kept}" if kept else head
    return f"{'-' if value < 0 else ''}{text}{'' if scaled.denominator == 1 else '…'}"


def number(value: Fraction | int) -> str:
    """An exact number: "12.5", or "1/3" where digits would not end; cut off with "…" where it is too long to read."""
    value, said = Fraction(value), spelled(value)
    for digits in range(7) if "/" in said else ():
        if (value * 10**digits).denominator == 1:
            return decimal(value, 0, digits)
    return said


def read_back(text: str) -> Fraction | None:
    """The number that a text says exactly; None of one that was cut off: "12.333333…", "10^4500…"."""
    return None if text.endswith("…") else Fraction(text)


def readable(exact: str) -> str:
    """An exact number for people: "1069/6" becomes "178.1666…"."""
    return decimal(Fraction(exact), 0, 4) if "/" in exact else exact


def bar(part: int, whole: int, width: int) -> str:
    """A bar of block characters: `part` of `whole` on a line of `width` characters, to an eighth of one."""
    if part <= 0 or whole <= 0:
        return ""
    eighths = max(1, min(part, whole) * width * 8 // whole)
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")
