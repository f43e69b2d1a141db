"""What is said about where members are paid: sealed for treasurers, promised in the log, never readable there."""

from typing import Annotated, Literal

from msgspec import Meta

from ledger import people
from ledger.book import Book
from ledger.entry import Entry, Hex64, PersonId
from ledger.errors import Refused
from ledger.fact import Fact, Piece, Private, fact
from payouts import state
from payouts.bank.details_sealing import is_sound
from payouts.bank.paying import HOLD_DAYS, OTHERS_HOLD_DAYS, PARTY, BoxKey, Details, Offer, details_now


class Box(Piece, frozen=True):
    """Payment details, sealed for one treasurer's key; the box itself lies beside the entry."""

    key: Hex64
    sealed: Private


Boxes = Annotated[tuple[Box, ...], Meta(min_length=1, max_length=100)]


@fact("payouts.box_key")
class BoxKeySaid(Fact, frozen=True):
    """A treasurer says with which key members seal their payment details."""

    key: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, with a sound key that nobody has used for this."""
        people.must_hold(book.ledger, entry.author, people.TREASURER)
        if not is_sound(bytes.fromhex(self.key)):
            raise Refused("This is no sound key: everybody could open what is sealed with it.")
        if any(one.public == self.key for one in state.of(book).box_keys.values()):
            raise Refused("This key is known already.", "Make a new one: tally payout key.")

    def apply(self, book: Book, entry: Entry) -> None:
        """From now on details are sealed for it; the treasurer's former key is forgotten."""
        state.of(book).box_keys[entry.author] = BoxKey(public=self.key, entry=entry.index)


def check_boxes(book: Book, boxes: Boxes) -> None:
    """Raise Refused unless each box is for the key of somebody who is a treasurer now, once."""
    keys = [box.key for box in boxes]
    if len(set(keys)) != len(keys):
        raise Refused("These details are sealed twice for one key.")
    strangers = set(keys) - set(state.reading_keys(book).values())
    if strangers:
        raise Refused("These details are sealed for a key of nobody who is a treasurer.", "Seal them anew.")


def places(boxes: Boxes, entry: Entry) -> dict[str, tuple[int, str]]:
    """Where each box lies, by the key it is sealed for."""
    return {box.key: (entry.index, f"/boxes/{number}/sealed") for number, box in enumerate(boxes)}


def must_be_new(book: Book, promise: str) -> None:
    """Raise Refused for details that were promised before."""
    own = state.of(book)
    if promise in own.offers or any(promise == one.promise for held in own.details.values() for one in held):
        raise Refused("These very details were promised before.", "Set them anew: tally payout details set.")


@fact("payouts.details_set")
class DetailsSet(Fact, frozen=True):
    """A member says to which account they are paid: a promise here, the details sealed for each treasurer beside it."""

    promise: Hex64
    boxes: Boxes

    def check(self, book: Book, entry: Entry) -> None:
        """The member's own word, sealed for treasurers of today."""
        check_boxes(book, self.boxes)
        must_be_new(book, self.promise)

    def apply(self, book: Book, entry: Entry) -> None:
        """These details hold; changed ones wait some days before anything is paid to them.

        What others are about to set for this member is off: who speaks sets their own.
        """
        paying = state.of(book)
        paying.offers = {promise: one for promise, one in paying.offers.items() if one.person != entry.author}
        own = paying.details.setdefault(entry.author, [])
        own.append(
            Details(
                promise=self.promise,
                entry=entry.index,
                received=entry.received,
                boxes=places(self.boxes, entry),
                held_days=HOLD_DAYS if own else 0,
            )
        )


