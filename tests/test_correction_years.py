"""Corrections and the book year: each belongs to one year, capital rolls forward, closed figures stay."""

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from payouts import exports, state
from payouts.corrections.correcting import REFUNDED
from payouts.corrections.receipts import left_of
from payouts.corrections.standing import amended
from payouts.years.year_run import YearRun, computed_year
from payouts.years.year_showing import show_year, year_data
from tests import test_payouts_accounts as books
from tests.judges import complaint, journal_of, must_tie, with_programs
from tests.test_book_year import FIRST, JANUARY, SECOND, close, lying, tick, ties, village
from tests.test_capital import rolls_forward
from tests.test_corrections import receipt, refund
from tests.test_payouts_accounts import names
from tests.test_payouts_books import drawn
from tests.village import Village, at, person

RULE = """
late = "true_up"
[accounts]
reserve = "indivisible"
loan = { kind = "member", interest = "10%" }
[points.code]
hour = 1
[income]
split = [{ part = "20%", to = "reserve" }, { part = "20%", to = "result" }, { part = "rest", to = "work" }]
[work]
share = "points"
into = { loan = "1/2", balance = "rest" }
rest = "carry"
[surplus]
split = [{ part = "50%", to = "reserve" }, { part = "rest", to = "members" }]
[members]
share = "pay"
into = "loan"
rest = "reserve"
[loss]
split = [{ part = "50%", to = "reserve" }, { part = "rest", to = "members" }]
"""
MARCH = at("2026-03-02")
ANA = person("Ana")


def log(here: Village, who: str, hours: int, day: str, when: str) -> None:
    books.log(here, who, hours * 60, day, max(at(when), here.book.received))


def december(here: Village) -> Any:
    """In December 1,000.00 came in, and Ana and Bela worked alike."""
    log(here, "Ana", 5, "2025-12-10", "2025-12-11")
    log(here, "Bela", 5, "2025-12-10", "2025-12-11")
    return receipt(here, 100_000, at("2025-12-11"), booked="2025-12-11", value="2025-12-11")


def in_january(here: Village, paid: Any, amount: int, when: int) -> None:
    """So much of December's receipt goes back on the 10th of January, or later."""
    refund(here, paid, amount, when, booked="2026-01-10", value="2026-01-10")
    tick(here, when)


def capital(year: YearRun) -> dict[str, int]:
    """Person -> what the capital statement of a year ends with."""
    parts = (year.opening, year.shared, year.interest, {n: p for n, p in year.shares().items() if n == "loan"})
    sums: dict[str, int] = {}
    for part in parts:
        for one, amount in part.get("loan", {}).items():
            sums[one] = sums.get(one, 0) + amount
    return {one: amount for one, amount in sums.items() if amount}


def loans(here: Village) -> dict[str, int]:
    """Person -> what lies on the loan account."""
    return {one.removeprefix("loan:"): amount for one, amount in state.lying(here.book, "member").items()}


def test_a_refund_before_the_year_is_closed_belongs_to_the_year_of_its_receipt() -> None:
    here = village(RULE)
    paid = december(here)
    tick(here, JANUARY)
    in_january(here, paid, 50_000, at("2026-01-10"))

    year = close(here, when=MARCH)

    # 500.00 stayed: 100.00 to the reserve, 100.00 in the result, 300.00 to the two, half of it on their loans.
    assert (year.left, year.amount) == (10_000, 10_000)
    assert year.shared == {"loan": {ANA: 7_500, person("Bela"): 7_500}}
    assert capital(year) == loans(here)
    assert lying(here, "account:result") == 0
    drawn(*show_year(here.book, names(here), FIRST))
    ties(here)


