"""Old copies are never signed, and what a home keeps about a ledger is trusted only as far as the log bears it out."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from contributions.state import sheet
from ledger import snapshot
from ledger.anchor import Anchor, BadAnchor
from ledger.errors import TallyError
from tests.forge import Coop, forge
from tests.village import parts

# Old copies.


def test_a_database_put_back_from_an_older_copy_is_neither_read_nor_signed(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "before", "--role", "care")
    shutil.copytree(coop.folder, tmp_path / "copy")
    coop.must("log", "1h", "after", "--role", "care")
    shutil.rmtree(coop.folder)
    shutil.copytree(tmp_path / "copy", coop.folder)
    ran = coop.tally("log", "1h", "again", "--role", "care", "--json")

    assert (ran.code, ran.error["kind"]) == (5, "Diverged")
    assert "copy" in ran.error["message"]
    assert coop.size == 2
    assert coop.tally("member", "list").code == 5


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
