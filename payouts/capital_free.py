"""What of a member account is its person's own by now and can be redeemed by decision. Pure."""

from governance.rule import HELD
from ledger.book import Book
from payouts.book_years import years
from payouts.capital_compute import left_at, put_by_close, redemption_due, ruled, whole_years
from payouts.capital_moves import account_now
from payouts.compute import computed_run
from payouts.state import of


def held(book: Book, person: str, account: str) -> int:
    """What lies on somebody's account, in minor units; a minus where it was overdrawn."""
    return -of(book).accounts.get(f"member:{account}:{person}", 0)


def free(book: Book, person: str, account: str) -> int:
    """What can be redeemed by decision now: what has vested, without what no treasurers have approved yet."""
    lies = held(book, person, account)
    if lies <= 0 or account == HELD:
        return 0
    return max(0, min(vested(book, person, account), lies - _unapproved(book, person, account)))


def vested(book: Book, person: str, account: str) -> int:
    """What of an account would be somebody's own if they left now, or is since they have left, in minor units."""
    lies = max(0, held(book, person, account))
    left = left_at(book, person, book.until + 1)
    by = ruled(book, account, book.until if left is None else left, book.size)
    if by is None or (left is not None and (by.by.since > left or _closed_since(book, left))):
        return lies
    return by.terms.vested(lies, whole_years(book, person, book.until + 1 if left is None else left))


def advance_of(book: Book, person: str, account: str, amount: int) -> int:
    """What of an amount that is redeemed pays back an open advance, where the terms say so."""
    by = ruled(book, account, book.until, book.size)
    owed = of(book).accounts.get(f"advance:{person}", 0)
    return min(amount, max(0, owed)) if by is not None and by.terms.set_off else 0


def _closed_since(book: Book, left: int) -> bool:
    """Whether a close has taken out already what had not vested when somebody left."""
    waits = redemption_due(book)
    return any(year != waits and years(book)[year][-1].end > left for year in of(book).years)


def _unapproved(book: Book, person: str, account: str) -> int:
    """What runs and closes that nobody has approved yet put on an account."""
    own, total = of(book), 0
    for number, (period, run) in enumerate(own.runs.items()):
        for line in computed_run(book, period).result.lines if run.approved is None else ():
            if line.to == person and line.account and account_now(book, line.account, number) == account:
                total += max(0, line.amount)
    for year, run in own.years.items():
        if run.approved is None:
            total += put_by_close(book, year).get(account, {}).get(person, 0)
    return total
