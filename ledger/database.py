"""The file a log lives in: its tables, the guards on them, and the errors of disk and database in words.

Three triggers on each table of the log let it grow and do nothing else, whoever writes: no UPDATE, no DELETE, and on
INSERT only what comes next, because INSERT OR REPLACE fires neither of the first two. Our own connections are
denied even the statements that could take the triggers away.
"""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.log import Busy, StoreFailed

FILE = "log.sqlite"
WAIT_S = 20  # how long a connection waits for another that is writing
SCHEMA = """
CREATE TABLE leaf (idx INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL CHECK (length(leaf) BETWEEN 74 AND 65535)) STRICT;
CREATE TABLE tile (level INTEGER NOT NULL, n INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32),
    hashes BLOB NOT NULL CHECK (length(hashes) = 8192), PRIMARY KEY (level, n)) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note BLOB NOT NULL) STRICT;
CREATE TABLE cosignature (size INTEGER NOT NULL, line TEXT NOT NULL, PRIMARY KEY (size, line)) STRICT, WITHOUT ROWID;
CREATE TABLE private (idx INTEGER NOT NULL, pointer TEXT NOT NULL,
    salt BLOB NOT NULL CHECK (length(salt) = 32), words TEXT NOT NULL, PRIMARY KEY (idx, pointer)) STRICT;
CREATE TABLE evidence (at INTEGER NOT NULL, why TEXT NOT NULL, entry BLOB NOT NULL, signature BLOB NOT NULL) STRICT;
CREATE TRIGGER leaf_stays BEFORE UPDATE ON leaf BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER leaf_is_kept BEFORE DELETE ON leaf BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER leaf_comes_next BEFORE INSERT ON leaf
    WHEN NEW.idx IS NOT (SELECT coalesce(max(idx) + 1, 0) FROM leaf)
    BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER tile_stays BEFORE UPDATE ON tile BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER tile_is_kept BEFORE DELETE ON tile BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER tile_is_new BEFORE INSERT ON tile
    WHEN EXISTS (SELECT 1 FROM tile WHERE level = NEW.level AND n = NEW.n)
    BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER head_stays BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER head_is_kept BEFORE DELETE ON checkpoint
    WHEN OLD.size = (SELECT max(size) FROM checkpoint) OR OLD.size IN (SELECT size FROM cosignature)
    BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER head_grows BEFORE INSERT ON checkpoint
    WHEN NEW.size <= (SELECT coalesce(max(size), 0) FROM checkpoint)
    BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER cosignature_stays BEFORE UPDATE ON cosignature BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER cosignature_is_kept BEFORE DELETE ON cosignature BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER cosignature_is_new BEFORE INSERT ON cosignature
    WHEN EXISTS (SELECT 1 FROM cosignature WHERE size = NEW.size AND line = NEW.line)
    BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
"""
TRIGGERS = tuple(re.findall(r"CREATE TRIGGER (\w+)", SCHEMA))
VERSION = 2
NO_ROOM = "Check that the disk has room and the folder is writable, then try again."
DAMAGED = "`tally verify` tells what is wrong; bring back the newest copy."
_FORBIDDEN = frozenset(
    (
        sqlite3.SQLITE_UPDATE,
        sqlite3.SQLITE_DROP_TABLE,
        sqlite3.SQLITE_DROP_TRIGGER,
        sqlite3.SQLITE_DROP_INDEX,
        sqlite3.SQLITE_ALTER_TABLE,
        sqlite3.SQLITE_ATTACH,
    )
)


def is_founded(folder: Path) -> bool:
    """Whether a log with at least one entry stands in the folder. Raises StoreFailed for a file that is no log."""
    if not (folder / FILE).exists():
        return False
    with in_words():
        db = sqlite3.connect(f"{(folder / FILE).absolute().as_uri()}?mode=ro", uri=True, timeout=20)
        try:
            return db.execute("SELECT 1 FROM leaf LIMIT 1").fetchone() is not None
        finally:
            db.close()


def make_database(folder: Path) -> None:
    """An empty log in place: made under another name first, so that half of one is never taken for a log."""
    draft = folder / f".{FILE}.new"
    for left in folder.glob(f"{draft.name}*"):
        # What a stopped attempt left; its write-ahead file would be taken for ours.
        left.unlink()
    db = sqlite3.connect(draft, isolation_level=None)
    db.execute("PRAGMA page_size = 16384")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN")
    _make(db)
    db.execute("COMMIT")
    db.close()
    os.chmod(draft, 0o600)
    os.rename(draft, folder / FILE)


def _make(db: sqlite3.Connection) -> None:
    for statement in SCHEMA.split(";\n"):
        # A trigger's body holds semicolons of its own, but never at the end of a line.
        if statement.strip():
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {VERSION}")


def connect(path: Path) -> sqlite3.Connection:
    """The database of a log that is there, for reading and growing."""
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=WAIT_S)
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA secure_delete = ON")
    if db.execute("PRAGMA user_version").fetchone()[0] == 1:
        _upgrade(db)
    db.set_authorizer(_authorize)
    return db


def _upgrade(db: sqlite3.Connection) -> None:
    """From format 1, which kept a hash beside each leaf and every head there ever was; the leaves stay as they are."""
    db.execute("BEGIN IMMEDIATE")
    if db.execute("PRAGMA user_version").fetchone()[0] == 1:
        tables = ("leaf", "tile", "checkpoint", "private", "evidence")
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        for table in tables:
            db.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
        _make(db)
        db.execute("INSERT INTO leaf SELECT idx, leaf FROM old_leaf ORDER BY idx")
        db.execute("INSERT INTO checkpoint SELECT size, note FROM old_checkpoint ORDER BY size DESC LIMIT 1")
        for table in ("tile", "private", "evidence"):
            db.execute(f"INSERT INTO {table} SELECT * FROM old_{table}")
        for table in tables:
            db.execute(f"DROP TABLE old_{table}")
    db.execute("COMMIT")


def _authorize(action: int, one: str | None, two: str | None, _database: str | None, _cause: str | None) -> int:
    """Deny every statement that could change what stands or loosen a setting; only private words and
    heads that newer ones have replaced may be deleted."""
    if action == sqlite3.SQLITE_DELETE:
        return sqlite3.SQLITE_OK if one in ("private", "checkpoint") else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if two is None or one == "wal_checkpoint" else sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_DENY if action in _FORBIDDEN else sqlite3.SQLITE_OK


@contextmanager
def in_words() -> Iterator[None]:
    """Failures of the database or its files, said so that a person can act."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise Busy("Another process is writing to this log. Nothing was recorded.", "Try again.") from error
        raise StoreFailed(f"The log could not be written or read: {error}. Nothing was recorded.", NO_ROOM) from error
    except sqlite3.Error as error:
        raise StoreFailed(f"The log could not be written or read: {error}. Nothing was recorded.", DAMAGED) from error
    except OSError as error:
        raise StoreFailed(f"{error.strerror or error}: {error.filename}. Nothing was recorded.", NO_ROOM) from error
