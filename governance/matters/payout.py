"""The members approve a payout themselves, where fewer treasurers are left than must approve it."""

from governance.asked import Asked, only_texts
from governance.part import Proposal
from ledger.book import Book, hooks
from ledger.errors import Refused
from ledger.names import Names


def check(book: Book, asked: Asked) -> None:
    """A computed payout by its digest, which too few treasurers are left to approve."""
    only_texts(asked, "payout", payout=True)
    if asked.texts or asked.replaces or not asked.terms.period or asked.terms.digest is None:
        raise Refused("A vote on a payout names the period and the digest of its figures.")
    for ask in hooks(book.rooms, "why_not_roll"):
        if why := ask(book, asked.terms.period, asked.terms.digest):
            raise Refused(why)


def title(book: Book, names: Names, proposal: Proposal) -> str:
    """Which payout."""
    return f"payout {proposal.terms.period} is approved, digest {(proposal.terms.digest or '')[:16]}"


def act(book: Book, proposal: Proposal, at: int) -> str:
    """It is approved."""
    terms = proposal.terms
    for ask in hooks(book.rooms, "why_not_roll"):
        if ask(book, terms.period, terms.digest):
            return "by then the treasurers had approved it, or could"
    for approve in hooks(book.rooms, "approved_by_roll"):
        approve(book, terms.period)
    return ""


def consequence(names: Names, proposal: Proposal, since: str) -> str:
    """What came of it."""
    return f"The payout {proposal.terms.period} is approved since {since}."
