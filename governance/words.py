"""How a vote stands, or what came of it, in a sentence."""

from governance import first_form, tally
from governance.part import Proposal


def result_words(proposal: Proposal, won: str = "") -> str:
    """The result in a sentence, with the name of what won where it is given; "" while there is none."""
    if proposal.course.decision is not None:
        return tally.words(proposal.course.decision, won)
    return first_form.sentence(proposal.profile, proposal.result) if proposal.result else ""
