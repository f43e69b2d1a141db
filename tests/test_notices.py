"""Evidence of notice: everybody is told of a vote once, the silent are reminded, and no message says who voted what."""

import email
import email.policy
import os
import re
import stat
import subprocess
import sys
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.message_files import called as file_name
from governance.message_files import write
from governance.messages import TEXT_MAX, TITLE_MAX, Vote, subject, text
from governance.sending_mail import letter
from ledger.private import show
from tests.riverbend import NO_KEY, REFUSED, START, USAGE, Riverbend, Said
from tests.test_governance_story import TYPED

WEEK_LATER = "2025-08-08T09:00:00Z"
COUNTS = re.compile(r"\d+ (?:for|against|abstained)|have voted|so far \d|that leads|needs \d+ of")
RULES = "# House rules\n\nShoes off — always.\n\x1b[2J"
HEADS = ["From", "To", "Subject", "Date", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
NASTY = "=?utf-8?q?=0d=0aBcc:thief@example.org=0d=0a?= we meet"


def asked(folder: Path) -> Riverbend:
    """Ana, Bela and Chidi; Ana has proposed house rules."""
    made = Riverbend(folder, "Ana", "Bela", "Chidi")
    made.ok("Ana", "propose", "text", made.write("rules.md", RULES))
    return made


@pytest.fixture
def three(tmp_path: Path) -> Riverbend:
    return asked(tmp_path)


@pytest.fixture(scope="module")
def unmoved(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """The same, and Dilek, who came later: for what must not change it."""
    made = asked(tmp_path_factory.mktemp("unmoved"))
    made.join("Ana", "Dilek")
    return made


def notify(coop: Riverbend, *words: str, number: str = "1") -> Said:
    """A round of messages, written into the folder `out`."""
    return coop.ok("Ana", "proposal", "notify", number, "--out", "out", *words)


def out(coop: Riverbend) -> list[str]:
    return sorted(path.name for path in (coop.folder / "out").glob("*"))


def read(path: Path) -> EmailMessage:
    found = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(coop: Riverbend, name: str) -> str:
    return read(coop.folder / "out" / f"{name}.eml").get_content()


def told(coop: Riverbend, number: str = "1") -> list[tuple[str, str, str]]:
    rows = coop.data("Ana", "proposal", "notices", number)["notices"]
    return [(one["name"], one["what"], one["how"]) for one in rows]


def everything(folder: Path) -> str:
    """All that anybody can find in the messages of a folder: their names, their bytes, and what these mean."""
    found = []
    for path in sorted(folder.rglob("*.eml")):
        message = read(path)
        found += [path.name, path.read_bytes().decode(), *map(str, message.values()), message.get_content()]
    assert found
    return "\n".join(found)


# Who is told what.


def test_everybody_who_is_asked_is_told_and_one_statement_says_so(three):
    before = three.size("Ana")

    said = notify(three)

    assert out(three) == [f"{name}-proposal-1-notice.eml" for name in ("ana", "bela", "chidi")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (three.folder / "out").iterdir()} == {0o600}
    assert three.size("Ana") == before + 1
    assert told(three) == [(name, "notice", "message") for name in ("Ana", "Bela", "Chidi")]
    assert "Notice as files: Ana, Bela, Chidi." in said.out
    assert f"It stands in the log as entry {before}." in said.out


def test_messages_lie_in_the_outbox_of_this_home_unless_a_folder_is_named(three):
    data = three.data("Ana", "proposal", "notify", "1")

    assert Path(data["folder"]).is_relative_to(three.folder / "founders" / "state")
    assert stat.S_IMODE(Path(data["folder"]).stat().st_mode) == 0o700
    assert all(Path(one["file"]).parent == Path(data["folder"]) for one in data["told"])


def test_only_the_silent_are_reminded(three):
    notify(three)
    three.ok("Bela", "vote", "1", "yes")

    said = notify(three)

    assert [name for name in out(three) if "reminder" in name] == [
        "ana-proposal-1-reminder.eml",
        "chidi-proposal-1-reminder.eml",
    ]
    assert "Reminder as files: Ana, Chidi." in said.out
    assert "Bela" not in said.out
    assert "nothing was heard from you so far" in body(three, "chidi-proposal-1-reminder")
    assert "notice" not in body(three, "chidi-proposal-1-reminder")


def test_who_has_answered_and_was_told_is_told_nothing_more(three):
    notify(three)
    for name in ("Ana", "Bela", "Chidi"):
        three.ok(name, "vote", "1", "no")
    before = three.size("Ana")

    said = notify(three, "--json")

    assert (said.data["told"], said.data["recorded"], said.data["folder"]) == ([], [], None)
    assert "nobody is told anything" in notify(three).out
    assert three.size("Ana") == before
    assert len(out(three)) == 3


def test_a_second_reminder_leaves_the_first_one_as_it_is(three):
    for _ in range(2):
        notify(three)
    first = three.folder / "out" / "chidi-proposal-1-reminder.eml"
    first.write_text("kept")

    notify(three)

    assert first.read_text() == "kept"
    assert "chidi-proposal-1-reminder-2.eml" in out(three)
    assert [what for name, what, _ in told(three) if name == "Chidi"] == ["notice", "reminder", "reminder"]


def test_before_a_vote_opens_those_are_told_who_will_be_asked_and_a_new_member_when_she_is_one(three):
    meeting = ("--profile", "uk-worker-coop-meeting", "--recuse", "Ana")
    three.ok("Ana", "propose", "text", "We meet on Mondays.", *meeting)
    notify(three, number="2")
    assert out(three) == ["bela-proposal-2-notice.eml", "chidi-proposal-2-notice.eml"]
    first = body(three, "bela-proposal-2-notice")
    assert "Opens    2025-08-16 00:00 (Europe/Rome), or once enough say they need no more" in first
    assert "Closes   2025-08-18 00:00 (Europe/Rome)" in first
    assert "To vote, then:  tally vote 2 yes|no|abstain" in first
    assert "Chidi" not in first

    three.join("Ana", "Dilek")
    for name in ("Ana", "Bela", "Chidi"):
        three.run(name, "vote", "3", "yes")
    before = three.size("Ana")
    said = notify(three, number="2")

    assert "Notice as files: Dilek." in said.out
    assert "Reminder as files: Bela, Chidi." in said.out
    assert f"It stands in the log as entry {before} and {before + 1}." in said.out
    assert three.size("Ana") == before + 2
    assert three.data("Ana", "proposal", "show", "2")["status"] == "notice"


def test_who_stands_aside_is_not_reminded(three):
    notify(three)
    three.ok("Chidi", "proposal", "stand-aside", "1")

    assert "Reminder as files: Ana, Bela." in notify(three).out


def test_who_joined_later_and_who_has_left_are_told_nothing(three):
    three.join("Ana", "Dilek")
    three.ok("Chidi", "member", "leave", "--yes")

    notify(three)

    assert out(three) == ["ana-proposal-1-notice.eml", "bela-proposal-1-notice.eml"]
    assert "Asked    3 members" in body(three, "bela-proposal-1-notice")
    shown = three.data("Ana", "proposal", "notices", "1")
    assert (shown["asked"], shown["not_told"]) == (3, ["Chidi"])


def test_silence_agrees_where_it_is_decided_by_consent_and_who_has_objected_is_not_reminded(three):
    three.ok("Ana", "propose", "text", "We meet on Mondays.", "--profile", "consent", "--review", "2025-12-01")
    notify(three, number="2")
    three.ok("Bela", "proposal", "object", "2", "Mondays are full", "--harm", "our opening hours")

    notify(three, number="2")

    assert [name for name in out(three) if "reminder" in name] == [
        "ana-proposal-2-reminder.eml",
        "chidi-proposal-2-reminder.eml",
    ]
    said = body(three, "chidi-proposal-2-reminder")
    assert "nobody votes: who says nothing agrees" in said
    assert "To object:  tally proposal object 2" in said
    assert "Mondays are full" not in everything(three.folder / "out")


def test_of_a_secret_vote_everybody_is_reminded_since_nobody_knows_who_is_silent(tmp_path):
    names = ("Ana", "Bela", "Chidi", "Dilek", "Emeka")
    five = Riverbend(tmp_path, *names)
    five.ok("Ana", "propose", "text", "We meet on Mondays.", "--profile", "secret")
    notify(five)
    five.ok("Bela", "vote", "1", "yes")

    notify(five)

    assert [name for name in out(five) if "reminder" in name] == [
        f"{name.lower()}-proposal-1-reminder.eml" for name in names
    ]
    said = body(five, "bela-proposal-1-reminder")
    assert said.replace("Bela", "Dilek") == body(five, "dilek-proposal-1-reminder")
    assert "If you have voted, all is done." in said
    assert "nothing was heard" not in said


# Told otherwise.


def test_who_was_told_by_phone_gets_no_message_and_it_is_recorded_how(three):
    notify(three, "--told", "chidi=phone", "--told", "Bela=in-person")

    assert out(three) == ["ana-proposal-1-notice.eml"]
    assert told(three) == [("Ana", "notice", "message"), ("Bela", "notice", "in-person"), ("Chidi", "notice", "phone")]
    assert notify(three, "--told", "Ana=letter").out.count("Reminder") == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("Chidi=pigeon",), USAGE),
        (("Chidi=message",), USAGE),
        (("Chidi=mail",), USAGE),
        (("Chidi",), USAGE),
        (("=phone",), USAGE),
        (("Nobody=phone",), USAGE),
        (("Chidi=phone", "chidi=letter"), USAGE),
        (("Dilek=phone",), REFUSED),
    ],
    ids=str,
)
def test_a_slip_in_who_was_told_how_writes_and_records_nothing(unmoved, words, code):
    before = unmoved.size("Ana")

    options = [word for one in words for word in ("--told", one)]
    said = unmoved.run("Ana", "proposal", "notify", "1", "--out", "out", *options)

    assert said.code == code
    assert out(unmoved) == []
    assert unmoved.size("Ana") == before


