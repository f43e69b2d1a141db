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

from ledger.log import Busy, InDoubt, StoreFailed

FILE = "log.sqlite"
WAIT_S = 5  # how long a connection waits for another that is writing; then what may wait is queued
SCHEMA = """
CREATE TABLE leaf (idx INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL CHECK (length(leaf) BETWEEN 74 AND 65535)) STRICT;
CREATE TABLE tile (level INTEGER NOT NULL, n INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32), PRIMARY KEY (level, n)) STRICT, WITHOUT ROWID;
CREATE TABLE tile_part (level INTEGER NOT NULL, n INTEGER NOT NULL, part INTEGER NOT NULL CHECK (part BETWEEN 0 AND 7),
    hashes BLOB NOT NULL CHECK (length(hashes) = 1024), PRIMARY KEY (level, n, part)) STRICT;
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
CREATE TRIGGER part_stays BEFORE UPDATE ON tile_part BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER part_is_kept BEFORE DELETE ON tile_part BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER part_is_new BEFORE INSERT ON tile_part
    WHEN EXISTS (SELECT 1 FROM tile_part WHERE level = NEW.level AND n = NEW.n AND part = NEW.part)
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
PART = 1024  # bytes of a tile in one row: a whole one would leave half of its page empty
TRIGGERS = tuple(re.findall(r"CREATE TRIGGER (\w+)", SCHEMA))
VERSION = 2
NO_ROOM = "Check that the disk has room and the folder is writable, then try again."
DAMAGED = "`tally verify` tells what is wrong; `tally repair --from COPY` refills it from a sound copy."
MOVED = "Run the command again: it finds the new place."
_KEPT_OUT = frozenset((sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN))
_UNWRITTEN = frozenset((sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_BUSY))
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
        db.execute("INSERT INTO tile SELECT level, n, root FROM old_tile")
        parts = "WITH RECURSIVE place(part) AS (VALUES (0) UNION ALL SELECT part + 1 FROM place WHERE part < 7) "
        cut = f"SELECT level, n, part, substr(hashes, 1 + part * {PART}, {PART}) FROM old_tile, place ORDER BY 1, 2, 3"
        db.execute(f"INSERT INTO tile_part {parts}{cut}")
        for table in ("private", "evidence"):
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


def commit(db: sqlite3.Connection) -> None:
    """Make what was written stand. Raises InDoubt where the database failed and cannot say whether it does."""
    try:
        db.execute("COMMIT")
    except sqlite3.Error as error:
        if _is_undone(db, error):
            raise
        raise InDoubt(
            f"The disk failed while this was being written ({error}): it may be recorded or not.",
            "Once the disk is well, `tally sync` or the next command tells; what is sent twice counts once.",
        ) from error


def _is_undone(db: sqlite3.Connection, error: sqlite3.Error) -> bool:
    """Whether nothing of a failed commit stands, nor can come to life when the write-ahead file is next read."""
    was_open = db.in_transaction
    try:
        if was_open:
            db.execute("ROLLBACK")
        if getattr(error, "sqlite_errorcode", 0) in _UNWRITTEN:
            return True
        # All of it may lie in the write-ahead file, unsynced; emptied, that file revives nothing.
        return was_open and not db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error:
        return False


@contextmanager
def clearing() -> Iterator[None]:
    """Failures of emptying the write-ahead file, after words were struck out."""
    try:
        yield
    except sqlite3.Error as error:
        raise InDoubt(
            f"The words are gone from the log, but its disk would not clear the file beside it ({error}).",
            "It is cleared when the ledger is next closed; `tally doctor` tells if it was not.",
        ) from error


def is_kept_out(error: Exception) -> bool:
    """Whether it was not damage but rights that kept us from reading: then nothing is known of the log."""
    return getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF in _KEPT_OUT


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
        hint = MOVED if "has moved" in str(error) else DAMAGED
        raise StoreFailed(f"The log could not be written or read: {error}. Nothing was recorded.", hint) from error
    except OSError as error:
        raise StoreFailed(f"{error.strerror or error}: {error.filename}. Nothing was recorded.", NO_ROOM) from error
