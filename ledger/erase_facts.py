"""What may be said about personal words: they are erased, for good and on a basis that the law names.

The entry says which text of which entry is gone, never what it was. Every store and every copy removes the words and
their salt when it takes the entry in (`ledger/erasure.py`); the signed entry that held their commitment stays.
"""

from typing import Annotated, Any

from msgspec import Meta

from ledger import erasure, people
from ledger.book import Book
from ledger.entry import Entry, Hex64, Natural, entry_id, read, split_leaf
from ledger.errors import Refused, TallyError, VerificationFailed
from ledger.fact import Fact, commitments, fact
from ledger.fact import read as read_fact

BASES = {
    "no-longer-needed": "it is no longer needed for what it was written for",
    "consent-withdrawn": "the person withdrew the consent it rested on",
    "objection": "the person objects, and nothing weighs more",
    "unlawful": "it should never have been written down",
    "legal-duty": "a law demands it",
    "child": "it is about a child",
    "mistake": "it was written by mistake, or in the wrong place",
}
"""Why a text may be erased: the grounds of Article 17(1) GDPR, and the writer's own mistake."""
Pointer = Annotated[str, Meta(pattern=r"^(/[a-z0-9_]+)+\Z", max_length=200)]
"""A JSON pointer (RFC 6901) within the body of a statement, like /items/0/note."""


@fact(erasure.KIND)
class Erased(Fact, frozen=True):
    """A personal text is erased. `entry` and `index` name the statement it belonged to, `field` its place there."""

    entry: Hex64
    index: Natural
    field: Pointer
    basis: Annotated[str, Meta(pattern=r"^[a-z-]+\Z", max_length=40)]

    def check(self, book: Book, entry: Entry) -> None:
        """The text is there, was not erased before, and is the author's to erase."""
        if self.basis not in BASES:
            raise Refused(f"{self.basis!r} is no basis for erasing a text.", f"There are: {', '.join(BASES)}.")
        if self.index >= entry.index:
            raise Refused(f"There is no entry {self.index} yet.")
        if book.leaf_at is None:
            raise VerificationFailed("Earlier entries are not at hand here.")
        entry_bytes, _, _ = split_leaf(book.leaf_at(self.index))
        if entry_id(entry_bytes) != self.entry:
            raise Refused(f"Entry {self.index} is another statement than the one named.")
        envelope = read(entry_bytes)
        said = read_fact(envelope, book.rooms)
        if self.field not in dict(commitments(said)):
            raise Refused(f"Entry {self.index} has no personal text at {self.field}.")
        if by := book.ledger.erased.get(erasure.place(self.index, self.field)):
            raise Refused(f"This text is gone already: erased by entry {by}.")
        if entry.author not in (envelope.author, person_of(said, self.field)) and not people.holds(
            book.ledger, entry.author, people.TREASURER
        ):
            raise Refused(
                "This text is not yours to erase: neither did you write it nor is it about you.",
                "Ask its author or a treasurer, who answers for the cooperative.",
            )

    def apply(self, book: Book, entry: Entry) -> None:
        """The book remembers that it is gone, and which entry says why."""
        book.ledger.erased[erasure.place(self.index, self.field)] = entry.index


def person_of(said: Any, pointer: str) -> str | None:
    """Whom a personal text is about, where the statement tells: the `who` or `person` nearest to its place."""
    found, here = None, said
    for name in pointer.split("/")[1:]:
        found = getattr(here, "who", None) or getattr(here, "person", None) or found
        here = here[int(name)] if name.isdigit() else getattr(here, name)
    return found


def texts(book: Book, index: int) -> dict[str, int | None]:
    """The places of all personal texts of an entry, and for each the entry that erased it, if one did.

    Raises TallyError where there is no such entry.
    """
    if book.leaf_at is None or index >= book.size:
        raise TallyError(f"There is no entry {index}.")
    said = read_fact(read(split_leaf(book.leaf_at(index))[0]), book.rooms)
    return {pointer: book.ledger.erased.get(erasure.place(index, pointer)) for pointer, _ in commitments(said)}
