"""Money that went back and work that came late: what was shared is corrected by differences, to the cent."""

from typing import Any

import pytest

from governance.rule_values import RuleError
from governance.rules import parse
from governance.runnable import refuse_unrunnable
from ledger.lives import entry_at
from payouts import state
from payouts.bank.due_payments import amounts_due
from payouts.corrections.correcting import REFUNDED
from payouts.corrections.standing import amended, standing
from payouts.looking.fairness import fairness_data
from tests.judges import journal_of, must_tie
from tests.keyring import add, reaffirm, speak, stolen
from tests.test_book_year import lying, ties
from tests.test_payouts_accounts import ACME, NOVEMBER, OCTOBER, PLAIN, SEPTEMBER, book, log, names, tick, village
from tests.village import Village, assert_every_book_is_the_same, at, person

AUGUST = at("2025-08-20")
LATE = f'late = "true_up"\n{PLAIN}'
DEALS = """
[accounts]
reserve = "indivisible"
network = "owed"
loan = "member"
[points.code]
hour = 10
[points.sales]
deal = { points = 25, per = "1000.00", when = "paid" }
[income]
split = [
  { part = ">= 30%", to = "reserve" },
  { part = "10%", of = "receipts", to = "network" },
  { part = "5%", of = "deals", to = "commission" },
  { part = "rest", to = "work" },
]
[commission]
share = "deals"
rest = "work"
[work]
share = "points"
into = { loan = "1/3", balance = "rest" }
rest = "carry"
"""


def refund(here: Village, receipt: Any, amount: int, when: int | None = None, who: str = "Ana", **more: Any) -> Any:
    """A treasurer says that money of this receipt went back."""
    body = {
        "entry": receipt.id,
        "index": receipt.index,
        "party": ACME,
        "amount": amount,
        "currency": "EUR",
        "ref": "",
        "chargeback": False,
        "booked": "2025-09-10",
        "value": "2025-09-10",
    }
    return here.say(who, "payouts.refunded", body | more, when or at("2025-09-10"))


def receipt(here: Village, amount: int, when: int | None = None, **more: Any) -> Any:
    """A receipt, as the entry that booked it."""
    book(here, amount, when=when, **more)
    return entry_at(here.book, here.book.size - 1)


def shared_in_august(rule: str = PLAIN, *people: str) -> tuple[Village, Any]:
    """Ana worked 2 h, Chidi 1 h; 100.01 came in and are shared."""
    here = village(rule, *people)
    log(here, "Ana", 120)
    log(here, "Chidi", 60)
    paid = receipt(here, 10_001)
    tick(here, SEPTEMBER)
    return here, paid


def test_a_full_refund_a_month_later_brings_every_flow_back_to_nothing() -> None:
    here, paid = shared_in_august()
    refund(here, paid, 10_001)
    assert lying(here, REFUNDED) == -10_001
    said = tick(here, at("2025-09-10"))

    assert said == [
        s for s in said if s.startswith("2025-08#1 computed: a refund (100.01 EUR): 70.00 less to 2 people")
    ]
    assert state.of(here.book).accounts == {}
    assert state.of(here.book).debts == {}
    assert state.of(here.book).amendments["2025-08#1"].approved is not None
    data = fairness_data(here.book, names(here))
    assert data["within_a_unit"]
    ties(here)


def test_a_refund_in_part_is_what_the_period_would_have_come_to_with_less() -> None:
    here, paid = shared_in_august()
    refund(here, paid, 4_000)
    tick(here, at("2025-09-10"))
    less, _ = shared_in_august()
    other = village()
    log(other, "Ana", 120)
    log(other, "Chidi", 60)
    receipt(other, 6_001)
    tick(other, SEPTEMBER)

    assert state.of(here.book).accounts == state.of(other.book).accounts
    assert state.of(here.book).debts == state.of(other.book).debts
    assert state.of(here.book).paid == state.of(other.book).paid
    assert state.of(here.book).pay == state.of(other.book).pay
    assert state.of(here.book).last == state.of(other.book).last
    assert state.of(less.book).accounts != state.of(here.book).accounts


def test_a_refund_known_before_the_cut_off_goes_into_the_run_with_its_receipt() -> None:
    here = village()
    log(here, "Ana", 60)
    paid = receipt(here, 10_001)
    refund(here, paid, 4_000, AUGUST, booked="2025-08-20", value="2025-08-20")
    tick(here, SEPTEMBER)

    assert state.of(here.book).amendments == {}
    assert standing(here.book, "2025-08").facts.gross() == 6_001
    assert lying(here, f"balance:{person('Ana')}") == 4_200
    assert REFUNDED not in state.of(here.book).accounts
    ties(here)


