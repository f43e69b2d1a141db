"""The ledger room's part of the book: the cooperative itself, its people, keys, parties, calendar and catalogue.

Other rooms decide some of these things by vote (roles, standings, what work counts); they write them here
through the functions of `people` and `calendar`, and every room reads them as plain data.
"""

from msgspec import Struct, field

from ledger.calendar import Period
from ledger.catalogue import Catalogue


class Key(Struct, kw_only=True):
    """One device's key: whose it is, and from which entry to which it may sign."""

    public: str  # hex, 32 bytes
    person: str
    since: int  # log index of the entry that brought it
    until: int | None = None
    seq: int = -1  # of its last entry
    last: str | None = None  # id of its last entry
    seen: int = 0  # greatest tree size it has stated


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
    log_key: str = ""  # hex, public
    rehearsal: bool = False
    founded: int = 0
    calendar: list[Period] = field(default_factory=list)
    standings: dict[str, list[str]] = field(default_factory=dict)  # standing -> rooms or kinds it may speak in
    persons: dict[str, Person] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)  # entry id -> invitation
    catalogue: Catalogue = field(default_factory=dict)  # what counts under the rule in force
    late: str = "next_period"  # what the rule in force does with work for a closed period; or "reject"
