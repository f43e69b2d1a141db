"""Who is to be told of a vote: everybody who is asked, once; and who is silent is reminded. Pure."""

from collections.abc import Iterable

from msgspec.structs import replace

from governance.messages import NOTICE as TOLD
from governance.messages import REMINDER
from governance.opening import pin_roll
from governance.part import NOTICE, Proposal
from ledger.book import Book


def asked_in(book: Book, proposal: Proposal) -> list[str]:
    """Who is asked in this vote; before it opens, who would be if it opened now."""
    if proposal.status != NOTICE:
        return proposal.voters
    # A copy is pinned in its place: the vote itself opens in its own time.
    ahead = replace(proposal, course=replace(proposal.course))
    pin_roll(book, ahead)
    return ahead.voters


def due_to(proposal: Proposal, asked: Iterable[str]) -> dict[str, str]:
    """Who of those asked is to be told what: a notice who was told nothing yet, a reminder who is silent."""
    told = proposal.course.told
    return {
        person: REMINDER if person in told else TOLD
        for person in asked
        if person not in told or is_silent(proposal, person)
    }


def is_silent(proposal: Proposal, person: str) -> bool:
    """Whether somebody has neither voted nor objected, for all that is known: of a secret vote nothing is."""
    objected = {one.by for one in proposal.course.objections.values()}
    return person not in {*proposal.ballots, *proposal.course.boxes, *objected}
