"""A rule whose cents could be lost is refused when it is proposed, with the place named, and nothing is recorded.

One rule for every refusal of the language, put before the members of a cooperative that follows another one.
"""

from pathlib import Path

import pytest

from governance.rule import RESERVED, STARTS
from governance.rules import RuleError, parse
from tests.riverbend import REFUSED, Riverbend
from tests.test_payouts_accounts import PLAIN, SEPTEMBER, book, tick, village
from tests.village import Village

EQUAL = 'income = { share = "equal", rest = "carry" }\n'
LOAN = 'accounts.loan = "member"\n'
CARRY = '{ part = "rest", to = "carry" } ] }'
FLOWS = 'income = { split = [ { part = "rest", to = "work" } ] }\n'

REFUSALS = {
    "no income": ('work = { share = "equal", rest = "carry" }', "income"),
    "a flow into income": (f'{FLOWS}work = {{ share = "equal", rest = "income" }}', "work"),
    "a flow into surplus": (f'{FLOWS}work = {{ share = "equal", rest = "surplus" }}', "work"),
    "a flow into loss": ('income = { split = [ { part = "rest", to = "loss" } ] }', "income"),
    "a pot that feeds itself": (f'{FLOWS}work = {{ share = "equal", rest = "work" }}', "work"),
    "a circle": (f'{FLOWS}work = {{ share = "equal", rest = "b" }}\nb = {{ share = "equal", rest = "work" }}', "b"),
    "parts over the whole": (
        'income = { split = [ { part = "<= 1/2", to = "carry" }, { part = "51%", to = "carry" }, '
        '{ part = "rest", to = "carry" } ] }',
        "income",
    ),
    "a pot nobody fills": (f'{EQUAL}idle = {{ share = "equal", rest = "carry" }}', "idle"),
    "two verbs": ('income = { share = "equal", fill = [ { to = "carry" } ], rest = "carry" }', "income"),
    "no verb": ('income = { rest = "carry" }', "income"),
    "a split without its rest": ('income = { split = [ { part = "1", to = "carry" } ] }', "income"),
    "a share without its rest": ('income = { share = "equal" }', "income"),
    "a fill without an end": ('income = { fill = [ { to = "carry", up_to = "5.00" } ] }', "income"),
    "an unknown name": ('income = { split = [ { part = "rest", to = "fund" } ] }', "income"),
    "an unknown verb": ('income = { pour = "all" }', "income"),
    "an unknown key": ('income = { share = "equal", colour = "red", rest = "carry" }', "income"),
    "an unknown key of who": ('income = { share = "equal", who = { age = ">= 3" }, rest = "carry" }', "income"),
    "an unknown weight": ('income = { share = "karma", rest = "carry" }', "income"),
    "an unknown role": ('income = { share = "points", roles = ["code"], rest = "carry" }', "income"),
    "an unknown form": (f'income = {{ split = [ {{ part = "about half", to = "carry" }}, {CARRY}', "income"),
    "a key that belongs to another section": (f'{EQUAL}points.code.hour = {{ interest = "2%" }}', "points.code"),
    "a role in no pot": (
        'points = { code = { hour = 1 }, care = { hour = 1 } }\n'
        'income = { share = "hours", roles = ["code"], rest = "carry" }',
        "points.care",
    ),
    "a float": ('income = { share = "equal", throttle = 1.5, rest = "carry" }', "income"),
    "a float in the catalogue": (f"{EQUAL}points.code.hour = 1.5", "points.code"),
    "a float among numbers": (f"{EQUAL}ask.rate = {{ now = 0.02, min = '0%', max = '5%' }}", "ask.rate"),
    "more decimals than the currency": ('income = { share = "equal", floor = "1.005", rest = "carry" }', "income"),
    "more decimals in a claim": (f'{EQUAL}points.code.hour = {{ claim = "1.005" }}', "points.code"),
    "from what is indivisible to a person": (
        'accounts.kept = "indivisible"\nincome = { share = "equal", into = "kept", rest = "carry" }',
        "income",
    ),
    "a member account in a split": (f'{LOAN}income = {{ split = [ {{ part = "rest", to = "loan" }} ] }}', "income"),
    "a member account in a fill": (f'{LOAN}income = {{ fill = [ {{ to = "loan" }} ] }}', "income"),
    "a member account as rest": (f'{LOAN}income = {{ share = "equal", rest = "loan" }}', "income"),
    "a number below its bounds": (f'{EQUAL}ask.rate = {{ now = "1%", min = "2%", max = "5%" }}', "ask.rate"),
    "a number above its bounds": (f'{EQUAL}ask.rate = {{ now = "6%", min = "2%", max = "5%" }}', "ask.rate"),
    "an unknown number": (f'income = {{ split = [ {{ part = "@rate", to = "carry" }}, {CARRY}', "income"),
    "a name of pot and account": (f'accounts.work = "fund"\n{FLOWS}work = {{ fill = [ {{ to = "carry" }} ] }}', "work"),
    "claims paid twice": (
        'points.code.hour = { claim = "9.00" }\n'
        'income = { split = [ { part = "1/2", to = "a" }, { part = "rest", to = "b" } ] }\n'
        'a = { share = "claims", rest = "carry" }\nb = { share = "claims", rest = "carry" }',
        "b",
    ),
    "two windows": ('income = { share = "hours", look_back = 2, half_life = 2, rest = "carry" }', "income"),
    "claims that are balanced": ('income = { share = "claims", balanced = true, rest = "carry" }', "income"),
    "a loss by a fill": (f'{EQUAL}loss = {{ fill = [ {{ to = "result" }} ] }}', "loss"),
    "a loss by claims": (f'{LOAN}{EQUAL}loss = {{ share = "claims", into = "loan", rest = "carry" }}', "loss"),
    "a loss onto the balance": (f'{EQUAL}loss = {{ share = "equal", rest = "carry" }}', "loss"),
    "a loss of what is owed": (
        f'accounts.dues = "owed"\n{EQUAL}loss = {{ split = [ {{ part = "rest", to = "dues" }} ] }}',
        "loss",
    ),
    "a loss until a level": (
        f'accounts.fund = "fund"\n{EQUAL}loss = {{ split = [ {{ part = "1/2", to = "fund", '
        'until = { account = "fund", level = "5.00" } }, { part = "rest", to = "result" } ] }',
        "loss",
    ),
    **{f"a pot called {name}": (f'{EQUAL}{name} = {{ share = "equal", rest = "carry" }}', name) for name in RESERVED},
    **{f"an account called {name}": (f'{EQUAL}accounts.{name} = "fund"', f"accounts.{name}") for name in RESERVED},
}  # fmt: skip