def test_a_refund_of_a_pinned_receipt_amends_its_run_after_it() -> None:
    here = village()
    log(here, "Ana", 60)
    paid = receipt(here, 10_000)
    refund(here, paid, 10_000, SEPTEMBER, booked="2025-09-01", value="2025-09-01")
    said = tick(here, SEPTEMBER)

    assert [line.split(" ")[0] for line in said] == ["2025-08", "2025-08", "2025-08#1"]
    assert state.of(here.book).accounts == {}
    ties(here)


def test_who_was_paid_already_owes_nothing_but_the_next_shares_fill_up_what_is_below_zero() -> None:
    here, paid = shared_in_august()
    # As if both had been paid: what members hold left the bank.
    ana = f"balance:{person('Ana')}"
    taken = -state.of(here.book).accounts[ana]
    state.post(state.of(here.book).accounts, ana, state.BANK, taken)
    refund(here, paid, 10_001)
    tick(here, at("2025-09-10"))
    assert lying(here, ana) == -taken
    log(here, "Ana", 60, "2025-09-11", at("2025-09-12"))
    book(here, 5_000, when=at("2025-09-12"), booked="2025-09-12", value="2025-09-12")
    tick(here, OCTOBER)

    assert lying(here, ana) == 3_500 - taken
    for period in ("2025-08", "2025-09"):
        state.of(here.book).runs[period].approved = 1
    assert person("Ana") not in amounts_due(here.book, "2025-09")


def test_an_account_that_was_spent_meanwhile_does_not_go_below_zero_the_result_bears_it() -> None:
    here, paid = shared_in_august(DEALS)
    assert lying(here, f"member:loan:{person('Ana')}") > 0
    # The members have spent the reserve, and Ana's loan was paid back to her.
    accounts = state.of(here.book).accounts
    reserve, loan = lying(here, "account:reserve"), lying(here, f"member:loan:{person('Ana')}")
    state.post(accounts, "account:reserve", state.BANK, reserve)
    state.post(accounts, f"member:loan:{person('Ana')}", state.BANK, loan)
    refund(here, paid, 10_001)
    tick(here, at("2025-09-10"))

    assert lying(here, "account:result") == -reserve - loan
    assert "account:reserve" not in accounts
    found = amended(here.book, "2025-08#1")
    assert found.short == {"account:reserve": reserve, f"member:loan:{person('Ana')}": loan}


def test_the_money_of_deals_is_taken_back_from_those_who_sold_them() -> None:
    here = village(DEALS)
    log(here, "Ana", 60)
    log(here, "Chidi", 100_000, role="sales", kind="deal", refs=["D1"])
    paid = receipt(here, 100_000, deals=["D1"])
    other = receipt(here, 50_000, ref="other")
    tick(here, SEPTEMBER)
    # 5 % of 1,000.00 to Chidi; work 500.00 less reserve, dues, commission by points: Ana 10, Chidi 25.
    assert standing(here.book, "2025-08").result.lines
    refund(here, paid, 100_000)
    tick(here, at("2025-09-10"))

    now = standing(here.book, "2025-08").result
    assert {line.to for line in now.lines if line.account} == {person("Ana")}
    assert lying(here, "account:network") == 5_000
    assert lying(here, "account:reserve") == 15_000
    assert other.index
    ties(here)


def test_late_work_is_paid_as_if_it_had_come_in_time() -> None:
    here = village(LATE)
    intime = village(LATE)
    for one in (here, intime):
        log(one, "Ana", 120)
        receipt(one, 10_000)
    log(intime, "Chidi", 60)
    tick(here, SEPTEMBER)
    tick(intime, SEPTEMBER)
    log(here, "Chidi", 60, "2025-08-02", at("2025-09-10"))
    said = tick(here, OCTOBER)
    tick(intime, OCTOBER)

    assert [line.split(" ")[0] for line in said] == ["2025-08#1", "2025-09", "2025-09"]
    assert "late work: 23.33 more to 1 person, 23.33 less to 1 person" in said[0]
    assert state.of(here.book).accounts == state.of(intime.book).accounts
    assert state.of(here.book).debts == state.of(intime.book).debts
    assert state.of(here.book).amendments["2025-08#1"].approved is None
    ties(here)


