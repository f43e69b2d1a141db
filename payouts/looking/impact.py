"""What another rule would have given in the last periods, beside what the run gave: what members see before a vote.

Each period is computed again on the facts of its own run: its money, people, accounts and work. What one gets more
others get less, or accounts and pots hold less: per period the differences add up to nothing.
"""

from typing import Any

from msgspec import Struct

from governance import state as governance
from governance.rule import Rule
from ledger.book import Book
from ledger.names import Names
from ledger.private import show
from payouts.amounts import Amounts
from payouts.looking.reruns import SORTS, Closed, Place, as_it_was, closed, rerun

PERIODS = 4


class Compared(Struct, frozen=True, kw_only=True):
    """One period: what every place got, by the run and under the other rule, in minor units."""

    period: str
    rule: int  # number of the version the run followed
    paid: dict[Place, int]
    under: dict[Place, int]

    def places(self) -> list[Place]:
        """Every place that got something either way."""
        return sorted(self.paid.keys() | self.under.keys())

    def difference(self, place: Place) -> int:
        """By how much a place would have got more."""
        return self.under.get(place, 0) - self.paid.get(place, 0)


def compare(book: Book, rule: Rule, periods: int = PERIODS) -> list[Compared]:
    """The last computed periods, oldest first, as they were and as this rule would have made them."""
    return [_compared(book, one, rule) for one in closed(book, periods)]


def _compared(book: Book, one: Closed, rule: Rule) -> Compared:
    found = Compared(
        period=one.period.id,
        rule=governance.of(book).rules[one.computed.rule].number,
        paid=as_it_was(book, one).gains(),
        under=rerun(book, one, rule).gains(),
    )
    assert sum(map(found.difference, found.places())) == 0, "the two runs do not share the same money"
    return found


def together(found: list[Compared]) -> Compared:
    """All periods as one."""
    paid: dict[Place, int] = {}
    under: dict[Place, int] = {}
    for one in found:
        for sums, more in ((paid, one.paid), (under, one.under)):
            for place, amount in more.items():
                sums[place] = sums.get(place, 0) + amount
    return Compared(period="together", rule=0, paid=paid, under=under)


def impact_data(found: list[Compared], names: Names, say: Amounts) -> dict[str, Any]:
    """The comparison as data."""
    return {
        "words": words(found),
        "currency": say.currency,
        "periods": [{"period": one.period, "rule": one.rule} | _rows(one, names, say) for one in found],
        "together": _rows(together(found), names, say),
    }


def words(found: list[Compared]) -> str:
    """What is compared, in a sentence."""
    if not found:
        return "No period is computed yet, so nobody can say what this rule would have paid."
    if len(found) == 1:
        return f"What this rule would have given in {found[0].period}, on the work and money of that period:"
    periods = ", ".join(one.period for one in found)
    return f"What this rule would have given in {periods}, each on its own work and money:"


def _rows(one: Compared, names: Names, say: Amounts) -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = {sort: [] for sort in SORTS}
    for place in one.places():
        rows[place[0]].append(
            {
                "name": name_of(names, place),
                "id": place[1],
                "paid": say.plain(one.paid.get(place, 0)),
                "under": say.plain(one.under.get(place, 0)),
                "difference": say.plain(one.difference(place)),
            }
        )
    return rows


def name_of(names: Names, place: Place) -> str:
    """A place as people read it."""
    return names.of(place[1]) if place[0] == "people" else show(place[1])


def by_name(places: list[Place], names: Names) -> list[Place]:
    """People first, then accounts and pots, each by name."""
    return sorted(places, key=lambda place: (SORTS.index(place[0]), name_of(names, place).casefold()))
