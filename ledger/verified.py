"""What a home keeps of its last verification of a place, so that the next one need only read what is new.

It is a book of its own with sheets of its own: never the ones that are read from day to day, which trust the
admission that let entries in. It is authenticated with the home's secret, and counts only where the log still gives
the very root it was verified under.
"""

import hashlib
from contextlib import suppress

from ledger import snapshot
from ledger.book import Book
from ledger.home import Home
from ledger.shelf import SqliteShelf


class Verified:
    """The verified book of one ledger at one place, as one home keeps it."""

    def __init__(self, home: Home, founding: str, place: str, rooms: tuple[str, ...]) -> None:
        name = f"verified-{hashlib.sha256(place.encode()).hexdigest()[:16]}"
        self.path, self._secret, self._rooms = home.kept(founding, name), home.secret(), rooms
        self.shelf = SqliteShelf(home.kept(founding, f"{name}.sheets"))

    def book(self) -> Book | None:
        """The book that was verified, or None where there is none that can be trusted."""
        book = snapshot.load(self.path, self._secret, self._rooms, self.shelf, snapshot.VERIFIED)
        return book if book is not None and self.shelf.holds(book.kept) else None

    def save(self, book: Book) -> None:
        """Keep a book that was verified to its last entry, and not advanced beyond it."""
        # A home that is full or may not be written to still verifies; it only reads all of it again.
        with suppress(OSError):
            snapshot.save(book, self.path, self._secret, snapshot.VERIFIED)

    def forget(self) -> None:
        """Throw it away: whatever comes next is read from the first entry on."""
        self.shelf.close()
        for path in (self.path, *self.shelf.path.parent.glob(f"{self.shelf.path.name}*")):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the sheets' file."""
        self.shelf.close()
