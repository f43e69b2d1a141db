"""Allocations of other programs come out the same in the share rule's language, or it is said why not.

Where another program rounds otherwise, ours is asserted and theirs stands beside it. What the language cannot say is in
NOT_SAID, with the reason. Numscript, SourceCred, and what is shared among people stand in files beside this one.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from governance.rule_values import RuleError
from governance.rules import parse
from ledger.money import AMOUNT_MAX
from tests.mission import BY_CREDIT, VECTORS, all_cents, case, cases, cents, counted, ids, people, settled, split_of

NOT_SAID = {
    "splits_0x": {
        "length-mismatch": "A line holds its part and its place together, so there are no two lists to differ.",
        "update-by-non-controller": "Nobody controls a rule: a vote changes it.",
        "control-transfer": "Nobody controls a rule: a vote changes it.",
    },
    "drips_splits": {},
    "coordinape_distribution": {},
    "opencollective_ledger": {
        "5a-processor-fee": "What a payment provider keeps is a cost in the books, not a part that members vote on.",
        "5b-then-refund": "A refund is the difference of a run computed again, not a rule.",
        "fx": "Currencies are converted in the books, at a recorded rate, before a rule sees the money.",
    },
}


SAID = {
    "splits_0x": (
        *("fee-then-split", "dust", "no-leak", "sum-not-1e6", "accounts-not-sorted-or-duplicate", "fee-over-10%"),
        *("less-than-2-accounts", "zero-share"),
    ),
    "drips_splits": (
        *("simple", "odd-3-by-halves", "9-by-40-20", "multiple", "self-split", "two-assets-same-rule", "chain"),
        *("limits", "property"),
    ),
    "coordinape_distribution": (
        *("amounts", "second-epoch-cumulative", "fixed+gift", "docs-example", "unallocated-give-burns"),
    ),
    "opencollective_ledger": ("1-no-fee", "2-host-fee", "3-tip-unsettled", "4-tip-settled"),
}
"""The cases that a test below says one by one; of the other files it says all."""


def test_every_case_is_said_or_it_is_said_why_not() -> None:
    for name, reasons in NOT_SAID.items():
        assert {*SAID[name]} | reasons.keys() == ids(name)
        assert not {*SAID[name]} & reasons.keys()
        assert all(reason[0].isupper() and reason.endswith(".") for reason in reasons.values())


COUNTED = {
    "coop_rules": 7,
    "coordinape_distribution": 5,
    "drips_splits": 9,
    "liberapay_takes": 24,
    "numscript_allotments": 22,
    "numscript_portions": 21,
    "numscript_sources": 15,
    "opencollective_ledger": 7,
    "rounding_user_expectations": 7,
    "sourcecred_policies": 19,
    "sourcecred_policies_generated": 40,
    "sourcecred_split_budget": 13,
    "splits_0x": 11,
    "splits_waterfall": 7,
    "valuenetwork_value_equation": 4,
}
"""All files of allocations and their cases; what SourceCred says of catching up and of its ledger allocates nothing."""

ALL_SAID = {
    "numscript_allotments",
    "numscript_portions",
    "rounding_user_expectations",
    "sourcecred_policies_generated",
    "splits_waterfall",
}
"""Files of which every case is a test by itself."""

PAGES = ("test_mission_cases", "test_mission_numscript", "test_mission_people", "test_mission_sourcecred", "test_money")


def test_every_file_of_allocations_is_judged_case_by_case() -> None:
    pages = [(Path(__file__).parent / f"{page}.py").read_text("utf-8") for page in PAGES]

    assert {path.stem: len(cases(path.stem)) for path in VECTORS.glob("*.json")} == COUNTED
    for name in ALL_SAID:
        assert any(re.search(rf'parametrize\([^)]*cases\("{name}', page) for page in pages), name
    for name in COUNTED.keys() - ALL_SAID:
        # Each is named where it is said, or left out with a reason.
        assert [one for one in ids(name) if not any(f'"{one}"' in page for page in pages)] == []


def test_of_two_hundred_cases_seventeen_are_left_out() -> None:
    from tests import test_mission_numscript, test_mission_people, test_mission_sourcecred

    left_out = [*NOT_SAID.values(), *test_mission_people.NOT_SAID.values(), test_mission_numscript.NOT_SAID]
    theirs = test_mission_sourcecred.NOT_SAID.keys() & ids("sourcecred_policies")

    assert sum(COUNTED.values()) == 211
    assert sum(map(len, left_out)) + len(theirs) == 17


# Waterfalls and splits of chains.

WATERFALL = """
accounts = { first = "fund", second = "fund" }
income = { fill = [ { to = "first", until = { account = "first", level = "1.00" } }, { to = "second" } ] }
"""


@pytest.mark.parametrize("case", cases("splits_waterfall"), ids=lambda case: case["id"])
def test_a_waterfall_does_not_depend_on_how_money_came_in(case: dict[str, Any]) -> None:
    accounts: dict[str, int] = {}
    for deposit in case["deposits"]:
        accounts = dict(settled(WATERFALL, cents(deposit), exponent=2, accounts=accounts).accounts)

    assert accounts == all_cents(case["expected"])


def ppm(shares: list[int]) -> dict[str, str]:
    """Parts per million as a rule's parts."""
    return {f"place{number}": f"{share}/1000000" for number, share in enumerate(shares)}


