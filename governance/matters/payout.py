"""The members approve a payout, an amendment, the close of a book year or what that redeems themselves.

They may where too few treasurers are left for it. A matter names the period or the year, and the digest tells which.
"""

from governance.asked import Asked, only_texts
from governance.part import Proposal
from ledger.book import Book, hooks
from ledger.errors import Refused
from ledger.names import Names


def check(book: Book, asked: Asked) -> None:
    """Something computed, by its period or the first day of its year and its digest, which too few can approve."""
    only_texts(asked, "payout", payout=True)
    if asked.texts or asked.replaces or not asked.terms.period or asked.terms.digest is None:
        raise Refused("A vote on a payout names the period and the digest of its figures.")
    for ask in hooks(book.rooms, "why_not_roll"):
        if why := ask(book, asked.terms.period, asked.terms.digest):
            raise Refused(why)


def title(book: Book, names: Names, proposal: Proposal) -> str:
    """Which payout, amendment or book year."""
    period, digest = proposal.terms.period, proposal.terms.digest or ""
    words = next((say(book, period, digest) for say in hooks(book.rooms, "roll_words")), period)
    return f"{words} is approved, digest {digest[:16]}"


def act(book: Book, proposal: Proposal, at: int) -> str:
    """It is approved."""
    terms = proposal.terms
    for ask in hooks(book.rooms, "why_not_roll"):
        if ask(book, terms.period, terms.digest):
            return "by then the treasurers had approved it, or could"
    for approve in hooks(book.rooms, "approved_by_roll"):
        approve(book, terms.period, terms.digest)
    return ""


def consequence(names: Names, proposal: Proposal, since: str) -> str:
    """What came of it."""
    what = f"digest {(proposal.terms.digest or '')[:16]}"
    return f"{proposal.terms.period} is approved by the members since {since}, {what}."
