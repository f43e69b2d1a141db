"""The treasurer's pack: one folder with every figure of a period, equal wherever it stands, each file signed."""

import csv
import json
import re
import subprocess
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from tests.autumn import AUGUST, busy, copied, riverbend, three_months
from tests.bankers import exported, ready
from tests.judges import complaint, with_programs
from tests.riverbend import REFUSED, USAGE, Riverbend

TABLES = ("summary", "cash", "members", "aging", "reserve", "owed", "run", "amendments", "accounts")


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """August is approved, and everybody's details are set."""
    return ready(tmp_path_factory.mktemp("approved"))


@pytest.fixture(scope="module")
def packed(approved: Riverbend, tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """The bank has August's file, and Ana has made the pack."""
    coop = copied(approved, tmp_path_factory.mktemp("packed"))
    exported(coop)
    coop.ok("Bela", "payout", "sent", AUGUST)
    coop.ok("Ana", "report", "pack", AUGUST, "--out", "pack")
    return coop


def verified(folder: Path, file: str) -> bool:
    """What OpenSSH's own program says of a file and its signature."""
    name = (folder / "allowed_signers").read_text().split()[0]
    words = ["ssh-keygen", "-Y", "verify", "-f", "allowed_signers", "-I", name, "-n", "tally-file-v1"]
    done = subprocess.run(
        [*words, "-s", f"{file}.sig"], cwd=folder, input=(folder / file).read_bytes(), capture_output=True, check=False
    )
    return done.returncode == 0


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    """A table of the pack from its CSV file."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def named(folder: Path, table: str) -> dict[str, str]:
    """what -> amount, of a table that has these columns."""
    return {row["what"]: row["amount"] for row in rows(folder, table)}


def test_a_pack_holds_the_month_in_tables_journals_and_the_bank_file(packed: Riverbend) -> None:
    pack = packed.folder / "pack"
    files = {path.name for path in pack.iterdir() if path.suffix != ".sig"}

    assert files == {
        *(f"{table}.csv" for table in TABLES),
        *("pack.xlsx", "pack.json", "summary.txt", "allowed_signers"),
        *("journal.hledger", "journal.beancount", "payments.xml"),
    }
    assert named(pack, "summary")["to people"] == "2275.00"
    assert named(pack, "cash") == {
        "in the bank": "3850.01",
        "to people, in a file for the bank, not booked yet": "-2275.00",
        "to people, payable now": "0.00",
        "to people, not payable yet": "0.00",
        "to parties, to be paid": "0.00",
        "to parties and authorities, owed, not payable yet": "-420.00",
        "to people, held for disputed work": "0.00",
        "left for reserves, capital, funds and pots": "1155.01",
    }
    assert (pack / "payments.xml").read_bytes() == (packed.folder / "august.xml").read_bytes()
    assert pack.stat().st_mode & 0o777 == 0o700


def test_every_file_is_signed_as_openssh_checks_and_a_changed_byte_shows(packed: Riverbend, tmp_path: Path) -> None:
    pack = copied(packed, tmp_path).folder / "pack"
    files = sorted(path.name.removesuffix(".sig") for path in pack.glob("*.sig"))

    assert len(files) == 15
    assert all(verified(pack, file) for file in files)
    for file in files:
        data = bytearray((pack / file).read_bytes())
        data[len(data) // 2] ^= 1
        (pack / file).write_bytes(data)
        assert not verified(pack, file)


def test_all_totals_are_equal_wherever_they_stand(packed: Riverbend) -> None:
    pack, payout = packed.folder / "pack", packed.data("Ana", "payout", "show", AUGUST)
    made = json.loads((pack / "pack.json").read_text())
    book = openpyxl.load_workbook(pack / "pack.xlsx")

    shares = sum(Decimal(row["share"]) for row in rows(pack, "members"))
    in_bank_file = re.findall(r'InstdAmt Ccy="EUR">([0-9.]+)<', (pack / "payments.xml").read_text())
    assert str(shares) == payout["to_people"] == named(pack, "summary")["to people"]
    assert sum(map(Decimal, in_bank_file)) == Decimal(named(pack, "summary")["in the file for the bank"]) == shares
    assert sum(Decimal(row["together"]) for row in rows(pack, "aging")) == shares
    assert sum(Decimal(row["amount"]) for row in rows(pack, "run")) == Decimal(payout["income"])
    assert sum(Decimal(row["amount"]) for row in rows(pack, "accounts")) == 0
    for table in TABLES:
        assert made[table] == rows(pack, table)
        assert amounts_in(book[table]) == amounts_of(pack, table)


def amounts_in(page: openpyxl.worksheet.worksheet.Worksheet) -> list[int]:
    """The amounts of a page of the workbook, from the exact column; each beside the same as a number."""
    heads = [cell.value for cell in page[1]]
    exact = [at for at, head in enumerate(heads) if "exact" in head]
    found = []
    for row in page.iter_rows(min_row=2, values_only=True):
        for at in exact:
            assert Decimal(str(row[at - 1])).scaleb(2) == int(row[at])
            found.append(int(row[at]))
    return found


def amounts_of(pack: Path, table: str) -> list[int]:
    """The amounts of a table, row by row, in minor units."""
    if not rows(pack, table):
        return []
    money = [name for name, cell in rows(pack, table)[0].items() if re.fullmatch(r"-?[0-9]+\.[0-9]{2}", cell)]
    return [int(Decimal(row[name]).scaleb(2)) for row in rows(pack, table) for name in money]


@with_programs
def test_the_journals_of_a_pack_are_taken_by_the_programs(packed: Riverbend, tmp_path: Path, program: str) -> None:
    file = "journal.beancount" if program == "beancount" else "journal.hledger"

    assert complaint(program, (packed.folder / "pack" / file).read_text(), tmp_path) == ""


def test_the_reserve_stands_beside_what_the_rule_says_it_must_get(packed: Riverbend) -> None:
    (reserve,) = rows(packed.folder / "pack", "reserve")

    assert reserve["clause"] == "income: at least 30%"
    assert (reserve["at least"], reserve["got"], reserve["kept"]) == ("1155.01", "1155.01", "yes")


def test_what_waits_for_months_is_as_old_as_the_run_it_came_from(tmp_path: Path) -> None:
    coop = three_months(tmp_path)
    coop.ok("Ana", "payout", "tick")
    coop.ok("Ana", "report", "pack", "2025-10", "--out", "pack")
    aging = {row["name"]: row for row in rows(tmp_path / "pack", "aging")}
    got = {
        period: {one["name"]: one["total"] for one in coop.data("Ana", "payout", "show", period)["people"]}
        for period in ("2025-08", "2025-09", "2025-10")
    }

    # On 5 November the runs were cut off 3, 33 and 64 days ago.
    for name, row in aging.items():
        steps = [row["0-30 days"], row["31-60 days"], row["61-90 days"], row["over 90 days"]]
        assert steps == [got[period].get(name, "0.00") for period in ("2025-10", "2025-09", "2025-08")] + ["0.00"]


def test_after_a_payment_the_newest_shares_are_what_waits(packed: Riverbend, tmp_path: Path) -> None:
    coop = copied(packed, tmp_path)
    coop.now = "2025-10-20T09:00:00Z"
    coop.ok("Ana", "log", "5h", "more", "--role", "code")
    coop.ok("Bela", "payout", "settle", AUGUST, "--date", "2025-09-08")
    coop.ok("Bela", "income", "add", "1000.00", "--from", "acme", "--ref", "INV-14")
    coop.now = "2025-11-20T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    coop.ok("Ana", "report", "pack", "2025-10", "--out", "october")

    assert all(Decimal(row["over 90 days"]) == 0 for row in rows(tmp_path / "october", "aging"))
    assert named(tmp_path / "october", "cash")["to people, in a file for the bank, not booked yet"] == "0.00"


def test_what_was_taken_off_stands_by_member_and_by_authority(tmp_path: Path) -> None:
    coop = busy(riverbend(tmp_path, "Ana", "Bela", "Chidi", "Dilek"))
    coop.ok("Ana", "withholding", "set", "Bela", "Chidi", "20%", "--to", "Tax office", "--from", AUGUST)
    coop.ok("Ana", "advance", "add", "100.00", "--to", "Bela", "--for", AUGUST)
    coop.now = "2025-09-04T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    coop.ok("Ana", "report", "pack", AUGUST, "--out", "pack")
    members = {row["name"]: row for row in rows(tmp_path / "pack", "members")}
    owed = {row["account"]: row for row in rows(tmp_path / "pack", "owed")}

    assert [members["Bela"][head] for head in ("share", "withheld", "advance set off", "balance")] == [
        *("580.78", "116.15", "100.00", "364.63")
    ]
    assert members["Ana"]["withheld"] == "0.00"
    assert owed["withheld"] == {
        "account": "withheld",
        "to": "Tax office",
        "of this run": "293.66",
        "owed now": "293.66",
    }
    assert sum(Decimal(row["withheld"]) for row in members.values()) == Decimal("293.66")
    assert {row["name"]: row["together"] for row in rows(tmp_path / "pack", "aging")}["Bela"] == "364.63"


def test_a_pack_says_what_was_corrected_since(packed: Riverbend, tmp_path: Path) -> None:
    coop = copied(packed, tmp_path)
    coop.ok("Bela", "refund", "add", "1000.00", "--of", "INV-12")
    coop.ok("Bela", "payout", "tick")
    coop.ok("Ana", "report", "pack", AUGUST, "--out", "corrected")
    amended = rows(tmp_path / "corrected", "amendments")
    members = rows(tmp_path / "corrected", "members")

    cash = named(tmp_path / "corrected", "cash")
    assert cash["to people, not payable yet"] == "0.00"
    assert cash["left for reserves, capital, funds and pots"] == "255.01"  # 2850.01 - 2275.00 in the file - 320.00
    assert named(tmp_path / "corrected", "summary")["corrected by 2025-08#1"] == "-1000.00"
    assert sum(Decimal(row["amount"]) for row in amended) == -1000
    assert sum(Decimal(row["corrected"]) for row in members) == sum(
        Decimal(row["amount"]) for row in amended if row["id"]
    )


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((AUGUST,), USAGE, "Say --out DIR"),
        (("2025-09", "--out", "other"), REFUSED, "There is no payout of 2025-09"),
        ((AUGUST, "--out", "pack"), REFUSED, "Choose another name"),
        ((AUGUST, "--out", "none/pack"), USAGE, "no folder"),
        ((), USAGE, "tally report pack PERIOD --out DIR"),
    ],
)
def test_a_pack_that_cannot_be_made_leaves_nothing_behind(
    packed: Riverbend, words: tuple[str, ...], code: int, says: str
) -> None:
    before = sorted(packed.folder.iterdir())
    said = packed.run("Ana", "report", "pack", *words)

    assert said.code == code, said
    assert says in said.err
    assert sorted(packed.folder.iterdir()) == before


def test_only_treasurers_make_packs(tmp_path: Path) -> None:
    coop = busy(riverbend(tmp_path, "Ana", "Bela", "Chidi", "Dilek"))
    coop.join("Ana", "Emil")
    coop.now = "2025-09-04T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    said = coop.run("Emil", "report", "pack", AUGUST, "--out", "pack")

    assert said.code == REFUSED
    assert "Only a treasurer may do this" in said.err
    assert not (tmp_path / "pack").exists()


def test_a_treasurer_who_cannot_read_the_accounts_gets_a_pack_without_the_bank_file(
    packed: Riverbend, tmp_path: Path
) -> None:
    coop = copied(packed, tmp_path)
    said = coop.data("Chidi", "report", "pack", AUGUST, "--out", "other")

    assert "cannot be made again here" in said["bank_file"]
    assert not (tmp_path / "other" / "payments.xml").exists()
    assert verified(tmp_path / "other", "summary.txt")


def test_the_same_books_make_the_same_pack(packed: Riverbend) -> None:
    packed.ok("Ana", "report", "pack", AUGUST, "--out", "again")
    first, again = packed.folder / "pack", packed.folder / "again"

    assert {path.name: path.read_bytes() for path in first.iterdir()} == {
        path.name: path.read_bytes() for path in again.iterdir()
    }


def test_what_a_run_owed_to_a_party_and_is_paid_since_stands_in_the_pack_still(
    approved: Riverbend, tmp_path: Path
) -> None:
    coop = copied(approved, tmp_path)
    coop.ok("Ana", "payee", "owed", "network", "--to", "The Hub")
    coop.ok("Ana", "payee", "due", "network")
    coop.ok("Ana", "payee", "paid", "The Hub", "420.00")
    coop.ok("Ana", "report", "pack", AUGUST, "--out", "pack")

    (row,) = rows(coop.folder / "pack", "owed")
    assert (row["account"], row["of this run"], row["owed now"]) == ("network", "420.00", "0.00")


def test_of_two_files_the_pack_says_that_it_holds_the_newest(approved: Riverbend, tmp_path: Path) -> None:
    coop = copied(approved, tmp_path)
    exported(coop)
    coop.ok("Ana", "payout", "return", AUGUST, "Chidi", "--reason", "AM09")
    exported(coop, "second.xml")
    coop.ok("Ana", "report", "pack", AUGUST, "--out", "pack")

    note = next(
        row["note"] for row in rows(coop.folder / "pack", "summary") if row["what"] == "in the file for the bank"
    )
    assert note == "the newest of 2 files; it alone is in this folder"
