"""The ledger room's part of the book: the cooperative itself, its people, keys, parties, calendar and catalogue.

Other rooms decide some of these things by vote (roles, standings, what work counts); they write them here
through the functions of `people` and `calendar`, and every room reads them as plain data.
"""

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct, field

from ledger.calendar import Period
from ledger.catalogue import Catalogue

if TYPE_CHECKING:
    from ledger.book import Act, Book


class Key(Struct, kw_only=True):
    """One device's key: whose it is, and from which entry to which it may sign."""

    public: str  # hex, 32 bytes
    person: str
    since: int  # log index of the entry that brought it
    until: int | None = None
    seq: int = -1  # of its last entry
    last: str | None = None  # id of its last entry
    seen: int = 0  # greatest tree size it has stated
    ended: str = ""  # why it ended: rotated, lost, compromised, recovered, disputed; "" while it lives
    suspect: int | None = None  # from which entry on it may have been in the hands of somebody else
    doubted: int = 0  # how often its statements were declared doubtful
    paper: bool = False
    added_by: str | None = None  # id of the key that added it; None for one that founded, joined or was vouched for
    vouched: list[str] = field(default_factory=list)  # members who vouched for it


class Person(Struct, kw_only=True):
    """Somebody the cooperative knows. The name itself lies in the private table, at `named`."""

    named: tuple[int, str]  # entry index and JSON pointer
    standings: list[tuple[int, str]] = field(default_factory=list)  # (since ms, standing), oldest first
    roles: dict[str, list[str]] = field(default_factory=dict)  # circle -> role names

    @property
    def standing(self) -> str:
        """The standing now."""
        return self.standings[-1][1] if self.standings else ""


class Party(Struct, kw_only=True):
    """A customer, supplier, authority, fund or another cooperative."""

    sort: str
    named: tuple[int, str]


class Invitation(Struct, kw_only=True):
    """A place kept for somebody: the one-time key proves that the joiner holds the invitation."""

    by: str
    index: int  # of the entry that invites
    person: str
    admission: str  # hex, public half of the one-time key


class Recovery(Struct, kw_only=True):
    """Members vouch that a new key is of somebody who lost hers. Once due it replaces all keys of that person."""

    public: str  # hex, 32 bytes
    person: str
    index: int  # of the first entry that vouched
    vouches: dict[str, int] = field(default_factory=dict)  # member -> index of the entry that vouched
    due: int | None = None  # ms; None while too few have vouched
    vetoed: int | None = None  # index of the entry with which the person said no


class Assisted(Struct, kw_only=True):
    """What somebody said with two others' help, and until when the person may contest it."""

    person: str
    helper: str
    witness: str
    kind: str
    index: int
    until: int  # ms
    proof: str = ""  # the witness's signature, hex: these very words are said once


class LogKey(Struct, kw_only=True):
    """A change of the key that signs the log's heads: which followed which, by which entry, received when (ms)."""

    key: str  # hex, public
    before: str  # hex, public
    index: int
    received: int


class State(Struct, kw_only=True):
    """Everything the ledger room knows."""

    id: str = ""
    name: str = ""
    currency: str = ""
    exponent: int = 2
    zone: str = ""
    period: str = ""
    year_start: str = "01-01"
    origin: str = ""
    log_key: str = ""  # hex, public; the newest
    rehearsal: bool = False
    founded: int = 0
    calendar: list[Period] = field(default_factory=list)
    standings: dict[str, list[str]] = field(default_factory=dict)  # standing -> rooms or kinds it may speak in
    persons: dict[str, Person] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)  # entry id -> invitation
    catalogue: Catalogue = field(default_factory=dict)  # what counts under the rule in force
    late: str = "next_period"  # what the rule in force does with work for a closed period; or "true_up", "reject"
    policy: str = ""  # on witnesses: the C2SP tlog-policy that holds; "" for none
    policy_since: int | None = None  # the entry from which it holds
    policy_said: dict[str, tuple[str, int]] = field(default_factory=dict)  # treasurer -> (policy wanted, entry)
    disputed: dict[str, int] = field(default_factory=dict)  # entry id -> index, of statements nobody stands by now
    erased: dict[str, int] = field(default_factory=dict)  # "INDEX POINTER" of a private text -> entry that erased it
    recoveries: dict[str, Recovery] = field(default_factory=dict)  # id of the new key -> recovery
    log_keys: list[LogKey] = field(default_factory=list)  # changes of the log's key, oldest first
    assisted: dict[str, Assisted] = field(default_factory=dict)  # entry id -> what was said with help
    leaving: dict[str, tuple[int, str]] = field(default_factory=dict)  # who leaves with help -> (from ms on, entry id)
    contest_days: int = 0  # how long it may be contested; 0: as long as `assisting.CONTEST_DAYS` says
    log_keys_said: dict[str, dict[str, int]] = field(default_factory=dict)  # new log key -> treasurer -> entry index


def due(book: "Book", until: int) -> "Act | None":
    """The next thing whose waiting time is over.

    A recovery: its key takes the place of the person's former ones. Or a leaving that was said with help: nobody has
    contested it.
    """
    acts: list[Act] = [
        (one.due, f"recover {one.index:012} {key}", partial(_recover, key_id=key))
        for key, one in book.ledger.recoveries.items()
        if one.due is not None and one.due <= until
    ]
    acts += [
        (at, f"leave {person}", partial(_leave, person=person, at=at))
        for person, (at, _) in book.ledger.leaving.items()
        if at <= until
    ]
    return min(acts, key=lambda act: act[:2], default=None)


def _leave(book: "Book", person: str, at: int) -> None:
    """She leaves as she said, unless nobody stands by that, she is no member any more, or nobody would be left."""
    from ledger import people  # noqa: PLC0415  (it builds on this file)

    _, entry = book.ledger.leaving.pop(person)
    if not people.is_disputed(book.ledger, entry) and person in people.members(book.ledger) != [person]:
        people.leave(book.ledger, person, at)


def _recover(book: "Book", key_id: str) -> None:
    """From the next entry on only this key signs for the person."""
    state = book.ledger
    recovery = state.recoveries.pop(key_id)
    for key in state.keys.values():
        if key.person == recovery.person and key.until is None:
            key.until, key.ended = book.size, "recovered"
    state.recoveries = {one: other for one, other in state.recoveries.items() if other.person != recovery.person}
    if key_id not in state.keys:
        state.keys[key_id] = Key(
            public=recovery.public, person=recovery.person, since=book.size - 1, vouched=sorted(recovery.vouches)
        )
