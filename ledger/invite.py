"""What `tally invite` does: a place for a new person, and the text that proves the holder may take it."""

import os

from ledger import invitation
from ledger.doors import Desk
from ledger.entry import Entry
from ledger.errors import Refused
from ledger.keys import new_key
from ledger.private import Text


def invite_person(desk: Desk, name: str) -> tuple[Entry, str]:
    """Record the invitation; answers its entry and the secret text."""
    if desk.names.is_taken(name):
        raise Refused(f"Somebody is called {name} already.", "Invite under another name.")
    once, person = new_key(), os.urandom(16).hex()
    body = {"person": person, "admission": once.public.hex(), "name": Text(name)}
    entry = desk.record("ledger.invited", body).entry
    known = desk.ledger.known
    held = invitation.Invitation(
        v=1,
        origin=known.origin,
        log=known.log_key,
        founding=known.founding,
        place=known.place,
        person=person,
        seed=once.seed.hex(),
        entry=entry.id,
    )
    return entry, invitation.write(held)
