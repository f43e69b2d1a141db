"""The whole history of the money as double-entry transactions, by date, with what every account then held. Pure.

The log is folded once more, and each entry written down twice, in two ways: as the transactions that it states, and as
what it changed on the ledger's own accounts. The two must come to the same. At the end of each period stands what every
account held, by our own accounts, so that another program that adds up the transactions finds any that is not right.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from governance import state as governance
from governance.rules import parse
from ledger import calendar, fact
from ledger.book import Book
from ledger.entry import Entry
from ledger.money import format_amount
from payouts.chart import AWAITED, BANK_ACCOUNT, COSTS, RECEIPTS, Chart
from payouts.facts import PayoutComputed
from payouts.postings import SAY, Moment, Posting, Transaction, stated, summed
from payouts.state import AWAITING, DoesNotTie, of

Leaf = tuple[bytes, bytes, int]
"""An entry's bytes, its signature, and when it was received (ms)."""

OWN_SIDE = {"payouts.received": RECEIPTS, "payouts.spent": COSTS}
"""On which account of the chart an entry changes the income that awaits its run; all others share from it."""


class Check(Struct, frozen=True, kw_only=True):
    """What every account held at the end of a day, in minor units, by the ledger's own accounts."""

    date: str
    words: str
    balances: dict[str, int]


class Opened(Struct, frozen=True, kw_only=True):
    """An account of the chart: since when it is used, and what the person or party is called whose it is, or ""."""

    since: str
    name: str


