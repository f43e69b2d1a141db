"""The books balance after every entry: money is booked, pinned, shared and moved, and none of it is lost or made."""

import hashlib
from fractions import Fraction
from typing import Any

import pytest

from governance.rule_values import RuleError
from ledger.cranks import turn
from ledger.errors import Refused
from ledger.names import Names
from payouts import state
from payouts.amounts import Amounts, bar, decimal, number, read_back, readable
from payouts.compute import computed_run
from payouts.figures import figures
from payouts.panels import rule_impact
from payouts.reasons.why import why_data
from payouts.showing import show_payout
from payouts.ticking import told
from tests.village import ROOMS, Village, at, found, person

ACME = hashlib.sha256(b"ACME").hexdigest()[:32]
PLAIN = """
[accounts]
reserve = "indivisible"
[points.code]
hour = 10
[income]
split = [{ part = ">= 30%", to = "reserve" }, { part = "rest", to = "work" }]
[work]
share = "points"
rest = "carry"
"""
EUR = Amounts(currency="EUR", exponent=2)
SEPTEMBER, OCTOBER, NOVEMBER = (at(f"2025-{month:02}-05") for month in (9, 10, 11))


def village(rule: str = PLAIN, *names: str) -> Village:
    """A cooperative with one customer."""
    made = found(*(names or ("Ana", "Chidi")), rule=rule)
    made.say("Ana", "ledger.party", {"id": ACME, "sort": "customer", "name": "00" * 32})
    return made


def book(to: Village, amount: int, kind: str = "payouts.received", when: int | None = None, **more: Any) -> None:
    """Money in, or out, by Ana."""
    body = {
        "party": ACME,
        "amount": amount,
        "currency": "EUR",
        "ref": "",
        "deals": [],
        "circle": "",
        "booked": "2025-08-01",
        "value": "2025-08-01",
    }
    to.say("Ana", kind, body | more, when)


def log(to: Village, who: str, minutes: int, day: str = "2025-08-01", when: int | None = None, **more: Any) -> None:
    """Work of one person."""
    item = {
        "who": person(who),
        "date": day,
        "role": "code",
        "kind": "hour",
        "qty": minutes,
        "circle": "",
        "refs": [],
        "with": [],
        "gift": False,
        "source": None,
        "note": None,
        "evidence": None,
    }
    to.say(who, "contributions.logged", {"items": [item | more]}, when)


def tick(to: Village, now: int, who: str = "Chidi") -> list[str]:
    """Turn all cranks; what each entry says."""

    def look() -> Any:
        to.book.advance(now)
        return to.book

    said = turn(look, ROOMS, now, lambda k, b: to.say(who, k, b, now))
    return [told(to.book, names(to), kind, entry.index) for kind, entry in said]


def names(of: Village) -> Names:
    """Names by the first letters of ids: nothing private is held here."""
    return Names(of.book, lambda _: {})


def lying(of: Village) -> dict[str, int]:
    """Every account, in minor units."""
    return dict(state.of(of.book).accounts)


def test_money_waits_in_the_open_until_its_run_takes_it_in() -> None:
    here = village()
    book(here, 1000)
    book(here, 300, "payouts.spent")

    assert lying(here) == {"bank": 700, "awaiting": -700}
    tick(here, SEPTEMBER)
    assert lying(here) == {"bank": 700, "account:reserve": -210, "pot:work": -490}


def test_a_run_puts_shares_on_balances_and_the_next_one_adds_to_them() -> None:
    here = village()
    log(here, "Ana", 60)
    book(here, 1000)
    tick(here, SEPTEMBER)
    book(here, 1000, when=SEPTEMBER, booked="2025-09-05")
    log(here, "Ana", 60, "2025-09-01", SEPTEMBER)
    tick(here, OCTOBER)

    assert lying(here) == {"bank": 2000, "account:reserve": -600, f"balance:{person('Ana')}": -1400}


