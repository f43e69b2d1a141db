"""The whole history of the money as double-entry transactions by date, with what every account then holds. Pure.

The transactions are what the entries of the log state. At the end of each period stands beside them what every account
held by the ledger's own accounts: another program that adds up the transactions finds any that is not right.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import tzinfo

from msgspec import Struct
from msgspec.structs import replace

from ledger.book import Book
from ledger.money import format_amount
from payouts.books.chart import AWAITED, BANK_ACCOUNT
from payouts.books.postings import Posting, Transaction
from payouts.books.replay import Event, Leaf, Replay
from payouts.state import AWAITING, DoesNotTie


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


def journal(
    leaves: Iterable[Leaf], book: Book, until: int, zone: tzinfo, call: Callable[[str], str] | None = None
) -> Journal:
    """The journal of these leaves, up to an instant (ms); `book` is empty and is filled with them.

    `zone` tells on which local date something was received. `call` tells what a person or party is called; without it
    they are short ids only. Raises DoesNotTie where what entries state is not what they moved.
    """
    replay = Replay(book, zone, call)
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


# By date.


def _rows(replay: Replay) -> Iterator[Transaction | Check]:
    """All events by date, with what every account holds at the end of each period, and after the last event."""
    events = sorted(replay.events, key=lambda event: event.date)
    held: dict[str, int] = {}
    checked = 0
    for row in replay.book.ledger.calendar:
        if row.end > replay.book.until:
            break
        upto = bisect_right(events, row.last, key=lambda event: event.date)
        for event in events[checked:upto]:
            yield from _passed(event, held)
        checked = upto
        if held:
            yield Check(date=row.last, words=f"the end of {row.id}", balances=dict(sorted(held.items())))
    for event in events[checked:]:
        yield from _passed(event, held)
    _must_be_the_books(replay, held)
    if events[checked:]:
        words = f"after entry {replay.book.size - 1}"
        yield Check(date=events[-1].date, words=words, balances=dict(sorted(held.items())))


def _passed(event: Event, held: dict[str, int]) -> Iterator[Transaction]:
    """An event's transactions, after which the accounts hold so much; of what is paid from the bank, what is left."""
    touched = dict.fromkeys((posting.account for one in event.transactions for posting in one.postings), 0)
    for account, amount in (touched | event.change).items():
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


def _must_be_the_books(replay: Replay, held: Mapping[str, int]) -> None:
    """After all of it every account holds what it holds in the books."""
    books = {AWAITING: 0}
    for name, amount in replay.accounts.items():
        account = AWAITING if name == AWAITING else replay.chart.place(name, replay.kinds)
        books[account] = books.get(account, 0) + amount
    found = {account: amount for account, amount in held.items() if amount and account not in AWAITED}
    found[AWAITING] = sum([held.get(account, 0) for account in AWAITED])
    if found != books or sum(books.values()) != 0:
        raise DoesNotTie("the journal does not end in the accounts of the ledger")


def _opened(replay: Replay, rows: Iterable[Transaction | Check]) -> dict[str, Opened]:
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


def one_line(words: str) -> str:
    """Words on one line, without signs that only steer a terminal; those that join letters stay."""
    return " ".join("".join(map(_seen, words)).split())


def _seen(letter: str) -> str:
    steers = unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") and letter not in "\u200c\u200d"
    return " " if steers else letter
