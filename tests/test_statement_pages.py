"""A member's statement as a page, in HTML and in PDF: what stands on it, in whose spelling, and where it is written."""

import os
import re
import shutil
import subprocess
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from pypdf import PdfReader

from ledger.money import AMOUNT_MAX, format_amount
from payouts.state import DoesNotTie
from payouts.statements.locales import Written, wanted, written
from payouts.statements.statement_carried import Carried
from payouts.statements.statement_making import DRAWING, all_drawn, drawn
from payouts.statements.statement_page import page_of
from payouts.statements.statement_reading import read_page
from tests.riverbend import REFUSED, USAGE, Riverbend, typed
from tests.statements import NAMES, PERIOD, amounts, coop, html_text, pdf_text, spaced

LOCALES = ("it", "de_CH", "fr", "en_IN", "sv", "ar_EG", "he", "fa", "ja", "pl", "")
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler's pdftotext is not installed")
needs_qpdf = pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """Members with names in many letters, one computed month."""
    return coop(tmp_path_factory.mktemp("pages"), *NAMES)


def test_a_member_gets_a_page_and_everybody_can_check_it(here: Riverbend) -> None:
    said = here.ok("Ana", "statement", "Ana", PERIOD, "--pdf", "ana.pdf")

    assert said.out == f"Wrote the statement of Ana for {PERIOD} to ana.pdf.\n"
    proved = here.ok("Ελένη", "verify", "ana.pdf")
    total = here.data("Ana", "statement", "Ana", PERIOD)["total"]
    assert proved.out.startswith(f"OK: the statement of Ana for 2025-08, {total}\N{NO-BREAK SPACE}EUR.\n")
    assert [line.split()[1] for line in proved.out.splitlines()[1:4]] == ["yes:", "yes:", "yes:"]


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_everybody_with_a_share_a_balance_or_capital_gets_a_page_in_one_run(here: Riverbend, form: str) -> None:
    told = here.data("Ana", "statement", "all", PERIOD, f"--{form}", f"every-{form}")

    assert len(told["files"]) == len(NAMES)
    for file in told["files"]:
        assert re.fullmatch(rf"2025-08-[0-9a-f]{{12}}\.{form}", Path(file).name)
        assert here.run("Ana", "verify", file).code == 0
    assert not [path for path in here.folder.iterdir() if path.name.startswith(".")]


def test_names_stand_in_the_names_of_files_only_when_asked_for(here: Riverbend) -> None:
    told = here.data("Ana", "statement", "all", PERIOD, "--html", "called", "--names")

    assert {Path(file).name.split("-")[2] for file in told["files"]} == {
        "Ana", "Ünal_Özdemir", "Ελένη", "Оксана", "李明", "محمد", "script_alert_1___script____Söhne",
    }  # fmt: skip


@needs_poppler
@pytest.mark.parametrize("locale", ["it", ""])
def test_every_amount_stands_on_the_page_as_the_data_has_it(here: Riverbend, locale: str) -> None:
    how = wanted(locale or None, {})
    option = ["--locale", locale] if locale else []
    for place, name in enumerate(NAMES):
        data = here.data(name, "statement", name, PERIOD, *option)
        pages = {form: f"{locale or 'c'}-{place}.{form}" for form in ("html", "pdf")}
        for form, file in pages.items():
            here.ok(name, "statement", name, PERIOD, f"--{form}", file, *option)
        texts = html_text(here.folder / pages["html"]), pdf_text(here.folder / pages["pdf"])
        for amount in amounts(data):
            assert all(spaced(how.amount(amount)) in text for text in texts), amount


def test_amounts_in_the_data_are_the_same_in_every_locale(here: Riverbend) -> None:
    plain = here.data("Ana", "statement", "Ana", PERIOD)

    assert plain == here.data("Ana", "statement", "Ana", PERIOD, "--locale", "it")
    assert (
        plain["total"].replace(".", ",") + "\N{NO-BREAK SPACE}EUR"
        in here.ok("Ana", "statement", "Ana", PERIOD, "--locale", "it").out
    )


