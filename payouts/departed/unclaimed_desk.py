"""Balances of people who are no members any more: which could not be paid, since when, and what becomes of them."""

from typing import Any

from ledger.book import Book
from ledger.doors import Desk
from ledger.localtime import day
from ledger.looks import table
from ledger.names import Names
from payouts import state
from payouts.amounts import amounts_of
from payouts.departed.unclaimed import goes_to, lies_still, moves_from, notice_from, policy_text

CLAIMED_LATER = "Who comes later asks the members: tally propose reserve ACCOUNT AMOUNT --to NAME."


def list_at_desk(desk: Desk) -> None:
    """What members voted, and every balance that lies still."""
    book, own = desk.book, state.of(desk.book)
    rows = [_row(book, desk.names, person) for person in own.quiet]
    data = {"policy": policy_text(own.unclaimed), "account": goes_to(book), "balances": rows}
    if own.unclaimed is None:
        lines: list[Any] = ["Members have voted nothing on unclaimed balances, so they lie where they are."]
        lines.append('They may: tally propose policy unclaimed "24 months to ACCOUNT"')
    else:
        lines = [f"Unclaimed after {policy_text(own.unclaimed)}. {CLAIMED_LATER}"]
        if data["account"] is None:
            lines.append("The share rule has no such account any more, so nothing goes there.")
        cells = [(row["name"], row["amount"], row["since"], row["state"]) for row in rows]
        heads = ("Of", book.ledger.currency, "Lies still since", "Where it stands")
        lines.append(table(heads, cells, right=(heads[1],)) if rows else "No balance of who has left lies still.")
    desk.answer(data | {"currency": book.ledger.currency}, *lines)


def _row(book: Book, names: Names, person: str) -> dict[str, Any]:
    quiet = state.of(book).quiet[person]
    return {
        "name": names.of(person),
        "id": person,
        "amount": amounts_of(book).plain(quiet.balance),
        "since": day(book, quiet.since),
        "noticed": quiet.noticed,
        "state": _state(book, person),
    }


def _state(book: Book, person: str) -> str:
    quiet = state.of(book).quiet[person]
    if not lies_still(book, person, quiet):
        return "can be paid, or has changed"
    goes = moves_from(quiet)
    if goes is not None:
        return f"noticed in entry {quiet.noticed}, goes to {goes_to(book)} from {day(book, goes)} on"
    return f"notice from {day(book, notice_from(book, quiet))} on"


def told_notice(book: Book, names: Names, entry: int) -> str:
    """What the entry of a notice says."""
    person, quiet = next((one, quiet) for one, quiet in state.of(book).quiet.items() if quiet.noticed == entry)
    goes = moves_from(quiet)
    assert goes is not None
    amount, where = amounts_of(book).full(quiet.balance), f"goes to {goes_to(book)} from {day(book, goes)} on"
    return f"{amount} of {names.of(person)} could not be paid; it {where}, unless claimed (entry {entry})."
