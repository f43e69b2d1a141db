"""Handing the whole journal to an accountant: as a file that hledger, ledger or beancount reads, or on the screen.

The log is read from its first entry. Without being asked for names, the file has ids only: whoever gets it learns no
more than a stranger who reads the log.
"""

import hashlib
from pathlib import Path
from zoneinfo import ZoneInfo

from ledger.book import Book
from ledger.doors import Desk
from ledger.entry import split_leaf
from ledger.errors import Refused, Usage
from ledger.shelf import MemoryShelf
from payouts import exports
from payouts.books.journal import Journal, journal
from payouts.books.whole_files import write_whole

NO_FORM = "Say for which program: --format hledger, ledger or beancount."


def journal_at_desk(desk: Desk, form: str | None, file: str | None, with_names: bool) -> None:
    """Write the journal to a new file, or print it."""
    if form is None:
        raise Usage("The journal is for an accountant's program.", NO_FORM)
    write = exports.of(form)
    if file and Path(file).exists():
        raise Refused(f"There is a file {file} already.", "Choose another name.")
    made = journal_of(desk, with_names)
    text = write(made)
    data = {
        "report": "journal",
        "format": form,
        "file": file,
        "names": with_names,
        "entries": made.size,
        "root": made.root,
        "transactions": len(made.transactions),
        "checks": len(made.checks),
        "accounts": list(made.accounts),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    if file is None:
        # The last line's end is the answer's own.
        desk.answer(data | {"text": text}, text.removesuffix("\n"))
        return
    write_whole(Path(file), text.encode())
    desk.answer(data, f"Wrote {len(made.transactions)} transactions and {len(made.checks)} checks to {file}.")


def journal_of(desk: Desk, with_names: bool) -> Journal:
    """The journal of the ledger at this desk up to now, from a book of its own."""
    log, known = desk.ledger.log, desk.ledger.book
    book = Book(desk.rooms, MemoryShelf())
    book.root_at, book.leaf_at = known.root_at, log.entry
    leaves = (split_leaf(leaf) for leaf in log.entries(0, known.size))
    call = desk.names.of if with_names else None
    return journal(leaves, book, max(desk.now, known.received), ZoneInfo(known.ledger.zone), call)
