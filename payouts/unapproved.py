"""What runs, book years and redemptions that nobody has approved yet put on balances: it is paid to nobody. Pure."""

from governance.rule import BALANCE
from ledger.book import Book
from payouts import state
from payouts.compute import computed_run
from payouts.year_run import computed_year


def unapproved(book: Book) -> dict[str, int]:
    """Person -> what of the balance is not approved."""
    sums: dict[str, int] = {}
    for period, run in state.of(book).runs.items():
        for line in computed_run(book, period).result.lines if run.approved is None else ():
            if line.account == BALANCE:
                sums[line.to] = sums.get(line.to, 0) + line.amount
    for year, run in state.of(book).years.items():
        shares = computed_year(book, year).shares().get(BALANCE, {}) if run.approved is None else {}
        for person, amount in shares.items():
            sums[person] = sums.get(person, 0) + amount
    for run in state.of(book).redemptions.values():
        for person, amount in run.payees.items() if run.approved is None else ():
            sums[person] = sums.get(person, 0) + amount
    return sums
