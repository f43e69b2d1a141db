"""A run to the cent: who takes part, what each weighs, floors and caps, claims, disputed work, years and losses."""

import json
from fractions import Fraction
from typing import Any

import pytest

from governance.moving import check_change
from governance.rules import RuleError, parse
from governance.run import run
from governance.run_facts import Facts, Item
from tests.trial import tried

ACCOUNTS = 'accounts = { reserve = "indivisible", fund = "fund", loan = "member", capital = "member" }\n'
POINTS = 'points.work.hour = 1\npoints.work.call = { points = 3, per = "30m" }\npoints.care.hour = 1\n'


def income(keys: str, **facts: Any) -> dict[str, Any]:
    """The answer of one run of a single pot."""
    return answer(f"{ACCOUNTS}{POINTS}income = {{ {keys} }}", **facts)


def answer(rule: str, **facts: Any) -> dict[str, Any]:
    return tried(rule, json.dumps({"currency": "EUR", "exponent": 2, **facts}))


def hours(**people: object) -> list[dict[str, Any]]:
    return [{"who": who, "role": "work", "kind": "hour", "qty": qty} for who, qty in people.items()]


def paid(found: dict[str, Any]) -> dict[str, str]:
    return {f"{line['to']}/{line['account']}": line["amount"] for line in found["lines"] if "account" in line}


def test_points_are_exact_and_have_no_steps() -> None:
    items = [{"who": "ana", "role": "work", "kind": "call", "qty": "1/6"}, *hours(bela=1)]

    found = income('share = "points", rest = "carry"', amount="2.00", items=items)

    # Ten minutes of calls at 3 points per 30 minutes are one point, as is an hour of work.
    assert paid(found) == {"ana/balance": "1.00", "bela/balance": "1.00"}


def test_hours_count_everything_timed_in_the_catalogue_or_not() -> None:
    items = [
        {"who": "ana", "role": "other", "kind": "hour", "qty": 2},
        {"who": "bela", "role": "work", "kind": "call", "qty": 1},
        {"who": "chidi", "role": "other", "kind": "visit", "qty": 9},
    ]

    assert paid(income('share = "hours", rest = "carry"', amount="3.00", items=items)) == {
        "ana/balance": "2.00",
        "bela/balance": "1.00",
    }


def test_a_gift_weighs_nothing_and_counts_for_no_condition() -> None:
    items = [*hours(ana=1), {**hours(bela=9)[0], "gift": True}]

    assert paid(income('share = "hours", rest = "carry"', amount="3.00", items=items)) == {"ana/balance": "3.00"}


def test_who_left_takes_no_part_unless_leavers_are_named() -> None:
    facts = {"amount": "2.00", "people": {"ana": {}, "bela": {"left": True}}}

    assert paid(income('share = "equal", rest = "carry"', **facts)) == {"ana/balance": "2.00"}
    assert paid(income('share = "equal", who = { leavers = true }, rest = "carry"', **facts)) == {
        "ana/balance": "1.00",
        "bela/balance": "1.00",
    }


def test_everybody_anybody_named_is_a_person() -> None:
    found = income(
        'share = "equal", rest = "carry"',
        amount="7.00",
        people={"ana": {}},
        items=hours(bela=1),
        thanks=[{"from": "chidi", "to": "dilek"}],
        receipts=[{"amount": "1.00", "deals": {"eli": "1"}}],
        members={"loan": {"fatma": "0.00"}},
        balances={"goran": "0.00"},
        open={"income": {"nobody": "1.00"}},
    )

    assert sorted(found["balances"]) == ["ana", "bela", "chidi", "dilek", "eli", "fatma", "goran"]
    assert set(found["balances"].values()) == {"1.00"}


def test_thanks_fade_by_the_latest_of_each_giver() -> None:
    thanks = [
        {"from": "bela", "to": "ana", "age": 4},
        {"from": "bela", "to": "ana", "age": 1},
        {"from": "ana", "to": "bela", "age": 0},
    ]

    assert paid(income('share = "thanks", half_life = 1, rest = "carry"', amount="3.00", thanks=thanks)) == {
        "ana/balance": "1.00",
        "bela/balance": "2.00",
    }


def test_between_half_lives_an_item_fades_in_a_straight_line() -> None:
    items = [*hours(ana=1), {**hours(bela=1)[0], "age": 1}, {**hours(chidi=1)[0], "age": 3}]

    # Half-life 2: weights 1, 3/4, and half of 3/4.
    found = income('share = "points", half_life = 2, rest = "carry"', amount="17.00", items=items)

    assert paid(found) == {"ana/balance": "8.00", "bela/balance": "6.00", "chidi/balance": "3.00"}


