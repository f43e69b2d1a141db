"""The kinds of statements people can make: each a class that knows its fields, when it may be said and what follows.

A kind's name ("contributions.logged") stands in the log for ever; its first word is its room. Whoever reads an
unknown kind imports that room's files of facts, and only if the room is one of those the program was given: a
name that a stranger wrote is never imported. A kind this copy does not know is named, never skipped.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct
from msgspec.inspect import StructType, type_info

from ledger.entry import Envelope
from ledger.errors import Refused, Usage, VerificationFailed

if TYPE_CHECKING:
    from ledger.book import Book
    from ledger.entry import Entry
    from ledger.names import Names

Private = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z", extra={"private": True})]
"""The commitment to a personal text. The text travels beside the entry and can be erased."""

Words = Annotated[str, Meta(min_length=1, max_length=200)]
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]\Z")]
"""A local date of the cooperative."""


class UnknownKind(VerificationFailed):
    """A statement from a newer copy of the program."""


class Malformed(Refused):
    """A statement whose fields are not those of its kind."""


class Fact(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing a person states and signs. A subclass is a new kind."""

    def check(self, book: "Book", entry: "Entry") -> None:
        """Raise an error in words if this may not be recorded now. The book is advanced to its receipt."""
        raise TypeError(f"{type(self).__name__} does not say when it may be recorded")

    def apply(self, book: "Book", entry: "Entry") -> None:
        """Change what is known from now on. Must not fail where check did not."""
        raise TypeError(f"{type(self).__name__} does not say what follows from it")

    def in_words(self, book: "Book", names: "Names") -> str:
        """What it says, for a witness who is to sign it; by itself its fields, as they are signed."""
        return str(msgspec.json.encode(self).decode())

    def brings_key(self) -> str | None:
        """The public key (hex) of a statement that brings the very key that signs it; None for all others."""
        return None


