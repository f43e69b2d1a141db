"""Work that somebody disputes: it weighs, its money is held; upheld it is paid, struck it goes back to the pot."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contributions import state as contributions
from ledger import people
from ledger.entry import Entry
from ledger.errors import TallyError
from ledger.private import Text
from payouts import exports, state
from payouts.bank.due_payments import amounts_due
from payouts.books.postings import moved
from payouts.reasons.why import why_data
from payouts.years.year_showing import year_data
from tests.bankers import accounts
from tests.judges import complaint, journal_of, must_tie, with_programs
from tests.riverbend import REFUSED, Riverbend
from tests.test_deductions import ALL, TAX, YEARLY, here_with, month, withhold
from tests.test_payouts_accounts import NOVEMBER, OCTOBER, SEPTEMBER, book, log, lying, names, tick
from tests.village import Village, assert_every_book_is_the_same, at, person

FOUR = ("Ana", "Chidi", "Bela", "Dilek")
HELD = f"member:held:{person('Ana')}"


def with_people(rule: str = ALL, *people_: str) -> Village:
    """Four members, none a steward."""
    return here_with(rule, *(people_ or FOUR))


def piece(here: Village, place: int = -1) -> str:
    """The key of the open work that was logged last."""
    return list(contributions.of(here.book).work)[place]


def dispute(here: Village, who: str, key: str) -> Entry:
    """Somebody objects to open work."""
    work = contributions.of(here.book).work[key]
    body = {"work": {"entry": work.entry, "items": [int(key.partition(".")[2])]}, "why": Text("not so")}
    return here.say(who, "contributions.disputed", body)


def settle(here: Village, who: str, said: Entry, upheld: bool) -> None:
    """Somebody says what becomes of it."""
    here.say(who, "contributions.dispute_settled", {"dispute": said.id, "upheld": upheld})


def approve(here: Village, period: str = "2025-08") -> None:
    """Two treasurers approve."""
    digest = state.of(here.book).runs[period].digest
    for who in ("Ana", "Chidi"):
        here.say(who, "payouts.approved", {"period": period, "digest": digest})


def held_month(rule: str = ALL) -> tuple[Village, Entry]:
    """Ana 3 h of which 1 h is disputed by Bela, Chidi 3 h; 600.00 came in: 100.00 of Ana's 300.00 are held."""
    here = with_people(rule)
    log(here, "Ana", 120)
    log(here, "Ana", 60)
    said = dispute(here, "Bela", piece(here))
    log(here, "Chidi", 180)
    book(here, 60_000)
    tick(here, SEPTEMBER)
    return here, said


def test_disputed_work_weighs_and_its_part_is_held() -> None:
    here, _ = held_month()

    assert lying(here) == {
        "bank": 60_000,
        f"balance:{person('Ana')}": -20_000,
        HELD: -10_000,
        f"balance:{person('Chidi')}": -30_000,
    }
    why = why_data(here.book, names(here), lambda _: {}, person("Ana"), "2025-08")
    rows = why["shares"][0]["weighing"]["work"]
    assert [(row["quantity"], row["disputed"]) for row in rows] == [("2", False), ("1", True)]
    assert why["shares"][0]["into"] == {"balance": "200.00", "held": "100.00"}
    approve(here)
    assert amounts_due(here.book, "2025-08") == {person("Ana"): 20_000, person("Chidi"): 30_000}


def test_upheld_it_is_paid_as_the_share_would_have_been_less_what_is_withheld() -> None:
    here, said = held_month(ALL.replace('rest = "carry"', 'rest = "carry"\ninto = { loan = "40%", balance = "rest" }'))
    withhold(here, "Ana", "50%", since="2025-09")
    approve(here)
    tick(here, OCTOBER)
    settle(here, "Bela", said, True)

    assert HELD not in lying(here)
    assert lying(here)[f"member:loan:{person('Ana')}"] == -12_000
    assert lying(here)[f"owed:withheld:{TAX}"] == -3_000
    assert lying(here)[f"balance:{person('Ana')}"] == -15_000
    assert state.of(here.book).paid["work"][person("Ana")] == 30_000
    assert_every_book_is_the_same(here)


