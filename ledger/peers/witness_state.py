"""What a witness remembers: of each log the head it signed last. It never signs an older one, nor another past.

One small file: a line with the SHA-256 of the rest, then origin -> signed note as JSON. Each head stands there with
the witness's own signature under it, so that a damaged file, or another witness's, is noticed and not believed.
Compare, write durably, then answer: all of it while holding a lock, so that of two requests at once neither undoes
the other. A witness without its memory signs nothing, because it could not know what it would undo.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from ledger.anchor import one_at_a_time, write_durably
from ledger.errors import NoteError, VerificationFailed
from ledger.log import Head, head_of
from ledger.note import open_note


class BadMemory(VerificationFailed):
    """The file in which a witness remembers what it signed is gone, damaged, or another witness's."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(
            f"What this witness has signed so far {what} ({path}), so it signs nothing.",
            "Bring the newest copy of that file back, never an older one. If there is none, this witness retires: "
            "make one of another name with `tally witness new`, and name its key in the policy.",
        )


class Memory:
    """The file of one witness, known by its verifier key."""

    def __init__(self, path: Path, vkey: str) -> None:
        self.path, self.vkey = path, vkey

    def create(self) -> None:
        """Begin with nothing signed. Only this makes the file, so that one that is lost is not taken for a new one."""
        with self.alone():
            if not self.path.exists():
                self._write({})

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold it, against other threads and other processes, from comparing to writing."""
        with one_at_a_time(self.path.with_suffix(".lock")):
            yield

    def last(self, origin: str) -> Head | None:
        """The head of this log signed last, its note with all that was checked; None before the first.

        Raises BadMemory for a file that is not there, or that this witness's own signature does not bear out.
        """
        held = self._read().get(origin)
        if held is None:
            return None
        note = held.encode()
        try:
            open_note(note, (self.vkey,))
            head = head_of(note)
        except NoteError as error:
            raise BadMemory(self.path, "does not bear its signature") from error
        if not held.startswith(f"{origin}\n"):
            raise BadMemory(self.path, "is mixed up")
        return head

    def all(self) -> dict[str, Head]:
        """The last head of every log, by origin."""
        found = {origin: self.last(origin) for origin in sorted(self._read())}
        return {origin: head for origin, head in found.items() if head is not None}

    def keep(self, origin: str, note: bytes) -> None:
        """Remember this head, which bears this witness's signature, durably; the caller holds the lock."""
        self._write(self._read() | {origin: note.decode()})

    def _read(self) -> dict[str, str]:
        try:
            first, _, data = self.path.read_bytes().partition(b"\n")
            if first != _sum(data):
                raise ValueError("damaged")
            logs: dict[str, str] = json.loads(data)
        except FileNotFoundError as error:
            raise BadMemory(self.path, "is gone") from error
        except ValueError as error:
            raise BadMemory(self.path, "is damaged") from error
        return logs

    def _write(self, logs: dict[str, str]) -> None:
        data = json.dumps(logs, indent=1).encode() + b"\n"
        write_durably(self.path, _sum(data) + b"\n" + data)


def _sum(data: bytes) -> bytes:
    """The first line: one letter lost, and a log might look like one that was never signed."""
    return f"tally-witness-v1 {sha256(data).hexdigest()}".encode()
