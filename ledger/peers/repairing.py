"""Refilling a damaged log from a verified copy, up to the head that this home has seen of it.

The new log is built beside the damaged one, from the leaves of the copy and, beyond its end, from what can still be
read of the damaged log, provided that they give a head which the log signed. It is verified from the first entry on,
and only then put in place. The damaged file stays, under a name that says so; the log's key is not touched.
"""

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from ledger import database, evidence, log_keys, merkle
from ledger.anchor import NOTHING_SEEN, Anchor, one_at_a_time, settle_folder
from ledger.checkpoint import Checkpoint, open_checkpoint, unsigned
from ledger.errors import NoteError, TallyError, VerificationFailed
from ledger.home import Known
from ledger.log import Busy, Head, Leaf, Reader, RolledBack, StoreFailed, head_of
from ledger.peers.beside_words import fitting
from ledger.peers.copying import PORTION, BadSource, signed_part, vkeys_of
from ledger.peers.remains import Remains
from ledger.store import SqliteLog
from ledger.verify import OK, Verdict, verify

DRAFT = ".repair"
DAMAGED = f"{database.FILE}.damaged"


class CannotRepair(TallyError):
    """What is at hand does not reach as far as what this home has seen of the log."""


class Repaired(Struct, frozen=True, kw_only=True):
    """What came of it: entries from the copy and in all, where the damaged file lies, the verdict on the new log."""

    copied: int
    size: int
    root: str
    aside: Path | None
    verdict: Verdict
    rehearsal: bool


class _Joined:
    """The leaves and words of a copy and, beyond its end, of what remains of the damaged log or is kept in the home."""

    def __init__(self, source: Reader, remains: Remains, kept: dict[int, bytes]) -> None:
        self.source, self.remains, self.kept, self.copied = source, remains, kept, source.head().size

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """The leaves from `start` on up to `end`, or up to the first that is nowhere to be had."""
        yield from self.source.entries(start, min(end, self.copied))
        for index in range(max(start, self.copied), end):
            leaf = self.kept.get(index) or self.remains.leaf(index)
            if leaf is None:
                return
            yield leaf

    def whole(self, start: int, end: int) -> Iterator[Leaf]:
        """The same with every private text that either still has, and that its author committed to."""
        words = self.source.private_between(start, min(end, self.copied)) if start < self.copied else {}
        for index, leaf in enumerate(self.leaves(start, end), start):
            yield Leaf(leaf, fitting(leaf, words.get(index, {})) | fitting(leaf, self.remains.words(index)))


def repair(
    known: Known, anchor: Anchor, source: Reader, kept: dict[int, bytes], rooms: tuple[str, ...], proof: Path
) -> Repaired:
    """Put a sound log in place of the damaged one of a known ledger; `proof` is where evidence is kept.

    `kept` are leaves that the home has itself, by index.

    Raises CannotRepair if the copy and what remains do not reach what this home has seen, Diverged if the copy tells
    another past, BadSource if it is damaged itself, VerificationFailed; then the folder is as it was.
    """
    folder, built = Path(known.place), None
    with one_at_a_time(folder / f"{DRAFT}.lock"), _scratch(folder) as draft:
        try:
            with _held(folder, known.origin) as old, closing(Remains(folder, draft / "remains")) as remains:
                joined = _Joined(source, remains, kept)
                vkeys = vkeys_of(source, log_keys.vkeys(known.origin, known.log_keys))
                head = _reachable(joined, anchor, vkeys, proof)
                _build(draft, joined, known.origin, head, _cosigned(remains, vkeys))
                built = verify(str(draft), known, rooms, lambda _done, _total: None, anchor)
                if built[0].verdict != OK:
                    raise VerificationFailed(f"What could be put together does not verify: {built[0].why}.", KEPT)
                if old:
                    old.retire()
        except StoreFailed:
            # A damaged log that cannot even be closed for good takes no entry either.
            if built is None:
                raise
        verdict, book = built
        return Repaired(
            copied=min(joined.copied, head.size),
            size=head.size,
            root=head.root.hex(),
            aside=_swap(folder, draft),
            verdict=verdict,
            rehearsal=book.ledger.rehearsal,
        )


