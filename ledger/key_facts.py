"""What may be said about keys: a device is added or lost, a stolen key's words are in doubt, members help one another.

Keys are added and ended by any live key of the same person. Whoever has none left asks the members: enough of them
vouch for a new key, and after a time in which the person may say no it takes the place of the former ones.
"""

from typing import Annotated

from msgspec import Meta

from ledger import lives, log_keys, people
from ledger.assisting import inner_of
from ledger.book import Book
from ledger.entry import Entry, Hex64, Natural, PersonId
from ledger.errors import NotAMember, Refused
from ledger.fact import Fact, fact
from ledger.facts import Name, Proof, check_consent, consent_of
from ledger.keys import key_id, valid_point
from ledger.state import LogKey, State

REAFFIRMED_MAX = 500
DOUBTED_MAX = 8  # each declaration reads the log from the suspect entry on, here and at every verification
LOOK = "`tally key list` shows the keys."


@fact(lives.KEY_ADDED)
class KeyAdded(Fact, frozen=True):
    """Another device of the same person may sign from now on. The new key consents."""

    key: Hex64
    paper: bool
    proofs: Annotated[tuple[Proof, ...], Meta(min_length=1, max_length=1)]

    def check(self, book: Book, entry: Entry) -> None:
        """The key is sound, was never used here, and says yes itself."""
        check_new(book.ledger, self.key)
        signed = {proof.key: proof.sig for proof in self.proofs}
        check_consent(signed, self.key, consent_of(entry), "The new key has not consented to sign for this person.")

    def apply(self, book: Book, entry: Entry) -> None:
        """It signs from the next entry on."""
        added = key_id(bytes.fromhex(self.key))
        people.bring_key(book.ledger, added, self.key, entry.author, entry.index)
        book.ledger.keys[added].paper, book.ledger.keys[added].added_by = self.paper, entry.key


@fact("ledger.key_revoked")
class KeyRevoked(Fact, frozen=True):
    """A key of one's own signs no more. If it was stolen, what it signed from entry `suspect_from` on is disputed."""

    key: Hex64
    reason: Name
    suspect_from: Natural | None

    def check(self, book: Book, entry: Entry) -> None:
        """It is the author's own and lives; or it ended, and only now is it known what it said in other hands."""
        key = book.ledger.keys.get(self.key)
        if key is None or key.person != entry.author:
            raise Refused("That is no key of yours.", LOOK)
        if self.reason not in lives.REASONS:
            raise Refused(f"{self.reason!r} is no reason to end a key.", f"There are: {', '.join(lives.REASONS)}.")
        if self.suspect_from is not None and self.reason != lives.COMPROMISED:
            raise Refused("Only a key that was in other hands makes statements doubtful.", "Say --reason compromised.")
        if self.suspect_from is not None and self.suspect_from > entry.index:
            raise Refused(f"There is no entry {self.suspect_from} yet.")
        if self.suspect_from is not None and key.doubted >= DOUBTED_MAX:
            raise Refused(f"What this key said was declared doubtful {DOUBTED_MAX} times already.", LOOK)
        if not lives.is_live(key) and self.suspect_from is None:
            raise Refused(f"This key ended already, at entry {key.until} ({key.ended}).")

    def apply(self, book: Book, entry: Entry) -> None:
        """It ends here; the doubtful span is disputed."""
        lives.end(book.ledger.keys[self.key], entry.index, self.reason)
        if self.suspect_from is not None:
            book.ledger.keys[self.key].doubted += 1
            lives.dispute(book, self.key, self.suspect_from, entry)


@fact("ledger.reaffirmed")
class Reaffirmed(Fact, frozen=True):
    """A person stands by statements that were disputed: they are hers, and count again from now on."""

    entries: Annotated[tuple[Hex64, ...], Meta(min_length=1, max_length=REAFFIRMED_MAX)]

    def check(self, book: Book, entry: Entry) -> None:
        """Each is disputed, and the author's own: what others said for her is hers too, and not theirs."""
        disputed = book.ledger.disputed
        if len(set(self.entries)) != len(self.entries):
            raise Refused("A statement is named twice.")
        for one in self.entries:
            if one not in disputed or inner_of(lives.entry_at(book, disputed[one])).author != entry.author:
                raise Refused("One of these is no disputed statement of yours.", LOOK)

    def apply(self, book: Book, entry: Entry) -> None:
        """They count."""
        lives.reaffirm(book, self.entries, entry)


