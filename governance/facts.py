"""What may be said when members decide.

A person joins, a text is put down, a matter is proposed, a vote is cast, a result is published.
"""

from typing import Annotated

from msgspec import Meta

from governance import matters, state
from governance.profile import HOUR
from governance.tally import Result, sentence
from governance.voting.yes_no import CHOICES
from ledger import people
from ledger.book import Book
from ledger.entry import Entry, Hex64
from ledger.errors import NotAMember, Refused
from ledger.fact import Fact, Private, fact
from ledger.facts import Name, Proof, check_consent, consent_of
from ledger.keys import key_id, valid_point

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
        matter = state.Matter(sort="join", person=entry.author, role=None, circle="", give=True)
        proposal = _opened(book, entry, matter, [], matters.JOINING, None)
        if invitation.by in proposal.roll:
            proposal.ballots[invitation.by] = "yes"
        state.open_vote(book, proposal)


@fact("governance.text")
class TextPut(Fact, frozen=True):
    """A text is put down word for word, so that an option of a vote can name it."""

    text: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]

    def check(self, book: Book, entry: Entry) -> None:
        """Any member may put down a text."""

    def apply(self, book: Book, entry: Entry) -> None:
        """The text can be named."""
        state.of(book).texts[entry.id] = self.text


@fact("governance.proposed")
class Proposed(Fact, frozen=True):
    """A matter is put before the members: its options, the way of deciding, and the rule version it would replace."""

    matter: state.Matter
    options: Annotated[tuple[Hex64, ...], Meta(max_length=20)]
    profile: Name
    replaces: Hex64 | None

    def check(self, book: Book, entry: Entry) -> None:
        """The matter can be decided and could act."""
        texts = state.of(book).texts
        if not set(self.options) <= texts.keys():
            raise Refused("An option names a text that is not in the log.")
        matters.check(book, self.matter, [texts[option] for option in self.options], self.profile, self.replaces)

    def apply(self, book: Book, entry: Entry) -> None:
        """The vote is open; its roll, options and profile stay as they are now."""
        opened = _opened(book, entry, self.matter, list(self.options), self.profile, self.replaces)
        state.open_vote(book, opened)


@fact(state.VOTED)
class Voted(Fact, frozen=True):
    """A member votes. Until the vote closes the last ballot counts."""

    proposal: Hex64
    choice: Annotated[str, Meta(max_length=20)]

    def check(self, book: Book, entry: Entry) -> None:
        """The vote is open, the person on its roll, the choice one there is."""
        proposal = _known(book, self.proposal)
        if proposal.status != "open":
            raise Refused(f"Proposal {proposal.number} is decided. {_sentence(proposal)}.")
        if entry.author not in proposal.roll:
            raise NotAMember(f"Proposal {proposal.number} opened before you were a member; its roll is fixed.")
        if self.choice not in CHOICES:
            raise Refused(f"{self.choice!r} is no choice here.", f"Say {', '.join(CHOICES)}.")

    def apply(self, book: Book, entry: Entry) -> None:
        """This ballot replaces an earlier one of the same person."""
        proposal = _known(book, self.proposal)
        proposal.ballots[entry.author] = self.choice
        state.settle_early(book, proposal, entry.received)


@fact("governance.closed")
class Closed(Fact, frozen=True):
    """The result of a vote is published: anybody may, once its time has come; the figures follow from the log."""

    proposal: Hex64
    outcome: Result

    def check(self, book: Book, entry: Entry) -> None:
        """The vote is over, its result not published yet, and exactly this."""
        proposal = _known(book, self.proposal)
        if proposal.result is None:
            raise Refused(f"Proposal {proposal.number} is still open.")
        if proposal.published is not None:
            raise Refused(
                f"The result of proposal {proposal.number} is published already (entry {proposal.published})."
            )
        if self.outcome != proposal.result:
            raise Refused(f"That is not the result of proposal {proposal.number}. {_sentence(proposal)}.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The result stands in the log."""
        _known(book, self.proposal).published = entry.index


def _opened(
    book: Book, entry: Entry, matter: state.Matter, options: list[str], profile: str, replaces: str | None
) -> state.Proposal:
    own = state.of(book)
    pinned = own.profiles[profile]
    return state.Proposal(
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


def _known(book: Book, proposal: str) -> state.Proposal:
    found = state.of(book).proposals.get(proposal)
    if found is None:
        raise Refused("There is no such proposal.", "`tally proposal list` shows them.")
    return found


def _sentence(proposal: state.Proposal) -> str:
    return sentence(proposal.profile, proposal.result) if proposal.result else proposal.status
