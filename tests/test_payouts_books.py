"""What the books promise whatever a rule is called and whatever goes wrong: they tie, or nothing is recorded."""

import csv
import io
from typing import Any

import pytest
from msgspec.structs import replace
from rich.console import Console

from governance.rule_words import differences
from governance.rules import parse
from ledger import entry, fact
from ledger.calendar import grace_days
from ledger.errors import Refused
from ledger.facts import Founded
from payouts import compute, founding, state
from payouts.books.report import ACCOUNT_COLUMNS, RUN_COLUMNS, account_rows, csv_text, run_rows
from payouts.looking.fairness import fairness_data
from payouts.looking.fairness_looks import fairness_texts
from payouts.panels import rule_impact
from payouts.reasons.why import why_data
from payouts.reasons.why_tree import why_tree
from payouts.showing import adopted_by, payout_data, payout_list, payout_rows, show_payout
from payouts.statements.statement import statement_data, statement_texts
from tests.test_payouts_accounts import NOVEMBER, OCTOBER, PLAIN, SEPTEMBER, book, log, lying, names, tick, village
from tests.village import DAY, DEFAULT, FOUNDED, ROOMS, Village, at, found, person, titled

ODD = """
title = 'Größe: "drei" 💶'
[ask."höhe: x"]
now = "10%"
min = "0"
max = "20%"
[accounts]
'Rück lage: "fünf"' = "indivisible"
"dar lehn:ö" = "member"
"=cmd" = "fund"
[points.code]
hour = 7
[points.care]
hour = 5
[income]
split = [
  { part = "@höhe: x", to = 'Rück lage: "fünf"' },
  { part = "1/7", to = "=cmd" },
  { part = "1/3", to = "arbeitslöhne" },
  { part = "rest", to = 'a "b": c' },
]
["arbeitslöhne"]
share = "points"
into = { "dar lehn:ö" = "1/3", balance = "rest" }
rest = "carry"
['a "b": c']
share = "hours"
rest = "arbeitslöhne"
"""


def drawn(*texts: Any) -> str:
    """Texts, tables and trees as a wide screen shows them."""
    screen = Console(file=io.StringIO(), width=200, markup=False, highlight=False)
    for text in texts:
        screen.print(text)
    return screen.file.getvalue()  # type: ignore[attr-defined]


def test_names_in_any_letters_are_paid_shown_and_explained() -> None:
    here = village(ODD)
    for month, now in ((8, SEPTEMBER), (9, OCTOBER)):
        log(here, "Ana", 60, f"2025-{month:02}-01")
        log(here, "Chidi", 95, f"2025-{month:02}-01", role="care")
        book(here, 10_001, booked=f"2025-{month:02}-01")
        tick(here, now)

    ana, known = person("Ana"), names(here)
    assert sum(lying(here).values()) == 0
    assert lying(here)['account:Rück lage: "fünf"'] == -2000
    for period in ("2025-08", "2025-09"):
        why = why_data(here.book, known, lambda _: {}, ana, period)
        assert {row["account"] for row in why["lies_on"]} == {"balance", "dar lehn:ö"}
        assert 'Pot a "b": c held' in drawn(why_tree(why))
        assert payout_data(here.book, known, period)["people"]
        assert "arbeitslöhne" in drawn(*show_payout(here.book, known, period))
        data = statement_data(here.book, known, lambda _: {}, ana, period)
        assert "arbeitslöhne" in drawn(*statement_texts(here.book, known, data))
        rows = list(csv.DictReader(io.StringIO(csv_text(RUN_COLUMNS, run_rows(here.book, known, period)))))
        assert {'a "b": c', "'=cmd", 'Rück lage: "fünf"'} <= {row["to"] for row in rows}
    assert "'=cmd" in csv_text(ACCOUNT_COLUMNS, account_rows(here.book, known))
    fair = fairness_data(here.book, known)
    assert {row["pot"] for row in fair["drifts"]} >= {'a "b": c', "arbeitslöhne"}
    assert "Nobody" not in drawn(*fairness_texts(fair))
    assert drawn(payout_list(payout_rows(here.book, known)))
    other = ODD.replace("arbeitslöhne", "löhne")
    assert rule_impact(here.book, known, f'moved = {{ "arbeitslöhne" = "löhne" }}\n{other}').data["periods"]
    assert differences(parse(ODD), parse(other))
    assert here.again().parts == here.book.parts


def test_a_new_rule_moves_money_between_names_in_any_letters() -> None:
    here = village(ODD)
    book(here, 10_001)  # nobody worked, so the pot carries it
    tick(here, SEPTEMBER)
    proposed = here.propose_rule("Ana", 'moved = { "arbeitslöhne" = "ö: ü" }\n' + ODD.replace("arbeitslöhne", "ö: ü"))
    for name in ("Ana", "Chidi"):
        here.vote(name, proposed, "yes")
    tick(here, NOVEMBER)

    assert "pot:arbeitslöhne" not in lying(here)
    assert lying(here)["pot:ö: ü"] < 0