class Piece(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a fact: frozen and strict like the fact itself."""


def plain(piece: Any) -> Any:
    """A piece as it stands in signed bytes: dicts, lists, texts and numbers. Raises Usage for a broken text."""
    try:
        return msgspec.json.decode(msgspec.json.encode(piece))
    except UnicodeEncodeError as error:
        # Whoever types bytes that are not UTF-8 hands over such letters.
        raise Usage("The text holds half a character that no program can show.", "Write it again.") from error


_by_kind: dict[str, type[Fact]] = {}
_decoders: dict[str, msgspec.json.Decoder[Any]] = {}
F = TypeVar("F", bound=type[Fact])


def fact(kind: str) -> Callable[[F], F]:
    """Make a class known under the name it has in the log for ever."""

    def register(cls: F) -> F:
        if kind in _by_kind:
            raise TypeError(f"two classes claim the kind {kind}")
        _by_kind[kind] = cls
        _decoders[kind] = msgspec.json.Decoder(cls, strict=True)
        return cls

    return register


def find(kind: str, rooms: tuple[str, ...]) -> type[Fact]:
    """The class of a kind. Raises UnknownKind for one that this copy does not know."""
    if kind not in _by_kind:
        room = kind.partition(".")[0]
        if room in rooms:
            _load(room)
    if kind not in _by_kind:
        raise UnknownKind(
            f"This copy of tally does not know statements of the kind {kind!r}.", "Install the newest version."
        )
    return _by_kind[kind]


def kinds(rooms: tuple[str, ...]) -> dict[str, type[Fact]]:
    """Every kind of every room, by name."""
    for room in rooms:
        _load(room)
    return dict(sorted(_by_kind.items()))


def _load(room: str) -> None:
    """Import what a room states: its `facts.py`, and those beside it like `key_facts.py`."""
    folder = importlib.import_module(room).__path__
    for module in pkgutil.iter_modules(folder):
        if module.name == "facts" or module.name.endswith("_facts"):
            importlib.import_module(f"{room}.{module.name}")


def read(envelope: Envelope, rooms: tuple[str, ...]) -> Fact:
    """The fact in an envelope. Raises Malformed when its fields are not those of its kind."""
    return stated(envelope.kind, envelope.body, rooms)


def stated(kind: str, body: bytes | msgspec.Raw, rooms: tuple[str, ...]) -> Fact:
    """The fact of this kind in these bytes (JSON). Raises Malformed when its fields are not those of its kind."""
    decoder = _decoders.get(kind)
    if decoder is None:
        find(kind, rooms)
        decoder = _decoders[kind]
    try:
        found: Fact = decoder.decode(body)
        return found
    except msgspec.DecodeError as error:
        raise Malformed(f"This is not a {kind} statement: {in_words(error)}.", CORRECT) from error


def in_words(error: msgspec.DecodeError) -> str:
    """What is wrong with a field, as a person can understand it, from what the decoder says."""
    wrong, _, place = str(error).partition(" - at ")
    names = re.findall(r"[a-z_]+", place)
    field = f'the field "{names[-1]}"' if names else "it"
    for pattern, reason in _REASONS:
        if found := re.search(pattern, wrong):
            return f"{field} {reason.format(*found.groups())}"
    return f"{field} is of another form"


CORRECT = "Correct it and try again."
_REASONS = (
    (r"`str` of length <= (\S+)", "has more than {} letters"),
    (r"`\w+` of length <= (\S+)", "has more than {} parts"),
    (r"of length >= 1", "is empty"),
    (r"matching regex", "has letters or signs that do not belong there"),
    (r"`int` >= (\S+)", "is less than {}"),
    (r"`int` <= (\S+)", "is more than {}"),
    (r"unknown field `(.*)`", 'has a part "{}" that is not known'),
    (r"required field `(.*)`", 'lacks its part "{}"'),
)


def commitments(said: Any, pointer: str = "") -> list[tuple[str, str]]:
    """(JSON pointer within the body, commitment) of each private field that is filled."""
    found: list[tuple[str, str]] = []
    _collect(said, pointer, found)
    return found


def _collect(said: Any, pointer: str, found: list[tuple[str, str]]) -> None:
    for name, private in _fields(type(said)):
        value = getattr(said, name)
        if value is None:
            continue
        here = f"{pointer}/{name}"
        if private:
            found.append((here, value))
        elif isinstance(value, tuple):
            for place, part in enumerate(value):
                _collect(part, f"{here}/{place}", found)
        else:
            _collect(value, here, found)


_private_fields: dict[type, tuple[tuple[str, bool], ...]] = {}


def _fields(cls: type) -> tuple[tuple[str, bool], ...]:
    """The fields of a class that are private (True), or hold pieces that have private fields (False)."""
    found = _private_fields.get(cls)
    if found is None:
        info = type_info(cls)
        assert isinstance(info, StructType)
        ways = ((field.name, _is_private(field.type), _pieces(field.type)) for field in info.fields)
        found = _private_fields[cls] = tuple(
            (name, private) for name, private, pieces in ways if private or any(_fields(piece) for piece in pieces)
        )
    return found


def _is_private(info: Any) -> bool:
    if isinstance(info, msgspec.inspect.Metadata):
        return bool((info.extra or {}).get("private")) or _is_private(info.type)
    if isinstance(info, msgspec.inspect.UnionType):
        return any(_is_private(part) for part in info.types)
    return False


def _pieces(info: Any) -> list[type]:
    """The classes of pieces that a field of this type can hold: one, or a tuple of them."""
    if isinstance(info, msgspec.inspect.Metadata):
        return _pieces(info.type)
    if isinstance(info, StructType):
        return [info.cls]
    if isinstance(info, msgspec.inspect.UnionType):
        return [piece for part in info.types for piece in _pieces(part)]
    return _pieces(info.item_type) if isinstance(info, msgspec.inspect.VarTupleType) else []
