"""What payouts want in the founding entry: how many treasurers approve, what happens to late work, days of grace."""

from typing import Any


def section(terms: dict[str, Any]) -> dict[str, Any]:
    """The first values; votes change them later."""
    return {"approvers": terms["approvers"], "late": "next_period", "grace_days": terms["grace_days"]}
