"""What stands in the journal for accountants: dates, names in any letters, currencies, new rules; and that it ties."""

import re
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from beancount.core.account import is_valid
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.book import Book
from ledger.shelf import MemoryShelf
from payouts import exports, state
from payouts.books import postings
from payouts.books.chart import Chart, component
from payouts.books.journal import Transaction, journal, one_line
from payouts.books.postings import Posting, moved
from payouts.state import DoesNotTie
from tests.judges import (
    ASK,
    JUDGES,
    complaint,
    held_by,
    journal_of,
    must_tie,
    needs_hledger,
    needs_ledger,
    text_of,
    with_programs,
)
from tests.riverbend import Riverbend
from tests.test_payouts_accounts import ACME, NOVEMBER, OCTOBER, PLAIN, SEPTEMBER, book, log, lying, tick, village
from tests.test_payouts_books import ODD
from tests.village import ROOMS, Village, at, person

# Currencies and names.


@with_programs
@pytest.mark.parametrize(
    ("currency", "came", "spent", "left"),
    [("JPY", "42000", "1001", "40999"), ("KWD", "42.125", "1.001", "41.124"), ("UYW", "42.1255", "0.0001", "42.1254")],
)
def test_a_currency_has_its_own_decimals(
    tmp_path: Path, program: str, currency: str, came: str, spent: str, left: str
) -> None:
    coop = Riverbend(tmp_path)
    coop.homes = {"Ana": "founders"}
    coop.ok("Ana", "init", "Riverbend", "--currency", currency, "--founder", "Ana", "--rehearsal")
    coop.ok("Ana", "log", "2h", "all of it", "--role", "code")
    coop.ok("Ana", "income", "add", came, "--from", "ACME")
    coop.ok("Ana", "expense", "add", spent, "--to", "Hosting")
    coop.now = "2025-09-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    text = text_of(coop, program)

    assert complaint(program, text, tmp_path) == ""
    assert f"Assets:Bank  {came} {currency}" in text
    assert re.search(rf"Assets:Bank .*{re.escape(left)} .*{currency}\n", text)
    if program in ASK:
        assert held_by(ASK[program], text, tmp_path)["Assets:Bank"] == left


@with_programs
def test_a_rule_may_call_its_accounts_in_any_letters(tmp_path: Path, program: str) -> None:
    odd = ODD.replace("arbeitslöhne", "保険 ٣").replace("=cmd", "Резерв")
    here = village(odd)
    for month, now in ((8, SEPTEMBER), (9, OCTOBER)):
        log(here, "Ana", 60, f"2025-{month:02}-01")
        log(here, "Chidi", 95, f"2025-{month:02}-01", role="care")
        book(
            here,
            10_001,
            booked=f"2025-{month:02}-01",
            ref=f"{month}\n;b  ; x: y [2025/13/45] \u202eq",
            circle="north/a",
        )
        tick(here, now)
    made = journal_of(here, OCTOBER, call=lambda known: f'"{known[:4]}; \\ [2025-13-45] שלום')
    text = exports.of(program)(made)

    must_tie(made)
    assert complaint(program, text, tmp_path) == ""
    assert {"Equity:Pots:X---保険-٣", "Equity:Funds:X---Резерв"} <= made.accounts.keys()
    assert "\u202e" not in text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), min_size=2, max_size=2))
def test_no_two_names_become_the_same_account(names: list[str]) -> None:
    written = [component(name) for name in names]

    assert (written[0] == written[1]) == (names[0] == names[1])
    assert all(is_valid(f"Equity:{one}") for one in written)
    assert not any(one.isspace() or one in ";:()[]" for one in "".join(written))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("reserve", "Reserve"),
        ("Reserve", "X---Reserve"),
        ("legal reserve", "Legal-reserve"),
        ("legal-reserve", "Legal--2d--reserve"),
        ("a:b", "A--3a--b"),
        ("5er", "5er"),
        ("ßa", "X---ßa"),
        ("保険", "X---保険"),
    ],
)
def test_a_name_stays_readable_in_an_account(name: str, written: str) -> None:
    assert component(name) == written


def test_ids_that_begin_alike_are_told_apart_and_the_first_keeps_its_short_one() -> None:
    chart = Chart(village().book)
    first, second = "ab" * 16, "ab" * 8 + "cd" * 8

    assert chart.short(first) == "Mabababab"
    assert chart.short(second) == "Mababababa"
    assert chart.short(ACME) == f"P{ACME[:8]}"
    assert chart.short(first) == "Mabababab"


def test_words_stay_on_their_line() -> None:
    assert one_line("a\n2025-01-01 open\tB\u2028c\u202e") == "a 2025-01-01 open B c"
    assert one_line("می\u200cخواهم") == "می\u200cخواهم"


