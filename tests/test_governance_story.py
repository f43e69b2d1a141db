"""Members look at the share rule, propose and vote, each with commands of their own; TALLY_NOW tells the time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from governance.versions import template
from tests.riverbend import NO_KEY, REFUSED, START, USAGE, Riverbend, typed
from tests.test_start import heavy

WEEK_LATER = "2025-08-08T09:00:00Z"
SEPTEMBER = "2025-08-31T22:00:00Z"  # its midnight in Rome
CASES = Path(__file__).parent / "vectors" / "rules"


@pytest.fixture
def ana(tmp_path: Path) -> Riverbend:
    return Riverbend(tmp_path, "Ana")


@pytest.fixture
def two(tmp_path: Path) -> Riverbend:
    return Riverbend(tmp_path, "Ana", "Chidi")


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

    assert len(good.out.splitlines()) == 3 + 1 + 4 + 1 + 9
    assert "- care: 10 points an hour" in good.out
    assert "at least 20% to reserve" in good.out
    assert "├─ at least 20% → reserve, indivisible" in good.out
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


@pytest.mark.parametrize(
    "words",
    [
        ("propose", "role", "Chidi", "steward", "--circle", "\udcff"),
        ("propose", "election", "steward", "Ana", "Chidi", "--circle", "\udcff"),
        ("propose", "text", "We buy a \udcff."),
        ("propose", "text", "We buy a press.", "--option", "We buy a \udcff."),
        ("propose", "reserve", "surplus", "1", "--to", "Roofers", "--for", "A new \udcff."),
        ("delegation", "to", "Chidi", "--topic", "\udcff"),
    ],
)
def test_letters_that_are_no_letters_are_refused_in_words_and_leave_nothing_in_the_log(two, words):
    before = two.size("Ana")
    said = two.run("Ana", *words)

    assert (said.code, "half a character" in said.err) == (USAGE, True)
    assert two.size("Ana") == before


@pytest.mark.parametrize("day", ["--review", "--sunset"])
def test_an_empty_day_is_a_slip_and_not_no_day_at_all(two, day):
    before = two.size("Ana")
    said = two.run("Ana", "propose", "text", "We buy a press.", day, "")

    assert (said.code, "is not a day" in said.err) == (USAGE, True)
    assert two.run("Ana", "delegation", "to", "Chidi", "--until", "").code == USAGE
    assert two.size("Ana") == before


def test_no_day_lies_so_far_ahead_that_it_could_not_be_shown(two):
    before = two.size("Ana")
    for words in (
        ("delegation", "to", "Chidi", "--until", "9999-12-31"),
        ("propose", "text", "We buy a press.", "--sunset", "9999-12-31"),
        ("propose", "text", "We buy a press.", "--review", "9999-12-31"),
    ):
        said = two.run("Ana", *words)
        assert (said.code, "more than 100 years ahead. Name an earlier day." in said.err) == (REFUSED, True)
    assert two.size("Ana") == before
    two.ok("Ana", "delegation", "to", "Chidi", "--until", "2124-12-31")
    assert "2124-12-31" in two.ok("Ana", "delegation", "list").out


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
    impact = ana.data("Ana", "proposal", "show", "1")["impact"]
    assert [option["label"] for option in impact["options"]] == ["0", "1"]
    assert impact["options"][1]["together"]["sum"]["difference"] == "0.00"
    assert "you" in ana.ok("Ana", "proposal", "show", "1").out
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
    assert (
        "Proposal 1 is decided. Failed (threshold): 0 for, 1 against, 0 abstained of 2 members; needed 2." in late.err
    )


def test_who_joined_later_is_told_why_she_has_no_vote(ana):
    ana.ok("Ana", "propose", "text", "We meet on Mondays.")
    ana.join("Ana", "Bela")

    said = ana.run("Bela", "vote", "1", "yes")

    assert said.code == REFUSED
    assert "Proposal 1 opened before you were a member; its roll is fixed." in said.err
    assert ana.data("Bela", "votes")["waiting"] == []


def test_a_tie_keeps_things_as_they_are(two):
    two.ok("Ana", "propose", "text", "We meet on Mondays.")
    two.ok("Ana", "vote", "1", "yes")
    two.ok("Chidi", "vote", "1", "no")

    two.now = WEEK_LATER

    shown = two.data("Ana", "proposal", "show", "1")
    assert shown["status"] == "failed"
    assert shown["result"] == "Failed (tie): 1 for, 1 against, 0 abstained of 2 members; needed 2"


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

    assert "Passed: 2 for, 0 against, 0 abstained of 2 members; needed 2." in published.out
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
