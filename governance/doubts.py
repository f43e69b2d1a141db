"""Ballots that nobody stands by: they were cast with a stolen key, or for somebody who contests it.

What was decided before stays. In open votes the last ballot that its person stands by counts.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from governance import life
from governance.part import of
from ledger import assisting, lives, people
from ledger.book import Book
from ledger.entry import Entry

VOTED = "governance.voted"
BALLOT = "governance.ballot_cast"
BOXED = "governance.ballot_sealed"
INVITED = "ledger.invited"
ASKED = "governance.asked_to_join"
KINDS = (VOTED, BALLOT, BOXED)
"""Ballots that have an author."""


def disputes_changed(book: Book, entries: Sequence[Entry], said: Entry) -> None:
    """Statements became disputed or count again."""
    state = of(book)
    changed = _ballots_among(book, entries)
    standing = _ballots_of(book, changed, said.index)
    for proposal in map(state.proposals.__getitem__, state.open):
        held = proposal.course.boxes if proposal.profile.secrecy == "sealed" else proposal.ballots
        for person in sorted(changed.get(proposal.id, ())):
            held.pop(person, None)
            proposal.course.assisted.pop(person, None)
            if (proposal.id, person) in standing:
                held[person], helped = standing[proposal.id, person]
                if helped is not None:
                    proposal.course.assisted[person] = helped
        life.changed(book, proposal, said.received)


def _ballots_among(book: Book, entries: Sequence[Entry]) -> dict[str, set[str]]:
    """Open proposal -> persons whose ballot one of these entries is; an invitation is the inviter's yes."""
    state = of(book)
    said = [assisting.inner_of(entry) for entry in entries]
    voted = [(_body(one)["proposal"], one.author) for one in said if one.envelope.kind in KINDS]
    inviters = {entry.id: entry.author for entry in entries if entry.envelope.kind == INVITED}
    joins = [one for one in state.open if state.proposals[one].matter.sort == "join"] if inviters else []
    invited = [(one, inviters.get(_invitation(book, one))) for one in joins]
    found: dict[str, set[str]] = {}
    for one, person in (*voted, *invited):
        if one in state.open and person in state.proposals[one].roll:
            found.setdefault(one, set()).add(person)
    return found


def _ballots_of(book: Book, changed: dict[str, set[str]], until: int) -> dict[tuple[str, str], tuple[str, int | None]]:
    """The last undisputed ballot of each of these persons, read from the log again, once for all of them.

    With each its entry where it was cast with help.
    """
    proposals, known = of(book).proposals, book.ledger
    joins = {_invitation(book, one): one for one in changed if proposals[one].matter.sort == "join"}
    joins.pop("", None)
    found: dict[tuple[str, str], tuple[str, int | None]] = {}
    for entry in lives.of_kind(book, INVITED, 0, until if joins else 0):
        if entry.id in joins and not people.is_disputed(known, entry.id):
            found[joins[entry.id], entry.author] = "yes", None
    first = min((proposals[one].index for one in changed), default=until)
    for entry in lives.of_kinds(book, (*KINDS, assisting.KIND), first, until):
        said = assisting.inner_of(entry)
        if people.is_disputed(known, entry.id):
            continue
        body = _body(said)
        if said.envelope.kind == ASKED and entry.id in changed:
            found[entry.id, body["helper"]] = "yes", None
        if said.envelope.kind not in KINDS:
            continue
        proposal = proposals.get(body["proposal"])
        in_time = proposal is not None and entry.received < proposal.closes
        if said.author in changed.get(body["proposal"], ()) and in_time:
            helped = entry.index if entry.envelope.kind == assisting.KIND else None
            found[body["proposal"], said.author] = body.get("choice") or body["box"], helped
    return found


def _invitation(book: Book, joining: str) -> str:
    """The invitation behind a joining; "" where somebody asked for it with help."""
    found: str = _body(lives.entry_at(book, of(book).proposals[joining].index)).get("invitation", "")
    return found


def _body(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(entry.envelope.body)
    return found
