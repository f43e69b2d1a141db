"""The log only grows: whatever is tried on its database, whoever writes at once, and whenever the power fails."""

import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contributions.state import sheet
from ledger import merkle, receipt, snapshot, tiles
from ledger.anchor import Anchor, BadAnchor
from ledger.database import FILE, KEY, StoreFailed
from ledger.errors import TallyError
from ledger.keys import new_key, read_key
from ledger.note import vkey
from ledger.private import Kept
from ledger.store import Leaf, LedgerExists, Moved, NoLedger, SqliteLog, WrongLogKey
from tests.forge import NOON, Coop, Ran, forge
from tests.village import parts

ORIGIN = "tally.invalid/store"
SIZE = 600


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
        tables = ("leaf", "tile", "checkpoint", "private", "evidence", "sqlite_master")
        return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    finally:
        db.close()


# The guards.

HASH, LEAF, TILE = "zeroblob(32)", "zeroblob(80)", "zeroblob(8192)"
CHANGES = (
    "UPDATE leaf SET leaf = zeroblob(80) WHERE idx = 3",
    "UPDATE leaf SET idx = 1000 WHERE idx = 3",
    "UPDATE OR REPLACE leaf SET idx = 4 WHERE idx = 3",
    "UPDATE OR IGNORE leaf SET hash = zeroblob(32)",
    "DELETE FROM leaf WHERE idx = 299",
    "DELETE FROM leaf",
    f"INSERT INTO leaf VALUES (3, {HASH}, {LEAF})",
    f"INSERT OR REPLACE INTO leaf VALUES (3, {HASH}, {LEAF})",
    f"REPLACE INTO leaf VALUES (299, {HASH}, {LEAF})",
    f"INSERT OR IGNORE INTO leaf VALUES (3, {HASH}, {LEAF})",
    f"INSERT INTO leaf VALUES (3, {HASH}, {LEAF}) ON CONFLICT (idx) DO UPDATE SET leaf = excluded.leaf",
    f"INSERT INTO leaf VALUES (3, {HASH}, {LEAF}) ON CONFLICT DO NOTHING",
    f"INSERT INTO leaf VALUES (301, {HASH}, {LEAF})",
    f"INSERT INTO leaf VALUES (-1, {HASH}, {LEAF})",
    f"INSERT INTO leaf VALUES (NULL, {HASH}, {LEAF})",
    f"INSERT INTO leaf (hash, leaf) VALUES ({HASH}, {LEAF})",
    f"INSERT INTO leaf (rowid, hash, leaf) VALUES (3, {HASH}, {LEAF})",
    f"INSERT INTO leaf VALUES (300, zeroblob(31), {LEAF})",
    f"INSERT INTO leaf VALUES (300, {HASH}, zeroblob(73))",
    f"INSERT INTO leaf VALUES (300, {HASH}, zeroblob(65536))",
    f"INSERT INTO leaf VALUES (300, {HASH}, '{'text instead of bytes' * 9}')",
    "UPDATE tile SET hashes = zeroblob(8192)",
    "UPDATE OR REPLACE tile SET n = 7",
    "DELETE FROM tile",
    f"INSERT INTO tile VALUES (0, 0, {HASH}, {TILE})",
    f"INSERT OR REPLACE INTO tile VALUES (0, 0, {HASH}, {TILE})",
    f"INSERT OR REPLACE INTO tile (rowid, level, n, root, hashes) VALUES (1, 9, 9, {HASH}, {TILE})",
    f"INSERT OR IGNORE INTO tile VALUES (0, 0, {HASH}, {TILE})",
    f"INSERT INTO tile VALUES (0, 0, {HASH}, {TILE}) ON CONFLICT DO UPDATE SET hashes = excluded.hashes",
    f"INSERT INTO tile VALUES (0, 1, {HASH}, zeroblob(32))",
    f"INSERT INTO tile VALUES (NULL, 1, {HASH}, {TILE})",
    "UPDATE checkpoint SET note = x'00'",
    "UPDATE checkpoint SET size = 1",
    "DELETE FROM checkpoint",
    "INSERT INTO checkpoint VALUES (300, x'00')",
    "INSERT OR REPLACE INTO checkpoint VALUES (300, x'00')",
    "INSERT OR IGNORE INTO checkpoint VALUES (300, x'00')",
    "INSERT INTO checkpoint VALUES (300, x'00') ON CONFLICT (size) DO UPDATE SET note = excluded.note",
    "INSERT INTO checkpoint VALUES (299, x'00')",
    "INSERT INTO checkpoint VALUES (0, x'00')",
    "INSERT INTO checkpoint VALUES (NULL, x'00')",
)
LOOSENINGS = (
    "DROP TABLE leaf",
    "DROP TABLE tile",
    "DROP TABLE checkpoint",
    "DROP TABLE private",
    "DROP TRIGGER leaf_stays",
    "DROP TRIGGER leaf_comes_next",
    "ALTER TABLE leaf RENAME TO other",
    "ALTER TABLE checkpoint ADD COLUMN more TEXT",
    "PRAGMA writable_schema = ON",
    "PRAGMA ignore_check_constraints = ON",
    "PRAGMA synchronous = OFF",
    "PRAGMA secure_delete = OFF",
    "PRAGMA journal_mode = OFF",
    "PRAGMA user_version = 2",
    "DELETE FROM sqlite_master",
    "UPDATE sqlite_master SET sql = ''",
    "DELETE FROM evidence",
    "UPDATE evidence SET why = ''",
    "UPDATE private SET words = ''",
    "ATTACH ':memory:' AS other",
    "VACUUM INTO '/dev/null'",
)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory) -> Iterator[SqliteLog]:
    log = new_log(tmp_path_factory.mktemp("guarded"), 300)
    log.keep_evidence(1, "why", b"entry", b"signature")
    yield log
    log.close()


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """The rows that are aimed at are there, and stay as they are."""
    before = everything(path)
    assert [len(before[table]) for table in ("leaf", "tile", "checkpoint", "evidence")] == [300, 1, 1, 1]
    yield
    assert everything(path) == before


