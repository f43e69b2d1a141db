"""What a vote that is over comes to, counted anew from its ballot box, whichever form and way of deciding it has. Pure."""

from fractions import Fraction

from msgspec import Struct

from governance import first_form, tally
from governance.boxes import box_of
from governance.consenting import consented
from governance.part import Proposal
from governance.profile import CONSENT
from governance.tally import Decision, Result
from governance.voting.yes_no import CHOICES
from ledger import people
from ledger.book import Book


class Outcome(Struct, frozen=True, kw_only=True):
    """What a vote comes to: figures, a sentence, stages, and lines that a member can follow."""

    decision: Decision | Result
    sentence: str
    stages: tuple[dict[str, Fraction], ...]
    transcript: tuple[str, ...]


def counted(book: Book, proposal: Proposal, names: dict[str, str] | None = None) -> Outcome:
    """Count what lies in the box. `names` are what the transcript calls the options, by label, each another."""
    if not proposal.course.moved:
        return _first_form(proposal)
    if proposal.profile.method == CONSENT:
        decision = by_consent(book, proposal)
        said = tally.words(decision)
        return Outcome(decision=decision, sentence=said, stages=(), transcript=(said,))
    found = tally.decide(box_of(book, proposal, proposal.course.ended or proposal.closes), names)
    return Outcome(
        decision=found.decision,
        sentence=tally.words(found.decision),
        stages=found.stages,
        transcript=found.transcript,
    )


def _first_form(proposal: Proposal) -> Outcome:
    result = first_form.tally(proposal.profile, proposal.voters, proposal.ballots)
    said = first_form.sentence(proposal.profile, result)
    stage = {choice: Fraction(getattr(result, choice)) for choice in CHOICES}
    return Outcome(decision=result, sentence=said, stages=(stage,), transcript=(said,))


def by_consent(book: Book, proposal: Proposal) -> Decision:
    """The decision by the objections that stand."""
    course = proposal.course
    standing = [
        one
        for one, said in course.objections.items()
        if said.lifted is None and not people.is_disputed(book.ledger, one)
    ]
    out = (len(course.recused) + len(course.aside), len(course.struck))
    return consented(len(proposal.voters), out, len(standing))
