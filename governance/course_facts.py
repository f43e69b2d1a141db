"""What may be said while a matter takes its course: announced, shortened, withdrawn, opened, sealed and unsealed."""

from typing import Annotated

from msgspec import Meta

from governance import contestable, life, locks, opening, rolls, sealing
from governance.boxes import electorate
from governance.casting import check_asked, check_open, known
from governance.doubts import BOXED
from governance.facts import Voted, proposal_words
from governance.part import BEFORE, CLOSED, DRAFT, NOTICE, OPEN, RENEWAL, WITHDRAWN, of
from governance.profile import digest
from governance.unsealing import check_mail_time, check_opening_time, unseal
from ledger import people
from ledger.book import Book
from ledger.entry import Entry, Hex64, Natural, PersonId
from ledger.errors import Refused
from ledger.fact import Fact, fact
from ledger.names import Names

MAILED_MAX = 2
"""Secret ballots that one member may publish for each who is asked: a mailbox holds one of each, and each takes long
to check."""

Box = Annotated[str, Meta(pattern=r"^(?:[0-9a-f]{2})+\Z", min_length=512, max_length=40_000)]


@fact("governance.announced")
class Announced(Fact, frozen=True):
    """A draft is put before the members by its author: notice runs, or the vote opens."""

    proposal: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """It is a draft of the author's own."""
        proposal = known(book, self.proposal)
        if proposal.status != DRAFT or proposal.by != entry.author:
            raise Refused(f"Proposal {proposal.number} is no draft of yours.")
        locks.check_lock(book, of(book).profiles[proposal.profile_name], proposal.terms, entry.received)

    def apply(self, book: Book, entry: Entry) -> None:
        """It is announced."""
        opening.announce(book, known(book, self.proposal), entry.received)


@fact("governance.waived")
class Waived(Fact, frozen=True):
    """A member says that shorter notice is enough; when as many say so as the profile asks for, the vote opens."""

    proposal: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """Notice runs, the profile lets it be shortened, and the member will be asked."""
        proposal = known(book, self.proposal)
        if proposal.status != NOTICE or proposal.profile.waiver is None:
            raise Refused(f"The notice of proposal {proposal.number} cannot be shortened.")
        if entry.author not in electorate(book, proposal.profile.electorate, proposal.matter):
            raise Refused("You will not be asked in this vote.")
        if entry.author in proposal.course.waivers:
            raise Refused("You have said so already.")

    def apply(self, book: Book, entry: Entry) -> None:
        """One more; with the last one that was missing the vote opens."""
        proposal = known(book, self.proposal)
        proposal.course.waivers[entry.author] = entry.index
        life.waive(book, proposal, entry.received)


@fact("governance.withdrawn")
class Withdrawn(Fact, frozen=True):
    """Whoever put a matter forward takes it back before it is decided."""

    proposal: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """It is the author's own, and not decided."""
        proposal = known(book, self.proposal)
        if not proposal.course.moved or proposal.by != entry.author:
            raise Refused(f"Proposal {proposal.number} is not yours to withdraw.")
        if proposal.status not in (*BEFORE, OPEN) or proposal.course.why == RENEWAL:
            raise Refused(f"Proposal {proposal.number} cannot be withdrawn any more: it is {proposal.status}.")

    def apply(self, book: Book, entry: Entry) -> None:
        """Nothing comes of it."""
        withdraw(book, self.proposal, entry.received)


def withdraw(book: Book, one: str, at: int) -> None:
    """A matter that is not decided comes to nothing."""
    state, proposal = of(book), known(book, one)
    (state.open if proposal.status == OPEN else state.pending).remove(one)
    proposal.status, proposal.since = WITHDRAWN, at


