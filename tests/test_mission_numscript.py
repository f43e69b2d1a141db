"""Numscript's portions, allotments and sources come out the same in the share rule's language, or it is said why not.

Numscript gives units that are left over to the first portions in written order; ours go to the greatest remainders.
Paying out of several funds is how a loss is taken from accounts.
"""

import json
from fractions import Fraction
from typing import Any

import pytest

from governance.rule_values import RuleError
from governance.rules import parse
from ledger.money import AMOUNT_MAX
from tests.mission import case, cases, exact, ids, settled
from tests.trial import tried

NOT_SAID = {
    "capped": "A loss takes what a place holds or a part; it knows no amount that is the most it takes.",
    "complex": "A loss knows no amount that is the most it takes.",
    "overdraft-bounded": "No account goes below zero: what it lacks is borne by the result.",
    "overdraft-too-small": "No account goes below zero: what it lacks is borne by the result.",
    "send-all-negative-balance": "A loss is an amount; there is none that means all there is.",
    "send-all-multi": "A loss is an amount; there is none that means all there is.",
}
"""Of the sources."""

SAID = (
    *("cascade", "no-double-spend-same-account-twice", "insufficient", "portions", "portion-short", "overlap"),
    *("second-send-sees-first", "top-up-limit-ok", "top-up-limit-exceeded"),
)
"""The sources that a test below says one by one; of portions and allotments all are said."""


def test_every_source_is_said_or_it_is_said_why_not() -> None:
    assert {*SAID} | NOT_SAID.keys() == ids("numscript_sources")
    assert not {*SAID} & NOT_SAID.keys()
    assert all(reason[0].isupper() and reason.endswith(".") for reason in NOT_SAID.values())


class Saying:
    """A destination of Numscript as pots: a nested destination is a pot of its own, "kept" stays in its pot."""

    def __init__(self, dest: Any) -> None:
        self.accounts: set[str] = set()
        self.pots: list[str] = []
        self.pot("income", dest)

    @property
    def rule(self) -> str:
        declared = ", ".join(f'"{name}" = "fund"' for name in sorted(self.accounts))
        return "\n".join([f"accounts = {{ {declared} }}", *self.pots])

    def pot(self, name: str, dest: Any) -> None:
        verb, lines = ("fill", dest["fill"]) if "fill" in dest else ("split", self.with_rest(dest["split"]))
        say = self.filled if verb == "fill" else self.part
        said = ", ".join(say(f"{name}_{place}", line) for place, line in enumerate(lines))
        self.pots.append(f"{name} = {{ {verb} = [ {said} ] }}")

    @staticmethod
    def with_rest(portions: list[Any]) -> list[Any]:
        """Numscript lets portions come to 1 by themselves; here the last of them is then called the rest."""
        named = [portion for portion, _ in portions]
        if "remaining" in named or sum(map(Fraction, named)) != 1:
            return portions
        return [*portions[:-1], ["remaining", portions[-1][1]]]

    def part(self, name: str, line: Any) -> str:
        portion, target = line
        return f'{{ part = "{"rest" if portion == "remaining" else portion}", to = "{self.place(name, target)}" }}'

    def filled(self, name: str, line: Any) -> str:
        if "max" not in line:
            return f'{{ to = "{self.place(name, line["remaining"])}" }}'
        return f'{{ to = "{self.place(name, line["to"])}", up_to = "{line["max"]}" }}'

    def place(self, name: str, target: Any) -> str:
        if isinstance(target, str):
            self.accounts.add(target)
            return target
        if target.get("kept"):
            return "carry"
        self.pot(name, target)
        return name


@pytest.mark.parametrize("case", cases("numscript_portions"), ids=lambda case: case["in"])
def test_a_portion_is_read_as_numscript_reads_it(case: dict[str, Any]) -> None:
    rule = f'income = {{ split = [ {{ part = "{case["in"]}", to = "carry" }}, {{ part = "rest", to = "result" }} ] }}'
    if "error" in case:
        with pytest.raises(RuleError):
            parse(rule)
    else:
        result = settled(rule, 1_000_000)

        assert result.carried.get("income", 0) == Fraction(case["value"]) * 1_000_000


@pytest.mark.parametrize("case", cases("numscript_allotments"), ids=lambda case: case["id"])
def test_an_allotment_comes_out_as_in_numscript_but_for_fair_odd_units(case: dict[str, Any]) -> None:
    rule = Saying(case["dest"]).rule
    if "error" in case:
        with pytest.raises(RuleError):
            parse(rule)
    elif case["id"] == "negative-max-is-zero":
        # Theirs: a negative limit counts as 0. Ours: an amount has no minus; whoever means nothing leaves the line out.
        with pytest.raises(RuleError):
            parse(rule)
    elif case["amount"] > AMOUNT_MAX:
        # Theirs has no bound. Ours books whole units that every program holds exactly, up to 2^53 - 1.
        facts = {"currency": "EUR", "exponent": 0, "amount": str(case["amount"])}

        assert tried(rule, json.dumps(facts))["refused"]["pot"] == "facts"
    else:
        result = settled(rule, case["amount"])
        theirs = {name: amount for name, amount in case["expected"].items() if amount}
        ours = {name: amount for name, amount in case.get("largest_remainder", theirs).items() if amount}

        assert sum(result.accounts.values()) + sum(result.carried.values()) == case["amount"]
        assert all(abs(result.accounts.get(name, 0) - amount) <= 1 for name, amount in theirs.items())
        # Two halves of a unit ("empty-remainder", "commission-remaining-first") are decided by a hash; here as theirs.
        assert result.accounts == ours


