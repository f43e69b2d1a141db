"""The journal goes on where the books do: a book year that is closed, and payments that the bank has made."""

from pathlib import Path

from payouts import exports
from tests.autumn import AUGUST
from tests.bankers import exported, ready
from tests.judges import complaint, journal_of, must_tie, text_of, with_programs
from tests.test_book_year import bylaw, close, hypha_year, village


@with_programs
def test_a_closed_year_is_in_the_journal_with_its_interest_loans_reserve_and_tax(tmp_path: Path, program: str) -> None:
    here = village(bylaw("hypha"), "Ana", "Bela", "Chidi")
    hypha_year(here)
    close(here, tax=2_000)
    made = journal_of(here, here.book.until)

    must_tie(made)
    text = exports.of(program)(made)
    assert complaint(program, text, tmp_path) == ""
    for words in ("tax owed to", "the surplus of the year", "surplus to reserve", ", on loan"):
        assert any("the book year 2025-01-01 is closed" in line and words in line for line in text.splitlines())
    assert "Year-2025-01-01" in text


@with_programs
def test_what_the_bank_has_paid_is_in_the_journal(tmp_path: Path, program: str) -> None:
    coop = ready(tmp_path)
    exported(coop)
    coop.ok("Ana", "payout", "sent", AUGUST)
    coop.now = "2025-09-10T09:00:00Z"
    coop.ok("Ana", "payout", "settle", AUGUST)

    text = text_of(coop, program)

    assert complaint(program, text, tmp_path) == ""
    assert "the bank has made payments" in text
