"""The run of a book year as it lies on the shelf: what the year began and ended with, and how that was shared. Pure."""

import msgspec
from msgspec import Struct, field

from governance.rule import HELD, RESULT
from governance.run_facts import Facts, Result
from ledger.book import Book
from payouts.compute import as_written, written
from payouts.kept import YearPin
from payouts.state import of
from payouts.sums import added, less, summed, summed_by_two
from payouts.taken_off.deductions import Deducted

Members = dict[str, dict[str, int]]
"""Member account -> person -> amount."""


class YearRun(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A closed book year with all it was worked out from. Amounts are in minor units, names those of its rule.

    result (what lay there at the year's end) + costs - tax - interest - uncollected = amount, which `start` shares.
    """

    year: str  # its first day
    periods: tuple[str, ...]
    digest: str
    pin: YearPin
    opening: Members  # on member accounts when the year began
    shared: Members  # what the runs of its periods put there, corrections included
    interest: Members
    left: int  # what lay in `result` at the year's end
    costs: int  # costs of `income` that nothing had covered, 0 or less: the year bears them
    amount: int
    start: str  # "surplus", "loss", or "" where the amount stays in `result`
    accounts: dict[str, int]  # of the cooperative, before the close
    members: Members  # before the close
    facts: Facts
    result: Result
    withheld: dict[str, dict[str, int]] = field(default_factory=dict)  # person -> authority -> amount
    set_off: dict[str, int] = field(default_factory=dict)  # person -> amount
    uncollected: dict[str, int] = field(default_factory=dict)  # person who has left -> what the balance lacked
    corrected: Members = field(default_factory=dict)  # what of `shared` amendments put there, or took

    @property
    def deducted(self) -> Deducted:
        """What is taken off the shares that the year puts on balances."""
        return Deducted(withheld=self.withheld, set_off=self.set_off)

    @property
    def change_of_result(self) -> int:
        """By how much `result` holds more after the close."""
        return self.result.accounts.get(RESULT, 0) - self.accounts.get(RESULT, 0)

    @property
    def by_periods(self) -> Members:
        """What its periods put on member accounts by themselves, before any amendment."""
        return added(self.shared, less(self.corrected))

    def shares(self) -> Members:
        """Account -> person -> what the year's own run gave, a minus for what was taken."""
        return summed_by_two(
            (line.account, line.to, line.amount) for line in self.result.lines if line.account is not None
        )

    def given(self) -> dict[str, int]:
        """Person -> interest and shares together."""
        parts = (each for nested in (self.interest, self.shares()) for each in nested.values())
        return summed(row for each in parts for row in each.items())

    def paid(self) -> dict[str, dict[str, int]]:
        """Pot -> person -> what it gave, nothing held: of a loss nothing."""
        given = (line for line in self.result.lines if line.account not in (None, HELD) and line.amount > 0)
        return summed_by_two((line.pot, line.to, line.amount) for line in given)


def write(found: YearRun) -> bytes:
    """A year's run as it lies on the shelf."""
    return msgspec.msgpack.encode(found, enc_hook=written)


def computed_year(book: Book, year: str) -> YearRun:
    """The run of a computed book year with its reasons."""
    data = book.shelf.get(of(book).years[year].document)
    found: YearRun = msgspec.msgpack.decode(data, type=YearRun, dec_hook=as_written)
    return found
