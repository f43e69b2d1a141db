"""The few entries that came after the last snapshot, kept in the home so that it knows its ledger without the log.

With them a home whose log is out of reach still has the book of the last entry it saw, and what its keys said last.
Like the snapshot they are authenticated with the home's secret, and thrown away when anything is wrong with them.
"""

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from ledger.snapshot import seal, unseal

FILE = "tail"
_PURPOSE = b"tally-tail-v1\0"


class Tail(Struct, frozen=True):
    """Leaves in the order of the log, the index of the first, and the log's root (hex) after the last."""

    start: int
    leaves: list[bytes]
    root: str


def save(path: Path, secret: bytes, tail: Tail) -> None:
    """Keep these leaves. Not made durable: after a power cut the log itself still has them."""
    data = msgspec.msgpack.encode(tail)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(seal(secret, _PURPOSE, data))
    os.replace(draft, path)


def load(path: Path, secret: bytes) -> Tail | None:
    """The leaves as they were kept, or None when there are none that can be trusted."""
    data = unseal(path, secret, _PURPOSE)
    try:
        return None if data is None else msgspec.msgpack.decode(data, type=Tail)
    except msgspec.DecodeError:
        return None
