"""Where the log of a folder is kept when it is not in the folder itself: the file `database` beside the log's key.

It names the PostgreSQL database and which of the ledgers in it is this one. It holds no password: libpq finds that
in ~/.pgpass, in the file that PGPASSFILE names, or in a service file.
"""

import json
import os
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Struct

from ledger.anchor import write_durably
from ledger.errors import Usage

FILE = "database"
SCHEMES = ("postgresql", "postgres")
_SECRETS = frozenset(("password", "sslpassword"))


class Beside(Struct, frozen=True):
    """A database and a ledger in it."""

    url: str
    ledger: str  # 32 hex digits, drawn when the log is made


class BadDatabaseUrl(Usage):
    """What was given is not the address of a PostgreSQL database, or holds a password."""


def fresh(url: str) -> Beside:
    """A new ledger in this database."""
    return Beside(url, os.urandom(16).hex())


def stands(folder: Path) -> bool:
    """Whether the log of this folder is kept in a database elsewhere."""
    return (folder / FILE).exists()


def read(folder: Path, name: str = FILE) -> Beside:
    """Where the log of this folder is. Raises Usage for a file that does not say it."""
    path = folder / name
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Beside)
    except msgspec.DecodeError as error:
        raise Usage(
            f"{path} does not say which database holds the log: {error}.", "Bring it back from a copy."
        ) from error
    if len(found.ledger) != 32 or set(found.ledger) - set("0123456789abcdef"):
        raise Usage(f"{path} names no ledger.", "Bring it back from a copy.")
    return Beside(checked(found.url), found.ledger)


def write(folder: Path, beside: Beside, name: str = FILE) -> None:
    """Say where the log of this folder is."""
    write_durably(folder / name, (json.dumps(msgspec.to_builtins(beside), indent=1) + "\n").encode())


def checked(url: str) -> str:
    """The address of a PostgreSQL database. Raises BadDatabaseUrl; a password in it is not repeated."""
    try:
        parts = urlsplit(url)
        secret = parts.password is not None or any(
            name.casefold() in _SECRETS for name, _ in parse_qsl(parts.query, keep_blank_values=True)
        )
    except ValueError:
        raise _no_address() from None
    if parts.scheme not in SCHEMES:
        raise _no_address()
    if secret:
        raise BadDatabaseUrl(
            "There is a password in the address: others on this machine can read what is typed.",
            "Write it without, and put the password into ~/.pgpass (mode 0600), PGPASSFILE or a service file.",
        )
    return url


def _no_address() -> BadDatabaseUrl:
    return BadDatabaseUrl("This is not the address of a PostgreSQL database.", "Write postgresql://USER@HOST/DATABASE.")
