"""Whoever ticks, however many at once, and however often they are killed: every period is paid once, and the same."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ledger.store import SqliteLog
from tests.autumn import copied, riverbend, three_months
from tests.forge import everything, killed_at
from tests.riverbend import TALLY, Riverbend


@pytest.fixture(scope="module")
def autumn(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """Three months in which nobody looked."""
    return three_months(tmp_path_factory.mktemp("autumn"))


@pytest.fixture(scope="module")
def calm(autumn: Riverbend, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The digests that one tick by one person leaves."""
    coop = copied(autumn, tmp_path_factory.mktemp("calm"))
    coop.ok("Dilek", "payout", "tick")
    return digests(coop)


def start_tick(coop: Riverbend, who: str) -> subprocess.Popen[bytes]:
    """A tick in a process of its own."""
    told = {"TALLY_HOME": str(coop.folder / "founders"), "TALLY_NOW": coop.now, "PATH": os.environ["PATH"]}
    words = [TALLY, "payout", "tick", "--as", who]
    return subprocess.Popen(words, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def digests(coop: Riverbend) -> dict[str, str]:
    """The digest of every payout."""
    return {row["period"]: row["digest"] for row in coop.data("Ana", "payout", "list")["payouts"]}


def test_two_ticks_at_once_publish_every_period_once(autumn: Riverbend, calm: dict[str, str], tmp_path: Path) -> None:
    coop = copied(autumn, tmp_path)
    both = [start_tick(coop, "Bela"), start_tick(coop, "Chidi"), start_tick(coop, "Dilek")]
    said = [one.communicate(timeout=60) for one in both]

    assert [one.returncode for one in both] == [0, 0, 0], said
    lines = b"".join(out for out, _ in said).decode().splitlines()
    assert sorted(line[:16] for line in lines if "computed" in line) == [
        "2025-08 computed", "2025-09 computed", "2025-10 computed",
    ]  # fmt: skip
    assert digests(coop) == calm


def test_ticks_that_are_killed_leave_what_one_calm_tick_leaves(
    autumn: Riverbend, calm: dict[str, str], tmp_path: Path
) -> None:
    coop, chance = copied(autumn, tmp_path), random.Random(11)
    for _ in range(14):
        one = start_tick(coop, chance.choice(("Ana", "Bela", "Dilek")))
        time.sleep(chance.uniform(0.12, 0.45))
        one.send_signal(signal.SIGKILL)
        one.communicate(timeout=60)
    coop.ok("Dilek", "payout", "tick")

    assert digests(coop) == calm
    assert coop.ok("Dilek", "verify").code == 0


@pytest.mark.parametrize("first", [1, 2, 3])
@pytest.mark.parametrize("second", [1, 2, 3])
def test_money_from_somebody_new_is_booked_once_whenever_the_command_is_killed(
    first: int, second: int, tmp_path: Path
) -> None:
    """The party is an entry of its own: a second one of the same name would make the same invoice another."""
    coop = riverbend(tmp_path, "Ana", "Bela")

    def book() -> None:
        coop.run("Ana", "income", "add", "1000.00", "--from", "ACME", "--ref", "INV-1")

    for step in (first, second):
        killed_at(step, book, (SqliteLog, "append"))
    book()

    assert [row["ref"] for row in coop.data("Ana", "income", "list")["money"]] == ["INV-1"]


OWED = """
title = "Share rule"
[accounts]
reserve = "indivisible"
network = "owed"
[income]
split = [{ part = "30%", to = "reserve" }, { part = "10%", to = "network" }, { part = "rest", to = "work" }]
[work]
share = "points"
rest = "reserve"
"""
NAMING = {
    "owed": ("payee", "owed", "network", "--to", "ACME"),
    "withholding": ("withholding", "set", "Bela", "20%", "--to", "ACME", "--from", "2026-01"),
    "close": ("year", "close", "2025", "--tax", "10.00", "--to", "ACME"),
    "reserve": ("propose", "reserve", "reserve", "10.00", "--to", "ACME", "--for", "a new roof"),
    "heirs": ("heirs", "name", "Bela", "ACME=1/1", "--yes"),
}
"""Commands that name a party and say something else about it."""


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("words", [pytest.param(words, id=name) for name, words in NAMING.items()])
def test_a_party_is_made_once_whenever_the_command_that_names_it_is_killed(
    words: tuple[str, ...], step: int, tmp_path: Path
) -> None:
    coop = riverbend(tmp_path, "Ana", "Bela", rule=OWED)
    coop.ok("Ana", "income", "add", "1000.00", "--from", "Shop")
    coop.now = "2026-01-10T09:00:00Z"
    coop.ok("Ana", "payout", "tick")

    assert killed_at(step, lambda: coop.run("Ana", *words), (SqliteLog, "append"))
    coop.run("Ana", *words)

    assert parties(coop) == 2


def test_a_party_of_a_corrected_tax_is_made_once(tmp_path: Path) -> None:
    coop = riverbend(tmp_path, "Ana", "Bela", rule=OWED)
    coop.ok("Ana", "income", "add", "1000.00", "--from", "Shop")
    coop.now = "2026-01-10T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    coop.ok("Ana", "year", "close", "2025")
    coop.ok("Ana", "payout", "tick")
    words = ("year", "correct-tax", "2025", "10.00", "--to", "ACME")

    assert killed_at(1, lambda: coop.run("Ana", *words), (SqliteLog, "append"))
    coop.ok("Ana", *words)

    assert parties(coop) == 2


def parties(coop: Riverbend) -> int:
    """How many parties the log has named."""
    path = next((coop.folder / "founders").rglob("log.sqlite"))
    return sum(b'"kind":"ledger.party"' in leaf for _, leaf in everything(path)["leaf"])
