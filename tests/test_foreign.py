"""Money in other currencies: the rate stands in the entry, what it comes to is recomputed, nothing else is taken."""

import csv
import io
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Usage
from ledger.money import FOUR_DECIMALS, NO_DECIMALS, THREE_DECIMALS
from payouts.parties.currencies import IN_USE, decimals
from payouts.parties.foreign import Foreign, counted, foreign_words, parse_rate, rate_of, rate_words
from payouts.parties.moneys import business_of, foreign_said
from tests.riverbend import USAGE, Riverbend, refused
from tests.test_payouts_accounts import book, lying, village

DOLLARS = {
    "currency": "USD",
    "exponent": 2,
    "amount": 10_000,
    "rate": [9213, 10000],
    "source": "ECB",
    "date": "2025-08-01",
}


@pytest.fixture
def coop(tmp_path: Path) -> Riverbend:
    """One founder."""
    return Riverbend(tmp_path, "Ana")


# Rates.


@pytest.mark.parametrize(
    ("text", "rate"),
    [("0.9213", (9213, 10000)), ("9213/10000", (9213, 10000)), ("1", (1, 1)), ("2/4", (1, 2)), (" 150.5 ", (301, 2))],
)
def test_a_rate_is_typed_as_a_decimal_or_a_fraction(text: str, rate: tuple[int, int]) -> None:
    assert parse_rate(text) == Fraction(*rate)


