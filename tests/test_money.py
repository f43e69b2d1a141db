"""A pot is shared to the cent, over the years nobody is a cent off, and amounts are read as people write them."""

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Usage
from ledger.money import (
    AMOUNT_MAX,
    CannotSplit,
    exponent,
    format_amount,
    owed,
    parse_amount,
    show_amount,
    split,
)

VECTORS = Path(__file__).parent / "vectors" / "mission"

whole_weights = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3), st.integers(0, 10**6), min_size=1, max_size=12
).filter(lambda weights: sum(weights.values()) > 0)
totals = st.integers(0, AMOUNT_MAX)
debts_before = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(-(10**10), 10**10))


def cases(name: str) -> list[dict[str, Any]]:
    return json.loads((VECTORS / name).read_text())["cases"]


def exact(total: int, weights: dict[str, int]) -> dict[str, Fraction]:
    whole = sum(weights.values())
    return {name: Fraction(total * weight, whole) for name, weight in weights.items()}


def test_three_equal_shares_of_a_hundred_euros_are_even_after_three_months():
    weights = {"a": 1, "b": 1, "c": 1}
    debts: dict[str, int] = {}
    seen = []
    for period in ("2026-10", "2026-11", "2026-12"):
        parts = split(10000, weights, debts, f"main/{period}".encode())
        debts = owed(10000, weights, parts, debts)
        seen.append((parts, debts))

    assert seen == [
        ({"a": 3334, "b": 3333, "c": 3333}, {"a": -666666667, "b": 333333333, "c": 333333333}),
        ({"a": 3333, "b": 3334, "c": 3333}, {"a": -333333334, "b": -333333334, "c": 666666666}),
        ({"a": 3333, "b": 3333, "c": 3334}, {"a": -1, "b": -1, "c": -1}),
    ]


def test_a_loss_is_shared_with_the_debts_negated():
    weights = {"a": 5, "b": 3, "c": 1}
    first = split(100, weights, {}, b"main/2026-10")
    debts = owed(100, weights, first, {})
    second = split(101, weights, debts, b"main/2026-11")
    debts = owed(101, weights, second, debts)
    negated = {name: -debt for name, debt in debts.items()}
    loss = split(100, weights, negated, b"main/2026-12")
    debts = {name: -debt for name, debt in owed(100, weights, loss, negated).items()}

    assert first == {"a": 56, "b": 33, "c": 11}
    assert second == {"a": 56, "b": 34, "c": 11}
    assert loss == {"a": 56, "b": 33, "c": 11}
    assert debts == {"a": 111111111, "b": -333333334, "c": 222222222}


@pytest.mark.parametrize("case", cases("rounding_user_expectations.json"), ids=lambda case: case["id"])
def test_people_get_the_split_they_expected_when_other_libraries_gave_another(case):
    expected = case.get("users_expect") or case.get("expected") or case["FloorToLargestRemainder"]
    weights = {f"{place:02}": share for place, share in enumerate(case["shares"])}

    assert list(split(case["amount"], weights).values()) == expected


def flat_allotments() -> list[dict[str, Any]]:
    """The cases that share by portions, and do so without an error."""
    return [case for case in cases("numscript_allotments.json") if "amount" in case and "split" in case["dest"]]


@pytest.mark.parametrize("case", flat_allotments(), ids=lambda case: case["id"])
def test_every_part_of_an_allotment_is_its_exact_share_rounded_down_or_up(case):
    portions = case["dest"]["split"]
    named = {str(place): Fraction(text) for place, (text, _) in enumerate(portions) if text != "remaining"}
    weights = {
        str(place): named[str(place)] if text != "remaining" else 1 - sum(named.values())
        for place, (text, _) in enumerate(portions)
    }
    parts = split(case["amount"], weights)

    assert sum(parts.values()) == case["amount"]
    for place, weight in weights.items():
        assert abs(parts[place] - weight * case["amount"]) < 1
    if "largest_remainder" in case:
        assert parts == {
            str(place): case["largest_remainder"].get(target, 0) for place, (_, target) in enumerate(portions)
        }


@given(totals, whole_weights, debts_before, st.binary(max_size=8))
def test_parts_add_up_and_each_is_the_floor_or_the_ceiling_of_its_exact_share(total, weights, debts, seed):
    parts = split(total, weights, debts, seed)

    assert sum(parts.values()) == total
    for name, share in exact(total, weights).items():
        assert parts[name] in {share.__floor__(), share.__ceil__()}


@given(totals, whole_weights, debts_before, st.randoms(use_true_random=False))
def test_the_order_of_members_does_not_matter(total, weights, debts, shuffler):
    names = list(weights)
    shuffler.shuffle(names)

    assert split(total, {name: weights[name] for name in names}, debts, b"s") == split(total, weights, debts, b"s")


@given(totals, whole_weights, debts_before, st.fractions(Fraction(1, 1000), 1000))
def test_only_the_proportion_of_weights_counts(total, weights, debts, factor):
    scaled = {name: weight * factor for name, weight in weights.items()}
    parts = split(total, weights, debts, b"s")

    assert split(total, scaled, debts, b"s") == parts
    assert owed(total, scaled, parts, debts) == owed(total, weights, parts, debts)


