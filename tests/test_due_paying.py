"""`tally payout due` follows a payout until the bank has booked it: in no file, on its way, waiting, and why."""

from pathlib import Path

from tests.autumn import AUGUST
from tests.bank_says import answers
from tests.bankers import exported, ready
from tests.riverbend import Riverbend


def due(coop: Riverbend) -> list[str]:
    """The lines of the command, without the next cut-off."""
    return [line for line in coop.ok("Ana", "payout", "due").out.splitlines() if not line.startswith("Next: ")]


def test_a_payout_is_due_until_the_bank_has_booked_it(tmp_path: Path) -> None:
    coop = ready(tmp_path, approve=False)
    assert f"Ana, Bela, Chidi, Dilek. tally payout approve {AUGUST}" in due(coop)[1]
    for name in ("Ana", "Bela"):
        coop.ok(name, "payout", "approve", AUGUST, "--yes")

    assert due(coop)[1] == f"Approved and in no file yet: 2,275.00 EUR to 3 people (tally payout export {AUGUST})."
    exported(coop)
    assert due(coop)[1].startswith("Not noted as handed to the bank: 3 payments, 2,275.00 EUR of 2025-08")
    coop.ok("Ana", "payout", "sent", AUGUST)
    assert due(coop)[1] == "The bank has not answered for 3 payments, 2,275.00 EUR of 2025-08 (tally bank read FILE)."
    answers(coop, ["tally", "bank", "read", "bank.xml"], back="Chidi")
    coop.ok("Ana", "bank", "read", "bank.xml", "--yes")
    assert due(coop)[1] == "Chidi is not paid: the bank refused the account. Others must be set."


def test_who_has_set_no_account_is_named_beside_what_can_be_paid(tmp_path: Path) -> None:
    coop = ready(tmp_path, but="Chidi")

    lines = due(coop)

    assert "to 2 people" in lines[1]
    assert lines[2] == "Chidi has set no payment details; the money stays on the balance."
    assert coop.data("Ana", "payout", "due")["paying"]["to_pay"]["people"] == 2
