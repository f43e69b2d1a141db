"""What may be said about parties that are paid: who says it, of which money, to whom, and how much at most."""

from typing import Any

import pytest
from nacl.bindings import crypto_scalarmult_base

from ledger.private import Text
from payouts import state
from payouts.bank.details_sealing import Account, promise, seal
from payouts.bank.due_payments import amounts_due, due_now
from payouts.parties.party_dues import open_bills
from tests import test_book_year as years
from tests.test_payouts_accounts import ACME, SEPTEMBER, book, log, lying, tick, village
from tests.village import DAY, Village, assert_every_book_is_the_same, person

RULE = """
[accounts]
reserve = "indivisible"
training = "fund"
network = "owed"
loan = "member"
[points.code]
hour = 10
[income]
split = [
  { part = "10%", to = "network" },
  { part = "10%", to = "reserve" },
  { part = "10%", to = "training" },
  { part = "rest", to = "work" },
]
[work]
share = "points"
into = { loan = "10%", balance = "rest" }
rest = "carry"
"""
HUB, STONE = ("ab" * 16, "cd" * 16)
KEYS = {name: crypto_scalarmult_base(bytes([number]) * 32).hex() for number, name in enumerate(("Ana", "Chidi"), 3)}


def bill(to: Village, amount: int, party: str = STONE, who: str = "Ana", **more: Any) -> None:
    """A bill that is not paid yet."""
    days = {"booked": "2025-08-01", "value": "2025-08-01"}
    body = {"party": party, "amount": amount, "currency": "EUR", "ref": "", "deals": [], "circle": ""} | days
    to.say(who, "payouts.billed", body | more)


def paid(to: Village, amount: int, party: str = STONE, who: str = "Ana", **more: Any) -> None:
    """A party is paid by hand."""
    body = {"party": party, "amount": amount, "ref": "", "booked": "2025-08-01", "value": "2025-08-01"}
    to.say(who, "payouts.payable_paid", body | more)


def due(to: Village, account: str, amount: int, party: str = HUB, **more: Any) -> None:
    """Money that is owed is to be paid now."""
    body = {"account": account, "party": party, "amount": amount, "ref": ""}
    to.say("Ana", "payouts.made_payable", body | more)


def details(to: Village, who: str, party: str, number: int = 1) -> str:
    """A treasurer says where a party is paid; the promise."""
    account = Account(iban="DE89370400440532013000", bic=None, name="Hub", salt=f"{number:064x}")
    promised = promise(to.book.ledger.id, party, account)
    boxes = [{"key": key, "sealed": Text(seal(account, key))} for key in sorted(KEYS.values())]
    to.say(who, "payouts.party_details_set", {"party": party, "promise": promised, "boxes": boxes})
    return promised


@pytest.fixture
def here() -> Village:
    """A month with 1000.00 of income is computed; two parties are known, and both treasurers have keys."""
    made = village(RULE, "Ana", "Chidi")
    for party, sort in ((HUB, "cooperative"), (STONE, "supplier")):
        made.say("Ana", "ledger.party", {"id": party, "sort": sort, "name": Text(party)})
    for name, key in KEYS.items():
        made.say(name, "payouts.box_key", {"key": key})
    log(made, "Ana", 60)
    book(made, 100_000)
    tick(made, SEPTEMBER)
    return made


def approved(here: Village, period: str = "2025-08") -> None:
    """Both treasurers approve a payout."""
    for who in ("Ana", "Chidi"):
        here.say(who, "payouts.approved", {"period": period, "digest": state.of(here.book).runs[period].digest})


def owed(here: Village, party: str = HUB) -> None:
    """The network is this party."""
    here.say("Ana", "payouts.owed_to", {"account": "network", "party": party})


# Who speaks, and of whom.


def test_only_treasurers_speak_of_what_parties_are_paid(here: Village) -> None:
    here.join("Emil", here.invite("Ana", "Emil"))
    here.all_cast(("Chidi",), next(iter(here.book.parts["governance"].proposals.values())), "yes")
    bill(here, 500)
    moved = {"amount": 1, "ref": ""}
    days = {"booked": "2025-09-01", "value": "2025-09-01"}
    for kind, body in (
        ("payouts.owed_to", {"account": "network", "party": HUB}),
        ("payouts.made_payable", {"account": "account:network", "party": HUB} | moved),
        ("payouts.payable_paid", {"party": STONE} | moved | days),
    ):
        with here.refuses("Only a treasurer"):
            here.say("Emil", kind, body)
    with here.refuses("Only a treasurer"):
        bill(here, 500, who="Emil")


