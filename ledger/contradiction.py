"""What proves, to anybody and for ever, that a log or a member told two stories: the forms, and what each one shows.

Four kinds. *fork*: two heads that one log signed and that cannot both be of a log that only grows; where their sizes
differ, a consistency path (RFC 9162 section 2.1.4) leads from the newer root to another root at the older size.
The other three show what happened, and prove nothing against anybody by themselves. *two-statements*: two entries that
one key signed under the same number. *rollback* and *other-ledger*: what a home had seen, and what stood in its place
later.

A piece of evidence is canonical JSON and needs nothing beside it. `check` says what it shows, and against which key.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from ledger import canonical, merkle
from ledger.checkpoint import open_checkpoint
from ledger.entry import NAMESPACE, Hex64, entry_id, preimage, read_strictly
from ledger.errors import NotCanonical, NoteError, VerificationFailed
from ledger.facts import Hex128
from ledger.keys import key_id, verify
from ledger.note import NotSigned, open_note
from ledger.sshsig import fingerprint

VERSION = 1
SIZE_MAX = 300_000  # two statements of the greatest length fit
Vkeys = Annotated[tuple[Annotated[str, Meta(max_length=400)], ...], Meta(min_length=1, max_length=8)]
Note = Annotated[str, Meta(max_length=30_000)]


class NoEvidence(VerificationFailed):
    """A file that is no evidence, or proves nothing."""


class Kind(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """One kind of evidence, in the form it has in a file."""

    v: Annotated[int, Meta(ge=VERSION, le=VERSION)] = VERSION


class Fork(Kind, frozen=True, tag="fork", kw_only=True):
    """Two heads of one log. `root` is what the newer tree has at the older size, `path` what shows it."""

    vkeys: Vkeys  # of the log: those that signed these heads
    older: Note
    newer: Note
    root: Hex64
    path: Annotated[tuple[Hex64, ...], Meta(max_length=128)]


class Signed(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A statement as it was signed."""

    entry: Annotated[str, Meta(max_length=70_000)]
    sig: Hex128


class TwoStatements(Kind, frozen=True, tag="two-statements", kw_only=True):
    """Two statements under one number of one key; `key` is the public key itself."""

    key: Hex64
    first: Signed
    second: Signed


class Rollback(Kind, frozen=True, tag="rollback", kw_only=True):
    """A head that a home had seen, and the earlier one that it was shown afterwards."""

    vkeys: Vkeys
    seen: Note
    shown: Note


class OtherLedger(Kind, frozen=True, tag="other-ledger", kw_only=True):
    """What a home knew a ledger by, and the head and founding entry of what lay in its place."""

    vkeys: Vkeys  # those the home knew
    founding: Hex64
    shown: Note
    entry: Annotated[str, Meta(max_length=70_000)]


Evidence = Fork | TwoStatements | Rollback | OtherLedger


class Proved(Struct, frozen=True, kw_only=True):
    """What a piece of evidence shows, in sentences, and about which key; one that stands alone accuses that key."""

    kind: str
    keys: tuple[str, ...]  # vkeys of a log, or the fingerprint of a member's key
    says: tuple[str, ...]
    stands_alone: bool


def write(found: Evidence) -> bytes:
    """The bytes of a file of evidence."""
    return canonical.encode(msgspec.json.decode(msgspec.json.encode(found)))


def read(data: bytes) -> Evidence:
    """The evidence in a file, nothing checked yet. Raises NoEvidence for what is none."""
    if len(data) > SIZE_MAX:
        raise NoEvidence("This file is too long to be evidence.")
    try:
        found: Evidence = msgspec.convert(canonical.decode(data), Evidence)
    except (NotCanonical, msgspec.ValidationError) as error:
        why = str(error).rstrip(".")
        raise NoEvidence("This is not a file of evidence.", f"It may have been changed on its way ({why}).") from error
    if write(found) != data:
        raise NoEvidence("This is not a file of evidence as this program writes it.")
    return found


def check(found: Evidence) -> Proved:
    """What this evidence shows. Raises NoEvidence if it shows nothing, whatever it claims."""
    try:
        if isinstance(found, Fork):
            return _check_fork(found)
        if isinstance(found, TwoStatements):
            return _check_two(found)
        return _check_rollback(found) if isinstance(found, Rollback) else _check_other(found)
    except NoEvidence:
        raise
    except VerificationFailed as error:
        raise NoEvidence(f"This proves nothing: {error.message}") from error


