"""What a run takes off the shares it puts on balances, and what follows on the accounts. Pure.

Withheld money is owed to its authority, what is set off is an advance that is paid back. Gross = net + withheld + set
off, to the unit.
"""

from collections.abc import Mapping
from fractions import Fraction

from governance.rule import BALANCE
from governance.run_facts import Result
from ledger import people
from ledger.book import Book
from payouts.bank.paying import on_the_way
from payouts.state import DoesNotTie, lying, of, owed_name, post
from payouts.sums import summed
from payouts.taken_off.deductions import Advance, Deducted, deducted, rate_of, take

WITHHELD = "withheld"


def deductions(book: Book, period: str, gross: Mapping[str, int]) -> Deducted:
    """What is taken off what a run of this period puts on balances now: person -> gross, in minor units."""
    due = {one: sum(advance.open for advance in due_advances(book, period, one)) for one in of(book).advances}
    gone = on_the_way(of(book))
    before = {one: held - gone.get(one, 0) for one, held in lying(book, "balance").items()}
    return deducted(gross, before, rates_in(book, period), due)


def onto_balance(result: Result) -> dict[str, int]:
    """Person -> what a run of the rule puts on the balance, before anything is taken off."""
    return summed((line.to, line.amount) for line in result.lines if line.account == BALANCE)


def rates_in(book: Book, period: str) -> dict[str, dict[str, Fraction]]:
    """Person -> authority -> what part of the gross is withheld in a period; what was said last holds."""
    places = _places(book)
    found: dict[str, dict[str, Fraction]] = {}
    for said in of(book).withholding:
        if places[said.since] <= places[period] and not people.is_disputed(book.ledger, said.entry):
            for person in said.persons:
                found.setdefault(person, {})[said.authority] = rate_of(said.rate) or Fraction(0)
    held = {person: {name: rate for name, rate in rates.items() if rate} for person, rates in found.items()}
    return {person: rates for person, rates in held.items() if rates}


def due_advances(book: Book, period: str, person: str) -> list[Advance]:
    """What is to be set off in a run of this period: advances that name it, or a run that is over. Oldest first."""
    places, computed = _places(book), len(of(book).runs)
    return [
        one
        for one in of(book).advances.get(person, ())
        if one.open
        and (places[one.period] < computed or places[one.period] <= places[period])
        and not people.is_disputed(book.ledger, one.entry)
    ]


def note_set_off(book: Book, period: str, found: Deducted) -> None:
    """So much less of these advances is open."""
    for person, amount in found.set_off.items():
        take(due_advances(book, period, person), amount)


def post_deductions(accounts: dict[str, int], gross: Mapping[str, int], found: Deducted) -> None:
    """Take it off the balances. Raises DoesNotTie unless gross = net + withheld + set off, and no net is below zero."""
    before = {one: accounts.get(balance_of(one), 0) for one in gross}
    for person, parts in found.withheld.items():
        for authority, amount in parts.items():
            post(accounts, balance_of(person), owed_withheld(authority), amount)
    for person, amount in found.set_off.items():
        post(accounts, balance_of(person), advance_of(person), amount)
    for person, amount in gross.items():
        taken = accounts.get(balance_of(person), 0) - before[person]
        if taken != found.of(person) or not 0 <= taken <= amount:
            raise DoesNotTie("what is taken off a share is not its gross less its net")
    if not found.withheld.keys() | found.set_off.keys() <= gross.keys():
        raise DoesNotTie("something is taken off where there is no share")


def balance_of(person: str) -> str:
    """The account of what is payable to somebody."""
    return f"balance:{person}"


def advance_of(person: str) -> str:
    """The account of what a member had in advance."""
    return f"advance:{person}"


def owed_withheld(authority: str) -> str:
    """The account of what was withheld for an authority and is not paid to it yet."""
    return owed_name(WITHHELD, authority)


def withheld_owed(book: Book) -> dict[str, int]:
    """Authority -> what was withheld for it and is not paid to it yet."""
    return lying(book, f"owed:{WITHHELD}")


def _places(book: Book) -> dict[str, int]:
    """The place of every period in the calendar."""
    return {row.id: place for place, row in enumerate(book.ledger.calendar)}