def test_who_has_answered_cannot_be_reminded_by_phone_either(three):
    notify(three)
    three.ok("Bela", "vote", "1", "no")

    said = three.run("Ana", "proposal", "notify", "1", "--out", "out", "--told", "Bela=phone")

    assert said.code == REFUSED
    assert "Bela was told and has answered" in said.err


def test_while_the_ledger_is_away_nobody_knows_who_is_silent_and_nobody_is_told(three):
    folder = three.folder / "founders" / "ledgers"
    folder.rename(three.folder / "away")

    said = three.run("Ana", "proposal", "notify", "1", "--out", "out")

    assert said.code == 1
    assert "Nobody was told anything." in said.err
    assert out(three) == []


# What is refused.


def refused_and_nothing_left(coop: Riverbend, number: str, says: str) -> None:
    before = coop.size("Ana")
    said = coop.run("Ana", "proposal", "notify", number, "--out", "out")
    assert said.code == REFUSED
    assert says in said.err
    assert out(coop) == []
    assert coop.size("Ana") == before


def test_nobody_is_told_of_a_draft(three):
    three.ok("Ana", "propose", "text", "We meet on Mondays.", "--draft")

    refused_and_nothing_left(three, "2", "is a draft; nobody is told of it yet")
    assert three.data("Ana", "proposal", "notices", "2")["not_told"] == []
    assert "Nobody is asked yet." in three.ok("Ana", "proposal", "notices", "2").out


