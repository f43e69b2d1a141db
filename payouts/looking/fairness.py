"""Whether payouts are fair: rounding over all time, what roles and circles got, how concentrated it is, and
what was recognised without money.

Rounding is of all runs; the rest looks at the last few, and reads no others.
"""

from fractions import Fraction
from typing import Any

from ledger.book import Book
from ledger.money import DEBT_UNITS
from ledger.names import Names
from ledger.private import show
from ledger.spans import show_minutes
from payouts import state
from payouts.amounts import Amounts, amounts_of
from payouts.looking.concentration import percent
from payouts.looking.over_time import Run, over_time, places
from payouts.looking.recognition import recognised
from payouts.looking.reruns import Closed, closed

RUNS = 12


def fairness_data(book: Book, names: Names, runs: int = RUNS) -> dict[str, Any]:
    """The drift of each person and place in each pot, greatest first; and the last runs in figures."""
    say, last = amounts_of(book), closed(book, runs)
    found = over_time(book, last)
    return {
        **drift_data(book, names, say),
        "periods": [one.period for one in found],
        "roles": _sorts(found, [one.roles for one in found], say),
        "circles": _sorts(found, [one.circles for one in found], say),
        "concentration": [_concentration(names, one, say) for one in found],
        "recognition": recognition_data(book, names, last),
    }


def drift_data(book: Book, names: Names, say: Amounts) -> dict[str, Any]:
    """What rounding gave each more or less than exact, ever: in each pot, and for each member in all."""
    debts = state.of(book).debts
    found = [(pot, who, debt) for pot, owed in sorted(debts.items()) for who, debt in owed.items()]
    found.sort(key=lambda row: (row[0], -abs(row[2]), row[1]))
    worst = max((abs(debt) for _, _, debt in found), default=0)
    return {
        "drifts": [
            {"pot": pot, "name": _name(book, names, who), "id": who, "drift": say.drift(debt), "debt": debt}
            for pot, who, debt in found
        ],
        "members": _members(book, names, say, found),
        "largest": say.drift(-worst).lstrip("+"),
        "within_a_unit": worst < DEBT_UNITS,
        "unit": say.plain(1),
        "currency": say.currency,
        "runs": len(state.of(book).runs),
    }


def _members(book: Book, names: Names, say: Amounts, found: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    """A line for each member: the drift of all pots together, and of the pot where it is greatest."""
    own: dict[str, list[tuple[str, int]]] = {}
    for pot, who, debt in found:
        if who in book.ledger.persons:
            own.setdefault(who, []).append((pot, debt))
    rows = []
    for who, debts in sorted(own.items(), key=lambda row: names.of(row[0]).casefold()):
        pot, worst = max(debts, key=lambda row: (abs(row[1]), row[0]))
        drift = say.drift(sum(debt for _, debt in debts))
        rows.append({"name": names.of(who), "id": who, "drift": drift, "pots": len(debts)})
        rows[-1] |= {"furthest": say.drift(worst), "in": show(pot)}
    return rows


def _name(book: Book, names: Names, who: str) -> str:
    """A person by name; a place (a pot, an account, the rest) as the rule calls it."""
    return names.of(who) if who in book.ledger.persons else show(who)


def _sorts(found: list[Run], sums: list[dict[str, int]], say: Amounts) -> list[dict[str, Any]]:
    """What each role (or circle) got in all, its part of what people got, and what in each run."""
    whole = sum(sum(one.values()) for one in sums)
    return [
        {
            "name": show(name),
            "total": say.plain(sum(amounts)),
            "part": percent(Fraction(sum(amounts), whole)) if whole else None,
            "runs": {run.period: say.plain(amount) for run, amount in zip(found, amounts, strict=True)},
            "parts": [
                percent(Fraction(amount, sum(one.values()))) if sum(one.values()) else None
                for amount, one in zip(amounts, sums, strict=True)
            ],
        }
        for name, amounts in places(sums).items()
    ]


def _concentration(names: Names, one: Run, say: Amounts) -> dict[str, Any]:
    return {
        "period": one.period,
        "people": len(one.people),
        "to_people": say.plain(one.to_people),
        "top": percent(one.top) if one.top is not None else None,
        "most": names.of(one.most) if one.most else None,
        "half": one.half,
    }


def recognition_data(book: Book, names: Names, runs: list[Closed]) -> list[dict[str, Any]]:
    """What carried no money, person by person, by name."""
    rows = sorted(recognised(book, runs).items(), key=lambda row: names.of(row[0]).casefold())
    return [
        {
            "name": names.of(person),
            "id": person,
            "thanks": one.thanks,
            "from": len(one.givers),
            "gift_time": show_minutes(one.gift_minutes),
            "gift_minutes": one.gift_minutes,
            "gift_pieces": one.gift_pieces,
            "unweighed_time": show_minutes(one.unweighed_minutes),
            "unweighed_minutes": one.unweighed_minutes,
        }
        for person, one in rows
    ]
