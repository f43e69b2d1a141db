"""A log moves from its folder into PostgreSQL and back: the same entries, roots, receipts; one log, never two."""

import itertools
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger import moving
from ledger.anchor import Anchor
from ledger.database import FILE
from ledger.home import Known
from ledger.keys import new_key, read_key
from ledger.log import KEY, Log, StoreFailed
from ledger.moving import SQLITE, NotTheSame, compare, move_log
from ledger.places import open_log
from ledger.private import Kept
from ledger.store import SqliteLog
from tests.forge import ORIGIN, Coop, forge, in_children
from tests.postgres import Database, database, own, spoken
from tests.test_postgres_words import Stopped, holding

SIZE = 300
SECRET = "mended-the-secret-roof"


@pytest.fixture
def db() -> Iterator[Database]:
    with database() as made:
        yield made


def told(coop: Coop) -> list[str]:
    """What the cooperative is told about itself, whichever database holds its log."""
    asked = (("work", "list"), ("member", "list"), ("checkpoint",), ("verify", "--full"))
    return [coop.must(*words).out for words in asked]


def test_a_cooperative_moves_into_a_database_and_back_and_nobody_notices(tmp_path, db):
    coop = forge(tmp_path)
    coop.must("log", "1h30", SECRET, "--role", "care")
    before = told(coop)
    moved = coop.must("db", "move", "--to", db.app)

    assert "2 entries, root" in moved.out
    assert told(coop) == before
    assert {path.name for path in coop.folder.iterdir() if path.name[0] != "."} == {
        "database", f"{FILE}.moved", KEY, "private-keys",
    }  # fmt: skip
    assert "there already" in coop.must("db", "move", "--to", db.app).out
    coop.must("log", "2h", "on a server", "--role", "care")
    after = told(coop)
    coop.must("db", "move", "--to", "sqlite")
    assert told(coop) == after
    coop.must("log", "2h", "at home again", "--role", "care", "--as", "Chidi")
    coop.must("db", "move", "--to", db.app)
    assert coop.must("verify", "--full").out.startswith("OK: 4 entries")


def test_every_home_that_shares_the_folder_follows_and_nobody_appends_to_the_old_log(tmp_path, db):
    coop = forge(tmp_path)
    shutil.copytree(coop.path / "config", tmp_path / "other" / "config")
    shutil.copytree(coop.path / "keys", tmp_path / "other" / "keys")
    other = Coop(tmp_path / "other", who="Chidi")
    with other.opened() as long_open:
        coop.must("db", "move", "--to", db.app)
        with pytest.raises(StoreFailed, match="has moved"):
            long_open.log.append([spoken(0)], after=1)
        assert long_open.log.head().size == 1
    other.must("log", "2h", "in the new place", "--role", "care")
    with coop.opened() as long_open:
        coop.must("db", "move", "--to", "sqlite")
        with pytest.raises(StoreFailed, match="has moved"):
            long_open.log.append([spoken(0)], after=2)

    assert coop.must("verify", "--full").out.startswith("OK: 2 entries")


def test_the_old_file_keeps_no_private_words_that_nobody_could_erase_there(tmp_path, db):
    coop = forge(tmp_path)
    coop.must("log", "1h30", SECRET, "--role", "care")
    coop.must("db", "move", "--to", db.app)

    assert holding(coop.path, SECRET.encode()) == []
    assert holding(own().data, SECRET.encode()) == []
    assert SECRET in coop.must("work", "list").out
    coop.must("db", "move", "--to", "sqlite")
    assert list((coop.folder / "private-keys").iterdir()) == []
    assert db.ask("SELECT * FROM tally.private") == []
    assert SECRET in coop.must("work", "list").out


@pytest.mark.parametrize(
    ("to", "code"),
    [("postgresql://ana:word@host/books", 2), ("somewhere", 2), ("postgresql://ana@/x?host=/nowhere", 1)],
)
def test_a_place_that_is_none_is_refused_and_the_log_stays(tmp_path, to, code):
    coop = forge(tmp_path)
    before = sorted(path.name for path in coop.folder.iterdir() if path.name[0] != ".")
    ran = coop.tally("db", "move", "--to", to)

    assert ran.code == code, ran
    assert sorted(path.name for path in coop.folder.iterdir() if path.name[0] != ".") == before
    coop.must("log", "1h", "roof", "--role", "care")


# With all that a log holds.


def full_log(folder: Path) -> Known:
    """A log in a folder with tiles, words, some of them erased, heads that witnesses signed, and evidence."""
    key = new_key()
    SqliteLog.create(folder, key)
    log = SqliteLog(folder, Anchor(folder.parent / "old-anchor.json"), ORIGIN)
    for after in (0, 100, 200):
        log.append([spoken(number, "Ana", note=f"words {number}") for number in range(after, after + 100)], after=after)
        log.keep_cosignatures(after + 100, [f"— Bela {after}", f"— Chidi {after}"])
    log.private_erase([(7, "/note")])
    log.keep_evidence(1, "why", b"entry", b"signature")
    log.keep_evidence(2, "why", b"another", b"signature")
    log.close()
    return Known(slug="x", place=str(folder), origin=ORIGIN, log_key=key.public.hex(), founding="")


def everything(known: Known, folder: Path) -> list[Any]:
    """All that a log holds, whichever database that is in."""
    log = open_log(known.place, Anchor(folder / "reading.json"), ORIGIN)
    try:
        head = log.head()
        return [
            head, list(log.entries(0, 999)), list(log.full_tiles()), log.receipts(0, head.size),
            log.private_between(0, 999), log.evidence(), log.witnessed(), log.shown(),
        ]  # fmt: skip
    finally:
        log.close()


