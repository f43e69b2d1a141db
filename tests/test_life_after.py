"""The life of a matter after its count: challenged, failed and why, asked a second time, superseded."""

import hashlib

import pytest
from msgspec.structs import replace

from governance.cranks import turns
from governance.part import of
from governance.profile import PLAIN, Quorum
from ledger.private import Text
from tests.keyring import stolen
from tests.village import DAY, FOUNDED, HOUR, Village, at, found, key, parts, person, titled

NAMES = ("Ana", "Bela", "Chidi", "Dilek", "Emre")
WEEK = 7 * DAY
ENDED = FOUNDED + WEEK
FOUR = Quorum(kind="participation", number=4, fraction=(0, 1))
TWO = Quorum(kind="fixed", number=2, fraction=(0, 1))
PROFILES = {
    "challenged": replace(PLAIN, challenge_hours=48, challengers=2),
    "twice": replace(PLAIN, base="cast", quorum=FOUR, second_call=TWO, notice_days=2),
    "entrenched": replace(PLAIN, base="cast", quorum=FOUR, entrenched=True),
    "cast": replace(PLAIN, base="cast"),
    "few": replace(PLAIN, roll_min=5, notice_days=1),
    "by-roles": replace(PLAIN, role_majorities=True),
}


def village(*names: str, rule: str | None = None) -> Village:
    """A cooperative of five, or of these."""
    return found(*(names or NAMES), profiles=PROFILES, rule=rule)


def resolution(here: Village, profile: str = "simple-majority", when: int = FOUNDED, **terms: object):
    """Ana puts a resolution before the members."""
    return here.move("Ana", "text", when, profile, ["We meet on Mondays."], terms)


def follows(why: str, before: str) -> str:
    return hashlib.sha256(f"tally-follows-v1\0{why}\0{before}".encode()).hexdigest()


# Challenged.


def challenge(here: Village, who: str, moved, when: int | None = None):
    return here.say(who, "governance.challenged", {"proposal": moved.id, "why": Text("Half of us were away.")}, when)


def test_a_decision_waits_out_its_challenge_and_then_takes_effect():
    here = village()
    moved = resolution(here, "challenged")
    here.all_cast(NAMES[:3], moved, "yes")

    assert here.status(moved, ENDED) == "decided"
    challenge(here, "Dilek", moved)
    assert here.status(moved, ENDED + 2 * DAY - 1) == "decided"
    assert here.status(moved, ENDED + 2 * DAY) == "effective"
    with here.refuses("cannot be challenged: it is effective"):
        challenge(here, "Emre", moved)


def test_so_many_members_as_the_profile_says_make_all_vote_again_and_change_no_result():
    here = village()
    moved = resolution(here, "challenged")
    here.all_cast(NAMES[:3], moved, "yes")
    with here.refuses("cannot be challenged: it is open"):
        challenge(here, "Dilek", moved)
    challenge(here, "Dilek", moved, ENDED)
    with here.refuses("signed this challenge already"):
        challenge(here, "Dilek", moved)
    challenge(here, "Emre", moved, ENDED + DAY)

    before, again = here.proposal(moved), here.after(moved)
    assert (before.status, before.course.reason, before.course.decision.passed) == ("superseded", "challenged", True)
    assert (again.status, again.course.why, again.opened) == ("open", "re-vote", ENDED + DAY)
    assert again.id == follows("re-vote", moved.id)
    assert again.options == before.options
    here.all_cast(NAMES[2:], again, "no")
    assert here.status(again, ENDED + DAY + WEEK) == "failed"


def test_a_second_vote_is_for_good():
    here = village()
    moved = resolution(here, "challenged")
    here.all_cast(NAMES[:3], moved, "yes")
    for name in ("Dilek", "Emre"):
        challenge(here, name, moved, ENDED)
    again = here.after(moved)
    here.all_cast(NAMES[:3], again, "yes")

    assert here.status(again, ENDED + WEEK) == "effective"


def test_a_signature_by_a_stolen_key_challenges_nothing():
    here = village()
    moved = resolution(here, "challenged")
    here.all_cast(NAMES[:3], moved, "yes")
    signed = challenge(here, "Dilek", moved, ENDED)
    invited = here.invite("Ana", "Femi")
    here.join("Femi", invited)
    stolen(here, "Dilek", "Dilek", "Dilek", signed)

    challenge(here, "Emre", moved)

    assert here.status(moved) == "decided"
    assert key("Dilek").id in here.book.ledger.keys


