"""What years before cost: a week that looks back over two years, and a month after one year and after ten."""

import multiprocessing
import os
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.big import DAY, ROOMS, Builder
from benchmarks.measure import TALLY, command, peak_megabytes, wall
from benchmarks.row import Row, at_most, within
from ledger.calendar import Period
from ledger.clock import claim
from ledger.home import Home
from ledger.keys import Key
from ledger.opened import Ledger
from payouts import state
from payouts.compute import settle

PEOPLE, WEEKS, PIECES = 500, 104, 50_000
SKIPPED = WEEKS * PEOPLE // (WEEKS * PEOPLE - PIECES)
"""Every so many weeks a member gives nothing, so that there are exactly so many pieces."""
AT_ONCE, GRACE = 4, 40
"""So many weeks are stated at once, as days of grace allow: quicker to build, and what is paid is the same."""
MEMBERS = 40
Member = tuple[Key, str]

LOOKING_BACK = f"""
title = "Two years back"
[points.code]
hour = 10
review = 4
[income]
split = [{{ part = "rest", to = "work" }}]
[work]
share = "points"
look_back = {WEEKS}
rest = "carry"
"""
MONTHLY = LOOKING_BACK.replace(f"look_back = {WEEKS}", "cap = '25%'")


def rows() -> list[Row]:
    """A run that looks back over two years; then one month after one year, beside the same after ten."""
    with tempfile.TemporaryDirectory() as folder:
        alone(two_years, folder)
        taken, memory = alone(last_week, folder)
    short, long = _month_after(1), _month_after(10)
    what = f"a payout of {PEOPLE} members, {PIECES:,} pieces, {WEEKS} weeks of look-back: frozen, computed, posted"
    said = "after 1 year:"
    return [
        within(what, taken, 1, "s"),
        within("the same: all memory of the process that opens the ledger and pays", memory, 200, "MB"),
        at_most(f"a month of {MEMBERS} members closed and computed after 10 years", long[0], short[0], said, 1.25),
        at_most("the same: approved", long[1], short[1], said, 1.25),
        at_most("the same: what is due, from a warm ledger", long[2], short[2], said, 1.25),
        at_most("the same: all accounts, from a warm ledger", long[3], short[3], said, 1.25),
    ]


def alone(function: Any, folder: str) -> Any:
    """A function's answer from a new process, whose memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, (folder,))


def two_years(folder: str) -> None:
    """All but the last of 104 weeks are paid; in each, most members gave a piece of work."""
    builder = Builder(Path(folder), LOOKING_BACK, "week", GRACE)
    members = everybody(builder, PEOPLE)
    builder.name_customer()
    for start in range(0, WEEKS, AT_ONCE):
        weeks = [builder.book.ledger.calendar[week] for week in range(start, start + AT_ONCE)]
        builder.now = max(builder.now, weeks[-1].start + DAY)
        for number, member in enumerate(members):
            gave = [row.first for at, row in enumerate(weeks, start) if (at + number) % SKIPPED]
            builder.log_days(gave, member)
        for row in weeks:
            builder.receive(10_000_017, row.first)
        builder.turn()
    builder.now = builder.book.ledger.calendar[WEEKS - 1].cut - 1
    builder.turn()
    builder.close()


def last_week(folder: str) -> tuple[float, float]:
    """Seconds to freeze, compute and post the last week, and the most megabytes that took."""
    home = home_of(folder)

    def pay(ledger: Ledger, row: Period) -> None:
        ledger.book.advance(row.cut)
        settle(ledger.book, row, ledger.book.size)

    taken = []
    for _ in range(2):
        ledger = Ledger(home, home.ledger(None), ROOMS)
        assert len(state.of(ledger.book).runs) == WEEKS - 1
        taken.append(wall(partial(pay, ledger, ledger.book.ledger.calendar[WEEKS - 1]), times=1))
        assert len(state.of(ledger.book).runs[ledger.book.ledger.calendar[WEEKS - 1].id].payees) == PEOPLE
        ledger.close()
    return min(taken), peak_megabytes()


def home_of(folder: str) -> Home:
    os.environ["TALLY_HOME"], os.environ["TALLY_NOW"] = folder, "2100-01-01T00:00:00Z"
    return Home.find()


def everybody(builder: Builder, count: int) -> list[Member]:
    """So many members beside Ana, who as their treasurer approves and is not paid herself."""
    members = [builder.join(f"Member {number}") for number in range(count)]
    builder.now += 2 * 3_600_000
    return members


def _month_after(years: int) -> tuple[float, ...]:
    """CPU seconds of tick, approve, due and the accounts in the month after so many years."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept"
        kept.mkdir()
        period, now = alone(partial(lived, years), str(kept))
        os.environ["TALLY_NOW"] = now
        taken = [_one_month(kept, Path(folder) / f"copy{number}", period) for number in range(3)]
    return tuple(map(min, zip(*taken, strict=True)))


def lived(years: int, folder: str) -> tuple[str, str]:
    """So many years of months that were worked, paid in, computed and approved; and a month more that is due."""
    builder = Builder(Path(folder), MONTHLY)
    members = everybody(builder, MEMBERS)
    builder.name_customer()
    for month in range(12 * years + 1):
        row = builder.book.ledger.calendar[month]
        builder.now = max(builder.now, row.start + DAY)
        for member in members:
            builder.log(2, row.first, by=member)
        builder.receive(1_000_017, row.first)
        if month < 12 * years:
            builder.now = row.cut + 1
            builder.turn()
            run = state.of(builder.book).runs[row.id]
            builder.say(builder.key, builder.ana, "payouts.approved", {"period": row.id, "digest": run.digest})
            assert run.approved is not None
    builder.close()
    return row.id, claim(row.cut + 1000)


def _one_month(kept: Path, copy: Path, period: str) -> tuple[float, ...]:
    shutil.copytree(kept, copy)
    toml = copy / "config" / "ledgers.toml"
    toml.write_text(toml.read_text().replace(str(kept), str(copy)))
    aside = {"TALLY_HOME": str(copy)}
    tick = command([TALLY, "payout", "tick"], aside, times=1)
    approve = command([TALLY, "payout", "approve", period, "--yes"], aside, times=1)
    due = command([TALLY, "payout", "due"], aside, times=3)
    return tick, approve, due, command([TALLY, "report", "accounts"], aside, times=3)
