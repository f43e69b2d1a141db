"""Whether rounding was fair: for everybody and every pot, what was received more or less than the exact share, ever."""

from typing import Any

from ledger.book import Book
from ledger.looks import table
from ledger.money import DEBT_UNITS
from ledger.names import Names
from ledger.private import show
from payouts import state
from payouts.amounts import amounts_of


def fairness_data(book: Book, names: Names) -> dict[str, Any]:
    """The drift of each person and place in each pot, greatest first."""
    say, debts = amounts_of(book), state.of(book).debts
    found = [(pot, who, debt) for pot, owed in sorted(debts.items()) for who, debt in owed.items()]
    found.sort(key=lambda row: (row[0], -abs(row[2]), row[1]))
    worst = max((abs(debt) for _, _, debt in found), default=0)
    return {
        "drifts": [
            {"pot": pot, "name": _name(book, names, who), "id": who, "drift": say.drift(debt), "debt": debt}
            for pot, who, debt in found
        ],
        "largest": say.drift(-worst).lstrip("+"),
        "within_a_unit": worst < DEBT_UNITS,
        "unit": say.plain(1),
        "currency": say.currency,
        "runs": len(state.of(book).runs),
    }


def _name(book: Book, names: Names, who: str) -> str:
    """A person by name; a place (a pot, an account, the rest) as the rule calls it."""
    return names.of(who) if who in book.ledger.persons else show(who)


def fairness_texts(data: dict[str, Any]) -> list[Any]:
    """The same as a table, with a sentence that says what it means."""
    if not data["drifts"]:
        return ["Nothing had to be rounded yet."]
    head = f"{data['currency']} more (+) or less (-) than exact"
    cells = [(row["pot"], row["name"], row["drift"]) for row in data["drifts"]]
    runs = "one run" if data["runs"] == 1 else f"{data['runs']} runs"
    within = "less than" if data["within_a_unit"] else "more than"
    limit = f"{within} {data['unit']} {data['currency']}"
    said = f"After {runs} nobody is further off than {data['largest']} {data['currency']}, {limit}."
    return [table(("Pot", "Who", head), cells, right=(head,)), "", said]
