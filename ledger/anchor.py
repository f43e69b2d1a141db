"""What this home remembers of a log outside its database: the greatest size, its root, and the log's own signed head.

The file is written (temporary file, fsync, rename, fsync of the folder) after every commit and before any
receipt is released, so that a database put back from an older copy is noticed before it signs again.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import VerificationFailed


class BadAnchor(VerificationFailed):
    """The file that remembers a log's head cannot be read."""


class Anchor:
    """One small file per ledger in a home's state folder: size, root and signed head."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[int, bytes] | None:
        """(size, root) last seen, or None before the first time. Raises BadAnchor for a damaged file."""
        held = self._held()
        return held[:2] if held else None

    def note(self) -> bytes | None:
        """The head last seen as the log signed it; None before the first time, or where only size and root are kept."""
        held = self._held()
        return (held[2] or None) if held else None

    def _held(self) -> tuple[int, bytes, bytes] | None:
        try:
            held = json.loads(self.path.read_bytes())
            return int(held["size"]), bytes.fromhex(held["root"]), str(held.get("note", "")).encode()
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise BadAnchor(
                f"What this home remembers of the log's head is damaged: {self.path}.",
                "Compare the log with another member's copy (tally verify), then remove that file.",
            ) from error

    def write(self, size: int, root: bytes, note: bytes = b"") -> None:
        """Remember a head, unless a greater one is remembered already (another process was quicker).

        `note` is the head as the log signed it, which can be shown to others later.
        """
        with one_at_a_time(self.path.with_suffix(".lock")):
            before = self._held()
            if before is None or before[0] < size or (before[:2] == (size, root) and note and not before[2]):
                held = {"size": size, "root": root.hex()} | ({"note": note.decode()} if note else {})
                write_durably(self.path, json.dumps(held).encode())


NOTHING_SEEN = Anchor(Path(os.devnull))
"""For whoever only reads a log, and neither asks what was seen of it nor remembers anything."""


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Wait until no other process holds this file, and hold it; a process that dies lets go of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_durably(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put bytes in place as a whole: after a crash the old file or the new one is there, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    settle_folder(path.parent)


def settle_folder(folder: str | os.PathLike[str]) -> None:
    """What was done to the names in a folder is on the disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
