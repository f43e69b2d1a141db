"""What every account holds after a million postings, beside `ledger bal` on our own journal of the same ledger.

Runs make postings quickly, as in life: 500 members who each get a line from three pots every week for six and a half
years are 500,000 lines, a debit and a credit each. In our log that is one entry that closes each week and one that
computes it; in the journal that we export it is a transaction for each line.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.big import DAY, Builder
from benchmarks.measure import TALLY, command
from benchmarks.row import Row, at_most, compared, within
from benchmarks.years import alone, everybody
from ledger.home import Home
from ledger.tail import FILE

PEOPLE, POTS, POSTINGS = 500, 3, 1_000_000
RULE = """
title = "Three pots"
[points.code]
hour = 10
[income]
split = [{ part = "1/2", to = "code" }, { part = "1/3", to = "care" }, { part = "rest", to = "members" }]
[code]
share = "equal"
rest = "carry"
[care]
share = "equal"
rest = "carry"
[members]
share = "equal"
rest = "carry"
"""


def rows() -> list[Row]:
    """Warm, from the log, and the memory that each takes."""
    program = shutil.which("ledger")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TALLY_NOW"] = alone(years_of_weeks, folder)
        aside, journal = {"TALLY_HOME": folder}, str(Path(folder) / "all.journal")
        accounts = [TALLY, "report", "accounts"]
        warm, warm_memory = command(accounts, aside, times=5), _most_megabytes(accounts, aside)
        said = _answer(accounts, aside)
        _forget(folder)
        cold = command(accounts, aside, times=1)
        assert _answer(accounts, aside) == said
        _forget(folder)
        cold_memory = _most_megabytes(accounts, aside)
        found = [
            within("the same: memory, warm", warm_memory, 300, "MB"),
            within("the same: memory, from the log", cold_memory, 300, "MB"),
        ]
        if program is None:
            return [within("balances after 1,000,000 postings, warm (no `ledger` here)", warm, 1, "s"), *found]
        command([TALLY, "report", "journal", "--format", "ledger", "--out", journal], aside, times=1)
        theirs = [program, "-f", journal, "bal"]
        beside = command(theirs, {}, times=1)
        text = _lean(Path(journal))
        lean = command([program, "-f", str(text), "bal"], {}, times=1)
        return [
            at_most("balances after 1,000,000 postings, from a warm ledger", warm, beside, "ledger bal", 1 / 3),
            at_most("the same, all of it computed again from the log", cold, beside, "ledger bal", 1),
            compared("the same, beside a journal without tags and checks", cold, lean, "ledger bal"),
            *found,
        ]


def years_of_weeks(folder: str) -> str:
    """A ledger whose runs have made a million postings; what time it is then."""
    builder = Builder(Path(folder), RULE, "week")
    everybody(builder, PEOPLE - 1)
    builder.name_customer()
    for week in range(-(-POSTINGS // (2 * PEOPLE * POTS))):
        row = builder.book.ledger.calendar[week]
        builder.now = max(builder.now, row.start + DAY)
        builder.receive(10_000_017, row.first)
        builder.now = row.cut + 1
        builder.turn()
    builder.close()
    return os.environ["TALLY_NOW"]


def _forget(folder: str) -> None:
    """Throw away what this home keeps of the log: the next command folds it from the first entry on."""
    os.environ["TALLY_HOME"] = folder
    home = Home.find()
    for name in ("snapshot", FILE, "shelf.sqlite", "shelf.sqlite-wal", "shelf.sqlite-shm"):
        home.kept(home.ledger(None).founding, name).unlink(missing_ok=True)


def _answer(arguments: list[str], environment: dict[str, str]) -> bytes:
    return subprocess.run(arguments, env={**os.environ, **environment}, capture_output=True, check=True).stdout


def _most_megabytes(arguments: list[str], environment: dict[str, str]) -> float:
    """The most memory a command held, as the system counted it."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, *arguments], env={**os.environ, **environment}, capture_output=True, check=True
    )
    return int(told.stdout) / 1024


def _lean(journal: Path) -> Path:
    """The same transactions without comments and without what every account then holds."""
    kept = journal.with_name("lean.journal")
    with kept.open("w") as file:
        for block in journal.read_text().split("\n\n"):
            if " EUR = " not in block:
                lines = [line for line in block.splitlines() if not line.lstrip().startswith(";")]
                file.write("\n".join(lines) + "\n\n")
    return kept
