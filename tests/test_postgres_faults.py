"""Services append to one log in PostgreSQL, they and the server are killed, and nothing acknowledged is lost."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
import pytest

from ledger import merkle, postgres_link, receipt
from ledger.anchor import Anchor
from ledger.errors import TallyError
from ledger.keys import read_key
from ledger.log import KEY, Busy, InDoubt, Leaf, Moved, StoreFailed, Unreachable
from ledger.note import vkey
from ledger.store_postgres import PostgresLog
from tests.forge import ORIGIN, in_children, small_leaf
from tests.postgres import Database, database, new_log, own, spoken


@pytest.fixture
def db() -> Iterator[Database]:
    with database() as made:
        yield made


def opened(folder: Path, anchor: str = "anchor") -> PostgresLog:
    return PostgresLog(folder, Anchor(folder / f"{anchor}.json"), ORIGIN)


def put(log: PostgresLog, leaf: Leaf) -> tuple[int, bytes]:
    """Append a leaf wherever the log ends by now; answers its index and receipt."""
    while True:
        try:
            after = log.head().size
            return after, log.append([leaf], after=after)[0]
        except Moved:
            continue


# Several at once.


def test_eight_services_append_at_once_without_gap_or_loss(tmp_path, db):
    new_log(tmp_path, db).close()

    def service(number: int) -> Callable[[], None]:
        def work() -> None:
            log = opened(tmp_path, f"anchor{number}")
            known = vkey(ORIGIN, read_key(tmp_path / KEY).public)
            for each in range(50):
                leaf = small_leaf(number * 1_000 + each)
                index, proof = put(log, Leaf(leaf, {}))
                assert receipt.check(receipt.parse(proof), leaf[:-72], known).index == index
            log.close()

        return work

    assert in_children(*map(service, range(8))) == [0] * 8
    log = opened(tmp_path)
    leaves = list(log.entries(0, 999))
    assert sorted(leaves) == [small_leaf(number * 1_000 + each) for number in range(8) for each in range(50)]
    assert log.head() == log.head()._replace(size=400, root=merkle.root([merkle.leaf_hash(leaf) for leaf in leaves]))
    assert [index for (index,) in db.ask("SELECT idx FROM tally.leaf ORDER BY idx")] == list(range(400))
    log.close()


def test_who_holds_the_head_too_long_makes_others_say_they_were_busy(tmp_path, db):
    log = new_log(tmp_path, db)
    log._link.rows("SET lock_timeout = '200ms'")
    with psycopg.connect(db.app) as other:
        other.execute("SELECT 1 FROM tally.head FOR UPDATE")
        with pytest.raises(Busy):
            log.append([spoken(0)], after=0)
    log.append([spoken(0)], after=0)
    log.close()


@pytest.mark.parametrize("state", ["40001", "40P01", "23505"])
def test_a_transaction_that_others_got_in_the_way_of_is_begun_anew_as_a_whole(tmp_path, db, state):
    log = new_log(tmp_path, db)
    db.ask("CREATE TABLE public.times (n SERIAL); GRANT ALL ON public.times TO PUBLIC; "
           "GRANT ALL ON SEQUENCE public.times_n_seq TO PUBLIC")  # fmt: skip
    db.ask(f"""CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('public.times_n_seq') < 4 THEN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END IF;
        RETURN NEW; END $$;
        CREATE TRIGGER fail BEFORE UPDATE ON tally.head FOR EACH ROW EXECUTE FUNCTION public.fail()""")
    log.append([spoken(0, note="words")], after=0)

    assert (log.head().size, len(log.private(0))) == (1, 1)
    assert db.ask("SELECT last_value FROM public.times_n_seq") == [(4,)]
    db.ask("SELECT setval('public.times_n_seq', 1)")
    with patch.object(postgres_link, "TRIES", 2), pytest.raises(Busy):
        log.append([spoken(1)], after=1)
    assert log.head().size == 1
    log.close()


# Connections that break off.


def break_off(log: PostgresLog, db: Database) -> None:
    """The server ends this log's session."""
    pid = log._link._db.info.backend_pid
    db.ask("SELECT pg_terminate_backend(%s, 5000)", pid)


def verbs(log: PostgresLog) -> list[Callable[[], Any]]:
    return [
        log.head,
        lambda: list(log.entries(0, 9)),
        lambda: log.entry(0),
        lambda: log.tile(0, 0),
        lambda: list(log.full_tiles()),
        lambda: log.receipt(0),
        lambda: log.find(small_leaf(0)),
        lambda: log.private(0),
        lambda: log.private_many([(0, "/note")]),
        log.evidence,
        log.shown,
        lambda: put(log, spoken(2)),
        lambda: log.keep_evidence(1, "why", b"entry", b"signature"),
        lambda: log.keep_cosignatures(log.head().size, ["— Bela one"]),
        lambda: log.private_put(0, {}),
        lambda: log.private_erase([(0, "/note")]),
    ]


@pytest.mark.parametrize("number", range(16))
def test_every_verb_survives_a_connection_that_broke_off(tmp_path, db, number):
    log = new_log(tmp_path, db)
    log.append([spoken(0, note="words")], after=0)
    break_off(log, db)
    verbs(log)[number]()
    log.close()