@pytest.fixture
def here() -> Village:
    return village(PLAIN)


@pytest.mark.parametrize(("text", "place"), REFUSALS.values(), ids=REFUSALS)
def test_such_a_rule_is_refused_when_it_is_proposed_with_its_place(here: Village, text: str, place: str) -> None:
    size = len(here.leaves)
    with pytest.raises(RuleError) as refused:
        here.propose_rule("Ana", text)

    assert refused.value.pot == place
    assert refused.value.exit_code == REFUSED
    # The text was put down before; the proposal was not recorded.
    assert [
        fact for fact in here.leaves[size:] if b"governance.moved" in fact[0] or b"governance.proposed" in fact[0]
    ] == []


def test_money_of_a_dropped_pot_or_account_is_named_when_a_rule_is_proposed() -> None:
    here = village(PLAIN)
    book(here, 1000)  # nobody works: the pot keeps what the reserve does not get
    tick(here, SEPTEMBER)
    points = "points.code.hour = 10\n"
    for text, place in (
        (f'{points}accounts.reserve = "indivisible"\n{EQUAL}', "work"),
        (f'{points}accounts.reserve = "indivisible"\n{EQUAL}moved = {{ work = "reserve" }}', "moved.work"),
        (f'{points}{EQUAL}moved = {{ work = "income" }}', "reserve"),
        (f'{points}accounts.fund = "fund"\n{EQUAL}moved = {{ work = "income", reserve = "fund" }}', "moved.reserve"),
        (f'{points}accounts.reserve = "fund"\n{EQUAL}moved = {{ work = "income" }}', "accounts.reserve"),
    ):
        with pytest.raises(RuleError) as refused:
            here.propose_rule("Ana", text)
        assert refused.value.pot == place

    kept = f'{points}accounts.kept = "indivisible"\n{EQUAL}moved = {{ work = "income", reserve = "kept" }}'
    assert here.propose_rule("Ana", kept)


def test_somebody_who_types_it_reads_the_place_and_nothing_is_recorded(tmp_path: Path) -> None:
    coop = Riverbend(tmp_path, "Ana", "Bela")
    size = coop.size("Ana")
    for name in ("a split without its rest", "a circle", "a role in no pot", "a member account as rest"):
        text, place = REFUSALS[name]
        said = coop.run("Ana", "propose", "rule", coop.write("theirs.toml", text))

        assert said.code == REFUSED
        assert place in said.err
        assert coop.run("Ana", "rule", "check", "theirs.toml", "--json").data["refused"]["pot"] == place
        assert coop.size("Ana") == size


def test_names_of_starts_are_no_places_to_send_money_to() -> None:
    for name in STARTS:
        with pytest.raises(RuleError):
            parse(f'income = {{ split = [ {{ part = "rest", to = "{name}" }} ] }}')
