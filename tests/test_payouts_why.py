"""Every amount explains itself: whatever the rule, the reasons add up, and can be redone by calculator."""

import re
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from ledger.private import Text
from payouts.panels import rule_impact
from payouts.reasons.why import why_data
from payouts.reasons.why_tree import why_tree
from payouts.showing import payout_data
from payouts.statements.statement import statement_data, statement_texts
from tests.test_payouts_accounts import NOVEMBER, OCTOBER, SEPTEMBER, book, log, names, tick, village
from tests.village import Village, person

BYLAWS = Path(__file__).parent / "vectors" / "bylaws"

SHARES = {
    "equal": 'share = "equal"',
    "hours": 'share = "hours"',
    "capped": 'share = "points"\ncap = "40%"',
    "capped, over to the rest": 'share = "points"\ncap = "40%"\nover = "rest"',
    "all capped": 'share = "points"\ncap = "1.00"',
    "floor": 'share = "points"\nfloor = "2.00"',
    "floors above the pot": 'share = "points"\nfloor = "900.00"',
    "balanced": 'share = "points"\nbalanced = true',
    "faded": 'share = "points"\nhalf_life = 2',
    "looking back": 'share = "hours"\nlook_back = 3',
    "throttled": 'share = "points"\nthrottle = "3/2"',
    "pay": 'share = "pay"',
    "thanks": 'share = "thanks"',
    "thanks that fade": 'share = "thanks"\nhalf_life = 2',
    "only who worked enough": 'share = "points"\nwho = { hours = ">= 2" }',
    "only old members": 'share = "points"\nwho = { tenure = ">= 2" }',
    "candidates only": 'share = "equal"\nwho = { standing = "candidate" }',
    "a circle": 'share = "points"\ncircle = "berlin"',
}

SHARED = '[points.code]\nhour = 10\n[income]\nshare = "points"\nrest = "carry"\n'


@pytest.mark.parametrize("how", SHARES)
def test_every_way_of_sharing_explains_itself_to_the_cent(how: str) -> None:
    rule = '[accounts]\nreserve = "fund"\n[points.code]\nhour = 7\n[points.care]\nhour = { points = 3, per = "30m" }\n'
    rule += '[income]\nsplit = [{ part = "1/3", to = "extra" }, { part = "rest", to = "work" }]\n'
    rule += f'[extra]\nshare = "points"\nrest = "reserve"\n[work]\n{SHARES[how]}\nrest = "reserve"\n'
    here = village(rule, "Ana", "Bela", "Chidi")
    for month, now in ((8, SEPTEMBER), (9, OCTOBER), (10, NOVEMBER)):
        day = f"2025-{month:02}-01"
        log(here, "Ana", 60 * month, day)
        log(here, "Bela", 31 + month, day, role="care", circle="berlin/support")
        log(here, "Chidi", 60, day, gift=True)
        for giver, to in (("Ana", "Bela"), ("Bela", "Ana"), ("Chidi", "Bela")):
            here.say(giver, "contributions.thanked", {"to": person(to), "why": Text("For the soup."), "circle": ""})
        book(here, 10_001, booked=day)
        tick(here, now)

    for period in ("2025-08", "2025-09", "2025-10"):
        explain(here, period)
    assert rule_impact(here.book, names(here), rule).data["periods"][1]["people"]


def explain(here: Village, period: str) -> None:
    """All answers about a period hold together: what is asserted inside, and what people add up."""
    shown = payout_data(here.book, names(here), period)
    for name in ("Ana", "Bela", "Chidi"):
        why = why_data(here.book, names(here), lambda _: {}, person(name), period)
        told = {row["id"]: row["total"] for row in shown["people"]}
        assert why["total"] == told.get(person(name), "0.00")
        assert sum(Fraction(share["amount"]) for share in why["shares"]) == Fraction(why["total"])
        for share in why["shares"]:
            rate = share["rate"]
            if rate:
                exact = Fraction(rate["base_fraction"]) * Fraction(share["weight"]) / Fraction(rate["free"])
                assert exact == Fraction(share["exact_fraction"])
        assert why_tree(why).children
        assert statement_texts(
            here.book, names(here), statement_data(here.book, names(here), lambda _: {}, person(name), period)
        )


def without_years(rule: str) -> str:
    """The months of a by-law: what it says of years this version of the program refuses."""
    lines = [line for line in rule.splitlines() if not line.startswith(("surplus ", "loss ", "members ", "ristorno "))]
    return "\n".join(lines).replace(', interest = "@rate"', "")


