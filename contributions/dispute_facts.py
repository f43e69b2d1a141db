"""What may be said of work that somebody doubts: a member objects to it, and what should become of it."""

from contributions import state
from contributions.disputed import Dispute
from contributions.disputes import STEWARDS, deciding, is_alone, verdict
from contributions.facts import Reference
from ledger import people
from ledger.book import Book, hooks
from ledger.entry import Entry, Hex64
from ledger.errors import Refused
from ledger.fact import Fact, Private, fact

DISPUTES = "`tally work disputes` shows them."


@fact("contributions.disputed")
class Disputed(Fact, frozen=True):
    """A member objects to a statement of work; its money is set aside until it is resolved."""

    work: Reference
    why: Private

    def check(self, book: Book, entry: Entry) -> None:
        """One piece of another's work, that counts and is not closed, and that nobody disputed before."""
        if entry.author not in people.members(book.ledger):
            raise Refused("Only members dispute work.")
        key, work = open_piece(book, self.work)
        if work.who == entry.author:
            raise Refused(f"Work {key} is your own.", f"Take it back: tally undo {key}")
        if not work.counts:
            raise Refused(f"Work {key} does not count: its person has not confirmed it.")
        if work.gift or work.deal:
            why = (
                "It was given and is not paid." if work.gift else "It weighs by the money that came in, not by itself."
            )
            raise Refused(f"Work {key} cannot be disputed. {why}")
        if key in state.of(book).disputes:
            raise Refused(f"Work {key} is disputed already, or was.", DISPUTES)

    def apply(self, book: Book, entry: Entry) -> None:
        """It still weighs; what it would be paid is held."""
        key, work = open_piece(book, self.work)
        one = Dispute(id=entry.id, entry=entry.index, by=entry.author, who=work.who)
        state.of(book).disputes[key] = one


@fact("contributions.dispute_settled")
class DisputeSettled(Fact, frozen=True):
    """Somebody says what becomes of disputed work: it stands and is paid, or it is struck."""

    dispute: Hex64
    upheld: bool

    def check(self, book: Book, entry: Entry) -> None:
        """Whoever disputed it takes that back, whoever did the work agrees, or one of those who decide says either."""
        key, one = dispute_of(book, self.dispute)
        if one.settled is not None:
            raise Refused(f"The dispute about work {key} is settled already (entry {one.settled}).")
        may = {one.by: True, one.who: False}
        alone = entry.author == one.who and is_alone(book, one)
        if entry.author in may and may[entry.author] is not self.upheld and not alone:
            raise Refused(
                "Whoever disputed work may only let it stand, and whoever did it may only let it be struck.",
                f"Else others decide: {STEWARDS} stewards, or more than half of the other members.",
            )
        if entry.author not in may and entry.author not in deciding(book, one):
            raise Refused("This is for stewards to decide.", "Members give roles: tally propose role NAME steward.")
        if one.said.get(entry.author, (None, 0))[0] is self.upheld:
            raise Refused(f"You said so already (entry {one.said[entry.author][1]}).")
        for ask in hooks(book.rooms, "why_not_settle"):
            if why := ask(book, key):
                raise Refused(why, "Settle it after that.")

    def apply(self, book: Book, entry: Entry) -> None:
        """It is said; once that is enough, what was held is paid, or goes back to the pot."""
        key, one = dispute_of(book, self.dispute)
        one.said[entry.author] = (self.upheld, entry.index)
        one.upheld = verdict(book, one)
        if one.upheld is None:
            return
        one.settled = entry.index
        for act in hooks(book.rooms, "dispute_settled"):
            act(book, key, one.upheld)


def open_piece(book: Book, reference: Reference) -> tuple[str, state.Work]:
    """One open piece of work by its key; Refused where it is closed, taken back or was never there."""
    if len(reference.items) != 1:
        raise Refused("Dispute one piece of work at a time.")
    key = f"{state.of(book).entries.get(reference.entry)}.{reference.items[0]}"
    if key not in state.of(book).work:
        raise Refused(
            "This work is not open: it was taken back, or its period is closed.",
            "`tally work list` shows what is open.",
        )
    return key, state.of(book).work[key]


def dispute_of(book: Book, wanted: str) -> tuple[str, Dispute]:
    """A dispute and the key of its work, by the id of the entry that began it."""
    found = next(((key, one) for key, one in state.of(book).disputes.items() if one.id == wanted), None)
    if found is None:
        raise Refused("There is no such dispute.", DISPUTES)
    return found
