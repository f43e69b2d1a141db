"""What `tally invite` does: a place for a new person, and the text that proves the holder may take it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger import invitation
from ledger.doors import Desk
from ledger.entry import Entry
from ledger.errors import Refused
from ledger.keys import KeyFileExists, new_key, write_secret
from ledger.names import proper
from ledger.private import Text


def invite_person(desk: Desk, name: str, out: str | None, place: str | None = None) -> tuple[Entry, str]:
    """Record the invitation; answers its entry and the secret text, which is also written to the file `out`.

    `place` is where the joiner reaches the ledger, if not where this home does: the URL of its service.
    """
    name = proper(name)
    if desk.names.is_taken(name):
        raise Refused(f"Somebody is called {name} already, or invited by that name.", "Invite under another name.")
    once, person = new_key(), os.urandom(16).hex()
    body = {"person": person, "admission": once.public.hex(), "name": Text(name)}
    with _place_for(out):
        entry = desk.record("ledger.invited", body, may_wait=False).entry
    known = desk.ledger.known
    held = invitation.Invitation(
        v=1,
        origin=known.origin,
        log=known.log_key,
        founding=known.founding,
        place=place or known.place,
        person=person,
        seed=once.seed.hex(),
        entry=entry.id,
    )
    text = invitation.write(held)
    if out:
        Path(out).write_text(text + "\n", encoding="ascii")
    return entry, text


@contextmanager
def _place_for(out: str | None) -> Iterator[None]:
    """The file is made before anything is recorded: an invitation that nobody can read would stand in the log."""
    if out:
        try:
            write_secret(out, b"")
        except KeyFileExists as error:
            raise Refused(f"There is a file {out} already.", "Choose another name.") from error
    try:
        yield
    except BaseException:
        if out:
            os.unlink(out)
        raise
