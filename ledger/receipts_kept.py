"""A person's own receipts: what the log answered to each statement made from this home, kept as it came.

With its receipt a person can show, without the log and years later, that the log took a statement in, where and when.
"""

from contextlib import suppress
from pathlib import Path

from ledger.anchor import write_durably
from ledger.home import Home, Known


def keep(home: Home, known: Known, entry_id: str, receipt: bytes) -> None:
    """Keep the receipt of a statement; the first one stays, however often the same statement is sent."""
    path = _path(home, known, entry_id)
    # A home that is full still records; the log can be asked for a receipt again.
    with suppress(OSError):
        if not path.exists():
            write_durably(path, receipt)


def kept(home: Home, known: Known, entry_id: str) -> bytes | None:
    """The receipt as it came, or None where this home made no such statement."""
    try:
        return _path(home, known, entry_id).read_bytes()
    except FileNotFoundError:
        return None


def _path(home: Home, known: Known, entry_id: str) -> Path:
    return home.kept(known.founding, "receipts") / entry_id