@given(totals, whole_weights)
def test_without_debts_it_is_the_method_of_largest_remainders(total, weights):
    shares = exact(total, weights)
    parts = split(total, weights)
    rounded_up = [share % 1 for name, share in shares.items() if parts[name] > share]
    rounded_down = [share % 1 for name, share in shares.items() if parts[name] < share]

    assert not rounded_up or not rounded_down or min(rounded_up) >= max(rounded_down)


@given(totals, whole_weights, debts_before)
def test_left_over_cents_go_to_whom_rounding_has_shortened_most(total, weights, debts):
    after = exact(total, weights)
    parts = split(total, weights, debts)
    shorted = {name: debts.get(name, 0) + share % 1 * 10**9 for name, share in after.items() if share % 1}
    given_a_cent = [shorted[name] for name in shorted if parts[name] > after[name]]
    passed_over = [shorted[name] for name in shorted if parts[name] < after[name]]

    assert not given_a_cent or not passed_over or min(given_a_cent) >= max(passed_over)


def test_ten_years_of_monthly_pots_leave_nobody_a_cent_off():
    chance = random.Random(7)
    names = [f"member{number}" for number in range(20)]
    weights = {name: chance.randint(1, 500) for name in names}
    debts: dict[str, int] = {}
    paid = dict.fromkeys(names, 0)
    due = dict.fromkeys(names, Fraction(0))
    for month in range(120):
        total = chance.randint(10_000, 1_000_000)
        parts = split(total, weights, debts, f"main/{month}".encode())
        debts = owed(total, weights, parts, debts)
        for name, share in exact(total, weights).items():
            paid[name] += parts[name]
            due[name] += share

    assert all(abs(paid[name] - due[name]) < 1 for name in names)
    assert -20 * 120 < sum(debts.values()) <= 0


def test_the_debt_of_a_member_who_is_away_waits_for_the_return():
    parts = split(1, {"Ana": 1, "Bela": 1}, {}, b"main/1")
    shorted = min(parts, key=lambda name: parts[name])
    debts = owed(1, {"Ana": 1, "Bela": 1}, parts, {})
    debts = owed(5, {"Chidi": 1}, {"Chidi": 5}, debts)

    assert debts[shorted] == 500_000_000
    assert split(1, {"Ana": 1, "Bela": 1}, debts, b"main/3")[shorted] == 1


def test_whoever_comes_out_even_takes_no_left_over_cent_however_much_is_owed():
    parts = split(4, {"Ana": 2, "Bela": 1, "Chidi": 1}, {"Ana": 10**12})
    assert parts == {"Ana": 2, "Bela": 1, "Chidi": 1}

    parts = split(3, {"Ana": 2, "Bela": 1, "Chidi": 3, "Dilek": 0}, {"Ana": 10**12, "Dilek": 10**12})
    assert parts["Ana"] == 1
    assert parts["Dilek"] == 0


@pytest.mark.parametrize(
    ("total", "weights"),
    [(-1, {"Ana": 1}), (1, {"Ana": 0}), (0, {}), (1, {"Ana": 2, "Bela": -1}), (1, {"Ana": 0.5}), (1.0, {"Ana": 1})],
)
def test_what_cannot_be_shared_is_refused(total, weights):
    with pytest.raises(CannotSplit):
        split(total, weights)
    with pytest.raises(CannotSplit):
        owed(total, weights, dict.fromkeys(weights, 0), {})


def test_currencies_have_the_decimals_of_iso_4217():
    assert [exponent(code) for code in ("EUR", "USD", "JPY", "XOF", "KWD", "TND", "CLF", "HRK")] == [
        *(2, 2, 0, 0, 3, 3, 4, 2)
    ]
    for text in ("", "eur", "EURO", "E1R", "ЕUR", "EUR\n"):
        with pytest.raises(Usage):
            exponent(text)


@pytest.mark.parametrize(
    ("text", "decimals", "amount"),
    [
        ("1,234.50", 2, 123450),
        ("1234.5", 2, 123450),
        ("1234", 2, 123400),
        ("0.05", 2, 5),
        ("0", 2, 0),
        ("1,234,567", 0, 1234567),
        ("12.345", 3, 12345),
        ("90,071,992,547,409.91", 2, AMOUNT_MAX),
    ],
)
def test_amounts_are_read_as_people_write_them(text, decimals, amount):
    assert parse_amount(text, decimals) == amount


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-5", "−5", "+5", "5-", "1.005", "1.", ".5", "1,23", "12,34.00", "1,2345", ",123", "1.234,50"),
        *("1 000", "1_000", "1e3", "٣", "５", "€5", "5 EUR", "nan", "1.5\n", "90071992547409.92", "9" * 5000),
    ],
)
def test_what_is_not_plainly_an_amount_is_refused_with_advice(text):
    with pytest.raises(Usage) as refused:
        parse_amount(text, 2)

    assert refused.value.hint


def test_a_currency_without_decimals_takes_none():
    with pytest.raises(Usage, match="more decimals"):
        parse_amount("5.0", 0)


def test_amounts_are_written_for_files_and_for_people():
    assert format_amount(123450, 2) == "1234.50"
    assert format_amount(-5, 2) == "-0.05"
    assert format_amount(7, 0) == "7"
    assert show_amount(-123456789, 2) == "-1,234,567.89"
    assert show_amount(1234567, 3) == "1,234.567"


@given(totals, st.integers(0, 4))
def test_every_amount_written_is_read_back(amount, decimals):
    assert parse_amount(format_amount(amount, decimals), decimals) == amount
    assert parse_amount(show_amount(amount, decimals), decimals) == amount
