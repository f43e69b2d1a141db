"""The log gets a new key: treasurers say so, both keys sign for a while, and every home follows by itself."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ledger import log_keys
from ledger.checkpoint import sign
from ledger.entry import leaf
from ledger.errors import NoteError, Refused
from ledger.key_requests import proofs_by
from ledger.keys import Key, read_key, write_key
from ledger.log import KEY, NEXT_KEY, OLD_KEY
from ledger.note import open_note, vkey
from tests.forge import Coop, forge
from tests.keyring import speak
from tests.village import DAY, FOUNDED, Village, found, key, parts, person

MONTHS_LATER = ("2025-08-20T12:00:00Z", "2025-09-10T12:00:00Z", "2025-10-01T12:00:00Z")


@pytest.fixture
def coop(tmp_path: Path) -> Coop:
    return forge(tmp_path, "Ana", "Chidi", "Dilek")


def rotate(coop: Coop, *treasurers: str) -> dict[str, Any]:
    """These treasurers say one after the other that the log shall have a new key; answers the last one's answer."""
    said: dict[str, Any] = {}
    for one in treasurers:
        said = coop.must("key", "rotate-log", "--yes", "--as", one, "--json").answer
    return said


def signed_by(coop: Coop) -> list[str]:
    """Which of the folder's key files have signed the newest head."""
    head = coop.must("checkpoint", "--json").answer["note"].encode()
    origin, found = coop.home.ledger(None).origin, []
    for name in (KEY, OLD_KEY, NEXT_KEY):
        if (coop.folder / name).exists():
            try:
                open_note(head, [vkey(origin, read_key(coop.folder / name).public)])
                found.append(name)
            except NoteError:
                continue
    return found


def log(coop: Coop) -> None:
    coop.must("log", "1h", "work", "--role", "code")


def another_home(coop: Coop, name: str) -> Coop:
    """The same member's keys and pins in a home of their own, as they are now."""
    shutil.copytree(coop.path, coop.path.parent / name)
    return Coop(coop.path.parent / name, who=coop.who, now=coop.now)


def test_two_treasurers_give_the_log_a_new_key_and_both_sign_for_a_month(coop):
    before = read_key(coop.folder / KEY).public.hex()
    assert rotate(coop, "Ana")["done"] is False
    log(coop)
    assert signed_by(coop) == [KEY, NEXT_KEY]

    assert rotate(coop, "Chidi")["done"] is True
    log(coop)

    assert signed_by(coop) == [KEY, OLD_KEY]
    assert coop.home.ledger(None).log_key == read_key(coop.folder / KEY).public.hex() != before
    assert coop.home.ledger(None).log_keys_before == (before,)
    assert coop.must("verify", "--full").code == 0


def test_after_a_month_the_old_key_is_gone_and_signs_no_more(coop):
    rotate(coop, "Ana", "Chidi")
    for coop.now in MONTHS_LATER:
        log(coop)
    assert not (coop.folder / OLD_KEY).exists()
    log(coop)

    assert signed_by(coop) == [KEY]
    assert coop.must("verify", "--full").code == 0


def test_a_home_that_was_away_longer_than_both_keys_signed_follows_by_itself(coop):
    away = another_home(coop, "away")
    rotate(coop, "Ana", "Chidi")
    for coop.now in (*MONTHS_LATER, "2025-10-02T12:00:00Z"):
        log(coop)
    assert signed_by(coop) == [KEY]
    away.now = coop.now
    old = away.home.ledger(None).log_key

    assert away.must("verify", "--full").code == 0
    log(away)
    assert away.home.ledger(None).log_key == read_key(coop.folder / KEY).public.hex()
    assert away.home.ledger(None).log_keys_before == (old,)


def test_it_follows_through_two_changes_too(coop):
    away = another_home(coop, "away")
    for now in (*MONTHS_LATER, "2025-10-20T12:00:00Z", "2025-11-10T12:00:00Z"):
        coop.now = now
        rotate(coop, "Ana", "Chidi") if now in MONTHS_LATER[::2] else log(coop)
    away.now = coop.now
    log(away)

    assert len(away.home.ledger(None).log_keys_before) == 2


