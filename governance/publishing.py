"""What governance published by a crank, in words; and the boxes that somebody with the log's key opens on the way."""

from collections.abc import Callable, Iterator
from typing import Any

from governance import mailbox
from governance.cranks import locked
from governance.locking import opening
from governance.looks import outcome_words
from governance.part import CLOSED, Proposal, of
from governance.unsealing import opens_at
from ledger.book import Book
from ledger.errors import NoKey
from ledger.names import Names
from ledger.opened import Ledger

FAR = 2**62
"""Later than any instant: nothing is published yet, so the day to add to it has not begun."""

Say = Callable[[str, dict[str, Any]], Any]


def published_words(book: Book, names: Names, kind: str, entry: int) -> str:
    """What an entry of a crank of this room says."""
    for proposal in of(book).proposals.values():
        if kind in ("governance.closed", "governance.decided") and proposal.published == entry:
            return f"Proposal {proposal.number}: {outcome_words(book, names, proposal)}"
        if kind == "governance.opened" and proposal.course.opened_said == entry:
            return f"Proposal {proposal.number} is open: {len(proposal.roll)} on the roll"
    return {
        "governance.struck": "The ballot of somebody who was expelled is struck",
        "governance.unsealed": "Sealed ballots were opened and counted",
        "governance.mailed": "Secret ballots were published, sorted and without names",
    }[kind]


def unseal_all(ledger: Ledger, book: Book, now: int, say: Say) -> Iterator[tuple[str, Any]]:
    """Empty the mailboxes and open the ballots of votes that are over, where the log's key is at hand."""
    for proposal in _mailing(book, now):
        for boxes in mailbox.batches(ledger, proposal):
            yield "governance.mailed", say("governance.mailed", {"proposal": proposal.id, "boxes": boxes})
    for one, _ in locked(book, now):
        try:
            secret = opening(ledger, of(book).proposals[one])
        except NoKey:
            continue  # whoever keeps the log's folder does it
        yield "governance.unsealed", say("governance.unsealed", {"proposal": one, "secret": secret})


def _mailing(book: Book, now: int) -> list[Proposal]:
    own = of(book)
    return [
        one
        for one in map(own.proposals.__getitem__, own.pending)
        if one.status == CLOSED and one.profile.secrecy == "secret" and now < (opens_at(one) or FAR)
    ]