@pytest.mark.parametrize("statement", CHANGES + LOOSENINGS)
def test_our_own_program_cannot_change_what_stands(guarded, statement):
    with unchanged(guarded.folder / FILE), pytest.raises(sqlite3.Error):
        guarded._db.execute(statement)


@pytest.mark.parametrize("statement", CHANGES)
def test_another_program_cannot_change_what_stands(guarded, statement):
    db = sqlite3.connect(guarded.folder / FILE, isolation_level=None)
    with unchanged(guarded.folder / FILE), pytest.raises(sqlite3.Error):
        db.execute(statement)
    db.close()


def test_the_guards_let_the_log_grow(tmp_path):
    log = new_log(tmp_path, 3)
    log.append([Leaf(small_leaf(3), {"/note": Kept(bytes(32), "words")})], after=3)

    assert [len(rows) for rows in everything(tmp_path / FILE).values()][:4] == [4, 0, 2, 1]
    log.close()


def test_words_can_be_erased(tmp_path):
    log = new_log(tmp_path)
    log.append([Leaf(small_leaf(0), {"/note": Kept(bytes(32), "words to be forgotten")})], after=0)
    log._db.execute("DELETE FROM private")
    log._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    log.close()

    assert all(b"forgotten" not in path.read_bytes() for path in tmp_path.iterdir())


# The tree.


@pytest.fixture(scope="module")
def grown(tmp_path_factory) -> Iterator[tuple[SqliteLog, list[bytes], list[bytes]]]:
    """A log grown leaf by leaf: with it, the root and the first receipt at each size."""
    log = new_log(tmp_path_factory.mktemp("grown"))
    roots, receipts = [log.head().root], []
    for number in range(SIZE):
        receipts += log.append([Leaf(small_leaf(number), {})], after=number)
        roots.append(log.head().root)
    yield log, roots, receipts
    log.close()


def test_every_root_is_the_root_of_the_leaves_so_far(grown):
    log, roots, _ = grown
    hashes = [merkle.leaf_hash(small_leaf(number)) for number in range(SIZE)]
    frontier: list[bytes] = []
    for size, leaf in enumerate(hashes):
        assert roots[size] == merkle.frontier_root(frontier) == log.hash_of(0, size)
        merkle.push(frontier, size, leaf)

    assert roots[SIZE] == merkle.root(hashes) == log.hash_of(0, SIZE)


