"""Where too few treasurers are left, members approve by vote all that treasurers would: nothing is stuck for good."""

from pathlib import Path

from tests.autumn import riverbend
from tests.riverbend import REFUSED, Riverbend
from tests.test_capital_story import RULE as CAPITAL
from tests.test_capital_story import TERMS, a_year

LATE = """
late = "true_up"
[accounts]
reserve = "indivisible"
[points.code]
hour = 1
[income]
split = [{ part = "20%", to = "reserve" }, { part = "rest", to = "work" }]
[work]
share = "points"
rest = "carry"
"""


def left_alone(coop: Riverbend) -> None:
    """Ana stays, and two were to approve."""
    for name in ("Bela", "Chidi"):
        coop.ok(name, "member", "leave", "--yes")


def test_members_approve_an_amendment_themselves(tmp_path: Path) -> None:
    coop = riverbend(tmp_path, "Ana", "Bela", "Chidi", rule=LATE)
    coop.ok("Ana", "log", "10h", "work", "--role", "code", "--date", "2025-08-01")
    coop.ok("Ana", "income", "add", "1000.00", "--from", "ACME")
    coop.now = "2025-09-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    coop.ok("Bela", "log", "10h", "late", "--role", "code", "--date", "2025-08-01")
    coop.now = "2025-10-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    enough = coop.run("Ana", "propose", "payout", "2025-08#1")
    assert (enough.code, "treasurers enough to approve the amendment 2025-08#1" in enough.err) == (REFUSED, True)
    assert "There is no amendment 2025-08#9" in coop.run("Ana", "propose", "payout", "2025-08#9").err
    left_alone(coop)

    said = " ".join(coop.ok("Ana", "payout", "approve", "2025-08#1", "--yes").out.split())
    assert "or they approve it themselves: tally propose payout 2025-08#1" in said
    assert "The amendment 2025-08#1 is approved, digest" in coop.ok("Ana", "propose", "payout", "2025-08#1").out
    coop.ok("Ana", "vote", "1", "yes")
    coop.now = "2025-11-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")

    assert coop.data("Ana", "payout", "show", "2025-08#1")["approvals"]["approved"] is True
    assert coop.data("Ana", "payout", "show", "2025-08")["approvals"]["approved"] is False
    assert "approved already" in coop.run("Ana", "propose", "payout", "2025-08#1").err
    coop.ok("Ana", "verify")


def test_members_approve_what_a_close_redeems_once_the_year_is_approved(tmp_path: Path) -> None:
    coop = riverbend(tmp_path, "Ana", "Bela", "Chidi", rule=CAPITAL)
    coop.ok("Ana", "propose", "policy", "capital", coop.write("terms.toml", TERMS))
    for name in ("Ana", "Bela", "Chidi"):
        coop.ok(name, "vote", "1", "yes")
    a_year(coop, 2025, "600.00")
    coop.now = "2026-09-10T09:00:00Z"
    left_alone(coop)
    coop.now = "2027-01-10T09:00:00Z"
    for words in (("payout", "tick"), ("year", "close", "2026"), ("payout", "tick")):
        coop.ok("Ana", *words)

    for number, title in ((2, "The close of the book year 2026-01-01"), (3, "What the close of 2026-01-01 redeems")):
        assert f"{title} is approved" in coop.ok("Ana", "propose", "payout", "2026").out
        coop.ok("Ana", "vote", str(number), "yes")
        coop.now = f"2027-0{number}-20T09:00:00Z"
        coop.ok("Ana", "payout", "tick")

    (redeemed,) = coop.data("Ana", "capital", "list")["redemptions"]
    assert redeemed["approvals"]["approved"] is True
    assert "approved by the members since" in coop.ok("Ana", "proposal", "show", "3").out
    coop.ok("Ana", "verify")
