"""What ends on a day unless the members renew it: they are asked, and without a yes the named fallback holds."""

import hashlib

import pytest
from msgspec.structs import replace

from governance import state
from governance.part import of
from governance.profile import PLAIN
from governance.profile_words import written
from ledger import people
from tests.village import DAY, DEFAULT, FOUNDED, Village, at, found, person, titled

NAMES = ("Ana", "Bela", "Chidi")
WEEK = 7 * DAY
ENDED = FOUNDED + WEEK
SUNSET = at("2025-11-20")
OVER = SUNSET + WEEK
TERMS = {"sunset": "2025-11-20"}
ASK = '[ask.most]\nnow = "50%"\nmin = "0"\nmax = "1"\n'
PROFILES = {
    "few": replace(PLAIN, roll_min=3),
    "quick": replace(PLAIN, early=True),
    "later": replace(PLAIN, challenge_hours=24 * 20, challengers=3),
    "objecting": replace(PLAIN, method="consent", fallback="two-thirds"),
}


def village(rule: str | None = None) -> Village:
    """A cooperative of three."""
    return found(*NAMES, profiles=PROFILES, rule=rule)


def passed(here: Village, sort: str, texts=(), terms=TERMS, profile: str = "simple-majority", **more):
    """Something that all three have said yes to."""
    moved = here.move("Ana", sort, FOUNDED, profile, texts, terms, **more)
    here.all_cast(NAMES, moved, "yes")
    return moved


def rule_title(here: Village) -> str:
    return of(here.book).rules[state.current(here.book)].title


# Asked on the day.


def test_on_the_day_the_members_are_asked_and_until_they_have_answered_it_holds():
    here = village()
    moved = passed(here, "text", ["We meet on Mondays."])

    assert here.status(moved, SUNSET - 1) == "effective"
    assert here.proposal(moved).course.after == ""
    renewal = here.status(moved, SUNSET) and here.after(moved)
    assert (renewal.status, renewal.course.why, renewal.opened, renewal.closes) == ("open", "renewal", SUNSET, OVER)
    assert renewal.id == hashlib.sha256(f"tally-follows-v1\0renewal\0{moved.id}".encode()).hexdigest()
    assert here.status(moved, OVER - 1) == "effective"


def test_what_is_renewed_holds_on_and_is_not_asked_again():
    here = village()
    moved = passed(here, "text", ["We meet on Mondays."])
    here.book.advance(SUNSET)
    here.all_cast(NAMES, here.after(moved), "yes")

    assert here.status(moved, SUNSET + 300 * DAY) == "effective"
    assert here.after(moved).status == "effective"
    assert len(of(here.book).proposals) == 2


def test_what_is_not_renewed_lapses():
    here = village()
    moved = passed(here, "text", ["We meet on Mondays."])
    here.book.advance(SUNSET)
    here.all_cast(NAMES[:2], here.after(moved), "no")

    assert here.status(moved, OVER) == "lapsed"
    assert here.after(moved).status == "failed"


def test_nobody_can_withdraw_a_renewal():
    here = village()
    moved = passed(here, "text", ["We meet on Mondays."])
    here.book.advance(SUNSET)

    with here.refuses("cannot be withdrawn"):
        here.say("Ana", "governance.withdrawn", {"proposal": here.after(moved).id})


def test_what_was_decided_by_consent_is_renewed_by_the_vote_that_was_named():
    here = village()
    moved = here.move("Ana", "text", FOUNDED, "objecting", ["We meet on Mondays."], TERMS)
    here.book.advance(SUNSET)

    renewal = here.after(moved)
    assert (renewal.profile_name, renewal.profile.method) == ("two-thirds", "yes-no")


def test_of_several_options_the_one_that_won_is_asked_about():
    here = village()
    moved = here.move("Ana", "text", FOUNDED, "debian-options", ["We meet on Mondays.", "On Fridays."], TERMS)
    here.all_cast(NAMES, moved, "2>1>0")
    here.book.advance(SUNSET)

    renewal = here.after(moved)
    assert renewal.options == [here.proposal(moved).options[1]]
    here.all_cast(NAMES, renewal, "yes")
    assert here.status(renewal, SUNSET + 14 * DAY) == "effective"


