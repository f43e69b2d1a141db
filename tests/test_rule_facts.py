"""The facts of a trial: what is malformed is refused as such, and nothing is guessed."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.riverbend import USAGE, Riverbend
from tests.trial import tried

RULE = 'accounts = { reserve = "indivisible", loan = "member" }\nincome = { share = "equal", rest = "carry" }\n' \
       'surplus = { share = "equal", rest = "carry" }'  # fmt: skip
EURO = {"currency": "EUR", "exponent": 2}


def refused(facts: Any) -> str:
    text = facts if isinstance(facts, str) else json.dumps({**EURO, **facts})
    return str(tried(RULE, text)["refused"]["pot"])


@pytest.mark.parametrize(
    "facts",
    [
        "",
        "[]",
        "null",
        '{"currency": "EUR"}',
        '{"exponent": 2}',
        '{"currency": "", "exponent": 2}',
        '{"currency": "EUR", "exponent": 2, "amount": 1.5}',
        '{"currency": "EUR", "exponent": 2.0}',
        '{"currency": "EUR", "exponent": 2, "exponent": 3}',
        '{"currency": "EUR", "exponent": 2, "seed": NaN}',
        "[" * 100_000,
        {"exponent": -1},
        {"exponent": 5},
        {"exponent": True},
        {"receipt": []},
        {"start": "expenses"},
        {"start": "loss", "amount": "5.00"},
        {"start": "surplus"},
        {"start": "surplus", "amount": "-1.00"},
        {"amount": 5},
        {"amount": "5.005"},
        {"amount": "1,000.00"},
        {"amount": "+5.00"},
        {"amount": "99999999999999999.00"},
        {"amount": None},
        {"refunds": "-1.00"},
        {"costs": "-1.00"},
        {"receipts": {}},
        {"receipts": [{"amount": "-1.00"}]},
        {"receipts": [{"amount": "1.00", "deals": {"ana": "1/2"}}]},
        {"receipts": [{"amount": "1.00", "deals": {"ana": "3/2", "bela": "-1/2"}}]},
        {"receipts": [{"amount": "1.00", "deal": {"ana": "1"}}]},
        {"carried": []},
        {"carried": {"income": 5}},
        {"members": {"loan": "5.00"}},
        {"members": {"loan": {"ana": 5}}},
        {"debts": {"income": {"ana": "1/2"}}},
        {"debts": {"income": {"ana": 1.5}}},
        {"open": {"income": {"ana": "-1.00"}}},
        {"seed": 7},
        {"people": {"ana": {"tenure": -1}}},
        {"people": {"ana": {"tenure": "1.5"}}},
        {"people": {"ana": {"left": "no"}}},
        {"people": {"ana": {"name": "Ana"}}},
        {"people": {"rest": {}}},
        {"people": {"": {}}},
        {"items": [{"who": "ana", "qty": -1}]},
        {"items": [{"who": "ana", "qty": "1/0"}]},
        {"items": [{"who": "ana", "qty": 1.5}]},
        {"items": [{"who": "ana", "qty": "1h30"}]},
        {"items": [{"who": "ana", "age": -1}]},
        {"items": [{"who": "ana", "age": "1/2"}]},
        {"items": [{"who": "ana", "age": 10001}]},
        {"items": [{"who": "ana", "gift": 1}]},
        {"items": [{"qty": 1}]},
        {"thanks": [{"from": "ana"}]},
        {"thanks": [{"from": "ana", "to": "bela", "why": "soup"}]},
    ],
)
def test_malformed_facts_are_refused_as_facts(facts: Any) -> None:
    assert refused(facts) == "facts"


def test_everything_absent_is_empty_or_zero() -> None:
    assert tried(RULE, json.dumps(EURO)) == {
        "lines": [],
        "carried": {},
        "accounts": {},
        "members": {},
        "balances": {},
        "debts": {},
        "open": {},
    }


def test_numbers_are_whole_or_in_quotes() -> None:
    facts = {
        **EURO,
        "exponent": "2",
        "amount": "-5",
        "debts": {"income": {"ana": "-7"}},
        "people": {"ana": {"tenure": "3", "pay": "-1.00"}},
        "items": [{"who": "ana", "role": "x", "kind": "y", "qty": "07.50", "age": "2"}],
        "members": {"loan": {"ana": "-0.05"}},
    }
    answer = tried(RULE, json.dumps(facts))

    assert answer["carried"] == {"income": "-5.00"}
    assert answer["debts"] == {"income": {"ana": -7}}
    assert answer["members"] == {"loan": {"ana": "-0.05"}}


def test_an_answer_has_all_decimals_of_the_currency() -> None:
    yen = tried(RULE, json.dumps({"currency": "JPY", "exponent": 0, "amount": "7", "people": {"ana": {}}}))
    dinar = tried(RULE, json.dumps({"currency": "KWD", "exponent": 3, "amount": "7", "people": {"ana": {}}}))

    assert (yen["balances"], dinar["balances"]) == ({"ana": "7"}, {"ana": "7.000"})


def test_without_a_ledger_and_without_facts_a_trial_says_what_it_needs(tmp_path: Path) -> None:
    nobody = Riverbend(tmp_path)
    said = nobody.run("Nobody", "rule", "try", nobody.write("rule.toml", RULE))

    assert said.code == USAGE
    assert "tally rule try FILE --facts FACTS" in said.err
