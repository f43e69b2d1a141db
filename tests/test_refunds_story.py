"""A customer is refunded after the members were paid: what treasurers type, what everybody sees, what is paid next."""

from pathlib import Path

import pytest

from tests.autumn import AUGUST, RULE, SEPTEMBER, busy, copied, riverbend
from tests.bankers import accounts, exported, payments, ready
from tests.judges import complaint, text_of, with_programs
from tests.riverbend import Riverbend, refused

PAID_BACK = "2025-09-15T09:00:00Z"
OCTOBER = "2025-10-05T09:00:00Z"
AMENDED = f"{AUGUST}#1"


@pytest.fixture(scope="module")
def refunded(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """August was paid in full; then ACME gets back all but 200.00 of its 4,200.00."""
    coop = ready(tmp_path_factory.mktemp("refunded"))
    exported(coop)
    coop.ok("Bela", "payout", "sent", AUGUST)
    coop.now = "2025-09-10T09:00:00Z"
    coop.ok("Bela", "payout", "settle", AUGUST, "--date", "2025-09-08")
    coop.now = PAID_BACK
    coop.ok("Ana", "refund", "add", "4000.00", "--of", "INV-12", "--ref", "CN-1")
    coop.ok("Dilek", "payout", "tick")
    return coop


@pytest.fixture
def coop(refunded: Riverbend, tmp_path: Path) -> Riverbend:
    """The same, for one story."""
    return copied(refunded, tmp_path)


def test_who_was_paid_already_is_below_zero_and_the_next_month_fills_it_up(coop: Riverbend) -> None:
    held = accounts(coop)
    assert all(cents(held[f"balance {name}"]) > 0 for name in ("Ana", "Bela", "Chidi"))
    assert sum(cents(amount) for name, amount in held.items() if name != "together") == 0
    coop.ok("Ana", "log", "10h", "more", "--role", "code")
    coop.ok("Bela", "log", "1h", "more", "--role", "care")
    coop.ok("Ana", "income", "add", "2500.00", "--from", "Solar", "--ref", "INV-20")
    coop.now = OCTOBER
    coop.ok("Ana", "payout", "tick")
    for name in ("Ana", "Bela"):
        coop.ok(name, "payout", "approve", SEPTEMBER, "--yes")

    coop.ok("Ana", "payout", "export", SEPTEMBER, "--date", "2025-10-06", "--out", "september.xml", "--yes")
    paying = {name: row for name, row in payments(coop).items() if row["period"] == SEPTEMBER}
    people = {row["name"]: row for row in coop.data("Ana", "payout", "show", SEPTEMBER)["people"]}

    assert all(row["amount"] == people[name]["payable"] for name, row in paying.items())
    below = [name for name, row in people.items() if row["balance"].startswith("-")]
    assert below
    assert not set(below) & set(paying)
    told = "a balance below zero is paid nothing, and nobody pays back: the next shares fill it up"
    assert told in coop.ok("Ana", "payout", "show", SEPTEMBER).out
    assert "you pay nothing back" in coop.ok("Bela", "statement", "Bela", SEPTEMBER).out
    assert f"Correction {AMENDED} " in coop.ok("Ana", "statement", "Ana", SEPTEMBER).out
    why = coop.data("Ana", "why", "Ana", SEPTEMBER)
    (correction,) = why["corrections_before"]
    assert correction["amendment"] == AMENDED
    balance = next(row for row in why["lies_on"] if row["account"] == "balance")
    assert balance["opening"] == correction["into"]["balance"]


def cents(text: str) -> int:
    """An amount of an answer in minor units."""
    return int(text.replace(".", ""))


def test_an_amendment_shows_who_gets_less_and_that_it_comes_to_what_went_back(coop: Riverbend) -> None:
    show = coop.data("Ana", "payout", "show", AMENDED)
    people = sum(cents(row["change"]) for row in show["people"])
    places = sum(cents(row["change"]) for row in show["places"])

    assert people + places == -400_000
    assert show["together"] == "-4000.00"
    assert show["refunds"][0]["ref"] == "CN-1"
    told = coop.ok("Ana", "payout", "show", AMENDED).out
    assert "Because   4,000.00 EUR paid back to ACME, CN-1, booked 2025-09-15, of the receipt in entry" in told
    assert "Approvals none needed: nobody gets more" in told
    assert f"Amended   {AMENDED}: a refund (4,000.00 EUR)" in coop.ok("Ana", "payout", "show", AUGUST).out
    assert f"{AMENDED}: a refund (4,000.00 EUR)" in coop.ok("Ana", "payout", "list").out
    assert f"Corrected {AMENDED}: " in coop.ok("Chidi", "statement", "Chidi", AUGUST).out
    coop.ok("Chidi", "statement", "Chidi", AUGUST, "--html", "corrected.html")
    page = (coop.folder / "corrected.html").read_text()
    assert "Since then the period was corrected" in page.partition("<template")[0]
    assert AMENDED in page.partition("<template")[0]
    assert f"Corrected by {AMENDED}" in coop.ok("Chidi", "why", "Chidi", AUGUST).out
    assert [row["taken"] for row in coop.data("Ana", "refund", "list")["refunds"]] == [AMENDED]
    rows = coop.data("Ana", "report", AMENDED)["rows"]
    assert sum(cents(row["amount"]) for row in rows if row["row"] in ("person", "place")) == -400_000
    assert [row["amount"] for row in rows if row["row"] == "total"] == ["-4000.00"]
    refused(coop, "payout", "approve", AMENDED, "--yes", says="needs no approval")
    refused(coop, "payout", "show", f"{AUGUST}#2", says="There is no amendment")


def test_the_page_of_a_statement_has_the_corrections_and_is_proved(coop: Riverbend) -> None:
    coop.ok("Ana", "income", "add", "2500.00", "--from", "Solar", "--ref", "INV-20")
    coop.now = OCTOBER
    coop.ok("Ana", "payout", "tick")
    coop.ok("Ana", "statement", "Ana", SEPTEMBER, "--html", "ana.html")

    assert f"Correction {AMENDED}" in (coop.folder / "ana.html").read_text(encoding="utf-8")
    coop.ok("Ana", "verify", "ana.html")


def test_a_refund_that_cannot_be_says_what_to_do(coop: Riverbend) -> None:
    refused(coop, "refund", "add", "200.01", "--of", "INV-12", says="200.00 EUR are left")
    refused(coop, "refund", "add", "1", "--of", "INV-99", says="No receipt has the paper INV-99")
    refused(coop, "refund", "add", "1", "--of", "0", says="Entry 0 booked no receipt")
    refused(coop, "refund", "add", "1", "--of", "INV-12", "--ref", "cn-1", says="went back already")
    refused(coop, "refund", "add", "0", "--of", "INV-12", says="is no money", code=2)
    refused(coop, "refund", "add", "1", "--of", "INV-12", "--date", "2026-01-01", says="lies in the future", code=2)


def test_two_receipts_of_one_paper_are_told_apart(coop: Riverbend) -> None:
    coop.ok("Ana", "income", "add", "10.00", "--from", "Solar", "--ref", "INV-12")
    refused(coop, "refund", "add", "1", "--of", "INV-12", says="Several receipts have the paper INV-12")
    said = coop.data("Ana", "refund", "add", "1", "--of", "INV-12", "--from", "Solar", "--chargeback")

    assert (said["party"], said["chargeback"], said["left"], said["period"]) == ("Solar", True, "9.00", None)
    assert "Receipts are less what went back of them" in coop.ok("Ana", "income", "list").out
    assert coop.data("Ana", "income", "list")["total"] == "9.00"
    assert "together with the receipt" in coop.ok("Ana", "refund", "add", "1", "--of", str(said["receipt"])).out


@with_programs
def test_the_journal_holds_refunds_and_amendments(coop: Riverbend, tmp_path: Path, program: str) -> None:
    coop.ok("Ana", "income", "add", "10.00", "--from", "Solar", "--ref", "INV-30")
    coop.ok("Ana", "refund", "add", "4.00", "--of", "INV-30", "--chargeback")
    coop.ok("Ana", "refund", "add", "100.00", "--of", "INV-12")
    coop.now = OCTOBER
    coop.ok("Ana", "payout", "tick")
    coop.ok("Ana", "refund", "add", "1.00", "--of", "INV-30")
    text = text_of(coop, program)

    assert complaint(program, text, tmp_path) == ""
    assert AMENDED in text
    assert "Clearing:Refunds" in text
    assert "what of the income went back" in text


def test_late_work_is_told_so_and_waits_for_treasurers(tmp_path: Path) -> None:
    coop = busy(riverbend(tmp_path, "Ana", "Bela", "Chidi", "Dilek", rule=f'late = "true_up"\n{RULE}'))
    coop.now = "2025-09-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    said = coop.ok("Chidi", "log", "5h", "forgot this", "--role", "code", "--date", "2025-08-20").out
    assert "late: corrects 2025-08 once this period is closed, by the rule of its own date" in said
    coop.now = OCTOBER
    assert "2025-08 is to be amended" in coop.ok("Ana", "payout", "due").out
    assert f"{AMENDED} computed: late work: " in coop.ok("Ana", "payout", "tick").out

    assert "late work of Chidi: 5h code/hour, which came in 2025-09" in coop.ok("Ana", "payout", "show", AMENDED).out
    assert f"{AMENDED} waits for approval: 0 of 2" in coop.ok("Ana", "payout", "due").out
    refused(coop, "payout", "approve", AMENDED, says="Nothing was recorded", code=3)
    coop.ok("Chidi", "payout", "approve", AMENDED, "--yes")
    told = coop.ok("Ana", "payout", "approve", AMENDED, "--confirm", AMENDED).out
    assert "approved." in told
    assert "OK:" in coop.ok("Ana", "verify").out
