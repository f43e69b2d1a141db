"""The log asks its witnesses: each is handed the newest head and the proof that it goes on from what it signed last.

C2SP tlog-witness, the asking side. What a witness answers is believed only after its signature was checked. One that
cannot be reached, or says no, is named and stops nobody else. Signatures that came another way are taken in here too.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

from msgspec import Struct

from ledger.anchor import write_durably
from ledger.clock import BEHIND_MAX
from ledger.entry import split_leaf
from ledger.errors import NoteError, Refused
from ledger.log import Head, Log
from ledger.note import SIGNATURES_MAX, divide, note_with, open_note, parse_vkey, read_number
from ledger.peers import add_checkpoint
from ledger.places import is_afar
from ledger.policy import Policy, Witness

TIMEOUT_S = 10
ANSWER_MAX = 64 * 1024
TRIES = 3
HEADS_MAX = 20  # the newest heads of witnesses that a signature may be under


Keep = Callable[[int, list[str]], None]
"""Keeps signature lines under the head of a size, with the log; raises NotAnswered where that is elsewhere."""


class Asked(Struct, frozen=True, kw_only=True):
    """What came of asking one witness: the size of the head it signed, or None and why not."""

    name: str
    size: int | None = None
    why: str = ""


class NotAnswered(Exception):
    """Why somebody who was asked over HTTP did not do it, in words."""


class Answer(Struct, frozen=True):
    """What came back over HTTP."""

    status: int
    media: str
    text: bytes


class Asking:
    """One round: a log, where signatures go, the clock (ms), and the file that notes what each witness signed last."""

    def __init__(self, log: Log, keep: Keep, now: int, notes: Path) -> None:
        self.log, self.keep, self.now, self.notes = log, keep, now, notes
        self.head = log.head()

    def ask(self, wanted: Policy) -> list[Asked]:
        """Ask every witness of the policy about the newest head, and keep what they sign."""
        return [self._ask_in_words(one) for one in wanted.witnesses.values()]

    def _ask_in_words(self, witness: Witness) -> Asked:
        if not is_afar(witness.url):
            return Asked(name=witness.name, why="has no address in the policy; it runs `tally witness once` itself")
        try:
            self.keep(self.head.size, self._ask(witness))
        except NotAnswered as no:
            return Asked(name=witness.name, why=str(no))
        self._note(witness.vkey, self.head.size)
        return Asked(name=witness.name, size=self.head.size)

    def _ask(self, witness: Witness) -> list[str]:
        """Its lines under the head. Raises NotAnswered."""
        size = min(self._noted().get(witness.vkey, 0), self.head.size)
        for _ in range(TRIES):
            proof = self.log.consistency(size, self.head.size) if 0 < size < self.head.size else []
            body = add_checkpoint.write(size, proof, self.head.note)
            answer = post(f"{witness.url.rstrip('/')}/add-checkpoint", body)
            if answer.status == 200:
                return self._lines(witness, answer.text)
            if answer.status != 409 or answer.media.partition(";")[0].strip() != add_checkpoint.SIZE_TYPE:
                raise NotAnswered(f"said no ({answer.status}): {_first_line(answer.text)}")
            size = self._size(answer.text)
        raise NotAnswered("signs for others all the time; ask again later")

    def _size(self, text: bytes) -> int:
        """What a witness says it signed last."""
        try:
            size = read_number(text.decode("ascii").removesuffix("\n"))
        except (NoteError, UnicodeDecodeError) as error:
            raise NotAnswered("answered with something that is no size") from error
        if size > self.head.size:
            raise NotAnswered(
                f"has signed {size} entries, but this log has {self.head.size}: it was put back from an older copy, "
                "or that witness was shown another log"
            )
        return size

    def _lines(self, witness: Witness, text: bytes) -> list[str]:
        """The lines of an answer that are this witness's own and check; others are passed over."""
        try:
            lines = _own_lines(self.head, witness, note_with(self.head.note, text.decode().splitlines()))
        except (NoteError, UnicodeDecodeError) as error:
            raise NotAnswered(f"answered with a signature that does not check: {error}") from error
        timely = [line for line, time in lines if _is_timely(self.log, self.head.size, time, self.now)]
        if not timely:
            raise NotAnswered("has a clock that is wrong; its signature was not kept")
        return timely[:1]

    def _noted(self) -> dict[str, int]:
        # Only a first guess: the witness itself says what it signed last.
        try:
            held = json.loads(self.notes.read_bytes())
        except (OSError, ValueError):
            return {}
        return {vkey: size for vkey, size in held.items() if isinstance(size, int)} if isinstance(held, dict) else {}

    def _note(self, vkey: str, size: int) -> None:
        write_durably(self.notes, json.dumps(self._noted() | {vkey: size}).encode())


