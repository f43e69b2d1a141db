"""How numbers, parts and amounts are written in a share rule, each form exactly one thing.

A number is whole, `6` or `"6"`; a part is `"12.5%"`, `"1/3"` or `"@name"`; an amount is in quotes, `"500.00"`,
without grouping. A float is refused wherever it stands: nothing that pays is a rounded number. Whoever reads a
value names the place it stands at, so that a refusal can say where to look.

All of it is bounded, numbers as well as names and lists: whatever is written can be computed with and shown.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sized
from fractions import Fraction
from typing import Any

from msgspec import Struct

from ledger.errors import Refused
from ledger.money import format_amount, parse_amount

TEXT_MAX = 1000
WHOLE_MAX = 10**9
NUMBER_MAX = 20
"""Characters of a whole number or an amount."""

NAME_MAX = 60
MANY_MAX = 200
"""Pots, accounts, roles, kinds, lines of a pot: more than any rule that members can read."""

_WHOLE = re.compile(r"[0-9]{1,20}")
_AMOUNT = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,18})?")
_PERCENT = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?)%")
_RATIO = re.compile(r"([0-9]{1,12})/([0-9]{1,12})")
_BOUND = re.compile(r"(>=|<=) ([0-9]{1,20})")

_SPELLED_BITS = 200
_SPELLED_DIGITS = 10
_PLACE_MAX, _WHY_MAX = 150, 1000

# What is not seen, or moves what is seen: controls, format characters, separators, halves of characters; and letters
# by category for which nothing is drawn (fillers of Hangul and Khmer, the combining grapheme joiner).
_HIDDEN = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


class RuleError(Refused):
    """A share rule that is refused, with the place where it is wrong: a pot, `points.care`, `ask.rate`, `facts`."""

    def __init__(self, pot: str, why: str, hint: str = "") -> None:
        # Both may quote what somebody wrote: it stays short, and does nothing to a terminal.
        self.pot, self.why = _harmless(pot, _PLACE_MAX), _harmless(why, _WHY_MAX)
        super().__init__(f"{self.pot}: {self.why}", _harmless(hint, _WHY_MAX) or f'Correct "{self.pot}" and try again.')


class Float(str):
    """A number with a point and without quotes, kept as it was written until its place is known."""

    __slots__ = ()


class Amount(Struct, frozen=True):
    """An amount as it is written, `"500.00"`; how many minor units it is depends on the currency."""

    text: str

    def minor(self, exponent: int) -> int:
        """The amount in minor units. Raises ledger.errors.Usage for more decimals than the currency has."""
        return parse_amount(self.text, exponent)


class Portion(Struct, frozen=True):
    """A part of a whole, 0 to 1: as it is written, and its value (of `"@name"`, the number in force)."""

    text: str
    value: Fraction

    def words(self) -> str:
        """The part as it is written; for a number that members set, also what it is now."""
        return f"{self.text} (now {percent(self.value)})" if self.text.startswith("@") else self.text


class Bound(Struct, frozen=True):
    """`">= 16"` or `"<= 16"`."""

    text: str
    at_least: bool
    number: int

    def words(self) -> str:
        """The bound as members say it: "at least 16"."""
        return f"at {'least' if self.at_least else 'most'} {self.number}"

    def allows(self, number: int | Fraction) -> bool:
        """Whether a number keeps to the bound."""
        return number >= self.number if self.at_least else number <= self.number


def hidden(text: str) -> bool:
    """Whether a text has characters that cannot be seen, or that change how the others are seen."""
    return not (text.isascii() and text.isprintable()) and any(map(_is_hidden, text))


def check_name(place: str, name: str) -> None:
    """Raise RuleError for what is no name: nothing, too long, blanks that are not one between words, hidden letters."""
    if hidden(name) or not name or name != " ".join(name.split()):
        raise RuleError(place, f"{shown(name)} is not a name.", "A name has letters that can be seen.")
    if len(name) > NAME_MAX:
        raise RuleError(place, f"{shown(name)} has {len(name)} characters; a name has at most {NAME_MAX}.")


def few(place: str, what: str, many: Sized) -> None:
    """Raise RuleError for more pots, accounts or lines than stand in a rule that members can read."""
    if len(many) > MANY_MAX:
        raise RuleError(place, f"{len(many):,} {what} are more than the {MANY_MAX} that fit.", "Make fewer of them.")


def only(place: str, table: Mapping[str, Any], keys: Collection[str]) -> None:
    """Raise RuleError for a key that has no meaning here."""
    for key in sorted(table):
        if key not in keys:
            raise RuleError(
                place, f"{shown(key)} is not a key that is known here.", f"Known are {', '.join(sorted(keys))}."
            )


def table(place: str, key: str, value: Any) -> Mapping[str, Any]:
    """A table of keys and values."""
    if not isinstance(value, dict):
        raise RuleError(place, f"{key} is a table of names and values, not {shown(value)}.")
    return value


def rows(place: str, key: str, value: Any) -> list[Mapping[str, Any]]:
    """A list of tables, in written order."""
    if not isinstance(value, list):
        raise RuleError(place, f"{key} is a list of lines, not {shown(value)}.")
    few(place, f"lines of {key}", value)
    return [table(place, f"Each line of {key}", row) for row in value]


def text(place: str, key: str, value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value or len(value) > TEXT_MAX or isinstance(value, Float):
        raise RuleError(place, f"{key} is a text in quotes, not {shown(value)}.")
    return value


def texts(place: str, key: str, value: Any) -> tuple[str, ...]:
    """A list of texts, at least one."""
    if not isinstance(value, list) or not value:
        raise RuleError(place, f"{key} is a list of texts, not {shown(value)}.")
    few(place, f"texts of {key}", value)
    return tuple(text(place, f"Each of {key}", each) for each in value)


def flag(place: str, key: str, value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise RuleError(place, f"{key} is true or false, not {shown(value)}.")
    return value


def one_of(place: str, key: str, value: Any, choices: tuple[str, ...]) -> str:
    """One of a few words."""
    if not isinstance(value, str) or value not in choices:
        raise RuleError(place, f"{key} is {_or(choices)}, not {shown(value)}.")
    return value


def whole(place: str, key: str, value: Any, least: int = 0) -> int:
    """A whole number, `6` or `"6"`."""
    written = _match(_WHOLE, value)
    number = int(written[0]) if written else value
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= WHOLE_MAX:
        raise RuleError(place, f"{key} is a whole number from {least} to {WHOLE_MAX:,}, not {shown(value)}.")
    return number


def factor(place: str, key: str, value: Any) -> Fraction:
    """A number above 0, whole or like `"3/2"`."""
    ratio = _ratio(value)
    found = Fraction(whole(place, key, value)) if ratio is None else ratio
    if found == 0:
        raise RuleError(place, f"{key} is more than 0.")
    return found


def amount(place: str, key: str, value: Any) -> Amount:
    """An amount of money in quotes."""
    if not is_amount(value):
        why = f'{key} is an amount in quotes, such as "500.00", of at most {NUMBER_MAX} characters, not {shown(value)}.'
        raise RuleError(place, why)
    return Amount(value)


def is_amount(value: Any) -> bool:
    """Whether a value is written as an amount."""
    return _match(_AMOUNT, value) is not None and len(value) <= NUMBER_MAX


def portion(place: str, key: str, value: Any, asks: Mapping[str, Portion]) -> Portion:
    """A part of a whole: `"12.5%"`, `"1/3"`, `"0"`, `"1"`, or `"@name"` for a number that members set."""
    if isinstance(value, str) and value.startswith("@"):
        if value[1:] not in asks:
            hint = f"Declare it: [ask.{value[1:]}] with now, min and max."
            raise RuleError(place, f'"{value}" is not declared.', hint)
        return Portion(value, asks[value[1:]].value)
    percent = _match(_PERCENT, value)
    found = Fraction(percent[1]) / 100 if percent else _ratio(value)
    if found is None and _match(_WHOLE, value):
        found = Fraction(int(value))
    if found is None:
        why = f'{key} is a part such as "12.5%", "1/3" or "@name", not {shown(value)}.'
        raise RuleError(place, why, "A part has at most 12 digits on either side of its point or stroke.")
    if found > 1:
        raise RuleError(place, f"{key} is {value}, more than the whole.", 'Write ten of a hundred as "10%".')
    return Portion(value, found)


def bound(place: str, key: str, value: Any) -> Bound:
    """`">= 16"` or `"<= 16"`."""
    found = _match(_BOUND, value)
    if found is None:
        raise RuleError(place, f'{key} is a bound such as ">= 16" or "<= 16", not {shown(value)}.')
    return Bound(found[0], found[1] == ">=", whole(place, key, found[2]))


def percent(value: Fraction) -> str:
    """A part as a percentage where that is exact in a few decimals ("12.5%"), else as a fraction ("1/3")."""
    for digits in range(5):
        scaled = value * 100 * 10**digits
        if scaled.denominator == 1:
            return f"{format_amount(scaled.numerator, digits)}%"
    return spelled(value)


def spelled(value: Fraction | int) -> str:
    """An exact number, "12" or "1069/6"; one too long to read as its first digits, "0.3333333333…" or "10^4500…".

    Never fails, as `str` does beyond 4,300 digits; sums of many fractions come to more.
    """
    number = Fraction(value)
    sign, (whole, rest) = "-" if number < 0 else "", divmod(abs(number.numerator), number.denominator)
    if max(abs(number.numerator), number.denominator).bit_length() <= _SPELLED_BITS:
        return str(number)
    if whole.bit_length() > _SPELLED_BITS:
        # log10(2) = 0.3010299956…: the number is at least this power of ten.
        return f"{sign}10^{(whole.bit_length() - 1) * 3010299956 // 10**10}…"
    return f"{sign}{whole}.{rest * 10**_SPELLED_DIGITS // number.denominator:0{_SPELLED_DIGITS}}…"


def shown(value: Any) -> str:
    """A value as the rule spells it, cut where it is long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    said = f'"{value}"' if isinstance(value, str) and not isinstance(value, Float) else str(value)
    return said if len(said) <= 60 else said[:57] + "..."


def _ratio(value: Any) -> Fraction | None:
    found = _match(_RATIO, value)
    return Fraction(int(found[1]), int(found[2])) if found and int(found[2]) else None


def _match(pattern: re.Pattern[str], value: Any) -> re.Match[str] | None:
    if not isinstance(value, str) or isinstance(value, Float) or len(value) > TEXT_MAX:
        return None
    return pattern.fullmatch(value)


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in _HIDDEN or letter in _BLANK_LETTERS


def _harmless(text: str, most: int) -> str:
    """A text cut where it is long, with hidden characters written out."""
    text = text if len(text) <= most else f"{text[:most]}…"
    if not hidden(text):
        return text
    return "".join(ascii(letter)[1:-1] if _is_hidden(letter) else letter for letter in text)


def _or(choices: tuple[str, ...]) -> str:
    quoted = [f'"{choice}"' for choice in choices]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else quoted[0]
