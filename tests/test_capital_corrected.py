"""Capital and corrections: what amendments put there or took stands under a name of its own, and everything ties."""

from itertools import permutations

import pytest

from payouts import state
from payouts.capital.capital_years import next_out, rolled
from payouts.reasons.why_tree import year_tree
from payouts.years.year_showing import show_year, year_data
from payouts.years.year_why import why_year
from tests.judges import journal_of, must_tie
from tests.test_book_year import FIRST, JANUARY, SECOND, close, tick, ties, village
from tests.test_capital import rolls_forward, vote
from tests.test_correction_years import RULE, december, in_january, log
from tests.test_corrections import receipt
from tests.test_disputed_work import approve, dispute, piece, settle
from tests.test_payouts_accounts import names
from tests.test_payouts_books import drawn
from tests.village import Village, at, person

ANA = person("Ana")
PLAIN = RULE.replace(', interest = "10%"', "")


def month(here: Village, amount: int, day: str) -> None:
    """Ana and Bela work alike, and so much comes in."""
    for who in ("Ana", "Bela"):
        log(here, who, 5, day, day)
    when = max(at(day), here.book.received)
    receipt(here, amount, when, booked=day, value=day)


def loan(here: Village) -> int:
    return state.lying(here.book, "member")[f"loan:{ANA}"]


def test_a_refund_across_the_end_of_a_year_is_called_corrected_in_the_year_that_bears_it() -> None:
    here = village(RULE)
    paid = december(here)
    tick(here, JANUARY)
    close(here, when=at("2026-01-06"))
    in_january(here, paid, 50_000, at("2026-01-12"))

    closed, since = rolled(here.book, ANA, "loan")
    assert (closed.corrected, closed.periods) == (0, 15_000)
    assert (since.opening, since.periods, since.corrected, since.other) == (closed.closing, 0, -7_500, 0)
    tick(here, at("2027-01-05"))
    close(here, SECOND)

    rolls_forward(here)
    row = next(row for row in year_data(here.book, names(here), SECOND)["capital"] if row["id"] == ANA)
    assert (row["periods"], row["corrected"]) == ("0.00", "-75.00")
    assert "Corrected" in drawn(*show_year(here.book, names(here), SECOND))
    assert "- 75.00 corrected" in drawn(year_tree(why_year(here.book, names(here), lambda _: {}, ANA, SECOND)))
    ties(here)


def test_a_refund_within_the_year_is_called_corrected_too() -> None:
    here = village(RULE)
    paid = december(here)
    tick(here, JANUARY)
    in_january(here, paid, 50_000, at("2026-01-10"))
    (since,) = rolled(here.book, ANA, "loan")
    assert (since.periods, since.corrected, since.other) == (15_000, -7_500, 0)
    close(here, when=at("2026-03-02"))

    closed, _ = rolled(here.book, ANA, "loan")
    assert (closed.periods, closed.corrected) == (15_000, -7_500)
    rolls_forward(here)


def test_what_is_taken_back_was_money_of_the_year_of_its_period_and_revolves_no_more() -> None:
    here = village(PLAIN)
    vote(here, "[loan]\nrevolve = 2\n", ("Ana", "Bela"))
    paid = december(here)
    tick(here, JANUARY)
    close(here, when=at("2026-01-06"))
    assert loan(here) == 15_000 + 5_000
    in_january(here, paid, 50_000, at("2026-01-12"))
    assert loan(here) == 12_500
    month(here, 20_000, "2026-06-10")
    tick(here, at("2027-01-05"))
    close(here, SECOND)
    after = next_out(here.book, ANA, "loan")
    assert after is not None
    # The refund left a loss of 60.00 in 2026: 15.00 of it are Ana's, and are taken from what is oldest.
    assert (after.year, after.amount) == ("2027-01-01", 11_000)

    month(here, 20_000, "2027-06-10")
    tick(here, at("2028-01-05"))
    close(here, "2027-01-01")

    assert rolled(here.book, ANA, "loan")[2].redeemed == 11_000
    rolls_forward(here)
    ties(here)


def test_capital_of_an_amendment_that_nobody_approved_is_not_redeemed_by_decision() -> None:
    here = village(PLAIN)
    december(here)
    tick(here, JANUARY)
    for period, run in state.of(here.book).runs.items():
        for who in ("Ana", "Bela"):
            here.say(who, "payouts.approved", {"period": period, "digest": run.digest})
    log(here, "Bela", 10, "2025-12-12", "2026-01-12")
    tick(here, at("2026-02-05"))
    lies = state.lying(here.book, "member")[f"loan:{person('Bela')}"]
    asked = {"person": person("Bela"), "account": "loan", "amount": lies}

    with here.refuses("can be redeemed now, no more"):
        here.say("Ana", "payouts.redemption_asked", asked)
    here.say("Ana", "payouts.redemption_asked", asked | {"amount": 15_000})


ORDERS = list(permutations(("settle", "close", "run")))
"""A dispute about work of December is settled, its year is closed, and the run of January comes."""


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
@pytest.mark.parametrize("upheld", [True, False])
def test_whenever_a_dispute_is_settled_every_year_opens_with_what_the_one_before_left(
    order: tuple[str, ...], upheld: bool
) -> None:
    here = village(PLAIN, "Ana", "Bela", "Chidi")
    log(here, "Ana", 5, "2025-12-10", "2025-12-11")
    said = dispute(here, "Chidi", piece(here))
    log(here, "Bela", 5, "2025-12-10", "2025-12-11")
    receipt(here, 100_000, at("2025-12-11"), booked="2025-12-11", value="2025-12-11")
    tick(here, JANUARY)
    approve(here, "2025-12")
    for what in order:
        if what == "run":
            month(here, 20_000, "2026-01-10")
            tick(here, at("2026-02-05"))
        elif what == "close":
            digest = close(here).digest
            for who in ("Ana", "Chidi"):
                here.say(who, "payouts.year_approved", {"year": FIRST, "digest": digest})
        else:
            settle(here, "Chidi" if upheld else "Ana", said, upheld)
        rolls_forward(here)
    tick(here, at("2027-01-05"))
    close(here, SECOND)

    rows = [{row["id"]: row for row in year_data(here.book, names(here), year)["capital"]} for year in (FIRST, SECOND)]
    for who in rows[1]:
        assert rows[1][who]["opening"] == rows[0].get(who, {"closing": "0.00"})["closing"]
    rolls_forward(here)
    ties(here)
    must_tie(journal_of(here, here.book.until))
