"""What became of payments, said by hand: a file handed in, a payment booked, one that came back, a file made void."""

from typing import Any

from governance.telling import grouped
from ledger.book import Book
from ledger.doors import Desk
from ledger.errors import Refused, Usage
from ledger.localtime import iso
from ledger.looks import table
from ledger.names import UnknownMember
from ledger.spans import parse_day
from payouts import state
from payouts.amounts import amounts_of
from payouts.approving import run_named
from payouts.bank.iban import looks_like_iban
from payouts.bank.paying import EXPORTED, LIVE, SETTLED, VOID, Payment, of_run
from payouts.parties.party_dues import papers

NOTHING = "tally payout payments shows what became of every payment."


def sent_at_desk(desk: Desk, period: str) -> None:
    """The files of a period that were made are at the bank now."""
    own = state.of(desk.book)
    run_named(desk.book, period)
    ready = [
        entry_id
        for entry_id, one in own.exports.items()
        if one.period == period and any(own.payments[eid].status == EXPORTED for eid in one.payments)
    ]
    if not ready:
        raise Refused(f"No file for {period} waits to be handed in.", NOTHING)
    entries = [desk.record("payouts.sent", {"export": one}, may_wait=False).entry.index for one in ready]
    count = sum(len(own.exports[one].payments) for one in ready)
    words = f"Noted that the bank has the file for {period}: {_payments(count)} (entry {entries[-1]})."
    desk.answer({"period": period, "entries": entries, "payments": count}, words, "Then: tally bank read FILE")


def settle_at_desk(desk: Desk, period: str, names: tuple[str, ...], booked: str, ref: str) -> None:
    """The bank has booked payments of a period: those to these people, or all that are on their way."""
    if looks_like_iban(ref):
        raise Usage("A reference is not the place for an account number.", "It would stand in the log for ever.")
    on = parse_day(booked, desk.today).isoformat()
    chosen = _chosen(desk, period, names, LIVE)
    body = [{"eid": eid, "amount": one.amount, "booked": on, "ref": ref.strip()} for eid, one in chosen.items()]
    entry = desk.record("payouts.settled", {"payments": body}, may_wait=False).entry.index
    total = amounts_of(desk.book).full(sum(one.amount for one in chosen.values()))
    words = f"Noted as booked on {on}: {_payments(len(chosen))} of {period}, {total} (entry {entry})."
    desk.answer({"period": period, "entry": entry, "payments": sorted(chosen)}, words)


def return_at_desk(desk: Desk, period: str, name: str, reason: str, booked: str) -> None:
    """A payment came back: it is owed again."""
    on = parse_day(booked, desk.today).isoformat()
    # A party may be paid more than once by a run: what came back is the last of them.
    *_, eid = _chosen(desk, period, (name,), (*LIVE, SETTLED))
    body = {"payments": [{"eid": eid, "reason": reason.upper(), "booked": on}]}
    entry = desk.record("payouts.returned", body, may_wait=False).entry.index
    say, one = amounts_of(desk.book), state.of(desk.book).payments[eid]
    lines = [f"{say.full(one.amount)} to {desk.names.of(one.payee)} came back (entry {entry}); it is owed again."]
    lines.append(f"Once the account is right: tally payout export {period} makes another attempt.")
    desk.answer({"period": period, "entry": entry, "payment": eid, "reason": reason.upper()}, *lines)


def _payments(count: int) -> str:
    return "1 payment" if count == 1 else f"{count} payments"


def void_at_desk(desk: Desk, period: str, yes: bool) -> None:
    """The newest file of a period must not be used: two treasurers say so, or the only one."""
    own = state.of(desk.book)
    ready = [
        entry_id
        for entry_id, one in own.exports.items()
        if one.period == period and any(own.payments[eid].status == EXPORTED for eid in one.payments)
    ]
    if not ready:
        raise Refused(f"There is no file for {period} that the bank does not have.", NOTHING)
    desk.confirm("Was this file never handed to the bank, and will it never be?", yes)
    entry = desk.record("payouts.voided", {"export": ready[-1]}, may_wait=False).entry.index
    own = state.of(desk.book)
    is_void = all(own.payments[eid].status == VOID for eid in own.exports[ready[-1]].payments)
    words = "Its payments can be exported anew." if is_void else "Another treasurer must say so too."
    data = {"period": period, "entry": entry, "file": own.exports[ready[-1]].entry, "void": is_void}
    desk.answer(data, f"You said that the file of entry {data['file']} is void (entry {entry}). {words}")


