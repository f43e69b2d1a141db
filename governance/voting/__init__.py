"""Ways of counting votes, one file each; the folder is the list of them."""

import importlib
import pkgutil
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from msgspec import Struct

from ledger.errors import Usage


class Outcome(Struct, frozen=True, kw_only=True):
    """What a count gives: winners in the order elected (none where the method alone leaves a tie), the totals of
    each stage, and lines that a member can follow."""

    winners: tuple[str, ...]
    stages: tuple[dict[str, Fraction], ...]
    transcript: tuple[str, ...]


def names() -> list[str]:
    """The methods there are, as people write them."""
    return sorted(found.name.replace("_", "-") for found in pkgutil.iter_modules(__path__))


def count(method: str, ballots: Sequence[Any], options: Sequence[str], **terms: Any) -> Outcome:
    """Count equal ballots grouped as [[how many, ballot], …] by a method of this folder."""
    if method not in names():
        raise Usage(f"There is no way of voting called {method!r}.", f"There are: {', '.join(names())}.")
    found: Outcome = importlib.import_module(f"{__name__}.{method.replace('-', '_')}").count(ballots, options, **terms)
    return found