def test_full_tiles_are_kept_and_the_right_edge_is_worked_out(grown):
    log, _, _ = grown
    hashes = [merkle.leaf_hash(small_leaf(number)) for number in range(SIZE)]

    assert [(level, n) for level, n, _, _ in log.full_tiles()] == [(0, 0), (0, 1)]
    for n in range(3):
        assert log.tile(0, n) == b"".join(hashes[n * 256 : (n + 1) * 256])
    assert log.tile(1, 0) == tiles.tile_root(log.tile(0, 0)) + tiles.tile_root(log.tile(0, 1))
    assert log.tile(0, 3) == log.tile(2, 0) == b""


def test_every_receipt_proves_its_entry_when_it_is_given_and_ever_after(grown):
    log, _, receipts = grown
    known = vkey(ORIGIN, read_key(log.folder / KEY).public)
    for number in range(SIZE):
        leaf = small_leaf(number)
        for size, data in ((number + 1, receipts[number]), (SIZE, log.receipt(number))):
            checked = receipt.check(receipt.parse(data), leaf[:-72], known)
            assert (checked.index, checked.checkpoint.size) == (number, size)


def test_leaves_come_back_as_they_were_given(grown):
    log, _, _ = grown

    assert list(log.entries(0, SIZE + 5)) == [small_leaf(number) for number in range(SIZE)]
    assert log.entry(17) == small_leaf(17)
    assert [log.find(small_leaf(number)[:-72]) for number in (0, 599)] == [0, 599]
    assert log.find(b"nothing") is None
    with pytest.raises(TallyError, match="no entry 600"):
        log.entry(600)


@pytest.mark.parametrize("sizes", [(1, 255), (255, 2), (256, 256), (300, 1, 299), (1000,)])
def test_it_does_not_matter_in_what_portions_a_log_grew(tmp_path, sizes):
    log, done = new_log(tmp_path), 0
    for size in sizes:
        log.append([Leaf(small_leaf(number), {}) for number in range(done, done + size)], after=done)
        done += size

    assert log.head().root == merkle.root([merkle.leaf_hash(small_leaf(number)) for number in range(done)])
    assert len(list(log.full_tiles())) == done // 256
    log.close()


def test_who_comes_second_leaves_nothing(tmp_path):
    log = new_log(tmp_path, 3)
    before = everything(tmp_path / FILE)
    for after in (0, 2, 4):
        with pytest.raises(Moved):
            log.append([Leaf(small_leaf(9), {"/note": Kept(bytes(32), "words")})], after=after)

    assert everything(tmp_path / FILE) == before
    assert log.anchor.read() == (3, log.head().root)
    log.close()


def test_a_leaf_that_cannot_be_kept_takes_its_whole_portion_with_it(tmp_path):
    log = new_log(tmp_path, 3)
    before = everything(tmp_path / FILE)
    with pytest.raises(StoreFailed):
        log.append([Leaf(small_leaf(3), {"/note": Kept(bytes(32), "words")}), Leaf(b"short", {})], after=3)

    assert everything(tmp_path / FILE) == before
    log.close()


# Places.


def test_a_mistyped_place_starts_no_second_history(tmp_path):
    with pytest.raises(NoLedger):
        SqliteLog(tmp_path / "rivrebend", Anchor(tmp_path / "anchor.json"), ORIGIN)

    assert list(tmp_path.iterdir()) == []


def test_no_log_is_made_over_another(tmp_path):
    log = new_log(tmp_path, 1)
    before = (tmp_path / KEY).read_bytes()
    with pytest.raises(LedgerExists):
        SqliteLog.create(tmp_path, new_key())

    assert (tmp_path / KEY).read_bytes() == before
    log.close()


def test_the_key_of_a_log_whose_database_is_gone_is_kept(tmp_path):
    new_log(tmp_path, 1).close()
    (tmp_path / FILE).unlink()
    with pytest.raises(LedgerExists, match="gone") as refusal:
        SqliteLog.create(tmp_path, new_key())

    assert "copy" in refusal.value.hint
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("log")] == [KEY]


