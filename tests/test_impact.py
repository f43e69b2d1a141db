"""Before they vote, members see what each option would have paid: to the cent, by the code that pays, and to whom."""

import io
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from governance.rule_values import RuleError
from governance.rules import parse
from payouts.looking import concentration
from payouts.looking.reruns import as_it_was, closed, rerun
from payouts.looking.roles import EARLIER, NOT_BY_WORK, by_role, weights_in
from payouts.panels import Impact, options_impact, rule_impact
from tests.test_payouts_accounts import NOVEMBER, OCTOBER, PLAIN, SEPTEMBER, book, log, names, tick, village
from tests.village import DEFAULT, Village, at, person

THREE = ("Ana", "Chidi", "Dilek")
MONTHS = (SEPTEMBER, OCTOBER, NOVEMBER)
OPEN = """
title = "{title}"
[accounts]
reserve = "indivisible"
loan = "member"
[points.code]
hour = {code}
review = {{ claim = "7.77" }}
[points.care]
hour = {care}
[points.sales]
deal = {{ points = 3, per = "100", when = "paid" }}
[income]
split = [
  {{ part = "{kept}%", to = "reserve" }},
  {{ part = "{sold}%", of = "deals", to = "sold" }},
  {{ part = "{owed}%", to = "owed" }},
  {{ part = "rest", to = "work" }},
]
[sold]
share = "deals"
rest = "work"
[owed]
share = "claims"
rest = "work"
[work]
share = "{share}"
{more}
rest = "{rest}"
"""
"""A rule with gaps: every weight, window and limit can be put into it."""

LIMITS = ("", 'cap = "40%"', 'cap = "40%"\nover = "rest"', 'floor = "100.00"', 'roles = ["care"]',
          'into = { loan = "1/3", balance = "rest" }', 'who = { hours = ">= 2" }')  # fmt: skip
