"""What is taken off shares: exact parts for authorities, advances that are paid back, and never more than there is."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payouts import state
from payouts.bank.due_payments import amounts_due
from payouts.compute import computed_run
from payouts.showing import payout_data
from payouts.taken_off.deductions import Advance, deducted, give_back, rate_of, rows_of, take, withheld_of
from payouts.taken_off.taking_off import rates_in
from tests.judges import complaint, journal_of, must_tie, with_programs
from tests.keyring import add, reaffirm, speak, stolen
from tests.test_payouts_accounts import ACME, NOVEMBER, OCTOBER, SEPTEMBER, book, log, lying, names, tick, village
from tests.village import Village, assert_every_book_is_the_same, at, person

TAX, PENSION = "7a" * 16, "9e" * 16
ALL = """
[accounts]
loan = { kind = "member" }
[points.code]
hour = 10
[income]
split = [{ part = "rest", to = "work" }]
[work]
share = "points"
rest = "carry"
"""
YEARLY = ALL.replace('to = "work"', 'to = "result"') + '[surplus]\nsplit = [{ part = "rest", to = "work" }]\n'


def here_with(rule: str = ALL, *people: str) -> Village:
    """A cooperative with two authorities."""
    made = village(rule, *(people or ("Ana", "Chidi", "Bela")))
    for one in (TAX, PENSION):
        made.say("Ana", "ledger.party", {"id": one, "sort": "authority", "name": "00" * 32})
    return made


def advance(to: Village, who: str, amount: int, period: str = "2025-08", by: str = "Chidi", **more: Any) -> None:
    """A member is paid in advance."""
    body = {"person": person(who), "amount": amount, "period": period, "ref": "", **days("2025-08-01")}
    to.say(by, "payouts.advanced", body | more)


def repaid(to: Village, who: str, amount: int, by: str = "Chidi") -> None:
    """A member pays back."""
    body = {"person": person(who), "amount": amount, "ref": "", **days("2025-08-01")}
    to.say(by, "payouts.advance_repaid", body)


def withhold(
    to: Village, who: str, rate: str, authority: str = TAX, since: str = "2025-08", by: str = "Chidi", **more: Any
) -> None:
    """A rate is set for one person."""
    body = {"persons": [person(who)], "authority": authority, "rate": rate, "since": since}
    to.say(by, "payouts.withholding_set", body | more)


def days(day: str) -> dict[str, str]:
    """Booked and valued on a day."""
    return {"booked": day, "value": day}


def month(to: Village, amount: int, day: str, now: int, *people: str) -> None:
    """Money comes in, people work alike, and the month is computed."""
    for who in people:
        log(to, who, 60, day)
    if amount:
        book(to, amount, **days(day))
    tick(to, now)


def test_a_share_is_paid_out_net_of_what_is_withheld_and_of_advances() -> None:
    here = here_with()
    advance(here, "Ana", 10_000)
    withhold(here, "Ana", "20%")
    month(here, 60_000, "2025-08-01", SEPTEMBER, "Ana", "Chidi")

    # 300.00 each; of Ana's 60.00 withheld and 100.00 set off.
    assert lying(here) == {
        "bank": 50_000,
        f"balance:{person('Ana')}": -14_000,
        f"balance:{person('Chidi')}": -30_000,
        f"owed:withheld:{TAX}": -6_000,
    }
    said = payout_data(here.book, names(here), "2025-08")["remarks"]
    assert f"nothing is withheld of {names(here).of(person('Chidi'))}, though it is of others" in "; ".join(said)
    run = computed_run(here.book, "2025-08")
    assert rows_of(run.deducted) == {
        "withheld": [[person("Ana"), TAX, 6_000]],
        "advances": [[person("Ana"), 10_000]],
    }
    assert_every_book_is_the_same(here)


def test_only_a_net_share_is_paid_and_only_once_its_run_is_approved() -> None:
    here = here_with(ALL, "Ana", "Chidi")
    withhold(here, "Ana", "1/3")
    month(here, 20_000, "2025-08-01", SEPTEMBER, "Ana", "Chidi")
    assert amounts_due(here.book, "2025-08") == {}
    approved = {"period": "2025-08", "digest": state.of(here.book).runs["2025-08"].digest}
    for who in ("Ana", "Chidi"):
        here.say(who, "payouts.approved", approved)

    assert amounts_due(here.book, "2025-08") == {person("Ana"): 6_667, person("Chidi"): 10_000}


def test_what_is_open_of_an_advance_is_carried_to_the_next_runs_and_no_net_is_below_zero() -> None:
    here = here_with()
    advance(here, "Ana", 45_000)
    month(here, 60_000, "2025-08-01", SEPTEMBER, "Ana", "Chidi")
    assert lying(here)[f"advance:{person('Ana')}"] == 15_000
    assert f"balance:{person('Ana')}" not in lying(here)
    month(here, 0, "2025-09-01", OCTOBER, "Ana")
    assert lying(here)[f"advance:{person('Ana')}"] == 15_000
    month(here, 40_000, "2025-10-01", NOVEMBER, "Ana", "Chidi")

    assert lying(here)[f"balance:{person('Ana')}"] == -5_000
    assert f"advance:{person('Ana')}" not in lying(here)
    assert_every_book_is_the_same(here)


def test_an_advance_waits_for_the_run_it_names_and_the_oldest_goes_first() -> None:
    here = here_with()
    advance(here, "Ana", 20_000, "2025-09")
    advance(here, "Ana", 5_000, "2025-08")
    month(here, 60_000, "2025-08-01", SEPTEMBER, "Ana", "Chidi")
    assert [one.open for one in state.of(here.book).advances[person("Ana")]] == [20_000, 0]
    advance(here, "Ana", 30_000, "2025-09", **days("2025-09-01"))
    month(here, 60_000, "2025-09-06", OCTOBER, "Ana", "Chidi")

    assert [(one.set_off, one.open) for one in state.of(here.book).advances[person("Ana")]] == [
        (20_000, 0),
        (5_000, 0),
        (10_000, 20_000),
    ]


def test_what_was_paid_back_is_not_set_off_once_more() -> None:
    here = here_with()
    advance(here, "Ana", 10_000)
    repaid(here, "Ana", 4_000)
    with here.refuses("60.00 EUR are open, no more"):
        repaid(here, "Ana", 6_001)
    month(here, 60_000, "2025-08-01", SEPTEMBER, "Ana", "Chidi")

    assert lying(here)[f"balance:{person('Ana')}"] == -24_000
    assert lying(here)["bank"] == 60_000 - 6_000


def test_each_authority_has_its_part_of_the_gross_rounded_down() -> None:
    here = here_with()
    withhold(here, "Ana", "1/3")
    withhold(here, "Ana", "12.5%", PENSION)
    month(here, 2 * 10_001, "2025-08-01", SEPTEMBER, "Ana", "Chidi")

    assert lying(here)[f"owed:withheld:{TAX}"] == -3_333
    assert lying(here)[f"owed:withheld:{PENSION}"] == -1_250
    assert lying(here)[f"balance:{person('Ana')}"] == -(10_001 - 3_333 - 1_250)


def test_nothing_is_withheld_of_what_lies_on_a_capital_account() -> None:
    here = here_with(ALL.replace('rest = "carry"', 'rest = "carry"\ninto = { balance = "20%", loan = "rest" }'))
    withhold(here, "Ana", "50%")
    advance(here, "Ana", 100_000)
    month(here, 20_000, "2025-08-01", SEPTEMBER, "Ana", "Chidi")

    assert lying(here)[f"owed:withheld:{TAX}"] == -1_000
    assert lying(here)[f"advance:{person('Ana')}"] == 99_000
    assert lying(here)[f"member:loan:{person('Ana')}"] == -8_000


def test_a_rate_holds_from_its_period_until_the_next_word_about_it() -> None:
    here = here_with()
    withhold(here, "Ana", "20%")
    withhold(here, "Ana", "30%", since="2025-10")
    withhold(here, "Ana", "10%", PENSION, since="2025-09")

    rates = [rates_in(here.book, period).get(person("Ana"), {}) for period in ("2025-08", "2025-09", "2025-10")]
    assert rates == [
        {TAX: Fraction(1, 5)},
        {TAX: Fraction(1, 5), PENSION: Fraction(1, 10)},
        {TAX: Fraction(3, 10), PENSION: Fraction(1, 10)},
    ]
    withhold(here, "Ana", "0", since="2025-09")
    assert rates_in(here.book, "2025-10")[person("Ana")] == {PENSION: Fraction(1, 10)}


def test_what_was_withheld_is_owed_until_it_is_paid_over_and_no_more() -> None:
    here = here_with()
    withhold(here, "Ana", "20%")
    month(here, 60_000, "2025-08-01", SEPTEMBER, "Ana", "Chidi")
    body = {"authority": TAX, "amount": 6_001, "ref": "T1", **days("2025-09-01")}
    with here.refuses("60.00 EUR of what was withheld are owed to this party still, no more"):
        here.say("Ana", "payouts.withheld_paid", body)
    here.say("Ana", "payouts.withheld_paid", body | {"amount": 6_000})

    assert f"owed:withheld:{TAX}" not in lying(here)
    with here.refuses("0.00 EUR"):
        here.say("Ana", "payouts.withheld_paid", body | {"amount": 1})


def test_a_year_withholds_too_and_sets_off_what_is_open() -> None:
    here = here_with(YEARLY)
    withhold(here, "Ana", "20%")
    advance(here, "Ana", 10_000, "2025-09")
    log(here, "Ana", 60)
    log(here, "Chidi", 60)
    book(here, 60_000)
    tick(here, at("2026-01-05"))
    here.say("Ana", "payouts.year_closed", {"year": "2025-01-01", "tax": 0, "authority": None})
    tick(here, at("2026-01-06"))

    assert lying(here)[f"owed:withheld:{TAX}"] == -6_000
    assert lying(here)[f"balance:{person('Ana')}"] == -14_000
    assert f"advance:{person('Ana')}" not in lying(here)
    assert_every_book_is_the_same(here)
    must_tie(journal_of(here, at("2026-01-07")))


def test_nobody_says_alone_what_concerns_the_own_purse() -> None:
    here = here_with()
    for who in ("Ana", "Chidi"):
        with here.refuses("Nobody books an advance to themselves alone"):
            advance(here, who, 100, by=who)
        with here.refuses("Nobody sets alone what is withheld"):
            withhold(here, who, "20%", by=who)
    advance(here, "Ana", 100)
    with here.refuses("Nobody says alone that they have paid back"):
        repaid(here, "Ana", 100, by="Ana")
    alone = here_with(ALL, "Ana")
    advance(alone, "Ana", 100, by="Ana")
    withhold(alone, "Ana", "20%", by="Ana")
    repaid(alone, "Ana", 100, by="Ana")


def test_what_a_stolen_key_said_takes_nothing_off_until_its_person_stands_by_it() -> None:
    here = here_with()
    withhold(here, "Ana", "10%")
    add(here, "Chidi", "Chidi", "phone")
    rate = {"persons": [person("Ana")], "authority": TAX, "rate": "90%", "since": "2025-08"}
    first = speak(here, "Chidi", "phone", "payouts.withholding_set", rate)
    paid = {"person": person("Ana"), "amount": 5_000, "period": "2025-08", "ref": "", **days("2025-08-01")}
    second = speak(here, "Chidi", "phone", "payouts.advanced", paid)
    stolen(here, "Chidi", "Chidi", "phone", first)
    month(here, 60_000, "2025-08-01", SEPTEMBER, "Ana", "Chidi")
    assert computed_run(here.book, "2025-08").withheld == {person("Ana"): {TAX: 3_000}}
    assert lying(here)[f"advance:{person('Ana')}"] == 5_000
    reaffirm(here, "Chidi", "Chidi", second)
    month(here, 60_000, "2025-09-01", OCTOBER, "Ana", "Chidi")

    assert computed_run(here.book, "2025-09").set_off == {person("Ana"): 5_000}
    assert_every_book_is_the_same(here)


@pytest.mark.parametrize(
    ("rate", "words"),
    [("101%", "no part"), ("2/1", "no part"), ("1/0", "no part"), ("-1%", "rate"), ("0.2", "no part"), ("%", "no")],
)
def test_a_rate_is_a_part_of_the_whole(rate: str, words: str) -> None:
    here = here_with()
    with here.refuses(words):
        withhold(here, "Ana", rate)


def test_what_cannot_be_is_refused_in_words() -> None:
    here = here_with()
    withhold(here, "Ana", "70%", since="2025-10")
    with here.refuses("More than a whole share would be withheld of somebody in 2025-10"):
        withhold(here, "Ana", "31%", PENSION)
    with here.refuses("party the ledger does not know"):
        withhold(here, "Ana", "10%", "ab" * 16)
    with here.refuses("names a person the ledger does not know"):
        withhold(here, "Nobody", "10%")
    with here.refuses("named twice"):
        withhold(here, "Ana", "10%", persons=[person("Ana")] * 2)
    with here.refuses("Advances are for members"):
        advance(here, "Nobody", 100)
    with here.refuses("not in the calendar"):
        advance(here, "Ana", 100, "2031-01")
    advance(here, "Ana", 100, ref="A 7")
    with here.refuses("booked already, in entry"):
        advance(here, "Ana", 100, ref="a 7 ")
    with here.refuses("lies in the future"):
        advance(here, "Ana", 100, **days("2025-08-09"))
    tick(here, SEPTEMBER)
    for say in (advance, withhold):
        with here.refuses("2025-08 is cut off already"):
            say(here, "Ana", *((100,) if say is advance else ("10%",)))  # type: ignore[arg-type]
    assert ACME in here.book.ledger.parties


def test_a_digest_of_a_run_without_deductions_is_what_it_always_was() -> None:
    with_rate, plain = here_with(), here_with()
    withhold(with_rate, "Bela", "20%")
    for here in (with_rate, plain):
        month(here, 10_000, "2025-08-01", SEPTEMBER, "Ana", "Chidi")

    assert rows_of(computed_run(with_rate.book, "2025-08").deducted) == {}
    assert b"withheld" not in with_rate.book.shelf.get(state.of(with_rate.book).runs["2025-08"].document)


@with_programs
def test_the_journal_has_a_place_and_words_for_all_of_it(tmp_path: Any, program: str) -> None:
    from payouts import exports

    here = here_with()
    advance(here, "Ana", 45_000)
    repaid(here, "Ana", 1_000)
    withhold(here, "Ana", "20%")
    month(here, 60_000, "2025-08-01", SEPTEMBER, "Ana", "Chidi")
    here.say("Ana", "payouts.withheld_paid", {"authority": TAX, "amount": 2_000, "ref": "T", **days("2025-09-01")})
    made = journal_of(here, OCTOBER, call=lambda known: known[:4])

    must_tie(made)
    assert complaint(program, exports.of(program)(made), tmp_path) == ""
    assert {f"Assets:Advances:M{person('Ana')[:8]}", f"Liabilities:Parties:P{TAX[:8]}:Withheld"} <= set(made.accounts)
    assert not [account for account in made.accounts if account.startswith("Equity:Other")]
    assert names(here).of(person("Ana"))


# Arithmetic.

PEOPLE = st.sampled_from(("ana", "bela", "chidi", "dilek"))
AMOUNTS = st.integers(0, 10**9)
RATES = st.fractions(0, 1, max_denominator=1000)


@settings(max_examples=300)
@given(
    st.dictionaries(PEOPLE, AMOUNTS),
    st.dictionaries(PEOPLE, st.integers(-(10**6), 10**6)),
    st.dictionaries(PEOPLE, st.dictionaries(st.sampled_from((TAX, PENSION, "x")), RATES)),
    st.dictionaries(PEOPLE, AMOUNTS),
    st.randoms(),
)
def test_gross_is_net_and_withheld_and_set_off_and_nothing_is_below_zero(
    gross: Any, before: Any, rates: Any, due: Any, dice: Any
) -> None:
    found = deducted(gross, before, rates, due)

    for one, amount in gross.items():
        withheld, off = sum(found.withheld.get(one, {}).values()), found.set_off.get(one, 0)
        net = amount - found.of(one)
        assert amount == net + withheld + off
        assert net >= 0
        assert 0 <= off <= due.get(one, 0)
        # Either all that is due is set off, or nothing is left to be paid out.
        assert off == due.get(one, 0) or net == 0 or before.get(one, 0) + net <= 0
        for authority, part in found.withheld.get(one, {}).items():
            assert 0 < part <= rates[one][authority] * amount
    assert found.withheld.keys() | found.set_off.keys() <= gross.keys()

    def shuffled(of: Any) -> Any:
        rows = list(of.items())
        dice.shuffle(rows)
        return {name: shuffled(held) if isinstance(held, dict) else held for name, held in rows}

    assert deducted(*map(shuffled, (gross, before, rates, due))) == found


MONTH = st.tuples(
    st.integers(0, 100_000),
    st.lists(st.tuples(st.sampled_from(("Ana", "Chidi", "Bela")), st.integers(1, 60_000), st.booleans()), max_size=3),
    st.lists(st.tuples(st.sampled_from(("Ana", "Chidi", "Bela")), st.sampled_from((TAX, PENSION)), RATES), max_size=3),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(MONTH, min_size=1, max_size=3))
def test_any_months_tie_and_nobody_is_paid_less_than_nothing(months: list[Any]) -> None:
    here, gross_of = here_with(), dict.fromkeys(("Ana", "Chidi", "Bela"), 0)
    for (income, advances, rates), number in zip(months, (8, 9, 10), strict=False):
        period, day = f"2025-{number:02}", f"2025-{number:02}-06"
        here.book.advance(max(at(day), here.book.until))
        for who, amount, later in advances:
            other = "Chidi" if who != "Chidi" else "Ana"
            advance(here, who, amount, "2025-11" if later else period, by=other)
        for who, authority, rate in rates:
            # Half at most for each of the two, so that no two are more than the whole.
            withhold(here, who, str(rate / 2), authority, period, by="Chidi" if who != "Chidi" else "Ana")
        month(here, income, day, at(f"2025-{number + 1:02}-05"), "Ana", "Chidi", "Bela")
        run = computed_run(here.book, period)
        for line in run.result.lines:
            for who in gross_of:
                gross_of[who] += line.amount if line.to == person(who) else 0

    accounts, kept = lying(here), state.of(here.book).advances
    taken = dict.fromkeys(gross_of, 0)
    for period in state.of(here.book).runs:
        for who in taken:
            taken[who] += computed_run(here.book, period).deducted.of(person(who))
    for who, gross in gross_of.items():
        balance = -accounts.get(f"balance:{person(who)}", 0)
        assert balance == gross - taken[who] >= 0
        assert accounts.get(f"advance:{person(who)}", 0) == sum(one.open for one in kept.get(person(who), ()))
        assert all(one.open == one.amount for one in kept.get(person(who), ()) if one.period == "2025-11")
    assert sum(accounts.values()) == 0
    assert_every_book_is_the_same(here)


@given(AMOUNTS, st.fractions(0, 1, max_denominator=10**6))
def test_a_part_is_the_floor_of_the_exact_part(gross: int, rate: Fraction) -> None:
    (part,) = withheld_of(gross, {TAX: rate}).values() or (0,)

    assert part <= rate * gross < part + 1


@given(st.lists(st.integers(1, 1000), min_size=1), st.lists(st.tuples(st.booleans(), st.integers(0, 2000))))
def test_advances_are_paid_back_the_oldest_first(amounts: list[int], steps: list[tuple[bool, int]]) -> None:
    advances = [
        Advance(entry=place, amount=amount, period="", ref="", booked="") for place, amount in enumerate(amounts)
    ]
    for back, wanted in steps:
        left = sum(one.open for one in advances)
        (give_back if back else take)(advances, min(wanted, left))

        assert sum(one.open for one in advances) == left - min(wanted, left)
        assert all(one.open >= 0 for one in advances)
        begun = [one.open for one in advances]
        assert all(
            not earlier or later == amounts[place] for place, later in enumerate(begun) for earlier in begun[:place]
        )


@pytest.mark.parametrize(
    ("text", "rate"), [("20%", "1/5"), ("12.5%", "1/8"), ("1/3", "1/3"), ("0", "0"), ("0%", "0"), ("100%", "1")]
)
def test_rates_are_exact(text: str, rate: str) -> None:
    assert rate_of(text) == Fraction(rate)


def test_a_share_that_makes_a_minus_good_is_not_set_off_and_two_thirds_are_no_float() -> None:
    assert deducted({"ana": 100}, {"ana": -70}, {}, {"ana": 100}).set_off == {"ana": 30}
    assert deducted({"ana": 100}, {"ana": -170}, {}, {"ana": 100}).set_off == {}
    assert withheld_of(3 * 10**17, {TAX: Fraction(2, 3)}) == {TAX: 2 * 10**17}
    assert withheld_of(100, {"a": Fraction(3, 5), "b": Fraction(3, 5)}) == {"a": 60, "b": 40}
