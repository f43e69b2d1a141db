"""Payment details for somebody who cannot say them: who lost every key, or the heirs of who died.

Two treasurers and a steward, three people, have seen the papers; then two weeks are waited. Whoever can still speak
sets their own meanwhile, and those count. Those of a party two treasurers say.
"""

import os

import msgspec

from ledger.doors import Desk
from ledger.errors import Refused
from ledger.private import show
from ledger.reading import text_in
from payouts import state
from payouts.bank.box_keys import Opener
from payouts.bank.details_desk import outline, read_account, sealed
from payouts.bank.details_sealing import SALT_SIZE, promise
from payouts.bank.paying import PARTY, Details, Offer, details_now


def set_for_at_desk(desk: Desk, name: str, file: str, why: str) -> None:
    """Say where somebody is to be paid."""
    account = msgspec.structs.replace(read_account(text_in(file)), salt=os.urandom(SALT_SIZE).hex())
    person, readers = desk.names.person(name), state.reading_keys(desk.book)
    if not readers:
        raise Refused("No treasurer can read payment details yet.", "Each treasurer makes a key: tally payout key")
    promised = promise(desk.book.ledger.id, person, account)
    body = {"person": person, "why": why} | sealed(promised, account, list(readers.values()))
    entry = desk.record("payouts.details_set_for", body, may_wait=False).entry.index
    whose = desk.names.of(person)
    lines = [f"You set payment details for {whose} (entry {entry}); nothing is paid there yet."]
    lines.append(f"Another treasurer and a steward see the papers and say: tally payout details agree {whose}")
    desk.answer({"entry": entry, "promise": promised, "name": whose}, *lines)


def agree_at_desk(desk: Desk, name: str, yes: bool) -> None:
    """Agree to what was set for somebody; a treasurer is shown it first."""
    agree_to(desk, desk.names.person(name), yes)


def agree_to(desk: Desk, person: str, yes: bool) -> None:
    """The same, of a person or a party."""
    whose = desk.names.of(person)
    found = [(promised, one) for promised, one in state.of(desk.book).offers.items() if one.person == person]
    if not found:
        raise Refused(f"Nobody has set payment details for {whose} that wait for others.", "tally payout details check")
    promised, offer = found[-1]
    desk.confirm(f"{_seen(desk, promised, offer)} Have you seen the papers, and are they right?", yes)
    entry = desk.record("payouts.details_agreed", {"promise": promised}, may_wait=False).entry.index
    waiting = promised in state.of(desk.book).offers
    details = details_now(state.of(desk.book), person)
    days = details.held_days if details else 0
    more = WAITS[offer.why == PARTY] if waiting else f"They hold in {days} days." if days else "They hold now."
    data = {"entry": entry, "name": whose, "enough": not waiting}
    desk.answer(data, f"You agreed to the payment details of {whose} (entry {entry}). {more}")


WAITS = {False: "More must agree: two treasurers and a steward.", True: "Another treasurer must agree."}
"""By whether they are a party's."""


def _seen(desk: Desk, promised: str, offer: Offer) -> str:
    """What a treasurer can read of them; a steward trusts the papers and the treasurers."""
    by = desk.names.of(next(iter(offer.said)))
    why = "" if offer.why == PARTY else f" ({offer.why})"
    said = f"{by} set details for {desk.names.of(offer.person)}{why}."
    opener = Opener(desk)
    details = Details(promise=promised, entry=offer.entry, received=0, boxes=offer.boxes)
    if not opener.can(details):
        return said
    account = opener.account(offer.person, details)
    return f"{said} {outline(account)}, {show(account.name)}."
