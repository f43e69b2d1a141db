"""What may be said when members decide: a person joins, a text is put down, a matter is moved, a vote is cast.

Kinds of the first form (`proposed`, `closed`) are those of ledgers from before there were terms; they are read and
counted as they always were.
"""

from fractions import Fraction
from typing import Annotated

from msgspec import Meta

from governance import casting, first_form, first_form_life, life, matters, opening, proposable
from governance.asked import Asked
from governance.ballots import Spelled
from governance.doubts import BALLOT, VOTED
from governance.loose import check_loose, named
from governance.matters import join
from governance.part import OPEN, Course, Proposal, of
from governance.presets import JOINING
from governance.profile import HOUR, YES_NO, Profile, ProfileName
from governance.tally import UNANIMOUS_BELOW, Decision, Result
from governance.terms import Matter, Terms
from governance.voting.yes_no import CHOICES
from governance.words import result_words
from ledger import people
from ledger.book import Book
from ledger.entry import Entry, Hex64
from ledger.errors import Refused
from ledger.fact import Fact, Private, fact
from ledger.facts import Name, Proof, check_consent, consent_of
from ledger.keys import key_id, valid_point
from ledger.names import Names

TEXT_MAX = 60_000


@fact("governance.joined")
class Joined(Fact, frozen=True):
    """Somebody joins with an invitation, by a new key. The members decide; the invitation is the inviter's yes."""

    invitation: Hex64
    key: Hex64
    name: Private
    proofs: Annotated[tuple[Proof, ...], Meta(min_length=1, max_length=1)]

    def brings_key(self) -> str | None:
        """The joiner's own key signs."""
        return self.key

    def check(self, book: Book, entry: Entry) -> None:
        """The invitation is open and the joiner holds it."""
        invitation = book.ledger.invitations.get(self.invitation)
        if invitation is None:
            raise Refused("This invitation was used already, or never given.", "Ask for a new one.")
        if people.is_disputed(book.ledger, self.invitation):
            raise Refused("This invitation was written with a stolen key.", "Ask the member for a new one.")
        if invitation.person != entry.author or key_id(bytes.fromhex(self.key)) != entry.key:
            raise Refused("An invitation is for one person, who signs with the key that joins.")
        if people.key_is_taken(book.ledger, self.key):
            raise Refused("This key is known to the ledger already.", "Join with a new key.")
        if not valid_point(bytes.fromhex(self.key)):
            raise Refused("This key is not a sound Ed25519 key.")
        if self.proofs[0].key != invitation.admission:
            raise Refused("The proof is not by this invitation's key.")
        signed = {proof.key: proof.sig for proof in self.proofs}
        check_consent(signed, invitation.admission, consent_of(entry), "The joiner does not hold this invitation.")

    def apply(self, book: Book, entry: Entry) -> None:
        """A candidate is there, and the members are asked."""
        invitation = book.ledger.invitations.pop(self.invitation)
        people.enter(book.ledger, entry.author, (entry.index, "/name"), people.CANDIDATE, entry.received)
        people.bring_key(book.ledger, entry.key, self.key, entry.author, entry.index)
        open_joining(book, entry, invitation.by)


@fact("governance.asked_to_join")
class AskedToJoin(Fact, frozen=True):
    """Somebody without a device asks to join, with two members' help: said through `ledger.assisted` alone."""

    helper: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]  # whose yes it brings

    def check(self, book: Book, entry: Entry) -> None:
        """The person is new: who signs for herself is known already, and cannot say this."""
        if entry.author in book.ledger.persons or entry.author in book.ledger.parties:
            raise Refused("Whoever is known here need not ask like this.", "Join with an invitation: tally join FILE.")
        if any(one.person == entry.author for one in book.ledger.invitations.values()):
            raise Refused("A place is kept for this person already.", "She joins with her invitation.")

    def apply(self, book: Book, entry: Entry) -> None:
        """A candidate is there, and the members are asked."""
        people.enter(book.ledger, entry.author, (entry.index, "/name"), people.CANDIDATE, entry.received)
        open_joining(book, entry, self.helper)


@fact("governance.text")
class TextPut(Fact, frozen=True):
    """A text is put down word for word, so that an option of a vote can name it."""

    text: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]

    def check(self, book: Book, entry: Entry) -> None:
        """Any member may put down a text, but not ever more that nobody proposes."""
        check_loose(book, entry.author)

    def apply(self, book: Book, entry: Entry) -> None:
        """The text can be named."""
        of(book).texts[entry.id] = self.text
        of(book).loose[entry.id] = entry.author


