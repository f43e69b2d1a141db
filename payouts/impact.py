"""What another rule would have given in the last periods, beside what the run gave: what members see before a vote.

Each period is computed again on the facts of its own run: its money, people, accounts and work. What one gets more
others get less, or accounts and pots hold less: per period the differences add up to nothing.
"""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from governance import state as governance
from governance.moving import facts_under
from governance.rule import Rule
from governance.run import run
from governance.run_facts import Facts, Result
from ledger.book import Book
from ledger.names import Names
from ledger.private import show
from payouts import state
from payouts.amounts import Amounts
from payouts.compute import computed_run
from payouts.figures import changes
from payouts.inputs import items_of
from payouts.times import row_named

PERIODS = 4
Place = tuple[str, str]
"""(sort, id): ("people", person), ("accounts", "reserve"), ("pots", "work")."""
SORTS = ("people", "accounts", "pots")


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
    return [_compared(book, rule, period) for period in list(state.of(book).runs)[-periods:]]


def _compared(book: Book, rule: Rule, period: str) -> Compared:
    row, computed = row_named(book, period), computed_run(book, period)
    # Work is weighed by the rule that is tried, also where it came late; so nothing is asked about older rules.
    items = items_of(book, row, computed.pin, rule, lambda _: rule)
    facts = replace(facts_under(computed.facts, rule), items=items)
    found = Compared(
        period=period,
        rule=governance.of(book).rules[computed.rule].number,
        paid=_gains(computed.facts, computed.result),
        under=_gains(facts, run(rule, facts)),
    )
    assert sum(map(found.difference, found.places())) == 0, "the two runs do not share the same money"
    return found


def _gains(facts: Facts, result: Result) -> dict[Place, int]:
    """By how much everybody and every account and pot holds more after a run."""
    gains: dict[Place, int] = {}
    people = [(facts.balances, result.balances)]
    people += [
        (facts.members.get(name, {}), result.members.get(name, {}))
        for name in facts.members.keys() | result.members.keys()
    ]
    for before, after in people:
        for person, change in changes(before, after).items():
            gains["people", person] = gains.get(("people", person), 0) + change
    for sort, before, after in (("accounts", facts.accounts, result.accounts), ("pots", facts.carried, result.carried)):
        gains |= {(sort, name): change for name, change in changes(before, after).items()}
    return gains


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
