"""What a dishonest or careless bank, customer or treasurer tries with files, bills and pages, and does not get."""

from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from payouts import state
from payouts.bank.xml_lines import NotXml, tree
from payouts.pages.html import BEGIN, CLOSE, OPEN
from payouts.statements.statement_reading import LINES_MAX, words_of
from tests.autumn import AUGUST, copied
from tests.bank_says import camt, entry, minor, one, pain002
from tests.bankers import exported, payments, ready, written
from tests.riverbend import BAD, REFUSED, USAGE, Riverbend
from tests.test_book_year import FIRST, JANUARY, TAX_OFFICE, book, bylaw, close, log, tick, village
from tests.village import assert_every_book_is_the_same


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """The bank has August's file."""
    coop = ready(tmp_path_factory.mktemp("sent"))
    exported(coop)
    coop.ok("Ana", "payout", "sent", AUGUST)
    coop.now = "2025-09-10T09:00:00Z"
    return coop


@pytest.fixture
def sent(handed_in: Riverbend, tmp_path: Path) -> Riverbend:
    """The same, for one story."""
    return copied(handed_in, tmp_path)


def statement(coop: Riverbend, reason: str, day: str) -> str:
    """All payments booked, and Bela's come back for a reason on a day."""
    rows = list(payments(coop).values())
    bela = next(row for row in rows if row["name"] == "Bela")
    lines = [entry("08", minor(row), one("08", minor(row), row["eid"]), ref=f"R{n}") for n, row in enumerate(rows)]
    lines.append(entry("08", minor(bela), one("08", minor(bela), bela["eid"], reason), "CRDT", "BACK", day))
    return coop.write("statement.xml", camt("08", lines, minor(bela) - sum(map(minor, rows))))


@pytest.mark.parametrize("reason", ["x", "ac04", "AC04; drop", "AC0\u0664"])
def test_a_reason_that_is_none_of_the_banks_codes_stops_no_statement(sent: Riverbend, reason: str) -> None:
    said = sent.data("Ana", "bank", "read", statement(sent, reason, "2025-09-10"), "--yes")

    assert len(said["settled"]) == 3
    assert [row["reason"] for row in said["returned"]] == ["MS03"]


def test_a_statement_with_a_day_that_has_not_come_is_recorded_in_no_part(sent: Riverbend) -> None:
    size = sent.size("Ana")

    said = sent.run("Ana", "bank", "read", statement(sent, "AC04", "2027-01-01"), "--yes")

    assert (said.code, sent.size("Ana")) == (REFUSED, size)
    assert "lies in the future" in said.err


def test_a_report_with_a_reason_that_is_no_code_frees_the_payment_all_the_same(sent: Riverbend) -> None:
    text = (sent.folder / "august.xml").read_text()
    message, batch = (text.partition(f"<{name}>")[2].partition("<")[0] for name in ("MsgId", "PmtInfId"))
    sent.write("report.xml", pain002(message, batch, {payments(sent)["Bela"]["eid"]: "no"}))

    said = sent.data("Ana", "bank", "read", "report.xml", "--yes")

    assert [(row["name"], row["reason"]) for row in said["returned"]] == [("Bela", "MS03")]


@pytest.mark.parametrize("command", [("bank", "read"), ("bank", "check")])
def test_a_file_without_an_end_is_not_read_to_it(sent: Riverbend, command: tuple[str, str]) -> None:
    said = sent.run("Ana", *command, "/dev/zero")

    assert (said.code, "larger than 50 MB" in said.err) == (USAGE, True)


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"<a>" + b"x\n" * 2_500_000 + b"</a>", "more text than is read here"),
        (b"<a>" + b"<b/>" * 1_000_000 + b"</a>", "more elements than are read here"),
    ],
)
def test_a_file_that_would_take_minutes_to_read_is_refused(file: bytes, why: str) -> None:
    with pytest.raises(NotXml, match=why):
        tree(file)


