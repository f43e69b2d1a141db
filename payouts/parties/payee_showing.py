"""Parties as treasurers see them: what is to be paid to each, what is on its way, what is owed still."""

from typing import Any

from ledger import people
from ledger.book import Book
from ledger.looks import table
from ledger.names import Names
from ledger.private import show
from payouts import state
from payouts.amounts import amounts_of
from payouts.bank.paying import LIVE, on_the_way
from payouts.kept import Bill
from payouts.parties.party_dues import ACCOUNT, early, free, open_bills, owed_names, owed_party
from payouts.parties.payees import LAST, PAYABLE


def owed_label(account: str) -> str:
    """How an account that owes is called: "network", "proposal 3", "tax 2025-01-01", "withheld"."""
    if account.startswith(ACCOUNT):
        return account.removeprefix(ACCOUNT)
    head = account.split(":")[1]
    return f"proposal {head}" if head.isdigit() else f"tax {head}" if head[:1].isdigit() else head


def party_rows(book: Book, names: Names) -> list[dict[str, Any]]:
    """Every party with something to be paid, on its way, or owed; accounts of which nobody said whose come first."""
    own, say = state.of(book), amounts_of(book)
    payable, gone = state.lying(book, PAYABLE), on_the_way(own)
    owed: dict[str, list[str]] = {}
    for account in owed_names(book):
        owed.setdefault(owed_party(book, account), []).append(account)
    parties = {*payable, *(one for one in gone if one in book.ledger.parties), *owed}
    parties |= {*own.details, *(offer.person for offer in own.offers.values())} & book.ledger.parties.keys()
    rows = []
    for party in sorted(parties, key=lambda one: (one != "", names.of(one).casefold() if one else "")):
        bills = open_bills(book, party) if party else []
        accounts = owed.get(party, [])
        rows.append(
            {
                "name": names.of(party) if party else None,
                "id": party or None,
                "payable": say.plain(free(book, party) if party else 0),
                "on_the_way": say.plain(gone.get(party, 0)),
                "owed": [owed_data(book, one) for one in accounts],
                "oldest_due": min((one.due or LAST for one in bills), default=LAST).replace(LAST, "") or None,
                "bills": [bill_data(book, one) for one in bills],
            }
        )
    return rows


def owed_data(book: Book, account: str) -> dict[str, str]:
    """What an account owes, and what of it waits for the approval of a run, as data."""
    say = amounts_of(book)
    waits = early(book, account)
    return {
        "account": account,
        "called": owed_label(account),
        "amount": say.plain(-state.of(book).accounts[account]),
        "waits": say.plain(waits),
    }


def bill_data(book: Book, bill: Bill) -> dict[str, Any]:
    """A bill as data; the entry is null where none says what the money is for."""
    return {
        "entry": bill.entry,
        "amount": amounts_of(book).plain(bill.amount),
        "due": bill.due or None,
        "ref": bill.ref,
        "disputed": bill.entry is not None and people.is_disputed(book.ledger, bill.entry),
    }


def how_paid(book: Book, entry: int) -> str:
    """How far a bill is, by its entry: "not paid" (in part), "on its way" or "paid"."""
    own = state.of(book)
    if any(held.entry == entry for one in own.payments.values() if one.status in LIVE for held in one.bills):
        return "on its way"
    left = [one for bills in own.bills.values() for one in bills if one.entry == entry]
    return "not paid" if left else "paid"


def unpaid_bills(book: Book, names: Names) -> tuple[list[dict[str, Any]], list[Any]]:
    """All bills that are not paid and not on their way, as data and drawn; the first that is due first."""
    say = amounts_of(book)
    bills = [(party, one) for party in state.lying(book, PAYABLE) for one in open_bills(book, party)]
    bills.sort(key=lambda row: (row[1].due or LAST, row[1].entry or 0))
    rows = [bill_data(book, one) | {"party": names.of(party), "party_id": party} for party, one in bills]
    cells = [
        (str(one.entry or ""), names.of(party), show(one.ref), one.due, say.show(one.amount)) for party, one in bills
    ]
    heads = ("Entry", "To", "Paper", "Due", say.currency)
    drawn = ["", "To be paid to parties:", table(heads, cells, right=("Entry", say.currency))] if rows else []
    return rows, drawn


def parties_drawn(book: Book, rows: list[dict[str, Any]]) -> list[Any]:
    """The rows as a table; below it the accounts of which nobody has said to whom they are owed."""
    cells = []
    for row in (row for row in rows if row["id"]):
        owed = ", ".join(f"{show(one['called'])} {one['amount']}" for one in row["owed"])
        cells.append((row["name"], row["payable"], row["on_the_way"], row["oldest_due"] or "", owed, row["details"]))
    heads = ("Party", "To be paid", "On its way", "Due", "Owed, not payable yet", "Details")
    drawn: list[Any] = [table(heads, cells, right=heads[1:3])] if cells else []
    for one in (one for row in rows if not row["id"] for one in row["owed"]):
        said = f"{one['amount']} {book.ledger.currency} on {show(one['called'])}: nobody has said to whom it is owed."
        drawn.append(f"{said} tally payee owed {show(one['called'])} --to NAME")
    for name, one in ((row["name"], one) for row in rows for one in row["bills"] if one["disputed"]):
        said = f"{one['amount']} {book.ledger.currency} to {name} (entry {one['entry']}) waits"
        drawn.append(f"{said}: the key that booked it was in other hands. Its treasurer runs: tally key reaffirm")
    return drawn or ["Nothing is owed to any party."]


def payees_due(book: Book, today: str) -> dict[str, Any] | None:
    """What is to be paid to parties together, to how many, the first day, what is past its day; None for nothing."""
    found = {party: bills for party in state.lying(book, PAYABLE) if (bills := open_bills(book, party))}
    if not found:
        return None
    total = sum(one.amount for bills in found.values() for one in bills)
    days = [one.due for bills in found.values() for one in bills if one.due]
    late = sum(one.amount for bills in found.values() for one in bills if one.due and one.due < today)
    say, first = amounts_of(book), min(days, default=None)
    return {"total": say.plain(total), "parties": len(found), "first": first, "overdue": say.plain(late)}
