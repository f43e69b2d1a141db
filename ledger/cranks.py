"""Turning the cranks: what follows from the log is published as entries, by anybody, each exactly once.

Each room tells in `cranks.py` what it has to publish by now (`turns(book, now)`); the ledger room lengthens the
calendar. Who turns a crank adds nothing: `check` recomputes the content and refuses any other, and a second
process that comes too late is refused and finds nothing left to do.
"""

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import msgspec

from ledger import calendar
from ledger.book import Book
from ledger.facts import needs_rows
from ledger.founding import ROWS_AHEAD, zone_of


def turns(book: Book, now: int) -> list[tuple[str, dict[str, Any]]]:
    """The calendar goes on when fewer than twelve periods lie ahead."""
    if not needs_rows(book, now):
        return []
    state = book.ledger
    last = state.calendar[-1]
    grace = calendar.grace_days(last)
    first = date.fromisoformat(last.last) + timedelta(days=1)
    rows = calendar.rows(state.period, first, ROWS_AHEAD, grace, zone_of(state.zone))
    return [("ledger.calendar", {"rows": msgspec.to_builtins(rows)})]


def all_turns(book: Book, rooms: tuple[str, ...], now: int) -> list[tuple[str, dict[str, Any]]]:
    """What every room has to publish by now, in the order of the rooms."""
    found = []
    for room in rooms:
        if importlib.util.find_spec(f"{room}.cranks"):
            found += importlib.import_module(f"{room}.cranks").turns(book, now)
    return found


def turn(
    look: Callable[[], Book], rooms: tuple[str, ...], now: int, say: Callable[[str, dict[str, Any]], Any]
) -> Iterator[tuple[str, Any]]:
    """Publish one thing after the other until nothing is left; yields each kind with what `say` answered.

    `look` gives the book advanced to now. One at a time, since each may change what the next one is.
    """
    while waiting := all_turns(look(), rooms, now):
        kind, body = waiting[0]
        yield kind, say(kind, body)