def test_a_fee_comes_first_and_the_parts_are_of_what_is_left() -> None:
    given = case("splits_0x", "fee-then-split")
    shares = ppm(given["shares_ppm"])
    lines = "".join(f'{{ part = "{part}", of = "pot", to = "{name}" }}, ' for name, part in list(shares.items())[:2])
    rule = f"""
        accounts = {{ fee = "fund", {", ".join(f'{name} = "fund"' for name in shares)} }}
        income = {{ split = [ {{ part = "{ppm([given["fee_ppm"]])["place0"]}", to = "fee" }},
                              {{ part = "rest", to = "net" }} ] }}
        net = {{ split = [ {lines}{{ part = "rest", to = "place2" }} ] }}
    """
    accounts = settled(rule, given["amount"]).accounts

    assert accounts["fee"] == given["expected"]["fee"]
    assert [accounts[name] for name in shares] == given["expected"]["parts"]


def test_dust_is_not_left_but_given_to_the_greatest_remainder() -> None:
    """Theirs: 33, 33, 33 and one unit waits. Ours: nothing is left; the third has the greatest remainder."""
    given = case("splits_0x", "dust")
    shares = ppm(given["shares_ppm"])
    rule = split_of({"place0": shares["place0"], "place1": shares["place1"]}, rest="place2")

    assert given["expected"] == {"parts": [33, 33, 33], "left": 1}
    assert settled(rule, given["amount"]).accounts == {"place0": 33, "place1": 33, "place2": 34}


def test_nothing_leaks_whatever_the_parts() -> None:
    assert case("splits_0x", "no-leak")["property"].startswith("sum(parts)")
    for amount in (0, 1, 99, 100, 999_983, AMOUNT_MAX):
        result = settled(split_of(ppm([333_333, 333_333, 1]), rest="left"), amount)

        assert sum(result.accounts.values()) == amount


def test_parts_over_the_whole_are_refused_order_is_nothing_and_twice_the_same_place_is_one_part() -> None:
    with pytest.raises(RuleError):
        parse(split_of(ppm([500_000, 500_001])))
    lines = ['{ part = "1/8", to = "a" }', '{ part = "1/3", to = "b" }', '{ part = "rest", to = "c" }']
    head = 'accounts = { a = "fund", b = "fund", c = "fund" }\nincome = { split = [ '
    twice = ['{ part = "1/8", to = "b" }', '{ part = "5/24", to = "b" }', lines[0], lines[2]]
    paid = [settled(f"{head}{', '.join(said)} ] }}", 101).accounts for said in (lines, lines[::-1], twice)]

    assert paid[0] == paid[1] == paid[2] == {"a": 12, "b": 34, "c": 55}
    assert {"sum-not-1e6", "accounts-not-sorted-or-duplicate"} <= ids("splits_0x")


def test_one_place_is_enough_and_a_part_of_nothing_gives_nothing() -> None:
    """Theirs: errors."""
    assert settled(split_of({}, rest="together"), 7).accounts == {"together": 7}
    assert settled(split_of({"nobody": "0%"}, rest="together"), 7).accounts == {"together": 7}


def test_a_fee_may_be_bound_by_the_rule_itself() -> None:
    """Theirs: no fee over 10 %. Ours: members bind the number they vote on."""
    rule = 'ask.fee = { now = "%s", min = "0%%", max = "10%%" }\nincome = { share = "equal", rest = "carry" }'
    parse(rule % "10%")
    with pytest.raises(RuleError) as refused:
        parse(rule % "11%")

    assert refused.value.pot == "ask.fee"
    assert "fee-over-10%" in ids("splits_0x")


# Drips.


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("simple", [[4, 6]]),
        # Equal remainders: chance decides, the same for everybody. Theirs: 0, 1, 2; 4, 3, 2; 3, 2, 5.
        ("odd-3-by-halves", [[0, 1, 2], [0, 2, 1]]),
        ("9-by-40-20", [[4, 3, 2], [3, 4, 2]]),
        ("multiple", [[3, 2, 5], [2, 3, 5]]),
    ],
)
def test_what_is_not_given_on_stays_ones_own(name: str, ours: list[list[int]]) -> None:
    given = case("drips_splits", name)
    named = {f"r{number}": weight for number, weight in enumerate(given["weights"])}
    accounts = settled(split_of(named, rest="own"), given["amount"]).accounts
    theirs = [given["expected"]["own"], *given["expected"].get("parts", [given["expected"].get("split")])]

    assert [accounts.get(place, 0) for place in ("own", *named)] in ours
    assert theirs in ours


