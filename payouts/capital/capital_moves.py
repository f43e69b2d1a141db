"""What left member accounts, besides losses: at the close of each book year by the terms, or by decision. Pure.

Names are those of today: where a later rule has given an account another name, its money and its past are found there.
"""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from governance import state as governance
from governance.rules import parse
from ledger.book import Book
from payouts.inputs import place
from payouts.state import of
from payouts.sums import added, summed

Members = dict[str, dict[str, int]]
"""Member account -> person -> amount."""


class Row(Struct, frozen=True, kw_only=True):
    """What a close took out of one person's account. Amounts are in minor units.

    due = what was redeemed; advance = what of it paid back advances, the rest is the balance's; lapsed had not vested.
    """

    account: str
    person: str
    held: int  # when the year ended, all of the close included
    due: int
    advance: int
    lapsed: int
    into: str  # where lapsed money went
    part: int  # which of so many yearly parts; 0 where it revolved
    parts: int


class Redemption(Struct, frozen=True, kw_only=True):
    """What the close of a book year takes out of member accounts; names are those when it was computed."""

    year: str
    digest: str
    runs: int  # how many runs there were by then
    rows: tuple[Row, ...]

    def to_balances(self) -> dict[str, int]:
        """Person -> what comes to lie on the balance."""
        sums = summed((row.person, row.due - row.advance) for row in self.rows)
        return {person: amount for person, amount in sums.items() if amount}


def redemption_of(book: Book, year: str) -> Redemption:
    """What the close of a book year took out, from the shelf."""
    return msgspec.msgpack.decode(book.shelf.get(of(book).redemptions[year].document), type=Redemption)


def name_now(book: Book, name: str, runs: int) -> str:
    """Where money on an account of the books lies today, if it lay there when there were so many runs."""
    digests = [run.rule for run in list(of(book).runs.values())[runs:]]
    for digest in dict.fromkeys(digests):
        name = place(name, parse(governance.of(book).rules[digest].text))
    return name


def account_now(book: Book, account: str, runs: int) -> str:
    """The same of a member account, by its name in a rule."""
    return name_now(book, f"member:{account}:", runs).removeprefix("member:")[:-1]


def by_close(book: Book, year: str) -> Members:
    """What the close of a book year took out, redeemed and lapsed together; nothing where it took nothing."""
    return added(redeemed_by_close(book, year), lapsed_by_close(book, year))


def redeemed_by_close(book: Book, year: str) -> Members:
    """What the close of a book year redeemed."""
    return _of_rows(book, year, lambda row: row.due)


def lapsed_by_close(book: Book, year: str) -> Members:
    """What had not vested when somebody left, and went elsewhere at the close of a book year."""
    return _of_rows(book, year, lambda row: row.lapsed)


def _of_rows(book: Book, year: str, amount: Callable[[Row], int]) -> Members:
    if year not in of(book).redemptions:
        return {}
    found = redemption_of(book, year)
    return added(*({account_now(book, row.account, found.runs): {row.person: amount(row)}} for row in found.rows))


def by_decision(book: Book, start: int, end: int, before: int | None = None) -> Members:
    """What was taken out by decision and received from `start` to `end` (ms), perhaps before an entry."""
    return added(
        *(
            {account_now(book, one.account, one.runs): {one.person: one.amount}}
            for one in of(book).capital_moves
            if start <= one.received < end and (before is None or one.entry < before)
        )
    )
