"""How money was shared over the last runs: by role, by circle, and among how many. Pure and exact.

What a run gave is what its lines say, wherever it came to lie. Each row ties: the roles together, and the circles
together, are what people got.
"""

from collections.abc import Sequence
from fractions import Fraction

from msgspec import Struct

from ledger.book import Book
from payouts.compute import given
from payouts.looking.concentration import first, half, top
from payouts.looking.reruns import Closed, as_it_was
from payouts.looking.roles import by_role, by_sort

NO_CIRCLE = "no circle"


class Run(Struct, frozen=True, kw_only=True):
    """One run: what it gave people, in minor units, by role and by circle, and how concentrated that is."""

    period: str
    people: dict[str, int]
    roles: dict[str, int]
    circles: dict[str, int]  # {} where none of these runs looked at work in a circle
    top: Fraction | None  # the part of who got most
    most: str | None  # who that is; None for several
    half: int  # the smallest number of people who together got half

    @property
    def to_people(self) -> int:
        """All that people got."""
        return sum(self.people.values())


def over_time(book: Book, runs: Sequence[Closed]) -> list[Run]:
    """These runs, in their order."""
    circles = any(map(_knows_circles, runs))
    return [_run(book, one, circles) for one in runs]


def _run(book: Book, one: Closed, circles: bool) -> Run:
    ran, pin = as_it_was(book, one), one.computed.pin
    people = {person: amount for person, amount in given(ran.result).items() if amount > 0}
    found = Run(
        period=one.period.id,
        people=people,
        roles=by_role(ran, pin),
        circles=by_sort(ran, pin, lambda work: work.circle or NO_CIRCLE) if circles else {},
        top=top(people),
        most=first(people),
        half=half(people),
    )
    assert sum(found.roles.values()) == found.to_people, "the roles together are not what people got"
    assert not circles or sum(found.circles.values()) == found.to_people, "nor are the circles"
    return found


def _knows_circles(one: Closed) -> bool:
    """Whether any work that a run looked at was in a circle."""
    sold = (name for sellers in one.computed.pin.sellers.values() for name in sellers)
    return any(item.circle for item in one.computed.facts.items) or any(name.split(" ", 3)[3] for name in sold)


def places(runs: Sequence[dict[str, int]]) -> dict[str, list[int]]:
    """Name -> what it got in each of the runs; who got most in all comes first."""
    names = {name for run in runs for name in run}
    rows = {name: [run.get(name, 0) for run in runs] for name in names}
    return {name: rows[name] for name in sorted(names, key=lambda name: (-sum(rows[name]), name))}
