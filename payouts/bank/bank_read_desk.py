"""`tally bank read`: the bank's answer, what it means for our payments, and, after a yes, that it is so.

Recorded is what bears an id of ours. All else is shown, with the command that would record it.
"""

import shlex
from collections.abc import Iterator
from typing import Any

from ledger.doors import Desk
from ledger.errors import NoKey
from ledger.private import show
from ledger.reading import bytes_in
from payouts import state
from payouts.amounts import amounts_of
from payouts.bank import bank_table, camt053, pain002
from payouts.bank.bank_lines import BadStatement
from payouts.bank.box_keys import Opener
from payouts.bank.debtor import debtor_of
from payouts.bank.matching import Left, Matched, Matching
from payouts.bank.xml_lines import SIZE_MAX, NotXml, tree
from payouts.facts import check_days
from payouts.parties.money_report import moneys
from payouts.paying_facts import is_own

MANY = 200
"""Payments in one statement that is recorded."""


def read_at_desk(desk: Desk, file: str, yes: bool) -> None:
    """Show what the bank says, and record what bears ids of ours."""
    found = _without_own(desk, _matched(desk, bytes_in(file, SIZE_MAX)))
    # Before anything is recorded: it is recorded in two entries, and both must be taken.
    days = [one.booked for one in found.settled] + [one.booked for one in found.returned]
    check_days(max(desk.now, desk.book.received), *days)
    settled, returned = len(found.settled), len(found.returned)
    lines = list(_told(desk, found))
    if settled or returned:
        for line in lines:
            desk.note(line)
        desk.confirm(f"Record that {settled} payments are settled and {returned} came back?", yes)
        entries = _record(desk, found)
        lines = [f"Recorded: {settled} settled, {returned} returned ({_entry_words(entries)})."]
    else:
        entries = []
        lines += ["Nothing new: nothing was recorded."]
    desk.answer(_data(desk, found) | {"file": file, "entries": entries}, *lines)


def _entry_words(entries: list[int]) -> str:
    return f"{'entry' if len(entries) == 1 else 'entries'} {', '.join(map(str, entries))}"


def _without_own(desk: Desk, found: Matched) -> Matched:
    """What came back of the reader's own pay is for another treasurer to say."""
    book, me = desk.book, desk.whoami
    found.own = [one for one in found.returned if is_own(book, me, state.of(book).payments[one.eid].payee)]
    found.returned = [one for one in found.returned if one not in found.own]
    return found


def _matched(desk: Desk, data: bytes) -> Matched:
    """What the file comes to. Raises BadStatement, NotXml."""
    ledger, own = desk.book.ledger, state.of(desk.book)
    matching = Matching(own.payments, own.exports, _Accounts(desk))
    if not data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        try:
            return matching.lines(bank_table.lines_of(data.decode("utf-8-sig"), ledger.exponent))
        except UnicodeDecodeError as error:
            raise BadStatement("This file is neither XML nor a text in UTF-8.", "Save it as UTF-8.") from error
    root = tree(data)
    if root.space.startswith(camt053.SPACE):
        return matching.lines(camt053.lines_of(root, debtor_of(desk).iban, ledger.currency, ledger.exponent))
    if root.space.startswith(pain002.SPACE):
        message, rejected = pain002.rejections_of(root)
        if message not in matching.exports:
            raise BadStatement("This report is about a file that this ledger did not make.", "Nothing was recorded.")
        return matching.rejections(rejected)
    raise NotXml("namespace", root.line, "this is neither a camt.053 nor a pain.002")


