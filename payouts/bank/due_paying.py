"""What a treasurer has still to pay or to hear of: approved and in no file, files on their way, tax of closed years."""

from collections.abc import Iterator
from typing import Any

from governance.telling import grouped
from ledger.book import Book
from ledger.names import Names
from payouts import state
from payouts.amounts import amounts_of, people_words
from payouts.bank.details_words import why_words
from payouts.bank.due_payments import due_now
from payouts.bank.paying import LIVE
from payouts.years.taxes import tax_of


def paying_data(book: Book, names: Names, now: int) -> dict[str, Any]:
    """What is payable to members, by which file; the files that are not sent, or not answered; tax that is owed."""
    return {"to_pay": _to_pay(book, names, now), "files": list(_files(book)), "tax_owed": list(_tax_owed(book, names))}


def _to_pay(book: Book, names: Names, now: int) -> dict[str, Any] | None:
    """What the file of the newest approved period would pay to members, and why it leaves some out."""
    approved = [period for period, run in state.of(book).runs.items() if run.approved is not None]
    if not approved:
        return None
    found, waiting = due_now(book, approved[-1], now)
    amounts = [one.amount for one in found if one.payee not in book.ledger.parties]
    waiting = {one: why for one, why in waiting.items() if one not in book.ledger.parties}
    total, why = amounts_of(book).plain(sum(amounts)), why_words(book, names, waiting)
    return {"period": approved[-1], "people": len(amounts), "total": total, "waiting": why}


def _files(book: Book) -> Iterator[dict[str, Any]]:
    own = state.of(book)
    for file in own.exports.values():
        live = [own.payments[eid].amount for eid in file.payments if own.payments[eid].status in LIVE]
        if live:
            total = amounts_of(book).plain(sum(live))
            sent = file.sent is not None
            yield {"period": file.period, "entry": file.entry, "sent": sent, "payments": len(live), "total": total}


def _tax_owed(book: Book, names: Names) -> Iterator[dict[str, str]]:
    for year in state.of(book).years:
        tax = tax_of(book, year)
        if tax.owed > 0:
            yield {"year": year, "authority": names.of(tax.authority), "owed": amounts_of(book).plain(tax.owed)}


def paying_lines(data: dict[str, Any], currency: str) -> Iterator[str]:
    """The same in lines."""
    pay = data["to_pay"]
    if pay is not None and pay["people"]:
        much = f"{grouped(pay['total'])} {currency} to {people_words(pay['people'])}"
        yield f"Approved and in no file yet: {much} (tally payout export {pay['period']})."
    yield from pay["waiting"] if pay is not None else ()
    for file in data["files"]:
        count = "1 payment" if file["payments"] == 1 else f"{file['payments']} payments"
        much = f"{count}, {grouped(file['total'])} {currency}"
        if file["sent"]:
            yield f"The bank has not answered for {much} of {file['period']} (tally bank read FILE)."
        else:
            yield f"Not noted as handed to the bank: {much} of {file['period']} (tally payout sent {file['period']})."
    for one in data["tax_owed"]:
        year = one["year"]
        yield f"{grouped(one['owed'])} {currency} of the tax of {year} are owed to {one['authority']} " + (
            f"(tally year pay-tax {year[:4]})."
        )
