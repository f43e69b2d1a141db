"""What is due, what waits for treasurers, and when the next cut-off is, in words and dates."""

from collections import Counter
from typing import Any

from contributions import state as contributions
from governance.looks import version
from governance.telling import grouped
from ledger.book import Book
from ledger.calendar import Period
from ledger.localtime import iso, local
from ledger.names import Names
from payouts import state
from payouts.amounts import amounts_of
from payouts.approving import approval_words
from payouts.bank.due_paying import paying_data, paying_lines
from payouts.booking import still_there, taking
from payouts.capital.capital_showing import waiting_words as capital_words
from payouts.compute import inflow
from payouts.parties.payee_showing import payees_due
from payouts.taken_off.deductions_words import withheld_data
from payouts.taken_off.taking_off import withheld_owed
from payouts.times import cut_words, days_words, row_named
from payouts.waiting import also_waiting
from payouts.years.year_words import waiting_words


def due_data(book: Book, names: Names, waiting: list[tuple[str, dict[str, Any]]], now: int) -> dict[str, Any]:
    """Everything a treasurer asks about the days ahead. `waiting` is what the cranks of all rooms would publish."""
    own, say = state.of(book), amounts_of(book)
    return {
        "due": [
            {
                "period": period,
                "state": "closed" if pin.published is not None else "to close",
                "cut": iso(book, row.cut),
                "rule": version(book, pin.rule),
                "income": say.plain(inflow(pin)),
            }
            for period, pin in own.pins.items()
            for row in book.ledger.calendar
            if row.id == period
        ],
        "to_amend": [body["period"] for kind, body in waiting if kind == "payouts.amended"],
        "to_publish": dict(sorted(Counter(kind for kind, _ in waiting if _is_named(kind)).items())),
        "to_approve": [
            {"period": period, "approvals": approval_words(book, names, run)}
            for period, run in (*own.runs.items(), *own.amendments.items())
            if run.approved is None
        ],
        "withheld": withheld_data(names, withheld_owed(book), say),
        "next": next_data(book, now),
        "drafts": drafts(book, names),
        "payees": payees_due(book, local(book, now).date().isoformat()),
        "paying": paying_data(book, names, now),
        "waiting": also_waiting(book, names, now),
        "currency": say.currency,
    }


def drafts(book: Book, names: Names) -> dict[str, int]:
    """Work of closed periods and of the next one to close that waits for its person's yes, by person."""
    row, waiting = next_row(book), dict[str, int]()
    for work in contributions.of(book).work.values():
        if not work.counts and row is not None and work.date <= row.last:
            waiting[names.of(work.who)] = waiting.get(names.of(work.who), 0) + 1
    return dict(sorted(waiting.items()))


def next_data(book: Book, now: int) -> dict[str, Any] | None:
    """The next cut-off, and the money that waits for it; None where the calendar ends."""
    row = next_row(book)
    if row is None:
        return None
    money = [one for one in still_there(book) if taking(book, one) == row]
    sums = [sum(one.amount for one in money if one.incoming == side) for side in (True, False)]
    say = amounts_of(book)
    return {
        "period": row.id,
        "first": row.first,
        "last": row.last,
        "ended": now >= row.end,
        "cut": iso(book, row.cut),
        "in": days_words(now, row.cut),
        "received": say.plain(sums[0]),
        "spent": say.plain(sums[1]),
    }


def next_row(book: Book) -> Period | None:
    """The oldest period that is not cut off."""
    pinned = state.of(book).pinned
    return book.ledger.calendar[pinned] if pinned < len(book.ledger.calendar) else None


def due_lines(book: Book, data: dict[str, Any]) -> list[str]:
    """The same in lines."""
    lines = []
    for one in data["due"]:
        what = "to be computed" if one["state"] == "closed" else "to be closed and computed"
        income = f"{grouped(one['income'])} {data['currency']}"
        cut = cut_words(book, row_named(book, one["period"]))
        lines.append(f"{one['period']} is due: cut off {cut}, {what} under {one['rule']}; income {income}.")
    lines += [f"Also to be published: {_publish_words(kind, count)}." for kind, count in data["to_publish"].items()]
    lines += [f"{period} is to be amended by what was refunded or came late." for period in data["to_amend"]]
    if lines:
        lines.append("Do it: tally payout tick")
    else:
        lines.append("No period is to be closed or computed now.")
    lines += [
        f"{one['period']} waits for approval: {one['approvals']}. tally payout approve {one['period']}"
        for one in data["to_approve"]
    ]
    lines += [*waiting_words(book), *capital_words(book)]
    lines += paying_lines(data["paying"], data["currency"])
    lines += [
        f"{grouped(one['amount'])} {data['currency']} are withheld for {one['authority']} (tally withholding paid)."
        for one in data["withheld"]
    ]
    if data["payees"]:
        lines.append(_payee_words(data["payees"], data["currency"]))
    lines += [one["words"] for one in data["waiting"]]
    lines.append(next_words(book, data["next"]))
    if data["drafts"]:
        waiting = ", ".join(f"{name} {count}" for name, count in data["drafts"].items())
        lines.append(f"Drafts that do not count until their person confirms them: {waiting} (tally work confirm).")
    return lines


def _payee_words(data: dict[str, Any], currency: str) -> str:
    count, first = data["parties"], f", the first by {data['first']}" if data["first"] else ""
    who = "1 party" if count == 1 else f"{count} parties"
    late = f"; {grouped(data['overdue'])} {currency} is overdue" if set(data["overdue"]) & set("123456789") else ""
    return f"To be paid to {who}: {grouped(data['total'])} {currency}{first}{late} (tally payee list)."


PUBLISHED = {
    "governance.closed": ("the result of a vote", "the results of {} votes"),
    "governance.decided": ("the result of a vote", "the results of {} votes"),
    "governance.opened": ("the roll of a vote that opened", "the rolls of {} votes that opened"),
    "governance.struck": ("a ballot that is struck", "{} ballots that are struck"),
    "payouts.inherited": ("what goes to heirs", "what goes to heirs"),
    "payouts.redeemed": ("what the close of a book year redeems", "what closes of book years redeem"),
    "payouts.unclaimed": ("a balance that nobody claimed", "{} balances that nobody claimed"),
    "payouts.unclaimed_noticed": ("the notice of a balance that nobody claims", "{} notices of unclaimed balances"),
    "ledger.calendar": ("the next periods of the calendar", "the next periods of the calendar"),
}
"""What waits to be published, in words: one, and how many."""


def _is_named(kind: str) -> bool:
    """Whether it is said what waits; periods have lines of their own."""
    return not kind.startswith("payouts.") or kind in PUBLISHED


def _publish_words(kind: str, count: int) -> str:
    """What waits to be published, and how much of it."""
    one, many = PUBLISHED.get(kind, (kind, kind))
    return one if count == 1 else many.format(count)


def next_words(book: Book, data: dict[str, Any] | None) -> str:
    """When the next cut-off is, and what lies there for it."""
    if data is None:
        return "The calendar ends here: tally payout tick lengthens it."
    currency = book.ledger.currency
    money = f"{grouped(data['received'])} {currency} came in for it so far, {grouped(data['spent'])} were spent"
    cut = f"{cut_words(book, row_named(book, data['period']))}, {data['in']}"
    if data["ended"]:
        return f"Next: {data['period']} ended on {data['last']}; its work may still come in until {cut}. {money}."
    return f"Next: {data['period']} runs until {data['last']} and is cut off {cut}. {money}."
