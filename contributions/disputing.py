"""Somebody objects to work, says what should become of it, or looks at what is disputed."""

from typing import Any

from contributions import state
from contributions.disputed import Dispute
from contributions.disputes import STEWARD, deciding, verdict
from contributions.handing_in import sentence
from ledger import people
from ledger.doors import Desk, panels
from ledger.errors import Refused
from ledger.looks import table
from ledger.private import Text, show, tidy

OUTCOME = {None: "open", True: "stands", False: "struck"}


def dispute(desk: Desk, wanted: str, why: str) -> None:
    """Record an objection to one open piece of work."""
    tidy(why)
    key, work = wanted, state.of(desk.book).work.get(wanted)
    if work is None:
        hint = "Name one item of an entry, as `tally work list` spells it: 412.3. A closed period is not changed."
        raise Refused(f"{wanted} is no open work.", hint)
    reference = {"entry": work.entry, "items": [int(key.partition(".")[2])]}
    entry = desk.record("contributions.disputed", {"work": reference, "why": Text(why)}).entry.index
    who, told = desk.names.of(work.who), sentence(desk.book, desk.names, work)
    lines = [f"You dispute work {key} of {who} (entry {entry}): {told}"]
    lines.append("What it would be paid is held until it is settled.")
    lines.append(f"You can let it stand: tally work uphold {key}; {who} can let it be struck: tally work strike {key}")
    desk.answer({"work": key, "who": who, "entry": entry}, *lines)


def settle(desk: Desk, wanted: str, upheld: bool) -> None:
    """Record what somebody says should become of disputed work."""
    found = state.of(desk.book).disputes.get(wanted)
    if found is None:
        raise Refused(f"Nobody disputes work {wanted}.", "tally work disputes")
    entry = desk.record("contributions.dispute_settled", {"dispute": found.id, "upheld": upheld}).entry.index
    one = state.of(desk.book).disputes[wanted]
    word = "stands" if upheld else "is struck"
    if one.settled is None:
        lines = [f"You said that work {wanted} {word} (entry {entry}).", _who_else(desk, one)]
    else:
        struck = "it weighs nothing any more, and what was held for it goes back to its pot"
        goes = "what was held for it is paid" if one.upheld else struck
        lines = [f"Work {wanted} {'stands' if one.upheld else 'is struck'} (entry {entry}): {goes}."]
    desk.answer({"work": wanted, "entry": entry, "state": OUTCOME[one.upheld]}, *lines)


def _who_else(desk: Desk, one: Dispute) -> str:
    """Who can still say what becomes of it."""
    book = desk.book
    assert verdict(book, one) is None
    others = [who for who in deciding(book, one) if who not in one.said]
    stewards = others and people.holds(book.ledger, others[0], STEWARD)
    who = "Another steward" if stewards else "More than half of the other members"
    return f"{who} must say so too: {', '.join(sorted(map(desk.names.of, others)))}."


def list_disputes(desk: Desk, everything: bool) -> None:
    """Show what is disputed, oldest first."""
    found = {key: one for key, one in state.of(desk.book).disputes.items() if everything or one.settled is None}
    words = desk.words([(one.entry, "/why") for one in found.values()])
    rows: list[dict[str, Any]] = [
        {
            "work": key,
            "who": desk.names.of(one.who),
            "by": desk.names.of(one.by),
            "entry": one.entry,
            "period": one.sheet or None,
            "state": OUTCOME[one.upheld],
            "settled": one.settled,
            "why": words.get((one.entry, "/why")),
            "deciding": [desk.names.of(who) for who in deciding(desk.book, one)],
        }
        for key, one in found.items()
    ]
    for panel in panels(desk.rooms, "held_for"):
        for row in rows:
            row |= panel(desk.book, row["work"])
    if not rows:
        desk.answer({"disputes": rows}, "No work is disputed.")
        return
    cells = [
        (row["work"], row["who"], row["by"], row["state"], row.get("held", ""), show(row["why"] or "")) for row in rows
    ]
    drawn = table(("Work", "Of", "Disputed by", "State", "Held", "Why"), cells, right=("Held",))
    desk.answer({"disputes": rows}, drawn)
