"""Members join, propose and vote, each in a home of their own; time is told by TALLY_NOW.

The first stories type the real `tally` command; the others call the same program without starting it each time.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest

from cli import ROOMS
from governance.versions import template
from ledger import invitation
from ledger.doors import run
from ledger.errors import TallyError
from ledger.record import record
from tests.test_start import heavy

TALLY = str(Path(sys.executable).parent / "tally")
START = "2025-08-01T09:00:00Z"
WEEK_LATER = "2025-08-08T09:00:00Z"
SEPTEMBER = "2025-08-31T22:00:00Z"  # its midnight in Rome
OCTOBER = "2025-09-30T22:00:00Z"
REFUSED, NO_KEY, USAGE, BAD = 6, 4, 2, 5
CASES = Path(__file__).parent / "vectors" / "rules"


class Said(NamedTuple):
    """What a command left behind: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.out)


def typed(words: list[str], environment: dict[str, str], given: str, folder: Path) -> Said:
    """The real command, in a process of its own."""
    done = subprocess.run(
        [TALLY, *words], env=environment, input=given, capture_output=True, text=True, cwd=folder, check=False
    )
    return Said(done.returncode, done.stdout, done.stderr)


def called(words: list[str], environment: dict[str, str], given: str, folder: Path) -> Said:
    """The same program in this process."""
    out, err = io.StringIO(), io.StringIO()
    stdin = io.TextIOWrapper(io.BytesIO(given.encode()))
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "stdin", stdin),
        mock.patch.dict(os.environ, environment, clear=True),
        pytest.raises(SystemExit) as left,
    ):
        run(ROOMS, words)
    return Said(int(left.value.code or 0), out.getvalue(), err.getvalue())


class Riverbend:
    """A cooperative on rehearsal: founders share one home, whoever joins has one of her own."""

    def __init__(self, folder: Path, *founders: str, by: Callable[..., Said] = called) -> None:
        self.folder, self.now, self.by = folder, START, by
        self.homes = dict.fromkeys(founders, "founders")
        people = [word for name in founders for word in ("--founder", name)]
        if founders:
            self.ok(founders[0], "init", "Riverbend", "--zone", "Europe/Rome", *people, "--rehearsal")

    def run(self, who: str, *words: str, given: str = "", **environment: str) -> Said:
        """The command as this person; --as is said where several people share a home."""
        home = self.folder / self.homes.get(who, who)
        told = {"TALLY_HOME": str(home), "TALLY_NOW": self.now, "PATH": os.environ["PATH"], "COLUMNS": "100"}
        told = {name: value for name, value in (told | environment).items() if value}
        named = ["--as", who] if who in self.homes and words[0] != "init" else []
        return self.by([*words, *named], told, given, self.folder)

    def ok(self, who: str, *words: str, **more: Any) -> Said:
        """The same, and it went well."""
        said = self.run(who, *words, **more)
        assert said.code == 0, said.err
        return said

    def data(self, who: str, *words: str) -> dict[str, Any]:
        """The answer as JSON."""
        return self.ok(who, *words, "--json").data

    def invite(self, by: str, name: str) -> str:
        """A member invites somebody; the file of the invitation."""
        file = f"{name.lower()}.invitation"
        self.ok(by, "invite", name, "--out", file)
        return file

    def join(self, by: str, name: str) -> Said:
        """Invite somebody, who joins at once."""
        return self.ok(name, "join", self.invite(by, name))

    def write(self, name: str, text: str) -> str:
        """A file in the folder where commands are typed."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def rule(self, title: str, old: str = "", new: str = "") -> str:
        """The rule of the program in a file, under another title, with something in it changed."""
        text = template().replace('title = "Share rule"', f'title = "{title}"')
        assert old in text
        return self.write(f"{title}.toml", text.replace(old, new))

    def size(self, who: str) -> int:
        """How many entries the log has."""
        return int(self.data(who, "checkpoint")["size"])

    def left(self, name: str) -> list[str]:
        """The files in somebody's home."""
        home = self.folder / name
        return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())


