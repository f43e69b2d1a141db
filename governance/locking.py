"""Sealed and secret ballots at the desk: a lock is asked of the log, ballots are put under it, and opened at the end.

The log's key makes the lock and opens it. Where the ledger is a folder, whoever reaches the folder can do so; where it
is a service, the service does, and opens nothing before its time.
"""

import os
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from governance import letters, mailbox, ring, sealing
from governance.looks import row, title
from governance.part import Proposal, of
from governance.telling import tell
from governance.terms import Sealing
from governance.unsealing import Secret, context_of, message_of, opens_at, place_of
from ledger import key_files
from ledger.anchor import write_durably
from ledger.doors import Desk
from ledger.errors import NoKey, Refused, VerificationFailed
from ledger.keys import Key
from ledger.localtime import when
from ledger.opened import Ledger

T = TypeVar("T")


class _Opening(Struct):
    """What a service tells of a vote that is over."""

    secret: str


# Locks.


def new_lock(ledger: Ledger, now: int) -> Sealing:
    """A lock that this log can open, with its promise."""
    if ledger.remote is not None:
        return _read(ledger.remote.ask("POST", "/sealing", b"{}"), Sealing)
    return lock_with(key_files.present(_folder(ledger), ledger.book.ledger, now), ledger.book.ledger.id)


def lock_with(key: Key, ledger: str) -> Sealing:
    """A lock made with the log's key."""
    nonce = os.urandom(sealing.NONCE_SIZE)
    public, _ = sealing.keys_from(key.seed, nonce)
    promised = sealing.promise(ledger, nonce.hex(), public.hex())
    return Sealing(nonce=nonce.hex(), public=public.hex(), log=key.public.hex(), sig=key.sign(promised).hex())


def secret_of(folder: Path, lock: Sealing) -> str:
    """What opens a lock (hex), by the log's key that made it. Raises NoKey where that does not lie here."""
    key = key_files.held(folder, lock.log)
    if key is None:
        raise NoKey(
            "The log's key that can open these ballots does not lie here.",
            "Whoever keeps the ledger's folder opens them: tally payout tick.",
        )
    return sealing.keys_from(key.seed, bytes.fromhex(lock.nonce))[1].hex()


def opening(ledger: Ledger, proposal: Proposal) -> str:
    """What opens the ballots of a vote that is over (hex)."""
    lock = proposal.terms.sealing
    assert lock is not None
    if ledger.remote is not None:
        return _read(ledger.remote.ask("GET", f"/sealing/{proposal.id}"), _Opening).secret
    return secret_of(_folder(ledger), lock)


def _read(said: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(said, type=kind, strict=True)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise VerificationFailed(f"The service's answer cannot be read: {error}.", "Ask who runs it.") from error


def unseal_at_desk(desk: Desk, proposal: Proposal) -> None:
    """Publish what opens the ballots; those of a secret vote are published first."""
    if proposal.profile.secrecy == "secret":
        proposal = _publish_mail(desk, proposal)
    body = {"proposal": proposal.id, "secret": opening(desk.ledger, proposal)}
    desk.record("governance.unsealed", body, may_wait=False)
    if desk.ledger.remote is None:
        mailbox.clear(_folder(desk.ledger), desk.book)


def _publish_mail(desk: Desk, proposal: Proposal) -> Proposal:
    """Empty the mailbox; Refused while the others still have time to add what it lacks, or where it holds nothing."""
    since = opens_at(proposal)
    if since is None or desk.now < since:
        for boxes in mailbox.batches(desk.ledger, proposal):
            desk.record("governance.mailed", {"proposal": proposal.id, "boxes": boxes}, may_wait=False)
        proposal = of(desk.book).proposals[proposal.id]
        since = opens_at(proposal)
    if since is None:
        raise Refused(f"The mailbox of proposal {proposal.number} is empty: nobody has voted.")
    if desk.now < since:
        raise Refused(
            f"{len(proposal.course.mailed)} ballots are published; they are opened {when(desk.book, since)}.",
            f"Until then `tally proposal close {proposal.number}` adds what lies in the mailbox and is not published.",
        )
    return proposal


def _folder(ledger: Ledger) -> Path:
    return Path(ledger.log.folder)


# Ballots.


def sealed_body(proposal: Proposal, person: str, choice: str) -> dict[str, Any]:
    """The body of a sealed ballot: nobody can look into it, and nobody else can hand it in."""
    lock = proposal.terms.sealing
    assert lock is not None
    box = sealing.seal(bytes.fromhex(lock.public), place_of(proposal, person), choice, os.urandom)
    return {"proposal": proposal.id, "box": box.hex()}


def cast_secret(desk: Desk, proposal: Proposal, choice: str) -> None:
    """Sign with the ring, seal, and leave it in the mailbox: no statement of the voter tells of it."""
    signer, _ = desk.me
    if not isinstance(signer, Key) or signer.public.hex() not in proposal.course.ring:
        raise Refused(
            "This key is not the one of yours that stands on the roll of this secret vote.",
            "Vote from the device whose key does: the newest one you had when it opened; a key in an agent cannot.",
        )
    number = _next_number(desk, proposal, signer)
    box = _secret_box(desk, proposal, signer, choice, number)
    mailbox.leave(desk.ledger, proposal, *letters.written(desk.book, proposal, box, number, signer.seed, _draw))
    data = row(desk.book, desk.names, proposal) | {"mailed": True}
    lines = [
        f"Proposal {proposal.number}, {title(desk.book, desk.names, proposal)}: your ballot lies in the mailbox.",
        f"It is published after {when(desk.book, proposal.closes)}, without your name. Vote again to change it.",
        f"What a secret ballot does not protect from:  tally proposal show {proposal.number}",
    ]
    tell(desk, data, lines)


def _secret_box(desk: Desk, proposal: Proposal, signer: Key, choice: str, number: int) -> str:
    bare = Secret(choice=choice, number=number, sig="")
    sig = ring.sign(message_of(bare), context_of(desk.book, proposal), proposal.course.ring_keys, signer.seed, _draw)
    said = msgspec.json.encode(Secret(choice=choice, number=number, sig=sig.hex())).decode()
    lock = proposal.terms.sealing
    assert lock is not None
    return sealing.seal(bytes.fromhex(lock.public), proposal.id, said, os.urandom).hex()


def _next_number(desk: Desk, proposal: Proposal, signer: Key) -> int:
    """Which ballot of this key in this vote it is. No clock: everybody would see later when each was cast."""
    path = desk.home.kept(desk.ledger.known.founding, f"mailed-{proposal.id[:16]}-{signer.id[:16]}")
    number = int(path.read_text()) + 1 if path.exists() else 1
    write_durably(path, str(number).encode())
    return number


def _draw() -> bytes:
    return os.urandom(64)
