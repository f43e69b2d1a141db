"""What governance wants in the founding entry: the first share rule and the ways of deciding."""

from typing import Any

from governance.presets import PRESETS
from governance.versions import template
from ledger.fact import plain


def section(terms: dict[str, Any]) -> dict[str, Any]:
    """The first rule and the preset profiles."""
    return {"rule": first_rule(terms), "profiles": plain(PRESETS)}


def first_rule(terms: dict[str, Any]) -> str:
    """The rule as given, or the one that comes with the program."""
    rule: str | None = terms["rule"]
    return template() if rule is None else rule
