"""A cooperative whose log is kept in PostgreSQL lives as one whose log lies in a folder, and gets the same proofs."""

import random
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from cli import ROOMS
from ledger import beside, merkle, tiles
from ledger.anchor import Anchor
from ledger.book import Book
from ledger.entry import split_leaf
from ledger.errors import TallyError, Usage
from ledger.keys import new_key
from ledger.log import KEY, Leaf, LedgerExists, Log, Moved, NoLedger, RolledBack, StoreFailed, Unreachable
from ledger.shelf import MemoryShelf
from ledger.store import SqliteLog
from ledger.store_postgres import PORTION, PostgresLog
from payouts import demo
from tests.forge import ORIGIN, Coop, small_leaf
from tests.postgres import Database, database, forge_beside, new_log, spoken
from tests.village import parts


@pytest.fixture
def db() -> Iterator[Database]:
    with database() as made:
        yield made


# What people type and read.


def test_a_cooperative_founds_logs_and_checks_in_a_database_as_in_a_folder(tmp_path, db):
    coop = forge_beside(tmp_path, db)
    coop.must("log", "1h30", "mended the roof", "--role", "care")
    coop.must("invite", "Bela", "--out", str(tmp_path / "invitation"))
    bela = Coop(tmp_path / "bela", who="Bela")
    bela.must("join", str(tmp_path / "invitation"))
    coop.must("vote", "1", "yes")
    coop.must("vote", "1", "yes", "--as", "Chidi")
    bela.must("log", "2h", "listened", "--role", "community")

    assert "mended the roof" in bela.must("work", "list").out
    assert bela.must("verify").out.startswith("OK: 7 entries")
    assert bela.must("checkpoint", "--json").answer["size"] == 7
    assert {path.name for path in coop.folder.iterdir()} == {"database", KEY, "private-keys"}
    for path in (coop.folder / "database", coop.folder / KEY, *coop.folder.glob("private-keys/*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_whole_evening_gives_the_same_roots_receipts_and_book_as_on_sqlite(tmp_path, db):
    play_evening(tmp_path, db)
    coop = Coop(tmp_path / "founders", who="", now="2025-11-05T09:00:00Z")
    assert coop.must("verify", "--full").out.startswith("OK: 73 entries")
    with coop.opened() as ledger:
        leaves = list(ledger.log.entries(0, ledger.log.head().size))
        key = ledger.log.signers(ledger.log.head())[0]
        SqliteLog.create(tmp_path / "again", key)
        again = SqliteLog(tmp_path / "again", Anchor(tmp_path / "anchor.json"), ledger.log.origin)
        book = Book(ROOMS, MemoryShelf())
        book.root_at = lambda size: again.hash_of(0, size)
        for index, leaf in enumerate(leaves):
            again.append([Leaf(leaf, {})], after=index)
            book.fold(*split_leaf(leaf))

            assert ledger.log.hash_of(0, index + 1) == again.head().root

        assert ledger.log.head() == again.head()
        assert ledger.log.receipts(0, len(leaves)) == again.receipts(0, len(leaves))
        assert parts(ledger.open_book()) == parts(book)
        again.close()


def play_evening(folder: Path, db: Database) -> None:
    """The evening that `tally demo` plays, up to where somebody changes a byte of the file."""
    stage = demo._Stage(folder)
    evening = files("payouts").joinpath("evening.txt").read_text(encoding="utf-8")
    for line in evening.partition("Somebody with a hex editor")[0].splitlines():
        if line.startswith("@ "):
            stage.now = line[2:]
        elif found := demo._COMMAND.match(line):
            words = found["words"].replace("tally init Riverbend", f"tally init Riverbend --db '{db.app}'")
            stage.run(found["home"] or "founders", words, int(found["code"] or 0))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ana:secret-word@host/books",
        "postgresql://ana:@host/books",
        "postgresql://host/books?user=ana&password=secret-word",
        "postgresql://host/books?PASSWORD=secret-word",
        "postgresql://host/books?sslpassword=secret-word",
        "host=db password=secret-word",
        "mysql://ana@host/books",
        "postgresql://[half/books",
    ],
)
def test_an_address_with_a_password_or_without_sense_is_refused_and_not_repeated(tmp_path, url):
    for words in (("init", "Riverbend", "--rehearsal", "--db", url), ("db", "setup", url, "--run")):
        ran = Coop(tmp_path / "home").tally(*words)

        assert ran.code == 2, ran
        assert "secret-word" not in ran.out + ran.err
        assert ("pgpass" in ran.err) == ("postgresql" in url and "[" not in url)
    assert not (tmp_path / "home" / "ledgers").exists()


def test_a_database_that_does_not_answer_or_is_not_set_up_is_named_before_anything_is_made(tmp_path):
    coop = Coop(tmp_path / "home")
    nobody = coop.tally("init", "Riverbend", "--rehearsal", "--db", f"postgresql://ana@/books?host={tmp_path}")
    with database(ready=False) as bare:
        unready = coop.tally("init", "Riverbend", "--rehearsal", "--db", bare.admin)

    assert (nobody.code, "does not answer" in nobody.err) == (1, True)
    assert (unready.code, "tally db setup" in unready.err) == (2, True)
    assert not (tmp_path / "home" / "ledgers").exists()


