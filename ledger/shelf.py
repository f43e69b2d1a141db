"""Where the sheets of closed periods stand: documents found by the SHA-256 of their bytes.

The book keeps only the digest of a sheet, so opening a ledger costs what is open, not all that ever was. A
shelf can be thrown away: it is filled again by folding the log from the start.
"""

import hashlib
import sqlite3
from pathlib import Path

from ledger.errors import TallyError


class NotOnShelf(TallyError):
    """A sheet is needed that is not there."""


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
            raise NotOnShelf("A closed period's sheet is missing here.", "`tally verify` builds it again.")
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
            self._open.executescript(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                "CREATE TABLE IF NOT EXISTS document (digest TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT;"
                "CREATE TABLE IF NOT EXISTS source (source TEXT NOT NULL, sheet TEXT NOT NULL,"
                " PRIMARY KEY (source, sheet)) STRICT, WITHOUT ROWID;"
            )
        return self._open

    def put(self, data: bytes, sources: list[str]) -> str:
        """Keep a document and the sources it settled; answers its SHA-256."""
        digest = hashlib.sha256(data).hexdigest()
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("INSERT OR IGNORE INTO document VALUES (?, ?)", (digest, data))
        rows = ((source, digest) for source in sources)
        self._db.executemany("INSERT OR IGNORE INTO source VALUES (?, ?)", rows)
        self._db.execute("COMMIT")
        return digest

    def get(self, digest: str) -> bytes:
        """The document of that SHA-256, checked against it."""
        row = self._db.execute("SELECT data FROM document WHERE digest = ?", (digest,)).fetchone()
        if row is None or hashlib.sha256(row[0]).hexdigest() != digest:
            raise NotOnShelf("A closed period's sheet is missing here.", "`tally verify` builds it again.")
        return bytes(row[0])

    def settled(self, source: str, sheets: set[str]) -> bool:
        """Whether one of these sheets already counted this source."""
        rows = self._db.execute("SELECT sheet FROM source WHERE source = ?", (source,))
        return any(row[0] in sheets for row in rows)

    def holds(self, digests: list[str]) -> bool:
        """Whether all these documents are here."""
        return all(
            self._db.execute("SELECT 1 FROM document WHERE digest = ?", (digest,)).fetchone() for digest in digests
        )