@pytest.mark.parametrize("change", ["another", "gone"])
def test_a_log_is_never_signed_with_another_key(tmp_path, change):
    """A head that another key signed would stand in the log for ever, and nobody could open it again."""
    log = new_log(tmp_path, 2)
    kept = (tmp_path / KEY).read_bytes()
    (tmp_path / KEY).unlink()
    if change == "another":
        from ledger.keys import write_key

        write_key(tmp_path / KEY, new_key())
    before = everything(tmp_path / FILE)
    with pytest.raises(WrongLogKey) as refusal:
        log.append([Leaf(small_leaf(2), {})], after=2)

    assert everything(tmp_path / FILE) == before
    assert "copy" in refusal.value.hint
    (tmp_path / KEY).write_bytes(kept)
    log.append([Leaf(small_leaf(2), {})], after=2)
    log.close()


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 1000], ids=["empty", "nonsense"])
def test_a_file_that_is_no_log_is_named_as_such(tmp_path, damage):
    coop = forge(tmp_path)
    (coop.folder / FILE).write_bytes(damage)
    for words in (("member", "list"), ("log", "1h", "roof", "--role", "care"), ("verify",)):
        ran = coop.tally(*words)

        assert ran.code in (1, 5), ran
        assert "Traceback" not in ran.err


def test_a_bit_that_flipped_in_the_log_is_an_error_in_words(tmp_path):
    coop = forge(tmp_path)
    for number in range(5):
        coop.must("log", "1h", f"roof {number}", "--role", "care")
    whole = (coop.folder / FILE).read_bytes()
    chance = random.Random(7)
    for _ in range(60):
        place = chance.randrange(100, len(whole))
        damaged = whole[:place] + bytes([whole[place] ^ (1 << chance.randrange(8))]) + whole[place + 1 :]
        (coop.folder / FILE).write_bytes(damaged)
        for what in ("member", "checkpoint"):
            ran = coop.tally(*({"member": ("member", "list"), "checkpoint": ("checkpoint",)}[what]))
            assert ran.code in (0, 1, 5), ran
    (coop.folder / FILE).write_bytes(whole)

    assert coop.must("verify").out.startswith("OK")


def test_leaves_that_do_not_give_the_signed_root_never_act(tmp_path):
    """Even one that would crash what reads it: the root is compared first."""
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care")
    shutil.rmtree(coop.path / "state")
    db = sqlite3.connect(coop.folder / FILE)
    leaf = db.execute("SELECT leaf FROM leaf WHERE idx = 1").fetchone()[0]
    db.execute("DROP TRIGGER leaf_stays")
    forged = leaf.replace(b'"key":"', b'"key":"0000', 1)[: len(leaf)]
    db.execute("UPDATE leaf SET leaf = ? WHERE idx = 1", (forged,))
    db.commit()
    db.close()
    ran = coop.tally("member", "list")

    assert (ran.code, "tally verify" in ran.err) == (5, True)
    assert "entry 1" in coop.tally("verify").err


# Old copies.


def test_a_database_put_back_from_an_older_copy_is_read_but_never_signed(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "before", "--role", "care")
    shutil.copytree(coop.folder, tmp_path / "copy")
    coop.must("log", "1h", "after", "--role", "care")
    shutil.rmtree(coop.folder)
    shutil.copytree(tmp_path / "copy", coop.folder)
    ran = coop.tally("log", "1h", "again", "--role", "care", "--json")

    assert (ran.code, ran.error["kind"]) == (5, "RolledBack")
    assert "copy" in ran.error["message"]
    assert coop.size == 2
    assert coop.tally("member", "list").code == 0


def test_a_copy_that_went_its_own_way_is_not_signed_either(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "before", "--role", "care")
    shutil.copytree(coop.path, tmp_path / "other")
    other = Coop(tmp_path / "other")
    toml = other.path / "config" / "ledgers.toml"
    toml.write_text(toml.read_text().replace(str(coop.path), str(other.path)))
    coop.must("log", "1h", "here", "--role", "care")
    for number in range(3):
        other.must("log", "1h", f"there {number}", "--role", "care")
    shutil.rmtree(coop.folder)
    shutil.copytree(other.folder, coop.folder)
    ran = coop.tally("log", "1h", "again", "--role", "care")

    assert ran.code == 5
    assert "another past" in ran.err
    assert coop.size == 5


def test_a_damaged_memory_of_the_head_is_not_taken_for_none(tmp_path):
    coop = forge(tmp_path)
    path = next((coop.path / "state" / "anchors").glob("*.json"))
    for damage in (b"", b"{}", b"[]", b'{"size": 1, "root": "x"}', b"\xff\xfe"):
        path.write_bytes(damage)
        ran = coop.tally("log", "1h", "roof", "--role", "care", "--json")

        assert (ran.code, ran.error["kind"]) == (BadAnchor.exit_code, "BadAnchor")
        assert coop.folder.exists()


