"""Bit rot, a lost file, a torn page: a ledger is refilled from any verified copy, up to what this home has seen."""

import os
import random
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from cli import ROOMS
from ledger import tail, trust
from ledger.database import FILE
from ledger.log import KEY, Leaf, StoreFailed
from ledger.peers.repairing import BadSource, repair
from ledger.store import SqliteLog
from ledger.verify import open_place
from tests.forge import Coop, everything, forge, killed_at
from tests.sites import site


def worked(coop: Coop, *notes: str) -> Coop:
    for note in notes:
        coop.must("log", "1h", note, "--role", "care")
    return coop


def copied(coop: Coop, folder: Path) -> Path:
    coop.must("copy", str(coop.folder), "--to", str(folder))
    return folder


def anchored(coop: Coop) -> tuple[int, str]:
    seen = coop.home.anchor(coop.home.ledger(None).founding).read()
    assert seen
    return seen[0], seen[1].hex()


def without_tail(coop: Coop) -> Coop:
    """The home has lost the newest entries that it keeps beside the log."""
    coop.home.kept(coop.home.ledger(None).founding, tail.FILE).unlink(missing_ok=True)
    return coop


def words(folder: Path) -> set[str]:
    return {row[3] for row in everything(folder / FILE)["private"]}


def damaged(coop: Coop) -> list[Path]:
    return sorted(coop.folder.glob("log.sqlite.damaged-*[0-9x]"))


def torn(coop: Coop, place: int = 100, length: int = 6000) -> None:
    """Random bytes over a part of the database, which other processes had let go of."""
    path = coop.folder / FILE
    data = path.read_bytes()
    path.write_bytes(data[:place] + random.Random(3).randbytes(length) + data[place + length :])


def is_sound(coop: Coop, size: int, root: str) -> None:
    """The ledger verifies from the first entry on, is as long as the home has seen, and takes new entries."""
    ran = coop.must("verify", "--full")
    assert ran.out.startswith(f"OK: {size} entries"), ran
    assert root in ran.out
    assert coop.size == size
    worked(coop, "afterwards")
    assert coop.must("verify").out.startswith("OK")


def test_a_torn_ledger_is_refilled_and_the_damaged_file_is_kept(tmp_path):
    coop = worked(forge(tmp_path), "roof", "door")
    copy, key = copied(coop, tmp_path / "copy"), (coop.folder / KEY).read_bytes()
    size, root = anchored(coop)
    torn(coop)
    bad = (coop.folder / FILE).read_bytes()
    assert coop.tally("verify").code == 5
    asked = coop.tally("repair", "--from", str(copy), "--no-input")
    assert asked.code == 3
    assert not damaged(coop)
    ran = coop.must("repair", "--from", str(copy), "--yes")

    assert "Repaired: 3 entries from the copy." in ran.out
    assert [path.read_bytes() for path in damaged(coop)] == [bad]
    assert str(damaged(coop)[0]) in ran.err
    assert (coop.folder / KEY).read_bytes() == key
    assert {"roof", "door"} <= words(coop.folder)
    assert not (coop.folder / ".repair").exists()
    is_sound(coop, size, root)


