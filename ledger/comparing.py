"""What `tally checkpoint compare` does: two members lay the heads they were shown side by side.

Either one goes on from the other, or the log told two pasts and the proof of that is kept. A head comes from a file:
the signed checkpoint itself, a receipt, or what a command answered with --json (a statement, a checkpoint). The tree
that tells is that of this home's ledger, or of any copy at hand.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import NamedTuple

from ledger import checkpoint, evidence, log_keys, receipt
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.contradiction import Evidence, signed_by
from ledger.doors import Desk
from ledger.errors import NoteError, TallyError, Usage, VerificationFailed
from ledger.home import Known
from ledger.log import Reader
from ledger.note import divide, parse_vkey
from ledger.trust import evidence_folder
from ledger.verify import open_place

SAME, B_EXTENDS, A_EXTENDS, FORKED, UNDECIDED = "same", "B extends A", "A extends B", "FORKED", "undecided"
HEAD_MAX = 1_000_000  # bytes of a file that holds a head


class Forked(VerificationFailed):
    """Two heads that one log signed and that cannot both be true."""


class Shown(NamedTuple):
    """A head that somebody was shown: its signed note, and what that says once its signature was checked."""

    note: bytes
    head: Checkpoint


class Verdict(NamedTuple):
    """What came of it, and the proof of a fork."""

    verdict: str
    found: Evidence | None = None


def compare_at_desk(desk: Desk, one: str, other: str, at: str | None, given: str | None) -> None:
    """Compare the heads in two files. Raises Forked with the path of the evidence, Undecided where no tree tells."""
    notes = [head_in(Path(file).read_bytes(), file) for file in (one, other)]
    known = _known(desk, notes[0], given)
    with _tree(known, at) as tree:
        vkeys = _vkeys(known, tree, notes)
        a, b = (Shown(note, open_checkpoint(note, *vkeys)) for note in notes)
        verdict = compare(a, b, tree, vkeys)
    data = {"verdict": verdict.verdict, "a": _data(a), "b": _data(b)}
    if verdict.found is not None:
        path = evidence.keep(evidence_folder(desk.home, known), verdict.found)
        raise Forked(
            f"FORKED: the log {known.origin} signed heads that cannot both be of one log (A has {a.head.size} entries, "
            f"B has {b.head.size}).",
            f"The evidence is in {path}; whoever has it can check it: tally evidence verify FILE.",
        )
    if verdict.verdict == UNDECIDED:
        raise evidence.Undecided(
            f"Undecided: A has {a.head.size} entries, B has {b.head.size}; whether one goes on from the other, "
            "no log at hand tells.",
            f"A copy of the log with at least {max(a.head.size, b.head.size)} entries tells: --at PLACE.",
        )
    desk.answer(data, f"{verdict.verdict}: A has {a.head.size} entries, B has {b.head.size}.")


def compare(a: Shown, b: Shown, tree: Reader | None, vkeys: Sequence[str]) -> Verdict:
    """Whether one of two heads goes on from the other; the tree's own head may convict either of them."""
    first, last = sorted((a, b), key=lambda shown: shown.head.size)
    own = _own(tree, vkeys)
    with suppress(evidence.Undecided):
        found = evidence.between(first.note, last.note, tree, vkeys)
        if found:
            return Verdict(FORKED, found)
        return Verdict(SAME if first.head.size == last.head.size else B_EXTENDS if first is a else A_EXTENDS)
    for shown in (first, last):
        if own is not None and shown.head.size <= own.head.size:
            with suppress(evidence.Undecided):
                if found := evidence.between(shown.note, own.note, tree, vkeys):
                    return Verdict(FORKED, found)
    return Verdict(UNDECIDED)


def head_in(data: bytes, name: str) -> bytes:
    """The signed checkpoint in a file, signatures not checked. Raises NoteError or Usage with the file's name."""
    try:
        note = _note_in(data, name)
        checkpoint.parse(divide(note)[0])
    except NoteError as error:
        raise NoteError(f"{name}: {error.message}", error.hint) from error
    return note


def _note_in(data: bytes, name: str) -> bytes:
    """The file itself, the checkpoint in a receipt, or the one in an answer in JSON."""
    if len(data) > HEAD_MAX:
        raise Usage(f"{name} is too long to hold a checkpoint.")
    if data.startswith(receipt.HEADER.encode()):
        return receipt.parse(data).checkpoint
    if not data.startswith(b"{"):
        return data
    try:
        answer = json.loads(data)
        held = answer.get("checkpoint") or answer.get("note")
    except (ValueError, RecursionError) as error:
        raise Usage(f"{name} is neither a checkpoint nor a receipt nor an answer in JSON.") from error
    if not isinstance(held, str):
        raise Usage(f"The answer in {name} holds no checkpoint.", "`tally statement --json` and others do.")
    return held.encode()


def _known(desk: Desk, note: bytes, given: str | None) -> Known:
    """The ledger the heads are of: told by its key, chosen, or the one of that name that this home knows."""
    if given is not None:
        key = parse_vkey(given.strip())
        return Known(slug="", place="", origin=key.name, log_key=key.public.hex(), founding="0" * 64)
    if desk.slug is not None:
        return desk.home.ledger(desk.slug)
    known = desk.home.known_as(origin=checkpoint.parse(divide(note)[0]).origin)
    if known is not None:
        return known
    raise Usage("This home does not know the log that signed this.", "Tell its key: --vkey NAME+ID+KEY.")


@contextmanager
def _tree(known: Known, at: str | None) -> Iterator[Reader | None]:
    """The log that can tell, not trusted any further than its own signed head; None where none can be read."""
    place = at or known.place
    try:
        tree = open_place(place, known, None) if place else None
        if tree is not None:
            tree.head()  # a site is asked for the first time here
    except TallyError:
        if at:
            raise
        tree = None
    with closing(tree) if tree is not None else nullcontext():
        yield tree


def _vkeys(known: Known, tree: Reader | None, notes: Sequence[bytes]) -> tuple[str, ...]:
    """The key this home pinned; where that signed not all of these, also those the log at hand was handed over to."""
    pinned = log_keys.vkeys(known.origin, [known.log_key])
    if tree is None or all(signed_by(note, pinned[0]) for note in notes):
        return pinned
    keys = log_keys.heirs([known.log_key], tree.entries(0, tree.head().size))
    return log_keys.vkeys(known.origin, [known.log_key, *sorted(keys - {known.log_key})])


def _own(tree: Reader | None, vkeys: Sequence[str]) -> Shown | None:
    """The head of the log at hand, if the log signed it."""
    if tree is None:
        return None
    try:
        note = tree.head().note
        return Shown(note, open_checkpoint(note, *vkeys))
    except TallyError:
        return None


def _data(shown: Shown) -> dict[str, str | int]:
    return {"size": shown.head.size, "root": shown.head.root.hex()}
