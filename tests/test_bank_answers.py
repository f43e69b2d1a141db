"""The bank's answer: what it settles, what comes back, what fits nothing; read twice it changes nothing."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from payouts.bank.bank_lines import BadStatement, Line, minor_units
from payouts.bank.bank_table import lines_of
from payouts.bank.matching import Matching
from payouts.bank.paying import Export, Payment
from payouts.bank.payment_ids import batch_id, message_id, payment_id
from tests.autumn import AUGUST, copied
from tests.bank_says import FORMS, batch, camt, cents, entry, minor, one, pain002
from tests.bankers import IBANS, accounts, exported, payments, ready
from tests.riverbend import REFUSED, Riverbend

VERSIONS = ("02", "08")
LATER = "2025-09-10T09:00:00Z"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """The bank has August's file."""
    coop = ready(tmp_path_factory.mktemp("sent"))
    exported(coop)
    coop.ok("Ana", "payout", "sent", AUGUST)
    coop.now = LATER
    return coop


@pytest.fixture
def coop(sent: Riverbend, tmp_path: Path) -> Riverbend:
    """The same, for one story."""
    return copied(sent, tmp_path)


def paid(coop: Riverbend, version: str = "08") -> list[str]:
    """An entry for each payment."""
    rows = payments(coop).values()
    return [
        entry(version, minor(row), one(version, minor(row), row["eid"]), ref=f"REF{n}") for n, row in enumerate(rows)
    ]


def read(coop: Riverbend, file: str, *more: str) -> dict:
    """What the bank's file comes to, recorded."""
    return coop.data("Ana", "bank", "read", file, "--yes", *more)


