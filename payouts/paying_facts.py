"""What is said about paying: a file was made for the bank, handed in, booked, or a payment came back."""

from datetime import date, datetime, timedelta
from typing import Annotated

from msgspec import Meta

from contributions.state import utc_day
from ledger import people
from ledger.book import Book
from ledger.entry import Entry, Hex64, PersonId
from ledger.errors import Refused
from ledger.fact import Day, Fact, Piece, fact
from payouts import state
from payouts.bank.due_payments import due_now
from payouts.bank.paying import BLOCKING, EXPORTED, LIVE, RETURNED, SENT, SETTLED, VOID, Export, Payment
from payouts.facts import PeriodId, check_days, standing_of
from payouts.parties.party_dues import give_back, take

PaymentId = Annotated[str, Meta(pattern=r"^E[0-9a-f]{32}\Z")]
Amount = Annotated[int, Meta(ge=1, le=2**53 - 1)]
BankRef = Annotated[str, Meta(pattern=r"^[A-Za-z0-9/?:().,'+ -]{0,35}\Z")]
LOOK_AGAIN = "Look again: tally payout payments."
VOIDING = 2
FILE_MAX = 250
"""Payments in one file: so many fit into an entry."""


class Instruction(Piece, frozen=True):
    """One payment in a file: its id, to whom, how much, which attempt, and the promise of the details paid to."""

    eid: PaymentId
    payee: PersonId
    amount: Amount
    attempt: Annotated[int, Meta(ge=1, le=1000)]
    details: Hex64


@fact("payouts.exported")
class Exported(Fact, frozen=True):
    """A treasurer made a file for the bank that pays an approved run: its hash, its day, and every payment in it."""

    period: PeriodId
    form: Annotated[str, Meta(pattern=r"^[a-z0-9.]{1,20}\Z")]
    file: Hex64
    debtor: Hex64
    date: Day
    created: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\Z")]
    instructions: Annotated[tuple[Instruction, ...], Meta(min_length=1, max_length=FILE_MAX)]

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, of a run that is approved; each payment is due now, to these details, with this amount."""
        check_may_export(book, entry.author, self.period)
        _check_not_past(self.date, entry.received)
        try:
            datetime.fromisoformat(self.created)
        except ValueError as error:
            raise Refused(f"{self.created} is no time.") from error
        eids = [one.eid for one in self.instructions]
        if eids != sorted(set(eids)):
            raise Refused("The payments of a file stand in the order of their ids, each once.")
        due = {one.eid: one for one in due_now(book, self.period, entry.received)[0]}
        for one in self.instructions:
            wanted = due.get(one.eid)
            if wanted is None or (one.payee, one.attempt, one.details) != (
                wanted.payee, wanted.attempt, wanted.details
            ):  # fmt: skip
                raise Refused("A payment of this file is not due, or not to this account.", LOOK_AGAIN)
            if one.amount != wanted.amount:
                raise Refused("A payment of this file has another amount than is due.", LOOK_AGAIN)

    def apply(self, book: Book, entry: Entry) -> None:
        """The payments are on their way; no other file pays them while they are."""
        paying = state.of(book)
        parties = {one.payee: one.amount for one in self.instructions if one.payee in book.ledger.parties}
        bills = take(book, parties)
        for one in self.instructions:
            paying.payments[one.eid] = Payment(
                period=self.period,
                payee=one.payee,
                amount=one.amount,
                attempt=one.attempt,
                details=one.details,
                export=entry.id,
                bills=bills.get(one.payee, []),
            )
        paying.exports[entry.id] = Export(
            entry=entry.index,
            period=self.period,
            file=self.file,
            form=self.form,
            date=self.date,
            created=self.created,
            debtor=self.debtor,
            payments=[one.eid for one in self.instructions],
        )


@fact("payouts.sent")
class Sent(Fact, frozen=True):
    """A treasurer has handed a file to the bank."""

    export: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, of a file that was not handed in yet."""
        people.must_hold(book.ledger, entry.author, people.TREASURER)
        export = export_known(book, self.export)
        if export.sent is not None:
            raise Refused(f"This file was handed in already (entry {export.sent}).")
        if not any(state.of(book).payments[eid].status == EXPORTED for eid in export.payments):
            raise Refused("Nothing in this file waits to be handed in.", LOOK_AGAIN)

    def apply(self, book: Book, entry: Entry) -> None:
        """Its payments are sent."""
        paying = state.of(book)
        paying.exports[self.export].sent = entry.index
        for eid in paying.exports[self.export].payments:
            if paying.payments[eid].status == EXPORTED:
                paying.payments[eid].status = SENT


class Booked(Piece, frozen=True):
    """A payment the bank has booked: how much, on which day, under which reference of the bank's."""

    eid: PaymentId
    amount: Amount
    booked: Day
    ref: BankRef


@fact("payouts.settled")
class Settled(Fact, frozen=True):
    """The bank has booked payments: they are paid."""

    payments: Annotated[tuple[Booked, ...], Meta(min_length=1, max_length=400)]

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, of payments on their way, each with its very amount."""
        people.must_hold(book.ledger, entry.author, people.TREASURER)
        _check_once([one.eid for one in self.payments])
        check_days(entry.received, *(one.booked for one in self.payments))
        for one in self.payments:
            known = payment_known(book, one.eid)
            if known.status not in LIVE:
                raise Refused(f"Payment {one.eid} cannot be settled: it is {_where(known)}.", LOOK_AGAIN)
            if known.amount != one.amount:
                raise Refused(f"Payment {one.eid} is of another amount than was booked.", "Ask the bank.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The bank account has less, and so much less is owed to the member, or to the party."""
        own = state.of(book)
        for one in self.payments:
            known = own.payments[one.eid]
            known.status, known.settled, known.booked, known.ref = SETTLED, entry.index, one.booked, one.ref
            state.post(own.accounts, state.due_account(book, known.payee), state.BANK, known.amount)