class Journal(Struct, frozen=True, kw_only=True):
    """All transactions and checks of a ledger of `size` entries, by date; on a day, checks come last."""

    ledger: str
    id: str
    size: int
    root: str
    rehearsal: bool
    currency: str
    exponent: int
    accounts: dict[str, Opened]
    rows: tuple[Transaction | Check, ...]

    def plain(self, amount: int) -> str:
        """An amount as all three programs read it: "-1234.50"."""
        return format_amount(amount, self.exponent)

    @property
    def transactions(self) -> tuple[Transaction, ...]:
        """The transactions alone."""
        return tuple(row for row in self.rows if isinstance(row, Transaction))

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks alone."""
        return tuple(row for row in self.rows if isinstance(row, Check))


class Event(Struct, frozen=True, kw_only=True):
    """What one entry did, or what fell due on a day: the transactions, and the change on our own accounts."""

    date: str
    transactions: tuple[Transaction, ...]
    change: dict[str, int]


def journal(
    leaves: Iterable[Leaf], book: Book, until: int, zone: tzinfo, call: Callable[[str], str] | None = None
) -> Journal:
    """The journal of these leaves, up to an instant (ms); `book` is empty and is filled with them.

    `zone` tells on which local date something was received. `call` tells what a person or party is called; without it
    they are short ids only. Raises DoesNotTie where what entries state is not what they moved.
    """
    replay = _Replay(book, zone, call)
    for leaf in leaves:
        replay.fold(leaf)
    replay.pass_time(until)
    rows = tuple(_rows(replay))
    return Journal(
        ledger=book.ledger.name,
        id=book.ledger.id,
        size=book.size,
        root=book.root,
        rehearsal=book.ledger.rehearsal,
        currency=book.ledger.currency,
        exponent=book.ledger.exponent,
        accounts=_opened(replay, rows),
        rows=rows,
    )


class _Replay:
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
        self.events.append(Event(date=transactions[0].date, transactions=transactions, change=change))
        self.accounts, self.kinds = after, kinds


def _kinds(book: Book, said: fact.Fact | None) -> dict[str, str]:
    """The kinds of the accounts that money flows to by the rule of a run."""
    if not isinstance(said, PayoutComputed):
        return {}
    rule = parse(governance.of(book).rules[of(book).runs[said.period].rule].text)
    return {name: account.kind for name, account in rule.accounts.items()}


def _change(at: Moment, after: Mapping[str, int]) -> dict[str, int]:
    """What a step changed on the accounts of the chart, by our own accounts before and after it."""
    changes: dict[str, int] = {}
    for accounts, kinds, sign in ((at.accounts, at.kinds, -1), (after, at.kinds_after, 1)):
        for name, amount in accounts.items():
            own = OWN_SIDE.get(at.kind) if name == AWAITING else None
            account = own or at.chart.place(name, kinds)
            changes[account] = changes.get(account, 0) + sign * amount
    return {account: amount for account, amount in changes.items() if amount}


def _less(change: Mapping[str, int], said: Mapping[str, int]) -> dict[str, int]:
    """What of a change is not said."""
    rest = {account: change.get(account, 0) - said.get(account, 0) for account in (*change, *said)}
    return {account: amount for account, amount in rest.items() if amount}


def _as_it_is(at: Moment, rest: Mapping[str, int]) -> Transaction:
    """What has no words of its own here, as one transaction. Raises DoesNotTie for what has, and says another sum."""
    if at.kind in SAY:
        raise DoesNotTie(f"entry {at.index} says another sum than it moved")
    return Transaction(
        date=at.day,
        code=at.index,
        words=at.kind or "what fell due",
        tags={"entry": at.index} if at.index else {},
        postings=tuple(Posting(account=account, amount=amount) for account, amount in sorted(rest.items())),
    )


def _open_since(book: Book) -> str:
    """The first day of the oldest period that is not closed."""
    rows, closed = book.ledger.calendar, of(book).pinned
    if closed < len(rows):
        return rows[closed].first
    return (date.fromisoformat(rows[-1].last) + timedelta(days=1)).isoformat()


# By date.


def _rows(replay: _Replay) -> Iterator[Transaction | Check]:
    """All events by date, with what every account holds at the end of each period, and after the last event."""
    events = sorted(replay.events, key=lambda event: event.date)
    held: dict[str, int] = {}
    checked = 0
    for row in replay.book.ledger.calendar:
        if row.end > replay.book.until:
            break
        upto = sum(event.date <= row.last for event in events)
        for event in events[checked:upto]:
            yield from _passed(event, held)
        checked = upto
        if held:
            yield Check(date=row.last, words=f"the end of {row.id}", balances=dict(sorted(held.items())))
    for event in events[checked:]:
        yield from _passed(event, held)
    _must_be_the_books(replay, held)
    if events[checked:]:
        words = f"the last of entry {replay.book.size - 1}"
        yield Check(date=events[-1].date, words=words, balances=dict(sorted(held.items())))


def _passed(event: Event, held: dict[str, int]) -> Iterator[Transaction]:
    """An event's transactions, after which the accounts hold so much; of what is paid from the bank, what is left."""
    for account, amount in event.change.items():
        held[account] = held.get(account, 0) + amount
    for one in event.transactions:
        is_payment = len(event.transactions) == 1 and any(
            posting.account == BANK_ACCOUNT and posting.amount < 0 for posting in one.postings
        )
        yield replace(one, postings=tuple(_left(posting, held) for posting in one.postings)) if is_payment else one


def _left(posting: Posting, held: Mapping[str, int]) -> Posting:
    """What is owed still after a payment stands beside it, so that nothing is paid twice, or before it is owed."""
    owed = posting.account.startswith("Liabilities:")
    return replace(posting, leaves=held[posting.account]) if owed else posting


def _must_be_the_books(replay: _Replay, held: Mapping[str, int]) -> None:
    """After all of it every account holds what it holds in the books."""
    books = {AWAITING: 0}
    for name, amount in replay.accounts.items():
        account = AWAITING if name == AWAITING else replay.chart.place(name, replay.kinds)
        books[account] = books.get(account, 0) + amount
    found = {account: amount for account, amount in held.items() if amount and account not in AWAITED}
    found[AWAITING] = sum(held.get(account, 0) for account in AWAITED)
    if found != books or sum(books.values()):
        raise DoesNotTie("the journal does not end in the accounts of the ledger")


def _opened(replay: _Replay, rows: Iterable[Transaction | Check]) -> dict[str, Opened]:
    """Every account that is used, since when."""
    since: dict[str, str] = {}
    for row in rows:
        for posting in row.postings if isinstance(row, Transaction) else ():
            since.setdefault(posting.account, row.date)
    whose, call = replay.chart.whose, replay.call
    return {
        account: Opened(since=since[account], name=call(whose[account]) if call and account in whose else "")
        for account in sorted(since)
    }
