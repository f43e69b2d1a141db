"""Payment details in a sealed box: only the treasurer it was made for can open it, and all boxes hold the same.

The log holds SHA-256("tally-details-v1\\0" ‖ ledger ‖ person ‖ canonical details), the promise. The details have a
random salt in them, so that nobody finds an account number by trying them all. Boxes are libsodium's sealed boxes
(X25519, XSalsa20-Poly1305), all of one length whatever they hold. Pure.
"""

import base64
from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta
from nacl.bindings import crypto_box_seal, crypto_box_seal_open, crypto_scalarmult_base
from nacl.exceptions import CryptoError
from nacl.exceptions import RuntimeError as LowOrder
from nacl.exceptions import ValueError as WrongLength

from ledger import canonical
from ledger.errors import NotCanonical, Refused, VerificationFailed

DOMAIN = b"tally-details-v1\0"
SALT_SIZE = 32
FILLED = 704
"""Bytes in a box: any account, any name of 70 letters."""


class Account(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Where somebody is paid: IBAN in its stored form, BIC or null, the holder as the bank knows them, a salt (hex).

    In the United States routing number, account number and its kind stand in place of the IBAN.
    """

    iban: Annotated[str, Meta(max_length=34)] = ""
    bic: Annotated[str, Meta(max_length=11)] | None
    name: Annotated[str, Meta(min_length=1, max_length=70)]
    salt: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    routing: Annotated[str, Meta(max_length=9)] = ""
    number: Annotated[str, Meta(max_length=17)] = ""
    kind: Annotated[str, Meta(max_length=8)] = ""

    def __repr__(self) -> str:
        # What is personal never ends up in a traceback.
        return "Account(…)"


class WrongDetails(VerificationFailed):
    """A box that holds other details than the log promises."""


def is_sound(public: bytes) -> bool:
    """Whether a box sealed with this key is closed to everybody else."""
    try:
        crypto_box_seal(b"", public)
    except (LowOrder, WrongLength, CryptoError):
        return False
    return True


def written(account: Account) -> bytes:
    """The details as they are promised and sealed."""
    return canonical.encode(msgspec.to_builtins(account))


def promise(ledger: str, person: str, account: Account) -> str:
    """What stands in the log for these details, hex."""
    return sha256(DOMAIN + ledger.encode() + b"\0" + person.encode() + b"\0" + written(account)).hexdigest()


def seal(account: Account, public: str) -> str:
    """A box (base64) for the key of one treasurer (hex)."""
    try:
        return base64.b64encode(crypto_box_seal(written(account).ljust(FILLED, b" "), bytes.fromhex(public))).decode()
    except (LowOrder, WrongLength) as error:
        raise Refused("The key of a treasurer is not sound.", "They make a new one: tally payout key.") from error


def opened(box: str, secret: bytes, ledger: str, person: str, promised: str) -> Account:
    """The details in a box. Raises WrongDetails where they are not those the log promises of this person."""
    try:
        filled = crypto_box_seal_open(base64.b64decode(box, validate=True), crypto_scalarmult_base(secret), secret)
        account = msgspec.convert(canonical.decode(filled.rstrip(b" ")), Account)
    except (CryptoError, ValueError, NotCanonical, msgspec.ValidationError, WrongLength) as error:
        raise WrongDetails("A box with payment details does not open.", "The member sets them anew.") from error
    if promise(ledger, person, account) != promised:
        raise WrongDetails("A box holds other payment details than were promised.", "The member sets them anew.")
    return account