def test_nobody_is_told_of_what_is_decided_or_withdrawn(three):
    three.ok("Ana", "propose", "text", "We meet on Mondays.")
    three.ok("Ana", "proposal", "withdraw", "2")
    refused_and_nothing_left(three, "2", "Nobody is asked about proposal 2 any more")

    three.now = WEEK_LATER

    refused_and_nothing_left(three, "1", "Nobody is asked about proposal 1 any more")
    assert three.run("Ana", "proposal", "notify", "9").code == USAGE


def test_a_candidate_tells_nobody(three):
    three.join("Ana", "Dilek")

    said = three.run("Dilek", "proposal", "notify", "1", "--out", "out")

    assert said.code == NO_KEY
    assert out(three) == []


def test_a_folder_that_is_none_is_a_slip_and_nothing_is_recorded(three):
    three.write("out", "a file")
    before = three.size("Ana")

    for place in ("out", "out/within"):
        said = three.run("Ana", "proposal", "notify", "1", "--out", place)
        assert (said.code, "is no folder" in said.err) == (USAGE, True)
    assert three.size("Ana") == before


# What a message says.


def test_a_message_says_what_is_proposed_by_whom_until_when_and_how_to_vote(three):
    notify(three)

    message = read(three.folder / "out" / "bela-proposal-1-notice.eml")

    assert message.keys() == HEADS
    assert message["Subject"] == "Riverbend: proposal 1, House rules"
    assert message["Date"].datetime == datetime.fromisoformat(START)
    said = message.get_content().replace("\r\n", "\n")
    assert said.startswith("Bela,\n")
    for line in (
        "What     A resolution: House rules",
        "Put by   Ana",
        "Opened   2025-08-01 11:00 (Europe/Rome)",
        "Closes   2025-08-08 11:00 (Europe/Rome)",
        "Asked    3 members",
        "Needs    more than 1/2 of the roll, within 7 days",
        "# House rules\n\nShoes off — always.\n\\x1b[2J",
        "To vote:  tally vote 1 yes|no|abstain",
    ):
        assert line in said