def test_what_somebody_gains_by_an_amendment_is_paid_once_treasurers_approved_it() -> None:
    here = village(LATE)
    log(here, "Ana", 120)
    receipt(here, 10_000)
    tick(here, SEPTEMBER)
    log(here, "Chidi", 60, "2025-08-02", at("2025-09-10"))
    tick(here, OCTOBER)
    approve(here, "payouts.approved", "period", "2025-08", state.of(here.book).runs["2025-08"].digest)
    assert amounts_due(here.book, "2025-08") == {person("Ana"): 4_667}

    run = state.of(here.book).amendments["2025-08#1"]
    with here.refuses("not the digest"):
        here.say("Ana", "payouts.amendment_approved", {"amendment": "2025-08#1", "digest": "00" * 32})
    with here.refuses("Nobody can approve the amendment 2025-08#2: it is not computed"):
        here.say("Ana", "payouts.amendment_approved", {"amendment": "2025-08#2", "digest": run.digest})
    approve(here, "payouts.amendment_approved", "amendment", "2025-08#1", run.digest)

    assert run.approved is not None
    assert amounts_due(here.book, "2025-08") == {person("Ana"): 4_667, person("Chidi"): 2_333}
    with here.refuses("You approved the amendment 2025-08#1 already"):
        here.say("Ana", "payouts.amendment_approved", {"amendment": "2025-08#1", "digest": run.digest})
    ties(here)


def test_what_was_taken_back_of_a_run_that_waits_for_approval_does_not_hold_up_other_money() -> None:
    here, paid = shared_in_august()
    approve(here, "payouts.approved", "period", "2025-08", state.of(here.book).runs["2025-08"].digest)
    log(here, "Ana", 60, "2025-09-03", at("2025-09-10"))
    other = receipt(here, 5_000, at("2025-09-11"), booked="2025-09-11", value="2025-09-11")
    tick(here, OCTOBER)
    due = amounts_due(here.book, "2025-08")
    refund(here, other, 5_000, at("2025-10-10"), booked="2025-10-10", value="2025-10-10")
    tick(here, at("2025-10-10"))

    assert state.of(here.book).runs["2025-09"].approved is None
    assert amounts_due(here.book, "2025-08") == due == {person("Ana"): 4_667, person("Chidi"): 2_333}
    assert paid.index


def approve(here: Village, kind: str, field: str, name: str, digest: str) -> None:
    """Both treasurers approve."""
    for who in ("Ana", "Chidi"):
        here.say(who, kind, {field: name, "digest": digest})


def test_later_runs_that_look_back_see_late_work_at_the_age_of_its_own_period() -> None:
    back = LATE.replace('share = "points"', 'share = "points"\nlook_back = 3')
    here, intime = village(back), village(back)
    for one in (here, intime):
        log(one, "Ana", 120)
        receipt(one, 10_000)
    log(intime, "Chidi", 60)
    tick(here, SEPTEMBER)
    tick(intime, SEPTEMBER)
    log(here, "Chidi", 60, "2025-08-02", at("2025-09-10"))
    for one in (here, intime):
        book(one, 7_000, when=at("2025-09-11"), booked="2025-09-11", value="2025-09-11")
        tick(one, OCTOBER)
        tick(one, NOVEMBER)

    ages = [(item.who, item.age) for item in standing(here.book, "2025-09").facts.items]
    assert sorted(ages) == sorted((item.who, item.age) for item in standing(intime.book, "2025-09").facts.items)
    assert state.of(here.book).accounts == state.of(intime.book).accounts


def test_a_rule_under_which_late_work_would_empty_the_reserve_is_refused() -> None:
    rule = LATE.replace('rest = "carry"', 'rest = "reserve"')
    refuse_unrunnable(parse(LATE), 2)

    with pytest.raises(RuleError, match="indivisible") as refusal:
        refuse_unrunnable(parse(rule), 2)
    assert str(refusal.value).startswith("work")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"amount": 10_002}, "100.01 EUR are left, so no more can go back"),
        ({"index": 99}, "There is no entry 99 yet"),
        ({"index": 2}, "another statement"),
        ({"entry": "00" * 32}, "another statement"),
        ({"currency": "USD"}, "counts in EUR"),
        ({"party": "ab" * 16}, "another party"),
        ({"booked": "2025-12-01"}, "lies in the future"),
        ({"booked": "2025-07-01"}, "was booked on 2025-08-01"),
    ],
)
def test_a_refund_that_cannot_be_is_refused_in_words(more: dict[str, Any], words: str) -> None:
    here, paid = shared_in_august()

    with here.refuses(words):
        refund(here, paid, **({"amount": 1} | more))


