"""The programs that judge our journals: hledger, ledger and beancount themselves.

Where hledger or ledger is not installed (Debian packages of these names; `.ci/run` installs them), the tests that need
it are skipped. Beancount comes with the lock file.
"""

import csv
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from payouts.books.journal import Journal, Transaction, journal
from tests.riverbend import Riverbend
from tests.village import Village

BEAN_CHECK = str(Path(sys.executable).with_name("bean-check"))
JUDGES = {
    "hledger": ["hledger", "-f", "FILE", "check", "--strict", "ordereddates"],
    "ledger": ["ledger", "-f", "FILE", "--pedantic", "bal"],
    "beancount": [BEAN_CHECK, "--no-cache", "FILE"],
}
"""How each program is asked whether a file is right."""

PROGRAMS = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(shutil.which(words[0]) is None, reason=f"{words[0]} is not installed here."),
    )
    for name, words in JUDGES.items()
]
with_programs = pytest.mark.parametrize("program", PROGRAMS)
needs_hledger = pytest.mark.skipif(shutil.which("hledger") is None, reason="hledger is not installed here.")
needs_ledger = pytest.mark.skipif(shutil.which("ledger") is None, reason="ledger is not installed here.")
files = count()


def asked(words: list[str], text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A program's answer about a file with this text."""
    file = folder / f"{next(files)}.journal"
    file.write_text(text, encoding="utf-8", newline="")
    said = [str(file) if word == "FILE" else word for word in words]
    letters = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "HOME": str(folder)}
    return subprocess.run(said, env=letters, capture_output=True, text=True, check=False)


def complaint(program: str, text: str, folder: Path) -> str:
    """What the program finds wrong with a file; "" where all is right."""
    done = asked(JUDGES[program], text, folder)
    return (done.stderr or done.stdout) if done.returncode else ""


def held_by(words: list[str], text: str, folder: Path) -> dict[str, str]:
    """Account -> balance, by another program's own sums; without what is zero."""
    done = asked(words, text, folder)
    assert done.returncode == 0, done.stderr
    rows = [row[:2] for row in csv.reader(io.StringIO(done.stdout)) if row]
    amounts = {account: amount.partition(" ")[0] for account, amount in rows if amount not in ("0", "balance")}
    return {account: amount for account, amount in amounts.items() if account != "total"}


ASK = {
    "hledger": ["hledger", "-f", "FILE", "bal", "--flat", "-O", "csv"],
    "ledger": ["ledger", "-f", "FILE", "bal", "--flat", "--no-total", "--balance-format", "%(account),%(total)\n"],
}
"""How a program is asked for every account and what it holds, as CSV."""


def text_of(coop: Riverbend, program: str, *options: str) -> str:
    """The journal of a cooperative for a program."""
    text: str = coop.data("Ana", "report", "journal", "--format", program, *options)["text"]
    return text


def journal_of(here: Village, until: int, zone: Any = UTC, call: Callable[[str], str] | None = None) -> Journal:
    """The journal of a cooperative in memory."""
    return journal(here.leaves, here.empty_book(), until, zone, call)


def must_tie(made: Journal) -> None:
    """Every transaction is zero in sum, and each check is what the transactions before it come to."""
    held: dict[str, int] = {}
    for row in made.rows:
        if isinstance(row, Transaction):
            assert sum(posting.amount for posting in row.postings) == 0
            for posting in row.postings:
                held[posting.account] = held.get(posting.account, 0) + posting.amount
        else:
            assert row.balances == held
    assert [row.date for row in made.rows] == sorted(row.date for row in made.rows)
