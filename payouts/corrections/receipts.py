"""Receipts by the entry that booked them: what it was, which period took it in, and what of it is left. Pure.

A receipt that a run has shared stands in the document of its period on the shelf; the book keeps none of it at hand.
"""

from collections.abc import Iterator

from ledger import fact, people
from ledger.book import Book
from ledger.errors import Refused
from ledger.lives import entry_at
from payouts.corrections.correcting import refund_paper
from payouts.corrections.standing import standing
from payouts.facts import Received
from payouts.kept import Pin
from payouts.state import of

NONE = "`tally income list` shows what waits for its run, `tally why` what a run took in."


def receipt_at(book: Book, index: int, known: str | None = None) -> Received:
    """The receipt that this entry booked. Raises Refused where it booked none, is another one, or is disputed."""
    if index >= book.size:
        raise Refused(f"There is no entry {index} yet.")
    entry = entry_at(book, index)
    if known is not None and entry.id != known:
        raise Refused(f"Entry {index} is another statement than the one named.")
    said = fact.read(entry.envelope, book.rooms)
    if not isinstance(said, Received):
        raise Refused(f"Entry {index} booked no receipt.", NONE)
    if people.is_disputed(book.ledger, index):
        raise Refused(
            f"The receipt of entry {index} is disputed: it was booked with a key that was in other hands.",
            "Whoever booked it says first whether it is theirs: tally key reaffirm.",
        )
    return said


def left_of(book: Book, index: int) -> int:
    """What of a receipt has not gone back, in minor units."""
    took = period_that_took(book, index)
    money = _pin(book, took).money if took else of(book).money
    held = next(one.amount for one in money if one.entry == index)
    return held - sum(one.amount for one in of(book).refunds if one.receipt == index)


def period_that_took(book: Book, index: int) -> str:
    """The period that a receipt was pinned with; "" while it is open."""
    own = of(book)
    if any(one.entry == index for one in own.money):
        return ""
    # A run that was computed before the receipt was booked cannot hold it; the first after it mostly does.
    later = [period for period, run in own.runs.items() if run.entry > index]
    for period in (*later, *own.pins):
        if any(one.entry == index for one in _pin(book, period).money):
            return period
    raise Refused(f"No run has taken in the receipt of entry {index}.")


def _pin(book: Book, period: str) -> Pin:
    pins = of(book).pins
    return pins[period] if period in pins else standing(book, period).pin


def refunded_where(book: Book, party: str, ref: str) -> str:
    """Where a refund with this paper is booked already, in words; "" where it is not."""
    own, paper = of(book), refund_paper(party, ref)
    waiting = [*own.refunds, *(one for pin in own.pins.values() for one in pin.refunds)]
    for one in waiting:
        if one.ref and refund_paper(one.party, one.ref) == paper:
            return f"in entry {one.entry}"
    documents = {run.document for run in (*own.runs.values(), *own.amendments.values())}
    return "in a period that is computed" if book.shelf.settled(paper, documents) else ""


def receipts_with(book: Book, paper: str) -> Iterator[int]:
    """The entries of receipts with this paper, newest period first, as people write it."""
    own, wanted = of(book), paper.strip().casefold()
    pinned = [row.id for row in reversed(book.ledger.calendar[: own.pinned])]
    for held in (own.money, *(_pin(book, period).money for period in pinned)):
        yield from (one.entry for one in held if one.incoming and one.ref.strip().casefold() == wanted)