def test_a_slower_process_does_not_set_the_memory_of_the_head_back(tmp_path):
    anchor = Anchor(tmp_path / "anchor.json")
    anchor.write(7, bytes(32))
    anchor.write(6, b"1" * 32)

    assert anchor.read() == (7, bytes(32))


# What this home keeps.


def months_later(coop: Coop) -> Coop:
    """Work in August and in October, by when August is closed."""
    coop.must("log", "1h", "roof", "--role", "care")
    coop.now = "2025-10-10T12:00:00Z"
    coop.must("log", "2h", "door", "--role", "care")
    return coop


def folded(coop: Coop) -> dict[str, bytes]:
    with coop.opened() as ledger:
        return parts(ledger.book)


def kept(coop: Coop, what: str) -> Path:
    return next((coop.path / "state").glob(f"*/{what}"))


def save_snapshot(coop: Coop) -> Path:
    with coop.opened() as ledger:
        path = kept(coop, "snapshot")
        snapshot.save(ledger.book, path, ledger.home.secret())
    return path


def test_a_snapshot_opens_as_the_same_book(tmp_path):
    coop = months_later(forge(tmp_path))
    path = kept(coop, "snapshot")
    path.unlink()
    from_log = folded(coop)
    save_snapshot(coop)
    with coop.opened() as ledger:
        loaded = snapshot.load(path, ledger.home.secret(), ledger.rooms, ledger.shelf)

        assert loaded is not None
        assert (parts(loaded), loaded.size) == (from_log, 3)


def test_a_snapshot_with_any_byte_changed_is_ignored(tmp_path):
    coop = months_later(forge(tmp_path))
    from_log, path = folded(coop), save_snapshot(coop)
    whole = path.read_bytes()
    with coop.opened() as ledger:
        for place in [*range(0, 40), *range(40, len(whole), 97)]:
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            assert snapshot.load(path, ledger.home.secret(), ledger.rooms, ledger.shelf) is None
        for cut in (b"", whole[:10], whole[:-1], whole + b"\0"):
            path.write_bytes(cut)
            assert parts(ledger.open_book()) == from_log


def test_a_snapshot_of_another_home_is_ignored(tmp_path):
    coop = months_later(forge(tmp_path))
    path = save_snapshot(coop)
    (coop.path / "state" / "secret").unlink()
    with coop.opened() as ledger:
        assert snapshot.load(path, ledger.home.secret(), ledger.rooms, ledger.shelf) is None
        assert ledger.book.size == 3


def test_a_snapshot_of_another_ledger_is_ignored(tmp_path):
    coop = months_later(forge(tmp_path))
    foreign = save_snapshot(coop).read_bytes()
    coop.must("init", "Hillside", "--founder", "Ana", "--rehearsal")
    with coop.opened() as ledger:
        path = ledger.home.kept(ledger.known.founding, "snapshot")
        path.write_bytes(foreign)
        book = ledger.open_book()

        assert (book.ledger.name, book.size) == ("Hillside", 1)


def test_a_snapshot_of_a_newer_or_other_past_is_ignored(tmp_path):
    coop = forge(tmp_path)
    shutil.copytree(coop.folder, tmp_path / "copy")
    months_later(coop)
    path = save_snapshot(coop)
    newer = path.read_bytes()
    shutil.rmtree(coop.folder)
    shutil.copytree(tmp_path / "copy", coop.folder)
    next((coop.path / "state" / "anchors").glob("*.json")).unlink()
    with coop.opened() as ledger:
        assert ledger.book.size == 1
    for number in range(3):
        coop.must("log", "3h", f"wall {number}", "--role", "care")
    path.write_bytes(newer)
    with coop.opened() as ledger:
        assert ledger.book.size == 4
        assert ledger.book.root == ledger.log.head().root.hex()


def closed_quantity(coop: Coop) -> int:
    with coop.opened() as ledger:
        return sum(quantity.qty for quantity in sheet(ledger.book, "2025-08").quantities)


