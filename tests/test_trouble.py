"""Several at once, a full disk, a power cut at any moment: nothing acknowledged is lost, nothing half is seen."""

import json
import os
import random
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger import record
from ledger.database import FILE
from ledger.entry import read
from ledger.keys import new_key
from ledger.private import Kept
from ledger.record import compose
from tests.forge import NOON, Coop, Ran, forge, in_children, killed_at

# Several at once.


@pytest.mark.parametrize("second", ["Chidi", "Ana"])
def test_two_who_write_at_once_lose_nothing(tmp_path, second):
    """Also two windows of one person."""
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


def test_a_key_never_signs_two_statements_under_one_number(tmp_path, monkeypatch):
    """Whoever got hold of two could accuse its owner, even if one was thrown away."""
    coop = forge(tmp_path, "Ana")

    def composed(*given: Any) -> tuple[bytes, dict[str, Kept]]:
        data, words = compose(*given)
        with (tmp_path / "signed").open("a") as file:
            file.write(f"{read(data).seq}\n")
        return data, words

    def work() -> None:
        monkeypatch.setattr(record, "compose", composed)
        for _ in range(12):
            coop.must("log", "5m", "roof", "--role", "care")

    assert in_children(work, work) == [0, 0]
    assert sorted(int(seq) for seq in (tmp_path / "signed").read_text().split()) == list(range(1, 25))


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


def test_who_could_not_note_the_head_is_told_that_it_was_recorded(tmp_path, monkeypatch):
    coop = forge(tmp_path)

    replace = os.replace

    def full(old: Path, new: Path) -> None:
        if Path(new).parent.name == "anchors":
            raise OSError(28, "No space left on device")
        replace(old, new)

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
    return killed_at(step, lambda: coop.tally(*INIT), *((os, name) for name in STEPS))


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


def test_no_ledger_is_founded_whose_founder_has_no_key(tmp_path, monkeypatch):
    """As when another window put its key there a moment ago, and was stopped."""
    coop = forge(tmp_path, "Ana")
    shutil.rmtree(coop.path / "ledgers")
    (coop.path / "config" / "ledgers.toml").unlink()
    monkeypatch.setattr("ledger.init._key", lambda *_: new_key())
    ran = coop.tally("init", "Riverbend", "--rehearsal", "--founder", "Ana", "--json")

    assert (ran.code, ran.error["kind"]) == (6, "KeyFileExists")
    assert coop.home.ledgers() == ({}, "")
    assert not (coop.path / "ledgers").exists()


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
