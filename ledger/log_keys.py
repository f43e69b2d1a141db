"""The keys that sign the log's heads, one after the other: each new one is consented to by the one before it.

A home pins one of them and follows from there: an entry `ledger.log_key` in the log carries the old key's consent
to the new one. For 31 days after a change both keys sign, so that nobody who looks in between is left behind.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec import Struct

from ledger import canonical, checkpoint, note
from ledger.checkpoint import Checkpoint
from ledger.entry import TAIL, consent
from ledger.errors import NotCanonical, NoteError, VerificationFailed
from ledger.keys import verify
from ledger.state import State

KIND = "ledger.log_key"
OVERLAP = 31 * 24 * 3_600_000
_MARK = b'"kind":"ledger.log_key"'


class WrongHead(VerificationFailed):
    """A head that no key of this log signed."""


class _Proof(Struct):
    key: str
    sig: str


class _Body(Struct):
    key: str
    proofs: tuple[_Proof, ...]


class _Said(Struct):
    kind: str
    ledger: str | None
    author: str
    body: _Body


_said = msgspec.json.Decoder(_Said)


def chain(state: State) -> tuple[str, ...]:
    """Every key the log has had (hex), oldest first. A home may have pinned any of them."""
    return (*(one.before for one in state.log_keys), state.log_key)


def valid(state: State, now: int) -> tuple[str, ...]:
    """The keys that may sign a head whose last entry came in at this instant: the newest, and those it overlaps."""
    overlapping = (one.before for one in reversed(state.log_keys) if now < one.received + OVERLAP)
    return (state.log_key, *overlapping)


def heirs(pinned: Iterable[str], leaves: Iterable[bytes]) -> set[str]:
    """The pinned keys (hex) and those that these leaves of the log hand over to, each with its forerunner's consent."""
    known = set(pinned)
    for leaf in leaves:
        # Cheap first: almost no leaf changes the log's key.
        if _MARK in leaf:
            known |= _handed_over(known, leaf[:-TAIL])
    return known


def _handed_over(known: set[str], entry_bytes: bytes) -> set[str]:
    try:
        said = _said.decode(entry_bytes)
        body = canonical.decode(entry_bytes)["body"]
    except (msgspec.DecodeError, UnicodeDecodeError, NotCanonical):
        return set()
    message = consent(said.ledger, said.kind, said.author, body)
    signed = {proof.key for proof in said.body.proofs if _is_signed(proof, message)}
    return {said.body.key} if said.kind == KIND and said.body.key in signed and known & signed else set()


def _is_signed(proof: _Proof, message: bytes) -> bool:
    try:
        return verify(bytes.fromhex(proof.key), message, bytes.fromhex(proof.sig))
    except ValueError:
        return False


def vkeys(origin: str, keys: Iterable[str]) -> tuple[str, ...]:
    """The verifier keys (C2SP signed-note) of these keys of a log."""
    return tuple(note.vkey(origin, bytes.fromhex(key)) for key in keys)


def followed(signed: bytes, pinned: Sequence[str], leaves: Callable[[], Iterable[bytes]]) -> tuple[str, ...]:
    """These verifier keys of a log; where none of them signed this head, those too that it has handed over to since.

    `leaves` reads the entries in which that is said; it is asked only where it matters.
    """
    try:
        note.open_note(signed, pinned)
        return tuple(pinned)
    except NoteError:
        keys = {note.parse_vkey(one).public.hex() for one in pinned}
        return (*pinned, *vkeys(note.parse_vkey(pinned[0]).name, sorted(heirs(keys, leaves()) - keys)))


def open_head(signed: bytes, origin: str, keys: Iterable[str]) -> Checkpoint:
    """The checkpoint in a head that one of these keys signed. Raises NoteError."""
    return checkpoint.open_checkpoint(signed, *vkeys(origin, keys))


def check_head(state: State, signed: bytes, now: int, pinned: str) -> Checkpoint:
    """The checkpoint in a head whose last entry came in at this instant, judged by what the log says of its keys.

    Raises WrongHead if none that was valid then has signed it, or the pinned one is none of this log's.
    """
    if pinned not in chain(state):
        raise WrongHead("The key this home knows the log by is none of this log's keys.")
    try:
        return open_head(signed, state.origin, valid(state, now))
    except NoteError as error:
        raise WrongHead(f"The newest head is not signed by a key the log has now: {error.message}") from error


def signer(state: State, signed: bytes, now: int) -> str:
    """The newest of the keys valid at this instant (hex) that signed this head. Raises WrongHead."""
    for key in valid(state, now):
        try:
            open_head(signed, state.origin, [key])
            return key
        except NoteError:
            continue
    raise WrongHead("The newest head is not signed by a key the log has now.")