def by_form(text: str, form: str, folder: Path) -> str:
    """What xmllint says by the form's own schema; "" for nothing wrong."""
    if shutil.which("xmllint") is None:
        pytest.skip("xmllint (libxml2-utils) is not installed")
    (folder / "answer.xml").write_text(text)
    words = ["xmllint", "--nonet", "--noout", "--schema", str(FORMS / f"{form}.xsd"), str(folder / "answer.xml")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_a_statement_settles_what_bears_our_ids_and_read_twice_changes_nothing(
    coop: Riverbend, version: str, tmp_path: Path
) -> None:
    before = accounts(coop)["bank"]
    text = camt(version, paid(coop, version), -227_500)
    assert by_form(text, f"camt.053.001.{version}", tmp_path) == ""
    coop.write("statement.xml", text)
    first, size = read(coop, "statement.xml"), coop.size("Ana")
    second = read(coop, "statement.xml")

    assert (len(first["settled"]), second["settled"], second["known"], coop.size("Ana")) == (3, [], 3, size)
    assert {row["state"] for row in payments(coop).values()} == {"settled"}
    assert minor({"amount": before}) - minor({"amount": accounts(coop)["bank"]}) == 227_500


@pytest.mark.parametrize("version", VERSIONS)
def test_a_payment_that_comes_back_is_owed_again_once(coop: Riverbend, version: str, tmp_path: Path) -> None:
    bela = payments(coop)["Bela"]
    back = entry(version, 58_078, one(version, 58_078, bela["eid"], "AC04"), "CRDT", "BACK1", "2025-09-10")
    text = camt(version, [*paid(coop, version), back], -227_500 + 58_078)
    assert by_form(text, f"camt.053.001.{version}", tmp_path) == ""
    coop.write("statement.xml", text)
    first, size = read(coop, "statement.xml"), coop.size("Ana")
    second = read(coop, "statement.xml")

    assert [(row["name"], row["reason"]) for row in first["returned"]] == [("Bela", "AC04")]
    assert (second["returned"], second["known"], coop.size("Ana")) == ([], 4, size)
    assert accounts(coop)["balance Bela"] == "-580.78"
    assert payments(coop)["Bela"]["reason"] == "AC04"


def test_a_batch_booked_as_one_settles_its_payments(coop: Riverbend) -> None:
    text = (coop.folder / "august.xml").read_text()
    found = re.search(r"<PmtInfId>(.*?)<", text)
    assert found
    coop.write("statement.xml", camt("08", [entry("08", 227_500, batch(found[1], 3), ref="B1")], -227_500))
    assert len(read(coop, "statement.xml")["settled"]) == 3
    assert read(coop, "statement.xml")["known"] == 1

    coop.write("late.xml", camt("08", [entry("08", 227_500, batch(found[1], 3), ref="B2")], -227_500))
    late = read(coop, "late.xml")
    assert (late["settled"], late["flagged"][0]["why"].partition(";")[0]) == ([], "a batch of ours with another total")


def test_a_rejection_is_paid_again_and_the_rest_of_the_batch_is_settled(coop: Riverbend, tmp_path: Path) -> None:
    text = (coop.folder / "august.xml").read_text()
    message, batch_name = (re.search(f"<{name}>(.*?)<", text)[1] for name in ("MsgId", "PmtInfId"))  # type: ignore[index]
    report = pain002(message, batch_name, {payments(coop)["Chidi"]["eid"]: "MS03"})
    assert by_form(report, "pain.002.001.03", tmp_path) == ""
    coop.write("report.xml", report)
    first = read(coop, "report.xml")
    assert ([row["name"] for row in first["returned"]], read(coop, "report.xml")["known"]) == (["Chidi"], 1)
    coop.write("statement.xml", camt("08", [entry("08", 227_500 - 88_758, batch(batch_name, 2))], 88_758 - 227_500))
    assert len(read(coop, "statement.xml")["settled"]) == 2

    again = coop.data("Ana", "payout", "export", AUGUST, "--date", "2025-09-11", "--out", "b.xml", "--yes")
    assert (again["payments"], again["total"]) == (1, "887.58")
    assert payments(coop)["Chidi"]["attempt"] == 2


def test_a_whole_file_may_be_refused_and_a_report_on_a_strange_file_is_not_read(coop: Riverbend) -> None:
    text = (coop.folder / "august.xml").read_text()
    found = re.search(r"<MsgId>(.*?)<", text)
    assert found
    coop.write("strange.xml", pain002("M1", "B1", {}, "RJCT"))
    assert coop.run("Ana", "bank", "read", "strange.xml", "--yes").code == REFUSED
    coop.write("report.xml", pain002(found[1], "B1", {}, "RJCT"))

    said = read(coop, "report.xml")
    assert (len(said["returned"]), said["own"]) == (2, [payments(coop)["Ana"]["eid"]])

    # That her own payment came back another treasurer says.
    said = coop.data("Bela", "bank", "read", "report.xml", "--yes")
    assert [one["name"] for one in said["returned"]] == ["Ana"]


def test_another_amount_or_a_second_debit_is_flagged_and_changes_nothing(coop: Riverbend) -> None:
    bela = payments(coop)["Bela"]["eid"]
    coop.write("odd.xml", camt("08", [entry("08", 58_079, one("08", 58_079, bela))], -58_079))
    odd = read(coop, "odd.xml")
    assert (odd["settled"], odd["flagged"][0]["why"]) == ([], "another amount than was to be paid")

    for ref in ("R1", "R2"):
        coop.write(f"{ref}.xml", camt("08", [entry("08", 58_078, one("08", 58_078, bela), ref=ref)], -58_078))
    assert len(read(coop, "R1.xml")["settled"]) == 1
    assert "was it paid twice?" in read(coop, "R2.xml")["flagged"][0]["why"]


def test_a_bank_that_keeps_something_of_what_comes_back_is_told_as_a_cost(coop: Riverbend) -> None:
    bela = payments(coop)["Bela"]["eid"]
    back = entry("08", 57_078, one("08", 57_078, bela, "AC01"), "CRDT")
    coop.write("short.xml", camt("08", [*paid(coop), back], -227_500 + 57_078))
    said = coop.ok("Ana", "bank", "read", "short.xml", "--yes")

    assert "The bank kept 10.00 EUR: tally expense add 10.00 --to BANK" in said.err
    assert accounts(coop)["balance Bela"] == "-580.78"


def test_what_has_no_id_is_only_proposed_with_the_command_that_would_say_it(coop: Riverbend) -> None:
    chidi = entry("08", 88_758, one("08", 88_758, name="Chidi Okafor", iban=IBANS["Chidi"]))
    rent = entry("08", 10_000, one("08", 10_000, name="Landlord"))
    income = entry("08", 42_000, one("08", 42_000), "CRDT")
    coop.write("statement.xml", camt("08", [chidi, rent, income], 42_000 - 98_758))
    size = coop.size("Ana")
    said = coop.ok("Ana", "bank", "read", "statement.xml", "--yes")

    assert f'If so: tally payout settle {AUGUST} "Chidi" --date 2025-09-08' in said.out
    assert "Not ours: line" in said.out
    assert "tally income add 420.00 --from NAME --date 2025-09-08" in said.out
    assert coop.size("Ana") == size
    coop.ok("Ana", "income", "add", "420.00", "--from", "Fund", "--date", "2025-09-08")
    again = coop.ok("Ana", "bank", "read", "statement.xml", "--yes").out
    assert "Booked already, it seems (entry" in again
    assert "Income?" not in again
    whole = entry("08", 227_500, one("08", 227_500))
    coop.write("whole.xml", camt("08", [whole], -227_500))
    assert f"If so: tally payout settle {AUGUST} --date 2025-09-08" in coop.ok("Ana", "bank", "read", "whole.xml").out


def test_a_statement_of_another_account_or_that_does_not_add_up_is_refused(coop: Riverbend) -> None:
    entries = paid(coop)
    bad = {
        "another account": camt("08", entries, -227_500, iban="GB82WEST12345698765432"),
        "do not come to the closing balance": camt("08", entries, -227_500, closing=1),
        "no closing balance": camt("08", entries, -227_500).replace("CLBD", "ITBD"),
        "not in EUR": camt("08", entries, -227_500).replace("Ccy='EUR'", "Ccy='USD'"),
        "finer than the currency": camt("08", entries, -227_500).replace("887.58", "887.581"),
        "holds no statement": '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>',
        "no well-formed XML": camt("08", entries, -227_500)[:-20],
        "document type": '<!DOCTYPE a [<!ENTITY a "b">]><a/>',
        "neither a camt.053": "<a/>",
    }
    size = coop.size("Ana")
    for why, text in bad.items():
        coop.write("bad.xml", text)
        said = coop.run("Ana", "bank", "read", "bad.xml", "--yes")
        assert said.code in (5, REFUSED), why
        assert why.partition("no closing")[0] in said.err or "no opening" in said.err, said.err

    assert coop.size("Ana") == size


def test_lines_that_are_not_booked_yet_wait(coop: Riverbend) -> None:
    waiting = [row.replace("<Cd>BOOK</Cd>", "<Cd>PDNG</Cd>") for row in paid(coop)]
    coop.write("statement.xml", camt("08", waiting, 0))

    assert read(coop, "statement.xml")["settled"] == []


def test_without_a_yes_nothing_is_recorded(coop: Riverbend) -> None:
    coop.write("statement.xml", camt("08", paid(coop), -227_500))
    size = coop.size("Ana")
    said = coop.run("Ana", "bank", "read", "statement.xml", "--no-input")

    assert (said.code, coop.size("Ana")) == (3, size)
    assert "Settled: 3 payments, 2,275.00 EUR." in said.err


def test_a_table_of_the_bank_settles_by_the_ids_in_it(coop: Riverbend) -> None:
    rows = payments(coop)
    lines = [f"08.09.2025;-{cents(minor(row)).replace('.', ',')};Payout {row['eid']} thanks" for row in rows.values()]
    coop.write("bank.csv", "\n".join(["Buchungstag;Betrag;Text", *lines, "09.09.2025;1.000,00;Invoice 12"]))
    first = read(coop, "bank.csv")

    assert (len(first["settled"]), first["income"][0]["amount"]) == (3, "1000.00")
    assert read(coop, "bank.csv")["known"] == 3
    coop.write("bank.csv", "Text;Betrag\na;1")
    assert coop.run("Ana", "bank", "read", "bank.csv").code == REFUSED


@pytest.mark.parametrize(
    ("text", "exponent", "amount"), [("1842.1", 2, 184210), ("5", 0, 5), ("0.0050", 3, 5), ("7.", 2, 700)]
)
def test_amounts_of_a_bank_are_exact(text: str, exponent: int, amount: int) -> None:
    assert minor_units(text, exponent, 1) == amount


@pytest.mark.parametrize("text", ["", "1,5", "-1", "1.005", "1e3", "NaN", "９", "1" * 20])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadStatement):
        minor_units(text, 2, 7)


