"""Real elections and textbook ones, with what was published of them: tests/vectors/governance, each file names its
source."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "vectors" / "governance"


def election(name: str) -> dict[str, Any]:
    """One of them, ids of options as texts everywhere in its ballots."""
    case: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    case["options"] = list(case["options"])
    case["ballots"] = [[number, _texts(ballot)] for number, ballot in case["ballots"]]
    return case


def _texts(ballot: Any) -> Any:
    return ballot if isinstance(ballot, dict) else [[str(option) for option in tier] for tier in ballot]


def fractions(votes: dict[str, Any]) -> dict[str, Fraction]:
    """Votes as they are printed, "1752.00000", as exact numbers."""
    return {option: Fraction(number) for option, number in votes.items()}


def rows(figures: dict[str, dict[str, int]]) -> list[list[int]]:
    """A matrix as it is printed."""
    return [list(row.values()) for row in figures.values()]
