"""Whether the tiles that are kept are those of the entries: none missing, none changed, none too many.

Level 0 was compared with the entries themselves (`ledger/alone.py`); here each level above is compared with the one
below, and the right edge with the tree that folding gave. Nothing is left out because of what the store says.
"""

from functools import cache

from ledger import merkle, tiles
from ledger.log import Log, Reader
from ledger.merkle import HASH_SIZE
from ledger.tiles import HEIGHT, WIDTH, Tile, tile_path


def bad_tile(log: Reader, since: int, size: int, roots: list[bytes], frontier: list[bytes]) -> str | None:
    """The first tile that is not as it must be in a log of `size`, by its path; None if all are.

    `since` is the size that was verified before. `roots` are those over the tiles of level 0 that became full after
    it, `frontier` is that of all entries: both come from the entries, not from the store.
    """
    level = 0
    while size >> HEIGHT * level:
        before, now = since >> HEIGHT * (level + 1), size >> HEIGHT * (level + 1)
        if found := _bad_in_level(log, level, before, now, roots):
            return found
        level += 1
    if since == 0 and (found := _superfluous(log, size)):
        return found
    if merkle.frontier_at(size, log.hashing()) != frontier:
        return tile_path(Tile(0, size // WIDTH, size % WIDTH or WIDTH))
    return None


def _bad_in_level(log: Reader, level: int, before: int, now: int, roots: list[bytes]) -> str | None:
    """Of the tiles of a level that became full, and of the next, which must not be there yet."""
    kept = cache(log.tile_roots)
    for n in range(before, now):
        root = roots[n - before] if level == 0 else b""
        if level:
            hashes = log.full_tile(level, n)
            if hashes is None or hashes != log.tile_roots(level - 1, n):
                return tile_path(Tile(level, n))
            root = tiles.tile_root(hashes)
        above, place = divmod(n, WIDTH)
        if kept(level, above)[place * HASH_SIZE : (place + 1) * HASH_SIZE] != root:
            return tile_path(Tile(level, n))
    return tile_path(Tile(level, now)) if isinstance(log, Log) and log.full_tile(level, now) is not None else None


def _superfluous(log: Reader, size: int) -> str | None:
    """A tile that a log of this size cannot have; in a database one could lie anywhere."""
    for tile in log.full_tiles() if isinstance(log, Log) else ():
        if not 0 <= tile.level <= tiles.LEVEL_MAX or not 0 <= tile.n < size >> HEIGHT * (tile.level + 1):
            return f"tile/{tile.level}/{tile.n}"
    return None