def test_the_machine_says_the_locale_where_nobody_does(here: Riverbend) -> None:
    def written_in(**environment: str) -> str:
        told = here.ok("Ana", "statement", "Ana", PERIOD, **environment).out.splitlines()[1]
        return told.partition("\N{NO-BREAK SPACE}")[0][3]

    assert [written_in(LANG=one) for one in ("", "C.UTF-8", "POSIX", "xx_YY", "en_GB.UTF-8")] == ["."] * 5
    assert [written_in(LC_ALL=one) for one in ("it_IT.UTF-8", "fr_FR@euro", "de")] == [","] * 3
    assert written_in(LC_ALL="C", LANG="it_IT") == "."
    assert written_in(LC_MONETARY="it_IT", LANG="C") == ","


def test_a_locale_that_nobody_knows_is_refused_when_it_is_typed(here: Riverbend) -> None:
    for locale in ("xx", "../../etc", "it_IT_it_IT_it", "_"):
        said = here.run("Ana", "statement", "Ana", PERIOD, "--locale", locale)
        assert (said.code, "is no locale known here" in said.err) == (USAGE, True), locale


def test_nothing_is_overwritten_and_nothing_is_half_written(here: Riverbend) -> None:
    (here.folder / "taken.html").write_text("mine")
    (here.folder / "taken").mkdir()

    for words in (["Ana", PERIOD, "--html", "taken.html"], ["all", PERIOD, "--pdf", "taken"]):
        said = here.run("Ana", "statement", *words)
        assert (said.code, said.err.startswith("There is taken")) == (REFUSED, True)
    assert (here.folder / "taken.html").read_text() == "mine"
    assert here.run("Ana", "statement", "all", PERIOD, "--html", "no/such/folder").code == 1
    assert here.run("Ana", "statement", "all", "2025-09", "--html", "september").code == REFUSED
    assert not (here.folder / "september").exists()
    assert not [path for path in here.folder.iterdir() if path.name.startswith(".")]


def test_html_and_pdf_are_one_at_a_time_and_names_are_for_all(here: Riverbend) -> None:
    assert here.run("Ana", "statement", "Ana", PERIOD, "--html", "a", "--pdf", "b").code == USAGE
    assert here.run("Ana", "statement", "Ana", PERIOD, "--html", "a", "--names").code == USAGE
    assert "--html FOLDER or --pdf FOLDER" in here.run("Ana", "statement", "all", PERIOD).err


def test_a_member_who_is_called_all_has_a_statement_too(tmp_path: Path) -> None:
    here = coop(tmp_path, "all", "Ana")

    assert here.data("Ana", "statement", "all", PERIOD)["name"] == "all"
    said = here.ok("Ana", "statement", "all", PERIOD, "--html", "pages")
    assert "A member is called all too" in said.err
    assert len(list((tmp_path / "pages").iterdir())) == 2


def test_without_typst_the_way_to_get_it_is_said(here: Riverbend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "typst", None)

    said = here.run("Ana", "statement", "all", PERIOD, "--pdf", "none")
    assert said.code == 1
    assert 'pip install "tallystick[reports]"' in said.err
    assert "--html" in said.err
    assert not (here.folder / "none").exists()


# What a page is made of.


