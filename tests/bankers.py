"""A cooperative whose treasurers pay through a bank: keys, payment details, an account, a month approved."""

from pathlib import Path
from typing import Any

from tests.autumn import AUGUST, busy, riverbend
from tests.riverbend import Riverbend

COOP = "DE89370400440532013000"
IBANS = {
    "Ana": "AT611904300234573201",
    "Bela": "BE68539007547034",
    "Chidi": "NL91ABNA0417164300",
    "Dilek": "FR1420041010050500013M02606",
}
HOLDERS = {"Ana": "Ana Müller-Weiß", "Bela": "Béla Ørsted", "Chidi": "Chidi Okafor", "Dilek": "Dilek Şahin"}
AFTER = "2025-09-04T09:00:00Z"


def written(coop: Riverbend, name: str, iban: str, holder: str, bic: str = "") -> str:
    """A file with an account."""
    more = f'bic = "{bic}"\n' if bic else ""
    return coop.write(f"{name}.account.toml", f'iban = "{iban}"\nname = "{holder}"\n{more}')


def ready(folder: Path, *founders: str, approve: bool = True, but: str = "") -> Riverbend:
    """August is worked, computed and approved; everybody but one has set details; two treasurers have their keys."""
    coop = busy(riverbend(folder, *(founders or ("Ana", "Bela", "Chidi", "Dilek"))))
    for name in ("Ana", "Bela"):
        coop.ok(name, "payout", "key")
    coop.ok("Ana", "bank", "account", "--file", written(coop, "coop", COOP, "Riverbend eG", "COBADEFFXXX"))
    for name in IBANS.keys() - {but}:
        coop.ok(name, "payout", "details", "set", "--file", written(coop, name, IBANS[name], HOLDERS[name]))
    coop.now = AFTER
    coop.ok("Ana", "payout", "tick")
    if approve:
        for name in ("Ana", "Bela"):
            coop.ok(name, "payout", "approve", AUGUST, "--yes")
    return coop


def exported(coop: Riverbend, out: str = "august.xml", *more: str) -> dict[str, Any]:
    """The file for August."""
    words = ("payout", "export", AUGUST, "--date", "2025-09-08", "--out", out, "--yes", *more)
    return coop.data("Ana", *words)


def payments(coop: Riverbend) -> dict[str, dict[str, Any]]:
    """The newest payment to each, by name."""
    return {row["name"]: row for row in coop.data("Ana", "payout", "payments")["payments"]}


def accounts(coop: Riverbend) -> dict[str, str]:
    """All accounts with their balance."""
    rows = coop.data("Ana", "report", "accounts")["rows"]
    return {row["account"] + (f" {row['name']}" if row.get("name") else ""): row["amount"] for row in rows}
