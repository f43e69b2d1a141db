"""A year of Riverbend as it is typed: hours, income, the close with its tax, approvals, and what is shown of it."""

from pathlib import Path

import pytest

from tests.autumn import riverbend
from tests.riverbend import REFUSED, USAGE, Riverbend

BYLAW = (Path(__file__).parent / "vectors" / "bylaws" / "hypha.toml").read_text(encoding="utf-8")
"""Four fifths of a surplus to the reserve, the rest to member loans by hours from 16 on; interest 2 %."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """Ana worked 16 h, Bela 24 h; 1,000.00 came in and 200.00 were spent, all in August 2025; December is computed."""
    made = riverbend(tmp_path_factory.mktemp("year"), "Ana", "Bela", rule=BYLAW)
    made.now = "2025-08-20T09:00:00Z"
    for who, hours, days in (("Ana", "8h", 2), ("Bela", "12h", 2)):
        for day in range(days):
            made.ok(who, "log", hours, "at work", "--role", "work", "--date", f"2025-08-{day + 4:02}")
    made.ok("Ana", "income", "add", "1000.00", "--from", "ACME")
    made.ok("Ana", "expense", "add", "200.00", "--to", "Hosting")
    assert made.run("Ana", "year", "close").code == REFUSED
    assert "not over" in made.run("Ana", "year", "close", "2025").err
    made.now = "2026-01-10T09:00:00Z"
    made.ok("Bela", "payout", "tick")
    return made


def test_a_year_is_closed_computed_shown_explained_approved_and_its_tax_paid(here: Riverbend) -> None:
    assert "over, not closed yet" in here.ok("Ana", "year", "list").out
    assert "tally year close 2025" in here.ok("Ana", "payout", "due").out
    assert here.run("Ana", "year", "close", "--tax", "50.00").code == USAGE
    assert here.run("Ana", "year", "close", "--tax=-50.00", "--to", "Tax office").code == USAGE
    assert here.run("Ana", "year", "show", "2025").code == REFUSED
    closed = here.ok("Ana", "year", "close", "2025", "--tax", "50.00", "--to", "Tax office").out
    assert "Closed the book year 2025-01-01, 50.00 EUR of tax owed to Tax office" in closed
    assert "closed already" in here.run("Bela", "year", "close", "2025").err

    told = here.ok("Bela", "payout", "tick").out

    # 800.00 - 50.00 = 750.00; 600.00 to the reserve; 150.00 by 16 : 24 hours.
    assert "a surplus of 750.00 EUR, 150.00 EUR to 2 people, 0.00 EUR interest" in told
    shown = here.data("Ana", "year", "show", "2025")
    assert [(row["name"], row["total"]) for row in shown["people"]] == [("Bela", "90.00"), ("Ana", "60.00")]
    assert {row["name"]: (row["before"], row["after"]) for row in shown["accounts"]} == {
        "reserve": ("0.00", "600.00"),
        "result": ("800.00", "0.00"),
    }
    assert {row["name"]: row["closing"] for row in shown["capital"]} == {"Ana": "60.00", "Bela": "90.00"}
    assert "Tax       50.00 EUR owed still to Tax office" in here.ok("Ana", "year", "show", "2025").out
    why = here.ok("Bela", "year", "show", "2025", "--member", "Bela").out
    assert "Pot members held 150.00, from surplus" in why
    assert "Weighs 24 hours, all together 40 (2 people share)" in why
    assert "work/hour, 2025-08: 24 h × 1 per 1h = 24 hours" in why
    assert "Loan: 0.00 before the close + 90.00 = 90.00 after it" in why
    assert "That is a book year: tally year show 2025" in here.run("Ana", "payout", "show", "2025").err
    assert here.ok("Ana", "why", "Bela", "2025").out == why == here.ok("Ana", "why", "Bela", "2025-01-01").out

    assert "tally year approve 2025" in here.ok("Ana", "payout", "due").out
    assert here.run("Ana", "year", "approve", "2025").code != 0
    here.ok("Ana", "year", "approve", "2025", "--confirm", "2025")
    assert "approved" in here.ok("Bela", "year", "approve", "2025", "--yes").out
    assert here.data("Ana", "year", "list")["years"][0]["amount"] == "750.00"
    here.ok("Ana", "year", "pay-tax", "2025", "50.00", "--ref", "2025/17")
    assert "no more" in here.run("Ana", "year", "pay-tax", "2025", "0.01").err
    here.ok("Ana", "report", "accounts")
    here.ok("Bela", "verify")


def test_what_a_vote_shows_of_a_rule_says_that_it_leaves_the_years_out(here: Riverbend) -> None:
    file = here.write("next.toml", BYLAW.replace('"80%"', '"70%"'))
    here.ok("Ana", "propose", "rule", file)

    assert "at the close of a book year is not in these figures" in here.ok("Bela", "proposal", "show", "1").out


def test_where_too_few_treasurers_are_left_the_members_approve_the_year_themselves(tmp_path: Path) -> None:
    coop = riverbend(tmp_path, "Ana", "Bela", "Chidi", rule=BYLAW)
    coop.ok("Ana", "income", "add", "100.00", "--from", "ACME")
    coop.now = "2026-01-10T09:00:00Z"
    coop.ok("Bela", "payout", "tick")
    coop.ok("Ana", "year", "close", "2025")
    coop.ok("Bela", "payout", "tick")
    assert "treasurers enough to approve the close of the book year" in coop.run("Ana", "propose", "payout", "2025").err
    for name in ("Bela", "Chidi"):
        coop.ok(name, "member", "leave", "--yes")

    said = " ".join(coop.ok("Ana", "year", "approve", "2025", "--yes").out.split())

    assert "or they approve it themselves: tally propose payout 2025" in said
    put = coop.ok("Ana", "propose", "payout", "2025").out
    assert "The close of the book year 2025-01-01 is approved" in put
    coop.ok("Ana", "vote", "1", "yes")
    coop.now = "2026-02-20T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    assert coop.data("Ana", "year", "show", "2025")["approvals"]["approved"] is True
    assert "approved by the members since" in coop.ok("Ana", "proposal", "show", "1").out
    coop.ok("Ana", "verify")