def test_what_cannot_even_be_put_to_the_vote_is_not_renewed():
    here = village()
    moved = passed(here, "text", ["We meet on Mondays."], profile="few")
    here.say("Chidi", "ledger.left", {}, SUNSET - DAY)

    assert here.status(moved, SUNSET) == "lapsed"
    assert here.after(moved).course.reason == "The roll has 2; few needs at least 3"


def test_what_takes_effect_after_its_last_day_is_asked_about_at_once_and_never_before_it_holds():
    here = village()
    moved = passed(here, "text", ["We meet on Mondays."], {"sunset": "2025-08-20"}, "later")

    assert here.status(moved, ENDED + 20 * DAY - 1) == "decided"
    assert here.status(moved, ENDED + 20 * DAY) == "effective"
    assert here.after(moved).opened == ENDED + 20 * DAY


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"sunset": "2025-08-01"}, "not in the future"),
        ({"review": "2025-07-31"}, "not in the future"),
        ({"sunset": "2125-12-31"}, "more than 100 years ahead"),
        ({"review": "9999-12-31"}, "more than 100 years ahead"),
        ({"sunset": "2025-13-01"}, "is no date"),
        ({"fallback": "ab" * 32}, "after a sunset"),
        (TERMS | {"fallback": "ab" * 32}, "rule that holds after a sunset"),
    ],
)
def test_days_that_mean_nothing_are_refused(terms, words):
    here = village()
    here.put("Ana", "We meet on Mondays.")

    with here.refuses(words):
        here.move("Ana", "text", FOUNDED, texts=["We meet on Mondays."], terms=terms)


# Rules.


def test_a_rule_that_is_not_renewed_gives_way_to_the_one_before_it():
    here = village()
    moved = passed(here, "rule", [titled("Second")])
    assert (here.status(moved, SUNSET), rule_title(here)) == ("in force", "Second")

    here.book.advance(at("2025-12-01") - 1)
    assert (here.status(moved), rule_title(here)) == ("lapsed", "Second")
    here.book.advance(at("2025-12-01"))
    assert rule_title(here) == "Share rule"


def test_a_rule_that_is_not_renewed_gives_way_to_the_one_that_was_named():
    here = village()
    terms = TERMS | {"fallback": here.put("Ana", titled("Fallback"))}
    passed(here, "rule", [titled("Second")], terms)

    here.book.advance(at("2025-12-01"))

    assert rule_title(here) == "Fallback"
    assert state.rule_at(here.book, at("2025-12-01") - 1) != state.current(here.book)


def test_a_rule_whose_last_day_comes_before_it_is_in_force_is_asked_about_when_it_is():
    here = village()
    moved = passed(here, "rule", [titled("Second")], {"sunset": "2025-08-20"})

    assert here.status(moved, at("2025-08-25")) == "passed"
    assert here.status(moved, at("2025-09-01")) == "in force"
    assert here.after(moved).opened == at("2025-09-01")
    here.book.advance(at("2025-10-01"))
    assert rule_title(here) == "Share rule"


def test_a_rule_that_another_has_replaced_is_asked_about_no_more():
    here = village()
    moved = passed(here, "rule", [titled("Second")])
    here.book.advance(at("2025-09-01"))
    third = here.move("Ana", "rule", at("2025-09-01"), texts=[titled("Third")])
    here.all_cast(NAMES, third, "yes")

    here.book.advance(at("2026-01-05"))

    assert (here.proposal(moved).course.after, rule_title(here)) == ("", "Third")


def test_a_rule_that_members_decide_after_one_has_lapsed_goes_before_the_fallback():
    here = village()
    passed(here, "rule", [titled("Second")], {"sunset": "2025-11-10"})
    rival = here.move("Ana", "rule", at("2025-11-12"), texts=[titled("Rival")])
    here.all_cast(NAMES, rival, "yes")
    here.book.advance(at("2025-11-18"))
    late = here.move("Ana", "rule", at("2025-11-18"), texts=[titled("Late")])
    here.all_cast(NAMES, late, "yes")

    here.book.advance(at("2025-12-01"))

    assert (here.proposal(rival).status, here.proposal(late).status) == ("superseded", "in force")
    assert rule_title(here) == "Late"