@pytest.fixture
def ana(tmp_path: Path) -> Riverbend:
    return Riverbend(tmp_path, "Ana")


@pytest.fixture
def two(tmp_path: Path) -> Riverbend:
    return Riverbend(tmp_path, "Ana", "Chidi")


# Joining.


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
    from msgspec.structs import replace

    held = invitation.read((ana.folder / ana.invite("Ana", "Bela")).read_text())
    before = ana.size("Ana")

    said = ana.run("Bela", "join", "-", given=invitation.write(replace(held, **changes)), TALLY_AS="")

    assert said.code == code, said.err
    assert ana.left("Bela") == []
    assert not list((ana.folder / "Bela").glob("keys*"))
    assert ana.size("Ana") == before


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


# Looking at rules.


def test_the_rule_in_force_is_shown_word_for_word(ana):
    said = ana.ok("Ana", "rule", "show")

    assert said.out == template()
    assert 'Rule 1 "Share rule": in force since 2025-08-01.' in said.err
    assert ana.run("Ana", "rule", "show", "7").code == USAGE


def test_a_rule_is_checked_in_sentences_or_refused_with_its_place(ana):
    good = ana.ok("Ana", "rule", "check", ana.rule("Good"))
    bad = ana.rule("Bad", 'rest = "carry"', 'rest = "nowhere"')
    refused, as_data = ana.run("Ana", "rule", "check", bad), ana.run("Ana", "rule", "check", bad, "--json")

    assert len(good.out.splitlines()) == 3
    assert "at least 20% to reserve" in good.out
    assert (refused.code, as_data.code) == (REFUSED, REFUSED)
    assert refused.err.startswith("work: ")
    assert as_data.data["refused"]["pot"] == "work"


def test_what_a_rule_would_change_is_said_in_words(ana):
    changed = ana.ok("Ana", "rule", "diff", ana.rule("Ten", '">= 20%"', '">= 10%"'))
    same = ana.ok("Ana", "rule", "diff", ana.rule("Share rule"))

    assert 'Against rule 1 "Share rule":' in changed.out
    assert "- Pot income: no longer: at least 20% to reserve. now: at least 10% to reserve." in changed.out
    assert "letter for letter" in same.out


def test_a_rule_can_be_played_with_before_there_is_any_ledger(tmp_path):
    case = json.loads((CASES / "balanced.json").read_text())
    village = Riverbend(tmp_path)
    rule, facts = village.write("rule.toml", case["rule"]), village.write("facts.json", json.dumps(case["facts"]))

    answer = village.ok("Nobody", "rule", "try", rule, "--facts", facts, "--json").data
    table = village.ok("Nobody", "rule", "try", rule, "--facts", facts).out

    assert answer.pop("schema") == "tally.rule-try/v1"
    assert {key: value for key, value in answer.items() if value} == {
        key: value for key, value in case["expected"].items() if value
    }
    assert "48.46" in table
    assert village.ok("Nobody", "rule", "new").out == template()
    village.ok("Nobody", "rule", "check", rule)
    assert village.left("Nobody") == []


def test_a_trial_that_is_refused_says_the_place(tmp_path):
    village = Riverbend(tmp_path)
    rule = village.write("rule.toml", template())
    facts = village.write("facts.json", '{"currency": "EUR", "exponent": 2, "receipt": []}')

    said = village.run("Nobody", "rule", "try", rule, "--facts", facts, "--json")

    assert said.code == REFUSED
    assert said.data["refused"]["pot"] == "facts"
    assert said.data["refused"]["why"]
    assert village.run("Nobody", "rule", "try", rule, "--facts", facts).err.startswith("facts: ")


# Deciding about rules.


