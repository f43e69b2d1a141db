"""What payouts want in the founding entry: how many treasurers approve, what happens to late work, days of grace."""

from typing import Any

from governance.founding import first_rule
from governance.rules import parse


def section(terms: dict[str, Any]) -> dict[str, Any]:
    """The number of approvers and the days of grace as given; late work as the first rule has it."""
    late = parse(first_rule(terms)).late
    return {"approvers": terms["approvers"], "late": late, "grace_days": terms["grace_days"]}