def test_the_bylaws_of_real_cooperatives_explain_their_months() -> None:
    for bylaw in ("collective", "disco", "mondragon", "italy", "hypha"):
        rule = without_years((BYLAWS / f"{bylaw}.toml").read_text(encoding="utf-8"))
        here = village(rule, "Ana", "Bela", "Chidi")
        role = sorted(here.book.ledger.catalogue)[0] if here.book.ledger.catalogue else None
        for month, now in ((8, SEPTEMBER), (9, OCTOBER)):
            day = f"2025-{month:02}-01"
            for name in ("Ana", "Bela") if role else ():
                log(here, name, 60 * month + len(name), day, role=role)
            book(here, 123_457, booked=day)
            tick(here, now)
            explain(here, f"2025-{month:02}")


def told(here: Village, name: str, period: str) -> str:
    """What `tally why` draws, as one text."""
    console = Console(width=400, file=StringIO())
    console.print(why_tree(why_data(here.book, names(here), lambda _: {}, person(name), period)))
    drawn: str = console.file.getvalue()  # type: ignore[attr-defined]
    return drawn


def test_claims_and_points_too_great_to_be_booked_explain_themselves() -> None:
    rule = '[accounts]\nreserve = "fund"\n[points.code]\n'
    rule += 'hour = { points = 999999999, claim = "9999999999.99", per = "1m" }\n'
    rule += 'big = { points = 7, claim = "9999999999.99" }\n'
    rule += 'gig = { claim = "9999999999.99", life = "once" }\n'
    rule += '[income]\nsplit = [{ part = "1/3", to = "pool" }, { part = "rest", to = "work" }]\n'
    rule += '[pool]\nshare = "points"\nhalf_life = 7\nrest = "reserve"\n'
    rule += '[work]\nshare = "claims"\nrest = "reserve"\n'
    here = village(rule, "Ana", "Bela", "Chidi")
    log(here, "Ana", 10**6, kind="big")
    log(here, "Ana", 10**6, kind="gig")
    log(here, "Bela", 17)
    book(here, 10_001)
    tick(here, SEPTEMBER)

    explain(here, "2025-08")
    assert "beyond what can ever be booked, which lapses" in told(here, "Ana", "2025-08")


def test_fractions_of_many_digits_explain_themselves() -> None:
    kinds = "".join(f'k{at} = {{ points = 1, per = "{999999937 - 2 * at}" }}\n' for at in range(60))
    here = village(f'[points.code]\n{kinds}[income]\nshare = "points"\nrest = "carry"\n', "Ana", "Bela", "Chidi")
    for at in range(60):
        log(here, "Ana", 1, kind=f"k{at}")
    log(here, "Bela", 1, kind="k3")
    book(here, 10_001)
    tick(here, SEPTEMBER)

    for name in ("Ana", "Bela"):
        why = why_data(here.book, names(here), lambda _: {}, person(name), "2025-08")
        assert why["shares"][0]["together"].endswith("…")
        assert not re.search(r"exactly [^ )]*…", told(here, name, "2025-08"))
        said = statement_data(here.book, names(here), lambda _: {}, person(name), "2025-08")
        assert statement_texts(here.book, names(here), said)


def test_hours_are_said_as_people_write_them_beside_the_exact_number() -> None:
    here = village(SHARED, "Ana", "Bela", "Chidi")
    log(here, "Ana", 398)
    log(here, "Bela", 120)
    book(here, 10_001)
    tick(here, SEPTEMBER)

    assert "code/hour: 6h38 (199/30 h) × 10 per 1h = 66.3333… (= 199/3) points" in told(here, "Ana", "2025-08")
    assert "code/hour: 2 h × 10 per 1h = 20 points" in told(here, "Bela", "2025-08")


def test_work_done_too_early_is_named_beside_the_work_that_weighs() -> None:
    here = village(SHARED, "Ana", "Bela", "Chidi")
    log(here, "Ana", 60, day="2025-07-15")
    log(here, "Ana", 60)
    log(here, "Bela", 60)
    book(here, 10_001)
    tick(here, SEPTEMBER)

    said = told(here, "Ana", "2025-08")
    assert "Weighs nothing, being dated before 2025-08-01, when the first period began:" in said
    assert "2025-07-15  1h" in said
    assert "Weighs nothing" not in told(here, "Bela", "2025-08")
