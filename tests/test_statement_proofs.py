"""A statement's page proves itself: whoever changes a figure in it, however cleverly, is found out, and told where.

`tally verify FILE` asks three questions: is the page what its data says, did the log sign it, is it what the log
comes to.
"""

import json
import zlib
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import TallyError
from payouts.pages import pdf
from payouts.pages.html import BEGIN, CLOSE, OPEN
from payouts.statements.locales import written
from payouts.statements.statement_carried import Carried, as_bytes
from payouts.statements.statement_making import drawn
from payouts.statements.statement_reading import FILE_MAX, read_page
from tests.autumn import copied
from tests.forge import Coop
from tests.riverbend import BAD, Riverbend, Said
from tests.service import far_home, serving
from tests.statements import PERIOD, coop

FORMS = ("html", "pdf")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """Three members, one computed month, and Bela's pages."""
    made = coop(tmp_path_factory.mktemp("proofs"), "Ana", "Bela", "Chidi", income="10000.01")
    for form in FORMS:
        made.ok("Bela", "statement", "Bela", PERIOD, f"--{form}", f"bela.{form}", "--locale", "it")
    return made


def page(here: Riverbend, form: str) -> bytes:
    return (here.folder / f"bela.{form}").read_bytes()


def carried(here: Riverbend, form: str) -> Carried:
    return read_page(page(here, form)).carried


def verified(here: Riverbend, file: bytes) -> Said:
    """What is said of these bytes as a file."""
    (here.folder / "handed").write_bytes(file)
    return here.run("Ana", "verify", "handed")


def forged_of(here: Riverbend, name: str, **changes: Any) -> bytes:
    """Somebody else's page, as HTML, drawn from changed data."""
    file = f"{name}-true.html"
    here.ok(name, "statement", name, PERIOD, "--html", file)
    return redrawn(read_page((here.folder / file).read_bytes()).carried, "html", **changes)


def forged(here: Riverbend, form: str, **changes: Any) -> bytes:
    """Bela's page drawn by the real programs from changed data."""
    return redrawn(carried(here, form), form, **changes)


def redrawn(true: Carried, form: str, **changes: Any) -> bytes:
    """A page drawn by the real programs from changed data."""
    data = json.loads(as_bytes(true))
    for path, value in changes.items():
        at: Any = data
        *keys, last = path.split("__")
        for key in keys:
            at = at[int(key)] if key.isdigit() else at[key]
        assert last in at, "a page carries no such thing"
        at[last] = value

    return drawn(msgspec.convert(data, Carried), form)


@pytest.mark.parametrize("form", FORMS)
def test_a_true_page_is_proved_long_afterwards(here: Riverbend, form: str, tmp_path: Path) -> None:

    later = copied(here, tmp_path)
    later.now = "2025-10-09T09:00:00Z"
    later.ok("Ana", "log", "9h", "more", "--role", "care")
    later.ok("Ana", "payout", "approve", PERIOD, "--yes", "--confirm", PERIOD)
    later.ok("Ana", "payout", "tick")

    proved = later.data("Ana", "verify", f"bela.{form}")
    assert proved["verdict"] == "OK"
    assert [check["yes"] for check in proved["checks"]] == [True, True, True]
    assert proved["statement"]["name"] == "Bela"


def test_a_figure_changed_on_the_page_is_found_and_shown(here: Riverbend) -> None:
    total = written("it").amount(here.data("Bela", "statement", "Bela", PERIOD)["total"]).encode()
    assert total in page(here, "html")
    said = verified(here, page(here, "html").replace(total, b"9.999,99"))

    assert said.code == BAD
    assert "Page     NO:" in said.out
    assert "printed: " in said.out
    assert "9.999,99" in said.out
    assert "FAILED: the statement of Bela" in said.err


