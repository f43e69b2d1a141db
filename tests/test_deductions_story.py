"""A month of Riverbend with advances and tax, as it is typed: booked, set off, withheld, shown, paid over."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.autumn import AUGUST, SEPTEMBER
from tests.bankers import accounts
from tests.judges import complaint, text_of, with_programs
from tests.riverbend import REFUSED, USAGE, Riverbend

RULE = """
title = "Share rule"
[points.code]
hour = 10
[income]
split = [{ part = "rest", to = "work" }]
[work]
share = "points"
rest = "carry"
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """2,000.00 came in; Ana worked 10 h, Bela and Chidi 5 h each; advances to all, a fifth for the tax office."""
    made = Riverbend(tmp_path_factory.mktemp("deductions"))
    made.homes = dict.fromkeys(("Ana", "Bela", "Chidi"), "founders")
    rule = made.write("rule.toml", RULE)
    founders = [word for name in made.homes for word in ("--founder", name)]
    made.ok("Ana", "init", "Riverbend", "--zone", "Europe/Rome", "--rule", rule, *founders, "--rehearsal")
    made.now = "2025-08-10T09:00:00Z"
    for who, hours in (("Ana", "10h"), ("Bela", "5h"), ("Chidi", "5h")):
        made.ok(who, "log", hours, "the shop", "--role", "code")
    made.ok("Ana", "income", "add", "2000.00", "--from", "ACME")
    made.ok("Ana", "advance", "add", "300.00", "--to", "Bela", "--for", AUGUST, "--ref", "A-1")
    made.ok("Ana", "advance", "add", "500.00", "--to", "Chidi", "--for", AUGUST)
    made.ok("Bela", "advance", "add", "50.00", "--to", "Ana", "--for", AUGUST)
    made.ok("Ana", "advance", "repaid", "10.00", "--from", "Bela")
    said = made.ok("Ana", "withholding", "set", "20%", "--all", "--to", "Tax office", "--from", AUGUST)
    assert "20% of the shares of Bela, Chidi is withheld for Tax office" in said.out
    assert "Yours is not among them" in said.out
    made.ok("Bela", "withholding", "set", "Ana", "1/3", "--to", "Tax office", "--from", AUGUST)
    made.now = "2025-09-05T09:00:00Z"
    told = made.ok("Bela", "payout", "tick").out
    assert "2,000.00 to 3 people (533.33 withheld, 740.00 advances set off)" in told
    return made


def test_the_payout_shows_gross_and_net_in_columns_that_tie(here: Riverbend) -> None:
    data = here.data("Ana", "payout", "show", AUGUST)

    rows = {row["name"]: row for row in data["people"]}
    assert {name: (row["gross"], row["advances"], row["net"], row["balance"]) for name, row in rows.items()} == {
        "Ana": ("1000.00", "50.00", "616.67", "616.67"),
        "Bela": ("500.00", "290.00", "110.00", "110.00"),
        "Chidi": ("500.00", "400.00", "0.00", "0.00"),
    }
    total = data["deductions"]
    assert (total["gross"], total["advances"], total["net"]) == ("2000.00", "740.00", "726.67")
    assert [(row["authority"], row["amount"]) for row in total["withheld"]] == [("Tax office", "533.33")]
    shown = here.ok("Ana", "payout", "show", AUGUST).out
    assert "Member     On the balance   For Tax office   Advances      Net" in shown


def test_why_begins_at_the_amount_the_bank_pays(here: Riverbend) -> None:
    told = here.ok("Ana", "why", "Ana", AUGUST).out

    words = "1000.00 shares - 50.00 advances - 333.33 withheld for Tax office = 616.67"
    assert words in " ".join(told.replace("│", "").split())
    assert "616.67 EUR to be paid: 0.00 before" in told
    balance = here.data("Ana", "why", "Ana", AUGUST)["lies_on"][0]
    assert balance == {
        "account": "balance",
        "opening": "0.00",
        "shares": "1000.00",
        "taken": "383.33",
        "closing": "616.67",
        "corrections": "0.00",
        "corrected": "616.67",
    }


