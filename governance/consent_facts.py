"""What may be said beside a ballot: objections and their answers, challenges, the outcome in words."""

from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from governance import life, proposable
from governance.casting import check_asked, known
from governance.consenting import standing_in
from governance.course_facts import withdraw
from governance.loose import named
from governance.opening import asked_of
from governance.part import DECIDED, OPEN, Objection, Proposal, of
from governance.profile import CONSENT
from ledger import people
from ledger.book import Book
from ledger.entry import Entry, Hex64
from ledger.errors import Refused
from ledger.fact import Fact, Private, fact
from ledger.facts import Name

INTEGRATE, AMEND, WITHDRAW = "integrate", "amend", "withdraw"
ANSWERS = (INTEGRATE, AMEND, WITHDRAW)
OBJECTIONS_MAX = 20
"""Of one member in one vote: each must be answered."""


@fact("governance.objected")
class Objected(Fact, frozen=True):
    """A member objects in a decision by consent: what speaks against it, and which harm it would do to our aim."""

    proposal: Hex64
    text: Private
    harm: Private

    def check(self, book: Book, entry: Entry) -> None:
        """It is decided by consent, open, and the member is asked."""
        proposal = known(book, self.proposal)
        number = proposal.number
        if proposal.profile.method != CONSENT:
            raise Refused(f"Proposal {number} is decided by voting.", f"Vote: tally vote {number} no.")
        if proposal.status != OPEN:
            raise Refused(f"Proposal {proposal.number} is {proposal.status}; objections come while it is open.")
        check_asked(proposal, entry.author)
        if sum(one.by == entry.author for one in proposal.course.objections.values()) >= OBJECTIONS_MAX:
            raise Refused(f"You have raised {OBJECTIONS_MAX} objections here; talk with each other.")

    def apply(self, book: Book, entry: Entry) -> None:
        """It stands until it is answered."""
        made = Objection(by=entry.author, index=entry.index)
        known(book, self.proposal).course.objections[entry.id] = made


def standing(book: Book, one: str) -> tuple[Proposal, Objection]:
    """An objection that stands in an open decision, or Refused."""
    for proposal in map(of(book).proposals.__getitem__, of(book).open):
        found = standing_in(proposal, book.ledger.disputed).get(one)
        if found is not None:
            return proposal, found
    raise Refused("No such objection stands in an open decision.", "`tally proposal show` lists them.")


@fact("governance.lifted")
class Lifted(Fact, frozen=True):
    """Whoever objected takes the objection back."""

    objection: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """It is the author's own, and stands."""
        _, objection = standing(book, self.objection)
        if objection.by != entry.author:
            raise Refused("Only who objected can lift an objection.")

    def apply(self, book: Book, entry: Entry) -> None:
        """It stands no more."""
        standing(book, self.objection)[1].lifted = entry.index


@fact("governance.answered")
class Answered(Fact, frozen=True):
    """The proposer answers an objection: takes it in or amends the text, so that all are asked anew; or withdraws."""

    objection: Hex64
    how: Name
    options: Annotated[tuple[Hex64, ...], Meta(max_length=1)]

    def check(self, book: Book, entry: Entry) -> None:
        """The proposer says so, and the new version could be decided like the old one."""
        proposal, _ = standing(book, self.objection)
        if proposal.by != entry.author:
            raise Refused("The proposer answers objections.")
        if self.how not in ANSWERS:
            raise Refused(f"{self.how!r} is no answer.", f"There are: {', '.join(ANSWERS)}.")
        if bool(self.options) != (self.how != WITHDRAW):
            raise Refused("A new version has its text; withdrawing has none.")
        if self.options:
            self._check_version(book, proposal, entry)

    def _check_version(self, book: Book, proposal: Proposal, entry: Entry) -> None:
        texts = of(book).texts
        if not set(self.options) <= texts.keys():
            raise Refused("The new version is a text that is not in the log.")
        if len(proposal.options) != 1 or list(self.options) == proposal.options:
            raise Refused("A new version is another text than before.")
        asked = replace(asked_of(book, proposal), texts=[texts[one] for one in self.options])
        proposable.check(book, asked, entry.received)

    def apply(self, book: Book, entry: Entry) -> None:
        """A new version is open, or the matter is withdrawn."""
        proposal, objection = standing(book, self.objection)
        objection.answer = self.how
        if self.how == WITHDRAW:
            withdraw(book, proposal.id, entry.received)
        else:
            named(book, self.options)
            life.new_version(book, proposal, list(self.options), entry.received)


@fact("governance.challenged")
class Challenged(Fact, frozen=True):
    """A member asks that all vote again, before a decision takes effect. Nobody can change the result itself."""

    proposal: Hex64
    why: Private

    def check(self, book: Book, entry: Entry) -> None:
        """It is decided, its time to be challenged runs, and the member has not signed yet."""
        proposal = known(book, self.proposal)
        if proposal.status != DECIDED or not proposal.is_decided:
            raise Refused(
                f"Proposal {proposal.number} cannot be challenged: it is {proposal.status}.",
                "That is possible between the count and the day it takes effect, where the profile says so.",
            )
        if entry.author in proposal.course.challenges:
            raise Refused("You have signed this challenge already.")

    def apply(self, book: Book, entry: Entry) -> None:
        """One more; with the last one that was missing the effect is suspended and a new vote opens."""
        proposal = known(book, self.proposal)
        proposal.course.challenges[entry.author] = entry.index
        life.challenge(book, proposal, entry.received)


@fact("governance.outcome_told")
class OutcomeTold(Fact, frozen=True):
    """What came of a decision, in the words of who put it forward or of a steward; it changes nothing of the result."""

    proposal: Hex64
    text: Private

    def check(self, book: Book, entry: Entry) -> None:
        """It is decided, and the proposer or a steward tells."""
        proposal = known(book, self.proposal)
        if not proposal.is_decided:
            raise Refused(f"Proposal {proposal.number} is not decided yet.")
        if proposal.by != entry.author and not people.holds(book.ledger, entry.author, "steward"):
            raise Refused("The outcome is told by who proposed it, or by a steward.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The newest words are shown."""
        known(book, self.proposal).course.outcome = entry.index
