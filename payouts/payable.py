"""What of a balance may be paid out now: all of it, or nothing while it is below the minimum of the rule."""

from governance import state as governance
from governance.rules import parse
from ledger.book import Book
from payouts import state


def payable_from(book: Book, period: str) -> int:
    """The balance from which on the rule of a computed period lets it be paid out, in minor units; 0: any."""
    rule = parse(governance.of(book).rules[state.of(book).runs[period].rule].text)
    return rule.payable_from(book.ledger.exponent)


def payable(balance: int, least: int) -> int:
    """What of a balance is payable now, in minor units."""
    return balance if balance >= max(least, 0) else 0
