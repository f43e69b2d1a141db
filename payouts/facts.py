"""What may be said about money: it came in, it was spent, a period closed, its payout is this, treasurers approve."""

from datetime import date, timedelta
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from contributions.state import utc_day
from governance import state as governance
from ledger import people
from ledger.book import Book
from ledger.canonical import INT_MAX
from ledger.entry import Entry, Hex64, Natural, PersonId
from ledger.errors import Refused
from ledger.fact import Day, Fact, fact
from ledger.facts import Circle
from ledger.money import format_amount
from payouts import state
from payouts.approval import Approval
from payouts.compute import ENGINE, compute, posted, settle
from payouts.corrections.amending import next_amendment
from payouts.kept import Money, Run
from payouts.parties.foreign import Foreign, check_foreign

Ref = Annotated[str, Meta(max_length=100)]
PeriodId = Annotated[str, Meta(pattern=r"^[0-9A-Z-]{4,12}\Z")]


class MoneyMoved(Fact, frozen=True):
    """Money between a party and the cooperative: how much, which paper, which deals, when booked and valued."""

    party: PersonId
    amount: Annotated[int, Meta(ge=1, le=INT_MAX)]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
    ref: Ref
    deals: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...], Meta(max_length=50)]
    circle: Circle
    booked: Day
    value: Day
    # What moved in another currency, and at which rate; absent where it was ours.
    foreign: Foreign | UnsetType = UNSET

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer says so, about a party that is known, in our currency, not in the future, each paper once."""
        self.check_money(book, entry.author, entry.received)
        if self.party not in book.ledger.parties:
            raise Refused("This money names a party the ledger does not know.")

    def check_money(self, book: Book, author: str, received: int) -> None:
        """All but that the party is known: so it can be asked before a new party is named for this money."""
        people.must_hold(book.ledger, author, people.TREASURER)
        if self.currency != book.ledger.currency:
            raise Refused(f"This ledger counts in {book.ledger.currency}, not in {self.currency}.")
        if len(set(self.deals)) != len(self.deals):
            raise Refused("A deal is named twice.")
        check_days(received, self.booked, self.value)
        if self.foreign is not UNSET:
            check_days(received, self.foreign.date)
            check_foreign(self.foreign, self.amount, book.ledger.currency, book.ledger.exponent)
        if self.ref.strip() and (where := state.booked_where(book, self._paper())):
            once = "Every paper is booked once"
            hint = f"{once}." if self.is_incoming() else f"{once}; a bill is paid by: tally payee paid."
            raise Refused(f"{self.ref} of this party is booked already, {where}.", hint)
        if state.of(book).turnover + self.amount > INT_MAX:
            raise Refused("More money would have moved in all than this ledger can count.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The money waits for the run of its period."""
        incoming = self.is_incoming()
        own = state.of(book)
        own.turnover += self.amount
        own.money.append(
            Money(
                entry=entry.index,
                incoming=incoming,
                party=self.party,
                amount=self.amount,
                ref=self.ref,
                deals=list(self.deals),
                circle=self.circle,
                booked=self.booked,
                value=self.value,
            )
        )
        self.pay(book, entry)

    def pay(self, book: Book, entry: Entry) -> None:
        """The bank account moves."""
        debit, credit = (state.BANK, state.AWAITING) if self.is_incoming() else (state.AWAITING, state.BANK)
        state.post(state.of(book).accounts, debit, credit, self.amount)

    def is_incoming(self) -> bool:
        """Whether the cooperative has more afterwards."""
        raise TypeError("money comes in or goes out")

    def _paper(self) -> str:
        return state.paper_id(self.is_incoming(), self.party, self.ref)


@fact("payouts.received")
class Received(MoneyMoved, frozen=True):
    """Money came in."""

    # Whether it was business with members or with others; absent where nobody said.
    business: Literal["member", "other"] | UnsetType = UNSET

    def is_incoming(self) -> bool:
        """It did."""
        return True


@fact("payouts.spent")
class Spent(MoneyMoved, frozen=True):
    """Money was spent on costs."""

    def is_incoming(self) -> bool:
        """It did not."""
        return False


