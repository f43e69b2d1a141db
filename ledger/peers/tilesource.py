"""A log as a tiles site shows it: read from a folder or from any web server, the same way as a ledger of one's own.

The layout is C2SP tlog-tiles: `checkpoint`, `tile/L/N[.p/W]`, `tile/entries/N[.p/W]`. A source stands still: the
checkpoint is asked for once, and everything else is what belongs to it. Nothing here is proved: whoever reads checks
the checkpoint's signature first, and then that tiles and entries give its root. Private words are not on a site.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path

from ledger import tiles
from ledger.errors import NoteError, ProofError, TallyError
from ledger.log import FullTile, Head, NoLedger, Reader, Unreachable, head_of
from ledger.merkle import HASH_SIZE
from ledger.peers import fetching
from ledger.tiles import WIDTH, Tile

CHECKPOINT = "checkpoint"
NOTE_MAX = 65_536
BUNDLE_MAX = WIDTH * (2 + 65_535)
BUNDLES_KEPT = 4


class IncompleteSource(Unreachable):
    """A site lacks a file that its checkpoint promises, or has only a part of it."""


class TileSource(Reader):
    """The log at a folder or an address, as long as its checkpoint said when it was first asked."""

    def __init__(self, place: str, note: bytes = b"") -> None:
        self.place = fetching.checked(place) if fetching.is_address(place) else str(Path(place).absolute())
        self._fetch = (
            partial(fetching.from_site, self.place)
            if fetching.is_address(place)
            else partial(fetching.from_folder, Path(place).absolute())
        )
        self._head = head_of(note) if note else None
        self._bundle = lru_cache(maxsize=BUNDLES_KEPT)(self._bundle_of)

    @property
    def opener(self) -> Callable[[], Reader]:
        """How another process reads the same log under the same checkpoint."""
        return partial(TileSource, self.place, self.head().note)

    def close(self) -> None:
        """Nothing is held open."""

    def head(self) -> Head:
        """What the checkpoint said when it was first asked for; whoever reads on checks its signature.

        Raises NoLedger where there is none, NoteError for something else under its name, Unreachable.
        """
        if self._head is None:
            note = self._fetch(CHECKPOINT, NOTE_MAX)
            if note is None:
                raise NoLedger(f"There is no log at {self.place}: it has no checkpoint.", "Check the address.")
            try:
                self._head = head_of(note)
            except NoteError as error:
                raise NoteError(
                    f"What {self.place} has for a checkpoint is none: {error.message}", "Use another source."
                ) from error
        return self._head

    def entry(self, index: int) -> bytes:
        """The leaf at an index. Raises TallyError where there is none, Unreachable where it cannot be had."""
        if not 0 <= index < self.head().size:
            raise TallyError(f"There is no entry {index}.", "`tally verify` tells how many there are.")
        return self._bundle(index // WIDTH)[index % WIDTH]

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """The leaves from `start` up to, not including, `end`, in order, a bundle at a time."""
        start, end = max(0, start), min(end, self.head().size)
        for n in range(start // WIDTH, -(-end // WIDTH)):
            yield from self._bundle(n)[max(0, start - n * WIDTH) : end - n * WIDTH]

    def full_tile(self, level: int, n: int) -> bytes | None:
        """The hashes of a full tile; None while it is not full. Raises Unreachable where it cannot be had."""
        return self.tile(level, n) if self._width(level, n) == WIDTH else None

    def full_tiles(self) -> Iterator[FullTile]:
        """Every full tile, by level and number."""
        for level in range(tiles.LEVEL_MAX):
            for n in range(self.head().size >> tiles.HEIGHT * (level + 1)):
                hashes = self.tile(level, n)
                yield FullTile(level, n, tiles.tile_root(hashes), hashes)

    def tile_roots(self, level: int, n: int) -> bytes:
        """The roots of the full tiles of a level that make up the tile `n` one level up, which the site has too."""
        return self.tile(level + 1, n)

    def tile(self, level: int, n: int) -> bytes:
        """The hashes of a tile, full or the partial right edge, 32 bytes each."""
        width = self._width(level, n)
        if not width:
            return b""
        found, data = self._partial_or_full(Tile(level, n, width), WIDTH * HASH_SIZE)
        if len(data) != found.width * HASH_SIZE:
            raise self._broken(found)
        return data[: width * HASH_SIZE]

    def _bundle_of(self, n: int) -> list[bytes]:
        width = self._width(0, n)
        found, data = self._partial_or_full(Tile(None, n, width), BUNDLE_MAX)
        try:
            leaves = tiles.unpack_bundle(data)
        except ProofError as error:
            raise self._broken(found) from error
        if len(leaves) != found.width:
            raise self._broken(found)
        return leaves[:width]

    def _width(self, level: int, n: int) -> int:
        return tiles.width_at(level, n, self.head().size) if level <= tiles.LEVEL_MAX and n >= 0 else 0

    def _partial_or_full(self, tile: Tile, most: int) -> tuple[Tile, bytes]:
        """A file, and which: a partial one may have gone once the full one was there (C2SP tlog-tiles)."""
        for one in dict.fromkeys((tile, Tile(tile.level, tile.n))):
            data = self._fetch(tiles.tile_path(one), most)
            if data is not None:
                return one, data
        raise IncompleteSource(
            f"{self.place} lacks {tiles.tile_path(tile)}, which its checkpoint of {self.head().size} entries promises.",
            "Try again later, or use another copy.",
        )

    def _broken(self, tile: Tile) -> IncompleteSource:
        return IncompleteSource(
            f"{tiles.tile_path(tile)} at {self.place} is cut off or holds something else.",
            "Try again later, or use another copy.",
        )