def test_a_number_that_is_not_renewed_is_what_it_was():
    here = village(DEFAULT + ASK)
    moved = here.move("Ana", "number", FOUNDED, "median", terms=TERMS | {"names": ["most"]})
    here.all_cast(NAMES, moved, "1/4")
    assert here.status(moved, at("2025-09-01")) == "in force"
    assert 'now = "25%"' in state.text_of(here.book, state.current(here.book))

    here.book.advance(at("2025-12-01"))

    assert here.status(moved) == "lapsed"
    assert 'now = "50%"' in state.text_of(here.book, state.current(here.book))


def test_a_number_that_is_renewed_stays():
    here = village(DEFAULT + ASK)
    moved = here.move("Ana", "number", FOUNDED, "median", terms=TERMS | {"names": ["most"]})
    here.all_cast(NAMES, moved, "1/4")
    here.book.advance(SUNSET)
    here.all_cast(NAMES, here.after(moved), "yes")

    here.book.advance(at("2026-03-01"))

    assert here.after(moved).status == "effective"
    assert 'now = "25%"' in state.text_of(here.book, state.current(here.book))


# Roles, profiles, policies.


def test_a_role_ends_that_is_not_renewed():
    here = village()
    moved = passed(here, "role", person=person("Bela"), role="steward")
    assert here.status(moved, SUNSET) == "effective"
    assert people.holds(here.book.ledger, person("Bela"), "steward")

    here.book.advance(OVER)

    assert not people.holds(here.book.ledger, person("Bela"), "steward")


def test_a_profile_is_as_before_where_it_is_not_renewed():
    here = village()
    passed(here, "profile", [written(replace(PROFILES["few"], roll_min=2))], TERMS | {"names": ["few"]}, "few")
    here.book.advance(SUNSET)
    assert of(here.book).profiles["few"].roll_min == 2

    here.book.advance(OVER)

    assert of(here.book).profiles["few"] == PROFILES["few"]


def test_a_policy_is_as_before_where_it_is_not_renewed():
    here = village()
    passed(here, "policy", ["Riverbend and Sons"], TERMS | {"names": ["name"]})
    here.book.advance(SUNSET)
    assert here.book.ledger.name == "Riverbend and Sons"

    here.book.advance(OVER)

    assert here.book.ledger.name == "Riverbend"


def test_what_a_later_decision_has_set_stays_when_an_earlier_one_lapses():
    here = village()
    first = passed(here, "policy", ["Riverbend and Sons"], TERMS | {"names": ["name"]})
    profile = passed(
        here, "profile", [written(replace(PROFILES["few"], roll_min=2))], TERMS | {"names": ["few"]}, "few"
    )
    here.book.advance(ENDED)
    second = here.move("Ana", "policy", ENDED, texts=["Upstream"], terms={"names": ["name"]})
    other = written(replace(PROFILES["few"], roll_min=1))
    third = here.move("Ana", "profile", ENDED, "few", [other], {"names": ["few"]})
    for moved in (second, third):
        here.all_cast(NAMES, moved, "yes")

    here.book.advance(OVER)

    assert here.book.ledger.name == "Upstream"
    assert of(here.book).profiles["few"].roll_min == 1
    assert here.proposal(first).course.after == here.proposal(profile).course.after == ""


def test_what_is_decided_otherwise_while_the_members_are_asked_stays_too():
    here = village()
    first = passed(here, "policy", ["Riverbend and Sons"], TERMS | {"names": ["name"]})
    second = here.move("Ana", "policy", SUNSET, "quick", ["Upstream"], {"names": ["name"]})
    here.all_cast(NAMES[:2], second, "yes")
    assert here.status(second, SUNSET + DAY) == "effective"

    here.book.advance(OVER)

    assert here.after(first).status == "failed"
    assert here.book.ledger.name == "Upstream"
