"""The text that lets somebody join: where the ledger is, how to recognise it, and a key that opens the door once.

"tally1:" and base64url of canonical {v, origin, log, founding, place, person, seed, entry} followed by the first
four bytes of its SHA-256. It is a secret: it travels in a file or through a pipe, never as an argument. A home
that joins pins origin, log key and founding hash from here, not from what a server says.
"""

import base64
import binascii
import hashlib
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from ledger import canonical
from ledger.entry import Hex64, PersonId
from ledger.errors import NotCanonical, Usage

HEAD = "tally1:"


class Invitation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the text holds."""

    v: int
    origin: Annotated[str, Meta(min_length=1, max_length=200)]
    log: Hex64  # the log's public key
    founding: Hex64
    place: str
    person: PersonId
    seed: Hex64  # of the one-time key
    entry: Hex64  # id of the entry that invites


class BadInvitation(Usage):
    """A text that is no invitation, or one with a letter changed."""

    def __init__(self) -> None:
        super().__init__("This is not a whole invitation.", "Ask for the file again; every letter of it counts.")


def write(invitation: Invitation) -> str:
    """The invitation as one line of text."""
    data = canonical.encode(msgspec.to_builtins(invitation))
    return HEAD + base64.urlsafe_b64encode(data + _check(data)).decode().rstrip("=")


def read(text: str) -> Invitation:
    """The invitation in a text; raises BadInvitation for anything else, also for one changed letter."""
    text = text.strip()
    body = text.removeprefix(HEAD)
    try:
        data = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        invitation = msgspec.convert(canonical.decode(data[:-4]), Invitation)
    except (binascii.Error, ValueError, NotCanonical, msgspec.ValidationError) as error:
        raise BadInvitation() from error
    if data[-4:] != _check(data[:-4]) or invitation.v != 1 or write(invitation) != text:
        raise BadInvitation()
    return invitation


def _check(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:4]
