"""Messages as files: one for each member, for whoever hands them over, prints them or opens them to send them on."""

import os
from itertools import count
from pathlib import Path

from ledger.errors import TallyError, Usage
from ledger.home import slugged

NAME_BYTES = 160
"""Of a member's name in that of a file: file systems count bytes, and some letters take four."""


class Unwritten(TallyError):
    """A message that the disk did not take."""


def folder_for(place: Path) -> Path:
    """The folder for messages, made if it is missing; only its owner looks into one that is made here."""
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise Usage(f"{place} is no folder.", "Name one with --out DIR.") from error
    return place


def called(name: str, number: int, what: str) -> str:
    """How the file of a message begins: "ana-proposal-3-notice"; of the name only what is safe in any folder."""
    short = slugged(name).encode()[:NAME_BYTES].decode(errors="ignore")
    return f"{short}-proposal-{number}-{what}"


def write(folder: Path, base: str, data: bytes) -> Path:
    """Write a message for its owner's eyes alone, under a name that is free: a file that is there stays as it is."""
    for place in count(1):
        path = folder / f"{base}{'' if place == 1 else f'-{place}'}.eml"
        try:
            _write_new(path, data)
        except FileExistsError:
            continue
        except OSError as error:
            raise Unwritten(
                f"{path} could not be written: {error.strerror}.", "Mend that, then do it again."
            ) from error
        break
    return path


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
    except OSError:
        # Half a message would be taken for a whole one.
        path.unlink(missing_ok=True)
        raise