def test_the_figures_of_a_closed_year_stay_and_the_difference_belongs_to_the_open_one() -> None:
    here = village(RULE)
    paid = december(here)
    tick(here, JANUARY)
    first = close(here, when=at("2026-01-06"))
    in_january(here, paid, 100_000, at("2026-01-12"))
    found = amended(here.book, "2025-12#1")
    # The reserve had 200.00 of December and 100.00 of the year; the loans 300.00, and 100.00 of the year.
    assert found.moved["account:result"] == -20_000
    assert computed_year(here.book, FIRST) == first
    tick(here, at("2027-01-05"))
    second = close(here, SECOND)

    assert second.opening == {"loan": capital(first)}
    assert second.shared == {"loan": {ANA: -15_000, person("Bela"): -15_000}}
    assert (second.left, second.start) == (-20_000, "loss")
    assert capital(second) == loans(here)
    ties(here)


@with_programs
def test_the_programs_judge_a_journal_with_amendments_on_both_sides_of_a_close(tmp_path: Path, program: str) -> None:
    here = village(RULE)
    paid = december(here)
    tick(here, JANUARY)
    in_january(here, paid, 1_000, at("2026-01-10"))
    close(here, when=at("2026-01-11"))
    in_january(here, paid, 50_000, at("2026-01-12"))
    tick(here, at("2027-01-05"))
    close(here, SECOND)
    made = journal_of(here, here.book.until)

    must_tie(made)
    assert complaint(program, exports.of(program)(made), tmp_path) == ""
    assert [one.words for one in made.transactions if "#" in one.words] == [
        "2025-12#1: a refund",
        "2025-12#2: a refund",
    ]


def test_a_refund_that_comes_when_a_later_period_ran_already_is_in_the_result_of_its_own_year() -> None:
    here = village(RULE)
    paid = december(here)
    log(here, "Ana", 5, "2026-01-10", "2026-01-11")
    receipt(here, 40_000, at("2026-01-11"), booked="2026-01-11", value="2026-01-11")
    tick(here, at("2026-02-05"))
    in_january(here, paid, 100_000, at("2026-02-10"))

    first = close(here, when=MARCH)
    assert (first.left, first.costs, first.amount) == (0, 0, 0)
    tick(here, at("2027-01-05"))
    second = close(here, SECOND)

    assert second.opening == {}
    assert second.left == 8_000
    assert capital(second) == loans(here)
    ties(here)


def test_late_work_of_december_weighs_in_the_year_of_its_date_once() -> None:
    pay_by_work = RULE.replace('share = "pay"', 'share = "points"')
    here = village(pay_by_work)
    december(here)
    tick(here, JANUARY)
    log(here, "Bela", 10, "2025-12-12", "2026-01-12")
    tick(here, at("2026-02-05"))
    first = close(here, when=MARCH)
    tick(here, at("2027-01-05"))
    second = close(here, SECOND)

    hours = {one: sum(item.qty for item in first.facts.items if item.who == person(one)) for one in ("Ana", "Bela")}
    assert hours == {"Ana": 5, "Bela": 15}
    assert second.facts.items == ()
    ties(here)


def test_late_work_that_came_after_its_year_was_closed_weighs_in_the_year_in_which_it_came() -> None:
    here = village(RULE.replace('share = "pay"', 'share = "points"'))
    december(here)
    tick(here, JANUARY)
    close(here, when=at("2026-01-06"))
    log(here, "Bela", 10, "2025-12-12", "2026-01-12")
    tick(here, at("2027-01-05"))
    second = close(here, SECOND)

    assert [(item.who, item.qty) for item in second.facts.items] == [(person("Bela"), 10)]
    assert capital(second) == loans(here)
    ties(here)


def test_a_year_is_closed_once_its_periods_are_amended_and_no_amendment_comes_between() -> None:
    here = village(RULE)
    paid = december(here)
    tick(here, JANUARY)
    refund(here, paid, 1, at("2026-01-10"), booked="2026-01-10", value="2026-01-10")
    body = {"year": FIRST, "tax": 0, "authority": None}
    with here.refuses("2025-12 is amended first"):
        here.say("Ana", "payouts.year_closed", body)
    tick(here, at("2026-01-10"))
    here.say("Ana", "payouts.year_closed", body)
    refund(here, paid, 1, at("2026-01-10"), booked="2026-01-10", value="2026-01-10")
    with here.refuses("not due to be amended"):
        here.say("Ana", "payouts.amended", {"period": "2025-12", "number": 2, "engine": 1, "digest": "00" * 32})
    tick(here, at("2026-01-10"))

    assert list(state.of(here.book).amendments) == ["2025-12#1", "2025-12#2"]
    assert REFUNDED not in state.of(here.book).accounts
    ties(here)


