"""Striking words out: which personal text an entry removes for good, so that every store and copy obeys it alike."""

import msgspec

from ledger.entry import TAIL

KIND = "ledger.erased"
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
