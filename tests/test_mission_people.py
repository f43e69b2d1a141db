"""How other systems share among people, said in the share rule's language: takes, value equations, by-laws.

Where theirs differs, ours is asserted and theirs stands beside it; what cannot be said is in NOT_SAID, with the reason.
"""

from fractions import Fraction
from typing import Any

import pytest

from governance.rules import parse
from governance.run_facts import Item
from governance.versions import template
from tests.mission import BY_CREDIT, all_cents, case, cases, cents, counted, exact, ids, parts, people, settled

NOT_SAID = {
    "liberapay_takes": {
        "converge-max": "A cap is one for all, or a part of the pot or of pay; nobody has one over two pots.",
    },
    "valuenetwork_value_equation": {
        "roll-up": "A rule shares by what was logged; which work went into which goods is said by whoever logs it.",
    },
    "coop_rules": {
        "darkpatterns-newcomer": "Points are counted a piece and without steps; no weight looks at twice another one.",
        "darkpatterns-old-hand": "Points are counted a piece and without steps; no weight looks at twice another one.",
    },
}

# Liberapay. What somebody asks weighs; what they were owed comes first; a throttle is on what was paid.

CATCH_UP = """
points.credit.piece = 1
income = { fill = [ { to = "owed" } ] }
owed = { share = "claims", rest = "asked" }
asked = { share = "points"%s, rest = "carry" }
"""
TEAM = template("liberapay-team")


def gives(name: str, minimum: str = "", debts: Any = None, seed: str = "1") -> Any:
    """One payday of a team: its income for what is owed, then by what is asked."""
    given = case("liberapay_takes", name)
    asked = given.get("base", {})
    asked = dict.fromkeys("1234567", "1.00") if isinstance(asked, str) else asked
    return settled(
        CATCH_UP % (f', minimum = "{minimum}"' if minimum else ""),
        cents(given["amount"]),
        exponent=2,
        items=counted({one: Fraction(amount) for one, amount in asked.items()}),
        people=people(*given.get("owed", {})),
        open={"owed": all_cents(given.get("owed", {}))},
        debts=debts or {},
        seed=seed,
    )


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        # Theirs gives the odd cent to the smallest; ours to the greatest remainder, and evens it out over time.
        ("low", {"1": "6.01"}),
        ("exact", {"1": "20.00", "2": "0.01"}),
        ("high", {"1": "40.00", "2": "0.02"}),
        ("converge-exact", {"1": "7.89", "2": "0.01"}),
        ("converge-then-prorate", {"1": "9.12", "2": "4.57"}),
        # Theirs: 0.98 and 0.01; the exact shares are 98.875 and 0.125 cents.
        ("converge-partial", {"1": "0.99"}),
    ],
)
def test_a_team_pays_what_is_owed_then_by_what_is_asked(name: str, ours: dict[str, str]) -> None:
    theirs = all_cents(case("liberapay_takes", name)["expected"])
    paid = gives(name).balances

    assert paid == all_cents(ours)
    assert name in ("low", "converge-partial") or paid == theirs
    assert all(abs(paid.get(one, 0) - amount) <= 1 for one, amount in theirs.items())


def test_an_odd_cent_goes_to_the_other_on_the_next_payday() -> None:
    """Theirs rotates by the number of the payday; ours by the debt that rounding left."""
    given = case("liberapay_takes", "tie-rotates")
    first = gives("tie-rotates")
    second = gives("tie-rotates", debts=first.debts, seed="2")

    theirs = [all_cents(given[f"expected_{day}_payday"]) for day in ("odd", "even")]
    assert first.balances in theirs
    assert second.balances in theirs
    assert first.balances != second.balances


@pytest.mark.parametrize(
    ("name", "ours", "payable"),
    [
        # Theirs: whoever would get less than the minimum gets nothing, and others more. Ours: it waits on the balance.
        ("minimum", {"1": "5.00", "2": "0.01"}, ["1"]),
        ("converge-min", {"1": "7.89", "2": "0.01"}, ["1"]),
    ],
)
def test_a_minimum_changes_no_share_but_lets_money_wait(name: str, ours: dict[str, str], payable: list[str]) -> None:
    given = case("liberapay_takes", name)
    paid = gives(name, given["minimum"]).balances
    least = parse(CATCH_UP % f', minimum = "{given["minimum"]}"').payable_from(2)

    assert paid == all_cents(ours)
    assert [one for one, amount in paid.items() if amount >= least] == payable == list(given["expected"])


def test_small_shares_are_paid_out_once_they_have_grown() -> None:
    """Theirs: 0.06 to one of the three in turn. Ours: 0.03, 0.02 and 0.01 each payday, paid from 0.05 on."""
    given = case("liberapay_takes", "minimum-rotates")
    paid = gives("minimum-rotates", given["minimum"]).balances

    assert paid == {"1": 3, "2": 2, "3": 1}
    assert [min(run for run in range(1, 9) if amount * run >= 5) for amount in paid.values()] == [2, 3, 5]