@fact("payouts.details_resealed")
class DetailsResealed(Fact, frozen=True):
    """The same details, sealed for treasurers who could not read them yet; nothing about the account changes."""

    promise: Hex64
    boxes: Boxes

    def check(self, book: Book, entry: Entry) -> None:
        """By the member, or by a treasurer, of the details that hold now."""
        whose = self._whose(book)
        if whose is None:
            raise Refused("These are not details that hold now.", "Look again: tally payout details check.")
        if whose != entry.author:
            people.must_hold(book.ledger, entry.author, people.TREASURER)
        check_boxes(book, self.boxes)
        details = details_now(state.of(book), whose)
        if details and {box.key for box in self.boxes} & details.boxes.keys():
            raise Refused("They are sealed for this key already.", "What cannot be opened is set anew by its member.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The boxes are found at this entry from now on; whoever opens one compares it with the promise."""
        whose = self._whose(book)
        assert whose is not None
        details = details_now(state.of(book), whose)
        assert details is not None
        details.boxes |= places(self.boxes, entry)

    def _whose(self, book: Book) -> str | None:
        held = {person: details_now(state.of(book), person) for person in state.of(book).details}
        return next((person for person, one in held.items() if one and one.promise == self.promise), None)


@fact("payouts.details_set_for")
class DetailsSetFor(Fact, frozen=True):
    """A treasurer says where somebody is to be paid who cannot say so: who lost every key, or the heirs of who died."""

    person: PersonId
    why: Literal["lost", "died"]
    promise: Hex64
    boxes: Boxes

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, for somebody else whom the ledger knows, sealed for treasurers of today."""
        people.must_hold(book.ledger, entry.author, people.TREASURER)
        people.must_know(book.ledger, self.person)
        if self.person == entry.author:
            raise Refused("Your own details you set yourself.", "tally payout details set --file FILE")
        check_boxes(book, self.boxes)
        must_be_new(book, self.promise)

    def apply(self, book: Book, entry: Entry) -> None:
        """Nothing is paid there before another treasurer and a steward say the same, and some days are over."""
        state.of(book).offers[self.promise] = Offer(
            person=self.person,
            why=self.why,
            entry=entry.index,
            boxes=places(self.boxes, entry),
            said={entry.author: entry.index},
        )


@fact("payouts.details_agreed")
class DetailsAgreed(Fact, frozen=True):
    """Another treasurer, or a steward, has seen the papers too and agrees to details that were set for somebody."""

    promise: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer or a steward, once, not about themselves, of details that wait for it."""
        offer = state.of(book).offers.get(self.promise)
        if offer is None:
            raise Refused("There are no such details to agree to.", "tally payout details check")
        if offer.why == PARTY:
            people.must_hold(book.ledger, entry.author, people.TREASURER)
        elif not any(people.holds(book.ledger, entry.author, role) for role in (people.TREASURER, STEWARD)):
            raise Refused("Only a treasurer or a steward may do this.")
        if entry.author == offer.person:
            raise Refused("Your own details you set yourself.", "tally payout details set --file FILE")
        if entry.author in offer.said:
            raise Refused(f"You have said so already (entry {offer.said[entry.author]}).")

    def apply(self, book: Book, entry: Entry) -> None:
        """With two treasurers and a steward, three people, the details hold, and wait for their days."""
        state.of(book).offers[self.promise].said[entry.author] = entry.index
        hold(book, self.promise, entry)


def hold(book: Book, promise: str, entry: Entry) -> None:
    """Details that others set hold from now on, if enough have said so; they wait for their days first."""
    own = state.of(book)
    offer = own.offers[promise]
    if not _are_enough(book, offer):
        return
    held = own.details.setdefault(offer.person, [])
    held.append(
        Details(
            promise=promise,
            entry=offer.entry,
            received=entry.received,
            boxes=offer.boxes,
            held_days=OTHERS_HOLD_DAYS if offer.why != PARTY else HOLD_DAYS if held else 0,
            others=dict(offer.said),
        )
    )
    del own.offers[promise]


STEWARD = "steward"


def _are_enough(book: Book, offer: Offer) -> bool:
    """Two treasurers and a steward, three different people, whose word nobody doubts; for a party two treasurers.

    Where there is only one treasurer, that one is enough for a party.
    """
    said = [who for who, index in offer.said.items() if not people.is_disputed(book.ledger, index)]
    treasurers = {who for who in said if people.holds(book.ledger, who, people.TREASURER)}
    if offer.why == PARTY:
        return len(treasurers) >= min(2, len(people.treasurers(book.ledger))) > 0
    stewards = {who for who in said if people.holds(book.ledger, who, STEWARD)}
    return len(treasurers) >= 2 and bool(stewards) and len(treasurers | stewards) >= 3
