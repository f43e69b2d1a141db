"""What may be said about a book year: a treasurer closes it, its run comes to this, treasurers approve, tax is paid."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from ledger import people
from ledger.book import Book
from ledger.canonical import INT_MAX
from ledger.entry import Entry, Hex64, Natural, PersonId
from ledger.errors import Refused
from ledger.fact import Day, Fact, fact
from ledger.money import format_amount
from payouts import state
from payouts.approval import Approval
from payouts.capital.capital_compute import redemption_due
from payouts.compute import ENGINE
from payouts.facts import Ref, check_days
from payouts.kept import Run
from payouts.years.book_years import why_not_close
from payouts.years.year_compute import compute_year, pin_year, posted_year, settle_year


@fact("payouts.year_closed")
class YearClosed(Fact, frozen=True):
    """A treasurer closes a book year, by its first day, and states what tax it owes to whom."""

    year: Day
    tax: Natural
    authority: PersonId | None

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer says so, of the oldest year not closed, which is over; the authority is known, if tax is owed."""
        self.check_by(book, entry.author)
        if self.authority is not None and self.authority not in book.ledger.parties:
            raise Refused("This tax is owed to a party the ledger does not know.")

    def check_by(self, book: Book, author: str) -> None:
        """All but that the party is known: so it can be asked before a new party is named for this tax."""
        people.must_hold(book.ledger, author, people.TREASURER)
        if why := why_not_close(book, self.year):
            raise Refused(why, "`tally year list` shows the book years.")
        if (before := redemption_due(book)) is not None:
            raise Refused(f"What the close of {before} redeems comes first.", "tally payout tick")
        if (self.authority is None) != (self.tax == 0):
            raise Refused("A tax is owed to an authority, and no tax to nobody.", "Say both, or neither.")
        if self.tax > state.of(book).turnover:
            raise Refused("This tax is more than all the money that ever came in and went out.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The year is pinned to the head before this entry, to its rule, and to this tax."""
        state.of(book).year_pins[self.year] = pin_year(book, self.year, entry.index, self.tax, self.authority or "")


@fact("payouts.year_computed")
class YearComputed(Fact, frozen=True):
    """The run of a closed book year: the number of the engine and the digest of its figures."""

    year: Day
    engine: Natural
    digest: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """It is closed and not computed yet; anybody computes the same digest, and its postings tie."""
        if self.year not in state.of(book).year_pins:
            raise Refused(f"The book year {self.year} is not due to be computed: {standing_of_year(book, self.year)}.")
        if self.engine != ENGINE:
            raise Refused(f"This copy of tally computes with engine {ENGINE}, not {self.engine}.")
        found = compute_year(book, self.year)
        if self.digest != found.digest:
            raise Refused(f"The book year {self.year} computes to another digest here.")
        posted_year(book, found)

    def apply(self, book: Book, entry: Entry) -> None:
        """Interest, tax and shares lie on the accounts."""
        settle_year(book, self.year, entry.index)


@fact(state.YEAR_APPROVED)
class YearApproved(Approval, frozen=True):
    """A treasurer approves the close of a book year by its digest."""

    year: Day
    digest: Hex64
    cosigned: Annotated[str, Meta(min_length=1, max_length=20_000)] | UnsetType = UNSET

    def run(self, book: Book) -> Run | None:
        """The run of the year."""
        return state.of(book).years.get(self.year)

    def words(self) -> str:
        """By its first day."""
        return f"the book year {self.year}"

    def standing(self, book: Book) -> str:
        """Closed or not."""
        return standing_of_year(book, self.year)

    def look(self) -> str:
        """The year as it is."""
        return f"tally year show {self.year[:4]}"


@fact("payouts.tax_paid")
class TaxPaid(Fact, frozen=True):
    """A treasurer has paid tax that a book year owes; no income bears it, since the year's result did."""

    year: Day
    amount: Annotated[int, Meta(ge=1, le=INT_MAX)]
    ref: Ref
    booked: Day
    value: Day

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer says so, of a year that is computed, and not more than it owes still."""
        people.must_hold(book.ledger, entry.author, people.TREASURER)
        owed = owed_of(book, self.year)
        if self.amount > owed:
            figure = format_amount(owed, book.ledger.exponent)
            raise Refused(f"The book year {self.year} owes {figure} {book.ledger.currency} of tax still, no more.")
        check_days(entry.received, self.booked, self.value)

    def apply(self, book: Book, entry: Entry) -> None:
        """The bank has less, and so much less is owed."""
        state.post(state.of(book).accounts, owed_account(book, self.year), state.BANK, self.amount)


def owed_account(book: Book, year: str) -> str:
    """The account of the tax that a computed book year owes; "" where there is none."""
    head = state.owed_name(year, "")
    return next((name for name in state.of(book).accounts if name.startswith(head)), "")


def owed_of(book: Book, year: str) -> int:
    """What a book year owes of its tax still, in minor units."""
    return -state.of(book).accounts.get(owed_account(book, year), 0)


def standing_of_year(book: Book, year: str) -> str:
    """Where a book year stands, in a few words."""
    own = state.of(book)
    if year in own.years:
        return f"computed (entry {own.years[year].entry})"
    if year in own.year_pins:
        return f"closed (entry {own.year_pins[year].entry}), not computed yet"
    return "not closed yet"
