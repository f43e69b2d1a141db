"""Things that go wrong on purpose: a database that fails at any statement, and a kernel that fails at any call.

`Failing` stands before a database connection and fails its n-th statement, before it is done or after ("failed but
persisted"), once or from then on. `traced` runs something in a copy of this process under strace, which makes a
system call fail or kills the process at it.
"""

import ctypes
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from ledger import store
from ledger.store import SqliteLog

# A database that fails.


def io_error() -> BaseException:
    """What a connection raises when its disk fails."""
    return sqlite3.OperationalError("disk I/O error")


class Fault(NamedTuple):
    """Which statement fails (1 is the first), before it is done or after, and whether all later ones fail too."""

    at: int
    after: bool = False
    for_good: bool = False

    def __str__(self) -> str:
        """As it is shown where a test fails."""
        return f"{'after' if self.after else 'before'} {self.at}{' and from then on' if self.for_good else ''}"


class Failing:
    """A database connection with a fault in it; without one it only notes what is done."""

    def __init__(
        self, db: sqlite3.Connection, fault: Fault | None, error: Callable[[], BaseException] = io_error
    ) -> None:
        self.db, self.fault, self.error = db, fault, error
        self.said: list[str] = []

    @property
    def hit(self) -> bool:
        """Whether the fault was met."""
        return self.fault is not None and len(self.said) >= self.fault.at

    def execute(self, query: str, values: Any = ()) -> sqlite3.Cursor:
        """As a connection does it."""
        return self._do(self.db.execute, query, values)

    def executemany(self, query: str, values: Any) -> sqlite3.Cursor:
        """As a connection does it."""
        return self._do(self.db.executemany, query, values)

    def _do(self, do: Callable[..., sqlite3.Cursor], query: str, values: Any) -> sqlite3.Cursor:
        self.said.append(query)
        if self._fails(len(self.said), after=False):
            raise self.error()
        answer = do(query, values)
        if self._fails(len(self.said), after=True):
            answer.close()
            raise self.error()
        return answer

    def _fails(self, number: int, after: bool) -> bool:
        if self.fault is None:
            return False
        if number == self.fault.at:
            return after == self.fault.after
        return self.fault.for_good and number > self.fault.at and not after

    def __getattr__(self, name: str) -> Any:
        return getattr(self.db, name)


def faults(statements: int) -> list[Fault]:
    """Every way in which so many statements can fail."""
    return [
        Fault(at, after, for_good)
        for at in range(1, statements + 1)
        for after in (False, True)
        for for_good in (False, True)
    ]


@contextmanager
def failing(log: SqliteLog, fault: Fault | None) -> Iterator[Failing]:
    """A log whose database has this fault for a while."""
    real = log._db
    log._db = between = Failing(real, fault)  # type: ignore[assignment]
    try:
        yield between
    finally:
        log._db = real
        if real.in_transaction:  # what the end of a process does
            real.execute("ROLLBACK")


@contextmanager
def failing_stores(fault: Fault | None, error: Callable[[], BaseException] = io_error) -> Iterator[list[Failing]]:
    """Whatever log is opened meanwhile has this fault; answers the connections there were."""
    opened: list[Failing] = []

    def connect(path: Path) -> Any:
        opened.append(Failing(real(path), fault, error))
        return opened[-1]

    real = store.connect
    with patch.object(store, "connect", connect):
        yield opened


# A kernel that fails.

KILLED = -signal.SIGKILL
_ANYBODY = -1
_SET_PTRACER = 0x59616D61  # prctl(2): some systems let only those trace that the process names


class Traced(NamedTuple):
    """How it ended: the exit code (negative: the signal), and whether the fault was met."""

    code: int
    hit: bool


def traced(work: Callable[[], int], calls: str, fault: str, when: str, out: Path) -> Traced:
    """Do this in a copy of this process; the call of that number (`when`: "3", or "3+" from then on) meets the fault.

    `calls` and `fault` are written as strace has them ("fsync,fdatasync" and "error=EIO" or "signal=KILL").
    """
    ready, go = os.pipe()
    child = os.fork()
    if not child:
        os.close(go)
        ctypes.CDLL(None).prctl(_SET_PTRACER, _ANYBODY, 0, 0, 0)
        os.read(ready, 1)
        code = 99
        try:
            code = work()
        finally:
            os._exit(code)
    os.close(ready)
    inject = ["-e", f"trace={calls}", "-e", f"inject={calls}:{fault}:when={when}"]
    tracer = subprocess.Popen(["strace", "-qq", "-o", str(out), *inject, "-p", str(child)], stderr=subprocess.DEVNULL)
    try:
        attached = _attached(child, tracer)
    finally:
        if not attached:
            os.kill(child, signal.SIGKILL)
        os.close(go)  # the end of the pipe is the sign to begin
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        tracer.wait()
    if not attached:
        raise PermissionError("this process may not be traced")
    return Traced(code, code == KILLED or b"(INJECTED)" in out.read_bytes())


def _attached(child: int, tracer: subprocess.Popen[bytes]) -> bool:
    """Wait until somebody traces the child; False if the tracer gave up."""
    while tracer.poll() is None:
        if "TracerPid:\t0\n" not in Path(f"/proc/{child}/status").read_text():
            return True
        time.sleep(0.0005)
    return False


@cache
def traceable() -> bool:
    """Whether strace is there and this system lets it trace."""
    if shutil.which("strace") is None:
        return False
    try:
        return traced(lambda: 7, "fsync", "error=EIO", "1", Path(os.devnull)).code == 7
    except OSError:
        return False
