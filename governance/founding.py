"""What governance wants in the founding entry: the first share rule and the ways of deciding."""

from importlib.resources import files
from typing import Any

import msgspec

from governance.profile import PRESETS


def section(terms: dict[str, Any]) -> dict[str, Any]:
    """The rule as given, or the one that comes with the program; the preset profiles."""
    rule = terms["rule"]
    if rule is None:
        rule = files("governance").joinpath("templates/default.toml").read_text(encoding="utf-8")
    return {"rule": rule, "profiles": msgspec.to_builtins(PRESETS)}
