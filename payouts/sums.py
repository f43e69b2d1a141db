"""Sums by name, and sums by account and person, added to one another. Pure."""

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Nested = Mapping[str, Mapping[str, int]]
"""Account -> person -> amount."""

Key = TypeVar("Key", bound=Hashable)


def summed(rows: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    """Name -> the sum of its amounts, in the order the names came."""
    sums: dict[Key, int] = {}
    for name, amount in rows:
        sums[name] = sums.get(name, 0) + amount
    return sums


def summed_by_two(rows: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    """The same by two names, like account and person."""
    sums: dict[str, dict[str, int]] = {}
    for outer, inner, amount in rows:
        into = sums.setdefault(outer, {})
        into[inner] = into.get(inner, 0) + amount
    return sums


def added(*parts: Nested) -> dict[str, dict[str, int]]:
    """All of these together, without zeros."""
    rows = ((account, people) for part in parts for account, people in part.items())
    sums = summed_by_two((account, person, amount) for account, people in rows for person, amount in people.items())
    kept = {account: {one: amount for one, amount in into.items() if amount} for account, into in sums.items()}
    return {account: into for account, into in kept.items() if into}


def less(nested: Nested) -> dict[str, dict[str, int]]:
    """The same with the other sign."""
    return {account: {one: -amount for one, amount in people.items()} for account, people in nested.items()}


def total(nested: Nested) -> int:
    """All of it."""
    return sum(sum(people.values()) for people in nested.values())