def test_seven_equal_takes_are_a_cent_apart_and_even_after_three_paydays() -> None:
    """Who gets the odd cent differs; how many get it, and that it comes out even, does not."""
    whole = case("liberapay_takes", "indivisible-7-85.00")
    assert sorted(gives("indivisible-7-85.00").balances.values()) == sorted(map(cents, whole["expected"]))

    debts: dict[str, dict[str, int]] = {}
    got, theirs = dict.fromkeys("1234567", 0), [0] * 7
    for run, amount in enumerate(("0.85", "0.85", "0.89"), 1):
        given = case("liberapay_takes", f"indivisible-7-{amount}-run{run}")
        asked = counted(dict.fromkeys(got, 1))
        result = settled(CATCH_UP % "", cents(amount), exponent=2, items=asked, debts=debts, seed=str(run))
        debts = dict(result.debts)
        assert sorted(result.balances.values()) == sorted(map(cents, given["expected"]))
        got = {one: before + result.balances[one] for one, before in got.items()}
        theirs = [before + cents(amount) for before, amount in zip(theirs, given["expected"], strict=True)]

    assert set(got.values()) == set(theirs) == {37}


def taken(income: str, takes: dict[str, str], last: str = "0.00") -> dict[str, int]:
    """One payday under the template's rule."""
    known = people(*takes, last={"team": cents(last)})
    items = tuple(Item(who=one, role="team", kind="take", qty=Fraction(amount)) for one, amount in takes.items())
    return dict(settled(TEAM, cents(income), exponent=2, items=items, people=known).balances)


@pytest.mark.parametrize(
    ("name", "income", "ours"),
    [
        ("throttle-double", "1000.00", "80.00"),
        ("throttle-not-a-penny-more", "1000.00", "80.00"),
        ("throttle-all-zero", "1000.00", "222.00"),
        # Theirs limits what is asked, and never below 1.00; ours what is paid, twice 0.01.
        ("throttle-floor-1", "0.50", "0.02"),
        # Theirs: what nobody asks may be taken all the same. Ours: it stays in the pot.
        ("throttle-leftover", "100.00", "0.02"),
        # Theirs: nobody limits a team of one. Ours: a rule for one leaves the throttle out.
        ("single-member-free", "1000.00", "0.88"),
    ],
)
def test_a_take_is_at_most_twice_the_last(name: str, income: str, ours: str) -> None:
    given = case("liberapay_takes", name)
    paid = taken(income, {"1": given["ask"]}, given["last"])

    assert paid == {"1": cents(ours)}
    if name in ("throttle-double", "throttle-not-a-penny-more", "throttle-all-zero"):
        assert cents(given["got"]) == paid["1"]


@pytest.mark.parametrize("name", ["income-drop", "others-take-squeezes", "others-take-lowered"])
def test_takes_share_what_there_is(name: str) -> None:
    given = case("liberapay_takes", name)
    takes = given.get("takes", {"alice": given.get("take")})
    actual = given["actual"]

    assert taken(given["income"], takes)["alice"] == cents(actual if isinstance(actual, str) else actual["alice"])


# Value equations.


def shares_of_value() -> dict[str, int]:
    """What each person's contributions to an order are worth; theirs names each as "person: contribution"."""
    worth: dict[str, int] = {}
    for named, value in case("valuenetwork_value_equation", "shares")["expected"].items():
        person = named.partition(":")[0]
        worth[person] = worth.get(person, 0) + value
    return worth


def test_an_order_pays_everybody_by_the_worth_of_what_they_gave_to_it() -> None:
    given = case("valuenetwork_value_equation", "distribute-195")
    result = settled(BY_CREDIT, given["amount"], items=counted(shares_of_value()))

    assert sum(shares_of_value().values()) == case("valuenetwork_value_equation", "shares")["sum"]
    assert result.balances == given["expected"]


def test_more_money_is_shared_in_the_same_parts_exactly() -> None:
    """Theirs rounds each claim half up and gives the whole difference to one; ours is a unit at most from exact."""
    given = case("valuenetwork_value_equation", "distribute-1000-derived")
    result = settled(BY_CREDIT, given["amount"], items=counted(shares_of_value()))
    theirs = {person: Fraction(1000 * worth, 195) for person, worth in shares_of_value().items()}

    assert {person: f"1000*{worth}/195" for person, worth in shares_of_value().items()} == given["expected_exact"]
    assert exact(result) == theirs
    assert all(abs(result.balances[person] - share) < 1 for person, share in theirs.items())


