"""A witness at work: it signs the head of a log if that goes on from the head it signed last, and remembers it first.

C2SP tlog-witness and tlog-cosignature. What may be signed is decided in `ledger/peers/add_checkpoint.py`; what was
signed lies in `ledger/peers/witness_state.py`. It answers with its own signature and nobody else's.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256

from msgspec import Struct, field

from ledger.checkpoint import body
from ledger.keys import Signer
from ledger.log import Head
from ledger.merkle import EMPTY_ROOT
from ledger.note import COSIGNATURE, cosign, vkey
from ledger.peers import add_checkpoint
from ledger.peers.witness_state import Memory


class Watched(Struct):
    """A log that a witness watches: the verifier keys it trusts, where the log lies ("": nowhere), and which it is."""

    vkeys: list[str] = field(default_factory=list)
    place: str = ""
    rehearsal: bool = False


class Witness:
    """One witness: its name and key, the logs it watches by origin, its memory, and its clock (ms since 1970)."""

    def __init__(
        self, name: str, key: Signer, watched: Mapping[str, Watched], memory: Memory, now: Callable[[Watched], int]
    ) -> None:
        self.name, self.key, self.watched, self.memory, self.now = name, key, watched, memory, now

    @property
    def vkey(self) -> str:
        """By what its signatures are checked."""
        return vkey(self.name, self.key.public, COSIGNATURE)

    def add_checkpoint(self, data: bytes) -> str:
        """Its signature line under the head in this request. Raises Declined, BadMemory; then nothing was signed."""
        request = add_checkpoint.read(data)
        watched = self.watched.get(request.origin)
        if watched is None:
            add_checkpoint.judge(request, None, 0, EMPTY_ROOT)
            raise AssertionError("a log that is not watched is declined")
        with self.memory.alone():
            last = self.memory.last(request.origin)
            size, root = (last.size, last.root) if last else (0, EMPTY_ROOT)
            approved = add_checkpoint.judge(request, watched.vkeys, size, root)
            line = cosign(body(approved.head), self.name, self.key, self.now(watched) // 1000)
            self.memory.keep(request.origin, add_checkpoint.note_of(approved.head, (*approved.lines, line)))
        return line

    def latest(self, origin_hash: str) -> Head | None:
        """The last head it signed of the log whose origin has this hex SHA-256, as others may fetch it."""
        for origin in self.watched:
            if sha256(origin.encode()).hexdigest() == origin_hash:
                return self.memory.last(origin)
        return None
