"""The lives of keys: which key may sign at which place in the log, and whose statements are in doubt after a theft.

A key lives from the entry that brought it to the entry that ended it. Where a key was stolen, its owner says since
which entry; what it signed from there on is disputed, and so is what was signed by keys that it added meanwhile.
Nothing is taken out of the log: rooms ask `people.is_disputed` at the moment that counts, and `disputes_changed`
of each room's `state.py` is told.
"""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

from ledger import people
from ledger.book import Book, hooks
from ledger.entry import Entry, placed, read, split_leaf
from ledger.errors import VerificationFailed
from ledger.keys import key_id
from ledger.state import Key, Recovery, State

LOST, ROTATED, COMPROMISED = "lost", "rotated", "compromised"
REASONS = (ROTATED, LOST, COMPROMISED)
DISPUTED = "disputed"
KEY_ADDED = "ledger.key_added"
HOUR = 3_600_000
WAIT, WAIT_ALONE = 72 * HOUR, 14 * 24 * HOUR
"""How long a recovery waits for a veto; longer where a single member's word is enough."""
VOUCHES_MAX = 3


_ASKING = tuple(f'"kind":"ledger.{kind}"'.encode() for kind in ("key_revoked", "reaffirmed", "contested"))


class _Added(Struct):
    key: str


def asks_log(leaf: bytes) -> bool:
    """Whether folding this leaf reads leaves before it: a revocation, a reaffirmation or a contest does."""
    return any(mark in leaf for mark in _ASKING)


def is_live(key: Key) -> bool:
    """Whether the key may sign the next entry."""
    return key.until is None


def live_keys(state: State, person: str) -> dict[str, Key]:
    """The keys that may sign for a person now, by id."""
    return {one: key for one, key in state.keys.items() if key.person == person and is_live(key)}


def end(key: Key, index: int, why: str) -> None:
    """From this entry on the key signs no more; one that ended before keeps its end, but may get a worse reason."""
    key.until = index if key.until is None else key.until
    key.ended = why


def entry_at(book: Book, index: int) -> Entry:
    """An earlier entry of the log. Raises VerificationFailed where the log is not at hand."""
    entry_bytes, _, received = split_leaf(_leaf_at(book, index))
    return placed(index, entry_bytes, received, read(entry_bytes))


def of_kind(book: Book, kind: str, start: int, end: int) -> Iterator[Entry]:
    """The statements of one kind from one place of the log up to, not including, another."""
    yield from of_kinds(book, (kind,), start, end)


def of_kinds(book: Book, kinds: tuple[str, ...], start: int, end: int) -> Iterator[Entry]:
    """The same of several kinds."""
    marks = [f'"kind":"{kind}"'.encode() for kind in kinds]
    for index in range(start, end):
        # Cheap first: most leaves are of another kind. Words in a body may look like it, so the entry is asked too.
        leaf = _leaf_at(book, index)
        if any(mark in leaf for mark in marks) and (entry := entry_at(book, index)).envelope.kind in kinds:
            yield entry


def _leaf_at(book: Book, index: int) -> bytes:
    if book.leaf_at is None:
        raise VerificationFailed("An earlier entry of the log is not at hand here.")
    return book.leaf_at(index)


def dispute(book: Book, suspect: str, start: int, said: Entry) -> None:
    """What a key signed from `start` until `said` is disputed, with all that keys signed which it added meanwhile.

    The key that says so is spared: somebody who still holds a good key keeps it.
    """
    state = book.ledger
    suspects = {suspect: max(start, state.keys[suspect].since + 1)}
    found = []
    for index in range(suspects[suspect], said.index):
        entry = _signed_by(book, index, suspects)
        if entry is None:
            continue
        added = key_id(bytes.fromhex(_added(entry))) if entry.envelope.kind == KEY_ADDED else None
        if added == said.key:
            continue
        if added is not None:
            suspects[added] = index + 1
        found.append(entry)
    for one, since in suspects.items():
        earlier = state.keys[one].suspect
        state.keys[one].suspect = since if earlier is None else min(since, earlier)
        if one != suspect:
            end(state.keys[one], said.index, DISPUTED)
    state.disputed |= {entry.id: entry.index for entry in found}
    _tell(book, found, said)


def contest(book: Book, entry: Entry, said: Entry) -> None:
    """Nobody stands by this statement from now on: the person it was made for says so."""
    book.ledger.disputed[entry.id] = entry.index
    _tell(book, [entry], said)


def reaffirm(book: Book, entries: Iterable[str], said: Entry) -> None:
    """These statements count again."""
    found = [entry_at(book, book.ledger.disputed.pop(one)) for one in entries]
    _tell(book, found, said)


def _tell(book: Book, entries: list[Entry], said: Entry) -> None:
    for recovery in book.ledger.recoveries.values():
        settle(book.ledger, recovery, said.received)
    for changed in hooks(book.rooms, "disputes_changed"):
        changed(book, entries, said)


def _signed_by(book: Book, index: int, suspects: dict[str, int]) -> Entry | None:
    """The entry at this place if one of these keys signed it while it was suspect."""
    # Cheap first: most leaves do not even name the key.
    leaf = _leaf_at(book, index)
    if not any(one.encode() in leaf for one in suspects):
        return None
    entry = entry_at(book, index)
    return entry if index >= suspects.get(entry.key, index + 1) else None


def _added(entry: Entry) -> str:
    return msgspec.json.decode(entry.envelope.body, type=_Added).key


# Recoveries.


def needed(state: State, recovery: Recovery) -> int:
    """How many members must vouch: three, or all others where fewer are there; after a veto more than half of all."""
    members = people.members(state)
    if recovery.vetoed is not None:
        return len(members) // 2 + 1
    return max(1, min(VOUCHES_MAX, sum(member != recovery.person for member in members)))


def wanted(state: State, public: str, person: str, index: int) -> Recovery:
    """A new key that is wanted for a person from this entry on, before anybody's word is counted for it."""
    return Recovery(public=public, person=person, index=index, vetoed=vetoed_before(state, person))


def vetoed_before(state: State, person: str) -> int | None:
    """The entry with which a person said no to some other key that waits: it holds for any that is wanted later.

    Not where two are members: a no stands there for ever, and who loses every key one day must be helped with another.
    """
    said = (one.vetoed for one in state.recoveries.values() if one.person == person and one.vetoed is not None)
    return max(said, default=None) if len(people.members(state)) > 2 else None


def wait(enough: int) -> int:
    """How long (ms) a key waits for a veto once so many members have vouched for it."""
    return WAIT_ALONE if enough == 1 else WAIT


def vouching(state: State, recovery: Recovery) -> list[str]:
    """The members whose word for this recovery counts now."""
    members = set(people.members(state))
    return [
        member
        for member, index in recovery.vouches.items()
        if member in members and not people.is_disputed(state, index)
    ]


def settle(state: State, recovery: Recovery, now: int) -> None:
    """When enough have vouched the waiting begins; when that is no longer so it ends."""
    enough = needed(state, recovery)
    if len(vouching(state, recovery)) < enough:
        recovery.due = None
    elif recovery.due is None:
        recovery.due = now + wait(enough)
