"""Keeping a full copy of a log: only what its log signed comes in, and only as the continuation of what is there.

A copy asks for the newest head, checks its signature and that it goes on from the head the copy knows, and then
fetches what is new in portions. Each portion is proved to be part of that head before it is stored, so a copy can be
stopped at any moment and goes on where it was. While it is half made its head is not signed, and nobody takes it for
whole. A copy has no key and signs nothing. Whatever a copy was shown that cannot be true is kept as evidence.
"""

from collections.abc import Sequence
from pathlib import Path

from ledger import evidence, log_keys, merkle
from ledger.anchor import write_durably
from ledger.checkpoint import Checkpoint, is_unsigned, open_checkpoint, unsigned
from ledger.errors import ProofError, VerificationFailed
from ledger.log import Head, Leaf, Log, Reader
from ledger.merkle import HashOf
from ledger.note import note_with, open_note
from ledger.peers.beside_words import fitting, lay_beside
from ledger.peers.tilesource import IncompleteSource

PORTION = 4_096  # entries stored at a time
AIM = "aim"  # the newest head a copy was shown, while it does not hold all of it


class BadSource(VerificationFailed):
    """A source whose entries or tiles are not those that its log signed."""


class DamagedCopy(VerificationFailed):
    """A copy that is not any more what it was when it was made."""


def bring_up(copy: Log, source: Reader, vkeys: Sequence[str], evidence_folder: Path) -> Head:
    """Bring a copy up to the newest head of a source, with the private words that lie beside the source.

    Raises Diverged, with evidence kept, for a source that is older than the copy or tells another past; NoteError for
    a head that none of these vkeys signed; BadSource, IncompleteSource and Unreachable for one that does not give what
    its head promises; DamagedCopy. What was stored before that stays, and is sound.
    """
    vkeys = vkeys_of(source, vkeys)
    note = signed_part(source.head().note, vkeys)
    head = open_checkpoint(note, *vkeys)
    must_go_on(copy, note, source, vkeys, evidence_folder)
    before = copy.head().size
    if before < head.size:
        write_durably(copy.folder / AIM, note)
        _fill(copy, source, head, note)
    (copy.folder / AIM).unlink(missing_ok=True)
    lay_beside(copy, source, before)
    return Head(head.size, head.root, note)


def must_go_on(copy: Log, note: bytes, source: Reader, vkeys: Sequence[str], evidence_folder: Path) -> None:
    """Raise Diverged, with evidence kept, unless this head goes on from the newest one that the copy knows."""
    for older in _remembered(copy):
        found = evidence.between(older, note, source, vkeys)
        if found:
            raise evidence.stop(evidence_folder, found)
    head = copy.head()
    if head.size and copy.hash_of(0, head.size) != head.root:
        raise DamagedCopy(
            f"The copy in {copy.folder} is damaged: its tiles do not give its own head.",
            "Move it away and make a new one.",
        )


def _remembered(copy: Log) -> list[bytes]:
    """The signed heads that a copy knows: its own, and the one it is on its way to."""
    head, aim = copy.head(), copy.folder / AIM
    known = [head.note] if head.size and not is_unsigned(head.note) else []
    return known + ([aim.read_bytes()] if aim.exists() else [])


def vkeys_of(source: Reader, pinned: Sequence[str]) -> tuple[str, ...]:
    """By which a head of this log may be signed: the pinned keys, and those that its entries hand over to."""
    head = source.head()
    return log_keys.followed(head.note, pinned, lambda: source.entries(0, head.size))


def signed_part(note: bytes, vkeys: Sequence[str]) -> bytes:
    """A head with those signature lines alone that were checked; what others wrote under it is not kept.

    Raises NoteError if none of these vkeys signed it.
    """
    opened = open_note(note, vkeys)
    return note_with(f"{opened.text}\n".encode(), [one.line for one in opened.signatures])


def _fill(copy: Log, source: Reader, head: Checkpoint, note: bytes) -> None:
    """Fetch what the copy lacks up to this head, a portion at a time."""
    at, hashing = copy.head().size, source.hashing()
    frontier = merkle.frontier_at(at, copy.hashing())
    for start in range(at, head.size, PORTION):
        end = min(start + PORTION, head.size)
        leaves = list(source.entries(start, end))
        if len(leaves) != end - start:
            raise IncompleteSource(f"The source holds only {start + len(leaves)} of {head.size} entries.", AGAIN)
        for index, leaf in enumerate(leaves, start):
            merkle.push(frontier, index, merkle.leaf_hash(leaf))
        made = Checkpoint(head.origin, end, merkle.frontier_root(frontier))
        _must_be_part(made, start, head, hashing)
        words = source.private_between(start, end)
        fit = [Leaf(leaf, fitting(leaf, words.get(index, {}))) for index, leaf in enumerate(leaves, start)]
        copy.extend(fit, start, note if end == head.size else unsigned(made))


def _must_be_part(made: Checkpoint, start: int, head: Checkpoint, hashing: HashOf) -> None:
    """Raise BadSource unless the entries so far are the beginning of those that the log signed."""
    try:
        path = merkle.consistency_path(made.size, head.size, hashing)
        merkle.check_consistency(made.size, head.size, made.root, head.root, path)
    except ProofError as error:
        raise BadSource(
            f"What the source gives for the entries {start} to {made.size - 1} is not what its log signed.",
            f"Nothing of that was copied; the {start} before are sound. Use another source.",
        ) from error


AGAIN = "Try again later, or use another source."
