"""A cooperative on disk, for tests of what people and their machines meet: a home, a ledger, the `tally` command.

`coop = forge(tmp_path)` founds one; `coop.tally("log", "1h30", "note")` runs a command here, `coop.process(...)` in
a process of its own, and `coop.fork(...)` in one that can be killed at any moment.
"""

import contextlib
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from cli import ROOMS
from ledger.anchor import Anchor
from ledger.doors import run
from ledger.home import Home
from ledger.keys import new_key
from ledger.log import Leaf
from ledger.opened import Ledger
from ledger.store import SqliteLog

NOON = "2025-08-01T12:00:00Z"
ORIGIN = "tally.invalid/store"


class Ran(NamedTuple):
    """What a command left: exit code, what it printed, what it said beside."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """The JSON it answered with."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def error(self) -> dict[str, str]:
        """The JSON of a refusal."""
        found: dict[str, str] = self.answer["error"]
        return found


class Coop:
    """A home and the commands typed in it."""

    def __init__(self, home: Path, who: str = "Ana", now: str | None = NOON) -> None:
        self.path, self.who, self.now = home, who, now

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command: this home, this person, this clock."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TALLY_")}
        kept |= {"TALLY_HOME": str(self.path), "NO_COLOR": "1", "COLUMNS": "120"}
        if self.who:
            kept["TALLY_AS"] = self.who
        return kept | ({"TALLY_NOW": self.now} if self.now else {})

    def tally(self, *words: str) -> Ran:
        """Run a command in this process."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        code: Any = 0
        with (
            patch.dict(os.environ, self.environment, clear=True),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                run(ROOMS, list(words))
            except SystemExit as left:
                code = left.code
        printed = []
        for stream in (out, err):
            stream.flush()
            printed.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
        return Ran(code, *printed)

    def must(self, *words: str) -> Ran:
        """Run a command that succeeds."""
        ran = self.tally(*words)
        assert ran.code == 0, ran
        return ran

    def process(self, *words: str, **options: Any) -> Ran:
        """Run a command in a fresh interpreter."""
        code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent.parent)!r}); from cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code, *words], env=self.environment, capture_output=True, text=True, **options
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def fork(self, out: Path, *words: str) -> int:
        """Run a command in a copy of this process, its output in a file; answers the process id."""
        child = os.fork()
        if child:
            return child
        try:
            ran = self.tally(*words)
            out.write_text(json.dumps(ran))
        finally:
            os._exit(0)

    def killed(self, out: Path, after: float, *words: str) -> Ran | None:
        """Run a command and kill it after so many seconds; what it answered, if it was quicker."""
        out.unlink(missing_ok=True)
        child = self.fork(out, *words)
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            return Ran(*json.loads(out.read_text()))
        return None

    def twin(self, path: Path) -> "Coop":
        """Another home with a copy of the ledger and of its key: what an operator with two faces has."""
        shutil.copytree(self.path, path)
        toml = path / "config" / "ledgers.toml"
        toml.write_text(toml.read_text().replace(str(self.path), str(path)))
        return Coop(path, self.who, self.now)

    @property
    def home(self) -> Home:
        """The home itself."""
        return Home(self.path / "config", self.path, self.path / "state")

    @property
    def folder(self) -> Path:
        """Where the current ledger lies."""
        return Path(self.home.ledger(None).place)

    @contextlib.contextmanager
    def opened(self) -> Iterator[Ledger]:
        """The current ledger, open."""
        with patch.dict(os.environ, self.environment, clear=True):
            ledger = Ledger(self.home, self.home.ledger(None), ROOMS)
            try:
                yield ledger
            finally:
                ledger.close()

    @property
    def size(self) -> int:
        """How many entries the log holds."""
        known = self.home.ledger(None)
        log = SqliteLog(Path(known.place), self.home.anchor(known.founding), known.origin)
        try:
            return log.head().size
        finally:
            log.close()


def forge(path: Path, *founders: str) -> Coop:
    """A rehearsal of a cooperative in a new home below this folder, founded by these people."""
    coop = Coop(path / "home", who=(founders or ("Ana",))[0])
    named = [word for name in founders or ("Ana", "Chidi") for word in ("--founder", name)]
    coop.must("init", "Riverbend", "--zone", "Europe/Rome", "--rehearsal", *named)
    return coop


def in_children(*works: Callable[[], None]) -> list[int]:
    """Do these at once, each in a copy of this process; answers their exit codes."""
    children = []
    for work in works:
        child = os.fork()
        if not child:
            try:
                work()
            except BaseException:
                os._exit(1)
            os._exit(0)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def killed_at(step: int, work: Callable[[], object], *calls: tuple[Any, str]) -> bool:
    """Do this in a copy of this process, and kill that before its call of this number; whether it came so far.

    `calls` are those that count, each as an object and the name of what is called there, like (os, "fsync").
    """

    def doomed() -> None:
        left = [step]

        def deadly(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **options: Any) -> Any:
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **options)

            return call

        for of, name in calls:
            setattr(of, name, deadly(getattr(of, name)))
        work()

    return in_children(doomed) == [-signal.SIGKILL]


def small_leaf(number: int) -> bytes:
    """A leaf as short as a log takes it."""
    return number.to_bytes(8, "big") * 10


def new_log(folder: Path, size: int = 0) -> SqliteLog:
    """A log with so many small leaves, appended in one go."""
    SqliteLog.create(folder, new_key())
    log = SqliteLog(folder, Anchor(folder / "anchor.json"), ORIGIN)
    if size:
        log.append([Leaf(small_leaf(number), {}) for number in range(size)], after=0)
    return log


def everything(path: Path) -> dict[str, list[Any]]:
    """All that the database holds, read from outside."""
    db = sqlite3.connect(path)
    try:
        tables = ("leaf", "tile", "tile_part", "checkpoint", "private", "evidence", "cosignature", "sqlite_master")
        return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    finally:
        db.close()
