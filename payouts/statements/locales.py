"""Amounts and dates as a member's own country writes them; words stay English, and what is signed stays as it is.

Only the signs come from Babel (CLDR): what parts thousands and decimals, in which groups, and how a date is written.
The digits are those of the plain decimal, put together as text, so that none is lost and none is made up; how many
decimals a currency has says the ledger, never CLDR, which differs from ISO 4217 for 13 currencies.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from msgspec import Struct

from ledger.errors import Usage

VARIABLES = ("LC_ALL", "LC_MONETARY", "LANG")
"""Where a machine says how amounts are written, the first that is set."""

_LOCALE = re.compile(r"[a-z]{2,3}(?:_[A-Za-z0-9]{2,8}){0,3}")

_KNOWN_LETTERS = ("LATIN", "GREEK", "CYRILLIC")
_SPELLED = re.compile(r"([A-Za-z0-9_-]*)(?:\.[A-Za-z0-9-]+)?(?:@[A-Za-z0-9=;]+)?")
_NONE = ("", "C", "POSIX")


class Written(Struct, frozen=True, kw_only=True):
    """How a locale writes: signs for minus, decimals and thousands, and the sizes of the first and later groups.

    The locale "" is nobody's own: 1,234.50 and 2025-08-31.
    """

    locale: str = ""
    minus: str = "-"
    decimal: str = "."
    group: str = ","
    sizes: tuple[int, int] = (3, 3)

    def amount(self, plain: str) -> str:
        """A plain decimal ("-1234.50", "+0.01", "178.1666…") as it is written here; what is none stays as it is."""
        sign, digits = (plain[0], plain[1:]) if plain[:1] in ("-", "+") else ("", plain)
        whole, point, decimals = digits.partition(".")
        if not (whole.isascii() and whole.isdigit()):
            return plain
        sign = self.minus if sign == "-" else sign
        return f"{sign}{self._grouped(whole)}{self.decimal if point else ''}{decimals}"

    def money(self, plain: str, currency: str) -> str:
        """An amount with its currency, which no line break parts."""
        return f"{self.amount(plain)}\N{NO-BREAK SPACE}{currency}"

    def day(self, iso: str) -> str:
        """A date: "31 agosto 2025"; in ISO 8601 where nobody's own, or where its letters may not be at hand."""
        if not self.locale:
            return iso
        from babel.dates import format_date  # noqa: PLC0415  only who asks for a locale pays for Babel

        said = format_date(date.fromisoformat(iso), "long", locale=self.locale)
        return said if all(map(_is_common, said)) else iso

    def _grouped(self, whole: str) -> str:
        first, later = self.sizes
        parts = [whole[-first:]]
        rest = whole[:-first]
        while rest:
            parts.append(rest[-later:])
            rest = rest[:-later]
        return self.group.join(reversed(parts))


def wanted(typed: str | None, environment: Mapping[str, str]) -> Written:
    """The locale that was asked for, else the machine's. Raises Usage for one that was typed and that nobody knows."""
    if typed is not None:
        found = _named(typed)
        if found is None:
            raise Usage(f"{typed!r} is no locale known here.", "Write one like it, it_CH or en_IN.")
        return found
    said = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    return _named(said) or Written()


def written(locale: str) -> Written:
    """The locale of that very spelling. Raises Usage for one that Babel does not know, or spells in another way."""
    found = _named(locale)
    if found is None or found.locale != locale:
        raise Usage(f"{locale!r} is no locale known here.")
    return found


def _named(said: str) -> Written | None:
    """The locale in "it", "it_IT.UTF-8@euro" or "it-IT"; None where nobody knows it."""
    found = _SPELLED.fullmatch(said)
    name = found[1].replace("-", "_") if found else None
    if name in _NONE:
        return Written()
    return _from_babel(name) if name and _LOCALE.fullmatch(name) else None


@lru_cache(maxsize=8)
def _from_babel(name: str) -> Written | None:
    from babel import Locale, UnknownLocaleError, numbers  # noqa: PLC0415  only who asks for a locale pays for Babel

    try:
        known = Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return None
    sizes = known.decimal_formats[None].grouping
    return Written(
        locale=str(known),
        # Without marks of direction: the words around are English and run from left to right.
        minus=numbers.get_minus_sign_symbol(known, numbering_system="latn").strip("\u200e\u200f"),
        decimal=numbers.get_decimal_symbol(known, numbering_system="latn"),
        group=numbers.get_group_symbol(known, numbering_system="latn"),
        sizes=(min(sizes[0], 9), min(sizes[1], 9)),
    )


def _is_common(letter: str) -> bool:
    """Whether a letter is of an alphabet that every page can show."""
    return not letter.isalpha() or unicodedata.name(letter, "").startswith(_KNOWN_LETTERS)
