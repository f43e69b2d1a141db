"""Somebody joins: what a joiner's own statement puts before the members."""

from governance.asked import Asked
from governance.part import Proposal
from governance.terms import Matter
from ledger import people
from ledger.book import Book
from ledger.errors import Refused
from ledger.names import Names


def matter_of(person: str) -> Matter:
    """What a joiner's own statement puts."""
    return Matter(sort="join", person=person, role=None, circle="", give=True)


def check(book: Book, asked: Asked) -> None:
    """Only an invitation opens it."""
    raise Refused("'join' is no matter for a proposal.", "Invite somebody: tally invite NAME.")


def title(book: Book, names: Names, proposal: Proposal) -> str:
    """Who joins."""
    return f"{names.of(proposal.matter.person or '')} joins"


def act(book: Book, proposal: Proposal, at: int) -> str:
    """The person is a member."""
    people.set_standing(book.ledger, proposal.matter.person or "", people.MEMBER, at)
    return ""


def fail(book: Book, proposal: Proposal, at: int) -> None:
    """The person is not."""
    people.set_standing(book.ledger, proposal.matter.person or "", people.REJECTED, at)


def consequence(names: Names, proposal: Proposal, since: str) -> str:
    """What came of it."""
    return f"{names.of(proposal.matter.person or '')} became a member on {since}."