# Failed.


@pytest.mark.parametrize(
    ("profile", "ballots", "reason"),
    [
        ("simple-majority", "", "no votes"),
        ("simple-majority", "aaaaa", "no votes"),
        ("simple-majority", "yy", "threshold"),
        ("simple-majority", "nnn", "threshold"),
        ("cast", "yynn", "tie"),
        ("cast", "yan", "tie"),
        ("entrenched", "yyy", "quorum"),
        ("entrenched-100", "yyyya", "threshold"),
    ],
)
def test_a_vote_that_fails_says_why(profile, ballots, reason):
    here = village()
    moved = resolution(here, profile)
    opened = here.proposal(moved).course.opens or FOUNDED
    for name, choice in zip(NAMES, ballots, strict=False):
        here.cast(name, moved, {"y": "yes", "n": "no", "a": "abstain"}[choice], opened)

    assert here.status(moved, opened + 30 * DAY) == "failed"
    assert here.proposal(moved).course.decision.reason == reason
    assert here.proposal(moved).course.after == ""


def test_of_several_options_things_as_they_are_can_win():
    here = village()
    moved = here.move("Ana", "text", FOUNDED, "debian-options", ["We meet on Mondays.", "We meet on Fridays."])
    here.all_cast(NAMES[:4], moved, "0>1=2")
    here.cast("Emre", moved, "1>2>0")

    assert here.status(moved, FOUNDED + 14 * DAY) == "failed"
    assert here.proposal(moved).course.decision.winners == ()
    assert here.proposal(moved).course.decision.reason in ("quorum", "things as they are preferred")


def test_a_rule_that_moves_money_fails_where_most_of_a_role_are_against():
    """Seven in ten for it, but of the two in sales one: things stay as they are."""
    here = village()
    for name, role in zip(NAMES, ("code", "code", "code", "sales", "sales"), strict=True):
        work = {"who": person(name), "date": "2025-08-01", "role": role, "kind": "hour", "qty": 60, "circle": ""}
        more = {"refs": [], "with": [], "gift": False, "source": None, "note": None, "evidence": None}
        here.say(name, "contributions.logged", {"items": [work | more]})
    less = titled("Less for sales").replace("[points.sales]\nhour = 10", "[points.sales]\nhour = 5")
    moved = here.move("Ana", "rule", FOUNDED, "by-roles", [less])
    other = here.move("Ana", "rule", FOUNDED, "by-roles", [titled("Another title")])
    for one in (moved, other):
        here.all_cast(NAMES[:3], one, "yes")
        here.all_cast(NAMES[3:], one, "no")

    assert here.status(moved, ENDED) == "failed"
    assert here.proposal(moved).course.decision.reason == "role sales 0 of 2"
    assert here.status(other) == "passed"


# Asked a second time.


def test_where_the_quorum_was_missed_all_are_asked_once_more_with_a_lower_one_and_fresh_notice():
    here = village()
    moved = resolution(here, "twice")
    opened = at("2025-08-04")
    here.all_cast(NAMES[:3], moved, "yes", opened)

    assert here.status(moved, opened + WEEK) == "failed"
    again = here.after(moved)
    assert (again.status, again.course.why, again.course.opens) == ("notice", "second call", at("2025-08-14"))
    assert (again.id, again.profile.quorum) == (follows("second call", moved.id), TWO)
    here.all_cast(NAMES[:2], again, "yes", at("2025-08-14"))
    assert here.status(again, at("2025-08-21")) == "effective"
    assert here.after(moved) is again


def test_there_is_no_third_call():
    here = village()
    moved = resolution(here, "twice")

    here.book.advance(FOUNDED + 60 * DAY)

    again = here.after(moved)
    assert (again.course.decision.reason, again.course.after) == ("no votes", "")
    assert len(of(here.book).proposals) == 2


def test_there_is_a_second_call_for_a_missed_quorum_alone():
    here = village()
    moved = resolution(here, "twice")
    here.all_cast(NAMES, moved, "no", at("2025-08-04"))

    assert here.status(moved, FOUNDED + 60 * DAY) == "failed"
    assert len(of(here.book).proposals) == 1


# Superseded.


