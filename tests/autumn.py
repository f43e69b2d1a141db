"""A cooperative in the autumn of 2025, for stories about payouts: three months of work and money, and a vote."""

import shutil
from pathlib import Path

from tests.riverbend import Riverbend

RULE = """
title = "Share rule 2025"
[accounts]
reserve = "indivisible"
network = "owed"
[points.code]
hour = 10
review = 4
[points.care]
hour = 10
[points.sales]
hour = 8
deal = { points = 25, per = "1000.00", when = "paid" }
[income]
split = [
  { part = ">= 30%", to = "reserve" },
  { part = "10%", of = "receipts", to = "network" },
  { part = "5%", of = "deals", to = "commission" },
  { part = "rest", to = "work" },
]
[commission]
share = "deals"
rest = "work"
[work]
share = "points"
roles = ["code", "care", "sales"]
half_life = 6
cap = "60%"
rest = "carry"
"""
NEW_RULE = RULE.replace("2025", "2026").replace("[points.care]\nhour = 10", "[points.care]\nhour = 14")
AUGUST, SEPTEMBER, OCTOBER = "2025-08", "2025-09", "2025-10"
THREE_DUE = "2025-11-05T09:00:00Z"


def riverbend(folder: Path, *founders: str, rule: str = RULE, approvers: int | None = None) -> Riverbend:
    """A cooperative in Rome whose founders are its treasurers."""
    coop = Riverbend(folder)
    coop.homes = dict.fromkeys(founders, "founders")
    people = [word for name in founders for word in ("--founder", name)]
    options = ["--zone", "Europe/Rome", "--rule", coop.write("rule.toml", rule)]
    options += [] if approvers is None else ["--approvers", str(approvers)]
    coop.ok(founders[0], "init", "Riverbend", *options, *people, "--rehearsal")
    return coop


def busy(coop: Riverbend) -> Riverbend:
    """A month's work and money, with a deal and a gift."""
    coop.ok("Ana", "log", "12h30", "wrote the [shop]", "--role", "code")
    coop.ok("Bela", "log", "7h", "cooked for the meeting", "--role", "care")
    coop.ok("Bela", "log", "2h", "review", "--role", "code")
    coop.ok("Chidi", "log", "ACME", "--role", "sales", "--kind", "deal", "--amount", "2000.00", "--ref", "ACME-7")
    coop.ok("Dilek", "log", "3h", "a present", "--role", "care", "--gift")
    coop.ok("Ana", "income", "add", "4200.00", "--from", "ACME", "--ref", "INV-12", "--deal", "ACME-7")
    coop.ok("Ana", "expense", "add", "349.99", "--to", "Hosting")
    return coop


def three_months(folder: Path) -> Riverbend:
    """Three months in which nobody looked; in the first, members voted a rule that holds from the second."""
    coop = busy(riverbend(folder, "Ana", "Bela", "Chidi", "Dilek"))
    coop.ok("Ana", "propose", "rule", coop.write("new.toml", NEW_RULE))
    for name in ("Ana", "Bela", "Chidi", "Dilek"):
        coop.ok(name, "vote", "1", "yes")
    for now, ref in (("2025-09-12T09:00:00Z", "INV-13"), ("2025-10-12T09:00:00Z", "INV-14")):
        coop.now = now
        coop.ok("Ana", "log", "5h", "more", "--role", "code")
        coop.ok("Bela", "log", "5h", "more", "--role", "care")
        coop.ok("Bela", "income", "add", "1000.01", "--from", "acme", "--ref", ref, "--deal", "ACME-7")
    coop.now = THREE_DUE
    return coop


def copied(coop: Riverbend, folder: Path) -> Riverbend:
    """The same cooperative in another folder."""
    to = Riverbend(folder)
    shutil.copytree(coop.folder, to.folder, dirs_exist_ok=True)
    known = to.folder / "founders" / "config" / "ledgers.toml"
    known.write_text(known.read_text().replace(str(coop.folder), str(to.folder)))
    to.homes, to.now = dict(coop.homes), coop.now
    return to
