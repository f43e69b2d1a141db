"""What somebody has signed and the log has not answered yet lies here: nothing is lost and nothing counts twice.

A statement is put here, durably, before it is handed to the log, and taken away when the log has it or has refused
it. What waits is sent again in the order it was said, as the very same bytes: the number under its key and its id
see to it that the log takes it once. What the rules refuse stays listed, with the reason, until its author drops it.
One file for each key of a home, readable by its owner alone; whoever changes it holds the key's lock.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from ledger import entry
from ledger.anchor import write_durably
from ledger.entry import Envelope
from ledger.errors import TallyError, Usage
from ledger.private import Kept

FOLDER = "outbox"


class Signed(Struct, frozen=True):
    """A statement as its author signed it, with the private words that belong beside it."""

    data: bytes
    signature: bytes
    words: dict[str, Kept]

    @property
    def id(self) -> str:
        """The entry's id: SHA-256 of its bytes."""
        return entry.entry_id(self.data)

    @property
    def envelope(self) -> Envelope:
        """What the bytes say."""
        return entry.read(self.data)


class Item(Struct, frozen=True, kw_only=True):
    """A statement in the outbox: its number there, since when (ms), and why it was refused ("" while it waits)."""

    number: int
    at: int
    signed: Signed
    why: str = ""


class _File(Struct):
    """The file as a whole; `waiting` stands in the order of the key's numbers."""

    waiting: list[Item] = []
    refused: list[Item] = []


class BadOutbox(TallyError):
    """The file that keeps unsent statements cannot be read."""


class Outbox:
    """The statements of one key that the log does not have."""

    def __init__(self, folder: Path, key: str) -> None:
        self.path, self.key = folder / FOLDER / f"{key}.json", key

    @property
    def waiting(self) -> list[Item]:
        """What is to be sent, in order."""
        return self._read().waiting

    @property
    def refused(self) -> list[Item]:
        """What the rules of the ledger do not let in."""
        return self._read().refused

    def put(self, signed: Signed, at: int) -> Item:
        """Keep a statement, after those that wait already; it lies on the disk when this answers."""
        held = self._read()
        number = 1 + max((item.number for item in (*held.waiting, *held.refused)), default=0)
        held.waiting.append(Item(number=number, at=at, signed=signed))
        self._write(held)
        return held.waiting[-1]

    def done(self, *ids: str) -> None:
        """Take away what the log has, or what was never handed to it."""
        held = self._read()
        self._write(_File([item for item in held.waiting if item.signed.id not in ids], held.refused))

    def settle(self, waiting: list[Item], refused: list[Item]) -> None:
        """Put these in place of all that lies here, in one step: what was signed anew replaces what it stands for."""
        self._write(_File(waiting, refused))

    def drop(self, number: int) -> Item:
        """Forget a refused statement for good. Raises Usage for a number that is not on the list, or still waits."""
        held = self._read()
        if any(item.number == number for item in held.waiting):
            raise Usage(f"Number {number} was not refused; it waits to be sent.", "Send it with `tally sync`.")
        for item in held.refused:
            if item.number == number:
                self._write(_File(held.waiting, [other for other in held.refused if other is not item]))
                return item
        raise Usage(f"There is no number {number} in the outbox.", "`tally sync --list` shows what is.")

    def _read(self) -> _File:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=_File)
        except FileNotFoundError:
            return _File()
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadOutbox(
                f"The file of what was signed and not yet sent is damaged: {self.path}.",
                "Bring it back from a copy of this home; without it, move it away and look what the log lacks.",
            ) from error

    def _write(self, held: _File) -> None:
        if held.waiting or held.refused:
            write_durably(self.path, msgspec.json.encode(held))
        else:
            self.path.unlink(missing_ok=True)


def outboxes(folder: Path) -> list[Outbox]:
    """Every outbox of a home for one ledger that is not empty, by key id."""
    return [Outbox(folder, path.stem) for path in sorted((folder / FOLDER).glob("*.json"))]
