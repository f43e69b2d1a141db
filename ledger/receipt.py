"""A receipt: the proof that one entry stands in the log, which its author keeps and anybody can check offline.

The format is C2SP tlog-proof: the entry's index, the inclusion proof, and the signed checkpoint it leads to. Its
`extra` line holds the 72 bytes that turn the author's entry into the leaf: the signature and the time of
receipt. They are not signed by themselves; the leaf hash, through the proof, vouches for them.
"""

import base64
from collections.abc import Sequence

from msgspec import Struct

from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import NoteError, ProofError
from ledger.keys import SIGNATURE_SIZE
from ledger.merkle import HASH_SIZE, check_inclusion, leaf_hash
from ledger.note import read_base64, read_number

HEADER = "c2sp.org/tlog-proof@v1"
TIME_SIZE = 8
PROOF_MAX = 63


class Receipt(Struct, frozen=True):
    """What a receipt says. Nothing in it is proved before it is checked against the entry."""

    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""


class Checked(Struct, frozen=True):
    """What a receipt proves: the place of the entry, its signature, and the time of receipt (ms since 1970)."""

    index: int
    checkpoint: Checkpoint
    signature: bytes
    received: int


def extra(signature: bytes, received: int) -> bytes:
    """The 72 bytes between an entry and its leaf; `received` in milliseconds since 1970."""
    return signature + received.to_bytes(TIME_SIZE, "big")


def write(receipt: Receipt) -> bytes:
    """The text of a receipt."""
    lines = [HEADER]
    if receipt.extra:
        lines.append(f"extra {_base64(receipt.extra)}")
    lines += [f"index {receipt.index}", *(_base64(hash_) for hash_ in receipt.proof), "", ""]
    return "\n".join(lines).encode() + receipt.checkpoint


def of_leaf(leaf: bytes, index: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The text of the receipt of a leaf: its last 72 bytes, its place and what proves that under the checkpoint."""
    return write(Receipt(index, tuple(proof), checkpoint, leaf[-SIGNATURE_SIZE - TIME_SIZE :]))


def parse(data: bytes) -> Receipt:
    """Read a receipt without checking it. Raises NoteError for every spelling but the one `write` gives."""
    head, _, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise NoteError("This is not a receipt.", f"A receipt begins with {HEADER}.") from error
    if lines.pop(0) != HEADER:
        raise NoteError("This is not a receipt.", f"A receipt begins with {HEADER}.")
    beside = _take(lines, "extra ")
    index = _take(lines, "index ")
    proof = tuple(read_base64(line) for line in lines)
    if index is None or beside == "" or len(proof) > PROOF_MAX or any(len(hash_) != HASH_SIZE for hash_ in proof):
        raise NoteError("This receipt is damaged.", "Ask the log for it again.")
    return Receipt(read_number(index), proof, checkpoint, read_base64(beside or ""))


def check(receipt: Receipt, entry_bytes: bytes, *vkeys: str) -> Checked:
    """Check that the log with these vkeys, all of one name, took in this entry, and when.

    The author's signature is for the caller to check. Raises NoteError if the log did not sign the checkpoint,
    ProofError if the entry is not in it as the receipt says.
    """
    if len(receipt.extra) != SIGNATURE_SIZE + TIME_SIZE:
        raise ProofError("This receipt lacks the entry's signature and time of receipt.")
    checkpoint = check_leaf(receipt, entry_bytes + receipt.extra, *vkeys)
    signature, received = receipt.extra[:SIGNATURE_SIZE], receipt.extra[SIGNATURE_SIZE:]
    return Checked(receipt.index, checkpoint, signature, int.from_bytes(received, "big"))


def check_leaf(receipt: Receipt, leaf: bytes, *vkeys: str) -> Checkpoint:
    """Check that the log with these vkeys holds this leaf. Raises as `check` does."""
    checkpoint = open_checkpoint(receipt.checkpoint, *vkeys)
    check_inclusion(leaf_hash(leaf), receipt.index, checkpoint.size, receipt.proof, checkpoint.root)
    return checkpoint


def _take(lines: list[str], name: str) -> str | None:
    """The rest of the first line if it begins with this name; the line is then gone."""
    if lines and lines[0].startswith(name):
        return lines.pop(0).removeprefix(name)
    return None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
