"""How a cooperative begins: the founders' keys, the calendar, the first rules, and the first entry of a new log."""

import importlib
import importlib.util
import os
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct, to_builtins

from ledger import calendar, clock, entry, fact, facts, money, people
from ledger.anchor import NOTHING_SEEN, one_at_a_time
from ledger.book import Book
from ledger.errors import Usage
from ledger.home import Home, Known
from ledger.keys import Key, new_key
from ledger.log import Leaf, LedgerExists
from ledger.places import create_log, is_founded, open_log
from ledger.private import Text
from ledger.record import compose, consented
from ledger.shelf import MemoryShelf

ROWS_AHEAD = 24


class Plan(Struct, kw_only=True, frozen=True):
    """What the founders want."""

    name: str
    slug: str
    currency: str
    zone: str
    period: str
    grace_days: int
    year_start: str
    rehearsal: bool
    founders: tuple[tuple[str, Key], ...]
    sections: dict[str, dict[str, Any]]
    database: str | None = None  # the address of a PostgreSQL database; none: the log lies in the folder


class Founded(Struct, kw_only=True, frozen=True):
    """What came of it."""

    known: Known
    receipt: bytes


def sections(rooms: tuple[str, ...], terms: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What each room wants to stand in the founding entry (`ROOM/founding.py`: `section(terms)`)."""
    found = {}
    for room in rooms:
        if room != "ledger" and importlib.util.find_spec(f"{room}.founding"):
            found[room] = importlib.import_module(f"{room}.founding").section(terms)
    return found


def found(home: Home, folder: Path, rooms: tuple[str, ...], plan: Plan, keep_keys: Callable[[], None]) -> Founded:
    """Found a ledger in an empty folder; nothing is left behind when a founder, rule or zone is refused.

    The founders' keys are kept before the log is made, so that no ledger exists that nobody can speak in.
    """
    log_key, nonce = new_key(), os.urandom(32).hex()
    origin = f"tally.invalid/{nonce[:32]}"
    now = clock.now(plan.rehearsal)
    book = Book(rooms, MemoryShelf())
    lead = plan.founders[0][1]
    body = _body(plan, origin, log_key, nonce, now)
    author = body["founders"][0]["person"]
    data, words = compose(book, lead, author, "ledger.founded", body, now)
    data = consented(data, [key for _, key in plan.founders[1:]])
    signature = lead.sign(entry.preimage(entry.NAMESPACE, data))
    placed = book.admit(data, signature, now)

    with one_at_a_time(home.state / "init.lock"):
        keep_keys()
        create_log(folder, log_key, plan.database)
        log = open_log(str(folder), home.anchor(placed.id), origin)
        receipts = log.append([Leaf(entry.leaf(data, signature, now), words)], after=0)
        log.close()
    known = Known(
        slug=plan.slug,
        place=str(folder.absolute()),
        origin=origin,
        log_key=log_key.public.hex(),
        founding=placed.id,
    )
    return Founded(known=known, receipt=receipts[0])


def founded_before(home: Home, folder: Path, slug: str, rooms: tuple[str, ...]) -> Known | None:
    """The ledger that an `init` of this home founded in the folder before it was stopped; None for an empty place.

    Raises LedgerExists for a ledger whose first founder's key for it does not lie in this home.
    """
    if not is_founded(folder):
        return None
    with closing(open_log(str(folder), NOTHING_SEEN, "")) as log:
        data, _, _ = entry.split_leaf(log.entry(0))
    said = fact.read(entry.read(data), rooms)
    if not isinstance(said, facts.Founded) or said.founders[0].key not in {key.public for key in home.keys(slug)}:
        raise LedgerExists(f"A ledger stands in {folder} already.", "Choose another place with --at DIR.")
    return Known(
        slug=slug,
        place=str(folder.absolute()),
        origin=said.log.origin,
        log_key=said.log.key,
        founding=entry.entry_id(data),
    )


def day_of_year(text: str) -> str:
    """A day that every year has, as MM-DD. Raises Usage."""
    try:
        if len(text) == 5 and datetime.fromisoformat(f"2001-{text}"):
            return text
    except ValueError:
        pass
    raise Usage(f"{text!r} is not a day that every year has.", "Write the first day of the book year as MM-DD: 07-01.")


def zone_of(text: str) -> ZoneInfo:
    """A time zone by its name in the IANA database."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Usage(f"{text!r} is not a time zone.", "Write one like Europe/Rome or America/New_York.") from error


def _body(plan: Plan, origin: str, log_key: Key, nonce: str, now: int) -> dict[str, Any]:
    zone = zone_of(plan.zone)
    today = datetime.fromtimestamp(now / 1000, zone).date()
    first = calendar.first_day(plan.period, today)
    return {
        "name": plan.name,
        "currency": {"code": plan.currency, "exponent": money.exponent(plan.currency)},
        "clock": {
            "zone": plan.zone,
            "period": plan.period,
            "year_start": day_of_year(plan.year_start),
            "rows": to_builtins(calendar.rows(plan.period, first, ROWS_AHEAD, plan.grace_days, zone)),
        },
        "log": {"origin": origin, "key": log_key.public.hex()},
        "founders": [
            {
                "person": os.urandom(16).hex(),
                "key": key.public.hex(),
                "name": Text(name),
                "roles": [people.TREASURER],
            }
            for name, key in plan.founders
        ],
        "standings": [{"name": name, "may": may} for name, may in people.LADDER.items()],
        "continues": None,
        "nonce": nonce,
        "rehearsal": plan.rehearsal,
        "rooms": plan.sections,
        "proofs": [],
    }
