"""What is to be paid out now: of each balance what approved runs put there, less what is on its way. Pure.

Never below zero, and nothing below the minimum of the run's rule. What a run that is not approved yet put on a balance
waits; what a line cannot be paid for now (no details, details just changed) waits too, and blocks nobody else.
"""

from collections.abc import Iterable
from functools import partial

from msgspec import Struct

from ledger import people
from ledger.book import Book
from payouts import state
from payouts.compute import computed_run
from payouts.correcting import period_of
from payouts.deductions import Deducted
from payouts.party_dues import amounts_to_parties, bills_for, papers
from payouts.payable import payable, payable_from
from payouts.paying import LIVE, SETTLED, Details, details_now, of_run, on_the_way, why_not_pay
from payouts.payment_ids import payment_id
from payouts.standing import amended, amendments
from payouts.taking_off import onto_balance
from payouts.year_run import computed_year


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
    least, gone, early = payable_from(book, period), on_the_way(state.of(book)), _unapproved(book)
    found = {}
    for person, balance in sorted(state.lying(book, "balance").items()):
        amount = payable(balance - gone.get(person, 0) - early.get(person, 0), least)
        if amount > 0:
            found[person] = amount
    return found | amounts_to_parties(book)


def _unapproved(book: Book) -> dict[str, int]:
    """Person -> what runs, amendments and book years that nobody approved yet put on the balance, net."""
    own, sums = state.of(book), dict[str, int]()
    for period, run in own.runs.items():
        if run.approved is None:
            found = computed_run(book, period)
            waits = [_net(onto_balance(found.result), found.deducted)]
            # What an amendment took back meanwhile cannot be paid too early any more.
            _add_up(sums, [*waits, *(one.onto_balance() for one in amendments(book, period))])
    for name, run in own.amendments.items():
        if run.approved is None and own.runs[period_of(name)].approved is not None:
            _add_up(sums, [amended(book, name).onto_balance()])
    for year, run in own.years.items():
        if run.approved is None:
            closed = computed_year(book, year)
            _add_up(sums, [_net(onto_balance(closed.result), closed.deducted)])
    return sums


def _net(gross: dict[str, int], taken: Deducted) -> dict[str, int]:
    """What a run put on balances, less what it took off."""
    return {person: amount - taken.of(person) for person, amount in gross.items()}


def _add_up(sums: dict[str, int], parts: Iterable[dict[str, int]]) -> None:
    """Add what these come to for each person together; nothing where that is below zero."""
    whole: dict[str, int] = {}
    for person, amount in (row for one in parts for row in one.items()):
        whole[person] = whole.get(person, 0) + amount
    for person, amount in whole.items():
        sums[person] = sums.get(person, 0) + max(0, amount)


def _entries(details: Details) -> list[int]:
    """The statements that details rest on."""
    return [details.entry, *details.others.values()]


def due_now(book: Book, period: str, now: int) -> tuple[list[Due], dict[str, str]]:
    """What can be exported at this instant, by id, and why others cannot be: person or party -> reason.

    Reasons: "no-details", "blocked", "held", "disputed" (set with a key that was in other hands), "paid" (this run has
    paid or is paying the member already). A party is paid again by the same run: bills do not wait for the next one.
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
