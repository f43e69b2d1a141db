"""Private words in PostgreSQL: the server never sees them, and a text that was erased cannot be opened by anybody."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger import entry
from ledger.anchor import Anchor
from ledger.log import InDoubt, Leaf
from ledger.private import Kept
from ledger.shred import KEY_SIZE, Keys, lock, unlock
from ledger.store_postgres import PostgresLog
from tests.forge import ORIGIN, in_children
from tests.postgres import Database, database, forge_beside, new_log, own, spoken
from tests.village import person

SECRET, OTHER = "mended-the-secret-roof", "listened-to-the-neighbours"


@pytest.fixture
def db() -> Iterator[Database]:
    with database() as made:
        yield made


def holding(folder: Path, word: bytes) -> list[str]:
    """The files below a folder that hold these bytes; the server's own, its write-ahead log and its notes included."""
    found = []
    for path in folder.rglob("*"):
        try:
            if path.is_file() and word in path.read_bytes():
                found.append(path.name)
        except FileNotFoundError:
            continue
    return found


def erased(index: int, pointer: str) -> Leaf:
    """A leaf that strikes out a text."""
    fields = {"v": 1, "ledger": None, "kind": "ledger.erased", "author": person("Ana"), "key": "0" * 64, "seq": 0}
    rest = {"prev": None, "seen": {"size": 0, "root": "0" * 64}, "ts": "2025-08-01T09:00:00Z"}
    body = {"index": index, "field": pointer, "basis": "request"}
    return Leaf(entry.leaf(entry.write(fields | rest | {"body": body}), bytes(64), 0), {})


def test_the_server_writes_no_private_word_anywhere(tmp_path):
    data = own().data
    with database() as db:
        # Other tests of this server may have said anybody's name in the open, as the name of a witness.
        coop = forge_beside(tmp_path, db, "Ana", "Femi of the mill")
        coop.must("log", "1h30", SECRET, "--role", "care", "--evidence", f"https://example.org/{OTHER}")
        db.ask("CHECKPOINT")

        assert SECRET in coop.must("work", "list").out
        assert [holding(data, word.encode()) for word in (SECRET, OTHER, "Femi of the mill")] == [[], [], []]
        assert holding(data, b"contributions.logged"), "the search does find what the server writes"


def test_a_member_erases_a_note_and_everything_else_stays_right(tmp_path, db):
    coop = forge_beside(tmp_path, db)
    coop.must("log", "1h30", SECRET, "--role", "care")
    coop.must("log", "2h", OTHER, "--role", "care")
    with coop.opened() as ledger:
        ana = entry.read(ledger.log.entry(1)[: -entry.TAIL]).author
    coop.must("erase", "1.1", "--field", "note", "--basis", "mistake", "--yes")
    listed = coop.must("work", "list").out

    assert (SECRET in listed, OTHER in listed) == (False, True)
    assert coop.must("verify", "--full").out.startswith("OK: 4 entries")
    assert Keys(coop.folder).numbers()[ana] == [2]
    assert holding(coop.path, SECRET.encode()) == []


@pytest.mark.parametrize("how", ["a statement", "a call"])
def test_a_text_that_was_erased_cannot_be_opened_with_all_that_is_left(tmp_path, db, how):
    """All that is left: the whole data directory with its write-ahead log, and the folder of keys."""
    data = own().data
    log = new_log(tmp_path, db)
    log.append([spoken(0, note=SECRET, more="kept"), spoken(1, "Bela", note="hers")], after=0)
    before = db.ask("SELECT author, number, sealed FROM tally.private WHERE idx = 0 AND pointer = '/note'")
    if how == "a statement":
        log.append([erased(0, "/note"), erased(7, "/gone")], after=2)
    else:
        assert log.private_erase([(0, "/note")]) == 1

    assert log.private_between(0, 9) == {0: {"/more": Kept(bytes(32), "kept")}, 1: {"/note": Kept(bytes(32), "hers")}}
    ((author, number, sealed),) = before
    boxes = [Keys(tmp_path).box(*path.name.rsplit(".", 1)) for path in (tmp_path / "private-keys").iterdir()]
    assert len(boxes) == 2
    assert [unlock(box, sealed) for box in boxes if box] == [None, None]
    assert Keys(tmp_path).box(author, number) is None
    assert Keys(tmp_path).numbers() == {person("Ana"): [2], person("Bela"): [1]}
    assert holding(tmp_path, SECRET.encode()) == []
    db.ask("CHECKPOINT")
    assert holding(data, SECRET.encode()) == []
    log.close()


