"""Allocations of other systems, said in the share rule's language: a rule, whole units of money, and who got what.

The cases in `tests/vectors/mission` name their sources. What another system calls a budget, a distribution or a send is
one run here.
"""

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from governance.rules import parse
from governance.run import run
from governance.run_facts import Facts, Item, Part, Person, Result
from ledger.money import parse_amount

VECTORS = Path(__file__).parent / "vectors" / "mission"
HISTORY = 10_000
"""As `look_back`: all there ever was."""


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of a file."""
    found: list[dict[str, Any]] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))["cases"]
    return found


def case(name: str, one: str) -> dict[str, Any]:
    """One case of a file."""
    return next(case for case in cases(name) if case["id"] == one)


def ids(name: str) -> set[str]:
    """What the cases of a file are called."""
    return {str(case["id"]) for case in cases(name)}


def settled(rule: str, amount: int, exponent: int = 0, **facts: Any) -> Result:
    """One run of a rule on so many whole units."""
    return run(parse(rule), Facts(currency="EUR", exponent=exponent, amount=amount, **facts))


def split_of(parts: Mapping[str, str], rest: str = "carry") -> str:
    """A rule that divides what comes in: account -> part, and where the rest goes."""
    accounts = ", ".join(f'"{name}" = "fund"' for name in {*parts, rest} - {"carry", "result"})
    lines = "".join(f'{{ part = "{part}", to = "{name}" }}, ' for name, part in parts.items())
    return f'accounts = {{ {accounts} }}\nincome = {{ split = [ {lines}{{ part = "rest", to = "{rest}" }} ] }}'


def counted(amounts: Mapping[str, Any], ages: int = 0) -> tuple[Item, ...]:
    """What each person is credited with, as work of one kind that weighs a point a piece."""
    return tuple(
        Item(who=name, role="credit", kind="piece", qty=Fraction(amount), age=ages) for name, amount in amounts.items()
    )


BY_CREDIT = 'points.credit.piece = 1\nincome = { share = "points", rest = "carry" }'
"""All that comes in goes to people by what they are credited with."""


def people(*names: str, **known: Any) -> dict[str, Person]:
    """These people, of whom the same is known."""
    return {name: Person(standing="member", **known) for name in names}


def exact(result: Result, pot: str = "income") -> dict[str, Fraction]:
    """The share of each person or place of a pot before it is rounded, in whole units."""
    return {part.to: part.exact for part in parts(result, pot)}


def parts(result: Result, pot: str = "income") -> tuple[Part, ...]:
    """How a pot was parted."""
    return next(step.parts for step in result.steps if step.pot == pot)


def cents(text: str) -> int:
    """An amount such as "12.34" in cents."""
    return parse_amount(text, 2)


def all_cents(amounts: Mapping[str, str]) -> dict[str, int]:
    """Amounts in cents, those of nothing left out."""
    return {name: cents(amount) for name, amount in amounts.items() if cents(amount)}
