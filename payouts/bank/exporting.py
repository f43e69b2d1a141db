"""A treasurer makes the file for the bank: put together, judged by an independent reader, recorded, written.

The file's SHA-256 and every payment's id are in the log before the file leaves this home. Asked again, the same file
is made again, byte for byte; payments on their way stand in no other file.
"""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger.anchor import write_durably
from ledger.canonical import INT_MAX
from ledger.doors import Desk
from ledger.errors import Refused, TallyError, Usage, VerificationFailed
from ledger.localtime import local
from ledger.private import show
from ledger.reading import text_in
from ledger.spans import parse_day
from payouts import state
from payouts.amounts import amounts_of
from payouts.bank import nacha_check, pain001
from payouts.bank.bank_check import check_file
from payouts.bank.bank_file import BankFile, Transfer
from payouts.bank.box_keys import Opener, Unreadable
from payouts.bank.debtor import debtor_of, digest
from payouts.bank.details_desk import why_not_account
from payouts.bank.details_sealing import WrongDetails
from payouts.bank.details_words import news, why_words
from payouts.bank.due_payments import Due, due_now
from payouts.bank.paying import EXPORTED, SENT, Export
from payouts.bankfiles import nacha_ppd, of
from payouts.bankfiles.csv import holds as table_holds
from payouts.parties.party_dues import papers
from payouts.paying_facts import FILE_MAX, check_may_export

MOST = {"pain": pain001.MOST, "nacha": nacha_ppd.CENTS_MAX}
"""What one payment of a form carries at most, in cents."""


class TooMuch(Refused):
    """A payment that is larger than its form can carry; it waits, and the others are paid."""


def export_at_desk(
    desk: Desk, period: str, form: str, template: str | None, date: str | None, out: str, yes: bool, entry: int | None
) -> None:
    """Make the file that pays a period, or make it again; by its entry, where more has become due meanwhile."""
    write, (_, me) = of(form), desk.me
    check_may_export(desk.book, me, period)
    columns = text_in(template) if template else ""
    if entry is not None:
        _again(desk, period, form, columns, out, entry)
        return
    now = max(desk.now, desk.book.received)
    due, waiting = due_now(desk.book, period, now)
    due = due[:FILE_MAX]
    for line in why_words(desk.book, desk.names, waiting):
        desk.note(line)
    if not due:
        _again(desk, period, form, columns, out)
        return
    _must_be_free(out)
    on = _day(desk, date)
    due, transfers = _readable(desk, due, form, columns)
    file = _file(desk, period, transfers, local(desk.book, now).strftime("%Y-%m-%dT%H:%M:%S"), on, columns)
    data = _checked(write(file), form, desk.today.isoformat())
    for line in news(desk, [one.payee for one in due], now):
        desk.note(line)
    say = amounts_of(desk.book)
    for one in sorted(due, key=lambda one: desk.names.of(one.payee).casefold()):
        if one.payee in desk.book.ledger.parties:
            desk.note(f"To {desk.names.of(one.payee)}: {say.full(one.amount)}{_for(one)}.")
    what = f"{len(due)} payment{'' if len(due) == 1 else 's'}, {say.full(file.total)} together"
    desk.confirm(f"Make a file for the bank with {what}, for {file.date}?", yes)
    made = desk.record("payouts.exported", _body(period, form, file, data, due), may_wait=False).entry
    write_durably(Path(out), data)
    lines = [f"Wrote {out}: {what} (entry {made.index})."]
    lines += ["One payment alone must pass the bank's comparison of name and account."] if len(due) == 1 else []
    lines.append(f"Hand it to the bank, then: tally payout sent {period}")
    desk.answer(_data(state.of(desk.book).exports[made.id], out, say.plain(file.total), False), *lines)


def _day(desk: Desk, text: str | None) -> str:
    """The day on which the bank shall pay. Raises Usage for none, or one that is over."""
    if text is None:
        raise Usage("On which day shall the bank pay?", "Say --date DAY.")
    on = parse_day(text, desk.today)
    if on < desk.today:
        raise Usage(f"{on} is over.", "Name today or a day to come.")
    return on.isoformat()


def _body(period: str, form: str, file: BankFile, data: bytes, due: list[Due]) -> dict[str, Any]:
    return {
        "period": period,
        "form": form,
        "file": sha256(data).hexdigest(),
        "debtor": digest(file.debtor),
        "date": file.date,
        "created": file.created,
        "instructions": [
            {"eid": one.eid, "payee": one.payee, "amount": one.amount, "attempt": one.attempt, "details": one.details}
            for one in due
        ],
    }


def _again(desk: Desk, period: str, form: str, columns: str, out: str, entry: int | None = None) -> None:
    """The newest file of this period that is on its way, or that of an entry, made again."""
    own = state.of(desk.book)
    live = [
        one
        for one in own.exports.values()
        if one.period == period and any(own.payments[eid].status in (EXPORTED, SENT) for eid in one.payments)
        if entry in (None, one.entry)
    ]
    if not live and entry is not None:
        raise Refused(f"Entry {entry} made no file for {period} that is on its way.", "tally payout payments")
    if not live:
        raise Refused(f"Nothing of {period} is to be paid now.", "tally payout payments shows what became of it.")
    export = live[-1]
    if export.form != form:
        raise Refused(
            f"The file for {period} was made as {export.form} (entry {export.entry}).",
            "A different one would pay twice. If the bank does not have it: tally payout void",
        )
    data = remade(desk, export, columns)
    path = Path(out)
    if not path.exists():
        write_durably(path, data)
    elif path.read_bytes() != data:
        _must_be_free(out)
    total = amounts_of(desk.book).plain(sum(own.payments[eid].amount for eid in export.payments))
    words = f"Wrote {out} once more, the same bytes as in entry {export.entry}; nothing new was recorded."
    desk.answer(_data(export, out, total, True), words)


