"""The mailbox of secret votes: a folder beside the ledger where ballots without names lie until their vote closes.

Of each key on the roll the newest ballot lies there, under the tag of its letters, which tells whose it is to nobody.
The file's time would tell when it came, to whoever sees the folder later: it is set to the same for all.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from governance.letters import Letter
from governance.part import BEFORE, CLOSED, OPEN, Proposal, of
from ledger.anchor import write_durably
from ledger.book import Book
from ledger.errors import Refused, Usage
from ledger.log import StoreFailed
from ledger.opened import Ledger

FOLDER = "mailbox"
BATCH_BYTES = 50_000  # of hex in one statement
BALLOTS_MAX = 10_000  # in all mailboxes of a ledger together
ANSWER_BYTES = 4 * 1024 * 1024  # of ballots that a service hands out at once
_BOX = re.compile(r"(?:[0-9a-f]{2}){256,20000}")
_NAME = re.compile(r"([0-9a-f]{64})-([0-9]{1,18})")


# Putting in.


def leave(ledger: Ledger, proposal: Proposal, letter: Letter, tag: str) -> None:
    """Put a ballot into the mailbox, in place of an earlier one of the same key."""
    if ledger.remote is not None:
        ledger.remote.ask("POST", f"/mailbox/{proposal.id}", msgspec.json.encode(letter))
        return
    keep(Path(ledger.log.folder), proposal, letter, tag)


def keep(folder: Path, proposal: Proposal, letter: Letter, tag: str) -> None:
    """Keep a ballot in the ledger's folder. Raises Usage for what is none, Refused for an old one or one too many."""
    if not is_box(letter.box) or not 0 <= letter.number < 10**18:
        raise Usage("That is no sealed ballot.")
    try:
        _keep(folder / FOLDER / proposal.id, letter, tag)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise StoreFailed(f"The mailbox cannot be written: {why}.", "Tell whoever keeps the ledger.") from error


def is_box(text: str) -> bool:
    """Whether this is the hex of something that could be a sealed ballot."""
    return _BOX.fullmatch(text) is not None


def _keep(place: Path, letter: Letter, tag: str) -> None:
    for folder in (place.parent, place):
        folder.mkdir(mode=0o700, exist_ok=True)
    before = {path: int(found[2]) for path, found in _letters(place) if found[1] == tag}
    if any(number > letter.number for number in before.values()):
        raise Refused(
            "A later ballot of this key lies in the mailbox; that one stands.",
            "Vote from the home you voted from last.",
        )
    if not before and sum(1 for _ in place.parent.glob("*/*")) >= BALLOTS_MAX:
        raise Refused("The mailbox is full.", "Tell whoever keeps the ledger.")
    path = place / f"{tag}-{letter.number}"
    write_durably(path, letter.box.encode())
    os.utime(path, (0, 0))
    for other in before.keys() - {path}:
        other.unlink(missing_ok=True)


def _letters(place: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    """The files of a mailbox, without those that somebody is just writing."""
    for path in place.iterdir() if place.is_dir() else ():
        if found := _NAME.fullmatch(path.name):
            yield path, found


# Taking out.


def lying(folder: Path, proposal: Proposal) -> list[str]:
    """The sealed ballots (hex) in the mailbox of a vote that the log does not have, sorted, each once."""
    found = {path.read_text(encoding="ascii") for path, _ in _letters(folder / FOLDER / proposal.id)}
    return sorted(found - set(proposal.course.mailed))


def batches(ledger: Ledger, proposal: Proposal) -> Iterator[list[str]]:
    """What lies in the mailbox and is not published, in parts that fit into a statement.

    Each part is published before the next one is asked for: a service hands out so many at once.
    """
    seen: set[str] = set()
    while found := sorted(set(_fetched(ledger, of(ledger.book).proposals[proposal.id])) - seen):
        seen.update(found)
        yield from _parts(found)


def _fetched(ledger: Ledger, proposal: Proposal) -> list[str]:
    if ledger.remote is None:
        return lying(Path(ledger.log.folder), proposal)
    said = ledger.remote.ask("GET", f"/mailbox/{proposal.id}").decode(errors="replace").split()
    return [box for box in said if is_box(box) and box not in proposal.course.mailed]


def _parts(boxes: list[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for box in boxes:
        if part and sum(map(len, part)) + len(box) > BATCH_BYTES:
            yield part
            part = []
        part.append(box)
    if part:
        yield part


def clear(folder: Path, book: Book) -> None:
    """Take away the mailboxes of votes that are over: what counted in them stands in the log."""
    places = (folder / FOLDER).iterdir() if (folder / FOLDER).is_dir() else ()
    for place in places:
        proposal = of(book).proposals.get(place.name)
        if proposal is None or proposal.status in (*BEFORE, OPEN, CLOSED):
            continue
        # Whoever may only read the folder leaves it to others.
        with suppress(OSError):
            for path in place.iterdir():
                path.unlink()
            place.rmdir()