def test_a_rule_is_proposed_voted_on_and_holds_from_the_next_period_and_only_then(tmp_path):
    two = Riverbend(tmp_path, "Ana", "Chidi", by=typed)
    said = two.ok("Ana", "propose", "rule", two.rule("Ten", '">= 20%"', '">= 10%"'))
    assert 'Proposal 1. The share rule becomes "Ten", in place of rule 1 "Share rule".' in said.out
    assert "Open until 2025-08-08 11:00 (Europe/Rome)." in said.out
    assert "tally vote 1 yes|no|abstain" in said.out

    voted = two.ok("Ana", "vote", "1", "yes")
    assert "you vote yes" in voted.out
    assert "So far 1 for, 0 against, 0 abstained; needs 2 of 2." in voted.out
    assert "until 2025-08-08 11:00 (Europe/Rome); the last one counts" in voted.out
    two.ok("Chidi", "vote", "1", "YES")

    two.now = WEEK_LATER
    assert two.data("Ana", "proposal", "show", "1")["status"] == "passed"
    assert "The rule holds from 2025-09-01 on." in two.ok("Ana", "proposal", "show", "1").out
    two.now = "2025-08-31T21:59:59Z"
    assert two.data("Ana", "rule", "show")["number"] == 1
    assert two.data("Ana", "rule", "show")["next"][0]["from"] == "2025-09-01T00:00:00+02:00"
    two.now = SEPTEMBER
    assert two.data("Ana", "rule", "show")["title"] == "Ten"
    assert [row["since"][:10] for row in two.data("Ana", "rule", "list")["rules"]] == ["2025-08-01", "2025-09-01"]
    assert two.data("Ana", "proposal", "show", "1")["status"] == "in force"
    assert two.ok("Ana", "rule", "show", "1").out == template()


def test_of_two_rules_the_second_is_superseded_and_says_by_which(two):
    for title in ("First", "Other"):
        two.ok("Ana", "propose", "rule", two.rule(title))
    for number in ("1", "2"):
        two.ok("Ana", "vote", number, "yes")
        two.ok("Chidi", "vote", number, "yes")

    two.now = SEPTEMBER

    assert [row["status"] for row in two.data("Ana", "proposal", "list")["proposals"]] == ["in force", "superseded"]
    shown = two.ok("Ana", "proposal", "show", "2").out
    assert 'it was to replace rule 1 "Share rule", but rule 2 "First" was decided first' in shown


def test_who_proposes_a_second_rule_is_told_of_the_first(two):
    two.ok("Ana", "propose", "rule", two.rule("First"))

    said = two.ok("Chidi", "propose", "rule", two.rule("Other"), "--profile", "two-thirds")

    assert "Also before the members in its place: proposal 1." in said.out
    assert "at least 2/3 of the roll, within 14 days: 2 of 2" in said.out


def test_a_proposal_that_would_be_refused_leaves_nothing_in_the_log(two):
    bad = two.rule("Bad", 'rest = "carry"', 'rest = "nowhere"')
    before = two.size("Ana")

    refused = two.run("Ana", "propose", "rule", bad)

    assert refused.code == REFUSED
    assert refused.err.startswith("work: ")
    assert two.run("Ana", "propose", "rule", two.rule("Share rule")).code == REFUSED
    assert two.run("Ana", "propose", "rule", two.rule("Good"), "--profile", "coin").code == REFUSED
    assert two.run("Ana", "propose", "rule", two.rule("Decimals", 'per = "1000"', 'per = "1000.0000"')).code == REFUSED
    assert two.run("Ana", "propose", "text", "statutes.md").code == USAGE
    assert two.run("Ana", "propose", "text", " ").code == USAGE
    assert two.run("Ana", "propose", "text", "long " * 20_000).code == USAGE
    assert two.run("Ana", "propose", "role", "Chidi", "king").code == REFUSED
    assert two.run("Ana", "propose", "role", "Nobody", "steward").code == USAGE
    assert two.size("Ana") == before


def test_a_text_that_is_proposed_again_is_named_and_not_repeated(two):
    for size in (3, 4):
        two.ok("Ana", "propose", "text", "We meet on Mondays.")
        assert two.size("Ana") == size
    two.ok("Ana", "propose", "text", "A long sentence " * 300)


