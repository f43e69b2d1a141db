"""Which log lies at a place: a folder with a database file in it, or one that names a database elsewhere."""

from importlib import import_module
from pathlib import Path
from typing import Any

from ledger import beside, database
from ledger.anchor import Anchor
from ledger.errors import Usage
from ledger.keys import Key
from ledger.log import Log
from ledger.private import show
from ledger.store import SqliteLog


def is_afar(place: str) -> bool:
    """Whether a place is the URL of a service; this home then keeps a copy of the log."""
    return place.startswith(("http://", "https://"))


def spelled(place: str) -> str:
    """A place in the one spelling under which it is remembered: an address as it is, a folder from the root on.

    Raises Usage for a name that is not UTF-8, since files of text remember it.
    """
    whole = place if "://" in place else str(Path(place).absolute())
    try:
        whole.encode()
    except UnicodeEncodeError as error:
        raise Usage(f"The name of the place {show(whole)} is not UTF-8.", "Choose a place of another name.") from error
    return whole


def open_log(place: str, anchor: Anchor, origin: str) -> Log:
    """The log at this place, open for reading and growing. Raises NoLedger where there is none."""
    folder = Path(place)
    if beside.stands(folder):
        log: Log = postgres("store_postgres").PostgresLog(folder, anchor, origin)
        return log
    return SqliteLog(folder, anchor, origin)


def create_log(folder: Path, key: Key, url: str | None = None) -> None:
    """Make an empty log in a folder, or beside it in the database at this address."""
    if url is None:
        SqliteLog.create(folder, key)
    else:
        postgres("store_postgres").PostgresLog.create(folder, key, beside.checked(url))


def check_database(url: str) -> None:
    """Raise TallyError unless this is the address of a PostgreSQL database that answers and is set up."""
    postgres("postgres_making").check(beside.checked(url))


def is_founded(folder: Path) -> bool:
    """Whether the log of this folder holds at least one entry."""
    if beside.stands(folder):
        return bool(postgres("store_postgres").is_founded(folder))
    return database.is_founded(folder)


def postgres(part: str) -> Any:
    """A module of the store on PostgreSQL: its library is loaded where it is used, and need not be there elsewhere."""
    try:
        return import_module(f"ledger.{part}")
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise Usage(
            "PostgreSQL is something that this copy of tally cannot speak to yet.",
            "Install it with: pip install 'tallystick[postgres]'",
        ) from error
