"""What is said about where members are paid: sealed for treasurers, promised in the log, never readable there."""

from typing import Annotated

from msgspec import Meta

from ledger import people
from ledger.book import Book
from ledger.entry import Entry, Hex64
from ledger.errors import Refused
from ledger.fact import Fact, Piece, Private, fact
from payouts import state
from payouts.details_sealing import is_sound
from payouts.paying import BoxKey, Details, details_now


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


def _check_boxes(book: Book, boxes: Boxes) -> None:
    """Each box is for the key of somebody who is a treasurer now, once."""
    keys = [box.key for box in boxes]
    if len(set(keys)) != len(keys):
        raise Refused("These details are sealed twice for one key.")
    strangers = set(keys) - set(state.reading_keys(book).values())
    if strangers:
        raise Refused("These details are sealed for a key of nobody who is a treasurer.", "Seal them anew.")


def _places(boxes: Boxes, entry: Entry) -> dict[str, tuple[int, str]]:
    return {box.key: (entry.index, f"/boxes/{number}/sealed") for number, box in enumerate(boxes)}


@fact("payouts.details_set")
class DetailsSet(Fact, frozen=True):
    """A member says to which account they are paid: a promise here, the details sealed for each treasurer beside it."""

    promise: Hex64
    boxes: Boxes

    def check(self, book: Book, entry: Entry) -> None:
        """The member's own word, sealed for treasurers of today."""
        _check_boxes(book, self.boxes)
        if any(self.promise == one.promise for held in state.of(book).details.values() for one in held):
            raise Refused("These very details were promised before.", "Set them anew: tally payout details set.")

    def apply(self, book: Book, entry: Entry) -> None:
        """These details hold; changed ones wait some days before anything is paid to them."""
        own = state.of(book).details.setdefault(entry.author, [])
        boxes = _places(self.boxes, entry)
        own.append(Details(promise=self.promise, entry=entry.index, received=entry.received, boxes=boxes))


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
        _check_boxes(book, self.boxes)

    def apply(self, book: Book, entry: Entry) -> None:
        """The boxes are found at this entry from now on; whoever opens one compares it with the promise."""
        whose = self._whose(book)
        assert whose is not None
        details = details_now(state.of(book), whose)
        assert details is not None
        details.boxes |= _places(self.boxes, entry)

    def _whose(self, book: Book) -> str | None:
        held = {person: details_now(state.of(book), person) for person in state.of(book).details}
        return next((person for person, one in held.items() if one and one.promise == self.promise), None)
