"""A member's program shows who it is by signing each request with the member's key: nothing secret travels.

HTTP message signatures, RFC 9421, of one fixed form: method, authority, path and query are covered, and the parameters
say when, by which key and with which nonce. Whoever checks sees to it that the time is near and the nonce is new.
"""

import base64
import re
from collections.abc import Sequence

from msgspec import Struct

from ledger.errors import NotAMember, NoteError
from ledger.keys import SIGNATURE_SIZE, Signer
from ledger.note import read_base64

LABEL, TAG = "sig1", "tally"
COVERED = ("@method", "@authority", "@path", "@query")
_INPUT = re.compile(
    r'sig1=(\("@method" "@authority" "@path" "@query"\);created=([0-9]{1,12});keyid="([0-9a-f]{64})";'
    r'nonce="([A-Za-z0-9_-]{22,64})";tag="tally")'
)
_SIGNATURE = re.compile(r"sig1=:([A-Za-z0-9+/=]{1,100}):")


class Asked(Struct, frozen=True):
    """What a request asks for, as both sides spell it; the query without its question mark."""

    method: str
    authority: str
    path: str
    query: str


class Claim(Struct, frozen=True):
    """Who says to have sent a request, and when (seconds since 1970); proved once the signature fits the message."""

    key: str
    created: int
    nonce: str
    message: bytes
    signature: bytes


class BadRequestSignature(NotAMember):
    """A request that no member's key signed in the form that is asked for."""

    status = 401


def signature_base(components: Sequence[tuple[str, str]], params: str) -> bytes:
    """The bytes that are signed (RFC 9421 section 2.5): a line for each component, then the parameters."""
    lines = [f'"{name}": {value}' for name, value in components]
    return "\n".join([*lines, f'"@signature-params": {params}']).encode()


def signed_headers(signer: Signer, asked: Asked, created: int, nonce: str) -> dict[str, str]:
    """The two header fields that go with a request (RFC 9421 sections 4.1 and 4.2)."""
    covered = " ".join(f'"{name}"' for name in COVERED)
    params = f'({covered});created={created};keyid="{signer.id}";nonce="{nonce}";tag="{TAG}"'
    signature = base64.b64encode(signer.sign(signature_base(_components(asked), params))).decode()
    return {"Signature-Input": f"{LABEL}={params}", "Signature": f"{LABEL}=:{signature}:"}


def read_claim(asked: Asked, given: str, signature: str) -> Claim:
    """What the header fields `Signature-Input` and `Signature` of a request claim. Raises BadRequestSignature."""
    found, signed = _INPUT.fullmatch(given), _SIGNATURE.fullmatch(signature)
    if not (found and signed):
        raise BadRequestSignature("This is for members: the request must be signed with a member's key.")
    try:
        plain = read_base64(signed[1])
    except NoteError as error:
        raise BadRequestSignature("The signature of this request cannot be read.") from error
    if len(plain) != SIGNATURE_SIZE:
        raise BadRequestSignature("The signature of this request has another length than it must have.")
    return Claim(found[3], int(found[2]), found[4], signature_base(_components(asked), found[1]), plain)


def _components(asked: Asked) -> list[tuple[str, str]]:
    values = (asked.method, asked.authority, asked.path, f"?{asked.query}")
    return list(zip(COVERED, values, strict=True))
