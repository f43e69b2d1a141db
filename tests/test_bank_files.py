"""Files for the bank: judged by the form's own schema, read back by a reader that shares nothing with the writer."""

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import sepaxml
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Refused, Usage
from payouts.bank.bank_check import check_file, is_bank_holiday, payments_in
from payouts.bank.bank_file import BankFile, Debtor, Transfer
from payouts.bank.bank_words import ALLOWED, sepa
from payouts.bank.payment_ids import payment_id
from payouts.bankfiles import names, of
from tests.autumn import AUGUST, copied
from tests.bankers import COOP, IBANS, exported, ready
from tests.riverbend import BAD, Riverbend

TODAY = "2025-09-04"
PAIN = ("pain.001.001.03", "pain.001.001.09")
SCHEMAS = Path(sepaxml.__file__).parent / "schemas"


def transfer(number: int, amount: int, name: str = "Béla Ørsted", iban: str = "BE68539007547034") -> Transfer:
    """One payment."""
    bic = "GEBABEBB" if number % 2 else None
    return Transfer(eid=payment_id("aa", AUGUST, str(number), 1), amount=amount, name=name, iban=iban, bic=bic)


def file_of(*transfers: Transfer, bic: str | None = None, template: str = "") -> BankFile:
    """A file with these payments."""
    return BankFile(
        debtor=Debtor(name="Riverbend eG", iban=COOP, bic=bic),
        created="2025-09-04T11:00:00",
        date="2025-09-08",
        currency="EUR",
        exponent=2,
        text="Payout 2025-08 Riverbend & Söhne",
        transfers=tuple(sorted(transfers, key=lambda one: one.eid)),
        template=template,
    )


FILE = file_of(transfer(1, 184210), transfer(2, 1), transfer(3, 99_999_999_999), bic="COBADEFFXXX")


def by_schema(data: bytes, form: str, folder: Path) -> str:
    """What xmllint says by the form's own schema; "" for nothing wrong."""
    if shutil.which("xmllint") is None:
        pytest.skip("xmllint (libxml2-utils) is not installed")
    (folder / "file.xml").write_bytes(data)
    done = subprocess.run(
        ["xmllint", "--nonet", "--noout", "--schema", str(SCHEMAS / f"{form}.xsd"), str(folder / "file.xml")],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr


@pytest.mark.parametrize("form", PAIN)
def test_the_forms_own_schema_takes_our_files(form: str, tmp_path: Path) -> None:
    for file in (FILE, file_of(transfer(2, 5)), file_of(*(transfer(n, n) for n in range(1, 251)))):
        assert by_schema(of(form)(file), form, tmp_path) == ""


@pytest.mark.parametrize("form", PAIN)
def test_the_independent_reader_finds_nothing_wrong_in_our_files(form: str) -> None:
    assert check_file(of(form)(FILE), TODAY) == []
    assert [(one.eid, one.cents, one.iban) for one in payments_in(of(form)(FILE))] == [
        (one.eid, one.amount, one.iban) for one in FILE.transfers
    ]


Mutant = tuple[str, str, Callable[[str], str]]


def put(old: str, new: str, count: int = 1) -> Callable[[str], str]:
    """The file with this in place of that."""

    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, count)

    return change


def twice(text: str) -> str:
    """The second payment under the id of the first."""
    first, second = re.findall(r"<EndToEndId>(.*?)<", text)[:2]
    return text.replace(second, first)


MUTANTS: tuple[Mutant, ...] = (
    ("wrong currency", "currency", put('Ccy="EUR"', 'Ccy="USD"')),
    ("SHAR", "charges", put("SLEV", "SHAR")),
    ("amount 0", "amount", put(">0.01<", ">0.00<")),
    ("3 decimals", "amount", put(">0.01<", ">0.010<")),
    ("6 decimals", "amount", put(">0.01<", ">0.010001<")),
    ("CtrlSum +0.01", "sum", put("<CtrlSum>1000001842.10<", "<CtrlSum>1000001842.11<")),
    ("NbOfTxs +1", "count", put("<NbOfTxs>3<", "<NbOfTxs>4<")),
    ("IBAN digit", "iban", put("BE68539007547034", "BE68539007547035")),
    ("duplicate EndToEndId", "id-twice", twice),
    ("ć in an id", "letters", put("<PmtInfId>B", "<PmtInfId>ć")),
    ("AdrLine only", "address", put("</Nm></Cdtr>", "</Nm><PstlAdr><AdrLine>Hill 1</AdrLine></PstlAdr></Cdtr>")),
    ("past date", "day", put("2025-09-08", "2025-09-03")),
)
MORE: tuple[Mutant, ...] = (
    ("sum of the batch", "sum", lambda text: "<CtrlSum>9".join(text.rsplit("<CtrlSum>1", 1))),
    ("a document type", "doctype", put("<Document", "<!DOCTYPE a [<!ENTITY b 'c'>]><Document")),
    ("not closed", "not-xml", put("</Document>", "")),
    ("another form", "namespace", put("pain.001.001.0", "pain.008.001.0")),
    ("no name", "name", put("<Nm>Bela Orsted</Nm>", "<Nm></Nm>")),
    ("an id too long", "id-form", put("<MsgId>", "<MsgId>ABCDEF")),
    ("a slash first", "id-form", put("<MsgId>M", "<MsgId>/")),
    ("a text too long", "text", put("<Ustrd>", "<Ustrd>" + "a" * 140)),
    ("the wrong order", "order", put("   <ChrgBr>SLEV</ChrgBr>\n", "")),
    ("another service", "service", put("<Cd>SEPA</Cd>", "<Cd>URGP</Cd>")),
    ("a comma", "amount", put(">0.01<", ">0,01<")),
    ("an account missing", "structure", lambda text: re.sub(r"<CdtrAcct>.*?</CdtrAcct>", "", text, count=1)),
    ("a day that never was", "day", put("2025-09-08", "2025-09-31")),
)


