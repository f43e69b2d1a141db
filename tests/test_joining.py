"""Members join with invitations, each in a home of their own; whatever is refused leaves nothing behind."""

from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from msgspec.structs import replace

from ledger import invitation
from ledger.errors import TallyError
from ledger.keys import new_key
from ledger.record import record
from ledger.store import SqliteLog
from tests.riverbend import BAD, NO_KEY, REFUSED, START, USAGE, Riverbend, typed


@pytest.fixture
def ana(tmp_path: Path) -> Riverbend:
    return Riverbend(tmp_path, "Ana")


def test_with_one_founder_an_invitation_makes_bela_a_member_at_once(tmp_path):
    ana = Riverbend(tmp_path, "Ana", by=typed)
    said = ana.join("Ana", "Bela")

    assert "Welcome, Bela: you are a member of Riverbend." in said.out
    assert [row["standing"] for row in ana.data("Bela", "member", "list")["members"]] == ["member", "member"]
    assert "No vote waits for you." in ana.ok("Bela", "votes").out


def test_with_two_founders_the_other_must_say_yes(tmp_path):
    two = Riverbend(tmp_path, "Ana", "Chidi", by=typed)
    said = two.join("Ana", "Bela")

    assert "1 for, 0 against, 0 abstained; needs 2 of 2" in said.out
    assert "until 2025-08-15 11:00 (Europe/Rome): tally vote 1 yes" in said.out
    assert two.run("Bela", "vote", "1", "yes").code == NO_KEY
    assert "Bela joins" in two.ok("Chidi", "votes").out
    decided = two.ok("Chidi", "vote", "1", "yes")
    assert "Passed: 2 for, 0 against, 0 abstained of 2; needed 2" in decided.out
    assert "Bela became a member on 2025-08-01." in decided.out
    assert two.data("Bela", "votes")["waiting"] == []


def test_an_invitation_comes_through_a_pipe_and_under_another_name(ana):
    file = ana.folder / ana.invite("Ana", "Bela")

    said = ana.ok("Bela", "join", "-", "--name", "Bela B.", "--json", given=file.read_text())

    assert said.data["name"] == "Bela B."
    assert said.data["standing"] == "member"
    assert "keys/riverbend/bela-b.pem" in ana.left("Bela")


def test_a_changed_letter_is_refused_and_leaves_nothing_behind(ana):
    text = (ana.folder / ana.invite("Ana", "Bela")).read_text().strip()

    for place in (0, 8, len(text) // 2, len(text) - 1):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        assert ana.run("Bela", "join", "-", given=changed).code == USAGE
    assert ana.run("Bela", "join", "nowhere.invitation").code == USAGE
    assert ana.left("Bela") == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"founding": "ab" * 32}, BAD),
        ({"log": "ab" * 32}, BAD),
        ({"origin": "tally.invalid/other"}, BAD),
        ({"place": "/nowhere/at/all"}, USAGE),
        ({"entry": "ab" * 32}, REFUSED),
        ({"seed": "ab" * 32}, REFUSED),
        ({"person": "ab" * 16}, REFUSED),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_an_invitation_to_anything_else_is_refused_and_leaves_nothing_behind(ana, changes, code):
    held = invitation.read((ana.folder / ana.invite("Ana", "Bela")).read_text())
    before = ana.size("Ana")

    said = ana.run("Bela", "join", "-", given=invitation.write(replace(held, **changes)), TALLY_AS="")

    assert said.code == code, said.err
    assert ana.left("Bela") == []
    assert not list((ana.folder / "Bela").glob("keys*"))
    assert ana.size("Ana") == before


def test_a_place_where_nothing_was_founded_is_not_the_ledger(ana):
    held = invitation.read((ana.folder / ana.invite("Ana", "Bela")).read_text())
    (ana.folder / "empty").mkdir()
    SqliteLog.create(ana.folder / "empty", new_key())
    elsewhere = replace(held, place=str(ana.folder / "empty"))

    said = ana.run("Bela", "join", "-", given=invitation.write(elsewhere))

    assert said.code in (BAD, USAGE)
    assert ana.left("Bela") == []


