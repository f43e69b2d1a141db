"""Members' capital over several years as it is typed: terms voted, a member leaves, parts are paid, one by decision."""

import re
from pathlib import Path

import pytest

from payouts.capital.capital_terms import parse_terms
from tests.autumn import riverbend
from tests.judges import complaint, text_of, with_programs
from tests.riverbend import REFUSED, Riverbend

PAGE = Path(__file__).parents[1] / "docs" / "TREASURER.md"
SHOWN = """\
loan of Chidi, EUR
Terms: qualified; vests over 2 years (the rest to reserve); redeemed over 2 years after leaving
Year    Opening   Interest    Share   Redeemed   Lapsed   Closing
─────────────────────────────────────────────────────────────────
2025       0.00       0.00   100.00       0.00     0.00    100.00
2026     100.00       2.00     0.00     -25.50   -51.00     25.50
since     25.50       0.00     0.00       0.00     0.00     25.50
Of 25.50, 25.50 have vested.
Next paid out, at the close of 2027: 25.50, part 2 of 2
"""
RULE = """
[accounts]
reserve = "indivisible"
loan = { kind = "member", interest = "2%" }
[income]
split = [{ part = "rest", to = "result" }]
[surplus]
split = [{ part = "50%", to = "reserve" }, { part = "rest", to = "members" }]
[loss]
split = [{ part = "rest", to = "reserve" }]
[members]
share = "equal"
into = "loan"
rest = "reserve"
"""
TERMS = """
[loan]
qualified = true
vests = 2
unvested = "reserve"
redeemed = "2 years"
"""


def a_year(coop: Riverbend, year: int, came: str = "") -> None:
    """Money in November, the last run in January, the close, what it redeems, and two approvals."""
    if came:
        coop.now = f"{year}-11-20T09:00:00Z"
        coop.ok("Ana", "income", "add", came, "--from", "ACME", "--date", f"{year}-11-19")
    coop.now = f"{year + 1}-01-10T09:00:00Z"
    coop.ok("Bela", "payout", "tick")
    coop.ok("Ana", "year", "close", str(year))
    coop.ok("Bela", "payout", "tick")
    for name in ("Ana", "Bela"):
        coop.ok(name, "year", "approve", str(year), "--yes")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """Three members in August 2025 vote terms; 600.00 come in; Chidi leaves in September 2026, after one whole year."""
    coop = riverbend(tmp_path_factory.mktemp("capital"), "Ana", "Bela", "Chidi", rule=RULE)
    coop.ok("Ana", "propose", "policy", "capital", coop.write("terms.toml", TERMS))
    for name in ("Ana", "Bela", "Chidi"):
        coop.ok(name, "vote", "1", "yes")
    a_year(coop, 2025, "600.00")
    coop.now = "2026-09-10T09:00:00Z"
    coop.ok("Chidi", "member", "leave", "--yes")
    a_year(coop, 2026)
    return coop


def test_what_a_leaver_put_in_is_paid_back_in_parts_and_everybody_can_follow_it(here: Riverbend) -> None:
    listed = here.ok("Ana", "capital", "list").out
    # 100.00 + 2.00 = 102.00; half has vested, 51.00; the first of two parts is 25.50.
    assert "part 1 of 2" in listed
    assert "51.00 to reserve" in listed
    assert "tally capital approve 2026" in listed
    assert "tally capital approve 2026" in here.ok("Ana", "payout", "due").out
    assert here.run("Ana", "capital", "approve", "2025", "--yes").code == REFUSED
    here.ok("Ana", "capital", "approve", "2026", "--yes")
    assert "approved" in here.ok("Bela", "capital", "approve", "2026", "--yes").out

    (loan,) = here.data("Chidi", "capital", "show", "Chidi")["accounts"]
    last, since = loan["years"][1:]
    assert (last["opening"], last["interest"], last["redeemed"], last["lapsed"]) == ("100.00", "2.00", "25.50", "51.00")
    assert last["closing"] == since["opening"] == loan["balance"] == "25.50"
    assert loan["next"] == {"year": "2027-01-01", "amount": "25.50", "part": 2, "parts": 2}
    shown = here.ok("Ana", "capital", "show", "Chidi").out
    assert [line.rstrip() for line in shown.splitlines()] == SHOWN.splitlines()
    assert "Redeemed" in here.ok("Ana", "year", "show", "2026").out

    a_year(here, 2027)
    for name in ("Ana", "Bela"):
        here.ok(name, "capital", "approve", "2027", "--yes")
    assert [row["account"] for row in here.data("Ana", "capital", "list")["accounts"]] == ["loan", "loan"]
    here.ok("Bela", "verify")


def test_the_page_for_treasurers_has_terms_that_can_be_voted() -> None:
    (terms,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    assert parse_terms(terms)["loan"].redeemed == 5


def test_two_treasurers_redeem_by_decision_with_the_same_command(here: Riverbend) -> None:
    assert here.run("Bela", "capital", "redeem", "Bela", "10.00").code == REFUSED
    first = here.data("Ana", "capital", "redeem", "Bela", "10.00")
    # Of two treasurers one is the person, so the other one is enough.
    assert first["done"]
    assert here.run("Ana", "capital", "redeem", "Bela", "1000.00").code == REFUSED
    assert "no more" in here.run("Ana", "capital", "redeem", "Bela", "1000.00").err


def test_terms_that_cannot_be_are_refused_at_the_desk(here: Riverbend) -> None:
    said = here.run("Ana", "propose", "policy", "capital", "[loan]\nvests = 3")
    assert (said.code, "loan.unvested" in said.err) == (REFUSED, True)


@with_programs
def test_the_judges_agree(here: Riverbend, tmp_path: Path, program: str) -> None:
    assert complaint(program, text_of(here, program), tmp_path) == ""
