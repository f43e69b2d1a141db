"""A home that was shown one past is never quietly shown another: it stops, says why, and keeps the proof."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ledger import canonical
from ledger.anchor import Anchor
from ledger.book import WrongPlace
from ledger.contradiction import Fork, OtherLedger, Rollback, check, read
from tests.forge import NOON, Coop, forge
from tests.signing import fields, refused
from tests.village import Village, found

LOOKING = (("work", "list"), ("member", "list"), ("checkpoint",), ("votes",), ("receipt", "show", "0"))
SIGNING = (("log", "1h", "again", "--role", "care"), ("erase", "1", "--field", "note", "--basis", "mistake", "--yes"))


def put_back(coop: Coop, copy: Path) -> None:
    shutil.rmtree(coop.folder)
    shutil.copytree(copy, coop.folder)


def evidence(coop: Coop) -> list[Path]:
    return sorted((coop.path / "state").glob("*/evidence/*.json"))


def test_whoever_is_shown_an_older_ledger_reads_why_and_where_the_proof_is(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "before", "--role", "care")
    shutil.copytree(coop.folder, tmp_path / "copy")
    coop.must("log", "1h", "after", "--role", "care")
    put_back(coop, tmp_path / "copy")
    for words in LOOKING + SIGNING:
        ran = coop.tally(*words)

        assert (ran.code, ran.out) == (5, ""), words
        assert "older than what this home has seen" in ran.err
        assert str(evidence(coop)[0]) in ran.err
    proved = check(found := read(evidence(coop)[0].read_bytes()))
    assert isinstance(found, Rollback)
    assert not proved.stands_alone
    assert "3 entries" in proved.says[0]
    assert "2 entries" in proved.says[1]
    assert len(evidence(coop)) == 1
    assert coop.size == 2


def test_a_ledger_that_tells_another_past_stops_everything_and_convicts_its_key(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "before", "--role", "care")
    other = coop.twin(tmp_path / "other")
    coop.must("log", "1h", "here", "--role", "care")
    for number in range(3):
        other.must("log", "1h", f"there {number}", "--role", "care")
    put_back(coop, other.folder)
    for words in LOOKING + SIGNING:
        assert coop.tally(*words).code == 5, words
    ran = coop.tally("work", "list", "--json")
    proved = check(found := read(evidence(coop)[0].read_bytes()))

    assert ran.error["kind"] == "Diverged"
    assert "another past" in ran.error["message"]
    assert isinstance(found, Fork)
    assert proved.stands_alone
    assert proved.keys[0].startswith(coop.home.ledger(None).origin)


def test_a_fork_of_the_same_length_is_one_too(tmp_path):
    coop = forge(tmp_path)
    other = coop.twin(tmp_path / "other")
    coop.must("log", "1h", "here", "--role", "care")
    other.must("log", "1h", "there", "--role", "care")
    put_back(coop, other.folder)

    assert coop.tally("member", "list").code == 5
    assert isinstance(read(evidence(coop)[0].read_bytes()), Fork)


def test_another_ledger_at_the_same_place_is_not_taken_for_ours(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "before", "--role", "care")
    stranger = Coop(tmp_path / "stranger", "Ana", NOON)
    stranger.must("init", "Riverbend", "--rehearsal", "--founder", "Ana")
    put_back(coop, stranger.folder)
    for words in LOOKING + SIGNING:
        ran = coop.tally(*words)

        assert ran.code == 5, words
        assert "Another ledger lies at this place" in ran.err
    found = read(evidence(coop)[0].read_bytes())
    assert isinstance(found, OtherLedger)
    assert not check(found).stands_alone


def test_what_looks_into_trouble_is_not_stopped_by_it(tmp_path):
    coop = forge(tmp_path)
    (tmp_path / "older").write_text(coop.must("checkpoint").out)
    shutil.copytree(coop.folder, tmp_path / "copy")
    coop.must("log", "1h", "after", "--role", "care")
    (tmp_path / "newer").write_text(coop.must("checkpoint").out)
    shutil.copytree(coop.folder, tmp_path / "kept")
    put_back(coop, tmp_path / "copy")
    coop.tally("work", "list")
    heads = [str(tmp_path / name) for name in ("older", "newer")]

    assert "rollback" in coop.must("evidence", "list").out
    assert coop.must("evidence", "verify", str(evidence(coop)[0])).code == 0
    assert coop.tally("checkpoint", "compare", *heads).err.startswith("Undecided")
    assert coop.must("checkpoint", "compare", *heads, "--at", str(tmp_path / "kept")).out.startswith("B extends A")
    assert coop.must("verify", str(tmp_path / "kept"), "--full").out.startswith("OK")


def test_bringing_the_newest_copy_back_heals_it(tmp_path):
    coop = forge(tmp_path)
    shutil.copytree(coop.folder, tmp_path / "old")
    coop.must("log", "1h", "after", "--role", "care")
    shutil.copytree(coop.folder, tmp_path / "new")
    put_back(coop, tmp_path / "old")
    assert coop.tally("work", "list").code == 5
    put_back(coop, tmp_path / "new")

    coop.must("work", "list")
    coop.must("log", "1h", "more", "--role", "care")


def test_a_home_that_only_reads_remembers_what_others_wrote(tmp_path):
    """Two homes share a folder; the one that never signs notices all the same when the folder is put back."""
    coop = forge(tmp_path)
    reader = Coop(tmp_path / "reader", "Ana", NOON)
    shutil.copytree(coop.path / "config", reader.path / "config")
    shutil.copytree(coop.folder, tmp_path / "copy")
    coop.must("log", "1h", "after", "--role", "care")
    reader.must("work", "list")
    put_back(coop, tmp_path / "copy")

    assert reader.tally("work", "list").code == 5
    assert evidence(reader)


def test_an_invitation_used_again_does_not_lead_past_what_was_seen(tmp_path):
    """A home that lost sight of the ledger still remembers its head, and keeps the proof where it lives."""
    coop = forge(tmp_path, "Ana")
    coop.must("invite", "Bela", "--out", str(tmp_path / "invitation"))
    shutil.copytree(coop.folder, tmp_path / "copy")
    bela = Coop(tmp_path / "bela", "Bela", NOON)
    bela.must("join", str(tmp_path / "invitation"))
    (bela.path / "config" / "ledgers.toml").unlink()
    put_back(coop, tmp_path / "copy")
    ran = bela.tally("join", str(tmp_path / "invitation"))

    assert ran.code == 5
    assert str(evidence(bela)[0]) in ran.err
    assert isinstance(read(evidence(bela)[0].read_bytes()), Rollback)


def test_the_refusal_stands_where_no_evidence_can_be_written(tmp_path, monkeypatch):
    coop = forge(tmp_path)
    shutil.copytree(coop.folder, tmp_path / "copy")
    coop.must("log", "1h", "after", "--role", "care")
    put_back(coop, tmp_path / "copy")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("ledger.evidence.write_durably", full)
        ran = coop.tally("member", "list")
    assert ran.code == 5
    assert "No space left" in ran.err


def test_a_home_of_an_earlier_day_that_kept_size_and_root_alone_is_still_guarded(tmp_path):
    coop = forge(tmp_path)
    shutil.copytree(coop.folder, tmp_path / "copy")
    coop.must("log", "1h", "after", "--role", "care")
    path = next((coop.path / "state" / "anchors").glob("*.json"))
    bare = {name: value for name, value in json.loads(path.read_text()).items() if name != "note"}
    path.write_text(json.dumps(bare))
    shutil.copytree(coop.folder, tmp_path / "new")
    put_back(coop, tmp_path / "copy")
    ran = coop.tally("member", "list", "--json")

    assert (ran.code, ran.error["kind"], evidence(coop)) == (5, "RolledBack", [])
    put_back(coop, tmp_path / "new")
    coop.must("member", "list")
    assert Anchor(path).note() is not None


def test_the_memory_of_the_head_holds_what_the_log_signed(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care")
    anchor = Anchor(next((coop.path / "state" / "anchors").glob("*.json")))

    assert anchor.note() == coop.must("checkpoint", "--json").answer["note"].encode()
    anchor.write(1, bytes(32), b"older")
    assert anchor.note() != b"older"


# Gossip: every statement says which past its author saw.


def test_members_who_saw_different_pasts_can_never_be_merged_unnoticed():
    """What one signs on one past is refused by the log that tells the other, at every size and whatever came after."""
    here, there = found("Ana", "Chidi"), Village()
    there.leaves = list(here.leaves)
    there.book = there.again()
    here.say("Chidi", "governance.text", {"text": "told here"})
    there.say("Chidi", "governance.text", {"text": "told there"})
    for _ in range(4):
        said = canonical.encode(fields(there))

        refusal = refused(here, said, WrongPlace)
        assert "another past" in refusal.message
        here.say("Chidi", "governance.text", {"text": "more"})
        refused(here, said, WrongPlace)
        there.say("Chidi", "governance.text", {"text": "other"})


@pytest.mark.parametrize(
    "seen",
    [
        {"size": 2, "root": "00" * 32},
        {"size": 9, "root": "00" * 32},
        {"size": 1, "root": "00" * 32},
    ],
)
def test_a_past_that_never_was_is_refused(seen):
    village = found("Ana", "Chidi")
    village.say("Chidi", "governance.text", {"text": "told"})

    refused(village, canonical.encode(fields(village, seen=seen)), WrongPlace)


def test_nobody_goes_back_behind_what_they_said_they_saw():
    village = found("Ana", "Chidi")
    at_first = fields(village)["seen"]
    village.say("Ana", "governance.text", {"text": "on the newest"})
    village.say("Ana", "governance.text", {"text": "again"})

    refused(village, canonical.encode(fields(village, seen=at_first)), WrongPlace)
