"""What a decision by consent comes to: it is taken where nobody's objection stands. Pure."""

from collections.abc import Container

from msgspec.structs import replace

from governance.part import Proposal
from governance.tally import NO_VOTES, OBJECTED, Decision


def consented(proposal: Proposal, disputed: Container[str], has_author: bool) -> Decision:
    """The decision by the objections that stand at the end.

    `disputed` are the ids of entries nobody stands by, `has_author` whether somebody stands by what was put.
    """
    course = proposal.course
    standing = sum(said.stands and one not in disputed for one, said in course.objections.items())
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
