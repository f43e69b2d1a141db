"""Heads that witnesses have signed, between homes: fetched from a service, and signatures handed to it.

A service answers GET /cosigned with the newest such heads and takes signature lines by POST to the same address.
What comes from there is not believed here: whoever uses a head judges it by the policy, the log's key and its root.
"""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from ledger import wire
from ledger.errors import NoteError, TallyError
from ledger.log import Head, Log, Reader, head_of
from ledger.note import divide, note_with
from ledger.opened import Ledger
from ledger.peers import fetching
from ledger.peers.asking import Keep, NotAnswered, post
from ledger.peers.tilesource import TileSource

PATH = "cosigned"
SHOWN = 20  # heads at most, the newest
BODY_MAX = SHOWN * 32 * 1024


class Shown(Struct):
    """What a service answers: heads as signed notes, oldest first."""

    heads: list[str]


def of_log(log: Log) -> list[bytes]:
    """The heads of a log that witnesses have signed, their lines under each, oldest first."""
    return [note_with(head.note, lines) for head, lines in log.witnessed()[-SHOWN:]]


def write(notes: Sequence[bytes]) -> bytes:
    """The answer of a service."""
    return msgspec.json.encode(Shown([note.decode() for note in notes]))


def at(address: str) -> list[bytes]:
    """The heads that the service at this address shows; none where it has none, or is a plain site."""
    try:
        data = fetching.from_site(fetching.checked(address), PATH, BODY_MAX)
        return [note.encode() for note in msgspec.json.decode(data, type=Shown).heads] if data else []
    except (TallyError, msgspec.DecodeError, UnicodeEncodeError):
        return []


def of_ledger(ledger: Ledger) -> list[bytes]:
    """The heads that witnesses have signed of a ledger, wherever its log is, oldest first."""
    return at(ledger.known.place) if ledger.remote else of_log(ledger.log)


def keeper(ledger: Ledger) -> Keep:
    """How signatures get to the log of a ledger, wherever it is."""
    if ledger.remote is None:
        return ledger.log.keep_cosignatures

    def keep(size: int, lines: list[str]) -> None:
        answer = post(f"{ledger.known.place}/{PATH}", "".join(f"{line}\n" for line in lines).encode())
        if answer.status != 200:
            raise NotAnswered(f"signed {size} entries, but the ledger's service did not take that ({answer.status})")

    return keep


def heads(log: Reader) -> list[tuple[Head, list[str]]]:
    """The newest such heads of a log as a witness finds it, and the lines under each. Nothing is checked."""
    if isinstance(log, Log):
        return log.witnessed()[-SHOWN:]
    found = []
    if isinstance(log, TileSource) and fetching.is_address(log.place):
        for note in at(log.place):
            try:
                found.append((head_of(note), divide(note)[1]))
            except NoteError:
                continue
    return sorted(found, key=lambda one: one[0].size)


def hand_over(log: Reader, size: int, line: str) -> str:
    """Give a log the signature of a witness under its head of this size; "" once it has it, else why it has not."""
    if isinstance(log, Log):
        try:
            log.keep_cosignatures(size, [line])
        except TallyError as error:
            return error.message
        return ""
    if not (isinstance(log, TileSource) and fetching.is_address(log.place)):
        return "This is a folder to read from."
    try:
        answer = post(f"{log.place}/{PATH}", f"{line}\n".encode())
    except NotAnswered as error:
        return f"Its service {error}."
    if answer.status in (404, 405):
        return "This is a site to read from."
    return "" if answer.status == 200 else wire.read_refusal(answer.text).error.message or f"Status {answer.status}."
