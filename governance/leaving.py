"""When somebody is expelled: the standing ends with all roles, and open votes count this person no more.

Who leaves on her own stays on the rolls she is on, and her ballots count: they were cast by a member.
"""

from governance.part import of
from ledger import people
from ledger.book import Book


def expel(book: Book, person: str, at: int) -> None:
    """From this instant on the person is no member."""
    people.leave(book.ledger, person, at)
    state = of(book)
    for proposal in map(state.proposals.__getitem__, state.open):
        # In a secret vote nobody knows which ballot it would be.
        if person in proposal.voters and proposal.profile.secrecy != "secret":
            proposal.course.struck[person] = at
