"""A rule tried on facts as `tally rule try --facts` answers: the run, or the place where rule or facts are refused."""

from typing import Any

from governance.rule_values import RuleError
from governance.rules import parse
from governance.trying import answer, refusal


def tried(rule_text: str, facts_text: str) -> dict[str, Any]:
    """The lines of one run and the state after it, or `{"refused": {"pot": …, "why": …}}`."""
    try:
        return answer(parse(rule_text), facts_text)
    except RuleError as error:
        return refusal(error)
