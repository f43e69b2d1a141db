"""Treasurers approve what was computed, by the digest of its figures: what every kind of approval has in common.

A kind of its own says of what it is, and under which name that stands in the book. Each person approves once.
"""

from msgspec import UNSET, UnsetType

from ledger import people, quorum
from ledger.book import Book
from ledger.entry import Entry
from ledger.errors import Refused
from ledger.fact import Fact
from payouts import state
from payouts.kept import Run


class Approval(Fact, frozen=True):
    """A treasurer approves something that was computed, by its digest.

    `digest` and `cosigned` (a head of this log that holds the run, signed by the log and witnesses; absent where nobody
    asks for one) are fields of each kind: so they keep the place they have in the log format.
    """

    @property
    def digest(self) -> str:
        """Of the figures that are signed for."""
        raise NotImplementedError

    @property
    def cosigned(self) -> str | UnsetType:
        """The head that witnesses saw, if there is one."""
        raise NotImplementedError

    def run(self, book: Book) -> Run | None:
        """What is approved; None where it is not computed."""
        raise NotImplementedError

    def words(self) -> str:
        """What is approved, by name: "the payout of 2025-08"."""
        raise NotImplementedError

    def standing(self, book: Book) -> str:
        """Where it stands, in a few words, for who wants to approve what is not there."""
        raise NotImplementedError

    def look(self) -> str:
        """The command that shows it."""
        raise NotImplementedError

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, once, exactly these figures, and as many witnesses as the cooperative asks for."""
        run = self.check_by(book, entry.author)
        quorum.check(book, None if self.cosigned is UNSET else self.cosigned, run.entry)

    def check_by(self, book: Book, author: str) -> Run:
        """The same before anybody is asked to sign; the run that is approved."""
        people.must_hold(book.ledger, author, people.TREASURER)
        run = self.run(book)
        if run is None:
            raise Refused(f"Nobody can approve {self.words()}: it is {self.standing(book)}.")
        if author in run.approvals:
            raise Refused(f"You approved {self.words()} already (entry {run.approvals[author]}).")
        if self.digest != run.digest:
            raise Refused(f"That is not the digest of {self.words()}.", f"Look again: {self.look()}")
        return run

    def apply(self, book: Book, entry: Entry) -> None:
        """One approval more; with the one that makes them enough, it is approved for good."""
        run = self.run(book)
        assert run is not None
        run.approvals[entry.author] = entry.index
        if run.approved is None and state.enough(book, run):
            run.approved = entry.index
