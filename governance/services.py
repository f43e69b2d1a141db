"""What governance adds to the service: locks for sealed votes, what opens them after the end, and the mailbox.

Nobody is asked who they are, and nothing is kept of who asked. Nothing is opened or handed out before its time, by the
service's own clock.
"""

from typing import Any

from governance import letters, mailbox
from governance.locking import lock_with, secret_of
from governance.part import CLOSED, OPEN, Proposal, of
from governance.unsealing import check_mail_time, check_mailbox, check_opening_time
from ledger import key_files
from ledger.addresses import NoSuchThing, Question, Route
from ledger.errors import Refused, Usage
from ledger.fact import plain


def make_lock(asked: Question) -> dict[str, Any]:
    """A new lock that this log can open; whoever proposes a sealed vote puts it into the terms."""
    key = key_files.present(asked.folder, asked.book.ledger, asked.now)
    found: dict[str, Any] = plain(lock_with(key, asked.book.ledger.id))
    return found


def tell_secret(asked: Question) -> dict[str, Any]:
    """What opens the ballots of a vote that is over. Raises Refused before that."""
    proposal = _named(asked)
    if proposal.course.secret:
        return {"secret": proposal.course.secret}
    lock = proposal.terms.sealing
    if proposal.status != CLOSED or lock is None:
        raise Refused(f"Nothing of proposal {proposal.number} waits to be opened: it is {proposal.status}.")
    check_opening_time(proposal, asked.now)
    return {"secret": secret_of(asked.folder, lock)}


def take_letter(asked: Question) -> dict[str, Any]:
    """Keep a ballot of somebody on the roll while the secret vote is open."""
    proposal, folder = _named(asked), asked.folder
    check_mailbox(proposal)
    if proposal.status != OPEN or asked.now >= proposal.closes:
        raise Refused(f"The mailbox of proposal {proposal.number} takes no ballots: the vote is not open.")
    letter = letters.read(asked.body)
    if letter is None or not mailbox.is_box(letter.box):
        raise Usage("That is no sealed ballot.")
    tag = letters.tag_of(asked.book, proposal, letter)
    if tag is None:
        raise Refused("Nobody on the roll of this vote has signed this letter.")
    mailbox.clear(folder, asked.book)
    mailbox.keep(folder, proposal, letter, tag)
    return {"kept": True}


def hand_out(asked: Question) -> bytes:
    """The sealed ballots that the log does not have yet, one a line, once the vote has closed."""
    proposal = _named(asked)
    check_mail_time(proposal, asked.now)
    lines: list[bytes] = []
    size = 0
    for box in mailbox.lying(asked.folder, proposal):
        size += len(box) + 1
        if lines and size > mailbox.ANSWER_BYTES:
            break
        lines.append(f"{box}\n".encode())
    return b"".join(lines)


def _named(asked: Question) -> Proposal:
    proposal = of(asked.book).proposals.get(asked.name)
    if proposal is None:
        raise NoSuchThing("There is no such proposal.", "`tally proposal list` shows them.")
    return proposal


ROUTES = (
    Route("POST", "/sealing", make_lock, body_max=1024),
    Route("GET", "/sealing/{name}", tell_secret),
    Route("POST", "/mailbox/{name}", take_letter, body_max=letters.BYTES_MAX),
    Route("GET", "/mailbox/{name}", hand_out),
)
"""The addresses, each with what answers there."""
