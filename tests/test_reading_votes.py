"""What members read of a vote is what would be counted: through others, thresholds, days, next steps."""

from pathlib import Path

import pytest

from tests.riverbend import REFUSED, USAGE, Riverbend

EIGHT = ("Ana", "Bela", "Chidi", "Dilek", "Emre", "Fatou", "Goran", "Hana")
ENDED = "2025-08-09T09:00:00Z"
FEW = 'base = "cast"\ndelegation_cap = 1\n'
STRICT = 'threshold = "3/4"\nstrict = false\n'


@pytest.fixture
def eight(tmp_path: Path) -> Riverbend:
    return Riverbend(tmp_path, *EIGHT)


def shown(coop: Riverbend, number: int, who: str = "Ana") -> str:
    return coop.ok(who, "proposal", "show", str(number)).out


def adopt(coop: Riverbend, name: str, text: str) -> None:
    """A profile is proposed as matter 1, and all vote for it."""
    coop.ok("Ana", "propose", "profile", name, coop.write(f"{name}.toml", text))
    for one in EIGHT:
        coop.ok(one, "vote", "1", "yes")
    coop.now = "2025-08-20T09:00:00Z"


# Through others.


def test_who_stood_aside_votes_for_nobody_and_whoever_named_him_reads_so(eight):
    eight.ok("Ana", "propose", "text", "We buy a van.")
    eight.ok("Emre", "delegation", "to", "Chidi")
    voted = eight.ok("Chidi", "vote", "1", "yes").out
    assert "It counts for 1 other too." in voted
    assert "Chidi votes for you here unless you do, and has voted yes" in eight.ok("Emre", "votes").out

    eight.ok("Chidi", "proposal", "stand-aside", "1")

    for words in (("votes",), ("delegation", "list")):
        said = eight.ok("Emre", *words).out
        assert "Chidi stands aside here and cannot vote for you: vote yourself to be counted" in said
        assert "has voted" not in said


def test_who_votes_for_you_through_another_is_named_with_the_ballot_that_counts(eight):
    eight.ok("Ana", "propose", "text", "We buy a van.")
    eight.ok("Emre", "delegation", "to", "Chidi")
    eight.ok("Chidi", "delegation", "to", "Dilek")
    assert "Chidi votes for you here unless you do, and has not voted yet" in eight.ok("Emre", "votes").out

    eight.ok("Dilek", "vote", "1", "no")

    through = "Chidi lets Dilek vote here, who has voted no: that counts for you too unless you vote"
    assert through in eight.ok("Emre", "votes").out
    assert eight.data("Ana", "proposal", "show", "1")["no"] == 3


def test_nobody_votes_for_you_where_nobody_votes(eight):
    eight.ok("Ana", "propose", "text", "We buy a van.", "--profile", "consent")
    eight.ok("Emre", "delegation", "to", "Chidi")

    assert "votes for you here" not in eight.ok("Emre", "votes").out
    assert "Proposal 1" not in eight.ok("Emre", "delegation", "list").out


def test_whom_the_cap_leaves_out_reads_that_she_is_not_counted(eight):
    adopt(eight, "few", FEW)
    eight.ok("Ana", "propose", "text", "We buy a van.", "--profile", "few")
    for name in ("Emre", "Fatou"):
        eight.ok(name, "delegation", "to", "Chidi")
    left_out = "Chidi may vote for at most 1 other here, and others named Chidi before you"
    assert left_out not in eight.ok("Emre", "votes").out
    assert left_out in eight.ok("Fatou", "votes").out

    assert "It counts for 1 other too." in eight.ok("Chidi", "vote", "2", "yes").out

    assert "has voted yes" in eight.ok("Emre", "votes").out
    assert left_out in eight.ok("Fatou", "votes").out
    assert eight.data("Ana", "proposal", "show", "2")["votes"]["yes"] == ["Chidi", "Emre (through Chidi)"]


def test_under_seal_who_votes_for_you_is_told_without_the_ballot(eight):
    eight.ok("Ana", "propose", "text", "We buy a van.", "--profile", "sealed")
    eight.ok("Emre", "delegation", "to", "Chidi")

    said = eight.ok("Chidi", "vote", "1", "yes").out

    assert "It counts for 1 other too." in said
    assert "So far 1 of 8 ballots are in." in said
    assert "Chidi votes for you here unless you do, and has cast a sealed ballot" in eight.ok("Emre", "votes").out