class _Accounts:
    """The account of a payment by its id, where a key of this home opens it; unlocked only when asked."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.opener = desk, Opener(desk)

    def __call__(self, eid: str) -> str:
        own = state.of(self.desk.book)
        one = own.payments[eid]
        details = next((known for known in own.details[one.payee] if known.promise == one.details), None)
        try:
            return self.opener.account(one.payee, details).iban if details else ""
        except NoKey:
            return ""


def _record(desk: Desk, found: Matched) -> list[int]:
    entries = []
    for start in range(0, len(found.settled), MANY):
        body = [
            {"eid": one.eid, "amount": one.amount, "booked": one.booked, "ref": one.ref}
            for one in found.settled[start : start + MANY]
        ]
        entries.append(desk.record("payouts.settled", {"payments": body}, may_wait=False).entry.index)
    for start in range(0, len(found.returned), MANY):
        back = [
            {"eid": one.eid, "reason": one.reason, "booked": one.booked} for one in found.returned[start : start + MANY]
        ]
        entries.append(desk.record("payouts.returned", {"payments": back}, may_wait=False).entry.index)
    return entries


def _told(desk: Desk, found: Matched) -> Iterator[str]:
    say, own = amounts_of(desk.book), state.of(desk.book)
    if found.settled:
        count = "1 payment" if len(found.settled) == 1 else f"{len(found.settled)} payments"
        yield f"Settled: {count}, {say.full(sum(one.amount for one in found.settled))}."
    for one in found.returned:
        payment = own.payments[one.eid]
        yield f"Came back ({one.reason}): {say.full(payment.amount)} to {desk.names.of(payment.payee)}."
        if one.short:
            yield f"  The bank kept {say.full(one.short)}: tally expense add {say.plain(one.short)} --to BANK"
    for one in found.own:
        amount = say.full(own.payments[one.eid].amount)
        yield f"Your own payment came back ({one.reason}), {amount}: another treasurer reads this statement too."
    for left in found.flagged:
        yield f"Look at this: {_line(desk, left)}: {left.why}."
    for left in found.proposed:
        yield f"Perhaps ours: {_line(desk, left)}: {left.why}. If so: {_command(desk, left)}"
    yield from _income(desk, found)
    for left in found.unmatched:
        yield f"Not ours: {_line(desk, left)}: {left.why}."
    if found.known:
        yield f"Known already: {found.known}."


def _income(desk: Desk, found: Matched) -> Iterator[str]:
    """Money that came in: with the receipt that is booked for it already, or with the command that books it."""
    booked: dict[tuple[str, int], list[int]] = {}
    for _, one in moneys(desk.book) if found.income else ():
        if one.incoming:
            booked.setdefault((one.booked, one.amount), []).append(one.entry)
    for left in found.income:
        line = left.line
        if there := booked.get((line.booked, line.amount)):
            yield f"Booked already, it seems (entry {there.pop(0)}): {_line(desk, left)}."
            continue
        who = shlex.quote(show(line.name)) if line.name else "NAME"
        words = f"tally income add {amounts_of(desk.book).plain(line.amount)} --from {who} --date {line.booked}"
        said = f" The bank says: {show(line.text)}." if line.text else ""
        yield f"Income? {_line(desk, left)}.{said} If so, with its paper as --ref: {words}"


def _line(desk: Desk, left: Left) -> str:
    line = left.line
    sign = "-" if line.is_out else "+"
    who = f" {show(line.name)}" if line.name else ""
    amount = f"{sign}{amounts_of(desk.book).full(line.amount)}" if line.amount else "; ".join(map(show, line.payments))
    return f"line {line.line}, {show(line.booked)}, {amount}{who}"


def _command(desk: Desk, left: Left) -> str:
    own = state.of(desk.book)
    payments = [own.payments[eid] for eid in left.maybe]
    names = " ".join(f'"{desk.names.of(one.payee)}"' for one in payments) if len(payments) == 1 else ""
    if left.line.is_out:
        return f"tally payout settle {payments[0].period} {names} --date {left.line.booked}".replace("  ", " ")
    return f"tally payout return {payments[0].period} {names} --reason {left.line.reason} --date {left.line.booked}"


def _data(desk: Desk, found: Matched) -> dict[str, Any]:
    say, own = amounts_of(desk.book), state.of(desk.book)
    rows = {
        how: [
            {
                "line": left.line.line,
                "booked": left.line.booked,
                "amount": say.plain(-left.line.amount if left.line.is_out else left.line.amount),
                "name": left.line.name,
                "why": left.why,
                "payments": list(left.maybe),
            }
            for left in lefts
        ]
        for how, lefts in (
            ("flagged", found.flagged),
            ("proposed", found.proposed),
            ("income", found.income),
            ("unmatched", found.unmatched),
        )
    }
    settled = [{"eid": one.eid, "amount": say.plain(one.amount), "booked": one.booked} for one in found.settled]
    returned = [
        {"eid": one.eid, "reason": one.reason, "name": desk.names.of(own.payments[one.eid].payee), "short": one.short}
        for one in found.returned
    ]
    mine = [one.eid for one in found.own]
    return {"settled": settled, "returned": returned, "own": mine, "known": found.known} | rows
