"""Re-checking a ledger: every signature, the tree, every admission, every private word, every payout.

What needs no history is checked by as many processes as there are cores (`ledger/alone.py`). Meanwhile each entry must
be admitted as it was when it came: a payout or a result is computed again by its own `check`. That is done from the
first entry on, or from where this home has verified before (`ledger/verified.py`). The first bad entry is named.
What cannot be read, or is newer than this copy of the program, makes the verdict INCOMPLETE, never OK.
"""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from msgspec import Struct

from ledger import log_keys, private
from ledger.alone import NOT_SIGNED, Alone, check_alone, keys_between
from ledger.anchor import Anchor
from ledger.book import Book, UnknownVersion, hooks
from ledger.checkpoint import is_unsigned
from ledger.clock import BEHIND_MAX
from ledger.database import is_kept_out
from ledger.entry import NAMESPACE, preimage, read, split_leaf
from ledger.errors import TallyError, VerificationFailed
from ledger.fact import UnknownKind, commitments
from ledger.home import Known
from ledger.keys import SIGNATURE_SIZE
from ledger.keys import verify as signed
from ledger.log import Busy, Log, NoLedger, Reader, UnknownFormat, Unreachable
from ledger.note import ID_SIZE, TIME_SIZE, divide, read_base64
from ledger.places import is_afar, open_log
from ledger.shelf import MemoryShelf, ShelfFailed
from ledger.tile_audit import bad_tile
from ledger.tiles import WIDTH
from ledger.verified import Verified

OK, FAILED, INCOMPLETE = "OK", "FAILED", "INCOMPLETE"
CHUNK = 4 * WIDTH
AHEAD = 32  # chunks that may be checked before they are folded, so that no process waits for another

FAR = 2**62  # beyond any entry
COSIGNED_SIZE = ID_SIZE + TIME_SIZE + SIGNATURE_SIZE

Progress = Callable[[int, int], None]


class Verdict(Struct, kw_only=True):
    """What came of it. `entry` is the first bad one where that is known.

    `since` is the first entry that was read; those before it were verified by this home earlier. Words and payouts
    are counted from there on: texts held, texts not held here, texts of whichever entry that were erased, and by which.
    """

    verdict: str
    why: str = ""
    hint: str = ""
    entry: int | None = None
    entries: int = 0
    since: int = 0
    words: int = 0
    words_erased: int = 0
    erased_by: list[int] = []
    words_not_held: int = 0
    payouts: int = 0


class _Bad(Exception):
    """Something that does not hold; the entry is named where one is to blame."""

    def __init__(self, entry: int | None, why: str) -> None:
        super().__init__(why)
        self.entry, self.why = entry, why


def verify(
    place: str,
    known: Known,
    rooms: tuple[str, ...],
    progress: Progress,
    anchor: Anchor | None,
    kept: Verified | None = None,
) -> tuple[Verdict, Book]:
    """The verdict on the ledger at a place (a folder, or the address of tiles), and the book it folds to.

    `anchor` is what a home has seen of it. `kept` is what the home has verified of it before: only what came after
    is read; then it is kept for the next time.
    """
    book = kept.book() if kept else None
    if book is None:
        if kept:
            kept.forget()
        book = Book(rooms, kept.shelf if kept else MemoryShelf())
    result = Verdict(verdict=OK, since=book.size)
    before = _payouts(book)
    try:
        with closing(open_place(place, known, anchor)) as log:
            _Audit(log, known, book, result, progress).run()
            if anchor is not None:
                _check_anchor(log, anchor)
    except NoLedger:
        raise
    except _Bad as bad:
        result.verdict, result.entry, result.why = FAILED, bad.entry, bad.why
    except (UnknownKind, UnknownVersion) as unknown:
        result.verdict, result.entry, result.why = INCOMPLETE, book.size, unknown.message
        result.hint = unknown.hint
    except TallyError as error:
        result.verdict, result.why, result.hint = _judged(error)
    result.payouts = _payouts(book) - before
    if kept and result.verdict == OK:
        kept.save(book)
    return result, book


def _judged(error: TallyError) -> tuple[str, str, str]:
    """Verdict, why and hint: what only kept us from reading says nothing against the log."""
    if isinstance(error, Unreachable | Busy | UnknownFormat | ShelfFailed) or is_kept_out(error):
        return INCOMPLETE, error.message, error.hint
    return FAILED, error.message, ""


