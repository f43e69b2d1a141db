"""A log that cannot be reached now: what this home knows of it is told, all else says where the log should be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from ledger.anchor import Anchor
from ledger.log import FullTile, Head, Log, Unreachable


class Away(Log):
    """The log of a ledger that this home knows up to a head. No private words are held here: names show as ids."""

    def __init__(self, why: Unreachable, anchor: Anchor, origin: str, size: int, root: bytes) -> None:
        super().__init__(Path(), anchor, origin)
        note = anchor.note() if anchor.read() == (size, root) else None
        self.why, self._head = why, Head(size, root, note or b"")

    def head(self) -> Head:
        """The last head this home has verified; without its note where that is not what it remembers as newest."""
        return self._head

    def shown(self) -> Head:
        """The same: what witnesses signed lies with the log."""
        return self.head()

    def check_anchor(self) -> None:
        """There is no store to compare with what this home has seen."""

    def close(self) -> None:
        """Nothing is open."""

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """None beyond the head; those before it are not here."""
        if start < min(end, self._head.size):
            self._gone()
        return iter(())

    def full_tiles(self) -> Iterator[FullTile]:
        """None is here."""
        self._gone()

    def private_many(self, places: list[tuple[int, str]]) -> dict[tuple[int, str], str]:
        """No words are here."""
        return {}

    def _gone(self, *_: Any, **__: Any) -> NoReturn:
        raise self.why

    opener = property(_gone)
    entry = full_tile = tile_roots = find = _gone
    transaction = insert = scrub = private_put = private_erase = _gone
    keep_evidence = evidence = keep_cosignatures = witnessed = retire = _gone
