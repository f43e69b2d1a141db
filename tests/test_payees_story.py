"""Parties are paid like people: a supplier's bills and the network's dues go to the bank with the members' pay."""

import re
from pathlib import Path
from typing import Any

import pytest

from payouts.bank.bank_check import check_file
from tests.autumn import AUGUST, copied
from tests.bank_says import camt, entry, minor, one
from tests.bankers import accounts, exported, payments, ready, written
from tests.judges import ASK, complaint, held_by, text_of, with_programs
from tests.riverbend import USAGE, Riverbend, refused
from tests.test_bank_files import by_schema

STONE, HUB = "DE02120300000000202051", "FR7630006000011234567890189"
LATER = "2025-09-10T09:00:00Z"


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """August is approved; two bills of Stone & Co wait, the network's dues are payable, both parties' details hold."""
    coop = ready(tmp_path_factory.mktemp("known"))
    coop.ok("Ana", "expense", "add", "30.00", "--to", "Stone & Co", "--ref", "S-2", "--unpaid")
    coop.ok("Ana", "expense", "add", "120.00", "--to", "Stone & Co", "--ref", "S-1", "--unpaid", "--due", "2025-09-20")
    coop.ok("Ana", "payee", "owed", "network", "--to", "Hub")
    coop.ok("Ana", "payee", "due", "network", "--ref", "Riverbend 2025-08")
    for name, iban in (("Stone & Co", STONE), ("Hub", HUB)):
        coop.ok("Ana", "payee", "details", name, "--file", written(coop, name[:3], iban, f"{name} SARL"))
        coop.ok("Bela", "payee", "agree", name, "--yes")
    return coop


@pytest.fixture
def coop(known: Riverbend, tmp_path: Path) -> Riverbend:
    """The same, for one story."""
    return copied(known, tmp_path)


def party(coop: Riverbend, name: str) -> dict[str, Any]:
    """What the list of payees says of one."""
    return next(row for row in coop.data("Ana", "payee", "list")["parties"] if row["name"] == name)


def statement(coop: Riverbend, back: str) -> str:
    """The bank has paid everybody; the payment to one party came back."""
    rows = payments(coop)
    gone = [
        entry("08", minor(row), one("08", minor(row), row["eid"]), ref=f"R{n}")
        for n, row in enumerate(rows.values())
    ]  # fmt: skip
    amount = minor(rows[back])
    gone.append(entry("08", amount, one("08", amount, rows[back]["eid"], "AC04"), "CRDT", "R99"))
    return coop.write("statement.xml", camt("08", gone, amount - sum(map(minor, rows.values()))))


def test_bills_and_dues_are_paid_with_the_members_and_one_comes_back(coop: Riverbend) -> None:
    before = accounts(coop)
    assert before["payable Stone & Co"] == "-150.00"
    assert before["payable Hub"] == "-420.00"
    assert "network" not in before

    made = exported(coop)
    assert (made["payments"], made["total"]) == (5, "2845.00")
    assert {row["bill"] for row in coop.data("Ana", "expense", "list")["money"]} == {"on its way"}
    assert party(coop, "Stone & Co")["on_the_way"] == "150.00"
    coop.ok("Ana", "payout", "sent", AUGUST)
    coop.now = LATER
    coop.ok("Ana", "bank", "read", statement(coop, "Stone & Co"), "--yes")
    assert coop.data("Bela", "bank", "read", "statement.xml", "--yes")["known"] == 6

    after = accounts(coop)
    assert after["bank"] == "1155.01"
    assert (after["payable Stone & Co"], "payable Hub" in after, after["together"]) == ("-150.00", False, "0.00")
    stone = party(coop, "Stone & Co")
    assert [(bill["ref"], bill["amount"], bill["due"]) for bill in stone["bills"]] == [
        ("S-1", "120.00", "2025-09-20"),
        ("S-2", "30.00", None),
    ]
    assert stone["details"].startswith("blocked by the bank (AC04)")

    coop.ok("Bela", "payee", "details", "Stone & Co", "--file", written(coop, "sto2", "BE71096123456769", "Stone"))
    coop.ok("Ana", "payee", "agree", "Stone & Co", "--yes")
    export = ("payout", "export", AUGUST, "--date", "2025-09-19", "--out", "b.xml", "--yes")
    refused(coop, *export, says="held until 2025-09-17")
    coop.now = "2025-09-18T09:00:00Z"
    again = coop.data("Ana", *export)
    coop.ok("Ana", "payout", "sent", AUGUST)
    coop.ok("Ana", "payout", "settle", AUGUST, "Stone & Co")

    assert (again["payments"], again["total"]) == (1, "150.00")
    rows = [row for row in coop.data("Ana", "payout", "payments")["payments"] if row["name"] == "Stone & Co"]
    assert [(row["attempt"], row["state"], row["papers"]) for row in rows] == [
        (1, "returned", ["S-1", "S-2"]),
        (2, "settled", ["S-1", "S-2"]),
    ]
    assert not [name for name in accounts(coop) if name.startswith("payable")]
    assert {row["bill"] for row in coop.data("Ana", "expense", "list")["money"]} == {"paid"}


