"""How much a log keeps beside its entries: the file of the database, less the bytes of the leaves."""

import os
import sqlite3
import tempfile
from pathlib import Path

from benchmarks.row import Row, within
from ledger.anchor import Anchor
from ledger.database import FILE
from ledger.keys import new_key
from ledger.log import Leaf
from ledger.store import SqliteLog

SIZE, SINGLY = 100_000, 20_000
LEAF = 790  # bytes of an entry with one piece of work, its signature and time


def rows() -> list[Row]:
    """100,000 entries in appends of 100; and 20,000, each an append of its own."""
    batched, singly = _beside(SIZE, 100), _beside(SINGLY, 1)
    return [
        within("storage: the tree, per entry", max(batched[0], singly[0]), 40, "bytes"),
        within("storage: all beside the entries, appends of 100", batched[1], 100, "bytes"),
        within("storage: all beside the entries, single appends", singly[1], 100, "bytes"),
    ]


def _beside(size: int, in_one: int) -> tuple[float, float]:
    """Bytes per entry of the tree, and of everything but the leaves, when so many were put in at a time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        SqliteLog.create(folder, new_key())
        log = SqliteLog(folder, Anchor(folder / "anchor.json"), "tally.invalid/bench")
        for start in range(0, size, in_one):
            log.append([Leaf(os.urandom(LEAF), {}) for _ in range(in_one)], after=start)
        log.close()
        db = sqlite3.connect(folder / FILE)
        pages = dict(db.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall())
        db.close()
        tree = sum(pages[name] for name in pages if "tile" in name)
        return tree / size, ((folder / FILE).stat().st_size - LEAF * size) / size