def take(log: Log, keep: Keep, wanted: Policy, text: str, now: int) -> list[Asked]:
    """Keep signatures of the policy's witnesses that came by mail or by hand, whichever head of this log they sign.

    `text` holds signature lines, or whole notes. Raises Refused, and keeps nothing, if none of them is one.
    """
    newest = log.head()
    heads = {head.size: head for head, _ in log.witnessed()[-HEADS_MAX:]} | {newest.size: newest}
    lines = list(dict.fromkeys(one for one in text.splitlines() if one.startswith("— ")))[:SIGNATURES_MAX]
    found = [
        (head.size, witness.name, line)
        for line in lines
        for witness in wanted.witnesses.values()
        if line.startswith(f"— {parse_vkey(witness.vkey).name} ")
        for head in heads.values()
        if _signs(log, head, witness, line, now)
    ]
    if not found:
        raise Refused(
            "No line in this is the signature of a witness of this ledger under one of its heads, by a right clock.",
            f"The newest has {newest.size} entries: `tally witness request` writes what to hand to a witness.",
        )
    for size, _, line in found:
        keep(size, [line])
    return [Asked(name=name, size=size) for size, name, _ in found]


def _signs(log: Log, head: Head, witness: Witness, line: str, now: int) -> bool:
    try:
        lines = _own_lines(head, witness, note_with(head.note, [line]))
    except NoteError:
        return False
    return _is_timely(log, head.size, lines[0][1], now)


def _own_lines(head: Head, witness: Witness, note: bytes) -> list[tuple[str, int]]:
    """The lines under the note that this witness signed, and when. Raises NoteError unless there is one and all check.

    The note is judged as a whole, so a text that is another head's gives none.
    """
    if divide(note)[0] != divide(head.note)[0]:
        raise NoteError("That is another head.")
    return [(one.line, one.time or 0) for one in open_note(note, [witness.vkey]).signatures]


def _is_timely(log: Log, size: int, time: int, now: int) -> bool:
    """Whether a witness can have seen a head of this size at this time (seconds), within 10 minutes of clocks apart."""
    _, _, received = split_leaf(log.entry(size - 1))
    return received - BEHIND_MAX <= time * 1000 <= now + BEHIND_MAX


def _first_line(text: bytes) -> str:
    line = text.decode(errors="replace").partition("\n")[0][:200]
    return "".join(letter if letter.isprintable() else "?" for letter in line) or "without a word"


class _Stay(urllib.request.HTTPRedirectHandler):
    """Nobody is asked whom the policy does not name."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """No other address is followed."""


def post(url: str, data: bytes) -> Answer:
    """Hand bytes to an address; answers whatever status comes back. Raises NotAnswered when nobody can be reached."""
    request = urllib.request.Request(url, data, {"Content-Type": "text/plain; charset=utf-8"}, method="POST")
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=TIMEOUT_S) as reply:
            return _read(reply.status, reply)
    except urllib.error.HTTPError as error:
        with error:
            return _read(error.code, error)
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise NotAnswered(f"cannot be reached: {getattr(reason, 'strerror', None) or reason}") from error


def _read(status: int, reply: Any) -> Answer:
    text = reply.read(ANSWER_MAX + 1)
    if len(text) > ANSWER_MAX:
        raise NotAnswered("answered with far too much")
    return Answer(status, reply.headers.get("Content-Type", ""), text)
