"""Whose heirs are named, whether that holds, and what is theirs by now. Pure.

Two treasurers and a steward say so; then two weeks are waited. Any statement that the person signs meanwhile, or later,
is the end of it: who speaks is alive.
"""

from collections.abc import Mapping
from fractions import Fraction

from governance.rule import BALANCE
from ledger import people
from ledger.book import Book
from ledger.money import owed, split
from payouts import state
from payouts.bank.paying import DAY, on_the_way
from payouts.departed.heirs_kept import Naming, has_spoken
from payouts.parties.payees import payable_name
from payouts.unapproved import unapproved

STEWARD = "steward"
WAIT_DAYS = 14


def are_enough(book: Book, said: Mapping[str, int]) -> bool:
    """Two treasurers and a steward, three different people, whose word nobody doubts."""
    sure = [who for who, index in said.items() if not people.is_disputed(book.ledger, index)]
    treasurers = {who for who in sure if people.holds(book.ledger, who, people.TREASURER)}
    stewards = {who for who in sure if people.holds(book.ledger, who, STEWARD)}
    return len(treasurers) >= 2 and bool(stewards) and len(treasurers | stewards) >= 3


def named(book: Book, person: str) -> tuple[str, Naming] | None:
    """The newest naming of somebody's heirs that enough have said and that nothing has ended; None for none."""
    found = [
        (entry_id, one)
        for entry_id, one in state.of(book).heirs.items()
        if one.person == person and one.enough is not None and stands(book, one)
    ]
    return found[-1] if found else None


def stands(book: Book, naming: Naming) -> bool:
    """Whether the person is silent since, and nobody's word for it is in doubt."""
    doubted = any(people.is_disputed(book.ledger, index) for index in naming.said.values())
    return not doubted and not has_spoken(book.ledger, naming)


def holds_from(naming: Naming) -> int | None:
    """From when on (ms) heirs are paid; None while too few have said so."""
    return None if naming.enough is None else naming.enough + WAIT_DAYS * DAY


def died_before(book: Book, person: str, until: int) -> int | None:
    """Since when somebody counts as gone by their heirs' naming, up to an instant (ms); None where that is not so."""
    found = named(book, person)
    since = holds_from(found[1]) if found else None
    return since if since is not None and since < until else None


def inherited(book: Book, now: int) -> list[tuple[str, int]]:
    """Namings, by the entry's id, that hold at an instant (ms), and what of the balance goes to the heirs now."""
    found = []
    for entry_id, naming in state.of(book).heirs.items():
        current, since = named(book, naming.person), holds_from(naming)
        if current is None or current[0] != entry_id or since is None or now < since:
            continue
        amount = theirs(book, naming.person)
        if amount > 0:
            found.append((entry_id, amount))
    return found


def theirs(book: Book, person: str) -> int:
    """What of a balance no run that waits for approval put there, and nothing is paying already."""
    balance = state.lying(book, BALANCE).get(person, 0)
    return balance - unapproved(book).get(person, 0) - on_the_way(state.of(book)).get(person, 0)


def parts_of(naming: Naming, entry_id: str, amount: int) -> tuple[dict[str, int], dict[str, int]]:
    """What each heir gets of an amount, and what rounding owes them after it: over the years nobody is a cent off."""
    weights = {heir.to: Fraction(heir.part) for heir in naming.heirs}
    parts = split(amount, weights, naming.debts, seed=f"heirs/{entry_id}".encode())
    return parts, owed(amount, weights, parts, naming.debts)


def account_of(book: Book, heir: str) -> str:
    """Where the money of an heir lies: on the balance of a member, or payable to a party."""
    return f"balance:{heir}" if heir in book.ledger.persons else payable_name(heir)
