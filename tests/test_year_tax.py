"""A tax that was wrong at the close of a book year is set right, and the year that is open bears the difference."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payouts import exports, state
from payouts.years.year_showing import year_data
from tests.judges import complaint, journal_of, must_tie, with_programs
from tests.riverbend import REFUSED, USAGE, Riverbend
from tests.test_book_year import (
    FIRST,
    SECOND,
    SPLIT_LOSS,
    TAX_OFFICE,
    book,
    bylaw,
    close,
    hypha_year,
    lying,
    names,
    tick,
    ties,
    village,
)
from tests.test_book_year_story import here as riverbend  # noqa: F401  the same year, once for this file
from tests.village import Village, at

OWED = f"owed:{FIRST}:{TAX_OFFICE}"


def right(tax: int, **more: Any) -> dict[str, Any]:
    return {"year": FIRST, "tax": tax, "authority": TAX_OFFICE, "ref": ""} | more


def back(amount: int, day: str = "2026-01-05") -> dict[str, Any]:
    return {"refunded": amount, "booked": day, "value": day}


def pay(here: Village, amount: int) -> None:
    body = {"year": FIRST, "amount": amount, "ref": "", "booked": "2026-01-05", "value": "2026-01-05"}
    here.say("Ana", "payouts.tax_paid", body)


def closed(tax: int = 5_000) -> Village:
    """The first year left 800.00; this much of it is tax."""
    here = village(bylaw("hypha"), "Ana", "Bela", "Chidi")
    hypha_year(here)
    tick(here, at("2026-01-05"))
    close(here, tax=tax)
    return here


def test_more_tax_is_owed_and_the_result_of_the_open_year_bears_it() -> None:
    here = closed()
    reserve = lying(here, "account:reserve")

    here.say("Bela", "payouts.tax_corrected", right(7_000))

    assert (lying(here, OWED), lying(here, "account:result")) == (7_000, -2_000)
    assert lying(here, "account:reserve") == reserve
    pay(here, 7_000)
    book(here, 10_000, when=at("2026-03-10"), booked="2026-03-09")
    tick(here, at("2027-01-05"))
    year = close(here, SECOND)
    # 100.00 came in, 20.00 were tax of the year before, interest 2 % of 37.50 and 112.50 is 3.00.
    assert (year.left, year.amount) == (8_000, 7_700)
    assert [one["more"] for one in year_data(here.book, names(here), SECOND)["bears"]] == ["20.00"]
    ties(here)


def test_less_tax_comes_to_the_open_year_and_what_was_paid_too_much_only_when_it_is_back() -> None:
    here = closed()
    pay(here, 5_000)
    bank = state.of(here.book).accounts["bank"]
    with here.refuses("50.00 EUR was paid, which is more than that"):
        here.say("Ana", "payouts.tax_corrected", right(4_000))
    with here.refuses("no more can come back"):
        here.say("Ana", "payouts.tax_corrected", right(4_000, **back(5_001)))

    here.say("Ana", "payouts.tax_corrected", right(4_000, **back(1_000)))

    assert (lying(here, OWED), lying(here, "account:result")) == (0, 1_000)
    assert state.of(here.book).accounts["bank"] == bank + 1_000
    data = year_data(here.book, names(here), FIRST)
    assert (data["tax"], data["tax_now"], data["tax_owed"]) == ("50.00", "40.00", "0.00")
    ties(here)


def test_what_came_back_without_a_smaller_tax_is_owed_again() -> None:
    here = closed()
    pay(here, 5_000)

    here.say("Ana", "payouts.tax_corrected", right(5_000, **back(2_000)))

    assert (lying(here, OWED), lying(here, "account:result")) == (2_000, 0)
    pay(here, 2_000)
    ties(here)


def test_a_year_that_was_closed_without_tax_may_owe_some_after_all_and_one_authority_follows_another() -> None:
    here = closed(tax=0)
    here.say("Ana", "payouts.tax_corrected", right(3_000))
    other = "cd" * 16
    here.say("Ana", "ledger.party", {"id": other, "sort": "authority", "name": "00" * 32})
    with here.refuses("to another authority"):
        here.say("Ana", "payouts.tax_corrected", right(3_000, authority=other))

    here.say("Ana", "payouts.tax_corrected", right(0))
    here.say("Ana", "payouts.tax_corrected", right(3_000, authority=other))

    assert (lying(here, OWED), lying(here, f"owed:{FIRST}:{other}")) == (0, 3_000)
    assert lying(here, "account:result") == -3_000
    ties(here)


@pytest.mark.parametrize("tax", [500, 1_500])
@pytest.mark.parametrize("when", ["before the last run", "after the last run", "before both closes"])
def test_each_correction_is_borne_by_one_year_whenever_it_is_said(when: str, tax: int) -> None:
    here = village(SPLIT_LOSS)
    book(here, 10_000)
    tick(here, at("2026-01-05"))
    close(here, FIRST, tax=1_000)
    book(here, 10_000, when=at("2026-03-10"), booked="2026-03-09")
    if when == "before the last run":
        here.say("Ana", "payouts.tax_corrected", right(tax))
    tick(here, at("2027-01-05"))
    if when != "before the last run":
        here.say("Ana", "payouts.tax_corrected", right(tax))
    book(here, 3_000, when=at("2027-02-10"), booked="2027-02-09")
    if when == "before both closes":
        tick(here, at("2028-01-05"))

    second = close(here, SECOND)

    tick(here, max(at("2028-01-05"), here.book.received))
    third = close(here, "2027-01-01")
    borne = 10_000 - (tax - 1_000)
    assert (second.left, second.amount) == (borne, borne)
    assert (third.left, third.amount) == (3_000, 3_000)
    assert lying(here, "account:reserve") == 9_000 + borne + 3_000
    assert year_data(here.book, names(here), "2027-01-01")["bears"] == []
    ties(here)


def test_a_tax_is_set_right_by_a_treasurer_of_a_year_that_is_computed_and_only_where_it_differs() -> None:
    here = village(SPLIT_LOSS)
    book(here, 10_000)
    tick(here, at("2026-01-05"))
    with here.refuses("not closed yet"):
        here.say("Ana", "payouts.tax_corrected", right(100))
    close(here, tax=1_000)
    for words, body in {
        "is the tax of 2025-01-01 already": right(1_000),
        "a party the ledger does not know": right(1_100, authority="ef" * 16) | {"year": FIRST},
        "more than all the money": right(10_001),
        "has its days": right(900, refunded=100),
        "lies in the future": right(900, **back(1, "2026-02-05")),
    }.items():
        if "party" in words:
            here.say("Ana", "payouts.tax_corrected", right(0))
        with here.refuses(words):
            here.say("Ana", "payouts.tax_corrected", body)


def test_while_a_close_waits_for_its_run_no_tax_is_set_right() -> None:
    here = closed()
    tick(here, at("2027-01-05"))
    here.say("Ana", "payouts.year_closed", {"year": SECOND, "tax": 0, "authority": None})

    with here.refuses("2026-01-01 is closed and not computed yet"):
        here.say("Ana", "payouts.tax_corrected", right(6_000))


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9_000)), max_size=4),
    st.booleans(),
    st.integers(0, 2_000),
)
def test_whenever_taxes_are_set_right_all_years_together_share_what_came_in_less_the_tax(
    said: list[tuple[int, int]], late: bool, first_tax: int
) -> None:
    """Corrections at any of six moments; the second year closed in time, or a year late."""
    here = village(SPLIT_LOSS)
    moments = ["2026-02-10", "2026-06-10", "2027-01-05", "2027-02-10", "2028-01-05", "2028-02-10"]
    book(here, 10_000)
    tick(here, at("2026-01-05"))
    close(here, FIRST, tax=first_tax)
    tax = first_tax
    for number, moment in enumerate(moments):
        if number in (0, 3):
            book(here, 10_000, when=max(at(moment), here.book.received), booked=moment, value=moment)
        tick(here, max(at(moment), here.book.received))
        for _, right_tax in (one for one in said if one[0] == number and one[1] != tax):
            if right_tax != tax:
                here.say("Ana", "payouts.tax_corrected", right(right_tax))
                tax = right_tax
        if number == (4 if late else 2):
            close(here, SECOND)
    close(here, "2027-01-01")
    tick(here, at("2029-01-05"))
    close(here, "2028-01-01")

    assert lying(here, OWED) == tax
    # Each correction was borne by one year, and by no second one: nothing is left in the result.
    assert (lying(here, "account:reserve"), lying(here, "account:result")) == (30_000 - tax, 0)


@with_programs
def test_the_correction_and_what_came_back_are_in_the_journal(tmp_path: Path, program: str) -> None:
    here = closed()
    pay(here, 5_000)
    here.say("Ana", "payouts.tax_corrected", right(4_000, **back(1_000)))
    here.say("Ana", "payouts.tax_corrected", right(4_500))
    made = journal_of(here, here.book.until)

    must_tie(made)
    text = exports.of(program)(made)
    assert complaint(program, text, tmp_path) == ""
    assert "is set right" in text
    assert "came back from" in text


def test_a_treasurer_sets_the_tax_right_as_it_is_typed(riverbend: Riverbend) -> None:  # noqa: F811
    here = riverbend
    assert here.run("Ana", "year", "correct-tax", "2025", "60.00").code == REFUSED
    here.ok("Ana", "year", "close", "2025", "--tax", "50.00", "--to", "Tax office")
    here.ok("Bela", "payout", "tick")
    here.ok("Ana", "year", "pay-tax", "2025", "50.00")

    assert here.run("Ana", "year", "correct-tax", "2025", "40.00").code == REFUSED
    assert here.run("Ana", "year", "correct-tax", "2025", "40.00", "--date", "today").code == USAGE
    said = here.ok("Ana", "year", "correct-tax", "2025", "40.00", "--refunded", "10.00", "--ref", "Notice 7").out

    assert "The tax of 2025-01-01 is 40.00 EUR" in said
    assert "10.00 EUR less than before; the result of the open year bears it" in said
    assert "0.00 EUR is owed still to Tax office" in said
    shown = here.ok("Ana", "year", "show", "2025").out
    assert "Tax       set right to 40.00 EUR (-10.00, 10.00 EUR came back, Notice 7; entry" in shown
    assert "-10.00" in here.ok("Ana", "report", "accounts").out
    here.ok("Bela", "verify")