@pytest.mark.parametrize("form", ["pain.001.001.03", "pain.001.001.09"])
def test_the_file_with_members_and_parties_checks_and_names_the_bills(
    coop: Riverbend, form: str, tmp_path: Path
) -> None:
    exported(coop, "august.xml", "--format", form)
    data = (coop.folder / "august.xml").read_bytes()
    texts = re.findall(r"<Ustrd>(.*?)</Ustrd>", data.decode())

    assert check_file(data, "2025-09-04") == []
    assert by_schema(data, form, tmp_path) == ""
    assert sorted(texts) == [*["Payout 2025-08 Riverbend"] * 3, "Riverbend: Riverbend 2025-08", "Riverbend: S-1, S-2"]
    assert "august.xml checks: 5 payments" in coop.ok("Bela", "bank", "check", "august.xml", "--against", AUGUST).out
    exported_again = coop.ok("Ana", "payout", "export", AUGUST, "--format", form, "--out", "c.xml").out
    assert "the same bytes" in exported_again
    assert (coop.folder / "c.xml").read_bytes() == data


def test_a_table_for_the_bank_tells_parties_from_members(coop: Riverbend) -> None:
    template = coop.write("wise.csv", "name,receiverType,amount,iban,paymentReference\n")
    exported(coop, "august.csv", "--format", "csv", "--template", template)
    rows = [line.split(",") for line in (coop.folder / "august.csv").read_text().splitlines()[1:]]

    assert sorted(row[1] for row in rows) == ["BUSINESS"] * 2 + ["PRIVATE"] * 3
    assert ["Hub SARL", "BUSINESS", "420.00", HUB, "Riverbend: Riverbend 2025-08"] in rows


def test_the_same_bytes_are_made_again_after_more_bills_came(coop: Riverbend) -> None:
    exported(coop)
    coop.ok("Ana", "expense", "add", "5.00", "--to", "Stone & Co", "--ref", "S-0", "--unpaid", "--due", "2025-09-05")

    # The new bill cannot stand in another file of this run before the first one is through.
    again = coop.ok("Ana", "payout", "export", AUGUST, "--out", "again.xml")
    assert "the same bytes" in again.out
    assert (coop.folder / "again.xml").read_bytes() == (coop.folder / "august.xml").read_bytes()
    coop.ok("Ana", "payout", "sent", AUGUST)
    coop.now = LATER
    coop.ok("Ana", "payout", "settle", AUGUST)
    more = coop.data("Ana", "payout", "export", AUGUST, "--date", "2025-09-12", "--out", "more.xml", "--yes")
    assert (more["payments"], more["total"]) == (1, "5.00")


def test_an_earlier_file_is_made_again_by_its_entry_where_another_party_is_due_now(coop: Riverbend) -> None:
    first = exported(coop)["entry"]
    coop.ok("Ana", "expense", "add", "5.00", "--to", "Printer", "--unpaid")
    coop.ok("Ana", "payee", "details", "Printer", "--file", written(coop, "pri", "BE71096123456769", "Printer"))
    coop.ok("Bela", "payee", "agree", "Printer", "--yes")
    again = ("payout", "export", AUGUST, "--out", "again.xml", "--entry")
    refused(coop, *again, "3", says="Entry 3 made no file for 2025-08 that is on its way")
    coop.ok("Ana", *again, str(first))

    assert (coop.folder / "again.xml").read_bytes() == (coop.folder / "august.xml").read_bytes()
    assert (
        coop.data("Ana", "payout", "export", AUGUST, "--date", "2025-09-12", "--out", "b.xml", "--yes")["total"]
        == "5.00"
    )