def test_no_more_goes_back_than_came_in_and_each_paper_once() -> None:
    here, paid = shared_in_august()
    refund(here, paid, 6_000, ref="R-1")
    with here.refuses("40.01 EUR are left"):
        refund(here, paid, 4_002)
    with here.refuses("r-1 of this party went back already, in entry"):
        refund(here, paid, 1, ref=" r-1")
    tick(here, at("2025-09-10"))
    with here.refuses("40.01 EUR are left"):
        refund(here, paid, 4_002, at("2025-09-11"))
    with here.refuses("r-1 of this party went back already, in a period that is computed"):
        refund(here, paid, 1, at("2025-09-11"), ref="r-1")
    refund(here, paid, 4_001, at("2025-09-12"))
    tick(here, at("2025-09-12"))

    assert state.of(here.book).accounts == {}
    assert list(state.of(here.book).amendments) == ["2025-08#1", "2025-08#2"]
    ties(here)


def test_only_a_treasurer_says_that_money_went_back() -> None:
    here, paid = shared_in_august()
    joined = here.join("Bela", here.invite("Ana", "Bela"))
    here.vote("Ana", joined, "yes")
    here.vote("Chidi", joined, "yes")
    tick(here, at("2025-09-20"))

    with here.refuses("treasurer"):
        refund(here, paid, 1, at("2025-09-21"), "Bela")


def test_an_amendment_is_published_once_and_only_as_it_computes() -> None:
    here, paid = shared_in_august()
    body = {"period": "2025-08", "number": 1, "engine": 1, "digest": "00" * 32}
    with here.refuses("not due to be amended"):
        here.say("Ana", "payouts.amended", body)
    refund(here, paid, 1_000)
    with here.refuses("another digest"):
        here.say("Ana", "payouts.amended", body)
    tick(here, at("2025-09-10"))

    with here.refuses("not due to be amended"):
        here.say("Ana", "payouts.amended", body | {"digest": state.of(here.book).amendments["2025-08#1"].digest})


def test_an_amendment_comes_before_the_next_run() -> None:
    here, paid = shared_in_august()
    refund(here, paid, 1_000)
    here.book.advance(OCTOBER)
    pin = state.of(here.book).pins["2025-09"]
    here.say(
        "Ana", "payouts.closed", {"period": "2025-09", "size": pin.size, "root": pin.root, "rule": pin.rule}, OCTOBER
    )

    with here.refuses("2025-08 is amended before 2025-09 is computed"):
        here.say("Ana", "payouts.computed", {"period": "2025-09", "engine": 1, "digest": "00" * 32})


# Names, disputes, missed months.


def renamed(here: Village, text: str, when: str) -> None:
    """The members give pots and accounts other names, from the next period on."""
    put = here.propose_rule("Ana", text, at(when))
    for who in ("Ana", "Chidi"):
        here.vote(who, put, "yes", at(when))


def test_differences_are_posted_where_pots_and_accounts_lie_by_now() -> None:
    rule = PLAIN.replace(">= 30%", "1/3").replace('rest = "carry"', 'rest = "carry"\ncap = "30%"')
    here = village(rule)
    log(here, "Ana", 120)
    paid = receipt(here, 9_000)
    tick(here, SEPTEMBER)
    assert (lying(here, "account:reserve"), lying(here, "pot:work")) == (3_000, 4_200)
    new = rule.replace("reserve", "commons").replace("work", "shares")
    renamed(here, 'moved = { reserve = "commons", work = "shares" }\n' + new, "2025-09-06")
    tick(here, NOVEMBER)
    assert lying(here, "account:commons") == 3_000
    before = lying(here, "pot:shares")
    refund(here, paid, 9_000, NOVEMBER, booked="2025-11-01", value="2025-11-01")
    tick(here, NOVEMBER)

    assert lying(here, "account:commons") == 0
    assert lying(here, "pot:shares") == before - 4_200
    assert lying(here, "account:reserve") == lying(here, "pot:work") == 0
    assert amended(here.book, "2025-08#1").moved["pot:shares"] == -4_200
    ties(here)
    must_tie(journal_of(here, here.book.until))


def test_a_disputed_refund_waits_until_somebody_stands_by_it_and_then_amends() -> None:
    here, paid = shared_in_august()
    add(here, "Ana", "Ana", "phone", at("2025-09-06"))
    body = {"entry": paid.id, "index": paid.index, "party": ACME, "amount": 10_001, "currency": "EUR", "ref": ""}
    body |= {"chargeback": False, "booked": "2025-09-06", "value": "2025-09-06"}
    thiefs = speak(here, "Ana", "phone", "payouts.refunded", body)
    stolen(here, "Ana", "Ana", "phone", thiefs)
    assert tick(here, at("2025-09-10")) == []
    assert lying(here, REFUNDED) == -10_001
    with here.refuses("0.00 EUR are left"):
        refund(here, paid, 1)
    reaffirm(here, "Ana", "Ana", thiefs, at=at("2025-09-10"))
    tick(here, at("2025-09-10"))

    assert state.of(here.book).accounts == {}
    ties(here)