def test_a_split_may_give_to_itself_for_the_next_time() -> None:
    given = case("drips_splits", "self-split")
    own = '{ part = "1/2", to = "carry" }, { part = "1/5", to = "r2" }, { part = "rest", to = "own" }'
    rule = f'accounts = {{ r2 = "fund", own = "fund" }}\nincome = {{ split = [ {own} ] }}'
    first = settled(rule, given["amount"])
    second = settled(rule, 0, carried=first.carried)

    for result, theirs in ((first, given["expected_round_1"]), (second, given["expected_round_2"])):
        assert {**result.accounts, "self_again": result.carried["income"]} == theirs


def test_one_rule_serves_two_currencies_and_a_chain_passes_everything_on() -> None:
    given = case("drips_splits", "two-assets-same-rule")
    for asset, amount in given["amounts"].items():
        accounts = settled(split_of({"r": "1/10"}, rest="own"), amount).accounts
        assert accounts == {"own": given["expected"][asset]["own"], "r": given["expected"][asset]["parts"][0]}
    chain = """
        accounts = { end = "fund" }
        income = { split = [ { part = "1", to = "second" }, { part = "rest", to = "carry" } ] }
        second = { split = [ { part = "1", to = "end" }, { part = "rest", to = "carry" } ] }
    """
    result = settled(chain, case("drips_splits", "chain")["amount"])

    assert (result.accounts, result.carried) == ({"end": 10}, {})


def test_two_hundred_places_are_the_most_and_never_lose_a_unit() -> None:
    """Theirs: 200 receivers; ours: 200 lines, the rest among them."""
    assert {"limits", "property"} <= ids("drips_splits")
    places = {f"r{number}": f"{number}/40000" for number in range(1, 200)}
    with pytest.raises(RuleError):
        parse(split_of(places | {"r200": "1/40000"}))
    for amount in (1, 199, 10**9 + 7, AMOUNT_MAX):
        result = settled(split_of(places), amount)

        assert sum(result.accounts.values()) + result.carried.get("income", 0) == amount


# Coordinape.


def test_a_budget_follows_the_give_people_received() -> None:
    """Theirs: the dust to whom most was given, 83333333, 166666666, 250000001. Ours: the greatest remainder."""
    given = case("coordinape_distribution", "amounts")
    first = settled(BY_CREDIT, given["budget"], items=counted(given["give"]))
    assert first.balances == given["largest_remainder"]

    second = case("coordinape_distribution", "second-epoch-cumulative")
    more = second["total"] - second["previous_total"]
    after = settled(BY_CREDIT, more, items=counted(second["give"]), balances=first.balances, debts=first.debts)

    assert after.balances == {"1": 283333333, "2": 366666667, "3": 250000000, "4": 200000000}
    assert {
        name: abs(after.balances[name] - theirs) <= 1 for name, theirs in second["expected"].items()
    } == dict.fromkeys(second["expected"], True)


def test_only_give_that_was_received_counts_and_fixed_pay_comes_first() -> None:
    docs = case("coordinape_distribution", "docs-example")
    give = {"ana": docs["give_received"], "others": docs["give_total"] - docs["give_received"]}
    paid = settled(BY_CREDIT, docs["budget"], items=counted(give), people=people("who gave nothing on")).balances
    fixed = case("coordinape_distribution", "fixed+gift")
    rule = f"""
        accounts = {{ fixed = "fund", gift = "fund" }}
        income = {{ fill = [ {{ to = "fixed", up_to = "{fixed["fixed"]}" }}, {{ to = "gift" }} ] }}
    """

    assert paid == {"ana": docs["expected"], "others": docs["budget"] - docs["expected"]}
    assert settled(rule, fixed["gift_and_fixed_total"]).accounts == fixed["expected"]
    assert "unallocated-give-burns" in ids("coordinape_distribution")


# Open Collective.

HOST = """
accounts = { collective = "fund", host = "fund", platform = "owed" }
income = { fill = [ { to = "platform", up_to = "%s" }, { to = "gift" } ] }
gift = { split = [ { part = "%s%%", to = "fee" }, { part = "rest", to = "collective" } ] }
fee = { split = [ { part = ">= 15%%", to = "platform" }, { part = "rest", to = "host" } ] }
"""


@pytest.mark.parametrize("name", ["1-no-fee", "2-host-fee", "3-tip-unsettled", "4-tip-settled"])
def test_a_host_keeps_its_fee_and_owes_the_platform_its_part_and_the_tip(name: str) -> None:
    """Theirs rounds 67.5 half up to 68; ours, written as "at least", rounds up too."""
    given = case("opencollective_ledger", name)
    rule = HOST % (f"{given.get('tip', 0) // 100}.00", given.get("host_fee_pct", 5))
    accounts = settled(rule, given["in"], exponent=2).accounts
    theirs = given["expected"]
    owed = theirs.get("owed_to_platform", 0) + theirs["platform"]

    assert accounts["collective"] == theirs["collective"]
    assert accounts.get("platform", 0) == owed
    assert accounts.get("host", 0) == theirs["host_own"] - (0 if given.get("settled") else owed)