def test_whoever_voted_with_help_reads_who_helped_and_how_to_contest_it(eight):
    eight.ok("Ana", "propose", "text", "We buy a van.")
    helped = ("--for", "Emre", "--witness", "Dilek", "--paper", eight.write("paper.txt", "Emre says yes."))
    eight.ok("Bela", "vote", "1", "yes", *helped)

    said = eight.ok("Emre", "votes").out
    entry = eight.data("Emre", "votes")["helped"][0]["entry"]

    assert "proposal 1: Bela helped you vote, Dilek was witness; contest it until 2025-08-08 11:00" in said
    eight.ok("Emre", "assist", "contest", str(entry))
    assert eight.data("Emre", "votes")["helped"] == []


# Thresholds.


def test_the_words_of_a_profile_change_say_the_stricter_threshold_that_the_number_follows(eight):
    changed = eight.write("stricter.toml", STRICT)
    both = "more than 1/2 of the roll and, since the new profile asks for it, at least 3/4 of the roll, within 7 days"

    assert f"It needs {both}: 6 of 8." in eight.ok("Ana", "propose", "profile", "simple-majority", changed).out
    said = shown(eight, 1)
    assert f"Needs   6 of 8: {both}" in said
    assert "- now: Needs at least 3/4 of the roll, within 7 days." in said
    assert "threshold =" not in said


def test_a_new_profile_is_shown_with_all_that_it_says(eight):
    eight.ok("Ana", "propose", "profile", "few", eight.write("few.toml", FEW))

    for one in ("- Needs more than 1/2 of the ballots cast, within 7 days.", "- One may vote for at most 1 others;"):
        assert one in shown(eight, 1)


def test_what_depends_on_how_many_vote_is_no_final_number_and_the_quorum_stands_beside_it(eight):
    eight.ok(
        "Ana", "propose", "text", "We meet in the barn", "--option", "We meet in the hall", "--profile", "approval"
    )
    nobody = shown(eight, 1)
    assert "Needs   1 of 8 so far: more than 1/2 of those for and against" in nobody
    assert "quorum: at least 1/2 of the roll take part" in nobody
    assert "in front" not in nobody

    said = eight.ok("Bela", "vote", "1", "2").out

    assert "in front: We meet in the hall (1 for, 0 against, 0 abstained)" in said
    assert "quorum 4 (so far 1)" in said


def test_the_quorum_is_told_of_seats_too_while_they_are_voted_on(eight):
    eight.ok("Ana", "propose", "election", "steward", "Bela", "Chidi", "--profile", "scottish-stv")

    assert "have voted; quorum 4 (so far 0)" in shown(eight, 1)


# Days and next steps.


def test_secret_ballots_tell_their_limits_before_and_their_day_after_the_vote(eight):
    limits = "Ballots are secret: nobody sees who voted how"
    assert limits in eight.ok("Ana", "propose", "text", "We buy a van.", "--profile", "secret").out
    assert limits in shown(eight, 1)
    for name in EIGHT[:5]:
        assert limits not in eight.ok(name, "vote", "1", "yes").out

    eight.now = ENDED
    assert "Publish the ballots:  tally proposal close 1" in shown(eight, 1)
    closed = eight.run("Ana", "proposal", "close", "1")
    assert (closed.code, "are opened 2025-08-10 11:00" in closed.err) == (REFUSED, True)
    said = shown(eight, 1)
    assert "opened from 2025-08-10 11:00 (Europe/Rome) on, next 2025-08-10 11:00" in said
    assert "Open the ballots, from 2025-08-10 11:00 (Europe/Rome) on:  tally proposal close 1" in said
    assert "2025-09" not in said
    assert "2025-08-10 11:00" in eight.run("Ana", "proposal", "count", "1").err

    eight.now = "2025-08-10T09:00:00Z"
    assert "Open and count the ballots:  tally proposal close 1" in shown(eight, 1)
    assert "Passed: 5 for" in eight.ok("Ana", "proposal", "close", "1").out


def test_what_was_superseded_before_its_end_says_the_day_once(eight):
    eight.ok("Ana", "propose", "text", "We work four days a week.", "--profile", "consent")
    eight.ok("Emre", "proposal", "object", "1", "Customers call on Fridays.", "--harm", "We lose whom we serve.")
    assert "Emre" not in next(line for line in shown(eight, 1).splitlines() if line.startswith("Silent"))
    eight.now = "2025-08-03T09:00:00Z"
    eight.ok("Ana", "proposal", "answer", "1", "amend", eight.write("new.txt", "Four days; Fridays in turns."))

    said = shown(eight, 1)

    assert "Closed" not in said
    assert "2025-08-08" not in said
    assert said.casefold().count("superseded") == 1
    assert "superseded (a new version) 2025-08-03" in said


