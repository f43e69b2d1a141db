"""The copies that a home keeps: of which ledger each one is, where it comes from, and where they all lie.

A copy is a folder with a log but without the log's key. Beside it `copy.json` pins what the ledger was recognised by
when the copy was made; another ledger is never taken in under its name.
"""

import hashlib
import json
import os
from pathlib import Path

import msgspec
from msgspec import Struct

from ledger import database
from ledger.anchor import Anchor, one_at_a_time, write_durably
from ledger.entry import Hex64
from ledger.errors import Refused, Usage
from ledger.home import Home, Known
from ledger.log import Log
from ledger.store import COPY, SqliteLog


class Copy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a copy is of, and the folder or address it is brought up from."""

    v: int = 1
    slug: str
    origin: str
    log_key: Hex64
    founding: Hex64
    source: str

    def known(self, place: str) -> Known:
        """The ledger as a home knows it, lying at this place."""
        return Known(slug=self.slug, place=place, origin=self.origin, log_key=self.log_key, founding=self.founding)


class NotACopy(Refused):
    """A folder that holds something else than a copy of this ledger."""


def read(folder: Path) -> Copy | None:
    """What the copy in a folder is of; None where there is no copy. Raises NotACopy for a damaged description."""
    try:
        found = msgspec.json.decode((folder / COPY).read_bytes(), type=Copy)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except msgspec.DecodeError as error:
        raise NotACopy(f"{folder / COPY} is damaged: {error}.", "Move the folder away and make a new copy.") from error
    if found.v != 1:
        raise NotACopy(f"{folder / COPY} is of a newer copy of tally.", "Install the newest version.")
    return found


def make(folder: Path, copy: Copy) -> None:
    """Begin an empty copy in a new or empty folder, or go on with one that was only begun. Raises NotACopy."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = read(folder)
    begun = f".{COPY}."  # what is left of a copy that was stopped before it was anything
    if held is None and not all(path.name.startswith(begun) for path in folder.iterdir()):
        raise NotACopy(f"{folder} holds something else than a copy.", "Choose another folder: --to DIR.")
    if held is not None and held.known("") != copy.known(""):
        raise NotACopy(f"{folder} holds a copy of another ledger.", "Choose another folder: --to DIR.")
    if held != copy:
        write_durably(folder / COPY, msgspec.json.encode(copy))
    if not (folder / database.FILE).exists():
        database.make_database(folder)


def open_copy(home: Home, folder: Path, copy: Copy) -> Log:
    """The copy's log. What it has held is remembered apart from this home's view of the ledger itself."""
    return SqliteLog(folder, anchor_of(home, folder, copy.founding), copy.origin)


def anchor_of(home: Home, folder: Path, founding: str) -> Anchor:
    """What this home remembers of a copy's head."""
    return Anchor(home.kept(founding, f"copy-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}.json"))


def remember(home: Home, folder: Path) -> None:
    """Put a copy on the list of this home."""
    with one_at_a_time(home.copies().with_suffix(".lock")):
        folders = [str(path) for path in listed(home)]
        if str(folder) not in folders:
            write_durably(home.copies(), json.dumps([*folders, str(folder)]).encode())


def listed(home: Home) -> list[Path]:
    """The folders of all copies that this home has made, in the order they were; some may be gone."""
    try:
        found = msgspec.json.decode(home.copies().read_bytes(), type=list[str])
    except FileNotFoundError:
        return []
    except msgspec.DecodeError as error:
        raise Usage(f"{home.copies()} cannot be read: {error}.", "Remove it; the copies themselves stay.") from error
    return [Path(os.fsdecode(one)) for one in found]