def test_a_candidate_cannot_propose_and_leaves_no_text_behind(two):
    two.join("Ana", "Bela")
    before = two.size("Ana")

    assert two.run("Bela", "propose", "text", "I am in.").code == NO_KEY
    assert two.size("Ana") == before


# Rules and money.


def settled_without_work(coop: Riverbend) -> None:
    """August's income was run; nobody had worked, so it lies in the pot "work"."""
    coop.ok("Ana", "income", "add", "1000.00", "--from", "ACME", "--ref", "1")
    coop.now = "2025-09-04T09:00:00Z"
    coop.ok("Ana", "payout", "tick")


def renamed(coop: Riverbend, moved: str) -> str:
    """The pot "work" is called "effort" from now on."""
    text = template().replace("[work]", "[effort]").replace('to = "work"', 'to = "effort"')
    return coop.write("effort.toml", moved + text.replace('rest = "work"', 'rest = "effort"'))


def test_a_rule_may_not_drop_a_pot_with_money_in_it_without_saying_where_it_goes(ana):
    settled_without_work(ana)
    before = ana.size("Ana")

    for words in (("rule", "check"), ("propose", "rule")):
        said = ana.run("Ana", *words, renamed(ana, ""))
        assert (said.code, said.err.partition(":")[0]) == (REFUSED, "work")
    assert "To be proposed it lacks something: work: " in ana.ok("Ana", "rule", "try", renamed(ana, "")).err
    assert ana.size("Ana") == before
    ana.ok("Ana", "propose", "rule", renamed(ana, 'moved = { work = "effort" }\n'))


def test_members_see_what_a_rule_would_have_paid_before_they_vote(ana):
    settled_without_work(ana)
    file = ana.rule("Ten", '">= 20%"', '">= 10%"')
    tried = ana.data("Ana", "rule", "try", file)["impact"]

    ana.ok("Ana", "propose", "rule", file)

    assert "2025-08" in json.dumps(tried)
    assert ana.data("Ana", "proposal", "show", "1")["impact"] == tried
    assert "Under this rule" in ana.ok("Ana", "proposal", "show", "1").out
    assert "Under this rule" in ana.ok("Ana", "rule", "try", file).out


# Voting.


def test_the_last_vote_counts_and_a_vote_after_the_end_is_refused(two):
    two.ok("Ana", "propose", "text", "We meet on Mondays.")
    two.ok("Ana", "vote", "1", "yes")
    changed = two.ok("Ana", "vote", "1", "no")
    assert "you vote no, and no longer yes" in changed.out

    two.now = WEEK_LATER
    late = two.run("Chidi", "vote", "1", "yes")

    assert late.code == REFUSED
    assert "Proposal 1 is decided. Failed: 0 for, 1 against, 0 abstained of 2; needed 2." in late.err


def test_who_joined_later_is_told_why_she_has_no_vote(ana):
    ana.ok("Ana", "propose", "text", "We meet on Mondays.")
    ana.join("Ana", "Bela")

    said = ana.run("Bela", "vote", "1", "yes")

    assert said.code == NO_KEY
    assert "Proposal 1 opened before you were a member; its roll is fixed." in said.err
    assert ana.data("Bela", "votes")["waiting"] == []


def test_a_tie_keeps_things_as_they_are(two):
    two.ok("Ana", "propose", "text", "We meet on Mondays.")
    two.ok("Ana", "vote", "1", "yes")
    two.ok("Chidi", "vote", "1", "no")

    two.now = WEEK_LATER

    shown = two.data("Ana", "proposal", "show", "1")
    assert shown["status"] == "failed"
    assert shown["result"] == "Failed: 1 for, 1 against, 0 abstained of 2; needed 2"


