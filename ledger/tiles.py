"""The tree cut into tiles of 256 hashes, as other programs fetch and keep it.

The format is C2SP tlog-tiles: the tile (level 0, n) holds the hashes of the leaves from 256 n on, and a tile at
a higher level holds the roots of full tiles of the level below. Entry bundles hold the leaves themselves, each
after its length. The last tile of a level may be partial; a full one never changes.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from msgspec import Struct

from ledger import merkle
from ledger.errors import ProofError, Usage
from ledger.merkle import HASH_SIZE, HashOf

WIDTH = 256
HEIGHT = 8  # a full tile is a complete subtree this tall
LEVEL_MAX = 63
NODES_KEPT = 1024  # tiles whose inner nodes are kept: about 30 MB

ReadTile = Callable[[int, int], bytes]
_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


class NoSuchTile(Usage):
    """An address that no tile has."""

    status = 404


class Tile(Struct, frozen=True):
    """The address of a tile, or of an entry bundle where the level is None; `width` is how many it holds."""

    level: int | None
    n: int
    width: int = WIDTH


def tile_path(tile: Tile) -> str:
    """Where a tile is served: "tile/0/x001/x234/067", and ".p/17" after it for a partial one."""
    groups = f"{tile.n:03}"
    groups = groups.zfill(-(-len(groups) // 3) * 3)
    spelled = [groups[start : start + 3] for start in range(0, len(groups), 3)]
    level = "entries" if tile.level is None else tile.level
    partial = "" if tile.width == WIDTH else f".p/{tile.width}"
    return f"tile/{level}/" + "".join(f"x{group}/" for group in spelled[:-1]) + spelled[-1] + partial


def parse_path(path: str) -> Tile:
    """The tile at a path. Raises NoSuchTile for every spelling but the one `tile_path` gives."""
    found = _PATH.fullmatch(path)
    if found:
        level = None if found[1] == "entries" else int(found[1])
        tile = Tile(level, int(found[2].replace("x", "").replace("/", "")), int(found[3] or WIDTH))
        if (level or 0) <= LEVEL_MAX and 0 < tile.width <= WIDTH and tile_path(tile) == path:
            return tile
    raise NoSuchTile(f"There is no tile {path!r}.")


def width_at(level: int, n: int, size: int) -> int:
    """How many hashes the tile (level, n) holds in a log of `size`: 256 if full, 0 if it does not exist yet."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - n * WIDTH))


def tile_root(hashes: bytes) -> bytes:
    """The root over a tile's hashes: of a full tile, the hash that stands for it one level up."""
    return merkle.root(split_hashes(hashes))


def split_hashes(hashes: bytes) -> list[bytes]:
    """A tile's bytes as its hashes."""
    return [hashes[start : start + HASH_SIZE] for start in range(0, len(hashes), HASH_SIZE)]


def hash_of(read: ReadTile) -> HashOf:
    """The tree hash of the leaves in [start, end), computed from the tiles of a log that stands still.

    `read(level, n)` returns the hashes of a tile, full or partial, as bytes. The range must be one that the tree
    itself knows: a complete subtree, or one cut off by the end of the log. The inner nodes of the tiles read last
    are kept, so that a proof is mostly looking up. Raises ProofError for a tile that is too short.
    """

    @lru_cache(maxsize=NODES_KEPT)
    def nodes(level: int, n: int) -> list[list[bytes]]:
        """The complete nodes of a tile by their height above its hashes."""
        row = split_hashes(read(level, n))
        rows = [row]
        while len(row) > 1:
            row = list(map(merkle.node_hash, row[::2], row[1::2]))
            rows.append(row)
        return rows

    def subtree(start: int, width: int) -> bytes:
        # A subtree of height 8 * level + rest is made of 2 ** rest neighbours in one tile of that level.
        level, rest = divmod(width.bit_length() - 1, HEIGHT)
        n, offset = divmod(start >> HEIGHT * level, WIDTH)
        rows = nodes(level, n)
        if rest < len(rows) and offset >> rest < len(rows[rest]) and len(rows[0][-1]) == HASH_SIZE:
            return rows[rest][offset >> rest]
        raise ProofError(f"The tile {tile_path(Tile(level, n))} is too short for its log.")

    @lru_cache(maxsize=LEVEL_MAX)
    def edge(start: int, end: int) -> bytes:
        return merkle.frontier_root(
            [subtree(first, last - first) for first, last in merkle.complete_subtrees(start, end)]
        )

    def of_range(start: int, end: int) -> bytes:
        width = end - start
        return subtree(start, width) if not width & (width - 1) and width else edge(start, end)

    return of_range


def pack_bundle(leaves: Sequence[bytes]) -> bytes:
    """The entry bundle of up to 256 leaves: each after its length in two bytes, big-endian."""
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def unpack_bundle(data: bytes) -> list[bytes]:
    """The leaves of an entry bundle. Raises ProofError if it is cut off."""
    leaves = []
    end = 0
    while end < len(data):
        start = end + 2
        end = start + int.from_bytes(data[start - 2 : start], "big")
        leaves.append(data[start:end])
    if end > len(data):
        raise ProofError("The entry bundle is cut off.")
    return leaves