def test_what_cannot_be_collected_from_somebody_who_left_enters_the_result_of_the_year() -> None:
    here = village(RULE.replace('into = { loan = "1/2", balance = "rest" }\n', ""), "Ana", "Bela", "Chidi")
    log(here, "Ana", 5, "2025-10-10", "2025-10-11")
    log(here, "Bela", 5, "2025-10-10", "2025-10-11")
    paid = receipt(here, 100_000, at("2025-10-11"), booked="2025-10-11", value="2025-10-11")
    tick(here, at("2025-11-05"))
    # Bela was paid 300.00, and left.
    bela = f"balance:{person('Bela')}"
    state.post(state.of(here.book).accounts, bela, state.BANK, 30_000)
    here.say("Bela", "ledger.left", {}, at("2025-11-06"))
    refund(here, paid, 100_000, at("2025-12-10"), booked="2025-12-10", value="2025-12-10")
    books.tick(here, JANUARY, "Chidi")
    assert lying(here, bela) == -30_000
    here.say("Ana", "payouts.year_closed", {"year": FIRST, "tax": 0, "authority": None}, MARCH)
    books.tick(here, MARCH, "Chidi")
    year = computed_year(here.book, FIRST)

    assert year.uncollected == {person("Bela"): 30_000}
    assert (year.left, year.amount, year.start) == (0, -30_000, "loss")
    assert bela not in state.of(here.book).accounts
    assert year_data(here.book, names(here), FIRST)["uncollected"] == "300.00"
    assert "not to be collected 300.00" in drawn(*show_year(here.book, names(here), FIRST))


MOMENTS = st.lists(
    st.tuples(st.sampled_from(["back", "late", "close", "month", "month"]), st.integers(1, 60_000), st.integers(0, 1)),
    max_size=9,
)


@settings(max_examples=8, deadline=None)
@given(MOMENTS)
def test_whenever_corrections_come_capital_rolls_forward_and_every_figure_ties(
    moments: list[tuple[str, int, int]],
) -> None:
    here = village(RULE)
    receipts, found, logged = [december(here)], list[YearRun](), 0
    tick(here, JANUARY)
    for number, (what, amount, pick) in enumerate(moments):
        now = max(here.book.received, here.book.until) + 3_600_000
        day = f"2026-{1 + number:02}-01"
        if what == "month":
            now = max(now, at(f"2026-{1 + number:02}-06"))
            receipts.append(receipt(here, amount, now, booked=day, value=day))
            books.log(here, "Ana" if pick else "Bela", 60, day, now)
        elif what == "late":
            logged += 1
            books.log(here, ("Ana", "Bela")[pick], amount % 500 + 1, f"2025-12-{11 + logged:02}", now)
        elif what == "close" and not found:
            tick(here, now)
            found.append(close(here))
        elif what == "back":
            paid = receipts[pick % len(receipts)]
            if left := left_of(here.book, paid.index):
                on = f"2026-{1 + number:02}-06"
                refund(here, paid, min(left, amount), max(now, at(on)), booked=on, value=on)
        tick(here, max(here.book.received, here.book.until))
    tick(here, at("2027-01-05"))
    found += [close(here)] if not found else []
    found.append(close(here, SECOND))

    first, second = found
    assert second.opening.get("loan", {}) == capital(first)
    assert capital(second) == loans(here)
    rolls_forward(here)
    for year in found:
        interest = sum(sum(each.values()) for each in year.interest.values())
        assert year.amount == year.left + year.costs - interest
    assert sum(state.of(here.book).accounts.values()) == 0
    ties(here)
    must_tie(journal_of(here, here.book.until))
