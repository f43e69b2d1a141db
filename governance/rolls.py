"""The electoral roll as it stood when a vote opened: persons with their keys, and a hash that stands for it all."""

from typing import Any

from governance.part import Proposal
from ledger import canonical, merkle
from ledger.book import Book


def ring_of(book: Book, proposal: Proposal) -> list[str]:
    """One key of each who is asked: the newest that is not on paper. Who has none cannot vote in secret."""
    newest: dict[str, tuple[int, str]] = {}
    for key in book.ledger.keys.values():
        if key.until is None and not key.paper:
            newest[key.person] = max(newest.get(key.person, (-1, "")), (key.since, key.public))
    return [newest[person][1] for person in proposal.voters if person in newest]


def rows(book: Book, proposal: Proposal) -> list[dict[str, Any]]:
    """Everybody on the roll with the keys of the opening, in the order of their ids."""
    size = proposal.size
    keys: dict[str, list[tuple[int, str]]] = {}
    for key in book.ledger.keys.values():
        if key.since < size and (key.until is None or key.until >= size):
            keys.setdefault(key.person, []).append((key.since, key.public))
    return [
        {"person": person, "keys": [public for _, public in sorted(keys.get(person, []))]}
        for person in sorted(proposal.roll)
    ]


def root(roll: list[dict[str, Any]]) -> str:
    """The hash that stands for a roll: the RFC 6962 root over the canonical bytes of its rows, hex."""
    return merkle.root([merkle.leaf_hash(canonical.encode(row)) for row in roll]).hex()