def test_a_void_file_gives_its_bills_back(coop: Riverbend) -> None:
    before = party(coop, "Stone & Co")
    exported(coop)
    assert party(coop, "Stone & Co")["bills"] == []
    for who in ("Ana", "Bela"):
        coop.ok(who, "payout", "void", AUGUST, "--yes")

    assert party(coop, "Stone & Co") == before


def test_a_bill_may_be_paid_by_card_in_parts_the_first_that_is_due_first(coop: Riverbend) -> None:
    coop.ok("Ana", "payee", "paid", "Stone & Co", "125.00", "--ref", "card")
    assert [(one["ref"], one["amount"]) for one in party(coop, "Stone & Co")["bills"]] == [("S-2", "25.00")]
    refused(coop, "payee", "paid", "Stone & Co", "25.01", says="25.00 EUR can be paid to this party, no more")
    exported(coop)

    refused(coop, "payee", "paid", "Stone & Co", "0.01", says="0.00 EUR can be paid to this party, no more")
    assert payments(coop)["Stone & Co"]["amount"] == "25.00"
    assert payments(coop)["Stone & Co"]["papers"] == ["S-2"]


def test_a_cost_counts_when_the_bill_comes_and_not_again_when_it_is_paid(coop: Riverbend) -> None:
    coop.ok("Ana", "income", "add", "1000.00", "--from", "ACME", "--ref", "INV-30")
    coop.ok("Ana", "payee", "paid", "Stone & Co", "150.00")
    refused(coop, "expense", "add", "120.00", "--to", "Stone & Co", "--ref", "s-1", says="booked already")
    coop.now = "2025-10-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")

    shown = coop.data("Ana", "payout", "show", "2025-09")
    assert (shown["received"], shown["spent"], shown["income"]) == ("1000.00", "150.00", "850.00")
    assert accounts(coop)["together"] == "0.00"


def test_the_lists_say_what_is_to_be_paid_and_until_when(coop: Riverbend) -> None:
    bills = coop.data("Ana", "expense", "list")["unpaid"]
    assert [(one["party"], one["ref"], one["due"]) for one in bills] == [
        ("Stone & Co", "S-1", "2025-09-20"),
        ("Stone & Co", "S-2", None),
        ("Hub", "Riverbend 2025-08", None),
    ]
    assert [row["bill"] for row in coop.data("Ana", "expense", "list")["money"]] == ["not paid", "not paid"]
    assert "To be paid to 2 parties: 570.00 EUR, the first by 2025-09-20" in coop.ok("Ana", "payout", "due").out
    assert party(coop, "Hub")["details"] == "good"


def test_nobody_sets_where_a_party_is_paid_alone(coop: Riverbend) -> None:
    coop.ok("Ana", "expense", "add", "9.00", "--to", "Printer", "--unpaid")
    mine = written(coop, "mine", "BE71096123456769", "Ana")
    refused(coop, "payee", "details", "Nobody", "--file", mine, says="No party is called", code=USAGE)
    coop.ok("Ana", "payee", "details", "Printer", "--file", mine)
    refused(coop, "payee", "agree", "Printer", "--yes", says="You have said so already")
    made = exported(coop)

    assert made["payments"] == 5
    assert "Printer" not in payments(coop)
    assert party(coop, "Printer")["details"] == "wait for others to agree"
    shown = coop.data("Bela", "payee", "details", "Hub")
    assert (shown["iban"], shown["holder"]) == (HUB, "Hub SARL")


def test_where_there_is_one_treasurer_that_one_is_enough(tmp_path: Path) -> None:
    coop = Riverbend(tmp_path, "Ana")
    coop.ok("Ana", "payout", "key")
    coop.ok("Ana", "expense", "add", "9.00", "--to", "Printer", "--unpaid")
    said = coop.data("Ana", "payee", "details", "Printer", "--file", written(coop, "p", HUB, "Printer"))

    assert said["holds"]
    changed = coop.ok("Ana", "payee", "details", "Printer", "--file", written(coop, "q", STONE, "Printer")).out
    assert "nothing is paid to them for 7 days" in changed


