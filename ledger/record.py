"""The one way in: a statement is built on the newest head, checked, signed and appended, or nothing happens.

A key signs under a file lock and on the newest head, so that two commands of one person never sign the same number
twice. What is signed lies in the outbox before it is handed to the log: whatever happens then, it is recorded once.
Where the log cannot be reached, a statement that may wait is checked against what this home knows, and waits there.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ledger import clock, entry
from ledger.anchor import one_at_a_time
from ledger.book import Book
from ledger.composing import compose as compose
from ledger.composing import consented as consented
from ledger.entry import Entry
from ledger.errors import TallyError
from ledger.intake import Recorded as Recorded
from ledger.intake import receive as receive
from ledger.intake import recorded, stamp
from ledger.keys import Signer
from ledger.log import AnchorFailed, InDoubt, NotProved, Unreachable
from ledger.opened import Ledger
from ledger.outbox import Outbox, Signed
from ledger.sending import AWAY, Outcome, send


def key_lock(ledger: Ledger, key: str) -> Path:
    """The file that whoever signs with this key, or sends what it signed, holds meanwhile."""
    return ledger.home.kept(ledger.known.founding, f"{key[:16]}.lock")


def record(
    ledger: Ledger,
    signer: Signer,
    author: str,
    kind: str,
    body: dict[str, Any],
    clock_ok: bool = False,
    consenting: tuple[Signer, ...] = (),
    may_wait: bool = False,
) -> Recorded:
    """Say this, as this person, now. The body holds private.Text where words are to stay beside the log.

    `consenting` are the keys whose second signatures the statement needs (`body.proofs`). What the key said before
    and still waits goes first; what came of it is added to `ledger.news`. A statement that `may_wait` is queued when
    the log cannot be reached. Raises what admission raises; then nothing was recorded. Afterwards the ledger's book
    knows the entry.
    """
    with one_at_a_time(key_lock(ledger, signer.id)):
        outbox = ledger.outbox(signer.id)
        _send_first(ledger, signer, outbox, clock_ok, may_wait)
        now = clock.now(ledger.book.ledger.rehearsal)
        data, words = compose(ledger.book, signer, author, kind, body, now, ledger.seen)
        data = consented(data, consenting) if consenting else data
        if ledger.alone is not None or ledger.remote is not None:
            expect(ledger.book, data, stamp(ledger, clock_ok=True))
        signed = Signed(data, signer.sign(entry.preimage(entry.NAMESPACE, data)), words)
        ledger.is_sending = True
        number = outbox.put(signed, now).number
        if ledger.alone is not None:
            return _fold_ahead(ledger, signed)
        return _hand_over(ledger, signer, outbox, signed, number, clock_ok, may_wait)


def send_waiting(ledger: Ledger, signer: Signer, clock_ok: bool = False) -> None:
    """What this key said before and still waits goes to the log; where that cannot be reached, it waits on.

    For a command that looks something up and then says more than one thing about it: it may have been stopped before.
    """
    if ledger.alone is not None or ledger.is_ahead:
        return
    with one_at_a_time(key_lock(ledger, signer.id)), suppress(*AWAY):
        outbox = ledger.outbox(signer.id)
        if outbox.waiting:
            ledger.news += send(ledger, signer, outbox, clock_ok)


def _send_first(ledger: Ledger, signer: Signer, outbox: Outbox, clock_ok: bool, may_wait: bool) -> None:
    """What waits goes before what is said now; without the log, the book goes ahead with what waits."""
    if ledger.alone is not None and not may_wait:
        raise Unreachable(
            f"{ledger.alone.message} Nothing was recorded.",
            "This needs the newest head and cannot wait in the outbox; try again once the ledger can be reached.",
        )
    if ledger.is_ahead:
        return
    if ledger.alone is not None:
        _go_on_alone(ledger, outbox, ledger.alone)
        return
    try:
        ledger.refresh()
        ledger.news += send(ledger, signer, outbox, clock_ok)
    except AWAY as error:
        if not may_wait:
            raise
        _go_on_alone(ledger, outbox, error)


def _hand_over(
    ledger: Ledger, signer: Signer, outbox: Outbox, signed: Signed, number: int, clock_ok: bool, may_wait: bool
) -> Recorded:
    """Send it; the outbox keeps it only where the log has neither taken nor refused it."""
    try:
        outcomes = send(ledger, signer, outbox, clock_ok)
    except AWAY as error:
        if may_wait:
            _go_on_alone(ledger, outbox, error, signed)
            return _fold_ahead(ledger, signed)
        outbox.done(signed.id)
        raise
    except InDoubt as error:
        if may_wait and ledger.remote is not None:
            _go_on_alone(ledger, outbox, error, signed)
            return _fold_ahead(ledger, signed)
        raise
    except (AnchorFailed, NotProved):
        outbox.done(signed.id)
        raise
    except BaseException:
        _withdraw(ledger, outbox, signed)
        raise
    return _own(ledger, outbox, outcomes, number)


def _own(ledger: Ledger, outbox: Outbox, outcomes: list[Outcome], number: int) -> Recorded:
    """What became of the statement itself; a refused one is forgotten, since its author is told at once."""
    for outcome in outcomes:
        if outcome.number != number or outcome.was:
            ledger.news.append(outcome)
        elif outcome.recorded is not None:
            return outcome.recorded
        elif outcome.refused is not None:
            outbox.drop(number)
            raise outcome.refused
    raise TallyError("Nothing became of this statement.", "`tally sync --list` shows what waits.")


def _withdraw(ledger: Ledger, outbox: Outbox, signed: Signed) -> None:
    """The log failed, or the person stopped the command: unless it may be there already, it is not to be sent later."""
    if ledger.remote is None and _surely_not_recorded(ledger, signed):
        outbox.done(signed.id)


def _surely_not_recorded(ledger: Ledger, signed: Signed) -> bool:
    """Whether the log can be read and does not hold these bytes."""
    try:
        ledger.reopen()
        return recorded(ledger, signed.data) is None
    except (TallyError, OSError):
        return False


def look_ahead(ledger: Ledger, keys: Sequence[str]) -> int:
    """While the log is away: the book also knows what these keys have said and still waits; answers how much that is.

    The places it shows for them are those they would have now.
    """
    assert ledger.alone is not None, "only without the log"
    before = ledger.book.size
    for key in keys:
        _go_on_alone(ledger, ledger.outbox(key), ledger.alone)
    return ledger.book.size - before


def _go_on_alone(ledger: Ledger, outbox: Outbox, why: TallyError, but: Signed | None = None) -> None:
    """The book goes ahead of the log with all that waits in the outbox, except one."""
    waiting = outbox.waiting
    seen = [item.signed.envelope.seen for item in waiting]
    ledger.go_on_alone(why, {one.size: one.root for one in seen})
    for item in waiting:
        if but is not None and item.signed.id == but.id:
            continue
        try:
            _fold_ahead(ledger, item.signed)
        except TallyError:
            # What the rules would refuse by now is told when it is sent; meanwhile it changes nothing.
            continue


def _fold_ahead(ledger: Ledger, signed: Signed) -> Recorded:
    """The book knows a statement that the log does not have yet; its place may still become another."""
    received = stamp(ledger, clock_ok=True)
    placed = expect(ledger.book, signed.data, received)
    ledger.book.fold(signed.data, signed.signature, received)
    ledger.__dict__.pop("names", None)
    return Recorded(entry=placed, receipt=b"", queued=True)


def expect(book: Book, data: bytes, received: int) -> Entry:
    """The entry in its place, as far as this book knows: everything but its signature is checked."""
    placed, said = book.place(entry.read_strictly(data), data, received)
    book.signing_key(said, placed)
    book.follows(placed)
    said.check(book, placed)
    return placed
