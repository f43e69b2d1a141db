"""The one way in: a statement is built on the newest head, checked, signed and appended, or nothing happens.

A key signs under a file lock, so that two commands of one person never sign the same place twice. When somebody
else wrote first, the book catches up and everything is checked and signed again.
"""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from ledger import canonical, clock, entry, private
from ledger.book import Book
from ledger.entry import Entry
from ledger.errors import TallyError
from ledger.fact import commitments, read
from ledger.keys import Signer
from ledger.opened import Ledger
from ledger.store import Leaf, Moved

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
    with _one_at_a_time(ledger.home.kept(ledger.known.founding, f"{signer.id[:16]}.lock")):
        for _ in range(TRIES):
            try:
                return _once(ledger, signer, author, kind, body, clock_ok, consenting)
            except Moved:
                ledger.reopen()
    raise TallyError("Others are writing to this ledger all the time; nothing was recorded.", "Try again.")


def _once(
    ledger: Ledger,
    signer: Signer,
    author: str,
    kind: str,
    body: dict[str, Any],
    clock_ok: bool,
    consenting: tuple[Signer, ...],
) -> Recorded:
    book = ledger.book
    now = clock.now(book.ledger.rehearsal)
    received = clock.stamp(now, book.received, book.ledger.rehearsal, clock_ok)
    data, words = compose(book, signer, author, kind, body, now)
    data = consented(data, consenting) if consenting else data
    signature = signer.sign(entry.preimage(entry.NAMESPACE, data))
    placed = book.admit(data, signature, received)
    said = read(placed.envelope, book.rooms)
    private.check(signer.id, placed.envelope.seq, dict(commitments(said)), words)
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


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
