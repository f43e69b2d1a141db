"""Without the log people go on speaking: what they say waits, is sent once and in order, and nothing gets lost."""

import json
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger import anchor
from ledger.away import Away
from ledger.database import FILE
from ledger.entry import read, split_leaf
from ledger.log import Log, Unreachable
from ledger.outbox import BadOutbox
from tests.forge import Coop, Ran, forge
from tests.service import command_killed_at

LOG = ("log", "5m")
CARE = ("--role", "care")


@pytest.fixture
def coop(tmp_path) -> Coop:
    return forge(tmp_path, "Ana", "Chidi")


@contextmanager
def away(coop: Coop) -> Iterator[None]:
    """The folder of the ledger is out of reach for a while."""
    folder, elsewhere = coop.folder, coop.path / "elsewhere"
    folder.rename(elsewhere)
    try:
        yield
    finally:
        elsewhere.rename(folder)


@contextmanager
def busy(coop: Coop, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another program writes to the database and does not let go."""
    with monkeypatch.context() as quick, closing(sqlite3.connect(coop.folder / FILE, isolation_level=None)) as other:
        quick.setattr("ledger.database.WAIT_S", 0.1)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def another_device(coop: Coop, path: Path) -> Coop:
    """A home with a copy of the same keys, and what this home knows."""
    shutil.copytree(coop.path, path, ignore=shutil.ignore_patterns("ledgers"))
    return Coop(path, coop.who, coop.now)


def outbox_of(coop: Coop) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = coop.must("sync", "--list", "--json").answer["outbox"]
    return rows


def queued(ran: Ran) -> dict[str, Any]:
    assert ran.code == 75, ran
    assert ran.answer["queued"] is True
    return ran.answer


def notes(coop: Coop) -> list[str]:
    """The notes of all work in the log, in its order."""
    with coop.opened() as ledger:
        said = ledger.log.private_between(1, ledger.log.head().size)
    return [kept.words for index in sorted(said) for kept in said[index].values()]


def test_what_ana_says_while_the_folder_is_away_waits_and_is_sent_once(coop):
    coop.must(*LOG, "first", *CARE)
    with away(coop):
        ran = coop.tally(*LOG, "second", *CARE)
        assert (ran.code, ran.out) == (75, "")
        assert "Queued: what you said is signed and kept in this home, but not yet in the ledger." in ran.err
        assert "There is no ledger in" in ran.err
        assert "1 statement waits" in ran.err
        assert "tally sync" in ran.err
        answer = queued(coop.tally(*LOG, "third", *CARE, "--json"))
        assert (answer["waiting"], len(answer["ids"])) == (2, 1)
        assert [row["state"] for row in outbox_of(coop)] == ["waits to be sent"] * 2
        waits = coop.tally("sync")
        assert (waits.code, "2 statements wait on" in waits.err) == (75, True)
    ran = coop.must("sync")

    assert "is in the ledger as entry 2" in ran.out
    assert "is in the ledger as entry 3" in ran.out
    for _ in range(2):
        assert "Nothing waits" in coop.must("sync").out
    assert notes(coop) == ["first", "second", "third"]
    assert coop.must("verify").out.startswith("OK: 4 entries")


def test_the_next_command_sends_what_waits_before_what_it_says_itself(coop):
    with away(coop):
        queued(coop.tally(*LOG, "second", *CARE, "--json"))
    ran = coop.must(*LOG, "third", *CARE)

    assert "Number 1 of your outbox (contributions.logged) is in the ledger as entry 1." in ran.err
    assert "Logged 2.1" in ran.out
    assert notes(coop) == ["second", "third"]


def test_a_command_of_several_statements_waits_as_a_whole(coop):
    """A resolution is its text and then the proposal that names it."""
    with away(coop):
        answer = queued(coop.tally("propose", "text", "We meet on Mondays.", "--json"))
        assert len(answer["ids"]) == 2
        queued(coop.tally("vote", "1", "yes", "--json"))
    coop.must("sync")

    assert "We meet on Mondays" in coop.must("proposal", "show", "1").out
    assert "1 for" in coop.must("proposal", "show", "1").out
    coop.must("verify")


def test_what_would_be_refused_is_refused_now_and_does_not_wait(coop):
    with away(coop):
        queued(coop.tally("log", "14h", "a long day", *CARE, "--json"))
        ran = coop.tally("log", "14h", "the same day", *CARE)
        assert (ran.code, "more than 24 hours" in ran.err) == (6, True)
        assert len(outbox_of(coop)) == 1


@pytest.mark.parametrize("words", [("payout", "tick"), ("invite", "Femi")], ids=lambda words: words[0])
def test_what_needs_the_newest_head_fails_plainly_and_does_not_wait(coop, words):
    with away(coop):
        coop.now = "2025-09-20T12:00:00Z"
        ran = coop.tally(*words)

        assert outbox_of(coop) == []
        assert ran.code in (0, 1)
        assert "cannot be reached" in ran.err


def test_reading_goes_on_as_of_the_last_entry_this_home_has_seen(coop):
    coop.must("log", "1h30", "first", *CARE)
    with away(coop):
        ran = coop.must("status")

    assert "What follows is as of 2 entries" in ran.err
    assert "1h30" in ran.out


def test_a_home_that_never_saw_the_ledger_has_nothing_to_go_on_with(coop):
    shutil.rmtree(coop.path / "state")
    with away(coop):
        ran = coop.tally(*LOG, "first", *CARE, "--json")

    assert (ran.code, ran.error["kind"]) == (2, "NoLedger")


def test_while_another_process_keeps_writing_it_waits_too(coop, monkeypatch):
    with busy(coop, monkeypatch):
        ran = coop.tally(*LOG, "first", *CARE, "--json")
        assert "Another process is writing" in queued(ran)["why"]
        queued(coop.tally(*LOG, "second", *CARE, "--json"))
    coop.must("sync")

    assert notes(coop) == ["first", "second"]


def test_what_is_queued_says_that_its_author_saw_the_last_verified_head(coop):
    coop.must(*LOG, "first", *CARE)
    with away(coop):
        for note in ("second", "third"):
            queued(coop.tally(*LOG, note, *CARE, "--json"))
    coop.must("sync")
    with coop.opened() as ledger:
        said = [read(split_leaf(leaf)[0]) for leaf in ledger.log.entries(1, 4)]

    assert [one.seen.size for one in said] == [1, 2, 2]
    assert [one.seq for one in said] == [1, 2, 3]


def test_the_outbox_is_for_its_owner_alone_and_empty_once_all_is_sent(coop):
    with away(coop):
        path = Path(queued(coop.tally(*LOG, "first", *CARE, "--json"))["outbox"])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    coop.must("sync")

    assert not path.exists()


def test_a_damaged_outbox_stops_whoever_would_write_over_it(coop):
    with away(coop):
        path = Path(queued(coop.tally(*LOG, "first", *CARE, "--json"))["outbox"])
    path.write_bytes(path.read_bytes()[:-9])
    ran = coop.tally(*LOG, "second", *CARE, "--json")

    assert (ran.code, ran.error["kind"], str(path) in ran.error["message"]) == (1, BadOutbox.__name__, True)
    assert coop.size == 1


# A key on two devices.


def test_where_a_copy_of_the_key_spoke_meanwhile_the_same_content_is_signed_anew_and_told(coop, tmp_path):
    other = another_device(coop, tmp_path / "other")
    with away(coop):
        for note in ("second", "third"):
            old = queued(coop.tally(*LOG, note, *CARE, "--json"))["ids"]
        assert len(old) == 1
    other.must(*LOG, "from the other device", *CARE)
    ran = coop.must("sync", "--json")

    outcomes = ran.answer["outcomes"]
    anew = [one for one in outcomes if one["was"]]
    assert [one["number"] for one in anew] == [1, 2]
    assert all(one["was"] != one["id"] for one in anew)
    assert [one["entry"] for one in outcomes if one["entry"]] == [2, 3]
    assert notes(coop) == ["from the other device", "second", "third"]
    assert coop.must("verify").out.startswith("OK: 4 entries")


def test_a_person_reads_why_a_statement_was_signed_anew(coop, tmp_path):
    other = another_device(coop, tmp_path / "other")
    with away(coop):
        queued(coop.tally(*LOG, "second", *CARE, "--json"))
    other.must(*LOG, "from the other device", *CARE)
    ran = coop.must("sync")

    assert "was signed anew, with the same content" in ran.out
    assert "somebody else may have it" in ran.out


def test_what_names_a_statement_that_was_signed_anew_names_the_new_one(coop, tmp_path):
    other = another_device(coop, tmp_path / "other")
    with away(coop):
        queued(coop.tally("propose", "text", "We meet on Mondays.", "--json"))
    other.must(*LOG, "from the other device", *CARE)
    coop.must("sync")

    assert "We meet on Mondays" in coop.must("proposal", "show", "1").out
    coop.must("verify")


# What the rules refuse by now.


@pytest.fixture
def late_vote(coop) -> Coop:
    """Chidi's ballot waits until the vote is closed."""
    coop.must("propose", "text", "We meet on Mondays.")
    chidi = Coop(coop.path, "Chidi", coop.now)
    with away(coop):
        queued(chidi.tally("vote", "1", "no", "--json"))
        queued(chidi.tally(*LOG, "after the vote", *CARE, "--json"))
    chidi.now = "2025-08-20T12:00:00Z"
    return chidi


def test_what_the_rules_refuse_by_now_stays_listed_and_what_follows_it_is_sent(late_vote):
    ran = late_vote.must("sync")

    assert "Number 1 of your outbox (governance.voted) was refused" in ran.out
    assert "tally sync --drop 1" in ran.out
    assert notes(late_vote)[-1] == "after the vote"
    left = outbox_of(late_vote)
    assert [row["number"] for row in left] == [1]
    assert left[0]["refused"]
    again = late_vote.must("sync")
    assert "was refused" in again.out
    assert len(outbox_of(late_vote)) == 1
    late_vote.must("verify")


def test_what_was_refused_goes_only_when_its_author_drops_it(late_vote):
    assert late_vote.tally("sync", "--drop", "1").code == 2
    late_vote.must("sync")
    late_vote.must(*LOG, "later", *CARE)
    assert len(outbox_of(late_vote)) == 1
    assert late_vote.tally("sync", "--drop", "9").code == 2
    assert "Dropped number 1" in late_vote.must("sync", "--drop", "1").out

    assert outbox_of(late_vote) == []


def test_what_was_refused_is_sent_once_its_reason_is_gone(coop):
    with away(coop):
        queued(coop.tally("log", "14h", "a long day", *CARE, "--json"))
    other = another_device(coop, coop.path.parent / "other")
    (other.path / "state").rename(other.path / "none")  # it knows nothing of what waits
    other.must("log", "12h", "the same day", *CARE)
    assert "24 hours" in coop.must("sync").out
    other.must("undo", "1")
    ran = coop.must("sync", "--json")

    assert [one["entry"] for one in ran.answer["outcomes"] if one["entry"]]
    assert outbox_of(coop) == []


def test_what_a_key_said_that_was_revoked_meanwhile_is_refused_and_explained(coop, tmp_path):
    other = another_device(coop, tmp_path / "other")
    with away(coop):
        for note in ("second", "third"):
            queued(coop.tally(*LOG, note, *CARE, "--json"))
    mine = next(row["id"] for row in other.must("key", "list", "--json").answer["keys"] if row["here"])
    other.must("key", "revoke", mine, "--reason", "lost", "--yes")
    ran = coop.must("sync")

    assert ran.out.count("was refused: This key signs no more") == 2
    assert "signed again with a live key" in ran.out
    assert [row["words"] for row in outbox_of(coop)] == [["second"], ["third"]]
    assert coop.must("verify").out.startswith("OK: 2 entries")


# Killed anywhere.


def test_a_command_that_is_killed_at_any_step_has_said_it_once_or_not_at_all(coop):
    step = said = 0
    while True:
        step += 1
        note = f"note {step}"
        killed = command_killed_at(coop, step, *LOG, note, *CARE)
        waited = note in json.dumps(outbox_of(coop))
        coop.must("sync")
        coop.must("sync")
        found = notes(coop).count(note)
        assert found <= 1
        assert found == 1 or not waited
        said += found
        if not killed:
            break

    assert step > 10
    assert said > 3
    assert outbox_of(coop) == []
    assert coop.must("verify").out.startswith("OK")


def test_a_sync_that_is_killed_at_any_step_sends_everything_once(coop, tmp_path):
    """Also where a copy of the key spoke meanwhile and all has to be signed anew."""
    other = another_device(coop, tmp_path / "other")
    step = 0
    while True:
        step += 1
        with away(coop):
            for part in "ab":
                queued(coop.tally(*LOG, f"{part} {step}", *CARE, "--json"))
        other.must(*LOG, f"elsewhere {step}", *CARE)
        killed = command_killed_at(coop, step, "sync")
        coop.must("sync")
        assert notes(coop)[-2:] == [f"a {step}", f"b {step}"]
        assert sum(note.endswith(f" {step}") for note in notes(coop)) == 3
        if not killed:
            break

    assert step > 10
    assert coop.must("verify").out.startswith("OK")


def test_a_statement_that_a_person_stops_is_not_sent_behind_their_back(coop, monkeypatch):
    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Log, "append", stop)
        assert coop.tally(*LOG, "never mind", *CARE).code == 130

    assert outbox_of(coop) == []
    assert "Nothing waits" in coop.must("sync").out
    assert coop.size == 1


