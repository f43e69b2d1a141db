"""Striking words out: which personal text an entry removes for good, so that every store and copy obeys it alike."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from ledger.entry import TAIL

KIND = "ledger.erased"
T = TypeVar("T")
_MARK = b'"kind":"ledger.erased"'


class _Body(msgspec.Struct):
    index: int
    field: str


class _Struck(msgspec.Struct):
    kind: str
    body: _Body


_struck = msgspec.json.Decoder(_Struck)


def struck(leaf: bytes) -> tuple[int, str] | None:
    """The place (entry index, JSON pointer) whose words this leaf removes; None for all other leaves."""
    # Cheap first: almost no leaf removes anything.
    if _MARK not in leaf:
        return None
    try:
        found = _struck.decode(leaf[:-TAIL])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return (found.body.index, found.body.field) if found.kind == KIND else None


def place(index: int, pointer: str) -> str:
    """How the book names the place of a personal text: "INDEX POINTER"."""
    return f"{index} {pointer}"


def words(by: int) -> str:
    """What is shown where a text was erased."""
    return f"(erased by entry {by})"


def without(erased: Mapping[str, int], index: int, words: Mapping[str, T]) -> dict[str, T]:
    """Those of an entry's private words, by pointer, that nobody has erased: the others are never kept again."""
    return {pointer: kept for pointer, kept in words.items() if place(index, pointer) not in erased}
