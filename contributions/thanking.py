"""What `tally thanks` does: a word of thanks that is kept, and the list of those there were."""

from typing import Any

from contributions import state
from contributions.handing_in import check_circle
from contributions.state import Thanks
from ledger.doors import Desk
from ledger.errors import Usage
from ledger.localtime import day
from ledger.looks import table
from ledger.private import Text, show


def thank(desk: Desk, name: str, why: str, circle: str) -> None:
    """Thank somebody."""
    check_circle(circle)
    to = desk.names.person(name)
    recorded = desk.record("contributions.thanked", {"to": to, "why": Text(why), "circle": circle})
    who = desk.names.of(to)
    lines = [f"You thanked {who} (entry {recorded.entry.index}): {show(why)}"]
    desk.answer({"entry": recorded.entry.index, "to": who, "why": why}, *lines)


def list_thanks(desk: Desk, period: str | None) -> None:
    """Who thanked whom for what: lately, or in a closed period."""
    found = given(desk, period)
    words = desk.words([(one.entry, "/why") for one in found])
    rows: list[dict[str, Any]] = [
        {
            "entry": one.entry,
            "day": day(desk.book, one.received),
            "from": desk.names.of(one.giver),
            "to": desk.names.of(one.to),
            "why": words.get((one.entry, "/why"), ""),
        }
        for one in found
    ]
    cells = [(str(one["entry"]), one["day"], one["from"], one["to"], show(one["why"])) for one in rows]
    heads = ("Entry", "Day", "From", "To", "For")
    desk.answer({"thanks": rows}, table(heads, cells, right=("Entry",)) if cells else "Nobody was thanked yet.")


def given(desk: Desk, period: str | None) -> list[Thanks]:
    """The thanks of the open period, or of a closed one. Raises Usage for a period that is not closed."""
    own = state.of(desk.book)
    if period is None:
        return own.thanks
    if period not in own.sheets:
        raise Usage(f"{period} is no closed period.", "Leave it out for what is open.")
    return state.sheet(desk.book, period).thanks
