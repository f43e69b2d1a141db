"""How many proofs a second a log can give, one after another and here and there."""

import os
import random
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.measure import wall
from benchmarks.row import Row, at_least_rate
from ledger import merkle
from ledger.anchor import Anchor
from ledger.keys import new_key
from ledger.log import Leaf
from ledger.store import SqliteLog

SIZE, ASKED = 100_000, 20_000
AIM = 20_000


def rows() -> list[Row]:
    """A log of 100,000 entries of usual size."""
    with tempfile.TemporaryDirectory() as folder:
        log = _log(Path(folder))
        somewhere = random.Random(3).sample(range(SIZE), ASKED)
        one_by_one = wall(partial(_prove, log, range(ASKED)))
        here_and_there = wall(partial(_prove, log, somewhere))
        receipts = wall(lambda: log.receipts(SIZE - ASKED, SIZE))
        extended = wall(lambda: [log.consistency(size, SIZE) for size in somewhere[: ASKED // 100]])
        log.close()
    return [
        at_least_rate("inclusion proofs, one after another", ASKED / one_by_one, AIM),
        at_least_rate("inclusion proofs, here and there", ASKED / here_and_there, AIM),
        at_least_rate("receipts, written out", ASKED / receipts, AIM),
        at_least_rate("consistency proofs, each on its own", ASKED / 100 / extended, None),
    ]


def _log(folder: Path) -> SqliteLog:
    SqliteLog.create(folder, new_key())
    log = SqliteLog(folder, Anchor(folder / "anchor.json"), "tally.invalid/bench")
    fill = os.urandom(700)
    for start in range(0, SIZE, 10_000):
        log.append([Leaf(number.to_bytes(8, "big") + fill, {}) for number in range(start, start + 10_000)], after=start)
    return log


def _prove(log: SqliteLog, indices: "range | list[int]") -> None:
    size, hashing = log.head().size, log.hashing()
    for index in indices:
        merkle.inclusion_path(index, size, hashing)