def test_a_period_that_cost_more_than_came_in_carries_its_minus() -> None:
    here = village()
    log(here, "Ana", 60)
    book(here, 500, "payouts.spent")
    tick(here, SEPTEMBER)
    book(here, 800, when=SEPTEMBER, booked="2025-09-05")
    log(here, "Ana", 60, "2025-09-01", SEPTEMBER)
    tick(here, OCTOBER)

    first, second = (figures(computed_run(here.book, period)) for period in ("2025-08", "2025-09"))
    assert (first.income, first.people, first.pots) == (-500, {}, {"income": -500})
    assert (second.to_people, second.accounts, second.pots) == (210, {"reserve": 90}, {"income": 500})
    assert any("below zero" in str(line) for line in show_payout(here.book, names(here), "2025-08"))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"currency": "USD"}, "counts in EUR"),
        ({"booked": "2025-08-03"}, "lies in the future"),
        ({"value": "2025-02-30"}, "is no date"),
        ({"deals": ["A", "A"]}, "named twice"),
        ({"party": "00" * 16}, "does not know"),
        ({"ref": "INV-1"}, "booked already, in entry 2"),
        ({"amount": 2**53 - 1}, "more money|More money"),
    ],
)
def test_what_cannot_be_booked_is_refused(wrong: dict[str, Any], why: str) -> None:
    here = village()
    book(here, 1000, ref="INV-1")

    with pytest.raises(Refused, match=why):
        book(here, **({"amount": 5} | wrong))
    assert lying(here) == {"bank": 1000, "awaiting": -1000}


def test_the_same_paper_of_a_cost_is_another_paper() -> None:
    here = village()
    book(here, 1000, ref="INV-1")
    book(here, 1000, "payouts.spent", ref="INV-1")

    assert lying(here) == {}


def test_nobody_can_publish_another_payout_than_the_one_that_follows() -> None:
    here = village()
    book(here, 1000)
    here.book.advance(SEPTEMBER)
    pin = state.of(here.book).pins["2025-08"]
    right = {"period": "2025-08", "size": pin.size, "root": pin.root, "rule": pin.rule}

    with pytest.raises(Refused, match="pinned to"):
        here.say("Ana", "payouts.closed", right | {"size": pin.size - 1}, SEPTEMBER)
    with pytest.raises(Refused, match="not due to be computed: due to be closed"):
        here.say("Ana", "payouts.computed", {"period": "2025-08", "engine": 1, "digest": "00" * 32}, SEPTEMBER)
    here.say("Ana", "payouts.closed", right, SEPTEMBER)
    with pytest.raises(Refused, match="not due to be closed"):
        here.say("Ana", "payouts.closed", right, SEPTEMBER)
    with pytest.raises(Refused, match="another digest"):
        here.say("Ana", "payouts.computed", {"period": "2025-08", "engine": 1, "digest": "00" * 32}, SEPTEMBER)
    with pytest.raises(Refused, match="engine"):
        here.say("Ana", "payouts.computed", {"period": "2025-08", "engine": 2, "digest": "00" * 32}, SEPTEMBER)
    with pytest.raises(Refused, match="open until 2025-09-30"):
        here.say("Ana", "payouts.closed", right | {"period": "2025-09"}, SEPTEMBER)


def test_an_approval_is_for_exactly_these_figures() -> None:
    here = village()
    tick(here, SEPTEMBER)

    with pytest.raises(Refused, match="not the digest"):
        here.say("Ana", "payouts.approved", {"period": "2025-08", "digest": "00" * 32})
    with pytest.raises(Refused, match="Nobody can approve the payout"):
        here.say("Ana", "payouts.approved", {"period": "2025-09", "digest": "00" * 32})


def test_an_approved_payout_stays_approved_when_the_cooperative_grows() -> None:
    here = village(PLAIN, "Ana")
    log(here, "Ana", 60)
    book(here, 1000)
    tick(here, SEPTEMBER, "Ana")
    run = state.of(here.book).runs["2025-08"]
    here.say("Ana", "payouts.approved", {"period": "2025-08", "digest": run.digest})
    here.join("Bela", here.invite("Ana", "Bela"))

    assert state.of(here.book).runs["2025-08"].approved is not None


def test_the_book_is_the_same_when_the_log_is_folded_anew() -> None:
    here = village()
    log(here, "Ana", 61)
    book(here, 1001)
    tick(here, NOVEMBER)

    assert here.again().parts == here.book.parts


MOVED = PLAIN.replace("work", "labour")


def vote_in(here: Village, rule: str, when: int) -> None:
    """A rule that everybody wants."""
    proposed = here.propose_rule("Ana", rule, when)
    for name in ("Ana", "Chidi"):
        here.vote(name, proposed, "yes")