class Outline(HTMLParser):
    """The tags of a page, its attributes, and whether every tag that was opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def outline(here: Riverbend, name: str, file: str) -> Outline:
    """The parsed page of a member."""
    here.ok(name, "statement", name, PERIOD, "--html", file)
    found = Outline()
    found.feed((here.folder / file).read_text(encoding="utf-8"))
    return found


def test_a_name_cannot_become_part_of_the_page(here: Riverbend) -> None:
    tame, wild = outline(here, NAMES[0], "tame.html"), outline(here, NAMES[-1], "wild.html")

    for found in (tame, wild):
        tags = {tag for tag, _ in found.tags}
        assert not tags & {"script", "link", "img", "iframe", "object", "form", "base"}
        assert not [
            name for _, attrs in found.tags for name in attrs if name.startswith("on") or name in ("src", "href")
        ]
        assert found.open == []
    text = (here.folder / "wild.html").read_text(encoding="utf-8")
    assert "http" not in re.sub(r"http-equiv", "", text)
    assert "url(" not in text


def test_a_page_tells_a_screen_reader_what_is_what(here: Riverbend) -> None:
    found = outline(here, "Ana", "reader.html")
    tags = [tag for tag, _ in found.tags]

    assert found.tags[0] == ("html", {"lang": "en"})
    assert tags.count("h1") == 1
    assert tags.count("caption") == tags.count("table") == 4
    assert all(attrs.get("scope") in ("row", "col") for tag, attrs in found.tags if tag == "th")
    assert all(attrs.get("aria-hidden") == "true" for tag, attrs in found.tags if tag == "svg")


@needs_qpdf
@needs_poppler
def test_a_pdf_is_sound_tagged_and_two_pages_at_most(here: Riverbend) -> None:
    here.ok("Ana", "statement", "Ana", PERIOD, "--pdf", "judged.pdf", "--locale", "it")
    file = str(here.folder / "judged.pdf")

    subprocess.run(["qpdf", "--check", file], check=True, capture_output=True)
    info = subprocess.run(["pdfinfo", file], check=True, capture_output=True, text=True).stdout
    told = dict(re.findall(r"^(\w[\w ]*): +(.*)$", info, re.MULTILINE))
    assert told["Tagged"] == "yes"
    assert int(told["Pages"]) <= 2
    assert told["JavaScript"] == "no"
    assert told["Title"].startswith("Statement of Ana, Riverbend, 2025-08")
    held = subprocess.run(["pdfdetach", "-list", file], check=True, capture_output=True, text=True).stdout
    assert [line.partition(": ")[2] for line in held.splitlines()[1:]] == ["entry.json", "receipt", "statement.json"]


@needs_poppler
def test_what_a_pdf_carries_is_checked_by_the_other_commands_too(here: Riverbend, tmp_path: Path) -> None:
    here.ok("Ana", "statement", "Ana", PERIOD, "--pdf", "carries.pdf")
    subprocess.run(["pdfdetach", "-saveall", "-o", str(tmp_path), str(here.folder / "carries.pdf")], check=True)

    assert here.ok("Ana", "receipt", "check", str(tmp_path / "receipt")).out.startswith("OK: the log")
    data = str(tmp_path / "statement.json")
    assert here.data("Ana", "checkpoint", "compare", data, data)["verdict"] == "same"


@needs_poppler
def test_letters_that_no_font_here_has_are_shown_as_lacking(here: Riverbend) -> None:
    here.ok("Ana", "statement", "李明", PERIOD, "--pdf", "li.pdf")
    here.ok("Ana", "statement", "Оксана", PERIOD, "--html", "oksana.html")

    text = pdf_text(here.folder / "li.pdf")
    assert "Statement of □□" in text
    assert "□ stands for a letter that the fonts of this PDF lack." in text
    assert "Statement of Оксана" in html_text(here.folder / "oksana.html")


def test_the_same_statement_is_the_same_bytes_in_another_process(here: Riverbend) -> None:
    for form in ("html", "pdf"):
        here.ok("Ana", "statement", "Ana", PERIOD, f"--{form}", f"one.{form}", "--locale", "fr")
        environment = {"TALLY_HOME": str(here.folder / "founders"), "TALLY_NOW": here.now, "PATH": "/usr/bin:/bin"}
        environment["PYTHONPATH"] = os.environ.get("PYTHONPATH", "")
        words = ["statement", "Ana", PERIOD, f"--{form}", f"two.{form}", "--locale", "fr", "--as", "Ana"]
        assert typed(words, environment, "", here.folder).code == 0
        assert (here.folder / f"one.{form}").read_bytes() == (here.folder / f"two.{form}").read_bytes()


@pytest.mark.parametrize(
    ("currency", "income", "total"),
    [("JPY", "10000", "714"), ("EUR", "10000", "714.28"), ("KWD", "10000", "714.286"), ("CLF", "10000", "714.2858")],
)
def test_a_currency_has_the_decimals_of_its_founding_in_every_step(
    tmp_path: Path, currency: str, income: str, total: str
) -> None:
    here = coop(tmp_path, *NAMES, currency=currency, income=income)

    data = here.data("Ana", "statement", "Ana", PERIOD)
    decimals = len(total.partition(".")[2])
    assert abs(int(data["total"].replace(".", "")) - int(total.replace(".", ""))) <= 1
    assert {len(amount.partition(".")[2]) for amount in amounts(data)} == {decimals}
    here.ok("Ana", "payout", "approve", PERIOD, "--yes", "--confirm", PERIOD)
    for form in ("html", "pdf"):
        here.ok("Ana", "statement", "Ana", PERIOD, f"--{form}", f"ana.{form}", "--locale", "it")
        assert here.run("Ana", "verify", f"ana.{form}").code == 0
    rows = here.data("Ana", "report", PERIOD)["rows"]
    assert {len(row["amount"].partition(".")[2]) for row in rows} == {decimals}


# How amounts and dates are written.


@given(st.integers(-AMOUNT_MAX * 10, AMOUNT_MAX * 10), st.sampled_from((0, 2, 3, 4)), st.sampled_from(LOCALES))
def test_no_digit_is_lost_in_any_locale(amount: int, exponent: int, locale: str) -> None:
    plain, how = format_amount(amount, exponent), written(locale)
    said = how.amount(plain)

    assert "".join(letter for letter in said if letter.isdecimal()) == plain.replace("-", "").replace(".", "")
    back = said.replace(how.group, "").replace(how.decimal, ".").replace(how.minus, "-")
    assert back == plain
    assert (exponent == 0) == (how.decimal not in said.replace(how.group, ""))


def test_amounts_are_grouped_as_people_there_do() -> None:
    great = format_amount(-(2**53 - 1), 2)

    assert Written().amount(great) == "-90,071,992,547,409.91"
    assert written("it").amount(great) == "-90.071.992.547.409,91"
    assert written("en_IN").amount(great) == "-9,00,71,99,25,47,409.91"
    assert written("de_CH").amount(great).translate({ord("’"): "'"}) == "-90'071'992'547'409.91"
    assert written("fr").amount(great) == "-90\u202f071\u202f992\u202f547\u202f409,91"
    assert written("ar_EG").amount(great) == "-90,071,992,547,409.91"  # their digits may lack in a font
    assert written("it").amount("+0.0020") == "+0,0020"
    assert written("it").amount("1178.1666…") == "1.178,1666…"
    assert written("it").amount("10^4500…") == "10^4500…"


def test_every_locale_that_babel_knows_is_found_again_by_its_name() -> None:
    known = [name for name in locale_identifiers() if len(name) < 12]

    assert len(known) > 500
    for name in known:
        how = wanted(name, {})
        assert written(how.locale) == how, name
        assert how.amount("-1234567.89").count(how.decimal) >= 1, name


def test_decimals_are_those_of_the_ledger_and_not_of_a_table_of_currencies() -> None:
    for currency in ("IQD", "RSD", "ALL", "JPY"):
        assert written("it").money("1234.567", currency) == f"1.234,567\N{NO-BREAK SPACE}{currency}"


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.sampled_from(LOCALES))
def test_a_date_is_in_letters_that_every_page_can_show(day: date, locale: str) -> None:
    said = written(locale).day(day.isoformat())

    assert str(day.year) in said
    assert str(day.day) in said


def test_dates_are_written_as_people_there_do() -> None:
    said = {locale: written(locale).day("2025-08-01") for locale in ("it", "en_US", "ar", "ja", "")}

    assert said == {
        "it": "1 agosto 2025", "en_US": "August 1, 2025", "ar": "2025-08-01", "ja": "2025-08-01", "": "2025-08-01",
    }  # fmt: skip


# Whatever a run does to a balance.


def carried_of(here: Riverbend, **more: Any) -> Carried:
    """What Ana's page carries, with more in its statement."""
    here.ok("Ana", "statement", "Ana", PERIOD, "--html", "carried.html")
    found = read_page((here.folder / "carried.html").read_bytes()).carried
    (here.folder / "carried.html").unlink()
    return structs.replace(found, statement=found.statement | more)


