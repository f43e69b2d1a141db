"""How long a payout takes, and whether it cares how much history there is."""

import multiprocessing
import os
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.big import ROOMS, Builder
from benchmarks.measure import TALLY, command, peak_megabytes, wall
from benchmarks.row import Row, at_most, within
from ledger.clock import claim
from ledger.opened import Ledger
from payouts.compute import settle
from payouts.reasons.why import why_data

PEOPLE, PIECES = 500, 50_000


def rows() -> list[Row]:
    """One large period; then the same small month after a short and after a very long history."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        taken, memory = pool.apply(large_period)
    short, long = _after(10_000), _after(1_000_000)
    return [
        within(f"a period of {PEOPLE} members, {PIECES:,} pieces: frozen, computed, explained", taken, 0.5, "s"),
        within("the same: memory above that of the ledger before it", memory, 150, "MB"),
        at_most("tally log after 1,000,000 items", long[0], short[0], "after 10,000:", 1.5),
        at_most("tally payout tick after 1,000,000 items", long[1], short[1], "after 10,000:", 1.5),
    ]


def large_period() -> tuple[float, float]:
    """Seconds and megabytes to freeze, compute and explain one period to one member."""
    with tempfile.TemporaryDirectory() as folder:
        builder = Builder(Path(folder))
        everybody = [(builder.key, builder.ana), *(builder.join(f"Member {n}") for n in range(PEOPLE - 1))]
        builder.now += 2 * 3_600_000
        row = builder.book.ledger.calendar[0]
        builder.name_customer()
        for member in everybody:
            builder.log(PIECES // PEOPLE, row.first, by=member)
        builder.receive(10_000_000, row.first)
        builder.now = row.cut + 1
        builder.write()
        before = peak_megabytes()

        def pay(ledger: Ledger) -> None:
            ledger.book.advance(builder.now)
            settle(ledger.book, row, ledger.book.size)
            told = why_data(ledger.book, ledger.names, ledger.log.private_many, builder.ana, row.id)
            assert told["period"] == row.id

        builder.close()
        opened = [Ledger(builder.home, builder.known, ROOMS) for _ in range(2)]
        taken = min(wall(partial(pay, ledger), times=1) for ledger in opened)
    return taken, peak_megabytes() - before


def _after(items: int) -> tuple[float, float]:
    """CPU seconds of `tally log` and of the `tally payout tick` that computes a month, after so many old items."""
    with tempfile.TemporaryDirectory() as folder:
        builder = Builder(Path(folder))
        list(builder.months(10, items, 1_000_000))
        row = builder.book.ledger.calendar[10]
        builder.now = row.start + 86_400_000
        builder.log(1_000, row.first)
        builder.receive(1_000_000, row.first)
        builder.close()
        aside = {"TALLY_HOME": folder}
        log = command([TALLY, "log", "30m", "Reviewed the parser", "--role", "code"], aside)
        os.environ["TALLY_NOW"] = claim(row.cut + 1000)
        return log, command([TALLY, "payout", "tick"], aside, times=1)