def test_a_proposal_shows_who_voted_how_and_who_has_not(two):
    two.ok("Ana", "propose", "text", two.write("house.md", "# House rules\n\nShoes off.\n\x1b[2J"))
    two.ok("Chidi", "vote", "1", "abstain")

    data, shown = two.data("Ana", "proposal", "show", "1"), two.ok("Ana", "proposal", "show", "1").out

    assert data["votes"] == {"yes": [], "no": [], "abstain": ["Chidi"], "silent": ["Ana"]}
    assert data["title"] == "House rules"
    assert "Shoes off." in shown
    assert "\x1b" not in shown
    assert "Needs   2 of 2: more than 1/2 of the roll, within 7 days" in shown
    assert [row["number"] for row in two.data("Ana", "votes")["waiting"]] == [1]
    assert two.data("Chidi", "votes") | {"waiting": []} == two.data("Chidi", "votes")


def test_a_result_is_published_by_anybody_once_and_not_before_its_time(two):
    two.ok("Ana", "propose", "text", "We meet on Mondays.")
    for name in ("Ana", "Chidi"):
        two.ok(name, "vote", "1", "yes")
    early = two.run("Chidi", "proposal", "close", "1")
    assert early.code == REFUSED
    assert "open until 2025-08-08 11:00 (Europe/Rome)" in early.err

    two.now = WEEK_LATER
    published = two.ok("Chidi", "proposal", "close", "1")
    twice = two.run("Ana", "proposal", "close", "1")

    assert "Passed: 2 for, 0 against, 0 abstained of 2; needed 2." in published.out
    assert (twice.code, "published already" in twice.err) == (REFUSED, True)


def test_a_number_that_no_proposal_has_is_a_slip(ana):
    for words in (("vote", "9", "yes"), ("proposal", "show", "9"), ("proposal", "close", "9")):
        said = ana.run("Ana", *words)
        assert said.code == USAGE
        assert "There is no proposal 9." in said.err
    assert ana.run("Ana", "vote", "1", "maybe").code == USAGE


# Roles.


def test_a_role_that_is_voted_makes_a_second_treasurer_and_the_last_one_stays(ana):
    ana.join("Ana", "Bela")
    last = ana.run("Ana", "propose", "role", "Ana", "treasurer", "--end")
    assert last.code == REFUSED
    assert "only treasurer" in last.err

    ana.ok("Ana", "propose", "role", "bela", "treasurer")
    for name in ("Ana", "Bela"):
        ana.ok(name, "vote", "2", "yes")
    ana.now = WEEK_LATER

    rows = {row["name"]: row["roles"] for row in ana.data("Ana", "member", "list")["members"]}
    assert rows == {"Ana": {"": ["treasurer"]}, "Bela": {"": ["treasurer"]}}
    ana.ok("Bela", "propose", "role", "Ana", "treasurer", "--end")


# The command itself.


TYPED = """
import sys
sys.argv = ["tally", *{words!r}]
from cli import main
try:
    main()
except SystemExit as left:
    assert left.code == 0
print(*sys.modules)
"""


@pytest.mark.parametrize(
    "words", [("vote", "1", "yes"), ("votes",), ("proposal", "show", "1")], ids=lambda words: words[0]
)
def test_voting_loads_nothing_heavy(ana, words):
    ana.ok("Ana", "propose", "text", "We meet on Mondays.")
    environment = {"TALLY_HOME": str(ana.folder / "founders"), "TALLY_NOW": START, "PATH": os.environ["PATH"]}

    command = [sys.executable, "-c", TYPED.format(words=words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    assert heavy(done.stdout.splitlines()[-1].split()) == []


def test_every_answer_is_also_data_with_its_schema(two):
    two.ok("Ana", "propose", "rule", two.rule("Ten"))
    for words in (("rule", "show"), ("rule", "list"), ("proposal", "list"), ("proposal", "show", "1"), ("votes",)):
        data = two.data("Ana", *words)
        assert data["schema"] == f"tally.{'-'.join(word for word in words if word != '1')}/v1"
        assert data["rehearsal"] is True
