"""A member whose home shares the ledger's folder, as two windows or two machines of one person do, with one key.

It records as the commands do: what it signs lies in the outbox first. The folder is not always there, and the machine
may go dark in the middle of an append. However that ends, what was said is in the log once, or its author was told
that it is not.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from contributions.handing_in import draft_item
from ledger.anchor import one_at_a_time
from ledger.clock import ClockDoubtful
from ledger.errors import TallyError
from ledger.home import Home
from ledger.opened import Ledger
from ledger.record import key_lock, record
from ledger.sending import AWAY, send
from tests.faults import Fault, failing_stores
from tests.simulator.service import STATEMENTS, PowerCut
from tests.village import ROOMS

if TYPE_CHECKING:
    from tests.simulator.world import World

RECORDED, QUEUED, DOUBTFUL, REFUSED = "recorded", "queued", "doubtful", "refused"
NAME = "Dilek"


class Household:
    """One of the homes, and what became of what it said."""

    def __init__(self, world: "World", number: int) -> None:
        self.world, self.number = world, number
        self.key = world.service.keys[NAME]
        self.skew = world.dice.randint(-240_000, 240_000)
        folder = world.folder / f"household {number}"
        folder.mkdir()
        self.home = Home(folder / "config", folder, folder / "state")
        self.door = folder / "ledger"  # leads to the ledger's folder, when it is there
        self.known = msgspec.structs.replace(world.service.known, place=str(self.door))
        self.said: dict[str, str] = {}  # words -> what became of them
        self.travel()

    def __str__(self) -> str:
        """As it is told of."""
        return f"{NAME}'s home {self.number}"

    def travel(self) -> None:
        """The folder is gone, or there again."""
        if self.door.is_symlink():
            self.door.unlink()
        else:
            self.door.symlink_to(self.world.service.first.folder)

    def come_home(self) -> None:
        """The folder is there."""
        if not self.door.is_symlink():
            self.travel()

    @contextmanager
    def opened(self) -> Iterator[Ledger]:
        """The ledger as this home sees it, by this home's clock."""
        with self.world.clock_of(self.skew):
            ledger = Ledger(self.home, self.known, ROOMS)
            try:
                yield ledger
            finally:
                ledger.close()

    def say(self) -> None:
        """Log some work, whether the folder is there or not; now and then the machine goes dark meanwhile."""
        dice, words = self.world.dice, f"work {len(self.said)} of home {self.number}"
        cut = Fault(dice.randint(1, 2 * STATEMENTS), dice.random() < 0.5) if dice.random() < 0.2 else None
        try:
            with self._dark(cut), self.opened() as ledger:
                person = ledger.book.ledger.keys[self.key.id].person
                item = draft_item(person, self.world.day, "care", "hour", dice.randint(1, 300), words)
                done = record(ledger, self.key, person, "contributions.logged", {"items": [item]}, may_wait=True)
                self.said[words] = QUEUED if done.queued else RECORDED
        except PowerCut:
            self.said[words] = DOUBTFUL
        except TallyError as error:
            self.said[words] = REFUSED
            self.world.tell(f"{self} may not say: {type(error).__name__}")
        self.world.tell(f"{self} says {words}: {self.said[words]}")

    @contextmanager
    def _dark(self, cut: Fault | None) -> Iterator[None]:
        """The machine goes dark at this statement; its connections are gone with it."""
        with failing_stores(cut, PowerCut) as connections:
            try:
                yield
            finally:
                for one in connections:
                    one.db.close()

    def sync(self) -> None:
        """Send what waits, as `tally sync` does."""
        try:
            with self.opened() as ledger, one_at_a_time(key_lock(ledger, self.key.id)):
                if ledger.alone is not None:
                    return
                ledger.refresh()
                for one in send(ledger, self.key, ledger.outbox(self.key.id)):
                    self.world.tell(f"{self}: {one.id[:8]} {'signed anew' if one.was else one.refused or 'sent'}")
        except (*AWAY, ClockDoubtful, sqlite3.Error) as error:
            self.world.tell(f"{self} cannot send now: {type(error).__name__}")

    # What must be.

    @property
    def is_settled(self) -> bool:
        """Nothing waits."""
        with self.opened() as ledger:
            return not ledger.outbox(self.key.id).waiting

    def look_back(self, held: Counter[str]) -> None:
        """What was said is in the log once; what was refused is not; what is doubtful is there at most once."""
        with self.opened() as ledger:
            assert not ledger.outbox(self.key.id).refused, "nothing it says is against a rule"
        for words, became in self.said.items():
            most = {RECORDED: (1,), QUEUED: (1,), DOUBTFUL: (0, 1), REFUSED: (0,)}[became]
            assert held[words] in most, f"{self}: {words!r} was {became}, and is there {held[words]} times"