def test_a_page_writes_nothing_on_the_terminal_of_who_checks_it(sent: Riverbend) -> None:
    data = b'{"schema":"tally.statement-page/v1","\\u001b]0;x\\u0007":1}'
    (sent.folder / "page.html").write_bytes(BEGIN + OPEN.encode() + data + CLOSE.encode())

    said = sent.run("Ana", "verify", "page.html")

    assert (said.code, "\\x1b]0;x\\x07" in said.err) == (BAD, True)
    assert said.err.strip().isprintable()


def test_a_bill_that_no_file_can_carry_makes_only_its_own_payment_wait(tmp_path: Path) -> None:
    coop = ready(tmp_path)
    coop.ok("Ana", "expense", "add", "1000000000.00", "--to", "Hub", "--unpaid")
    coop.ok("Ana", "payee", "details", "Hub", "--file", written(coop, "hub", "FR7630006000011234567890189", "Hub"))
    coop.ok("Bela", "payee", "agree", "Hub", "--yes")

    said = coop.ok("Ana", "payout", "export", AUGUST, "--date", "2025-09-08", "--out", "august.xml", "--yes")

    assert "Hub is not in this file: it is more than one payment" in said.err
    assert set(payments(coop)) == {"Ana", "Bela", "Chidi"}


def test_a_page_of_a_million_lines_is_not_laid_beside_the_true_one_to_its_end() -> None:
    assert len(words_of("html", b"a\nq\n" * 500_000)) == LINES_MAX
    assert words_of("pdf", pdf_that_says(b"BT /F 9 Tf (a) Tj ET\n" * 3)) == ["aaa"]
    assert words_of("pdf", pdf_that_says(b"BT /F 9 Tf (a) Tj ET\n" * 3_000_000)) == []


def pdf_that_says(content: bytes) -> bytes:
    """A PDF of one page whose content, once unpacked, is this."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(200, 200)
    stream = DecodedStreamObject()
    stream.set_data(content)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    named = DictionaryObject({NameObject(name): NameObject(value) for name, value in font.items()})
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F"): named})}
    )
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode(9))
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def test_no_tax_comes_back_that_never_left_the_bank() -> None:
    here = village(bylaw("italy"), "Ana", "Bela")
    log(here, "Ana", 10)
    book(here, 100_000)
    tick(here, JANUARY)
    close(here, tax=5_000)
    for who in ("Ana", "Bela"):
        digest = state.of(here.book).years[FIRST].digest
        here.say(who, "payouts.year_approved", {"year": FIRST, "digest": digest})
    days = {"booked": "2026-01-04", "value": "2026-01-04"}
    party = {"party": TAX_OFFICE, "ref": ""}
    owed = {"account": f"owed:{FIRST}:{TAX_OFFICE}", "amount": 3_000} | party
    here.say("Ana", "payouts.made_payable", owed)
    said = {"year": FIRST, "tax": 5_000, "authority": TAX_OFFICE, "ref": "", "refunded": 3_000} | days

    with here.refuses("0.00 EUR was paid, so no more can come back"):
        here.say("Ana", "payouts.tax_corrected", said)
    with here.refuses("30.00 EUR was made payable, which is more than that"):
        here.say(
            "Ana", "payouts.tax_corrected", {name: said[name] for name in ("year", "authority", "ref")} | {"tax": 0}
        )
    here.say("Ana", "payouts.payable_paid", {"amount": 1_000} | party | days)
    with here.refuses("10.00 EUR was paid, so no more can come back"):
        here.say("Ana", "payouts.tax_corrected", said | {"refunded": 1_001})
    here.say("Ana", "payouts.tax_corrected", said | {"refunded": 1_000})
    assert_every_book_is_the_same(here)


def test_what_is_settled_is_not_settled_once_more(sent: Riverbend) -> None:
    sent.ok("Ana", "payout", "settle", AUGUST, "Bela")
    size = sent.size("Ana")

    said = sent.run("Bela", "payout", "settle", AUGUST, "Bela")

    assert said.code != 0
    assert said.err
    assert sent.size("Ana") == size