# Dates, rules, and what comes later.


def test_what_is_written_of_closed_periods_never_changes() -> None:
    here = village()
    log(here, "Ana", 60)
    book(here, 1000)
    tick(here, SEPTEMBER)
    before = journal_of(here, SEPTEMBER)
    book(here, 77, when=SEPTEMBER, booked="2025-08-20", value="2025-08-19")  # late: its period is closed
    book(here, 500, when=SEPTEMBER, booked="2025-09-03")
    tick(here, OCTOBER)
    after = journal_of(here, OCTOBER)

    closed = [row for row in before.rows if row.date <= "2025-08-31"]
    assert closed == [row for row in after.rows if row.date <= "2025-08-31"]
    assert len(closed) == 2
    late = next(row for row in after.transactions if "booked" in row.tags)
    assert (late.date, late.tags["booked"], late.tags["value"]) == ("2025-09-01", "2025-08-20", "2025-08-19")
    must_tie(after)


def test_the_grace_after_a_period_is_still_its_own() -> None:
    here = village()
    book(here, 1000, when=at("2025-09-02"), booked="2025-08-31")
    tick(here, SEPTEMBER)
    made = journal_of(here, SEPTEMBER)

    assert made.transactions[0].date == "2025-08-31"
    assert made.checks[0].balances == {"Assets:Bank": 1000, "Income:Receipts": -1000}


def test_money_from_before_the_first_period_keeps_its_date_while_none_is_closed() -> None:
    here = village()
    book(here, 1000, booked="2025-06-30", value="2025-06-29")
    book(here, 1000, when=SEPTEMBER, booked="2025-06-30")
    first, second = (row for row in journal_of(here, SEPTEMBER).transactions if row.words.startswith("received"))

    assert (first.date, first.tags["value"], "booked" in first.tags) == ("2025-06-30", "2025-06-29", False)
    assert (second.date, second.tags["booked"]) == ("2025-09-01", "2025-06-30")


def test_things_are_dated_as_the_cooperatives_own_calendar_has_it() -> None:
    here = village()
    book(here, 1000)
    instant = at("2025-09-04T23:30:00Z")
    tick(here, instant)

    assert [journal_of(here, instant, zone).transactions[-1].date for zone in (UTC, ZoneInfo("Asia/Tokyo"))] == [
        "2025-09-04",
        "2025-09-05",
    ]


MOVING = """
moved = { work = "jobs", reserve = "kept", loan = "credit" }
[accounts]
kept = "indivisible"
credit = "member"
help = "owed"
[points.code]
hour = 10
[income]
split = [{ part = "50%", to = "kept" }, { part = "20%", to = "help" }, { part = "rest", to = "jobs" }]
[jobs]
share = "points"
into = "credit"
rest = "carry"
"""
BEFORE = """
[accounts]
reserve = "indivisible"
loan = "member"
help = "fund"
[points.code]
hour = 10
[income]
split = [{ part = "50%", to = "reserve" }, { part = "20%", to = "help" }, { part = "rest", to = "work" }]
[work]
share = "points"
into = "loan"
cap = "1.00"
rest = "carry"
"""


@with_programs
def test_a_new_rule_moves_what_lies_under_old_names_and_what_is_of_another_kind(tmp_path: Path, program: str) -> None:
    here = village(BEFORE)
    log(here, "Ana", 60)
    book(here, 1000)
    tick(here, SEPTEMBER)
    proposed = here.propose_rule("Ana", MOVING)
    for name in ("Ana", "Chidi"):
        here.vote(name, proposed, "yes")
    tick(here, NOVEMBER)
    made = journal_of(here, NOVEMBER)
    words = {row.words: row for row in made.transactions}
    ana = f"M{person('Ana')[:8]}"

    must_tie(made)
    assert complaint(program, exports.of(program)(made), tmp_path) == ""
    assert "2025-10: work goes to jobs under the new rule" in words
    assert "2025-10: reserve goes to kept under the new rule" in words
    assert f"2025-10: loan of {ana} goes to credit of {ana} under the new rule" in words
    help_now = words["2025-10: help is of another kind under the new rule"]
    assert [posting.account for posting in help_now.postings] == ["Liabilities:Owed:Help", "Equity:Funds:Help"]
    held = made.checks[-1].balances
    assert (held["Equity:Reserve:Reserve"], held["Equity:Reserve:Kept"]) == (0, -500)
    assert held[f"Equity:Capital:Credit:{ana}"] == lying(here)[f"member:credit:{person('Ana')}"]


# The books and the journal are two.