def _check_fork(found: Fork) -> Proved:
    older, newer = (open_checkpoint(note.encode(), *found.vkeys) for note in (found.older, found.newer))
    root, path = bytes.fromhex(found.root), tuple(bytes.fromhex(hash_) for hash_ in found.path)
    if older.size:
        merkle.check_consistency(older.size, newer.size, root, newer.root, path)
    elif root != merkle.EMPTY_ROOT:
        raise NoEvidence("This proves nothing: a log without entries has one root.")
    if older.root == root:
        raise NoEvidence("This proves nothing: both heads can be of one log.")
    if older.size == newer.size:
        heads = f"The log {older.origin} signed two different heads of {older.size} entries."
    else:
        heads = (
            f"The log {older.origin} signed a head of {older.size} entries and one of {newer.size} "
            "that does not go on from it."
        )
    says = (heads, "A log that only grows cannot have both: two pasts were told.")
    notes = (found.older.encode(), found.newer.encode())
    both = tuple(vkey for vkey in found.vkeys if all(signed_by(note, vkey) for note in notes))
    if both:
        return Proved(kind="fork", keys=both, says=says, stands_alone=True)
    caution = (
        "They are signed by different keys: this holds only if both were this log's, which entries in it would tell."
    )
    signers = tuple(vkey for vkey in found.vkeys if any(signed_by(note, vkey) for note in notes))
    return Proved(kind="fork", keys=signers, says=(*says, caution), stands_alone=False)


def _check_two(found: TwoStatements) -> Proved:
    public, ids, numbers = bytes.fromhex(found.key), [], []
    for one in (found.first, found.second):
        data = one.entry.encode()
        said = read_strictly(data)
        if said.key != key_id(public) or not verify(public, preimage(NAMESPACE, data), bytes.fromhex(one.sig)):
            raise NoEvidence("This proves nothing: a statement is not signed by the key it accuses.")
        ids.append(entry_id(data))
        numbers.append((said.ledger, said.seq))
    # Whoever founds two cooperatives with one key begins both at number 0, before either has a name.
    if ids[0] == ids[1] or numbers[0] != numbers[1] or numbers[0][0] is None:
        raise NoEvidence("This proves nothing: these two statements do not contradict each other.")
    ledger, seq = numbers[0]
    return Proved(
        kind="two-statements",
        keys=(fingerprint(public),),
        says=(
            f"One key signed two statements as its number {seq} in the ledger {ledger}:",
            *ids,
            "Only one of them can stand. Somebody else may hold a copy of the key, or its owner told two stories, or",
            "one of them was refused and its number used again, as is usual; whoever shows this must tell which.",
        ),
        stands_alone=False,
    )


def _check_rollback(found: Rollback) -> Proved:
    seen, shown = (open_checkpoint(note.encode(), *found.vkeys) for note in (found.seen, found.shown))
    if shown.size >= seen.size:
        raise NoEvidence("This proves nothing: what was shown is not older than what was seen.")
    return Proved(
        kind="rollback",
        keys=found.vkeys,
        says=(
            f"The log {seen.origin} has signed a head of {seen.size} entries: a log that ends before that lacks some.",
            f"A home that had seen it was then shown {shown.size} entries. That this was so is the word of that home.",
        ),
        stands_alone=False,
    )


def _check_other(found: OtherLedger) -> Proved:
    try:
        open_checkpoint(found.shown.encode(), *found.vkeys)
        signed = True
    except NoteError:
        signed = False
    same = entry_id(found.entry.encode()) == found.founding
    if signed and same:
        raise NoEvidence("This proves nothing: what was shown is the ledger that the home knew.")
    how = "its head is not signed by the key the home knew" if not signed else "it begins with another founding entry"
    return Proved(
        kind="other-ledger",
        keys=found.vkeys,
        says=(
            f"Where the ledger {found.founding} was expected, another lay: {how}.",
            "Anybody could have put it there; that it was so is the word of whoever kept this.",
        ),
        stands_alone=False,
    )


def signed_by(note: bytes, vkey: str) -> bool:
    """Whether the key with this vkey signed this note."""
    try:
        open_note(note, [vkey])
    except NotSigned:
        return False
    return True