def test_struck_it_goes_back_to_the_pot_and_weighs_nothing_any_more() -> None:
    here, said = held_month(ALL.replace('share = "points"', 'share = "points"\nlook_back = 2'))
    approve(here)
    settle(here, "Ana", said, False)
    assert lying(here)["pot:work"] == -10_000
    tick(here, OCTOBER)

    # The next run shares 100.00 by August's work again: Ana 2 h, Chidi 3 h.
    assert lying(here)[f"balance:{person('Ana')}"] == -24_000
    assert lying(here)[f"balance:{person('Chidi')}"] == -36_000
    assert_every_book_is_the_same(here)
    for period in ("2025-08", "2025-09"):
        why = why_data(here.book, names(here), lambda _: {}, person("Ana"), period)
        assert sum(int(row["weighs"]) for row in why["shares"][0]["weighing"]["work"]) == int(
            why["shares"][0]["weight"]
        )


def test_a_dispute_that_is_settled_before_the_run_holds_nothing() -> None:
    for upheld, ana in ((True, 30_000), (False, 24_000)):
        here = with_people()
        log(here, "Ana", 120)
        log(here, "Ana", 60)
        said = dispute(here, "Bela", piece(here))
        settle(here, "Bela" if upheld else "Ana", said, upheld)
        log(here, "Chidi", 180)
        book(here, 60_000)
        tick(here, SEPTEMBER)

        assert lying(here)[f"balance:{person('Ana')}"] == -ana
        assert HELD not in lying(here)


def test_nobody_settles_alone_what_concerns_the_own_purse() -> None:
    here, said = held_month()
    with here.refuses("not approved yet"):
        settle(here, "Bela", said, True)
    approve(here)
    with here.refuses("may only let it stand"):
        settle(here, "Ana", said, True)
    with here.refuses("may only let it stand"):
        settle(here, "Bela", said, False)
    settle(here, "Chidi", said, True)
    with here.refuses("You said so already"):
        settle(here, "Chidi", said, True)
    assert HELD in lying(here)
    settle(here, "Dilek", said, True)

    assert HELD not in lying(here)
    with here.refuses("settled already"):
        settle(here, "Chidi", said, False)


def test_two_stewards_decide_where_there_are_two() -> None:
    here, said = held_month()
    approve(here)
    for who in ("Chidi", "Dilek"):
        people.give_role(here.book.ledger, person(who), "steward", "")
    settle(here, "Chidi", said, False)
    settle(here, "Dilek", said, False)

    assert lying(here)["pot:work"] == -10_000


def test_what_cannot_be_disputed_is_refused_in_words() -> None:
    here = with_people()
    log(here, "Ana", 60)
    with here.refuses("is your own"):
        dispute(here, "Ana", piece(here))
    said = dispute(here, "Bela", piece(here))
    with here.refuses("disputed already, or was"):
        dispute(here, "Chidi", piece(here))
    log(here, "Ana", 60, gift=True)
    with here.refuses("is not paid"):
        dispute(here, "Bela", piece(here))
    log(here, "Chidi", 60)
    work = contributions.of(here.book).work[piece(here)]
    reference = {"entry": work.entry, "items": [1]}
    tick(here, SEPTEMBER)
    with here.refuses("its period is closed"):
        here.say("Bela", "contributions.disputed", {"work": reference, "why": Text("late")})
    with here.refuses("no such dispute"):
        here.say("Bela", "contributions.dispute_settled", {"dispute": "ab" * 32, "upheld": True})
    assert said.id in {one.id for one in contributions.of(here.book).disputes.values()}


def test_work_that_is_taken_back_is_disputed_no_more() -> None:
    here = with_people()
    log(here, "Ana", 60)
    key = piece(here)
    dispute(here, "Bela", key)
    reference = {"entry": contributions.of(here.book).work[key].entry, "items": [1]}
    here.say("Ana", "contributions.retracted", {"items": [reference]})

    assert contributions.of(here.book).disputes == {}


def test_a_year_holds_the_part_of_disputed_work_too() -> None:
    here, said = held_month(YEARLY)
    tick(here, at("2026-01-05"))
    here.say("Ana", "payouts.year_closed", {"year": "2025-01-01", "tax": 0, "authority": None})
    tick(here, at("2026-01-06"))
    assert lying(here)[HELD] == -10_000
    with here.refuses("not approved yet"):
        settle(here, "Bela", said, True)
    approved = {"year": "2025-01-01", "digest": state.of(here.book).years["2025-01-01"].digest}
    for who in ("Ana", "Chidi"):
        here.say(who, "payouts.year_approved", approved)
    settle(here, "Bela", said, True)

    assert lying(here)[f"balance:{person('Ana')}"] == -30_000
    assert_every_book_is_the_same(here)
    must_tie(journal_of(here, at("2026-01-07")))


