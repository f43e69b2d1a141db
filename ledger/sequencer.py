"""Many speak at once and one hand writes: whatever waits goes into the log as one append, then all get their receipts.

A statement is looked at before it may queue (its form, its key, its signature), so that nobody can fill the queue with
rubbish. The queue is bounded and so is what one key may send: what is too much is told to come again later, and costs
no memory. One that is refused is refused alone. When the store fails for good, all that wait are told and it stops.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from msgspec import Struct

from ledger import entry, fact, private
from ledger.book import BadSignature, Book
from ledger.clock import ClockDoubtful
from ledger.entry import NAMESPACE, preimage
from ledger.errors import NoKey, TallyError
from ledger.facts import consent_of
from ledger.intake import Answer, Recorded, receive_all, stamp
from ledger.keys import key_id, verify
from ledger.log import Busy, Unreachable
from ledger.opened import Ledger
from ledger.outbox import Signed

WAITING_MAX = 1024
BATCH_MAX = 512
RATE, BURST = 20.0, 200.0  # statements a second that one key may send for long, and at once
PASSING = (Busy, Unreachable, ClockDoubtful)
"""Troubles after which the next batch may do better."""


class TooMany(TallyError):
    """More than this service takes at once."""

    status = 429

    def __init__(self, message: str, after: int = 1) -> None:
        super().__init__(message, "Send it again in a moment; it counts once.")
        self.after = after  # seconds


class Stopped(TallyError):
    """The service does not take statements any more."""

    status = 503


class _Ticket(Struct):
    """A statement that waits, or a wish to catch up (without one), and who is told."""

    signed: Signed | None
    answer: "Future[Recorded | None]"


class Sequencer:
    """The one writer of a process. `open_ledger` is called in the writing thread, whose ledger it becomes."""

    def __init__(
        self,
        open_ledger: Callable[[], Ledger],
        clock_ok: bool = False,
        waiting_max: int = WAITING_MAX,
        batch_max: int = BATCH_MAX,
        rate: float = RATE,
        burst: float = BURST,
    ) -> None:
        self._open, self._clock_ok, self._batch_max = open_ledger, clock_ok, batch_max
        self._waiting: queue.Queue[_Ticket | None] = queue.Queue(waiting_max)
        self._allowances = Allowances(rate, burst)
        self._ready: Future[Ledger] = Future()
        self._entrance = threading.Lock()
        self.failed: TallyError | None = None
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)

    def start(self) -> None:
        """Open the ledger and begin to take in. Raises what opening raises."""
        self._thread.start()
        self._ready.result()

    def stop(self) -> None:
        """Take in what waits already, then end."""
        with self._entrance:
            ended, self.failed = self.failed is not None, self.failed or Stopped("The service is stopping.")
        if not ended:
            self._waiting.put(None)
        self._thread.join()

    @property
    def ledger(self) -> Ledger:
        """The ledger of the writing thread; others may look at its book, not at its log."""
        return self._ready.result()

    def submit(self, signed: Signed) -> "Future[Recorded | None]":
        """Queue a statement that passes the gate; its place and receipt, or what refused it, come later.

        Raises NotCanonical, Usage, NoKey or BadSignature at the gate, TooMany, and Stopped.
        """
        self._allowances.take(self.gate(signed))
        return self._put(_Ticket(signed, Future()))

    def catch_up(self) -> "Future[Recorded | None]":
        """Have the book read what other processes wrote, and do what fell due by now; done when the answer comes."""
        return self._put(_Ticket(None, Future()))

    def gate(self, signed: Signed) -> str:
        """The key whose allowance this statement uses, if its form, its key and its signature are right."""
        private.check_forms(signed.words)
        envelope = entry.read_strictly(signed.data)
        book = self.ledger.book
        known = book.ledger.keys.get(envelope.key)
        said = None if known else fact.read(envelope, book.rooms)
        public = known.public if known else said.brings_key() if said else None
        if public is None or key_id(bytes.fromhex(public)) != envelope.key:
            raise NoKey("This key is not known to the ledger.", "Join with an invitation first: tally join FILE.")
        if not verify(bytes.fromhex(public), preimage(NAMESPACE, signed.data), signed.signature):
            raise BadSignature("The signature is not this key's over these bytes.")
        if known is None:
            # Anybody can make keys without end; only whoever holds an invitation has an allowance, that of its own.
            return _invitation(book, said, consent_of(entry.placed(book.size, signed.data, 0, envelope)))
        # Anybody can send again what stands in the log; that must not use up what its author may say.
        return envelope.key if envelope.seq > known.seq else f"again {envelope.key}"

    def _put(self, ticket: _Ticket) -> "Future[Recorded | None]":
        with self._entrance:  # nothing gets in behind the last one
            if self.failed is not None:
                raise self.failed
            try:
                self._waiting.put_nowait(ticket)
            except queue.Full:
                raise TooMany("More statements wait than this service takes at once.") from None
        return ticket.answer

    # The writing thread.

    def _run(self) -> None:
        try:
            ledger = self._open()
            ledger.is_serving = True
            self._ready.set_result(ledger)
        except BaseException as error:
            self._ready.set_exception(error)
            return
        try:
            while batch := self._next():
                self._take_in(ledger, batch)
        finally:
            ledger.close()

    def _next(self) -> list[_Ticket]:
        """Everything that waits now, in order; none when it is time to end."""
        batch: list[_Ticket] = []
        first = None if self.failed is not None and self._waiting.empty() else self._waiting.get()
        while first is not None:
            batch.append(first)
            if len(batch) == self._batch_max or self._waiting.empty():
                break
            first = self._waiting.get()
        return batch

    def _take_in(self, ledger: Ledger, batch: list[_Ticket]) -> None:
        try:
            said = [ticket for ticket in batch if ticket.signed is not None]
            answers = receive_all(ledger, [ticket.signed for ticket in said if ticket.signed], self._clock_ok)
            if len(said) < len(batch):
                ledger.book.advance(stamp(ledger, self._clock_ok))
        except PASSING as error:
            _tell(batch, [error for _ in batch])
        except TallyError as error:
            self._fail(batch, error)
        except Exception as error:
            self._one_by_one(ledger, batch, error)
        else:
            _tell(said, answers)
            _tell([ticket for ticket in batch if ticket.signed is None], [])

    def _one_by_one(self, ledger: Ledger, batch: list[_Ticket], error: Exception) -> None:
        """Something nobody thought of: whatever is at fault must not take the others with it."""
        if len(batch) > 1:
            for ticket in batch:
                self._take_in(ledger, [ticket])
            return
        fault = TallyError("This statement could not be taken in: the service met an error of its own.")
        fault.__cause__ = error
        ledger.reopen()
        _tell(batch, [fault])

    def _fail(self, batch: list[_Ticket], error: TallyError) -> None:
        """The store failed: nobody waits for ever, and nothing more is taken in before somebody has looked."""
        with self._entrance:
            self.failed = error
        while not self._waiting.empty():
            if (ticket := self._waiting.get()) is not None:
                batch.append(ticket)
        _tell(batch, [error for _ in batch])


class Allowances:
    """How much each key may still send: so many at once, refilled at a rate. One number for each key that spoke."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left: dict[str, tuple[float, float]] = {}  # what is left, and when that was
        self._lock = threading.Lock()

    def take(self, key: str) -> None:
        """Use one up. Raises TooMany for a key that has none left."""
        now = time.monotonic()
        with self._lock:
            left, then = self._left.get(key, (self._burst, now))
            left = min(self._burst, left + (now - then) * self._rate)
            if left < 1:
                raise TooMany("This key sends more than the service takes from one.", 1 + int((1 - left) / self._rate))
            self._left[key] = left - 1, now


def _invitation(book: Book, said: fact.Fact | None, message: bytes) -> str:
    """The one-time key of the open invitation with which somebody joins. Raises NoKey where there is none."""
    invitations = list(book.ledger.invitations.values())  # as they are now; another thread goes on
    for proof in getattr(said, "proofs", ()):
        open_ = any(one.admission == proof.key for one in invitations)
        if open_ and verify(bytes.fromhex(proof.key), message, bytes.fromhex(proof.sig)):
            return f"invitation {proof.key}"
    raise NoKey("This invitation was used already, or never given.", "Ask for a new one.")


def _tell(tickets: list[_Ticket], answers: Sequence[Answer]) -> None:
    """Release the answers; a wish to catch up has none and is done."""
    for place, ticket in enumerate(tickets):
        if not ticket.answer.set_running_or_notify_cancel():
            continue
        answer = answers[place] if place < len(answers) else None
        if isinstance(answer, TallyError):
            ticket.answer.set_exception(answer)
        else:
            ticket.answer.set_result(answer)