class Breaking:
    """A database connection whose server ends the session before or after its n-th statement, or that statement."""

    def __init__(self, real: Any, db: Database, at: int | str, after: bool) -> None:
        self.real, self.db, self.at, self.after, self.count, self.hit = real, db, at, after, 0, False

    def execute(self, query: str, *args: Any, **options: Any) -> Any:
        self.count += 1
        here = self.at in (self.count, query)
        if here and not self.after:
            self._break()
        answer = self.real.execute(query, *args, **options)
        if here and self.after:
            self._break()
            raise psycopg.OperationalError("the connection is lost")
        return answer

    def cursor(self) -> Any:
        return self.real.cursor()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.execute("BEGIN")
        try:
            yield
        except BaseException:
            if not self.real.closed:
                self.real.execute("ROLLBACK")
            raise
        self.execute("COMMIT")

    def _break(self) -> None:
        self.hit = True
        self.db.ask("SELECT pg_terminate_backend(%s, 5000)", self.real.info.backend_pid)
        if self.after:
            self.real.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_connection_lost_at_any_statement_or_commit_of_an_append_leaves_it_done_once(tmp_path, db, after):
    """Also where the commit was done and only its answer was lost: the log itself is asked."""
    log, size, at = new_log(tmp_path, db), 0, 0
    while True:
        at += 1
        breaking = Breaking(log._link._db, db, at, after)
        log._link._db = breaking  # type: ignore[assignment]
        receipts = log.append([spoken(size, note=f"words {size}")], after=size)
        size += 1

        assert len(receipts) == 1
        assert (log.head().size, log.private(size - 1)["/note"].words) == (size, f"words {size - 1}")
        if not breaking.hit:
            break
        breaking.real.close()
    assert at > 8
    log._link._db.real.close()  # type: ignore[attr-defined]


def test_when_nobody_can_tell_whether_a_commit_was_done_that_is_said(tmp_path, db):
    log = new_log(tmp_path, db)
    first = Breaking(log._link._db, db, "COMMIT", after=True)
    log._link._db = first  # type: ignore[assignment]
    nobody = patch.object(postgres_link.Link, "_connect", side_effect=Unreachable("It does not answer."))
    with nobody, pytest.raises(InDoubt, match="recorded or not"):
        log.append([spoken(0)], after=0)

    assert first.hit
    assert log.head().size == 1
    log.close()


# Killed.


def appending(folder: Path, told: int, number: int) -> None:
    """Append for ever; tell each acknowledged leaf through a pipe."""
    log = opened(folder, f"anchor{number}")
    for each in range(number * 10_000, (number + 1) * 10_000):
        while True:
            try:
                index, _ = put(log, Leaf(small_leaf(each), {}))
                break
            except (Unreachable, StoreFailed):
                time.sleep(0.05)  # the server is down; what is in doubt is said once more and may stand twice
        os.write(told, f"{each} {index}\n".encode())


@contextmanager
def services(folder: Path, many: int) -> Iterator[tuple[list[int], Callable[[], list[tuple[int, int]]]]]:
    """Services that append, each a process, and what they have been told stands; killed in the end."""
    read, write = os.pipe()
    children: list[int] = []
    for number in range(many):
        child = os.fork()
        if not child:
            os.close(read)
            try:
                appending(folder, write, number)
            finally:
                os._exit(1)
        children.append(child)
    os.close(write)

    def acknowledged() -> list[tuple[int, int]]:
        with os.fdopen(read) as lines:
            return [(int(each), int(index)) for each, index in (line.split() for line in lines)]

    try:
        yield children, acknowledged
    finally:
        for child in children:
            try:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            except (ProcessLookupError, ChildProcessError):
                continue


def check(folder: Path, acknowledged: list[tuple[int, int]]) -> None:
    """Everything that was acknowledged stands where it was said to, and the log is whole."""
    log = opened(folder)
    size = log.head().size
    leaves = list(log.entries(0, size + 99))
    assert len(leaves) == size
    assert log.head().root == merkle.root([merkle.leaf_hash(leaf) for leaf in leaves])
    assert acknowledged
    for each, index in acknowledged:
        assert leaves[index] == small_leaf(each)
    log.append([spoken(0)], after=size)
    log.close()


@pytest.mark.parametrize("seed", range(4))
def test_services_that_are_killed_lose_nothing_they_were_told_stands(tmp_path, db, seed):
    new_log(tmp_path, db).close()
    chance = random.Random(seed)
    with services(tmp_path, 3) as (children, acknowledged):
        for child in children:
            time.sleep(chance.uniform(0.05, 0.4))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        check(tmp_path, acknowledged())


@pytest.mark.parametrize("seed", range(3))
def test_a_server_that_is_stopped_at_once_and_started_again_loses_nothing(tmp_path, seed):
    """The services go on by themselves when it is back."""
    held, chance = own(), random.Random(seed)
    with database() as db:
        new_log(tmp_path, db).close()
        with services(tmp_path, 2) as (children, acknowledged):
            for _ in range(2):
                time.sleep(chance.uniform(0.2, 0.6))
                held.crash()
                held.start()
            time.sleep(0.5)
            for child in children:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            told = acknowledged()
        check(tmp_path, told)


def test_a_command_while_the_server_is_down_records_nothing_and_says_what_to_do(tmp_path):
    held = own()
    with database() as db:
        log = new_log(tmp_path, db)
        held.crash()
        try:
            with pytest.raises(TallyError) as error:
                log.append([spoken(0)], after=0)
        finally:
            held.start()

        assert isinstance(error.value, Unreachable)
        assert error.value.hint
        assert log.head().size == 0
        log.close()
