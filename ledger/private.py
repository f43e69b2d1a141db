"""Personal text stays out of the signed bytes: the entry holds a commitment, the words lie beside it and can be erased.

The commitment is SHA-256("tally-private-v1\\0" ‖ key 32 ‖ seq u64 ‖ u16 length ‖ JSON pointer ‖ salt 32 ‖ UTF-8):
the same words give another commitment every time, and words cannot be moved to another entry or field. The
pointer is that of the field within the body, like "/items/0/note".
"""

import hashlib
import os
import unicodedata
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ledger.errors import Usage, VerificationFailed

TEXT_MAX = 4_000
SALT_SIZE = 32


class Text(Struct, frozen=True):
    """Words to be kept beside the entry: whoever builds a body puts this where the commitment will stand."""

    words: str


class Kept(Struct, frozen=True):
    """The words of one private field with their salt, as they lie beside the entry."""

    salt: bytes
    words: str


class WrongCommitment(VerificationFailed):
    """Words that are not those the author committed to."""


def commitment(key_id: str, seq: int, pointer: str, kept: Kept) -> str:
    """The hex hash that stands in the signed bytes for these words in this field of this entry."""
    place = pointer.encode("ascii")
    head = b"tally-private-v1\0" + bytes.fromhex(key_id) + seq.to_bytes(8, "big") + len(place).to_bytes(2, "big")
    return hashlib.sha256(head + place + kept.salt + kept.words.encode()).hexdigest()


def seal(body: dict[str, Any], key_id: str, seq: int) -> tuple[dict[str, Any], dict[str, Kept]]:
    """The body with a commitment in place of each Text, and the words by their pointer."""
    words: dict[str, Kept] = {}

    def walk(value: Any, pointer: str) -> Any:
        if isinstance(value, Text):
            words[pointer] = Kept(os.urandom(SALT_SIZE), tidy(value.words))
            return commitment(key_id, seq, pointer, words[pointer])
        if isinstance(value, dict):
            return {name: walk(part, f"{pointer}/{name}") for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [walk(part, f"{pointer}/{place}") for place, part in enumerate(value)]
        return value

    return walk(body, ""), words


def check(key_id: str, seq: int, promised: dict[str, str], words: dict[str, Kept]) -> None:
    """Raise WrongCommitment unless all words are those promised. Words that are not held are no fault."""
    for pointer, kept in words.items():
        # First whether it is promised at all: a commitment is made for the places of an entry, not for any text.
        if pointer not in promised or promised[pointer] != commitment(key_id, seq, pointer, kept):
            raise WrongCommitment(f"The text kept for {pointer} is not the one its author committed to.")


def check_forms(words: Mapping[str, Kept]) -> None:
    """Raise Usage for words from outside that this program would not have written: untidy ones, or a short salt."""
    for pointer, kept in words.items():
        if len(kept.salt) != SALT_SIZE or tidy(kept.words) != kept.words:
            raise Usage(f"The text that came for {pointer} is not in the form that texts are kept in.")


def tidy(words: str) -> str:
    """The words without blanks at the ends; refuses what is too long or has no meaning as text."""
    words = words.strip()
    if not words:
        raise Usage("The text is empty.", "Write a few words.")
    if len(words) > TEXT_MAX:
        raise Usage(f"The text has {len(words)} characters; at most {TEXT_MAX} fit.", "Link to a longer text.")
    try:
        words.encode()
    except UnicodeEncodeError as error:
        raise Usage("The text holds half a character that no program can show.") from error
    return words


def show(words: str) -> str:
    """Words on one line, safe for a terminal: control and direction characters are written out as \\x1b or \\u202e."""
    if words.isascii() and words.isprintable():
        return words
    around = f" {words} "
    return "".join(_harmless(*around[place : place + 3]) for place in range(len(words)))


def _harmless(before: str, letter: str, after: str) -> str:
    joins = letter in _JOINERS and not (before.isascii() or after.isascii())
    if joins or not (unicodedata.category(letter) in _STEERING or letter in _BLANK_LETTERS):
        return letter
    code = ord(letter)
    if letter == "\n":
        return "⏎"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


# Unicode's categories of what reorders or hides what a terminal shows: controls, format characters (bidi controls,
# zero-width signs, tags), line and paragraph separators, halves of characters.
_STEERING = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))
# Persian, Indic scripts and emoji join and part letters with these two; beside ASCII they only hide.
_JOINERS = "\u200c\u200d"
# Letters by category, yet nothing is drawn: fillers of Hangul and of Khmer, the combining grapheme joiner.
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
