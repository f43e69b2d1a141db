"""A ledger that is open: its log, its book up to the last entry, and what this home keeps about it.

Opening folds only what came after the snapshot, and checks that the folded leaves give the root that the log
signed. Reading commands then advance the book to now; the snapshot always holds the book of the last entry.
"""

from contextlib import suppress
from functools import cached_property

from ledger import merkle, snapshot
from ledger.book import Book
from ledger.checkpoint import open_checkpoint
from ledger.entry import split_leaf
from ledger.errors import VerificationFailed
from ledger.home import Home, Known
from ledger.log import Head
from ledger.names import Names
from ledger.note import vkey
from ledger.places import open_log
from ledger.shelf import SqliteShelf

SNAPSHOT_EVERY = 64  # entries folded anew that are worth a new snapshot


class Ledger:
    """One ledger as one home sees it."""

    def __init__(self, home: Home, known: Known, rooms: tuple[str, ...]) -> None:
        self.home, self.known, self.rooms = home, known, rooms
        self.log = open_log(known.place, home.anchor(known.founding), known.origin)
        self.shelf = SqliteShelf(home.kept(known.founding, "shelf.sqlite"))
        self.book = self.open_book()

    @cached_property
    def names(self) -> Names:
        """What people and parties are called."""
        return Names(self.book, self.log.private_many)

    def open_book(self) -> Book:
        """The book of the last entry, from the snapshot on or from the start."""
        path = self.home.kept(self.known.founding, "snapshot")
        book = snapshot.load(path, self.home.secret(), self.rooms, self.shelf)
        if book is None or not self._is_of_this_log(book):
            book = Book(self.rooms, self.shelf)
        folded = self.catch_up(book)
        if folded >= SNAPSHOT_EVERY or (folded and not path.exists()):
            # A home that is full or may not be written to still reads; it only opens more slowly.
            with suppress(OSError):
                snapshot.save(book, path, self.home.secret())
        return book

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
            open_checkpoint(head.note, vkey(self.known.origin, bytes.fromhex(self.known.log_key)))
            self._check_leaves(book, head)
        book.root_at, book.leaf_at = lambda size: self.log.hash_of(0, size), self.log.entry
        for data in self.log.entries(before, head.size):
            book.fold(*split_leaf(data))
        if head.size and book.ledger.id != self.known.founding:
            raise VerificationFailed("Another ledger lies at this place than the one this home knows.")
        return book.size - before

    def _check_leaves(self, book: Book, head: Head) -> None:
        """Before anything acts: the entries beyond the book are those the log signed."""
        frontier = list(book.frontier)
        for index, data in enumerate(self.log.entries(book.size, head.size), book.size):
            merkle.push(frontier, index, merkle.leaf_hash(data))
        if merkle.frontier_root(frontier) != head.root:
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
        for what in ("snapshot", "shelf.sqlite", "shelf.sqlite-wal", "shelf.sqlite-shm"):
            self.home.kept(self.known.founding, what).unlink(missing_ok=True)

    def reopen(self) -> None:
        """Read the book anew: after somebody else wrote, or after it was advanced for nothing."""
        self.book = self.open_book()
        self.__dict__.pop("names", None)
