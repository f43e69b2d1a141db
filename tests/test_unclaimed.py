"""Balances of who has left that cannot be paid: watched after a vote, noticed, then moved where members voted."""

from pathlib import Path
from typing import Any

import pytest

from ledger.errors import Refused
from payouts import exports, state
from payouts.departed.unclaimed import to_move, to_notice
from tests.autumn import riverbend
from tests.judges import complaint, journal_of, text_of, with_programs
from tests.riverbend import Riverbend
from tests.test_bank_details import PUBLIC
from tests.test_bank_steps import details, export
from tests.test_book_year import lying, ties
from tests.test_capital import vote
from tests.test_payouts_accounts import ACME, book, tick
from tests.village import DAY, Village, at, found, person

RULE = """
[accounts]
training = "fund"
loan = "member"
[income]
split = [{ part = "0%", to = "training" }, { part = "rest", to = "work" }]
[work]
share = "equal"
rest = "carry"
[surplus]
share = "equal"
into = "loan"
rest = "training"
"""
THREE = ("Ana", "Bela", "Chidi")
POLICY = "24 months to training"
SEPTEMBER = at("2025-09-05")
OVER = at("2027-10-05")
"""24 months after the cut-off of September 2025, 2025-10-04, and the day it falls on."""


def village(policy: str = POLICY, rule: str = RULE) -> Village:
    """August's 90.00 are shared and approved; Chidi leaves in September; nobody has payment details."""
    here = found(*THREE, rule=rule)
    here.say("Ana", "ledger.party", {"id": ACME, "sort": "customer", "name": "00" * 32})
    if policy:
        vote(here, policy, THREE, "unclaimed")
    book(here, 9_000)
    tick(here, SEPTEMBER, "Bela")
    digest = state.of(here.book).runs["2025-08"].digest
    for name in ("Ana", "Bela"):
        here.say(name, "payouts.approved", {"period": "2025-08", "digest": digest})
    here.say("Chidi", "ledger.left", {}, at("2025-09-10"))
    return here


def years_pass(here: Village, until: int) -> None:
    """All cranks are turned, month by month."""
    for row in here.book.ledger.calendar:
        if here.book.until < row.cut <= until:
            tick(here, row.cut, "Bela")
    tick(here, until, "Bela")