@pytest.mark.parametrize("damage", ["deleted", "nonsense", "a document gone", "a document changed"])
def test_the_sheets_of_closed_periods_are_built_anew_from_the_log(tmp_path, damage):
    coop = months_later(forge(tmp_path))
    save_snapshot(coop)
    assert closed_quantity(coop) == 60
    shelf = kept(coop, "shelf.sqlite")
    if damage in ("deleted", "nonsense"):
        for path in shelf.parent.glob("shelf.sqlite*"):
            path.unlink()
        if damage == "nonsense":
            shelf.write_bytes(b"nonsense" * 1000)
    else:
        db = sqlite3.connect(shelf)
        gone = damage == "a document gone"
        db.execute("DELETE FROM document" if gone else "UPDATE document SET data = x'00'")
        db.commit()
        db.close()
    if damage == "a document changed":
        with pytest.raises(TallyError) as refusal:
            closed_quantity(coop)
        assert "Repeat" in refusal.value.hint

    assert closed_quantity(coop) == 60
    assert coop.must("verify").out.startswith("OK")


# Several at once.


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


@pytest.mark.parametrize("second", ["Chidi", "Ana"])
def test_two_who_write_at_once_lose_nothing(tmp_path, second):
    """Also two windows of one person: a key never signs two statements under one number."""
    coop = forge(tmp_path)
    rounds = 15

    def work(who: str, hand: int) -> Callable[[], None]:
        def log() -> None:
            mine = Coop(coop.path, who)
            for number in range(rounds):
                mine.must("log", "5m", f"{who} {hand} {number}", "--role", "care")

        return log

    assert in_children(work("Ana", 1), work(second, 2)) == [0, 0]
    with coop.opened() as ledger:
        said = [kept.words for index in range(1, 31) for kept in ledger.log.private(index).values()]
    assert sorted(said) == sorted(f"{who} {hand} {n}" for who, hand in (("Ana", 1), (second, 2)) for n in range(rounds))
    assert coop.must("verify").out.startswith("OK: 31 entries")


# Trouble.


def acknowledged(ran: Ran | None) -> bool:
    return ran is not None and ran.code == 0


def standing(coop: Coop) -> list[str]:
    """The notes of all work in the log, each entry with its words."""
    with coop.opened() as ledger:
        head = ledger.log.head()
        assert len(list(ledger.log.entries(0, head.size + 9))) == head.size
        said = ledger.log.private_between(0, head.size + 9)
    assert sorted(said) == list(range(head.size)), "each entry came together with its words"
    return [kept.words for index in range(1, head.size) for kept in said[index].values()]


@pytest.mark.parametrize("room", [0, 17_000, 70_000, 110_000, 160_000, 250_000])
def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path, room):
    coop = forge(tmp_path)
    largest = max(path.stat().st_size for path in coop.path.rglob("*") if path.is_file())
    limit = room or largest

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        done = []
        for number in range(6):
            ran = coop.tally("log", "5m", f"note {number}", "--role", "care", "--json")
            if ran.code == 0:
                done.append(f"note {number}")
            elif (ran.code, ran.error["kind"]) != (1, "StoreFailed") or not ran.error["hint"]:
                os._exit(3)
        (tmp_path / "done").write_text("\n".join(done))

    assert in_children(fill) == [0]
    done = (tmp_path / "done").read_text().split()[1::2]
    assert standing(coop) == [f"note {number}" for number in done]
    coop.must("log", "5m", "there is room again", "--role", "care")
    assert coop.must("verify").out.startswith("OK")


class Doubtful:
    """A database whose disk fails at a certain moment."""

    def __init__(self, db: sqlite3.Connection, before: str = "", after: str = "") -> None:
        self.db, self.before, self.after = db, before, after

    def _do(self, do: Callable[..., sqlite3.Cursor], query: str, values: Any) -> sqlite3.Cursor:
        if self.before and query.startswith(self.before):
            raise sqlite3.OperationalError("disk I/O error")
        answer = do(query, values)
        if self.after and query.startswith(self.after):
            raise sqlite3.OperationalError("disk I/O error")
        return answer

    def execute(self, query: str, values: Any = ()) -> sqlite3.Cursor:
        return self._do(self.db.execute, query, values)

    def executemany(self, query: str, values: Any) -> sqlite3.Cursor:
        return self._do(self.db.executemany, query, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.db, name)


