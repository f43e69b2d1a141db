"""Booking a refund, and the refunds there are."""

from typing import Any

from msgspec import UNSET, Struct

from ledger import people
from ledger.book import Book
from ledger.doors import Desk
from ledger.errors import Refused, Usage
from ledger.lives import entry_at
from ledger.looks import table
from ledger.names import Names
from ledger.private import show
from ledger.spans import parse_day
from payouts import state
from payouts.amounts import Amounts, amounts_of
from payouts.booking import taking
from payouts.compute import computed_run
from payouts.corrections.amendment_words import refund_data
from payouts.corrections.correcting import amendment_name
from payouts.corrections.receipts import left_of, receipt_at, receipts_with
from payouts.corrections.standing import amendments
from payouts.facts import Received
from payouts.kept import Refund
from payouts.parties.foreign_desk import Rated, money_typed
from payouts.parties.moneys import foreign_data, foreign_of, foreign_said

KIND = "payouts.refunded"
LIST = "`tally income list` shows the receipts that wait for their run."


class Wanted(Struct, frozen=True, kw_only=True):
    """A refund as it was typed."""

    amount: str
    receipt: str
    party: str | None
    chargeback: bool
    ref: str
    booked: str
    value: str | None
    rated: Rated = Rated()


def book_refund(desk: Desk, typed: Wanted) -> None:
    """Record that money of a receipt went back, and say from where it is taken."""
    book, (_, me), today = desk.book, desk.me, desk.today
    people.must_speak(book.ledger, me, KIND)
    index = _receipt(desk, typed)
    receipt, (amount, foreign) = receipt_at(book, index), money_typed(desk, typed.amount, typed.rated, typed.booked)
    if amount == 0:
        raise Usage(f'"{typed.amount}" is no money.', "Write what went back.")
    booked = parse_day(typed.booked, today)
    value = parse_day(typed.value, today) if typed.value else booked
    if max(booked, value) > today:
        raise Usage(f"{max(booked, value)} lies in the future.", "Book a refund when the money has moved.")
    body = {
        "entry": entry_at(book, index).id,
        "index": index,
        "party": receipt.party,
        "amount": amount,
        "currency": book.ledger.currency,
        "ref": typed.ref.strip(),
        "chargeback": typed.chargeback,
        "booked": booked.isoformat(),
        "value": value.isoformat(),
        **({"foreign": foreign} if foreign else {}),
    }
    entry = desk.record(KIND, body).entry.index
    one = next(one for one in state.of(desk.book).refunds if one.entry == entry)
    _told(desk, one, receipt)


def _told(desk: Desk, one: Refund, receipt: Received) -> None:
    """Say what went back, from where it is taken, and what is left of the receipt."""
    book, say, foreign = desk.book, amounts_of(desk.book), foreign_of(desk.book, one.entry)
    how, left = "taken back by" if one.chargeback else "paid back to", left_of(book, one.receipt)
    amount = say.full(one.amount) + (f" = {foreign_said(book, one.entry)}" if foreign else "")
    whose = f"{how} {desk.names.of(one.party)}, of the receipt in entry {one.receipt}"
    lines = [
        f"Booked {amount} {whose} (entry {one.entry}).",
        _where_words(book, one),
        f"Of that receipt {say.full(left)} is left." if left else "Nothing is left of that receipt.",
    ]
    whole = foreign and receipt.foreign is not UNSET and foreign.amount == receipt.foreign.amount
    if left and whole:
        lines.append("All of it went back at a lower rate than it came; what is left is a gain, and stays shared.")
    data = refund_data(desk.names, one, say) | _foreign(book, one.entry)
    desk.answer(data | {"left": say.plain(left), "period": one.period or None}, *lines)


def _foreign(book: Book, entry: int) -> dict[str, Any]:
    found = foreign_of(book, entry)
    return {"foreign": foreign_data(found) if found else None}


def _receipt(desk: Desk, typed: Wanted) -> int:
    """The entry of the receipt that was meant: by its number, or by its paper."""
    if typed.receipt.isdigit():
        return int(typed.receipt)
    found = list(receipts_with(desk.book, typed.receipt))
    if typed.party is not None:
        party = desk.names.party(typed.party)
        found = [index for index in found if receipt_at(desk.book, index).party == party]
    if not found:
        raise Refused(f"No receipt has the paper {show(typed.receipt)}.", LIST)
    if len(found) > 1:
        entries = ", ".join(map(str, found))
        raise Refused(f"Several receipts have the paper {show(typed.receipt)}.", f"Say which entry: {entries}.")
    return found[0]


def _where_words(book: Book, one: Refund) -> str:
    """Where a refund that waits will be taken from."""
    if one.period in state.of(book).runs:
        return f"{one.period} has shared it already: an amendment takes it back from there (tally payout tick)."
    if one.period:
        return f"It amends {one.period}, once the run of that period is computed."
    money = next(money for money in state.of(book).money if money.entry == one.receipt)
    period = taking(book, money)
    return f"It goes into the run of {period.id} together with the receipt." if period else "It waits for its receipt."


def list_refunds(desk: Desk) -> None:
    """Show all refunds, with where each was taken from."""
    book, say = desk.book, amounts_of(desk.book)
    rows = [
        refund_data(desk.names, one, say) | _foreign(book, one.entry) | {"taken": taken} for one, taken in refunds(book)
    ]
    data = {"refunds": rows, "currency": say.currency}
    if not rows:
        desk.answer(data, "No money of a receipt has gone back.")
        return
    desk.answer(data, _table(book, desk.names, say))


def refunds(book: Book) -> list[tuple[Refund, str]]:
    """Every refund, oldest first, with the run or the amendment that took it in; "" while it waits."""
    own = state.of(book)
    found = [(one, "") for one in own.refunds]
    found += [(one, "") for pin in own.pins.values() for one in pin.refunds]
    for period in own.runs:
        found += [(one, period) for one in computed_run(book, period).pin.refunds]
        for each in amendments(book, period):
            found += [(one, amendment_name(period, each.number)) for one in each.refunds]
    return sorted(found, key=lambda row: row[0].entry)


def _table(book: Book, names: Names, say: Amounts) -> Any:
    cells = []
    for one, taken in refunds(book):
        disputed = people.is_disputed(book.ledger, one.entry)
        waits = "disputed" if disputed else "waits"
        paper = show(one.ref) or ("chargeback" if one.chargeback else "") or foreign_said(book, one.entry)
        who = names.of(one.party)
        cells.append((str(one.entry), one.booked, who, paper, str(one.receipt), say.show(one.amount), taken or waits))
    heads = ("Entry", "Booked", "To", "Paper", "Receipt", say.currency, "Taken back in")
    return table(heads, cells, right=("Entry", "Receipt", say.currency))