def test_options_are_told_by_number_each_text_word_for_word(three):
    three.ok("Ana", "propose", "text", "We meet on Mondays.", "--option", "We meet on Fridays.")

    notify(three, number="2")

    said = body(three, "bela-proposal-2-notice").replace("\r\n", "\n")
    assert "  0  things stay as they are\n  1  We meet on Mondays.\n  2  We meet on Fridays." in said
    assert "Option 2, word for word:\n\nWe meet on Fridays." in said
    assert 'To vote:  tally vote 2 BALLOT. Rank them, the best first: "2>1=3>0"' in said


def test_of_a_rule_the_message_also_says_what_it_changes(three):
    three.ok("Ana", "propose", "rule", three.rule("Ten", '">= 20%"', '">= 10%"'))

    notify(three, number="2")

    said = body(three, "bela-proposal-2-notice")
    assert "- Pot income: no longer: at least 20% to reserve. now: at least 10% to reserve." in said
    assert 'title = "Ten"' in said
    assert "what it would have paid you:  tally proposal show 2" in said


@pytest.mark.parametrize(
    ("profile", "first", "then"),
    [
        ("simple-majority", ("yes", "yes"), ("no", "abstain")),
        ("sealed", ("yes", "yes"), ("no", "abstain")),
        ("debian-options", ("1>2>0", "1>2>0"), ("2>0>1", "abstain")),
        ("approval", ("1,2", "1"), ("2", "0,2")),
        ("uk-worker-coop-meeting", ("yes", "yes"), ("no", "no")),
    ],
)
def test_no_message_says_who_voted_what_nor_how_it_stands(three, profile, first, then):
    """Other ballots do not change a byte of the messages, and no ballots, names or counts are found in them."""
    options = ["--option", "We meet on Fridays."] if profile in ("debian-options", "approval") else []
    three.ok("Ana", "propose", "text", "We meet on Mondays.", *options, "--profile", profile)
    three.now = "2025-08-16T12:00:00Z" if profile == "uk-worker-coop-meeting" else three.now
    notify(three, number="2")

    rounds = []
    for ballots in (first, then):
        for name, ballot in zip(("Ana", "Bela"), ballots, strict=True):
            three.ok(name, "vote", "2", ballot)
        folder = f"round-{len(rounds)}"
        three.ok("Ana", "proposal", "notify", "2", "--out", folder)
        rounds.append({path.name: path.read_bytes() for path in (three.folder / folder).iterdir()})

    assert rounds[0] == rounds[1]
    assert list(rounds[0]) == ["chidi-proposal-2-reminder.eml"]
    said = everything(three.folder / "round-1")
    assert "Bela" not in said
    assert COUNTS.search(said) is None
    choices = {*first, *then} - {"yes", "no", "abstain", "1", "2"}
    assert not [choice for choice in choices if choice in said]
    assert re.findall(r"\b(?:yes|no|abstain)\b", said.replace("yes|no|abstain", "")) == []