def test_a_rule_that_another_was_decided_before_is_superseded():
    here = village()
    one = here.move("Ana", "rule", FOUNDED, texts=[titled("One")])
    other = here.move("Bela", "rule", FOUNDED, texts=[titled("Other")])
    for moved in (one, other):
        here.all_cast(NAMES, moved, "yes")

    assert here.status(one, at("2025-09-01")) == "in force"
    assert here.status(other) == "superseded"
    with here.refuses("no longer the newest"):
        here.move("Bela", "rule", None, texts=[titled("Other")], replaces=here.proposal(one).replaces)


def test_a_rule_whose_base_has_gone_while_it_was_announced_is_superseded_before_anybody_votes():
    here = village()
    one = here.move("Ana", "rule", FOUNDED, texts=[titled("One")])
    here.all_cast(NAMES, one, "yes")
    other = here.move("Bela", "rule", FOUNDED, "entrenched-100", [titled("Other")])

    assert here.status(other, FOUNDED + 30 * DAY) == "superseded"
    assert "no longer the newest" in here.proposal(other).course.reason


def test_a_vote_for_which_too_few_are_left_does_not_open():
    here = village()
    moved = resolution(here, "few")
    here.say("Emre", "ledger.left", {}, FOUNDED + HOUR)

    assert here.status(moved, FOUNDED + 5 * DAY) == "superseded"
    assert here.proposal(moved).course.reason == "The roll has 4; few needs at least 5"


# For good.


def test_nothing_that_anybody_can_say_changes_a_decided_result():
    here = village()
    moved = resolution(here, "challenged")
    here.all_cast(NAMES[:3], moved, "yes")
    here.book.advance(ENDED)
    (kind, body), *_ = [turn for turn in turns(here.book, ENDED) if turn[0] == "governance.decided"]
    decided = here.proposal(moved).course.decision
    lies = [
        ("governance.voted", {"proposal": moved.id, "choice": "no"}, "is decided"),
        ("governance.withdrawn", {"proposal": moved.id}, "cannot be withdrawn any more"),
        ("governance.announced", {"proposal": moved.id}, "no draft of yours"),
        ("governance.waived", {"proposal": moved.id}, "cannot be shortened"),
        ("governance.unsealed", {"proposal": moved.id, "secret": "00" * 32}, "waits to be opened"),
        (kind, body | {"outcome": body["outcome"] | {"passed": False}}, "not the result"),
        (kind, body | {"outcome": body["outcome"] | {"yes": 4}}, "not the result"),
        ("governance.closed", {"proposal": moved.id, "outcome": RESULT}, "still open"),
    ]
    for said, lie, words in lies:
        with here.refuses(words):
            here.say("Ana", said, lie)
    here.say("Ana", kind, body)
    with here.refuses("published already"):
        here.say("Bela", kind, body)

    assert here.proposal(moved).course.decision == decided
    assert here.status(moved, ENDED + 2 * DAY) == "effective"


RESULT = {"passed": False, "yes": 0, "no": 5, "abstain": 0, "roll": 5, "needed": 3}


def test_the_outcome_in_words_is_told_by_the_proposer_or_a_steward_and_changes_nothing():
    here = village()
    moved = resolution(here)
    body = {"proposal": moved.id, "text": Text("From now on we meet on Mondays.")}
    with here.refuses("not decided yet"):
        here.say("Ana", "governance.outcome_told", body)
    here.all_cast(NAMES, moved, "yes")
    here.book.advance(ENDED)
    with here.refuses("by who proposed it, or by a steward"):
        here.say("Bela", "governance.outcome_told", body)
    before = here.proposal(moved).course.decision

    here.say("Ana", "governance.outcome_told", body)

    assert here.proposal(moved).course.decision == before


def test_every_part_of_the_log_tells_the_same_life_whoever_folds_it():
    here = village()
    moved = resolution(here, "challenged")
    here.all_cast(NAMES[:3], moved, "yes")
    for name in ("Dilek", "Emre"):
        challenge(here, name, moved, ENDED)
    here.all_cast(NAMES, here.after(moved), "yes")

    for size in range(1, len(here.leaves) + 1):
        one, other = here.again(size), here.again(size)
        for look in range(0, 20 * DAY, 13 * HOUR):
            one.advance(one.received + look)
        other.advance(one.until)

        assert parts(one) == parts(other)