def test_a_head_by_the_old_key_alone_is_refused_once_its_time_is_over(coop):
    old = read_key(coop.folder / KEY)
    rotate(coop, "Ana", "Chidi")
    for coop.now in (*MONTHS_LATER, "2025-10-02T12:00:00Z"):
        log(coop)
    with coop.opened() as ledger:
        head = ledger.log.head()
        forged = sign(log_keys.open_head(head.note, ledger.known.origin, [ledger.known.log_key]), old)

        with pytest.raises(log_keys.WrongHead):
            log_keys.check_head(ledger.book.ledger, forged, ledger.book.received, old.public.hex())
        with pytest.raises(log_keys.WrongHead):
            log_keys.check_head(ledger.book.ledger, head.note, ledger.book.received, "0" * 64)


def test_a_treasurer_far_from_the_folder_says_so_by_a_file(coop, tmp_path):
    request = str(tmp_path / "request.json")
    coop.must("key", "rotate-log", "--out", request)
    for one in ("Chidi", "Dilek"):
        done = coop.must("key", "rotate-log", request, "--yes", "--as", one, "--json").answer["done"]

    assert done is True
    log(coop)
    assert signed_by(coop) == [KEY, OLD_KEY]
    assert coop.must("verify", "--full").code == 0


def test_a_request_that_was_changed_gives_the_log_no_key(coop, tmp_path):
    request = tmp_path / "request.json"
    coop.must("key", "rotate-log", "--out", str(request))
    changed = json.loads(request.read_text()) | {"key": key("Mallory").public.hex()}
    request.write_text(json.dumps(changed))

    assert coop.tally("key", "rotate-log", str(request), "--yes", "--as", "Chidi").code == 6


def test_who_was_invited_before_the_change_joins_after_it(coop, tmp_path):
    early, late = str(tmp_path / "early"), str(tmp_path / "late")
    coop.must("invite", "Bela", "--out", early)
    rotate(coop, "Ana", "Chidi")
    coop.must("invite", "Emre", "--out", late)
    for coop.now in (*MONTHS_LATER, "2025-10-02T12:00:00Z"):
        log(coop)
    for name, invitation in (("bela", early), ("emre", late)):
        new = Coop(tmp_path / name, who="", now=coop.now)
        new.must("join", invitation)
        assert new.must("verify", "--full").code == 0


def test_a_proof_made_in_any_week_of_the_change_is_accepted_offline(coop, tmp_path):
    for number, now in enumerate(MONTHS_LATER):
        coop.now = now
        rotate(coop, "Ana", "Chidi") if not number else log(coop)
        folder = tmp_path / str(number)
        coop.must("prove", "1", "--out", str(folder))

        assert subprocess.run([sys.executable, folder / "verify_receipt.py", folder], check=False).returncode == 0


# Stopped anywhere.


@pytest.mark.parametrize("step", range(4))
def test_the_files_find_their_places_however_often_they_are_stopped(coop, step, monkeypatch):
    rotate(coop, "Ana")
    stopped = _Stopped(step)
    with monkeypatch.context() as patched:
        calls = {name: stopped.wrapped(getattr(os, name)) for name in ("link", "replace")}
        patched.setattr("ledger.key_files.os", SimpleNamespace(**calls))
        ran = coop.tally("key", "rotate-log", "--yes", "--as", "Chidi")
    assert (ran.code != 0) == (step < 3)
    log(coop)

    assert signed_by(coop) == [KEY, OLD_KEY]
    assert coop.must("verify", "--full").code == 0


class _Stopped:
    """Lets so many of these calls through, then fails."""

    def __init__(self, after: int) -> None:
        self.left = after

    def wrapped(self, call: Any) -> Any:
        def stopping(*given: Any, **more: Any) -> Any:
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
            return call(*given, **more)

        return stopping


