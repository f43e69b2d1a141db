"""What a decision by consent comes to: it is taken where nobody's objection stands. Pure."""

from collections.abc import Container

from msgspec.structs import replace

from governance.part import Objection, Proposal
from governance.tally import NO_VOTES, OBJECTED, Decision


def standing_in(proposal: Proposal, disputed: Container[str]) -> dict[str, Objection]:
    """The objections that stand, by entry: not answered, not taken back, and said by somebody who stands by them."""
    return {one: said for one, said in proposal.course.objections.items() if said.stands and one not in disputed}


def consented(proposal: Proposal, disputed: Container[str], has_author: bool) -> Decision:
    """The decision by the objections that stand at the end.

    `disputed` are the ids of entries nobody stands by, `has_author` whether somebody stands by what was put.
    """
    course = proposal.course
    standing = len(standing_in(proposal, disputed))
    decision = Decision(
        passed=not standing,
        winners=() if standing else ("yes",),
        reason=OBJECTED if standing else "",
        roll=len(proposal.voters),
        recused=len(course.recused) + len(course.aside),
        struck=len(course.struck),
        cast=0,
        carried=0,
        yes=0,
        no=standing,
        abstain=0,
        needed=0,
        present=0,
        quorum=0,
    )
    # Silence is no consent to what nobody stands by.
    return decision if has_author else replace(decision, passed=False, winners=(), reason=NO_VOTES)
