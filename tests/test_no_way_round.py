"""What a clever member cannot do: shrink the roll, lock the others out, or reach by a side door what a vote refuses."""

import pytest
from msgspec.structs import replace

from governance import ruling, state
from governance.part import of
from governance.presets import PRESETS
from governance.profile import PLAIN, Quorum
from governance.profile_words import written
from ledger import people
from tests.test_matters_money import ACME
from tests.test_payouts_accounts import book as income
from tests.test_payouts_accounts import lying, log, tick
from tests.village import DAY, FOUNDED, Village, at, found, person

NAMES = ("Ana", "Bela", "Chidi", "Dilek", "Emre")
SEPTEMBER = at("2025-09-01")
PAYDAY = at("2025-09-05")
SUNSET = at("2025-10-20")
THIRD = Quorum(kind="participation", number=0, fraction=(1, 3))
PROFILES = {
    **PRESETS,
    "third": replace(PLAIN, base="for+against", quorum=THIRD),
    "waived": replace(PLAIN, notice_days=14, waiver=(1, 10), roll_min=3),
}
RULE = """title = "{title}"
[accounts]
reserve = "indivisible"
{account}
[points.code]
hour = 10
[income]
split = [{split}{{ part = ">= 30%", to = "reserve" }}, {{ part = "rest", to = "work" }}]
[work]
share = "points"
rest = "carry"
"""
WITHOUT = RULE.format(title="Without", account="", split="")
TRIAL = RULE.format(title="Trial", account='trial = "indivisible"', split='{ part = "20%", to = "trial" }, ')
FREEING = """title = "Freeing"
[accounts]
other = "fund"
[points.code]
hour = 10
[moved]
reserve = "work"
[income]
split = [{ part = "rest", to = "work" }]
[work]
share = "points"
rest = "carry"
"""


def village(*names: str, rule: str | None = None) -> Village:
    """A cooperative of five, or of these."""
    return found(*(names or NAMES), profiles=PROFILES, rule=rule)


def earning(rule: str) -> Village:
    """A cooperative of five under this rule, with a customer."""
    here = village(rule=rule)
    here.say("Ana", "ledger.party", {"id": ACME, "sort": "customer", "name": "00" * 32})
    return here


def earns(here: Village, month: str, when: int) -> None:
    """Ana works an hour, and a customer pays 1,000.00."""
    log(here, "Ana", 60, f"{month}-01", when)
    income(here, 100_000, when=when + 1, booked=f"{month}-01", value=f"{month}-01")


def rule_title(here: Village) -> str:
    return of(here.book).rules[state.current(here.book)].title


# The roll.


def test_candidates_are_not_kept_out_by_whoever_proposes_the_election():
    here = village()
    names = [person(name) for name in NAMES]

    with here.refuses("Only the person whom the matter is about"):
        here.move(
            "Ana", "role", FOUNDED, "approval", role="steward", terms={"candidates": names, "recused": names[1:]}
        )


def test_an_election_is_a_choice_and_no_silence():
    here = village()

    with here.refuses("needs a way of voting that chooses"):
        here.move(
            "Ana",
            "role",
            FOUNDED,
            "consent",
            role="steward",
            terms={"candidates": [person("Ana"), person("Bela")]},
        )


def test_an_election_is_renewed_by_yes_or_no():
    here = village()
    terms = {"candidates": [person("Ana"), person("Bela")], "sunset": "2025-10-20"}
    moved = here.move("Ana", "role", FOUNDED, "approval", role="steward", terms=terms)
    here.all_cast(NAMES, moved, "1")
    here.book.advance(SUNSET)
    here.all_cast(NAMES, here.after(moved), "yes")

    assert here.status(moved, SUNSET + 30 * DAY) == "effective"
    assert here.after(moved).status == "effective"
    assert people.holds(here.book.ledger, person("Ana"), "steward")


def test_of_two_nobody_decides_by_the_silence_of_the_other():
    here = village("Ana", "Bela")

    with here.refuses("needs at least 3"):
        here.move("Ana", "role", FOUNDED, "consent", person=person("Ana"), role="steward")


def test_consent_is_no_more_asked_where_meanwhile_only_two_are_left():
    here = found("Ana", "Bela", "Chidi", profiles=PROFILES | {"slow": replace(PRESETS["consent"], notice_days=14)})
    moved = here.move("Ana", "role", FOUNDED, "slow", person=person("Ana"), role="steward")
    here.say("Chidi", "ledger.left", {}, FOUNDED + DAY)

    assert here.status(moved, FOUNDED + 40 * DAY) == "superseded"
    assert "needs at least 3" in here.proposal(moved).course.reason


# The first form.


def test_the_first_form_is_no_way_round_the_agreement_of_both():
    here = village("Ana", "Bela")

    with here.refuses("first form is decided openly"):
        here._propose("Ana", "role", FOUNDED, "third", person=person("Ana"), role="clerk", circle="", give=True)
    here._propose("Ana", "role", FOUNDED, "simple-majority", person=person("Ana"), role="clerk", circle="", give=True)