def test_a_cap_below_the_floor_lowers_it_and_floors_over_the_pot_are_paid_in_proportion() -> None:
    people = {"ana": {"pay": "10.00"}, "bela": {"pay": "1000.00"}}
    keys = 'share = "hours", floor = "20.00", cap = "50% of pay", rest = "reserve"'

    assert paid(income(keys, amount="30.00", items=hours(ana=1, bela=1), people=people)) == {
        "ana/balance": "5.00",
        "bela/balance": "25.00",
    }
    assert paid(income(keys, amount="20.00", items=hours(ana=1, bela=1), people=people)) == {
        "ana/balance": "4.00",
        "bela/balance": "16.00",
    }


def test_what_nobody_may_have_goes_to_the_rest() -> None:
    found = income('share = "hours", cap = "3.00", rest = "reserve"', amount="10.00", items=hours(ana=1, bela=2))

    assert found["accounts"] == {"reserve": "4.00"}
    assert set(paid(found).values()) == {"3.00"}


def test_a_throttle_is_no_cap_for_a_beginner() -> None:
    people = {"ana": {"last": {"income": "1.01"}}, "bela": {"last": {"other": "0.01"}}}

    found = income('share = "equal", throttle = "3/2", rest = "carry"', amount="10.00", people=people)

    assert paid(found) == {"ana/balance": "1.51", "bela/balance": "8.49"}


def test_a_share_lies_on_several_accounts_in_whole_cents() -> None:
    found = income('share = "equal", into = { balance = "1/3", capital = "1/3", loan = "rest" }, rest = "carry"',
                   amount="1.00", people={"ana": {}})  # fmt: skip

    assert paid(found) == {"ana/balance": "0.33", "ana/capital": "0.33", "ana/loan": "0.34"}
    assert found["members"] == {"capital": {"ana": "0.33"}, "loan": {"ana": "0.34"}}


def test_money_for_disputed_work_is_held_before_it_lies_anywhere() -> None:
    items = [*hours(ana=2, bela=3), {**hours(ana=1)[0], "disputed": True}]

    found = income('share = "hours", into = "loan", rest = "carry"', amount="10.00", items=items)

    assert paid(found) == {"ana/held": "1.66", "ana/loan": "3.34", "bela/loan": "5.00"}
    assert found["members"] == {"held": {"ana": "1.66"}, "loan": {"ana": "3.34", "bela": "5.00"}}


def test_with_balanced_the_disputed_part_is_of_all_own_work() -> None:
    items = [*hours(ana=1, bela=2), {**hours(ana=1)[0], "disputed": True}]
    people = {"bela": {"paid": {"income": "10.00"}}}

    found = income('share = "hours", balanced = true, rest = "carry"', amount="10.00", items=items, people=people)

    assert paid(found) == {"ana/balance": "5.00", "ana/held": "5.00"}


CLAIMS = (
    'points.work = { hour = { claim = "10.00" }, call = { claim = "15.00", life = "once" } }\n'
    'income = { share = "claims", who = { standing = "member" }, rest = "carry" }\n'
)
CALL = {"who": "ana", "role": "work", "kind": "call", "qty": 1}
MEMBERS = {"ana": {"standing": "member"}, "bela": {"standing": "volunteer"}}


def test_claims_are_made_also_where_the_pot_is_empty_and_unpaid_once_lapses() -> None:
    found = answer(CLAIMS, costs="5.00", items=[CALL, *hours(ana=2, bela=3)], people=MEMBERS,
                   open={"income": {"ana": "1.00", "bela": "4.00", "chidi": "2.00"}})  # fmt: skip

    assert found["carried"] == {"income": "-5.00"}
    assert found["lines"] == []
    assert found["open"] == {"income": {"ana": "21.00", "bela": "4.00", "chidi": "2.00"}}


def test_an_open_claim_is_paid_over_several_runs_and_then_no_more() -> None:
    open_claims, given = {"income": {"ana": "100.00"}}, []
    for _ in range(4):
        found = answer(CLAIMS, amount="40.00", people=MEMBERS, open=open_claims)
        open_claims = found["open"]
        given.append(found["balances"].get("ana", "0.00"))

    assert given == ["40.00", "40.00", "20.00", "0.00"]


def test_what_is_held_of_a_claim_covers_it_too() -> None:
    found = answer(CLAIMS, amount="30.00", people=MEMBERS, items=[{**CALL, "disputed": True}, *hours(ana=3)])

    # 30.00 for claims of 45.00, of which 15.00 are disputed: a third is held, the once claim is covered first.
    assert paid(found) == {"ana/balance": "20.00", "ana/held": "10.00"}
    assert found["open"] == {"income": {"ana": "15.00"}}


