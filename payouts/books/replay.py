"""The log folded once more for the accountant: what each step did to the accounts, told twice. Pure.

Each step is written down as the transactions that it states, and as what it changed on the ledger's own accounts. The
two come to the same, or the program is at fault.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo

from msgspec import Struct

from governance import state as governance
from governance.rule import MEMBER
from governance.rules import parse
from ledger import calendar, fact
from ledger.book import Book
from ledger.entry import Entry
from payouts.books.chart import COSTS, RECEIPTS, Chart
from payouts.books.postings import Moment, Posting, Transaction, summed
from payouts.books.stated import has_words, stated
from payouts.facts import PayoutComputed
from payouts.state import AWAITING, DoesNotTie, of

Leaf = tuple[bytes, bytes, int]
"""An entry's bytes, its signature, and when it was received (ms)."""

WORDS = {
    "payouts.tax_paid": "the tax of a book year is paid",
    "payouts.redeemed": "member capital is redeemed at the close of a book year",
    "payouts.redemption_asked": "member capital is redeemed by decision",
    "payouts.redemption_agreed": "member capital is redeemed by decision",
    "payouts.inherited": "a balance goes to heirs",
    "payouts.unclaimed": "a balance that nobody claimed goes where members voted",
    "payouts.settled": "the bank has made payments",
    "payouts.returned": "payments came back",
}
"""What is one transaction as it stands, in words."""
OWN_SIDE = {"payouts.received": RECEIPTS, "payouts.spent": COSTS, "payouts.billed": COSTS, "payouts.credited": COSTS}
"""On which account of the chart an entry changes the income that awaits its run; all others share from it."""


class Event(Struct, frozen=True, kw_only=True):
    """What one entry did, or what fell due on a day: the transactions, and the change on our own accounts."""

    date: str
    transactions: tuple[Transaction, ...]
    change: dict[str, int]


class Replay:
    """The log folded once more, with what each step did to the accounts."""

    def __init__(self, book: Book, zone: tzinfo, call: Callable[[str], str] | None) -> None:
        self.book, self.zone, self.call = book, zone, call
        self.chart = Chart(book)
        self.kinds: dict[str, str] = {}  # of the accounts of all rules that money has flowed by
        self.accounts: dict[str, int] = {}
        self.events: list[Event] = []

    def name(self, known: str) -> str:
        """What a person or party is called in words."""
        return self.call(known) if self.call else self.chart.short(known)

    def fold(self, leaf: Leaf) -> None:
        """One entry more."""
        self.pass_time(leaf[2])
        since = _open_since(self.book) if self.book.size else ""
        entry = self.book.fold(*leaf)
        if of(self.book).accounts != self.accounts:
            self._note(self.day(entry.received), since, entry)

    def pass_time(self, until: int) -> None:
        """Let everything happen that falls due up to an instant, day by day."""
        while self.book.size:
            day = self.day(max(self.book.until, self.book.received))
            midnight = calendar.midnight(date.fromisoformat(day) + timedelta(days=1), self.zone)
            # What falls due at midnight belongs to the new day.
            self.book.advance(min(until, midnight - 1))
            if of(self.book).accounts != self.accounts:
                self._note(day, _open_since(self.book), None)
            if until < midnight:
                return
            self.book.advance(midnight)

    def day(self, instant: int) -> str:
        """The local date of an instant."""
        return datetime.fromtimestamp(instant // 1000, UTC).astimezone(self.zone).date().isoformat()

    def _note(self, day: str, since: str, entry: Entry | None) -> None:
        """A step changed the accounts: what it states, and what it changed, must be the same."""
        said = fact.read(entry.envelope, self.book.rooms) if entry else None
        kinds = self.kinds | _kinds(self.book, said)
        at = Moment(
            book=self.book,
            chart=self.chart,
            entry=entry,
            said=said,
            day=day,
            since=since,
            accounts=self.accounts,
            kinds=self.kinds,
            kinds_after=kinds,
            name=self.name,
        )
        after = dict(of(self.book).accounts)
        change, transactions = _change(at, after), stated(at)
        rest = _less(change, summed(transactions))
        if rest:
            transactions += (_as_it_is(at, rest),)
        if transactions:
            self.events.append(Event(date=transactions[0].date, transactions=transactions, change=change))
        self.accounts, self.kinds = after, kinds


def _kinds(book: Book, said: fact.Fact | None) -> dict[str, str]:
    """The kinds of the accounts that money flows to by the rule of a run."""
    if not isinstance(said, PayoutComputed):
        return {}
    rule = parse(governance.of(book).rules[of(book).runs[said.period].rule].text)
    return {name: account.kind for name, account in rule.accounts.items() if account.kind != MEMBER}


def _change(at: Moment, after: Mapping[str, int]) -> dict[str, int]:
    """What a step changed on the accounts of the chart, by our own accounts before and after it."""
    changes: dict[str, int] = {}
    for name in {**at.accounts, **after}:
        before, now = at.accounts.get(name, 0), after.get(name, 0)
        if before == now and at.kinds == at.kinds_after:
            continue
        own = OWN_SIDE.get(at.kind) if name == AWAITING else None
        for amount, kinds in ((-before, at.kinds), (now, at.kinds_after)):
            account = own or at.chart.place(name, kinds)
            changes[account] = changes.get(account, 0) + amount
    return {account: amount for account, amount in changes.items() if amount}


def _less(change: Mapping[str, int], said: Mapping[str, int]) -> dict[str, int]:
    """What of a change is not said."""
    rest = {account: change.get(account, 0) - said.get(account, 0) for account in (*change, *said)}
    return {account: amount for account, amount in rest.items() if amount}


def _as_it_is(at: Moment, rest: Mapping[str, int]) -> Transaction:
    """What has no words of its own here, as one transaction. Raises DoesNotTie for what has, and says another sum."""
    if has_words(at.kind):
        raise DoesNotTie(f"entry {at.index} says another sum than it moved")
    return Transaction(
        date=at.day,
        code=at.index,
        words=WORDS.get(at.kind, at.kind) or "what fell due",
        tags={"entry": at.index} if at.index else {},
        postings=tuple(Posting(account=account, amount=amount) for account, amount in sorted(rest.items())),
    )


def _open_since(book: Book) -> str:
    """The first day after the periods that are closed; "" before any is."""
    closed = of(book).pinned
    if not closed:
        return ""
    return (date.fromisoformat(book.ledger.calendar[closed - 1].last) + timedelta(days=1)).isoformat()
