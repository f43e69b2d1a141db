"""How a vote of the first form ends, and what it then does."""

from governance import first_form, matters
from governance.part import FAILED, PASSED, SUPERSEDED, Proposal
from ledger import people
from ledger.book import Book


def settle_early(book: Book, proposal: Proposal, now: int) -> None:
    """Where the profile says so, a vote of the first form ends as soon as no further ballot can change it.

    One that was opened by a disputed statement runs its time, so that its person can still reaffirm it. Ballots cast
    with help may be contested: none of them ends a vote.
    """
    stands = not people.is_disputed(book.ledger, proposal.id)
    early = proposal.profile.early
    if stands and early and first_form.decided_early(proposal.profile, proposal.voters, proposal.own_ballots):
        proposal.closes = now


def end(book: Book, proposal: Proposal, at: int) -> None:
    """Count, and do what was decided."""
    proposal.result = first_form.tally(proposal.profile, proposal.voters, proposal.ballots)
    own = matters.of(proposal.matter.sort)
    if not proposal.result.passed:
        proposal.status = FAILED
        if hasattr(own, "fail"):
            own.fail(book, proposal, at)
        return
    proposal.status, proposal.since = PASSED, at
    if own.act(book, proposal, at):
        proposal.status = SUPERSEDED