def mutated(form: str, change: Callable[[str], str], name: str) -> bytes:
    """A file with something wrong in it."""
    text = change(of(form)(FILE).decode())
    if name == "the wrong order":
        text = text.replace("   <Dbtr>", "   <ChrgBr>SLEV</ChrgBr>\n   <Dbtr>")
    return text.encode()


@pytest.mark.parametrize("form", PAIN)
@pytest.mark.parametrize(
    ("name", "code", "change"), [*MUTANTS, *MORE], ids=lambda one: one if isinstance(one, str) else ""
)
def test_every_mutant_is_caught_by_its_code_and_line(
    name: str, code: str, change: Callable[[str], str], form: str
) -> None:
    data = mutated(form, change, name)
    found = [one for one in check_file(data, TODAY) if not one.is_warning]

    assert code in {one.code for one in found}, found
    assert all(1 <= one.line <= data.count(b"\n") + 1 for one in found)


def test_the_schema_alone_would_catch_few_of_them(tmp_path: Path) -> None:
    """Why we read our own files back: of the twelve, a form's schema sees hardly any."""
    data = [mutated(PAIN[1], change, name) for name, _, change in MUTANTS]
    caught = [name for one, (name, _, _) in zip(data, MUTANTS, strict=True) if by_schema(one, PAIN[1], tmp_path)]

    assert caught == ["6 decimals"]


PAYEE = st.tuples(st.integers(1, 10**11 - 1), st.text(min_size=1, max_size=70), st.sampled_from(sorted(IBANS.values())))


@given(st.lists(PAYEE, min_size=1, max_size=12), st.sampled_from(PAIN))
@settings(max_examples=60, deadline=None)
def test_whoever_is_paid_the_sums_are_exact_the_ids_differ_and_the_bytes_stay(
    payees: list[tuple[int, str, str]], form: str
) -> None:
    transfers = [transfer(n, amount, name, iban) for n, (amount, name, iban) in enumerate(payees)]
    file, other_order = file_of(*transfers), file_of(*reversed(transfers))
    data, read = of(form)(file), payments_in(of(form)(file))

    assert data == of(form)(other_order)
    assert sum(one.cents or 0 for one in read) == file.total == sum(amount for amount, _, _ in payees)
    assert len({one.eid for one in read}) == len(payees)
    assert {one.code for one in check_file(data, TODAY)} <= {"name"}  # a name of letters that SEPA has none of


@given(st.text(), st.integers(1, 140))
def test_every_text_becomes_one_that_sepa_carries(text: str, most: int) -> None:
    said = sepa(text, most)

    assert ALLOWED.fullmatch(said)
    assert len(said) <= most
    assert sepa(said, most) == said


def test_names_keep_their_likeness() -> None:
    said = {"Ana Müller-Weiß": "Ana Muller-Weiss", "Łukasz Đorđe & Søn": "Lukasz Dorde + Son", "ÅŒÞ 李": "AOETH .",
            "O’Brien—Şahin ı": "O'Brien-Sahin i", "ﬁ½": "fi1.2"}  # fmt: skip

    assert {text: sepa(text, 70) for text in said} == said


def test_sepa_carries_euros_and_no_more_than_a_billion() -> None:
    from msgspec.structs import replace

    for file in (replace(FILE, currency="USD"), file_of(transfer(1, 10**11)), file_of(transfer(1, 0))):
        with pytest.raises(Refused):
            of("pain.001.001.09")(file)


def test_a_day_on_which_banks_rest_is_a_warning() -> None:
    rests = (
        "2025-09-06",
        "2025-09-07",
        "2026-01-01",
        "2026-04-03",
        "2026-04-06",
        "2026-05-01",
        "2025-12-25",
        "2025-12-26",
    )
    assert all(is_bank_holiday(date.fromisoformat(day)) for day in rests)
    assert not is_bank_holiday(date(2026, 4, 7))

    data = of("pain.001.001.09")(FILE).replace(b"2025-09-08", b"2025-09-06")
    assert [(one.code, one.is_warning) for one in check_file(data, TODAY)] == [("holiday", True)]


