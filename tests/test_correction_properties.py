"""What holds for every rule and every correction: sums are exact, nothing is made or lost, replay gives the same."""

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from governance.rule_values import RuleError
from governance.rules import parse
from governance.runnable import refuse_unrunnable
from payouts import state
from payouts.corrections.correcting import REFUNDED, period_of
from payouts.corrections.receipts import left_of
from payouts.corrections.standing import amended, standing
from tests.judges import journal_of, must_tie
from tests.test_book_year import lying, ties
from tests.test_corrections import receipt, refund
from tests.test_payouts_accounts import log, tick, village
from tests.test_rule_properties import divided, filled, shared
from tests.village import Village, at

HEAD = (
    'accounts = { reserve = "indivisible", fund = "fund", dues = "owed", loan = "member", capital = "member" }\n'
    'points.code = { hour = { points = 10, claim = "12.34" }, review = 4 }\n'
    "points.care = { hour = 7 }\n"
    'points.sales = { deal = { points = 25, per = "1000.00", when = "paid" } }\n'
)
PEOPLE = ("Ana", "Bela", "Chidi")

rules = st.builds(
    'late = "{}"\n{}income = {{ split = [ {{ part = "{}", to = "reserve" }}, {{ part = "{}", to = "side" }}, '
    '{{ part = "rest", to = "work" }} ] }}\nside = {{ {} }}\nwork = {{ {} }}\n'.format,
    st.sampled_from(["true_up", "next_period"]),
    st.just(HEAD),
    st.sampled_from([">= 30%", "1/3", "<= 7%"]),
    st.sampled_from(["1/7", "20%"]),
    st.one_of(divided, filled, shared),
    shared,
)
moves = st.lists(
    st.tuples(
        st.integers(0, 3),  # the month, from August 2025 on
        st.sampled_from(["receipt", "deal", "spent", "work", "late", "late", "refund", "whole"]),
        st.integers(1, 200_000),
        st.integers(0, 11),
    ),
    min_size=3,
    max_size=14,
)


def sound(text: str) -> bool:
    """Whether members could vote for this rule."""
    try:
        refuse_unrunnable(parse(text), 2)
    except RuleError:
        return False
    return True


def live(here: Village, said: list[tuple[int, str, int, int]]) -> None:
    """Four months of money, work, refunds and late work; what cannot be is refused and changes nothing."""
    receipts: list[Any] = []
    done: set[tuple[str, str]] = set()
    for number, (month, what, amount, pick) in enumerate(sorted(said, key=lambda move: move[0])):
        day = f"2025-{month + 8:02}-20"
        now = max(at(day), here.book.received, here.book.until)
        who = PEOPLE[pick % 3]
        tick(here, now)
        if what in ("receipt", "deal"):
            deals = [f"D{number}"] if what == "deal" else []
            if deals:
                log(here, who, amount, day, now, role="sales", kind="deal", refs=deals)
            receipts.append(receipt(here, amount, now, booked=day, value=day, deals=deals))
        elif what == "spent":
            receipt(here, amount % 5_000 + 1, now, booked=day, value=day, kind="payouts.spent")
        elif what in ("work", "late"):
            on = day if what == "work" else f"2025-{max(8, month + 7):02}-{pick + 1:02}"
            if (who, on) not in done:
                done.add((who, on))
                log(here, who, amount % 600 + 1, on, now, role="code" if pick % 2 else "care")
        elif receipts:
            give_back(here, receipts[pick % len(receipts)], amount, now, day, whole=what == "whole")
    tick(here, at("2026-01-05"))


def give_back(here: Village, paid: Any, amount: int, now: int, day: str, whole: bool) -> None:
    """A part of a receipt goes back, or all that is left of it; nothing where nothing is left."""
    left = left_of(here.book, paid.index)
    if left:
        refund(here, paid, left if whole else min(left, amount), now, booked=day, value=day)


