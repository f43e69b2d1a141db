"""Counts of a village's votes as they are handed out, and ways to change what was handed out."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from governance.count_files import MANIFEST, with_manifest
from governance.cranks import turns
from governance.evidence_of_count import Shown, files_of
from governance.recounting import Recounted, recount
from ledger import canonical, checkpoint, entry, merkle, note
from ledger.checkpoint import Checkpoint
from ledger.entry import Entry
from ledger.keys import Key
from ledger.record import compose, consented
from tests.village import Village, key, person

ORIGIN = "tally.invalid/village"
Files = dict[str, bytes]


def shown(village: Village, signer: str = "log") -> Shown:
    """The village's log as it is shown, its head signed by this key."""
    hashes = [merkle.leaf_hash(entry.leaf(*one)) for one in village.leaves]
    head = Checkpoint(ORIGIN, len(hashes), merkle.root(hashes))
    return Shown(
        size=len(hashes),
        note=checkpoint.sign(head, key(signer)),
        vkey=note.vkey(ORIGIN, key(signer).public),
        hash_of=lambda start, end: merkle.root(hashes[start:end]),
    )


def export(village: Village, moved: Any) -> Files:
    """The files of the count of this matter."""
    return files_of(village.book, village.proposal(moved), shown(village))


def recounted(village: Village, moved: Any) -> Recounted:
    """The matter exported and counted again: it comes to what the ledger says."""
    proposal = village.proposal(moved)
    found = recount(export(village, moved))
    assert found.outcome.decision == (proposal.course.decision or proposal.result)
    return found


def listed(files: Mapping[str, bytes]) -> Files:
    """These files with a list that names them as they are now: somebody has covered the traces."""
    return with_manifest({name: data for name, data in files.items() if name != MANIFEST})


def rewritten(files: Files, name: str, change: Callable[[dict[str, Any]], Any]) -> Files:
    """The file of this name with its content changed, and the list made anew."""
    content = json.loads(files[name])
    change(content)
    return listed(files | {name: canonical.encode(content)})


def with_lines(files: Files, name: str, change: Callable[[list[bytes]], list[bytes]]) -> Files:
    """The same with a file of lines."""
    return listed(files | {name: b"".join(change(files[name].splitlines(keepends=True)))})


def add_key(village: Village, who: str) -> Key:
    """A second key of this member, brought now."""
    spare = key(f"spare {who}")
    body = {"key": spare.public.hex(), "paper": False, "proofs": []}
    received = max(village.book.received, village.book.until)
    data, _ = compose(village.book, key(who), person(who), "ledger.key_added", body, received)
    village.append(consented(data, [spare]), key(who), received)
    return spare


def say_by(village: Village, signer: Key, who: str, kind: str, body: dict[str, Any]) -> Entry:
    """Say this as this member with another key than the first."""
    received = max(village.book.received, village.book.until)
    data, _ = compose(village.book, signer, person(who), kind, body, received)
    return village.append(data, signer, received)


def publish(village: Village, who: str) -> None:
    """Somebody publishes what follows from the log."""
    for kind, body in turns(village.book, village.book.until):
        village.say(who, kind, body)
