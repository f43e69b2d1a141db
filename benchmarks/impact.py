"""How long it takes to show, beside a vote, what each of its options would have paid in the last year."""

import multiprocessing
import tempfile
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks.big import ROOMS, Builder
from benchmarks.measure import wall
from benchmarks.row import Row, within
from governance.versions import template
from ledger.keys import Key
from ledger.opened import Ledger
from payouts.panels import options_impact

PEOPLE, PERIODS = 500, 12
ROLES = ("code", "community", "care")
FIFTH = '">= 20%"'
Options = list[tuple[str, str]]


def rows() -> list[Row]:
    """Three options over a year of a large cooperative, every member at work in two roles, deals sold in a third."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        short, long = pool.apply(large_year)
    table = f"3 options x {PERIODS} periods x {PEOPLE} members: what each would have paid, as data and drawn"
    whole = Row(what="the same by all work since the beginning", measured=f"{long:.3g} s", aim="for comparison")
    return [within(table, short, 2, "s"), whole]


def large_year() -> tuple[float, float]:
    """Seconds for options that look at the work of a period, and for options that look back on all work ever."""
    with tempfile.TemporaryDirectory() as folder:
        builder = Builder(Path(folder))
        everybody = [(builder.key, builder.ana), *(builder.join(f"Member {n}") for n in range(PEOPLE - 1))]
        builder.now += 2 * 3_600_000
        builder.name_customer()
        for month in range(PERIODS):
            _live(builder, everybody, month)
        builder.close()
        return _taken(builder, _options(template())), _taken(builder, _options(_fading(template())))


def _live(builder: Builder, everybody: list[tuple[Key, str]], month: int) -> None:
    """A month: everybody works in two roles, every fifth sells a deal, the deals are paid, and so are the members."""
    row = builder.book.ledger.calendar[month]
    builder.now = max(builder.now, row.start + 86_400_000)
    for n, (key, person) in enumerate(everybody):
        work = {"kind": "hour", "qty": 300 + 7 * n}
        items = [builder.item(person, n, row.first) | work | {"role": ROLES[(n + more) % 3]} for more in range(2)]
        if n % 5 == 0:
            sold = {"role": "sales", "kind": "deal", "qty": 100_000 + n, "refs": [f"deal/{month}/{n // 50}"]}
            items.append(builder.item(person, n, row.first) | sold)
        builder.say(key, person, "contributions.logged", {"items": items})
    for deal in range(PEOPLE // 50):
        _receive(builder, 2_000_000 + deal, row.first, f"deal/{month}/{deal}")
    builder.now = row.cut + 1
    builder.turn()


def _receive(builder: Builder, income: int, day: str, deal: str) -> None:
    """A deal is paid."""
    body = {
        "party": "ac" * 16, "amount": income, "currency": "EUR", "ref": "", "deals": [deal], "circle": "",
        "booked": day, "value": day,
    }  # fmt: skip
    builder.say(builder.key, builder.ana, "payouts.received", body)


def _options(text: str) -> Options:
    """What was in force, more kept together, and hours instead of points."""
    more, hours = text.replace(FIFTH, '">= 35%"'), text.replace('share = "points"', 'share = "hours"')
    assert len({text, more, hours}) == 3
    return [("keep", text), ("1", more), ("2", hours)]


def _fading(text: str) -> str:
    """All work ever done weighs, half as much after every six months."""
    return text.replace('share = "points"', 'half_life = 6\nshare = "points"')


def _taken(builder: Builder, options: Options) -> float:
    """Seconds on a ledger that was just opened, as a command finds it."""
    opened = [Ledger(builder.home, builder.known, ROOMS) for _ in range(3)]
    return min(wall(partial(_show, ledger, builder.ana, options), times=1) for ledger in opened)


def _show(ledger: Ledger, viewer: str, options: Options) -> None:
    shown = options_impact(ledger.book, ledger.names, options, viewer, PERIODS)
    assert len(shown.data["paid"]) == PERIODS
    screen = Console(width=100)
    with screen.capture():
        screen.print(shown.table)