def test_money_of_the_rule_goes_to_the_party_it_is_owed_to(tmp_path: Path) -> None:
    coop = ready(tmp_path, approve=False)
    refused(coop, "payee", "due", "network", says="Nobody has said to whom network is owed")
    refused(coop, "payee", "owed", "reserve", "--to", "Hub", says="reserve is not owed to anybody: it is indivisible")
    refused(coop, "payee", "due", "reserve", says="Nothing lies on reserve that is owed to a party")
    refused(coop, "payee", "due", "roof", says="Nothing is owed under", code=USAGE)
    coop.ok("Ana", "payee", "owed", "network", "--to", "Hub")
    refused(coop, "payee", "due", "network", says="420.00 EUR waits until its run is approved")
    for name in ("Ana", "Bela"):
        coop.ok(name, "payout", "approve", AUGUST, "--yes")
    refused(coop, "payee", "due", "network", "420.01", says="420.00 EUR of it can be paid, no more")
    said = coop.data("Ana", "payee", "due", "network", "100.00")

    assert (said["left"], accounts(coop)["network"], accounts(coop)["payable Hub"]) == ("320.00", "-320.00", "-100.00")


def test_what_members_decided_to_spend_is_paid_through_the_bank_too(coop: Riverbend) -> None:
    coop.ok("Ana", "propose", "reserve", "reserve", "500.00", "--to", "Roof & Sons", "--for", "a roof")
    for name in ("Ana", "Bela", "Chidi"):
        coop.ok(name, "vote", "1", "yes")
    coop.now = "2025-09-12T09:00:00Z"
    coop.ok("Ana", "payee", "due", "proposal 1", "--ref", "ROOF-1")

    assert accounts(coop)["payable Roof & Sons"] == "-500.00"
    refused(coop, "expense", "add", "1.00", "--decided", "1", says="owes 0.00 EUR still")


@with_programs
def test_all_three_judges_take_the_books_of_parties(coop: Riverbend, tmp_path: Path, program: str) -> None:
    coop.ok("Ana", "income", "add", "100.00 USD", "--from", "ACME", "--ref", "I-2", "--rate", "1/3",
            "--rate-source", 'E;C:B [2025-13-45] "x"', "--rate-date", "2025-09-01", "--member-business")  # fmt: skip
    coop.ok("Ana", "expense", "add", "500 JPY", "--to", "Tokyo", "--unpaid", "--rate", "0.0061",
            "--rate-source", "BoJ")  # fmt: skip
    exported(coop)
    coop.ok("Ana", "payout", "sent", AUGUST)
    coop.now = LATER
    coop.ok("Ana", "bank", "read", statement(coop, "Hub"), "--yes")
    coop.ok("Ana", "payee", "paid", "Tokyo", "3.05", "--ref", "cash")
    coop.now = "2025-10-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    for options in ((), ("--names",)):
        text = text_of(coop, program, *options)

        assert complaint(program, text, tmp_path) == ""
    assert "100.00 USD at 0.33333333… (1/3)" in text
    assert "bill of Stone & Co, S-1" in text
    if program in ASK:
        held = held_by(ASK[program], text, tmp_path)
        assert [amount for name, amount in held.items() if name.startswith("Liabilities:Payable")] == ["-420.00"]
        assert held["Assets:Bank"] == accounts(coop)["bank"]


def test_a_bill_that_a_thief_booked_is_not_paid_until_its_treasurer_stands_by_it(coop: Riverbend) -> None:
    coop.ok("Bela", "expense", "add", "7.00", "--to", "Stone & Co", "--ref", "S-9", "--unpaid")
    bills = coop.data("Ana", "expense", "list")["unpaid"]
    entry = next(row["entry"] for row in bills if row["ref"] == "S-9")
    coop.ok("Bela", "key", "new", "--name", "Bela")
    fresh = [row["fingerprint"] for row in coop.data("Bela", "key", "list")["keys"] if row["person"] == "Bela"]
    coop.ok("Bela", "key", "add", coop.data("Bela", "key", "list")["new_here"][0], "--yes")
    coop.ok("Bela", "key", "revoke", fresh[0], "--reason", "compromised", "--suspect-from", str(entry), "--yes")

    listed = coop.ok("Ana", "payee", "list").out
    assert f"7.00 EUR to Stone & Co (entry {entry}) waits: the key that booked it was in other hands" in listed
    refused(coop, "payee", "paid", "Stone & Co", "150.01", says="150.00 EUR can be paid to this party, no more")
    coop.ok("Bela", "key", "reaffirm", str(entry), "--yes")
    coop.ok("Ana", "payee", "paid", "Stone & Co", "157.00")