def test_the_old_ciphertext_is_still_on_the_server_and_would_open_with_the_old_key(tmp_path, db):
    """So shredding the key is what erases: deleting the row is not enough."""
    data = own().data
    log = new_log(tmp_path, db)
    log.append([spoken(0, note=SECRET)], after=0)
    ((author, number, sealed),) = db.ask("SELECT author, number, sealed FROM tally.private")
    box = Keys(tmp_path).box(author, number)
    log.private_erase([(0, "/note")])
    db.ask("CHECKPOINT")
    log.close()

    assert holding(data / "pg_wal", sealed) or holding(data / "base", sealed)
    assert box is not None
    assert unlock(box, sealed) == Kept(bytes(32), SECRET)


def test_a_key_is_overwritten_before_it_is_removed(tmp_path):
    keys = Keys(tmp_path)
    number = keys.renew("ab" * 16)
    path = tmp_path / "private-keys" / f"{'ab' * 16}.{number}"
    whole = path.read_bytes()
    with path.open("rb") as held:
        keys.shred("ab" * 16, number)
        held.seek(0)

        assert len(whole) == len(after := held.read()) == KEY_SIZE
        assert after != whole
    assert list(path.parent.iterdir()) == []


def test_words_are_opened_by_their_own_key_alone(tmp_path):
    keys = Keys(tmp_path)
    one, other = (keys.box("ab" * 16, keys.renew("ab" * 16)) for _ in range(2))
    assert one is not None
    assert other is not None
    kept = Kept(bytes(range(32)), "Zoë mended the roof")
    sealed = lock(one, kept)

    assert unlock(one, sealed) == kept
    assert (unlock(other, sealed), lock(one, kept) != sealed) == (None, True)
    for place in range(len(sealed)):
        assert unlock(one, sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]) is None


def test_what_was_erased_stays_erased_when_words_come_again_for_other_fields(tmp_path, db):
    log = new_log(tmp_path, db)
    log.append([spoken(number, note=f"words {number}") for number in range(5)], after=0)
    log.private_erase([(1, "/note"), (3, "/note")])
    log.private_put(1, {"/more": Kept(bytes(32), "later")})
    log.private_put(1, {"/more": Kept(bytes(32), "never over what is there")})

    held = {index: {pointer: kept.words for pointer, kept in words.items()} for index, words in
            log.private_between(0, 9).items()}  # fmt: skip
    assert held == {0: {"/note": "words 0"}, 1: {"/more": "later"}, 2: {"/note": "words 2"}, 4: {"/note": "words 4"}}
    assert log.private_many([(0, "/note"), (1, "/note"), (1, "/more"), (99, "/x")]) == {
        (0, "/note"): "words 0",
        (1, "/more"): "later",
    }
    log.close()


# Stopped on the way.


class Stopped(BaseException):
    """The process ends here."""