@pytest.mark.parametrize("stranger", [person("Ana"), "ee" * 16])
def test_a_person_is_no_party(here: Village, stranger: str) -> None:
    with here.refuses("a party the ledger does not know"):
        bill(here, 500, stranger)
    with here.refuses("a party the ledger does not know"):
        owed(here, stranger)
    with here.refuses("a party the ledger does not know"):
        due(here, "account:network", 1, stranger)
    with here.refuses("a party the ledger does not know"):
        paid(here, 1, stranger)
    with here.refuses("a party the ledger does not know"):
        details(here, "Ana", stranger)


# Bills.


def test_a_bill_is_a_cost_and_payable_and_the_bank_has_what_it_had(here: Village) -> None:
    before = lying(here)
    bill(here, 500, due="2026-02-28", ref="S-1", booked="2025-09-01")

    after = lying(here)
    assert {name: after.get(name, 0) - before.get(name, 0) for name in after} | {} == {
        **dict.fromkeys(before, 0),
        "awaiting": 500,
        f"payable:{STONE}": -500,
    }
    assert [one.due for one in open_bills(here.book, STONE)] == ["2026-02-28"]


def test_what_is_no_day_is_no_last_day(here: Village) -> None:
    with here.refuses("2025-02-30 is no date"):
        bill(here, 500, due="2025-02-30")
    with here.refuses("lies in the future"):
        bill(here, 500, booked="2025-09-30")


def test_no_more_is_paid_by_hand_than_is_payable(here: Village) -> None:
    bill(here, 500)
    with here.refuses("5.00 EUR can be paid to this party, no more"):
        paid(here, 501)
    paid(here, 500)
    with here.refuses("0.00 EUR can be paid"):
        paid(here, 1)


def test_a_bill_booked_with_a_key_in_other_hands_is_not_paid_until_it_is_reaffirmed(here: Village) -> None:
    bill(here, 500)
    bill(here, 300)
    wrong = open_bills(here.book, STONE)[0]
    here.book.ledger.disputed["aa"] = wrong.entry or 0

    assert amounts_due(here.book, "2025-08")[STONE] == 300
    with pytest.raises(Exception, match=r"3\.00 EUR can be paid"):
        paid(here, 301)
    here.book.ledger.disputed.clear()
    assert amounts_due(here.book, "2025-08")[STONE] == 800


# Owed money.


def test_owed_money_goes_to_the_party_that_was_named_and_to_no_other(here: Village) -> None:
    approved(here)
    with here.refuses("Nobody has said to whom network is owed"):
        due(here, "account:network", 1)
    owed(here)
    with here.refuses("owed to another party"):
        due(here, "account:network", 1, STONE)
    with here.refuses("owed to this party already"):
        owed(here)
    due(here, "account:network", 4_000)
    owed(here, STONE)
    with here.refuses("owed to another party"):
        due(here, "account:network", 1, HUB)
    due(here, "account:network", 6_000, STONE)

    assert lying(here)[f"payable:{HUB}"] == -4_000
    assert lying(here)[f"payable:{STONE}"] == -6_000
    assert "account:network" not in lying(here)
    assert_every_book_is_the_same(here)


@pytest.mark.parametrize(
    ("account", "why"),
    [
        ("account:reserve", "reserve is not owed to anybody: it is indivisible"),
        ("account:training", "training is not owed to anybody: it is fund"),
        ("account:loan", "loan is not owed to anybody: it is member"),
        ("account:roof", "roof is not owed to anybody: no rule has it"),
        ("account:result", "result is not owed to anybody"),
        ("bank", "Only money that is owed"),
        ("awaiting", "Only money that is owed"),
        (f"balance:{person('Ana')}", "Only money that is owed"),
        (f"member:loan:{person('Ana')}", "Only money that is owed"),
        (f"payable:{STONE}", "Only money that is owed"),
        ("pot:work", "Only money that is owed"),
        (f"owed:7:{STONE}", "owed to another party"),
        (f"owed:7:{HUB}", "0.00 EUR of it can be paid"),
        (f"owed:withheld:{HUB}", "0.00 EUR of it can be paid"),
    ],
)
def test_nothing_else_can_be_made_payable(here: Village, account: str, why: str) -> None:
    approved(here)
    with here.refuses(why):
        due(here, account, 1)


def test_what_a_run_owes_waits_until_the_run_is_approved(here: Village) -> None:
    owed(here)
    with here.refuses("0.00 EUR of it can be paid"):
        due(here, "account:network", 1)
    approved(here)
    with here.refuses("100.00 EUR of it can be paid"):
        due(here, "account:network", 10_001)
    due(here, "account:network", 10_000)