# Who may.


@pytest.fixture
def village() -> Village:
    return found("Ana", "Chidi", "Dilek")


def say(village: Village, who: str, new: str, by: tuple[str, ...], at: int | None = None) -> Any:
    body: dict[str, Any] = {"key": key(new).public.hex()}
    proofs = proofs_by([key(one) for one in by], village.book.ledger.id, log_keys.KIND, person(who), body)
    return speak(village, who, who, log_keys.KIND, body | {"proofs": proofs}, at)


def test_one_treasurer_of_several_is_not_enough_nor_twice_the_same(village):
    say(village, "Ana", "new", ("log", "new"))

    assert village.book.ledger.log_keys == []
    with pytest.raises(Refused, match="said this already"):
        say(village, "Ana", "new", ("log", "new"))


def test_the_only_treasurer_is_enough():
    village = found("Ana")
    say(village, "Ana", "new", ("log", "new"))

    assert log_keys.chain(village.book.ledger) == (key("log").public.hex(), key("new").public.hex())


def test_two_treasurers_who_want_different_keys_change_nothing(village):
    say(village, "Ana", "new", ("log", "new"))
    say(village, "Chidi", "other", ("log", "other"))

    assert village.book.ledger.log_key == key("log").public.hex()


@pytest.mark.parametrize("by", [("log", "Mallory"), ("Mallory", "new"), ("new", "new")], ids=str)
def test_without_the_consent_of_both_keys_nothing_changes(village, by):
    with pytest.raises(Refused, match="consented"):
        say(village, "Ana", "new", by)


def test_only_a_treasurer_says_so(village):
    joined = village.join("Bela", village.invite("Ana", "Bela"))
    village.vote("Chidi", joined, "yes")
    village.say("Ana", "governance.text", {"text": "time goes on"}, FOUNDED + 15 * DAY)
    with pytest.raises(Refused, match="treasurer"):
        say(village, "Bela", "new", ("log", "new"))


@pytest.mark.parametrize("used", ["Ana", "log", "Chidi"])
def test_a_key_that_was_ever_used_here_does_not_sign_the_log(village, used):
    with pytest.raises(Refused, match="known"):
        say(village, "Ana", used, ("log", used))


def test_a_new_key_that_was_lost_at_once_is_replaced_by_the_old_ones_consent(village):
    for who in ("Ana", "Chidi"):
        say(village, who, "lost", ("log", "lost"))
    for who in ("Ana", "Chidi"):
        say(village, who, "new", ("log", "new"))
    pinned = {key("log").public.hex()}
    leaves = [leaf(*one) for one in village.leaves]

    assert village.book.ledger.log_key == key("new").public.hex()
    assert log_keys.heirs(pinned, leaves) == {key(one).public.hex() for one in ("log", "lost", "new")}
    with pytest.raises(Refused, match="consented"):
        say(village, "Ana", "newer", ("log", "newer"), FOUNDED + 32 * DAY)
    assert parts(village.again()) == parts(village.book)


def test_nobody_follows_a_change_that_the_pinned_key_has_not_consented_to(village):
    say(village, "Ana", "new", ("log", "new"))
    leaves = [leaf(*one) for one in village.leaves]

    assert log_keys.heirs({key("Mallory").public.hex()}, leaves) == {key("Mallory").public.hex()}
    for place in range(0, len(leaves[-1]) - 72):
        bent = leaves[-1][:place] + bytes([leaves[-1][place] ^ 1]) + leaves[-1][place + 1 :]
        assert log_keys.heirs({key("log").public.hex()}, [bent]) <= {key(one).public.hex() for one in ("log", "new")}


def test_a_key_file_of_somebody_else_signs_nothing(coop):
    (coop.folder / KEY).unlink()
    write_key(coop.folder / KEY, Key(b"m" * 32))

    assert coop.tally("log", "1h", "work", "--role", "code").code == 1
