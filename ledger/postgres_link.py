"""A connection to a PostgreSQL server, opened anew when it was lost, and what can go wrong with it in words.

A verb that only asks is asked once more on a new connection. What changes something is one transaction, begun anew
as a whole when the server says that others were in the way (40001, 40P01, 23505); index and head are read under a
lock each time, so nothing depends on which transaction comes first.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ledger.log import Busy, NoLedger, StoreFailed, Unreachable

WAIT_S = 20  # how long we wait for another process that is writing
TRIES = 12
PAUSE_S = 0.01  # before the second try; longer before each further one, and never the same for two processes
_COLLIDED = frozenset(("40001", "40P01", "23505"))
_GONE = frozenset(("57P01", "57P02", "57P03", "25006"))
_BUSY = frozenset(("55P03", "53300", "57014"))
_NOT_SET_UP = frozenset(("42P01", "3F000"))
_NO_RIGHT = "42501"
_DEFAULTS = {"connect_timeout": 10, "keepalives_idle": 10, "tcp_user_timeout": WAIT_S * 1000}
_SESSION = f"SET lock_timeout = '{WAIT_S}s'"
# A stronger setting (remote_apply) stays; a weaker one than `on` would let a receipt out that a power cut takes back.
_DURABLY = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"

Answer = TypeVar("Answer")


class Collided(Busy):
    """Another transaction was in the way; the whole of ours may be tried again."""


class Lost(Unreachable):
    """The connection broke off, or the server went away, while it was answering."""


class Link:
    """One connection, for one process."""

    def __init__(self, url: str) -> None:
        given = conninfo_to_dict(url)
        self._conninfo = make_conninfo(url, **{name: value for name, value in _DEFAULTS.items() if name not in given})
        self._db = self._connect()

    def close(self) -> None:
        """Let go of the connection."""
        self._db.close()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the server answers; asked once more when the connection was lost, unless a transaction was lost too."""
        try:
            return self._ask(query, values)
        except Lost:
            if self._inside:
                raise
            return self._ask(query, values)

    def row(self, query: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row that the server answers with, if any."""
        return next(iter(self.rows(query, *values)), None)

    def many(self, query: str, rows: Sequence[Sequence[Any]]) -> None:
        """Do this for each of the rows, all sent together; within a transaction."""
        if rows:
            with in_words():
                self._db.cursor().executemany(query, rows)

    def script(self, statements: str) -> None:
        """Run statements that say themselves where they begin and commit."""
        with in_words():
            self._open().execute(statements)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, each statement seeing what others have committed by then."""
        with in_words():
            db = self._open()
            self._inside = True
            try:
                with db.transaction():
                    yield
            finally:
                self._inside = False

    def _ask(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with in_words():
            done = self._open().execute(query, values, binary=True)
            return done.fetchall() if done.description else []

    def _open(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """The connection; a new one if it was lost, but never in the midst of a transaction."""
        if self._db.closed and not self._inside:
            self._db = self._connect()
        return self._db

    def _connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        self._inside = False
        try:
            db = psycopg.connect(self._conninfo, autocommit=True)
        except psycopg.OperationalError as error:
            raise Unreachable(
                f"The database that holds the log does not answer: {_first_line(error)}.",
                "Try again later, or ask whoever looks after the database.",
            ) from error
        with in_words():
            db.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
            db.execute(_SESSION)
            db.execute(_DURABLY)
        return db


def again(work: Callable[[], Answer]) -> Answer:
    """Do something that is one transaction, as often as others get in its way, and once more after a lost connection.

    Only for what may be done twice. Raises Busy when others are in the way all the time.
    """
    lost = False
    for number in range(TRIES):
        try:
            return work()
        except Collided:
            time.sleep(PAUSE_S * 1.5**number * random.uniform(0.5, 1.5))
        except Lost:
            if lost:
                raise
            lost = True
    raise Busy("Others are writing to this log all the time. Nothing was recorded.", "Try again.")


@contextmanager
def in_words() -> Iterator[None]:
    """Failures of the server or of files beside, said so that a person can act."""
    try:
        yield
    except psycopg.Error as error:
        raise _worded(error) from error
    except OSError as error:
        raise StoreFailed(
            f"{error.strerror or error}: {error.filename}. Nothing was recorded.",
            "Check that the disk has room and the folder is writable, then try again.",
        ) from error


def _worded(error: psycopg.Error) -> StoreFailed | NoLedger:
    state, said = error.sqlstate, _first_line(error)
    if state in _COLLIDED:
        return Collided("Another process was writing to this log. Nothing was recorded.", "Try again.")
    if state in _BUSY:
        return Busy(f"The database is busy: {said}. Nothing was recorded.", "Try again.")
    if state in _GONE or (isinstance(error, psycopg.OperationalError) and (state or "08").startswith("08")):
        return Lost(
            f"The database that holds the log went away: {said}. Nothing was recorded.", "Try again in a moment."
        )
    if state in _NOT_SET_UP:
        return NoLedger("This database is not set up for Tallystick.", "Set it up: tally db setup URL --run")
    if state == _NO_RIGHT:
        return StoreFailed(
            f"The database refuses this login: {said}. Nothing was recorded.",
            "Give the login its role: tally db setup URL --run --app-login NAME",
        )
    return StoreFailed(
        f"The log could not be written or read: {said}. Nothing was recorded.",
        "`tally verify` tells what is wrong; the database's own log says more.",
    )


def _first_line(error: psycopg.Error) -> str:
    return (error.diag.message_primary or str(error) or type(error).__name__).strip().splitlines()[0].rstrip(".")
