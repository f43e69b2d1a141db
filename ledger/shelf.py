"""Where the sheets of closed periods stand: documents found by the SHA-256 of their bytes.

The book keeps only the digest of a sheet, so opening a ledger costs what is open, not all that ever was. A
shelf can be thrown away: it is filled again by folding the log from the start.
"""

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from ledger.database import NO_ROOM
from ledger.errors import TallyError

AGAIN = "Repeat the command: they are built anew from the log."
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS document (digest TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS source (source TEXT NOT NULL, sheet TEXT NOT NULL,
    PRIMARY KEY (source, sheet)) STRICT, WITHOUT ROWID;
"""


class NotOnShelf(TallyError):
    """A sheet is needed that is not there."""


class ShelfFailed(TallyError):
    """The shelf's own file cannot be written or read."""


class MemoryShelf:
    """A shelf for one process: for verifying, and for tests."""

    def __init__(self) -> None:
        self._documents: dict[str, bytes] = {}
        self._sources: dict[str, set[str]] = {}

    def put(self, data: bytes, sources: list[str]) -> str:
        """Keep a document and the sources it settled; answers its SHA-256."""
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._documents:
            self._documents[digest] = data
            for source in sources:
                self._sources.setdefault(source, set()).add(digest)
        return digest

    def get(self, digest: str) -> bytes:
        """The document of that SHA-256."""
        if digest not in self._documents:
            raise NotOnShelf("A closed period's sheet is missing here.", AGAIN)
        return self._documents[digest]

    def settled(self, source: str, sheets: set[str]) -> bool:
        """Whether one of these sheets already counted this source."""
        return not sheets.isdisjoint(self._sources.get(source, ()))


class SqliteShelf:
    """A shelf in a home's state folder, opened when it is first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: sqlite3.Connection | None = None

    @property
    def _db(self) -> sqlite3.Connection:
        if self._open is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._open = sqlite3.connect(self.path, isolation_level=None, timeout=20)
            self._open.executescript(SCHEMA)
        return self._open

    def _say(self, query: str, *values: Any) -> list[Any]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            # The classes are told apart exactly: a lock or a full disk is no reason to throw anything away.
            if type(error) is sqlite3.DatabaseError:
                self._throw_away()
                raise NotOnShelf("The sheets of closed periods kept here were damaged.", AGAIN) from error
            raise ShelfFailed(f"The sheets of closed periods cannot be kept here: {error}.", NO_ROOM) from error

    def close(self) -> None:
        """Let go of the file."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _throw_away(self) -> None:
        self.close()
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink()

    def put(self, data: bytes, sources: list[str]) -> str:
        """Keep a document and the sources it settled; answers its SHA-256."""
        digest = hashlib.sha256(data).hexdigest()
        # The sources first: a document that is there stands for a sheet that is there as a whole.
        rows = json.dumps(sources)
        self._say("INSERT OR IGNORE INTO source SELECT value, ? FROM json_each(?)", digest, rows)
        # One that was damaged is mended: whoever builds anew may read it at once.
        self._say(
            "INSERT INTO document VALUES (?, ?) ON CONFLICT (digest) DO UPDATE SET data = excluded.data"
            " WHERE data <> excluded.data",
            digest,
            data,
        )
        return digest

    def get(self, digest: str) -> bytes:
        """The document of that SHA-256, checked against it."""
        rows = self._say("SELECT data FROM document WHERE digest = ?", digest)
        if not rows or hashlib.sha256(rows[0][0]).hexdigest() != digest:
            # Whoever opens the ledger next finds it missing, and builds it anew.
            self._say("DELETE FROM document WHERE digest = ?", digest)
            raise NotOnShelf("A closed period's sheet was missing or damaged here.", AGAIN)
        return bytes(rows[0][0])

    def settled(self, source: str, sheets: set[str]) -> bool:
        """Whether one of these sheets already counted this source."""
        rows = self._say("SELECT sheet FROM source WHERE source = ?", source)
        return any(row[0] in sheets for row in rows)

    def holds(self, digests: list[str]) -> bool:
        """Whether all these documents are here; a shelf that is damaged is thrown away, and holds nothing."""
        try:
            return all(self._say("SELECT 1 FROM document WHERE digest = ?", digest) for digest in digests)
        except NotOnShelf:
            return False
