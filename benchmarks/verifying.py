"""How long an audit takes beside libsodium alone on as many processes, how much memory it needs, and what a later
one costs that need only read what is new."""

import os
import tempfile
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import closing
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.big import ANA, ROOMS
from benchmarks.long import go_on, long_ledger
from benchmarks.measure import TALLY, tree_megabytes, wall
from benchmarks.row import Row, at_least, at_most, within
from ledger import alone, verify
from ledger.anchor import Anchor
from ledger.entry import NAMESPACE, preimage, split_leaf
from ledger.keys import read_key
from ledger.keys import verify as signed
from ledger.store import SqliteLog
from ledger.verified import Verified

ENTRIES = 50_000
LONG, SHORT, NEW = 1_000_000, 10_000, 100
CHUNK = 1_024
TIMES = 4


def rows() -> list[Row]:
    """50,000 entries of one item each in five months; then a log of a million."""
    return [*_speed(), *_long()]


def _speed() -> list[Row]:
    """Each measured in turn, several times, so that a machine that others use as well is unfair to none of them."""
    with tempfile.TemporaryDirectory() as name:
        home, known = long_ledger(ENTRIES, Path(name) / "ledger")
        opener = partial(_opened, known.place)
        key = read_key(home.key_path(known.slug, ANA))
        with closing(opener()) as log, ProcessPoolExecutor(os.cpu_count(), get_context("fork")) as pool:
            size = log.head().size
            starts = range(0, size, CHUNK)
            messages = list(pool.map(_messages, [opener] * len(starts), starts))
            raw = partial(_all_raw, pool, key.public, messages)
            sound = partial(_all_alone, pool, opener, size, {key.id: key.public})
            whole = partial(verify.verify, known.place, known, ROOMS, _quietly, None)
            taken = [[wall(one, times=1) for one in (raw, sound, whole)] for _ in range(TIMES)]
    rate, sound_rate, whole_rate = (size / min(column) for column in zip(*taken, strict=True))
    name = "libsodium, equal processes"
    return [
        at_least("verify: signatures and tree", sound_rate, rate, name, 0.85),
        at_least("verify: everything", whole_rate, rate, name, 0.6),
    ]


def _long() -> list[Row]:
    """A full audit of a million entries, and what 100 more cost after it, beside the same after ten thousand."""
    with tempfile.TemporaryDirectory() as folder:
        short, _ = _increment(Path(folder) / "short", SHORT)
        long, memory = _increment(Path(folder) / "long", LONG)
        # In turns, so that a machine that others use as well is unfair to neither.
        taken = [(wall(short, times=1), wall(long, times=1)) for _ in range(11)]
    after_short, after_long = (min(column) for column in zip(*taken, strict=True))
    return [
        within("verify: 1,000,000 entries, memory of all its processes", memory, 300, "MB"),
        at_most(f"verify: {NEW} new entries after 1,000,000", after_long, after_short, "after 10,000:", 2),
    ]


def _increment(folder: Path, entries: int) -> tuple[Callable[[], None], float]:
    """What verifies 100 new entries, again and again; and the megabytes it took to verify all entries before them."""
    home, known = long_ledger(entries, folder)
    memory = tree_megabytes([TALLY, "verify", "--full", "--json"], {"TALLY_HOME": str(folder)})
    go_on(home, known, NEW)
    kept = Verified(home, known.founding, known.place, ROOMS)
    state = kept.path.read_bytes()

    def again() -> None:
        kept.path.write_bytes(state)
        verdict, _ = verify.verify(known.place, known, ROOMS, _quietly, home.anchor(known.founding), kept)
        assert (verdict.verdict, verdict.entries - verdict.since) == (verify.OK, NEW), verdict

    return again, memory


def _quietly(done: int, total: int) -> None:
    """No bar while the clock runs."""


def _opened(place: str) -> SqliteLog:
    return SqliteLog(Path(place), Anchor(Path(os.devnull)), "")


def _messages(opener: Callable[[], SqliteLog], start: int) -> list[tuple[bytes, bytes]]:
    with closing(opener()) as log:
        parts = [split_leaf(leaf) for leaf in log.entries(start, start + CHUNK)]
    return [(preimage(NAMESPACE, entry), signature) for entry, signature, _ in parts]


def _all_raw(pool: Executor, public: bytes, messages: list[list[tuple[bytes, bytes]]]) -> None:
    assert all(pool.map(_raw, [public] * len(messages), messages))


def _raw(public: bytes, messages: list[tuple[bytes, bytes]]) -> bool:
    return all([signed(public, message, signature) for message, signature in messages])  # noqa: C419  every one, always


def _all_alone(pool: Executor, opener: Callable[[], SqliteLog], size: int, keys: dict[str, bytes]) -> None:
    starts = range(0, size, CHUNK)
    ends = [min(start + CHUNK, size) for start in starts]
    many = len(starts)
    found = pool.map(alone.check_alone, [opener] * many, starts, ends, [keys] * many)
    assert all(not (one.bad or one.bad_tile or one.unknown) for one in found)
