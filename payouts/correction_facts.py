"""What may be said to correct what was shared: a refund, the amendment of a period, treasurers approve that."""

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
from payouts.compute import ENGINE
from payouts.corrections.amending import amend, next_amendment, settle_amendment
from payouts.corrections.correcting import REFUNDED
from payouts.corrections.receipts import left_of, period_that_took, receipt_at, refunded_where
from payouts.facts import PeriodId, Received, Ref, check_days, standing_of
from payouts.kept import Refund, Run
from payouts.parties.foreign import Foreign, check_foreign

AmendmentName = Annotated[str, Meta(pattern=r"^[0-9A-Z-]{4,12}#[1-9][0-9]{0,5}\Z")]


@fact("payouts.refunded")
class Refunded(Fact, frozen=True):
    """Money of a receipt went back, or was taken back (a chargeback). `entry` and `index` name what booked it."""

    entry: Hex64
    index: Natural
    party: PersonId
    amount: Annotated[int, Meta(ge=1, le=INT_MAX)]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
    ref: Ref
    chargeback: bool
    booked: Day
    value: Day
    # What went back in the currency of the receipt, and at which rate; absent where that was ours, or nobody said.
    foreign: Foreign | UnsetType = UNSET

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer says so, of a receipt of this party, not more than is left of it, each paper once."""
        people.must_hold(book.ledger, entry.author, people.TREASURER)
        if self.currency != book.ledger.currency:
            raise Refused(f"This ledger counts in {book.ledger.currency}, not in {self.currency}.")
        receipt = receipt_at(book, self.index, self.entry)
        if receipt.party != self.party:
            raise Refused(f"The receipt of entry {self.index} is of another party.")
        left = left_of(book, self.index)
        if self.amount > left:
            raise Refused(
                f"Of the receipt in entry {self.index}, {_figure(book, left)} are left, so no more can go back.",
                "" if receipt.foreign is UNSET else self._by_hand(book, left),
            )
        check_days(entry.received, self.booked, self.value)
        self._check_foreign(book, entry, receipt)
        if self.booked < receipt.booked:
            raise Refused(f"The receipt was booked on {receipt.booked}, so nothing of it went back on {self.booked}.")
        if self.ref.strip() and (where := refunded_where(book, self.party, self.ref)):
            raise Refused(
                f"{self.ref.strip()} of this party went back already, {where}.", "Every paper is booked once."
            )
        if state.of(book).turnover + self.amount > INT_MAX:
            raise Refused("More money would have moved in all than this ledger can count.")

    def _check_foreign(self, book: Book, entry: Entry, receipt: Received) -> None:
        """In the currency of the receipt, not more than came, and counted here at the rate that is said."""
        if self.foreign is UNSET:
            return
        came = receipt.foreign
        if came is UNSET or came.currency != self.foreign.currency:
            currency = book.ledger.currency if came is UNSET else came.currency
            raise Refused(f"The receipt in entry {self.index} was in {currency}.", "Say what went back in that.")
        check_days(entry.received, self.foreign.date)
        check_foreign(self.foreign, self.amount, book.ledger.currency, book.ledger.exponent)
        if self.foreign.amount > came.amount:
            figure = f"{format_amount(came.amount, came.exponent)} {came.currency}"
            raise Refused(f"The receipt in entry {self.index} was of {figure}, so no more can go back.")

    def _by_hand(self, book: Book, left: int) -> str:
        """What to do where the rate has risen since: nobody's share bears more than the receipt brought."""
        figures = _figure(book, left), _figure(book, self.amount - left)
        cost = format_amount(self.amount - left, book.ledger.exponent)
        said = f"Where the rate has changed, book {figures[0]} as the refund (--booked-as)"
        return f"{said}, and {figures[1]} as a cost: tally expense add {cost} --to NAME."

    def apply(self, book: Book, entry: Entry) -> None:
        """The bank has less; what went back waits until it is taken from those who shared it."""
        own = state.of(book)
        own.turnover += self.amount
        own.refunds.append(
            Refund(
                entry=entry.index,
                receipt=self.index,
                period=period_that_took(book, self.index),
                party=self.party,
                amount=self.amount,
                ref=self.ref,
                booked=self.booked,
                value=self.value,
                chargeback=self.chargeback,
            )
        )
        state.post(own.accounts, REFUNDED, state.BANK, self.amount)


def _figure(book: Book, amount: int) -> str:
    return f"{format_amount(amount, book.ledger.exponent)} {book.ledger.currency}"


@fact("payouts.amended")
class PeriodAmended(Fact, frozen=True):
    """A computed period is run again with what changed since: its number, the engine, the digest of the differences."""

    period: PeriodId
    number: Annotated[int, Meta(ge=1, le=999_999)]
    engine: Natural
    digest: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """It is the oldest period with something to amend; anybody computes the same digest, and it ties."""
        if next_amendment(book) != self.period:
            raise Refused(f"Period {self.period} is not due to be amended: {standing_of(book, self.period)}.")
        if self.engine != ENGINE:
            raise Refused(f"This copy of tally computes with engine {ENGINE}, not {self.engine}.")
        found = amend(book, self.period)
        if (self.number, self.digest) != (found.number, found.digest):
            raise Refused(f"The amendment of {self.period} computes to another digest here.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The differences lie on the accounts."""
        settle_amendment(book, self.period, entry.index)


@fact(state.AMENDMENT_APPROVED)
class AmendmentApproved(Approval, frozen=True):
    """A treasurer approves an amendment ("2026-10#1") by its digest."""

    amendment: AmendmentName
    digest: Hex64
    cosigned: Annotated[str, Meta(min_length=1, max_length=20_000)] | UnsetType = UNSET

    def run(self, book: Book) -> Run | None:
        """The amendment."""
        return state.of(book).amendments.get(self.amendment)

    def words(self) -> str:
        """By its name."""
        return f"the amendment {self.amendment}"

    def standing(self, book: Book) -> str:
        """Not computed, or not there."""
        return "not computed (`tally payout list` shows those there are)"

    def look(self) -> str:
        """The amendment as it is."""
        return f"tally payout show {self.amendment}"

    def check_by(self, book: Book, author: str) -> Run:
        """A treasurer, once, exactly these figures, where somebody gains by them."""
        run = super().check_by(book, author)
        if run.approved == run.entry:
            raise Refused(f"{self.amendment} needs no approval: nobody gets more by it.")
        return run
