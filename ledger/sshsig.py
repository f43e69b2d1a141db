"""Signatures in the form of OpenSSH, so that an ssh-agent can make them and `ssh-keygen` can check them.

What is signed is never the message itself but a preimage that names its purpose, the namespace: a signature
for a login can never be passed off as an entry. The format is PROTOCOL.sshsig of OpenSSH, always with an
Ed25519 key and SHA-512.
"""

import base64
import binascii
from functools import cache
from hashlib import sha256, sha512

from ledger.errors import Usage, VerificationFailed

MAGIC = b"SSHSIG"
VERSION = (1).to_bytes(4, "big")
KEY_TYPE = b"ssh-ed25519"
KEY_SIZE = 32
SIGNATURE_SIZE = 64

BEGIN = "-----BEGIN SSH SIGNATURE-----"
END = "-----END SSH SIGNATURE-----"
LINE = 70


class NotASignature(VerificationFailed):
    """A text that is not an SSH signature of the one form used here."""


def preimage(namespace: str, message: bytes) -> bytes:
    """The bytes that are signed for a message (PROTOCOL.sshsig, section 3)."""
    return _head(namespace) + sha512(message).digest()


@cache
def _head(namespace: str) -> bytes:
    # With the length of the hash, which is always the same.
    return MAGIC + string(namespace.encode()) + string(b"") + string(b"sha512") + (64).to_bytes(4, "big")


def armor(public_key: bytes, namespace: str, signature: bytes) -> str:
    """The text of a signature file, byte for byte as `ssh-keygen -Y sign` writes it."""
    wrapped = string(KEY_TYPE) + string(signature)
    fields = (key_blob(public_key), namespace.encode(), b"", b"sha512", wrapped)
    text = base64.b64encode(MAGIC + VERSION + b"".join(string(field) for field in fields)).decode()
    lines = [text[start : start + LINE] for start in range(0, len(text), LINE)]
    return "\n".join((BEGIN, *lines, END, ""))


def dearmor(text: str) -> tuple[bytes, str, bytes]:
    """Public key, namespace and signature of a signature file.

    Raises NotASignature for another key type or hash and for every spelling but the one `armor` gives.
    """
    try:
        body = text.removeprefix(BEGIN).removesuffix(END + "\n")
        data = base64.b64decode(body.replace("\n", ""), validate=True)
        key, namespace, _, _, wrapped = strings(data.removeprefix(MAGIC + VERSION), 5)
        found = key[-KEY_SIZE:], namespace.decode(), wrapped[-SIGNATURE_SIZE:]
    except (binascii.Error, ValueError) as error:
        raise NotASignature("This is not an SSH signature.") from error
    # One signature, one spelling: a hash, key type, line length or base64 bit that differs shows up here.
    if armor(*found) != text:
        raise NotASignature(
            "This SSH signature has another form.",
            "Sign with an Ed25519 key and SHA-512, as `ssh-keygen -Y sign` does.",
        )
    return found


def key_blob(public_key: bytes) -> bytes:
    """A public key as SSH writes it on the wire (RFC 8709 section 4)."""
    return string(KEY_TYPE) + string(public_key)


def public_line(public_key: bytes, comment: str = "") -> str:
    """A public key as one line of a `.pub` file."""
    return f"ssh-ed25519 {base64.b64encode(key_blob(public_key)).decode()} {comment}".rstrip()


def fingerprint(public_key: bytes) -> str:
    """The fingerprint that `ssh-keygen -l` shows."""
    return "SHA256:" + base64.b64encode(sha256(key_blob(public_key)).digest()).decode().rstrip("=")


def allowed_signer(name: str, namespace: str, public_key: bytes) -> str:
    """One line of an allowed_signers file: who may sign what, by which key. Raises Usage for a name SSH misreads."""
    if not name or not name.isprintable() or set(name) & set(' "*?!,#'):
        raise Usage(f'"{name}" cannot stand in a list of signers.', "Use letters, digits, hyphens and dots.")
    return f'{name} namespaces="{namespace}" {public_line(public_key)}'


def string(data: bytes) -> bytes:
    """A length of four bytes, big-endian, and the bytes (RFC 4251 section 5)."""
    return len(data).to_bytes(4, "big") + data


def strings(data: bytes, count: int) -> list[bytes]:
    """The `count` strings that make up `data` to its last byte. Raises ValueError otherwise."""
    found = []
    for _ in range(count):
        size = int.from_bytes(data[:4], "big")
        if len(data) < 4 + size:
            raise ValueError("a string ends too early")
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    if data:
        raise ValueError("bytes follow the last string")
    return found
