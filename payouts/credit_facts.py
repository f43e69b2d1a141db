"""A supplier takes less than the bill: so much less is payable to it, and so much less is a cost of the open period."""

from typing import Annotated

from msgspec import Meta

from ledger import people
from ledger.book import Book
from ledger.canonical import INT_MAX
from ledger.entry import Entry, PersonId
from ledger.errors import Refused
from ledger.fact import Day, Fact, fact
from ledger.money import format_amount
from payouts import state
from payouts.facts import check_days
from payouts.kept import Money
from payouts.parties.crediting import billed, take_off
from payouts.parties.payees import payable_name
from payouts.payee_facts import must_be_party


@fact("payouts.credited")
class Credited(Fact, frozen=True):
    """A supplier asks for less than its bills: a discount, a credit note, something sent back."""

    party: PersonId
    amount: Annotated[int, Meta(ge=1, le=INT_MAX)]
    ref: Annotated[str, Meta(min_length=1, max_length=100)]
    booked: Day

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, no more than bills of costs leave to pay and is not on its way, each paper once.

        What else is payable to a party, from an account that is owed, a decision, a tax or an inheritance, is none of
        this: it would come back into the income that members share.
        """
        people.must_hold(book.ledger, entry.author, people.TREASURER)
        must_be_party(book, self.party)
        check_days(entry.received, self.booked)
        most = sum(one.amount for one in billed(book, self.party))
        if self.amount > most:
            figure = f"{format_amount(most, book.ledger.exponent)} {book.ledger.currency}"
            raise Refused(
                f"Bills of this party leave {figure} to pay, so no more can be credited.",
                "`tally payee list` shows what is on its way; money that came back is booked: tally income add.",
            )
        if not self.ref.strip():
            raise Refused("A credit has a paper.", "Write the number of the credit note: --ref TEXT.")
        if where := state.booked_where(book, state.paper_id(False, self.party, self.ref)):
            raise Refused(
                f"{self.ref.strip()} of this party is booked already, {where}.",
                "A credit has a paper of its own, not that of the bill.",
            )
        if state.of(book).turnover + self.amount > INT_MAX:
            raise Refused("More money would have moved in all than this ledger can count.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The first bills are less; a cost below zero waits for the run of its period. The bank has what it had."""
        own = state.of(book)
        own.turnover += self.amount
        take_off(book, self.party, self.amount)
        own.money.append(
            Money(
                entry=entry.index,
                incoming=False,
                party=self.party,
                amount=-self.amount,
                ref=self.ref,
                deals=[],
                circle="",
                booked=self.booked,
                value=self.booked,
            )
        )
        state.post(own.accounts, payable_name(self.party), state.AWAITING, self.amount)