def test_a_capital_statement_has_what_was_upheld_and_nothing_that_is_held() -> None:
    into = 'rest = "carry"\ninto = "loan"'
    here, said = held_month(YEARLY.replace('to = "result"', 'to = "work"').replace('rest = "carry"', into))
    approve(here)
    log(here, "Ana", 60, "2025-09-01", at("2025-09-06"))
    other = dispute(here, "Bela", piece(here))
    book(here, 10_000, booked="2025-09-01", value="2025-09-01")
    tick(here, OCTOBER)
    settle(here, "Bela", said, True)
    tick(here, at("2026-01-05"))
    here.say("Ana", "payouts.year_closed", {"year": "2025-01-01", "tax": 0, "authority": None})
    tick(here, at("2026-01-06"))

    rows = year_data(here.book, names(here), "2025-01-01")["capital"]
    assert {row["id"]: (row["account"], row["closing"]) for row in rows} == {
        person("Ana"): ("loan", "300.00"),
        person("Chidi"): ("loan", "300.00"),
    }
    assert lying(here)[f"member:loan:{person('Ana')}"] == -30_000
    assert lying(here)[HELD] == -10_000
    assert other.id in {one.id for one in contributions.of(here.book).disputes.values()}
    assert_every_book_is_the_same(here)


def test_a_pot_that_a_new_rule_moves_has_its_money_again() -> None:
    here, said = held_month()
    approve(here)
    renamed = ALL.replace("[work]", "[deeds]").replace('to = "work"', 'to = "deeds"')
    proposed = here.propose_rule("Ana", 'moved = { work = "deeds" }\n' + renamed, SEPTEMBER)
    for who in FOUR:
        here.vote(who, proposed, "yes")
    tick(here, OCTOBER)
    month(here, 1_000, "2025-10-01", NOVEMBER, "Chidi")
    settle(here, "Ana", said, False)

    assert lying(here)["pot:deeds"] == -10_000
    assert_every_book_is_the_same(here)


def test_a_rule_that_drops_the_pot_of_held_money_says_where_it_goes() -> None:
    here, _ = held_month()
    with pytest.raises(TallyError, match="has no place in the rule"):
        here.propose_rule("Ana", ALL.replace("[work]", "[deeds]").replace('to = "work"', 'to = "deeds"'))


def test_a_rule_that_drops_the_account_to_which_held_money_goes_says_where_it_goes() -> None:
    here = with_people(ALL.replace('rest = "carry"', 'rest = "carry"\ninto = "loan"'))
    log(here, "Ana", 60)
    said = dispute(here, "Bela", piece(here))
    book(here, 60_000)
    tick(here, SEPTEMBER)
    approve(here)
    without = ALL.replace('loan = { kind = "member" }', 'share = { kind = "member" }')
    with pytest.raises(TallyError, match="has no place in the rule"):
        here.propose_rule("Ana", without)
    proposed = here.propose_rule("Ana", 'moved = { loan = "share" }\n' + without, SEPTEMBER)
    for who in FOUR:
        here.vote(who, proposed, "yes")
    tick(here, OCTOBER)
    month(here, 1_000, "2025-10-01", NOVEMBER, "Chidi")
    settle(here, "Bela", said, True)

    assert lying(here)[f"member:share:{person('Ana')}"] == -60_000
    assert_every_book_is_the_same(here)


def test_whoever_is_the_only_member_left_does_not_wait_for_ever() -> None:
    here = with_people(ALL, "Ana", "Chidi")
    log(here, "Ana", 60)
    said = dispute(here, "Chidi", piece(here))
    book(here, 60_000)
    tick(here, SEPTEMBER)
    approve(here)
    with here.refuses("may only let it stand"):
        settle(here, "Ana", said, True)
    here.say("Chidi", "ledger.left", {})
    settle(here, "Ana", said, True)

    assert lying(here) == {"bank": 60_000, f"balance:{person('Ana')}": -60_000}
    assert_every_book_is_the_same(here)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 600), st.booleans()), min_size=1, max_size=4),
    st.integers(1, 100_000),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_every_unit_that_is_held_is_paid_or_goes_back(
    pieces: list[tuple[int, bool]], income: int, outcomes: list[bool]
) -> None:
    here = with_people()
    said = []
    for minutes, is_disputed in pieces:
        log(here, "Ana", min(minutes, 300))
        said += [dispute(here, "Bela", piece(here))] if is_disputed else []
    log(here, "Chidi", 77)
    book(here, income)
    tick(here, SEPTEMBER)
    held = -lying(here).get(HELD, 0)
    by_work = {row.work: row.amount for row in state.of(here.book).disputed_money}
    assert sum(by_work.values()) == held
    approve(here)
    before = -lying(here).get(f"balance:{person('Ana')}", 0)
    keys = {one.id: key for key, one in contributions.of(here.book).disputes.items()}
    for one, upheld in zip(said, outcomes, strict=False):
        settle(here, "Bela" if upheld else "Ana", one, upheld)

    upheld_sum = sum(by_work.get(keys[one.id], 0) for one, upheld in zip(said, outcomes, strict=False) if upheld)
    assert -lying(here).get(f"balance:{person('Ana')}", 0) == before + upheld_sum
    assert -lying(here).get("pot:work", 0) == held - upheld_sum
    assert HELD not in lying(here)