def test_corrections_advances_and_what_is_withheld_stand_between_the_balances(here: Riverbend) -> None:
    plain = carried_of(here)
    row, *others = (row for row in plain.statement["lies_on"])
    assert row["account"] == "balance"
    row = row | {"opening": "100.00", "shares": "50.00", "closing": "112.50"}
    changed = carried_of(
        here,
        lies_on=[row, *others],
        corrections=[{"words": "Correction of 2025-07", "amount": "-7.50"}],
        advances=[{"amount": "-20.00"}],
        withheld=[{"words": "Withheld for Tax office", "amount": "-10.00"}],
    )

    table = page_of(changed).sections[0].table
    assert table is not None
    assert [row for row in table.rows if row[0] != "Payable"] == [
        ("Balance before", "100.00"),
        ("Shares that are paid out", "50.00"),
        ("Correction of 2025-07", "-7.50"),
        ("Set off against advances", "-20.00"),
        ("Withheld for Tax office", "-10.00"),
        ("Balance now", "112.50"),
    ]
    assert read_page(drawn(changed, "html")).carried == changed
    with pytest.raises(DoesNotTie):
        page_of(carried_of(here, corrections=[{"words": "", "amount": "0.01"}]))


def test_a_loss_is_an_outline_and_nothing_is_no_bar(here: Riverbend) -> None:
    rows = [
        {"period": f"2025-{n:02}", "total": total} for n, total in enumerate(("-50.00", "0.00", "0.01", "100.00"), 1)
    ]
    loss = carried_of(here, history=rows)

    table = page_of(loss).sections[2].table
    assert table is not None
    assert table.bars == (-500, 0, 1, 1000)
    html = drawn(loss, "html").decode()
    assert [html.count(f'class="bar {kind}"') for kind in ("loss", "gain")] == [1, 2]
    assert drawn(loss, "pdf").startswith(b"%PDF-")


