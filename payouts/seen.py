"""Who sold under a deal, and how a person stands, as a run sees them when its period is cut off. Pure."""

from bisect import bisect_left

from contributions import state as contributions
from ledger import people
from ledger.book import Book
from payouts.kept import Standing


def sellers_of(book: Book, ref: str) -> dict[str, int]:
    """Who sold how much under a ref, of those the members have admitted."""
    sold = contributions.sellers(book, ref)
    return {seller: qty for seller, qty in sold.items() if not contributions.is_waiting(book, seller.partition(" ")[0])}


def as_seen(book: Book, person: str, starts: list[int]) -> Standing:
    """A person at a cut-off; `starts` are those of all periods up to this one, ascending."""
    known = book.ledger.persons[person]
    since = people.member_since(known)
    tenure = len(starts) - bisect_left(starts, since) if since is not None else 0
    return Standing(standing=known.standing, tenure=tenure)
