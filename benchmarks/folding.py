"""How long a ledger takes to open: folding all of it, and from a warm snapshot."""

import tempfile
from pathlib import Path

from benchmarks.big import ROOMS, Builder
from benchmarks.measure import wall
from benchmarks.row import Row, within
from ledger.book import Book
from ledger.entry import split_leaf
from ledger.opened import Ledger
from ledger.shelf import MemoryShelf


def rows() -> list[Row]:
    """100,000 items in 1,000 entries; and 5,000 open items from a snapshot."""
    with tempfile.TemporaryDirectory() as folder:
        builder = Builder(Path(folder))
        list(builder.months(2, 95_000, 1_000_000))
        builder.log(5_000, builder.book.ledger.calendar[2].first)
        builder.close()
        opened = Ledger(builder.home, builder.known, ROOMS)
        leaves = [split_leaf(leaf) for leaf in opened.log.entries(0, opened.book.size)]
        folding = wall(lambda: _fold(leaves))
        opening = wall(lambda: Ledger(builder.home, builder.known, ROOMS))
    return [
        within("fold of 100,000 items in 1,000 entries", folding, 1, "s"),
        within("open from a warm snapshot, 5,000 open items", opening, 0.1, "s"),
    ]


def _fold(leaves: list[tuple[bytes, bytes, int]]) -> None:
    book = Book(ROOMS, MemoryShelf())
    for leaf in leaves:
        book.fold(*leaf)