# Tables.

WISE = "name,recipientEmail,paymentReference,receiverType,amountCurrency,amount,sourceCurrency,targetCurrency,IBAN\n"


def test_a_table_has_the_columns_of_the_treasurers_template() -> None:
    file = file_of(transfer(1, 184210, '+Béla, the "Ørsted"'), template=WISE)

    assert of("csv")(file).decode() == (
        WISE.replace("\n", "\r\n")
        + '"Bela, the .Orsted.",,Payout 2025-08 Riverbend + Sohne,PRIVATE,target,1842.10,EUR,EUR,BE68539007547034\r\n'
    )


def test_a_second_line_says_what_stands_in_columns_of_any_name() -> None:
    template = "Conto;Importo\n".replace(";", ",") + "{iban},{amount}\n"

    assert of("csv")(file_of(transfer(1, 5), template=template)) == b"Conto,Importo\r\nBE68539007547034,0.05\r\n"


@pytest.mark.parametrize("template", ["", "name,amount\n", "iban,amount,colour\n", "iban,amount\n{iban}\n", "{iban}\n"])
def test_a_template_that_does_not_say_what_stands_where_is_refused(template: str) -> None:
    with pytest.raises(Usage):
        of("csv")(file_of(transfer(1, 5), template=template))


def test_the_folder_is_the_list_of_forms() -> None:
    assert names() == ("csv", "nacha.ppd", *PAIN)
    with pytest.raises(Usage, match="form of a bank file"):
        of("xls")


# At the desk.


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """August's file is made."""
    coop = ready(tmp_path_factory.mktemp("made"))
    exported(coop)
    return coop


def test_a_file_is_checked_against_the_ledger(made: Riverbend, tmp_path: Path) -> None:
    coop = copied(made, tmp_path)
    assert "is the file that pays 2025-08" in coop.ok("Bela", "bank", "check", "august.xml", "--against", AUGUST).out
    text = (coop.folder / "august.xml").read_text()
    changes = {
        "other-account": text.replace("NL91ABNA0417164300", "NL02ABNA0123456789"),
        "other-amount": text.replace(">887.58<", ">887.59<").replace(">2275.00<", ">2275.01<"),
        "not-ours": text.replace("E40676ce98bf5b2cbadeed879dd92f093", "E" + "0" * 32)
        if "E40676ce98bf5b2cbadeed879dd92f093" in text
        else re.sub(r"E[0-9a-f]{32}", "E" + "0" * 32, text, count=2),
        "other-bytes": text.replace("</Document>", "</Document><!-- late -->"),
    }
    for code, changed in changes.items():
        coop.write("changed.xml", changed)
        said = coop.run("Bela", "bank", "check", "changed.xml", "--against", AUGUST)
        assert (said.code, code in said.err) == (BAD, True), (code, said.err)


def test_a_bad_file_is_refused_with_line_and_code(made: Riverbend, tmp_path: Path) -> None:
    coop = copied(made, tmp_path)
    text = (coop.folder / "august.xml").read_text()
    coop.write("bad.xml", text.replace("SLEV", "SHAR"))
    said = coop.run("Ana", "bank", "check", "bad.xml")
    line = text[: text.index("SLEV")].count("\n") + 1

    assert said.code == BAD
    assert f"line {line}: charges: ChrgBr is not SLEV" in said.err
    assert coop.data("Ana", "bank", "check", "august.xml")["findings"] == []


def test_the_older_form_and_a_table_come_out_of_the_desk_too(tmp_path: Path) -> None:
    coop = ready(tmp_path)
    coop.write("wise.csv", WISE)
    one = exported(coop, "table.csv", "--format", "csv", "--template", "wise.csv")
    again = exported(coop, "again.csv", "--format", "csv", "--template", "wise.csv")
    assert (one["payments"], again["again"]) == (3, True)
    assert IBANS["Chidi"] in (coop.folder / "again.csv").read_text()
    assert "byte for byte, the table of entry" in coop.ok("Bela", "bank", "check", "table.csv").out
    other_account = (coop.folder / "table.csv").read_text().replace(IBANS["Chidi"], IBANS["Bela"])
    coop.write("changed.csv", other_account)
    assert coop.run("Bela", "bank", "check", "changed.csv").code == BAD
    coop.write("wise.csv", "iban,amount\n")
    other = coop.run("Ana", "payout", "export", AUGUST, "--format", "csv", "--template", "wise.csv", "--out", "c.csv")
    assert (other.code, "same template" in other.err) == (BAD, True)

    coop.ok("Ana", "payout", "void", AUGUST, "--yes")
    coop.ok("Bela", "payout", "void", AUGUST, "--yes")
    exported(coop, "old.xml", "--format", "pain.001.001.03")
    data = (coop.folder / "old.xml").read_bytes()
    assert by_schema(data, "pain.001.001.03", tmp_path) == ""
    assert coop.run("Ana", "bank", "check", "old.xml", "--against", AUGUST).code == 0
