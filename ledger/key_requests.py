"""A request that travels from a new device to those who can grant it: the new key and its consents, nothing secret.

A consent covers who will say it, so the file holds one for each person who may. It names the ledger and its log's
key as the new device sees them: who grants it compares them with what their own home has always known.
"""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from ledger.entry import Hex64, PersonId, consent
from ledger.errors import NoKey, Usage, VerificationFailed
from ledger.facts import Hex128
from ledger.keys import Signer

ADD, RECOVER, LOG = "add", "recover", "log"
WORDS = {
    ADD: "to add a device: tally key add FILE",
    RECOVER: "to recover a person: tally key vouch FILE",
    LOG: "to change the log's key: tally key rotate-log FILE",
}


class Request(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file holds."""

    tally: Annotated[str, Meta(pattern=r"^key-request-v1\Z")]
    wants: Annotated[str, Meta(pattern=r"^(add|recover|log)\Z")]
    ledger: Hex64
    log: Hex64  # the log's newest public key, as the new device sees it
    person: PersonId | None  # whose key it shall be; null for a key of the log
    key: Hex64
    consents: dict[PersonId, tuple[Hex128, ...]]  # who will say it -> the signatures that go into its proofs


def proofs_by(
    signers: Iterable[Signer], ledger: str, kind: str, author: str, body: dict[str, Any]
) -> list[dict[str, str]]:
    """`body.proofs`: the consents of these keys to a statement that this author will make."""
    message = consent(ledger, kind, author, body)
    return [{"key": one.public.hex(), "sig": one.sign(message).hex()} for one in signers]


def write(request: Request) -> str:
    """The request as a text that people may look at."""
    return msgspec.json.format(msgspec.json.encode(request), indent=1).decode() + "\n"


def read(text: str, wants: str) -> Request:
    """The request in a text. Raises Usage for anything else, or one that wants something else."""
    try:
        found = msgspec.json.decode(text, type=Request, strict=True)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise Usage("This file is no request for a key.", "Ask for it again.") from error
    if found.wants != wants:
        raise Usage(f"This request is {WORDS[found.wants]}.")
    return found


def check_place(request: Request, ledger: str, log_keys: Iterable[str]) -> None:
    """Raise VerificationFailed unless the new device sees the very ledger that this home knows."""
    if request.ledger != ledger or request.log not in log_keys:
        raise VerificationFailed(
            "The device that wrote this request looks at another ledger than this home, or at a forged copy of it.",
            "Compare the ledger's id on both (tally init and tally key list print it). Nothing was recorded.",
        )


def consents_for(request: Request, author: str) -> tuple[str, ...]:
    """The signatures for what this person will say. Raises NoKey if there are none."""
    if author not in request.consents:
        raise NoKey("This request was not made out to you.", "Ask for a new one: it names all who may grant it.")
    return request.consents[author]
