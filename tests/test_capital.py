"""Members' capital: its terms, what each close pays to who left, what had vested, what revolves, what is decided."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.rule_values import RuleError
from payouts import exports, state
from payouts.bank.due_payments import amounts_due
from payouts.books.aging import aged
from payouts.capital.capital_compute import compute_redemption, redemption_due, taken_out
from payouts.capital.capital_free import free, vested
from payouts.capital.capital_moves import redemption_of
from payouts.capital.capital_terms import parse_terms
from payouts.capital.capital_years import accounts_of, rolled
from payouts.reasons.why import why_data
from payouts.showing import payout_data, show_payout
from payouts.statements.statement import statement_data
from payouts.years.year_compute import compute_year
from payouts.years.year_run import computed_year
from payouts.years.year_showing import capital_data
from tests.judges import complaint, journal_of, must_tie, with_programs
from tests.test_book_year import close, lying, ties
from tests.test_payouts_accounts import ACME, EUR, book, names, tick
from tests.test_payouts_books import drawn
from tests.village import DAY, Village, at, found, person

RULE = """
[accounts]
reserve = "indivisible"
loan = { kind = "member", interest = "2%" }
[income]
split = [{ part = "rest", to = "result" }]
[surplus]
split = [{ part = "50%", to = "reserve" }, { part = "rest", to = "members" }]
[loss]
split = [{ part = "50%", to = "reserve" }, { part = "rest", to = "members" }]
[members]
share = "equal"
into = "loan"
rest = "reserve"
"""
RULE_OF_PERIODS = """
[accounts]
reserve = "indivisible"
loan = { kind = "member", interest = "3%" }
[income]
split = [{ part = "40%", to = "result" }, { part = "rest", to = "work" }]
[work]
share = "equal"
into = "loan"
rest = "reserve"
[surplus]
share = "equal"
into = "loan"
rest = "reserve"
"""
THREE = ("Ana", "Bela", "Chidi")
YEARS = ("2025-01-01", "2026-01-01", "2027-01-01", "2028-01-01", "2029-01-01")
THREE_PARTS = '[loan]\nredeemed = "3 years"\n'
VESTING = '[loan]\nvests = 4\nunvested = "reserve"\nredeemed = 0\n'


def village(terms: str = "", rule: str = RULE, who: tuple[str, ...] = THREE) -> Village:
    """A cooperative by quarters with a customer, whose members have voted these terms."""
    here = found(*who, rule=rule, period="quarter")
    here.say("Ana", "ledger.party", {"id": ACME, "sort": "customer", "name": "00" * 32})
    if terms:
        vote(here, terms, who)
    return here


def vote(here: Village, text: str, who: tuple[str, ...] = THREE, name: str = "capital") -> None:
    """Members set a policy; it holds after a week."""
    now = max(here.book.received, here.book.until)
    moved = here.move("Ana", "policy", now, texts=[text], terms={"names": [name]})
    here.all_cast(who, moved, "yes", now)
    assert here.status(moved, now + 8 * DAY) == "effective"


def year_of(here: Village, year: str, came: int, spent: int = 0) -> None:
    """Money of a year in November, its last run in January, and its close; then what it redeems."""
    when = max(at(f"{year[:4]}-11-02"), here.book.received, here.book.until)
    day = {"booked": f"{year[:4]}-11-01", "value": f"{year[:4]}-11-01"}
    if came:
        book(here, came, "payouts.received", when, **day)
    if spent:
        book(here, spent, "payouts.spent", when, **day)
    tick(here, at(f"{int(year[:4]) + 1}-01-05"), "Bela")
    close(here, year)
    tick(here, max(here.book.received, here.book.until), "Bela")


def leave(here: Village, who: str, day: str) -> None:
    here.say(who, "ledger.left", {}, max(at(day), here.book.received))


def loan(here: Village, who: str) -> int:
    return lying(here, f"member:loan:{person(who)}")


def balance(here: Village, who: str) -> int:
    return lying(here, f"balance:{person(who)}")


def approve(here: Village, year: str, *who: str) -> None:
    """These treasurers approve a year and what it redeems."""
    own = state.of(here.book)
    for name in who:
        here.say(name, "payouts.year_approved", {"year": year, "digest": own.years[year].digest})
    for name in who if year in own.redemptions else ():
        here.say(name, "payouts.redeemed_approved", {"year": year, "digest": own.redemptions[year].digest})


# Terms.


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[fund]\nredeemed = 1", "fund"),
        ("[loan]\nredemed = 1", "loan.redemed"),
        ("[loan]\nredeemed = 1.5", "loan.redeemed"),
        ("[loan]\nredeemed = true", "loan.redeemed"),
        ('[loan]\nredeemed = "soon"', "loan.redeemed"),
        ("[loan]\nredeemed = 51", "loan.redeemed"),
        ("[loan]\nrevolve = 0", "loan.revolve"),
        ("[loan]\nvests = 3", "loan.unvested"),
        ('[loan]\nunvested = "reserve"', "loan.vests"),
        ('[loan]\nvests = 3\nunvested = "loan"', "loan.unvested"),
        ('[loan]\nvests = 3\nunvested = "nowhere"', "loan.unvested"),
        ("[loan]\nqualified = 1", "loan.qualified"),
        ("loan = 3", "loan"),
        ("[loan", "capital"),
        (f"loan = {'[' * 1_900}{']' * 1_900}", "capital"),
        ("", "capital"),
    ],
)
def test_terms_that_cannot_be_are_refused_with_their_place(text: str, place: str) -> None:
    here = village()
    with pytest.raises(RuleError) as refusal:
        here.move("Ana", "policy", None, texts=[text or "\n"], terms={"names": ["capital"]})

    assert refusal.value.pot == place


def test_years_are_written_in_three_ways() -> None:
    for text in ("5", '"5"', '"5 years"'):
        assert parse_terms(f"[loan]\nredeemed = {text}")["loan"].redeemed == 5
    assert parse_terms("none") == {}


# Who has left.


def test_who_left_is_paid_in_three_yearly_parts_with_interest_on_what_is_left() -> None:
    here = village(THREE_PARTS)
    year_of(here, YEARS[0], 60_000)
    assert loan(here, "Chidi") == 10_000
    leave(here, "Chidi", "2026-03-10")
    year_of(here, YEARS[1], 0)
    # 100.00 + 2.00 interest = 102.00; a third of it is 34.00. Then 68.00 + 1.36 in two parts, 34.68 + 0.69 in one.
    assert (loan(here, "Chidi"), balance(here, "Chidi")) == (6_800, 3_400)
    year_of(here, YEARS[2], 0)
    assert (loan(here, "Chidi"), balance(here, "Chidi")) == (6_936 - 3_468, 3_400 + 3_468)
    year_of(here, YEARS[3], 0)
    assert (loan(here, "Chidi"), balance(here, "Chidi")) == (0, 3_400 + 3_468 + 3_468 + 69)

    assert [redemption_of(here.book, year).rows[0].part for year in YEARS[1:4]] == [1, 2, 3]
    assert balance(here, "Ana") == 0
    ties(here)


def test_what_is_redeemed_is_payable_when_the_year_and_the_redemption_are_approved() -> None:
    here = village("[loan]\nredeemed = 0\n")
    year_of(here, YEARS[0], 60_000)
    approve(here, YEARS[0], "Ana", "Bela")
    leave(here, "Chidi", "2026-03-10")
    year_of(here, YEARS[1], 0)
    run = state.of(here.book).redemptions[YEARS[1]]
    chidi, last = person("Chidi"), list(state.of(here.book).runs)[-1]
    said = {"year": YEARS[1], "digest": run.digest}
    with here.refuses("book year 2026-01-01 is not approved yet"):
        here.say("Ana", "payouts.redeemed_approved", said)
    assert balance(here, "Chidi") == 10_200
    assert chidi not in amounts_due(here.book, last)

    digest = state.of(here.book).years[YEARS[1]].digest
    for name in ("Ana", "Bela"):
        here.say(name, "payouts.year_approved", {"year": YEARS[1], "digest": digest})
    assert chidi not in amounts_due(here.book, last)
    here.say("Ana", "payouts.redeemed_approved", said)
    assert chidi not in amounts_due(here.book, last)
    with here.refuses("You approved"):
        here.say("Ana", "payouts.redeemed_approved", said)
    with here.refuses("not the digest"):
        here.say("Bela", "payouts.redeemed_approved", said | {"digest": "ab" * 32})
    here.say("Bela", "payouts.redeemed_approved", said)

    assert amounts_due(here.book, last)[chidi] == 10_200
    ties(here)


def test_what_had_not_vested_stays_with_the_cooperative() -> None:
    here = village(VESTING)
    year_of(here, YEARS[0], 60_000)
    year_of(here, YEARS[1], 0)
    # A member since 2025-08-01: on 2027-07-31 it was one whole year, a quarter of four.
    leave(here, "Chidi", "2027-07-31")
    year_of(here, YEARS[2], 0)

    # 100.00 + 2.00 - 1.00 (a third of half the loss of 2026) + 2.02 = 103.02, of which 25.75 are Chidi's.
    (row,) = redemption_of(here.book, YEARS[2]).rows
    assert (row.held, row.due, row.lapsed, row.into) == (10_302, 2_575, 7_727, "reserve")
    assert (loan(here, "Chidi"), balance(here, "Chidi")) == (0, 2_575)
    ties(here)


def test_nobody_who_left_before_there_were_terms_loses_anything_by_them() -> None:
    here = village()
    year_of(here, YEARS[0], 60_000)
    leave(here, "Chidi", "2026-03-10")
    year_of(here, YEARS[1], 0)
    assert (loan(here, "Chidi"), state.of(here.book).redemptions) == (10_200, {})
    vote(here, VESTING, ("Ana", "Bela"))

    year_of(here, YEARS[2], 0)

    assert (loan(here, "Chidi"), balance(here, "Chidi")) == (0, 10_404)


def test_later_terms_do_not_change_those_of_who_has_left() -> None:
    here = village(THREE_PARTS)
    year_of(here, YEARS[0], 60_000)
    leave(here, "Chidi", "2026-03-10")
    year_of(here, YEARS[1], 0)
    vote(here, '[loan]\nredeemed = "50 years"\n', ("Ana", "Bela"))

    year_of(here, YEARS[2], 0)

    assert balance(here, "Chidi") == 3_400 + 3_468


def test_without_terms_nothing_leaves_an_account() -> None:
    here = village()
    year_of(here, YEARS[0], 60_000)
    leave(here, "Chidi", "2026-03-10")

    year_of(here, YEARS[1], 0)

    assert (loan(here, "Chidi"), redemption_due(here.book)) == (10_200, None)


# Who stays.


def test_what_a_year_put_there_revolves_after_two_years_first_in_first_out() -> None:
    here = village("[loan]\nrevolve = 2\n", RULE.replace(', interest = "2%"', ""))
    year_of(here, YEARS[0], 60_000)
    year_of(here, YEARS[1], 30_000)
    assert (loan(here, "Ana"), balance(here, "Ana")) == (15_000, 0)
    year_of(here, YEARS[2], 12_000)
    assert (loan(here, "Ana"), balance(here, "Ana")) == (7_000, 10_000)
    # A loss of 30.00, 15.00 of it by three members, is taken from what is oldest.
    year_of(here, YEARS[3], 0, 3_000)

    assert (loan(here, "Ana"), balance(here, "Ana")) == (2_000, 10_000 + 5_000 - 500)
    ties(here)


def test_an_account_that_a_later_rule_calls_otherwise_keeps_its_terms() -> None:
    here = village(THREE_PARTS)
    year_of(here, YEARS[0], 60_000)
    leave(here, "Chidi", "2026-03-10")
    year_of(here, YEARS[1], 0)
    renamed = RULE.replace("loan", "capital").replace("[accounts]", 'moved = { loan = "capital" }\n[accounts]')
    put = here.propose_rule("Ana", renamed, at("2027-02-10"))
    here.all_cast(("Ana", "Bela"), put, "yes", at("2027-02-10"))
    year_of(here, YEARS[2], 0)
    year_of(here, YEARS[3], 0)

    assert lying(here, f"member:capital:{person('Chidi')}") == loan(here, "Chidi") == 0
    assert balance(here, "Chidi") == 3_400 + 3_468 + 3_468 + 69
    rolls_forward(here)
    ties(here)


def test_an_open_advance_is_paid_back_first_where_the_terms_say_so() -> None:
    for terms, left in (("set_off = true\n", 0), ("", 4_000)):
        here = village(f"[loan]\nredeemed = 0\n{terms}")
        year_of(here, YEARS[0], 60_000)
        money = {"amount": 4_000, "ref": "", "booked": "2026-02-10", "value": "2026-02-10"}
        advanced = {"person": person("Chidi"), "period": "2026-Q1"} | money
        here.say("Ana", "payouts.advanced", advanced, at("2026-02-10"))
        leave(here, "Chidi", "2026-03-10")
        year_of(here, YEARS[1], 0)

        assert state.of(here.book).accounts.get(f"advance:{person('Chidi')}", 0) == left
        assert balance(here, "Chidi") == 10_200 - 4_000 + left
        assert redemption_of(here.book, YEARS[1]).rows[0].advance == 4_000 - left
        ties(here)


# By decision.


def test_two_treasurers_redeem_by_decision_and_never_the_own() -> None:
    here = village()
    year_of(here, YEARS[0], 60_000)
    asked = {"person": person("Chidi"), "account": "loan", "amount": 4_000}
    with here.refuses("can be redeemed now, no more"):
        here.say("Ana", "payouts.redemption_asked", asked)
    approve(here, YEARS[0], "Ana", "Bela")
    with here.refuses("Nobody pays out the own capital"):
        here.say("Chidi", "payouts.redemption_asked", asked)
    with here.refuses("100.00 EUR can be redeemed"):
        here.say("Ana", "payouts.redemption_asked", asked | {"amount": 10_001})
    first = here.say("Ana", "payouts.redemption_asked", asked)
    with here.refuses("said so already"):
        here.say("Ana", "payouts.redemption_agreed", {"asked": first.id})
    with here.refuses("Nobody pays out the own capital"):
        here.say("Chidi", "payouts.redemption_agreed", {"asked": first.id})
    assert loan(here, "Chidi") == 10_000

    here.say("Bela", "payouts.redemption_agreed", {"asked": first.id})

    assert (loan(here, "Chidi"), balance(here, "Chidi")) == (6_000, 4_000)
    with here.refuses("no such redemption"):
        here.say("Bela", "payouts.redemption_agreed", {"asked": first.id})
    year_of(here, YEARS[1], 0)
    found = computed_year(here.book, YEARS[1])
    (row,) = [
        row
        for row in capital_data(names(here), found, EUR, taken_out(here.book, found))
        if row["id"] == person("Chidi")
    ]
    assert (row["opening"], row["redeemed"], row["closing"]) == ("100.00", "-40.00", EUR.plain(loan(here, "Chidi")))
    ties(here)


def test_step_by_step_no_more_is_redeemed_than_has_vested_of_the_whole() -> None:
    here = village(VESTING)
    year_of(here, YEARS[0], 60_000)
    approve(here, YEARS[0], "Ana", "Bela")
    here.book.advance(at("2027-09-01"))
    whole, own = loan(here, "Chidi"), vested(here.book, person("Chidi"), "loan")
    assert 0 < own < whole
    asked = {"person": person("Chidi"), "account": "loan", "amount": own}
    first = here.say("Ana", "payouts.redemption_asked", asked, at("2027-09-01"))
    here.say("Bela", "payouts.redemption_agreed", {"asked": first.id}, at("2027-09-01"))

    assert loan(here, "Chidi") == whole - own
    assert free(here.book, person("Chidi"), "loan") == 0
    with here.refuses("can be redeemed"):
        here.say("Ana", "payouts.redemption_asked", asked | {"amount": 1}, at("2027-09-02"))


def test_a_redemption_that_nobody_agreed_to_within_a_month_is_asked_for_anew() -> None:
    here = village()
    year_of(here, YEARS[0], 60_000)
    approve(here, YEARS[0], "Ana", "Bela")
    asked = {"person": person("Chidi"), "account": "loan", "amount": 4_000}
    first = here.say("Ana", "payouts.redemption_asked", asked)

    with here.refuses("more than 31 days ago"):
        here.say("Bela", "payouts.redemption_agreed", {"asked": first.id}, first.received + 32 * DAY)


# Order.


def test_the_next_year_is_closed_only_after_what_the_one_before_redeems() -> None:
    here = village("[loan]\nredeemed = 0\n")
    year_of(here, YEARS[0], 60_000)
    leave(here, "Chidi", "2026-03-10")
    tick(here, at("2028-01-05"), "Bela")
    here.say("Ana", "payouts.year_closed", {"year": YEARS[1], "tax": 0, "authority": None})
    body = {"year": YEARS[1], "engine": 1, "digest": compute_year(here.book, YEARS[1]).digest}
    here.say("Bela", "payouts.year_computed", body)
    assert redemption_due(here.book) == YEARS[1]
    with here.refuses("comes first"):
        here.say("Ana", "payouts.year_closed", {"year": YEARS[2], "tax": 0, "authority": None})
    wrong = {"year": YEARS[1], "engine": 1, "digest": "ab" * 32}
    with here.refuses("another digest"):
        here.say("Bela", "payouts.redeemed", wrong)
    right = wrong | {"digest": compute_redemption(here.book, YEARS[1]).digest}
    with here.refuses("Nothing is due"):
        here.say("Bela", "payouts.redeemed", right | {"year": YEARS[0]})
    here.say("Bela", "payouts.redeemed", right)
    with here.refuses("Nothing is due"):
        here.say("Bela", "payouts.redeemed", right)

    # Closed late: 2027 opens without what 2026 redeemed, so there is no interest on it.
    close(here, YEARS[2])
    assert "loan" not in computed_year(here.book, YEARS[2]).opening or (
        person("Chidi") not in computed_year(here.book, YEARS[2]).opening["loan"]
    )
    ties(here)


# Any years.

LIFE = st.lists(
    st.tuples(
        st.integers(0, 50_000),
        st.integers(0, 20_000),
        st.sampled_from(["", "Chidi", "Dilek"]),
        st.integers(0, 3_000),
    ),
    min_size=2,
    max_size=4,
)
TERMS = st.builds(
    lambda vests, redeemed, revolve: (
        "[loan]\n"
        + (f'vests = {vests}\nunvested = "reserve"\n' if vests else "")
        + (f"redeemed = {redeemed}\n" if redeemed is not None else "")
        + (f"revolve = {revolve}\n" if revolve else "qualified = true\n")
    ),
    st.integers(0, 3),
    st.one_of(st.none(), st.integers(0, 3)),
    st.integers(0, 2),
)


def rolls_forward(here: Village) -> None:
    """Every account, every year: it opens with what the one before left, and ends with what lies there."""
    for who in here.book.ledger.persons:
        for account in accounts_of(here.book, who):
            years = rolled(here.book, who, account)
            for before, after in pairwise(years):
                assert before.closing == after.opening
            assert years[-1].other == 0
            assert years[-1].closing == lying(here, f"member:{account}:{who}")


@settings(max_examples=12, deadline=None)
@given(LIFE, TERMS, st.booleans())
def test_capital_rolls_forward_to_the_cent_whatever_comes(
    life: list[tuple[int, int, str, int]], terms: str, leavers: bool
) -> None:
    rule = RULE.replace('into = "loan"', 'into = "loan"\nwho.leavers = true') if leavers else RULE
    here = village(terms, rule, ("Ana", "Bela", "Chidi", "Dilek"))
    gone: set[str] = set()
    for year, (came, spent, leaver, decided) in zip(YEARS, life, strict=False):
        if leaver and leaver not in gone and here.book.until < at(f"{year[:4]}-10-01"):
            leave(here, leaver, f"{year[:4]}-10-01")
            gone.add(leaver)
        year_of(here, year, came, spent)
        approve(here, year, "Ana", "Bela")
        if decided and 0 < decided <= loan(here, "Dilek") and "vests" not in terms:
            asked: dict[str, Any] = {"person": person("Dilek"), "account": "loan", "amount": decided}
            first = here.say("Ana", "payouts.redemption_asked", asked)
            here.say("Bela", "payouts.redemption_agreed", {"asked": first.id})
        rolls_forward(here)
    ties(here)
    must_tie(journal_of(here, here.book.until))


@settings(max_examples=8, deadline=None)
@given(LIFE, TERMS)
def test_years_that_are_closed_late_roll_forward_alike(life: list[tuple[int, int, str, int]], terms: str) -> None:
    """All periods of all years are computed, and money redeemed by decision, before the first year is closed."""
    here = village(terms, RULE_OF_PERIODS, ("Ana", "Bela", "Chidi", "Dilek"))
    gone: set[str] = set()
    for year, (came, _, leaver, decided) in zip(YEARS, life, strict=False):
        if leaver and leaver not in gone:
            leave(here, leaver, f"{year[:4]}-10-01")
            gone.add(leaver)
        day = {"booked": f"{year[:4]}-11-01", "value": f"{year[:4]}-11-01"}
        book(here, came + 1, "payouts.received", at(f"{year[:4]}-11-02"), **day)
        tick(here, at(f"{int(year[:4]) + 1}-01-05"), "Bela")
        for period, run in state.of(here.book).runs.items():
            for name in ("Ana", "Bela") if run.approved is None else ():
                here.say(name, "payouts.approved", {"period": period, "digest": run.digest})
        if 0 < decided <= loan(here, "Dilek") and "vests" not in terms:
            asked: dict[str, Any] = {"person": person("Dilek"), "account": "loan", "amount": decided}
            first = here.say("Ana", "payouts.redemption_asked", asked)
            here.say("Bela", "payouts.redemption_agreed", {"asked": first.id})
    for year in YEARS[: len(life)]:
        close(here, year)
        tick(here, max(here.book.received, here.book.until), "Bela")
        rolls_forward(here)
    ties(here)


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 90_000), st.integers(0, 3), st.integers(0, 4))
def test_what_one_leaver_is_paid_sums_to_exactly_what_had_vested(came: int, vests: int, over: int) -> None:
    terms = f"[loan]\nredeemed = {over}\n" + (f'vests = {vests}\nunvested = "reserve"\n' if vests else "")
    here = village(terms, RULE.replace(', interest = "2%"', ""))
    year_of(here, YEARS[0], came)
    had = loan(here, "Chidi")
    leave(here, "Chidi", "2026-08-02")
    for year in YEARS[1 : 2 + max(1, over)][:4]:
        year_of(here, year, 0)

    # One whole year as a member.
    assert balance(here, "Chidi") == (had // vests if vests else had)
    assert loan(here, "Chidi") == 0
    rolls_forward(here)


@with_programs
def test_the_judges_agree_with_what_was_redeemed_and_what_lapsed(tmp_path: Any, program: str) -> None:
    here = village(VESTING)
    year_of(here, YEARS[0], 60_000)
    leave(here, "Chidi", "2026-09-10")
    year_of(here, YEARS[1], 1_000)
    text = exports.of(program)(journal_of(here, here.book.until))

    assert complaint(program, text, tmp_path) == ""


# The minimum.


def test_a_minimum_holds_nothing_back_from_who_has_left_and_nothing_at_the_end_of_a_book_year() -> None:
    rule = '[income]\nshare = "equal"\nrest = "carry"\nminimum = "50.00"\n'
    here = village(rule=rule)
    day = {"booked": "2025-08-01", "value": "2025-08-01"}
    book(here, 9_000, when=at("2025-08-02"), **day)
    tick(here, at("2025-10-05"), "Bela")
    assert amounts_due(here.book, "2025-Q3") == {}
    leave(here, "Chidi", "2025-10-06")
    assert amounts_due(here.book, "2025-Q3") == {}
    own = state.of(here.book)
    for name in ("Ana", "Bela"):
        here.say(name, "payouts.approved", {"period": "2025-Q3", "digest": own.runs["2025-Q3"].digest})
    assert amounts_due(here.book, "2025-Q3") == {person("Chidi"): 3_000}
    # So say the payout and the reasons; a statement stays what it was when the run was computed.
    people = {row["id"]: row["payable"] for row in payout_data(here.book, names(here), "2025-Q3")["people"]}
    assert people == {person("Ana"): "0.00", person("Bela"): "0.00", person("Chidi"): "30.00"}
    together = next(
        line
        for line in drawn(*show_payout(here.book, names(here), "2025-Q3")).splitlines()
        if "people together" in line
    )
    assert together.split()[-1] == "30.00"
    assert why_data(here.book, names(here), lambda _: {}, person("Chidi"), "2025-Q3")["bank"]["payable"] == "30.00"
    assert statement_data(here.book, names(here), lambda _: {}, person("Chidi"), "2025-Q3")["payable"] == "0.00"

    tick(here, at("2026-01-05"), "Bela")

    assert set(amounts_due(here.book, "2025-Q4")) == {person(name) for name in THREE}


def test_what_was_redeemed_is_as_old_as_the_end_of_its_year_or_the_decision() -> None:
    here = village("[loan]\nredeemed = 0\n")
    year_of(here, YEARS[0], 60_000)
    approve(here, YEARS[0], "Ana", "Bela")
    leave(here, "Chidi", "2026-03-10")
    year_of(here, YEARS[1], 0)
    asked = {"person": person("Bela"), "account": "loan", "amount": 4_000}
    first = here.say("Ana", "payouts.redemption_asked", asked)
    # Chidi has left, so Ana is the only treasurer besides Bela.
    assert first.id not in state.of(here.book).capital_asked
    balances = state.lying(here.book, "balance")

    found = aged(here.book, balances, at("2027-03-01"))

    assert found == {person("Chidi"): [0, 10_200, 0, 0], person("Bela"): [0, 4_000, 0, 0]}
