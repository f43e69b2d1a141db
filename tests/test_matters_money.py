"""Numbers and money, as members decide on them: new bytes of the rule, what is owed, a payout they approve."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from governance import state
from governance.presets import PRESETS
from governance.profile import PLAIN
from governance.rules import parse
from ledger import people
from payouts import state as payouts
from tests.test_payouts_accounts import ACME, log, lying, tick
from tests.test_payouts_accounts import PLAIN as RULE
from tests.test_payouts_accounts import book as income
from tests.village import DAY, DEFAULT, FOUNDED, Village, at, found, person, titled

NAMES = ("Ana", "Bela", "Chidi", "Dilek", "Emre")
WEEK = 7 * DAY
ENDED = FOUNDED + WEEK
SEPTEMBER = at("2025-09-01")
PAYDAY = at("2025-09-05")
ASKING = (
    'ask.most = { now = "50%", min = "10%", max = "90%" }\n'
    + DEFAULT
    + """
[ask.care]
now = "1/4"
min = "0"
max = "1"
[ask.code]
min = "0"
max = "1"
now = "75%"   # of the whole
"""
)


def village(*names: str, rule: str | None = None) -> Village:
    """A cooperative of five, or of these, with one customer."""
    here = found(*(names or NAMES), rule=rule, profiles={"early": replace(PLAIN, early=True)})
    here.say("Ana", "ledger.party", {"id": ACME, "sort": "customer", "name": "00" * 32})
    return here


# Numbers.


def number(here: Village, *names: str, profile: str = "median"):
    return here.move("Ana", "number", here.book.received, profile, terms={"names": list(names)})


def rule_text(here: Village) -> str:
    return state.text_of(here.book, state.current(here.book))


@pytest.mark.parametrize(
    ("name", "ballots", "line"),
    [
        ("most", ("1/5", "2/5", "3/5"), 'now = "40%"'),
        ("most", ("1/5", "2/5", "1/5", "7/10"), 'now = "40%"'),
        ("care", ("1/3", "1/3", "1"), 'now = "1/3"'),
        ("code", ("0", "1/8", "1"), 'now = "12.5%"   # of the whole'),
    ],
)
def test_the_middle_number_makes_new_bytes_of_the_rule_that_differ_in_it_alone(name, ballots, line):
    here = village(rule=ASKING)
    moved = number(here, name)
    for who, ballot in zip(NAMES, ballots, strict=False):
        here.cast(who, moved, ballot)
    here.book.advance(SEPTEMBER)

    old, new = ASKING.splitlines(), rule_text(here).splitlines()
    changed = [(before, after) for before, after in zip(old, new, strict=True) if before != after]
    assert here.proposal(moved).status == "in force"
    assert len(changed) == 1
    assert line in changed[0][1]


def test_a_median_that_is_what_it_was_changes_nothing():
    here = village(rule=ASKING)
    moved = number(here, "most")
    for who, ballot in zip(NAMES, ("1/5", "2/5", "3/5", "7/10"), strict=False):
        here.cast(who, moved, ballot)

    assert here.status(moved, ENDED) == "failed"
    assert here.proposal(moved).course.decision.reason == "things as they are preferred"


@given(st.lists(st.fractions(Fraction(1, 10), Fraction(9, 10), max_denominator=1000), min_size=3, max_size=5))
@settings(max_examples=30)
def test_what_the_rule_then_asks_for_is_the_median_exactly(ballots):
    here = village(rule=ASKING)
    moved = number(here, "most")
    for who, ballot in zip(NAMES, ballots, strict=False):
        here.cast(who, moved, str(ballot))
    here.book.advance(SEPTEMBER)

    voted = sorted([*ballots, Fraction(1, 2)] if len(ballots) % 2 == 0 else ballots)
    asks = parse(rule_text(here)).asks
    assert asks["most"].now.value == voted[len(voted) // 2]
    assert (asks["care"].now.value, asks["code"].now.value) == (Fraction(1, 4), Fraction(3, 4))


@pytest.mark.parametrize("ballot", ["1/20", "19/20", "2"])
def test_a_number_outside_of_its_bounds_is_no_ballot(ballot):
    here = village(rule=ASKING)
    moved = number(here, "most")

    with here.refuses("The rule allows 10% to 90%"):
        here.cast("Ana", moved, ballot)


def test_the_pot_is_split_over_several_numbers_that_come_to_the_whole():
    here = village(rule=ASKING)
    moved = number(here, "care", "code", profile="split-the-pot")
    for who, ballot in zip(NAMES, ("1=7/10,2=3/10", "1=1/2,2=1/2", "1=1/2,2=1/2"), strict=False):
        here.cast(who, moved, ballot)
    here.book.advance(SEPTEMBER)

    asks = parse(rule_text(here)).asks
    assert here.proposal(moved).status == "in force"
    assert (asks["care"].now.value, asks["code"].now.value) == (Fraction(1, 2), Fraction(1, 2))
    assert asks["most"].now.value == Fraction(1, 2)


@given(st.lists(st.integers(0, 97), min_size=3, max_size=5))
@settings(max_examples=25)
def test_a_split_always_comes_to_the_whole_in_the_rule_too(parts_):
    here = village(rule=ASKING)
    moved = number(here, "care", "code", profile="split-the-pot")
    for who, part in zip(NAMES, parts_, strict=False):
        one, other = Fraction(part, 97), Fraction(97 - part, 97)
        here.cast(who, moved, ",".join(f"{place}={value}" for place, value in ((1, one), (2, other)) if value))
    here.book.advance(SEPTEMBER)

    asks = parse(rule_text(here)).asks
    assert asks["care"].now.value + asks["code"].now.value == 1


def test_a_split_that_the_bounds_of_the_rule_have_no_room_for_says_so():
    here = village(rule=ASKING.replace('[ask.code]\nmin = "0"', '[ask.code]\nmin = "40%"'))
    before = rule_text(here)
    moved = number(here, "care", "code", profile="split-the-pot")
    here.all_cast(NAMES, moved, "1=1")

    assert here.status(moved, SEPTEMBER) == "superseded"
    assert here.proposal(moved).course.reason == "the number would lie outside of what the rule allows"
    assert rule_text(here) == before


@pytest.mark.parametrize(
    ("names", "profile", "words"),
    [
        (["least"], "median", "asks for no number 'least'"),
        (["most", "care"], "median", "A median sets one number"),
        (["most"], "split-the-pot", "A median sets one number"),
        (["most", "care"], "split-the-pot", "do not come to the whole"),
        ([], "median", "names what the rule asks for"),
        (["most"], "simple-majority", "set the numbers of a rule|profile with the method median"),
    ],
)
def test_a_vote_on_numbers_that_cannot_be_set_is_refused(names, profile, words):
    here = village(rule=ASKING)

    with here.refuses(words):
        number(here, *names, profile=profile)


def test_a_number_of_a_rule_that_has_been_replaced_meanwhile_is_superseded():
    here = village(rule=ASKING)
    moved = number(here, "most")
    here.all_cast(NAMES, moved, "1/5")
    other = here.move("Ana", "rule", FOUNDED, "early", [titled("Other")])
    here.all_cast(NAMES[:3], other, "yes")

    assert here.status(other, SEPTEMBER) == "in force"
    assert here.status(moved) == "superseded"


def test_the_presets_for_numbers_need_half_of_the_members():
    here = village(rule=ASKING)
    moved = number(here, "most")
    here.all_cast(NAMES[:2], moved, "1/5")

    assert here.status(moved, ENDED) == "failed"
    assert here.proposal(moved).course.decision.reason == "quorum"
    assert PRESETS["median"].quorum.kind == "participation"


# Spending from a reserve.


def spending(here: Village, amount: int, account: str = "reserve", party: str = ACME, purpose: str = "A new roof."):
    terms = {"account": account, "amount": amount, "party": party}
    return here.move("Ana", "reserve", here.book.until, texts=[purpose], terms=terms)


def saved() -> Village:
    """Three hundred in the reserve."""
    here = village(rule=RULE)
    income(here, 100_000)
    tick(here, PAYDAY)
    assert lying(here)["account:reserve"] == -30_000
    return here


def pay(here: Village, moved, amount: int, who: str = "Ana"):
    body = {"proposal": moved.id, "amount": amount, "ref": "R-1", "booked": "2025-09-12", "value": "2025-09-12"}
    return here.say(who, "payouts.spent_as_decided", body)


def test_what_is_decided_from_a_reserve_is_owed_and_treasurers_pay_it():
    here = saved()
    moved = spending(here, 12_000)
    here.all_cast(NAMES, moved, "yes")
    with here.refuses("No such decision to spend"):
        pay(here, moved, 12_000)
    owed = f"owed:{here.proposal(moved).number}:{ACME}"

    assert here.status(moved, PAYDAY + WEEK) == "effective"
    assert (lying(here)["account:reserve"], lying(here)[owed], lying(here)["bank"]) == (-18_000, -12_000, 100_000)
    pay(here, moved, 5_000)
    with here.refuses("owes 70.00 EUR still"):
        pay(here, moved, 7_001)
    pay(here, moved, 7_000)
    assert lying(here)["bank"] == 88_000
    assert owed not in lying(here)
    assert sum(lying(here).values()) == 0


def test_only_a_treasurer_pays_what_was_decided():
    here = saved()
    moved = spending(here, 12_000)
    here.all_cast(NAMES, moved, "yes")
    ended = here.move("Ana", "role", here.book.until, person=person("Bela"), role="treasurer", give=False)
    here.all_cast(NAMES, ended, "yes")
    here.book.advance(PAYDAY + WEEK)

    with here.refuses("Only a treasurer"):
        pay(here, moved, 1, "Bela")


def test_what_was_spent_meanwhile_cannot_be_spent_again():
    here = saved()
    both = [spending(here, 20_000, purpose=f"Roof {place}.") for place in (1, 2)]
    for moved in both:
        here.all_cast(NAMES, moved, "yes")

    assert [here.status(moved, PAYDAY + WEEK) for moved in both] == ["effective", "superseded"]
    assert here.proposal(both[1]).course.reason == "by then the account did not hold so much any more"
    assert lying(here)["account:reserve"] == -10_000


@pytest.mark.parametrize(
    ("amount", "account", "party", "words"),
    [
        (30_001, "reserve", ACME, "reserve holds 300.00 EUR"),
        (1, "treasure", ACME, "no account 'treasure'"),
        (1, "", ACME, "names the account"),
        (0, "reserve", ACME, "names the account"),
        (1, "reserve", "ab" * 16, "a party the ledger does not know"),
    ],
)
def test_spending_that_cannot_be_is_refused(amount, account, party, words):
    here = saved()
    here.put("Ana", "A new roof.")

    with here.refuses(words):
        spending(here, amount, account, party)


# A payout that the roll approves.


def computed(*names: str) -> Village:
    """A payout of August that two treasurers must approve."""
    here = village(*names, rule=RULE)
    income(here, 100_000)
    log(here, "Ana", 60)
    log(here, "Bela", 60)
    tick(here, PAYDAY)
    return here


def approval(here: Village, who: str = "Ana", digest: str = ""):
    digest = digest or payouts.of(here.book).runs["2025-08"].digest
    return here.move(who, "payout", here.book.until, terms={"period": "2025-08", "digest": digest})


def test_where_too_few_treasurers_are_left_the_roll_approves_the_payout():
    here = computed("Ana", "Bela", "Chidi")
    for name in ("Bela", "Chidi"):
        ended = here.move("Ana", "role", here.book.until, "early", person=person(name), role="treasurer", give=False)
        here.all_cast(("Ana", "Chidi"), ended, "yes")
    here.book.advance(PAYDAY)
    assert people.treasurers(here.book.ledger) == [person("Ana")]
    moved = approval(here, "Chidi")
    here.all_cast(("Bela", "Chidi"), moved, "yes")

    assert payouts.of(here.book).runs["2025-08"].approved is None
    assert here.status(moved, PAYDAY + WEEK) == "effective"
    assert payouts.of(here.book).runs["2025-08"].approved is not None
    with here.refuses("is approved already"):
        approval(here)


def test_while_treasurers_are_enough_the_roll_does_not_approve():
    here = computed("Ana", "Bela", "Chidi")

    with here.refuses("There are treasurers enough"):
        approval(here)


def test_a_payout_with_other_figures_is_not_approved():
    here = computed("Ana", "Bela", "Chidi")

    with here.refuses("no payout of 2025-08 with this digest"):
        approval(here, digest="ab" * 32)


def test_treasurers_who_are_enough_again_approve_it_themselves():
    here = computed("Ana", "Bela", "Chidi")
    for name in ("Bela", "Chidi"):
        ended = here.move("Ana", "role", here.book.until, "early", person=person(name), role="treasurer", give=False)
        here.all_cast(("Ana", "Chidi"), ended, "yes")
    moved = approval(here)
    here.all_cast(("Bela", "Chidi"), moved, "yes")
    again = here.move("Ana", "role", here.book.until, "early", person=person("Bela"), role="treasurer")
    here.all_cast(("Ana", "Bela"), again, "yes")

    assert here.status(moved, PAYDAY + WEEK) == "superseded"
    assert here.proposal(moved).course.reason == "by then the treasurers had approved it, or could"