def test_claims_live_until_they_are_paid_or_once_or_for_ever() -> None:
    """Theirs: debt-like, once, equity-like. Ours: claims until paid, claims once, points of all there ever was."""
    rule = """
        points.work = { debt = { claim = "60" }, gift = { claim = "60", life = "once" }, slice = 1 }
        income = { fill = [ { to = "claimed", up_to = "60" }, { to = "owned" } ] }
        claimed = { share = "claims", rest = "owned" }
        owned = { share = "points", look_back = 10000, rest = "carry" }
    """
    work = [
        Item(who="ana", role="work", kind="debt", qty=Fraction(1)),
        Item(who="bela", role="work", kind="gift", qty=Fraction(1)),
        Item(who="chidi", role="work", kind="slice", qty=Fraction(1), age=99),
    ]
    result = settled(rule, 100, items=tuple(work))

    assert result.balances == {"ana": 30, "bela": 30, "chidi": 40}
    assert result.open == {"claimed": {"ana": 30}}


def test_a_bucket_is_a_part_of_the_whole_or_of_what_is_left() -> None:
    """Theirs: "straight" and "remaining"."""
    line = 'accounts = { a = "fund", b = "fund" }\nincome = { split = [ { part = "<= 50%%", to = "a" }, ' \
           '{ part = "50%%", of = "%s", to = "b" }, { part = "rest", to = "carry" } ] }'  # fmt: skip

    assert settled(line % "pot", 100).accounts == {"a": 50, "b": 50}
    assert settled(line % "left", 100).accounts == {"a": 50, "b": 25}


# By-laws.

HYPHA = template("hypha")
LOANS = {"loan": {"a": 1_000_000, "b": 1_000_000, "c": 1_000_000}}


def hypha(given: dict[str, Any]) -> Any:
    """The year of a case under Hypha's rule."""
    start = "surplus" if "surplus" in given else "loss"
    items = tuple(Item(who=one, role="work", kind="hour", qty=Fraction(h)) for one, h in given["hours"].items())
    return settled(
        HYPHA,
        given[start],
        exponent=2,
        start=start,
        items=items,
        people=people(*given["hours"]),
        accounts={"reserve": given.get("reserve", 0)},
        members=LOANS,
    )


@pytest.mark.parametrize("name", ["hypha-surplus", "hypha-loss", "hypha-loss-reserve-short"])
def test_hyphas_by_laws_come_out_to_the_cent_and_add_up_to_the_net_worth(name: str) -> None:
    """The second is what the law of New York asks for: members' accounts and reserve move by the whole result."""
    given = case("coop_rules", name)
    result = hypha(given)
    loans = {one: result.members["loan"][one] - held for one, held in LOANS["loan"].items()}
    reserve = result.accounts.get("reserve", 0) - given.get("reserve", 0)

    assert {"reserve": reserve} | loans == {"c": 0} | given["expected"]
    assert reserve + sum(loans.values()) == given.get("surplus", -given.get("loss", 0))
    assert "net-worth-identity" in ids("coop_rules")


def test_unpaid_work_and_cash_make_slices() -> None:
    given = case("coop_rules", "slicing-pie")
    rule = template("slicing-pie").replace("hour = 120", f"hour = {2 * given['alice']['rate']}")
    items = (
        Item(who="alice", role="engineering", kind="hour", qty=Fraction(given["alice"]["hours"])),
        Item(who="bob", role="pie", kind="cash", qty=Fraction(given["bob"]["cash_spent"])),
    )
    result = settled(rule, 100_000, exponent=2, items=items, people=people("alice", "bob"))

    assert {part.to: part.weight for part in parts(result, "pie") if part.weight} == given["expected_slices"]
    assert exact(result, "pie") == {name: Fraction(part) * 100_000 for name, part in given["expected_share"].items()}


SAID = {
    "liberapay_takes": (
        *("low", "exact", "high", "converge-exact", "converge-then-prorate", "converge-partial", "tie-rotates"),
        *("minimum", "converge-min", "minimum-rotates", "indivisible-7-85.00", "indivisible-7-0.85-run1"),
        *("indivisible-7-0.85-run2", "indivisible-7-0.89-run3", "throttle-double", "throttle-not-a-penny-more"),
        *("throttle-floor-1", "throttle-all-zero", "throttle-leftover", "single-member-free", "income-drop"),
        *("others-take-squeezes", "others-take-lowered"),
    ),
    "valuenetwork_value_equation": ("shares", "distribute-195", "distribute-1000-derived"),
    "coop_rules": ("hypha-surplus", "hypha-loss", "hypha-loss-reserve-short", "net-worth-identity", "slicing-pie"),
}
"""The cases that a test above says."""


def test_every_case_is_said_or_it_is_said_why_not() -> None:
    for name, reasons in NOT_SAID.items():
        assert {*SAID[name]} | reasons.keys() == ids(name)
        assert not {*SAID[name]} & reasons.keys()
        assert all(reason[0].isupper() and reason.endswith(".") for reason in reasons.values())
    assert len(cases("liberapay_takes")) == 24
