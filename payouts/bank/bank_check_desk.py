"""`tally bank check`: a file of payments read back, by itself and against the ledger that is to have made it."""

from hashlib import sha256

from ledger.doors import Desk
from ledger.errors import VerificationFailed
from ledger.private import show
from ledger.reading import bytes_in
from payouts import state
from payouts.amounts import amounts_of
from payouts.bank import nacha_check
from payouts.bank.bank_check import Finding, Paid, check_file, payments_in
from payouts.bank.box_keys import Opener
from payouts.bank.paying import LIVE, Payment
from payouts.bank.xml_lines import SIZE_MAX, NotXml


class BadFile(VerificationFailed):
    """A bank file with something wrong in it."""


def check_at_desk(desk: Desk, file: str, against: str | None) -> None:
    """Say everything that is wrong with a file. Raises BadFile, exit 5, when there is anything."""
    data = bytes_in(file, SIZE_MAX)
    if _is_table(data):
        _check_table(desk, file, data, against)
        return
    check = nacha_check.check_file if nacha_check.is_nacha(data) else check_file
    found = check(data, desk.today.isoformat())
    payments = _payments(data)
    if against is not None:
        found = sorted({*found, *_against(desk, against, data, payments)})
    for one in found:
        desk.note(f"{'warning, ' if one.is_warning else ''}line {one.line}: {one.code}: {one.words}")
    wrong = [one for one in found if not one.is_warning]
    rows = [{"line": one.line, "code": one.code, "words": one.words, "warning": one.is_warning} for one in found]
    if wrong:
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise BadFile(
            f"{show(file)} does not check: line {wrong[0].line}, {wrong[0].code}, {wrong[0].words}{more}.",
            _what_now(wrong),
        )
    total = sum(one.cents or 0 for one in payments)
    beside = f", and is the file that pays {against}" if against else ""
    if against is None:
        desk.note("Nothing was compared with the ledger, so another account would not show: --against PERIOD.")
    data_ = {"file": file, "sha256": sha256(data).hexdigest(), "payments": len(payments), "findings": rows}
    say, count = amounts_of(desk.book), "1 payment" if len(payments) == 1 else f"{len(payments)} payments"
    line = f"{show(file)} checks: {count}, {say.full(total)}{beside}."
    desk.answer(data_ | {"total": say.plain(total)}, line)


def _is_table(data: bytes) -> bool:
    """Whether this is neither XML nor a Nacha file, and can be read as text: a table, whose columns a bank made up."""
    text = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    return bool(text) and not text.startswith(b"<") and not nacha_check.is_nacha(data) and b"," in text.split(b"\n")[0]


def _check_table(desk: Desk, file: str, data: bytes, against: str | None) -> None:
    """A table has no sums or ids that can be read without its template: it is the recorded file, or it is not."""
    own, made = state.of(desk.book), sha256(data).hexdigest()
    found = [one for one in own.exports.values() if one.file == made and against in (None, one.period)]
    if not found:
        whose = f" for {against}" if against else ""
        raise BadFile(
            f"{show(file)} is not, byte for byte, a table that this ledger made{whose}.",
            "Make it again with the same template, and compare: tally payout export",
        )
    export, say = found[-1], amounts_of(desk.book)
    total = sum(own.payments[eid].amount for eid in export.payments)
    data_ = {"file": file, "sha256": made, "payments": len(export.payments), "findings": [], "total": say.plain(total)}
    count = "1 payment" if len(export.payments) == 1 else f"{len(export.payments)} payments"
    beside = f"the table of entry {export.entry} that pays {export.period}"
    desk.answer(data_, f"{show(file)} is, byte for byte, {beside}: {count}, {say.full(total)}.")


def _what_now(wrong: list[Finding]) -> str:
    if any(one.code == "not-live" for one in wrong):
        return "Do not hand it to the bank once more. What became of its payments: tally payout payments"
    return "Do not hand it to the bank; make it anew: tally payout export"


def _payments(data: bytes) -> list[Paid]:
    try:
        return nacha_check.payments_in(data) if nacha_check.is_nacha(data) else payments_in(data)
    except NotXml:
        return []


def _against(desk: Desk, period: str, data: bytes, payments: list[Paid]) -> list[Finding]:
    """What the file says otherwise than the ledger: ids, approval, amounts, accounts, the whole."""
    own, opener, found = state.of(desk.book), Opener(desk), []
    # A direct deposit bears the first signs of its id alone.
    full = {one.eid: next((eid for eid in own.payments if one.eid and eid.startswith(one.eid)), "") for one in payments}
    for one in payments:
        known = own.payments.get(full[one.eid])
        if known is None or known.period != period:
            found.append(Finding(one.line, "not-ours", f"the ledger pays nothing under this id for {period}"))
            continue
        if known.status not in LIVE:
            found.append(Finding(one.line, "not-live", f"this payment is {known.status} already"))
        if known.amount != one.cents:
            found.append(Finding(one.line, "other-amount", "the ledger pays another amount"))
        if not _is_account(desk, opener, known, one.iban):
            found.append(Finding(one.line, "other-account", "the payee is paid to another account"))
    mine = [export for export in own.exports.values() if export.period == period]
    if not any(sorted(full[one.eid] for one in payments) == export.payments for export in mine):
        found.append(Finding(1, "other-payments", f"these are not all payments of a file for {period}"))
    elif not any(export.file == sha256(data).hexdigest() for export in mine):
        found.append(Finding(1, "other-bytes", "this is not, byte for byte, the file that was recorded"))
    return found


def _is_account(desk: Desk, opener: Opener, known: Payment, iban: str) -> bool:
    """Whether this is the account the details promise; raises NoKey where they do not open here."""
    details = next(one for one in state.of(desk.book).details[known.payee] if one.promise == known.details)
    account = opener.account(known.payee, details)
    return iban in (account.iban, account.number)
