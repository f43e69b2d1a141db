"""Which log lies at a place: a folder with a database file in it, or one that names a database elsewhere."""

from pathlib import Path

from ledger.anchor import Anchor
from ledger.log import Log
from ledger.store import SqliteLog


def open_log(place: str, anchor: Anchor, origin: str) -> Log:
    """The log at this place, open for reading and growing. Raises NoLedger where there is none."""
    return SqliteLog(Path(place), anchor, origin)