def test_a_figure_changed_in_the_pages_of_a_pdf_is_found_and_shown(here: Riverbend) -> None:
    reader = pypdf.PdfReader(BytesIO(page(here, "pdf")))
    writer = pypdf.PdfWriter(clone_from=reader)
    writer.add_blank_page(width=595, height=842)
    made = BytesIO()
    writer.write(made)
    said = verified(here, made.getvalue())
    assert (said.code, "Page     NO:" in said.out, "Figures  yes:" in said.out) == (BAD, True, True)

    true = pdf.pdf_of(carried(here, "pdf"))
    assert true == page(here, "pdf")
    for place in range(200, len(true), 2503):
        said = verified(here, true[:place] + bytes([true[place] ^ 1]) + true[place + 1 :])
        assert said.code == BAD, place


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("statement__total", "9999.99", "statement total: 9999.99 on the page"),
        ("statement__shares__0__amount", "1.00", "statement shares 1 amount: 1.00 on the page"),
        ("statement__history__0__total", "0.00", "statement history 1 total: 0.00 on the page"),
        ("statement__shares__0__drift_after", "+0.0001", "statement shares 1 drift_after"),
        ("statement__lies_on__1__closing", "99.00", "statement lies_on 2 closing: 99.00 on the page"),
        ("statement__name", "Mallory", "statement name: Mallory on the page, Bela by the log"),
        ("statement__currency", "USD", "statement currency: USD on the page, EUR by the log"),
        ("statement__approvals__approved", True, "statement approvals approved: True on the page, False by the log"),
        ("last", "2025-12-31", "last: 2025-12-31 on the page, 2025-08-31 by the log"),
        ("rehearsal", False, "rehearsal: False on the page, True by the log"),
    ],
)
def test_a_page_made_by_the_real_programs_from_false_data_is_found(
    here: Riverbend, form: str, path: str, value: Any, named: str
) -> None:
    said = verified(here, forged(here, form, **{path: value}))

    assert said.code == BAD
    assert "Page     yes:" in said.out
    assert "Figures  NO: the log comes to others" in said.out
    assert named in said.out


@pytest.mark.parametrize("form", FORMS)
def test_another_members_id_on_a_page_is_found(here: Riverbend, form: str) -> None:
    ana = here.data("Ana", "statement", "Ana", PERIOD)["id"]

    assert (
        "statement name: Bela on the page, Ana by the log" in verified(here, forged(here, form, statement__id=ana)).out
    )
    said = verified(here, forged(here, form, statement__id="ab" * 16))
    assert "Figures  NO: nobody in the ledger has the id on this page" in said.out


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("field", ["receipt", "checkpoint", "entry", "author_key"])
def test_a_proof_that_is_not_the_logs_is_found(here: Riverbend, form: str, field: str) -> None:
    true = getattr(carried(here, form), field)
    place = len(true) // 2
    letter = "a" if true[place] != "a" else "b"
    try:
        file = forged(here, form, **{field: true[:place] + letter + true[place + 1 :]})
    except TallyError:
        return  # no page can be made of it at all
    assert verified(here, file).code == BAD


@pytest.mark.parametrize("form", FORMS)
def test_a_receipt_of_another_entry_is_found(here: Riverbend, form: str) -> None:
    other = here.ok("Ana", "receipt", "show", "1").out + "\n"
    said = verified(here, forged(here, form, receipt=other))
    assert (said.code, "Log      NO:" in said.out) == (BAD, True)


def test_a_page_says_no_time_that_has_not_come_and_none_before_its_payout(here: Riverbend) -> None:
    late = verified(here, forged(here, "html", written=2**53 - 1))
    early = verified(here, forged(here, "html", written=1))

    assert "it says it was written at a time that has not come" in late.out
    assert "It says it was written before the payout was computed" in early.out
    assert late.code == early.code == BAD


def test_where_the_ledger_is_not_at_hand_it_is_said_that_the_figures_are_not_proved(here: Riverbend) -> None:
    false = forged(here, "html", statement__total="9999.99")
    for file in (page(here, "html"), false):
        (here.folder / "handed").write_bytes(file)
        said = here.run("a stranger", "verify", "handed")

        assert said.code == BAD
        assert said.err.startswith("INCOMPLETE: the statement of Bela")
        assert "by a key that only this page names. Compare it:" in said.out
        assert "Figures  not asked: this home does not know the ledger" in said.out


def test_a_page_of_another_version_is_not_trusted_but_its_figures_are_checked(here: Riverbend) -> None:
    for form in FORMS:
        said = verified(here, forged(here, form, made_by__tally="9.9.9"))

        assert said.code == BAD
        assert "Page     not asked: it says it was made by" in said.out
        assert "tally 9.9.9" in said.out
        assert "Figures  yes:" in said.out
        assert "INCOMPLETE: the statement of Bela" in said.err


