"""The more money a run gives people, the more treasurers must approve it: by steps that members vote."""

from pathlib import Path

import pytest

from ledger import cranks
from ledger.errors import Refused
from ledger.private import Text
from payouts import state
from payouts.approvers import parsed, written
from tests.autumn import AUGUST, SEPTEMBER, riverbend
from tests.riverbend import REFUSED, Riverbend
from tests.village import FOUNDED, Village, assert_every_book_is_the_same, at, found, person

ALL = """
title = "All of it by points"
points.code.hour = 10
income = { split = [{ part = "rest", to = "work" }] }
work = { share = "points", rest = "carry" }
"""
STEPS = "1, 2 from 500.00, 3 from 2000.00"


def voted(coop: Riverbend, number: int, value: str) -> None:
    """Everybody agrees to a number of approvers."""
    coop.ok("Ana", "propose", "policy", "approvers", value)
    for name in ("Ana", "Bela", "Chidi"):
        coop.run(name, "vote", str(number), "yes")


def test_a_small_month_needs_one_treasurer_and_a_large_one_three(tmp_path: Path) -> None:
    coop = riverbend(tmp_path, "Ana", "Bela", "Chidi", approvers=2)
    voted(coop, 1, "1,2 from 500, 3 from 2,000.00")
    coop.ok("Bela", "log", "7h", "cooked", "--role", "care")
    coop.ok("Ana", "log", "7h", "the shop", "--role", "code")
    coop.ok("Ana", "income", "add", "400.00", "--from", "ACME")
    coop.now = "2025-09-12T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    coop.ok("Bela", "log", "7h", "cooked", "--role", "care")
    coop.ok("Ana", "income", "add", "9000.00", "--from", "ACME")
    small = coop.ok("Chidi", "payout", "approve", AUGUST, "--yes").out
    coop.now = "2025-10-12T09:00:00Z"
    coop.ok("Ana", "payout", "tick")

    assert "1 of 1 (Chidi" in small
    assert f"1 must: it gives people 240.00 EUR, and members asked for {STEPS}." in small
    shown = coop.ok("Ana", "payout", "show", SEPTEMBER).out
    assert "0 of 3; missing 3 more: Ana, Bela, Chidi" in shown
    assert f"3 must: it gives people 5,400.00 EUR, and members asked for {STEPS}" in shown
    for name in ("Ana", "Bela"):
        coop.ok(name, "payout", "approve", SEPTEMBER, "--yes")
    refused = coop.run("Ana", "payout", "export", SEPTEMBER, "--date", "2025-10-15", "--out", "file.xml", "--yes")
    assert (refused.code, "is not approved yet: 2 of 3" in refused.err) == (REFUSED, True)
    approvals = coop.data("Chidi", "payout", "approve", SEPTEMBER, "--yes")
    assert (approvals["approved"], approvals["need"], approvals["by_amount"]) == (True, 3, STEPS)


def decided(here: Village, value: str, instant: int) -> None:
    """The members set how many treasurers approve."""
    moved = here.move("Ana", "policy", instant, texts=[value], terms={"names": ["approvers"]})
    for name in ("Ana", "Bela", "Chidi"):
        here.cast(name, moved, "yes", instant)


def paid_month(here: Village, month: str, amount: int, due: str) -> state.Run:
    """A month in which Ana worked and money came in, computed at an instant; its run."""
    item = {
        "who": "", "date": f"{month}-20", "role": "code", "kind": "hour", "qty": 60, "circle": "", "refs": [],
        "with": [], "gift": False, "source": None, "note": None, "evidence": None,
    }  # fmt: skip

    here.say("Ana", "contributions.logged", {"items": [item | {"who": person("Ana")}]}, at(f"{month}-21"))
    money = {
        "party": "ac" * 16, "amount": amount, "currency": "EUR", "ref": "", "deals": [], "circle": "",
        "booked": f"{month}-21", "value": f"{month}-21",
    }  # fmt: skip
    here.say("Ana", "payouts.received", money, at(f"{month}-22"))
    return turned(here, month, due)