KEPT = "The damaged ledger stays as it was; try another copy."


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder beside the log for what is built there; what a repair that was stopped has left is thrown away."""
    draft = folder / DRAFT
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def _held(folder: Path, origin: str) -> Iterator[SqliteLog | None]:
    """The damaged log, kept from growing meanwhile; None where it cannot be opened or written, by anybody.

    Raises Busy while another process keeps writing.
    """
    with ExitStack() as stack:
        old = None
        try:
            opened = stack.enter_context(closing(SqliteLog(folder, NOTHING_SEEN, origin)))
            stack.enter_context(opened.transaction())
            old = opened
        except Busy:
            raise
        except TallyError:
            pass
        yield old


def _reachable(joined: _Joined, anchor: Anchor, vkeys: Sequence[str], proof: Path) -> Head:
    """The newest signed head whose leaves are all at hand; not older than what this home has seen."""
    seen = anchor.read()
    shown = signed_part(joined.source.head().note, vkeys)
    heads = [head_of(shown), *_signed([*joined.remains.heads(), anchor.note() or b""], vkeys)]
    roots = _roots(joined, {head.size for head in heads} | ({seen[0]} if seen else set()))
    if roots.get(joined.copied) != heads[0].root:
        raise BadSource("The entries of this copy do not give the root that the log signed.", KEPT)
    if seen and roots.get(seen[0], seen[1]) != seen[1]:
        _accuse(joined, anchor, shown, vkeys, proof)
    found = [head for head in heads if roots.get(head.size) == head.root]
    best = max(found, key=lambda head: head.size)
    if seen and best.size < seen[0]:
        raise CannotRepair(
            f"This home has seen {seen[0]} entries. The copy ends after {joined.copied}, and of those behind it not all"
            " can be read in the damaged ledger, or they are not what the log signed.",
            f"A copy is needed that holds the entries up to {seen[0] - 1}; nothing was changed.",
        )
    return best


def _accuse(joined: _Joined, anchor: Anchor, shown: bytes, vkeys: Sequence[str], proof: Path) -> None:
    """Raise what stops a repair from another past; a leaf misread in the damaged log accuses nobody."""
    seen, remembered = anchor.read(), anchor.note()
    if seen is None or seen[0] > joined.copied:
        return
    found = evidence.between(remembered, shown, joined.source, vkeys) if remembered else None
    if found:
        raise evidence.stop(proof, found)
    raise RolledBack(f"This copy tells another past than the one this home saw at size {seen[0]}.", KEPT)


def _signed(notes: Sequence[bytes], vkeys: Sequence[str]) -> list[Head]:
    """Those of these heads that the log signed."""
    found = []
    for note in notes:
        with suppress(NoteError):
            open_checkpoint(note, *vkeys)
            found.append(head_of(signed_part(note, vkeys)))
    return found


def _roots(joined: _Joined, sizes: set[int]) -> dict[int, bytes]:
    """The root at each of these sizes, as far as the leaves reach."""
    frontier: list[bytes] = []
    roots = {0: merkle.EMPTY_ROOT}
    for index, leaf in enumerate(joined.leaves(0, max(sizes))):
        merkle.push(frontier, index, merkle.leaf_hash(leaf))
        if index + 1 in sizes:
            roots[index + 1] = merkle.frontier_root(frontier)
    return roots


def _cosigned(remains: Remains, vkeys: Sequence[str]) -> dict[int, tuple[Head, list[str]]]:
    """The heads of the damaged log that witnesses signed, with their lines, by size."""
    lines = remains.cosignatures()
    return {head.size: (head, lines[head.size]) for head in _signed(remains.heads(), vkeys) if head.size in lines}


def _build(draft: Path, joined: _Joined, origin: str, head: Head, cosigned: dict[int, tuple[Head, list[str]]]) -> None:
    """The new log in the draft folder: leaves, tiles, words, what witnesses signed, refused entries."""
    database.make_database(draft)
    frontier: list[bytes] = []
    stops = {*range(PORTION, head.size, PORTION), *(size for size in cosigned if size < head.size), head.size}
    with closing(SqliteLog(draft, Anchor(draft / "anchor.json"), origin)) as log:
        for end in sorted(stops):
            start = log.head().size
            leaves = list(joined.whole(start, end))
            for index, leaf in enumerate(leaves, start):
                merkle.push(frontier, index, merkle.leaf_hash(leaf.data))
            root = merkle.frontier_root(frontier)
            signed, lines = cosigned.get(end, (head if end == head.size else None, []))
            if signed is None or signed.root != root:
                signed, lines = Head(end, root, unsigned(Checkpoint(origin, end, root))), []
            log.extend(leaves, start, signed.note)
            if lines:
                log.keep_cosignatures(end, lines)
        for row in joined.remains.evidence():
            log.keep_evidence(*row)


def _swap(folder: Path, draft: Path) -> Path | None:
    """Put the new log in place; at every moment there is a whole one, the damaged or the new."""
    name = DAMAGED + time.strftime("-%Y%m%d-%H%M%S", time.gmtime())
    while (folder / name).exists():
        name += "x"
    aside = folder / name if (folder / database.FILE).exists() else None
    if aside:
        os.link(folder / database.FILE, aside)
    # Its write-ahead file would be taken for the new one's.
    for end in ("-wal", "-shm"):
        if (folder / (database.FILE + end)).exists():
            os.rename(folder / (database.FILE + end), folder / (name + end))
    os.replace(draft / database.FILE, folder / database.FILE)
    settle_folder(folder)
    return aside
