"""A party that a command names: the one that has the name already, or a new one, made by an entry of its own.

Whoever makes a party says something else about it afterwards. If the command was stopped in between and is typed again,
the party it made may wait in the outbox still: made once more, it would be another of the same name, and what is said
of it (a paper, a tax, a rate) would count twice. So what waits is handed over before the name is looked up.
"""

import os

from msgspec import Struct

from ledger.doors import Desk
from ledger.private import Text, tidy
from ledger.record import send_waiting


class Party(Struct, frozen=True, kw_only=True):
    """A party as a command names it. Where `is_new`, the ledger does not know it before `made`."""

    id: str
    name: str
    is_new: bool


def named(desk: Desk, name: str) -> Party:
    """The party of this name; for a new name one with an id of its own. Raises Usage for what cannot be a name."""
    signer, _ = desk.me
    send_waiting(desk.ledger, signer, desk.clock_ok)
    known = desk.names.party(name)
    if known is None:
        tidy(name)
    return Party(id=known or os.urandom(16).hex(), name=name, is_new=known is None)


def made(desk: Desk, party: Party, sort: str, may_wait: bool = True) -> int | None:
    """Make it, if it is new: the entry. To be called when all that is said of it has been checked."""
    if not party.is_new:
        return None
    body = {"id": party.id, "sort": sort, "name": Text(party.name)}
    return desk.record("ledger.party", body, may_wait=may_wait).entry.index