def test_at_or_below_zero_nothing_flows_from_income_but_other_pots_share_what_they_carry() -> None:
    rule = (
        f"{ACCOUNTS}{POINTS}"
        'income = { split = [ { part = "10%", of = "receipts", to = "fund" }, { part = "rest", to = "work" } ] }\n'
        'work = { share = "points", rest = "carry" }'
    )
    found = answer(rule, receipts=[{"amount": "9.00"}], costs="10.00", carried={"income": "-1.50", "work": "3.00"},
                   items=hours(ana=1))  # fmt: skip

    assert found["carried"] == {"income": "-2.50"}
    assert found["balances"] == {"ana": "3.00"}
    assert found["accounts"] == {}


def test_pots_the_start_cannot_reach_stand_still() -> None:
    rule = (
        f'{ACCOUNTS}income = {{ fill = [ {{ to = "fund" }} ] }}\nsurplus = {{ fill = [ {{ to = "later" }} ] }}\n'
        'later = { share = "equal", rest = "carry" }'
    )
    found = answer(rule, amount="5.00", carried={"later": "8.00"}, people={"ana": {}})

    assert (found["carried"], found["accounts"], found["balances"]) == ({"later": "8.00"}, {"fund": "5.00"}, {})


def test_a_pot_waits_for_all_that_feed_it() -> None:
    rule = (
        f'{ACCOUNTS}income = {{ split = [ {{ part = "50%", to = "a" }}, {{ part = "rest", to = "z" }} ] }}\n'
        'z = { share = "equal", rest = "a" }\na = { fill = [ { to = "fund" } ] }'
    )
    found = answer(rule, amount="5.00")

    assert found["lines"] == [
        {"pot": "a", "to": "fund", "amount": "5.00"},
        {"pot": "income", "to": "a", "amount": "2.50"},
        {"pot": "income", "to": "z", "amount": "2.50"},
        {"pot": "z", "to": "a", "amount": "2.50"},
    ]


def test_plain_parts_to_one_place_are_one_part_and_the_rest_stays_apart() -> None:
    rule = (
        'accounts = { a = "fund" }\nincome = { split = [ { part = "1/6", to = "a" }, { part = "1/6", to = "a" }, '
        '{ part = "rest", to = "a" } ] }'
    )
    found = answer(rule, amount="0.01")

    assert found["lines"] == [{"pot": "income", "to": "a", "amount": "0.01"}]
    assert found["debts"] == {"income": {"a": 333333333, "rest": -333333334}}


def test_lines_with_a_level_fill_an_account_once_within_one_run() -> None:
    level = 'to = "fund", until = { account = "fund", level = "5.00" }'
    rule = (
        f'{ACCOUNTS}income = {{ split = [ {{ part = "40%", {level} }}, {{ part = "1", of = "left", {level} }}, '
        '{ part = "rest", to = "reserve" } ] }'
    )
    found = answer(rule, amount="10.00", accounts={"fund": "0.50"})

    assert found["accounts"] == {"fund": "5.00", "reserve": "5.50"}


LOSS = (
    f'{ACCOUNTS}{POINTS}income = {{ split = [ {{ part = "rest", to = "result" }} ] }}\n'
    'loss = { split = [ { part = "80%", to = "reserve" }, { part = "rest", to = "people" } ] }\n'
    'surplus = { split = [ { part = "rest", to = "people" } ] }\n'
    'people = { share = "hours", balanced = true, into = "loan", cap = "1%", rest = "fund" }'
)


def test_what_no_account_covers_of_a_loss_lowers_the_result() -> None:
    found = answer(LOSS, start="loss", amount="10.00", accounts={"reserve": "3.00", "fund": "1.00"},
                   members={"loan": {"ana": "2.00", "bela": "-5.00"}}, items=hours(ana=1, bela=1))  # fmt: skip

    assert found["accounts"] == {"result": "-4.00"}
    assert found["members"] == {"loan": {"bela": "-5.00"}}
    assert {(line["pot"], line["to"]): line["amount"] for line in found["lines"]} == {
        ("loss", "people"): "-7.00",
        ("loss", "reserve"): "-3.00",
        ("people", "ana"): "-2.00",
        ("people", "fund"): "-1.00",
        ("people", "result"): "-4.00",
    }