@fact("governance.stood_aside")
class StoodAside(Fact, frozen=True):
    """A member whom a matter concerns does not vote on it, and does not count among those who are asked."""

    proposal: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """The vote is open, its ballots have names, the member is asked, and not the last one."""
        proposal = known(book, self.proposal)
        if proposal.status in BEFORE:
            raise Refused(
                f"Nobody can stand aside in proposal {proposal.number} yet.",
                f"You can once the vote is open: tally proposal show {proposal.number} says from when.",
            )
        if proposal.status != OPEN or not proposal.course.moved or proposal.profile.secrecy == "secret":
            raise Refused(f"Nobody can stand aside in proposal {proposal.number} now.")
        check_asked(proposal, entry.author)
        if len(proposal.voters) == 1:
            raise Refused("You are the last one who is asked; somebody has to decide.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The roll counts one less; a ballot that was cast counts no more."""
        proposal = known(book, self.proposal)
        proposal.course.aside[entry.author] = entry.index
        life.changed(book, proposal, entry.received)


@fact("governance.opened")
class RollPublished(Fact, frozen=True):
    """A vote has opened: what was pinned then stands in the log. It follows from the log; anybody may say it."""

    proposal: Hex64
    roll: Hex64  # the root over persons and keys
    size: Natural
    recused: Annotated[tuple[PersonId, ...], Meta(max_length=200)]
    profile: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """It is exactly this, and nobody said so yet."""
        if self != pinned(book, self.proposal):
            raise Refused("That is not what was pinned when this vote opened.")
        if known(book, self.proposal).course.opened_said is not None:
            raise Refused("The roll of this vote is published already.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The roll stands in the log."""
        known(book, self.proposal).course.opened_said = entry.index


def pinned(book: Book, one: str) -> RollPublished:
    """What was pinned when this vote opened. Raises Refused where it never did."""
    proposal = known(book, one)
    if proposal.course.size is None or proposal.status in (*BEFORE, WITHDRAWN):
        raise Refused(f"Proposal {proposal.number} has not opened.")
    roll = rolls.rows(book, proposal)
    return RollPublished(
        proposal=one,
        roll=rolls.root(roll),
        size=len(roll),
        recused=tuple(proposal.course.recused),
        profile=digest(proposal.profile),
    )


@fact("governance.struck")
class BallotStruck(Fact, frozen=True):
    """The ballot of somebody who was expelled during a vote counts no more. Anybody may say what follows so."""

    proposal: Hex64
    person: PersonId

    def check(self, book: Book, entry: Entry) -> None:
        """It is struck, and nobody said so yet."""
        course = known(book, self.proposal).course
        if self.person not in course.struck or self.person in course.struck_said:
            raise Refused("No ballot of this person is to be struck here.")

    def apply(self, book: Book, entry: Entry) -> None:
        """That it was struck stands in the log."""
        known(book, self.proposal).course.struck_said.append(self.person)


@fact(BOXED)
class BallotSealed(Fact, frozen=True):
    """A member votes under seal: what it says comes out after the vote has closed, all at once. The last one counts."""

    proposal: Hex64
    box: Box

    def check(self, book: Book, entry: Entry) -> None:
        """The vote is open and sealed, and the person is asked."""
        proposal = known(book, self.proposal)
        check_open(proposal, entry)
        check_asked(proposal, entry.author)
        if proposal.profile.secrecy != "sealed":
            raise Refused(f"Proposal {proposal.number} takes {proposal.profile.secrecy} ballots alone.")
        if len(self.box) > 4_000:
            raise Refused("This sealed ballot is larger than any there can be.")

    def apply(self, book: Book, entry: Entry) -> None:
        """This box replaces an earlier one of the same person."""
        proposal = known(book, self.proposal)
        if proposal.status != OPEN:
            proposal.course.late[entry.author] = entry.index
            return
        proposal.course.boxes[entry.author] = self.box
        contestable.mark(book, proposal, entry)
        life.changed(book, proposal, entry.received)

    check_assisted = Voted.check_assisted

    def in_words(self, book: Book, names: Names) -> str:
        """What a witness reads: the box tells it to nobody."""
        return f"casts a sealed ballot in {proposal_words(book, names, self.proposal)}"


@fact("governance.mailed")
class BallotsMailed(Fact, frozen=True):
    """The mailbox of a secret vote is emptied after its end: ballots without authors, sorted so that no order tells."""

    proposal: Hex64
    boxes: Annotated[tuple[Box, ...], Meta(min_length=1, max_length=100)]

    def check(self, book: Book, entry: Entry) -> None:
        """The vote has just closed; each ballot is new here, and they stand in the order of their bytes."""
        proposal = known(book, self.proposal)
        check_mail_time(proposal, entry.received)
        if entry.author not in people.members(book.ledger):
            raise Refused("Members publish the ballots of a secret vote.")
        if list(self.boxes) != sorted(set(self.boxes)):
            raise Refused("Secret ballots are published sorted, each once.")
        if set(self.boxes) & set(proposal.course.mailed):
            raise Refused("One of these ballots is published already.")
        # Counted for each member alone, so that nobody keeps others from publishing with boxes full of nothing.
        if proposal.course.mailed_by.get(entry.author, 0) + len(self.boxes) > MAILED_MAX * len(proposal.roll):
            raise Refused("That is more ballots than this roll can have cast.")

    def apply(self, book: Book, entry: Entry) -> None:
        """They wait to be opened."""
        course = known(book, self.proposal).course
        course.mailed += self.boxes
        course.mailed_by[entry.author] = course.mailed_by.get(entry.author, 0) + len(self.boxes)
        course.mailed_at = entry.received if course.mailed_at is None else course.mailed_at


@fact("governance.unsealed")
class Unsealed(Fact, frozen=True):
    """The log's key to a sealed vote is published after its end: anybody opens every ballot and counts."""

    proposal: Hex64
    secret: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """The vote is closed, its time for the mailbox is over, and this opens its lock."""
        proposal = known(book, self.proposal)
        lock = proposal.terms.sealing
        if proposal.status != CLOSED or lock is None:
            raise Refused(f"Nothing of proposal {proposal.number} waits to be opened.")
        check_opening_time(proposal, entry.received)
        if not sealing.matches(bytes.fromhex(self.secret), bytes.fromhex(lock.public)):
            raise Refused("This does not open the ballots.")

    def apply(self, book: Book, entry: Entry) -> None:
        """They are counted."""
        proposal = known(book, self.proposal)
        of(book).pending.remove(proposal.id)
        proposal.course.secret = self.secret
        unseal(book, proposal)
        life.count(book, proposal, entry.received)