def test_a_statement_says_what_was_taken_off_and_for_whom(here: Riverbend) -> None:
    said = here.ok("Chidi", "statement", "Chidi", AUGUST).out

    steps = [line.split()[-1] for line in said.splitlines() if line.startswith(("Set off", "Withheld", "Balance now"))]
    assert steps == ["-400.00", "-100.00", "0.00"]
    assert "Withheld for Tax office" in said
    assert here.data("Chidi", "statement", "Chidi", AUGUST)["bank"]["net"] == "0.00"


def test_a_spreadsheet_has_the_deductions_by_authority(here: Riverbend) -> None:
    text = here.ok("Ana", "report", AUGUST, "--csv", "-").out
    rows = list(csv.DictReader(io.StringIO(text)))

    assert [(row["to"], row["amount"]) for row in rows if row["row"] == "authority"] == [("Tax office", "533.33")]
    assert {row["to"]: row["amount"] for row in rows if row["row"] == "net"} == {
        "Ana": "616.67",
        "Bela": "110.00",
        "Chidi": "0.00",
    }


def test_what_is_open_and_owed_is_listed_paid_and_never_paid_twice(here: Riverbend) -> None:
    assert accounts(here)["advance Chidi"] == "100.00"
    assert accounts(here)["withheld Tax office"] == "-533.33"
    listed = here.data("Ana", "advance", "list")
    assert [(row["name"], row["set_off"], row["open"]) for row in listed["advances"]] == [("Chidi", "400.00", "100.00")]
    assert len(here.data("Ana", "advance", "list", "--all")["advances"]) == 3
    assert "533.33 EUR are withheld for Tax office" in here.ok("Ana", "payout", "due").out
    paid = here.ok("Ana", "withholding", "paid", "Tax office", "533.33", "--ref", "2025/8")
    assert "0.00 EUR is owed still" in paid.out
    assert here.run("Ana", "withholding", "paid", "Tax office", "0.01").code == REFUSED
    assert here.data("Ana", "withholding", "list")["owed"] == {}
    here.ok("Bela", "verify")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("advance", "add", "10", "--to", "Ana", "--for", SEPTEMBER), REFUSED, "themselves alone"),
        (("advance", "add", "0", "--to", "Bela", "--for", SEPTEMBER), USAGE, "no money"),
        (("advance", "add", "10", "--to", "Bela", "--for", AUGUST), REFUSED, "cut off already"),
        (("advance", "add", "10", "--to", "Bela", "--for", SEPTEMBER, "--date", "2025-09-09"), USAGE, "in the future"),
        (("advance", "add", "10", "--to", "Bela", "--for", SEPTEMBER, "--ref", "A-1"), REFUSED, "booked already"),
        (("advance", "repaid", "200", "--from", "Chidi"), REFUSED, "are open, no more"),
        (("withholding", "set", "20%", "--to", "Tax office", "--from", SEPTEMBER), USAGE, "of whom"),
        (("withholding", "set", "Bela", "120%", "--to", "Tax office", "--from", SEPTEMBER), REFUSED, "no part"),
        (("withholding", "set", "Bela", "0", "--to", "Nobody", "--from", SEPTEMBER), REFUSED, "Nothing is withheld"),
        (("withholding", "set", "Bela", "90%", "--to", "Pension", "--from", SEPTEMBER), REFUSED, "whole share"),
        (("withholding", "paid", "Nobody", "1"), REFUSED, "No party"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_recorded(
    here: Riverbend, words: tuple[str, ...], code: int, said: str
) -> None:
    size = here.size("Ana")
    done: Any = here.run("Ana", *words)

    assert done.code == code, done
    assert said in done.err
    assert here.size("Ana") == size


@with_programs
def test_three_programs_find_the_books_right(here: Riverbend, program: str, tmp_path: Path) -> None:
    assert complaint(program, text_of(here, program, "--names"), tmp_path) == ""
