"""What holds in every run, whatever happens; looked at after every step, with an eye that sees all machines at once.

Sizes only grow. Indices have no gap. One size has one root for ever, for everybody who looks honestly. What was shown
is durable. One entry per key and number. The same log gives the same book. A copy is the log. What was acknowledged
stands, or whoever was told so knows that the log broke its word. Every receipt proves what it says.
"""

from collections import Counter
from typing import TYPE_CHECKING

from ledger import erasure, merkle, note, receipt
from ledger.book import Book
from ledger.checkpoint import open_checkpoint
from ledger.entry import leaf, read, split_leaf
from ledger.log import Head
from ledger.shelf import MemoryShelf
from ledger.verify import OK, verify
from tests.simulator.witness import QUORUM
from tests.village import ROOMS, parts

if TYPE_CHECKING:
    from tests.simulator.device import Device
    from tests.simulator.service import Branch
    from tests.simulator.witness import Onlooker
    from tests.simulator.world import World


class Seen:
    """What has been seen of one branch, entry by entry."""

    def __init__(self) -> None:
        self.frontier: list[bytes] = []
        self.numbers: set[tuple[str, int]] = set()
        self.size = self.received = 0


class Truths:
    """What was shown to whom, and what must follow."""

    def __init__(self) -> None:
        self.signed: dict[str, dict[int, bytes]] = {}  # branch -> size -> root
        self.taken: dict[int, dict[int, bytes]] = {}  # device -> size -> root
        self.branches: dict[str, Seen] = {}
        self.quorums: dict[tuple[int, bytes], set[int]] = {}  # head -> witnesses

    # What goes out.

    def released(self, branch: "Branch", head: Head) -> None:
        """A head leaves the service."""
        before = self.signed.setdefault(branch.name, {}).setdefault(head.size, head.root)
        assert before == head.root, f"the {branch.name} history was signed twice at size {head.size}"
        branch.published = max(branch.published, head.size)

    def answered(self, branch: "Branch", signed: bytes) -> None:
        """A receipt leaves the service; the head in it is in the database."""
        found = open_checkpoint(signed, note.vkey(branch.known.origin, bytes.fromhex(branch.known.log_key)))
        assert found.size <= branch.log.head().size, "what is published is durable"
        self.released(branch, Head(found.size, found.root, signed))

    def survived(self, branch: "Branch") -> None:
        """After a power cut the log has all it had shown."""
        assert branch.log.head().size >= branch.published, "what was published was lost"

    def accepted(self, device: "Device") -> None:
        """A device has verified a head: never a smaller one, never another root for a size it knows."""
        known, head = self.taken.setdefault(device.number, {}), device.head
        assert head.size >= max(known, default=0), f"{device} went back"
        assert known.setdefault(head.size, head.root) == head.root, f"{device} took two roots for size {head.size}"
        for size, root in list(known.items())[-3:]:
            assert device.copy.hash_of(0, size) == root, f"{device} forgot what it had seen at size {size}"
        assert device.book.root == head.root.hex()
        for said in device.said:
            if said.index is not None:
                assert said.index < head.size, f"{device} lost what was acknowledged as entry {said.index}"
                assert device.copy.entry(said.index)[: len(said.data)] == said.data, f"{device} lost {said.index}"

    def cosigned(self, witness: "Onlooker", head: Head, line: str) -> None:
        """A witness signed: its line checks, and no two pasts have a quorum."""
        note.open_note(head.note + f"{line}\n".encode(), [witness.core.vkey])
        self.quorums.setdefault((head.size, head.root), set()).add(witness.number)

    # What is looked at after every step.

    def look(self, world: "World") -> None:
        """The entries that came since the last look."""
        for branch in world.service.branches:
            if world.service.is_old(branch):
                continue  # an old copy lies there; it is neither shown as new nor signed
            self._look_at(branch)
        self._one_past_has_a_quorum(world)

    def _look_at(self, branch: "Branch") -> None:
        seen, head = self.branches.setdefault(branch.name, Seen()), branch.log.head()
        assert head.size >= seen.size, "a log only grows"
        entries = list(branch.log.entries(seen.size, head.size + 9))
        assert len(entries) == head.size - seen.size, "indices have no gap, and none lies beyond the head"
        for data in entries:
            entry_bytes, _, received = split_leaf(data)
            said = read(entry_bytes)
            assert (said.key, said.seq) not in seen.numbers, f"two entries under number {said.seq} of one key"
            seen.numbers.add((said.key, said.seq))
            assert received >= seen.received, "the time of receipt fell"
            ended = branch.ledger.book.ledger.keys[said.key].until
            assert ended is None or seen.size <= ended, "a key signed after its end"
            seen.received = received
            merkle.push(seen.frontier, seen.size, merkle.leaf_hash(data))
            seen.size += 1
        assert merkle.frontier_root(seen.frontier) == head.root, "the root is that of the leaves"
        assert branch.ledger.book.size <= head.size

    def _one_past_has_a_quorum(self, world: "World") -> None:
        held = [head for head, by in self.quorums.items() if len(by) >= QUORUM]
        for size, root in held:
            of = [b for b in world.service.branches if b.log.head().size >= size and b.log.hash_of(0, size) == root]
            assert of or world.service.newest is not None, "a quorum stands under a past that is nowhere"
        if held:
            size, root = max(held)
            for branch in world.service.branches:
                if branch.log.head().size >= size and branch.log.hash_of(0, size) == root:
                    assert all(branch.log.hash_of(0, old) == other for old, other in held), "two pasts have a quorum"

    # At the end.

    def at_the_end(self, world: "World") -> None:
        """All that was said is there or was refused; copies, books and receipts agree; every fork is found out."""
        self.pasts_are_told_apart(world)
        for branch in world.service.branches:
            self.is_whole(branch)
        held = self.words(world.service.first)
        for home in world.households:
            home.look_back(held)
        for device in world.devices:
            if device.stopped is None:
                self.is_up_to_date(world, device)
            else:
                assert world.service.forked, f"{device} stopped, but nobody misbehaved: {device.stopped}"

    def pasts_are_told_apart(self, world: "World") -> None:
        """Whoever holds one past finds out whoever holds another, at the first comparison, and nobody else."""
        for one in world.devices:
            for other in world.devices:
                if one.number < other.number:
                    assert one.finds_out(other) == self.differ(one, other), f"{one} and {other}"

    def words(self, branch: "Branch") -> Counter[str]:
        """All private words of a log, and how often each stands there."""
        found = branch.log.private_between(0, branch.log.head().size)
        return Counter(kept.words for held in found.values() for kept in held.values())

    def differ(self, one: "Device", other: "Device") -> bool:
        """Whether two copies hold different entries at one index."""
        both = min(one.head.size, other.head.size)
        return list(one.copy.entries(0, both)) != list(other.copy.entries(0, both))

    def is_whole(self, branch: "Branch") -> None:
        """It verifies, folds to the book that the service has, and its receipts prove what they say."""
        branch.restart()
        known, book = branch.known, branch.ledger.book
        verdict, verified = verify(known.place, known, ROOMS, lambda *_: None, branch.home.anchor(known.founding))
        assert verdict.verdict == OK, verdict
        again = Book(ROOMS, MemoryShelf())
        again.root_at, again.leaf_at = lambda size: branch.log.hash_of(0, size), branch.log.entry
        for data in branch.log.entries(0, book.size):
            again.fold(*split_leaf(data))
        assert parts(again) == parts(book) == parts(verified)
        key = note.vkey(known.origin, bytes.fromhex(known.log_key))
        for index, proof in enumerate(branch.log.receipts(0, book.size)):
            data = branch.log.entry(index)
            checked = receipt.check(receipt.parse(proof), data[:-72], key)
            assert leaf(data[:-72], checked.signature, checked.received) == data

    def is_up_to_date(self, world: "World", device: "Device") -> None:
        """Its copy is the log it is shown, its book that log's; whatever it said is there or was refused."""
        log = world.service.branch_of(device).log
        assert device.head == log.head(), f"{device} is behind"
        assert list(device.copy.entries(0, device.head.size)) == list(log.entries(0, device.head.size))
        assert list(device.copy.full_tiles()) == list(log.full_tiles())
        assert parts(device.book) == parts(world.service.branch_of(device).ledger.book)
        assert not device.outbox
        for said in device.said:
            assert (said.index is None) == bool(said.refused), f"{device}: {said.kind} was dropped without a word"
            if said.index is not None:
                known = receipt.check(receipt.parse(said.receipt), said.data, world.service.vkeys[0])
                assert device.copy.entry(known.index)[: len(said.data)] == said.data
        for data in device.copy.entries(0, device.head.size):
            if gone := erasure.struck(data):
                assert gone[1] not in device.words_of(gone[0]), "erased words live on in a copy"