def test_a_file_that_names_no_database_is_said_to_be_damaged(tmp_path, db):
    coop = forge_beside(tmp_path, db)
    named = coop.folder / beside.FILE
    whole = named.read_text()
    for damage in ("", "{}", "[]", whole[:-5], whole.replace("postgresql", "http"), re.sub("[0-9a-f]{32}", "x", whole)):
        named.write_text(damage)
        ran = coop.tally("member", "list")

        assert ran.code == 2, damage
    named.write_text(re.sub("[0-9a-f]{32}", "ab" * 16, whole))
    ran = coop.tally("member", "list")

    assert "does not hold this ledger" in ran.err
    with pytest.raises(NoLedger, match="does not hold this ledger"):
        PostgresLog(coop.folder, Anchor(tmp_path / "anchor.json"), ORIGIN)


def test_an_init_that_was_stopped_is_taken_up_again_and_one_that_was_not_is_refused(tmp_path, db):
    PostgresLog.create(tmp_path / "log", new_key(), db.app)
    first = beside.read(tmp_path / "log")
    PostgresLog.create(tmp_path / "log", new_key(), db.app)
    assert beside.read(tmp_path / "log") == first
    log = PostgresLog(tmp_path / "log", Anchor(tmp_path / "anchor.json"), ORIGIN)
    log.append([Leaf(small_leaf(0), {})], after=0)
    log.close()
    for url in (db.app, db.admin):
        with pytest.raises(LedgerExists):
            PostgresLog.create(tmp_path / "log", new_key(), url)

    assert len(db.ask("SELECT 1 FROM tally.head")) == 1


# The verbs.


def pair(folder: Path, db: Database) -> tuple[Log, Log]:
    """A log in a folder and one in a database, with the same key."""
    key = new_key()
    SqliteLog.create(folder / "sqlite", key)
    return (
        SqliteLog(folder / "sqlite", Anchor(folder / "sqlite.json"), ORIGIN),
        new_log(folder / "postgresql", db, key),
    )


