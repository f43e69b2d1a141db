"""What runs, book years and redemptions that nobody has approved yet put on balances: it is paid to nobody. Pure."""

from ledger.book import Book
from payouts import state
from payouts.compute import computed_run
from payouts.deductions import Deducted
from payouts.taking_off import onto_balance
from payouts.year_run import computed_year


def unapproved(book: Book) -> dict[str, int]:
    """Person -> what of the balance is not approved, net."""
    sums: dict[str, int] = {}
    for period, run in state.of(book).runs.items():
        if run.approved is None:
            found = computed_run(book, period)
            _add_net(sums, onto_balance(found.result), found.deducted)
    for year, run in state.of(book).years.items():
        if run.approved is None:
            closed = computed_year(book, year)
            _add_net(sums, onto_balance(closed.result), closed.deducted)
    for run in state.of(book).redemptions.values():
        for person, amount in run.payees.items() if run.approved is None else ():
            sums[person] = sums.get(person, 0) + amount
    return sums


def _add_net(sums: dict[str, int], gross: dict[str, int], taken: Deducted) -> None:
    """Add what a run put on balances, less what it took off."""
    for person, amount in gross.items():
        sums[person] = sums.get(person, 0) + amount - taken.of(person)
