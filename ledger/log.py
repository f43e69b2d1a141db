"""The log, whichever database holds it: six verbs, and what follows from them (proofs, receipts, the signed head).

append, head, entry, entries, tile, private. An append is one transaction (leaves, full tiles, signed head); then the
head is written to the anchor file in this home's own folder; only then are receipts released. A store that is older
than an anchor has been put back from a copy, and refuses to sign. A store fills in the few pieces that touch its
database (`ledger/store.py` on SQLite, `ledger/store_postgres.py`); what is only read, like an exported folder, is a
Reader.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ledger import checkpoint, erasure, merkle, receipt, tiles
from ledger.anchor import Anchor
from ledger.errors import NoKey, NoteError, Refused, TallyError
from ledger.keys import Key, read_key
from ledger.note import note_with, vkey
from ledger.private import Kept

KEY, OLD_KEY, NEXT_KEY = "log.key", "log-old.key", "log-next.key"


class Head(NamedTuple):
    """The newest signed checkpoint: how many leaves, their root, the note's bytes."""

    size: int
    root: bytes
    note: bytes


class Leaf(NamedTuple):
    """A leaf to be appended, with the private words that belong to it."""

    data: bytes
    words: dict[str, Kept]


class FullTile(NamedTuple):
    """256 hashes that will never change, and the root over them."""

    level: int
    n: int
    root: bytes
    hashes: bytes


class Growth(NamedTuple):
    """What an append adds: the leaves from `after` on, the tiles they fill, the words they strike out, the new head."""

    after: int
    leaves: list[Leaf]
    tiles: list[FullTile]
    struck: list[tuple[int, str]]
    head: Head


class StoreFailed(TallyError):
    """The database cannot be written or read."""


class Busy(StoreFailed):
    """Another process is writing, and did not let go in time."""


class Unreachable(StoreFailed):
    """The folder, the server or the network that holds the log is not there now."""


class UnknownFormat(StoreFailed):
    """The database has a format that this copy of the program does not know."""


class InDoubt(StoreFailed):
    """The database failed while it made something stand: it may be there or not."""


class Moved(TallyError):
    """Somebody else wrote first; catch up and try again."""


class NoLedger(TallyError):
    """There is no ledger at this place."""

    exit_code = 2


class LedgerExists(Refused):
    """A ledger stands here already."""


class RolledBack(TallyError):
    """The database is older than what this home has seen of it, or tells another past."""

    exit_code = 5


class NotProved(TallyError):
    """The log took the entry, but could not be read again for its receipt, or not be cleared of what it strikes out."""


class AnchorFailed(TallyError):
    """The log took the entry, but this home could not remember its head."""


class WrongLogKey(StoreFailed):
    """The key in the ledger's folder is not there, or not the one that signed the log so far."""


class Reader(ABC):
    """A log as it can be read: its leaves, tiles and head, and the proofs that follow from them."""

    @property
    @abstractmethod
    def opener(self) -> "Callable[[], Reader]":
        """How another process opens the same log for reading; it can be pickled."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it."""

    @abstractmethod
    def head(self) -> Head:
        """The newest checkpoint; size 0 before the founding."""

    @abstractmethod
    def entry(self, index: int) -> bytes:
        """The leaf at an index. Raises TallyError where there is none."""

    @abstractmethod
    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """The leaves from `start` up to, not including, `end`, in order."""

    @abstractmethod
    def full_tile(self, level: int, n: int) -> bytes | None:
        """The hashes of a full tile; None while it is not full."""

    @abstractmethod
    def full_tiles(self) -> Iterator[FullTile]:
        """Every full tile, by level and number."""

    @abstractmethod
    def tile_roots(self, level: int, n: int) -> bytes:
        """The roots of the full tiles of a level that make up the tile `n` one level up."""

    def private_between(self, start: int, end: int) -> dict[int, dict[str, Kept]]:
        """All private words held for the entries from `start` up to `end`; none unless this place keeps words."""
        return {}

    # What is made of them.

    def tile(self, level: int, n: int) -> bytes:
        """The hashes of a tile, full or the partial right edge, 32 bytes each."""
        full = self.full_tile(level, n)
        if full is not None:
            return full
        if level:
            return self.tile_roots(level - 1, n)
        return b"".join(map(merkle.leaf_hash, self.entries(n * tiles.WIDTH, (n + 1) * tiles.WIDTH)))

    def hash_of(self, start: int, end: int) -> bytes:
        """The Merkle tree hash over leaves [start, end)."""
        return tiles.hash_of(self.tile)(start, end)

    def hashing(self) -> merkle.HashOf:
        """The same for several ranges of one log that stands still: each tile is read once."""
        return tiles.hash_of(cache(self.tile))

    def consistency(self, old_size: int, size: int) -> list[bytes]:
        """The proof that the log of `size` entries goes on from the one of `old_size` (RFC 9162 section 2.1.4.1)."""
        return merkle.consistency_path(old_size, size, self.hashing())

    def shown(self) -> Head:
        """The newest head as others are shown it: a store lays under it what witnesses signed."""
        return self.head()

    def receipts(self, start: int, end: int, under: Head | None = None) -> list[bytes]:
        """The receipts of these entries under the newest checkpoint, from what is stored."""
        head, hashing = under or self.head(), self.hashing()
        return [
            receipt.of_leaf(leaf, index, merkle.inclusion_path(index, head.size, hashing), head.note)
            for index, leaf in enumerate(self.entries(start, end), start)
        ]

    def receipt(self, index: int) -> bytes:
        """The receipt of an entry under the newest checkpoint, as it is shown to others."""
        self.entry(index)
        return self.receipts(index, index + 1, self.shown())[0]


