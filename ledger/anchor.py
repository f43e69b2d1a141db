"""What this home remembers of a log outside its database: the greatest size and the root it had there.

The file is written (temporary file, fsync, rename, fsync of the folder) after every commit and before any
receipt is released, so that a database put back from an older copy is noticed before it signs again.
"""

import json
import os
from pathlib import Path


class Anchor:
    """One small file per ledger in a home's state folder: size and root."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[int, bytes] | None:
        """(size, root) last seen, or None before the first time."""
        try:
            held = json.loads(self.path.read_text())
        except FileNotFoundError:
            return None
        return int(held["size"]), bytes.fromhex(held["root"])

    def write(self, size: int, root: bytes) -> None:
        """Remember a head, unless a greater one is remembered already (another process was quicker)."""
        before = self.read()
        if before is None or before[0] < size:
            write_durably(self.path, json.dumps({"size": size, "root": root.hex()}).encode())


def write_durably(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put bytes in place as a whole: after a crash the old file or the new one is there, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
