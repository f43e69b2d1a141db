"""The mailbox of secret votes: a folder beside the ledger where ballots without names lie until their vote closes.

Files are named by the hash of what they hold, so that neither name nor order tells anything; the file's time does, to
whoever keeps the folder: it is set to the same for all.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from governance.part import Proposal
from ledger.errors import Usage
from ledger.opened import Ledger

FOLDER = "mailbox"
BYTES_MAX = 40_000
BATCH_BYTES = 50_000  # of hex in one statement
BALLOTS_MAX = 2_000
_BOX = re.compile(r"(?:[0-9a-f]{2}){256,20000}")
_PROPOSAL = re.compile(r"[0-9a-f]{64}")


def leave(ledger: Ledger, proposal: str, box: str) -> None:
    """Put a sealed ballot (hex) into the mailbox."""
    if ledger.remote is not None:
        ledger.remote.ask("POST", f"/mailbox/{proposal}", box.encode())
        return
    keep(Path(ledger.log.folder), proposal, box)


def keep(folder: Path, proposal: str, box: str) -> None:
    """Keep a sealed ballot in the ledger's folder. Raises Usage for what is none, or one too many."""
    if not (_BOX.fullmatch(box) and _PROPOSAL.fullmatch(proposal) and len(box) <= BYTES_MAX):
        raise Usage("That is no sealed ballot.")
    place = folder / FOLDER / proposal
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if len(list(place.iterdir())) >= BALLOTS_MAX:
        raise Usage("The mailbox of this vote is full.", "Tell whoever keeps the ledger.")
    path = place / hashlib.sha256(box.encode()).hexdigest()
    draft = place.with_name(f".{path.name}")
    draft.write_text(box, encoding="ascii")
    os.replace(draft, path)
    os.utime(path, (0, 0))


def lying(folder: Path, proposal: str) -> list[str]:
    """The sealed ballots (hex) that lie in the mailbox of a vote, sorted."""
    place = folder / FOLDER / proposal
    return sorted(path.read_text(encoding="ascii") for path in place.iterdir()) if place.is_dir() else []


def batches(ledger: Ledger, proposal: Proposal) -> Iterator[list[str]]:
    """What lies in the mailbox and is not published, in parts that fit into a statement."""
    if ledger.remote is not None:
        found = ledger.remote.ask("GET", f"/mailbox/{proposal.id}").decode().split()
    else:
        found = lying(Path(ledger.log.folder), proposal.id)
    batch: list[str] = []
    for box in found:
        if box in proposal.course.mailed:
            continue
        if batch and sum(map(len, batch)) + len(box) > BATCH_BYTES:
            yield batch
            batch = []
        batch.append(box)
    if batch:
        yield batch
