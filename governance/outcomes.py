"""What came of a vote, counted anew from its ballot box, of whichever form and by whichever method. Pure."""

from fractions import Fraction
from typing import Any

from msgspec import Struct

from governance import first_form, tally
from governance.boxes import box_of
from governance.part import Proposal
from governance.profile import CONSENT
from governance.tally import Decision, Result
from governance.voting.yes_no import CHOICES
from ledger.book import Book
from ledger.fact import plain


class Outcome(Struct, frozen=True, kw_only=True):
    """What a vote comes to: figures, a sentence, the totals of each stage, and lines that a member can follow."""

    decision: Decision | Result
    sentence: str
    stages: tuple[dict[str, Fraction], ...]
    transcript: tuple[str, ...]


def counted(book: Book, proposal: Proposal, names: dict[str, str] | None = None) -> Outcome:
    """Count what lies in the box. `names` are what the transcript calls the options, by label, each another.

    Where nobody votes, in a decision by consent, the decision is taken as it was made at the end.
    """
    if not proposal.course.moved:
        return _first_form(proposal)
    if proposal.profile.method == CONSENT:
        assert proposal.course.decision is not None
        said = tally.words(proposal.course.decision)
        return Outcome(decision=proposal.course.decision, sentence=said, stages=(), transcript=(said,))
    found = tally.decide(box_of(book, proposal, proposal.course.ended or proposal.closes), names)
    return Outcome(
        decision=found.decision,
        sentence=tally.words(found.decision),
        stages=found.stages,
        transcript=found.transcript,
    )


def as_data(outcome: Outcome) -> dict[str, Any]:
    """The same for programs: fractions are texts."""
    return {
        "decision": plain(outcome.decision),
        "stages": [{option: str(total) for option, total in stage.items()} for stage in outcome.stages],
        "transcript": list(outcome.transcript),
    }


def _first_form(proposal: Proposal) -> Outcome:
    result = first_form.tally(proposal.profile, proposal.voters, proposal.ballots)
    said = first_form.sentence(proposal.profile, result)
    stage = {choice: Fraction(getattr(result, choice)) for choice in CHOICES}
    return Outcome(decision=result, sentence=said, stages=(stage,), transcript=(said,))
