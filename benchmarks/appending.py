"""Many writers at once on a disk that takes its time: everything that waits in one append, beside one append each."""

import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from benchmarks.big import FOUNDED, ROOMS
from benchmarks.row import Row, at_least, within
from ledger import clock, entry
from ledger.composing import numbered
from ledger.entry import Seen
from ledger.founding import Plan, found, sections
from ledger.home import Home, Known
from ledger.keys import Key, new_key
from ledger.opened import Ledger
from ledger.outbox import Signed
from ledger.private import Text
from ledger.sequencer import Sequencer
from ledger.store import SqliteLog

WRITERS = 64
EACH, EACH_ALONE = 30, 4
FLUSH_S = 0.008
UNLIMITED = 1e9


class SlowFlush(SqliteLog):
    """A log whose disk needs 8 ms longer for each commit."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, slowly."""
        with super().transaction():
            yield
            time.sleep(FLUSH_S)


def rows() -> list[Row]:
    """64 people with a key each, who all say something, wait for the receipt, and say the next thing."""
    grouped, waits = _rate(EACH, batch_max=WRITERS * 2)
    alone, _ = _rate(EACH_ALONE, batch_max=1)
    waits.sort()
    return [
        at_least("64 writers, 8 ms flush, group commit", grouped, alone, "one commit each", 15),
        within("64 writers, 8 ms flush: 99 of 100 receipts", waits[len(waits) * 99 // 100] * 1000, 150, "ms"),
    ]


def _rate(each: int, batch_max: int) -> tuple[float, list[float]]:
    """Receipts a second, and how long each writer waited for each."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TALLY_HOME"], os.environ["TALLY_NOW"] = folder, FOUNDED
        home, keys = Home.find(), [new_key() for _ in range(WRITERS)]
        known = _founded(home, Path(folder) / "ledger", keys)
        sequencer = Sequencer(lambda: _slowed(home, known), batch_max=batch_max, rate=UNLIMITED, burst=UNLIMITED)
        sequencer.start()
        said = [_statements(sequencer.ledger, key, each) for key in keys]

        def speak(statements: list[Signed]) -> list[float]:
            waits = []
            for signed in statements:
                began = time.perf_counter()
                sequencer.submit(signed).result()
                waits.append(time.perf_counter() - began)
            return waits

        with ThreadPoolExecutor(WRITERS) as pool:
            began = time.perf_counter()
            waits = [wait for some in pool.map(speak, said) for wait in some]
            took = time.perf_counter() - began
        sequencer.stop()
        return len(waits) / took, waits


def _founded(home: Home, folder: Path, keys: list[Key]) -> Known:
    terms = {"rule": None, "approvers": 1, "grace_days": 3, "currency": "EUR"}
    plan = Plan(
        name="Riverbend",
        slug="riverbend",
        currency="EUR",
        zone="Europe/Rome",
        period="month",
        grace_days=3,
        year_start="01-01",
        rehearsal=True,
        founders=tuple((f"Writer {number}", key) for number, key in enumerate(keys)),
        sections=sections(ROOMS, terms),
    )
    return found(home, folder, ROOMS, plan, lambda: None).known


def _slowed(home: Home, known: Known) -> Ledger:
    ledger = Ledger(home, known, ROOMS)
    ledger.log.close()
    ledger.log = SlowFlush(Path(known.place), home.anchor(known.founding), known.origin)
    ledger.reopen()
    return ledger


def _statements(ledger: Ledger, key: Key, count: int) -> list[Signed]:
    """What one writer has to say, signed beforehand."""
    book, said = ledger.book, []
    person, now = book.ledger.keys[key.id].person, clock.parse(FOUNDED)
    seq, last = book.ledger.keys[key.id].seq, book.ledger.keys[key.id].last
    for _ in range(count):
        seq += 1
        body = {"items": [_item(person)]}
        data, words = numbered(
            book, key, person, "contributions.logged", body, now, seq, last, Seen(book.size, book.root)
        )
        last = entry.entry_id(data)
        said.append(Signed(data, key.sign(entry.preimage(entry.NAMESPACE, data)), words))
    return said


def _item(person: str) -> dict[str, object]:
    return {
        "who": person,
        "date": FOUNDED[:10],
        "role": "care",
        "kind": "hour",
        "qty": 5,
        "circle": "",
        "refs": [],
        "with": [],
        "gift": False,
        "source": None,
        "note": Text("mended the roof"),
        "evidence": None,
    }
