"""A text with signature lines under it, which anybody who knows a signer's key can check.

The format is C2SP signed-note: a text that ends in a newline, a blank line, then one line for each signature:
an em dash, the signer's name, and base64 of a 4-byte key id and the signature. Who signs is written as a vkey,
"name+id+key". Two kinds of keys are known: plain Ed25519 (1), and cosignatures of witnesses (4), which also
say when (C2SP tlog-cosignature).
"""

import base64
import re
from collections.abc import Sequence
from hashlib import sha256

from msgspec import Struct

from ledger.errors import NoteError
from ledger.keys import PUBLIC_SIZE, Signer, verify

ED25519 = 1
COSIGNATURE = 4
ID_SIZE = 4
TIME_SIZE = 8
SIGNATURES_MAX = 100
CHANGED = "It may have been cut or changed on its way: ask for it again."

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LINE = re.compile(r"— ([^ ]+) ([^ ]+)")
_VKEY = re.compile(r"([^+]*)\+([0-9a-f]{8})\+(.*)", re.DOTALL)


class NotSigned(NoteError):
    """A note that is well formed, but the signature one asks for is missing or wrong."""


class KnownKey(Struct, frozen=True):
    """A vkey, read."""

    name: str
    id: bytes
    kind: int
    public: bytes


class Signature(Struct, frozen=True):
    """A signature that was checked: by whom, its whole line, by which key, and when.

    `time` is in seconds since 1970, and None for all but cosignatures.
    """

    name: str
    line: str
    time: int | None
    public: bytes


class Note(Struct, frozen=True):
    """The text of a note and the known signatures under it, all of which were checked."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Who signed, as far as they are known, each once."""
        return tuple(dict.fromkeys(signature.name for signature in self.signatures))


def open_note(text: bytes, vkeys: Sequence[str]) -> Note:
    """Check a note against the keys one knows; lines of unknown keys are passed over.

    Raises NoteError for a note that is not well formed, and its child NotSigned for a signature of a known key
    that does not check and if none of the known keys signed.
    """
    keys = _known(vkeys)
    body, lines = divide(text)
    found: dict[tuple[str, bytes], Signature] = {}
    for line in lines:
        name, key_id, payload = _read_line(line)
        key = keys.get((name, key_id))
        if key:
            time = _check(key, body, payload)
            found.setdefault((name, key_id), Signature(name, line, time, key.public))
    if not found:
        raise NotSigned("None of the known keys signed this note.")
    return Note(body, tuple(found.values()))


def divide(note: bytes) -> tuple[str, list[str]]:
    """The text and the signature lines of a note, nothing checked: the last blank line stands between them.

    Raises NoteError for a note that is not well formed.
    """
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError("This note is not UTF-8.", CHANGED) from error
    text, blank, rest = whole.rpartition("\n\n")
    lines = rest.split("\n")
    if not blank or lines.pop() != "" or not lines:
        raise NoteError("This note has no signatures.", CHANGED)
    if _CONTROL.search(whole):
        raise NoteError("This note contains control characters.")
    if len(lines) > SIGNATURES_MAX:
        raise NoteError(f"This note has more than {SIGNATURES_MAX} signatures.")
    return text + "\n", lines


def sign_note(text: str, name: str, *keys: Signer) -> bytes:
    """The note with a signature by each key under it. Raises NoteError for a text or name that a note cannot hold."""
    payloads = [key_id(name, key.public) + key.sign(text.encode()) for key in keys]
    lines = "".join(f"— {name} {base64.b64encode(payload).decode()}\n" for payload in payloads)
    note = f"{text}\n{lines}".encode()
    # What nobody could open is not signed either.
    open_note(note, [vkey(name, key.public) for key in keys])
    return note


def cosign(text: str, name: str, key: Signer, time: int) -> str:
    """The line, without its newline, by which a witness says that it saw this text at `time` (seconds since 1970)."""
    signature = key.sign(_cosigned(text, time))
    payload = key_id(name, key.public, COSIGNATURE) + time.to_bytes(TIME_SIZE, "big") + signature
    return f"— {name} {base64.b64encode(payload).decode()}"


