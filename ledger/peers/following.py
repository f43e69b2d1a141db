"""What `tally copy` does: finds out which ledger a source shows, recognises it, brings the copy up and verifies it.

A source is recognised by what this home has pinned: the identity beside an existing copy, the ledger of this home
that has its name, or the log's key as somebody gave it. What the source says about itself decides nothing.
"""

import os
from contextlib import closing
from pathlib import Path

from msgspec import Struct, structs

from ledger import evidence, log_keys, merkle, trust
from ledger.anchor import one_at_a_time
from ledger.contradiction import OtherLedger
from ledger.doors import Desk
from ledger.entry import entry_id, split_leaf
from ledger.errors import ProofError, TallyError, Usage, VerificationFailed
from ledger.home import Known, slugged
from ledger.log import Log, Reader, RolledBack
from ledger.note import ED25519, NotSigned, divide, parse_vkey
from ledger.peers import copies
from ledger.peers.copies import Copy
from ledger.peers.copying import BadSource, bring_up, signed_part, vkeys_of
from ledger.places import open_log, spelled
from ledger.verified import Verified
from ledger.verify import OK, Verdict, open_place, verify
from ledger.verifying import sentence


class Followed(Struct, frozen=True, kw_only=True):
    """A copy that was brought up to date: entries before and now, the root, and what verifying it gave."""

    folder: Path
    before: int
    size: int
    root: str
    verdict: Verdict
    rehearsal: bool


def follow(desk: Desk, source: str, folder: Path | None, vkey: str | None) -> Followed:
    """Bring the copy in a folder (or in this home's own) up to what a source shows now, and verify what is new.

    Raises Diverged with the path of the evidence for a source that is older than the copy, tells another past or is
    another ledger; VerificationFailed if the copy does not verify.
    """
    source, folder = spelled(source), folder and Path(spelled(str(folder)))
    with closing(_opened(source)) as reader:
        known = _recognised(desk, reader, folder, vkey)
        folder = folder or desk.home.copy_place(known.slug)
        _must_be_apart(folder, source)
        _must_agree_with_home(desk, known, reader)
        with one_at_a_time(desk.home.kept(known.founding, "copying.lock")):
            copy = _copy(known, folder, spelled(source))
            copies.make(folder, copy)
            copies.remember(desk.home, folder)
            with closing(copies.open_copy(desk.home, folder, copy)) as log:
                before = log.head().size
                head = bring_up(log, reader, _pinned(known), trust.evidence_folder(desk.home, known))
            verdict, rehearsal = _verify(desk, copy.known(str(folder)), folder)
    return Followed(
        folder=folder, before=before, size=head.size, root=head.root.hex(), verdict=verdict, rehearsal=rehearsal
    )


def sources(desk: Desk, folder: Path | None) -> list[tuple[str, Path | None]]:
    """What is brought up when no source is named: this copy, or all copies of this home (of the named ledger).

    Where there is none yet, one is made of the current ledger.
    """
    if folder is not None:
        held = copies.read(folder)
        return [(held.source if held else desk.home.ledger(desk.slug).place, folder)]
    founding = desk.home.ledger(desk.slug).founding if desk.slug else None
    held_here = [(copies.read(path), path) for path in copies.listed(desk.home)]
    wanted = [(held.source, path) for held, path in held_here if held and founding in (None, held.founding)]
    return [*wanted] or [(desk.home.ledger(desk.slug).place, None)]


def _opened(source: str) -> Reader:
    """A source before it is known what it shows: only read from, and its own word for what it is."""
    nobody = Known(slug="", place=source, origin="", log_key="", founding="")
    return open_place(source, nobody, None)


def _recognised(desk: Desk, source: Reader, folder: Path | None, vkey: str | None) -> Known:
    """The ledger that this source must show. Raises Usage where nothing tells, Diverged where it shows another."""
    note = source.head().note
    held = copies.read(folder) if folder else None
    known = held.known(str(folder)) if held else _of_home(desk, _origin(note))
    if known is None:
        if vkey is None:
            raise Usage(
                f"This home does not know the ledger {_origin(note)}.",
                "Give the log's key as somebody you trust told it: --vkey TEXT or FILE.",
            )
        known = _by_vkey(source, vkey)
    elif vkey is not None and vkey not in _vkeys(known, source):
        raise VerificationFailed("The key you gave is not the one by which this home knows the log.")
    vkeys, first = _vkeys(known, source), ""
    try:
        signed_part(note, vkeys)
        first = _founding(source).decode(errors="replace")
    except NotSigned:
        pass
    if entry_id(first.encode()) != known.founding:
        other = OtherLedger(vkeys=vkeys, founding=known.founding, shown=note.decode(errors="replace"), entry=first)
        raise evidence.stop(trust.evidence_folder(desk.home, known), other)
    return known


