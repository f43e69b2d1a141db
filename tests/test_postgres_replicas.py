"""When the first server is lost and a replica takes over, nothing that was acknowledged is lost, or it is noticed."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from ledger import beside
from ledger.anchor import Anchor
from ledger.log import RolledBack, Unreachable
from ledger.store_postgres import PostgresLog
from tests.forge import ORIGIN
from tests.postgres import APP, Database, Server, address, database, new_log, own, spoken


@contextmanager
def replica(*, synchronous: bool) -> Iterator[tuple[Server, Server]]:
    """The first server, which is stopped by the test and started again afterwards, and a replica of it."""
    first = own()
    second = Server(first.binaries, first)
    try:
        if synchronous:
            settle(first, "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'")
        yield first, second
    finally:
        second.remove()
        if not first.is_running:
            first.start()
        settle(first, "ALTER SYSTEM RESET synchronous_standby_names")


def settle(server: Server, statement: str) -> None:
    with psycopg.connect(server.url, autocommit=True) as db:
        db.execute("SET synchronous_commit = local")
        db.execute(statement)
        db.execute("SELECT pg_reload_conf()")


def promote(server: Server) -> None:
    with psycopg.connect(server.url, autocommit=True) as db:
        assert db.execute("SELECT pg_promote()").fetchone() == (True,)


def log_on_both(folder: Path, db: Database, first: Server, second: Server) -> PostgresLog:
    """A log whose address names both servers, as the page on deployment says."""
    new_log(folder, db).close()
    where = beside.read(folder)
    url = where.url.replace(f"host={first.folder}", f"host={first.folder},{second.folder}")
    beside.write(folder, beside.Beside(f"{url}&target_session_attrs=read-write", where.ledger))
    return PostgresLog(folder, Anchor(folder / "anchor.json"), ORIGIN)


def caught_up(server: Server, db: Database, size: int) -> None:
    """Wait until a replica shows so many entries."""
    for _ in range(600):
        with suppress(psycopg.Error), psycopg.connect(f"{server.url}&dbname={db.name}", autocommit=True) as late:
            if late.execute("SELECT 1 FROM tally.head WHERE size = %s", [size]).fetchone():
                return
        time.sleep(0.02)
    raise AssertionError("the replica does not follow")


def test_with_a_synchronous_replica_nothing_acknowledged_is_lost_and_the_service_goes_on(tmp_path):
    with (
        database() as db,
        replica(synchronous=True) as (first, second),
        closing(log_on_both(tmp_path, db, first, second)) as log,
    ):
        for after in range(30):
            log.append([spoken(after, note=f"words {after}")], after=after)
        head = log.head()
        first.crash()
        with pytest.raises(Unreachable):
            log.append([spoken(30)], after=30)
        promote(second)

        assert log.head() == head
        log.append([spoken(30)], after=30)
        assert (len(log.private_between(0, 99)), log.health()) == (30, [])


def test_a_replica_that_lacks_acknowledged_entries_is_noticed_and_never_signed(tmp_path):
    with (
        database() as db,
        replica(synchronous=False) as (first, second),
        closing(log_on_both(tmp_path, db, first, second)) as log,
    ):
        log.append([spoken(0)], after=0)
        caught_up(second, db, 1)
        second.crash()
        log.append([spoken(1)], after=1)
        first.crash()
        second.start()
        promote(second)

        assert log.head().size == 1
        with pytest.raises(RolledBack, match="put back"):
            log.append([spoken(1)], after=1)


def test_a_replica_is_read_but_takes_nothing_in(tmp_path):
    with database() as db, replica(synchronous=False) as (first, second):
        with closing(log_on_both(tmp_path, db, first, second)) as log:
            log.append([spoken(0)], after=0)
            head = log.head()
        caught_up(second, db, 1)
        only = beside.Beside(
            address(db.name, APP).replace(str(first.folder), str(second.folder)), beside.read(tmp_path).ledger
        )
        with closing(PostgresLog(tmp_path, Anchor(tmp_path / "anchor.json"), ORIGIN, only)) as log:
            assert log.head() == head
            with pytest.raises(Unreachable, match="read-only"):
                log.append([spoken(1)], after=1)