@with_programs
def test_the_journal_holds_it_too(tmp_path: Path, program: str) -> None:
    here, said = held_month()
    approve(here)
    settle(here, "Bela", said, True)
    made = journal_of(here, OCTOBER)

    must_tie(made)
    assert complaint(program, exports.of(program)(made), tmp_path) == ""
    (said,) = (one for one in made.transactions if one.words.startswith("disputed work"))
    assert said.words.endswith("stands: what was held to M" + person("Ana")[:8])
    assert said.postings == moved(
        f"Equity:Held:M{person('Ana')[:8]}", f"Liabilities:Members:M{person('Ana')[:8]}", 10_000
    )


@with_programs
def test_what_is_withheld_of_it_and_what_goes_back_has_words_of_its_own(tmp_path: Path, program: str) -> None:
    here, first = held_month()
    approve(here)
    log(here, "Ana", 60, "2025-09-01", at("2025-09-06"))
    struck = dispute(here, "Bela", piece(here))
    withhold(here, "Ana", "20%", since="2025-09")
    book(here, 10_000, booked="2025-09-01", value="2025-09-01")
    tick(here, OCTOBER)
    approve(here, "2025-09")
    settle(here, "Bela", first, True)
    settle(here, "Ana", struck, False)
    made = journal_of(here, NOVEMBER)

    must_tie(made)
    assert complaint(program, exports.of(program)(made), tmp_path) == ""
    said = [one.words.partition(": ")[2] for one in made.transactions if one.words.startswith("disputed work")]
    assert [words.rpartition(" ")[0] for words in said] == [
        "what was held to",
        f"withheld of M{person('Ana')[:8]} for",
        "what was held goes back to",
    ]


def test_a_dispute_as_it_is_typed(tmp_path: Path) -> None:
    coop = Riverbend(tmp_path, *FOUR)
    coop.now = "2025-08-10T09:00:00Z"
    coop.ok("Ana", "log", "2h", "the shop", "--role", "code")
    coop.ok("Ana", "log", "1h", "the shop, once more", "--role", "code")
    coop.ok("Chidi", "log", "3h", "meals", "--role", "care")
    coop.ok("Ana", "income", "add", "750.00", "--from", "ACME")
    said = coop.ok("Bela", "work", "dispute", "2.1", "I did that hour").out
    assert "You dispute work 2.1 of Ana" in said
    assert coop.run("Ana", "work", "dispute", "2.1", "no").code == REFUSED
    assert coop.run("Bela", "work", "dispute", "9.1", "no").code == REFUSED
    assert "disputed" in coop.ok("Ana", "work", "list").out
    coop.now = "2025-09-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")
    shown = coop.ok("Ana", "payout", "show", "2025-08").out
    assert "held, since the work is disputed: 100.00 EUR of Ana; tally work disputes" in shown
    assert "disputed" in coop.ok("Ana", "why", "Ana", "2025-08").out
    (row,) = coop.data("Ana", "work", "disputes")["disputes"]
    assert (row["who"], row["by"], row["held"], row["why"]) == ("Ana", "Bela", "100.00", "I did that hour")
    assert accounts(coop)["held Ana"] == "-100.00"
    assert "held, its work is disputed" in coop.ok("Ana", "report", "accounts").out
    assert "not approved yet" in coop.run("Bela", "work", "uphold", "2.1").err
    for name in ("Ana", "Bela"):
        coop.ok(name, "payout", "approve", "2025-08", "--yes")
    assert coop.run("Ana", "work", "uphold", "2.1").code == REFUSED
    assert "More than half of the other members must say so too: Dilek" in coop.ok("Chidi", "work", "uphold", "2.1").out
    assert "stands" in coop.ok("Dilek", "work", "uphold", "2.1").out

    assert accounts(coop)["balance Ana"] == "-300.00"
    assert "No work is disputed" in coop.ok("Ana", "work", "disputes").out
    assert coop.data("Ana", "work", "disputes", "--all")["disputes"][0]["state"] == "stands"
    coop.ok("Ana", "verify")