def test_a_refused_statement_leaves_nothing_behind(coop):
    coop.must("log", "14h", "a long day", *CARE)
    assert coop.tally("log", "14h", "the same day", *CARE).code == 6

    assert outbox_of(coop) == []


def test_the_log_that_is_away_answers_every_question_about_it(tmp_path):
    """Each piece of a log is there, and says where the log should be."""
    why = Unreachable("The folder is gone.")
    log = Away(why, anchor.Anchor(tmp_path / "anchor"), "origin", 3, bytes(32))

    assert log.head().size == 3
    assert (log.private(0), log.private_many([(0, "/x")]), list(log.entries(3, 9))) == ({}, {}, [])
    asked: list[Callable[[], object]] = [
        lambda: log.entry(0),
        lambda: log.find(b""),
        lambda: log.full_tile(0, 0),
        log.evidence,
        log.witnessed,
    ]
    for question in asked:
        with pytest.raises(Unreachable):
            question()
    with pytest.raises(Unreachable):
        list(log.entries(0, 2))


def test_what_a_home_keeps_for_lean_times_is_believed_only_as_it_was_kept(coop):
    coop.must(*LOG, "first", *CARE)
    tail = next(coop.path.glob("state/*/tail"))
    tail.write_bytes(tail.read_bytes()[:-1] + b"\0")
    with away(coop):
        ran = coop.must("status")

    assert "What follows is as of 1 entries" in ran.err
