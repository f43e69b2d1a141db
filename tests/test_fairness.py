"""Whether payouts are fair: what roles and circles got, how concentrated it is, what was seen without money."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.private import Text
from payouts.looking.concentration import half
from payouts.looking.fairness import fairness_data
from tests.autumn import three_months
from tests.test_payouts_accounts import NOVEMBER, OCTOBER, SEPTEMBER, book, log, names, tick, village
from tests.village import Village, person

RULE = """
[points.code]
hour = 10
[points.care]
hour = 5
[points.talk]
event = 1
[income]
share = "points"
roles = ["code", "care", "talk"]
rest = "carry"
"""
PEOPLE = ("Ana", "Bela", "Chidi")


def two_months(rule: str = RULE) -> Village:
    """Ana 3 h of code, Bela 2 h of care in berlin/kitchen; then Ana 1 h, Bela 2 h in no circle, Chidi gives gifts."""
    here = village(rule, *PEOPLE)
    log(here, "Ana", 180, "2025-08-01")
    log(here, "Bela", 120, "2025-08-01", role="care", circle="berlin/kitchen")
    book(here, 40_000)
    tick(here, SEPTEMBER)
    log(here, "Ana", 60, "2025-09-01", SEPTEMBER)
    log(here, "Bela", 120, "2025-09-01", role="care")
    log(here, "Chidi", 90, "2025-09-02", role="care", gift=True)
    log(here, "Chidi", 1, "2025-09-02", role="talk", kind="event", gift=True)
    for giver in ("Ana", "Bela"):
        here.say(giver, "contributions.thanked", {"to": person("Chidi"), "why": Text("For the soup."), "circle": ""})
    here.say("Ana", "contributions.thanked", {"to": person("Chidi"), "why": Text("And the talk."), "circle": ""})
    book(here, 10_000, booked="2025-09-02")
    tick(here, OCTOBER)
    return here


def fair(here: Village, runs: int = 12) -> dict[str, Any]:
    return fairness_data(here.book, names(here), runs)


def test_what_roles_and_circles_got_over_time_comes_to_what_people_got() -> None:
    data = fair(two_months())

    # 30 : 10 points of 400.00, then 10 : 10 of 100.00.
    roles = {row["name"]: row for row in data["roles"]}
    assert roles["code"]["runs"] == {"2025-08": "300.00", "2025-09": "50.00"}
    assert roles["care"]["runs"] == {"2025-08": "100.00", "2025-09": "50.00"}
    assert (roles["code"]["part"], roles["code"]["parts"]) == ("70.0%", ["75.0%", "50.0%"])
    assert [row["name"] for row in data["circles"]] == ["no circle", "berlin/kitchen"]
    for key in ("roles", "circles"):
        assert sum(Fraction(row["total"]) for row in data[key]) == 500


def test_how_concentrated_each_run_was() -> None:
    data = fair(two_months())["concentration"]

    assert [(row["period"], row["people"], row["top"], row["half"]) for row in data] == [
        ("2025-08", 2, "75.0%", 1),
        ("2025-09", 2, "50.0%", 1),
    ]
    assert data[0]["most"] is not None
    assert data[1]["most"] is None


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 10**6), max_size=12))
def test_half_is_held_by_so_many_and_by_no_fewer(amounts: dict[str, int]) -> None:
    count, ranked, whole = half(amounts), sorted(amounts.values(), reverse=True), sum(amounts.values())

    assert (count == 0) == (whole == 0)
    assert 2 * sum(ranked[:count]) >= whole
    assert count == 0 or 2 * sum(ranked[: count - 1]) < whole


def test_thanks_and_gifts_are_seen_and_named_without_money() -> None:
    here = two_months()

    [row] = fair(here)["recognition"]

    assert row["id"] == person("Chidi")
    assert (row["thanks"], row["from"]) == (3, 2)
    assert (row["gift_time"], row["gift_pieces"], row["unweighed_minutes"]) == ("1h30", 1, 0)


def test_hours_that_no_pot_weighs_are_seen_too() -> None:
    here = village(RULE.replace("hour = 5", "hour = 0"), *PEOPLE)
    log(here, "Ana", 60)
    log(here, "Bela", 60, role="care")
    book(here, 10_000)
    tick(here, SEPTEMBER)

    [row] = fair(here)["recognition"]

    assert (row["id"], row["unweighed_time"], row["thanks"]) == (person("Bela"), "1h", 0)


def test_thanks_that_carry_money_are_not_among_them() -> None:
    here = two_months(RULE.replace('share = "points"\nroles = ["code", "care", "talk"]', 'share = "thanks"'))

    assert all(row["thanks"] == 0 for row in fair(here)["recognition"])


def test_only_the_last_runs_are_looked_at_and_rounding_over_all_time() -> None:
    here = two_months()
    tick(here, NOVEMBER)

    data = fair(here, 2)

    assert data["periods"] == ["2025-09", "2025-10"]
    assert data["runs"] == 3
    assert data["concentration"][1] | {"people": 0, "top": None, "most": None, "half": 0} == data["concentration"][1]


def test_it_is_shown_as_tables_at_a_hundred_columns(tmp_path: Path) -> None:
    coop = three_months(tmp_path)
    coop.ok("Bela", "thanks", "Ana", "for the shop")
    coop.now = "2025-12-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")

    shown = coop.ok("Ana", "payout", "fairness").out

    assert max(map(len, shown.splitlines())) <= 100
    for words in ("Part of each run: 2025-08 to 2025-11", "Half goes to", "Recognised without money", "1 from 1"):
        assert words in shown
    assert "2025-08" not in coop.ok("Ana", "payout", "fairness", "--runs", "1").out
    lines = [line.split()[0] for line in shown.splitlines()[2:5]]
    assert lines == ["Ana", "Bela", "Chidi"]
