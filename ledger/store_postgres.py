"""The log on PostgreSQL: the same verbs as on SQLite, for cooperatives whose service runs on several machines.

The row `head` of a ledger is locked by whoever writes: index and head come from it, never from a sequence, so that
numbers have no gaps. The key that signs lies in the folder, and so do the keys of the private words (`shred.py`):
what the server is told of those, it cannot read.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from ledger import beside, entry, merkle, postgres_health
from ledger.anchor import NOTHING_SEEN, Anchor
from ledger.checkpoint import Checkpoint
from ledger.errors import TallyError
from ledger.keys import Key, write_key
from ledger.log import (
    KEY,
    FullTile,
    Growth,
    Head,
    InDoubt,
    Leaf,
    LedgerExists,
    Log,
    NoLedger,
    Reader,
    StoreFailed,
    head_of,
)
from ledger.note import signer_of
from ledger.postgres_link import Answer, Link, again, in_words
from ledger.postgres_making import begin
from ledger.postgres_words import Words
from ledger.private import Kept
from ledger.shred import FOLDER, Keys

PORTION = 1_024  # leaves asked for at a time
TILES = 256


class PostgresLog(Log):
    """A log beside a folder: `database` says where, `log.key` signs, `private-keys` open the private words."""

    def __init__(self, folder: Path, anchor: Anchor, origin: str, where: beside.Beside | None = None) -> None:
        super().__init__(folder, anchor, origin)
        self._where = where or beside.read(folder)
        self._id = self._where.ledger
        self._link = Link(self._where.url)
        self._words = Words(self._link, Keys(folder), self._id)
        try:
            self.head()
            self.scrub()  # what somebody who was stopped has left
        except BaseException:
            self._link.close()
            raise

    @staticmethod
    def create(folder: Path, key: Key, url: str) -> None:
        """Make an empty log in a database that is set up, and its key.

        What an `init` that was stopped has left is taken over, as long as nothing was recorded there.
        """
        with in_words():
            folder.mkdir(parents=True, exist_ok=True)
            if beside.stands(folder):
                where = _resumed(folder, url)
            elif (folder / KEY).exists():
                raise LedgerExists(f"The key of a log lies in {folder}.", "Choose another place with --at DIR.")
            else:
                where = beside.fresh(url)
            begin(where)
            beside.write(folder, where)
            if is_founded(folder):
                raise LedgerExists(f"The ledger of {folder} stands already.", "Choose another place with --at DIR.")
            (folder / KEY).unlink(missing_ok=True)
            write_key(folder / KEY, key)

    @property
    def opener(self) -> Callable[[], Reader]:
        """How another process opens the same log for reading."""
        return partial(PostgresLog, self.folder, NOTHING_SEEN, self.origin, self._where)

    def close(self) -> None:
        """Let go of the connection."""
        self._link.close()

    def health(self) -> list[str]:
        """What is not as it should be with the database or this login, a sentence each; empty if all is well."""
        found = postgres_health.findings(self._link.rows)
        if people := self._words.locked_out():
            found.append(f"The keys that open the private words of {people} people are not in {self.folder / FOLDER}.")
        return found

    # Reading.

    def head(self) -> Head:
        """The newest checkpoint; size 0 before the founding."""
        return self._head("")

    def _head(self, lock: str) -> Head:
        row = self._link.row(f"SELECT size, note FROM tally.head WHERE ledger = %s{lock}", self._id)
        if row is None:
            raise NoLedger("The database does not hold this ledger.", f"Look at {self.folder / beside.FILE}.")
        if not row[0]:
            return Head(0, merkle.root([]), b"")
        found = head_of(row[1])
        if found.size != row[0]:
            raise StoreFailed(
                f"The checkpoint kept for {row[0]} entries speaks of {found.size}.", "`tally verify` tells more."
            )
        return found

    def entry(self, index: int) -> bytes:
        """The leaf at an index."""
        for leaf in self.entries(index, index + 1):
            return leaf
        raise TallyError(f"There is no entry {index}.", "`tally verify` tells how many there are.")

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """The leaves from `start` up to, not including, `end`, in order; fetched in portions."""
        query = "SELECT leaf FROM tally.leaf WHERE ledger = %s AND idx >= %s AND idx < %s ORDER BY idx"
        while start < end:
            rows = self._link.rows(query, self._id, start, min(start + PORTION, end))
            yield from (leaf for (leaf,) in rows)
            if len(rows) < PORTION:
                return
            start += PORTION

    def full_tile(self, level: int, n: int) -> bytes | None:
        """The hashes of a full tile; None while it is not full."""
        query = "SELECT hashes FROM tally.tile WHERE ledger = %s AND level = %s AND n = %s"
        row = self._link.row(query, self._id, level, n)
        return None if row is None else bytes(row[0])

    def full_tiles(self) -> Iterator[FullTile]:
        """Every full tile, by level and number; fetched in portions."""
        query = (
            "SELECT level, n, root, hashes FROM tally.tile "
            "WHERE ledger = %s AND (level, n) > (%s, %s) ORDER BY level, n LIMIT %s"
        )
        at = (-1, -1)
        while rows := self._link.rows(query, self._id, *at, TILES):
            yield from (FullTile(*row) for row in rows)
            at = rows[-1][:2]

    def tile_roots(self, level: int, n: int) -> bytes:
        """The roots of the full tiles of a level that make up the tile `n` one level up."""
        query = "SELECT root FROM tally.tile WHERE ledger = %s AND level = %s AND n >= %s AND n < %s ORDER BY n"
        return b"".join(root for (root,) in self._link.rows(query, self._id, level, n * 256, (n + 1) * 256))

    def find(self, entry_bytes: bytes, since: int = 0) -> int | None:
        """The first index from `since` on of a leaf that holds exactly this entry."""
        same = "octet_length(leaf) = %s AND substring(leaf FROM 1 FOR %s) = %s ORDER BY idx LIMIT 1"
        query = f"SELECT idx FROM tally.leaf WHERE ledger = %s AND idx >= %s AND {same}"
        size = len(entry_bytes)
        row = self._link.row(query, self._id, since, size + entry.TAIL, size, entry_bytes)
        return None if row is None else int(row[0])

    # Growing.

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one writer of this ledger at a time, whoever holds its head."""
        with in_words(), self._link.transaction():
            self._head(" FOR UPDATE")
            yield

    def _changing(self, work: Callable[[], Answer]) -> Answer:
        with self.transaction():
            return work()

    def _grow(
        self, leaves: list[Leaf], after: int, sign: Callable[[Head, Checkpoint], bytes], proved: bool
    ) -> list[bytes]:
        return again(lambda: super(PostgresLog, self)._grow(leaves, after, sign, proved))

    def _holds(self, growth: Growth) -> bool:
        """Whether these leaves stand in the log: known for certain once the head is free. Raises InDoubt if not."""
        try:
            # A commit that we lost sight of may be under way; until it is done or undone it holds the head.
            with self.transaction():
                found = list(self.entries(growth.after, growth.head.size))
        except StoreFailed as error:
            raise InDoubt(
                f"The database went away while this was being written ({error.message}): it may be recorded or not.",
                "Once it is back, `tally sync` or the next command tells; what is sent twice counts once.",
            ) from error
        return found == [leaf.data for leaf in growth.leaves]

    def insert(self, growth: Growth) -> None:
        """Write what an append adds, within a transaction."""
        indices = range(growth.after, growth.after + len(growth.leaves))
        self._link.rows(
            "INSERT INTO tally.leaf SELECT %s::uuid, * FROM unnest(%s::bigint[], %s::bytea[])",
            self._id,
            list(indices),
            [leaf.data for leaf in growth.leaves],
        )
        self._link.many(
            "INSERT INTO tally.tile VALUES (%s, %s, %s, %s, %s)", [(self._id, *tile) for tile in growth.tiles]
        )
        self._link.rows(
            "UPDATE tally.head SET size = %s, note = %s WHERE ledger = %s",
            growth.head.size,
            growth.head.note,
            self._id,
        )
        for index, leaf in zip(indices, growth.leaves, strict=True):
            if leaf.words:
                self._put_words(index, leaf.data, leaf.words)
        if growth.struck:
            self._words.strike(growth.struck)

    # Words beside the log.

    def private_many(self, places: list[tuple[int, str]]) -> dict[tuple[int, str], str]:
        """The words at these (index, pointer) places, those that are held."""
        return {place: kept.words for place, kept in self._words.at(places).items()}

    def private_between(self, start: int, end: int) -> dict[int, dict[str, Kept]]:
        """All private words of the entries from `start` up to `end`."""
        found: dict[int, dict[str, Kept]] = {}
        for (index, pointer), kept in self._words.between(start, end).items():
            found.setdefault(index, {})[pointer] = kept
        return found

    def private_put(self, index: int, words: dict[str, Kept]) -> None:
        """Keep words that came after their entry; whoever hands them in has checked them."""
        again(lambda: self._changing(lambda: self._put_words(index, self.entry(index), words)))

    def private_erase(self, places: Sequence[tuple[int, str]]) -> int:
        """Remove words and salts for good; answers how many were held."""
        gone = again(lambda: self._changing(lambda: self._words.strike(places)))
        self.scrub()
        return gone

    def scrub(self) -> None:
        """After words were struck out: shred the keys with which the server's copies of them could be opened."""
        try:
            if self._words.unclear:
                again(lambda: self._changing(self._words.clear))
        except StoreFailed as error:
            raise InDoubt(
                f"The words are gone from the log, but the key they were locked with is not: {error.message}",
                "It is removed when the ledger is next opened.",
            ) from error

    def _put_words(self, index: int, leaf: bytes, words: dict[str, Kept]) -> None:
        author = entry.read(leaf[: -entry.TAIL]).author
        self._words.put(author, {(index, pointer): kept for pointer, kept in words.items()})

    # What stands beside.

    def keep_evidence(self, at: int, why: str, entry_bytes: bytes, signature: bytes) -> None:
        """Keep an entry that contradicts one in the log, and was refused; once, however often it comes."""
        again(
            lambda: self._link.rows(
                "INSERT INTO tally.evidence VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                self._id,
                hashlib.sha256(entry_bytes).digest(),
                at,
                why,
                entry_bytes,
                signature,
            )
        )

    def evidence(self) -> list[tuple[int, str, bytes, bytes]]:
        """What was refused because it contradicts the log: when (ms), why, entry, signature."""
        query = "SELECT at, why, entry, signature FROM tally.evidence WHERE ledger = %s ORDER BY at"
        return [(at, why, data, signature) for at, why, data, signature in self._link.rows(query, self._id)]

    def keep_cosignatures(self, size: int, lines: Sequence[str]) -> None:
        """Keep what witnesses signed under the newest head, one line of each: many would make the note too long.

        That may also be an older head under which others have signed. Raises TallyError for one no longer kept.
        """
        again(lambda: self._changing(lambda: self._keep_cosignatures(size, lines)))

    def _keep_cosignatures(self, size: int, lines: Sequence[str]) -> None:
        head = self.head()
        if head.size == size:
            self._link.rows(
                "INSERT INTO tally.checkpoint VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", self._id, size, head.note
            )
        elif not self._link.rows("SELECT 1 FROM tally.checkpoint WHERE ledger = %s AND size = %s", self._id, size):
            raise TallyError(f"The head of {size} entries is no longer kept.", "Ask the witnesses about the newest.")
        self._link.many(
            "INSERT INTO tally.cosignature SELECT %s::uuid, %s::bigint, %s::text WHERE NOT EXISTS (SELECT 1 "
            "FROM tally.cosignature WHERE ledger = %s AND size = %s AND position(%s::text IN line) = 1) "
            "ON CONFLICT DO NOTHING",
            [(self._id, size, line, self._id, size, signer_of(line)) for line in lines],
        )

    def witnessed(self) -> list[tuple[Head, list[str]]]:
        """Every head that witnesses have signed, by size, as the log signed it, and the witnesses' lines."""
        query = (
            "SELECT note, array_agg(line ORDER BY line) FROM tally.checkpoint JOIN tally.cosignature "
            "USING (ledger, size) WHERE ledger = %s GROUP BY size, note ORDER BY size"
        )
        return [(head_of(note), lines) for note, lines in self._link.rows(query, self._id)]

    def retire(self) -> None:
        """Let nothing be appended here any more, whoever still has it open: within a transaction, for good."""
        self._link.rows("UPDATE tally.head SET moved = true WHERE ledger = %s AND NOT moved", self._id)


def is_founded(folder: Path) -> bool:
    """Whether the log that a folder speaks of holds at least one entry."""
    with closing(PostgresLog(folder, NOTHING_SEEN, "")) as log:
        return log.head().size > 0


def _resumed(folder: Path, url: str) -> beside.Beside:
    """The ledger that an `init` that was stopped had begun here, if it is in the same database."""
    where = beside.read(folder)
    if where.url != url:
        raise LedgerExists(
            f"{folder / beside.FILE} names another database.", "Give that one, or choose another place with --at DIR."
        )
    return where
