"""The kernel fails or the power goes at any moment of one `tally log`: what was acknowledged stands, once.

strace makes each write, fsync, rename and removal of the command fail in turn (EIO), alone and with all that follow,
or kills the process at it. Then the ledger is looked at, synchronised and verified, and the work said again if it is
not there.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import KILLED, Traced, traceable, traced
from tests.forge import Coop, forge

pytestmark = pytest.mark.skipif(not traceable(), reason="strace is not here, or this system does not let it trace")

WRITES = ("pwrite64", "write")
SYNCS = ("fsync", "fdatasync")
MOVES = ("rename", "link", "unlink", "ftruncate")
FAULTS = {"fails": ("error=EIO", ""), "fails for good": ("error=EIO", "+"), "kills": ("signal=KILL", "")}
QUEUED = 75


@pytest.fixture
def coop(tmp_path) -> Coop:
    """A ledger with a little in it, all modules loaded."""
    coop = forge(tmp_path, "Ana")
    coop.must("log", "5m", "before", "--role", "care")
    coop.must("verify")
    return coop


def logged(coop: Coop, words: str, call: str, fault: str, when: str) -> tuple[Traced, str]:
    """A `tally log` under a fault: how it ended, and what it said."""
    said = coop.path / "said"
    said.write_bytes(b"")

    def work() -> int:
        ran = coop.tally("log", "5m", words, "--role", "care")
        # Only an os.write that works tells; what cannot be told is not acknowledged.
        handle = os.open(said, os.O_WRONLY)
        os.writev(handle, [ran.err.encode()])
        return ran.code

    return traced(work, call, fault, when, coop.path / "trace"), said.read_text()


def notes(coop: Coop) -> list[str]:
    """The words of all work in the log, in order."""
    with coop.opened() as ledger:
        size = ledger.log.head().size
        held = ledger.log.private_between(1, size)
        assert sorted(held) == list(range(1, size)), "each entry came together with its words"
        return [kept.words for index in sorted(held) for kept in held[index].values()]


def settle(coop: Coop, words: str, ended: Traced, said: str) -> None:
    """What was acknowledged is there, what was denied is not; what waits is sent; what is not there is said again."""
    if ended.code == QUEUED:
        assert "sync" in said
    elif ended.code == 0:
        assert words in notes(coop), said
    elif ended.code != KILLED:
        assert said, "a failure says why"
        assert "Traceback" not in said
        if "Nothing was recorded" in said:
            assert words not in notes(coop), said
    coop.tally("sync")
    if words not in notes(coop):
        assert ended.code not in (0, QUEUED), said
        coop.must("log", "5m", words, "--role", "care")
    assert coop.must("verify").out.startswith("OK")


def turns(coop: Coop, call: str, fault: str, ever: str) -> Iterator[int]:
    """Fail the first such call, the second, … until the command runs through; answers the number each time."""
    at = 0
    while True:
        at += 1
        words = f"{call} {at}"
        ended, said = logged(coop, words, call, fault, f"{at}{ever}")
        settle(coop, words, ended, said)
        yield at
        if not ended.hit:
            assert ended.code == 0
            return


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", WRITES + SYNCS + MOVES)
def test_whatever_call_fails_or_kills_work_counts_once_and_all_is_verified(coop, call, fault):
    met = [*turns(coop, call, *FAULTS[fault])]

    assert notes(coop) == ["before", *(f"{call} {at}" for at in met)]
    assert call in ("link", "unlink", "ftruncate") or len(met) > 1, "a command makes such calls"
    assert not [path for path in Path(coop.path / "state").rglob(".*") if path.stat().st_size > 100_000]