class Log(Reader):
    """A log that grows, in one folder: at least its key lies there, and on SQLite all of it."""

    def __init__(self, folder: Path, anchor: Anchor, origin: str) -> None:
        self.folder, self.anchor, self.origin = folder, anchor, origin

    # What a store fills in.

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; one writer at a time. Raises StoreFailed (Busy when another process keeps writing)."""

    @abstractmethod
    def insert(self, growth: Growth) -> None:
        """Write what an append adds, within a transaction."""

    @abstractmethod
    def scrub(self) -> None:
        """After words were struck out: leave no trace of them in files beside the database."""

    @abstractmethod
    def private_many(self, places: list[tuple[int, str]]) -> dict[tuple[int, str], str]:
        """The words at these (index, pointer) places, those that are held."""

    @abstractmethod
    def private_put(self, index: int, words: dict[str, Kept]) -> None:
        """Keep words that came after their entry; whoever hands them in has checked them."""

    @abstractmethod
    def private_erase(self, places: Sequence[tuple[int, str]]) -> int:
        """Remove words and salts for good, in a transaction of its own; answers how many were held."""

    @abstractmethod
    def find(self, entry_bytes: bytes, since: int = 0) -> int | None:
        """The first index from `since` on of a leaf that holds exactly this entry."""

    @abstractmethod
    def keep_evidence(self, at: int, why: str, entry_bytes: bytes, signature: bytes) -> None:
        """Keep an entry that contradicts one in the log, and was refused; once, however often it comes."""

    @abstractmethod
    def evidence(self) -> list[tuple[int, str, bytes, bytes]]:
        """What was refused because it contradicts the log: when (ms), why, entry, signature."""

    @abstractmethod
    def keep_cosignatures(self, size: int, lines: Sequence[str]) -> None:
        """Keep what witnesses signed under the head of this size, each line once; checked by whoever hands it in."""

    def health(self) -> list[str]:
        """What is not as it should be with the database and its guards, a sentence each; empty if all is well."""
        return []

    @abstractmethod
    def witnessed(self) -> list[tuple[Head, list[str]]]:
        """Every head that witnesses have signed, by size, as the log signed it, and the witnesses' lines."""

    @abstractmethod
    def retire(self) -> None:
        """Let nothing be appended here any more, whoever still has it open: within a transaction, for good."""

    # What is the same in every store.

    def private(self, index: int) -> dict[str, Kept]:
        """The private words held for an entry, by JSON pointer."""
        return self.private_between(index, index + 1).get(index, {})

    def shown(self) -> Head:
        """The newest head, with the witnesses' lines under it where they have signed this very head."""
        head = self.head()
        lines = [line for at, signed in self.witnessed()[-1:] if at == head for line in signed]
        return head._replace(note=note_with(head.note, lines)) if lines else head

    def append(self, leaves: list[Leaf], after: int) -> list[bytes]:
        """Append leaves that were checked for exactly this size; answers a receipt each, or raises Moved."""
        return self._grow(leaves, after, self._sign, proved=True)

    def extend(self, leaves: list[Leaf], after: int, note: bytes) -> None:
        """Append leaves to a copy, under a head that the log signed elsewhere and whoever copies has checked.

        Raises Refused, and appends nothing, if they do not give the root in that head.
        """

        def signed(_: Head, head: checkpoint.Checkpoint) -> bytes:
            if head_of(note)[:2] != (head.size, head.root):
                raise Refused("These entries do not give the root that the log signed.", "Nothing was copied.")
            return note

        self._grow(leaves, after, signed, proved=False)

    def _grow(
        self, leaves: list[Leaf], after: int, sign: Callable[[Head, checkpoint.Checkpoint], bytes], proved: bool
    ) -> list[bytes]:
        size, growth = after + len(leaves), None
        try:
            with self.transaction():
                head = self.head()
                if head.size != after:
                    raise Moved("The log has moved on.")
                self._check_anchor(self.anchor.read(), head)
                growth = self._growth(leaves, head, sign)
                self.insert(growth)
        except StoreFailed:
            # A commit can fail and yet be done; the log itself says which.
            if growth is None or not self._holds(growth):
                raise
        try:
            self.anchor.write(size, growth.head.root, growth.head.note)
        except OSError as error:
            raise AnchorFailed(
                f"It is in the log as entry {after}, but this home could not note the log's head: {error.strerror}.",
                "Make room in this home before you go on.",
            ) from error
        try:
            if growth.struck:
                self.scrub()
            return self.receipts(after, size) if proved else []
        except StoreFailed as error:
            # A reading that fails says that nothing was recorded; here something was.
            why = error.message.removesuffix(" Nothing was recorded.")
            raise NotProved(
                f"It is in the log as entry {after}, but then the log could not be read or cleared: {why}",
                "Do not say it again; `tally doctor` tells what is wrong.",
            ) from error

    def _holds(self, growth: Growth) -> bool:
        """Whether these leaves stand in the log; no if it cannot be read now."""
        try:
            found = list(self.entries(growth.after, growth.head.size))
        except StoreFailed:
            return False
        return found == [leaf.data for leaf in growth.leaves]

    def _growth(self, leaves: list[Leaf], head: Head, sign: Callable[[Head, checkpoint.Checkpoint], bytes]) -> Growth:
        """The tiles that become full, bottom up, and the new head. Nothing is written yet."""
        after, full = head.size, []
        reading = cache(self.tile)
        frontier = merkle.frontier_at(after, tiles.hash_of(reading))
        edges: dict[int, list[bytes]] = {}
        for size, leaf in enumerate(leaves, after + 1):
            hashed = merkle.leaf_hash(leaf.data)
            merkle.push(frontier, size - 1, hashed)
            level, place = 0, size - 1
            while True:
                n, width = divmod(place, tiles.WIDTH)
                if level not in edges:
                    edges[level] = tiles.split_hashes(reading(level, n)) if width else []
                edges[level].append(hashed)
                if width + 1 < tiles.WIDTH:
                    break
                hashes = b"".join(edges.pop(level))
                hashed = tiles.tile_root(hashes)
                full.append(FullTile(level, n, hashed, hashes))
                level, place = level + 1, n
        made = checkpoint.Checkpoint(self.origin, after + len(leaves), merkle.frontier_root(frontier))
        struck = [gone for leaf in leaves if (gone := erasure.struck(leaf.data))]
        return Growth(after, leaves, full, struck, Head(made.size, made.root, sign(head, made)))

    def check_anchor(self) -> None:
        """Raise RolledBack when this store is older than what this home has seen, or tells another past."""
        # The anchor before the head: another process may append in between, and remember that.
        self._check_anchor(self.anchor.read(), self.head())

    def _check_anchor(self, seen: tuple[int, bytes] | None, head: Head) -> None:
        size, root = seen or (head.size, head.root)
        if head.size < size:
            raise RolledBack(
                f"This database ends at entry {head.size}, but this home has seen {size}: it was put back from a copy.",
                "Bring back the newest copy; nothing is signed on an older one.",
            )
        known = head.root if size == head.size else self.hash_of(0, size)
        if known != root:
            raise RolledBack(
                f"This database tells another past than the one this home saw at size {size}.",
                "Compare it with another member's copy: tally verify.",
            )

    def _sign(self, before: Head, head: checkpoint.Checkpoint) -> bytes:
        return checkpoint.sign(head, *self.signers(before))

    def signers(self, head: Head) -> tuple[Key, ...]:
        """The log's keys: one, or several while they overlap: the present one, the one before, the one to come.

        Raises WrongLogKey before anything is signed by another one, which nobody would accept.
        """
        lost = "Bring the log's key back from a copy; no other can sign this log."
        try:
            keys = [read_key(self.folder / KEY)]
            others = [read_key(path) for name in (OLD_KEY, NEXT_KEY) if (path := self.folder / name).exists()]
            # While they change places one of them lies under two names.
            keys += [key for key in others if key.public != keys[0].public]
        except NoKey as error:
            raise WrongLogKey(f"The log cannot be signed: {error.message}", lost) from error
        if head.size:
            try:
                checkpoint.open_checkpoint(head.note, *(vkey(self.origin, key.public) for key in keys))
            except NoteError as error:
                raise WrongLogKey(
                    f"The key in {self.folder / KEY} is not the one that signed this log.", lost
                ) from error
        return tuple(keys)


def head_of(note: bytes) -> Head:
    """What our own newest note says; its signature is checked by whoever opens the ledger."""
    found = checkpoint.parse(note.rpartition(b"\n\n")[0].decode(errors="replace") + "\n")
    return Head(found.size, found.root, note)
