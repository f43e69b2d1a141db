"""What somebody meets who tries things for the first time, in the wrong order and with the wrong files."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from ledger.database import FILE
from ledger.doors import Desk
from ledger.errors import TallyError
from ledger.half_done import must_not_deny
from ledger.log import Unreachable
from ledger.opened import Ledger
from ledger.peers.tilesource import TileSource
from tests.forge import Coop, forge

ROOT = Path(__file__).parent.parent


def shown(coop: Coop, folder: Path) -> Path:
    coop.must("export", "tiles", str(folder))
    return folder


def spoilt(folder: Path, at: int) -> Path:
    """A site with another byte in its first entries."""
    (bundle,) = (path for path in folder.glob("tile/entries/**/*") if path.is_file())
    data = bytearray(bundle.read_bytes())
    data[at] ^= 1
    bundle.write_bytes(data)
    return folder


@pytest.mark.parametrize("at", [100, -10])
def test_a_spoilt_site_is_called_a_bad_source_and_no_other_ledger(tmp_path, at):
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care")

    ran = coop.tally("copy", str(spoilt(shown(coop, tmp_path / "site"), at)), "--json")

    assert (ran.code, ran.error["kind"]) == (5, "BadSource")
    assert not list(coop.path.rglob("evidence-*"))


def test_a_damaged_tree_of_a_site_is_a_bad_source_too(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care")
    folder = shown(coop, tmp_path / "site")
    (tile,) = (path for path in folder.glob("tile/0/**/*") if path.is_file())
    tile.write_bytes(bytes(len(tile.read_bytes())))

    ran = coop.tally("copy", str(folder))

    assert ran.code == 5
    assert "Use another source" in ran.err
    assert TileSource(str(folder)).head().size == 2


def test_keys_of_a_log_are_given_as_text_or_as_a_file(tmp_path):
    coop, stranger = forge(tmp_path), Coop(tmp_path / "stranger", who="")
    coop.must("log", "1h", "roof", "--role", "care")
    coop.must("prove", "1", "--out", str(tmp_path / "proof"))
    site = shown(coop, tmp_path / "site")
    receipt, key, head = tmp_path / "proof" / "receipt", site / "log.vkey", site / "checkpoint"

    for given in (str(key), key.read_text().strip()):
        assert stranger.must("receipt", "check", str(receipt), "--vkey", given).out.startswith("OK")
        assert stranger.must("checkpoint", "compare", str(receipt), str(head), "--vkey", given).out.startswith("same")


def test_an_empty_file_is_no_newer_format(tmp_path):
    coop = forge(tmp_path)
    (coop.folder / FILE).write_bytes(b"")

    refused, verdict = coop.tally("log", "1h", "x", "--role", "care"), coop.tally("verify", "--json")

    assert refused.code == 1
    assert "is empty or only half written" in refused.err
    assert "tally repair --from" in refused.err
    assert "Install" not in refused.err
    assert (verdict.code, verdict.answer["verdict"]) == (5, "FAILED")


def test_a_file_that_may_not_be_read_is_no_failed_verification(tmp_path):
    coop = forge(tmp_path)
    (coop.folder / FILE).unlink()
    (coop.folder / FILE).mkdir()  # nobody can open that as a file, not even root

    ran = coop.tally("verify", "--json")

    assert (ran.code, ran.answer["verdict"]) == (5, "INCOMPLETE")


def test_a_copy_of_another_ledger_is_named_as_that_when_a_ledger_is_repaired(tmp_path):
    coop, other = forge(tmp_path), forge(tmp_path / "elsewhere", "Femi")
    (coop.folder / FILE).write_bytes(b"")

    ran = coop.tally("repair", "--from", str(other.folder), "--yes")

    assert ran.code == 5
    assert f"{other.folder} is of another ledger" in ran.err


def test_a_witness_says_what_is_wrong_with_how_it_was_called(tmp_path):
    coop = forge(tmp_path)

    assert "tally witness new --name NAME" in coop.tally("witness", "once").err
    assert coop.tally("witness", "new", "--name", "two words").code == 2
    coop.must("witness", "new", "--name", "eyes")
    assert "does not watch anything yet" in coop.tally("witness", "once").err
    ran = coop.tally("witness", "serve", "--host", "no.such.host.invalid")
    assert (ran.code, "cannot listen at no.such.host.invalid" in ran.err) == (2, True)


def away(coop: Coop, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the place of the ledger cannot be reached."""

    def gone(*_: object) -> None:
        raise Unreachable("The disk of the ledger is not there.", "Plug it in.")

    monkeypatch.setattr("ledger.opened.open_log", gone)


def test_the_head_that_this_home_remembers_is_shown_while_the_ledger_is_away(tmp_path, monkeypatch):
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care")
    before = coop.must("checkpoint", "--json").answer["note"]
    away(coop, monkeypatch)

    assert coop.must("checkpoint", "--json").answer["note"] == before