@settings(max_examples=12, deadline=None)
@given(rules, moves)
def test_whatever_is_refunded_or_comes_late_the_books_tie_and_replay_alike(
    text: str, said: list[tuple[int, str, int, int]]
) -> None:
    assume(sound(text))
    here = village(text, *PEOPLE)
    live(here, said)
    own = state.of(here.book)

    assert own.refunds == []
    assert own.late_due == {}
    assert REFUNDED not in own.accounts
    for name, run in own.amendments.items():
        found = amended(here.book, name)
        assert sum(more for at_, more in found.moved.items() if at_ != REFUNDED) == -found.went_back
        assert found.moved.get("account:reserve", 0) >= -found.went_back
        assert all(amount > 0 for amount in found.short.values())
        assert (run.approved is None) == any(
            more > 0 and at_.startswith(("balance:", "member:", "account:dues")) for at_, more in found.moved.items()
        )
        assert period_of(name) in own.runs
    assert lying(here, "account:reserve") >= 0
    assert lying(here, "account:fund") >= 0
    assert all(held >= 0 for held in state.lying(here.book, "member").values())
    ties(here)
    must_tie(journal_of(here, here.book.until))


@settings(max_examples=12, deadline=None)
@given(rules, st.lists(st.tuples(st.integers(1, 200_000), st.booleans()), min_size=1, max_size=4), st.integers(1, 599))
def test_a_full_refund_brings_every_flow_of_its_run_back_to_nothing(
    text: str, money: list[tuple[int, bool]], minutes: int
) -> None:
    assume(sound(text))
    here = village(text, *PEOPLE)
    for number, who in enumerate(PEOPLE):
        log(here, who, minutes * (number + 1) // 3 + 1)
    paid = []
    for number, (amount, deal) in enumerate(money):
        if deal:
            log(here, PEOPLE[number % 3], amount, role="sales", kind="deal", refs=[f"D{number}"])
        paid.append(receipt(here, amount, deals=[f"D{number}"] if deal else []))
    tick(here, at("2025-09-05"))
    for one, (amount, _) in zip(paid, money, strict=True):
        refund(here, one, amount)
        tick(here, at("2025-09-10"))

    assert standing(here.book, "2025-08").result.lines == ()
    assert state.of(here.book).accounts == {}
    assert state.of(here.book).debts == {}
    assert state.of(here.book).pay == {}
    assert state.of(here.book).paid == {}
    ties(here)


@settings(max_examples=12, deadline=None)
@given(
    rules.filter(lambda text: text.startswith('late = "true_up"')),
    st.integers(1, 200_000),
    st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(1, 599), st.booleans(), st.booleans()), max_size=6),
)
def test_late_work_comes_to_what_the_period_would_have_paid_had_it_come_in_time(
    text: str, amount: int, work: list[tuple[str, int, bool, bool]]
) -> None:
    assume(sound(text))
    here, intime = village(text, *PEOPLE), village(text, *PEOPLE)
    for one in (here, intime):
        receipt(one, amount)
    for number, (who, minutes, care, late) in enumerate(work):
        day = f"2025-08-{number + 2:02}"
        more = {"role": "care" if care else "code"}
        log(intime, who, minutes, day, at("2025-08-30"), **more)
        if not late:
            log(here, who, minutes, day, at("2025-08-30"), **more)
    for one in (here, intime):
        tick(one, at("2025-09-05"))
    for number, (who, minutes, care, late) in enumerate(work):
        if late:
            day = f"2025-08-{number + 2:02}"
            log(here, who, minutes, day, at("2025-09-10"), role="care" if care else "code")
    for one in (here, intime):
        tick(one, at("2025-10-05"))

    assert standing(here.book, "2025-08").result.lines == standing(intime.book, "2025-08").result.lines
    for name in ("balance", "member"):
        assert state.lying(here.book, name) == state.lying(intime.book, name)
    assert state.of(here.book).paid == state.of(intime.book).paid
    ties(here)