@pytest.mark.parametrize("sizes", [(1, 255), (255, 2), (256, 256), (300, 1, 299), (1, 1, 1, 1, 1), (PORTION + 5,)])
def test_both_stores_answer_alike_in_whatever_portions_a_log_grew(tmp_path, db, sizes):
    logs, done = pair(tmp_path, db), 0
    for size in sizes:
        leaves = [spoken(number, note=f"words {number}") for number in range(done, done + size)]
        one, other = (log.append(leaves, after=done) for log in logs)
        assert one == other
        done += size
    one, other = logs

    assert one.head() == other.head()
    assert other.head().root == merkle.root([merkle.leaf_hash(leaf) for leaf in other.entries(0, done)])
    assert list(one.entries(0, done + 9)) == list(other.entries(0, done + 9))
    assert list(one.full_tiles()) == list(other.full_tiles())
    for level, n in ((0, 0), (0, 1), (0, done // 256), (1, 0), (2, 0)):
        assert one.tile(level, n) == other.tile(level, n)
    assert one.private_between(0, done) == other.private_between(0, done) != {}
    assert one.consistency(1, done) == other.consistency(1, done)
    for log in logs:
        log.close()


def test_leaves_are_found_and_missing_ones_named(tmp_path, db):
    for log in pair(tmp_path, db):
        log.append([Leaf(small_leaf(number), {}) for number in range(300)], after=0)

        assert [log.find(small_leaf(number)[:-72]) for number in (0, 299)] == [0, 299]
        assert (log.find(b"nothing"), log.entry(17)) == (None, small_leaf(17))
        assert list(log.entries(298, 298)) == list(log.entries(300, 400)) == []
        with pytest.raises(TallyError, match="no entry 300"):
            log.entry(300)
        log.close()


def test_who_comes_second_leaves_nothing(tmp_path, db):
    log = new_log(tmp_path, db)
    log.append([spoken(number) for number in range(3)], after=0)
    for after in (0, 2, 4):
        with pytest.raises(Moved):
            log.append([spoken(9, note="words")], after=after)

    assert (log.head().size, log.private_between(0, 9), log.anchor.read()) == (3, {}, (3, log.head().root))
    log.close()


def test_a_leaf_that_cannot_be_kept_takes_its_whole_portion_with_it(tmp_path, db):
    log = new_log(tmp_path, db)
    with pytest.raises(StoreFailed):
        log.append([spoken(0, note="words"), Leaf(b"short", {})], after=0)

    assert (log.head().size, list(log.entries(0, 9)), log.private_between(0, 9)) == (0, [], {})
    log.close()


def test_what_stands_beside_the_log_is_kept_once(tmp_path, db):
    for log in pair(tmp_path, db):
        log.append([spoken(0)], after=0)
        first = log.head()
        log.keep_cosignatures(1, ["— Bela one", "— Chidi two"])
        log.keep_cosignatures(1, ["— Bela one"])
        log.append([spoken(1)], after=1)
        log.keep_cosignatures(1, ["— Emre three"])
        log.keep_evidence(7, "why", b"entry", b"signature")
        log.keep_evidence(8, "why again", b"entry", b"signature")

        assert log.shown() == log.head()
        assert log.witnessed() == [(first, ["— Bela one", "— Chidi two", "— Emre three"])]
        assert log.evidence() == [(7, "why", b"entry", b"signature")]
        log.append([spoken(2)], after=2)
        with pytest.raises(TallyError, match="no longer kept"):
            log.keep_cosignatures(2, ["— Bela four"])
        log.close()


def test_one_database_holds_many_ledgers_that_know_nothing_of_each_other(tmp_path, db):
    one, other = (new_log(tmp_path / name, db) for name in ("one", "other"))
    one.append([spoken(0, note="one")], after=0)
    other.append([spoken(number, note="other") for number in range(300)], after=0)
    one.append([spoken(1)], after=1)

    assert (one.head().size, other.head().size) == (2, 300)
    assert [tile.n for tile in one.full_tiles()] == []
    assert len(other.private_between(0, 999)) == 300
    assert one.private(0)["/note"].words == "one"
    for log in (one, other):
        log.close()


def test_a_store_put_back_from_an_older_copy_is_never_signed(tmp_path, db):
    """What a replica is that took over without the newest entries."""
    coop = forge_beside(tmp_path, db)
    coop.must("log", "1h", "before", "--role", "care")
    with coop.opened() as ledger:
        seen = ledger.log.head()
    coop.must("log", "1h", "after", "--role", "care")
    db.ask("SET session_replication_role = replica; ALTER TABLE tally.leaf DISABLE TRIGGER USER;"
           "ALTER TABLE tally.head DISABLE TRIGGER USER; DELETE FROM tally.leaf WHERE idx = 2")  # fmt: skip
    db.ask("UPDATE tally.head SET size = %s, note = %s", seen.size, seen.note)
    ran = coop.tally("log", "1h", "again", "--role", "care")

    assert (ran.code, "put back from a copy" in ran.err) == (5, True), ran
    assert db.ask("SELECT size FROM tally.head") == [(2,)]
    log = PostgresLog(coop.folder, coop.home.anchor(coop.home.ledger(None).founding), ORIGIN)
    with pytest.raises(RolledBack):
        log.append([spoken(2)], after=2)
    log.close()


def test_while_the_server_is_not_there_statements_wait_in_the_home(tmp_path, db):
    coop = forge_beside(tmp_path, db)
    named = coop.folder / beside.FILE
    whole = named.read_text()
    named.write_text(whole.replace("host=", "host=/nowhere"))
    ran = coop.tally("log", "1h", "roof", "--role", "care")

    assert (ran.code, "does not answer" in ran.err) == (75, True), ran
    with pytest.raises(Unreachable, match="does not answer"):
        PostgresLog(coop.folder, Anchor(tmp_path / "anchor.json"), ORIGIN)
    named.write_text(whole)
    coop.must("sync")
    assert "roof" in coop.must("work", "list").out


def test_a_replica_that_may_not_be_written_to_is_named_in_words(tmp_path, db):
    log = new_log(tmp_path, db)
    log._link._db.execute("SET default_transaction_read_only = on")
    with pytest.raises(Unreachable, match="read-only"):
        log.append([spoken(0)], after=0)
    log.close()


def test_without_the_library_it_is_said_what_to_install(tmp_path, monkeypatch):
    beside.write(tmp_path, beside.fresh("postgresql://ana@host/books"))
    for module in ("ledger.store_postgres", "ledger.postgres_link", "psycopg"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    monkeypatch.delitem(__import__("sys").modules, "ledger.store_postgres")
    monkeypatch.delitem(__import__("sys").modules, "ledger.postgres_link")
    from ledger.places import open_log

    with pytest.raises(Usage) as refusal:
        open_log(str(tmp_path), Anchor(tmp_path / "anchor.json"), ORIGIN)
    assert "tallystick[postgres]" in refusal.value.hint


def test_random_trees_have_the_root_that_their_leaves_give(tmp_path, db):
    chance, log, done = random.Random(11), new_log(tmp_path, db), 0
    while done < 900:
        size = chance.choice((1, 2, 30, 256))
        log.append([Leaf(small_leaf(number), {}) for number in range(done, done + size)], after=done)
        done += size
        hashes = [merkle.leaf_hash(small_leaf(number)) for number in range(done)]

        assert log.head().root == merkle.root(hashes) == log.hash_of(0, done)
    assert log.tile(1, 0) == b"".join(tiles.tile_root(log.tile(0, n)) for n in range(done // 256))
    log.close()