@fact("governance.proposed")
class Proposed(Fact, frozen=True):
    """A matter of the first form is put before the members: its options, the way of deciding, what it would replace."""

    matter: Matter
    options: Annotated[tuple[Hex64, ...], Meta(max_length=20)]
    profile: Name
    replaces: Hex64 | None

    def check(self, book: Book, entry: Entry) -> None:
        """The matter can be decided by yes or no of the roll, and could act."""
        asked = as_asked(book, entry.author, self.matter, self.options, self.profile, self.replaces, Terms())
        if self.matter.sort not in ("rule", "role", "text") or len(asked.texts) > 1:
            raise Refused(f"{self.matter.sort!r} is no matter of the first form.", "There are: rule, role, text.")
        if not (first_form.can_decide(asked.profile) and _is_no_way_round(book, asked.profile)):
            raise Refused("A matter of the first form is decided openly by yes or no, at once and for good.")
        proposable.check(book, asked, entry.received)

    def apply(self, book: Book, entry: Entry) -> None:
        """The vote is open; its roll, options and profile stay as they are now."""
        named(book, self.options)
        opened = proposal_of(book, entry, self.matter, list(self.options), self.profile, self.replaces)
        open_first_form(book, opened)


@fact("governance.moved")
class Moved(Fact, frozen=True):
    """A matter is put before the members on its terms: options, way of deciding, whom it concerns, until when."""

    matter: Matter
    options: Annotated[tuple[Hex64, ...], Meta(max_length=20)]
    profile: ProfileName
    replaces: Hex64 | None
    terms: Terms

    def check(self, book: Book, entry: Entry) -> None:
        """The matter can be decided and could act."""
        asked = as_asked(book, entry.author, self.matter, self.options, self.profile, self.replaces, self.terms)
        if len(set(self.options)) != len(self.options):
            raise Refused("An option stands there twice.")
        proposable.check(book, asked, entry.received)

    def apply(self, book: Book, entry: Entry) -> None:
        """It waits as a draft, is announced, or opens at once."""
        named(book, (*self.options, self.terms.fallback))
        proposal = proposal_of(book, entry, self.matter, list(self.options), self.profile, self.replaces)
        proposal.terms, proposal.roll, proposal.course = self.terms, [], Course(moved=True)
        opening.put(book, proposal, entry.received)


@fact(VOTED)
class Voted(Fact, frozen=True):
    """A member votes. Until the vote closes the last ballot counts."""

    proposal: Hex64
    choice: Annotated[str, Meta(max_length=20)]

    def check(self, book: Book, entry: Entry) -> None:
        """The vote is open, the person on its roll, the choice one there is."""
        check_cast(book, entry, self.proposal, self.choice)

    def apply(self, book: Book, entry: Entry) -> None:
        """This ballot replaces an earlier one of the same person."""
        cast(book, entry, self.proposal, self.choice)

    def check_assisted(self, book: Book, entry: Entry) -> None:
        """What somebody has said herself stands."""
        refuse_over_own(casting.known(book, self.proposal), entry.author)

    def in_words(self, book: Book, names: Names) -> str:
        """What a witness reads."""
        return f"votes {self.choice} in {proposal_words(book, names, self.proposal)}"


@fact(BALLOT)
class BallotCast(Fact, frozen=True):
    """A member votes by ranking, approving, giving points or naming a number. The last ballot counts."""

    proposal: Hex64
    choice: Spelled

    def check(self, book: Book, entry: Entry) -> None:
        """The vote is open, the person on its roll, the ballot spelled as it is read."""
        if casting.known(book, self.proposal).profile.method == YES_NO:
            raise Refused("Here members say yes, no or abstain.")
        check_cast(book, entry, self.proposal, self.choice)

    def apply(self, book: Book, entry: Entry) -> None:
        """This ballot replaces an earlier one of the same person."""
        cast(book, entry, self.proposal, self.choice)

    check_assisted, in_words = Voted.check_assisted, Voted.in_words


@fact("governance.closed")
class Closed(Fact, frozen=True):
    """The result of a vote is published: anybody may, once its time has come; the figures follow from the log."""

    proposal: Hex64
    outcome: Result

    def check(self, book: Book, entry: Entry) -> None:
        """The vote is over, its result not published yet, and exactly this."""
        proposal = casting.known(book, self.proposal)
        check_result(proposal, self.outcome, proposal.result)

    def apply(self, book: Book, entry: Entry) -> None:
        """The result stands in the log."""
        casting.known(book, self.proposal).published = entry.index


