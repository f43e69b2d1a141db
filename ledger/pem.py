"""What stands in a key file: a seed, in the open or locked by a passphrase.

Written are PKCS#8 PEM files (RFC 8410), which OpenSSL and browsers read too; read are those and OpenSSH key
files. Only a locked file needs a cipher, so `ledger/locked.py`, which imports one, is imported when one is met.
"""

import base64
import binascii
import re

from ledger.errors import NoKey

# PKCS#8 of an Ed25519 seed is this prefix and the seed: 48 bytes (RFC 8410 section 7).
PREFIX = bytes.fromhex("302e020100300506032b657004220420")
PLAIN_SIZE = 48

OPEN_LABEL = "PRIVATE KEY"
LOCKED_LABEL = "ENCRYPTED PRIVATE KEY"
OPENSSH_LABEL = "OPENSSH PRIVATE KEY"
_PEM = re.compile(r"\s*-----BEGIN ([A-Z0-9 ]+)-----\s([A-Za-z0-9+/=\s]+)-----END \1-----\s*")


class UnreadableKey(NoKey):
    """A file that is no key, or a key of a form that is not read here."""


class Locked(NoKey):
    """A key file that needs its passphrase."""

    def __init__(self) -> None:
        super().__init__("This key file is locked.", "Give its passphrase.")


class WrongPassphrase(NoKey):
    """A passphrase that does not open the file."""

    def __init__(self) -> None:
        super().__init__("That passphrase does not open this file.", "Try again, or use another key.")


class NotShortForm(UnreadableKey):
    """A key that is not Ed25519, or one that repeats its public half."""

    def __init__(self) -> None:
        super().__init__(
            "This is not an Ed25519 key in its short form, the secret alone.",
            "Convert an Ed25519 key with: openssl pkey -in FILE -out NEW",
        )


def write_open(seed: bytes) -> bytes:
    """The PEM file of a key that everybody who has the file may use."""
    return _armor(OPEN_LABEL, PREFIX + seed)


def write_locked(seed: bytes, passphrase: str, salt: bytes, iv: bytes) -> bytes:
    """The PEM file of a key locked by a passphrase; salt and IV are 16 random bytes each, never used twice.

    Raises Usage for a passphrase of fewer than 8 characters.
    """
    from ledger import locked  # noqa: PLC0415 (imports a cipher, which an open key does not need)

    return _armor(LOCKED_LABEL, locked.lock(PREFIX + seed, passphrase, salt, iv))


def read(data: bytes, passphrase: str | None = None) -> bytes:
    """The seed in a PEM or OpenSSH key file; a passphrase for a file that needs none is not looked at.

    Raises Locked if it needs a passphrase and none is given, WrongPassphrase, and UnreadableKey for the rest.
    """
    label, der = _open_armor(data)
    if label == OPEN_LABEL:
        return _seed(der)
    if label not in (LOCKED_LABEL, OPENSSH_LABEL):
        raise UnreadableKey(f"A key file of the kind {label} is not read here.", "`tally key new` makes one.")
    from ledger import locked  # noqa: PLC0415 (imports a cipher, which an open key does not need)

    if label == OPENSSH_LABEL:
        return locked.read_openssh(data, passphrase)
    return _seed(locked.unlock(der, passphrase))


def advice(data: bytes) -> str:
    """What to tell the owner of a key file that is locked too lightly; "" if all is well."""
    label, der = _open_armor(data)
    if label != LOCKED_LABEL:
        return ""
    from ledger import locked  # noqa: PLC0415 (imports a cipher, which an open key does not need)

    if locked.rounds(der) >= locked.ROUNDS_WEAK:
        return ""
    return "This key file is locked too lightly: whoever steals it could guess it open. Write it anew."


def _seed(plain: bytes) -> bytes:
    if len(plain) != PLAIN_SIZE or not plain.startswith(PREFIX):
        raise NotShortForm
    return plain[len(PREFIX) :]


def _armor(label: str, der: bytes) -> bytes:
    text = base64.b64encode(der).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", "")).encode()


def _open_armor(data: bytes) -> tuple[str, bytes]:
    # Latin-1 decodes any bytes; the pattern then lets ASCII alone through.
    found = _PEM.fullmatch(data.decode("latin-1"))
    if not found:
        raise UnreadableKey("This is not a key file.", "A key file is a text between a BEGIN and an END line.")
    try:
        return found[1], base64.b64decode("".join(found[2].split()), validate=True)
    except binascii.Error as error:
        raise UnreadableKey("This key file is damaged.", "Use your copy of it.") from error
