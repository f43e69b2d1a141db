"""How many entries a second PostgreSQL takes a hundred at a time, beside one at a time; on a server started here."""

import tempfile
import time
from importlib import import_module
from pathlib import Path

from benchmarks.row import Row, at_least
from ledger.log import Leaf, Log

SINGLE, GROUP, GROUPS = 300, 100, 30
WORDS = 75  # 600 bytes, as a statement of work has them


def rows() -> list[Row]:
    """Appends with their receipts, durable on the server's disk."""
    servers = import_module("tests.postgres")  # the server that the tests start
    if not servers.NAMED and isinstance(servers.own_server(), str):
        return [Row(what="PostgreSQL: a hundred entries at a time", measured="no server can be started here")]
    with servers.database() as db, tempfile.TemporaryDirectory() as folder:
        log = servers.new_log(Path(folder), db)
        single, grouped = _rate(log, 1, SINGLE), _rate(log, GROUP, GROUPS)
        log.close()
    return [at_least("PostgreSQL: a hundred entries at a time", grouped, single, "one at a time", 10)]


def _rate(log: Log, each: int, times: int) -> float:
    """Entries a second, appended so many at a time."""
    after = log.head().size
    began = time.perf_counter()
    for _ in range(times):
        log.append([Leaf(number.to_bytes(8, "big") * WORDS, {}) for number in range(after, after + each)], after)
        after += each
    return each * times / (time.perf_counter() - began)