def test_a_rule_that_drops_a_pot_with_money_says_where_it_goes() -> None:
    here = village()
    book(here, 1000)  # nobody worked, so the pot carries it
    tick(here, SEPTEMBER)

    with pytest.raises(RuleError, match="holds money"):
        here.propose_rule("Ana", MOVED)
    vote_in(here, f'moved = {{ work = "labour" }}\n{MOVED}', SEPTEMBER)
    tick(here, NOVEMBER)
    assert lying(here) == {"bank": 1000, "account:reserve": -300, "pot:labour": -700}


def test_money_that_came_into_a_dropped_pot_after_the_vote_stands_still_until_a_rule_moves_it() -> None:
    here = village()
    vote_in(here, MOVED, at("2025-08-02"))  # the pot is empty when they vote
    book(here, 1000)
    tick(here, OCTOBER)

    assert lying(here) == {"bank": 1000, "account:reserve": -300, "pot:work": -700}
    with pytest.raises(RuleError, match="work"):
        here.propose_rule("Ana", MOVED.replace("30%", "40%"))
    vote_in(here, 'moved = { work = "labour" }\n' + MOVED.replace("30%", "40%"), OCTOBER)
    tick(here, at("2025-12-05"))
    assert lying(here) == {"bank": 1000, "account:reserve": -300, "pot:labour": -700}


def test_indivisible_money_cannot_be_voted_free_even_while_there_is_none() -> None:
    here = village()
    freed = PLAIN.replace('"indivisible"', '"fund"')
    moved = 'moved = { reserve = "help" }\n' + PLAIN.replace("reserve", "help").replace('"indivisible"', '"fund"')

    for rule in (freed, moved):
        with pytest.raises(RuleError, match="indivisible"):
            here.propose_rule("Ana", rule)


def test_money_may_move_to_the_result_of_the_year() -> None:
    here = village(PLAIN.replace('"indivisible"', '"fund"'))
    book(here, 1000)
    tick(here, SEPTEMBER)
    vote_in(here, 'moved = { reserve = "result" }\n' + PLAIN.replace("reserve", "other"), SEPTEMBER)
    tick(here, NOVEMBER)

    assert lying(here) == {"bank": 1000, "account:result": -300, "pot:work": -700}


def test_a_member_account_may_have_a_colon_in_its_name() -> None:
    rule = '[accounts]\n"a:b" = "member"\n[points.code]\nhour = 1\n'
    rule += '[income]\nshare = "points"\ninto = "a:b"\nrest = "carry"\n'
    here = village(rule)
    for month, now in (("08", SEPTEMBER), ("09", OCTOBER)):
        log(here, "Ana", 60, f"2025-{month}-01")
        book(here, 100, booked=f"2025-{month}-01")
        tick(here, now)

    assert lying(here) == {"bank": 200, f"member:a:b:{person('Ana')}": -200}
    rows = why_data(here.book, names(here), lambda _: {}, person("Ana"), "2025-09")["lies_on"]
    sums = {"opening": "1.00", "shares": "1.00", "closing": "2.00", "corrections": "0.00", "corrected": "2.00"}
    assert rows[0] == {"account": "a:b"} | sums


TWICE = PLAIN.replace("hour = 10", "hour = 20")


def test_late_work_takes_points_from_its_own_date_and_money_from_the_run_that_settles_it() -> None:
    here = village()
    vote_in(here, TWICE, at("2025-08-02"))
    late = at("2025-09-10")
    tick(here, late)
    log(here, "Ana", 60, "2025-08-20", late)
    log(here, "Chidi", 60, "2025-09-09", late)
    book(here, 1000, booked="2025-09-09")
    tick(here, OCTOBER)

    weights = {part.to: part.weight for part in computed_run(here.book, "2025-09").result.steps[1].parts}
    assert weights == {person("Ana"): 10, person("Chidi"): 20}
    row = why_data(here.book, names(here), lambda _: {}, person("Ana"), "2025-09")["shares"][0]["weighing"]["work"][0]
    assert (row["measure"], row["other_rule"]) == ("10 per 1h", True)
    # Under a rule that is only tried, all work weighs by that rule.
    tried = rule_impact(here.book, names(here), TWICE).data["periods"][1]["people"]
    assert {one["under"] for one in tried} == {"3.50"}


