"""What can still be read of a damaged log: leaf by leaf, text by text, from a copy of its file that may go to pieces.

Nothing in here is believed: whoever uses it checks leaves against a signed root, and texts against what their authors
committed to. The damaged file itself is not touched.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ledger.database import FILE
from ledger.private import Kept


class Remains:
    """The readable rest of a database: whatever a damaged page held is simply not there."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        """Look at a copy of the database in `folder`, made in the folder `scratch`, which may be thrown away later."""
        scratch.mkdir(mode=0o700)
        self._db: sqlite3.Connection | None = None
        with suppress(OSError, sqlite3.Error):
            for end in ("", "-wal"):
                if (folder / (FILE + end)).exists():
                    shutil.copyfile(folder / (FILE + end), scratch / (FILE + end))
                    os.chmod(scratch / (FILE + end), 0o600)
            uri = f"{(scratch / FILE).absolute().as_uri()}?mode=rw"
            self._db = sqlite3.connect(uri, uri=True, isolation_level=None)
            self._db.text_factory = bytes  # damaged text may not be UTF-8 any more

    def close(self) -> None:
        """Let go of the copy."""
        if self._db:
            self._db.close()

    def leaf(self, index: int) -> bytes | None:
        """The leaf at an index, if it can be read."""
        rows = self._rows("SELECT leaf FROM leaf WHERE idx = ?", index)
        return next((row[0] for row in rows if isinstance(row[0], bytes)), None)

    def words(self, index: int) -> dict[str, Kept]:
        """The private words of an entry that can be read."""
        found = {}
        rows = self._rows("SELECT pointer, salt, words FROM private WHERE idx = ?", index)
        for pointer, salt, words in rows:
            with suppress(UnicodeDecodeError, AttributeError):
                found[pointer.decode()] = Kept(bytes(salt), words.decode())
        return found

    def heads(self) -> list[bytes]:
        """The signed heads that can be read."""
        return [row[0] for row in self._rows("SELECT note FROM checkpoint") if isinstance(row[0], bytes)]

    def cosignatures(self) -> dict[int, list[str]]:
        """What witnesses signed, by size, as far as it can be read."""
        found: dict[int, list[str]] = {}
        for size, line in self._rows("SELECT size, line FROM cosignature"):
            with suppress(UnicodeDecodeError, AttributeError):
                found.setdefault(size, []).append(line.decode())
        return found

    def evidence(self) -> list[tuple[int, str, bytes, bytes]]:
        """The refused entries that can be read."""
        found = []
        for at, why, entry, signature in self._rows("SELECT at, why, entry, signature FROM evidence"):
            with suppress(UnicodeDecodeError, AttributeError):
                found.append((at, why.decode(), entry, signature))
        return found

    def _rows(self, query: str, *values: Any) -> Iterator[Any]:
        """The rows up to the first that cannot be read."""
        rows: list[Any] = []
        if self._db:
            with suppress(sqlite3.Error):
                rows.extend(self._db.execute(query, values))
        yield from rows