@pytest.mark.parametrize(
    "text", ["0", "0.0", "0/5", "1/0", "-1", "1,5", "1e5", "", ".5", "5.", "1/2/3", "9" * 16, "nan", "１", "1 / 2"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(Usage, match="is not a rate"):
        parse_rate(text)


@given(
    st.integers(1, 10**12),
    st.integers(0, 4),
    st.integers(0, 4),
    st.decimals(min_value="0.0001", max_value="20000", places=4),
)
def test_what_it_comes_to_is_what_decimal_says(amount: int, theirs: int, ours: int, rate: Decimal) -> None:
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(amount).scaleb(-theirs) * rate
        wanted = int(exact.scaleb(ours).to_integral_value(ROUND_HALF_EVEN))

    assert counted(amount, theirs, Fraction(rate), ours) == wanted


@pytest.mark.parametrize(("amount", "comes_to"), [(1, 0), (3, 2), (5, 2), (7, 4)])
def test_a_half_goes_to_the_even_cent(amount: int, comes_to: int) -> None:
    assert counted(amount, 2, Fraction(1, 2), 2) == comes_to


@given(st.integers(1, 10**12), st.integers(0, 4), st.integers(1, 10**12), st.integers(0, 4))
def test_the_rate_of_what_the_bank_booked_gives_exactly_that(amount: int, theirs: int, here: int, ours: int) -> None:
    assert counted(amount, theirs, rate_of(amount, theirs, here, ours), ours) == here


def test_a_rate_is_said_exactly() -> None:
    assert rate_words(Fraction(9213, 10000)) == "0.9213"
    assert rate_words(Fraction(150)) == "150"
    assert rate_words(Fraction(1, 3)) == "0.33333333… (1/3)"
    said = Foreign(currency="JPY", exponent=0, amount=12_345, rate=(61, 10000), source="BoJ", date="2025-08-01")
    assert foreign_words(said) == "12,345 JPY at 0.0061 (BoJ, 2025-08-01)"


def test_the_currencies_in_use_have_the_decimals_of_the_standard() -> None:
    assert {len(one) for one in IN_USE} == {3}
    assert NO_DECIMALS | THREE_DECIMALS | FOUR_DECIMALS <= IN_USE
    assert [decimals(one) for one in ("JPY", "USD", "KWD", "CLF")] == [0, 2, 3, 4]
    for unknown in ("XYZ", "BGN", "HRK", "usd", "EURO", "XAU"):
        with pytest.raises(Usage, match="no currency in use"):
            decimals(unknown)


# Admission.


@pytest.mark.parametrize("kind", ["payouts.received", "payouts.spent", "payouts.billed"])
def test_a_foreign_amount_is_taken_with_what_it_comes_to(kind: str) -> None:
    here = village()
    book(here, 9_213, kind, foreign=DOLLARS)

    assert lying(here)["awaiting"] == (-9_213 if kind == "payouts.received" else 9_213)
    assert foreign_said(here.book, len(here.leaves) - 1) == "100.00 USD at 0.9213 (ECB, 2025-08-01)"


@pytest.mark.parametrize(
    ("amount", "change", "why"),
    [
        (9_214, {}, r"is 92\.13 EUR, not 92\.14"),
        (9_213, {"rate": [9214, 10000]}, "lowest terms"),
        (9_213, {"rate": [4607, 5000]}, r"is 92\.14 EUR, not 92\.13"),
        (9_213, {"rate": [18426, 20000]}, "lowest terms"),
        (9_213, {"rate": [0, 1]}, "not a payouts.received statement"),
        (9_213, {"rate": [1, 0]}, "not a payouts.received statement"),
        (9_213, {"rate": [-9213, 10000]}, "not a payouts.received statement"),
        (9_213, {"rate": [9213]}, "not a payouts.received statement"),
        (9_213, {"amount": 0}, "not a payouts.received statement"),
        (9_213, {"exponent": 5}, "not a payouts.received statement"),
        (9_213, {"exponent": 3}, r"is 9\.21 EUR"),
        (9_213, {"currency": "EUR"}, "own currency"),
        (9_213, {"currency": "usd"}, "not a payouts.received statement"),
        (9_213, {"source": ""}, "not a payouts.received statement"),
        (9_213, {"date": "2026-08-01"}, "lies in the future"),
        (9_213, {"date": "2025-08-32"}, "is no date"),
        (9_213, {"bank": "x"}, "not a payouts.received statement"),
    ],
)
def test_any_other_rate_or_amount_is_refused(amount: int, change: dict[str, Any], why: str) -> None:
    here = village()
    with here.refuses(why):
        book(here, amount, foreign=DOLLARS | change)


def test_the_source_of_a_rate_does_nothing_to_a_terminal() -> None:
    here = village()
    book(here, 9_213, foreign=DOLLARS | {"source": "E\x1b[2J\nB"})

    assert foreign_said(here.book, len(here.leaves) - 1) == "100.00 USD at 0.9213 (E\\x1b[2J⏎B, 2025-08-01)"


def test_whose_business_it_was_is_said_of_receipts_alone() -> None:
    here = village()
    book(here, 100, business="member")
    book(here, 100, business="other")
    book(here, 100)
    last = len(here.leaves)

    assert [business_of(here.book, index) for index in range(last - 3, last)] == ["member", "other", ""]
    with here.refuses("not a payouts.received statement"):
        book(here, 100, business="neither")
    with here.refuses("not a payouts.spent statement"):
        book(here, 100, "payouts.spent", business="member")


# At the desk.


def test_money_in_other_currencies_is_booked_shown_shared_and_explained(coop: Riverbend) -> None:
    ecb = ("--rate", "0.9213", "--rate-source", "ECB", "--rate-date", "2025-07-31")
    coop.ok("Ana", "log", "1h", "shop", "--role", "code")
    said = coop.ok("Ana", "income", "add", "100.00 USD", "--from", "ACME", "--ref", "I-1", *ecb, "--member-business")
    assert "Booked 92.13 EUR = 100.00 USD at 0.9213 (ECB, 2025-07-31) from ACME, I-1" in said.out
    coop.ok("Ana", "income", "add", "20,000 jpy", "--from", "Tokyo", "--booked-as", "122.00", "--other-business")
    coop.ok("Ana", "income", "add", "10.00 EUR", "--from", "ACME", "--ref", "I-2")
    coop.ok("Ana", "expense", "add", "5.000 KWD", "--to", "Host", "--rate", "3", "--rate-source", "CBK")

    rows = coop.data("Ana", "income", "list")["money"]
    assert [(row["amount"], row["foreign"] and row["foreign"]["rate"], row["business"]) for row in rows] == [
        ("92.13", "0.9213", "member"),
        ("122.00", "0.0061", "other"),
        ("10.00", None, None),
    ]
    coop.now = "2025-09-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    shown = coop.ok("Ana", "payout", "show", "2025-08").out
    assert "Rate      100.00 USD at 0.9213 (ECB, 2025-07-31) = 92.13 EUR, ACME" in shown
    assert "Rate      5.000 KWD at 3 (CBK, 2025-08-01) = 15.00 EUR, Host" in shown
    why = coop.ok("Ana", "why", "Ana", "2025-08").out
    assert "20,000 JPY at 0.0061" in why
    assert coop.data("Ana", "payout", "show", "2025-08")["income"] == "209.13"


def test_the_reports_hold_rates_and_whose_business_it_was(coop: Riverbend) -> None:
    coop.ok("Ana", "income", "add", "92.13", "--from", "=ACME", "--member-business")
    coop.ok("Ana", "income", "add", "100.00 USD", "--from", "ACME", "--ref", "I-1", "--rate", "1/3",
            "--rate-source", "ECB", "--other-business")  # fmt: skip
    coop.now = "2025-09-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    coop.ok("Ana", "income", "add", "7.00", "--from", "ACME", "--ref", "I-2")
    coop.ok("Ana", "expense", "add", "3.00", "--to", "Host", "--unpaid", "--due", "2025-09-30")

    written = list(csv.DictReader(io.StringIO(coop.ok("Ana", "report", "money", "--csv", "-").out)))
    assert [(row["sort"], row["amount"], row["rate"], row["foreign"], row["due"]) for row in written] == [
        ("income", "92.13", "", "", ""),
        ("income", "33.33", "1/3", "100.00", ""),
        ("income", "7.00", "", "", ""),
        ("bill", "-3.00", "", "", "2025-09-30"),
    ]
    assert written[0]["party"] == "'=ACME"
    sums = coop.data("Ana", "report", "business")["rows"]
    assert [(row["period"], row["member"], row["other"], row["not said"], row["together"]) for row in sums] == [
        ("2025-08", "92.13", "33.33", "0.00", "125.46"),
        ("2025-09", "0.00", "0.00", "7.00", "7.00"),
        ("the year", "92.13", "33.33", "7.00", "132.46"),
    ]
    assert "foreign currency" in coop.ok("Ana", "report", "money").out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("100.00 XYZ", "--rate", "1", "--rate-source", "ECB"), '"XYZ" is no currency in use'),
        (("100.00 USD",), "one rate is needed"),
        (("100.00 USD", "--rate", "0", "--rate-source", "ECB"), '"0" is not a rate'),
        (("100.00 USD", "--rate", "1.5.2", "--rate-source", "ECB"), "is not a rate"),
        (("100.00 USD", "--rate", "1"), "A rate has a source"),
        (("100.00 USD", "--rate", "1", "--booked-as", "100.00"), "one rate is needed"),
        (("100.00 USD", "--booked-as", "0"), "comes to no amount"),
        (("100.00 USD", "--booked-as", "x"), "is not an amount"),
        (("0.01 USD", "--rate", "0.1", "--rate-source", "ECB"), "comes to no amount"),
        (("0.00 USD", "--rate", "1", "--rate-source", "ECB"), "is no money"),
        (("100.001 USD", "--rate", "1", "--rate-source", "ECB"), "more decimals"),
        (("1.5 JPY", "--rate", "1", "--rate-source", "ECB"), "more decimals"),
        (("100.00 EUR", "--rate", "1", "--rate-source", "ECB"), "own currency"),
        (("100.00", "--booked-as", "100.00"), "own currency"),
        (("100.00 USD", "--rate", "1", "--rate-source", "ECB", "--rate-date", "2025-12-01"), "lies in the future"),
        (("100.00 USD", "--rate", "1", "--rate-source", "DE89370400440532013000"), "not the place for an account"),
        (("90000000000000.00 USD", "--rate", "2", "--rate-source", "ECB"), "comes to no amount"),
        (("USD 100.00", "--rate", "1", "--rate-source", "ECB"), "no currency in use"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_words(coop: Riverbend, words: tuple[str, ...], says: str) -> None:
    refused(coop, "income", "add", words[0], "--from", "ACME", *words[1:], says=says, code=USAGE)


def test_what_goes_back_of_foreign_money_is_never_more_than_it_brought(
    coop: Riverbend,
) -> None:
    ecb = ("--rate-source", "ECB")
    coop.ok("Ana", "income", "add", "100.00 USD", "--from", "ACME", "--ref", "I-1", "--rate", "0.92", *ecb)
    coop.ok("Ana", "income", "add", "50.00", "--from", "ACME", "--ref", "I-2")
    refund = ("refund", "add")
    refused(coop, *refund, "50.00 CHF", "--of", "I-1", "--rate", "1", *ecb, says="was in USD")
    refused(coop, *refund, "50.00 USD", "--of", "I-2", "--rate", "1", *ecb, says="was in EUR")
    refused(coop, *refund, "50.00 USD", "--of", "I-1", says="one rate is needed", code=USAGE)
    risen = "Where the rate has changed, book 92.00 EUR as the refund (--booked-as), and 3.00 EUR as a cost"
    refused(coop, *refund, "100.00 USD", "--of", "I-1", "--rate", "0.95", *ecb, says=risen)
    over = "was of 100.00 USD, so no more can go back"
    refused(coop, *refund, "101.00 USD", "--of", "I-1", "--rate", "0.9", *ecb, says=over)

    said = coop.ok("Ana", *refund, "50.00 USD", "--of", "I-1", "--rate", "0.92", *ecb).out
    assert "Booked 46.00 EUR = 50.00 USD at 0.92 (ECB, 2025-08-01) paid back to ACME" in said
    assert "Of that receipt 46.00 EUR is left" in said
    (row,) = coop.data("Ana", "refund", "list")["refunds"]
    assert (row["amount"], row["foreign"]["amount"], row["foreign"]["rate"]) == ("46.00", "50.00", "0.92")
    coop.ok("Ana", "report", "journal", "--format", "hledger", "--out", "books.journal")
    coop.now = "2025-09-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    shown = coop.ok("Ana", "payout", "show", "2025-08").out
    assert "Rate      100.00 USD at 0.92 (ECB, 2025-08-01) = 92.00 EUR" in shown
    assert "50.00 USD at 0.92" in (coop.folder / "books.journal").read_text(encoding="utf-8")
    coop.ok("Ana", "verify")


def test_all_that_goes_back_at_a_lower_rate_leaves_a_gain(coop: Riverbend) -> None:
    coop.ok("Ana", "income", "add", "100.00 USD", "--from", "ACME", "--ref", "I-1", "--booked-as", "92.00")

    said = coop.ok("Ana", "refund", "add", "100.00 USD", "--of", "I-1", "--booked-as", "90.00").out

    assert "what is left is a gain" in said
    assert coop.data("Ana", "income", "list")["total"] == "2.00"


def test_a_day_to_pay_until_is_for_bills(coop: Riverbend) -> None:
    refused(coop, "expense", "add", "1.00", "--to", "Host", "--due", "2025-09-01", says="say --unpaid too", code=USAGE)
    refused(coop, "expense", "add", "1.00", "--decided", "1", "--unpaid", says="leave the rest out", code=USAGE)
    refused(coop, "payee", "paid", "Host", "1.00", says="No party is called", code=USAGE)
    coop.ok("Ana", "expense", "add", "1.00", "--to", "Host", "--unpaid")
    refused(coop, "payee", "paid", "Host", "0", says="is no money", code=USAGE)
    refused(coop, "payee", "paid", "Host", "1.00", "--ref", "DE89370400440532013000", says="not the place", code=USAGE)
    refused(coop, "payee", "paid", "Host", "1.00", "--date", "2025-09-01", says="lies in the future")
