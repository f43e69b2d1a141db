"""What a person signs: one statement in an envelope that says who, when, after what, and about which ledger.

The bytes of an entry are canonical JSON; its id is their SHA-256; its signature is Ed25519 over the SSHSIG
preimage of those bytes, so that an ssh-agent can sign and a stock `ssh-keygen -Y verify` can check. A leaf of
the log is the entry, its signature and the time of receipt: the log cannot move a ballot past its deadline
later without changing the leaf.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from ledger import canonical
from ledger.errors import NotCanonical, Usage
from ledger.sshsig import preimage as preimage

NAMESPACE = "tally-entry-v1"
PROOF_NAMESPACE = "tally-proof-v1"
ENTRY_MAX = 65_463  # so that a leaf (72 bytes more) fits a C2SP entry bundle
TAIL = 72  # signature (64) and time of receipt (8)

# Patterns end in \Z: Python's $ also matches before a newline, and one value must have one spelling.
Hex64 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
PersonId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
Natural = Annotated[int, Meta(ge=0, le=canonical.INT_MAX)]
Stamp = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z\Z")]
_HASH, _PERSON, _KIND = (re.compile(form) for form in ("[0-9a-f]{64}", "[0-9a-f]{32}", r"[a-z]+\.[a-z_]+"))


class Seen(Struct, frozen=True, forbid_unknown_fields=True):
    """The tree head the author had last verified: gossip inside the log."""

    size: Natural
    root: str


class Envelope(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All fields of an entry, all mandatory; the body is read by the fact of its kind.

    The forms of the hashes and names are checked for bytes from outside. In the log there is no need: admission
    compares each with what the book knows; `ts` alone is compared with nothing.
    """

    v: int
    ledger: str | None
    kind: Annotated[str, Meta(max_length=64)]
    author: str
    key: str
    seq: Natural
    prev: str | None
    seen: Seen
    ts: Stamp
    body: msgspec.Raw


class Entry(Struct, frozen=True, kw_only=True):
    """An entry in its place: what a fact is shown when it is checked and applied."""

    index: int
    id: str
    received: int  # milliseconds since 1970, stamped by the log
    envelope: Envelope

    @property
    def author(self) -> str:
        """The person who says it."""
        return self.envelope.author

    @property
    def key(self) -> str:
        """The id of the key that signed."""
        return self.envelope.key


class TooLong(Usage):
    """More than one statement can hold."""


_envelope = msgspec.json.Decoder(Envelope, strict=True)


def entry_id(entry_bytes: bytes) -> str:
    """SHA-256 of the entry's bytes, known before anything is sent."""
    return hashlib.sha256(entry_bytes).hexdigest()


def write(fields: dict[str, Any]) -> bytes:
    """The canonical bytes of an entry. Raises TooLong, or Usage for what cannot be signed."""
    try:
        data = canonical.encode(fields)
    except NotCanonical as error:
        raise Usage(f"This cannot be signed: {error.message}", "Write it again.") from error
    if len(data) > ENTRY_MAX:
        raise TooLong(
            f"This takes {len(data):,} bytes; at most {ENTRY_MAX:,} fit into one statement.", "Say it in parts."
        )
    return data


def read(entry_bytes: bytes) -> Envelope:
    """The envelope of bytes that are already in the log: fast, trusting the admission that let them in."""
    try:
        return _envelope.decode(entry_bytes)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotCanonical(f"This is not an entry: {error}.") from error


def read_strictly(entry_bytes: bytes) -> Envelope:
    """The envelope of bytes from outside: canonical, not too long, every field there and of its form."""
    named_key(entry_bytes)
    envelope = read(entry_bytes)
    hashes = (envelope.ledger, envelope.key, envelope.prev, envelope.seen.root)
    forms = [(_PERSON, envelope.author), (_KIND, envelope.kind), *((_HASH, one) for one in hashes if one is not None)]
    if not all(form.fullmatch(text) for form, text in forms):
        raise NotCanonical("This is not an entry: a name or hash in it has another form.")
    return envelope


def named_key(entry_bytes: bytes, decode: Callable[[bytes], Any] = canonical.decode) -> str:
    """The key that bytes from outside name, "" for none. NotCanonical unless they are canonical and not too long."""
    if len(entry_bytes) > ENTRY_MAX:
        raise NotCanonical(f"An entry has at most {ENTRY_MAX} bytes; this has {len(entry_bytes)}.")
    fields = decode(entry_bytes)
    key = fields.get("key") if isinstance(fields, dict) else None
    return key if isinstance(key, str) else ""


def leaf(entry_bytes: bytes, signature: bytes, received: int) -> bytes:
    """entry bytes ‖ signature (64) ‖ time of receipt (8 bytes, big-endian milliseconds since 1970)."""
    return entry_bytes + signature + received.to_bytes(8, "big")


def split_leaf(data: bytes) -> tuple[bytes, bytes, int]:
    """Entry bytes, signature and time of receipt of a leaf."""
    return data[:-TAIL], data[-TAIL:-8], int.from_bytes(data[-8:], "big")


def placed(index: int, entry_bytes: bytes, received: int, envelope: Envelope) -> Entry:
    """The entry as a fact sees it."""
    return Entry(index=index, id=entry_id(entry_bytes), received=received, envelope=envelope)


def consent(ledger: str | None, kind: str, author: str, body: dict[str, Any]) -> bytes:
    """What a second signature signs: {v, ledger, kind, author, body without proofs}, canonical."""
    bare = {name: value for name, value in body.items() if name != "proofs"}
    message = {"v": 1, "ledger": ledger, "kind": kind, "author": author, "body": bare}
    return preimage(PROOF_NAMESPACE, canonical.encode(message))
