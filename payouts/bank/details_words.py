"""What treasurers are told of payment details before they approve or export: whose are new, missing, blocked."""

from collections.abc import Mapping, Sequence

from ledger.book import Book
from ledger.doors import Desk
from ledger.localtime import day
from ledger.names import Names
from payouts import state
from payouts.bank.paying import DAY, details_now, held_until

WHY = {
    "heirs": "{} has died, as two treasurers and a steward say; the money goes to the heirs: tally heirs list.",
    "no-details": "{} has set no payment details; the money stays on the balance.",
    "no-party-details": 'Where {0} is paid is not known yet: tally payee details "{0}" --file FILE',
    "blocked": "{} is not paid: the bank refused the account. Others must be set.",
    "held": "{} is not paid yet: the payment details changed and are held until {}.",
    "disputed": "{} is not paid: the payment details were set with a key that was in other hands.",
    "unreadable": "{} is not in this file: the payment details cannot be read here, or cannot be right.",
    "too-much": "{} is not in this file: it is more than one payment of this form carries. Pay it by hand.",
    "paid": "{} is paid by this run already; what came since is paid with the next.",
}


def why_words(book: Book, names: Names, waiting: Mapping[str, str]) -> list[str]:
    """Why somebody is not in a file, by name."""
    own, found = state.of(book), []
    for person, said in sorted(waiting.items(), key=lambda one: names.of(one[0]).casefold()):
        until = held_until(own, person)
        why = "no-party-details" if said == "no-details" and person in book.ledger.parties else said
        found.append(WHY[why].format(names.of(person), day(book, until) if until else ""))
    return found


def news(desk: Desk, payees: Sequence[str], now: int) -> list[str]:
    """Whose details are new: set for the first time, or changed, in the last month."""
    own, found = state.of(desk.book), []
    for person in sorted(payees, key=lambda one: desk.names.of(one).casefold()):
        details, until = details_now(own, person), held_until(own, person)
        if details is None or now - details.received > NEW_DAYS * DAY:
            continue
        said = f"{desk.names.of(person)}: payment details"
        if until is None:
            found.append(f"{said} set on {day(desk.book, details.received)}, the first ones.")
        elif now < until:
            found.append(f"{said} changed on {day(desk.book, details.received)}, held for {details.held_days} days.")
        else:
            found.append(f"{said} changed on {day(desk.book, details.received)}.")
    return found


NEW_DAYS = 31
