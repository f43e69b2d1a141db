"""How the log takes in what people have signed: each statement checked in its order, all of them appended at once.

One that may not stand is refused alone. The same bytes once more answer with the place and receipt they have. Other
bytes under a number that a key has used are refused and kept as evidence. When somebody else wrote first, the book
catches up and the same bytes are checked again.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ledger import clock, entry, private
from ledger.book import SequenceTaken
from ledger.entry import Entry
from ledger.errors import TallyError
from ledger.fact import commitments, read
from ledger.log import Leaf, Moved
from ledger.opened import Ledger
from ledger.outbox import Signed

TRIES = 50


class Recorded(Struct, frozen=True, kw_only=True):
    """What came of it: the entry in its place and the receipt that proves it; none while it waits in the outbox."""

    entry: Entry
    receipt: bytes
    queued: bool = False


Answer = Recorded | TallyError
"""What becomes of one statement: its place, or why it may not stand."""


def receive(
    ledger: Ledger, data: bytes, signature: bytes, words: Mapping[str, private.Kept], clock_ok: bool = False
) -> Recorded:
    """Take in one statement that its author signed, with the private words that came beside it.

    Raises what refuses it; then nothing was recorded.
    """
    answer = receive_all(ledger, [Signed(data, signature, dict(words))], clock_ok)[0]
    if isinstance(answer, TallyError):
        raise answer
    return answer


def receive_all(ledger: Ledger, batch: Sequence[Signed], clock_ok: bool = False) -> list[Answer]:
    """Take these in, in this order, as one append; answers each with its place or with why it was refused.

    Raises what fails all of them: a log that cannot be read or written, a clock that is far off.
    """
    for _ in range(TRIES):
        ledger.refresh()
        try:
            return _Batch(ledger, clock_ok).take(batch)
        except Moved:
            ledger.reopen()
    raise TallyError("Others are writing to this ledger all the time; nothing was recorded.", "Try again.")


class _Batch:
    """Statements that are being taken in, on a book that knows those before them already."""

    def __init__(self, ledger: Ledger, clock_ok: bool) -> None:
        self.ledger, self.after = ledger, ledger.book.size
        self.received = stamp(ledger, clock_ok)
        self.leaves: list[Leaf] = []
        self.placed: dict[str, Entry] = {}
        self.contradictions: list[tuple[str, Signed]] = []
        # A statement may be about one before it in this very batch, which the log does not hold yet.
        ledger.book.leaf_at = self._leaf_at

    def _leaf_at(self, index: int) -> bytes:
        return self.leaves[index - self.after].data if index >= self.after else self.ledger.log.entry(index)

    def take(self, batch: Sequence[Signed]) -> list[Answer]:
        """Check and fold each, append those that may stand, then tell all of them."""
        found = [self._take(signed) for signed in batch]
        receipts = self.ledger.log.append(self.leaves, after=self.after) if self.leaves else []
        for why, signed in self.contradictions:
            self.ledger.log.keep_evidence(self.received, why, signed.data, signed.signature)
        self.ledger.has_grown([leaf.data for leaf in self.leaves])
        return [
            Recorded(entry=one, receipt=receipts[one.index - self.after]) if isinstance(one, Entry) else one
            for one in found
        ]

    def _take(self, signed: Signed) -> Entry | Answer:
        """The entry at the place it will have, or its answer already."""
        try:
            private.check_forms(signed.words)
            return self._before(signed) or self._admit(signed)
        except SequenceTaken as error:
            self.contradictions.append((error.message, signed))
            return error
        except TallyError as error:
            return error

    def _before(self, signed: Signed) -> Entry | Recorded | None:
        """Where these very bytes stand already, in this batch or in the log."""
        return self.placed.get(signed.id) or recorded(self.ledger, signed.data)

    def _admit(self, signed: Signed) -> Entry:
        book = self.ledger.book
        placed = book.admit(signed.data, signed.signature, self.received)
        said = read(placed.envelope, book.rooms)
        private.check(placed.key, placed.envelope.seq, dict(commitments(said)), signed.words)
        book.fold(signed.data, signed.signature, self.received)
        self.leaves.append(Leaf(entry.leaf(signed.data, signed.signature, self.received), signed.words))
        self.placed[placed.id] = placed
        return placed


def stamp(ledger: Ledger, clock_ok: bool) -> int:
    """The time of receipt: never before the last one, nor before an instant this book was advanced to already."""
    book = ledger.book
    now = clock.now(book.ledger.rehearsal)
    return max(clock.stamp(now, book.received, book.ledger.rehearsal, clock_ok), book.until)


def recorded(ledger: Ledger, data: bytes) -> Recorded | None:
    """The place and receipt of these bytes, if they stand in the log. Raises NotCanonical."""
    envelope = entry.read_strictly(data)
    key = ledger.book.ledger.keys.get(envelope.key)
    if key is None or envelope.seq > key.seq:
        return None
    # It stands nowhere before what its author had seen. Anybody can send again what the log holds, so that looking
    # for it must not cost a walk through all of it.
    index = ledger.log.find(data, envelope.seen.size)
    if index is None:
        return None
    _, _, received = entry.split_leaf(ledger.log.entry(index))
    return Recorded(entry=entry.placed(index, data, received, envelope), receipt=ledger.log.receipt(index))
