"""How a statement and its private words are spelled when they travel: JSON, with bytes in base64.

POST /entries takes {"entry": text, "sig": base64, "words": {pointer: {"salt": base64, "words": text}}} and answers with
the receipt; GET /private answers {"next": N, "words": {index: {pointer: {"salt", "words"}}}}. The entry travels as the
very text that was signed.
"""

import msgspec
from msgspec import Struct

from ledger.errors import NotCanonical, Usage
from ledger.outbox import Signed
from ledger.private import Kept

BODY_MAX = 2 * 1024 * 1024
"""What one statement may take on the way, with its words."""


class TooLong(Usage):
    """More than may be sent at once: more than a statement takes with its words, or than an address asks for."""

    status = 413

    def __init__(self, most: int = BODY_MAX) -> None:
        if most == BODY_MAX:
            super().__init__(
                f"A statement takes at most {most:,} bytes on the way, with its words.", "Say it in parts."
            )
        else:
            super().__init__(f"At this address at most {most:,} bytes may be sent.")


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one private field, and their salt."""

    salt: bytes
    words: str


class Said(Struct, frozen=True, forbid_unknown_fields=True):
    """A statement as it is handed in."""

    entry: str
    sig: bytes
    words: dict[str, Words] = {}


class Held(Struct, frozen=True):
    """Private words as they are handed out: by index and pointer, and the index from which to ask on."""

    next: int
    words: dict[str, dict[str, Words]]


class Trouble(Struct, frozen=True):
    """Why something was refused, as the terminal would say it."""

    kind: str = ""
    message: str = ""
    hint: str = ""


class Refusal(Struct, frozen=True):
    """The body of an answer that is no success; `index` is that of the entry that took a statement's place."""

    error: Trouble
    index: int | None = None


def write_said(signed: Signed) -> bytes:
    """The body that hands a statement in. Raises TooLong."""
    body = msgspec.json.encode(Said(signed.data.decode(), signed.signature, _written(signed.words)))
    if len(body) > BODY_MAX:
        raise TooLong
    return body


def read_said(body: bytes) -> Signed:
    """The statement in a body. Raises NotCanonical for anything of another form."""
    try:
        said = msgspec.json.decode(body, type=Said)
        return Signed(said.entry.encode(), said.sig, _read(said.words))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotCanonical(
            f"This is not a statement: {error}.", 'Send {"entry": text, "sig": base64, "words": {…}} as JSON.'
        ) from error


def write_held(next_: int, words: dict[int, dict[str, Kept]]) -> bytes:
    """The body that hands private words out."""
    return msgspec.json.encode(Held(next_, {str(index): _written(one) for index, one in words.items()}))


def read_held(body: bytes) -> tuple[int, dict[int, dict[str, Kept]]]:
    """The index to ask on from, and the words in a body. Raises NotCanonical for anything of another form."""
    try:
        held = msgspec.json.decode(body, type=Held)
        return held.next, {int(index): _read(one) for index, one in held.words.items()}
    except (msgspec.DecodeError, UnicodeError, ValueError, RecursionError) as error:
        raise NotCanonical(f"These are not private words: {error}.") from error


def read_refusal(body: bytes) -> Refusal:
    """Why something was refused; empty words for an answer that some other program gave."""
    try:
        return msgspec.json.decode(body, type=Refusal)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Refusal(Trouble())


def _written(words: dict[str, Kept]) -> dict[str, Words]:
    return {pointer: Words(kept.salt, kept.words) for pointer, kept in words.items()}


def _read(words: dict[str, Words]) -> dict[str, Kept]:
    return {pointer: Kept(one.salt, one.words) for pointer, one in words.items()}
