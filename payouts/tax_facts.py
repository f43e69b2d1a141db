"""What may be said of the tax of a book year after its close: it was another amount, and what came back of it."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from ledger import people
from ledger.book import Book
from ledger.canonical import INT_MAX
from ledger.entry import Entry, Natural, PersonId
from ledger.errors import Refused
from ledger.fact import Day, Fact, fact
from ledger.money import format_amount
from payouts import state
from payouts.facts import Ref, check_days
from payouts.kept import TaxCorrected
from payouts.year_facts import standing_of_year
from payouts.years.taxes import Tax, tax_of


@fact("payouts.tax_corrected")
class TaxSetRight(Fact, frozen=True):
    """A treasurer states the right tax of a computed book year, and what of it the authority has paid back.

    The close stays as it is: the difference goes to the result of the year that is open, and its close shares it.
    """

    year: Day
    tax: Natural
    authority: PersonId
    ref: Ref
    # What came back, and when; absent where nothing did.
    refunded: Annotated[int, Meta(ge=1, le=INT_MAX)] | UnsetType = UNSET
    booked: Day | UnsetType = UNSET
    value: Day | UnsetType = UNSET

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer says so, of a year that is computed, and the authority is known."""
        self.check_by(book, entry.author, entry.received)
        if self.authority not in book.ledger.parties:
            raise Refused("This tax is owed to a party the ledger does not know.")

    def check_by(self, book: Book, author: str, received: int) -> None:
        """All but that the party is known: so it can be asked before a new party is named for this tax."""
        people.must_hold(book.ledger, author, people.TREASURER)
        if self.year not in state.of(book).years:
            raise Refused(
                f"The book year {self.year} is {standing_of_year(book, self.year)}.",
                "Its tax is stated when it is closed, and set right once it is computed.",
            )
        if waiting := next(iter(state.of(book).year_pins), ""):
            # Between a close and its run nothing may change what the run shares.
            raise Refused(f"The book year {waiting} is closed and not computed yet.", "Compute it: tally payout tick.")
        known, back = tax_of(book, self.year), self.back()
        if (self.booked is UNSET or self.value is UNSET) != (back == 0) or (self.booked is UNSET) != (
            self.value is UNSET
        ):
            raise Refused("Money that came back has its days, and only that.")
        if self.booked is not UNSET and self.value is not UNSET:
            check_days(received, self.booked, self.value)
        if known.tax and self.authority != known.authority:
            raise Refused(
                f"The book year {self.year} owes its tax to another authority.", "Set that right to nothing first."
            )
        if self.tax > state.of(book).turnover:
            raise Refused("This tax is more than all the money that ever came in and went out.")
        self._check_amounts(book, known)

    def _check_amounts(self, book: Book, known: Tax) -> None:
        """Something changes, no more comes back than was paid, and no less is right than stays paid."""
        exponent, currency = book.ledger.exponent, book.ledger.currency
        paid, gone, back = format_amount(known.paid, exponent), known.paid - known.waiting, self.back()
        if self.tax == known.tax and not back:
            raise Refused(f"That is the tax of {self.year} already.", "`tally year show` shows it.")
        if back > gone:
            figure = format_amount(gone, exponent)
            raise Refused(f"Of the tax of {self.year} {figure} {currency} was paid, so no more can come back.")
        if self.tax < known.paid - back:
            raise Refused(
                f"Of the tax of {self.year} {paid} {currency} was {'paid' if not known.waiting else 'made payable'}, "
                "which is more than that.",
                "Say what came back of it, once it has: --refunded AMOUNT.",
            )

    def back(self) -> int:
        """What came back, in minor units; 0 where nothing did."""
        return 0 if self.refunded is UNSET else self.refunded

    def apply(self, book: Book, entry: Entry) -> None:
        """The result bears the difference; the bank has what came back, which is owed no less than what stays right."""
        own, more, owed = state.of(book), self.more(book), state.owed_name(self.year, self.authority)
        state.post(own.accounts, state.OF_RESULT, owed, more)
        state.post(own.accounts, state.BANK, owed, self.back())
        said = TaxCorrected(
            entry=entry.index, tax=self.tax, more=more, authority=self.authority, refunded=self.back(), ref=self.ref
        )
        own.tax_corrected.setdefault(self.year, []).append(said)

    def more(self, book: Book) -> int:
        """How much more than was said before; a minus for less."""
        return self.tax - tax_of(book, self.year).tax