def test_twelve_periods_and_many_pots_take_two_pages(here: Riverbend, tmp_path: Path) -> None:
    share = carried_of(here).statement["shares"][0]
    pots = [share | {"pot": f"the pot of {'very ' * (n % 4)}long names {n}"} for n in range(12)]
    rows = [{"period": f"2025-{n:02}", "total": f"{n * 1000}.00"} for n in range(1, 13)]
    path = tmp_path / "two.pdf"
    path.write_bytes(drawn(carried_of(here, shares=pots, history=rows), "pdf"))

    assert len(PdfReader(path).pages) == 2


def test_every_file_that_draws_is_part_of_the_version_of_a_page() -> None:
    rooms = Path(__file__).parents[1] / "payouts"
    drawing = {path.relative_to(rooms).as_posix() for path in (rooms / "pages").iterdir() if path.is_file()}

    assert drawing - {"pages/__init__.py"} <= set(DRAWING)
    assert all((rooms / name).is_file() for name in DRAWING)


def test_pages_drawn_by_several_processes_are_the_same_in_the_same_order(here: Riverbend) -> None:
    pages = [carried_of(here, name=f"Member {n}") for n in range(7)]

    assert list(all_drawn(iter(pages), "pdf", 2)) == [drawn(one, "pdf") for one in pages]
    assert list(all_drawn(iter(pages), "html", 2)) == [drawn(one, "html") for one in pages]
