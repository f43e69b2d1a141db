"""How long an audit takes, beside libsodium alone on as many processes."""

import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from benchmarks.big import ROOMS, Builder
from benchmarks.measure import wall
from benchmarks.row import Row, at_least
from ledger import verify
from ledger.anchor import Anchor
from ledger.entry import NAMESPACE, preimage, split_leaf
from ledger.keys import verify as signed
from ledger.store import SqliteLog

ENTRIES = 20_000
CHUNK = 1_024


def rows() -> list[Row]:
    """20,000 entries of one item each."""
    with tempfile.TemporaryDirectory() as folder:
        builder = Builder(Path(folder))
        _log_singly(builder)
        place = builder.known.place
        size = builder.ledger.book.size
        public = builder.key.public
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            starts = range(0, size, CHUNK)
            messages = list(pool.map(_messages, [place] * len(starts), starts))
            raw = wall(lambda: list(pool.map(_raw, [public] * len(messages), messages)))
            keys = {builder.key.id: public}
            ends = [min(start + CHUNK, size) for start in starts]
            many = len(starts)
            sound = wall(
                lambda: list(
                    pool.map(verify.check_alone, [partial(_opened, place)] * many, starts, ends, [keys] * many)
                )
            )
        whole = wall(lambda: verify.verify(place, builder.known, ROOMS, _quietly, None), times=2)
    name = "libsodium, equal processes"
    return [
        at_least("verify: signatures and tree", size / sound, size / raw, name, 0.8),
        at_least("verify: everything", size / whole, size / raw, name, 0.5),
    ]


def _log_singly(builder: Builder) -> None:
    builder.log(ENTRIES, builder.book.ledger.calendar[0].first, each=1)
    builder.close()


def _quietly(done: int, total: int) -> None:
    """No bar while the clock runs."""


def _messages(place: str, start: int) -> list[tuple[bytes, bytes]]:
    log = _opened(place)
    parts = [split_leaf(leaf) for leaf in log.entries(start, start + CHUNK)]
    return [(preimage(NAMESPACE, entry), signature) for entry, signature, _ in parts]


def _opened(place: str) -> SqliteLog:
    return SqliteLog(Path(place), Anchor(Path(os.devnull)), "")


def _raw(public: bytes, messages: list[tuple[bytes, bytes]]) -> bool:
    return all([signed(public, message, signature) for message, signature in messages])  # noqa: C419  every one, always