@fact("governance.decided")
class Decided(Fact, frozen=True):
    """The same of a matter with terms, in whichever way it was counted."""

    proposal: Hex64
    outcome: Decision

    def check(self, book: Book, entry: Entry) -> None:
        """It was counted, its result is not published yet, and exactly this."""
        proposal = casting.known(book, self.proposal)
        check_result(proposal, self.outcome, proposal.course.decision)

    def apply(self, book: Book, entry: Entry) -> None:
        """The result stands in the log."""
        casting.known(book, self.proposal).published = entry.index


def check_result(proposal: Proposal, said: Result | Decision, found: Result | Decision | None) -> None:
    """Raise Refused unless this is the result, and nobody has published it yet."""
    if found is None:
        raise Refused(f"Proposal {proposal.number} is still open.")
    if proposal.published is not None:
        raise Refused(f"The result of proposal {proposal.number} is published already (entry {proposal.published}).")
    if said != found:
        raise Refused(f"That is not the result of proposal {proposal.number}. {result_words(proposal)}.")


def as_asked(
    book: Book, by: str, matter: Matter, options: tuple[str, ...], profile: str, replaces: str | None, terms: Terms
) -> Asked:
    """A statement that puts something, with its texts and its profile. Raises Refused where these are unknown."""
    texts = of(book).texts
    if not set(options) <= texts.keys():
        raise Refused("An option names a text that is not in the log.")
    proposable.check_profile(book, profile)
    return Asked(
        by=by,
        matter=matter,
        terms=terms,
        texts=[texts[option] for option in options],
        profile_name=profile,
        profile=of(book).profiles[profile],
        replaces=replaces,
    )


def check_cast(book: Book, entry: Entry, proposal: str, choice: str) -> None:
    """Raise unless this ballot of the entry's author may be taken, or kept as one that came late."""
    found = casting.known(book, proposal)
    casting.check_open(found, entry)
    casting.check_asked(found, entry.author)
    if found.course.moved:
        casting.check_ballot(book, found, choice)
    elif choice not in CHOICES:
        raise Refused(f"{choice!r} is no choice here.", f"Say {', '.join(CHOICES)}.")


def cast(book: Book, entry: Entry, proposal: str, choice: str) -> None:
    """Take the ballot; one that came after the end is only noted."""
    found = casting.known(book, proposal)
    if found.status == OPEN:
        life.taken(book, found, entry, choice)
    else:
        found.course.late[entry.author] = entry.index


def proposal_words(book: Book, names: Names, proposal: str) -> str:
    """Which proposal, for whoever reads a statement on it."""
    found = casting.known(book, proposal)
    about = matters.of(found.matter.sort).title(book, names, found).rstrip(".")
    return f"proposal {found.number}, {about}"


def refuse_over_own(proposal: Proposal, person: str) -> None:
    """Raise Refused where this person has voted without help."""
    said = person in proposal.ballots or person in proposal.course.boxes
    if said and person not in proposal.course.assisted:
        raise Refused("This person has voted herself; that stands.", "She can change it until the vote closes.")


def _is_no_way_round(book: Book, profile: Profile) -> bool:
    """Whether the first form, which knows no delegations and lets one of two decide, is no easier than the other."""
    of_roll = profile.base == "roll" and Fraction(*profile.threshold) >= Fraction(1, 2)
    return of_roll or not (of(book).delegations or len(people.members(book.ledger)) < UNANIMOUS_BELOW)


def open_joining(book: Book, entry: Entry, helper: str) -> None:
    """The members are asked about a candidate; the inviter has said yes."""
    proposal = proposal_of(book, entry, join.matter_of(entry.author), [], JOINING, None)
    if helper in proposal.roll:
        proposal.ballots[helper] = "yes"
    open_first_form(book, proposal)


def proposal_of(
    book: Book, entry: Entry, matter: Matter, options: list[str], profile: str, replaces: str | None
) -> Proposal:
    """What this entry puts, as a proposal of the first form: open at once, to all members, without terms."""
    own = of(book)
    pinned = own.profiles[profile]
    return Proposal(
        number=len(own.proposals) + 1,
        id=entry.id,
        index=entry.index,
        by=entry.author,
        matter=matter,
        options=options,
        profile_name=profile,
        profile=pinned,
        replaces=replaces,
        opened=entry.received,
        closes=entry.received + pinned.length_hours * HOUR,
        roll=people.members(book.ledger),
        ballots={},
    )


def open_first_form(book: Book, proposal: Proposal) -> None:
    """Put a matter before the members; close at once where the ballots at hand decide it."""
    state = of(book)
    state.proposals[proposal.id] = proposal
    state.open.append(proposal.id)
    first_form_life.settle_early(book, proposal, proposal.opened)