@pytest.mark.parametrize(
    "moment", ["BEGIN", "INSERT INTO leaf", "INSERT INTO private", "INSERT INTO checkpoint", "COMMIT"]
)
def test_a_disk_that_fails_before_the_commit_leaves_nothing(tmp_path, moment):
    log = new_log(tmp_path, 2)
    before, anchor = everything(tmp_path / FILE), log.anchor.read()
    real, log._db = log._db, Doubtful(log._db, before=moment)  # type: ignore[assignment]
    with pytest.raises(StoreFailed, match="Nothing was recorded"):
        log.append([Leaf(small_leaf(2), {"/note": Kept(bytes(32), "words")})], after=2)

    log._db = real
    assert (everything(tmp_path / FILE), log.anchor.read()) == (before, anchor)
    log.append([Leaf(small_leaf(2), {})], after=2)
    log.close()


def test_a_commit_that_was_done_though_it_failed_is_acknowledged(tmp_path):
    """Otherwise the person would say it again, and work would count twice."""
    log = new_log(tmp_path, 2)
    real, log._db = log._db, Doubtful(log._db, after="COMMIT")  # type: ignore[assignment]
    given = log.append([Leaf(small_leaf(2), {})], after=2)

    log._db = real
    assert receipt.parse(given[0]).index == 2
    assert log.anchor.read() == (3, log.head().root)
    log.close()


def test_who_could_not_note_the_head_is_told_that_it_was_recorded(tmp_path, monkeypatch):
    coop = forge(tmp_path)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        ran = coop.tally("log", "5m", "roof", "--role", "care", "--json")

    assert (ran.code, ran.error["kind"]) == (1, "AnchorFailed")
    assert "in the log as entry 1" in ran.error["message"]
    assert coop.size == 2
    coop.must("log", "5m", "door", "--role", "care")
    assert not list(coop.path.glob("state/anchors/.*"))


@pytest.mark.parametrize("closed", ["database", "ledger", "home"])
def test_what_may_not_be_written_is_refused_in_words(closed):
    place = Path(tempfile.mkdtemp(prefix="tally-test-"))
    try:
        coop = forge(place)
        tried = (("log", "5m", "note", "--role", "care", "--json"), ("member", "list"))
        for words in tried:  # what they import, nobody else may be able to
            forge(place / words[0]).must(*words)
        aims = {"database": [coop.folder / FILE], "ledger": [coop.folder / FILE, coop.folder]}
        (place / "out").touch()
        for path in [place, *place.rglob("*")]:
            os.chown(path, 65534 if os.getuid() == 0 else -1, -1)
        for path in aims.get(closed, [coop.path, *coop.path.rglob("*")]):
            os.chmod(path, path.stat().st_mode & 0o555)

        def work() -> None:
            if os.getuid() == 0:  # file permissions say nothing to root
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            ran = [coop.tally(*words) for words in tried]
            (place / "out").write_text(json.dumps(ran))

        assert in_children(work) == [0]
        logged, read = (Ran(*one) for one in json.loads((place / "out").read_text()))
        assert logged.code == 1, logged
        assert logged.error["hint"]
        assert read.code in (0, 1), read
        for path in (coop.folder, coop.folder / FILE):
            os.chmod(path, 0o755)
        assert coop.size == 1
    finally:
        for path in [place, *place.rglob("*")]:
            os.chmod(path, 0o755)
        shutil.rmtree(place)


def test_power_failing_while_people_log_loses_nothing_that_was_acknowledged(tmp_path):
    coop = forge(tmp_path)
    began = time.monotonic()
    coop.fork(tmp_path / "out", "log", "5m", "first", "--role", "care")
    os.wait()
    usual = time.monotonic() - began
    chance, done = random.Random(11), ["first"]
    for number in range(25):
        note = f"note {number}"
        ran = coop.killed(tmp_path / "out", chance.uniform(0, 1.2 * usual), "log", "5m", note, "--role", "care")
        if acknowledged(ran):
            done.append(note)
        said = standing(coop)
        assert set(done) <= set(said)
        assert len(set(said)) == len(said) <= number + 2

    coop.must("log", "5m", "last", "--role", "care")
    assert coop.must("verify").out.startswith("OK")


# An init that is stopped.

INIT = ("init", "Riverbend", "--zone", "Europe/Rome", "--founder", "Ana", "--founder", "Chidi", "--rehearsal")
STEPS = ("fsync", "link", "unlink", "rename", "replace", "chmod", "open", "mkdir")


