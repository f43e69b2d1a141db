"""Who takes part and what each weighs, sentence by sentence of the language; and what a run reads as it was before."""

import json
from typing import Any

import pytest

from governance.rules import parse
from tests.trial import tried

ACCOUNTS = 'accounts = { reserve = "indivisible", fund = "fund", capital = "member", loan = "member" }\n'
POINTS = (
    'points.code = { hour = 10, review = 4 }\npoints.care = { hour = 10, shift = { points = 3, per = "30m" }, '
    'call = { claim = "10.00" }, deal = { points = 20, per = "1000.00", when = "paid" } }\n'
)


def run(pots: str, **facts: Any) -> dict[str, Any]:
    """The answer of a run of these pots; a pot `income` unless they say more."""
    text = pots if "income =" in pots else f"income = {{ {pots} }}\n"
    answer = tried(f"{ACCOUNTS}{POINTS}{text}", json.dumps({"currency": "EUR", "exponent": 2, **facts}))
    assert "refused" not in answer, answer
    return answer


def shares(pots: str, **facts: Any) -> dict[str, str]:
    """Who got how much of 60.00 onto the balance."""
    found: dict[str, str] = run(pots, amount="60.00", **facts)["balances"]
    return found


def item(who: str, qty: object = 1, role: str = "code", kind: str = "hour", **more: Any) -> dict[str, Any]:
    return {"who": who, "role": role, "kind": kind, "qty": qty, **more}


# The catalogue.


def test_a_number_alone_is_points_an_hour_or_a_piece_and_a_word_alone_is_a_kind_of_account() -> None:
    short = parse(
        'accounts.loan = "member"\npoints.code = { hour = 10, review = 4 }\n'
        'income = { share = "points", rest = "carry" }'
    )
    long = parse(
        'accounts.loan = { kind = "member" }\npoints.code = { hour = { points = 10, per = "1h" }, '
        'review = { points = 4, per = "1" } }\nincome = { share = "points", rest = "carry" }'
    )

    assert short == long


def test_points_go_by_quantity_through_per() -> None:
    items = [item("ana", "1/3"), item("bela", 1, "care", "shift"), item("chidi", "500.00", "care", "deal")]

    # 10/3 points of a third of an hour, 6 of an hour at 3 per half hour, 10 of 500 at 20 per 1000: 58/3 in all.
    assert shares('share = "points", rest = "carry"', items=items) == {
        "ana": "10.35",
        "bela": "18.62",
        "chidi": "31.03",
    }


def test_kinds_that_are_not_listed_have_no_points_and_are_no_hours_but_hour_is() -> None:
    items = [item("ana", 1, "garden"), item("bela", 5, "garden", "visit"), item("chidi", 1, "code", "visit")]

    assert shares('share = "hours", rest = "carry"', items=items) == {"ana": "60.00"}
    assert shares('share = "points", rest = "carry"', items=items) == {}


def test_a_points_line_of_nothing_shares_nothing_and_its_hours_still_count() -> None:
    rule = 'points.code.hour = 0\nincome = { share = "%s", rest = "carry" }'
    facts = json.dumps({"currency": "EUR", "exponent": 2, "amount": "60.00", "items": [item("ana")]})

    assert tried(rule % "points", facts)["carried"] == {"income": "60.00"}
    assert tried(rule % "hours", facts)["balances"] == {"ana": "60.00"}


# Windows.

OLD = [item("ana"), item("bela", age=1), item("chidi", age=2)]


def test_without_a_word_only_the_run_itself_counts_and_a_window_counts_ages_below_it() -> None:
    assert shares('share = "points", rest = "carry"', items=OLD) == {"ana": "60.00"}
    assert shares('share = "points", look_back = 1, rest = "carry"', items=OLD) == {"ana": "60.00"}
    assert shares('share = "hours", look_back = 2, rest = "carry"', items=OLD) == {"ana": "30.00", "bela": "30.00"}


