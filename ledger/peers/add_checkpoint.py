"""What a witness is asked and when it may sign: this head of a log goes on from the one that it saw last.

C2SP tlog-witness, `add-checkpoint`. A request holds the size the asker believes the witness saw last, a consistency
proof from there, and the new head. The checks run in a fixed order, and each way to fail has an HTTP status of its
own. Nothing here keeps or signs anything: `ledger/peers/witness.py` does, and only what passes here.
"""

import base64
from collections.abc import Sequence
from contextlib import suppress

from msgspec import Struct

from ledger import merkle
from ledger.checkpoint import Checkpoint, parse, unsigned
from ledger.errors import NoteError, ProofError, VerificationFailed
from ledger.note import NotSigned, divide, note_with, open_note, read_base64, read_number

BODY_MAX = 64 * 1024  # bytes of a request: 63 hashes and a note of 100 signatures are less than half of it
PROOF_MAX = 63
SIZE_TYPE = "text/x.tlog.size"


class Request(Struct, frozen=True):
    """A request, read: nothing in it is checked but its form. `origin` is the first line of the note."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes
    origin: str


class Approved(Struct, frozen=True):
    """A head that may be signed, and the log's own signature lines under it that were checked."""

    head: Checkpoint
    lines: tuple[str, ...]

    @property
    def note(self) -> bytes:
        """The head as a signed note, without lines that nobody checked."""
        return note_of(self.head, self.lines)


class Declined(VerificationFailed):
    """The witness does not sign this. `answer` is the body it answers with, in the type `media`."""

    status = 400
    media = "text/plain; charset=utf-8"

    @property
    def answer(self) -> str:
        """What goes back over HTTP."""
        return f"{self.message}\n"


class Unreadable(Declined):
    """The request is not of the form."""


class UnknownLog(Declined):
    """The witness does not watch this log."""

    status = 404


class NotByTheLog(Declined):
    """No key of the log that the witness knows has signed this, or a signature under its name is wrong."""

    status = 403


class OtherSize(Declined):
    """The asker believes that the witness saw another size last; the answer is that size."""

    status = 409
    media = SIZE_TYPE

    def __init__(self, size: int) -> None:
        super().__init__(f"This witness has last signed a head of {size} entries.", "Send a proof from that size.")
        self.size = size

    @property
    def answer(self) -> str:
        """The size, a line, and nothing else."""
        return f"{self.size}\n"


class NoContinuation(Declined):
    """The proof does not show that this head goes on from the last one: perhaps the log tells two pasts."""

    status = 422


def write(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """The body of a request."""
    hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
    return f"old {old}\n{hashes}\n".encode() + note


def read(data: bytes) -> Request:
    """The request in a body. Raises Unreadable."""
    if len(data) > BODY_MAX:
        raise Unreadable(f"invalid input: more than {BODY_MAX} bytes.")
    top, blank, note = data.partition(b"\n\n")
    try:
        first, *lines = top.decode("ascii").split("\n")
        if not blank or not first.startswith("old ") or len(lines) > PROOF_MAX:
            raise Unreadable("invalid input: it begins with a line `old SIZE`, up to 63 hashes and an empty line.")
        proof = tuple(map(read_base64, lines))
        if any(len(one) != merkle.HASH_SIZE for one in proof):
            raise Unreadable(f"invalid input: every hash of a proof has {merkle.HASH_SIZE} bytes.")
        return Request(read_number(first.removeprefix("old ")), proof, note, _origin(note))
    except UnicodeDecodeError as error:
        raise Unreadable("invalid input: the lines before the checkpoint are not ASCII.") from error
    except NoteError as error:
        raise Unreadable(f"invalid input: {error.message}") from error


def _origin(note: bytes) -> str:
    """The first line of a note that is well formed, every signature line included."""
    text, _ = divide(note)
    with suppress(NotSigned):  # nobody is known yet; that its form is right is all that is asked here
        open_note(note, ())
    return text.partition("\n")[0]


def judge(request: Request, vkeys: Sequence[str] | None, size: int, root: bytes) -> Approved:
    """The head, if it may be signed by a witness that has last signed `size` and `root` (0 and the empty root: never).

    `vkeys` are the keys it trusts for this log; None if it does not watch it. Raises Declined.
    """
    if not vkeys:
        raise UnknownLog("unknown log: this witness does not watch it.")
    head, lines = signed(request.note, vkeys)
    if request.old > head.size:
        raise Unreadable(f"invalid input: the old size {request.old} is greater than {head.size}.")
    if request.old != size:
        raise OtherSize(size)
    if head.size == 0 and head.root != merkle.EMPTY_ROOT:
        raise NoContinuation("invalid checkpoint: a log without entries has the root of nothing.")
    if request.old == 0:
        # Every log goes on from the empty one, and RFC 6962 has no proof from size 0.
        if request.proof:
            raise NoContinuation("invalid consistency proof: from size 0 it is empty.")
    else:
        try:
            merkle.check_consistency(request.old, head.size, root, head.root, request.proof)
        except ProofError as error:
            raise NoContinuation(f"invalid consistency proof: {error.message}") from error
    return Approved(head, lines)


def signed(note: bytes, vkeys: Sequence[str]) -> tuple[Checkpoint, tuple[str, ...]]:
    """The head in a note that the log has signed with one of these keys, and its lines. Raises Declined."""
    try:
        opened = open_note(note, vkeys)
    except NotSigned as error:
        raise NotByTheLog(f"invalid signature: {error.message}") from error
    except NoteError as error:
        raise Unreadable(f"invalid input: {error.message}") from error
    try:
        head = parse(opened.text)
    except NoteError as error:
        raise Unreadable(f"invalid checkpoint: {error.message}") from error
    return head, tuple(one.line for one in opened.signatures)


def note_of(head: Checkpoint, lines: Sequence[str]) -> bytes:
    """A head with these signature lines under it."""
    return note_with(unsigned(head), lines)