def test_a_run_that_does_not_tie_is_refused_by_name_before_it_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    here = village()
    log(here, "Ana", 60)
    book(here, 1000)

    def a_cent_too_much(*given: Any) -> Any:
        right = run(*given)
        return replace(right, balances={who: amount + 1 for who, amount in right.balances.items()})

    run = compute.run
    monkeypatch.setattr(compute, "run", a_cent_too_much)
    with pytest.raises(state.DoesNotTie, match="the balances are not those of the run"):
        tick(here, SEPTEMBER)
    assert (here.book.size, len(here.leaves), state.of(here.book).runs) == (5, 5, {})
    monkeypatch.undo()
    here.book.memo.clear()
    tick(here, SEPTEMBER)
    assert lying(here)[f"balance:{person('Ana')}"] == -700


def test_accounts_that_do_not_sum_to_zero_stop_the_book_by_name() -> None:
    here = village()
    state.of(here.book).accounts["bank"] = 1

    with pytest.raises(state.DoesNotTie, match="sum to zero"):
        state.balanced(here.book)


def test_a_ledger_of_days_that_was_idle_for_five_months_pays_again() -> None:
    here = found("Ana", period="days:1")
    said = tick(here, FOUNDED + 150 * DAY, "Ana")

    assert len([line for line in said if " computed: " in line]) == len(state.of(here.book).runs) > 140


def founded(here: Village) -> Founded:
    """The founding statement."""
    said = fact.read(entry.read(here.leaves[0][0]), ROOMS)
    assert isinstance(said, Founded)
    return said


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"late": "reject"}, "late work"),
        ({"grace_days": 4}, "days of grace"),
        ({"approvers": 3}, "2 of the founders are treasurers"),
    ],
)
def test_what_the_founding_says_of_payouts_is_what_rule_and_calendar_say(wrong: dict[str, Any], why: str) -> None:
    said = founded(found("Ana", "Chidi"))
    right = said.rooms["payouts"]
    state.check_founding(right, said)

    with pytest.raises(Refused, match=why):
        state.check_founding(right | wrong, said)


def test_enough_of_the_founders_hold_the_role_that_approves() -> None:
    said = founded(found("Ana", "Chidi"))
    lead, other = said.founders

    with pytest.raises(Refused, match="1 of the founders are treasurers"):
        state.check_founding(said.rooms["payouts"], replace(said, founders=(lead, replace(other, roles=()))))


def test_the_founding_takes_late_work_from_the_first_rule() -> None:
    terms = {"rule": DEFAULT.replace('"next_period"', '"reject"'), "approvers": 1, "grace_days": 3}
    here = found("Ana", rule=terms["rule"])

    assert founding.section(terms)["late"] == "reject" == here.book.ledger.late
    assert grace_days(here.book.ledger.calendar[0]) == 3


def test_of_two_rules_that_start_at_once_the_payout_names_the_vote_of_the_one_it_follows() -> None:
    here = found("Ana")
    for day, title in ((2, "Second"), (10, "Third")):
        when = at(f"2025-08-{day:02}")
        here.vote("Ana", here.propose_rule("Ana", titled(title), when), "yes")
    tick(here, OCTOBER, "Ana")

    by = adopted_by(here.book, "2025-09")
    assert by is not None
    assert by.number == 2
    assert adopted_by(here.book, "2025-08") is None


def test_a_balance_below_the_minimum_of_the_rule_is_shown_as_waiting() -> None:
    here = village(PLAIN.replace('share = "points"', 'share = "points"\nminimum = "6.00"'))
    log(here, "Ana", 60)
    book(here, 1000)
    log(here, "Chidi", 300)
    tick(here, SEPTEMBER)

    people = {row["id"]: row for row in payout_data(here.book, names(here), "2025-08")["people"]}
    assert payout_data(here.book, names(here), "2025-08")["payable_from"] == "6.00"
    assert (people[person("Ana")]["balance"], people[person("Ana")]["payable"]) == ("1.17", "0.00")
    assert (people[person("Chidi")]["balance"], people[person("Chidi")]["payable"]) == ("5.83", "0.00")
    shown = drawn(*show_payout(here.book, names(here), "2025-08"))
    assert "Payable now" in shown
    assert "a balance below 6.00 EUR waits until it is reached" in shown
    log(here, "Chidi", 60, "2025-09-05", SEPTEMBER)
    book(here, 1000, booked="2025-09-05")
    tick(here, OCTOBER)
    data = statement_data(here.book, names(here), lambda _: {}, person("Chidi"), "2025-09")
    assert (data["payable"], data["payable_from"]) == ("12.83", "6.00")
    assert "12.83 now" in drawn(*statement_texts(here.book, names(here), data))
    waiting = statement_data(here.book, names(here), lambda _: {}, person("Ana"), "2025-09")
    assert waiting["payable"] == "0.00"


def test_without_a_minimum_nobody_is_bothered_with_what_is_payable() -> None:
    here = village()
    log(here, "Ana", 60)
    book(here, 1000)
    tick(here, SEPTEMBER)

    assert "Payable" not in drawn(*show_payout(here.book, names(here), "2025-08"))
    assert payout_data(here.book, names(here), "2025-08")["people"][0]["payable"] == "7.00"