def test_thanks_have_the_same_window() -> None:
    thanks = [
        {"from": "bela", "to": "ana"},
        {"from": "ana", "to": "bela", "age": 1},
        {"from": "chidi", "to": "bela", "age": 2},
    ]

    assert shares('share = "thanks", rest = "carry"', thanks=thanks) == {"ana": "60.00"}
    assert shares('share = "thanks", look_back = 2, rest = "carry"', thanks=thanks) == {"ana": "30.00", "bela": "30.00"}
    assert shares('share = "thanks", look_back = 3, rest = "carry"', thanks=thanks) == {"ana": "20.00", "bela": "40.00"}


def test_thanks_are_counted_by_different_others_and_nobody_thanks_themselves() -> None:
    thanks = [
        {"from": one, "to": to} for one, to in (("ana", "ana"), ("bela", "ana"), ("bela", "ana"), ("ana", "bela"))
    ]

    assert shares('share = "thanks", rest = "carry"', thanks=thanks) == {"ana": "30.00", "bela": "30.00"}


def test_hours_fade_like_points() -> None:
    items = [item("ana"), item("bela", 2, age=1), item("chidi", 4, age=2)]

    assert shares('share = "hours", half_life = 1, rest = "carry"', items=items) == dict.fromkeys(
        ("ana", "bela", "chidi"), "20.00"
    )


def test_a_balanced_share_looks_at_all_ages_and_at_all_who_are_let_in() -> None:
    items = [item("ana", 3, age=9), item("bela", 1)]
    people = {"ana": {"paid": {"income": "20.00"}}, "chidi": {"paid": {"income": "40.00"}}}

    # 60 were given and 60 are there: 120. Ana's three quarters are 90, Bela's quarter 30; Chidi did nothing and keeps.
    assert shares('share = "points", balanced = true, rest = "carry"', items=items, people=people) == {
        "ana": "42.00",
        "bela": "18.00",
    }
    # Without Chidi 20 and 60: 80. Ana lacks 40, Bela 20.
    member = {"ana": {**people["ana"], "standing": "member"}, "bela": {"standing": "member"}, "chidi": people["chidi"]}
    keys = 'share = "points", balanced = true, who = { standing = "member" }, rest = "carry"'
    assert shares(keys, items=items, people=member) == {"ana": "40.00", "bela": "20.00"}


def test_a_claim_is_made_in_its_own_run_and_never_again() -> None:
    items = [item("ana", 2, "care", "call"), item("bela", 1, "care", "call", age=1)]

    assert shares('share = "claims", rest = "carry"', items=items) == {"ana": "20.00"}


# Who.


def test_a_circle_is_itself_and_those_inside_it_and_no_other_of_like_name() -> None:
    circles = ("berlin", "berlin/support", "berlins", "rome", "")
    items = [item(f"p{at}", circle=circle) for at, circle in enumerate(circles)]

    assert set(shares('share = "points", circle = "berlin", rest = "carry"', items=items)) == {"p0", "p1"}
    assert set(shares('share = "points", circle = "berlin/support", rest = "carry"', items=items)) == {"p1"}
    assert len(shares('share = "points", circle = "", rest = "carry"', items=items)) == 5


@pytest.mark.parametrize("weight", ["equal", "pay", "thanks", "deals", "capital"])
def test_where_work_is_no_weight_roles_and_circles_let_in_who_did_such_work(weight: str) -> None:
    both = {"ana": "5.00", "bela": "5.00"}
    facts: dict[str, Any] = {
        "items": [item("ana", circle="berlin"), item("bela", role="care", kind="call"), item("bela", gift=True)],
        "people": {name: {"pay": "5.00"} for name in both},
        "thanks": [{"from": "chidi", "to": name} for name in both],
        "receipts": [{"amount": "8.00", "deals": {"ana": "1/2", "bela": "1/2"}}],
        "members": {"capital": both},
    }

    assert set(shares(f'share = "{weight}", rest = "carry"', **facts)) >= {"ana", "bela"}
    roles = f'income = {{ share = "{weight}", roles = ["code"], rest = "carry" }}\n'
    assert shares(roles, **facts) == {"ana": "60.00"}
    assert shares(f'share = "{weight}", circle = "berlin", rest = "carry"', **facts) == {"ana": "60.00"}