def remade(desk: Desk, export: Export, columns: str) -> bytes:
    """The file of an export, byte for byte. Raises where the details cannot be read here, or it would be another."""
    own = state.of(desk.book)
    due = [
        Due(
            eid=eid,
            payee=one.payee,
            amount=one.amount,
            attempt=one.attempt,
            details=one.details,
            papers=tuple(papers(one.bills)),
        )
        for eid in export.payments
        for one in (own.payments[eid],)
    ]
    opener = Opener(desk)
    transfers = [_transfer(desk, opener, one, export.form, columns) for one in due]
    file = _file(desk, export.period, transfers, export.created, export.date, columns)
    if digest(file.debtor) != export.debtor:
        raise Refused(f"The cooperative's account here is not that of entry {export.entry}.", "Bring that one back.")
    data = of(export.form)(file)
    if sha256(data).hexdigest() != export.file:
        raise VerificationFailed(
            f"What is made here is not the file of entry {export.entry}.",
            "A table needs the same template. Otherwise void that file: tally payout void",
        )
    return data


def _for(due: Due) -> str:
    return f", for {show(', '.join(due.papers))}" if due.papers else ""


def _readable(desk: Desk, due: list[Due], form: str, columns: str) -> tuple[list[Due], list[Transfer]]:
    """Those whose accounts can be read here and can be right; the others are named, and wait. Raises where all do."""
    opener, found, wrong = Opener(desk), dict[str, Transfer](), dict[str, TallyError]()
    for one in due:
        try:
            found[one.eid] = _transfer(desk, opener, one, form, columns)
        except (Unreadable, WrongDetails, TooMuch) as error:
            wrong[one.payee] = error
    if not found:
        raise next(iter(wrong.values()))
    why = {payee: "too-much" if isinstance(error, TooMuch) else "unreadable" for payee, error in wrong.items()}
    for line in why_words(desk.book, desk.names, why):
        desk.note(line)
    return [one for one in due if one.eid in found], list(found.values())


def _file(desk: Desk, period: str, transfers: list[Transfer], created: str, date: str, columns: str) -> BankFile:
    book = desk.book
    return BankFile(
        debtor=debtor_of(desk),
        created=created,
        date=date,
        currency=book.ledger.currency,
        exponent=book.ledger.exponent,
        text=f"Payout {period} {book.ledger.name}",
        transfers=tuple(sorted(transfers, key=lambda one: one.eid)),
        template=columns,
    )


def _transfer(desk: Desk, opener: Opener, due: Due, form: str, columns: str) -> Transfer:
    """A payment with its account. Raises Unreadable, WrongDetails for an account that no bank would take, TooMuch."""
    if due.amount > MOST.get(form.partition(".")[0], INT_MAX):
        raise TooMuch(
            f"{amounts_of(desk.book).full(due.amount)} to {desk.names.of(due.payee)} is more than one payment carries.",
            "Pay it by hand, or with another --format.",
        )
    details = next(one for one in state.of(desk.book).details[due.payee] if one.promise == due.details)
    account = opener.account(due.payee, details)
    if why_not_account(account):
        raise WrongDetails(f"{desk.names.of(due.payee)} has set an account that cannot be right.", "They set another.")
    if not _fits(form, columns, bool(account.routing)):
        other = "--format nacha.ppd, or a table with {routing} and {number}" if account.routing else "one for IBANs"
        raise WrongDetails(f"The account of {desk.names.of(due.payee)} cannot stand in this form.", f"Use {other}.")
    return Transfer(
        eid=due.eid,
        amount=due.amount,
        name=account.name,
        iban=account.iban,
        bic=account.bic,
        routing=account.routing,
        number=account.number,
        kind=account.kind,
        text=f"{desk.book.ledger.name}: {', '.join(due.papers)}" if due.papers else "",
        is_party=due.payee in desk.book.ledger.parties,
    )


def _fits(form: str, columns: str, in_us: bool) -> bool:
    """Whether a form has a place for an account: of a bank in the United States, or an IBAN."""
    if form == "csv":
        return table_holds(columns, "{number}" if in_us else "{iban}")
    return form.startswith("nacha.") == in_us


def _checked(data: bytes, form: str, today: str) -> bytes:
    """The file, after the independent reader has looked at it too."""
    check = nacha_check.check_file if nacha_check.is_nacha(data) else check_file
    wrong = [] if form == "csv" else [one for one in check(data, today) if not one.is_warning]
    if wrong:
        raise VerificationFailed(
            f"The file does not check: {wrong[0].code}, {wrong[0].words}.", "Nothing was recorded."
        )
    return data


def _must_be_free(out: str) -> None:
    if os.path.lexists(out):
        raise Refused(f"There is a file {show(out)} already.", "Choose another name.")
    if not Path(out).absolute().parent.is_dir():
        raise Usage(f"There is no folder for {show(out)}.", "Choose another place.")


def _data(export: Export, out: str, total: str, again: bool) -> dict[str, Any]:
    return {
        "period": export.period,
        "entry": export.entry,
        "file": out,
        "sha256": export.file,
        "form": export.form,
        "date": export.date,
        "payments": len(export.payments),
        "total": total,
        "again": again,
    }
