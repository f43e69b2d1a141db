"""Riverbend as docs/TREASURER.md tells it: its rule, its four founders, and what the bank answers."""

from pathlib import Path

from tests.autumn import riverbend
from tests.bank_says import camt, entry, minor, one
from tests.riverbend import Riverbend

FOUNDERS = ("Ana", "Bela", "Chidi", "Dilek")
RULE = """
title = "Share rule"
[accounts]
reserve = "indivisible"
network = "owed"
capital = { kind = "member", interest = "2%" }
[points.code]
hour = 10
[points.care]
hour = 10
[points.sales]
hour = 10
deal = { points = 20, per = "1000", when = "paid" }
[income]
split = [
  { part = ">= 20%", to = "reserve" },
  { part = "2%", of = "receipts", to = "network" },
  { part = "10%", to = "result" },
  { part = "5%", of = "deals", to = "commission" },
  { part = "rest", to = "work" },
]
[commission]
share = "deals"
rest = "work"
[work]
share = "points"
roles = ["code", "care", "sales"]
rest = "carry"
[surplus]
split = [
  { part = "70%", to = "reserve" },
  { part = "rest", to = "members" },
]
[loss]
split = [{ part = "rest", to = "reserve" }]
[members]
share = "hours"
into = "capital"
rest = "reserve"
"""


def founded(folder: Path) -> Riverbend:
    """Four founders who share a home, and the file that each writes the own account into."""
    return riverbend(folder, *FOUNDERS, rule=RULE)


def answered(coop: Riverbend, words: list[str]) -> None:
    """Before a statement of the bank is read, the bank writes it: all is paid, but what went to Chidi comes back once."""
    if words[1:3] != ["bank", "read"] or (coop.folder / words[3]).exists():
        return
    day = coop.now[:10]
    rows = [row for row in coop.data("Ana", "payout", "payments")["payments"] if row["state"] == "sent"]
    lines = [
        entry("08", minor(row), one("08", minor(row), row["eid"]), ref=f"NTRF{day}{n}", day=day)
        for n, row in enumerate(sorted(rows, key=lambda row: row["name"]))
    ]
    back = [row for row in rows if row["name"] == "Chidi" and row["attempt"] == 1]
    for row in back:
        lines.append(entry("08", minor(row), one("08", minor(row), row["eid"], "AC04"), "CRDT", f"NTRF{day}R", day))
    moved = sum(map(minor, back)) - sum(map(minor, rows))
    coop.write(words[3], camt("08", lines, moved))
