"""The files of a count that anybody can repeat: what stands in each, and the list of them with their hashes.

Every file but the two of the log is canonical JSON, so that one content has one spelling. Persons are ids: besides
the texts that were voted on, no file holds a name or a private word. Pure.
"""

import hashlib
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from governance.profile import Profile, ProfileName
from governance.terms import Matter, Terms
from ledger import canonical
from ledger.entry import Hex64, Natural, PersonId
from ledger.errors import NotCanonical, VerificationFailed
from ledger.fact import Piece, plain

FORMAT = "tally-count-v1"
MANIFEST, CHECKPOINT, VKEY = "manifest.json", "checkpoint", "log.vkey"
PROPOSAL, PROFILE, OPTIONS, ROLL = "proposal.json", "profile.json", "options.json", "roll.json"
BALLOTS, STATEMENTS = "ballots.jsonl", "statements.jsonl"
LISTED = (BALLOTS, CHECKPOINT, VKEY, OPTIONS, PROFILE, PROPOSAL, ROLL, STATEMENTS)
"""All files but the list itself."""
LATE, ASSISTED = "late", "assisted"

Files = Mapping[str, bytes]
T = TypeVar("T")


class NotRecounted(VerificationFailed):
    """Something in these files does not fit: which, and why."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"FAIL: {where}: {why}.")


class Row(Piece, frozen=True):
    """Somebody on the roll, with the public keys of the opening."""

    person: PersonId
    keys: tuple[Hex64, ...]


class LaterKey(Piece, frozen=True):
    """A key that is not on the roll and has signed something here: whose it is, and from which entry on."""

    person: PersonId
    key: Hex64
    entry: Natural


class Roll(Piece, frozen=True):
    """Who was asked."""

    roll: tuple[Row, ...]
    recused: tuple[PersonId, ...]
    struck: dict[PersonId, Natural]  # expelled meanwhile -> ms
    roles: dict[str, tuple[PersonId, ...]]  # those at work in each role, where a role's majority counts
    ring: tuple[Hex64, ...]  # of a secret vote
    later: tuple[LaterKey, ...]


class Through(Piece, frozen=True):
    """Who let whom vote, by which entry."""

    person: PersonId
    to: PersonId
    entry: Natural


class Vote(Piece, frozen=True):
    """What was put to the vote, when it was held, and what is said to have come of it."""

    ledger: Hex64
    number: Natural
    id: Hex64
    first: Natural  # the entry of the statement that it goes back to
    follows: tuple[str, ...]  # why it opened by itself, and what it follows from before that; none: it was put
    matter: Matter
    terms: Terms
    profile: ProfileName
    replaces: Hex64 | None
    opened: Natural  # ms
    size: Natural  # entries in the log when it opened
    ended: Natural  # ms
    held: Natural  # entries in the log when it ended
    counted: Natural  # when it was counted, where it waited for what may be contested; else as `held`
    root: Hex64  # over these entries: what a lot is drawn by
    path: tuple[Hex64, ...]  # that the log of the checkpoint goes on from there
    delegations: tuple[Through, ...]
    lapsed: tuple[Natural, ...]  # entries that let somebody vote until a day before the end
    result: dict[str, Any]
    roll_said: Natural | None  # the entry that published the roll
    published: Natural | None  # the entry that published the result


class Options(Piece, frozen=True):
    """What there was to choose from, word for word."""

    labels: tuple[tuple[str, str], ...]  # as ballots call it, and the text's entry, the person or the number it means
    texts: tuple[tuple[Hex64, str], ...]  # by their entries' ids
    replaced: str  # the rule whose numbers are set; "" where none are


class Line(Piece, frozen=True):
    """A leaf of the log (base64), its place, what proves it, and for ballots what is special about them."""

    index: Natural
    leaf: str
    proof: tuple[Hex64, ...]
    marks: tuple[str, ...]


class Listed(Piece, frozen=True):
    """A file: its length in bytes and its SHA-256."""

    sha256: Hex64
    size: Natural


class Manifest(Piece, frozen=True):
    """All files there are."""

    format: Annotated[str, Meta(pattern=r"^tally-count-v1\Z")]
    files: dict[str, Listed]


# Writing.


def written(piece: Piece | Profile) -> bytes:
    """The bytes of a file that holds one piece."""
    return canonical.encode(plain(piece))


def lines_of(lines: Iterable[Line]) -> bytes:
    """The bytes of a file that holds a leaf a line."""
    return b"".join(written(line) + b"\n" for line in lines)


def with_manifest(files: Files) -> dict[str, bytes]:
    """These files, and the list of them."""
    listed = {name: _listed(data) for name, data in files.items()}
    return {**files, MANIFEST: written(Manifest(format=FORMAT, files=listed))}


def _listed(data: bytes) -> Listed:
    return Listed(sha256=hashlib.sha256(data).hexdigest(), size=len(data))


# Reading.


def is_export(names: Iterable[str]) -> bool:
    """Whether a folder with files of these names is meant to be such an export: most of them are there."""
    return 2 * len({*names} & {MANIFEST, *LISTED}) > len(LISTED)


def check_names(files: Files) -> Manifest:
    """The list, once it names exactly the files that are there. Raises NotRecounted."""
    for name in (MANIFEST, *LISTED):
        if name not in files:
            raise NotRecounted(name, "it is missing")
    for name in sorted(files):
        if name not in (MANIFEST, *LISTED):
            raise NotRecounted(name, "it does not belong here")
    manifest = read(files, MANIFEST, Manifest)
    if sorted(manifest.files) != sorted(LISTED):
        raise NotRecounted(MANIFEST, "it does not name the files that are there")
    return manifest


def check_listed(manifest: Manifest, files: Files, *names: str) -> None:
    """Raise NotRecounted unless these files are those of the list, byte for byte."""
    for name in names:
        if manifest.files[name] != _listed(files[name]):
            raise NotRecounted(name, f"it is not the file that {MANIFEST} names")


def read(files: Files, name: str, kind: type[T]) -> T:
    """The one piece in a file. Raises NotRecounted for every spelling but the canonical one."""
    return _read(files[name], name, kind)


def read_lines(files: Files, name: str) -> list[Line]:
    """The lines of a file, each a leaf, in the order of the log. Raises NotRecounted."""
    *lines, rest = files[name].split(b"\n")
    if rest:
        raise NotRecounted(name, "its last line is cut off")
    found = [_read(line, f"{name}, line {place}", Line) for place, line in enumerate(lines, 1)]
    for before, line in pairwise(found):
        if line.index <= before.index:
            raise NotRecounted(name, f"entry {line.index} does not stand in the order of the log")
    return found


def _read(data: bytes, where: str, kind: type[T]) -> T:
    try:
        return msgspec.convert(canonical.decode(data), kind, strict=True)
    except NotCanonical as error:
        raise NotRecounted(where, error.message.rstrip(".")) from error
    except msgspec.ValidationError as error:
        raise NotRecounted(where, f"it cannot be read: {error}") from error