def test_hours_of_a_condition_are_of_the_chosen_work_and_do_not_fade() -> None:
    items = [item("ana", 16, age=6), item("bela", 15), item("bela", 9, gift=True), item("chidi", 8, "care", "shift")]
    bound = 'who = { hours = ">= 16" }'

    assert set(shares(f'share = "points", half_life = 1, {bound}, rest = "carry"', items=items)) == {"ana"}
    assert shares(f'share = "points", {bound}, rest = "carry"', items=items) == {}
    assert set(shares('share = "equal", who = { hours = "<= 8" }, rest = "carry"', items=items)) == {"ana", "chidi"}


def test_tenure_and_standing_are_bounds_and_words_of_each_person() -> None:
    people = {
        "ana": {"standing": "member", "tenure": 3},
        "bela": {"standing": "member", "tenure": 2},
        "chidi": {"standing": "candidate", "tenure": 9},
        "dilek": {},
    }

    assert set(shares('share = "equal", who = { tenure = ">= 3" }, rest = "carry"', people=people)) == {"ana", "chidi"}
    assert set(shares('share = "equal", who = { tenure = "<= 2" }, rest = "carry"', people=people)) == {"bela", "dilek"}
    both = 'share = "equal", who = { standing = ["candidate", "member"], tenure = ">= 3" }, rest = "carry"'
    assert set(shares(both, people=people)) == {"ana", "chidi"}
    assert set(shares('share = "equal", who = { standing = "guest" }, rest = "carry"', people=people)) == set()


def test_a_minus_weighs_nothing() -> None:
    members = {"capital": {"ana": "-5.00", "bela": "5.00"}}
    people = {"ana": {"pay": "-5.00"}, "bela": {"pay": "5.00"}}

    assert shares('share = "capital", rest = "carry"', members=members) == {"bela": "60.00"}
    assert shares('share = "pay", rest = "carry"', people=people) == {"bela": "60.00"}


def test_deals_weigh_by_each_ones_part_of_every_receipt() -> None:
    receipts = [{"amount": "90.00", "deals": {"ana": "1/3", "bela": "2/3"}}, {"amount": "30.00", "deals": {"ana": "1"}},
                {"amount": "999.00"}]  # fmt: skip

    assert shares('share = "deals", rest = "carry"', receipts=receipts) == {"ana": "30.00", "bela": "30.00"}


# Caps.


def test_caps_are_rounded_down_and_the_lowest_of_several_holds() -> None:
    people = {"ana": {"last": {"income": "10.01"}}}
    keys = 'share = "equal", cap = "33.33%", throttle = "3/2", rest = "reserve"'

    # 33.33 % of 60.00 are 19.998; one and a half times 10.01 are 15.015.
    answer = run(keys, amount="60.00", people=people, items=[item("bela")])
    assert (answer["balances"], answer["accounts"]) == ({"ana": "15.01", "bela": "19.99"}, {"reserve": "25.00"})


def test_of_a_pot_a_cap_is_of_what_it_carries_too_and_of_pay_as_it_was_before() -> None:
    keys = 'share = "equal", cap = "25%", rest = "carry"'
    answer = run(keys, amount="60.00", carried={"income": "20.00"}, people={"ana": {}, "bela": {}})
    twice = (
        'income = { split = [ { part = "1/2", to = "first" }, { part = "rest", to = "second" } ] }\n'
        'first = { share = "equal", rest = "carry" }\n'
        'second = { share = "equal", cap = "10% of pay", rest = "carry" }\n'
    )

    assert (answer["balances"], answer["carried"]) == ({"ana": "20.00", "bela": "20.00"}, {"income": "40.00"})
    # What the first pot gives is pay of this run, and not of before.
    assert shares(twice, people={"ana": {"pay": "100.00"}}) == {"ana": "40.00"}


def test_a_minimum_changes_no_share() -> None:
    plain, waiting = (f'share = "points", {keys}rest = "carry"' for keys in ("", 'minimum = "50.00", '))
    items = [item("ana", 1), item("bela", 2)]

    assert shares(plain, items=items) == shares(waiting, items=items) == {"ana": "20.00", "bela": "40.00"}


# What a run reads.