def test_the_later_run_waits_and_the_earlier_one_is_paid(here: Village) -> None:
    approved(here)
    owed(here)
    book(here, 50_000, booked="2025-09-03")
    tick(here, SEPTEMBER + 31 * DAY)
    with here.refuses("100.00 EUR of it can be paid"):
        due(here, "account:network", 10_001)
    due(here, "account:network", 10_000)
    with here.refuses("0.00 EUR of it can be paid"):
        due(here, "account:network", 1)
    approved(here, "2025-09")
    due(here, "account:network", 5_000)


# Details.


def test_two_treasurers_say_where_a_party_is_paid(here: Village) -> None:
    approved(here)
    bill(here, 500)
    promised = details(here, "Ana", STONE)
    assert due_now(here.book, "2025-08", here.book.received)[1][STONE] == "no-details"
    with here.refuses("You have said so already"):
        here.say("Ana", "payouts.details_agreed", {"promise": promised})
    here.say("Chidi", "payouts.details_agreed", {"promise": promised})

    found, _ = due_now(here.book, "2025-08", here.book.received)
    assert [(one.payee, one.amount, one.details) for one in found] == [(STONE, 500, promised)]
    with here.refuses("promised before"):
        details(here, "Chidi", STONE)


def test_changed_details_of_a_party_wait_for_seven_days(here: Village) -> None:
    approved(here)
    bill(here, 500)
    here.say("Chidi", "payouts.details_agreed", {"promise": details(here, "Ana", STONE)})
    here.say("Ana", "payouts.details_agreed", {"promise": details(here, "Chidi", STONE, 2)})
    now = here.book.received

    assert due_now(here.book, "2025-08", now)[1][STONE] == "held"
    assert [one.payee for one in due_now(here.book, "2025-08", now + 7 * DAY)[0]] == [STONE]


def test_an_offer_that_was_followed_by_another_cannot_be_agreed_to(here: Village) -> None:
    first = details(here, "Ana", STONE)
    details(here, "Ana", STONE, 2)
    with here.refuses("no such details"):
        here.say("Chidi", "payouts.details_agreed", {"promise": first})


def test_a_steward_is_not_asked_about_a_party(here: Village) -> None:
    here.join("Emil", here.invite("Ana", "Emil"))
    here.all_cast(("Chidi",), next(iter(here.book.parts["governance"].proposals.values())), "yes")
    given = here.propose_role("Ana", "Emil", "steward")
    here.all_cast(("Ana", "Chidi", "Emil"), given, "yes")
    here.book.advance(here.book.received + 15 * DAY)
    promised = details(here, "Ana", STONE)
    with here.refuses("Only a treasurer"):
        here.say("Emil", "payouts.details_agreed", {"promise": promised})


# Book years.


def test_tax_and_what_a_year_owes_wait_until_the_year_is_approved() -> None:
    year = years.village(years.bylaw("italy"), "Ana", "Bela")
    years.log(year, "Ana", 10)
    book(year, 100_000)
    years.tick(year, years.JANUARY)
    years.close(year, tax=5_000)
    mutual, tax = lying(year)["account:mutual"], f"owed:{years.FIRST}:{years.TAX_OFFICE}"
    year.say("Ana", "payouts.owed_to", {"account": "mutual", "party": ACME})
    for account, party in (("account:mutual", ACME), (tax, years.TAX_OFFICE)):
        with year.refuses("0.00 EUR of it can be paid"):
            due(year, account, 1, party)
    for who in ("Ana", "Bela"):
        digest = state.of(year.book).years[years.FIRST].digest
        year.say(who, "payouts.year_approved", {"year": years.FIRST, "digest": digest})
    due(year, "account:mutual", -mutual, ACME)
    due(year, tax, 3_000, years.TAX_OFFICE)
    with year.refuses("20.00 EUR of it can be paid"):
        due(year, tax, 2_001, years.TAX_OFFICE)

    # What was made payable is not paid as tax once more.
    paying = {"year": years.FIRST, "ref": "", "booked": "2026-01-04", "value": "2026-01-04"}
    with year.refuses("owes 20.00 EUR of tax still"):
        year.say("Ana", "payouts.tax_paid", paying | {"amount": 2_001})
    year.say("Ana", "payouts.tax_paid", paying | {"amount": 2_000})
    assert lying(year)[f"payable:{years.TAX_OFFICE}"] == -3_000
    years.ties(year)
