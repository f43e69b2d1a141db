"""A ledger that is open: its log, its book up to the last entry, and what this home keeps about it.

Opening folds only what came after the snapshot, and checks that the folded leaves give the root that the log
signed. Reading commands then advance the book to now; the snapshot always holds the book of the last entry.

A ledger behind a URL is read from this home's verified copy of it, which is brought up first. When the log cannot be
reached, the book is the last one this home knows: it can be looked at, and what is said waits in the outbox.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING

import msgspec

from ledger import key_files, lives, log_keys, merkle, snapshot, tail
from ledger.away import Away
from ledger.book import Book, log_keys_needed
from ledger.checkpoint import open_checkpoint
from ledger.entry import Seen, split_leaf
from ledger.errors import TallyError, VerificationFailed
from ledger.home import Home, Known
from ledger.log import Head, Log, NoLedger, StoreFailed, Unreachable
from ledger.names import Names
from ledger.outbox import Outbox
from ledger.places import is_afar, open_log
from ledger.shelf import SqliteShelf

if TYPE_CHECKING:
    from ledger.peers.remote import Remote
    from ledger.sending import Outcome

ROOTS_KEPT = 256  # roots at earlier sizes: many who speak at once have seen the same heads
SNAPSHOT_EVERY = 64  # entries folded anew that are worth a new snapshot


class Ledger:
    """One ledger as one home sees it."""

    def __init__(self, home: Home, known: Known, rooms: tuple[str, ...]) -> None:
        self.home, self.known, self.rooms = home, known, rooms
        self.remote: Remote | None = None
        self.alone: TallyError | None = None  # why statements wait here for now
        self.news: list[Outcome] = []  # what became of statements that waited, for the person to be told
        self.is_sending = False  # from when a statement of this process is signed and on its way
        self._seen: Seen | None = None  # the last verified head, once the book has gone on without the log
        self.is_serving = False  # a service that takes in all day keeps no snapshot after each batch
        self._tail: list[bytes] = []
        self._tail_start = 0
        self.shelf = SqliteShelf(home.kept(known.founding, "shelf.sqlite"))
        self.log = self._open_log()
        self.book = self.open_book()

    @cached_property
    def names(self) -> Names:
        """What people and parties are called."""
        return Names(self.book, self.log.private_many)

    @property
    def seen(self) -> Seen:
        """The last head that was verified: what a statement says its author has seen."""
        return self._seen or Seen(self.book.size, self.book.root)

    def outbox(self, key: str) -> Outbox:
        """What this key of this home has signed and the log does not have."""
        return Outbox(self.home.kept(self.known.founding, ""), key)

    def _open_log(self) -> Log:
        known, anchor = self.known, self.home.anchor(self.known.founding)
        if is_afar(known.place):
            from ledger.peers.remote import Remote  # noqa: PLC0415  (only a ledger behind a URL needs it)

            self.remote = Remote(self.home, known)
            self.alone = self.remote.bring_up()
            return self.remote.copy
        try:
            return open_log(known.place, anchor, known.origin)
        except (NoLedger, Unreachable) as error:
            book = self._kept_book()
            if book is None:
                raise
            self.alone = Unreachable(
                f"The ledger cannot be reached: {error.message}",
                "This asks for more of it than this home keeps: try again later.",
            )
            return Away(self.alone, anchor, known.origin, book.size, bytes.fromhex(book.root))

    def open_book(self) -> Book:
        """The book of the last entry, from the snapshot on or from the start."""
        if isinstance(self.log, Away):
            return self._kept_book() or Book(self.rooms, self.shelf)
        path = self.home.kept(self.known.founding, "snapshot")
        book = snapshot.load(path, self.home.secret(), self.rooms, self.shelf)
        if book is None or not self._is_of_this_log(book):
            book = Book(self.rooms, self.shelf)
        self._tail_start = book.size
        folded = self.catch_up(book)
        asking = folded and any(map(lives.asks_log, self.log.entries(self._tail_start, book.size)))
        if folded >= SNAPSHOT_EVERY or asking or (folded and not path.exists()):
            self._keep_snapshot(book)
        else:
            self._tail = list(self.log.entries(self._tail_start, book.size))
            self._keep_tail(book.root)
        return book

    def _kept_book(self) -> Book | None:
        """The book of the last entry that this home has seen, without asking the log; None if it never kept one."""
        secret = self.home.secret()
        book = snapshot.load(self.home.kept(self.known.founding, "snapshot"), secret, self.rooms, self.shelf)
        if book is None or not self.shelf.holds(book.kept):
            return None
        held = tail.load(self.home.kept(self.known.founding, tail.FILE), secret)
        leaves = held.leaves[book.size - held.start :] if held is not None and held.start <= book.size else []
        if held is not None and root_after(book, leaves).hex() == held.root:
            for leaf in leaves:
                book.fold(*split_leaf(leaf))
        return book

    def has_grown(self, leaves: Sequence[bytes]) -> None:
        """The log took these, and the book has folded them."""
        self.__dict__.pop("names", None)
        if self.is_serving:
            return
        self._tail += leaves
        if len(self._tail) >= SNAPSHOT_EVERY or any(map(lives.asks_log, leaves)):
            self._keep_snapshot(self.book)
        elif leaves:
            self._keep_tail(self.book.root)

    def _keep_snapshot(self, book: Book) -> None:
        # A home that is full or may not be written to still reads; it only opens more slowly.
        with suppress(OSError):
            snapshot.save(book, self.home.kept(self.known.founding, "snapshot"), self.home.secret())
        self._tail, self._tail_start = [], book.size

    def _keep_tail(self, root: str) -> None:
        path, secret = self.home.kept(self.known.founding, tail.FILE), self.home.secret()
        with suppress(OSError):
            held = tail.load(path, secret)
            if held is None or (held.start, len(held.leaves)) != (self._tail_start, len(self._tail)):
                tail.save(path, secret, tail.Tail(self._tail_start, self._tail, root))

    def go_on_alone(self, why: TallyError, heads: Mapping[int, str]) -> None:
        """From now on the book goes ahead of the log: it folds what waits in the outbox, so that it can be looked at.

        `heads` are roots by size that this home had verified when it signed what waits.
        """
        if self._seen is None:
            self._step_back()
            self._seen = Seen(self.book.size, self.book.root)
        self.alone = why
        known, asked = {**heads, self._seen.size: self._seen.root}, self.book.root_at

        def root_at(size: int) -> bytes:
            if size in known:
                return bytes.fromhex(known[size])
            if asked is None:
                raise VerificationFailed("The root of an earlier size is not at hand while the log is away.")
            return asked(size)

        self.book.root_at = root_at

    def _step_back(self) -> None:
        """The book may have folded what the log did not take after all."""
        try:
            head = self.log.head()
            if (head.size, head.root.hex()) != (self.book.size, self.book.root):
                self.reopen()
        except (NoLedger, StoreFailed):
            self.book = self._kept_book() or self.book

    @property
    def is_ahead(self) -> bool:
        """Whether the book holds statements that the log does not have yet."""
        return self._seen is not None

    def _is_of_this_log(self, book: Book) -> bool:
        """Whether a snapshot is of an earlier or the present state of this very log, and its sheets are at hand."""
        return (
            book.size <= self.log.head().size
            and book.root == self.log.hash_of(0, book.size).hex()
            and self.shelf.holds(book.kept)
        )

    def catch_up(self, book: Book) -> int:
        """Fold what the log holds beyond the book; answers how many entries that were."""
        before, head = book.size, self.log.head()
        if head.size:
            self._check_signed(book, head)
            self._check_leaves(book, head)
        book.root_at = lru_cache(ROOTS_KEPT)(lambda size: self.log.hash_of(0, size))
        book.leaf_at = self.log.entry
        for data in self.log.entries(before, head.size):
            book.fold(*split_leaf(data))
        if head.size and book.ledger.id != self.known.founding:
            raise VerificationFailed("Another ledger lies at this place than the one this home knows.")
        if head.size and (book.ledger.log_keys or book.ledger.log_key != self.known.log_key):
            self._follow_keys(book, head)
        return book.size - before

    def _check_signed(self, book: Book, head: Head) -> None:
        """Before anything acts: the head is signed by a key this home knows the log by, or one that took its place."""
        keys = (*self.known.log_keys, *(log_keys.chain(book.ledger) if book.size else ()))
        known = log_keys.vkeys(self.known.origin, dict.fromkeys(keys))
        beyond = partial(self.log.entries, book.size, head.size)
        open_checkpoint(head.note, *log_keys.followed(head.note, known, beyond))

    def _follow_keys(self, book: Book, head: Head) -> None:
        """The log has changed its key: the head is judged by what the log says of its keys, and this home follows."""
        state, known = book.ledger, self.known
        log_keys.check_head(state, head.note, book.received, known.log_key)
        if known.log_key != state.log_key and log_keys.signer(state, head.note, book.received) == state.log_key:
            before = tuple(dict.fromkeys((*known.log_keys_before, *log_keys.chain(state)[:-1])))
            self.known = msgspec.structs.replace(known, log_key=state.log_key, log_keys_before=before)
            self.home.follow(self.known)
        with suppress(OSError):  # whoever may only read the folder leaves it to others
            key_files.settle(self.log.folder, state, book.received, head.note, partial(log_keys_needed, book))

    def _check_leaves(self, book: Book, head: Head) -> None:
        """Before anything acts: the entries beyond the book are those the log signed."""
        if root_after(book, self.log.entries(book.size, head.size)) != head.root:
            raise VerificationFailed(
                "The entries of this log do not give the root it signed.",
                "Run `tally verify` to find the first bad one.",
            )

    def close(self) -> None:
        """Let go of the log and of the shelf."""
        self.log.close()
        self.shelf.close()

    def forget(self) -> None:
        """Throw away what this home has kept of the ledger and could make again: snapshot and shelf."""
        self.shelf.close()
        for what in ("snapshot", tail.FILE, "shelf.sqlite", "shelf.sqlite-wal", "shelf.sqlite-shm"):
            self.home.kept(self.known.founding, what).unlink(missing_ok=True)

    def refresh(self) -> None:
        """Catch up if somebody else wrote, or if the book has folded what the log did not take."""
        if self.remote is not None:
            self.remote.keep_up()
        head = self.log.head()
        if (head.size, head.root.hex()) != (self.book.size, self.book.root):
            self.reopen()

    def reopen(self) -> None:
        """Read the book anew: after somebody else wrote, or after it was advanced for nothing."""
        self.book = self.open_book()
        self.__dict__.pop("names", None)


def root_after(book: Book, leaves: Iterable[bytes]) -> bytes:
    """The tree's root once these leaves follow the entries of the book."""
    frontier = list(book.frontier)
    for index, leaf in enumerate(leaves, book.size):
        merkle.push(frontier, index, merkle.leaf_hash(leaf))
    return merkle.frontier_root(frontier)