def test_a_loss_knows_no_balance_no_cap_and_nothing_held() -> None:
    items = [{**item, "disputed": True, "age": 3} for item in hours(ana=3, bela=1)]
    people = {"ana": {"paid": {"people": "900.00"}}}

    found = answer(LOSS, start="loss", amount="4.00", members={"loan": {"ana": "9.00", "bela": "9.00"}}, items=items,
                   people=people, carried={"people": "7.00"})  # fmt: skip

    assert paid(found) == {"ana/loan": "-3.00", "bela/loan": "-1.00"}
    assert found["carried"] == {"people": "7.00"}


def test_the_line_of_the_items_own_date_weighs_late_work() -> None:
    old, new = (
        parse(f'points.work.hour = {points}\nincome = {{ share = "points", rest = "carry" }}') for points in (3, 1)
    )
    items = tuple(
        Item(who=who, role="work", kind="hour", qty=Fraction(1), listed=listed)
        for who, listed in (("ana", old.listed("work", "hour")), ("bela", None))
    )

    result = run(new, Facts(currency="EUR", exponent=2, amount=400, items=items))

    assert result.balances == {"ana": 300, "bela": 100}


def test_a_step_says_why() -> None:
    rule = parse(f'{POINTS}income = {{ share = "points", cap = "50%", rest = "carry" }}')
    items = tuple(
        Item(who=who, role="work", kind="hour", qty=Fraction(qty)) for who, qty in (("ana", 5), ("bela", 1), ("c", 1))
    )

    step: Any = run(rule, Facts(currency="EUR", exponent=2, amount=102, carried={"income": 1}, items=items)).steps[0]

    assert (step.pot, step.verb, step.amount, step.carried, step.inflows) == (
        "income",
        "share",
        103,
        1,
        {"amount": 102},
    )
    assert [(part.to, part.words, part.weight, part.exact) for part in step.parts] == [
        ("ana", "held at the cap", 5, 51),
        ("bela", "", 1, 26),
        ("c", "", 1, 26),
    ]


def test_what_is_dropped_and_holds_money_moves_or_the_rule_is_refused() -> None:
    pots = 'income = { share = "equal", rest = "carry" }'
    facts = {"carried": {"old": "5.00"}, "debts": {"old": {"ana": 7}}, "people": {"ana": {"paid": {"old": "1.00"}}}}

    assert answer(pots, **facts)["refused"]["pot"] == "old"
    assert answer(pots, accounts={"gone": "1.00"})["refused"]["pot"] == "gone"
    assert answer(pots, members={"gone": {"ana": "1.00"}})["refused"]["pot"] == "gone"
    assert answer(pots, accounts={"gone": "0.00"}, carried={"old": "0"})["lines"] == []
    moved = answer(f'{pots}\nmoved = {{ old = "income" }}', **facts)
    assert (moved["balances"], moved["debts"]) == ({"ana": "5.00"}, {"income": {"ana": 7}})


@pytest.mark.parametrize(
    ("facts", "to"),
    [
        ({"carried": {"old": "1.00"}}, "fund"),
        ({"accounts": {"old": "1.00"}}, "income"),
        ({"accounts": {"old": "1.00"}}, "loan"),
        ({"members": {"old": {"ana": "1.00"}}}, "fund"),
    ],
)
def test_money_moves_to_its_like_only(facts: Any, to: str) -> None:
    rule = f'{ACCOUNTS}income = {{ share = "equal", rest = "carry" }}\nmoved = {{ old = "{to}" }}'

    assert answer(rule, **facts)["refused"]["pot"] == "moved.old"


def test_what_is_indivisible_stays_indivisible() -> None:
    def ours(name: str, kind: str) -> str:
        return f'accounts.{name} = "{kind}"\nincome = {{ fill = [ {{ to = "{name}" }} ] }}\n'

    old, fund = parse(ours("a", "indivisible")), parse(ours("a", "fund"))
    moved = parse(f'{ours("b", "fund")}moved.a = "b"')

    check_change(old, old, {"a"})
    check_change(old, fund, set())
    check_change(fund, old, {"a"})
    check_change(old, parse(f'{ours("b", "indivisible")}moved.a = "b"'), {"a"})
    for new, place in ((fund, "accounts.a"), (moved, "moved.a")):
        with pytest.raises(RuleError) as error:
            check_change(old, new, {"a"})
        assert error.value.pot == place


def test_a_proposal_that_drops_what_holds_money_is_refused_by_name() -> None:
    old = parse(f'{ACCOUNTS}income = {{ fill = [ {{ to = "work" }} ] }}\nwork = {{ share = "equal", rest = "carry" }}')
    new = parse('income = { share = "equal", rest = "carry" }')

    check_change(old, new, set())
    for name in ("work", "loan", "fund"):
        with pytest.raises(RuleError) as error:
            check_change(old, new, {name, "income"})
        assert error.value.pot == name