def _chosen(desk: Desk, period: str, names: tuple[str, ...], states: tuple[str, ...]) -> dict[str, Payment]:
    """The payments of a period, to these people or to all, that are in one of these states; by id."""
    own = state.of(desk.book)
    run_named(desk.book, period)
    people = {_payee(desk, period, name) for name in names}
    found = {
        eid: one
        for eid, one in own.payments.items()
        if one.period == period and one.status in states and (not people or one.payee in people)
    }
    without = people - {one.payee for one in found.values()}
    if without or not found:
        who = ", ".join(sorted(map(desk.names.of, without))) or "anybody"
        last = [of_run(own, period).get(one) for one in without]
        told = f": it is {last[0][-1].status} already" if len(last) == 1 and last[0] else ""
        if not people:
            raise Refused(_why_none(of_run(own, period), period), NOTHING)
        raise Refused(f"No payment of {period} to {who} is in question{told}.", NOTHING)
    return found


def _payee(desk: Desk, period: str, name: str) -> str:
    """The member or the party of that name; of two the one that is paid in this period."""
    party = desk.names.party(name)
    paid = {one.payee for one in state.of(desk.book).payments.values() if one.period == period}
    try:
        person = desk.names.person(name)
    except UnknownMember:
        if party is None:
            raise
        return party
    if party is None or party not in paid:
        return person
    if person in paid:
        raise Usage(f"A member and a party are called {name!r}.", "Read the bank's statement: tally bank read FILE")
    return party


def payments_at_desk(desk: Desk, period: str | None) -> None:
    """Every payment and how far it is."""
    book, say = desk.book, amounts_of(desk.book)
    rows = [_row(desk, book, eid, one) for eid, one in state.of(book).payments.items() if period in (None, one.period)]
    rows.sort(key=lambda one: (one["period"], one["name"].casefold(), one["attempt"]))
    sums = dict.fromkeys(("exported", "sent", "settled", "returned", "void"), 0)
    for one in state.of(book).payments.values():
        sums[one.status] += one.amount if period in (None, one.period) else 0
    data = {"payments": rows, "currency": say.currency, "sums": {how: say.plain(sum_) for how, sum_ in sums.items()}}
    cells = [
        (
            row["period"],
            row["name"],
            grouped(row["amount"]),
            str(row["attempt"]),
            _said(row),
            str(row["entry"]),
            row["eid"][:9],
        )
        for row in rows
    ]
    heads = ("Period", "To", say.currency, "Attempt", "State", "Entry", "Id")
    empty = "No payment was exported yet: tally payout export PERIOD."
    desk.answer(data, table(heads, cells, right=(say.currency,)) if rows else empty)


def _row(desk: Desk, book: Book, eid: str, one: Payment) -> dict[str, Any]:
    export = state.of(book).exports[one.export]
    last = one.ended or one.settled or export.sent or export.entry
    return {
        "eid": eid,
        "period": one.period,
        "name": desk.names.of(one.payee),
        "amount": amounts_of(book).plain(one.amount),
        "attempt": one.attempt,
        "state": one.status,
        "reason": one.reason,
        "booked": one.booked,
        "ref": one.ref,
        "papers": papers(one.bills),
        "date": export.date,
        "file": export.file,
        "entry": last,
        "as_of": iso(book, book.received),
    }


def _said(row: dict[str, Any]) -> str:
    if row["reason"]:
        return f"{row['state']} ({row['reason']})"
    return f"{row['state']} {row['booked']}".strip()


def _why_none(tries: dict[str, list[Payment]], period: str) -> str:
    """Why no payment of a period can be said to be booked or back: none was exported, or all are ended already."""
    if not tries:
        return f"No file was made of {period} yet, so the bank cannot have answered."
    last = " or ".join(sorted({each[-1].status for each in tries.values()}))
    return f"No payment of {period} is in question: all are {last} already."
