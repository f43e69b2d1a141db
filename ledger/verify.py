"""Re-checking a whole ledger: every signature, the tree, every admission, every private word, every payout.

Signatures, canonical bytes and leaf hashes need no history and are checked by as many processes as there are
cores. Meanwhile the book is folded anew from nothing, and each entry must be admitted as it was when it came:
a payout or a result is computed again by its own `check`. The first bad entry is named. What this copy of the
program does not know makes the verdict INCOMPLETE, never OK.
"""

import gc
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from ledger import merkle, private, tiles
from ledger.anchor import Anchor
from ledger.book import Book, UnknownVersion, hooks
from ledger.checkpoint import open_checkpoint
from ledger.entry import NAMESPACE, named_key, preimage, read, split_leaf
from ledger.errors import NotCanonical, TallyError
from ledger.fact import UnknownKind, commitments
from ledger.home import Known
from ledger.keys import key_id
from ledger.keys import verify as signed
from ledger.log import NoLedger, Reader
from ledger.note import vkey
from ledger.places import open_log
from ledger.shelf import MemoryShelf

OK, FAILED, INCOMPLETE = "OK", "FAILED", "INCOMPLETE"
CHUNK = 4 * tiles.WIDTH
AHEAD = 32  # chunks that may be checked before they are folded, so that no process waits for another
_KEY = b'"key":"'


class Verdict(Struct, kw_only=True):
    """What came of it. `entry` is the first bad one where that is known."""

    verdict: str
    why: str = ""
    entry: int | None = None
    entries: int = 0
    words: int = 0
    words_gone: int = 0
    payouts: int = 0


class Alone(NamedTuple):
    """What a chunk shows by itself: its leaf hashes, and the first leaf that is not sound, with the reason."""

    hashes: bytes
    bad: tuple[int, str] | None


class _Bad(Exception):
    """An entry that does not hold, named."""

    def __init__(self, entry: int | None, why: str) -> None:
        super().__init__(why)
        self.entry, self.why = entry, why


def verify(
    place: str, known: Known, rooms: tuple[str, ...], progress: Callable[[int, int], None], anchor: Anchor | None
) -> tuple[Verdict, Book]:
    """The verdict on the ledger at a place, and the book it folds to. `anchor` is what a home has seen of it."""
    book = Book(rooms, MemoryShelf())
    result = Verdict(verdict=OK)
    try:
        log = open_log(place, anchor or Anchor(Path(os.devnull)), known.origin)
    except NoLedger:
        raise
    except TallyError as error:
        result.verdict, result.why = FAILED, error.message
        return result, book
    book.root_at, book.leaf_at = lambda size: log.hash_of(0, size), log.entry
    try:
        head = log.head()
        result.entries = head.size
        if not head.size:
            raise _Bad(None, "the log has no signed head")
        with _no_collecting():
            _fold_all(log, book, result, progress)
        _check_head(log, book, known)
        if anchor is not None:
            log.check_anchor()
    except _Bad as bad:
        result.verdict, result.entry, result.why = FAILED, bad.entry, bad.why
    except (UnknownKind, UnknownVersion) as unknown:
        result.verdict, result.entry, result.why = INCOMPLETE, book.size, unknown.message
    except TallyError as error:
        result.verdict, result.why = FAILED, error.message
    finally:
        log.close()
    result.payouts = sum(computed(book) for computed in hooks(rooms, "payouts_computed"))
    return result, book


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Folding makes no cycles; looking for them again and again would take a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _fold_all(log: Reader, book: Book, result: Verdict, progress: Callable[[int, int], None]) -> None:
    """Fold chunk by chunk while other processes check what needs no history, a few chunks ahead."""
    size = log.head().size
    keys = _keys(log, size)
    starts = iter(range(0, size, CHUNK))
    workers = os.cpu_count() or 1
    # Forked and not spawned: the programs are loaded already, and a small ledger is verified in no time.
    with ProcessPoolExecutor(workers, get_context("fork"), os.nice, (5,)) as pool:

        def ahead() -> Iterator[tuple[int, Future[Alone]]]:
            for start in starts:
                yield start, pool.submit(check_alone, log.opener, start, min(start + CHUNK, size), keys)

        queue = ahead()
        waiting = [chunk for _, chunk in zip(range(AHEAD), queue, strict=False)]
        while waiting:
            start, alone = waiting.pop(0)
            if following := next(queue, None):
                waiting.append(following)
            _fold_chunk(log, book, start, alone.result(), result)
            progress(book.size, size)


