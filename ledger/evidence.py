"""Who was shown two pasts keeps the proof: finding that two heads contradict each other, and writing that to a file.

What the file holds and proves is in `ledger/contradiction.py`. Whoever finds a contradiction keeps it first, and then
stops.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from ledger import merkle
from ledger.anchor import write_durably
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.contradiction import Evidence, Fork, OtherLedger, Rollback, TwoStatements, signed_by, write
from ledger.errors import ProofError, TallyError
from ledger.log import Reader, RolledBack


class Diverged(RolledBack):
    """What is shown now does not go on from what was seen before; the hint names the file of evidence."""


class Undecided(TallyError):
    """Two heads of different sizes, and no tree at hand that tells whether one goes on from the other."""


def between(older: bytes, newer: bytes, log: Reader | None, vkeys: Sequence[str]) -> Evidence | None:
    """What shows that a head seen before and one shown now cannot be of one log that only grows; None if they can.

    `log` reads the tree of the newer head; it is needed only where that head is of a greater size. A smaller one now
    is a Rollback. Raises NoteError unless one of these vkeys signed each head, Undecided where the tree that would
    tell is not at hand or does not give the newer head, and what reading `log` raises.
    """
    before, after = open_checkpoint(older, *vkeys), open_checkpoint(newer, *vkeys)
    if after.size < before.size:
        return Rollback(vkeys=_signers(vkeys, older, newer), seen=older.decode(), shown=newer.decode())
    root, path = _earlier_root(before, after, log)
    if root == before.root:
        return None
    return Fork(
        vkeys=_signers(vkeys, older, newer),
        older=older.decode(),
        newer=newer.decode(),
        root=root.hex(),
        path=tuple(hash_.hex() for hash_ in path),
    )


def _earlier_root(before: Checkpoint, after: Checkpoint, log: Reader | None) -> tuple[bytes, list[bytes]]:
    """The root that the newer tree has at the older size, and the path that shows it."""
    if after.size == before.size:
        return after.root, []
    if before.size == 0:
        return merkle.EMPTY_ROOT, []
    if log is None or log.head().size < after.size:
        raise Undecided(
            f"Whether the log of {after.size} entries goes on from that of {before.size} cannot be told without it.",
            "Name a place where a log as long as that can be read.",
        )
    hashing = log.hashing()
    root = hashing(0, before.size)
    path = merkle.consistency_path(before.size, after.size, hashing)
    try:
        merkle.check_consistency(before.size, after.size, root, after.root, path)
    except ProofError as error:
        raise Undecided(
            f"The log at hand is not the one whose {after.size} entries this head is of.",
            "Name a place where that log can be read.",
        ) from error
    return root, path


def _signers(vkeys: Sequence[str], *notes: bytes) -> tuple[str, ...]:
    return tuple(vkey for vkey in dict.fromkeys(vkeys) if any(signed_by(note, vkey) for note in notes))


def keep(folder: Path, found: Evidence) -> Path:
    """Write evidence durably into a folder, under a name that follows from its content; answers the path."""
    data = write(found)
    path = folder / f"evidence-{found.__struct_config__.tag}-{hashlib.sha256(data).hexdigest()[:16]}.json"
    if not path.exists():
        write_durably(path, data)
    return path


def stop(folder: Path, found: Evidence) -> Diverged:
    """Keep the evidence, and the error that stops whoever found it; it stops them also where nothing can be written."""
    try:
        where = f"The evidence is in {keep(folder, found)}; `tally evidence verify` reads it on any machine."
    except OSError as error:
        where = f"The evidence could not be written to {folder}: {error.strerror}."
    what, now = _STOPS[type(found)]
    return Diverged(what, f"{now} {where}")


_STOPS = {
    Fork: (
        "This log tells another past than the one this home has seen.",
        "Nothing is read or signed here; compare with other members: tally checkpoint compare.",
    ),
    Rollback: (
        "This log is older than what this home has seen of it: it was put back from a copy, or is shown only in part.",
        "Bring back the newest copy; nothing is read or signed on an older one.",
    ),
    OtherLedger: (
        "Another ledger lies at this place than the one this home knows.",
        "Nothing was read or signed; ask whoever keeps the ledger where it is now.",
    ),
    TwoStatements: ("One key signed two statements under the same number.", "Ask whose key it is."),
}