def test_nothing_is_erased_and_no_entry_denied_while_the_ledger_is_away(tmp_path, monkeypatch):
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care")
    away(coop, monkeypatch)

    ran = coop.tally("erase", "1", "--field", "note", "--basis", "mistake", "--yes")

    assert ran.code == 1
    assert "There is no entry" not in ran.err
    assert "The ledger cannot be reached" in ran.err


def at_work(recorded: list[int], is_in_doubt: bool) -> Desk:
    desk = Desk((), "log", dict.fromkeys(("json_", "ledger", "as_", "no_input", "clock_ok")))
    desk.recorded, desk.is_in_doubt = recorded, is_in_doubt
    return desk


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), click.Abort()])
@pytest.mark.parametrize(
    ("recorded", "doubt", "told"),
    [
        ([4], False, "recorded before that: entry 4."),
        ([], True, "may be in the ledger or not"),
        ([4], True, "entry 4; "),
    ],
)
def test_whoever_stops_a_command_is_not_told_that_nothing_was_recorded(stop, recorded, doubt, told):
    with pytest.raises(TallyError, match=told) as caught:
        must_not_deny(at_work(recorded, doubt), stop)

    assert caught.value.exit_code == 130


def test_whoever_stops_a_command_that_recorded_nothing_is_told_just_that():
    must_not_deny(at_work([], False), KeyboardInterrupt())


def test_a_stop_while_the_log_commits_is_told_as_a_doubt(tmp_path, monkeypatch):
    coop = forge(tmp_path)
    append = Ledger.has_grown

    def stopped(self: Ledger, leaves: list[bytes]) -> None:
        append(self, leaves)
        raise KeyboardInterrupt

    monkeypatch.setattr(Ledger, "has_grown", stopped)
    ran = coop.tally("log", "1h", "roof", "--role", "care", "--json")
    monkeypatch.undo()

    assert ran.code == 130
    assert "may be in the ledger or not" in ran.error["message"]
    assert "roof" in coop.must("work", "list").out


def test_a_command_that_is_stopped_while_it_loads_ends_without_a_traceback(tmp_path):
    """Python itself is given the time it takes to start; from then on every moment is tried."""
    said = f"import sys, cli; sys.argv = ['tally', 'status']; print('up', flush=True); cli.main() # {tmp_path}"
    for wait in (0.0, 0.02, 0.05, 0.1):
        process = subprocess.Popen(
            [sys.executable, "-c", said],
            cwd=ROOT,
            env=os.environ | {"TALLY_HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        assert "Traceback" not in errors
        assert process.returncode in (2, 130)


def test_a_verdict_counts_entries_as_people_do(tmp_path):
    coop = forge(tmp_path)
    coop.must("verify")
    again = coop.must("verify").out.splitlines()[0]
    coop.must("log", "1h", "roof", "--role", "care")

    assert again == "OK: no new entries after the first 1."
    assert coop.must("verify").out.startswith("OK: 1 new entry after the first 1, ")
    assert json.loads(coop.must("verify", "--json").out)["since"] == 2


def test_a_witness_signs_nothing_that_contradicts_what_its_own_member_has_seen(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care")
    coop.must("witness", "new", "--name", "eyes")
    coop.must("witness", "follow")
    coop.must("witness", "once")
    shutil.copytree(coop.folder, tmp_path / "before")
    coop.must("log", "1h", "door", "--role", "care")
    shutil.rmtree(coop.folder)
    shutil.copytree(tmp_path / "before", coop.folder)
    forgetful = Coop(tmp_path / "forgetful")
    shutil.copytree(coop.path, forgetful.path)
    for anchor in forgetful.path.rglob("anchors/*"):
        anchor.unlink()
    places = forgetful.path / "config" / "ledgers.toml"
    places.write_text(places.read_text().replace(str(forgetful.path), str(coop.path)))
    forgetful.must("log", "1h", "another door", "--role", "care")

    ran = coop.tally("witness", "once")

    assert ran.code == 5
    assert "another past" in ran.err
    assert "eyes signed" not in ran.out
    assert forgetful.must("witness", "once").out.startswith("eyes signed the head of 3 entries")


def test_a_place_whose_name_is_no_text_is_refused_before_anything_remembers_it(tmp_path):
    coop, name = forge(tmp_path), os.fsdecode(str(tmp_path).encode() + b"/a\xffb")
    coop.must("witness", "new", "--name", "eyes")
    site = shown(coop, tmp_path / "site")
    shutil.copytree(site, name)
    vkey = (site / "log.vkey").read_text().strip()

    for words in (
        ("copy", "--to", name),
        ("copy", name),
        ("verify", name),
        ("repair", "--from", name, "--yes"),
        ("witness", "follow", vkey, name),
        ("init", "Other", "--rehearsal", "--founder", "Ana", "--at", name + "/new"),
    ):
        ran = coop.tally(*words)
        assert (ran.code, "is not UTF-8" in ran.err) == (2, True), words
    coop.must("copy", "--to", str(tmp_path / "copy"))
    assert "watches nothing" in coop.must("witness", "list").out
