"""What a stretch of the log shows by itself, without history: canonical bytes, signatures, hashes, the tiles it fills.

As many processes as there are cores look at stretches like this while another folds the book. Only what needs nothing
but the bytes is decided here; a signature whose key is not known yet is left for whoever folds.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import NamedTuple

from ledger import canonical, merkle, tiles
from ledger.entry import NAMESPACE, named_key, preimage, split_leaf
from ledger.errors import NotCanonical, TallyError
from ledger.keys import key_id
from ledger.keys import verify as signed
from ledger.log import Busy, Reader, StoreFailed, Unreachable

_KEY = b'"key":"'
NOT_SIGNED = "its signature is not that of the key it names over these bytes"


class Alone(NamedTuple):
    """What a stretch shows: leaf hashes, roots of the tiles it fills, entries whose key is still unknown, and faults.

    `bad` is the first leaf that is not sound, with the reason; `bad_tile` the first stored tile that is not that of
    these leaves. Hashes and unknown entries are those before `bad`.
    """

    hashes: list[bytes]
    tile_roots: list[bytes]
    bad_tile: str
    unknown: list[int]
    bad: tuple[int, str] | None


def keys_between(opener: Callable[[], Reader], start: int, end: int) -> dict[str, bytes]:
    """Every key these entries speak of, by its id: a key is its own proof, since its id is its hash."""
    found: dict[str, bytes] = {}
    with closing(opener()) as log:
        for leaf in log.entries(start, end):
            # Cheap first: every entry names its own key, almost none another in its body.
            if leaf.count(_KEY) > 1:
                for public in _publics(leaf):
                    found[key_id(public)] = public
    return found


def _publics(leaf: bytes) -> Iterator[bytes]:
    for part in leaf.split(_KEY)[1:]:
        try:
            yield bytes.fromhex(part[:64].decode("ascii"))
        except ValueError:
            continue


def check_alone(opener: Callable[[], Reader], start: int, end: int, keys: dict[str, bytes]) -> Alone:
    """Look at the entries from `start` up to, not including, `end`. Raises TallyError where they cannot be reached."""
    with closing(opener()) as log:
        hashes: list[bytes] = []
        unknown: list[int] = []
        bad = _look(log, start, end, keys, hashes, unknown)
        if bad is not None:
            return Alone(hashes, [], "", unknown, bad)
        return Alone(hashes, *_check_tiles(log, start, hashes), unknown, None)


def _look(
    log: Reader, start: int, end: int, keys: dict[str, bytes], hashes: list[bytes], unknown: list[int]
) -> tuple[int, str] | None:
    """Check leaf by leaf, in place; answers the first that is not sound."""
    index = start - 1
    try:
        for index, leaf in enumerate(log.entries(start, end), start):
            entry_bytes, signature, _ = split_leaf(leaf)
            key = keys.get(named_key(entry_bytes, canonical.decode_many))
            if key is None:
                unknown.append(index)
            elif not signed(key, preimage(NAMESPACE, entry_bytes), signature):
                return _unless_missing(log, start, index, NOT_SIGNED)
            hashes.append(merkle.leaf_hash(leaf))
    except NotCanonical as error:
        return _unless_missing(log, start, index, error.message)
    except (Unreachable, Busy):
        raise
    except StoreFailed as error:
        return index + 1, error.message
    return _unless_missing(log, start, end, "") if len(hashes) < end - start else None


def _unless_missing(log: Reader, start: int, index: int, why: str) -> tuple[int, str]:
    """This entry and the reason, or the first one before it that is missing: what follows a gap moves up in a list."""
    for place in range(start, index):
        try:
            log.entry(place)
        except TallyError:
            return place, "it is missing"
    return index, why


def _check_tiles(log: Reader, start: int, hashes: list[bytes]) -> tuple[list[bytes], str]:
    """The roots over the tiles of leaf hashes that are full now, and the first that is kept otherwise."""
    first = start - start % tiles.WIDTH
    if start + len(hashes) < first + tiles.WIDTH:
        return [], ""
    whole = [*map(merkle.leaf_hash, log.entries(first, start)), *hashes]
    roots: list[bytes] = []
    for place in range(0, len(whole) - tiles.WIDTH + 1, tiles.WIDTH):
        tile = whole[place : place + tiles.WIDTH]
        n = (first + place) // tiles.WIDTH
        if log.full_tile(0, n) != b"".join(tile):
            return roots, tiles.tile_path(tiles.Tile(0, n))
        roots.append(merkle.root(tile))
    return roots, ""