@fact("payouts.spent_as_decided")
class SpentAsDecided(Fact, frozen=True):
    """A treasurer has paid what the members decided to spend from a reserve; no income bears it."""

    proposal: Hex64
    amount: Annotated[int, Meta(ge=1, le=INT_MAX)]
    ref: Ref
    booked: Day
    value: Day

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer says so, of a decision that holds, and not more than it owes still."""
        people.must_hold(book.ledger, entry.author, people.TREASURER)
        proposal = governance.of(book).proposals.get(self.proposal)
        if proposal is None or proposal.matter.sort != "reserve" or proposal.status != "effective":
            raise Refused("No such decision to spend from a reserve holds.", "`tally proposal list` shows them.")
        owed = -state.of(book).accounts.get(self._account(book), 0)
        if self.amount > owed:
            figure = format_amount(owed, book.ledger.exponent)
            raise Refused(f"Proposal {proposal.number} owes {figure} {book.ledger.currency} still, no more.")
        check_days(entry.received, self.booked, self.value)

    def apply(self, book: Book, entry: Entry) -> None:
        """The bank has less, and so much less is owed."""
        state.post(state.of(book).accounts, self._account(book), state.BANK, self.amount)

    def _account(self, book: Book) -> str:
        proposal = governance.of(book).proposals[self.proposal]
        return state.owed_name(proposal.number, proposal.terms.party or "")


def check_days(received: int, *days: str) -> None:
    """Raise Refused for days that have not come."""
    tomorrow = date.fromisoformat(utc_day(received)) + timedelta(days=1)
    for day in days:
        if _date(day) > tomorrow:
            raise Refused(f"{day} lies in the future.", "Book money when it has moved.")


@fact("payouts.closed")
class PeriodClosed(Fact, frozen=True):
    """A period's cut-off has passed: this is the log's head at it and the rule that its run follows."""

    period: PeriodId
    size: Natural
    root: Hex64
    rule: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """The period is pinned to exactly this, and nobody said so yet."""
        pin = state.of(book).pins.get(self.period)
        if pin is None or pin.published is not None:
            raise Refused(f"Period {self.period} is not due to be closed: {standing_of(book, self.period)}.")
        if (self.size, self.root, self.rule) != (pin.size, pin.root, pin.rule):
            raise Refused(f"That is not what period {self.period} is pinned to.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The pin stands in the log."""
        state.of(book).pins[self.period].published = entry.index


@fact("payouts.computed")
class PayoutComputed(Fact, frozen=True):
    """The payout of a closed period: the number of the engine and the digest of its lines."""

    period: PeriodId
    engine: Natural
    digest: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """It is the oldest period not computed yet; anybody computes the same digest, and its postings tie."""
        period = state.next_run(book)
        pin = state.of(book).pins.get(self.period)
        if period is None or period.id != self.period or pin is None or pin.published is None:
            raise Refused(f"Period {self.period} is not due to be computed: {standing_of(book, self.period)}.")
        if waiting := next_amendment(book):
            raise Refused(f"Period {waiting} is amended before {self.period} is computed.", "Do it: tally payout tick.")
        if self.engine != ENGINE:
            raise Refused(f"This copy of tally computes with engine {ENGINE}, not {self.engine}.")
        if self.digest != compute(book, period).digest:
            raise Refused(f"The payout of {self.period} computes to another digest here.")
        posted(book, compute(book, period))

    def apply(self, book: Book, entry: Entry) -> None:
        """The shares lie on the accounts."""
        period = state.next_run(book)
        assert period is not None
        settle(book, period, entry.index)


@fact(state.APPROVED)
class PayoutApproved(Approval, frozen=True):
    """A treasurer approves a payout by its digest."""

    period: PeriodId
    digest: Hex64
    cosigned: Annotated[str, Meta(min_length=1, max_length=20_000)] | UnsetType = UNSET

    def run(self, book: Book) -> Run | None:
        """The run of the period."""
        return state.of(book).runs.get(self.period)

    def words(self) -> str:
        """By the period."""
        return f"the payout of {self.period}"

    def standing(self, book: Book) -> str:
        """Open, due, closed."""
        return standing_of(book, self.period)

    def look(self) -> str:
        """The payout as it is."""
        return f"tally payout show {self.period}"


def standing_of(book: Book, period: str) -> str:
    """Where a period stands, in a few words."""
    own = state.of(book)
    if period in own.runs:
        return f"computed (entry {own.runs[period].entry})"
    if period in own.pins:
        return "closed, not computed yet" if own.pins[period].published is not None else "due to be closed"
    rows = {row.id: row for row in book.ledger.calendar}
    return f"open until {rows[period].last} and its days of grace" if period in rows else "not in the calendar"


def _date(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise Refused(f"{day} is no date.") from error
