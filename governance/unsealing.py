"""What lay in sealed ballots, once the log's key to them is known: each said what it says, or nothing that counts."""

import msgspec
from msgspec import Struct

from governance import ring, sealing
from governance.ballots import BadBallot
from governance.boxes import labels_of
from governance.casting import check_spelled
from governance.part import CLOSED, Proposal
from governance.profile import HOUR
from ledger.book import Book
from ledger.errors import Refused

MAIL_HOURS = 24
"""How long the others may add ballots once the first of a secret vote were published; only then are they opened."""


class Secret(Struct, frozen=True, forbid_unknown_fields=True):
    """What a secret ballot holds: the choice, which of its author's ballots it is, a signature of the ring (hex)."""

    choice: str
    number: int
    sig: str


def place_of(proposal: Proposal, person: str) -> str:
    """What a sealed ballot is bound to: this vote and this person, so that nobody can hand in another's."""
    return f"{proposal.id}:{person}"


def opens_at(proposal: Proposal) -> int | None:
    """From when the ballots may be opened: at the end, or those of a secret vote a day after the first were published.

    None while a secret vote has none: whoever empties the mailbox first gives the others a day to add what it lacks.
    """
    course = proposal.course
    if proposal.profile.secrecy != "secret":
        return course.ended
    return None if course.mailed_at is None else course.mailed_at + MAIL_HOURS * HOUR


def check_mailbox(proposal: Proposal) -> None:
    """Raise Refused unless this is a secret vote: no other has a mailbox."""
    if proposal.profile.secrecy != "secret":
        raise Refused(f"Proposal {proposal.number} has no mailbox: its ballots are {proposal.profile.secrecy}.")


def check_mail_time(proposal: Proposal, at: int) -> None:
    """Raise Refused unless the mailbox of a secret vote may be emptied now."""
    check_mailbox(proposal)
    if proposal.status != CLOSED:
        raise Refused(f"The mailbox of proposal {proposal.number} is emptied when it has closed.")
    until = opens_at(proposal)
    if until is not None and at >= until:
        raise Refused(f"The {MAIL_HOURS} hours for the ballots of proposal {proposal.number} are over.")


def check_opening_time(proposal: Proposal, at: int) -> None:
    """Raise Refused unless the ballots may be opened now."""
    since = opens_at(proposal)
    if since is None:
        raise Refused("No ballot of this secret vote is published yet.", "Empty its mailbox: tally payout tick.")
    if at < since:
        raise Refused(f"Secret ballots are opened {MAIL_HOURS} hours after the first of them were published.")


def unseal(book: Book, proposal: Proposal) -> None:
    """Open every ballot; what holds none that counts here is void."""
    secret = bytes.fromhex(proposal.course.secret)
    if proposal.profile.secrecy == "secret":
        _open_secret(book, proposal, secret)
        return
    for person, box in proposal.course.boxes.items():
        choice = sealing.opened(secret, place_of(proposal, person), bytes.fromhex(box))
        if choice is not None and _counts(book, proposal, choice):
            proposal.ballots[person] = choice
        else:
            proposal.course.void += 1


def _open_secret(book: Book, proposal: Proposal, secret: bytes) -> None:
    """Of the ballots with one tag the one with the highest number counts; nobody knows whose it is."""
    keys, context = proposal.course.ring_keys, context_of(book, proposal)
    best: dict[bytes, tuple[int, str]] = {}
    for box in proposal.course.mailed:
        held = read_secret(sealing.opened(secret, proposal.id, bytes.fromhex(box)))
        sound = held is not None and ring.verify(message_of(held), context, keys, bytes.fromhex(held.sig))
        if held is None or not sound or not _counts(book, proposal, held.choice):
            proposal.course.void += 1
            continue
        tag = ring.tag(bytes.fromhex(held.sig))
        best[tag] = max(best.get(tag, (-1, "")), (held.number, held.choice))
    proposal.course.opened = sorted(choice for _, choice in best.values())


def context_of(book: Book, proposal: Proposal) -> bytes:
    """What the signatures of this vote are bound to: ledger, proposal, ring and options."""
    said = [*labels_of(proposal), *proposal.options]
    return ring.context(book.ledger.id, proposal.id, proposal.course.ring_keys, said)


def message_of(ballot: Secret) -> bytes:
    """What the ring signs."""
    return f"{ballot.number}:{ballot.choice}".encode()


def read_secret(text: str | None) -> Secret | None:
    """The secret ballot in what was sealed; None where it holds none."""
    if text is None:
        return None
    try:
        found = msgspec.json.decode(text, type=Secret, strict=True)
        bytes.fromhex(found.sig)
    except (msgspec.DecodeError, ValueError):
        return None
    return found if found.number >= 0 else None


def _counts(book: Book, proposal: Proposal, choice: str) -> bool:
    try:
        check_spelled(book, proposal, choice)
    except (BadBallot, Refused):
        return False
    return True
