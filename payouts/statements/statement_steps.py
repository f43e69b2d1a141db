"""From a member's balance before a period to the balance after it, step by step, and what of that may be paid out.

Pure. Whatever else a run comes to do to a balance is one more line in STEPS.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from governance.rule import BALANCE
from payouts.state import DoesNotTie

STEPS = (
    ("corrections", "Corrections of earlier periods"),
    ("advances", "Set off against advances"),
    ("withheld", "Withheld"),
)
"""What may stand in a statement's data beside shares, in order: a list of {words, amount}, the amount being what it
does to the balance; words may be empty."""

Step = dict[str, str]


def steps(data: Mapping[str, Any]) -> list[Step]:
    """The steps of a statement's balance as {step, words, amount}; the last two are the balance and what is payable.

    Amounts are plain decimals. Raises DoesNotTie where the steps do not come to the balance.
    """
    row = next((row for row in data["lies_on"] if row["account"] == BALANCE), None)
    if row is None:
        raise DoesNotTie(f"the statement of {data['period']} has no balance")
    found = [_step("opening", "Balance before", row["opening"])]
    whole = row["shares"] == data["total"]
    found.append(_step("shares", "Shares of this period" if whole else "Shares that are paid out", row["shares"]))
    for key, words in STEPS:
        found += [_step(key, one.get("words") or words, one["amount"]) for one in data.get(key, ())]
    if sum(Fraction(one["amount"]) for one in found) != Fraction(row["closing"]):
        raise DoesNotTie(f"the steps of the statement of {data['period']} do not come to its balance")
    found.append(_step("balance", "Balance now", row["closing"]))
    found.append(_step("payable", "Payable", data["payable"]))
    return found


def taken_off(bank: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """What was taken off a share, as steps: set off against advances, and withheld for each authority."""
    rows = [{"words": f"Withheld for {row['authority']}", "amount": f"-{row['amount']}"} for row in bank["withheld"]]
    set_off = [{"words": "", "amount": f"-{bank['advances']}"}] if Fraction(bank["advances"]) else []
    return {"advances": set_off, "withheld": rows}


def elsewhere(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """What lies on the member's other accounts: capital, loans, what is kept back."""
    return [row for row in data["lies_on"] if row["account"] != BALANCE]


def _step(step: str, words: str, amount: str) -> Step:
    return {"step": step, "words": words, "amount": amount}
