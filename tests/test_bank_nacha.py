"""Direct deposits in the United States: judged by another program, read back by a reader of our own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import achkit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.errors import Refused, Usage
from payouts.bank.bank_file import BankFile, Debtor, Transfer
from payouts.bank.details_desk import read_account
from payouts.bank.nacha_check import check_file, payments_in
from payouts.bank.payment_ids import payment_id
from payouts.bank.us_account import why_not_us
from payouts.bankfiles import of
from tests.autumn import AUGUST, RULE, busy
from tests.riverbend import BAD, Riverbend

TODAY = "2025-09-04"
ROUTINGS = ("021000021", "011401533", "091000019")
write = of("nacha.ppd")


def deposit(number: int, amount: int, name: str = "Ana Müller", kind: str = "checking") -> Transfer:
    """One payment."""
    return Transfer(
        eid=payment_id("aa", AUGUST, str(number), 1), amount=amount, name=name, iban="", bic=None,
        routing=ROUTINGS[number % 3], number=f"00{number}72", kind=kind,
    )  # fmt: skip


def file_of(*transfers: Transfer) -> BankFile:
    """A file with these payments."""
    return BankFile(
        debtor=Debtor(name="Riverbend", bic=None, routing="091000019", company="1234567890", bank="River Bank"),
        created="2025-09-04T11:22:33", date="2025-09-08", currency="USD", exponent=2, text="",
        transfers=tuple(sorted(transfers, key=lambda one: one.eid)),
    )  # fmt: skip


FILE = file_of(deposit(1, 184210), deposit(2, 1, kind="savings"), deposit(3, 9_999_999_999, "李 & Söhne"))


def test_another_program_and_our_own_reader_find_nothing_wrong() -> None:
    for file in (FILE, file_of(deposit(1, 5)), file_of(*(deposit(n, n) for n in range(1, 251)))):
        data = write(file)

        assert achkit.validate(data.decode())["errors"] == []
        assert check_file(data, TODAY) == []
        read = achkit.parse(data.decode())["batches"][0]
        assert [one["amount_cents"] for one in read["entries"]] == [one.amount for one in file.transfers]
        assert [one["account"] for one in read["entries"]] == [one.number for one in file.transfers]
        assert (read["effective_date"], read["service_class"], read["sec"]) == ("250908", 220, "PPD")


def test_the_bytes_are_those_of_the_other_program_but_for_what_it_leaves_out() -> None:
    file = file_of(deposit(1, 184210, "JANE DOE"), deposit(2, 700, "JOHN ROE", "savings"))
    theirs = achkit.AchFile.create(origin_dfi="091000019", company_id="1234567890", origin_name="RIVERBEND")
    batch = theirs.batch(sec="PPD", description="PAYROLL", effective_date="2025-09-08")
    for one in file.transfers:
        batch.credit(name=one.name, routing=one.routing, account=one.number, amount_cents=one.amount,
                     account_type=one.kind, id_number=one.eid[:15])  # fmt: skip
    lines, ours = theirs.render().splitlines(), write(file).decode().splitlines()

    assert [line for line in ours if line[0] in "689"] == [line for line in lines if line[0] in "689"]


def change(line: int, start: int, new: str) -> Callable[[str], str]:
    """The file with this at that place of a line."""

    def changed(text: str) -> str:
        lines = text.splitlines()
        lines[line] = lines[line][:start] + new + lines[line][start + len(new) :]
        return "".join(f"{one}\r\n" for one in lines)

    return changed


MUTANTS: dict[str, Callable[[str], str]] = {
    "sum": change(2, 38, "7"),
    "routing": change(2, 11, "0"),
    "count": change(5, 9, "9"),
    "hash": change(5, 19, "9"),
    "code": change(2, 1, "27"),
    "service": change(1, 50, "CCD"),
    "day": change(1, 69, "250903"),
    "length": lambda text: text.replace("RIVERBEND ", "RIVERBEND", 1),
    "blocks": lambda text: text[: -96 * 1],
    "structure": lambda text: text.replace("\r\n5220", "\r\n7220", 1),
    "letters": change(2, 54, "é"),
    "amount": change(3, 29, "0" * 10),
    "name": change(2, 54, " " * 22),
    "id-twice": lambda text: change(3, 79, text.splitlines()[2][79:94])(text),
}


@pytest.mark.parametrize("code", MUTANTS)
def test_every_mutant_is_caught_by_its_code(code: str) -> None:
    data = MUTANTS[code](write(FILE).decode()).encode("latin-1")

    assert code in {one.code for one in check_file(data, TODAY)}


PAYEE = st.tuples(st.integers(1, 10**9), st.text(st.characters(codec="ascii"), max_size=30))


@given(st.lists(PAYEE, min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_whoever_is_paid_the_sums_are_exact_and_the_bytes_stay(payees: list[tuple[int, str]]) -> None:
    transfers = [deposit(n, amount, f"N{name}") for n, (amount, name) in enumerate(payees)]
    data = write(file_of(*transfers))

    assert data == write(file_of(*reversed(transfers)))
    assert achkit.validate(data.decode())["ok"]
    assert sum(one.cents or 0 for one in payments_in(data)) == sum(amount for amount, _ in payees)


def test_what_such_a_file_cannot_carry_is_refused() -> None:
    wrong: tuple[Any, ...] = (
        replace(FILE, currency="EUR"),
        file_of(deposit(1, 10**10)),
        file_of(replace(deposit(1, 5), routing="")),
        replace(FILE, debtor=Debtor(name="Riverbend", iban="DE89370400440532013000", bic=None)),
    )
    for file in wrong:
        with pytest.raises(Refused):
            write(file)


def test_accounts_of_the_united_states_are_checked_without_repeating_them() -> None:
    assert why_not_us("021000021", "123-45", "savings") == ""
    text = 'routing = "{}"\nnumber = "{}"\nkind = "{}"\nname = "Ana"'
    assert read_account(text.format("021 000 021", "12 345", "Checking")).number == "12345"
    wrongs = (
        ("021000022", "1", "checking"),
        ("02100002", "1", "checking"),
        ("000000000", "1", "checking"),
        ("021000021", "1" * 18, "checking"),
        ("021000021", "", "checking"),
        ("021000021", "1", "gold"),
    )
    for wrong in wrongs:
        with pytest.raises(Usage) as refusal:
            read_account(text.format(*wrong))
        assert wrong[0] not in refusal.value.message


def test_a_month_is_paid_by_direct_deposit(tmp_path: Path) -> None:
    coop = Riverbend(tmp_path)
    coop.homes = dict.fromkeys(("Ana", "Bela", "Chidi", "Dilek"), "founders")
    founders = [word for name in coop.homes for word in ("--founder", name)]
    rule = coop.write("rule.toml", RULE)
    options = ("--zone", "America/New_York", "--currency", "USD", "--rule", rule, "--rehearsal")
    coop.ok("Ana", "init", "Riverbend", *options, *founders)
    busy(coop)
    coop.ok("Ana", "payout", "key")
    for name, routing in zip(("Ana", "Bela", "Chidi"), ROUTINGS, strict=True):
        file = coop.write(f"{name}.toml", f'routing = "{routing}"\nnumber = "4711"\nkind = "checking"\nname = "{name}"')
        coop.ok(name, "payout", "details", "set", "--file", file)
    own = coop.write(
        "coop.toml", 'routing = "091000019"\ncompany = "1234567890"\nbank = "River Bank"\nname = "Riverbend"'
    )
    coop.ok("Ana", "bank", "account", "--file", own)
    coop.now = "2025-09-04T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    for name in ("Ana", "Bela"):
        coop.ok(name, "payout", "approve", AUGUST, "--yes")
    words = ("payout", "export", AUGUST, "--date", "2025-09-08", "--yes", "--out")
    assert "cannot stand in this form" in coop.run("Ana", *words, "a.xml").err
    table = coop.write("wise.csv", "Recipient,Acc,Amt\n{name},{iban},{amount}\n")
    refused = coop.run("Ana", *words, "w.csv", "--format", "csv", "--template", table)
    assert "nacha.ppd" in refused.err
    assert not (tmp_path / "w.csv").exists()
    coop.ok("Ana", *words, "a.ach", "--format", "nacha.ppd")
    coop.ok("Ana", *words, "b.ach", "--format", "nacha.ppd")

    data = (tmp_path / "a.ach").read_bytes()
    assert achkit.validate(data.decode())["ok"]
    assert data == (tmp_path / "b.ach").read_bytes()
    assert (
        "3 payments, 2,275.00 USD, and is the file that pays 2025-08"
        in coop.ok("Ana", "bank", "check", "a.ach", "--against", AUGUST).out
    )
    (tmp_path / "c.ach").write_bytes(data.replace(b"4711", b"4712", 1))
    assert coop.run("Ana", "bank", "check", "c.ach", "--against", AUGUST).code == BAD
    coop.ok("Ana", "payout", "settle", AUGUST)