def test_a_table_knows_signs_and_commas_of_every_sort() -> None:
    table = "Date\tAmount\n2025-09-08\t-1,234.50\n8/9/2025\t1.234,50-\n2025-09-08 10:11\t+12\n08.09.2025\t−0,05 €\n"

    assert [(one.booked, one.is_out, one.amount) for one in lines_of(table, 2)] == [
        ("2025-09-08", True, 123_450),
        ("2025-09-08", True, 123_450),
        ("2025-09-08", False, 1200),
        ("2025-09-08", True, 5),
    ]


def test_two_hundred_payments_three_back_one_apart_leave_nothing_unmatched() -> None:
    made = {payment_id("aa", AUGUST, str(n), 1): 10_000 + n for n in range(200)}
    owed = {
        eid: Payment(period=AUGUST, payee=eid, amount=amount, attempt=1, details="", export="x", status="sent")
        for eid, amount in made.items()
    }
    names = sorted(made)
    export = Export(entry=9, period=AUGUST, file="", form="", date="2025-09-08", created="", debtor="", payments=names)
    apart, back = names[0], names[5:8]
    rest = sum(made.values()) - made[apart]
    lines = [
        Line(booked="2025-09-08", amount=rest, is_out=True, batch=batch_id(names, "2025-09-08")),
        Line(booked="2025-09-08", amount=made[apart], is_out=True, payments=(apart,)),
        *(Line(booked="2025-09-10", amount=made[eid], is_out=False, payments=(eid,), reason="AC04") for eid in back),
    ]
    found = Matching(owed, {"x": export}, lambda _: "").lines(lines)

    assert (len(found.settled), len(found.returned)) == (200, 3)
    assert {one.eid for one in found.settled} - {one.eid for one in found.returned} == set(names) - set(back)
    assert [*found.flagged, *found.proposed, *found.unmatched, *found.income] == []
    by_message = [Line(booked="2025-09-08", amount=sum(made.values()), is_out=True, batch=message_id([lines[0].batch]))]
    assert len(Matching(owed, {"x": export}, lambda _: "").lines(by_message).settled) == 200
