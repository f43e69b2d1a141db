"""docs/PAYING.md is played: every command prints what stands below it. `make golden` writes the page anew."""

from pathlib import Path

from tests.bank_says import answers
from tests.bankers import AFTER
from tests.played_page import plays
from tests.riverbend import Riverbend

PAGE = Path(__file__).parents[1] / "docs" / "PAYING.md"


def month(folder: Path) -> Riverbend:
    """Two founders, a month's work and income, computed."""
    coop = Riverbend(folder, "Ana", "Bela")
    coop.ok("Ana", "log", "10h", "The shop", "--role", "code")
    coop.ok("Bela", "log", "6h", "Meals", "--role", "care")
    coop.ok("Ana", "income", "add", "1200.00", "--from", "ACME", "--ref", "INV-12")
    coop.now = AFTER
    coop.ok("Ana", "payout", "tick")
    return coop


def test_the_page_on_paying_prints_what_it_says(tmp_path: Path) -> None:
    plays(PAGE, month(tmp_path), lambda coop, words: answers(coop, words, back="Bela"))
