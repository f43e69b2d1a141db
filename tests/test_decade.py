"""Ten years of forty members, with leavers, refunds, late work, a new rule each year: all of it ties every month."""

import os
from fractions import Fraction

import msgspec
import pytest

from ledger.book import Book, state_of
from ledger.money import DEBT_UNITS
from payouts import state
from tests.decade import PEOPLE, Decade
from tests.judges import journal_of, must_tie
from tests.test_book_year import lying
from tests.village import Village, parts

SEEDS = range(1, 1 + int(os.environ.get("TALLY_DECADES", "1")))
MONTHS = 120
DRIFT_MAX = int(sum(Fraction(DEBT_UNITS, number) for number in range(2, len(PEOPLE) + 1)))
"""H_n - 1 units: the most that rounding can come to where members leave just after they were served (3.28 cents)."""


@pytest.mark.parametrize("seed", SEEDS)
def test_ten_years_of_forty_members_tie_every_month(seed: int) -> None:
    decade = Decade(seed)
    decade.live(MONTHS)
    here, own = decade.here, state.of(decade.here.book)

    assert len(own.runs) == MONTHS
    assert len(own.years) == 10
    assert len(own.amendments) > 20
    assert decade.returned > 20
    assert not decade.refused
    drift = max(abs(debt) for debts in own.debts.values() for debt in debts.values())
    assert drift < DRIFT_MAX, (seed, drift)
    until = max(here.book.received, here.book.until)
    for other in (resumed(here, len(here.leaves) // 2), admitted(here)):
        other.advance(until)
        assert (other.root, parts(other)) == (here.book.root, parts(here.book))
    must_tie(journal_of(here, until))
    print(
        f"seed {seed}: {len(here.leaves)} entries, {len(own.runs)} runs, {len(own.amendments)} amendments,"
        f" {decade.settled} payments booked, {decade.returned} came back, drift {drift} of {DEBT_UNITS},"
        f" {len(PEOPLE) - len(decade.people)} left, reserve {lying(here, 'account:reserve')}, refused {decade.refused}"
    )


def resumed(here: Village, cut: int) -> Book:
    """The log folded half way, kept as a snapshot keeps it, and folded on."""
    book = here.again(cut)
    kept = {room: msgspec.msgpack.encode(part) for room, part in book.parts.items()}
    book.parts = {room: msgspec.msgpack.decode(data, type=state_of(room).State) for room, data in kept.items()}
    for leaf in here.leaves[cut:]:
        book.fold(*leaf)
    return book


def admitted(here: Village) -> Book:
    """Every entry admitted again, as an audit does."""
    book = here.empty_book()
    book.root_at = here.book.root_at
    for leaf in here.leaves:
        book.admit(*leaf)
        book.fold(*leaf)
    return book
