"""An amendment in words: what it was made for, who got more and who less, and that it adds up."""

from typing import Any

from ledger.book import Book
from ledger.errors import Refused
from ledger.names import Names
from ledger.private import show
from payouts import state
from payouts.amounts import Amounts, amounts_of, people_words
from payouts.corrections.standing import Amended, amended, reasons_in_short
from payouts.kept import Refund, Run


def amendment_named(book: Book, name: str) -> Run:
    """The amendment of that name ("2026-10#1"). Raises Refused where there is none."""
    run = state.of(book).amendments.get(name)
    if run is None:
        raise Refused(f"There is no amendment {show(name)}.", "`tally payout list` shows those there are.")
    return run


def told_amendment(book: Book, entry: int) -> str:
    """What an entry that amends a period says."""
    name, run = next(row for row in state.of(book).amendments.items() if row[1].entry == entry)
    found, say = amended(book, name), amounts_of(book)
    return f"{name} computed: {in_short(found, say)}; digest {run.digest[:16]} (entry {entry})."


def in_short(found: Amended, say: Amounts) -> str:
    """What it was made for and what it moves among people: "a refund of 50.00 EUR takes 20.00 from 2 people"."""
    people = found.people()
    more = {one: amount for one, amount in people.items() if amount > 0}
    less = {one: -amount for one, amount in people.items() if amount < 0}
    gives = f"{say.show(sum(more.values()))} more to {people_words(len(more))}" if more else ""
    takes = f"{say.show(sum(less.values()))} less to {people_words(len(less))}" if less else ""
    what = reasons_in_short(found) + (f" ({say.full(found.went_back)})" if found.refunds else "")
    return f"{what}: {', '.join(filter(None, (gives, takes))) or 'nobody gets more or less'}"


def refund_words(names: Names, one: Refund, say: Amounts) -> str:
    """A refund on one line."""
    how = "taken back by" if one.chargeback else "paid back to"
    ref = f", {show(one.ref)}" if one.ref else ""
    of = f"booked {one.booked}, of the receipt in entry {one.receipt} (entry {one.entry})"
    return f"{say.full(one.amount)} {how} {names.of(one.party)}{ref}, {of}"


def refund_data(names: Names, one: Refund, say: Amounts) -> dict[str, Any]:
    """A refund as data."""
    return {
        "entry": one.entry,
        "receipt": one.receipt,
        "party": names.of(one.party),
        "party_id": one.party,
        "amount": say.plain(one.amount),
        "currency": say.currency,
        "ref": one.ref,
        "chargeback": one.chargeback,
        "booked": one.booked,
        "value": one.value,
    }