def test_the_patterns_that_are_looked_for_are_those_in_which_a_vote_is_told(three):
    """So that the test above cannot pass because the words have changed."""
    three.ok("Bela", "vote", "1", "yes")

    assert COUNTS.search(three.ok("Ana", "proposal", "show", "1").out)
    assert COUNTS.search(three.ok("Ana", "votes").out)


WORDS = st.text(max_size=40) | st.sampled_from([NASTY, "a, b <c@example.org>", '"; (x', "é" * 60, "\r\nBcc: x"])


@given(name=WORDS, title=WORDS, cooperative=WORDS, address=st.sampled_from(["", "ana@example.org"]))
def test_whatever_people_and_proposals_are_called_a_message_has_one_receiver_and_no_other_heads(
    name, title, cooperative, address
):
    head = show(f"{cooperative}: {title}".encode(errors="replace").decode())
    made = letter(
        cooperative=show(cooperative.encode(errors="replace").decode()),
        sender="",
        name=show(name.encode(errors="replace").decode()),
        address=address,
        subject=head,
        text="Bela,\n",
        date=datetime.fromisoformat(START),
    )

    data = bytes(made)
    again = email.message_from_bytes(data, policy=email.policy.default)
    assert again.keys() == HEADS
    assert [one.addr_spec for one in again["To"].addresses] == ([address] if address else [])
    assert b"\nBcc" not in data


def test_a_name_or_title_in_mail_code_adds_no_receiver(tmp_path):
    two = Riverbend(tmp_path, "Ana", "=?utf-8?q?=0d=0aBcc:b@b.org=0d=0a?=")
    two.ok("Ana", "propose", "text", NASTY)

    notify(two)

    for path in (tmp_path / "out").iterdir():
        assert read(path).keys() == HEADS
        assert b"\nBcc" not in path.read_bytes()


def vote(**changed: Any) -> Vote:
    usual: dict[str, Any] = {
        "cooperative": "Riverbend",
        "rehearsal": False,
        "number": 7,
        "title": "House rules",
        "about": "A resolution: House rules",
        "by": "Ana",
        "opens": "2025-08-01 11:00 (Europe/Rome)",
        "closes": "2025-08-08 11:00 (Europe/Rome)",
        "is_open": True,
        "is_secret": False,
        "asked": 1,
        "needs": "more than 1/2 of the roll",
        "quorum": "none",
        "ballots": "open",
        "options": {},
        "parts": (("The text, word for word", "Shoes off."),),
        "answer": ("To vote:  tally vote 7 yes|no|abstain",),
    }
    return Vote(**usual | changed)


