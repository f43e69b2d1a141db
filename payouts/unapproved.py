"""What nobody has approved yet of all that runs, amendments, years and redemptions put on balances. Pure.

It is paid to nobody.
"""

from collections.abc import Iterable, Iterator, Mapping

from ledger.book import Book
from payouts import state
from payouts.compute import computed_run
from payouts.corrections.correcting import period_of
from payouts.corrections.standing import amended, amendments
from payouts.sums import summed
from payouts.taken_off.deductions import Deducted
from payouts.taken_off.taking_off import onto_balance
from payouts.years.year_run import computed_year


def unapproved(book: Book) -> dict[str, int]:
    """Person -> what of the balance is not approved, net."""
    return summed((person, max(0, amount)) for parts in _waiting(book) for person, amount in _together(parts).items())


def _waiting(book: Book) -> Iterator[Iterable[Mapping[str, int]]]:
    """Person -> amount, of each that waits for approval; of a run with its amendments, one beside the other."""
    own = state.of(book)
    for period, run in own.runs.items():
        if run.approved is None:
            found = computed_run(book, period)
            # What an amendment took back meanwhile cannot be paid too early any more.
            took_back = (one.onto_balance() for one in amendments(book, period))
            yield [_net(onto_balance(found.result), found.deducted), *took_back]
    for name, run in own.amendments.items():
        if run.approved is None and own.runs[period_of(name)].approved is not None:
            yield [amended(book, name).onto_balance()]
    for year, run in own.years.items():
        if run.approved is None:
            closed = computed_year(book, year)
            yield [_net(onto_balance(closed.result), closed.deducted)]
    for run in own.redemptions.values():
        if run.approved is None:
            yield [run.payees]


def _net(gross: Mapping[str, int], taken: Deducted) -> dict[str, int]:
    """What a run put on balances, less what it took off."""
    return {person: amount - taken.of(person) for person, amount in gross.items()}


def _together(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    return summed(row for one in parts for row in one.items())
