"""docs/PAYING.md is played: every command prints what stands below it. `make golden` writes the page anew."""

import os
import re
import shlex
from pathlib import Path

from tests.bank_says import camt, entry, minor, one
from tests.bankers import AFTER, payments
from tests.riverbend import Riverbend
from tests.tour import masked, steps

PAGE = Path(__file__).parents[1] / "docs" / "PAYING.md"
BLOCK = re.compile(r"(```console\n)(.*?)(```)", re.DOTALL)
IDS = ((re.compile(r"\bE[0-9a-f]{32}\b"), "EID"), (re.compile(r"\bE[0-9a-f]{8}\b"), "EID"))


def month(folder: Path) -> Riverbend:
    """Two founders, a month's work and income, computed."""
    coop = Riverbend(folder, "Ana", "Bela")
    coop.ok("Ana", "log", "10h", "The shop", "--role", "code")
    coop.ok("Bela", "log", "6h", "Meals", "--role", "care")
    coop.ok("Ana", "income", "add", "1200.00", "--from", "ACME", "--ref", "INV-12")
    coop.now = AFTER
    coop.ok("Ana", "payout", "tick")
    return coop


def statement(coop: Riverbend) -> str:
    """The bank paid both; Bela's payment came back."""
    rows = payments(coop)
    gone = [entry("08", minor(row), one("08", minor(row), row["eid"]), ref=f"NTRF{n}", day="2025-09-04")
            for n, (_, row) in enumerate(sorted(rows.items()))]  # fmt: skip
    bela, total = rows["Bela"], sum(map(minor, rows.values()))
    back = one("08", minor(bela), bela["eid"], "AC04")
    gone.append(entry("08", minor(bela), back, "CRDT", "NTRF9", "2025-09-04"))
    return camt("08", gone, minor(bela) - total)


def played(coop: Riverbend, command: str, expected: str) -> str:
    """What a command prints; `cat FILE` makes the file that the page shows."""
    words = shlex.split(command)
    if words[0] == "cat":
        coop.write(words[1], expected)
        return expected
    if words[1:3] == ["bank", "read"] and not (coop.folder / "statement.xml").exists():
        coop.write("statement.xml", statement(coop))
    said = coop.run(words[-1], *words[1 : words.index("--as")])
    return said.err.replace("(rehearsal: nobody is paid)\n", "") + said.out


def same(text: str) -> str:
    """The text without what chance decides."""
    for pattern, word in IDS:
        text = pattern.sub(word, text)
    return masked(text)


def test_the_page_on_paying_prints_what_it_says(tmp_path: Path) -> None:
    coop, text = month(tmp_path), PAGE.read_text(encoding="utf-8")
    blocks = BLOCK.findall(text)
    played_blocks = [
        [(command, expected, played(coop, command, expected)) for command, expected in steps(block)]
        for _, block, _ in blocks
    ]
    if os.environ.get("TALLY_GOLDEN") == "write":
        bodies = iter(played_blocks)
        PAGE.write_text(BLOCK.sub(lambda found: found[1] + written(next(bodies)) + found[3], text), encoding="utf-8")

    assert blocks
    for command, expected, printed in (row for rows in played_blocks for row in rows):
        assert os.environ.get("TALLY_GOLDEN") == "write" or same(printed) == same(expected), command


def written(rows: list[tuple[str, str, str]]) -> str:
    """A block of the page as it was played; what is the same but for chance stays as it stands."""
    told = [(command, expected if same(printed) == same(expected) else printed) for command, expected, printed in rows]
    return "".join(f"$ {command}\n" + "".join(map(_line, text.splitlines())) for command, text in told)


def _line(line: str) -> str:
    return f"{line.rstrip()}\n" if line.strip() else ""
