"""The log on SQLite: six verbs, and guards so that no statement in this database is ever changed or removed.

append, head, entry, entries, tiles, private. An append is one transaction (leaves, full tiles, signed head); then
the head is written to the anchor file in this home's own folder; only then are receipts released. A store that
is older than an anchor has been put back from a copy, and refuses to sign. Whoever owns the file can still edit
it: proofs, receipts and `tally verify` are what shows that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ledger import checkpoint, merkle, receipt, tiles
from ledger.anchor import Anchor
from ledger.database import DAMAGED, FILE, KEY, VERSION, StoreFailed, connect, in_words, is_founded, make_database
from ledger.entry import TAIL
from ledger.errors import NoKey, NoteError, Refused, TallyError
from ledger.keys import Key, read_key, write_key
from ledger.note import vkey
from ledger.private import Kept


class Head(NamedTuple):
    """The newest signed checkpoint: how many leaves, their root, the note's bytes."""

    size: int
    root: bytes
    note: bytes


class Leaf(NamedTuple):
    """A leaf to be appended, with the private words that belong to it."""

    data: bytes
    words: dict[str, Kept]


class Moved(TallyError):
    """Somebody else wrote first; catch up and try again."""


class NoLedger(TallyError):
    """There is no ledger at this place."""

    exit_code = 2


class LedgerExists(Refused):
    """A ledger stands here already."""


class RolledBack(TallyError):
    """The database is older than what this home has seen of it."""

    exit_code = 5


class AnchorFailed(TallyError):
    """The log took the entry, but this home could not remember its head."""


class WrongLogKey(StoreFailed):
    """The key in the ledger's folder is not there, or not the one that signed the log so far."""