def note_with(note: bytes, lines: Sequence[str]) -> bytes:
    """A note with these signature lines under those that it has."""
    return note + "".join(f"{line}\n" for line in lines).encode()


def signer_of(line: str) -> str:
    """The beginning of a signature line, which is the same for all that one key signs: its name and most of its id."""
    return line[: line.rfind(" ") + 6]


def vkey(name: str, public_key: bytes, kind: int = ED25519) -> str:
    """How a signer's name and key are handed around: name+id+key."""
    key = base64.b64encode(bytes([kind]) + public_key).decode()
    return f"{name}+{key_id(name, public_key, kind).hex()}+{key}"


def key_id(name: str, public_key: bytes, kind: int = ED25519) -> bytes:
    """The 4 bytes that tell the keys of one name apart."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:ID_SIZE]


def parse_vkey(text: str) -> KnownKey:
    """Read a vkey. Raises NoteError if it is damaged, or its key is of another kind than these two."""
    found = _VKEY.fullmatch(text)
    if not found:
        raise NoteError(f"{text!r} is not a verifier key.", "It is written name+id+key.")
    name, key = found[1], read_base64(found[3])
    _check_name(name)
    if key[:1] not in (bytes([ED25519]), bytes([COSIGNATURE])) or len(key) != 1 + PUBLIC_SIZE:
        raise NoteError(f"The verifier key of {name} is of an unknown kind.")
    kind, public = key[0], key[1:]
    if key_id(name, public, kind).hex() != found[2]:
        raise NoteError(f"The verifier key of {name} is damaged: its id does not fit.", "Ask for it again.")
    return KnownKey(name, bytes.fromhex(found[2]), kind, public)


def read_base64(text: str) -> bytes:
    """Bytes from standard base64 in its one spelling. Raises NoteError for any other."""
    data = _decode(text)
    # Python passes over bits behind the last byte ("QUJ="), so the text is written again and compared.
    if base64.b64encode(data).decode() != text:
        raise NoteError(f"{text!r} is not base64 in its usual spelling.", CHANGED)
    return data


def read_number(text: str) -> int:
    """A number in plain digits below 2^63. Raises NoteError for signs, spaces, leading zeros and other scripts."""
    # Python's int() takes all of those.
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0") or len(text) > 19:
        raise NoteError(f"{text!r} is not a plain number.")
    if int(text) >= 2**63:
        raise NoteError(f"{text} is too large.")
    return int(text)


def _known(vkeys: Sequence[str]) -> dict[tuple[str, bytes], KnownKey]:
    keys = [parse_vkey(text) for text in vkeys]
    known = {(key.name, key.id): key for key in keys}
    if len(known) < len(keys):
        raise NoteError("Two of the known keys have the same name and id.", "Keep one of them.")
    return known


def _read_line(line: str) -> tuple[str, bytes, bytes]:
    """Name, key id and what follows it in a signature line."""
    found = _LINE.fullmatch(line)
    payload = _decode(found[2]) if found else b""
    if not found or len(payload) <= ID_SIZE:
        raise NoteError(f"{line!r} is not a signature line.")
    _check_name(found[1])
    # To other programs a line with stray bits is well formed and wrong, not malformed; a witness answers accordingly.
    if base64.b64encode(payload).decode() != found[2]:
        raise NotSigned(f"The signature of {found[1]} is misspelled.")
    return found[1], payload[:ID_SIZE], payload[ID_SIZE:]


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise NoteError(f"{text!r} is not base64.", CHANGED) from error


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name) or _CONTROL.search(name):
        raise NoteError(f"{name!r} cannot be the name of a signer.", "A name has no spaces and no plus sign.")


def _check(key: KnownKey, text: str, payload: bytes) -> int | None:
    """Raise NotSigned unless this key signed; the time of a cosignature."""
    time = None
    message, signature = text.encode(), payload
    if key.kind == COSIGNATURE:
        time, signature = int.from_bytes(payload[:TIME_SIZE], "big"), payload[TIME_SIZE:]
        message = _cosigned(text, time)
    if not verify(key.public, message, signature):
        raise NotSigned(f"The signature of {key.name} does not fit this note.")
    return time


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
