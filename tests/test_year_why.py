"""A share of a book year explains itself like one of a period: whatever the rule, to the cent, down to the entries."""

from fractions import Fraction
from typing import Any

import pytest

from ledger.private import Text
from payouts.reasons.why_tree import year_tree
from payouts.years.year_why import why_year
from tests.test_book_year import FIRST, SECOND, TAX_OFFICE, book, bylaw, close, hypha_year, names, tick, ties, village
from tests.test_disputed_work import dispute, piece
from tests.test_payouts_accounts import log
from tests.test_payouts_books import drawn
from tests.test_payouts_why import SHARES
from tests.village import Village, at, person

RULE = """
[accounts]
reserve = "fund"
[points.code]
hour = 7
[points.care]
hour = { points = 3, per = "30m" }
[points.sales]
deal = { points = 25, per = "1000.00", when = "paid" }
[income]
split = [{ part = "1/3", to = "extra" }, { part = "rest", to = "result" }]
[extra]
share = "points"
rest = "reserve"
[surplus]
split = [{ part = "1/4", to = "reserve" }, { part = "rest", to = "work" }]
[work]
"""


def told(here: Village, who: str, year: str = FIRST) -> dict[str, Any]:
    """Why, after all that must add up was added up."""
    why = why_year(here.book, names(here), lambda _: {}, person(who), year)
    got = [*why["shares"], *why["interest"]]
    assert sum(Fraction(one["amount"]) for one in got) == Fraction(why["total"])
    for share in (one for one in why["shares"] if one["rate"]):
        exact = Fraction(share["rate"]["base_fraction"]) * Fraction(share["weight"]) / Fraction(share["rate"]["free"])
        assert exact == Fraction(share["exact_fraction"])
    assert year_tree(why).children
    return why


@pytest.mark.parametrize("how", [*SHARES, "deals"])
def test_every_way_of_sharing_a_year_explains_itself_to_the_cent(how: str) -> None:
    rule = RULE + SHARES.get(how, 'share = "deals"') + '\nrest = "reserve"\n'
    here = village(rule, "Ana", "Bela", "Chidi")
    deal = {"role": "sales", "kind": "deal", "refs": ["A-1"]}
    log(here, "Ana", 5_000, when=at("2025-08-02"), **deal)
    for month in (8, 9, 12):
        day, now = f"2025-{month:02}-05", at(f"2025-{month:02}-06")
        log(here, "Ana", 60 * month, day, max(now, here.book.received))
        log(here, "Bela", 31 + month, day, role="care", circle="berlin/support")
        log(here, "Chidi", 60, day, gift=True)
        for giver, to in (("Ana", "Bela"), ("Bela", "Ana"), ("Chidi", "Bela")):
            here.say(giver, "contributions.thanked", {"to": person(to), "why": Text("For the soup."), "circle": ""})
        book(here, 10_001, booked=day, deals=["A-1"])
    tick(here, at("2026-01-05"))
    close(here)

    for who in ("Ana", "Bela", "Chidi"):
        told(here, who)


def test_a_loss_that_members_bear_is_explained_with_what_their_accounts_hold() -> None:
    here = village(bylaw("hypha"), "Ana", "Bela", "Chidi")
    hypha_year(here)
    close(here)
    book(here, 40_000, "payouts.spent", at("2026-03-10"), booked="2026-03-09")
    for day in range(1, 4):
        log(here, "Ana", 600, f"2026-03-{day:02}", max(at("2026-03-10"), here.book.received), role="work")
    tick(here, at("2027-01-05"))
    close(here, SECOND)

    ana, bela = told(here, "Ana", SECOND), told(here, "Bela", SECOND)

    # 20 % of 400.00 + 3.20 interest fall to Ana alone, who worked 16 h or more; her loan holds 40.00 + 0.80.
    share = ana["shares"][0]
    assert (share["amount"], share["held_at"], share["into"]) == (
        "-40.80",
        "all their account holds",
        {"loan": "-40.80"},
    )
    assert ana["lies_on"][0]["closing"] == "0.00"
    assert (
        "hours that count here; the rule wants >= 16" in bela["nothing"][0]["why"]
        or "no work" in bela["nothing"][0]["why"]
    )
    assert bela["interest"][0]["amount"] == "2.40"


def test_the_tree_names_the_year_its_result_and_each_month_of_work() -> None:
    here = village(bylaw("hypha"), "Ana", "Bela", "Chidi")
    hypha_year(here)
    close(here, tax=5_000)

    said = drawn(year_tree(told(here, "Bela")))

    assert "Result 800.00 - tax 50.00 - interest 0.00 = 750.00 EUR" in said
    assert "work/hour, 2025-08: 60 h × 1 per 1h = 60 hours" in said
    assert "Loan over the year: 0.00 + 0.00 of the periods + 0.00 interest + 112.50 share = 112.50" in said


def test_what_is_withheld_of_a_year_share_is_in_the_reasons() -> None:
    rule = RULE.replace("[work]\n", '[work]\nshare = "points"\nrest = "reserve"\n')
    here = village(rule, "Ana", "Bela", "Chidi")
    rates = {"persons": [person("Bela")], "authority": TAX_OFFICE, "rate": "20%", "since": "2025-08"}
    here.say("Ana", "payouts.withholding_set", rates)
    log(here, "Bela", 60)
    log(here, "Chidi", 60)
    book(here, 100_000)
    tick(here, at("2026-01-05"))
    close(here)

    bela = told(here, "Bela")

    # A third of 1,000.00 is shared in August; of 666.67 a quarter goes to the reserve, and 250.00 to each of the two.
    row = next(one for one in bela["lies_on"] if one["account"] == "balance")
    assert (row["shares"], row["taken"]) == ("250.00", "50.00")
    assert Fraction(row["opening"]) + 200 == Fraction(row["closing"])
    assert " - 50.00 taken off = " in drawn(year_tree(bela))
    ties(here)


def test_disputed_work_weighs_in_the_reasons_and_its_part_lies_held() -> None:
    here = village(RULE.replace("[work]\n", '[work]\nshare = "points"\nrest = "reserve"\n'), "Ana", "Bela", "Chidi")
    log(here, "Bela", 60)
    dispute(here, "Chidi", piece(here))
    log(here, "Bela", 120)
    book(here, 100_000)
    tick(here, at("2026-01-05"))
    close(here)

    [share] = told(here, "Bela")["shares"]

    # 500.00 for 7 + 14 points; a third of them is disputed.
    assert share["into"] == {"balance": "333.34", "held": "166.66"}
    assert sorted(row["disputed"] for row in share["weighing"]["work"]) == [False, True]
    ties(here)
