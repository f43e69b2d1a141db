"""Words that have to fit: how wide they are on a screen and in a drawing, and where they are broken.

Nothing here looks at a font. A screen has columns; in a drawing every letter counts as wide as it is in the widest of
the plain fonts that programs have (DejaVu Sans), so that what fits by this count fits everywhere.
"""

import unicodedata
from collections.abc import Callable

# Widths in thousandths of the font's size, rounded up.
_NARROW = dict.fromkeys("ijl'", 310) | dict.fromkeys(" .,:;!/\\|()[]ftrI", 445)
_BROAD = dict.fromkeys("mwMWQO%@&→←", 1020) | dict.fromkeys("ABCDEFGHKLNPRSTUVXYZ≥≤<>=+~#^", 840)
_WIDTHS = _NARROW | _BROAD
_USUAL, _LATIN, _OTHER = 650, 700, 1200
_LATIN_END = "\u0250"
_BOLD = 1120  # a bold letter, in thousandths of the plain one


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: letters of East Asia take two, marks on letters none."""
    return sum(map(_columns_of, text))


def thousandths(text: str) -> int:
    """How wide a text is drawn, in thousandths of the size of its font; rather more than less."""
    return sum(map(_width_of, text))


def thousandths_bold(text: str) -> int:
    """The same for bold letters."""
    return thousandths(text) * _BOLD // 1000


def broken(text: str, room: int, size: Callable[[str], int]) -> list[str]:
    """The text in lines no larger than the room: broken between words, and within a word that alone is too large."""
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if size(longer) <= room:
            line = longer
            continue
        lines += [line] if line else []
        *whole, line = _pieces(word, room, size)
        lines += whole
    return [*lines, line]


def _pieces(word: str, room: int, size: Callable[[str], int]) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and size(pieces[-1] + letter) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _columns_of(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1


def _width_of(letter: str) -> int:
    if letter.isascii() or letter in _WIDTHS:
        return _WIDTHS.get(letter, _USUAL)
    if letter.islower() and letter < _LATIN_END:
        return _LATIN
    return 0 if unicodedata.combining(letter) else _OTHER
