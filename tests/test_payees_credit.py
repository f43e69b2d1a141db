"""A supplier takes less than its bill: nothing stays payable for ever, and the open period spends so much less."""

from pathlib import Path
from typing import Any

import pytest

from ledger.errors import Refused
from payouts import exports, state
from payouts.compute import computed_run
from payouts.parties.party_dues import open_bills
from tests.judges import complaint, journal_of, must_tie, with_programs
from tests.riverbend import REFUSED, USAGE, Riverbend
from tests.test_book_year import ties
from tests.test_payees_admission import HUB, STONE, approved, bill, due, here, owed, paid
from tests.test_payouts_accounts import OCTOBER, book, lying, tick
from tests.village import Village

__all__ = ["here"]  # the fixture


def credit(to: Village, amount: int, ref: str = "CN-1", party: str = STONE, who: str = "Ana", **more: Any) -> None:
    """A supplier takes so much off."""
    to.say(who, "payouts.credited", {"party": party, "amount": amount, "ref": ref, "booked": "2025-09-01"} | more)


def test_less_is_payable_and_less_is_spent_and_the_bank_has_what_it_had(here: Village) -> None:
    bill(here, 500, due="2025-10-01", ref="S-1", booked="2025-09-01", value="2025-09-01")
    before = lying(here)
    credit(here, 120)

    after = lying(here)
    assert {name: change for name in after if (change := after[name] - before.get(name, 0))} == {
        "awaiting": -120,
        f"payable:{STONE}": 120,
    }
    assert [(one.ref, one.amount) for one in open_bills(here.book, STONE)] == [("S-1", 380)]
    book(here, 10_000, booked="2025-09-02", value="2025-09-02")
    tick(here, OCTOBER)
    assert computed_run(here.book, "2025-09").facts.costs == 380
    ties(here)


def test_a_credit_larger_than_the_costs_of_its_period_makes_them_less_than_nothing(here: Village) -> None:
    bill(here, 500, ref="S-1")  # of August, whose run is computed: it goes into September
    book(here, 10_000, booked="2025-09-02", value="2025-09-02")
    tick(here, OCTOBER)
    credit(here, 120, booked="2025-10-01")
    tick(here, OCTOBER + 40 * 86_400_000)

    run = computed_run(here.book, "2025-10")
    assert (run.facts.costs, run.facts.gross()) == (-120, 0)
    assert [line.amount for line in run.result.lines if line.to == "reserve"] == [12]
    ties(here)
    must_tie(journal_of(here, here.book.until))


def test_only_bills_of_costs_are_credited_and_each_paper_once(here: Village) -> None:
    approved(here)
    owed(here)
    due(here, "account:network", 1_000)
    # What is owed to the network would come back into the income that members share.
    with here.refuses("Bills of this party leave 0.00 EUR to pay"):
        credit(here, 1, party=HUB)
    bill(here, 500, party=HUB, ref="H-1")
    with here.refuses("leave 5.00 EUR to pay"):
        credit(here, 501, party=HUB)
    credit(here, 100, party=HUB)
    with here.refuses("booked already"):
        credit(here, 100, ref=" cn-1", party=HUB)
    with here.refuses("booked already"):
        credit(here, 100, ref="H-1", party=HUB)
    with here.refuses("A credit has a paper"):
        credit(here, 100, ref="  ", party=HUB)
    with here.refuses("lies in the future"):
        credit(here, 100, ref="CN-2", party=HUB, booked="2025-12-01")
    paid(here, 1_400, party=HUB)
    with here.refuses("leave 0.00 EUR to pay"):
        credit(here, 1, ref="CN-2", party=HUB)


def test_a_disputed_bill_is_not_credited(here: Village) -> None:
    bill(here, 500)
    here.book.ledger.disputed["aa"] = open_bills(here.book, STONE)[0].entry or 0
    with pytest.raises(Refused, match=r"leave 0\.00 EUR to pay"):
        credit(here, 1)
    here.book.ledger.disputed.clear()
    credit(here, 500)
    assert STONE not in state.of(here.book).bills


@with_programs
def test_the_judges_agree(here: Village, tmp_path: Path, program: str) -> None:
    bill(here, 500, ref="S-1", booked="2025-09-01", value="2025-09-01")
    credit(here, 120)
    made = journal_of(here, OCTOBER)

    must_tie(made)
    assert complaint(program, exports.of(program)(made), tmp_path) == ""
    (said,) = (one for one in made.transactions if one.words.startswith("credited by"))
    assert said.postings[1].account == "Expenses:Costs"


def test_a_credit_as_it_is_typed(tmp_path: Path) -> None:
    coop = Riverbend(tmp_path, "Ana")
    coop.ok("Ana", "expense", "add", "120.00", "--to", "Stone", "--ref", "S-1", "--unpaid")
    assert coop.run("Ana", "payee", "credit", "Stone", "2.40").code == USAGE
    assert coop.run("Ana", "payee", "credit", "Stone", "0", "--ref", "CN-1").code == USAGE
    assert coop.run("Ana", "payee", "credit", "Nobody", "2.40", "--ref", "CN-1").code == USAGE
    said = coop.ok("Ana", "payee", "credit", "Stone", "2.40", "--ref", "CN-1").out
    assert "Booked 2.40 EUR credited by Stone" in said
    assert "117.60 EUR is left to pay" in said
    assert "So much less is spent in the run of 2025-08" in said
    assert coop.run("Ana", "payee", "credit", "Stone", "117.61", "--ref", "CN-2").code == REFUSED

    listed = coop.data("Ana", "expense", "list")
    assert (listed["total"], listed["unpaid"][0]["amount"]) == ("117.60", "117.60")
    coop.ok("Ana", "payee", "paid", "Stone", "117.60")
    coop.now = "2025-09-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    assert "+ 2.40 credited by Stone, CN-1, booked" in coop.ok("Ana", "why", "Ana", "2025-08").out
    assert "CN-1" in coop.ok("Ana", "report", "money", "--csv", "-").out
    coop.ok("Ana", "verify")
