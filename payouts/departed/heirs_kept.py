"""What the book keeps of who inherits, and of balances that nobody claims."""

from msgspec import Struct, field

from ledger.state import State
from payouts.capital.capital_kept import Capital


class Heir(Struct, frozen=True, kw_only=True):
    """Who inherits which part, "1/2", of all that is owed: a party, or a member."""

    to: str
    part: str


class Naming(Struct, kw_only=True):
    """Somebody has died, and these inherit: who says so, since when it is said by enough, and what they were given."""

    person: str
    heirs: list[Heir]
    entry: int
    spoken: dict[str, int]  # the person's keys -> their last statement's number by then
    said: dict[str, int] = field(default_factory=dict)  # treasurers and stewards -> entry
    enough: int | None = None  # ms, received
    debts: dict[str, int] = field(default_factory=dict)  # heir -> 10^-9 minor units, by rounding
    given: dict[str, int] = field(default_factory=dict)  # heir -> minor units
    last: int | None = None  # entry with which something went to them last


def keys_spoken(ledger: State, person: str) -> dict[str, int]:
    """The number of the last statement of each key of somebody."""
    return {key_id: key.seq for key_id, key in ledger.keys.items() if key.person == person}


def has_spoken(ledger: State, naming: Naming) -> bool:
    """Whether the person has signed anything since."""
    return any(seq > naming.spoken.get(key_id, -1) for key_id, seq in keys_spoken(ledger, naming.person).items())


class Heirs(Capital, kw_only=True):
    """This part of the book."""

    heirs: dict[str, Naming] = field(default_factory=dict)  # entry id -> naming, oldest first