def is_whole(coop: Coop) -> bool:
    """Whether this home knows a ledger; if it does, the ledger is whole."""
    known, _ = coop.home.ledgers()
    if known:
        assert coop.must("verify").out.startswith("OK: 1 entries")
    return bool(known)


def founds_again(coop: Coop) -> None:
    """Founding once more ends well, whatever was left; the ledger can be used."""
    again = coop.tally(*INIT)
    assert again.code == 0, again
    coop.must("log", "5m", "first", "--role", "care")
    assert coop.must("verify").out.startswith("OK: 2 entries")
    assert coop.tally(*INIT).code == 6


def stopped_at(coop: Coop, step: int) -> bool:
    """Run init and kill it before its step of this number; whether it came so far."""

    def work() -> None:
        left = [step]

        def deadly(name: str) -> Callable[..., Any]:
            real = getattr(os, name)

            def call(*args: Any, **options: Any) -> Any:
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **options)

            return call

        for name in STEPS:
            setattr(os, name, deadly(name))
        coop.tally(*INIT)

    return in_children(work) == [-signal.SIGKILL]


def test_an_init_that_is_stopped_at_any_step_leaves_a_whole_ledger_or_none_and_can_be_repeated(tmp_path):
    step = 1
    while stopped_at(coop := Coop(tmp_path / str(step)), step):
        is_whole(coop)
        if not coop.home.ledgers()[0]:
            founds_again(coop)
        step += 1

    assert step > 20
    assert is_whole(coop)


def test_an_init_that_is_killed_at_any_moment_leaves_a_whole_ledger_or_none_and_can_be_repeated(tmp_path):
    began = time.monotonic()
    Coop(tmp_path / "usual").fork(tmp_path / "out", *INIT)
    os.wait()
    usual = time.monotonic() - began
    chance, stopped = random.Random(5), 0
    for number in range(25):
        coop = Coop(tmp_path / str(number))
        ran = coop.killed(tmp_path / "out", chance.uniform(0, 1.1) * usual, *INIT)
        whole = is_whole(coop)
        assert whole or not acknowledged(ran)
        if not whole:
            stopped += 1
            founds_again(coop)

    assert stopped


def test_what_a_stopped_init_left_is_told(tmp_path):
    """The keys are kept and used again; a ledger that was founded already is taken up, on its own terms."""
    coop = forge(tmp_path, "Ana")
    key = (coop.path / "keys" / "riverbend" / "ana.pem").read_bytes()
    known = coop.home.ledger(None)
    (coop.path / "config" / "ledgers.toml").unlink()
    ran = coop.must("init", "Riverbend", "--rehearsal", "--currency", "USD")

    assert "stopped" in ran.err
    assert "EUR" in ran.out
    assert coop.home.ledger(None) == known
    (coop.path / "config" / "ledgers.toml").unlink()
    shutil.rmtree(coop.folder if coop.home.ledgers()[0] else Path(known.place))
    ran = coop.must("init", "Riverbend", "--rehearsal", "--founder", "Ana")
    assert "Ana has a key" in ran.err
    assert (coop.path / "keys" / "riverbend" / "ana.pem").read_bytes() == key


def test_a_ledger_of_somebody_else_is_not_taken_up(tmp_path):
    coop = forge(tmp_path, "Ana")
    stranger = Coop(tmp_path / "stranger", who="Bela", now=NOON)
    ran = stranger.tally("init", "Riverbend", "--rehearsal", "--at", str(coop.folder))

    assert ran.code == 6
    assert "stands in" in ran.err
    assert stranger.home.ledgers() == ({}, "")


def test_a_real_ledger_takes_no_key_that_lies_open(tmp_path):
    coop = forge(tmp_path, "Ana")
    (coop.path / "config" / "ledgers.toml").unlink()
    shutil.rmtree(coop.path / "ledgers")
    (tmp_path / "passphrase").write_text("four words are good\n")
    coop.now = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Coop, "environment", coop.environment | {"TALLY_PASSPHRASE_FILE": str(tmp_path / "passphrase")})
        ran = coop.tally("init", "Riverbend", "--founder", "Ana")

    assert ran.code == 6
    assert "Move it away" in ran.err
