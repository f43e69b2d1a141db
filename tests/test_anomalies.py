"""Before they approve, treasurers are told what is unusual: a great share, a new account, pairs. Nobody is accused."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payouts import state
from payouts.looking.anomalies import exceeds, pairs, unusual_shares
from tests.autumn import riverbend, three_months
from tests.bankers import IBANS, written
from tests.riverbend import REFUSED, Riverbend
from tests.test_payouts_accounts import EUR, book, log, names, tick, village
from tests.village import Village, at, person

RULE = """
[points.code]
hour = 10
review = 4
[points.care]
hour = 10
[income]
share = "points"
rest = "carry"
"""
PEOPLE = ("Ana", "Bela", "Chidi", "Dilek")


def months(hours: Sequence[dict[str, int]]) -> Village:
    """One euro an hour, month by month from August 2025."""
    here = village(RULE, *PEOPLE)
    for number, worked in enumerate(hours):
        month = f"{2025 + (number + 7) // 12}-{(number + 7) % 12 + 1:02}"
        day, after = f"{month}-05", at(f"{2025 + (number + 8) // 12}-{(number + 8) % 12 + 1:02}-05")
        for who, one in worked.items():
            for part in range(0, one, 10):
                on = f"{month}-{part // 10 + 1:02}"
                log(here, who, 60 * min(10, one - part), on, max(at(f"{month}-25"), here.book.received))
        book(here, 100 * sum(worked.values()), booked=day)
        tick(here, after)
    return here


def said(here: Village, period: str) -> list[str]:
    return list(unusual_shares(here.book, names(here), period, EUR))


USUAL = dict.fromkeys(PEOPLE, 10)


def test_a_share_far_above_the_median_of_the_run_and_of_the_own_runs_is_pointed_out() -> None:
    here = months([USUAL, USUAL, USUAL | {"Dilek": 31}])

    [remark] = said(here, "2025-10")

    dilek = names(here).of(person("Dilek"))
    assert remark == (
        f"{dilek} gets 31.00 EUR, more than 3 times the median of this run (10.00) "
        f"and of the own last 2 runs (10.00): tally why {dilek} 2025-10"
    )
    assert said(here, "2025-09") == []


def test_three_times_the_median_is_not_more_than_three_times() -> None:
    assert said(months([USUAL, USUAL | {"Dilek": 30}]), "2025-09") == []


def test_who_always_gets_much_is_not_pointed_out_again_and_again() -> None:
    here = months([USUAL | {"Dilek": 40}] * 3)

    # In the first run there is nothing to compare with but the run itself.
    assert [len(said(here, period)) for period in ("2025-08", "2025-09", "2025-10")] == [1, 0, 0]


def test_who_is_paid_for_the_first_time_is_measured_by_the_run_alone() -> None:
    here = months([{"Ana": 10, "Bela": 10, "Chidi": 10}, USUAL | {"Dilek": 50}])

    assert len(said(here, "2025-09")) == 1


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12), st.integers(2, 100))
def test_never_half_of_the_people_are_unusual(amounts: list[int], times: int) -> None:
    above = [one for one in amounts if one and exceeds(one, times, amounts)]

    assert 2 * len(above) <= len(amounts)


def test_members_set_by_vote_what_is_unusual() -> None:
    here = months([USUAL, USUAL | {"Dilek": 31}])
    assert len(said(here, "2025-09")) == 1
    put = here.move("Ana", "policy", at("2025-10-05"), texts=["4"], terms={"names": ["unusual"]})
    here.all_cast(PEOPLE, put, "yes")
    here.book.advance(at("2025-10-20"))

    assert state.unusual(here.book) == 4
    assert said(here, "2025-09") == []
    here.put("Ana", "101")
    with here.refuses("no number from 2 to 100"):
        here.move("Ana", "policy", None, texts=["101"], terms={"names": ["unusual"]})


def recorded(here: Village, by: str, whose: str, day: str, role: str = "code") -> None:
    """Somebody records an hour of another, who confirms it."""
    item = {"who": person(whose), "date": day, "role": role, "kind": "hour", "qty": 60, "circle": "", "refs": []}
    item |= {"with": [], "gift": False, "source": None, "note": None, "evidence": None}
    draft = here.say(by, "contributions.logged", {"items": [item]}, max(at("2025-08-20"), here.book.received))
    here.say(whose, "contributions.confirmed", {"items": [{"entry": draft.id, "items": [1]}]})


def reviewed(here: Village, by: str, whose: str, day: str) -> None:
    log(here, by, 1, day, max(at("2025-08-20"), here.book.received), kind="review", **{"with": [person(whose)]})


def closed(here: Village) -> list[str]:
    tick(here, at("2025-09-05"))
    return list(pairs(here.book, names(here), "2025-08"))


def test_two_who_record_or_review_only_each_others_work_are_named_with_what_to_look_at() -> None:
    here = village(RULE, *PEOPLE)
    for day in ("2025-08-01", "2025-08-02"):
        recorded(here, "Ana", "Bela", day)
        reviewed(here, "Bela", "Ana", day)

    [remark] = closed(here)

    first, second = sorted((names(here).of(person(one)) for one in ("Ana", "Bela")), key=str.casefold)
    assert remark == (
        f"in code, work of {first} and {second} was recorded or reviewed by nobody but each other (4 pieces): "
        f"tally work list --who {first}"
    )


@pytest.mark.parametrize("more", ["a third looks too", "one piece only", "one way only", "in another role"])
def test_a_pair_is_no_pair_where(more: str) -> None:
    here = village(RULE, *PEOPLE)
    for day in ("2025-08-01", "2025-08-02"):
        recorded(here, "Ana", "Bela", day)
        if more == "in another role":
            recorded(here, "Bela", "Ana", day, role="care")
        elif more != "one way only" and (more != "one piece only" or day == "2025-08-01"):
            reviewed(here, "Bela", "Ana", day)
    if more == "a third looks too":
        reviewed(here, "Chidi", "Ana", "2025-08-03")

    assert closed(here) == []


def put_details(coop: Riverbend, who: str, iban: str) -> None:
    coop.ok(who, "payout", "details", "set", "--file", written(coop, f"{who}-{iban[:4]}", iban, f"{who} Holder"))


def remarks(coop: Riverbend, period: str) -> list[str]:
    found: dict[str, Any] = coop.data("Ana", "payout", "show", period)
    return [one for one in found["remarks"] if "payment details" in one]


def test_new_and_changed_accounts_stand_in_the_payout_that_is_shown_without_the_account(tmp_path: Path) -> None:
    coop = three_months(tmp_path)
    for name in ("Ana", "Bela"):
        coop.ok(name, "payout", "key")
    put_details(coop, "Bela", IBANS["Bela"])
    coop.ok("Ana", "payout", "tick")
    first = "payment details set for the first time and no payout was approved before: Bela; tally payout details check"
    assert remarks(coop, "2025-08") == [first]
    for name in ("Ana", "Bela"):
        coop.ok(name, "payout", "approve", "2025-08", "--yes")

    assert remarks(coop, "2025-09") == []
    put_details(coop, "Bela", IBANS["Ana"])
    put_details(coop, "Chidi", IBANS["Chidi"])
    assert remarks(coop, "2025-09") == [
        "payment details set for the first time since the last approval: Chidi; tally payout details check",
        "payment details changed since the last approval: Bela; tally payout details check",
    ]
    # What an approval has seen stays as it was seen.
    assert remarks(coop, "2025-08") == [first]
    assert IBANS["Chidi"] not in coop.ok("Ana", "payout", "show", "2025-09").out


def test_a_great_share_is_told_to_whoever_approves_without_looking(tmp_path: Path) -> None:
    coop = riverbend(tmp_path, *PEOPLE, rule=RULE)
    for name in PEOPLE[:3]:
        coop.ok(name, "log", "1h", "x", "--role", "code")
    coop.ok("Dilek", "log", "12h", "much", "--role", "code")
    coop.ok("Ana", "income", "add", "150.00", "--from", "ACME")
    coop.now = "2025-09-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")

    told = coop.ok("Ana", "payout", "approve", "2025-08", "--yes")

    assert "Dilek gets 120.00 EUR, more than 3 times the median of this run" in told.err + told.out
    assert "Note      Dilek gets 120.00 EUR" in coop.ok("Ana", "payout", "show", "2025-08").out


def test_nobody_proposes_more_approvers_than_there_are_members(tmp_path: Path) -> None:
    coop = Riverbend(tmp_path, "Ana", "Bela")

    said = coop.run("Ana", "propose", "policy", "approvers", "99")

    assert said.code == REFUSED
    assert "There are 2 members, so 99 treasurers could never approve a payout." in said.err
    assert "Propose at most 2." in said.err
    coop.ok("Ana", "propose", "policy", "unusual", "5")
