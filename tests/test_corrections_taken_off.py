"""Amendments beside what is taken off shares: tax that was withheld, and money that is held for disputed work."""

import pytest

from payouts import state
from payouts.bank.due_payments import amounts_due
from payouts.corrections.standing import amended
from tests.judges import journal_of, must_tie
from tests.test_corrections import receipt, refund
from tests.test_deductions import ALL, TAX, here_with, withhold
from tests.test_disputed_work import HELD, approve, dispute, piece, settle, with_people
from tests.test_payouts_accounts import OCTOBER, SEPTEMBER, log, lying, tick
from tests.village import Village, assert_every_book_is_the_same, at, person

ANA, CHIDI = f"balance:{person('Ana')}", f"balance:{person('Chidi')}"
TRUE_UP = f'late = "true_up"\n{ALL}'


def test_what_was_withheld_of_money_that_went_back_is_owed_to_the_authority_no_more() -> None:
    here = here_with()
    withhold(here, "Ana", "20%")
    log(here, "Ana", 60)
    log(here, "Chidi", 60)
    paid = receipt(here, 20_000)
    tick(here, SEPTEMBER)
    assert lying(here)[f"owed:withheld:{TAX}"] == -2_000
    refund(here, paid, 10_000)
    tick(here, at("2025-09-10"))

    assert lying(here)[f"owed:withheld:{TAX}"] == -1_000
    assert (lying(here)[ANA], lying(here)[CHIDI]) == (-4_000, -5_000)
    assert amended(here.book, "2025-08#1").withheld == {person("Ana"): {TAX: -1_000}}
    refund(here, paid, 10_000, at("2025-09-11"))
    tick(here, at("2025-09-11"))
    assert lying(here) == {}
    assert_every_book_is_the_same(here)
    must_tie(journal_of(here, here.book.until))


def test_of_what_late_work_gains_tax_is_withheld_and_only_the_net_is_paid() -> None:
    here = here_with(TRUE_UP)
    withhold(here, "Chidi", "20%", by="Ana")
    log(here, "Ana", 60)
    receipt(here, 20_000)
    tick(here, SEPTEMBER)
    log(here, "Chidi", 60, "2025-08-02", at("2025-09-10"))
    tick(here, OCTOBER)
    approve(here)
    assert amounts_due(here.book, "2025-08") == {person("Ana"): 10_000}
    approve_amendment(here)

    assert amounts_due(here.book, "2025-08") == {person("Ana"): 10_000, person("Chidi"): 8_000}
    assert lying(here)[f"owed:withheld:{TAX}"] == -2_000
    assert_every_book_is_the_same(here)


def approve_amendment(here: Village) -> None:
    """Two treasurers approve the amendment of August."""
    run = state.of(here.book).amendments["2025-08#1"]
    for who in ("Ana", "Chidi"):
        here.say(who, "payouts.amendment_approved", {"amendment": "2025-08#1", "digest": run.digest})


def held(rule: str = ALL) -> tuple[Village, object, object]:
    """Ana 3 h of which 1 h is disputed, Chidi 3 h; of 600.00 a part of Ana's, 100.00, is held."""
    here = with_people(rule)
    log(here, "Ana", 120)
    log(here, "Ana", 60)
    said = dispute(here, "Bela", piece(here))
    log(here, "Chidi", 180)
    paid = receipt(here, 60_000)
    tick(here, SEPTEMBER)
    return here, said, paid


def rows(here: Village) -> int:
    """What the rows of held money come to: what lies on the accounts."""
    return sum(row.amount for row in state.of(here.book).disputed_money)


def test_a_refund_takes_its_part_of_what_is_held_and_the_rest_is_paid_once_the_work_stands() -> None:
    here, said, paid = held()
    refund(here, paid, 30_000)
    tick(here, at("2025-09-10"))
    assert (lying(here)[ANA], lying(here)[HELD], lying(here)[CHIDI]) == (-10_000, -5_000, -15_000)
    assert rows(here) == 5_000
    approve(here)
    settle(here, "Bela", said, True)

    assert (lying(here)[ANA], lying(here)[CHIDI]) == (-15_000, -15_000)
    assert_every_book_is_the_same(here)


@pytest.mark.parametrize("stands", [True, False])
def test_once_the_dispute_is_settled_a_refund_takes_the_part_from_where_it_went(stands: bool) -> None:
    here, said, paid = held()
    approve(here)
    settle(here, "Bela" if stands else "Ana", said, stands)
    refund(here, paid, 60_000)
    tick(here, at("2025-09-10"))

    assert lying(here) == {}
    assert state.of(here.book).paid == {}
    assert state.of(here.book).pay == {}
    assert rows(here) == 0
    assert_every_book_is_the_same(here)
    must_tie(journal_of(here, here.book.until))


def test_late_work_that_is_disputed_is_held_by_its_amendment() -> None:
    here = with_people(TRUE_UP)
    log(here, "Ana", 60)
    log(here, "Chidi", 60)
    receipt(here, 60_000)
    tick(here, SEPTEMBER)
    log(here, "Ana", 60, "2025-08-02", at("2025-09-10"))
    said = dispute(here, "Bela", piece(here))
    tick(here, OCTOBER)

    assert (lying(here)[ANA], lying(here)[HELD], lying(here)[CHIDI]) == (-20_000, -20_000, -20_000)
    assert rows(here) == 20_000
    approve(here)
    with here.refuses("The payout of 2025-08#1 holds its money and is not approved yet"):
        settle(here, "Bela", said, True)
    approve_amendment(here)
    settle(here, "Bela", said, True)
    assert lying(here)[ANA] == -40_000
    assert_every_book_is_the_same(here)
