"""What the commands about money answer is alike: the entry, the amount and the currency under the same names."""

import pytest

from tests.autumn import riverbend
from tests.riverbend import Riverbend

RULE = """
[accounts]
reserve = "indivisible"
network = "owed"
loan = "member"
[income]
split = [{ part = "10%", to = "network" }, { part = "50%", to = "loans" }, { part = "rest", to = "work" }]
[loans]
share = "equal"
into = "loan"
rest = "reserve"
[work]
share = "equal"
rest = "reserve"
"""


@pytest.fixture(scope="module")
def coop(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """A year is closed, with tax withheld and tax of the year; August is approved."""
    here = riverbend(tmp_path_factory.mktemp("alike"), "Ana", "Bela", rule=RULE)
    here.ok("Ana", "income", "add", "1000.00", "--from", "ACME", "--ref", "INV-1")
    here.ok("Ana", "expense", "add", "100.00", "--to", "Stone", "--ref", "S-1", "--unpaid")
    here.ok("Ana", "withholding", "set", "Bela", "10%", "--to", "Tax office", "--from", "2025-08")
    here.now = "2026-01-10T09:00:00Z"
    here.ok("Ana", "payout", "tick")
    for name in ("Ana", "Bela"):
        here.ok(name, "payout", "approve", "2025-08", "--yes")
    here.ok("Ana", "payee", "owed", "network", "--to", "Hub")
    here.ok("Ana", "year", "close", "2025", "--tax", "20.00", "--to", "Tax office")
    here.ok("Ana", "payout", "tick")
    for name in ("Ana", "Bela"):
        here.ok(name, "year", "approve", "2025", "--yes")
    return here


@pytest.mark.parametrize(
    "words",
    [
        ("income", "add", "7.00", "--from", "ACME"),
        ("expense", "add", "7.00", "--to", "Stone"),
        ("advance", "add", "7.00", "--to", "Bela", "--for", "2026-01"),
        ("advance", "repaid", "7.00", "--from", "Bela"),
        ("withholding", "paid", "Tax office", "7.00"),
        ("payee", "due", "network", "7.00"),
        ("payee", "paid", "Stone", "7.00"),
        ("payee", "credit", "Stone", "7.00", "--ref", "CN-1"),
        ("refund", "add", "7.00", "--of", "INV-1"),
        ("year", "pay-tax", "2025", "7.00"),
        ("capital", "redeem", "Bela", "7.00"),
    ],
    ids=" ".join,
)
def test_every_command_about_money_answers_entry_amount_and_currency(coop: Riverbend, words: tuple[str, ...]) -> None:
    data = coop.data("Ana", *words)

    assert (data["amount"], data["currency"]) == ("7.00", "EUR")
    assert data["entry"] == coop.size("Ana") - 1


@pytest.mark.parametrize("words", [("year", "approve", "2025"), ("capital", "approve", "2025"), ("payout", "approve")])
def test_every_approval_takes_yes_or_the_name_once_more(coop: Riverbend, words: tuple[str, ...]) -> None:
    told = coop.run("Ana", words[0], words[1], "--help").out

    assert "--yes" in told
    assert "--confirm" in told
