"""Booking money that came in or went out, and the money that waits for its run.

A party of a new name is made first, by an entry of its own; so that it is never made for nothing, everything about
the money is checked before.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from contributions import state as contributions
from governance.looks import numbered
from ledger import naming, people
from ledger.book import Book
from ledger.calendar import Period
from ledger.doors import Desk
from ledger.errors import Usage
from ledger.fact import CORRECT, Malformed, in_words
from ledger.looks import table
from ledger.money import parse_amount
from ledger.names import Names
from ledger.private import show
from ledger.spans import parse_day
from payouts import state
from payouts.amounts import amounts_of
from payouts.corrections.correcting import less_refunds
from payouts.facts import MoneyMoved, Received, Spent
from payouts.kept import Money
from payouts.parties.foreign_desk import Rated, money_typed
from payouts.parties.moneys import MEMBER, OTHER, due_of, foreign_said, more_of
from payouts.parties.payee_showing import how_paid, unpaid_bills
from payouts.payee_facts import Billed
from payouts.times import cut_words

Side = tuple[str, type[MoneyMoved], str, str]
SIDES: dict[bool, Side] = {
    True: ("payouts.received", Received, "customer", "from"),
    False: ("payouts.spent", Spent, "supplier", "to"),
}
"""By whether money comes in: the kind of statement, its class, the sort of a new party, the word before a party."""
UNPAID: Side = ("payouts.billed", Billed, "supplier", "from")


class Wanted(Struct, frozen=True, kw_only=True):
    """Money as it was typed."""

    amount: str
    party: str
    ref: str
    deals: tuple[str, ...]
    booked: str
    value: str | None
    circle: str
    rated: Rated = Rated()
    member_business: bool | None = None
    unpaid: bool = False
    due: str | None = None


def book_money(desk: Desk, incoming: bool, typed: Wanted) -> None:
    """Record money in or out, with its party where that is new, and say which run takes it in."""
    kind, cls, sort, word = UNPAID if typed.unpaid else SIDES[incoming]
    party, (_, me) = naming.named(desk, typed.party), desk.me
    book, body = desk.book, _body(desk, typed, party.id)
    people.must_speak(book.ledger, me, kind)
    _said(cls, body).check_money(book, me, max(desk.now, book.received))
    named = naming.made(desk, party, sort)
    entry = desk.record(kind, body).entry.index
    data, lines = _answer(desk, entry, incoming, word)
    if named is not None:
        lines.append(f"{desk.names.of(body['party'])} is new here, noted as a {sort} (entry {named}).")
    desk.answer(data | {"party_entry": named}, *lines)


def book_decided(desk: Desk, number: int, amount: str, ref: str, booked: str, value: str | None) -> None:
    """Record that a treasurer paid what the members decided to spend from a reserve."""
    proposal = numbered(desk.book, number)
    on = parse_day(booked, desk.today)
    minor = parse_amount(amount, desk.book.ledger.exponent)
    body = {
        "proposal": proposal.id,
        "amount": minor,
        "ref": ref.strip(),
        "booked": on.isoformat(),
        "value": (parse_day(value, desk.today) if value else on).isoformat(),
    }
    entry = desk.record("payouts.spent_as_decided", body).entry.index
    account = state.owed_name(proposal.number, proposal.terms.party or "")
    left = -state.of(desk.book).accounts.get(account, 0)
    say, who = amounts_of(desk.book), desk.names.of(proposal.terms.party or "")
    lines = [f"Booked {say.full(minor)} to {who}, as proposal {number} decided (entry {entry})."]
    lines += [f"{say.full(left)} of it is owed still."] if left else []
    data = {"entry": entry, "proposal": number, "amount": say.plain(minor), "currency": say.currency}
    desk.answer(data | {"owed": say.plain(left)}, *lines)


def _body(desk: Desk, typed: Wanted, party: str) -> dict[str, Any]:
    ledger, today = desk.book.ledger, desk.today
    amount, foreign = money_typed(desk, typed.amount, typed.rated, typed.booked)
    if amount == 0:
        raise Usage(f'"{typed.amount}" is no money.', "Write what moved.")
    booked = parse_day(typed.booked, today)
    value = parse_day(typed.value, today) if typed.value else booked
    # The statement's own check lets the UTC date of tomorrow pass; here the cooperative's date is known.
    if max(booked, value) > today:
        raise Usage(f"{max(booked, value)} lies in the future.", "Book money when it has moved.")
    return {
        "party": party,
        "amount": amount,
        "currency": ledger.currency,
        "ref": typed.ref.strip(),
        "deals": list(typed.deals),
        "circle": typed.circle,
        "booked": booked.isoformat(),
        "value": value.isoformat(),
        **({"foreign": foreign} if foreign else {}),
        **_more(desk, typed),
    }


def _more(desk: Desk, typed: Wanted) -> dict[str, Any]:
    """What is said only where it was typed: until when a bill is to be paid, and whose business a receipt was."""
    due = {"due": parse_day(typed.due, desk.today).isoformat()} if typed.due else {}
    whose = {True: {"business": MEMBER}, False: {"business": OTHER}}
    return due | (whose[typed.member_business] if typed.member_business is not None else {})


def _said(cls: type[MoneyMoved], body: dict[str, Any]) -> MoneyMoved:
    try:
        return msgspec.convert(body, cls, strict=True)
    except msgspec.ValidationError as error:
        raise Malformed(f"This cannot be booked: {in_words(error)}.", CORRECT) from error


def _answer(desk: Desk, entry: int, incoming: bool, word: str) -> tuple[dict[str, Any], list[str]]:
    book, names = desk.book, desk.names
    money = next(one for one in state.of(book).money if one.entry == entry)
    row = row_of(book, names, money)
    ref = f", {show(money.ref)}" if money.ref else ""
    amount = amounts_of(book).full(money.amount)
    amount += f" = {said}" if (said := foreign_said(book, entry)) else ""
    due = due_of(book, entry)
    amount = amount if due is None else f"a bill of {amount}{f', due {due},' if due else ''}"
    lines = [f"Booked {amount} {word} {row['party']}{ref} (entry {entry})."]
    period = taking(book, money)
    if period:
        lines.append(f"It goes into the run of {period.id}, cut off {cut_words(book, period)}.")
        if period.first > money.booked:
            lines.append(f"(Booked on {money.booked}, in a period that is closed already.)")
    if due is not None:
        lines.append("It is not paid yet: tally payee list")
    unsold = [deal for deal in money.deals if not contributions.of(book).deals.get(deal)]
    if unsold and incoming:
        deals = ", ".join(show(deal) for deal in unsold)
        lines.append(f"Nobody has logged selling {deals} yet: tally log --role ROLE --kind KIND --amount … --ref …")
    return row, lines


def taking(book: Book, money: Money) -> Period | None:
    """The period whose run takes in money that is open: that of its booking date, or the next that is not closed.

    None while the booking is disputed.
    """
    if people.is_disputed(book.ledger, money.entry):
        return None
    ahead = book.ledger.calendar[state.of(book).pinned :]
    return next((row for row in ahead if money.booked <= row.last), None)


def still_there(book: Book) -> list[Money]:
    """The money no period has taken in yet, each receipt less what went back of it."""
    own = state.of(book)
    back = [one for one in own.refunds if not one.period and not people.is_disputed(book.ledger, one.entry)]
    return less_refunds(own.money, back)


def waiting(book: Book, incoming: bool) -> list[tuple[Money, str, str]]:
    """Money no run has taken in yet, oldest period first: (money, period, "open", "closed" or "disputed")."""
    own = state.of(book)
    found = [(one, period, "closed") for period, pin in own.pins.items() for one in pin.money]
    for one in sorted(still_there(book), key=lambda one: (one.booked, one.entry)):
        period = taking(book, one)
        how = "disputed" if people.is_disputed(book.ledger, one.entry) else "open"
        found.append((one, period.id if period else "", how))
    return [row for row in found if row[0].incoming == incoming]


def row_of(book: Book, names: Names, money: Money) -> dict[str, Any]:
    """Money as data."""
    period = taking(book, money)
    return {
        "entry": money.entry,
        "booked": money.booked,
        "value": money.value,
        "party": names.of(money.party),
        "party_id": money.party,
        "amount": amounts_of(book).plain(money.amount),
        "currency": book.ledger.currency,
        "ref": money.ref,
        "deals": list(money.deals),
        "circle": money.circle,
        "period": period.id if period else None,
        **more_of(book, money.entry),
    }


def list_money(desk: Desk, incoming: bool) -> None:
    """Show the money that waits for its run, with its sum per period."""
    book, names, say = desk.book, desk.names, amounts_of(desk.book)
    found = waiting(book, incoming)
    rows = [row_of(book, names, one) | {"period": period, "state": how} for one, period, how in found]
    for row in rows:
        row["bill"] = how_paid(book, row["entry"]) if row["due"] is not None else None
    total = sum(one.amount for one, _, _ in found)
    data = {"money": rows, "total": say.plain(total), "currency": say.currency}
    below: list[Any] = []
    if not incoming:
        data["unpaid"], below = unpaid_bills(book, names)
    what = "come in" if incoming else "been spent"
    if not rows:
        done = state.next_run(book) is None and bool(state.of(book).runs)
        more = " What is computed already: tally payout show PERIOD." if done else ""
        desk.answer(data, f"No money has {what} that waits for its run.{more}", *below)
        return
    cells = [
        (
            str(one.entry),
            one.booked,
            names.of(one.party),
            show(one.ref),
            show(", ".join(one.deals)),
            ", ".join(filter(None, (row["said"], row["bill"]))),
            say.show(one.amount),
            period if how == "open" else f"{period} ({how})".strip(),
        )
        for row, (one, period, how) in zip(rows, found, strict=True)
    ]
    cells.append(("", "", "together", "", "", "", say.show(total), ""))
    heads = ("Entry", "Booked", "From" if incoming else "To", "Paper", "Deals", "Remark", say.currency, "Run of")
    less = ["Receipts are less what went back of them: tally refund list"]
    desk.answer(data, _drawn(heads, cells), *below, *(less if incoming and state.of(book).refunds else []))


def _drawn(heads: tuple[str, ...], cells: Sequence[tuple[str, ...]]) -> Any:
    """A table without the remarks where there are none."""
    shown = [at for at, head in enumerate(heads) if head != "Remark" or any(row[at] for row in cells)]
    right = ("Entry", heads[-2])
    return table(tuple(heads[at] for at in shown), [tuple(row[at] for at in shown) for row in cells], right=right)