def open_place(place: str, known: Known, anchor: Anchor | None) -> Reader:
    """What can be read at a place: the address of tiles, a folder of tiles, or a ledger. Raises NoLedger."""
    if is_afar(place) or (Path(place) / "checkpoint").is_file():
        from ledger.peers.tilesource import TileSource  # noqa: PLC0415  (most ledgers lie in a folder of their own)

        return TileSource(place)
    return open_log(place, anchor or Anchor(Path(os.devnull)), known.origin)


def _payouts(book: Book) -> int:
    return sum(computed(book) for computed in hooks(book.rooms, "payouts_computed"))


class _Audit:
    """One verification at work."""

    def __init__(self, log: Reader, known: Known, book: Book, result: Verdict, progress: Progress) -> None:
        self.log, self.known, self.book, self.result, self.progress = log, known, book, result, progress
        self.root_at = book.root_at = partial(log.hashing(), 0)
        book.leaf_at = log.entry
        self.head = log.head()
        self.size = result.entries = self.head.size
        self.tile_roots: list[bytes] = []  # of the tiles of level 0 that became full
        self.missing = 0  # texts that were promised and are not here

    def run(self) -> None:
        """Check all of it. Raises _Bad, or TallyError, at the first thing that does not hold."""
        if not self.size:
            raise _Bad(None, "the log has no signed head")
        if is_unsigned(self.head.note):
            raise Unreachable("This copy is only half made", "Go on with it: tally copy.")
        self._goes_on()
        with _no_collecting():
            self._fold_all()
        self._check_head()
        self._check_cosigned(self.size, divide(self.head.note)[1])
        if isinstance(self.log, Log):
            self._check_beyond(self.log)
        self._count_erased()

    def _goes_on(self) -> None:
        """Where this home has verified before, the log must still give the root that it gave then."""
        book = self.book
        if self.size < book.size:
            why = f"the log ends after {self.size} entries, but this home has verified {book.size}"
            raise _Bad(None, why)
        if book.size and self.root_at(book.size).hex() != book.root:
            raise _Bad(None, f"the first {book.size} entries are not those that this home has verified")

    def _fold_all(self) -> None:
        """Fold chunk by chunk while other processes check what needs no history, a few chunks ahead."""
        since, opener = self.book.size, self.log.opener
        starts = range(since, self.size, CHUNK)
        known = {name: bytes.fromhex(key.public) for name, key in self.book.ledger.keys.items()}
        if self.size - since <= CHUNK:
            # So few that starting processes would take longer.
            known |= keys_between(opener, since, self.size)
            for start in starts:
                self._fold_chunk(start, check_alone(opener, start, self.size, known))
            return
        workers = os.cpu_count() or 1
        # Forked and not spawned: the programs are loaded already, and a small ledger is verified in no time.
        with ProcessPoolExecutor(workers, get_context("fork"), os.nice, (5,)) as pool:
            ends = [min(start + CHUNK, self.size) for start in starts]
            for found in pool.map(keys_between, repeat(opener), starts, ends, chunksize=AHEAD):
                known |= found
            waiting: deque[tuple[int, Future[Alone]]] = deque()
            for start, end in zip(starts, ends, strict=True):
                waiting.append((start, pool.submit(check_alone, opener, start, end, known)))
                if len(waiting) > AHEAD:
                    self._fold_next(waiting)
            while waiting:
                self._fold_next(waiting)

    def _fold_next(self, waiting: "deque[tuple[int, Future[Alone]]]") -> None:
        start, alone = waiting.popleft()
        self._fold_chunk(start, alone.result())

    def _fold_chunk(self, start: int, alone: Alone) -> None:
        """Admit and fold the entries of a chunk that were found sound by themselves."""
        hashes, unknown = alone.hashes, set(alone.unknown)
        end = start + len(hashes)
        words = self.log.private_between(start, end)
        index = start - 1
        for index, leaf in enumerate(self.log.entries(start, end), start):
            try:
                self._fold_one(leaf, hashes[index - start], words.pop(index, {}), index in unknown)
            except (UnknownKind, UnknownVersion, Unreachable, Busy, ShelfFailed):
                raise
            except TallyError as error:
                raise _Bad(index, error.message) from error
            except Exception as error:
                # Whatever a log from elsewhere makes the program stumble over, the log is not one to trust.
                raise _Bad(index, f"it cannot be applied ({type(error).__name__}: {error})") from error
        if alone.bad is not None:
            raise _Bad(*alone.bad)
        if index + 1 < end:
            raise _Bad(index + 1, "it was there a moment ago and is not any more")
        if alone.bad_tile:
            raise _Bad(None, f"the stored tile {alone.bad_tile} is not that of the entries")
        self.tile_roots += alone.tile_roots
        self.progress(self.book.size - self.result.since, self.size - self.result.since)

    def _fold_one(self, leaf: bytes, leaf_hash: bytes, words: dict[str, private.Kept], unsigned: bool) -> None:
        book = self.book
        entry_bytes, signature, received = split_leaf(leaf)
        entry, said = book.place(read(entry_bytes), entry_bytes, received)
        public = book.signing_key(said, entry)
        if unsigned and not signed(public, preimage(NAMESPACE, entry_bytes), signature):
            raise VerificationFailed(NOT_SIGNED)
        book.follows(entry)
        said.check(book, entry)
        promised = dict(commitments(said))
        if words:
            private.check(entry.key, entry.envelope.seq, promised, words)
        self.result.words += len(words)
        self.missing += len(promised) - len(words)
        book.act(said, entry, leaf_hash)

    def _check_head(self) -> None:
        """The newest checkpoint is signed, of this size and root; the tiles are those of these leaves."""
        book, known = self.book, self.known
        note = log_keys.check_head(book.ledger, self.head.note, book.received, known.log_key)
        if (note.size, note.root.hex()) != (book.size, book.root):
            raise _Bad(None, "the entries do not give the root that the log signed")
        if (book.ledger.id, book.ledger.origin) != (known.founding, known.origin):
            raise _Bad(0, "this is another ledger than the one this home knows")
        if bad := bad_tile(self.log, self.result.since, self.size, self.tile_roots, book.frontier):
            raise _Bad(None, f"the stored tile {bad} is not that of the entries")

    def _check_beyond(self, log: Log) -> None:
        """Nothing lies behind the head; what witnesses signed is of this log too."""
        for start, end in ((self.size, FAR), (-FAR, 0)):
            if next(iter(log.entries(start, end)), None) is not None:
                raise _Bad(None, f"entries lie outside of the {self.size} that the log signed")
        for head, lines in log.witnessed():
            root = self.root_at(head.size) if head.size <= self.size else b""
            if head.root != root:
                raise _Bad(None, f"witnesses have signed another past of {head.size} entries")
            self._check_cosigned(head.size, lines)

    def _check_cosigned(self, size: int, lines: Sequence[str]) -> None:
        """No entry was received later than a witness says it saw a head above it (10 minutes of clocks apart)."""
        _, _, received = split_leaf(self.log.entry(size - 1))
        for line in lines:
            payload = read_base64(line.rpartition(" ")[2])
            if len(payload) == COSIGNED_SIZE and received > _seconds(payload) * 1000 + BEHIND_MAX:
                raise _Bad(size - 1, f"it says it was received after {line.split(' ')[1]} had cosigned it")

    def _count_erased(self) -> None:
        """The texts that the entries read now erased, also those of earlier entries: they are not here any more."""
        missing = self.missing
        for place, by in self.book.ledger.erased.items():
            index, _, pointer = place.partition(" ")
            if by < self.result.since:
                continue
            if pointer in self.log.private_between(int(index), int(index) + 1).get(int(index), {}):
                raise _Bad(int(index), f"its text {pointer} is still held, though entry {by} erased it")
            self.result.words_erased += 1
            self.result.erased_by = sorted({*self.result.erased_by, by})
            missing -= int(index) >= self.result.since
        self.result.words_not_held = missing


def _seconds(payload: bytes) -> int:
    """When a cosignature says it was made (C2SP tlog-cosignature)."""
    return int.from_bytes(payload[ID_SIZE : ID_SIZE + TIME_SIZE], "big")


def _check_anchor(log: Reader, anchor: Anchor) -> None:
    """The log is not older than what this home has seen of it, and tells the same past."""
    seen = anchor.read()
    if seen is None:
        return
    size, root = seen
    if log.head().size < size:
        raise _Bad(None, f"the log ends after {log.head().size} entries, but this home has seen {size}")
    if log.hash_of(0, size) != root:
        raise _Bad(None, f"the log tells another past than the one this home saw at size {size}")


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
