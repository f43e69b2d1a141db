"""What may be said with help, what the person may say against it, and that somebody leaves."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ledger import assisting, lives, people
from ledger.book import Book
from ledger.entry import Entry, Hex64, PersonId
from ledger.errors import NotAMember, Refused
from ledger.fact import Fact, Piece, Private, fact, read
from ledger.facts import Name, Proof, check_consent, consent_of
from ledger.keys import key_id
from ledger.names import Names
from ledger.state import Assisted

JOINING = "governance.asked_to_join"
LEFT = "ledger.left"
CONTESTED = "ledger.contested"
ALLOWED = (
    JOINING,
    LEFT,
    CONTESTED,
    "governance.voted",
    "governance.ballot_cast",
    "governance.ballot_sealed",
    "governance.delegated",
    "governance.objected",
    "contributions.logged",
)
WAYS = ("paper", "phone", "in-person")


class Act(Piece, frozen=True):
    """The statement: its kind and its fields."""

    kind: Annotated[str, Meta(pattern=r"^[a-z]+\.[a-z_]+\Z", max_length=64)]
    body: dict[str, Any]


@fact(assisting.KIND)
class SaidWithHelp(Fact, frozen=True):
    """Somebody says something with the help of two members: one signs, another witnesses; the paper's hash is kept."""

    person: PersonId
    act: Act
    how: Name
    paper: Hex64  # SHA-256 of the signed paper, or of the notes of the call
    name: Private | None  # of somebody who joins
    proofs: Annotated[tuple[Proof, ...], Meta(min_length=1, max_length=1)]

    def check(self, book: Book, entry: Entry) -> None:
        """Two members who are not the person; and the person may say this now."""
        if self.act.kind not in ALLOWED:
            raise Refused(f"{self.act.kind} is nothing that is said with help.", f"These are: {', '.join(ALLOWED)}.")
        if self.how not in WAYS:
            raise Refused(f"{self.how!r} is no way to help.", f"There are: {', '.join(WAYS)}.")
        self._check_helpers(book, entry)
        inner = assisting.inner_of(entry)
        if self.act.kind != JOINING:
            people.must_know(book.ledger, self.person)
            people.must_speak(book.ledger, self.person, self.act.kind)
        if (self.name is not None) != (self.act.kind == JOINING):
            raise Refused("Who joins says a name, and nobody else does.")
        said = read(inner.envelope, book.rooms)
        said.check(book, inner)
        if hasattr(said, "check_assisted"):
            said.check_assisted(book, inner)
        if self.act.kind == JOINING and self.act.body.get("helper") != entry.author:
            raise Refused("The helper's own yes stands for an invitation.")
        if any(one.proof == self.proofs[0].sig for one in book.ledger.assisted.values()):
            raise Refused("These very words are recorded already.", "Said again, they rest on another paper.")

    def _check_helpers(self, book: Book, entry: Entry) -> None:
        state, proof = book.ledger, self.proofs[0]
        key = state.keys.get(key_id(bytes.fromhex(proof.key)))
        if key is None or not lives.is_live(key):
            raise Refused("The witness has no live key in this ledger.")
        if len({entry.author, key.person, self.person}) < 3:
            raise Refused("The helper, the witness and the person are three people.")
        for one in (entry.author, key.person):
            if state.persons[one].standing != people.MEMBER:
                raise NotAMember("Members help, and members witness.")
        signed = {proof.key: proof.sig}
        check_consent(signed, proof.key, consent_of(entry), "The witness has not signed these very words.")

    def apply(self, book: Book, entry: Entry) -> None:
        """It is said, marked as said with help, and may be contested for some days."""
        inner = assisting.inner_of(entry)
        said = read(inner.envelope, book.rooms)
        state = book.ledger
        state.assisted[entry.id] = Assisted(
            person=self.person,
            helper=entry.author,
            witness=state.keys[key_id(bytes.fromhex(self.proofs[0].key))].person,
            kind=self.act.kind,
            index=entry.index,
            until=assisting.contestable_until(book, entry.received),
            proof=self.proofs[0].sig,
        )
        # Only now, so that what is said knows that it is said with help.
        said.apply(book, inner)


@fact(CONTESTED)
class Contested(Fact, frozen=True):
    """A person says that what two others said for her is not what she said: it counts no more."""

    entry: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """It was said for the author, its time has not passed, and it is not contested yet."""
        held = book.ledger.assisted.get(self.entry)
        if held is None or held.person != entry.author:
            raise Refused("That was not said for you by others.", "`tally assist list` shows what was.")
        if people.is_disputed(book.ledger, self.entry):
            raise Refused("You have contested this already.")
        if entry.received >= held.until:
            raise Refused("The days to contest this are over.")

    def apply(self, book: Book, entry: Entry) -> None:
        """Nobody stands by it; where it was itself a contest, what that one struck stands again."""
        said = lives.entry_at(book, book.ledger.assisted[self.entry].index)
        lives.contest(book, said, entry)
        inner = assisting.inner_of(said)
        if inner.envelope.kind == CONTESTED:
            struck = msgspec.json.decode(inner.envelope.body, type=Contested).entry
            if people.is_disputed(book.ledger, struck):
                lives.reaffirm(book, (struck,), entry)

    def check_assisted(self, book: Book, entry: Entry) -> None:
        """A contest is contested by the person's own key: two others could otherwise undo one at the last moment."""
        if book.ledger.assisted[self.entry].kind == CONTESTED:
            raise Refused("What was contested stays so until the person herself says otherwise.")


@fact(LEFT)
class Left(Fact, frozen=True):
    """A member leaves. What she has voted and logged before stays and counts."""

    def in_words(self, book: Book, names: Names) -> str:
        """What a witness reads."""
        return "leaves"

    def check(self, book: Book, entry: Entry) -> None:
        """A member, and not the last one."""
        if book.ledger.persons[entry.author].standing != people.MEMBER:
            raise Refused("Only members leave.")
        if people.members(book.ledger) == [entry.author]:
            raise Refused("The last member cannot leave: nobody would be there to close the books.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The standing is former; roles end. What was said with help waits until nobody can contest it.

        Otherwise two members could shrink the roll to themselves, and decide what they like before anybody objects.
        """
        state = book.ledger
        if entry.id in state.assisted:
            state.leaving[entry.author] = (state.assisted[entry.id].until, entry.id)
        else:
            people.leave(state, entry.author, entry.received)

    def check_assisted(self, book: Book, entry: Entry) -> None:
        """It is said once."""
        _, said = book.ledger.leaving.get(entry.author, (0, ""))
        if said and not people.is_disputed(book.ledger, said):
            raise Refused("It is said already that this member leaves.", "`tally member list` shows from when on.")
