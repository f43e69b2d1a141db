"""The book of the last entry, kept so that opening a ledger costs what is open and not all that ever was.

A snapshot lies in its reader's own home and is authenticated with that home's secret: it is never accepted from
anybody else, nor for another purpose than it was saved for. Whatever is wrong with it, it is thrown away and the log
is folded from the start. It is msgpack of plain data; nothing in it can run.
"""

import hashlib
import hmac
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ledger.anchor import write_durably
from ledger.book import Book, Shelf, state_of

FORMAT = 1
VERSION = "0.3.0"
_MAC = 32
DAILY, VERIFIED = b"tally-snapshot-v1\0", b"tally-verified-v1\0"
"""What a snapshot is for: reading from day to day, which trusts admission; or going on from a verification."""


class Header(Struct, kw_only=True):
    """What the snapshot is of."""

    format: int
    code: str
    ledger: str
    size: int
    root: str
    received: int
    last_id: str
    frontier: list[bytes]
    kept: list[str]


class Snapshot(Struct, kw_only=True):
    """Header and each room's part."""

    header: Header
    parts: dict[str, msgspec.Raw]


def save(book: Book, path: Path, secret: bytes, purpose: bytes = DAILY) -> None:
    """Write the book of the last entry. Call it before the book is advanced to now."""
    header = Header(
        format=FORMAT,
        code=VERSION,
        ledger=book.ledger.id,
        size=book.size,
        root=book.root,
        received=book.received,
        last_id=book.last_id,
        frontier=book.frontier,
        kept=book.kept,
    )
    parts = {room: msgspec.Raw(msgspec.msgpack.encode(part)) for room, part in book.parts.items()}
    data = msgspec.msgpack.encode(Snapshot(header=header, parts=parts))
    write_durably(path, seal(secret, purpose, data))


def load(path: Path, secret: bytes, rooms: tuple[str, ...], shelf: Shelf, purpose: bytes = DAILY) -> Book | None:
    """The book as it was saved, or None when there is none that can be trusted."""
    data = unseal(path, secret, purpose)
    if data is None:
        return None
    try:
        held = msgspec.msgpack.decode(data, type=Snapshot)
        if (held.header.format, held.header.code) != (FORMAT, VERSION) or set(held.parts) != set(rooms):
            return None
        parts: dict[str, Any] = {
            room: msgspec.msgpack.decode(part, type=state_of(room).State) for room, part in held.parts.items()
        }
    except msgspec.DecodeError:
        return None
    book = Book(rooms, shelf)
    book.size, book.received, book.last_id = held.header.size, held.header.received, held.header.last_id
    book.frontier, book.kept, book.parts = held.header.frontier, held.header.kept, parts
    book.until = book.received
    return book


def seal(secret: bytes, purpose: bytes, data: bytes) -> bytes:
    """Bytes that only this home can have written, for this purpose: HMAC-SHA-256 with its secret, then the bytes."""
    return _mac(secret, purpose, data) + data


def unseal(path: Path, secret: bytes, purpose: bytes) -> bytes | None:
    """The bytes in a file that this home has sealed for this purpose; None for anything else, or no file."""
    try:
        sealed = path.read_bytes()
    except OSError:
        return None
    mac, data = sealed[:_MAC], sealed[_MAC:]
    return data if hmac.compare_digest(mac, _mac(secret, purpose, data)) else None


def _mac(secret: bytes, purpose: bytes, data: bytes) -> bytes:
    return hmac.new(secret, purpose + data, hashlib.sha256).digest()
