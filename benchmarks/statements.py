"""How long the statements of 200 members take as PDF, beside what typst needs for the same pages alone."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.big import Builder
from benchmarks.measure import TALLY, wall
from benchmarks.row import Row, compared, within
from payouts.pages import pdf
from payouts.statement_reading import read_page

PEOPLE, MONTHS = 200, 12
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
    """All statements in one run of the command; and typst alone, drawing one of these pages as often."""
    with tempfile.TemporaryDirectory() as folder:
        period = _year(Path(folder))
        out = Path(folder) / "pages"
        began = time.perf_counter()
        subprocess.run(
            [TALLY, "statement", "all", period, "--pdf", str(out)],
            env={**os.environ, "TALLY_HOME": folder},
            check=True,
            capture_output=True,
        )
        taken = time.perf_counter() - began
        made = sorted(out.iterdir())
        assert len(made) == PEOPLE
        carried = read_page(made[0].read_bytes()).carried
        pages = _pages(made[0].read_bytes())

    def typst_alone() -> None:
        for _ in range(PEOPLE):
            pdf.pdf_of(carried)

    alone = wall(typst_alone, times=1)
    what = f"tally statement all --pdf: {PEOPLE} members, {pages} pages each"
    return [
        within(what, taken, 8, "s"),
        compared("the same", taken, alone, f"typst alone, one of these {PEOPLE} times:"),
    ]


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


def _pages(file: bytes) -> int:
    """How many pages a PDF has."""
    from io import BytesIO

    from pypdf import PdfReader

    return len(PdfReader(BytesIO(file)).pages)
