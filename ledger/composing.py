"""How a statement becomes the bytes that are signed: its number under the key, what its author has seen, its words."""

from collections.abc import Sequence
from typing import Any

from ledger import canonical, clock, entry, private
from ledger.book import Book
from ledger.entry import Seen
from ledger.keys import Signer


def compose(
    book: Book, signer: Signer, author: str, kind: str, body: dict[str, Any], now: int, seen: Seen | None = None
) -> tuple[bytes, dict[str, private.Kept]]:
    """The bytes of the entry that says this next under this key, and the private words beside it.

    `seen` is the head its author has last verified, where that is not the book's own.
    """
    key = book.ledger.keys.get(signer.id)
    seq, prev = (key.seq + 1, key.last) if key else (0, None)
    return numbered(book, signer, author, kind, body, now, seq, prev, seen)


def numbered(
    book: Book,
    signer: Signer,
    author: str,
    kind: str,
    body: dict[str, Any],
    now: int,
    seq: int,
    prev: str | None,
    seen: Seen | None,
) -> tuple[bytes, dict[str, private.Kept]]:
    """The same for a statement of this number, after the one with the id `prev`."""
    sealed, words = private.seal(body, signer.id, seq)
    head = seen or Seen(book.size, book.root)
    fields = {
        "v": 1,
        "ledger": book.ledger.id or None,
        "kind": kind,
        "author": author,
        "key": signer.id,
        "seq": seq,
        "prev": prev,
        "seen": {"size": head.size, "root": head.root},
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
