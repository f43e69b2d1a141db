"""The one way in: a statement is built on the newest head, checked, signed and appended, or nothing happens.

A key signs under a file lock and on the newest head, so that two commands of one person never sign the same
number twice. When somebody else wrote first, the book catches up and the same signed bytes are checked again.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ledger import canonical, clock, entry, private
from ledger.anchor import one_at_a_time
from ledger.book import Book, SequenceTaken
from ledger.entry import Entry
from ledger.errors import TallyError
from ledger.fact import commitments, read
from ledger.keys import Signer
from ledger.log import Leaf, Moved
from ledger.opened import Ledger

TRIES = 50


class Recorded(Struct, frozen=True, kw_only=True):
    """What came of it: the entry in its place and the receipt that proves it."""

    entry: Entry
    receipt: bytes


def record(
    ledger: Ledger,
    signer: Signer,
    author: str,
    kind: str,
    body: dict[str, Any],
    clock_ok: bool = False,
    consenting: tuple[Signer, ...] = (),
) -> Recorded:
    """Say this, as this person, now. The body holds private.Text where words are to stay beside the log.

    `consenting` are the keys whose second signatures the statement needs (`body.proofs`).
    Raises what admission raises; then nothing was recorded. Afterwards the ledger's book knows the entry.
    """

    def once() -> Recorded:
        return _append(ledger, data, signature, words, _stamp(ledger, clock_ok))

    with one_at_a_time(ledger.home.kept(ledger.known.founding, f"{signer.id[:16]}.lock")):
        if ledger.log.head().size != ledger.book.size:
            ledger.reopen()
        now = clock.now(ledger.book.ledger.rehearsal)
        data, words = compose(ledger.book, signer, author, kind, body, now)
        data = consented(data, consenting) if consenting else data
        signature = signer.sign(entry.preimage(entry.NAMESPACE, data))
        return _on_newest(ledger, once)


def receive(
    ledger: Ledger, data: bytes, signature: bytes, words: Mapping[str, private.Kept], clock_ok: bool = False
) -> Recorded:
    """Take in a statement that its author signed elsewhere, with the private words that came beside it.

    The same bytes once more answer with the place and receipt they have. Other bytes under a number that the key
    has used raise SequenceTaken and are kept as evidence. Raises what admission raises; then nothing was recorded.
    """
    private.check_forms(words)

    def once() -> Recorded:
        before = _recorded(ledger, data)
        if before is not None:
            return before
        received = _stamp(ledger, clock_ok)
        try:
            return _append(ledger, data, signature, dict(words), received)
        except SequenceTaken as error:
            ledger.log.keep_evidence(received, error.message, data, signature)
            raise

    return _on_newest(ledger, once)


def _on_newest(ledger: Ledger, once: Callable[[], Recorded]) -> Recorded:
    for _ in range(TRIES):
        try:
            return once()
        except Moved:
            ledger.reopen()
    raise TallyError("Others are writing to this ledger all the time; nothing was recorded.", "Try again.")


def _stamp(ledger: Ledger, clock_ok: bool) -> int:
    """The time of receipt: never before the last one, nor before an instant this book was advanced to already."""
    book = ledger.book
    now = clock.now(book.ledger.rehearsal)
    return max(clock.stamp(now, book.received, book.ledger.rehearsal, clock_ok), book.until)


def _recorded(ledger: Ledger, data: bytes) -> Recorded | None:
    """The place and receipt of these bytes, if they stand in the log."""
    envelope = entry.read_strictly(data)
    key = ledger.book.ledger.keys.get(envelope.key)
    index = ledger.log.find(data) if key is not None and envelope.seq <= key.seq else None
    if index is None:
        return None
    _, _, received = entry.split_leaf(ledger.log.entry(index))
    return Recorded(entry=entry.placed(index, data, received, envelope), receipt=ledger.log.receipt(index))


def _append(ledger: Ledger, data: bytes, signature: bytes, words: dict[str, private.Kept], received: int) -> Recorded:
    book = ledger.book
    placed = book.admit(data, signature, received)
    said = read(placed.envelope, book.rooms)
    private.check(placed.key, placed.envelope.seq, dict(commitments(said)), words)
    leaf = entry.leaf(data, signature, received)
    receipts = ledger.log.append([Leaf(leaf, words)], after=book.size)
    book.fold(data, signature, received)
    ledger.__dict__.pop("names", None)
    return Recorded(entry=placed, receipt=receipts[0])


def compose(
    book: Book, signer: Signer, author: str, kind: str, body: dict[str, Any], now: int
) -> tuple[bytes, dict[str, private.Kept]]:
    """The bytes of the entry that says this next under this key, and the private words beside it."""
    key = book.ledger.keys.get(signer.id)
    seq = key.seq + 1 if key else 0
    sealed, words = private.seal(body, signer.id, seq)
    fields = {
        "v": 1,
        "ledger": book.ledger.id or None,
        "kind": kind,
        "author": author,
        "key": signer.id,
        "seq": seq,
        "prev": key.last if key else None,
        "seen": {"size": book.size, "root": book.root},
        "ts": clock.claim(now),
        "body": sealed,
    }
    return entry.write(fields), words


def consented(data: bytes, consenting: Sequence[Signer]) -> bytes:
    """The bytes of an entry with these keys' signatures over its words in `body.proofs`."""
    fields = canonical.decode(data)
    message = entry.consent(fields["ledger"], fields["kind"], fields["author"], fields["body"])
    fields["body"]["proofs"] = [{"key": key.public.hex(), "sig": key.sign(message).hex()} for key in consenting]
    return entry.write(fields)