def test_the_first_form_is_no_way_round_those_who_vote_for_others():
    here = village()
    here.delegate("Ana", "Bela", at=FOUNDED)

    with here.refuses("first form is decided openly"):
        here._propose("Chidi", "role", FOUNDED, "third", person=person("Chidi"), role="clerk", circle="", give=True)


# Profiles.


@pytest.mark.parametrize("name", ["two-thirds", "simple-majority", "joining"])
@pytest.mark.parametrize("number", [2, 1000])
def test_nobody_can_be_locked_out_by_a_quorum_that_those_who_are_left_cannot_reach(name, number):
    here = village()
    new = replace(PRESETS[name], quorum=Quorum(kind="participation", number=number, fraction=(0, 1)))
    decides = "simple-majority" if name == "simple-majority" else "two-thirds"

    here.put("Ana", written(new))
    with here.refuses("there are members" if number > 5 else "whoever is left"):
        here.move("Ana", "profile", FOUNDED, decides, [written(new)], {"names": [name]})


def test_a_quorum_of_another_profile_is_at_most_all_members():
    here = village()

    five, six = (
        written(replace(PLAIN, quorum=Quorum(kind="fixed", number=number, fraction=(0, 1)))) for number in (5, 6)
    )
    here.put("Ana", six)

    with here.refuses("its quorum is more than there are members"):
        here.move("Ana", "profile", FOUNDED, "two-thirds", [six], {"names": ["meeting"]})
    here.move("Ana", "profile", FOUNDED, "two-thirds", [five], {"names": ["meeting"]})


# What ends on a day.


def test_a_renewal_that_too_few_are_asked_about_ends_also_where_short_notice_was_enough():
    here = village("Ana", "Bela", "Chidi")
    moved = here.move("Ana", "text", FOUNDED, "waived", ["We meet."], {"sunset": "2025-10-20"})
    here.say("Ana", "governance.waived", {"proposal": moved.id})
    here.all_cast(("Ana", "Bela", "Chidi"), moved, "yes")
    here.book.advance(SUNSET)
    here.say("Chidi", "ledger.left", {}, SUNSET + DAY)

    here.say("Ana", "governance.waived", {"proposal": here.after(moved).id}, SUNSET + 2 * DAY)

    assert here.after(moved).status == "superseded"
    assert here.status(moved, SUNSET + 2 * DAY) == "lapsed"


def test_a_rule_for_after_a_sunset_is_refused_like_one_that_holds_at_once():
    here = earning(WITHOUT)
    earns(here, "2025-08", FOUNDED + DAY)
    tick(here, PAYDAY)
    freeing, _ = here.put("Ana", FREEING), here.put("Ana", TRIAL)

    with here.refuses("reserve"):
        here.move("Ana", "rule", PAYDAY + 1, texts=[FREEING])
    with here.refuses("reserve"):
        here.move("Ana", "rule", PAYDAY + 1, texts=[TRIAL], terms={"sunset": "2025-10-20", "fallback": freeing})


def test_money_that_came_in_on_trial_keeps_the_trial_until_members_say_where_it_goes():
    here = earning(WITHOUT)
    moved = here.move("Ana", "rule", FOUNDED, texts=[TRIAL], terms={"sunset": "2025-10-20"})
    here.all_cast(NAMES, moved, "yes")
    assert here.status(moved, SEPTEMBER) == "in force"
    earns(here, "2025-09", SEPTEMBER + 1)
    tick(here, at("2025-10-06"))
    assert lying(here)["account:trial"] == -20_000

    assert here.status(moved, at("2025-11-02")) == "in force"
    assert here.proposal(moved).course.reason.startswith(ruling.GOES_ON)
    assert rule_title(here) == "Trial"
    emptied = WITHOUT.replace("[points", '[moved]\ntrial = "reserve"\n[points')
    here.move("Ana", "rule", here.book.until, texts=[emptied])


def test_money_that_comes_between_the_sunset_and_the_next_period_keeps_the_trial_too():
    here = earning(WITHOUT)
    moved = here.move("Ana", "rule", FOUNDED, texts=[TRIAL], terms={"sunset": "2025-10-01"})
    here.all_cast(NAMES, moved, "yes")
    assert here.status(moved, SEPTEMBER) == "in force"
    earns(here, "2025-09", SEPTEMBER + 1)
    assert here.status(moved, at("2025-10-08T01:00:00Z")) == "lapsed"
    tick(here, at("2025-10-09"))
    assert lying(here)["account:trial"] == -20_000

    assert here.status(moved, at("2025-11-02")) == "in force"
    assert here.proposal(moved).course.reason.startswith(ruling.GOES_ON)
    assert rule_title(here) == "Trial"