def stop_at(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """End the process at the n-th step that touches a key's file or the database."""
    steps = itertools.count(1)

    def stopping(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **options: Any) -> Any:
            if next(steps) == number:
                raise Stopped
            return real(*args, **options)

        return step

    for where, name in ((psycopg.Connection, "execute"), (psycopg.Cursor, "executemany"), (Path, "unlink")):
        monkeypatch.setattr(where, name, stopping(getattr(where, name)))
    for name in ("link", "open", "fsync"):
        monkeypatch.setattr(os, name, stopping(getattr(os, name)))


@pytest.mark.parametrize("number", range(1, 40))
def test_whoever_is_stopped_while_erasing_loses_no_other_text_and_it_can_be_done_again(tmp_path, db, number):
    log = new_log(tmp_path, db)
    log.append([spoken(0, note=SECRET, more="kept"), spoken(1, note="also kept")], after=0)
    ((sealed,),) = db.ask("SELECT sealed FROM tally.private WHERE idx = 0 AND pointer = '/note'")
    with pytest.MonkeyPatch.context() as patch:
        stop_at(number, patch)
        try:
            log.private_erase([(0, "/note")])
            stopped = False
        except Stopped:
            stopped = True
    log._link._db.close()
    again = PostgresLog(tmp_path, Anchor(tmp_path / "anchor.json"), ORIGIN)
    held = again.private_between(0, 9)

    assert (held[0]["/more"].words, held[1]["/note"].words) == ("kept", "also kept")
    if "/note" in held[0]:
        assert stopped
        assert again.private_erase([(0, "/note")]) == 1
    # Whatever happened: what is gone from the log is gone from everywhere.
    keys = Keys(tmp_path)
    boxes = [keys.box(author, each) for author, numbers in keys.numbers().items() for each in numbers]
    assert len(boxes) == 1
    assert [unlock(box, sealed) for box in boxes if box] == [None]
    assert again.private_between(0, 9) == {0: {"/more": held[0]["/more"]}, 1: {"/note": held[1]["/note"]}}
    again.close()


def test_the_steps_of_an_erasure_are_all_stopped_at(tmp_path, db):
    log = new_log(tmp_path, db)
    log.append([spoken(0, note=SECRET, more="kept")], after=0)
    with pytest.MonkeyPatch.context() as patch:
        stop_at(39, patch)
        log.private_erase([(0, "/note")])
    log.close()


def test_a_key_that_cannot_be_removed_is_said_and_removed_later(tmp_path, db, monkeypatch):
    log = new_log(tmp_path, db)
    log.append([spoken(0, note=SECRET)], after=0)

    def refuse(*_: Any) -> None:
        raise OSError(5, "Input/output error", "a key")

    with monkeypatch.context() as patch:
        patch.setattr(Keys, "shred", refuse)
        with pytest.raises(InDoubt, match="gone from the log, but the key"):
            log.private_erase([(0, "/note")])
    assert len(Keys(tmp_path).numbers()[person("Ana")]) == 2
    log.close()
    PostgresLog(tmp_path, Anchor(tmp_path / "anchor.json"), ORIGIN).close()

    assert Keys(tmp_path).numbers() == {person("Ana"): [2]}


def test_while_some_write_and_some_erase_no_other_text_is_lost(tmp_path, db):
    """A key is never shredded under the hands of somebody who is just locking words with it."""
    log = new_log(tmp_path, db)
    log.append([spoken(number, note=f"words {number}") for number in range(40)], after=0)
    log.close()

    def put(first: int) -> Callable[[], None]:
        def work() -> None:
            mine = PostgresLog(tmp_path, Anchor(tmp_path / f"anchor{first}.json"), ORIGIN)
            for number in range(first, 40, 2):
                mine.private_put(number, {"/more": Kept(bytes(32), f"more {number}")})
            mine.close()

        return work

    def erase(first: int) -> Callable[[], None]:
        def work() -> None:
            mine = PostgresLog(tmp_path, Anchor(tmp_path / f"anchor{first}.json"), ORIGIN)
            for number in range(first, 40, 4):
                assert mine.private_erase([(number, "/note")]) == 1
                assert len(mine.private_between(0, 40)) >= 20
            mine.close()

        return work

    assert in_children(put(0), put(1), erase(0), erase(1)) == [0, 0, 0, 0]
    log = PostgresLog(tmp_path, Anchor(tmp_path / "anchor.json"), ORIGIN)
    expected = {
        number: {"/more": f"more {number}"} | ({"/note": f"words {number}"} if number % 4 > 1 else {})
        for number in range(40)
    }
    held = log.private_between(0, 99)
    assert {index: {at: kept.words for at, kept in words.items()} for index, words in held.items()} == expected
    assert len(Keys(tmp_path).numbers()[person("Ana")]) == 1
    log.close()