def turned(here: Village, month: str, due: str) -> state.Run:
    """Close and compute a month at an instant."""

    here.book.advance(at(due))
    while waiting := cranks.all_turns(here.book, here.book.rooms, at(due)):
        here.say("Ana", *waiting[0], at(due))
        here.book.advance(at(due))
    return state.of(here.book).runs[month]


@pytest.fixture
def here() -> Village:
    """Three treasurers, a customer, and steps by amount that they voted."""
    village = found("Ana", "Bela", "Chidi", rule=ALL)
    decided(village, STEPS, FOUNDED)
    village.say("Ana", "ledger.party", {"id": "ac" * 16, "sort": "customer", "name": Text("ACME")}, FOUNDED)
    return village


@pytest.mark.parametrize(("amount", "needed"), [(49_999, 1), (50_000, 2), (199_999, 2), (200_000, 3), (9_000_000, 3)])
def test_a_step_begins_at_its_amount(here: Village, amount: int, needed: int) -> None:
    run = paid_month(here, "2025-08", amount, "2025-09-05")

    assert (sum(run.payees.values()), run.needed, run.needed_by) == (amount, needed, STEPS)


def test_what_a_run_needs_is_fixed_when_it_is_computed(here: Village) -> None:
    run = paid_month(here, "2025-08", 200_000, "2025-09-05")
    decided(here, "1", at("2025-09-06"))
    later = paid_month(here, "2025-09", 200_000, "2025-10-05")

    assert (run.needed, run.needed_by) == (3, STEPS)
    assert (later.needed, later.needed_by) == (1, "")
    assert_every_book_is_the_same(here)


def test_the_steps_that_hold_are_not_voted_once_more_however_they_are_spelled(here: Village) -> None:
    here.put("Ana", other := "1,2  from 500,3 from 2,000")
    with here.refuses("approvers is that already"):
        here.move("Ana", "policy", at("2025-08-10"), texts=[other], terms={"names": ["approvers"]})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("1, 2 from 5000.00, 3 from 4000.00", '"3 from 4000.00" does not come after the amount before it'),
        ("1, 2 from 5000.00, 3 from 5000.00", '"3 from 5000.00" does not come after the amount before it'),
        ("1, 2 from 0", '"2 from 0" does not come after the amount before it'),
        ("2, 2 from 5000.00", '"2 from 5000.00" asks for no more treasurers'),
        ("1, 3 from 50.00, 2 from 60.00", '"2 from 60.00" asks for no more treasurers'),
        ("1, 2 from 50.001", '"50.001" has more decimals than the currency'),
        ("1, 2 from five", '"five" is not an amount'),
        ("1, 2 from -5.00", '"-5.00" is negative'),
        ("1, two from 50.00", "'two' is no number from 1 to 100"),
        ("1, 101 from 50.00", "'101' is no number from 1 to 100"),
        ("1, 2 above 50.00", '"2 above 50.00" does not say how many treasurers from which amount on'),
        ("1, ", '"" does not say how many treasurers'),
        ("2 from 50.00", "'2 from 50.00' is no number from 1 to 100"),
        ("1, 4 from 50.00", "4 treasurers could never approve a payout: 3 are members"),
    ],
)
def test_steps_that_cannot_be_are_refused_in_words(here: Village, value: str, words: str) -> None:
    here.put("Ana", value)
    with here.refuses(words):
        here.move("Ana", "policy", FOUNDED, texts=[value], terms={"names": ["approvers"]})


@pytest.mark.parametrize("value", ["1", "3", "1, 2 from 5000.00", "1, 2 from 0.01, 9 from 90071992547409.91"])
def test_what_holds_is_read_as_it_is_written(value: str) -> None:
    assert written(*parsed(value, 2), 2) == value


@pytest.mark.parametrize(("exponent", "value"), [(0, "1, 2 from 5000"), (3, "1, 2 from 5000.000")])
def test_amounts_have_the_decimals_of_the_currency(exponent: int, value: str) -> None:
    assert written(*parsed(value, exponent), exponent) == value
    with pytest.raises(Refused, match="more decimals"):
        parsed(f"1, 2 from 5.{'0' * exponent}5", exponent)
