"""A member's device: a verified copy of the log, an outbox, a wrong clock, and a key that another device may have too.

It signs on what it last saw, at home or on the road, and sends what it signed when it can, the same bytes until the
log has answered. Where the other device was quicker, it says the same again on top. It believes no answer and no copy
that does not follow from what it has seen; where the log tells another past it stops, and says so.
"""

from typing import TYPE_CHECKING

from ledger import contradiction, entry, evidence, receipt
from ledger.anchor import Anchor
from ledger.book import Book, SequenceTaken, WrongPlace
from ledger.clock import ClockDoubtful
from ledger.composing import consented, numbered
from ledger.database import make_database
from ledger.entry import split_leaf
from ledger.errors import TallyError
from ledger.keys import Key
from ledger.log import Head, RolledBack, Unreachable
from ledger.peers.copying import bring_up
from ledger.private import Kept
from ledger.shelf import MemoryShelf
from ledger.store import SqliteLog
from tests.simulator.statements import Statement, something
from tests.village import ROOMS

if TYPE_CHECKING:
    from tests.simulator.world import World

TRIES = 30  # statements sent at one time


class Device:
    """One of a member's two devices."""

    def __init__(self, world: "World", number: int, name: str) -> None:
        self.world, self.number, self.name = world, number, name
        service = world.service
        self.key = service.keys[name]
        self.own = Key(world.bytes.randbytes(32))  # a key of this device alone, once the log knows it
        self.skew = world.dice.randint(-240_000, 240_000)
        self.folder = world.folder / f"device {number}"
        self.folder.mkdir()
        make_database(self.folder)
        self.copy = SqliteLog(self.folder, Anchor(self.folder / "anchor.json"), service.known.origin)
        self.book = Book(ROOMS, MemoryShelf())
        self.book.root_at, self.book.leaf_at = lambda size: self.copy.hash_of(0, size), self.copy.entry
        self.at_home = True
        self.stopped: TallyError | None = None  # why it trusts this log no more
        self.promised: list[tuple[int, bytes]] = []  # heads in receipts that the copy has not reached yet
        self.outbox: list[Statement] = []
        self.said: list[Statement] = []
        self.sync()
        while not self.book.size:
            self.sync()

    def __str__(self) -> str:
        """As it is told of."""
        return f"{self.name} ({self.number})"

    @property
    def head(self) -> Head:
        """What it has verified."""
        return self.copy.head()

    @property
    def person(self) -> str:
        """Whose it is."""
        return self.book.ledger.keys[self.key.id].person

    @property
    def is_mute(self) -> bool:
        """Whether its key has ended."""
        return self.book.ledger.keys[self.key.id].until is not None

    @property
    def is_settled(self) -> bool:
        """Nothing waits."""
        return not self.outbox

    def close(self) -> None:
        """Let go of the copy."""
        self.copy.close()

    # On the road and at home.

    def travel(self) -> None:
        """It goes where there is no network, or comes back."""
        self.at_home = not self.at_home

    def come_home(self) -> None:
        """It has a network."""
        self.at_home = True

    # Saying.

    def say(self) -> None:
        """Sign something and put it into the outbox."""
        self._take_own_key()
        if self.is_mute:
            return
        kind, body = something(self)
        statement = Statement(kind, body)
        self.said.append(statement)
        self.sign(statement)
        self.outbox.append(statement)
        self.world.tell(f"{self} says {kind} as {statement.id[:8]}")

    def sign(self, statement: Statement) -> None:
        """As the next one of this key, after all that waits."""
        with self.world.clock_of(self.skew):
            now = self.world.now + self.skew
            seq, last = self._chain()
            data, words = numbered(
                *(self.book, self.key, self.person, statement.kind, statement.body, now), seq + 1, last, seen=None
            )
            data = consented(data, [self.own]) if statement.kind == "ledger.key_added" else data
        statement.signed(data, self.key.sign(entry.preimage(entry.NAMESPACE, data)), words)

    def _take_own_key(self) -> None:
        """It signs with its own key from now on, if the log knows that one and nothing waits under the other."""
        if self.own.id in self.book.ledger.keys and not self.outbox:
            self.key = self.own

    def _chain(self) -> tuple[int, str | None]:
        """Number and id of this key's last statement, that which waits included."""
        known = self.book.ledger.keys[self.key.id]
        return (self.outbox[-1].seq, self.outbox[-1].id) if self.outbox else (known.seq, known.last)

    # Sending.

    def send(self) -> None:
        """Take what waits to the log, in order, as far as it goes."""
        for _ in range(TRIES):
            if not self.outbox or not self.at_home or self.stopped:
                return
            statement = self.outbox[0]
            try:
                answer = self.world.deliver(self, statement.sent)
            except (Unreachable, ClockDoubtful, RolledBack) as error:
                self.world.tell(f"{self}: {statement.id[:8]} waits: {error.message}")
                return
            except SequenceTaken:
                self.world.tell(f"{self}: the other device was quicker than {statement.id[:8]}")
                if not self._say_again():
                    return
            except TallyError as error:
                if not self._refused(statement, error):
                    return
            else:
                self._believe(statement, answer)

    def _believe(self, statement: Statement, answer: bytes) -> None:
        """The answer is a receipt of this entry by this log, or the log is a liar."""
        checked = receipt.check(receipt.parse(answer), statement.data, self.world.service.vkeys[0])
        assert checked.signature == statement.signature
        statement.acknowledged(checked.index, answer)
        self.outbox.remove(statement)
        self.promised.append((checked.checkpoint.size, checked.checkpoint.root))

    def _say_again(self) -> bool:
        """Catch up, then sign all that waits on top of what the key's other device said; False without a network."""
        if not self.sync():
            return False
        waiting, self.outbox = self.outbox, []
        for statement in waiting:
            if self.copy.find(statement.data) is None:
                self.sign(statement)
                self.outbox.append(statement)
            else:
                self._take_up(statement)
        return True

    def _take_up(self, statement: Statement) -> None:
        """It stands in the log already: an earlier answer was lost."""
        index = self.copy.find(statement.data)
        assert index is not None
        statement.acknowledged(index, self.copy.receipt(index))

    def _refused(self, statement: Statement, error: TallyError) -> bool:
        """What a rule refuses is told and stays out; what only stands in the wrong place is signed anew."""
        if self.stopped or not self.sync():
            return False
        if isinstance(error, WrongPlace):
            # An echo of an older signing may have come first, or the log shows us another past.
            return self._say_again()
        self.world.tell(f"{self}: {statement.id[:8]} is refused: {error.message}")
        statement.refused = error.message
        self.outbox.remove(statement)
        return self._say_again()

    # Looking.

    def sync(self) -> bool:
        """Bring the copy up; False if that did not work now. Stops for good where the log tells another past."""
        if not self.at_home or self.stopped or self.world.dice.random() < self.world.weather.lossy:
            return False
        service = self.world.service
        try:
            bring_up(self.copy, service.reader(self), service.vkeys, self.folder)
            self._holds_what_was_promised()
        except RolledBack as error:
            if service.is_old(service.branch_of(self)):
                return False  # the operator will hear of it with the next entry
            self.stop(error)
            return False
        for data in self.copy.entries(self.book.size, self.head.size):
            self.book.fold(*split_leaf(data))
        self.world.truths.accepted(self)
        return True

    def stop(self, error: RolledBack) -> None:
        """It trusts this log no more; what it was shown proves to anybody that the log told two pasts."""
        self.stopped = error
        self.world.tell(f"{self} stops: {error.message}")
        if isinstance(error, evidence.Diverged):
            for path in self.folder.glob("evidence-*.json"):
                assert contradiction.check(contradiction.read(path.read_bytes()))
                return
            raise AssertionError("it stopped without evidence")

    def _holds_what_was_promised(self) -> None:
        """A receipt shows a head too: the log must have gone on from every one of them."""
        for size, root in self.promised:
            if self.head.size < size or self.copy.hash_of(0, size) != root:
                raise RolledBack(f"The log had acknowledged {size} entries; this one does not go on from them.")
        self.promised.clear()

    def compare(self, other: "Device") -> None:
        """Two members hold their heads side by side: whoever shows them different pasts is found out."""
        if self.finds_out(other) and not (self.stopped or other.stopped):
            self.stopped = other.stopped = RolledBack("Two members were shown two pasts.")
            self.world.tell(f"{self} and {other} find out")

    def finds_out(self, other: "Device") -> bool:
        """Whether the two heads cannot both be of one log that only grew, by what would prove it to anybody."""
        older, newer = sorted((self, other), key=lambda one: one.head.size)
        found = evidence.between(older.head.note, newer.head.note, newer.copy, self.world.service.vkeys)
        return found is not None and bool(contradiction.check(found))

    def words_of(self, index: int) -> dict[str, Kept]:
        """The private words its copy holds for an entry."""
        return self.copy.private(index)
