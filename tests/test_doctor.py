"""`tally doctor` names what would make a ledger unsafe or stop it one day, each with what to do about it."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger import doctor
from ledger.database import FILE, TRIGGERS
from ledger.keys import new_key, write_key
from ledger.log import KEY
from tests.forge import NOON, Coop, forge


def findings(coop: Coop) -> list[dict[str, str]]:
    """What the doctor finds; the exit code says the same."""
    ran = coop.tally("doctor", "--json")
    found: list[dict[str, str]] = ran.answer["findings"]
    assert ran.code == (1 if found else 0), ran
    assert ran.answer["well"] == (not found)
    return found


def altered(coop: Coop, *statements: str) -> None:
    """Change the database as its owner could, past the program."""
    db = sqlite3.connect(coop.folder / FILE)
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def test_a_ledger_that_is_well_kept_is_said_to_be(tmp_path):
    coop = forge(tmp_path, "Ana")
    coop.must("log", "1h", "mended the roof", "--role", "care")

    assert coop.must("doctor").out.strip() == "riverbend is well kept."
    assert findings(coop) == []


@pytest.mark.parametrize("guard", TRIGGERS)
def test_a_guard_that_is_missing_is_named(tmp_path, guard):
    coop = forge(tmp_path, "Ana")
    altered(coop, f"DROP TRIGGER {guard}")
    (found,) = findings(coop)

    assert (found["about"], guard in found["text"]) == ("database", True)
    assert "missing" in found["text"]
    assert "tally repair" in found["text"]


def test_a_guard_that_was_changed_or_put_there_by_others_is_named(tmp_path):
    coop = forge(tmp_path, "Ana")
    altered(
        coop,
        "DROP TRIGGER leaf_stays",
        "CREATE TRIGGER leaf_stays BEFORE UPDATE ON leaf WHEN 0 BEGIN SELECT RAISE(ABORT, 'the log only grows'); END",
        "CREATE TRIGGER words_go AFTER INSERT ON private BEGIN DELETE FROM private WHERE idx = NEW.idx; END",
    )
    texts = [one["text"] for one in findings(coop)]

    assert len(texts) == 2
    assert "leaf_stays is not the one this program made" in texts[0]
    assert "words_go was put there by something else" in texts[1]


class Trouble(NamedTuple):
    """Something done to a ledger or home, what it is about, and a word of what the doctor says."""

    do: Callable[[Coop], object]
    about: str
    says: str


def another_key(coop: Coop) -> None:
    (coop.folder / KEY).unlink()
    write_key(coop.folder / KEY, new_key())


def older_copy(coop: Coop) -> None:
    older = shutil.copytree(coop.folder, coop.path / "older")
    coop.must("log", "5m", "door", "--role", "care")
    shutil.rmtree(coop.folder)
    shutil.copytree(older, coop.folder)
    shutil.rmtree(older)


def behind(coop: Coop) -> None:
    """Another home wrote to the shared folder; this one has not looked since."""
    anchor = coop.home.anchor(coop.home.ledger(None).founding).path
    before = anchor.read_bytes()
    coop.must("log", "5m", "door", "--role", "care")
    anchor.write_bytes(before)


def forgotten(coop: Coop) -> None:
    coop.home.anchor(coop.home.ledger(None).founding).path.unlink()


def clock_back(coop: Coop) -> None:
    coop.now = "2025-08-01T11:00:00Z"


def zeroed_page(coop: Coop) -> None:
    with (coop.folder / FILE).open("r+b") as file:
        file.seek(3 * 16_384)
        file.write(bytes(16_384))


def open_to_others(what: str) -> Callable[[Coop], None]:
    def work(coop: Coop) -> None:
        path = next(path for path in coop.path.rglob(what))
        os.chmod(path, 0o644)

    return work


def unsent(coop: Coop) -> None:
    """The folder of the ledger is away for a while, when something is said."""
    away = coop.folder.rename(coop.folder.with_name("away"))
    assert coop.tally("log", "5m", "gate", "--role", "care").code == 75
    away.rename(coop.folder)


TROUBLES = {
    "the log's key is gone": Trouble(lambda coop: (coop.folder / KEY).unlink(), "key", "back from a copy"),
    "the log's key is another": Trouble(another_key, "key", "not the one that signed this log"),
    "the database was put back": Trouble(older_copy, "head", "this home has seen 3"),
    "the home saw less than there is": Trouble(behind, "head", "tally verify"),
    "the home remembers nothing": Trouble(forgotten, "head", "remembers no head"),
    "the clock is behind": Trouble(clock_back, "clock", "set the clock right"),
    "a page of the file is damaged": Trouble(zeroed_page, "database", ""),
    "the database is open to others": Trouble(open_to_others(FILE), "database", "chmod 600"),
    "the log's key is open to others": Trouble(open_to_others(KEY), "files", "chmod 600"),
    "a person's key is open to others": Trouble(open_to_others("ana.pem"), "files", "chmod 600"),
    "the home's secret is open to others": Trouble(open_to_others("secret"), "files", "chmod 600"),
    "something waits": Trouble(unsent, "outbox", "tally sync"),
    "the ledger is gone": Trouble(lambda coop: shutil.rmtree(coop.folder), "log", "no ledger"),
}


@pytest.mark.parametrize("what", TROUBLES)
def test_each_trouble_is_named_with_what_to_do(tmp_path, what):
    coop = forge(tmp_path, "Ana")
    coop.must("log", "5m", "roof", "--role", "care")
    trouble = TROUBLES[what]
    trouble.do(coop)
    found = [one["text"] for one in findings(coop) if one["about"] == trouble.about]

    assert any(trouble.says in text for text in found), found


def test_a_home_that_is_behind_is_well_after_a_verification(tmp_path):
    coop = forge(tmp_path, "Ana")
    behind(coop)
    coop.must("verify")

    assert findings(coop) == []


def test_a_disk_that_is_nearly_full_is_named(tmp_path, monkeypatch):
    coop = forge(tmp_path, "Ana")
    monkeypatch.setattr(doctor, "ROOM_MIN", shutil.disk_usage(tmp_path).total * 2)
    texts = [one["text"] for one in findings(coop)]

    assert len(texts) == 2
    assert all("make room" in text for text in texts)


def test_a_text_that_lies_there_again_after_it_was_erased_is_named(tmp_path):
    coop = forge(tmp_path, "Ana")
    coop.must("log", "1h", "mended the roof", "--role", "care")
    db = sqlite3.connect(coop.folder / FILE)
    row = db.execute("SELECT * FROM private WHERE idx = 1").fetchone()
    coop.must("erase", "1.1", "--field", "note", "--basis", "mistake", "--yes")
    assert findings(coop) == []
    db.execute("INSERT INTO private VALUES (?, ?, ?, ?)", row)
    db.commit()
    db.close()

    assert any("entry 2 erased it" in one["text"] for one in findings(coop))


def test_looking_changes_nothing(tmp_path):
    coop = forge(tmp_path, "Ana")
    coop.must("verify")

    def everything() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in coop.path.rglob("*") if path.is_file()}

    before = everything()
    coop.must("doctor")

    assert everything() == before
    assert coop.now == NOON
