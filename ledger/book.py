"""What is known: the log folded from its first entry to its last, the same on every machine.

The book is plain dicts, ints and strings. Each room owns one part of it (`ROOM/state.py`: a class `State`).
An entry is admitted (everything about it is checked, nothing changes) and then folded (it acts). Before either,
the book advances to the time of receipt: what fell due by then is done, by instant, then by name, so that what
a ballot box or a period holds never depends on who looked, or when.
"""

import importlib
from collections.abc import Callable
from typing import Any, Protocol

from ledger import fact, merkle, people
from ledger.entry import NAMESPACE as ENTRY
from ledger.entry import Entry, Envelope, leaf, placed, preimage, read, read_strictly
from ledger.errors import NoKey, Refused, VerificationFailed
from ledger.keys import key_id, verify
from ledger.state import State

Act = tuple[int, str, Callable[["Book"], None]]
"""Something that falls due: at which instant, under which name, and what is done then."""


class Shelf(Protocol):
    """Where sheets of closed periods stand: found by the SHA-256 of their bytes, rebuildable from the log."""

    def put(self, data: bytes, sources: list[str]) -> str:
        """Keep a document and the sources it settled; answers its SHA-256."""

    def get(self, digest: str) -> bytes:
        """The document of that SHA-256."""

    def settled(self, source: str, sheets: set[str]) -> bool:
        """Whether one of these sheets already counted this source."""


class UnknownVersion(VerificationFailed):
    """An entry of a later format."""


class WrongPlace(Refused):
    """An entry that does not follow what its key said before, or belongs to another ledger."""


class SequenceTaken(WrongPlace):
    """Another entry already stands under this key and number."""


class BadSignature(VerificationFailed):
    """The signature is not the key's over these bytes."""


