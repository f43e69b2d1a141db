"""Whether the file a log lies in guards it as it should: its triggers and tables, its settings, who may read it."""

import re
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from ledger.database import FILE, SCHEMA

_SETTINGS = (
    ("journal_mode", "wal", "an append could be lost or half done when the power fails"),
    ("synchronous", 2, "an append that was acknowledged could be lost when the power fails"),
    ("secure_delete", 1, "texts that were erased could be read in the file"),
)
_MEND = "stop writing, keep the file, and make a fresh one with tally repair --from COPY"


def findings(db: sqlite3.Connection, folder: Path) -> list[str]:
    """What is not as it should be, a sentence each; empty if all is well."""
    return [*_guards(db), *_settings(db), *_modes(folder), *_pages(db)]


def _guards(db: sqlite3.Connection) -> Iterator[str]:
    """Tables and triggers are word for word those that this program makes, and there are no others."""
    expected = _made(SCHEMA)
    rows = db.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    held = {(what, name): _words(sql) for what, name, sql in rows}
    for (what, name), sql in expected.items():
        if (what, name) not in held:
            yield f"The {_called(what)} {name} is missing: {_MEND}."
        elif held[what, name] != sql:
            yield f"The {_called(what)} {name} is not the one this program made: {_MEND}."
    for what, name in sorted(held.keys() - expected.keys()):
        yield f"The {_called(what)} {name} was put there by something else: {_MEND}."


def _made(schema: str) -> dict[tuple[str, str], str]:
    db = sqlite3.connect(":memory:")
    try:
        db.executescript(schema)
        rows = db.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        return {(what, name): _words(sql) for what, name, sql in rows}
    finally:
        db.close()


def _words(sql: str) -> str:
    # A table that was renamed has its name in quotes.
    return re.sub(r"\s+", " ", sql.replace('"', ""))


def _called(what: str) -> str:
    return "guard" if what == "trigger" else what


def _settings(db: sqlite3.Connection) -> Iterator[str]:
    for name, wanted, otherwise in _SETTINGS:
        held = db.execute(f"PRAGMA {name}").fetchone()[0]
        if held != wanted:
            yield f"The setting {name} is {held} and not {wanted}, so that {otherwise}: write with this program alone."


def _modes(folder: Path) -> Iterator[str]:
    """Only the owner may read or write the database, which holds private texts."""
    for path in sorted(folder.glob(f"{FILE}*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            yield f"{path} can be read or written by others (mode {mode:o}): chmod 600 {path}."


def _pages(db: sqlite3.Connection) -> Iterator[str]:
    found = [row[0] for row in db.execute("PRAGMA quick_check")]
    if found != ["ok"]:
        yield f"The file of the log is damaged ({found[0]}): tally repair --from COPY."
