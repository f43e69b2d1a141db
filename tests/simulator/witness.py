"""Four witnesses, one of whom signs anything: three are a quorum, and no two pasts ever get one."""

from typing import TYPE_CHECKING

from ledger import note
from ledger.checkpoint import body, open_checkpoint
from ledger.keys import Key
from ledger.log import Head
from ledger.peers import add_checkpoint
from ledger.peers.witness import Watched, Witness
from ledger.peers.witness_state import Memory

if TYPE_CHECKING:
    from tests.simulator.service import Branch
    from tests.simulator.world import World

QUORUM = 3


class Onlooker:
    """Somebody who looks at the log's head and says when, if it goes on from the last one."""

    def __init__(self, world: "World", number: int) -> None:
        service, self.world, self.number = world.service, world, number
        self.origin = service.known.origin
        self.key, name = Key(world.bytes.randbytes(32)), f"w{number}.example"
        watched = {self.origin: Watched(vkeys=list(service.vkeys), rehearsal=True)}
        memory = Memory(world.folder / f"witness {number}", note.vkey(name, self.key.public, note.COSIGNATURE))
        memory.create()
        self.core = Witness(name, self.key, watched, memory, lambda _: world.now)

    def look(self) -> None:
        """Look at one of the branches and cosign it, or find out."""
        branch = self.world.dice.choice(self.world.service.branches)
        head = branch.log.head()
        self.world.truths.released(branch, head)
        try:
            line = self.cosign(branch, head)
        except add_checkpoint.Declined as declined:
            self.world.tell(
                f"{self.core.name} does not sign the {branch.name} history at {head.size}: {declined.message}"
            )
        else:
            self.world.truths.cosigned(self, head, line)

    def cosign(self, branch: "Branch", head: Head) -> str:
        """Its line under this head. Raises Declined."""
        last = self.core.memory.last(self.origin)
        old = last.size if last else 0
        proof = branch.log.consistency(old, head.size) if 0 < old <= head.size else []
        return self.core.add_checkpoint(add_checkpoint.write(old, proof, head.note))


class Liar(Onlooker):
    """A witness who signs anything."""

    def cosign(self, branch: "Branch", head: Head) -> str:
        """Always."""
        found = open_checkpoint(head.note, *self.world.service.vkeys)
        return note.cosign(body(found), self.core.name, self.key, self.world.now // 1000)


def onlookers(world: "World") -> list[Onlooker]:
    """The four of a run."""
    return [(Liar if number == QUORUM else Onlooker)(world, number) for number in range(QUORUM + 1)]
