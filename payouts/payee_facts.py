"""What is said about paying parties: a bill came, an account is owed to somebody, money is due, and was paid."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from governance.rule import OWED
from ledger import people
from ledger.book import Book
from ledger.canonical import INT_MAX
from ledger.entry import Entry, Hex64, PersonId
from ledger.errors import Refused
from ledger.fact import Day, Fact, fact
from ledger.money import format_amount
from payouts import state
from payouts.bank.paying import PARTY, Offer
from payouts.details_facts import Boxes, check_boxes, hold, must_be_new, places
from payouts.facts import MoneyMoved, Ref, check_days
from payouts.kept import Bill
from payouts.parties.party_dues import ACCOUNT, amounts_to_parties, kind_of, owed_party, put, ready, take
from payouts.parties.payees import OwedTo, payable_name

Amount = Annotated[int, Meta(ge=1, le=INT_MAX)]
AccountName = Annotated[str, Meta(min_length=1, max_length=200)]


@fact("payouts.billed")
class Billed(MoneyMoved, frozen=True):
    """A cost that is not paid yet: it counts in its period like any other, and is payable to the party."""

    due: Day | UnsetType = UNSET

    def is_incoming(self) -> bool:
        """It did not."""
        return False

    def check(self, book: Book, entry: Entry) -> None:
        """As of any cost; the last day of payment may lie ahead."""
        super().check(book, entry)
        check_due(self.due)

    def apply(self, book: Book, entry: Entry) -> None:
        """The cost waits for the run of its period, as if it had been paid."""
        super().apply(book, entry)

    def pay(self, book: Book, entry: Entry) -> None:
        """The bank has what it had; so much more is payable."""
        put(book, self.party, bill_of(entry, self.amount, self.ref, self.due), state.AWAITING)


@fact("payouts.owed_to")
class OwedToSaid(Fact, frozen=True):
    """A treasurer says to which party the money on an owed account of the rule is owed; another one replaces it."""

    account: AccountName
    party: PersonId

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, of an account that the rule calls owed, to a party that is known and is not said already."""
        self.check_account(book, entry.author)
        must_be_party(book, self.party)
        if owed_party(book, ACCOUNT + self.account) == self.party:
            raise Refused(f"{self.account} is owed to this party already.")

    def check_account(self, book: Book, author: str) -> None:
        """All but the party: so it can be asked before a new party is named for it."""
        people.must_hold(book.ledger, author, people.TREASURER)
        must_be_owed(book, self.account)

    def apply(self, book: Book, entry: Entry) -> None:
        """From now on what lies there can be paid to this party, and to nobody else."""
        state.of(book).owed_to[self.account] = OwedTo(party=self.party, entry=entry.index)


@fact("payouts.made_payable")
class MadePayable(Fact, frozen=True):
    """Money that is owed to a party is to be paid now: it moves to what is payable to that party."""

    account: AccountName
    party: PersonId
    amount: Amount
    ref: Ref
    due: Day | UnsetType = UNSET

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, from an owed account, to the party it is owed to, and no more than approved runs put there."""
        people.must_hold(book.ledger, entry.author, people.TREASURER)
        must_be_party(book, self.party)
        if self.account.startswith(ACCOUNT):
            must_be_owed(book, self.account.removeprefix(ACCOUNT))
        elif not self.account.startswith("owed:"):
            raise Refused("Only money that is owed to a party can be made payable to it.")
        to = owed_party(book, self.account)
        if not to:
            name = self.account.removeprefix(ACCOUNT)
            raise Refused(f"Nobody has said to whom {name} is owed.", f"tally payee owed {name} --to NAME")
        if to != self.party:
            raise Refused("This money is owed to another party.", "`tally payee list` shows to whom.")
        check_due(self.due)
        if self.amount > (most := ready(book, self.account)):
            raise Refused(
                f"{_figure(book, max(most, 0))} of it can be paid, no more.",
                "What a run put there that is not approved yet waits.",
            )

    def apply(self, book: Book, entry: Entry) -> None:
        """It is paid with the next file for the bank, or by hand."""
        put(book, self.party, bill_of(entry, self.amount, self.ref, self.due, self.account), self.account)


@fact("payouts.payable_paid")
class PayablePaid(Fact, frozen=True):
    """A treasurer has paid a party without a file of ours: by card, in cash, or by hand at the bank."""

    party: PersonId
    amount: Amount
    ref: Ref
    booked: Day
    value: Day

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, no more than is payable and not on its way to the bank already."""
        people.must_hold(book.ledger, entry.author, people.TREASURER)
        must_be_party(book, self.party)
        check_days(entry.received, self.booked, self.value)
        if self.amount > (most := amounts_to_parties(book).get(self.party, 0)):
            raise Refused(
                f"{_figure(book, most)} can be paid to this party, no more.",
                "`tally payee list` shows what is on its way; a new cost is booked first: tally expense add.",
            )

    def apply(self, book: Book, entry: Entry) -> None:
        """The bank has less, and so much less is payable; the oldest bills first."""
        take(book, {self.party: self.amount})
        state.post(state.of(book).accounts, payable_name(self.party), state.BANK, self.amount)


@fact("payouts.party_details_set")
class PartyDetailsSet(Fact, frozen=True):
    """A treasurer says where a party is paid: a promise here, the details sealed for each treasurer beside it."""

    party: PersonId
    promise: Hex64
    boxes: Boxes

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, for a party that is known, sealed for treasurers of today."""
        people.must_hold(book.ledger, entry.author, people.TREASURER)
        must_be_party(book, self.party)
        check_boxes(book, self.boxes)
        must_be_new(book, self.promise)

    def apply(self, book: Book, entry: Entry) -> None:
        """Nothing is paid there before another treasurer says the same (`payouts.details_agreed`), if there is one."""
        own = state.of(book)
        own.offers = {promise: one for promise, one in own.offers.items() if one.person != self.party}
        own.offers[self.promise] = Offer(
            person=self.party,
            why=PARTY,
            entry=entry.index,
            boxes=places(self.boxes, entry),
            said={entry.author: entry.index},
        )
        hold(book, self.promise, entry)


def must_be_party(book: Book, party: str) -> None:
    """Raise Refused unless it is a party: people are paid what lies on their balances."""
    if party not in book.ledger.parties:
        raise Refused("This names a party the ledger does not know.", "Members are paid from their balances.")


def must_be_owed(book: Book, account: str) -> None:
    """Raise Refused unless the rule calls this account owed."""
    kind = kind_of(book, ACCOUNT + account)
    if kind != OWED:
        said = f"it is {kind}" if kind else "no rule has it"
        raise Refused(f"{account} is not owed to anybody: {said}.", 'Such accounts are "owed" in the share rule.')


def check_due(due: str | UnsetType) -> None:
    """Raise Refused for what is no day."""
    try:
        date.fromisoformat("2000-01-01" if due is UNSET else due)
    except ValueError as error:
        raise Refused(f"{due} is no date.") from error


def bill_of(entry: Entry, amount: int, ref: str, due: str | UnsetType, account: str = "") -> Bill:
    """What is to be paid, as the book keeps it."""
    return Bill(entry=entry.index, amount=amount, due="" if due is UNSET else due, ref=ref.strip(), account=account)


def _figure(book: Book, amount: int) -> str:
    return f"{format_amount(amount, book.ledger.exponent)} {book.ledger.currency}"
