"""Sealed until close: a ballot lies in the log in a box that nobody can look into before the vote is over.

Each proposal has a sealing key pair that follows from the log's own seed and a nonce, so that the log can open the
boxes at the close without anybody having to come back, and nothing secret is kept meanwhile. By its promise the log
signs that the public half is its own. At the close the secret half is published, and everybody opens the boxes
themselves. Until then whoever holds the log's seed could look: members trust that person with partial counts, and with
nothing else. The boxes are libsodium's sealed boxes (X25519, XSalsa20-Poly1305).
"""

import hmac
from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta
from nacl.bindings import (
    crypto_box_seal,
    crypto_box_seal_open,
    crypto_box_SECRETKEYBYTES,
    crypto_box_seed_keypair,
    crypto_scalarmult_base,
)
from nacl.exceptions import CryptoError
from nacl.exceptions import RuntimeError as LowOrder
from nacl.exceptions import ValueError as WrongLength

from ledger import canonical
from ledger.errors import NotCanonical, Refused
from ledger.sshsig import preimage

NAMESPACE = "tally-sealing-v1"
NONCE_SIZE = 32
SALT_SIZE = 16

STEP = 64
FLOOR = 1024
"""Bytes in the smallest box: with a proposal's id and the salt it holds any choice of 400 plain letters and signs."""


class Ballot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What lies in a box: a choice in one proposal, and a salt (hex)."""

    choice: str
    proposal: str
    salt: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]


def keys_from(log_seed: bytes, nonce: bytes) -> tuple[bytes, bytes]:
    """The public and the secret half (32 bytes each) of a proposal's sealing key, from the log's seed and a nonce.

    The secret half tells nothing about the log's seed or about the keys of other nonces. Raises Refused for a nonce
    that has not 32 bytes.
    """
    if len(nonce) != NONCE_SIZE:
        raise Refused(f"The nonce of a sealing key has {NONCE_SIZE} bytes; this has {len(nonce)}.")
    return crypto_box_seed_keypair(hmac.digest(log_seed, NAMESPACE.encode() + b"\0" + nonce, "sha256"))


def promise(ledger: str, nonce: str, public: str) -> bytes:
    """The bytes the log's key signs to say: I can open what is sealed with this key (hex, as the nonce)."""
    said = {"v": 1, "ledger": ledger, "nonce": nonce, "public": public}
    return preimage(NAMESPACE, canonical.encode(said))


def matches(secret: bytes, public: bytes) -> bool:
    """Is this secret half, published at the close, the one that belongs to the promised public half?"""
    return len(secret) == crypto_box_SECRETKEYBYTES and crypto_scalarmult_base(secret) == public


def seal(public: bytes, proposal: str, choice: str, draw: Callable[[int], bytes]) -> bytes:
    """A box with a choice, which opens with the secret half only and counts for this proposal only.

    `draw` gives so many bytes that nobody can foresee. So that the length of a box tells nothing, its content is filled
    up to 1,024 bytes, or for a very long choice to the next multiple of 64; the box has 48 bytes more. Somebody can
    send a box again as their own ballot without being able to open it: the caller takes each box only the first time.
    Raises Refused if the public half is not a sound key, and NotCanonical for a text that cannot be signed.
    """
    ballot = {"choice": choice, "proposal": proposal, "salt": draw(SALT_SIZE).hex()}
    filled = _filled(canonical.encode(ballot))
    try:
        return crypto_box_seal(filled, public)
    except (WrongLength, LowOrder) as error:
        # With a point of low order everybody could open the box; libsodium gives none then.
        raise Refused("The sealing key of this vote is not a sound key.", "Tell whoever runs the log.") from error


def opened(secret: bytes, proposal: str, box: bytes) -> str | None:
    """The choice in a box, or None if it holds none for this proposal. Never raises for what strangers send."""
    # The multiplication reads 32 bytes of a secret, however many there are, so its length is looked at before.
    if len(secret) != crypto_box_SECRETKEYBYTES:
        return None
    try:
        filled = crypto_box_seal_open(box, crypto_scalarmult_base(secret), secret)
        ballot = msgspec.convert(_unfilled(filled), Ballot)
    except (CryptoError, NotCanonical, msgspec.ValidationError):
        return None
    return ballot.choice if ballot.proposal == proposal else None


def _filled(text: bytes) -> bytes:
    """A canonical text and spaces: no canonical text ends in a space, so the end can be found again."""
    size = max(FLOOR, -(-len(text) // STEP) * STEP)
    return text.ljust(size, b" ")


def _unfilled(filled: bytes) -> object:
    """The value in a filled text. Raises NotCanonical for every other way of writing it."""
    text = filled.rstrip(b" ")
    if _filled(text) != filled:
        raise NotCanonical("What lies in this box is not filled up as it should be.")
    found: object = canonical.decode(text)
    return found