def test_targets_of_levels_are_as_before_the_run_and_what_is_filled_as_it_stands() -> None:
    pots = (
        'income = { fill = [ { to = "fund", up_to = "30.00" }, '
        '{ to = "reserve", until = { account = "reserve", level = "fund" } }, { to = "more" } ] }\n'
        'more = { fill = [ { to = "fund", until = { account = "fund", level = "35.00" } }, { to = "carry" } ] }\n'
    )
    answer = run(pots, amount="60.00", accounts={"fund": "10.00"})

    # The reserve is filled to the 10.00 that the fund held before; the fund itself holds 40.00 when its level is asked.
    assert answer["accounts"] == {"fund": "40.00", "reserve": "10.00"}
    assert answer["carried"] == {"more": "20.00"}


def test_weights_read_capital_as_before_the_run() -> None:
    pots = (
        'income = { split = [ { part = "1/2", to = "first" }, { part = "rest", to = "second" } ] }\n'
        'first = { share = "equal", into = "capital", rest = "carry" }\n'
        'second = { share = "capital", rest = "carry" }\n'
    )

    assert shares(pots, people={"bela": {}}, members={"capital": {"ana": "1.00"}}) == {"ana": "30.00"}


def test_an_amount_stands_for_what_came_in_and_receipts_beside_it_are_only_bases_and_weights() -> None:
    pots = (
        'income = { split = [ { part = "10%", of = "receipts", to = "fund" }, '
        '{ part = "10%", of = "deals", to = "sellers" }, '
        '{ part = "rest", to = "carry" } ] }\nsellers = { share = "deals", rest = "carry" }\n'
    )
    receipts = [{"amount": "100.00", "deals": {"ana": "1"}}, {"amount": "100.00"}]
    answer = run(pots, amount="60.00", receipts=receipts, refunds="5.00", costs="5.00")

    assert (answer["accounts"], answer["balances"], answer["carried"]) == (
        {"fund": "20.00"},
        {"ana": "10.00"},
        {"income": "30.00"},
    )


def test_receipts_count_gross_where_a_part_is_of_them_and_net_of_refunds_and_costs_where_they_flow() -> None:
    pots = 'split = [ { part = "50%", of = "receipts", to = "fund" }, { part = "rest", to = "reserve" } ]'
    answer = run(pots, receipts=[{"amount": "100.00"}], refunds="10.00", costs="20.00", carried={"income": "-5.00"})

    assert answer["accounts"] == {"fund": "50.00", "reserve": "15.00"}


def test_plain_parts_are_cut_alike_where_the_first_lines_leave_too_little() -> None:
    pots = (
        'split = [ { part = "50%", of = "receipts", to = "reserve" }, { part = "40%", to = "fund" }, '
        '{ part = "20%", to = "result" }, { part = "rest", to = "carry" } ]'
    )
    answer = run(pots, receipts=[{"amount": "100.00"}], costs="20.00")

    # 30.00 are left of 80.00 for parts of 32.00 and 16.00: two to one.
    assert answer["accounts"] == {"fund": "20.00", "reserve": "50.00", "result": "10.00"}


def test_a_fill_looks_at_the_sum_over_people_of_an_account_that_is_kept_per_person() -> None:
    pots = 'fill = [ { to = "fund", until = { account = "fund", level = "capital" } }, { to = "reserve" } ]'
    answer = run(
        pots, amount="60.00", members={"capital": {"ana": "20.00", "bela": "15.00"}}, accounts={"fund": "5.00"}
    )

    assert answer["accounts"] == {"fund": "35.00", "reserve": "30.00"}


def test_a_surplus_runs_its_own_pots_and_leaves_income_alone() -> None:
    pots = (
        'income = { split = [ { part = "rest", to = "result" } ] }\n'
        'surplus = { split = [ { part = "1/2", to = "reserve" }, { part = "rest", to = "carry" } ] }\n'
    )
    answer = run(pots, start="surplus", amount="60.00", carried={"income": "7.00", "surplus": "2.00"},
                 accounts={"result": "5.00"})  # fmt: skip

    assert answer["accounts"] == {"reserve": "31.00", "result": "5.00"}
    assert answer["carried"] == {"income": "7.00", "surplus": "31.00"}