def test_what_could_not_open_any_more_is_not_said_to_have_opened(eight):
    for profile in ("uk-worker-coop-meeting", "simple-majority"):
        eight.ok("Ana", "propose", "role", "Bela", "steward", "--profile", profile)
    for name in EIGHT:
        eight.ok(name, "vote", "2", "yes")
    eight.now = "2025-08-20T09:00:00Z"

    said = shown(eight, 1)

    assert "superseded" in said
    assert "opened" not in said.casefold()


def test_a_decision_says_how_it_is_challenged_and_by_how_many(eight):
    eight.ok("Ana", "propose", "text", "We buy a van.", "--profile", "pilot-unit")
    for name in EIGHT[:5]:
        eight.ok(name, "vote", "1", "yes")
    eight.now = "2025-08-04T10:00:00Z"

    assert 'unless challenged: tally proposal challenge 1 "why"' in eight.ok("Bela", "votes").out
    how = 'Until 2025-08-07 11:00 (Europe/Rome) 2 members make all vote again:  tally proposal challenge 1 "why"'
    assert how in shown(eight, 1)
    assert how in eight.ok("Ana", "proposal", "close", "1").out


def test_during_notice_all_next_steps_are_named(eight):
    put = eight.ok("Ana", "propose", "text", "We buy a van.", "--profile", "uk-worker-coop-meeting").out
    eight.ok("Bela", "proposal", "waive", "1")

    assert "Tell the members:  tally proposal notify 1" in put
    assert "tally proposal waive 1  (0 of 8 have said so; it takes 8)" in put
    assert "tally proposal waive 1  (1 of 8 have said so; it takes 8)" in shown(eight, 1)
    aside = eight.run("Bela", "proposal", "stand-aside", "1")
    assert (aside.code, "You can once the vote is open" in aside.err) == (REFUSED, True)


def test_what_holds_after_a_sunset_is_shown(eight):
    rule = eight.rule("More kept", '">= 20%"', '">= 30%"')
    lonely = eight.run("Ana", "propose", "rule", rule, "--fallback", "previous")
    assert (lonely.code, "Say --sunset DAY too." in lonely.err) == (USAGE, True)
    later = eight.rule("Even more", '">= 20%"', '">= 40%"')
    eight.ok("Ana", "propose", "rule", rule, "--sunset", "2026-12-31", "--fallback", "previous")
    eight.ok("Ana", "propose", "rule", rule, "--sunset", "2026-12-31", "--fallback", later)

    assert "unless the members renew it; then the rule from before holds" in shown(eight, 1)
    assert 'unless the members renew it; then the rule "Even more" holds' in shown(eight, 2)
    assert [eight.data("Ana", "proposal", "show", one)["fallback"] for one in "12"] == [None, "Even more"]


def test_a_title_has_no_stop_inside_another_sentence_and_a_refusal_has_the_number(eight):
    draft = eight.ok("Ana", "propose", "text", "We buy a van.", "--draft").out
    assert "It is a draft, until" in draft
    assert "A resolution: We buy a van.\n" in draft
    eight.ok("Ana", "proposal", "announce", "1")

    assert "Proposal 1, We buy a van: you vote yes." in eight.ok("Bela", "vote", "1", "yes").out
    refused = eight.run("Bela", "proposal", "object", "1", "It is too dear.", "--harm", "We run out of money.")
    assert "Vote: tally vote 1 no." in refused.err


def test_long_options_stand_under_their_number_and_short_ones_are_listed_once(eight):
    long = "We meet in the hall\nIt is warm there, and the tables are long."
    eight.ok("Ana", "propose", "text", "We meet in the barn", "--option", long, "--profile", "approval")

    said = shown(eight, 1)

    assert "Option 2:\n  We meet in the hall\n  It is warm there" in said
    assert "Option 1:" not in said
    assert "yes|no|abstain" not in eight.ok("Bela", "votes").out


def test_a_rule_that_is_decided_still_shows_what_it_would_have_paid(eight):
    eight.ok("Ana", "propose", "rule", eight.rule("More kept", '">= 20%"', '">= 30%"'))
    eight.now = ENDED

    data = eight.data("Ana", "proposal", "show", "1")

    assert (data["status"], "impact" in data) == ("failed", True)
