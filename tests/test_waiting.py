"""`tally payout due` says everything that waits for somebody: one line each, with the command, and nothing twice."""

from pathlib import Path

from payouts.waiting import also_waiting
from tests.bankers import ready, written
from tests.riverbend import Riverbend
from tests.test_capital import YEARS, year_of
from tests.test_capital import approve as approve_year
from tests.test_capital import village as with_capital
from tests.test_payees_story import STONE
from tests.test_payouts_accounts import names
from tests.test_unclaimed import village as with_unclaimed
from tests.test_unclaimed import years_pass
from tests.village import at, person


def due(coop: Riverbend) -> list[str]:
    """The lines."""
    return coop.ok("Ana", "payout", "due").out.splitlines()


def test_what_waits_for_somebody_is_said_once_each(tmp_path: Path) -> None:
    coop = ready(tmp_path)
    coop.ok("Ana", "expense", "add", "120.00", "--to", "Stone & Co", "--ref", "S-1", "--unpaid", "--due", "2025-09-20")
    assert "420.00 EUR is owed, and nobody has said to whom: tally payee owed network --to NAME" in due(coop)
    coop.ok("Ana", "payee", "owed", "network", "--to", "Hub")
    coop.ok("Ana", "payee", "details", "Stone & Co", "--file", written(coop, "Sto", STONE, "Stone SARL"))
    coop.ok("Bela", "log", "2h", "the shop", "--role", "code")
    coop.ok("Ana", "work", "dispute", f"{coop.size('Ana') - 1}.1", "not so")
    coop.ok("Ana", "advance", "add", "30.00", "--to", "Dilek", "--for", "2025-09")
    coop.ok("Dilek", "member", "leave", "--yes")
    coop.ok("Ana", "heirs", "name", "Chidi", "Farah", "--yes")
    coop.now = "2025-09-25T09:00:00Z"

    lines = due(coop)

    assert (
        "To be paid to 1 party: 120.00 EUR, the first by 2025-09-20; 120.00 EUR is overdue (tally payee list)." in lines
    )
    said = coop.data("Ana", "payout", "due")["waiting"]
    assert [one["words"] for one in said] == [
        "420.00 EUR is owed to Hub (network): tally payee due network",
        'Payment details that were set for Stone & Co wait for others: tally payee agree "Stone & Co"',
        "The heirs of Chidi wait for others to agree: tally heirs agree Chidi",
        "1 dispute about work is open: tally work disputes",
    ]
    assert len(set(lines)) == len(lines)
    assert {one["words"] for one in said} <= set(lines)
    assert [one["what"] for one in said] == ["owed", "details", "heirs", "dispute"]
    coop.ok("Ana", "payee", "due", "network")
    assert "owed" not in {one["what"] for one in coop.data("Ana", "payout", "due")["waiting"]}
    # The run that the advance names may set it off still, until it is computed.
    coop.now = "2025-10-06T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    assert "Dilek has left, and 30.00 EUR of advances is open: tally advance repaid AMOUNT --from Dilek" in due(coop)


def test_a_redemption_that_was_asked_for_waits_with_the_command_that_agrees() -> None:
    here = with_capital(who=("Ana", "Bela", "Chidi"))
    year_of(here, YEARS[0], 60_000)
    approve_year(here, YEARS[0], "Ana", "Bela")
    here.say("Ana", "payouts.redemption_asked", {"person": person("Chidi"), "account": "loan", "amount": 1_000})

    (said,) = also_waiting(here.book, names(here), here.book.until)

    assert (said["what"], said["amount"]) == ("redemption", "10.00")
    assert said["words"].endswith("10.00 --account loan")


def test_a_balance_that_was_noticed_says_where_it_goes_and_when() -> None:
    here = with_unclaimed()
    years_pass(here, at("2027-12-01"))

    said = [one for one in also_waiting(here.book, names(here), here.book.until) if one["what"] == "unclaimed"]

    assert len(said) == 1
    assert "is unclaimed, and goes to" in said[0]["words"]
