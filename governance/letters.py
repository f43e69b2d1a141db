"""A ballot on its way into the mailbox of a secret vote: who sends it is on the roll, and nothing tells who.

Whoever could reach the mailbox could fill it, so that no real ballot finds room. A letter is therefore signed with the
ring of the vote a second time, over the sealed ballot: that shows somebody on the roll, and by its tag that all letters
of one key are of one key. The tag is another one than that of the ballot inside, so that the two cannot be matched.
"""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from governance import ring
from governance.part import Proposal
from ledger.book import Book

BYTES_MAX = 60_000
"""A letter with the largest ballot and the largest ring: 40,000 and 12,928 digits, and what stands between them."""


class Letter(Struct, frozen=True, forbid_unknown_fields=True):
    """A sealed ballot (hex), which of its sender's letters in this vote it is, a signature of the ring (hex)."""

    box: str
    number: int
    sig: str


def written(
    book: Book, proposal: Proposal, box: str, number: int, seed: bytes, draw: Callable[[], bytes]
) -> tuple[Letter, str]:
    """A letter with this ballot, and its tag (hex). `draw` as for `ring.sign`; raises Refused as that does."""
    keys, said = proposal.course.ring_keys, _message(box, number)
    sig = ring.sign(said, _context(book, proposal), keys, seed, draw)
    return Letter(box=box, number=number, sig=sig.hex()), ring.tag(sig).hex()


def read(data: bytes) -> Letter | None:
    """The letter in what was sent; None where it is none."""
    try:
        return msgspec.json.decode(data, type=Letter, strict=True)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def tag_of(book: Book, proposal: Proposal, letter: Letter) -> str | None:
    """The tag (hex) that all letters of one key in this vote have; None for a letter of nobody on the roll."""
    try:
        sig = bytes.fromhex(letter.sig)
    except ValueError:
        return None
    said = _message(letter.box, letter.number)
    sound = letter.number >= 0 and ring.verify(said, _context(book, proposal), proposal.course.ring_keys, sig)
    return ring.tag(sig).hex() if sound else None


def _context(book: Book, proposal: Proposal) -> bytes:
    """Never that of the ballots, where the id of the proposal stands alone."""
    return ring.context(book.ledger.id, f"mailbox of {proposal.id}", proposal.course.ring_keys, [])


def _message(box: str, number: int) -> bytes:
    return f"{number}:{box}".encode()
