"""How long the statements of 200 members take as PDF, beside typst alone and a browser that prints the same pages."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from pypdf import PdfReader

from benchmarks.big import Builder
from benchmarks.measure import TALLY, wall
from benchmarks.row import Row, compared, within
from payouts.pages import pdf
from payouts.statements.statement_reading import read_page

PEOPLE, MONTHS, PRINTED = 200, 12, 5
POTS = ("kitchen", "garden", "shop", "school", "press", "tools", "music", "bread")
RULE = f"""
title = "Eight pots"
[accounts]
reserve = "indivisible"
stake = "member"
[points.code]
review = 4
[income]
split = [
  {{ part = "10%", to = "reserve" }},
{"".join(f'  {{ part = "10%", to = "{pot}" }},' + chr(10) for pot in POTS)}
  {{ part = "rest", to = "work" }},
]
[work]
share = "points"
roles = ["code"]
rest = "carry"
""" + "".join(
    f'[{pot}]\nshare = "{"points" if place % 2 else "equal"}"\nrest = "carry"\n' for place, pot in enumerate(POTS)
)


def rows() -> list[Row]:
    """All statements in one run of the command; what of that is typst's; and a browser that prints the same as HTML."""
    with tempfile.TemporaryDirectory() as folder:
        period = _year(Path(folder))
        taken = {form: _run(Path(folder), period, form) for form in ("pdf", "html")}
        made = sorted((Path(folder) / "pdf").iterdir())
        assert len(made) == PEOPLE
        pages = {len(PdfReader(path).pages) for path in made}
        assert pages == {2}
        data = [read_page(path.read_bytes()).carried for path in made]

        def drawn() -> None:
            for one in data:
                pdf.pdf_of(one)

        alone = wall(drawn, times=1)
        browser = _printed(sorted((Path(folder) / "html").iterdir())[:PRINTED])
    what = f"tally statement all --pdf: {PEOPLE} members, two pages each"
    found = [
        within(what, taken["pdf"], 8, "s"),
        compared("the same", taken["pdf"], alone, "drawing them alone, all of it typst:"),
        within(f"tally statement all --html: {PEOPLE} members", taken["html"], 8, "s"),
    ]
    if browser is not None:
        what = f"Chromium printing {PRINTED}, times {PEOPLE // PRINTED}:"
        found.append(compared("tally statement all --pdf", taken["pdf"], browser * PEOPLE / PRINTED, what))
    return found


def _run(folder: Path, period: str, form: str) -> float:
    """Wall seconds of the command, its start included."""
    began = time.perf_counter()
    subprocess.run(
        [TALLY, "statement", "all", period, f"--{form}", str(folder / form)],
        env={**os.environ, "TALLY_HOME": str(folder)},
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - began


def _printed(files: list[Path]) -> float | None:
    """Wall seconds of a browser that prints these files, one process each; None where there is none."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        return None
    began = time.perf_counter()
    for file in files:
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={file}.pdf"]
        subprocess.run([browser, *options, file.as_uri()], check=True, capture_output=True)
    return time.perf_counter() - began


def _year(folder: Path) -> str:
    """A year in which 200 members worked every month; its last period, computed."""
    builder = Builder(folder, RULE)
    everybody = [(builder.key, builder.ana), *(builder.join(f"Member {n}") for n in range(PEOPLE - 1))]
    builder.now += 2 * 3_600_000
    builder.name_customer()
    for month in range(MONTHS):
        row = builder.book.ledger.calendar[month]
        builder.now = max(builder.now, row.start + 86_400_000)
        for place, member in enumerate(everybody):
            builder.log(1 + (place + month) % 5, row.first, by=member)
        builder.receive(10_000_003 + month, row.first)
        builder.now = row.cut + 1
        builder.turn()
    builder.close()
    return str(row.id)
