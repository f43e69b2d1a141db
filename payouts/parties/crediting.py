"""What of a party's bills can still be credited, and what a credit does to them. Pure."""

from functools import partial

from ledger import fact, people
from ledger.book import Book
from ledger.lives import entry_at
from payouts.kept import Bill
from payouts.parties.party_dues import open_bills
from payouts.parties.payees import making_up, stood_by, without
from payouts.payee_facts import Billed
from payouts.state import of


def billed(book: Book, party: str) -> list[Bill]:
    """The bills of costs that are not paid and not on their way, in the order in which they are paid."""
    good = stood_by(open_bills(book, party), partial(people.is_disputed, book.ledger))
    return [one for one in good if one.entry is not None and _is_bill(book, one.entry)]


def take_off(book: Book, party: str, amount: int) -> None:
    """So much less is to be paid for them; those that would be paid first are less first."""
    own = of(book)
    own.bills[party] = without(own.bills.get(party, ()), making_up(billed(book, party), amount))
    if not own.bills[party]:
        del own.bills[party]


def _is_bill(book: Book, entry: int) -> bool:
    return isinstance(fact.read(entry_at(book, entry).envelope, book.rooms), Billed)