def test_a_receipt_in_dispute_is_not_refunded() -> None:
    here = village()
    add(here, "Ana", "Ana", "phone")
    money = {"party": ACME, "amount": 700, "currency": "EUR", "ref": "", "deals": [], "circle": ""}
    thiefs = speak(here, "Ana", "phone", "payouts.received", money | {"booked": "2025-08-01", "value": "2025-08-01"})
    stolen(here, "Ana", "Ana", "phone", thiefs)

    with here.refuses("is disputed"):
        refund(here, thiefs, 700, AUGUST, booked="2025-08-02", value="2025-08-02")


def test_a_disputed_refund_of_an_open_receipt_amends_the_run_that_took_the_receipt_in() -> None:
    here = village()
    log(here, "Ana", 60)
    paid = receipt(here, 10_000)
    add(here, "Ana", "Ana", "phone")
    body = {"entry": paid.id, "index": paid.index, "party": ACME, "amount": 10_000, "currency": "EUR", "ref": ""}
    body |= {"chargeback": True, "booked": "2025-08-01", "value": "2025-08-01"}
    thiefs = speak(here, "Ana", "phone", "payouts.refunded", body)
    stolen(here, "Ana", "Ana", "phone", thiefs)
    tick(here, SEPTEMBER)
    assert lying(here, f"balance:{person('Ana')}") == 7_000
    reaffirm(here, "Ana", "Ana", thiefs)
    tick(here, SEPTEMBER)

    assert state.of(here.book).accounts == {}
    assert list(state.of(here.book).amendments) == ["2025-08#1"]
    ties(here)


def test_missed_months_are_computed_and_amended_in_the_order_they_would_have_been() -> None:
    missed, punctual = village(LATE), village(LATE)
    for one, looks in ((missed, False), (punctual, True)):
        log(one, "Ana", 120)
        receipt(one, 10_000)
        if looks:
            tick(one, SEPTEMBER)
        log(one, "Chidi", 60, "2025-08-02", at("2025-09-10"))
        log(one, "Ana", 60, "2025-09-03", at("2025-09-10"))
        book(one, 5_000, when=at("2025-09-11"), booked="2025-09-11", value="2025-09-11")
        if looks:
            tick(one, OCTOBER)
        log(one, "Ana", 60, "2025-08-05", at("2025-10-10"))
        log(one, "Chidi", 60, "2025-09-05", at("2025-10-10"))
        tick(one, NOVEMBER)

    assert state.of(missed.book).accounts == state.of(punctual.book).accounts
    assert list(state.of(missed.book).amendments) == ["2025-08#1", "2025-08#2", "2025-09#1"]
    assert list(state.of(punctual.book).amendments) == ["2025-08#1", "2025-08#2", "2025-09#1"]
    assert_every_book_is_the_same(missed)
    assert_every_book_is_the_same(punctual)


def test_a_refund_said_after_a_cut_off_waits_for_the_run_of_that_period_however_late_it_is_computed() -> None:
    missed, punctual = village(), village()
    for one, looks in ((missed, False), (punctual, True)):
        log(one, "Ana", 120)
        log(one, "Chidi", 60, "2025-09-03", at("2025-09-04"))
        paid = receipt(one, 10_000, at("2025-09-04"))
        if looks:
            tick(one, SEPTEMBER)
        book(one, 5_000, when=at("2025-09-11"), booked="2025-09-11", value="2025-09-11")
        if looks:
            tick(one, OCTOBER)
        refund(one, paid, 10_000, at("2025-10-10"))
        tick(one, at("2025-10-10"))

    assert state.of(missed.book).accounts == state.of(punctual.book).accounts
    assert state.of(missed.book).runs.keys() == state.of(punctual.book).runs.keys()
    assert [one.moved for one in all_of(missed)] == [one.moved for one in all_of(punctual)]


def all_of(here: Village) -> list[Any]:
    """All amendments."""
    return [amended(here.book, name) for name in state.of(here.book).amendments]


def test_a_gift_or_work_from_before_the_ledger_that_comes_late_amends_nothing() -> None:
    here = village(LATE)
    log(here, "Ana", 60)
    receipt(here, 1_000)
    tick(here, SEPTEMBER)
    log(here, "Chidi", 60, "2025-08-02", at("2025-09-10"), gift=True)
    log(here, "Chidi", 60, "2025-07-02", at("2025-09-10"))
    tick(here, OCTOBER)

    assert state.of(here.book).amendments == {}
