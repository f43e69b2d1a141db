"""Riverbend as docs/TREASURER.md tells it: its rule, its four founders, and what the bank answers."""

from pathlib import Path

from tests.autumn import riverbend
from tests.bank_says import answers
from tests.bankers import HOLDERS, IBANS, written
from tests.riverbend import Riverbend

FOUNDERS = ("Ana", "Bela", "Chidi", "Dilek")
ACCOUNTS = {name: (IBANS[name], HOLDERS[name]) for name in FOUNDERS} | {
    "Emil": ("IT60X0542811101000000123456", "Emil Rossi")
}
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


def at_work(folder: Path) -> Riverbend:
    """Four founders who share a home, Emil with one of his own; on 20 August all have worked."""
    coop = riverbend(folder, *FOUNDERS, rule=RULE)
    coop.join("Ana", "Emil")
    for name in ("Bela", "Chidi"):
        coop.ok(name, "vote", "1", "yes")
    coop.now = "2025-08-20T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    coop.ok("Ana", "log", "14h", "The shop", "--role", "code")
    coop.ok("Bela", "log", "12h", "Meals", "--role", "care")
    coop.ok("Chidi", "log", "ACME", "--role", "sales", "--kind", "deal", "--amount", "3000.00", "--ref", "ACME-7")
    coop.ok("Dilek", "log", "8h", "The website", "--role", "code")
    coop.ok("Emil", "log", "6h", "The garden", "--role", "care")
    coop.ok("Dilek", "thanks", "Emil", "Stayed until the end")
    return coop


def happens(coop: Riverbend, words: list[str]) -> None:
    """What others do before a command of the page: members set their accounts, the bank answers."""
    answers(coop, words, back="Chidi")
    if words[1:4] == ["payout", "details", "check"]:
        for name, account in ACCOUNTS.items():
            coop.ok(name, "payout", "details", "set", "--file", written(coop, name, *account))
