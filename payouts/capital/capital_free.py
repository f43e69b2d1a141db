"""What of a member account is its person's own by now and can be redeemed by decision. Pure."""

from governance.rule import BALANCE, HELD
from ledger.book import Book
from payouts.capital.capital_compute import left_at, open_advance, put_by_close, redemption_due, ruled, whole_years
from payouts.capital.capital_moves import Members, account_now, by_decision
from payouts.compute import computed_run
from payouts.corrections.amended_years import raised_by
from payouts.state import of
from payouts.sums import added
from payouts.years.book_years import FOREVER, years


def held(book: Book, person: str, account: str) -> int:
    """What lies on somebody's account, in minor units; a minus where it was overdrawn."""
    return -of(book).accounts.get(f"member:{account}:{person}", 0)


def free(book: Book, person: str, account: str) -> int:
    """What can be redeemed by decision now: what has vested, without what no treasurers have approved yet."""
    lies = held(book, person, account)
    if lies <= 0 or account == HELD:
        return 0
    return max(0, min(vested(book, person, account), lies - _unapproved(book).get(account, {}).get(person, 0)))


def vested(book: Book, person: str, account: str) -> int:
    """What of an account would be somebody's own if they left now, or is since they have left, in minor units."""
    lies = max(0, held(book, person, account))
    left = left_at(book, person, book.until + 1)
    by = ruled(book, account, book.until if left is None else left, book.size)
    if by is None or (left is not None and (by.by.since > left or _closed_since(book, left))):
        return lies
    taken = by_decision(book, 0, FOREVER).get(account, {}).get(person, 0)
    return by.terms.vested(lies, whole_years(book, person, book.until + 1 if left is None else left), taken)


def advance_of(book: Book, person: str, account: str, amount: int) -> int:
    """What of an amount that is redeemed pays back an open advance, where the terms say so."""
    by = ruled(book, account, book.until, book.size)
    return min(amount, open_advance(book, person)) if by is not None and by.terms.set_off else 0


def _closed_since(book: Book, left: int) -> bool:
    """Whether a close has taken out already what had not vested when somebody left."""
    waits = redemption_due(book)
    return any(year != waits and years(book)[year][-1].end > left for year in of(book).years)


def _unapproved(book: Book) -> Members:
    """What runs, amendments and closes that are not approved yet put on member accounts."""
    key = "unapproved capital"
    if key not in book.memo:
        own, parts = of(book), list[Members]()
        for number, (period, run) in enumerate(own.runs.items()):
            if run.approved is None:
                parts += [
                    {account_now(book, line.account, number): {line.to: max(0, line.amount)}}
                    for line in computed_run(book, period).result.lines
                    if line.account is not None and line.account != BALANCE
                ]
        parts += [put_by_close(book, year) for year, run in own.years.items() if run.approved is None]
        parts += [raised_by(book, name) for name, run in own.amendments.items() if run.approved is None]
        book.memo[key] = added(*parts)
    found: Members = book.memo[key]
    return found
