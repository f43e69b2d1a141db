"""What waits in an outbox goes to the log: the same bytes, in order, each once; what cannot stay so is signed anew.

A number that another device with the same key has used meanwhile, or that was to follow a refused statement, is
given up: the same content is signed on top, with its references to what was signed anew, and its author is told.
What the rules refuse is listed with the reason and handed to nobody any more; nothing is dropped.
"""

from typing import Any

import msgspec
from msgspec import Struct

from ledger import canonical, clock, entry, private, receipts_kept
from ledger.book import Book, SequenceTaken
from ledger.composing import numbered
from ledger.errors import Refused, TallyError
from ledger.intake import TRIES, Answer, Recorded, receive_all, recorded
from ledger.keys import Signer
from ledger.log import Busy, NoLedger, Unreachable
from ledger.opened import Ledger
from ledger.outbox import Item, Outbox, Signed

AWAY = (Busy, NoLedger, Unreachable)
"""Why a statement may have to wait: the log is not there, or another process keeps writing."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one statement: recorded, signed anew under another id (`was` is the former), or refused."""

    number: int
    id: str
    kind: str
    was: str = ""
    recorded: Recorded | None = None
    refused: TallyError | None = None


def send(ledger: Ledger, signer: Signer, outbox: Outbox, clock_ok: bool = False) -> list[Outcome]:
    """Send what waits in this key's outbox, the oldest first; whoever calls holds the key's lock.

    Raises one of AWAY when the log cannot be reached or written; the rest then waits on.
    """
    outcomes: list[Outcome] = []
    tries = 0
    while waiting := outbox.waiting:
        ledger.refresh()
        first = waiting[0]
        answer: Answer | None = recorded(ledger, first.signed.data)
        if answer is None and not _follows(ledger.book, first.signed):
            outcomes += _settle_anew(ledger, signer, outbox, waiting)
            continue
        answer = answer or hand_over(ledger, first.signed, clock_ok)
        if isinstance(answer, SequenceTaken) and tries < TRIES:
            tries += 1
            continue
        if isinstance(answer, TallyError):
            outcomes.append(_told(first, refused=answer))
            refused = [*outbox.refused, _refusal(first, answer)]
            outcomes += _settle_anew(ledger, signer, outbox, waiting[1:], refused)
        else:
            receipts_kept.keep(ledger.home, ledger.known, first.signed.id, answer.receipt)
            outbox.done(first.signed.id)
            outcomes.append(_told(first, recorded=answer))
    return outcomes


def try_again(ledger: Ledger, signer: Signer, outbox: Outbox) -> list[Outcome]:
    """Sign what was refused anew, after what waits, so that it is sent once more: the reason may be gone."""
    refused = outbox.refused
    if not refused:
        return []
    ledger.refresh()
    return _settle_anew(ledger, signer, outbox, [*outbox.waiting, *refused], [])


def hand_over(ledger: Ledger, signed: Signed, clock_ok: bool) -> Answer:
    """Give one statement to the log, here or behind its URL."""
    if ledger.remote is not None:
        return ledger.remote.hand_over(ledger, signed)
    return receive_all(ledger, [signed], clock_ok)[0]


def _follows(book: Book, signed: Signed) -> bool:
    """Whether the bytes are the next of their key after all that the book knows."""
    envelope, key = signed.envelope, book.ledger.keys.get(signed.envelope.key)
    if key is None:
        return True
    return (envelope.seq, envelope.prev) == (key.seq + 1, key.last) and envelope.seen.size >= key.seen


def _settle_anew(
    ledger: Ledger, signer: Signer, outbox: Outbox, items: list[Item], refused: list[Item] | None = None
) -> list[Outcome]:
    """Sign what no longer follows anew, each after the one before, and put all of it in place in one step."""
    key = ledger.book.ledger.keys.get(signer.id)
    seq, last = (key.seq, key.last) if key else (-1, None)
    waiting, renamed, outcomes = [], dict[str, str](), list[Outcome]()
    refused = outbox.refused if refused is None else list(refused)
    for item in items:
        envelope = item.signed.envelope
        if (envelope.seq, envelope.prev) == (seq + 1, last) and not item.why:
            fresh = item.signed
        else:
            try:
                fresh = _signed_anew(ledger, signer, item.signed, seq + 1, last, renamed)
            except TallyError as error:
                refused.append(_refusal(item, error))
                outcomes.append(_told(item, refused=error))
                continue
            renamed[item.signed.id] = fresh.id
            outcomes.append(Outcome(number=item.number, id=fresh.id, kind=envelope.kind, was=item.signed.id))
        waiting.append(Item(number=item.number, at=item.at, signed=fresh))
        seq, last = seq + 1, fresh.id
    outbox.settle(waiting, refused)
    return outcomes


def _signed_anew(
    ledger: Ledger, signer: Signer, old: Signed, seq: int, prev: str | None, renamed: dict[str, str]
) -> Signed:
    """The same content under another number; what it says of statements that were signed anew names the new ones."""
    envelope = old.envelope
    body = _renamed(canonical.decode(old.data)["body"], renamed)
    if body.get("proofs") and (old.words or renamed):
        raise Refused(
            "Others have signed it too, and their signatures hold for its old words alone.",
            "Say it anew, then drop this one.",
        )
    for pointer, kept in old.words.items():
        _put(body, pointer, private.Text(kept.words))
    now = clock.now(ledger.book.ledger.rehearsal)
    data, words = numbered(ledger.book, signer, envelope.author, envelope.kind, body, now, seq, prev, ledger.seen)
    return Signed(data, signer.sign(entry.preimage(entry.NAMESPACE, data)), words)


def _renamed(value: Any, renamed: dict[str, str]) -> Any:
    if isinstance(value, str):
        return renamed.get(value, value)
    if isinstance(value, dict):
        return {name: _renamed(part, renamed) for name, part in value.items()}
    return [_renamed(part, renamed) for part in value] if isinstance(value, list) else value


def _put(body: Any, pointer: str, text: private.Text) -> None:
    """Put words in the place of their commitment, so that they are sealed anew."""
    *path, last = pointer.split("/")[1:]
    for name in path:
        body = body[int(name) if isinstance(body, list) else name]
    body[int(last) if isinstance(body, list) else last] = text


def _refusal(item: Item, why: TallyError) -> Item:
    return msgspec.structs.replace(item, why=f"{why.message} {why.hint}".strip())


def _told(item: Item, recorded: Recorded | None = None, refused: TallyError | None = None) -> Outcome:
    kind = item.signed.envelope.kind
    return Outcome(number=item.number, id=item.signed.id, kind=kind, recorded=recorded, refused=refused)
