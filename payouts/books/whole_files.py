"""Files and folders that people asked for: each appears whole, with all that belongs in it, or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import TallyError


class CannotWrite(TallyError):
    """A file that cannot be written."""


def write_whole(path: Path, data: bytes) -> None:
    """Write one file; one of that name is replaced."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CannotWrite(f"{path} cannot be written: {error.strerror}.", "Choose another place.") from error


@contextmanager
def whole_folder(place: Path, mode: int = 0o777) -> Iterator[Path]:
    """A new folder to fill: it is put in its place when all is in it, and taken away where something went wrong."""
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        draft.mkdir(mode=mode)
        yield draft
        draft.rename(place)
    except OSError as error:
        raise CannotWrite(f"{place} cannot be written: {error.strerror}.", "Choose another place.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