def test_everything_the_log_holds_moves_with_it(tmp_path, db, monkeypatch):
    monkeypatch.setattr(moving, "PORTION", 64)
    known = full_log(tmp_path / "log")
    before = everything(known, tmp_path)
    assert [len(part) for part in before[1:]] == [SIZE, 1, SIZE, SIZE - 1, 2, 3, 3]
    for to in (db.app, SQLITE, db.app):
        assert move_log(known, to)
        assert everything(known, tmp_path) == before
        assert read_key(tmp_path / "log" / KEY).public.hex() == known.log_key
    assert not move_log(known, db.app)


@pytest.mark.parametrize("to_database", [True, False], ids=["there", "back"])
def test_whoever_is_stopped_on_the_way_goes_on_from_there(tmp_path, db, monkeypatch, to_database):
    """At every step, whatever it does: there is one log that can grow, or none until the move is done again."""
    monkeypatch.setattr(moving, "PORTION", 150)
    known = full_log(tmp_path / "log")
    before = everything(known, tmp_path)
    if not to_database:
        move_log(known, db.app)
    to, number = db.app if to_database else SQLITE, 0
    for number in itertools.chain(range(1, 12), range(12, 9_999, 7)):
        with pytest.MonkeyPatch.context() as patch:
            stop_at(number, patch)
            try:
                move_log(known, to)
                break
            except Stopped:
                pass
    assert number > 12
    assert everything(known, tmp_path) == before
    assert move_log(known, to) is False
    log = open_log(known.place, Anchor(tmp_path / "reading.json"), ORIGIN)
    log.append([spoken(SIZE)], after=SIZE)
    log.close()


def stop_at(number: int, patch: pytest.MonkeyPatch) -> None:
    """End the move at the n-th step that writes: a portion, what stands beside, a retirement, a name."""
    steps = itertools.count(1)

    def stopping(real: Any) -> Any:
        def step(*args: Any, **options: Any) -> Any:
            if next(steps) == number:
                raise Stopped
            answer = real(*args, **options)
            if next(steps) == number:
                raise Stopped
            return answer

        return step

    patch.setattr(Log, "extend", stopping(Log.extend))
    patch.setattr(moving, "compare", stopping(compare))
    patch.setattr(os, "rename", stopping(os.rename))
    for where in (SqliteLog, moving.PostgresLog):
        for name in ("keep_cosignatures", "keep_evidence", "retire", "private_erase"):
            patch.setattr(where, name, stopping(getattr(where, name)))


def test_a_move_that_is_killed_is_done_again(tmp_path, db, monkeypatch):
    monkeypatch.setattr(moving, "PORTION", 10)
    known = full_log(tmp_path / "log")
    before = everything(known, tmp_path)

    def killed() -> None:
        count = itertools.count()
        real = Log.extend

        def extend(*args: Any) -> None:
            real(*args)
            if next(count) == 12:
                os.kill(os.getpid(), 9)

        monkeypatch.setattr(Log, "extend", extend)
        move_log(known, db.app)

    assert in_children(killed) == [-9]
    assert 0 < db.ask("SELECT size FROM tally.head")[0][0] < SIZE
    assert everything(known, tmp_path) == before
    move_log(known, db.app)
    assert everything(known, tmp_path) == before
    assert len(db.ask("SELECT 1 FROM tally.head")) == 1


@pytest.mark.parametrize(
    "difference",
    [
        "UPDATE tally.leaf SET leaf = overlay(leaf PLACING '\\x00' FROM 9) WHERE idx = 40",
        "DELETE FROM tally.private WHERE idx = 40",
        "UPDATE tally.tile SET hashes = overlay(hashes PLACING '\\x00' FROM 9)",
        "DELETE FROM tally.tile",
        "DELETE FROM tally.cosignature WHERE line LIKE '%Bela 0'",
        "DELETE FROM tally.evidence WHERE at = 2",
        "UPDATE tally.head SET note = overlay(note PLACING 'X' FROM 100)",
        "UPDATE tally.private SET pointer = '/other' WHERE idx = 40",
    ],
)
def test_a_new_log_that_differs_in_anything_is_not_moved_to(tmp_path, db, monkeypatch, difference):
    known = full_log(tmp_path / "log")
    before = everything(known, tmp_path)

    def differing(old: Log, new: Log) -> None:
        with psycopg.connect(db.admin) as admin:
            for table in ("leaf", "tile", "head", "cosignature", "evidence", "private"):
                admin.execute(f"ALTER TABLE tally.{table} DISABLE TRIGGER USER")
            assert admin.execute(difference).rowcount == 1
        compare(old, new)

    monkeypatch.setattr(moving, "compare", differing)
    with pytest.raises(NotTheSame, match="was not moved"):
        move_log(known, db.app)

    assert everything(known, tmp_path) == before
    assert (tmp_path / "log" / FILE).exists()
    log = open_log(known.place, Anchor(tmp_path / "reading.json"), ORIGIN)
    log.append([spoken(SIZE, note="goes on")], after=SIZE)
    assert log.private(SIZE) == {"/note": Kept(bytes(32), "goes on")}
    log.close()


def test_who_writes_while_a_log_moves_waits_and_is_told(tmp_path, db, monkeypatch):
    coop = forge(tmp_path)
    monkeypatch.setattr("ledger.database.WAIT_S", 0.2)

    def writing(old: Log, new: Log) -> None:
        other = sqlite3.connect(coop.folder / FILE, timeout=0.1)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
        compare(old, new)

    monkeypatch.setattr(moving, "compare", writing)
    coop.must("db", "move", "--to", db.app)