class Book:
    """Everything that is known after `size` entries."""

    def __init__(self, rooms: tuple[str, ...], shelf: Shelf) -> None:
        self.rooms = rooms
        self.shelf = shelf
        self.size = 0
        self.received = 0
        self.until = 0  # the instant this book was advanced to; nothing may be received before it any more
        self.frontier: list[bytes] = []
        self.last_id = ""
        self.kept: list[str] = []  # digests of the documents on the shelf that this book relies on
        self.memo: dict[str, Any] = {}  # answers worked out for this very book; forgotten with the next entry
        self.parts: dict[str, Any] = {room: state_of(room).State() for room in rooms}
        self._dues = hooks(rooms, "due")
        self._balances = hooks(rooms, "balanced")
        # The log's root at an earlier size, where somebody can tell it (a store, a verifier).
        self.root_at: Callable[[int], bytes] | None = None
        # The leaf at an earlier index, likewise: for statements about statements.
        self.leaf_at: Callable[[int], bytes] | None = None

    @property
    def ledger(self) -> State:
        """The ledger room's part."""
        found: State = self.parts["ledger"]
        return found

    @property
    def root(self) -> str:
        """The tree's root over all entries so far, hex."""
        return merkle.frontier_root(self.frontier).hex()

    def keep(self, data: bytes, sources: list[str]) -> str:
        """Put a closed period's document on the shelf; answers its digest, which the book keeps."""
        digest = self.shelf.put(data, sources)
        self.kept.append(digest)
        return digest

    def advance(self, until: int) -> None:
        """Do everything that falls due up to this instant (ms), in order."""
        while act := self._next(until):
            act[2](self)
        self.until = max(self.until, until)

    def _next(self, until: int) -> Act | None:
        first = None
        for due in self._dues:
            act = due(self, until)
            if act is not None and (first is None or act[:2] < first[:2]):
                first = act
        return first

    def admit(self, entry_bytes: bytes, signature: bytes, received: int) -> Entry:
        """The entry in its place if everything about it is right. Changes nothing but what time changes."""
        envelope = read_strictly(entry_bytes)
        entry, said = self.place(envelope, entry_bytes, received)
        public = self.signing_key(said, entry)
        if not verify(public, preimage(ENTRY, entry_bytes), signature):
            raise BadSignature("The signature is not this key's over these bytes.")
        self.follows(entry)
        said.check(self, entry)
        return entry

    def place(self, envelope: Envelope, entry_bytes: bytes, received: int) -> tuple[Entry, fact.Fact]:
        """The entry as the next one, and the fact it holds; the book is advanced to its receipt."""
        if envelope.v != 1:
            raise UnknownVersion(f"This copy of tally does not know entries of version {envelope.v}.")
        said = fact.read(envelope, self.rooms)
        self.advance(received)
        return placed(self.size, entry_bytes, received, envelope), said

    def fold(self, entry_bytes: bytes, signature: bytes, received: int) -> Entry:
        """Let an entry that is in the log act. Trusts the admission that let it in."""
        entry = placed(self.size, entry_bytes, received, read(entry_bytes))
        said = fact.read(entry.envelope, self.rooms)
        self.advance(received)
        self.act(said, entry, merkle.leaf_hash(leaf(entry_bytes, signature, received)))
        return entry

    def act(self, said: fact.Fact, entry: Entry, leaf_hash: bytes) -> None:
        """What the statement does, and the entry's place in the tree and in its key's chain."""
        said.apply(self, entry)
        key = self.ledger.keys[entry.key]
        key.seq, key.last, key.seen = entry.envelope.seq, entry.id, entry.envelope.seen.size
        merkle.push(self.frontier, self.size, leaf_hash)
        self.size += 1
        self.received = received = entry.received
        self.last_id = entry.id
        self.memo.clear()
        assert received >= self.ledger.founded, "the log's time fell"
        for balanced in self._balances:
            balanced(self)

    def signing_key(self, said: fact.Fact, entry: Entry) -> bytes:
        """The public key that must have signed: one valid at this place for this author, or the very one it brings."""
        envelope = entry.envelope
        brought = said.brings_key()
        if brought is not None:
            public = bytes.fromhex(brought)
            if key_id(public) != entry.key or envelope.seq != 0:
                raise NoKey("A key joins with its first statement, which it signs itself.")
            return public
        key = people.signing_key(self.ledger, envelope.key, envelope.author, entry.index)
        people.must_speak(self.ledger, envelope.author, envelope.kind)
        return bytes.fromhex(key.public)

    def follows(self, entry: Entry) -> None:
        """The entry is about this ledger, next in its key's chain, and its author saw our past."""
        envelope = entry.envelope
        if envelope.ledger != (self.ledger.id or None):
            raise WrongPlace("This entry belongs to another ledger.")
        if entry.received < max(self.received, self.until):
            raise WrongPlace("The time of receipt falls behind the entry before.")
        key = self.ledger.keys.get(entry.key)
        seq, last, seen = (key.seq, key.last, key.seen) if key else (-1, None, 0)
        if envelope.seq <= seq:
            raise SequenceTaken(
                f"This key's statement {envelope.seq} stands in the log already.",
                "A copy of the key has spoken elsewhere: look at what it said. `tally sync` signs yours anew on top of"
                " it; if that was not you, end the key: tally key revoke.",
            )
        if envelope.seq != seq + 1 or envelope.prev != last:
            raise WrongPlace("This entry does not follow the last one of its key.")
        if not seen <= envelope.seen.size <= self.size:
            raise WrongPlace("This entry says it has seen a log of a size that cannot be.")
        if envelope.seen.root != self._root_at(envelope.seen.size):
            raise WrongPlace("This entry's author has seen another past than this log's.")

    def _root_at(self, size: int) -> str:
        if size == self.size:
            return self.root
        if self.root_at is None:
            raise VerificationFailed("The root of an earlier size is not at hand here.")
        return self.root_at(size).hex()


def state_of(room: str) -> Any:
    """The module that holds a room's part of the book."""
    return importlib.import_module(f"{room}.state")


def log_keys_needed(book: Book) -> set[str]:
    """The log's keys (hex), present or past, with which some room has yet to open something."""
    return {key for needed in hooks(book.rooms, "log_keys_needed") for key in needed(book)}


def hooks(rooms: tuple[str, ...], name: str) -> list[Callable[..., Any]]:
    """The functions of this name in the rooms' `state.py`, in the order of the rooms.

    due(book, until) -> Act | None: the room's first thing that falls due. balanced(book): asserts that its
    accounts sum to zero. check_founding(section, founded), found(book, section): its part of the founding.
    why_not_settle(book, work) -> str, dispute_settled(book, work, upheld): what a dispute about work means there.
    reminders(book, person) -> list[str]: what a person is told when she signs. log_keys_needed(book): see above.
    """
    return [getattr(state_of(room), name) for room in rooms if hasattr(state_of(room), name)]