def test_without_typst_a_pdf_is_not_proved_but_its_figures_are(
    here: Riverbend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    said = verified(here, page(here, "pdf"))

    assert said.code == BAD
    assert "Page     not asked: PDF is made by typst, which is not installed here." in said.out
    assert "Figures  yes:" in said.out


def test_without_pypdf_the_way_to_get_it_is_said(here: Riverbend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pypdf", None)
    said = verified(here, page(here, "pdf"))

    assert 'pip install "tallystick[reports]"' in said.err
    assert said.code == 1
    assert verified(here, page(here, "html")).code == 0


# Files of strangers.


def a_pdf(data: bytes | None, name: str = "statement.json", times: int = 1) -> bytes:
    """Somebody's PDF with something attached."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(width=100, height=100)
    for _ in range(times if data is not None else 0):
        writer.add_attachment(name, data or b"")
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def test_what_is_no_statement_is_refused_in_words(here: Riverbend) -> None:
    ours = as_bytes(carried(here, "pdf"))
    for file, why in (
        (b"", "no statement of Tallystick"),
        (b"hello", "no statement of Tallystick"),
        (b"%PDF-1.7\n", "cannot be read"),
        (a_pdf(None), "does not carry the data"),
        (a_pdf(b"{}", name="other.json"), "does not carry the data"),
        (a_pdf(b"{}"), "is not that of a statement"),
        (a_pdf(b"[" * 5000), "is not that of a statement"),
        (a_pdf(ours.replace(b'"total": ', b'"total":')), "not spelled as this program spells it"),
        (a_pdf(b"0" * 2_000_000), "does not carry the data"),
        (page(here, "html").replace(b"<template", b"<templat"), "does not carry the data"),
        (b"%PDF-" + b"0" * FILE_MAX, "too large to be a statement"),
    ):
        said = verified(here, file)
        assert said.code == BAD, why
        assert why in said.err


def test_a_pdf_of_others_with_our_data_in_it_is_another_page(here: Riverbend) -> None:
    said = verified(here, a_pdf(as_bytes(carried(here, "pdf"))))

    assert (said.code, "Page     NO:" in said.out) == (BAD, True)


def test_a_stream_that_unpacks_to_much_more_is_not_unpacked(here: Riverbend) -> None:
    bomb = zlib.compress(b"\0" * 120_000_000, 9)
    stream = b"<< /Type /EmbeddedFile /Filter /FlateDecode /Length %d >>\nstream\n" % len(bomb) + bomb + b"\nendstream"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(statement.json) 3 0 R] >> >> >>",
        b"<< /Type /Pages /Kids [] /Count 0 >>",
        b"<< /Type /Filespec /F (statement.json) /EF << /F 4 0 R >> >>",
        stream,
    ]
    file, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n" % number + one + b"\nendobj\n"
    start = len(file)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"xref\n0 5\n0000000000 65535 f \n" + rows
    file += b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start

    assert verified(here, file).code == BAD


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_is_changed_in_the_data_is_an_answer_and_never_a_crash(here: Riverbend, data: st.DataObject) -> None:
    whole = as_bytes(carried(here, "html"))
    place = data.draw(st.integers(0, len(whole) - 1))
    much = data.draw(st.sampled_from([b"", b"9", b'"', b"-", b"[", b"\xff", b"null", b"9" * 50, b"1/0", b"e9"]))
    changed = whole[:place] + much + whole[place + 1 :]
    if changed == whole:
        return
    file = BEGIN + OPEN.encode() + escape(changed.decode(errors="replace"), quote=False).encode() + CLOSE.encode()
    said = verified(here, file)
    assert said.code == BAD
    assert said.err.strip()


def test_after_a_name_was_erased_a_page_is_proved_but_for_names(here: Riverbend, tmp_path: Path) -> None:
    later = copied(here, tmp_path)
    named = later.data("Bela", "member", "show", "Bela")
    later.ok("Bela", "erase", "0.2", "--field", "name", "--basis", "objection", "--yes")

    said = later.run("Ana", "verify", "bela.pdf")
    assert named["name"] == "Bela"
    assert (said.code, "names apart, which are not all held here" in said.out) == (0, True)
    # A member whose own name is held is called by it, whoever else's is erased.
    (later.folder / "handed").write_bytes(forged_of(later, "Chidi", statement__name="Mallory"))
    assert "statement name: Mallory on the page, Chidi by the log" in later.run("Ana", "verify", "handed").out


def test_a_home_far_from_the_ledger_writes_and_checks_pages_too(here: Riverbend, tmp_path: Path) -> None:
    near = Coop(here.folder / "founders", "Ana", here.now)
    with serving(near) as service:
        far = far_home(near, tmp_path / "far", "Bela", service.url)
        far.must("statement", "Bela", PERIOD, "--pdf", str(tmp_path / "bela.pdf"))
        assert far.must("verify", str(tmp_path / "bela.pdf")).out.startswith("OK: the statement of Bela")
    assert far.must("verify", str(tmp_path / "bela.pdf")).out.count("yes:") == 3
    assert here.run("Chidi", "verify", str(tmp_path / "bela.pdf")).code == 0