def test_an_invitation_is_used_once(ana):
    file = ana.invite("Ana", "Bela")
    ana.ok("Bela", "join", file)

    again = ana.run("Dilek", "join", file)

    assert again.code == REFUSED
    assert "used already" in again.err
    assert ana.left("Dilek") == []


def test_a_name_that_is_taken_is_refused_until_another_is_given(ana):
    file = ana.invite("Ana", "Bela")
    ana.join("Ana", "Dilek")

    taken = ana.run("Bela", "join", file, "--name", "dilek")

    assert taken.code == REFUSED
    assert "--name" in taken.err
    assert ana.left("Bela") == []
    ana.ok("Bela", "join", file)


def test_when_the_log_refuses_to_stamp_no_key_and_no_ledger_stay_behind(ana):
    file = ana.invite("Ana", "Bela")

    said = ana.run("Bela", "join", file, TALLY_NOW="2025-07-01T09:00:00Z")

    assert said.code == REFUSED
    assert "clock" in said.err
    assert ana.left("Bela") == []
    ana.ok("Bela", "join", file)


def test_several_people_on_one_home_share_the_ledger_and_keep_their_keys_apart(ana):
    file = ana.invite("Ana", "Bela")
    ana.homes["Bela"] = "founders"
    before = (ana.folder / "founders" / "config" / "ledgers.toml").read_text()

    ana.ok("Bela", "join", file)

    assert (ana.folder / "founders" / "config" / "ledgers.toml").read_text() == before
    assert {key["person"] for key in ana.data("Bela", "key", "list")["keys"] if key["here"]} == {"Ana", "Bela"}
    ana.ok("Ana", "propose", "text", "We meet on Mondays.")
    ana.ok("Bela", "vote", "2", "yes")


def test_a_home_that_lost_sight_of_the_ledger_finds_it_again_by_the_invitation(ana):
    file = ana.invite("Ana", "Bela")
    ana.ok("Bela", "join", file)
    (ana.folder / "Bela" / "config" / "ledgers.toml").unlink()

    said = ana.ok("Bela", "join", file)

    assert "joined already" in said.out
    ana.ok("Bela", "votes")


def test_a_key_stays_when_the_log_took_the_join_though_the_command_failed(ana):
    """A disk that is full may complain after the entry is in the log; the key of a person in a log is never lost."""
    file = ana.invite("Ana", "Bela")

    def full(*words: Any) -> None:
        record(*words)
        raise TallyError("There is no room on this disk.")

    with mock.patch("governance.joining.record", full):
        assert ana.run("Bela", "join", file).code == 1

    assert "keys/riverbend/bela.pem" in ana.left("Bela")
    assert "joined already" in ana.ok("Bela", "join", file).out
    ana.ok("Bela", "propose", "text", "We meet on Mondays.")


def test_on_a_real_ledger_a_joiner_needs_a_passphrase_and_the_real_clock(tmp_path):
    (tmp_path / "pass").write_text("four words are good\n")
    real = {"TALLY_NOW": "", "TALLY_PASSPHRASE_FILE": str(tmp_path / "pass")}
    village = Riverbend(tmp_path)
    village.homes["Ana"] = "founders"
    village.ok("Ana", "init", "Riverbend", "--founder", "Ana", **real)
    village.ok("Ana", "invite", "Bela", "--out", "bela.invitation", **real)

    assert village.run("Bela", "join", "bela.invitation", **real | {"TALLY_PASSPHRASE_FILE": ""}).code == NO_KEY
    assert village.run("Bela", "join", "bela.invitation", **real | {"TALLY_NOW": START}).code == USAGE
    (tmp_path / "short").write_text("short\n")
    short = real | {"TALLY_PASSPHRASE_FILE": str(tmp_path / "short")}
    assert village.run("Bela", "join", "bela.invitation", **short).code == USAGE
    assert not list((tmp_path / "Bela").rglob("*"))
    village.ok("Bela", "join", "bela.invitation", **real)
    assert "ENCRYPTED" in (tmp_path / "Bela" / "keys" / "riverbend" / "bela.pem").read_text()
    assert village.run("Bela", "votes", **real | {"TALLY_PASSPHRASE_FILE": ""}).code == 0
