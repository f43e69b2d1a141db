"""What may be said about members' capital: what a close takes out and who approves it, or what is redeemed at once."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from ledger import people
from ledger.book import Book
from ledger.canonical import INT_MAX
from ledger.entry import Entry, Hex64, Natural, PersonId
from ledger.errors import Refused
from ledger.fact import Day, Fact, fact
from payouts import state
from payouts.amounts import amounts_of
from payouts.approval import Approval
from payouts.bank.paying import DAY
from payouts.capital.capital_compute import (
    compute_redemption,
    note_set_off,
    posted_redemption,
    redemption_due,
    settle_redemption,
    take,
)
from payouts.capital.capital_free import advance_of, free
from payouts.capital.capital_kept import Asked, Moved
from payouts.capital.capital_moves import account_now
from payouts.compute import ENGINE
from payouts.kept import Run

ASKED_DAYS = 31
"""How long treasurers have to agree to a redemption by decision."""
LEAST = 2
"""As many treasurers at least decide it, where there are so many besides the person."""
LOOK_AGAIN = "Look again: tally capital list."


@fact("payouts.redeemed")
class Redeemed(Fact, frozen=True):
    """What the close of a book year takes out of member accounts by the terms: the digest of its rows."""

    year: Day
    engine: Natural
    digest: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """It is due; anybody computes the same digest, and no account is overdrawn."""
        if redemption_due(book) != self.year:
            raise Refused(f"Nothing is due to be redeemed at the close of {self.year}.", LOOK_AGAIN)
        if self.engine != ENGINE:
            raise Refused(f"This copy of tally computes with engine {ENGINE}, not {self.engine}.")
        found = compute_redemption(book, self.year)
        if self.digest != found.digest:
            raise Refused(f"The redemptions of {self.year} compute to another digest here.")
        posted_redemption(book, found)

    def apply(self, book: Book, entry: Entry) -> None:
        """It lies on balances, or where the terms say; nothing of it is payable before it is approved."""
        settle_redemption(book, self.year, entry.index)


@fact(state.REDEEMED_APPROVED)
class RedeemedApproved(Approval, frozen=True):
    """A treasurer approves what the close of a book year redeems, by its digest."""

    year: Day
    digest: Hex64
    cosigned: Annotated[str, Meta(min_length=1, max_length=20_000)] | UnsetType = UNSET

    def run(self, book: Book) -> Run | None:
        """What was redeemed."""
        return state.of(book).redemptions.get(self.year)

    def words(self) -> str:
        """By the first day of the year."""
        return f"what the close of {self.year} redeems"

    def standing(self, book: Book) -> str:
        """Nothing, or not computed."""
        return "nothing, or not computed yet"

    def look(self) -> str:
        """All that was redeemed."""
        return "tally capital list"

    def check_by(self, book: Book, author: str) -> Run:
        """The year it belongs to is approved before it."""
        run = Approval.check_by(self, book, author)
        if state.of(book).years[self.year].approved is None:
            raise Refused(f"The book year {self.year} is not approved yet.", f"tally year approve {self.year[:4]}")
        return run


def redemption_run(book: Book, year: str) -> Run:
    """The redemptions of a book year. Raises Refused where there are none."""
    run = state.of(book).redemptions.get(year)
    if run is None:
        raise Refused(f"The close of {year} has redeemed nothing.", "tally capital list")
    return run


# By decision.


@fact("payouts.redemption_asked")
class RedemptionAsked(Fact, frozen=True):
    """A treasurer wants an amount of a member's account redeemed now, by decision; others must agree."""

    person: PersonId
    account: Annotated[str, Meta(min_length=1, max_length=60)]
    amount: Annotated[int, Meta(ge=1, le=INT_MAX)]

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer, for somebody else, and no more than is that person's own by now."""
        _must_be_another(book, entry.author, self.person)
        people.must_know(book.ledger, self.person)
        _must_be_there(book, self.person, self.account, self.amount)

    def apply(self, book: Book, entry: Entry) -> None:
        """It waits for others; where nobody else could say so, it is done."""
        own = state.of(book)
        own.capital_asked[entry.id] = Asked(
            person=self.person,
            account=self.account,
            amount=self.amount,
            entry=entry.index,
            received=entry.received,
            runs=len(own.runs),
            said={entry.author: entry.index},
        )
        _do_if_enough(book, entry.id, entry)


@fact("payouts.redemption_agreed")
class RedemptionAgreed(Fact, frozen=True):
    """Another treasurer agrees to a redemption by decision."""

    asked: Hex64

    def check(self, book: Book, entry: Entry) -> None:
        """A treasurer who is not the person, once, within a month, and the money is there still."""
        one = state.of(book).capital_asked.get(self.asked)
        if one is None:
            raise Refused("There is no such redemption to agree to.", LOOK_AGAIN)
        _must_be_another(book, entry.author, one.person)
        account = account_now(book, one.account, one.runs)
        if entry.author in one.said:
            raise Refused(f"You have said so already (entry {one.said[entry.author]}).", "Another treasurer agrees.")
        if entry.received > one.received + ASKED_DAYS * DAY:
            raise Refused(f"This was asked for more than {ASKED_DAYS} days ago.", "Ask anew: tally capital redeem.")
        _must_be_there(book, one.person, account, one.amount)

    def apply(self, book: Book, entry: Entry) -> None:
        """With enough of them the money lies on the balance, and is payable."""
        state.of(book).capital_asked[self.asked].said[entry.author] = entry.index
        _do_if_enough(book, self.asked, entry)


def needed(book: Book, person: str) -> int:
    """How many treasurers besides the person must want it: two, or as many as approve a payout, or all there are."""
    others = [one for one in people.treasurers(book.ledger) if one != person]
    return min(max(LEAST, state.of(book).approvers), len(others))


def _do_if_enough(book: Book, asked: str, entry: Entry) -> None:
    own = state.of(book)
    one = own.capital_asked[asked]
    said = [
        who
        for who, index in one.said.items()
        if people.holds(book.ledger, who, people.TREASURER) and not people.is_disputed(book.ledger, index)
    ]
    if len(said) < max(1, needed(book, one.person)):
        return
    del own.capital_asked[asked]
    # A rule that came in between may have given the account another name.
    account = account_now(book, one.account, one.runs)
    advance = advance_of(book, one.person, account, one.amount)
    take(own.accounts, f"member:{account}:{one.person}", one.person, one.amount, advance)
    note_set_off(book, one.person, advance)
    own.capital_moves.append(
        Moved(
            entry=entry.index,
            received=entry.received,
            runs=len(own.runs),
            account=account,
            person=one.person,
            amount=one.amount,
            advance=advance,
        )
    )


def _must_be_another(book: Book, author: str, person: str) -> None:
    people.must_hold(book.ledger, author, people.TREASURER)
    if author == person:
        raise Refused("Nobody pays out the own capital.", "Another treasurer asks for it: tally capital redeem.")


def _must_be_there(book: Book, person: str, account: str, amount: int) -> None:
    have = free(book, person, account)
    if amount > have:
        figure = amounts_of(book).full(have)
        raise Refused(
            f"Of this account {figure} can be redeemed now, no more.",
            "What is not approved or not vested yet waits: tally capital list.",
        )
