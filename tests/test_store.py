"""The log only grows, whatever is tried on its database, and its tree is the one that anybody computes."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger import merkle, receipt, tiles
from ledger.anchor import Anchor
from ledger.database import FILE
from ledger.errors import TallyError
from ledger.keys import new_key, read_key, write_key
from ledger.log import KEY, Leaf, LedgerExists, Moved, NoLedger, StoreFailed, WrongLogKey
from ledger.note import vkey
from ledger.private import Kept
from ledger.store import SqliteLog
from tests.forge import ORIGIN, everything, forge, new_log, small_leaf

SIZE = 600


# The guards.

HASH, LEAF, PART = "zeroblob(32)", "zeroblob(80)", "zeroblob(1024)"
CHANGES = (
    "UPDATE leaf SET leaf = zeroblob(80) WHERE idx = 3",
    "UPDATE leaf SET idx = 1000 WHERE idx = 3",
    "UPDATE OR REPLACE leaf SET idx = 4 WHERE idx = 3",
    "UPDATE OR IGNORE leaf SET leaf = zeroblob(80)",
    "DELETE FROM leaf WHERE idx = 299",
    "DELETE FROM leaf",
    f"INSERT INTO leaf VALUES (3, {LEAF})",
    f"INSERT OR REPLACE INTO leaf VALUES (3, {LEAF})",
    f"REPLACE INTO leaf VALUES (299, {LEAF})",
    f"INSERT OR IGNORE INTO leaf VALUES (3, {LEAF})",
    f"INSERT INTO leaf VALUES (3, {LEAF}) ON CONFLICT (idx) DO UPDATE SET leaf = excluded.leaf",
    f"INSERT INTO leaf VALUES (3, {LEAF}) ON CONFLICT DO NOTHING",
    f"INSERT INTO leaf VALUES (301, {LEAF})",
    f"INSERT INTO leaf VALUES (-1, {LEAF})",
    f"INSERT INTO leaf VALUES (NULL, {LEAF})",
    f"INSERT INTO leaf (leaf) VALUES ({LEAF}), ({LEAF})",
    f"INSERT INTO leaf (rowid, leaf) VALUES (3, {LEAF})",
    "INSERT INTO leaf VALUES (300, zeroblob(73))",
    "INSERT INTO leaf VALUES (300, zeroblob(65536))",
    f"INSERT INTO leaf VALUES (300, '{'text instead of bytes' * 9}')",
    "UPDATE tile SET root = zeroblob(32)",
    "UPDATE OR REPLACE tile SET n = 7",
    "DELETE FROM tile",
    f"INSERT INTO tile VALUES (0, 0, {HASH})",
    f"INSERT OR REPLACE INTO tile VALUES (0, 0, {HASH})",
    f"INSERT OR IGNORE INTO tile VALUES (0, 0, {HASH})",
    f"INSERT INTO tile VALUES (0, 0, {HASH}) ON CONFLICT DO UPDATE SET root = excluded.root",
    "INSERT INTO tile VALUES (0, 1, zeroblob(31))",
    f"INSERT INTO tile VALUES (NULL, 1, {HASH})",
    "UPDATE tile_part SET hashes = zeroblob(1024)",
    "UPDATE OR REPLACE tile_part SET n = 7",
    "DELETE FROM tile_part",
    f"INSERT INTO tile_part VALUES (0, 0, 3, {PART})",
    f"INSERT OR REPLACE INTO tile_part VALUES (0, 0, 3, {PART})",
    f"INSERT OR IGNORE INTO tile_part VALUES (0, 0, 3, {PART})",
    f"INSERT INTO tile_part VALUES (0, 0, 3, {PART}) ON CONFLICT DO UPDATE SET hashes = excluded.hashes",
    f"INSERT INTO tile_part VALUES (0, 1, 8, {PART})",
    "INSERT INTO tile_part VALUES (0, 1, 0, zeroblob(32))",
    f"INSERT INTO tile_part VALUES (NULL, 1, 0, {PART})",
    "UPDATE checkpoint SET note = x'00'",
    "UPDATE checkpoint SET size = 1",
    "DELETE FROM checkpoint",
    "INSERT INTO checkpoint VALUES (300, x'00')",
    "INSERT OR REPLACE INTO checkpoint VALUES (300, x'00')",
    "INSERT OR IGNORE INTO checkpoint VALUES (300, x'00')",
    "INSERT INTO checkpoint VALUES (300, x'00') ON CONFLICT (size) DO UPDATE SET note = excluded.note",
    "INSERT INTO checkpoint VALUES (299, x'00')",
    "INSERT INTO checkpoint VALUES (0, x'00')",
    "UPDATE cosignature SET line = ''",
    "UPDATE OR REPLACE cosignature SET size = 1",
    "DELETE FROM cosignature",
    "INSERT INTO cosignature VALUES (300, 'line')",
    "INSERT OR REPLACE INTO cosignature VALUES (300, 'line')",
    "INSERT OR IGNORE INTO cosignature VALUES (300, 'line')",
    "INSERT INTO cosignature VALUES (300, 'line') ON CONFLICT DO UPDATE SET size = 1",
    "INSERT INTO cosignature VALUES (NULL, 'line')",
)
GUARDED = "only grows|not authorized|authorization denied|constraint failed|cannot store|prohibited|may not be"
"""What a guard says; a statement that is merely misspelled would prove nothing."""
LOOSENINGS = (
    "DROP TABLE leaf",
    "DROP TABLE tile",
    "DROP TABLE tile_part",
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
    log.keep_cosignatures(300, ["line"])
    yield log
    log.close()


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """The rows that are aimed at are there, and stay as they are."""
    before = everything(path)
    assert [len(before[table]) for table in ("leaf", "tile", "tile_part", "checkpoint", "evidence", "cosignature")] == [
        *(300, 1, 8, 1, 1, 1)
    ]
    yield
    assert everything(path) == before


@pytest.mark.parametrize("statement", CHANGES + LOOSENINGS)
def test_our_own_program_cannot_change_what_stands(guarded, statement):
    with unchanged(guarded.folder / FILE), pytest.raises(sqlite3.Error, match=GUARDED):
        guarded._db.execute(statement)


@pytest.mark.parametrize("statement", CHANGES)
def test_another_program_cannot_change_what_stands(guarded, statement):
    db = sqlite3.connect(guarded.folder / FILE, isolation_level=None)
    with unchanged(guarded.folder / FILE), pytest.raises(sqlite3.Error, match=GUARDED):
        db.execute(statement)
    db.close()


def test_the_guards_let_the_log_grow(tmp_path):
    log = new_log(tmp_path, 3)
    log.append([Leaf(small_leaf(3), {"/note": Kept(bytes(32), "words")})], after=3)

    assert [len(rows) for rows in everything(tmp_path / FILE).values()][:5] == [4, 0, 0, 1, 1]
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
