"""What of a balance may be paid out now: all of it, or nothing while it is below the minimum of the rule.

Who is no member any more waits for no minimum, and with the last period of a book year nobody does.
"""

from collections.abc import Callable, Mapping

from governance import state as governance
from governance.rules import parse
from governance.run_facts import Person
from ledger.book import Book
from ledger.people import FORMER
from payouts import state
from payouts.years.book_years import is_last


def payable_from(book: Book, period: str) -> int:
    """The balance from which on a computed period lets it be paid out, in minor units; 0: any.

    It is the minimum of its rule; none with the last period of a book year.
    """
    if is_last(book, next(row for row in book.ledger.calendar if row.id == period)):
        return 0
    rule = parse(governance.of(book).rules[state.of(book).runs[period].rule].text)
    return rule.payable_from(book.ledger.exponent)


Least = Callable[[str], int]
"""Person -> the balance from which on it is paid out."""


def least_of(book: Book, period: str, seen: Mapping[str, Person] | None = None) -> Least:
    """The same for each person: who has left waits for no minimum.

    That is who has left by now; with `seen`, the people as a run saw them, who had left then.
    """
    least, persons = payable_from(book, period), book.ledger.persons

    def least_for(person: str) -> int:
        if seen is not None:
            return 0 if person in seen and seen[person].left else least
        return 0 if person in persons and persons[person].standing == FORMER else least

    return least_for


def payable(balance: int, least: int) -> int:
    """What of a balance is payable now, in minor units."""
    return balance if balance >= max(least, 0) else 0