def test_a_long_text_is_told_as_far_as_a_message_bears_and_where_the_rest_is():
    short = text(vote(parts=(("The text", "x" * TEXT_MAX),)), "notice", "Bela")
    long = text(vote(parts=(("The text", "x" * (TEXT_MAX + 1)),)), "notice", "Bela")

    assert "goes on" not in short
    assert "x…\n\n(It goes on. The whole text: tally proposal show 7)" in long
    assert long.count("x" * TEXT_MAX) == 1
    assert "x" * (TEXT_MAX + 1) not in long
    assert len(subject(vote(title="t" * 500), "reminder")) < TITLE_MAX + 60


# Files.


@pytest.mark.parametrize("name", ["../../etc/x y", "a/b\\c:d|e*f?", 'Ñandú, "the" Odd; (x) <a@b.c>', ".hidden -rf"])
def test_an_odd_name_makes_a_safe_file_name(tmp_path, name):
    two = Riverbend(tmp_path, "Ana", name)
    two.ok("Ana", "propose", "text", "We meet on Mondays.")

    notify(two)

    written = out(two)
    assert len(written) == 2
    assert all(re.fullmatch(r"\w[\w-]*-proposal-1-notice\.eml", one) for one in written)


def test_a_file_name_is_never_longer_than_a_folder_takes():
    assert len(f"{file_name('𞤀𞤣𞤤𞤢𞤥' * 12, 1234, 'reminder')}-999.eml".encode()) < 255


def test_a_link_in_the_way_is_not_followed(tmp_path):
    (tmp_path / "ana.eml").symlink_to(tmp_path / "elsewhere")

    path = write(tmp_path, "ana", b"words")

    assert path.name == "ana-2.eml"
    assert not (tmp_path / "elsewhere").exists()


# Looking.


def test_who_was_told_and_who_was_not_is_shown_with_when_and_how(three):
    assert three.data("Ana", "proposal", "notices", "1")["not_told"] == ["Ana", "Bela", "Chidi"]
    assert "Not told: Ana, Bela, Chidi." in three.ok("Bela", "proposal", "notices", "1").out
    three.now = "2025-08-02T09:00:00Z"
    notify(three, "--told", "Chidi=phone")
    three.now = "2025-08-03T09:00:00Z"
    notify(three)

    shown = three.ok("Bela", "proposal", "notices", "1").out
    data = three.data("Bela", "proposal", "notices", "1")

    assert re.search(r"Chidi +notice +phone +2025-08-02 11:00 \(Europe/Rome\)", shown)
    assert re.search(r"Chidi +reminder +message +2025-08-03 11:00 \(Europe/Rome\)", shown)
    assert "Everybody who is asked was told." in shown
    assert data["notices"][0] == {
        "name": "Ana",
        "what": "notice",
        "how": "message",
        "at": "2025-08-02T11:00:00+02:00",
    }


def test_both_commands_answer_as_data_with_their_schema(three):
    sent = notify(three, "--json").data
    shown = three.data("Ana", "proposal", "notices", "1")

    assert (sent["schema"], shown["schema"]) == ("tally.proposal-notify/v1", "tally.proposal-notices/v1")
    assert sent["told"][0] == {
        "name": "Ana",
        "what": "notice",
        "how": "message",
        "file": "out/ana-proposal-1-notice.eml",
    }
    assert sent["folder"] == "out"
    assert len(sent["recorded"]) == len(sent["receipts"]) == 1
    assert shown.keys() >= {"number", "title", "status", "notices", "asked", "not_told"}


def test_who_has_no_mail_server_loads_nothing_that_speaks_with_one(three):
    words = ("proposal", "notify", "1", "--as", "Ana")
    environment = {"TALLY_HOME": str(three.folder / "founders"), "TALLY_NOW": START, "PATH": os.environ["PATH"]}

    command = [sys.executable, "-c", TYPED.format(words=words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    modules = done.stdout.splitlines()[-1].split()
    assert "governance.sending_mail" in modules
    assert "smtplib" not in modules
