"""What waits for somebody besides runs and their approvals: each thing once, with the command that goes on.

Money that is in doubt, or is owed and could be made payable, details and heirs that others must agree to, redemptions
that were asked for, disputes that hold money, advances of people who have left, balances that nobody claims.
"""

from collections.abc import Iterator
from typing import Any

from contributions import state as contributions
from ledger import people
from ledger.book import Book
from ledger.localtime import day
from ledger.names import Names
from ledger.private import show
from payouts import state
from payouts.amounts import amounts_of
from payouts.bank.paying import PARTY, held_until
from payouts.capital_facts import needed
from payouts.departed.heirs import stands
from payouts.departed.unclaimed import goes_to, lies_still, moves_from
from payouts.parties.party_dues import owed_names, owed_party, ready
from payouts.parties.payee_showing import owed_label
from payouts.taken_off.taking_off import WITHHELD

Waits = dict[str, Any]
"""One thing: {"what", "words"} and, where it is about money, {"amount"}."""


def also_waiting(book: Book, names: Names, now: int) -> list[Waits]:
    """All of it at an instant (ms)."""
    return [
        *_money(book),
        *_owed(book, names),
        *_redemptions(book, names),
        *_details(book, names, now),
        *_heirs(book, names),
        *_disputes(book),
        *_advances(book, names),
        *_unclaimed(book, names),
    ]


def _money(book: Book) -> Iterator[Waits]:
    """Money that was booked with a key in other hands, which no run takes in."""
    count = sum(people.is_disputed(book.ledger, one.entry) for one in state.of(book).money)
    if count:
        entries = "1 entry about money is" if count == 1 else f"{count} entries about money are"
        yield _row("money", f"{entries} in doubt, and no run takes it in: whoever booked it runs tally key reaffirm")


def _owed(book: Book, names: Names) -> Iterator[Waits]:
    """What is owed to parties and nobody has made payable; what is withheld, and tax, have lines of their own."""
    say = amounts_of(book)
    for account in owed_names(book):
        amount, called = ready(book, account), show(owed_label(account))
        if amount <= 0 or account.startswith(f"owed:{WITHHELD}:") or account.split(":")[1] in state.of(book).years:
            continue
        party = owed_party(book, account)
        if party:
            words = f"{say.full(amount)} is owed to {names.of(party)} ({called}): tally payee due {_typed(called)}"
        else:
            words = (
                f"{say.full(amount)} is owed, and nobody has said to whom: tally payee owed {_typed(called)} --to NAME"
            )
        yield _row("owed", words, say.plain(amount))


def _redemptions(book: Book, names: Names) -> Iterator[Waits]:
    say = amounts_of(book)
    for one in state.of(book).capital_asked.values():
        who, whose = ", ".join(names.of(person) for person in one.said), names.of(one.person)
        words = f"{who} asked to redeem {say.full(one.amount)} of {show(one.account)} of {whose}"
        words += f", {needed(book, one.person)} treasurers must"
        command = f"tally capital redeem {_typed(whose)} {say.plain(one.amount)} --account {_typed(show(one.account))}"
        yield _row("redemption", f"{words}: {command}", say.plain(one.amount))


def _details(book: Book, names: Names, now: int) -> Iterator[Waits]:
    own = state.of(book)
    for offer in own.offers.values():
        whose = names.of(offer.person)
        command = "tally payee agree" if offer.why == PARTY else "tally payout details agree"
        yield _row("details", f"Payment details that were set for {whose} wait for others: {command} {_typed(whose)}")
    for payee in own.details:
        until = held_until(own, payee)
        # Of members it is said where somebody's pay waits for it.
        if payee in book.ledger.parties and until is not None and now < until:
            yield _row("details", f"Payment details of {names.of(payee)} are held until {day(book, until)}.")


def _heirs(book: Book, names: Names) -> Iterator[Waits]:
    for one in state.of(book).heirs.values():
        if one.enough is None and stands(book, one):
            whose = names.of(one.person)
            yield _row("heirs", f"The heirs of {whose} wait for others to agree: tally heirs agree {_typed(whose)}")


def _disputes(book: Book) -> Iterator[Waits]:
    """Open disputes about work, and what runs hold for them, in one line."""
    say, count = amounts_of(book), sum(one.settled is None for one in contributions.of(book).disputes.values())
    held = sum(row.amount for row in state.of(book).disputed_money)
    if count:
        who = "1 dispute about work is open" if count == 1 else f"{count} disputes about work are open"
        holds = f", {say.full(held)} is held" if held else ""
        yield _row("dispute", f"{who}{holds}: tally work disputes", say.plain(held))


def _advances(book: Book, names: Names) -> Iterator[Waits]:
    """Advances of people who have left, once the run that should set them off is over."""
    say, runs = amounts_of(book), state.of(book).runs
    for person, advances in state.of(book).advances.items():
        amount = sum(one.open for one in advances if one.period in runs)
        if amount and book.ledger.persons[person].standing == people.FORMER:
            whose = names.of(person)
            words = f"{whose} has left, and {say.full(amount)} of advances is open"
            yield _row("advance", f"{words}: tally advance repaid AMOUNT --from {_typed(whose)}", say.plain(amount))


def _unclaimed(book: Book, names: Names) -> Iterator[Waits]:
    """Balances that were noticed and that nobody has claimed yet."""
    say = amounts_of(book)
    for person, quiet in state.of(book).quiet.items():
        since = moves_from(quiet)
        if since is not None and lies_still(book, person, quiet):
            words = f"{say.full(quiet.balance)} of {names.of(person)} is unclaimed, and goes to {goes_to(book)}"
            yield _row("unclaimed", f"{words} on {day(book, since)} (tally unclaimed list).", say.plain(quiet.balance))


def _row(what: str, words: str, amount: str | None = None) -> Waits:
    return {"what": what, "words": words} | ({"amount": amount} if amount is not None else {})


def _typed(name: str) -> str:
    """A name as it is typed in a command."""
    return f'"{name}"' if " " in name else name
