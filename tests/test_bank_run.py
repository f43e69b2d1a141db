"""How a payout reaches its members: approved, exported, sent, settled or returned; each step once, each signed."""

from pathlib import Path
from unittest import mock

import pytest

from payouts.bank.details_sealing import Account
from tests.autumn import AUGUST, copied
from tests.bankers import IBANS, accounts, exported, ready, written
from tests.riverbend import USAGE, Riverbend, refused

LATER = "2025-09-10T09:00:00Z"


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """August is approved, and everybody's details are set."""
    return ready(tmp_path_factory.mktemp("approved"))


@pytest.fixture
def coop(approved: Riverbend, tmp_path: Path) -> Riverbend:
    """The same, for one story."""
    return copied(approved, tmp_path)


@pytest.fixture(scope="module")
def sent(approved: Riverbend, tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """The bank has the file."""
    coop = copied(approved, tmp_path_factory.mktemp("sent"))
    exported(coop)
    coop.ok("Bela", "payout", "sent", AUGUST)
    coop.now = LATER
    return coop


@pytest.fixture
def away(sent: Riverbend, tmp_path: Path) -> Riverbend:
    """The bank has the file, for one story."""
    return copied(sent, tmp_path)


def test_a_month_is_paid_one_payment_comes_back_and_is_paid_again(coop: Riverbend) -> None:
    before = accounts(coop)
    exported(coop)
    coop.ok("Bela", "payout", "sent", AUGUST)
    coop.now = LATER
    coop.ok("Bela", "payout", "settle", AUGUST, "--date", "2025-09-08")
    coop.ok("Ana", "payout", "return", AUGUST, "Bela", "--reason", "AC04")
    assert accounts(coop)["balance Bela"] == before["balance Bela"] == "-580.78"

    refused(coop, "payout", "export", AUGUST, "--date", "today", "--out", "b.xml", "--yes", says="refused the account")
    other = written(coop, "Bela2", "BE71096123456769", "Béla Ørsted")
    coop.ok("Bela", "payout", "details", "set", "--file", other)
    refused(
        coop, "payout", "export", AUGUST, "--date", "today", "--out", "b.xml", "--yes", says="held until 2025-09-17"
    )
    coop.now = "2025-09-18T09:00:00Z"
    again = coop.data("Ana", "payout", "export", AUGUST, "--date", "2025-09-19", "--out", "b.xml", "--yes")
    coop.ok("Ana", "payout", "sent", AUGUST)
    coop.ok("Ana", "payout", "settle", AUGUST, "Bela", "--ref", "NTRF 77")

    assert (again["payments"], again["total"]) == (1, "580.78")
    rows = [row for row in coop.data("Ana", "payout", "payments")["payments"] if row["name"] == "Bela"]
    assert [(row["attempt"], row["state"]) for row in rows] == [(1, "returned"), (2, "settled")]
    assert len({row["eid"] for row in rows}) == 2
    after = accounts(coop)
    assert not [name for name in after if name.startswith("balance")]
    assert after["bank"] == "1575.01"
    assert after["together"] == "0.00"


def test_nothing_is_exported_before_enough_treasurers_have_approved(tmp_path: Path) -> None:
    coop = ready(tmp_path, approve=False)
    words = ("payout", "export", AUGUST, "--date", "today", "--out", "a.xml", "--yes")
    refused(coop, *words, says="not approved yet: 0 of 2")
    coop.ok("Ana", "payout", "approve", AUGUST, "--yes")

    refused(coop, *words, says="not approved yet: 1 of 2")
    assert not (coop.folder / "a.xml").exists()


def test_the_same_export_again_gives_the_same_bytes_and_records_nothing(coop: Riverbend) -> None:
    exported(coop)
    size = coop.size("Ana")
    coop.now = "2025-09-06T11:11:11Z"
    again = exported(coop, "again.xml")

    assert (again["again"], coop.size("Ana")) == (True, size)
    assert (coop.folder / "again.xml").read_bytes() == (coop.folder / "august.xml").read_bytes()
    assert exported(coop, "again.xml")["again"]


def test_a_second_file_of_another_form_or_for_another_account_is_refused(coop: Riverbend) -> None:
    exported(coop)
    words = ("payout", "export", AUGUST, "--date", "2025-09-09", "--yes")
    refused(coop, *words, "--out", "b.xml", "--format", "pain.001.001.03", says="would pay twice")
    coop.ok("Ana", "bank", "account", "--file", written(coop, "coop", "GB82WEST12345698765432", "Riverbend eG"))

    refused(coop, *words, "--out", "b.xml", says="is not that of entry")
    refused(coop, "payout", "export", AUGUST, "--out", "c.xml", "--format", "xls", says="pain.001.001.09", code=USAGE)


def test_a_file_that_must_not_be_used_is_void_when_two_treasurers_say_so(coop: Riverbend) -> None:
    first = exported(coop)
    assert "Another treasurer" in coop.ok("Ana", "payout", "void", AUGUST, "--yes").out
    refused(coop, "payout", "void", AUGUST, "--yes", says="said so already")
    coop.ok("Bela", "payout", "void", AUGUST, "--yes")
    second = exported(coop, "second.xml")

    assert (first["total"], first["again"], second["again"]) == (second["total"], False, False)
    assert {
        row["attempt"] for row in coop.data("Ana", "payout", "payments")["payments"] if row["state"] == "exported"
    } == {2}
    coop.ok("Ana", "payout", "sent", AUGUST)
    refused(coop, "payout", "void", AUGUST, "--yes", says="no file")


def test_a_payment_is_settled_once(away: Riverbend) -> None:
    away.ok("Ana", "payout", "settle", AUGUST, "Bela", "--date", "2025-09-08")

    refused(away, "payout", "settle", AUGUST, "Bela", says="it is settled already")
    refused(away, "payout", "sent", AUGUST, says="No file")
    away.ok("Ana", "payout", "return", AUGUST, "Bela")
    refused(away, "payout", "return", AUGUST, "Bela", says="it is returned already")


def test_money_that_is_rejected_before_it_moved_never_left_the_bank(away: Riverbend) -> None:
    before = accounts(away)
    away.ok("Ana", "payout", "return", AUGUST, "Chidi", "--reason", "AM05")

    assert accounts(away) == before


def test_only_treasurers_pay_and_only_days_that_have_come_are_booked(away: Riverbend) -> None:
    away.join("Ana", "Emil")
    refused(away, "payout", "settle", AUGUST, says="You are not a member yet", who="Emil", code=4)
    refused(away, "payout", "settle", AUGUST, "--date", "2025-09-12", says="lies in the future")
    refused(away, "payout", "settle", AUGUST, "--ref", "DE89 3704 0044 0532 0130 00", says="account number", code=USAGE)
    refused(away, "payout", "return", AUGUST, "Bela", "--reason", "because", says="letters or signs")


def test_somebody_without_details_waits_and_blocks_nobody(tmp_path: Path) -> None:
    coop = ready(tmp_path, but="Chidi")
    said = coop.ok("Ana", "payout", "export", AUGUST, "--date", "2025-09-08", "--out", "a.xml", "--yes")
    assert "Chidi has set no payment details; the money stays on the balance." in said.err
    assert "2 payments, 1,387.42 EUR" in said.out

    coop.ok("Chidi", "payout", "details", "set", "--file", written(coop, "Chidi", IBANS["Chidi"], "Chidi Okafor"))
    late = exported(coop, "late.xml")
    assert (late["payments"], late["total"], late["again"]) == (1, "887.58", False)


def test_details_that_cannot_be_read_or_be_right_wait_and_block_nobody(tmp_path: Path) -> None:
    """Chidi's program seals what no bank would take; Dilek's file is not needed; the others are paid."""
    coop = ready(tmp_path, but="Chidi")
    bad = Account(iban="NL91ABNA0417164301", bic=None, name="Chidi", salt="0" * 64)
    with mock.patch("payouts.bank.details_desk.read_account", return_value=bad):
        coop.ok("Chidi", "payout", "details", "set", "--file", written(coop, "Chidi", "NL91ABNA0417164300", "Chidi"))
    said = coop.ok("Ana", "payout", "export", AUGUST, "--date", "2025-09-08", "--out", "a.xml", "--yes")

    assert "Chidi is not in this file" in said.err
    assert "2 payments" in said.out
    alone = coop.run("Dilek", "payout", "export", AUGUST, "--date", "2025-09-08", "--out", "d.xml", "--yes")
    assert (alone.code, "No key in this home opens" in alone.err) == (4, True)


def test_what_a_thief_set_is_not_paid_to_once_the_key_is_in_doubt(tmp_path: Path) -> None:
    coop = ready(tmp_path, but="Bela", approve=False)
    coop.ok("Bela", "payout", "details", "set", "--file", written(coop, "Bela", "BE71096123456769", "Mallory"))
    rows = coop.data("Ana", "payout", "details", "check")["details"]
    entry = next(row["entry"] for row in rows if row["name"] == "Bela")
    coop.ok("Bela", "key", "new", "--name", "Bela")
    fresh = [row["fingerprint"] for row in coop.data("Bela", "key", "list")["keys"] if row["person"] == "Bela"]
    new = coop.data("Bela", "key", "list")["new_here"][0]
    coop.ok("Bela", "key", "add", new, "--yes")
    coop.ok("Bela", "key", "revoke", fresh[0], "--reason", "compromised", "--suspect-from", str(entry), "--yes")
    for name in ("Ana", "Bela"):
        coop.ok(name, "payout", "approve", AUGUST, "--yes")
    said = coop.ok("Ana", "payout", "export", AUGUST, "--date", "2025-09-08", "--out", "a.xml", "--yes")

    assert "Bela is not paid: the payment details were set with a key that was in other hands." in said.err


def test_what_an_unapproved_run_put_on_a_balance_is_not_paid_with_an_earlier_one(coop: Riverbend) -> None:
    coop.now = "2025-09-12T09:00:00Z"
    coop.ok("Ana", "log", "5h", "more", "--role", "code")
    coop.ok("Ana", "income", "add", "1000.00", "--from", "ACME", "--ref", "INV-13")
    coop.now = "2025-10-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    one = coop.data("Ana", "payout", "export", AUGUST, "--date", "2025-10-08", "--out", "a.xml", "--yes")
    for name in ("Ana", "Bela"):
        coop.ok(name, "payout", "approve", "2025-09", "--yes")
    two = coop.data("Ana", "payout", "export", "2025-09", "--date", "2025-10-08", "--out", "s.xml", "--yes")

    assert one["total"] == "2275.00"
    shown = coop.data("Ana", "payout", "show", "2025-09")
    assert two["total"] == shown["to_people"]


def test_a_day_that_is_over_and_a_file_that_is_there_are_refused(coop: Riverbend) -> None:
    words = ("payout", "export", AUGUST, "--yes", "--out")
    refused(coop, *words, "a.xml", "--date", "2025-09-03", says="is over", code=USAGE)
    refused(coop, *words, "a.xml", says="On which day", code=USAGE)
    coop.write("taken.xml", "a letter")
    refused(coop, *words, "taken.xml", "--date", "2025-09-08", says="already")
    assert (coop.folder / "taken.xml").read_text() == "a letter"


def test_a_file_for_the_bank_is_readable_by_its_owner_alone(coop: Riverbend) -> None:
    exported(coop)
    assert (coop.folder / "august.xml").stat().st_mode & 0o077 == 0


def test_a_copy_of_the_log_gives_the_same_payments(away: Riverbend) -> None:
    away.ok("Ana", "payout", "settle", AUGUST, "--date", "2025-09-08")
    away.ok("Bela", "payout", "return", AUGUST, "Ana", "--reason", "MS03")

    assert away.run("Bela", "verify", "--full").code == 0