def _keys(log: Reader, size: int) -> dict[str, bytes]:
    """Every key the log speaks of, by its id: a key is its own proof, since its id is its hash."""
    found: dict[str, bytes] = {}
    for leaf in log.entries(0, size):
        # Cheap first: every entry names its own key, almost none another in its body.
        if leaf.count(_KEY) > 1:
            for public in _publics(leaf):
                found[key_id(public)] = public
    return found


def _publics(leaf: bytes) -> Iterator[bytes]:
    for part in leaf.split(_KEY)[1:]:
        public = part[:64]
        try:
            yield bytes.fromhex(public.decode("ascii"))
        except ValueError:
            continue


def check_alone(opener: Callable[[], Reader], start: int, end: int, keys: dict[str, bytes]) -> Alone:
    """What leaves show without history: canonical bytes, a signature by the key they name, the hash kept for them."""
    log = opener()
    hashes, bad = [], None
    for index, leaf in enumerate(log.entries(start, end), start):
        hashes.append(merkle.leaf_hash(leaf))
        entry_bytes, signature, _ = split_leaf(leaf)
        try:
            key = keys.get(named_key(entry_bytes))
        except NotCanonical as error:
            bad = (index, error.message)
            break
        if key is None or not signed(key, preimage(NAMESPACE, entry_bytes), signature):
            bad = (index, "its signature is not that of the key it names over these bytes")
            break
    log.close()
    return Alone(b"".join(hashes), bad)


def _fold_chunk(log: Reader, book: Book, start: int, alone: Alone, result: Verdict) -> None:
    end = start + len(alone.hashes) // merkle.HASH_SIZE
    hashes = tiles.split_hashes(alone.hashes)
    words = log.private_between(start, end)
    for index, leaf in enumerate(log.entries(start, end), start):
        if alone.bad is not None and index == alone.bad[0]:
            raise _Bad(*alone.bad)
        try:
            _fold_one(book, leaf, hashes[index - start], words.get(index, {}), result)
        except (UnknownKind, UnknownVersion):
            raise
        except TallyError as error:
            raise _Bad(index, error.message) from error
        except Exception as error:
            # Whatever a log from elsewhere makes the program stumble over, the log is not one to trust.
            raise _Bad(index, f"it cannot be applied ({type(error).__name__}: {error})") from error
    for n in range(start // tiles.WIDTH, end // tiles.WIDTH):
        if log.full_tile(0, n) != b"".join(hashes[n * tiles.WIDTH - start :][: tiles.WIDTH]):
            raise _Bad(None, f"the stored tile {tiles.tile_path(tiles.Tile(0, n))} is not that of the entries")


def _fold_one(book: Book, leaf: bytes, leaf_hash: bytes, words: dict[str, private.Kept], result: Verdict) -> None:
    entry_bytes, _, received = split_leaf(leaf)
    entry, said = book.place(read(entry_bytes), entry_bytes, received)
    book.signing_key(said, entry)
    book.follows(entry)
    said.check(book, entry)
    promised = dict(commitments(said))
    if words:
        private.check(entry.key, entry.envelope.seq, promised, words)
    result.words += len(words)
    result.words_gone += len(promised) - len(words)
    book.act(said, entry, leaf_hash)


def _check_head(log: Reader, book: Book, known: Known) -> None:
    """The newest checkpoint is signed, of this size and root; the full tiles are those of these leaves."""
    head = log.head()
    note = open_checkpoint(head.note, vkey(known.origin, bytes.fromhex(known.log_key)))
    if (note.size, note.root.hex()) != (book.size, book.root):
        raise _Bad(None, "the entries do not give the root that the log signed")
    if book.ledger.id != known.founding or book.ledger.log_key != known.log_key or book.ledger.origin != known.origin:
        raise _Bad(0, "this is another ledger than the one this home knows")
    for level, n, root, hashes in log.full_tiles():
        # Those of the leaves themselves were compared with them chunk by chunk.
        if (level and hashes != log.tile_roots(level - 1, n)) or root != tiles.tile_root(hashes):
            raise _Bad(None, f"the stored tile {tiles.tile_path(tiles.Tile(level, n))} is not that of the entries")
