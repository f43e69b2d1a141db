"""A cooperative whose members have statements to write: many pots, capital, names in many letters, any currency."""

import re
import subprocess
from pathlib import Path
from typing import Any

from tests.riverbend import Riverbend

RULE = """
title = "Pots & <capital>"
[accounts]
reserve = "indivisible"
stake = { kind = "member" }
[points.care]
hour = 10
[income]
split = [
  { part = "10%", to = "reserve" },
  { part = "30%", to = "equal" },
  { part = "rest", to = "work" },
]
[equal]
share = "equal"
into = { balance = "40%", stake = "rest" }
rest = "carry"
[work]
share = "points"
roles = ["care"]
rest = "carry"
"""
NAMES = ("Ana", "Ünal Özdemir", "Ελένη", "Оксана", "李明", "محمد", "<script>alert(1)</script> & Söhne")
PERIOD = "2025-08"


def coop(folder: Path, *names: str, currency: str = "EUR", income: str = "10000") -> Riverbend:
    """August is over and computed: everybody worked, unlike hours."""
    here = Riverbend(folder)
    here.homes = dict.fromkeys(names, "founders")
    people = [word for name in names for word in ("--founder", name)]
    rule = here.write("rule.toml", RULE)
    here.ok(
        names[0], "init", "Riverbend", "--zone", "Europe/Rome", "--rule", rule, "--currency", currency,
        "--approvers", "1", *people, "--rehearsal",
    )  # fmt: skip
    for hours, name in enumerate(names[:-1] if len(names) > 1 else names, 1):
        here.ok(name, "log", f"{hours}h", "work", "--role", "care")
    here.ok(names[0], "income", "add", income, "--from", "ACME")
    here.now = "2025-09-05T09:00:00Z"
    here.ok(names[0], "payout", "tick")
    return here


def amounts(data: dict[str, Any]) -> list[str]:
    """Every amount of a statement that its page must show, as a plain decimal."""
    found = [data["total"], data["payable"]]
    found += [row[key] for row in data["lies_on"] for key in ("opening", "shares", "closing")]
    found += [row["amount"] for row in data["shares"]] + [row["total"] for row in data["history"]]
    return found


def pdf_text(path: Path) -> str:
    """What pdftotext reads, blanks of all kinds as one."""
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    return spaced(done.stdout.decode())


def html_text(path: Path) -> str:
    """What stands in an HTML page outside of its tags and its template."""
    shown = re.sub(r"<(style|template)[ >].*?</\1>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return spaced(re.sub(r"<[^>]*>", " ", shown))


def spaced(text: str) -> str:
    return " ".join(text.replace("\u202f", " ").split())