class CameBack(Piece, frozen=True):
    """A payment that came back or was rejected: the bank's reason, and the day it was booked."""

    eid: PaymentId
    reason: Annotated[str, Meta(pattern=r"^[A-Z]{2}[0-9A-Z]{2}\Z")]
    booked: Day


@fact("payouts.returned")
class Returned(Fact, frozen=True):
    """Payments came back, or the bank refused to make them: they are owed again."""

    payments: Annotated[tuple[CameBack, ...], Meta(min_length=1, max_length=400)]

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, of payments on their way or settled, each once."""
        people.must_hold(book.ledger, entry.author, people.TREASURER)
        _check_once([one.eid for one in self.payments])
        check_days(entry.received, *(one.booked for one in self.payments))
        for one in self.payments:
            known = payment_known(book, one.eid)
            if known.status not in (*LIVE, SETTLED):
                raise Refused(f"Payment {one.eid} cannot come back: it is {_where(known)}.", LOOK_AGAIN)
            if is_own(book, entry.author, known.payee):
                raise Refused("That your own payment came back another treasurer says: it may then be made anew.")

    def apply(self, book: Book, entry: Entry) -> None:
        """What had left the bank is there again; a new attempt may pay it. Some reasons block the account."""
        own = state.of(book)
        for one in self.payments:
            known = own.payments[one.eid]
            if known.status == SETTLED:
                state.post(own.accounts, state.BANK, state.due_account(book, known.payee), known.amount)
            known.status, known.ended, known.reason = RETURNED, entry.index, one.reason
            give_back(book, known)
            for details in own.details.get(known.payee, ()):
                if details.promise == known.details and one.reason in BLOCKING:
                    details.blocked = one.reason


def is_own(book: Book, treasurer: str, payee: str) -> bool:
    """Whether this is the treasurer's own pay, and somebody else is there to speak about it."""
    return treasurer == payee and people.treasurers(book.ledger) != [treasurer]


@fact("payouts.voided")
class Voided(Fact, frozen=True):
    """A treasurer says that a file must not be used; when two have said so, or the only one, it is void."""

    export: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, once, of a file that the bank does not have."""
        people.must_hold(book.ledger, entry.author, people.TREASURER)
        export = export_known(book, self.export)
        if entry.author in export.void_said:
            raise Refused("You have said so already.", "Another treasurer says it too.")
        if export.sent is not None:
            raise Refused(f"The bank has this file (entry {export.sent}).", "Book what returns: tally payout return.")
        if any(state.of(book).payments[eid].status != EXPORTED for eid in export.payments):
            raise Refused("Something became of a payment in this file already.", LOOK_AGAIN)

    def apply(self, book: Book, entry: Entry) -> None:
        """Once enough have said so, its payments are not on their way any more."""
        paying = state.of(book)
        export = paying.exports[self.export]
        export.void_said[entry.author] = entry.index
        if len(export.void_said) >= min(VOIDING, len(people.treasurers(book.ledger))):
            for eid in export.payments:
                paying.payments[eid].status, paying.payments[eid].ended = VOID, entry.index
                give_back(book, paying.payments[eid])


def check_may_export(book: Book, author: str, period: str) -> None:
    """A treasurer, and a run that is approved. Raises Refused."""
    people.must_hold(book.ledger, author, people.TREASURER)
    run = state.of(book).runs.get(period)
    if run is None:
        raise Refused(f"There is no payout of {period} to pay: {standing_of(book, period)}.")
    if run.approved is None:
        have = f"{len(run.approvals)} of {run.needed}"
        alone = len(run.approvals) >= run.needed and state.alone_for_own_pay(run)
        have += ", and nobody approves their own pay alone" if alone else ""
        raise Refused(f"The payout of {period} is not approved yet: {have}.", f"tally payout approve {period}")


def export_known(book: Book, export: str) -> Export:
    """The file of that entry. Raises Refused."""
    found = state.of(book).exports.get(export)
    if found is None:
        raise Refused("There is no such file for the bank.", LOOK_AGAIN)
    return found


def payment_known(book: Book, eid: str) -> Payment:
    """The payment of that id. Raises Refused."""
    found = state.of(book).payments.get(eid)
    if found is None:
        raise Refused(f"This ledger has made no payment {eid}.", LOOK_AGAIN)
    return found


def _where(payment: Payment) -> str:
    entry = payment.ended if payment.status in (RETURNED, VOID) else payment.settled
    return f"{payment.status} (entry {entry})"


def _check_once(eids: list[str]) -> None:
    if len(set(eids)) != len(eids):
        raise Refused("A payment stands here twice.")


def _check_not_past(day: str, received: int) -> None:
    try:
        said = date.fromisoformat(day)
    except ValueError as error:
        raise Refused(f"{day} is no date.") from error
    # The cooperative's own day may be a day behind or ahead of UTC's.
    today = date.fromisoformat(utc_day(received))
    if said < today - timedelta(days=1):
        raise Refused(f"{day} is over: no bank pays on a day that has passed.")
    if said > today + timedelta(days=AHEAD_DAYS):
        raise Refused(f"{day} is more than a year ahead.")


AHEAD_DAYS = 366