def test_work_counted_in_pieces_does_not_weigh_under_a_rule_that_counts_it_in_hours() -> None:
    pieces = PLAIN.replace("hour = 10", "hour = 10\ntalk = 5")
    hours = PLAIN.replace("hour = 10", 'hour = 10\ntalk = { points = 5, per = "1h" }')
    here = village(pieces)
    log(here, "Ana", 3, kind="talk")
    log(here, "Chidi", 60)
    book(here, 1000)
    tick(here, SEPTEMBER)

    people = rule_impact(here.book, names(here), hours).data["periods"][0]["people"]
    assert sorted((one["paid"], one["under"]) for one in people) == [("2.80", "7.00"), ("4.20", "0.00")]


def test_a_deal_is_its_sellers_by_what_they_sold_however_often_it_is_paid() -> None:
    rule = PLAIN.replace("[income]", '[points.sales]\ndeal = { points = 1, per = "1.00", when = "paid" }\n[income]')
    rule = rule.replace('to = "reserve" },', 'to = "reserve" }, { part = "10%", of = "deals", to = "commission" },')
    here = village(rule + '[commission]\nshare = "deals"\nrest = "work"\n')
    for name, qty in (("Ana", 300_00), ("Chidi", 100_00)):
        log(here, name, qty, role="sales", kind="deal", refs=["ACME-7"])
    for month, now in ((8, SEPTEMBER), (9, OCTOBER)):
        book(here, 200_00, deals=["ACME-7"], booked=f"2025-{month:02}-01")
        tick(here, now)
        shares = why_data(here.book, names(here), lambda _: {}, person("Ana"), f"2025-{month:02}")["shares"]
        assert [(share["pot"], share["amount"]) for share in shares] == [("commission", "15.00"), ("work", "90.00")]
        assert shares[1]["weighing"]["work"][0]["pieces"][0]["piece"] == "2.1"


def test_amounts_are_written_exactly() -> None:
    assert (EUR.show(123450), EUR.plain(-5), EUR.signed(12)) == ("1,234.50", "-0.05", "+0.12")
    assert EUR.exact(Fraction(12345, 10)) == "12.345"
    assert EUR.exact(Fraction(100, 3)) == "0.33333333…"
    assert (EUR.drift(-400_000_000), EUR.drift(1), EUR.drift(333_333_333)) == ("+0.0040", "0.0000", "-0.0033")
    assert Amounts(currency="JPY", exponent=0).exact(Fraction(7, 2)) == "3.5"
    assert (number(Fraction(25, 2)), number(Fraction(1, 3)), number(3)) == ("12.5", "1/3", "3")
    assert (readable("1069/6"), readable("12.5")) == ("178.1666…", "12.5")
    assert decimal(Fraction(-1, 4), 2, 6) == "-0.25"
    assert (bar(1, 1, 4), bar(1, 2, 4), bar(0, 5, 4), bar(1, 1000, 4)) == ("████", "██", "", "▏")


def test_no_number_is_too_long_to_be_shown() -> None:
    for long in (Fraction(1, 3**9000), Fraction(10**5000 + 1, 3), Fraction(7**6000), 10**5000):
        assert number(long).endswith("…")
        assert read_back(number(long)) is None
        assert readable(number(long)) == number(long)
        assert EUR.exact(Fraction(long)).endswith("…")
    assert [read_back(number(one)) for one in (Fraction(1069, 6), 12, Fraction(1, 8))] == [
        Fraction(1069, 6),
        12,
        Fraction(1, 8),
    ]


def test_a_paper_is_the_same_in_other_letter_case_and_with_blanks_at_its_ends() -> None:
    here = village()
    book(here, 1000, ref="INV-12")
    for again in ("inv-12 ", " Inv-12", "INV-12"):
        with pytest.raises(Refused, match="booked already, in entry 2"):
            book(here, 1000, ref=again)
    book(here, 1000, ref=" ")
    book(here, 1000, ref=" ")
    tick(here, SEPTEMBER)
    with pytest.raises(Refused, match="in a period that is computed"):
        book(here, 1000, ref="inv-12", when=SEPTEMBER)
