"""The log on SQLite: six verbs, and guards so that no statement in this database is ever changed or removed.

What a store does with its head, its anchor and its receipts is the same everywhere (`ledger/log.py`); here are the
statements in SQL. Whoever owns the file can still edit it: proofs, receipts and `tally verify` are what shows that.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from ledger import merkle, sqlite_health, tiles
from ledger.anchor import NOTHING_SEEN, Anchor
from ledger.database import DAMAGED, FILE, PART, VERSION, clearing, commit, connect, in_words, is_founded, make_database
from ledger.entry import TAIL
from ledger.errors import Refused, TallyError
from ledger.keys import Key, write_key
from ledger.log import (
    KEY,
    Busy,
    FullTile,
    Growth,
    Head,
    LedgerExists,
    Log,
    NoLedger,
    Reader,
    StoreFailed,
    UnknownFormat,
    head_of,
)
from ledger.note import signer_of
from ledger.private import Kept

NONE_HERE = "Is it the right place? `tally init NAME` founds one; `tally repair --from COPY` brings back one that was."
COPY = "copy.json"  # beside the log of a copy: what it is of


class NotHere(Refused):
    """A copy of a ledger, where nothing can be said."""


_OF_TILE = "WHERE level = ? AND n = ?"


class SqliteLog(Log):
    """The log in one folder: `log.sqlite` and `log.key`; a copy has no key."""

    def __init__(self, folder: Path, anchor: Anchor, origin: str) -> None:
        super().__init__(folder, anchor, origin)
        self._edge: tuple[int, list[bytes]] = (0, [])  # hashes of the leaves behind the last full tile, as last read
        if not (folder / FILE).exists():
            raise NoLedger(f"There is no ledger in {folder}.", NONE_HERE)
        with in_words():
            self._db = connect(folder / FILE)
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            raise StoreFailed(f"{folder / FILE} is empty or only half written: there is no log in it.", DAMAGED)
        if version != VERSION:
            raise UnknownFormat(
                f"This log has format {version}; this copy of tally reads {VERSION}.", "Install the newest version."
            )

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

    @property
    def opener(self) -> Callable[[], Reader]:
        """How another process opens the same log for reading."""
        return partial(SqliteLog, self.folder, NOTHING_SEEN, self.origin)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def signers(self, head: Head) -> tuple[Key, ...]:
        """The log's keys. Raises NotHere in a copy, which has none, and WrongLogKey."""
        if (self.folder / COPY).exists():
            raise NotHere(
                f"{self.folder} is a copy: it follows its ledger, and nothing can be recorded in it.",
                "Say it in the ledger itself; `tally copy` brings this copy up to date.",
            )
        return super().signers(head)

    # Reading.

    def head(self) -> Head:
        """The newest checkpoint; size 0 before the founding."""
        row = self._row("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1")
        if row is None:
            return Head(0, merkle.root([]), b"")
        found = head_of(row[1])
        if found.size != row[0]:
            raise StoreFailed(f"The checkpoint kept for {row[0]} entries speaks of {found.size}.", DAMAGED)
        return found

    def entry(self, index: int) -> bytes:
        """The leaf at an index."""
        row = self._row("SELECT leaf FROM leaf WHERE idx = ?", index)
        if row is None:
            raise TallyError(f"There is no entry {index}.", "`tally verify` tells how many there are.")
        return _leaf(row[0])

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """The leaves from `start` up to, not including, `end`, in order."""
        rows = self._rows("SELECT leaf FROM leaf WHERE idx >= ? AND idx < ? ORDER BY idx", start, end)
        return (_leaf(row[0]) for row in rows)

    def full_tile(self, level: int, n: int) -> bytes | None:
        """The hashes of a full tile; None while it is not full."""
        parts = [row[0] for row in self._rows(f"SELECT hashes FROM tile_part {_OF_TILE} ORDER BY part", level, n)]
        return b"".join(parts) or None

    def full_tiles(self) -> Iterator[FullTile]:
        """Every full tile, by level and number."""
        rows = self._rows(
            "SELECT level, n, root FROM tile UNION SELECT level, n, NULL FROM tile_part ORDER BY level, n"
        )
        for (level, n), same in groupby(rows, itemgetter(0, 1)):
            root = next((row[2] for row in same if row[2] is not None), b"")
            yield FullTile(level, n, root, self.full_tile(level, n) or b"")

    def tile(self, level: int, n: int) -> bytes:
        """The hashes of a tile, full or partial; each leaf at the right edge is read and hashed once."""
        full = self.full_tile(level, n)
        if level or full is not None:
            return super().tile(level, n) if full is None else full
        # A leaf that stands never changes, and none is read here while one is being written.
        at, known = self._edge
        known = known if at == n else []
        start = n * tiles.WIDTH
        known = [*known, *map(merkle.leaf_hash, self.entries(start + len(known), start + tiles.WIDTH))]
        self._edge = (n, known)
        return b"".join(known)

    def tile_roots(self, level: int, n: int) -> bytes:
        """The roots of the full tiles of a level that make up the tile `n` one level up."""
        low, high = n * 256, (n + 1) * 256
        rows = self._rows("SELECT root FROM tile WHERE level = ? AND n >= ? AND n < ? ORDER BY n", level, low, high)
        return b"".join(row[0] for row in rows)

    def find(self, entry_bytes: bytes, since: int = 0) -> int | None:
        """The first index from `since` on of a leaf that holds exactly this entry."""
        same = "idx >= ? AND length(leaf) = ? AND substr(leaf, 1, ?) = ? ORDER BY idx LIMIT 1"
        size = len(entry_bytes)
        row = self._row(f"SELECT idx FROM leaf WHERE {same}", since, size + TAIL, size, entry_bytes)
        return None if row is None else int(row[0])

    # Growing.

    def insert(self, growth: Growth) -> None:
        """Write what an append adds, within a transaction."""
        for index, leaf in enumerate(growth.leaves, growth.after):
            self._db.execute("INSERT INTO leaf VALUES (?, ?)", (index, leaf.data))
            self._put_words(index, leaf.words)
        for tile in growth.tiles:
            self._db.execute("INSERT INTO tile VALUES (?, ?, ?)", (tile.level, tile.n, tile.root))
            parts = (tile.hashes[start : start + PART] for start in range(0, len(tile.hashes), PART))
            rows = ((tile.level, tile.n, part, hashes) for part, hashes in enumerate(parts))
            self._db.executemany("INSERT INTO tile_part VALUES (?, ?, ?, ?)", rows)
        self._db.execute("INSERT INTO checkpoint VALUES (?, ?)", (growth.head.size, growth.head.note))
        # Only the newest head is needed, and those that witnesses have signed.
        self._db.execute(
            "DELETE FROM checkpoint WHERE size < ? AND size NOT IN (SELECT size FROM cosignature)", (growth.head.size,)
        )
        self._strike(growth.struck)

    def _strike(self, places: Sequence[tuple[int, str]]) -> int:
        """Remove words so that no page of the file holds them any more; answers how many were held.

        What is deleted is overwritten, but not the copies that SQLite leaves behind when it moves rows between
        pages. Those go with the pages themselves: all words are taken out, which frees and overwrites every page,
        and those that stay are put back.
        """
        gone = (
            self._db.executemany("DELETE FROM private WHERE idx = ? AND pointer = ?", places).rowcount if places else 0
        )
        if gone:
            stay = self._db.execute("SELECT idx, pointer, salt, words FROM private ORDER BY idx, pointer").fetchall()
            self._db.execute("DELETE FROM private")
            self._db.executemany("INSERT INTO private VALUES (?, ?, ?, ?)", stay)
        return gone

    def scrub(self) -> None:
        """Words that were struck out stay in the write-ahead file until it is emptied; the pages are overwritten."""
        with clearing():
            busy, _, _ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Busy(
                "The words are gone from the log, but another process still reads it as it was: the file beside it "
                "could not be cleared.",
                "Ask for the erasure once more when that process is done.",
            )

    # Words beside the log.

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

    def private_put(self, index: int, words: dict[str, Kept]) -> None:
        """Keep words that came after their entry; whoever hands them in has checked them."""
        with self.transaction():
            self._put_words(index, words)

    def private_erase(self, places: Sequence[tuple[int, str]]) -> int:
        """Remove words and salts for good; answers how many were held."""
        with self.transaction():
            gone = self._strike(places)
        self.scrub()
        return gone

    def _put_words(self, index: int, words: dict[str, Kept]) -> None:
        self._db.executemany(
            "INSERT INTO private VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(index, pointer, kept.salt, kept.words) for pointer, kept in words.items()],
        )

    # What stands beside.

    def keep_evidence(self, at: int, why: str, entry_bytes: bytes, signature: bytes) -> None:
        """Keep an entry that contradicts one in the log, and was refused; once, however often it comes."""
        with self.transaction():
            if not self._row("SELECT 1 FROM evidence WHERE entry = ?", entry_bytes):
                self._db.execute("INSERT INTO evidence VALUES (?, ?, ?, ?)", (at, why, entry_bytes, signature))

    def evidence(self) -> list[tuple[int, str, bytes, bytes]]:
        """What was refused because it contradicts the log: when (ms), why, entry, signature."""
        return list(self._rows("SELECT at, why, entry, signature FROM evidence ORDER BY at"))

    def keep_cosignatures(self, size: int, lines: Sequence[str]) -> None:
        """Keep what witnesses signed under the newest head, one line of each: many would make the note too long.

        That may also be an older head under which others have signed. Raises TallyError for one no longer kept.
        """
        with self.transaction():
            if not self._row("SELECT 1 FROM checkpoint WHERE size = ?", size):
                raise TallyError(
                    f"The head of {size} entries is no longer kept.", "Ask the witnesses about the newest."
                )
            for line in lines:
                who = signer_of(line)
                if not self._row("SELECT 1 FROM cosignature WHERE size = ? AND instr(line, ?) = 1", size, who):
                    self._db.execute("INSERT INTO cosignature VALUES (?, ?)", (size, line))

    def witnessed(self) -> list[tuple[Head, list[str]]]:
        """Every head that witnesses have signed, by size, as the log signed it, and the witnesses' lines."""
        lines: dict[int, list[str]] = {}
        for size, line in self._rows("SELECT size, line FROM cosignature ORDER BY size, line"):
            lines.setdefault(size, []).append(line)
        heads = {head[0]: head_of(head[1]) for head in self._rows("SELECT size, note FROM checkpoint")}
        return [(heads[size], signed) for size, signed in lines.items()]

    def retire(self) -> None:
        """Let nothing be appended here any more, whoever still has it open: within a transaction, for good."""
        self._db.execute(
            "CREATE TRIGGER IF NOT EXISTS leaf_has_moved BEFORE INSERT ON leaf "
            "BEGIN SELECT RAISE(ABORT, 'this log has moved to another database'); END"
        )

    def health(self) -> list[str]:
        """What is not as it should be with the file and its guards, a sentence each; empty if all is well."""
        with in_words():
            return sqlite_health.findings(self._db, self.folder)

    def _rows(self, query: str, *values: Any) -> Iterator[Any]:
        with in_words():
            # `yield from` would close the cursor of whoever reads no further, which fails once the database is closed.
            for row in self._db.execute(query, values):  # noqa: UP028
                yield row

    def _row(self, query: str, *values: Any) -> Any:
        return next(self._rows(query, *values), None)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one writer at a time."""
        with in_words():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                commit(self._db)
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


def _leaf(held: object) -> bytes:
    """A leaf as the table has it; a damaged page may give anything in its place."""
    if not isinstance(held, bytes):
        raise StoreFailed("An entry cannot be read from the database any more.", DAMAGED)
    return held
