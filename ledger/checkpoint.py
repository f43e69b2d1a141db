"""The head of the log at one size: its name, how many entries, and the root over all of them, signed by the log.

The format is C2SP tlog-checkpoint without extension lines: origin, size and base64 root, a line each, in a
signed note. The origin is the log's name in the note too.
"""

import base64

from msgspec import Struct

from ledger.errors import NoteError
from ledger.keys import Signer
from ledger.merkle import HASH_SIZE
from ledger.note import open_note, parse_vkey, read_base64, read_number, sign_note


class Checkpoint(Struct, frozen=True):
    """One tree head."""

    origin: str
    size: int
    root: bytes


def body(checkpoint: Checkpoint) -> str:
    """The text of a checkpoint, which is what gets signed."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def parse(text: str) -> Checkpoint:
    """Read the text of a checkpoint. Raises NoteError for every spelling but the one `body` gives."""
    lines = text.split("\n")
    if len(lines) != 4 or not lines[0] or lines[3]:
        raise NoteError("This is not a checkpoint.", "A checkpoint has three lines: origin, size and root.")
    found = Checkpoint(lines[0], read_number(lines[1]), read_base64(lines[2]))
    if len(found.root) != HASH_SIZE:
        raise NoteError(f"The root in this checkpoint has {len(found.root)} bytes instead of {HASH_SIZE}.")
    return found


def sign(checkpoint: Checkpoint, *keys: Signer) -> bytes:
    """The checkpoint as a note signed by the log's key, or by all of its keys, under the log's name."""
    return sign_note(body(checkpoint), checkpoint.origin, *keys)


def unsigned(checkpoint: Checkpoint) -> bytes:
    """The head of a copy that is only half made: no signature stands under it yet."""
    return f"{body(checkpoint)}\n".encode()


def is_unsigned(note: bytes) -> bool:
    """Whether a head is that of a copy that is only half made."""
    return note.endswith(b"\n\n")


def open_checkpoint(note: bytes, *vkeys: str) -> Checkpoint:
    """The checkpoint in a note signed by the log with one of these vkeys, all of one name.

    Raises NoteError if it is not, or of another log.
    """
    found = parse(open_note(note, vkeys).text)
    name = parse_vkey(vkeys[0]).name
    if found.origin != name:
        raise NoteError(f"This checkpoint is of {found.origin!r}, not of {name!r}.")
    return found
