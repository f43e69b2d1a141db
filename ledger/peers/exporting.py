"""The log as a folder of files that any web server can show, so that everybody may keep and check a copy.

The layout is C2SP tlog-tiles, and beside it `log.vkey`, by which the log is recognised, and a README. Private words
are never in it. Every file is put in place whole, tiles first and `checkpoint` last: an export that was stopped half
way still shows the log as it was before. Full tiles are written once; a partial one is removed when it is full.
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from ledger import merkle, tiles
from ledger.anchor import one_at_a_time, write_durably
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import NoteError, Refused, VerificationFailed
from ledger.log import Reader
from ledger.merkle import HASH_SIZE
from ledger.note import open_note, vkey
from ledger.peers.tilesource import CHECKPOINT
from ledger.tiles import LEVEL_MAX, WIDTH, Tile, tile_path, width_at

VKEY, README, LOCK = "log.vkey", "README.txt", ".lock"
READABLE = 0o644


class Exported(Struct, frozen=True):
    """What an export did: how many entries are shown now and were before, under which root, files written."""

    size: int
    before: int
    root: str
    files: int


class NotThisSite(Refused):
    """The folder holds something else than an earlier export of this log."""


class NotSound(VerificationFailed):
    """The log at hand contradicts its own head; what is wrong is not shown to others."""


def export(log: Reader, folder: Path, vkeys: Sequence[str]) -> Exported:
    """Bring the folder up to the newest head of a log. Raises NotThisSite, NotSound; then `checkpoint` stays as it was.

    `vkeys` are those of all keys the log has had, the newest first; one of them must have signed its head.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(folder / LOCK):
        _clear_left_over(folder)
        note = log.shown().note
        head, signed = open_checkpoint(note, *vkeys), open_note(note, vkeys).signatures
        before = _before(log, folder, head, vkeys)
        if log.hash_of(0, head.size) != head.root:
            raise NotSound("The tiles of this log do not give the root it signed.", MEND)
        files = 0
        for tile, data in _files(log, head.size, before, folder):
            files += _put(folder / tile_path(tile), data)
        _put(folder / VKEY, "".join(f"{vkey(one.name, one.public)}\n" for one in signed).encode())
        _put(folder / README, _readme(head.origin).encode())
        _put(folder / CHECKPOINT, note)
        _clear_partial(folder, head.size, before)
        return Exported(size=head.size, before=before, root=head.root.hex(), files=files)


MEND = "`tally verify` tells what is wrong; `tally repair --from COPY` mends it. The site stays as it was."


def _before(log: Reader, folder: Path, head: Checkpoint, vkeys: Sequence[str]) -> int:
    """How many entries the folder shows so far, all of which must be those of this log."""
    path = folder / CHECKPOINT
    if not path.exists():
        if any(one.name not in (LOCK, VKEY, README, "tile") for one in folder.iterdir()):
            raise NotThisSite(f"{folder} holds other files.", "Choose an empty folder.")
        return 0
    try:
        shown = open_checkpoint(path.read_bytes(), *vkeys)
    except NoteError as error:
        raise NotThisSite(f"{folder} shows another log: {error.message}", "Choose another folder.") from error
    if shown.size > head.size:
        raise NotThisSite(
            f"{folder} shows {shown.size} entries already, but this log ends after {head.size}.",
            "This log was put back from a copy: bring back the newest one.",
        )
    if log.hash_of(0, shown.size) != shown.root:
        raise NotThisSite(
            f"{folder} shows another past of {shown.size} entries.",
            f"Keep that folder as it is: its checkpoint and this log's are evidence (tally checkpoint compare {path}).",
        )
    return shown.size


def _files(log: Reader, size: int, before: int, folder: Path) -> Iterator[tuple[Tile, bytes]]:
    """Every file that the folder lacks: bundles and tiles, checked against the tiles above them."""
    for n in range(-(-size // WIDTH)):
        width = width_at(0, n, size)
        if _is_lacking(folder, Tile(None, n, width), before):
            leaves = list(log.entries(n * WIDTH, n * WIDTH + width))
            if b"".join(map(merkle.leaf_hash, leaves)) != _hashes(log, 0, n, width):
                raise NotSound(f"Some of the entries {n * WIDTH} to {n * WIDTH + width - 1} are damaged.", MEND)
            yield Tile(None, n, width), tiles.pack_bundle(leaves)
    for level in range(LEVEL_MAX):
        for n in range(-(-(size >> tiles.HEIGHT * level) // WIDTH)):
            tile = Tile(level, n, width_at(level, n, size))
            if _is_lacking(folder, tile, before):
                yield tile, _checked(log, tile)


def _is_lacking(folder: Path, tile: Tile, before: int) -> bool:
    """Whether a file must be written: it is not there, or lies where only a stopped export can have put it.

    What an earlier checkpoint vouches for was written for good before that checkpoint was.
    """
    settled = width_at(tile.level or 0, tile.n, before) == tile.width
    return not (settled and (folder / tile_path(tile)).exists())


def _checked(log: Reader, tile: Tile) -> bytes:
    """The hashes of a tile. Raises NotSound if a full one is not what the tile above says."""
    assert tile.level is not None
    hashes = _hashes(log, tile.level, tile.n, tile.width)
    if tile.width == WIDTH:
        above, place = divmod(tile.n, WIDTH)
        start = place * HASH_SIZE
        if tiles.tile_root(hashes) != log.tile(tile.level + 1, above)[start : start + HASH_SIZE]:
            raise NotSound(f"The tile {tile_path(tile)} of this log is damaged.", MEND)
    return hashes


def _hashes(log: Reader, level: int, n: int, width: int) -> bytes:
    """The first `width` hashes of a tile: the log may have grown meanwhile."""
    return log.tile(level, n)[: width * HASH_SIZE]


def _put(path: Path, data: bytes) -> bool:
    """Write a file durably unless it is there already, just so; answers whether it was written."""
    if path.exists() and path.read_bytes() == data:
        return False
    write_durably(path, data, READABLE)
    return True


def _clear_partial(folder: Path, size: int, before: int) -> None:
    """Partial tiles may go once the full one can be had (C2SP tlog-tiles); those of older heads stay until then."""
    for level in range(LEVEL_MAX):
        n = (before >> tiles.HEIGHT * level) // WIDTH
        if width_at(level, n, size) == WIDTH:
            for kind in (level, None) if level == 0 else (level,):
                shutil.rmtree(folder / f"{tile_path(Tile(kind, n))}.p", ignore_errors=True)


def _clear_left_over(folder: Path) -> None:
    """What an export that was stopped was about to write."""
    for path in folder.rglob(".*.[0-9]*"):
        path.unlink(missing_ok=True)


def _readme(origin: str) -> str:
    return f"""This folder shows the log of a cooperative: {origin}

checkpoint            how many entries there are, and the root over all of them, signed by the log
log.vkey              the key by which that signature is checked
tile/entries/...      the entries, each signed by its author
tile/0/ tile/1/ ...   the tree of hashes over them

Names, notes and other personal words are not in here. The layout is that of https://c2sp.org/tlog-tiles, so any
web server can show it. Serve "checkpoint" as text without caching; all other files never change.

To keep and check a copy: tally copy ADDRESS --vkey log.vkey
Take log.vkey from somebody you trust and not from here: whoever can change these files could change that one too.
"""
