"""What members said in a vote, as the log holds it: each statement with its author, and the keys that sign.

A leaf is taken for true where the log's signed head vouches for its place and its author's own key has signed it. Pure.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

from governance.count_files import BALLOTS, ROLL, STATEMENTS, Files, Line, NotRecounted, Roll, read_lines
from governance.facts import Joined
from ledger import assisting
from ledger.assisted_facts import SaidWithHelp
from ledger.checkpoint import Checkpoint
from ledger.entry import NAMESPACE, TAIL, Entry, placed, preimage, read_strictly, split_leaf
from ledger.errors import NotCanonical, NoteError, ProofError, Refused
from ledger.fact import Fact
from ledger.fact import read as fact_of
from ledger.facts import Founded, Proof, check_consent, consent_of
from ledger.key_facts import KeyAdded, Vouched
from ledger.keys import key_id, verify
from ledger.merkle import check_inclusion, leaf_hash
from ledger.note import read_base64

ROOMS = ("ledger", "governance")
F = TypeVar("F", bound=Fact)


class Stated(Struct, frozen=True):
    """A statement. Where it was made with help, `entry` is the helper's and `said` and `fact` are its person's."""

    entry: Entry
    said: Entry
    fact: Fact
    proofs: tuple[Proof, ...] = ()  # of the witness, where it was made with help

    @property
    def index(self) -> int:
        """Its place in the log."""
        return self.entry.index

    @property
    def author(self) -> str:
        """Whose statement it is."""
        return self.said.author

    @property
    def is_assisted(self) -> bool:
        """Whether it was made with help."""
        return self.said is not self.entry


def stated(entry: Entry) -> Stated:
    """An entry as what it says. Raises Malformed or UnknownKind where its fields are not those of its kind."""
    outer = fact_of(entry.envelope, ROOMS)
    if not isinstance(outer, SaidWithHelp):
        return Stated(entry, entry, outer)
    said = assisting.inner_of(entry)
    return Stated(entry, said, fact_of(said.envelope, ROOMS), outer.proofs)


def brought(one: Stated) -> list[tuple[str, str]]:
    """(person, public key) of each key that a statement brings, or vouches for."""
    fact = one.fact
    if isinstance(fact, Founded):
        return [(founder.person, founder.key) for founder in fact.founders]
    if isinstance(fact, Joined | KeyAdded):
        return [(one.author, fact.key)]
    return [(fact.person, fact.key)] if isinstance(fact, Vouched) else []


class Checked(Struct, frozen=True):
    """All leaves of an export: what was said in the vote with its marks, and the statements around it."""

    said: list[tuple[Stated, tuple[str, ...]]]
    statements: list[Stated]

    @property
    def all(self) -> list[Stated]:
        """Both, in the order of the log."""
        return sorted([*(one for one, _ in self.said), *self.statements], key=lambda one: one.index)


def name_of(file: str, index: int) -> str:
    """What a leaf is called where it fails."""
    return f"{'ballot' if file == BALLOTS else 'statement'} of entry {index}"


def check_leaves(files: Files, ledger: str, roll: Roll, head: Checkpoint) -> Checked:
    """All leaves, once each stands in the log of this head and is signed by its author. Raises NotRecounted."""
    lines = sorted(
        ((file, line) for file in (BALLOTS, STATEMENTS) for line in read_lines(files, file)),
        key=lambda pair: pair[1].index,
    )
    keys = _Keys(roll)
    said: list[tuple[Stated, tuple[str, ...]]] = []
    statements: list[Stated] = []
    for file, line in lines:
        where = name_of(file, line.index)
        found = _checked(line, where, ledger, head, keys)
        if file == BALLOTS:
            said.append((found, line.marks))
        else:
            if line.marks:
                raise NotRecounted(where, "only ballots are marked")
            statements.append(found)
    keys.check_later(statements)
    return Checked(said=said, statements=statements)


def _checked(line: Line, where: str, ledger: str, head: Checkpoint, keys: "_Keys") -> Stated:
    try:
        leaf = read_base64(line.leaf)
        check_inclusion(leaf_hash(leaf), line.index, head.size, list(map(bytes.fromhex, line.proof)), head.root)
        if len(leaf) <= TAIL:
            raise NotRecounted(where, "it is no entry")
        data, signature, received = split_leaf(leaf)
        entry = placed(line.index, data, received, read_strictly(data))
        found = stated(entry)
    except (NoteError, ProofError, NotCanonical, Refused) as error:
        raise NotRecounted(where, _first_small(error.message)) from error
    if (entry.envelope.ledger or entry.id) != ledger:
        raise NotRecounted(where, "it belongs to another ledger")
    keys.check_signature(found, where, data, signature)
    return found


def _first_small(message: str) -> str:
    return (message[:1].lower() + message[1:]).rstrip(".")


class _Keys:
    """Who signs with which key: those of the roll, and those that statements of the export bring."""

    def __init__(self, roll: Roll) -> None:
        self.rows = _by_id((row.person, key) for row in roll.roll for key in row.keys)
        self.later = {(one.person, one.key): one.entry for one in roll.later}
        self.brought: dict[tuple[str, str], str] = {}
        self.used: set[tuple[str, str]] = set()  # (person, public key) of those that are not on the roll

    def check_signature(self, one: Stated, where: str, data: bytes, signature: bytes) -> None:
        """Raise NotRecounted unless the author of an entry, and the witness of one made with help, have signed."""
        entry = one.entry
        self.brought |= _by_id(brought(one))
        public = self._public(entry.author, entry.key)
        if public is None:
            raise NotRecounted(where, "it is signed by a key that is none of its author's on the roll")
        if not verify(bytes.fromhex(public), preimage(NAMESPACE, data), signature):
            raise NotRecounted(where, "the signature is not its author's")
        self._check_consents(one, where)

    def _public(self, person: str, key: str) -> str | None:
        """The public key of this id, where it is one of this person."""
        on_roll, later = (known.get((person, key)) for known in (self.rows, self.brought))
        if on_roll is None and later is not None:
            self.used.add((person, later))
        return on_roll or later

    def _check_consents(self, one: Stated, where: str) -> None:
        fact = one.fact
        try:
            if one.is_assisted:
                witness, signed = one.proofs[0].key, {one.proofs[0].key: one.proofs[0].sig}
                check_consent(signed, witness, consent_of(one.entry), "The witness has not signed these very words.")
                self._check_three(one, witness, where)
            elif isinstance(fact, KeyAdded | Vouched):
                signed = {proof.key: proof.sig for proof in fact.proofs}
                check_consent(signed, fact.key, consent_of(one.entry), "The new key has not consented.")
        except Refused as refused:
            raise NotRecounted(where, _first_small(refused.message)) from refused

    def _check_three(self, one: Stated, witness: str, where: str) -> None:
        """Helper, witness and the person are three; the witness is known by her key."""
        key = key_id(bytes.fromhex(witness))
        owners = [person for person, held in self.rows | self.brought if held == key]
        if len(owners) != 1 or len({one.entry.author, one.author, *owners}) != 3:
            raise NotRecounted(where, "the helper, the witness and the person are not three known people")
        self._public(owners[0], key)

    def check_later(self, statements: Sequence[Stated]) -> None:
        """Raise NotRecounted unless the later keys are exactly those that were used, each brought by a statement."""
        if self.used != self.later.keys():
            raise NotRecounted(ROLL, "its later keys are not those that signed")
        for pair, entry in self.later.items():
            if not any(_brings(one, pair, entry) for one in statements):
                raise NotRecounted(ROLL, f"no statement brings the later key {pair[1][:16]} of entry {entry}")


def _by_id(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(person, id of the key) -> public key, of these (person, public key)."""
    return {(person, key_id(bytes.fromhex(public))): public for person, public in pairs}


def _brings(one: Stated, pair: tuple[str, str], entry: int) -> bool:
    # A key that members vouch for signs from a later day on, when nobody has said no to it.
    in_place = one.index <= entry if isinstance(one.fact, Vouched) else one.index == entry
    return in_place and pair in brought(one)


def of_fact(statements: Iterable[Stated], kind: type[F]) -> list[tuple[Stated, F]]:
    """Those that say a fact of this class, each with it."""
    return [(one, one.fact) for one in statements if isinstance(one.fact, kind)]
