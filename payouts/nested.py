"""Sums by account and person, added to one another. Pure."""

from collections.abc import Mapping

Nested = Mapping[str, Mapping[str, int]]
"""Account -> person -> amount."""


def added(*parts: Nested) -> dict[str, dict[str, int]]:
    """All of these together, without zeros."""
    sums: dict[str, dict[str, int]] = {}
    for part in parts:
        for account, people in part.items():
            into = sums.setdefault(account, {})
            for person, amount in people.items():
                into[person] = into.get(person, 0) + amount
    kept = {account: {one: amount for one, amount in into.items() if amount} for account, into in sums.items()}
    return {account: into for account, into in kept.items() if into}


def less(nested: Nested) -> dict[str, dict[str, int]]:
    """The same with the other sign."""
    return {account: {one: -amount for one, amount in people.items()} for account, people in nested.items()}


def total(nested: Nested) -> int:
    """All of it."""
    return sum(sum(people.values()) for people in nested.values())
