"""What governance published by a crank, in words; and the boxes that somebody with the log's key opens on the way."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from governance import mailbox
from governance.cranks import locked
from governance.locking import opening
from governance.looks import outcome_words
from governance.part import CLOSED, Proposal, of
from governance.unsealing import opens_at
from ledger.book import Book
from ledger.errors import NoKey, Refused
from ledger.log import StoreFailed
from ledger.names import Names
from ledger.opened import Ledger

FAR = 2**62
"""Later than any instant: nothing is published yet, so the day to add to it has not begun."""

_LEFT_TO_OTHERS = (NoKey, Refused, StoreFailed)
"""No key of the log lies here, or the service does not give it now: whoever keeps the ledger does it."""

Say = Callable[[str, dict[str, Any]], Any]


def published_words(book: Book, names: Names, kind: str, entry: int) -> str:
    """What an entry of a crank of this room says."""
    for proposal in of(book).proposals.values():
        if kind in ("governance.closed", "governance.decided") and proposal.published == entry:
            return f"Proposal {proposal.number}: {outcome_words(book, names, proposal)}"
        if kind == "governance.opened" and proposal.course.opened_said == entry:
            return f"Proposal {proposal.number} opened with {len(proposal.roll)} on the roll"
    return {
        "governance.struck": "The ballot of somebody who was expelled is struck",
        "governance.unsealed": "Sealed ballots were opened and counted",
        "governance.mailed": "Secret ballots were published, sorted and without names",
    }[kind]


def unseal_all(ledger: Ledger, book: Book, now: int, say: Say) -> Iterator[tuple[str, Any]]:
    """Empty the mailboxes and open the ballots of votes that are over, where the log's key can be asked.

    What cannot be had now is left to whoever keeps the log's folder, and never stops what else is due.
    """
    for proposal in _mailing(book, now):
        for boxes in _mail(ledger, proposal):
            yield "governance.mailed", say("governance.mailed", {"proposal": proposal.id, "boxes": boxes})
    for one, _ in locked(book, now):
        for secret in _secrets(ledger, of(book).proposals[one]):
            yield "governance.unsealed", say("governance.unsealed", {"proposal": one, "secret": secret})
    if ledger.remote is None:
        mailbox.clear(Path(ledger.log.folder), ledger.book)


def _mail(ledger: Ledger, proposal: Proposal) -> Iterator[list[str]]:
    with suppress(*_LEFT_TO_OTHERS):
        yield from mailbox.batches(ledger, proposal)


def _secrets(ledger: Ledger, proposal: Proposal) -> Iterator[str]:
    with suppress(*_LEFT_TO_OTHERS):
        yield opening(ledger, proposal)


def _mailing(book: Book, now: int) -> list[Proposal]:
    own = of(book)
    return [
        one
        for one in map(own.proposals.__getitem__, own.pending)
        if one.status == CLOSED and one.profile.secrecy == "secret" and now < (opens_at(one) or FAR)
    ]
