"""Private words that come along with a copy: only those their author committed to, and none that was erased."""

from typing import Any

import msgspec

from ledger.entry import TAIL, read
from ledger.erasure import struck
from ledger.errors import NotCanonical, Usage
from ledger.log import Log, Reader
from ledger.private import Kept, check_forms, commitment

PORTION = 4_096


def fitting(leaf: bytes, words: dict[str, Kept]) -> dict[str, Kept]:
    """Of these words by JSON pointer, those that the entry in this leaf promises at that very place."""
    if not words:
        return {}
    try:
        envelope = read(leaf[:-TAIL])
        body = msgspec.json.decode(envelope.body)
    except (NotCanonical, msgspec.DecodeError):
        return {}
    return {
        pointer: kept
        for pointer, kept in words.items()
        if _is_proper(pointer, kept) and _at(body, pointer) == commitment(envelope.key, envelope.seq, pointer, kept)
    }


def lay_beside(copy: Log, source: Reader, size: int) -> int:
    """Keep the words that a source has and a copy lacks for its first `size` entries; answers how many there were.

    Words that an entry of the copy has erased stay erased, whoever still has them.
    """
    erased: set[tuple[int, str]] | None = None
    count = 0
    for start in range(0, size, PORTION):
        end = min(start + PORTION, size)
        offered, held = source.private_between(start, end), copy.private_between(start, end)
        for index, words in offered.items():
            lacking = {pointer: kept for pointer, kept in words.items() if pointer not in held.get(index, {})}
            if lacking and erased is None:
                erased = erased_in(copy)
            lacking = {pointer: kept for pointer, kept in lacking.items() if (index, pointer) not in (erased or ())}
            fit = fitting(copy.entry(index), lacking)
            if fit:
                copy.private_put(index, fit)
                count += len(fit)
    return count


def erased_in(log: Reader) -> set[tuple[int, str]]:
    """The places (entry, JSON pointer) whose words some entry of a log removes for good."""
    return {place for leaf in log.entries(0, log.head().size) if (place := struck(leaf))}


def _is_proper(pointer: str, kept: Kept) -> bool:
    try:
        check_forms({pointer: kept})
    except Usage:
        return False
    return pointer.isascii()


def _at(body: Any, pointer: str) -> Any:
    """What stands in a body at a JSON pointer; None where nothing does."""
    for step in pointer.split("/")[1:]:
        if isinstance(body, list) and step.isdecimal() and len(step) < 10 and int(step) < len(body):
            body = body[int(step)]
        elif isinstance(body, dict):
            body = body.get(step)
        else:
            return None
    return body