def test_what_numscript_gives_to_the_first_is_given_to_the_greatest_remainder() -> None:
    given = case("numscript_allotments", "allocation")
    result = settled(Saying(given["dest"]).rule, 15)

    assert given["expected"] == {"driver": 13, "a": 1, "b": 1}
    assert exact(result) == {"driver": 12, "a": Fraction(6, 5), "rest": Fraction(9, 5)}
    assert result.accounts == {"driver": 12, "a": 1, "b": 2}


def source(lines: list[str], balances: dict[str, int]) -> str:
    """Sources in order: each gives what it has of what is left; what none has, the result bears."""
    declared = ", ".join(f'"{name}" = "fund"' for name in balances)
    said = "".join(f'{{ part = "100%", of = "left", to = "{name}" }}, ' for name in lines)
    return f"""
        accounts = {{ {declared} }}
        income = {{ split = [ {{ part = "rest", to = "carry" }} ] }}
        loss = {{ split = [ {said}{{ part = "rest", to = "result" }} ] }}
    """


def taken(rule: str, amount: int, balances: dict[str, int]) -> dict[str, int]:
    """What a loss takes from each account; from "result" what no account had."""
    result = settled(rule, amount, start="loss", accounts=balances)
    after = {name: result.accounts.get(name, 0) for name in {*balances, "result"}}
    return {name: balances.get(name, 0) - left for name, left in after.items() if left != balances.get(name, 0)}


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("cascade", {"main": 5000, "v1": 1000, "v2": 3000, "v3": 1000}),
        ("no-double-spend-same-account-twice", {"alice": 100, "result": 100}),
        # Theirs: an error, nothing is taken. Ours: a loss is there anyway; the year's result bears what accounts lack.
        ("insufficient", {"users:001": 3, "payments:001": 12, "result": 1}),
    ],
)
def test_sources_in_order_give_what_they_have(name: str, ours: dict[str, int]) -> None:
    given = case("numscript_sources", name)
    theirs = {("result" if place == "world" else place): amount for place, amount in given.get("taken", {}).items()}
    lines = [place for place in given["source"] if place != "world"]

    assert taken(source(lines, given["balances"]), given["send"], given["balances"]) == ours
    assert theirs in ({}, ours)


@pytest.mark.parametrize(
    ("name", "pots", "ours"),
    [
        # Theirs: 61, 35, 4, the odd unit to the first. Ours: a loss rounds lines down, the rest takes what is left.
        (
            "portions",
            'loss = { split = [ { part = "3/5", to = "a" }, { part = "71/200", to = "b" }, '
            '{ part = "rest", to = "c" } ] }',
            {"a": 60, "b": 35, "c": 5},
        ),
        # Theirs: an error. Ours: what a lacks of its tenth, and nine tenths, lower the result.
        (
            "portion-short",
            'loss = { split = [ { part = "1/10", to = "a" }, { part = "rest", to = "result" } ] }',
            {"a": 1, "result": 99},
        ),
        (
            "overlap",
            'loss = { split = [ { part = "3/20", to = "first" }, { part = "3/10", to = "a" }, '
            '{ part = "rest", to = "a" } ] }\n'
            'first = { split = [ { part = "100%", of = "left", to = "b" }, { part = "rest", to = "a" } ] }',
            {"b": 3, "a": 96},
        ),
    ],
)
def test_portions_of_sources_are_lines_of_a_loss(name: str, pots: str, ours: dict[str, int]) -> None:
    given = case("numscript_sources", name)
    declared = ", ".join(f'{account} = "fund"' for account in given["balances"])
    rule = f'accounts = {{ {declared} }}\nincome = {{ split = [ {{ part = "rest", to = "carry" }} ] }}\n{pots}'

    assert taken(rule, given["send"], given["balances"]) == ours
    assert name != "overlap" or given["taken"] == ours


def test_a_second_send_sees_what_the_first_left() -> None:
    """Theirs rejects both. Ours: two runs; what the second lacks lowers the result."""
    given = case("numscript_sources", "second-send-sees-first")
    rule = source(["a"], given["balances"])
    first = taken(rule, 50, given["balances"])

    assert first == {"a": 50}
    assert taken(rule, 50, {"a": 60 - first["a"]}) == {"a": 10, "result": 40}


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("top-up-limit-ok", {"top": 150}),
        # Theirs: an error. Ours: the account is filled to its level, the unit that has no room goes on.
        ("top-up-limit-exceeded", {"top": 150, "other": 1}),
    ],
)
def test_an_account_is_filled_to_its_limit(name: str, ours: dict[str, int]) -> None:
    given = case("numscript_sources", name)
    rule = f"""
        accounts = {{ top = "fund", other = "fund" }}
        income = {{ fill = [
          {{ to = "top", until = {{ account = "top", level = "{given["limit_after"]}" }} }}, {{ to = "other" }} ] }}
    """

    assert settled(rule, given["send"], accounts={"top": given["dest_balance"]}).accounts == ours
