"""The shared cases of the share rule: rule, facts and the answer to the cent, or the place of the refusal."""

import json
from pathlib import Path
from typing import Any

import pytest

from governance.rules import RuleError, parse
from tests.riverbend import REFUSED, Riverbend
from tests.trial import tried

CASES = sorted((Path(__file__).parent / "vectors" / "rules").glob("*.json"), key=lambda path: path.stem)
KEYS = ("lines", "carried", "accounts", "members", "balances", "debts", "open")


def cases(refused: bool) -> list[Any]:
    read = [json.loads(path.read_text("utf-8")) for path in CASES]
    return [pytest.param(case, id=case["name"]) for case in read if ("refused" in case) == refused]


def test_the_cases_are_there() -> None:
    assert len(CASES) == 65


@pytest.mark.parametrize("case", cases(refused=False))
def test_a_case_is_settled_to_the_cent(case: dict[str, Any]) -> None:
    answer = tried(case["rule"], json.dumps(case["facts"]))

    assert {key: answer[key] for key in KEYS if answer[key]} == {
        key: value for key, value in case["expected"].items() if value
    }


@pytest.mark.parametrize("case", cases(refused=True))
def test_a_case_is_refused_at_its_place(case: dict[str, Any]) -> None:
    if "facts" in case:
        refused = tried(case["rule"], json.dumps(case["facts"]))["refused"]["pot"]
    else:
        with pytest.raises(RuleError) as error:
            parse(case["rule"])
        refused = error.value.pot

    assert refused == case["refused"]["pot"]


@pytest.mark.parametrize("case", cases(refused=False))
def test_every_step_explains_its_lines(case: dict[str, Any]) -> None:
    """What a step gave its parts is what flowed out of the pot and what it carries on."""
    from governance.run import run
    from governance.trying_facts import read_facts

    result = run(parse(case["rule"]), read_facts(json.dumps(case["facts"])))

    for step in result.steps:
        if step.amount <= 0 and case["facts"].get("start") != "loss":
            continue
        assert sum(part.amount for part in step.parts) == step.amount
        assert step.amount == step.carried + sum(step.inflows.values())


def test_the_command_answers_every_case_as_it_is_shared(tmp_path: Path) -> None:
    """`tally rule try RULE --facts FACTS --json`; a rule that is refused by itself is refused by `rule check` too."""
    nobody = Riverbend(tmp_path)
    for path in CASES:
        case = json.loads(path.read_text("utf-8"))
        rule = nobody.write(f"{path.stem}.toml", case["rule"])
        facts = nobody.write(f"{path.stem}.json", json.dumps(case.get("facts", {"currency": "EUR", "exponent": 2})))
        said = nobody.run("Nobody", "rule", "try", rule, "--facts", facts, "--json")

        if "refused" not in case:
            assert (said.code, {key: said.data[key] for key in case["expected"]}) == (0, case["expected"]), path.stem
            continue
        assert (said.code, said.data["refused"]["pot"]) == (REFUSED, case["refused"]["pot"]), path.stem
        checked = nobody.run("Nobody", "rule", "check", rule, "--json")
        assert (checked.code == REFUSED) == ("facts" not in case), path.stem
