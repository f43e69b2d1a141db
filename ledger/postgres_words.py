"""The private words of one ledger on PostgreSQL: each row locked with a key of its author, which lies in the folder.

What changes something here is done while the log's head is held (`PostgresLog.transaction`), so that nobody locks
words with a key that is about to be shredded.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.postgres_link import Link
from ledger.private import Kept
from ledger.shred import Keys, lock, unlock

Place = tuple[int, str]
"""An entry's index and the JSON pointer of a field in it."""

_COLUMNS = "SELECT idx, pointer, author, number, sealed FROM tally.private"


class Words:
    """The words that one ledger keeps beside its log."""

    def __init__(self, link: Link, keys: Keys, ledger: str) -> None:
        self._link, self._keys, self._id = link, keys, ledger

    # Reading.

    def between(self, start: int, end: int) -> dict[Place, Kept]:
        """All words of the entries from `start` up to `end`."""
        return self._opened("WHERE ledger = %s AND idx >= %s AND idx < %s ORDER BY idx", self._id, start, end)

    def at(self, places: Sequence[Place]) -> dict[Place, Kept]:
        """The words at these places, those that are held."""
        wanted = "JOIN unnest(%s::bigint[], %s::text[]) AS wanted (idx, pointer) USING (idx, pointer)"
        indices, pointers = [index for index, _ in places], [pointer for _, pointer in places]
        return self._opened(f"{wanted} WHERE ledger = %s", indices, pointers, self._id)

    def locked_out(self) -> int:
        """Of how many people words are held that no key here opens."""
        query = "SELECT DISTINCT author, number FROM tally.private WHERE ledger = %s"
        held = self._link.rows(query, self._id)
        return len({author for author, number in held if self._keys.box(author, number) is None})

    def _opened(self, which: str, *values: Any) -> dict[Place, Kept]:
        """The words of these rows, opened; looked up once more where a key was changed just then."""
        for _ in range(2):
            rows = self._link.rows(f"{_COLUMNS} {which}", *values)
            found = self._unlocked(rows)
            if len(found) == len(rows):
                break
        return found

    def _unlocked(self, rows: list[tuple[Any, ...]]) -> dict[Place, Kept]:
        """What can be opened of rows (index, pointer, author, number, sealed)."""
        boxes = {(author, number): self._keys.box(author, number) for _, _, author, number, _ in rows}
        found = {}
        for index, pointer, author, number, sealed in rows:
            box = boxes[author, number]
            kept = unlock(box, sealed) if box else None
            if kept is not None:
                found[index, pointer] = kept
        return found

    # Changing, while the head is held.

    def put(self, author: str, words: Mapping[Place, Kept]) -> None:
        """Lock words of one author with the key in use, and keep those that are not kept yet."""
        number = self._keys.newest(author)
        box = self._keys.box(author, number)
        assert box, "keys are made and shredded only while the head is held"
        self._link.many(
            "INSERT INTO tally.private VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [(self._id, *place, author, number, lock(box, kept)) for place, kept in words.items()],
        )

    def strike(self, places: Sequence[Place]) -> int:
        """Remove words, and lock what else there is of their authors under new keys; answers how many were held."""
        query = "DELETE FROM tally.private WHERE ledger = %s AND idx = %s AND pointer = %s RETURNING author"
        gone = [author for place in places for (author,) in self._link.rows(query, self._id, *place)]
        for author in sorted(set(gone)):
            self._lock_anew(author)
        return len(gone)

    def _lock_anew(self, author: str) -> None:
        """The old key is still there: it goes once this is committed (`clear`), and not if it never is."""
        self._keys.renew(author)
        words = self._unlocked(self._link.rows(f"{_COLUMNS} WHERE ledger = %s AND author = %s", self._id, author))
        query = "DELETE FROM tally.private WHERE ledger = %s AND idx = %s AND pointer = %s"
        self._link.many(query, [(self._id, *place) for place in words])
        self.put(author, words)

    # Shredding.

    @property
    def unclear(self) -> bool:
        """Whether a key lies here that was replaced, and may have to be shredded."""
        return any(len(numbers) > 1 for numbers in self._keys.numbers().values())

    def clear(self) -> None:
        """Shred every key that nothing is locked with any more, but never an author's newest."""
        older = {(author, number) for author, held in self._keys.numbers().items() for number in held[:-1]}
        query = "SELECT DISTINCT author, number FROM tally.private WHERE ledger = %s AND author = ANY(%s)"
        used = set(self._link.rows(query, self._id, sorted({author for author, _ in older})))
        for author, number in sorted(older - used):
            self._keys.shred(author, number)