def test_a_sound_ledger_is_not_touched(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    copy, before = copied(coop, tmp_path / "copy"), (coop.folder / FILE).stat()
    ran = coop.must("repair", "--from", str(copy), "--yes")

    assert "Nothing is damaged. OK: 2 entries" in ran.out
    assert (coop.folder / FILE).stat().st_ino == before.st_ino
    assert coop.tally("repair", "--from", str(coop.folder), "--yes").code == 2


def flip(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]


def zero_a_page(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data) // 16_384) * 16_384
    return data[:place] + bytes(16_384) + data[place + 16_384 :]


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def noise(data: bytes, chance: random.Random) -> bytes:
    place, length = chance.randrange(len(data)), chance.randrange(1, 40_000)
    return (data[:place] + chance.randbytes(length) + data[place + length :])[: len(data)]


@pytest.mark.parametrize("harm", [flip, zero_a_page, cut, noise], ids=lambda one: one.__name__)
def test_whatever_befalls_the_file_the_repaired_root_is_the_anchored_one(tmp_path, harm):
    coop = worked(forge(tmp_path), *(f"note {number}" for number in range(8)))
    copy = copied(coop, tmp_path / "copy")
    worked(coop, "after the copy")
    copied(coop, copy)
    size, root = anchored(coop)
    whole, chance, repaired = (coop.folder / FILE).read_bytes(), random.Random(harm.__name__), 0
    for _ in range(12):
        for path in coop.folder.glob(f"{FILE}*"):
            path.unlink()
        (coop.folder / FILE).write_bytes(harm(whole, chance))
        ran = coop.must("repair", "--from", str(copy), "--yes", "--json")
        repaired += ran.answer["repaired"]
        ran = coop.must("verify", "--full", "--json")
        assert (ran.answer["entries"], ran.answer["root"]) == (size, root)
    assert repaired or harm is flip
    is_sound(coop, size, root)


def test_a_deleted_database_is_refilled_from_a_site_and_the_texts_are_missed(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    coop.must("export", "tiles", str(tmp_path / "site"))
    size, root = anchored(coop)
    for path in coop.folder.glob(f"{FILE}*"):
        path.unlink()
    with site(tmp_path / "site") as web:
        ran = coop.must("repair", "--from", web.address, "--yes")

    assert "3 private texts are in neither" in ran.out
    assert damaged(coop) == []
    is_sound(coop, size, root)


def test_texts_that_can_still_be_read_are_taken_from_the_damaged_file(tmp_path):
    coop = worked(forge(tmp_path), "roof", "door")
    coop.must("export", "tiles", str(tmp_path / "site"))
    path = coop.folder / FILE
    data = path.read_bytes()
    place = data.index(b'"kind":"contributions.logged"')
    path.write_bytes(data[:place] + b"X" + data[place + 1 :])
    ran = coop.must("repair", "--from", str(tmp_path / "site"), "--yes")

    assert "neither" not in ran.out
    assert {"roof", "door", "Ana"} <= words(coop.folder)


def test_entries_behind_the_copy_come_from_what_can_still_be_read(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    copy = copied(coop, tmp_path / "copy")
    without_tail(worked(coop, "door", "wall"))
    size, root = anchored(coop)
    path = coop.folder / FILE
    data = path.read_bytes()
    first = data.rindex(b'"qty":60')  # SQLite fills a page from its end: this is the oldest
    path.write_bytes(data[:first] + b'"qty":90' + data[first + 8 :])
    ran = coop.must("repair", "--from", str(copy), "--yes")

    assert "2 entries from the copy, and the last 2 from what could still be read here" in ran.out
    assert {"roof", "door", "wall"} <= words(coop.folder)
    is_sound(coop, size, root)


def test_entries_behind_the_copy_come_from_what_the_home_keeps_itself(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    copy = copied(coop, tmp_path / "copy")
    worked(coop, "door")
    size, root = anchored(coop)
    (coop.folder / FILE).unlink()
    ran = coop.must("repair", "--from", str(copy), "--yes")

    assert "the last 1" in ran.out
    is_sound(coop, size, root)


def test_a_copy_that_is_too_short_is_refused_with_what_is_missing(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    copy = copied(coop, tmp_path / "copy")
    without_tail(worked(coop, "door", "wall"))
    torn(coop)
    bad = (coop.folder / FILE).read_bytes()
    ran = coop.tally("repair", "--from", str(copy), "--yes")

    assert ran.code == 1
    assert "has seen 4 entries" in ran.err
    assert "ends after 2" in ran.err
    assert "entries up to 3" in ran.err
    assert (coop.folder / FILE).read_bytes() == bad
    assert not damaged(coop)
    assert not (coop.folder / ".repair").exists()


def test_a_copy_of_another_past_is_refused_with_evidence(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    twin = coop.twin(tmp_path / "twin")
    worked(twin, "there", "there again")
    worked(coop, "here")
    torn(coop)
    bad = (coop.folder / FILE).read_bytes()
    ran = coop.tally("repair", "--from", str(twin.folder), "--yes")

    assert ran.code == 5
    assert "evidence-fork" in ran.err
    assert (coop.folder / FILE).read_bytes() == bad


def test_a_copy_that_is_damaged_itself_or_of_another_ledger_repairs_nothing(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    copy = copied(coop, tmp_path / "copy")
    other = worked(forge(tmp_path / "elsewhere", "Femi"), "garden")
    torn(coop)
    data = (copy / FILE).read_bytes()
    place = data.index(b'"qty":60')
    (copy / FILE).write_bytes(data[:place] + b'"qty":90' + data[place + 8 :])
    ran = coop.tally("repair", "--from", str(copy), "--yes", "--json")
    assert (ran.code, ran.error["kind"]) == (5, BadSource.__name__)
    assert coop.tally("repair", "--from", str(other.folder), "--yes").code == 5
    assert coop.tally("repair", "--from", str(tmp_path / "nowhere"), "--yes").code == 2
    assert not damaged(coop)


def test_what_witnesses_signed_and_what_was_refused_is_kept(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    line = "— witness.example/w " + "A" * 104
    with coop.opened() as ledger:
        ledger.log.keep_cosignatures(2, [line])
        ledger.log.keep_evidence(7, "because", b"entry", bytes(64))
    worked(coop, "door")
    copy = copied(coop, tmp_path / "copy")
    path = coop.folder / FILE
    data = path.read_bytes()
    place = data.index(b'"qty":60')
    path.write_bytes(data[:place] + b'"qty":90' + data[place + 8 :])
    known = coop.home.ledger(None)
    with closing(open_place(str(copy), known, None)) as source, coop_environment(coop):
        proof = trust.evidence_folder(coop.home, known)
        repair(known, coop.home.anchor(known.founding), source, {}, ROOMS, proof)
    with closing(SqliteLog(coop.folder, coop.home.anchor(known.founding), known.origin)) as log:
        assert [(head.size, lines) for head, lines in log.witnessed()] == [(2, [line])]
        assert log.evidence() == [(7, "because", b"entry", bytes(64))]
        assert log.head().size == 3


def coop_environment(coop: Coop) -> Any:
    return patch.dict(os.environ, coop.environment, clear=True)


def test_an_erased_text_is_not_brought_back_from_the_damaged_file(tmp_path):
    coop = worked(forge(tmp_path), "roof", "secret")
    old = (coop.folder / FILE).read_bytes()
    coop.must("erase", "2", "--field", "note", "--basis", "mistake", "--yes")
    copy = copied(coop, tmp_path / "copy")
    for path in coop.folder.glob(f"{FILE}*"):
        path.unlink()
    (coop.folder / FILE).write_bytes(old)  # put back from before
    coop.must("repair", "--from", str(copy), "--yes")

    assert "roof" in words(coop.folder)
    assert "secret" not in words(coop.folder)
    assert coop.must("verify", "--full").out.startswith("OK: 4 entries")


def test_a_process_that_has_the_damaged_log_open_adds_nothing_to_it_afterwards(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    copy = copied(coop, tmp_path / "copy")
    path = coop.folder / FILE
    data = path.read_bytes()
    place = data.index(b'"qty":60')
    path.write_bytes(data[:place] + b'"qty":90' + data[place + 8 :])
    known = coop.home.ledger(None)
    with closing(SqliteLog(coop.folder, coop.home.anchor(known.founding), known.origin)) as log:
        coop.must("repair", "--from", str(copy), "--yes")
        with pytest.raises(StoreFailed, match="moved"):
            log.append([Leaf(bytes(80), {})], after=2)
    assert coop.size == 2


@pytest.mark.parametrize("kinds", [("rename", "replace", "link", "fsync"), ("mkdir", "unlink", "rmdir", "open")])
def test_a_repair_that_is_killed_at_any_step_can_be_repeated(tmp_path, kinds):
    coop = worked(forge(tmp_path), "roof", "door")
    copy = copied(coop, tmp_path / "copy")
    size, root = anchored(coop)
    torn(coop)
    bad = (coop.folder / FILE).read_bytes()

    def work() -> None:
        coop.tally("repair", "--from", str(copy), "--yes")

    step = 1
    while killed_at(step, work, *((os, kind) for kind in kinds)):
        assert (coop.folder / FILE).exists()
        ran = coop.must("repair", "--from", str(copy), "--yes")
        assert "Repaired" in ran.out or "Nothing is damaged" in ran.out
        ran = coop.must("verify", "--full")
        assert ran.out.startswith(f"OK: {size} entries")
        assert root in ran.out
        for path in [*coop.folder.glob(f"{FILE}*"), *damaged(coop)]:
            path.unlink(missing_ok=True)
        (coop.folder / FILE).write_bytes(bad)
        step += 1
    assert step > 3