def balance(here: Village) -> int:
    return lying(here, f"balance:{person('Chidi')}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("24 months", "does not say"),
        ("24 months to loan", "no account of the cooperative"),
        ("24 months to nowhere", "no account of the cooperative"),
        ("5 months to training", "not from 6 to 240"),
        ("241 months to training", "not from 6 to 240"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(text: str, words: str) -> None:
    here = found(*THREE, rule=RULE)

    with pytest.raises(Refused, match=words):
        here.move("Ana", "policy", None, texts=[text], terms={"names": ["unclaimed"]})


def test_after_the_months_a_notice_and_90_days_later_the_account_that_members_voted() -> None:
    here = village()
    years_pass(here, OVER - DAY)
    assert to_notice(here.book, OVER - 1) == []
    with here.refuses("No such notice is due"):
        here.say("Bela", "payouts.unclaimed_noticed", {"person": person("Chidi"), "amount": 3_000}, OVER - 1)

    years_pass(here, OVER)

    noticed = state.of(here.book).quiet[person("Chidi")]
    assert (noticed.noticed is not None, balance(here)) == (True, 3_000)
    assert any("goes elsewhere soon" in words for words in state.reminders(here.book, person("Chidi")))
    with here.refuses("No such balance is unclaimed"):
        here.say("Bela", "payouts.unclaimed", {"person": person("Chidi"), "amount": 3_000}, OVER + 90 * DAY - 1)
    years_pass(here, OVER + 90 * DAY)
    assert (balance(here), lying(here, "account:training")) == (0, 3_000)
    ties(here)


def test_whoever_says_where_to_pay_has_the_money_still_after_a_notice() -> None:
    here = village()
    here.say("Ana", "payouts.box_key", {"key": PUBLIC.hex()})
    years_pass(here, OVER)
    assert state.of(here.book).quiet[person("Chidi")].noticed is not None

    details(here, "Chidi")

    assert to_move(here.book, OVER + 200 * DAY) == []
    years_pass(here, OVER + 200 * DAY)
    assert balance(here) == 3_000


def test_money_that_comes_starts_the_clock_anew() -> None:
    here = village(
        rule=RULE.replace('share = "equal"\nrest = "carry"', 'share = "equal"\nwho.leavers = true\nrest = "carry"')
    )
    years_pass(here, at("2027-08-10"))
    book(here, 300, when=at("2027-08-10"), booked="2027-08-09", value="2027-08-09")
    years_pass(here, OVER)

    assert (balance(here), to_notice(here.book, OVER)) == (3_100, [])
    assert state.of(here.book).quiet[person("Chidi")].noticed is None


def test_a_member_is_never_among_them() -> None:
    here = village()

    years_pass(here, OVER)

    assert lying(here, f"balance:{person('Ana')}") == 3_000
    assert set(state.of(here.book).quiet) == {person("Chidi")}


def test_before_a_vote_nothing_is_watched_and_the_clock_starts_with_it() -> None:
    here = village("")
    years_pass(here, at("2027-01-05"))
    assert state.of(here.book).quiet == {}
    vote(here, POLICY, ("Ana", "Bela"), "unclaimed")
    years_pass(here, OVER)
    assert to_notice(here.book, OVER) == []
    vote(here, "none", ("Ana", "Bela"), "unclaimed")

    assert state.of(here.book).quiet == {}


def test_who_can_be_paid_is_not_unclaimed_until_the_payment_comes_back() -> None:
    here = village()
    here.say("Ana", "payouts.box_key", {"key": PUBLIC.hex()})
    details(here, "Chidi")
    years_pass(here, at("2027-11-05"))
    assert to_notice(here.book, at("2027-11-05")) == []
    export(here, date="2027-11-08", created="2027-11-05T00:00:00")
    ((eid, payment),) = [
        (eid, one) for eid, one in state.of(here.book).payments.items() if one.payee == person("Chidi")
    ]
    settled = {"eid": eid, "amount": payment.amount, "booked": "2027-11-05", "ref": ""}
    here.say("Ana", "payouts.settled", {"payments": [settled]})
    back = {"eid": eid, "reason": "AC04", "booked": "2027-11-05"}
    here.say("Ana", "payouts.returned", {"payments": [back]})

    assert to_notice(here.book, here.book.received) == [(person("Chidi"), 3_000)]
    ties(here)


@with_programs
def test_the_judges_agree_with_what_went_unclaimed(tmp_path: Any, program: str) -> None:
    here = village()
    years_pass(here, OVER + 90 * DAY)
    text = exports.of(program)(journal_of(here, here.book.until))

    assert complaint(program, text, tmp_path) == ""


def test_unclaimed_balances_as_they_are_typed(tmp_path: Path) -> None:
    coop = riverbend(tmp_path, *THREE, rule=RULE)
    assert "Members have voted nothing" in coop.ok("Ana", "unclaimed", "list").out
    coop.ok("Ana", "propose", "policy", "unclaimed", "6 months to training")
    for name in THREE:
        coop.ok(name, "vote", "1", "yes")
    coop.ok("Ana", "income", "add", "90.00", "--from", "ACME")
    coop.now = "2025-09-10T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    for name in ("Ana", "Bela"):
        coop.ok(name, "payout", "approve", "2025-08", "--yes")
    coop.ok("Chidi", "member", "leave", "--yes")
    coop.now = "2025-10-10T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    assert "notice from 2026-04-04 on" in coop.ok("Ana", "unclaimed", "list").out

    coop.now = "2026-04-04T09:00:00Z"
    assert "30.00 EUR of Chidi could not be paid" in coop.ok("Ana", "payout", "tick").out
    assert "goes to training from 2026-07-03 on" in coop.ok("Ana", "unclaimed", "list").out
    coop.now = "2026-07-04T09:00:00Z"
    assert "went to training" in coop.ok("Ana", "payout", "tick").out
    assert coop.data("Ana", "unclaimed", "list")["balances"] == []
    coop.ok("Ana", "propose", "reserve", "training", "30.00", "--to", "Chidi", "--for", "claimed late")
    coop.ok("Bela", "verify")
    judged(coop, tmp_path)


def judged(coop: Riverbend, folder: Path) -> None:
    assert complaint("beancount", text_of(coop, "beancount"), folder) == ""
