"""A rule tried on facts from a file: one run, without a ledger, so that people can play before they found anything.

The same code computes a payout; here its answer is written in the form in which cases are shared.
"""

from collections.abc import Mapping
from typing import Any

from governance.moving import check_facts, facts_under
from governance.rule import Rule
from governance.rule_values import RuleError
from governance.run import run
from governance.run_facts import Line, Result
from governance.trying_facts import read_facts
from ledger.money import format_amount


def answer(rule: Rule, facts_text: str) -> dict[str, Any]:
    """The lines of one run and the state after it. Raises RuleError, also for facts that are none."""
    facts = read_facts(facts_text)
    check_facts(rule, facts)
    return written(run(rule, facts_under(facts, rule)), facts.exponent)


def refusal(error: RuleError) -> dict[str, Any]:
    """What is refused, and why, in the form in which cases are shared."""
    return {"refused": {"pot": error.pot, "why": error.why}}


def written(result: Result, exponent: int) -> dict[str, Any]:
    """A result with its amounts in quotes; debts stay whole numbers of 10^-9 minor units."""
    return {
        "lines": [_line(line, exponent) for line in result.lines],
        "carried": _amounts(result.carried, exponent),
        "accounts": _amounts(result.accounts, exponent),
        "members": {account: _amounts(held, exponent) for account, held in sorted(result.members.items())},
        "balances": _amounts(result.balances, exponent),
        "debts": {pot: dict(sorted(debts.items())) for pot, debts in sorted(result.debts.items())},
        "open": {pot: _amounts(claims, exponent) for pot, claims in sorted(result.open.items())},
    }


def _line(line: Line, exponent: int) -> dict[str, str]:
    account = {} if line.account is None else {"account": line.account}
    return {"pot": line.pot, "to": line.to, **account, "amount": format_amount(line.amount, exponent)}


def _amounts(amounts: Mapping[str, int], exponent: int) -> dict[str, str]:
    return {name: format_amount(amount, exponent) for name, amount in sorted(amounts.items())}
