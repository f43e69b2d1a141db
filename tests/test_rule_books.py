"""Random rules on random books, run as a cooperative runs them: what holds for a run holds for the ledger as well."""

from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payouts import state
from tests.test_payouts_accounts import NOVEMBER, OCTOBER, SEPTEMBER, book, lying, tick, village
from tests.test_payouts_accounts import log as work
from tests.test_rule_properties import HEAD, divided, filled, shared
from tests.village import Village, assert_every_book_is_the_same, at, person

NAMES = ("Ana", "Bela", "Chidi")
MONTHS = ((8, SEPTEMBER), (9, OCTOBER), (10, NOVEMBER))

rules = st.one_of(shared, divided, filled).map(lambda verb: f"{HEAD}income = {{ {verb} }}\n") | st.builds(
    '{}income = {{ split = [ {{ part = ">= 1/7", to = "reserve" }}, {{ part = "rest", to = "work" }} ] }}\n'
    "work = {{ {} }}\n".format,
    st.just(HEAD),
    shared,
)
money = st.lists(st.tuples(st.sampled_from(["payouts.received", "payouts.spent"]), st.integers(1, 10**6)), max_size=3)
deeds = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.integers(1, 400), st.sampled_from(["code", "care"]), st.booleans(), st.booleans()
    ),
    max_size=4,
)
months = st.lists(st.tuples(money, deeds), min_size=3, max_size=3)


def lived(rule: str, told: list[Any]) -> Village:
    """Three months of a cooperative: money in and out, work, a run each."""
    here = village(rule, *NAMES)
    for (month, now), (moved, done) in zip(MONTHS, told, strict=True):
        day, after = date(2025, month, 3).isoformat(), at(f"2025-{month:02}-20")
        for kind, amount in moved:
            book(here, amount, kind, after, booked=day, value=day)
        for who, minutes, role, in_berlin, gift in done:
            work(here, who, minutes, day, after, role=role, circle="berlin" if in_berlin else "", gift=gift)
        tick(here, now)
    return here


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rules, months)
def test_books_add_up_to_nothing_are_the_same_again_and_pay_nobody_a_minus(rule: str, told: list[Any]) -> None:
    here = lived(rule, told)
    known = state.of(here.book)

    assert sum(lying(here).values()) == 0
    assert_every_book_is_the_same(here)
    assert len(known.runs) == len(MONTHS)
    for name in NAMES:
        # What is owed to a person stands on the right, as a minus.
        assert lying(here).get(f"balance:{person(name)}", 0) <= 0
        assert lying(here).get(f"member:loan:{person(name)}", 0) <= 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rules, months, st.randoms(use_true_random=False))
def test_the_order_in_which_a_month_was_written_down_makes_no_difference(
    rule: str, told: list[Any], chance: Any
) -> None:
    other = [(chance.sample(moved, len(moved)), chance.sample(done, len(done))) for moved, done in told]

    assert lying(lived(rule, told)) == lying(lived(rule, other))