def _founding(source: Reader) -> bytes:
    """The founding entry under a signed head. Raises BadSource for one that is not: that shows no other ledger."""
    head, leaf = source.head(), source.entry(0)
    try:
        path = merkle.inclusion_path(0, head.size, source.hashing())
        merkle.check_inclusion(merkle.leaf_hash(leaf), 0, head.size, path, head.root)
    except ProofError as error:
        raise BadSource(
            "What the source gives for its first entry is not what its log signed.",
            "Nothing of it was copied. Use another source.",
        ) from error
    return split_leaf(leaf)[0]


def _copy(known: Known, folder: Path, source: str) -> Copy:
    """What the copy in this folder is of: as it was pinned when it was made."""
    held = copies.read(folder)
    if held and (held.origin, held.founding) == (known.origin, known.founding):
        return structs.replace(held, source=source)
    return Copy(slug=known.slug, origin=known.origin, log_key=known.log_key, founding=known.founding, source=source)


def _pinned(known: Known) -> tuple[str, ...]:
    return log_keys.vkeys(known.origin, known.log_keys)


def _vkeys(known: Known, source: Reader) -> tuple[str, ...]:
    """The verifier keys of a log: the one that was pinned, and those that its entries hand over to."""
    return vkeys_of(source, _pinned(known))


def _origin(note: bytes) -> str:
    return divide(note)[0].partition("\n")[0]


def _of_home(desk: Desk, origin: str) -> Known | None:
    return desk.home.ledger(desk.slug) if desk.slug else desk.home.known_as(origin=origin)


def _by_vkey(source: Reader, text: str) -> Known:
    """A ledger that this home knows by its log's key alone; its founding entry is the one under a head so signed."""
    key = parse_vkey(text)
    if key.kind != ED25519:
        raise Usage("This is the key of a witness, not of a log.", "Give what stands in the log's log.vkey.")
    founding = entry_id(split_leaf(source.entry(0))[0])
    known = Known(slug=slugged(key.name), place="", origin=key.name, log_key=key.public.hex(), founding=founding)
    signed_part(source.head().note, _vkeys(known, source))
    return known


def vkey_in(given: str) -> str:
    """A verifier key as it was typed, or the first line of the file that holds it."""
    if not os.path.isfile(given):
        return given.strip()
    try:
        lines = Path(given).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise Usage(f"{given} is not a text.") from error
    return lines[0].strip() if lines else ""


def _must_agree_with_home(desk: Desk, known: Known, source: Reader) -> None:
    """Raise Diverged where a source and what this home has seen itself cannot be of one log."""
    anchor, head = desk.home.anchor(known.founding), source.head()
    seen, remembered = anchor.read(), anchor.note()
    if seen is None:
        return
    vkeys, folder = _vkeys(known, source), trust.evidence_folder(desk.home, known)
    if head.size >= seen[0]:
        found = evidence.between(remembered, head.note, source, vkeys) if remembered else None
        if found is None and source.hash_of(0, seen[0]) != seen[1]:
            raise RolledBack(f"This source tells another past than the one this home saw at size {seen[0]}.")
    else:
        own = _own(desk, known)
        if own is None:
            return
        with closing(own):
            found = evidence.between(head.note, own.head().note, own, vkeys)
    if found:
        raise evidence.stop(folder, found)


def _own(desk: Desk, known: Known) -> Log | None:
    """This home's own log of a ledger, where it has one that can be read now and is longer than what was shown."""
    own = desk.home.known_as(founding=known.founding)
    try:
        return open_log(str(desk.home.folder(own)), desk.home.anchor(own.founding), own.origin) if own else None
    except TallyError:
        return None


def _must_be_apart(folder: Path, source: str) -> None:
    if folder == Path(spelled(source)):
        raise Usage("A copy cannot be made in the very folder it comes from.", "Choose another folder: --to DIR.")


def _verify(desk: Desk, known: Known, folder: Path) -> tuple[Verdict, bool]:
    kept = Verified(desk.home, known.founding, str(folder), desk.rooms)
    anchor = copies.anchor_of(desk.home, folder, known.founding)
    try:
        verdict, book = verify(str(folder), known, desk.rooms, lambda _done, _total: None, anchor, kept)
    finally:
        kept.close()
    if verdict.verdict != OK:
        raise VerificationFailed(
            f"All of it was copied as the log signed it, but it does not verify: {sentence(verdict)}",
            verdict.hint or "Show this to the other members: the log itself holds what must not be.",
        )
    return verdict, book.ledger.rehearsal


def as_of(log: Log) -> int | None:
    """When the newest entry of a log was received (ms since 1970); None for an empty one."""
    size = log.head().size
    return split_leaf(log.entry(size - 1))[2] if size else None
