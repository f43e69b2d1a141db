"""Somebody is expelled, or comes back: who is a member is for the members to say."""

from governance import leaving
from governance.asked import Asked, only_texts
from governance.part import Proposal
from ledger import people
from ledger.book import Book
from ledger.errors import Refused
from ledger.names import Names

FEWEST = 3
"""Of two members none can outvote the other."""


def check(book: Book, asked: Asked) -> None:
    """A member to be expelled from three or more; or somebody known who is none."""
    matter = asked.matter
    if matter.person is None or matter.role is not None or matter.circle or asked.replaces or len(asked.texts) > 1:
        raise Refused("A vote on membership names a person, perhaps with a text that says why.")
    only_texts(asked, "membership", person=True)
    if why := why_not(book, matter.person, matter.give):
        raise Refused(why, "`tally member list` shows who is a member.")


def why_not(book: Book, person: str, give: bool) -> str:
    """Why this membership cannot begin or end as things stand; "" where it can."""
    standing = people.must_know(book.ledger, person).standing
    if give:
        back = standing in (people.FORMER, people.REJECTED)
        return "" if back else "This person is a member, or asks to become one already."
    if standing != people.MEMBER:
        return "This person is no member."
    if len(people.members(book.ledger)) < FEWEST:
        return f"Among fewer than {FEWEST} members nobody is expelled."
    if people.treasurers(book.ledger) == [person]:
        return "This is the only treasurer: vote another in first, so that payouts can be approved."
    return ""


def recused(asked: Asked) -> tuple[str, ...]:
    """Nobody votes on their own expulsion."""
    return () if asked.matter.give else (asked.matter.person or "",)


def title(book: Book, names: Names, proposal: Proposal) -> str:
    """Who is expelled, or admitted."""
    who = names.of(proposal.matter.person or "")
    return f"{who} becomes a member again" if proposal.matter.give else f"{who} is expelled"


def act(book: Book, proposal: Proposal, at: int) -> str:
    """The membership begins or ends; open votes count who is expelled no more."""
    matter = proposal.matter
    person = matter.person or ""
    if why_not(book, person, matter.give):
        return "by then this membership could not begin or end any more"
    if matter.give:
        people.set_standing(book.ledger, person, people.MEMBER, at)
    else:
        leaving.expel(book, person, at)
    return ""


def consequence(names: Names, proposal: Proposal, since: str) -> str:
    """What came of it."""
    who = names.of(proposal.matter.person or "")
    return f"{who} {'became a member' if proposal.matter.give else 'was expelled'} on {since}."
