"""What may be said of deductions: an advance was paid or came back, tax is withheld at a rate, it was paid over."""

from fractions import Fraction
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
from payouts.facts import PeriodId, Ref, check_days
from payouts.taken_off.deductions import Advance, Rate, give_back, rate_of
from payouts.taken_off.taking_off import advance_of, owed_withheld, rates_in

OWN = "Another treasurer says so, or members vote one in: tally propose role NAME treasurer."


class Paid(Fact, frozen=True):
    """Money that moved on the bank account, and no income bears: how much, which paper, when booked and valued."""

    amount: Annotated[int, Meta(ge=1, le=INT_MAX)]
    ref: Ref
    booked: Day
    value: Day

    def check_paid(self, book: Book, author: str, received: int) -> None:
        """A treasurer says so, of a day that has come, and all money can still be counted."""
        people.must_hold(book.ledger, author, people.TREASURER)
        check_days(received, self.booked, self.value)
        if state.of(book).turnover + self.amount > INT_MAX:
            raise Refused("More money would have moved in all than this ledger can count.")


@fact("payouts.advanced")
class Advanced(Paid, frozen=True):
    """A treasurer has paid a member in advance, of the run of a period that is not cut off yet."""

    person: PersonId
    period: PeriodId

    def check(self, book: Book, entry: Entry) -> None:
        """Another member's, of a period to come, and each paper once."""
        self.check_paid(book, entry.author, entry.received)
        check_other(book, entry.author, self.person, "Nobody books an advance to themselves alone.")
        if self.person not in people.members(book.ledger):
            raise Refused("Advances are for members: this person is none now.")
        check_ahead(book, self.period)
        ref = self.ref.strip().casefold()
        for one in state.of(book).advances.get(self.person, ()) if ref else ():
            if one.ref.strip().casefold() == ref:
                raise Refused(f"{self.ref} is booked already, in entry {one.entry}.", "Every paper is booked once.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The bank has less, and the member owes a share."""
        own = state.of(book)
        own.turnover += self.amount
        one = Advance(entry=entry.index, amount=self.amount, period=self.period, ref=self.ref, booked=self.booked)
        own.advances.setdefault(self.person, []).append(one)
        state.post(own.accounts, advance_of(self.person), state.BANK, self.amount)


@fact("payouts.advance_repaid")
class AdvanceRepaid(Paid, frozen=True):
    """A member has paid back what she had in advance."""

    person: PersonId

    def check(self, book: Book, entry: Entry) -> None:
        """Another's, and not more than is open."""
        self.check_paid(book, entry.author, entry.received)
        check_other(book, entry.author, self.person, "Nobody says alone that they have paid back an advance.")
        open_ = state.of(book).accounts.get(advance_of(self.person), 0)
        if self.amount > open_:
            figure = format_amount(open_, book.ledger.exponent)
            raise Refused(
                f"Of advances to this person {figure} {book.ledger.currency} are open, no more.", "tally advance list"
            )

    def apply(self, book: Book, entry: Entry) -> None:
        """The bank has more, and the member owes less."""
        own = state.of(book)
        own.turnover += self.amount
        give_back(own.advances[self.person], self.amount)
        state.post(own.accounts, state.BANK, advance_of(self.person), self.amount)


@fact("payouts.withholding_set")
class WithholdingSet(Fact, frozen=True):
    """What part of these people's shares is withheld for an authority, from a period on; 0 ends it."""

    persons: Annotated[tuple[PersonId, ...], Meta(min_length=1, max_length=1000)]
    authority: PersonId
    rate: Annotated[str, Meta(pattern=r"^[0-9./%]{1,16}\Z")]
    since: PeriodId

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer says so, of others, of a known party, from a period to come; nobody's rates exceed the whole."""
        self.check_by(book, entry.author)
        if self.authority not in book.ledger.parties:
            raise Refused("This rate is for a party the ledger does not know.")

    def check_by(self, book: Book, author: str) -> None:
        """All but that the party is known: so it can be asked before a new party is named."""
        people.must_hold(book.ledger, author, people.TREASURER)
        if len(set(self.persons)) != len(self.persons):
            raise Refused("A person is named twice.")
        for person in self.persons:
            people.must_know(book.ledger, person)
            check_other(book, author, person, "Nobody sets alone what is withheld of their own share.")
        rate = rate_of(self.rate)
        if rate is None:
            raise Refused(f"{self.rate!r} is no part of a share.", 'Write "20%", "12.5%", "1/5", or 0 to end it.')
        check_ahead(book, self.since)
        self._check_whole(book, rate)

    def apply(self, book: Book, entry: Entry) -> None:
        """It is said; runs of these periods withhold it."""
        state.of(book).withholding.append(
            Rate(
                entry=entry.index,
                persons=list(self.persons),
                authority=self.authority,
                rate=self.rate,
                since=self.since,
            )
        )

    def _check_whole(self, book: Book, rate: Fraction) -> None:
        """In no period from then on is more withheld than the whole."""
        ahead = [row.id for row in book.ledger.calendar]
        starts = {self.since, *(one.since for one in state.of(book).withholding)}
        for period in ahead[ahead.index(self.since) :] if rate else ():
            rates = rates_in(book, period) if period in starts else {}
            for person in self.persons:
                others = {name: part for name, part in rates.get(person, {}).items() if name != self.authority}
                if sum(others.values(), rate) > 1:
                    raise Refused(
                        f"More than a whole share would be withheld of somebody in {period}.", "tally withholding list"
                    )


@fact("payouts.withheld_paid")
class WithheldPaid(Paid, frozen=True):
    """A treasurer has paid to an authority what was withheld for it."""

    authority: PersonId

    def check(self, book: Book, entry: Entry) -> None:
        """Not more than is owed to it still."""
        self.check_paid(book, entry.author, entry.received)
        owed = -state.of(book).accounts.get(owed_withheld(self.authority), 0)
        if self.amount > owed:
            figure = format_amount(owed, book.ledger.exponent)
            raise Refused(
                f"{figure} {book.ledger.currency} of what was withheld are owed to this party still, no more.",
                "tally withholding list",
            )

    def apply(self, book: Book, entry: Entry) -> None:
        """The bank has less, and so much less is owed."""
        state.of(book).turnover += self.amount
        state.post(state.of(book).accounts, owed_withheld(self.authority), state.BANK, self.amount)


def check_other(book: Book, author: str, person: str, why: str) -> None:
    """Raise Refused for what somebody says of the own purse, unless there is nobody else to say it."""
    if author == person and people.members(book.ledger) != [person]:
        raise Refused(why, OWN)


def check_ahead(book: Book, period: str) -> None:
    """Raise Refused unless the period is in the calendar and its run not pinned yet."""
    rows = [row.id for row in book.ledger.calendar]
    if period not in rows:
        raise Refused(f"{period} is not in the calendar.", f"Name a period like {rows[-1]}.")
    pinned = state.of(book).pinned
    if rows.index(period) < pinned:
        ahead = rows[pinned] if pinned < len(rows) else ""
        raise Refused(f"{period} is cut off already; its run takes nothing more in.", f"Name {ahead} or a later one.")