@fact("ledger.vouched")
class Vouched(Fact, frozen=True):
    """A member has made sure that this new key is of a person who lost hers. The new key consents."""

    person: PersonId
    key: Hex64
    proofs: Annotated[tuple[Proof, ...], Meta(min_length=1, max_length=1)]

    def check(self, book: Book, entry: Entry) -> None:
        """Another member says it, once, of a key that is new or is waiting for this person."""
        state = book.ledger
        people.must_know(state, self.person)
        if self.person == entry.author:
            raise Refused("Nobody vouches for a key of their own.", "Other members must do this.")
        if state.persons[entry.author].standing != people.MEMBER:
            raise NotAMember("Only members vouch for others.")
        pending = state.recoveries.get(key_id(bytes.fromhex(self.key)))
        if pending is None:
            check_new(state, self.key)
        elif pending.person != self.person:
            raise Refused("This key waits for somebody else.")
        elif entry.author in lives.vouching(state, pending):
            raise Refused(f"You have vouched for this key already (entry {pending.vouches[entry.author]}).")
        signed = {proof.key: proof.sig for proof in self.proofs}
        check_consent(signed, self.key, consent_of(entry), "The new key has not consented to sign for this person.")

    def apply(self, book: Book, entry: Entry) -> None:
        """One voice more for this key, and none of this member for another key of the same person."""
        state, key = book.ledger, key_id(bytes.fromhex(self.key))
        wanted = lives.wanted(state, self.key, self.person, entry.index)
        state.recoveries.setdefault(key, wanted).vouches[entry.author] = entry.index
        for one, recovery in list(state.recoveries.items()):
            if recovery.person == self.person:
                if one != key:
                    recovery.vouches.pop(entry.author, None)
                lives.settle(state, recovery, entry.received)
                if not recovery.vouches and recovery.vetoed is None:
                    # Nobody wants this key any more; keys without end must not pile up.
                    del state.recoveries[one]


@fact("ledger.recovery_vetoed")
class RecoveryVetoed(Fact, frozen=True):
    """A person who has a live key says no to a new key that others want to give her."""

    key: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """It waits for the author, who has not said no to it before."""
        recovery = book.ledger.recoveries.get(self.key)
        if recovery is None or recovery.person != entry.author:
            raise Refused("No such key waits to replace yours.", LOOK)
        if recovery.vetoed is not None:
            raise Refused(
                f"You said no to it already (entry {recovery.vetoed}); now more than half of all members must vouch.",
                "Talk with them: a second no would change nothing.",
            )

    def apply(self, book: Book, entry: Entry) -> None:
        """What was vouched before counts no more; from now on more than half of all members must vouch anew."""
        recovery = book.ledger.recoveries[self.key]
        recovery.vetoed, recovery.due, recovery.vouches = entry.index, None, {}


@fact(log_keys.KIND)
class LogKeyChanged(Fact, frozen=True):
    """The log gets a new key for its heads: two treasurers say so (or the only one), and both keys consent."""

    key: Hex64
    proofs: Annotated[tuple[Proof, ...], Meta(min_length=2, max_length=2)]

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, once, with the consent of both keys."""
        state = book.ledger
        people.must_hold(state, entry.author, people.TREASURER)
        check_new(state, self.key)
        if entry.author in _said_by(state, self.key):
            raise Refused("You have said this already.", "Another treasurer must say it too.")
        signed, message = {proof.key: proof.sig for proof in self.proofs}, consent_of(entry)
        # While two keys overlap either may hand over: a new key that was lost at once can still be replaced.
        old = next((key for key in log_keys.valid(state, entry.received) if key in signed), state.log_key)
        check_consent(signed, old, message, "The log's present key has not consented.")
        check_consent(signed, self.key, message, "The log's new key has not consented.")

    def apply(self, book: Book, entry: Entry) -> None:
        """When enough have said it, the new key signs, and the old one beside it for 31 days."""
        state = book.ledger
        state.log_keys_said.setdefault(self.key, {})[entry.author] = entry.index
        if len(_said_by(state, self.key)) >= min(2, len(people.treasurers(state))):
            change = LogKey(key=self.key, before=state.log_key, index=entry.index, received=entry.received)
            state.log_keys.append(change)
            state.log_key, state.log_keys_said = self.key, {}


def _said_by(state: State, key: str) -> list[str]:
    """The treasurers who have said that the log shall have this key, and stand by it."""
    said = state.log_keys_said.get(key, {})
    return [one for one in people.treasurers(state) if one in said and not people.is_disputed(state, said[one])]


def check_new(state: State, public: str) -> None:
    """Raise Refused unless this public key may come into the ledger: a sound one that was never used here."""
    if people.key_is_taken(state, public):
        raise Refused("This key is known to the ledger already, or was.", "Take a new one: tally key new.")
    if not valid_point(bytes.fromhex(public)):
        raise Refused("This key is not a sound Ed25519 key.")
