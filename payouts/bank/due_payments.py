"""What is to be paid out now: of each balance what approved runs put there, less what is on its way. Pure.

Never below zero, and nothing below the minimum of the run's rule, unless somebody has left or a book year ends. What
a run that is not approved yet put on a balance waits; what a line cannot be paid for now (no details, details just
changed) waits too, and blocks nobody else.
"""

from functools import partial

from msgspec import Struct

from ledger import people
from ledger.book import Book
from payouts import state
from payouts.bank.payable import least_of, payable
from payouts.bank.paying import LIVE, SETTLED, Details, details_now, of_run, on_the_way, why_not_pay
from payouts.bank.payment_ids import payment_id
from payouts.departed.heirs import named
from payouts.parties.party_dues import amounts_to_parties, bills_for, papers
from payouts.unapproved import unapproved


class Due(Struct, frozen=True, kw_only=True):
    """One payment that can be exported now."""

    eid: str
    payee: str
    amount: int
    attempt: int
    details: str
    papers: tuple[str, ...] = ()  # what a party is paid for


def amounts_due(book: Book, period: str) -> dict[str, int]:
    """Person or party -> what is payable now under an approved run, in minor units; nobody who gets nothing."""
    least_for, gone, early = least_of(book, period), on_the_way(state.of(book)), unapproved(book)
    found = {}
    for person, balance in sorted(state.lying(book, "balance").items()):
        rest = balance - gone.get(person, 0) - early.get(person, 0)
        amount = payable(rest, least_for(person))
        if amount > 0:
            found[person] = amount
    return found | amounts_to_parties(book)


def _entries(details: Details) -> list[int]:
    """The statements that details rest on."""
    return [details.entry, *details.others.values()]


def due_now(book: Book, period: str, now: int) -> tuple[list[Due], dict[str, str]]:
    """What can be exported at this instant, by id, and why others cannot be: person or party -> reason.

    Reasons: "no-details", "blocked", "held", "disputed" (set with a key that was in other hands), "paid" (this run has
    paid or is paying the member already), "heirs" (the member has died, as two treasurers and a steward say). A party
    is paid again by the same run: bills do not wait for the next one.
    """
    paying, found, waiting = state.of(book), [], dict[str, str]()
    tries = of_run(paying, period)
    amounts = amounts_due(book, period)
    bills = bills_for(book, {payee: amount for payee, amount in amounts.items() if payee in book.ledger.parties})
    for person, amount in amounts.items():
        before, details = tries.get(person, []), details_now(paying, person)
        why = why_not_pay(paying, person, now)
        if details is not None and any(map(partial(people.is_disputed, book.ledger), _entries(details))):
            why = "disputed"
        once = LIVE if person in book.ledger.parties else (*LIVE, SETTLED)
        if any(one.status in once for one in before):
            why = "paid"
        if named(book, person) is not None:
            why = "heirs"
        if why or details is None:
            waiting[person] = why
            continue
        attempt = before[-1].attempt + 1 if before else 1
        eid = payment_id(book.ledger.id, period, person, attempt)
        found.append(
            Due(
                eid=eid,
                payee=person,
                amount=amount,
                attempt=attempt,
                details=details.promise,
                papers=tuple(papers(bills.get(person, []))),
            )
        )
    return sorted(found, key=lambda one: one.eid), waiting