WINDOWS = ("", "look_back = 2", "half_life = 1", "balanced = true")


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Any rule that fits the gaps."""
    share = draw(st.sampled_from(("points", "hours", "equal", "pay")))
    window = draw(st.sampled_from(WINDOWS)) if share in ("points", "hours") else ""
    kept, sold, owed = (draw(st.integers(0, 30)) for _ in range(3))
    return OPEN.format(
        title=f"{share} {window}",
        code=draw(st.integers(0, 9)),
        care=draw(st.integers(1, 9)),
        kept=kept,
        sold=sold,
        owed=owed,
        share=share,
        more=f"{draw(st.sampled_from(LIMITS))}\n{window}",
        rest=draw(st.sampled_from(("carry", "reserve"))),
    )


WORK = st.tuples(st.sampled_from(THREE), st.sampled_from(("code", "care", "review", "sales")), st.integers(1, 288))
MONTH = st.tuples(st.lists(WORK, max_size=5), st.integers(0, 5_000_00), st.booleans())


def lived(rule: str, months: Any) -> Village:
    """A cooperative of three that lived through these months: (work, income, whether what was sold is paid)."""
    here = village(rule, *THREE)
    for number, (work, income, paid) in enumerate(months):
        day = f"2025-{8 + number:02}-01"
        for who, what, much in work:
            kind = {"sales": "deal", "review": "review"}.get(what, "hour")
            role = {"review": "code"}.get(what, what)
            log(here, who, much, day, role=role, kind=kind, refs=["deal/1"] if what == "sales" else [])
        sold = any(what == "sales" for _, what, _ in work)
        if income:
            book(here, income, booked=day, deals=["deal/1"] if paid and sold else [])
        tick(here, MONTHS[number])
    return here


def shown(here: Village, *rules: str, viewer: str | None = "Ana", periods: int = 4) -> Impact:
    """The panel with these options, numbered from 0."""
    options = [(str(number), text) for number, text in enumerate(rules)]
    return options_impact(here.book, names(here), options, viewer and person(viewer), periods)


def drawn(impact: Impact) -> str:
    """The panel on a terminal of 100 columns."""
    screen = Console(file=io.StringIO(), width=100)
    screen.print(impact.table)
    return screen.file.getvalue()  # type: ignore[attr-defined]


def by_name(option: dict[str, Any], figure: str = "under") -> dict[str, str]:
    """Role -> what it gets, all periods together."""
    return {row["role"]: row[figure] for row in option["together"]["roles"]}


@settings(max_examples=150)
@given(rules(), st.lists(rules(), min_size=1, max_size=3), st.lists(MONTH, min_size=1, max_size=3))
def test_whatever_the_options_all_of_the_income_goes_somewhere_and_differences_sum_to_zero(
    force: str, options: list[str], months: Any
) -> None:
    here = lived(force, months)
    data = shown(here, *options).data

    for one in options:
        assert parse(one)
    for periods in (data["paid"], *(option["periods"] for option in data["options"])):
        for row, (_, income, _) in zip(periods, months, strict=True):
            assert Decimal(row["income"]) == Decimal(income) / 100
            assert sum(Decimal(row[place]) for place in ("people", "accounts", "pots")) == Decimal(row["income"])
            assert sum(map(Decimal, row["roles"].values())) == Decimal(row["people"])
    for option in data["options"]:
        together = option["together"]
        assert sum(Decimal(together[place]["difference"]) for place in ("people", "accounts", "pots")) == 0
        assert together["sum"]["difference"] == "0.00"
        for figure in ("paid", "under", "difference"):
            assert sum(Decimal(row[figure]) for row in together["roles"]) == Decimal(together["people"][figure])
        mine = [Decimal(row["mine"]) for row in option["periods"]]
        assert sum(mine) == Decimal(together["mine"]["under"])


@settings(max_examples=80)
@given(rules(), rules(), st.lists(MONTH, min_size=1, max_size=3))
def test_what_is_told_per_option_is_what_is_told_of_one_rule_alone(force: str, tried: str, months: Any) -> None:
    here = lived(force, months)
    option, alone = shown(here, tried).data["options"][0], rule_impact(here.book, names(here), tried).data

    own = [row for row in alone["together"]["people"] if row["id"] == person("Ana")] or [{"under": "0.00"}]
    assert option["together"]["mine"]["under"] == own[0]["under"]
    for sort in ("people", "accounts", "pots"):
        total = sum((Decimal(row["under"]) for row in alone["together"][sort]), Decimal(0))
        assert Decimal(option["together"][sort]["under"]) == total


@settings(max_examples=80)
@given(rules(), rules(), st.lists(MONTH, min_size=1, max_size=3))
def test_the_work_of_all_roles_weighs_what_the_run_shared_by(force: str, tried: str, months: Any) -> None:
    here = lived(force, months)
    for one in closed(here.book, 4):
        for ran in (as_it_was(here.book, one), rerun(here.book, one, parse(tried))):
            roles = by_role(ran, one.computed.pin)
            assert all(amount >= 0 for amount in roles.values())
            for step in ran.result.steps:
                among, weights = ran.rule.pots[step.pot].how.sharing(), weights_in(ran, step.pot, one.computed.pin)
                exact = among is not None and among.weight in ("points", "hours", "deals") and not among.balanced
                for part in step.parts if exact else ():
                    assert part.weight is None or sum(weights[part.to].values()) == part.weight


@settings(max_examples=80)
@given(rules(), st.lists(MONTH, min_size=1, max_size=3))
def test_the_rule_in_force_as_an_option_changes_nothing(force: str, months: Any) -> None:
    here = lived(force, months)
    data = shown(here, force).data
    together = data["options"][0]["together"]

    rows = [together[place] for place in ("mine", "people", "accounts", "pots", "sum")] + together["roles"]
    assert {row["difference"] for row in rows} == {"0.00"}
    assert together["concentration"]["before"] == together["concentration"]["after"]
    assert [row | {"rule": 1} for row in data["options"][0]["periods"]] == data["paid"]


def test_a_share_is_by_the_roles_of_the_work_it_weighed() -> None:
    here = village(
        OPEN.format(title="Any", code=10, care=5, kept=0, sold=12, owed=40, share="points", more="", rest="carry")
    )
    log(here, "Ana", 60)
    log(here, "Ana", 240, role="care")
    log(here, "Chidi", 180, role="care")
    log(here, "Chidi", 60, role="care", gift=True)
    log(here, "Chidi", 100_00, role="sales", kind="deal", refs=["deal/1"])
    log(here, "Ana", 10, kind="review")  # claims 77.70, of which 40.00 can be paid
    book(here, 100_00, deals=["deal/1"])
    tick(here, SEPTEMBER)
    equal = OPEN.format(title="Any", code=10, care=5, kept=0, sold=0, owed=0, share="equal", more="", rest="carry")
    data = shown(here, equal).data["options"][0]

    # 48.00 for the 48 points of Ana's 10 and 20 and Chidi's 15 and 3; 40.00 for her claim, 12.00 for his deal.
    assert by_name(data, "paid") == {"care": "35.00", "code": "50.00", "sales": "15.00", NOT_BY_WORK: "0.00"}
    assert by_name(data) == {"care": "0.00", "code": "0.00", "sales": "0.00", NOT_BY_WORK: "100.00"}


def test_a_claim_from_before_is_paid_for_earlier_claims() -> None:
    rule = OPEN.format(title="Any", code=1, care=1, kept=0, sold=0, owed=100, share="points", more="", rest="carry")
    here = village(rule)
    log(here, "Ana", 10, kind="review")
    book(here, 70_00)
    tick(here, SEPTEMBER)
    book(here, 100_00, booked="2025-09-01")
    tick(here, OCTOBER)
    data = shown(here, rule).data

    assert [row["roles"] for row in data["paid"]] == [
        {"code": "70.00", EARLIER: "0.00"},
        {"code": "0.00", EARLIER: "7.70"},
    ]


def test_late_work_and_a_pot_of_another_name_are_followed() -> None:
    here = village()
    tick(here, SEPTEMBER)
    log(here, "Ana", 60, "2025-08-20", at("2025-09-10"))
    book(here, 1000, booked="2025-09-09")
    tick(here, OCTOBER)
    book(here, 1000, booked="2025-10-01")  # nobody worked, so the pot carries it
    tick(here, NOVEMBER)
    other = 'moved = { work = "labour" }\n' + PLAIN.replace('"work"', '"labour"').replace("[work]", "[labour]")
    data = shown(here, PLAIN, other).data

    assert [row["roles"] for row in data["paid"]] == [{"code": "0.00"}, {"code": "7.00"}, {"code": "0.00"}]
    assert data["options"][1]["periods"] == data["options"][0]["periods"]
    assert [row["pots"] for row in data["paid"]] == ["0.00", "0.00", "7.00"]


def test_whoever_is_no_member_sees_the_options_without_pay_of_their_own() -> None:
    here = village()
    log(here, "Ana", 60)
    book(here, 1000)
    tick(here, SEPTEMBER)

    for viewer in (None, "Nobody"):
        impact = shown(here, PLAIN, viewer=viewer)
        assert impact.data["options"][0]["together"]["mine"] is None
        assert [row["mine"] for row in impact.data["paid"]] == [None]
        assert "you" not in drawn(impact)
    # Who is a member and got nothing sees just that.
    assert shown(here, PLAIN, viewer="Chidi").data["paid"][0]["mine"] == "0.00"
    assert "\nyou " in drawn(shown(here, PLAIN, viewer="Chidi"))


def test_before_any_payout_nobody_can_say_what_an_option_would_have_paid() -> None:
    impact = shown(village(), PLAIN)

    assert impact.data["paid"] == []
    assert impact.data["options"][0]["together"]["concentration"]["after"]["gini"] is None
    assert drawn(impact).startswith("No period is computed yet")


def test_a_rule_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(RuleError):
        shown(village(), "[income]\nsplit = []")


def test_a_member_who_gets_nothing_counts_in_how_concentrated_it_is() -> None:
    here = village(PLAIN, *THREE)
    log(here, "Ana", 60)
    book(here, 1000)
    tick(here, SEPTEMBER)
    equal = PLAIN.replace('"points"', '"equal"')
    spread = shown(here, equal).data["options"][0]["together"]["concentration"]

    ana = names(here).of(person("Ana"))
    assert spread["before"] == {"people": 3, "top": "100.0%", "top_name": ana, "gini": "0.667"}
    # 7.00 among three: 2.34, 2.33 and 2.33.
    assert (spread["after"]["people"], spread["after"]["top"], spread["after"]["gini"]) == (3, "33.4%", "0.001")


def test_the_last_periods_are_shown_and_more_than_four_options_in_blocks_of_four() -> None:
    here = village()
    for month, now in ((8, SEPTEMBER), (9, OCTOBER), (10, NOVEMBER)):
        log(here, "Ana", 60, f"2025-{month:02}-01")
        log(here, "Chidi", 60 * month, f"2025-{month:02}-01")
        book(here, 1_234_567_89, booked=f"2025-{month:02}-01")
        tick(here, now)
    hours, equal = (DEFAULT.replace('share = "points"', f'share = "{weight}"') for weight in ("hours", "equal"))
    impact = shown(here, PLAIN, DEFAULT, hours, equal, PLAIN, periods=2)
    text = drawn(impact)

    assert [row["period"] for row in impact.data["paid"]] == ["2025-09", "2025-10"]
    assert len(impact.data["options"]) == 5
    heads = [line.replace("EUR paid", "").split("Option") for line in text.splitlines() if "EUR paid" in line]
    assert [[label.strip() for label in head[1:]] for head in heads] == [["0", "1", "2", "3"], ["4"]]
    assert "…" not in text
    assert text.count("  in 2025-10") == 2
    assert "2,469,135.78" in text
    assert "same" in text


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8))
def test_gini_is_half_the_mean_difference_between_two_over_the_mean(amounts: list[int]) -> None:
    named, whole = {str(number): amount for number, amount in enumerate(amounts)}, sum(amounts)
    between = sum(abs(one - other) for one in amounts for other in amounts)

    if whole:
        assert concentration.gini(named) == Fraction(between, 2 * len(amounts) * whole)
        assert concentration.top(named) == Fraction(max(amounts), whole)
    else:
        assert (concentration.gini(named), concentration.top(named), concentration.first(named)) == (None, None, None)


@given(st.integers(1, 50), st.integers(1, 10**12))
def test_gini_is_nothing_where_all_get_the_same_and_nearly_one_where_one_gets_all(count: int, amount: int) -> None:
    same = {str(number): amount for number in range(count)}
    alone = dict.fromkeys(same, 0) | {"0": amount}

    assert concentration.gini(same) == 0
    assert concentration.gini(alone) == Fraction(count - 1, count)
    assert concentration.first(alone) == "0"
    assert concentration.first(same) == ("0" if count == 1 else None)


def test_a_part_is_rounded_to_the_nearest_and_halves_to_the_even_digit() -> None:
    assert [concentration.digits(Fraction(n, 16), 3) for n in (1, 3, 5)] == ["0.062", "0.188", "0.312"]
    assert concentration.percent(Fraction(1, 3)) == "33.3%"
    assert concentration.percent(Fraction(1)) == "100.0%"
    assert concentration.digits(Fraction(2, 3), 3) == "0.667"