class SqliteLog:
    """The log in one folder: `log.sqlite` and `log.key`."""

    def __init__(self, folder: Path, anchor: Anchor, origin: str) -> None:
        self.folder, self.anchor, self.origin = folder, anchor, origin
        if not (folder / FILE).exists():
            raise NoLedger(f"There is no ledger in {folder}.", "Found one with `tally init NAME`.")
        with in_words():
            self._db = connect(folder / FILE)
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version != VERSION:
            raise StoreFailed(f"This log has format {version}; this copy of tally reads {VERSION}.")

    @staticmethod
    def create(folder: Path, key: Key) -> None:
        """Make an empty log. Only this creates a database, so a mistyped path cannot start a second history.

        The database is put in place whole, before its key: a key that lies alone is what is left of a real log.
        A log without any entry is what an `init` that was stopped leaves; it is taken over with a new key.
        """
        with in_words():
            folder.mkdir(parents=True, exist_ok=True)
            if is_founded(folder):
                raise LedgerExists(f"A ledger stands in {folder} already.", "Choose another place with --at DIR.")
            if (folder / FILE).exists():
                (folder / KEY).unlink(missing_ok=True)
            elif (folder / KEY).exists():
                raise LedgerExists(
                    f"The key of a log lies in {folder}, but its {FILE} is gone.",
                    f"Bring {FILE} back from a copy, or choose another place with --at DIR.",
                )
            else:
                make_database(folder)
            write_key(folder / KEY, key)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    # The six verbs.

    def append(self, leaves: list[Leaf], after: int) -> list[bytes]:
        """Append leaves that were checked for exactly this size; answers a receipt each, or raises Moved."""
        size, root, note = after + len(leaves), b"", b""
        try:
            with in_words(), self._transaction():
                head = self.head()
                if head.size != after:
                    raise Moved("The log has moved on.")
                self._check_anchor(head)
                signer = self._signer(head)
                root = self._write(leaves, after)
                note = checkpoint.sign(checkpoint.Checkpoint(self.origin, size, root), signer)
                self._db.execute("INSERT INTO checkpoint VALUES (?, ?)", (size, note))
        except StoreFailed:
            # A commit can fail and yet be done; the log itself says which.
            if not note or not self._row("SELECT 1 FROM checkpoint WHERE note = ?", note):
                raise
        try:
            self.anchor.write(size, root)
        except OSError as error:
            raise AnchorFailed(
                f"It is in the log as entry {after}, but this home could not note the log's head: {error.strerror}.",
                "Make room in this home before you go on.",
            ) from error
        return [self.receipt(index) for index in range(after, size)]

    def head(self) -> Head:
        """The newest checkpoint; size 0 before the founding."""
        row = self._row("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1")
        if row is None:
            return Head(0, merkle.root([]), b"")
        found = _body(row[1])
        if found.size != row[0]:
            raise StoreFailed(f"The checkpoint kept for {row[0]} entries speaks of {found.size}.", DAMAGED)
        return Head(found.size, found.root, row[1])

    def entry(self, index: int) -> bytes:
        """The leaf at an index."""
        row = self._row("SELECT leaf FROM leaf WHERE idx = ?", index)
        if row is None:
            raise TallyError(f"There is no entry {index}.", "`tally verify` tells how many there are.")
        return bytes(row[0])

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """The leaves from `start` up to, not including, `end`, in order."""
        rows = self._rows("SELECT leaf FROM leaf WHERE idx >= ? AND idx < ? ORDER BY idx", start, end)
        return (bytes(row[0]) for row in rows)

    def tile(self, level: int, n: int) -> bytes:
        """The hashes of a tile, full or the partial right edge, 32 bytes each."""
        row = self._row("SELECT hashes FROM tile WHERE level = ? AND n = ?", level, n)
        if row is not None:
            return bytes(row[0])
        return self.leaf_hashes(n * tiles.WIDTH, (n + 1) * tiles.WIDTH) if level == 0 else self.tile_roots(level - 1, n)

    def private(self, index: int) -> dict[str, Kept]:
        """The private words held for an entry, by JSON pointer."""
        rows = self._rows("SELECT pointer, salt, words FROM private WHERE idx = ?", index)
        return {pointer: Kept(salt, words) for pointer, salt, words in rows}

    # What is made of them.

    def private_many(self, places: list[tuple[int, str]]) -> dict[tuple[int, str], str]:
        """The words at these (index, pointer) places, those that are held."""
        found = {}
        for place in places:
            row = self._row("SELECT words FROM private WHERE idx = ? AND pointer = ?", *place)
            if row is not None:
                found[place] = row[0]
        return found

    def private_between(self, start: int, end: int) -> dict[int, dict[str, Kept]]:
        """All private words of the entries from `start` up to `end`."""
        rows = self._rows("SELECT idx, pointer, salt, words FROM private WHERE idx >= ? AND idx < ?", start, end)
        found: dict[int, dict[str, Kept]] = {}
        for index, pointer, salt, words in rows:
            found.setdefault(index, {})[pointer] = Kept(salt, words)
        return found

    def hash_of(self, start: int, end: int) -> bytes:
        """The Merkle tree hash over leaves [start, end)."""
        return tiles.hash_of(self.tile)(start, end)

    def _hashing(self) -> merkle.HashOf:
        """The same for several ranges of one log that stands still: each tile is read once."""
        return tiles.hash_of(cache(self.tile))

    def leaf_hashes(self, start: int, end: int) -> bytes:
        """The hashes kept for the leaves [start, end), 32 bytes each."""
        rows = self._rows("SELECT hash FROM leaf WHERE idx >= ? AND idx < ? ORDER BY idx", start, end)
        return b"".join(row[0] for row in rows)

    def full_tiles(self) -> Iterator[tuple[int, int, bytes, bytes]]:
        """Every full tile: level, number, root, hashes."""
        return self._rows("SELECT level, n, root, hashes FROM tile ORDER BY level, n")

    def tile_roots(self, level: int, n: int) -> bytes:
        """The roots of the full tiles of a level that make up the tile `n` one level up."""
        low, high = n * tiles.WIDTH, (n + 1) * tiles.WIDTH
        rows = self._rows("SELECT root FROM tile WHERE level = ? AND n >= ? AND n < ? ORDER BY n", level, low, high)
        return b"".join(row[0] for row in rows)

    def receipt(self, index: int) -> bytes:
        """The receipt of an entry under the newest checkpoint, from stored rows."""
        head = self.head()
        proof = tuple(merkle.inclusion_path(index, head.size, self._hashing()))
        return receipt.write(receipt.Receipt(index, proof, head.note, self.entry(index)[-TAIL:]))

    def find(self, entry_bytes: bytes) -> int | None:
        """The index of the leaf that holds exactly this entry, by looking through all of them."""
        same = "length(leaf) = ? AND substr(leaf, 1, ?) = ?"
        row = self._row(f"SELECT idx FROM leaf WHERE {same}", len(entry_bytes) + TAIL, len(entry_bytes), entry_bytes)
        return None if row is None else int(row[0])

    def keep_evidence(self, at: int, why: str, entry_bytes: bytes, signature: bytes) -> None:
        """Keep an entry that contradicts one in the log, and was refused; once, however often it comes."""
        with in_words(), self._transaction():
            if not self._row("SELECT 1 FROM evidence WHERE entry = ?", entry_bytes):
                self._db.execute("INSERT INTO evidence VALUES (?, ?, ?, ?)", (at, why, entry_bytes, signature))

    def evidence(self) -> list[tuple[int, str, bytes, bytes]]:
        """What was refused because it contradicts the log: when (ms), why, entry, signature."""
        return list(self._rows("SELECT at, why, entry, signature FROM evidence ORDER BY at"))

    def check_anchor(self) -> None:
        """Raise RolledBack when this store is older than what this home has seen, or tells another past."""
        self._check_anchor(self.head())

    def _check_anchor(self, head: Head) -> None:
        seen = self.anchor.read()
        if seen is None:
            return
        size, root = seen
        if head.size < size:
            raise RolledBack(
                f"This database ends at entry {head.size}, but this home has seen {size}: it was put back from a copy.",
                "Bring back the newest copy; nothing is signed on an older one.",
            )
        known = head.root if size == head.size else self.hash_of(0, size)
        if known != root:
            raise RolledBack(
                f"This database tells another past than the one this home saw at size {size}.",
                "Compare it with another member's copy: tally verify.",
            )

    def _signer(self, head: Head) -> Key:
        """The log's key. Raises WrongLogKey before anything is signed by another one, which nobody would accept."""
        lost = "Bring the log's key back from a copy; no other can sign this log."
        try:
            signer = read_key(self.folder / KEY)
        except NoKey as error:
            raise WrongLogKey(f"The log cannot be signed: {error.message}", lost) from error
        if head.size:
            try:
                checkpoint.open_checkpoint(head.note, vkey(self.origin, signer.public))
            except NoteError as error:
                raise WrongLogKey(
                    f"The key in {self.folder / KEY} is not the one that signed this log.", lost
                ) from error
        return signer

    def _rows(self, query: str, *values: Any) -> Iterator[Any]:
        with in_words():
            yield from self._db.execute(query, values)

    def _row(self, query: str, *values: Any) -> Any:
        return next(self._rows(query, *values), None)

    def _write(self, leaves: list[Leaf], after: int) -> bytes:
        """Insert leaves, their words and the tiles they fill; answers the new root."""
        frontier = merkle.frontier_at(after, self._hashing())
        for index, leaf in enumerate(leaves, after):
            hashed = merkle.leaf_hash(leaf.data)
            self._db.execute("INSERT INTO leaf VALUES (?, ?, ?)", (index, hashed, leaf.data))
            self._db.executemany(
                "INSERT INTO private VALUES (?, ?, ?, ?)",
                [(index, pointer, kept.salt, kept.words) for pointer, kept in leaf.words.items()],
            )
            merkle.push(frontier, index, hashed)
            self._fill_tiles(index + 1)
        return merkle.frontier_root(frontier)

    def _fill_tiles(self, size: int) -> None:
        """Store every tile that became full with this size, bottom up."""
        level, width = 0, tiles.WIDTH
        while size % width == 0:
            n = size // width - 1
            hashes = self.tile(level, n)
            self._db.execute("INSERT INTO tile VALUES (?, ?, ?, ?)", (level, n, tiles.tile_root(hashes), hashes))
            level, width = level + 1, width * tiles.WIDTH

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise


def _body(note: bytes) -> checkpoint.Checkpoint:
    """The head of our own newest note; its signature is checked by whoever opens the ledger."""
    return checkpoint.parse(note.partition(b"\n\n")[0].decode(errors="replace") + "\n")
