"""One tick: every room publishes what is due, one thing after the other, each exactly once whoever else ticks.

A second process that publishes the same at the same time comes too late: its own attempt is refused, it reads the
log anew, and finds that nothing is left of it to do. Any other refusal is real and stops the tick.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from msgspec import Struct, to_builtins

from governance.looks import version
from governance.publishing import published_words, unseal_all
from ledger import clock, cranks
from ledger.book import Book
from ledger.doors import Desk
from ledger.errors import Refused, TallyError
from ledger.keys import Signer
from ledger.names import Names
from ledger.opened import Ledger
from ledger.record import record
from payouts import state
from payouts.amounts import amounts_of, people_words
from payouts.capital.capital_showing import told_redemption
from payouts.compute import computed_run
from payouts.corrections.amendment_words import told_amendment
from payouts.departed.heirs_desk import told_inherited
from payouts.departed.unclaimed import goes_to
from payouts.departed.unclaimed_desk import told_notice
from payouts.due import next_data, next_words
from payouts.figures import figures
from payouts.taken_off.deductions_words import taken_words
from payouts.years.year_words import told_year

Turned = tuple[str, dict[str, Any]]


class Published(Struct, frozen=True, kw_only=True):
    """One thing that was published by this tick: the kind of statement, its entry, what it says."""

    kind: str
    entry: int
    words: str


def tick_at_desk(desk: Desk) -> None:
    """Publish what is due, and say each thing; or say that nothing is, and when something will be."""
    ticker = Ticker(desk.ledger, *desk.me, desk.clock_ok)
    done: list[Published] = []
    try:
        for one in ticker.tick():
            done.append(one)
    except TallyError:
        for one in done:
            desk.note(one.words)
        raise
    ahead = next_data(desk.book, ticker.now)
    lines = [one.words for one in done] or ["Nothing is due."]
    data = {"published": [to_builtins(one) for one in done], "next": ahead}
    desk.answer(data, *lines, next_words(desk.book, ahead))


class Ticker:
    """Somebody who turns the cranks of a ledger, with one key."""

    def __init__(self, ledger: Ledger, signer: Signer, person: str, clock_ok: bool) -> None:
        self.ledger, self.signer, self.person, self.clock_ok = ledger, signer, person, clock_ok

    @property
    def now(self) -> int:
        """The clock, never before the log's last entry."""
        book = self.ledger.book
        return max(clock.now(book.ledger.rehearsal), book.received)

    def look(self) -> Book:
        """The book advanced to now."""
        self.ledger.book.advance(self.now)
        return self.ledger.book

    def refuse_doubtful_clock(self) -> None:
        """Raise ClockDoubtful where the log would not take this machine's time for a stamp."""
        book = self.ledger.book
        clock.stamp(clock.now(book.ledger.rehearsal), book.received, book.ledger.rehearsal, self.clock_ok)

    def waiting(self) -> list[Turned]:
        """What every room would publish now."""
        return cranks.all_turns(self.look(), self.ledger.rooms, self.now)

    def tick(self) -> Iterator[Published]:
        """Publish what is due until nothing is left."""
        for kind, published in chain(
            unseal_all(self.ledger, self.look(), self.now, self._say),
            cranks.turn(self.look, self.ledger.rooms, self.now, self._say),
        ):
            if published is not None:
                yield Published(
                    kind=kind, entry=published, words=told(self.ledger.book, self.ledger.names, kind, published)
                )

    def _say(self, kind: str, body: dict[str, Any]) -> int | None:
        """The entry that says so; None when somebody else said it first."""
        try:
            return record(self.ledger, self.signer, self.person, kind, body, self.clock_ok).entry.index
        except Refused:
            self.ledger.reopen()
            if (kind, body) in self.waiting():
                raise
            return None


def told(book: Book, names: Names, kind: str, entry: int) -> str:
    """What an entry of a crank says, as people read it."""
    if kind == "ledger.calendar":
        return f"The calendar reaches to {book.ledger.calendar[-1].last} (entry {entry})."
    if kind.startswith("governance."):
        return f"{published_words(book, names, kind, entry)} (entry {entry})."
    if kind == "payouts.year_computed":
        return told_year(book, entry)
    if kind == "payouts.redeemed":
        return told_redemption(book, entry)
    if kind == "payouts.unclaimed_noticed":
        return told_notice(book, names, entry)
    if kind == "payouts.unclaimed":
        return f"A balance that nobody claimed went to {goes_to(book)} (entry {entry})."
    if kind == "payouts.inherited":
        return told_inherited(book, names, entry)
    if kind == "payouts.amended":
        return told_amendment(book, entry)
    for period, pin in state.of(book).pins.items():
        if pin.published == entry:
            return f"{period} closed: {pin.size} entries count, {version(book, pin.rule)} (entry {entry})."
    return _told_run(book, entry)


def _told_run(book: Book, entry: int) -> str:
    period, run = next((period, run) for period, run in state.of(book).runs.items() if run.entry == entry)
    found, say = figures(computed_run(book, period)), amounts_of(book)
    people = f"{say.show(found.to_people)} to {people_words(len(found.people))}{taken_words(found, say)}"
    rest = f"{say.show(found.to_accounts)} to accounts, pots {say.signed(found.to_pots)}"
    income = f"of {say.full(found.income)} income {people}, {rest}"
    return f"{period} computed: {income}; digest {run.digest[:16]} (entry {entry})."