def test_what_an_entry_says_must_be_what_it_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    here = village()
    book(here, 1000)

    def a_cent_less(moment: postings.Moment) -> Any:
        yield Transaction(
            date="2025-08-01", code="2", words="", tags={}, postings=moved("Assets:Bank", "Income:X", 999)
        )

    monkeypatch.setitem(postings.SAY, "payouts.received", a_cent_less)
    with pytest.raises(DoesNotTie, match="entry 2 says another sum than it moved"):
        journal_of(here, OCTOBER)


@with_programs
def test_what_no_entry_said_stands_in_the_journal_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str
) -> None:
    here = village()
    book(here, 1000)

    def due(book: Book, until: int) -> Any:
        """In the autumn some interest is owed, which nobody states."""
        if until < OCTOBER or "tax:x" in state.of(book).accounts:
            return None
        return OCTOBER, "interest", lambda book: state.post(state.of(book).accounts, "account:old", "tax:x", 7)

    monkeypatch.setattr(state, "due", due)
    made = journal_of(here, NOVEMBER)

    must_tie(made)
    assert (made.transactions[-1].date, made.transactions[-1].words) == ("2025-10-05", "what fell due")
    assert made.checks[-1].balances["Equity:Other:Tax--3a--x"] == -7
    assert complaint(program, exports.of(program)(made), tmp_path) == ""


@with_programs
def test_what_has_no_words_yet_stands_in_the_journal_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str
) -> None:
    here = village()
    book(here, 1000)
    book(here, 300, "payouts.spent")
    tick(here, SEPTEMBER)
    monkeypatch.delitem(postings.SAY, "payouts.spent")
    made = journal_of(here, SEPTEMBER)

    must_tie(made)
    wordless = next(row for row in made.transactions if row.words == "payouts.spent")
    assert wordless.postings == (
        Posting(account="Assets:Bank", amount=-300),
        Posting(account="Expenses:Costs", amount=300),
    )
    assert complaint(program, exports.of(program)(made), tmp_path) == ""


def test_the_journal_is_that_of_the_log_whoever_folds_it() -> None:
    here = village()
    book(here, 1000)
    tick(here, SEPTEMBER)
    again = Book(ROOMS, MemoryShelf())
    again.root_at, again.leaf_at = here.book.root_at, here.book.leaf_at

    assert journal(here.leaves, again, SEPTEMBER, UTC) == journal_of(here, SEPTEMBER)
    assert (again.size, again.root) == (here.book.size, here.book.root)


# Whatever a year brings.


@st.composite
def months(draw: st.DrawFn) -> Village:
    """Some months: money in and out, on time or late, work of two people; sometimes nobody computes for a while."""
    here = village(draw(st.sampled_from([PLAIN, BEFORE, ODD])))
    ends = [at(f"2025-{month:02}-05") for month in (9, 10, 11, 12)]
    for month, end in zip((8, 9, 10, 11), ends, strict=True):
        now = max(here.book.received, at(f"2025-{month:02}-28"))
        for _ in range(draw(st.integers(0, 4))):
            day = f"2025-{draw(st.integers(max(8, month - 1), month)):02}-{draw(st.integers(1, 28)):02}"
            kind = draw(st.sampled_from(["payouts.received", "payouts.received", "payouts.spent"]))
            book(here, draw(st.integers(1, 10**7)), kind, now, booked=day, value=day)
        for who in ("Ana", "Chidi"):
            if minutes := draw(st.integers(0, 90)):
                log(here, who, minutes, f"2025-{month:02}-03", now)
        if draw(st.booleans()):
            tick(here, end)
    return here


@settings(max_examples=25)
@given(months())
def test_any_months_give_a_journal_that_ties(here: Village) -> None:
    until = at("2025-12-05")
    made = journal_of(here, until)

    must_tie(made)
    held = made.checks[-1].balances if made.checks else {}
    books = lying(here)
    assert held.get("Assets:Bank", 0) == books.get("bank", 0)
    awaited = sum(held.get(account, 0) for account in ("Income:Receipts", "Expenses:Costs", "Equity:Shared"))
    assert awaited == books.get("awaiting", 0)
    pots = sum(amount for account, amount in held.items() if account.startswith("Equity:Pots:"))
    assert pots == sum(amount for name, amount in books.items() if name.startswith("pot:"))


@needs_hledger
@needs_ledger
@settings(max_examples=4)
@given(months())
def test_any_months_are_right_to_all_three_programs(tmp_path_factory: pytest.TempPathFactory, here: Village) -> None:
    made, folder = journal_of(here, at("2025-12-05")), tmp_path_factory.mktemp("months")

    for program in JUDGES:
        assert complaint(program, exports.of(program)(made), folder) == ""
