"""What the book keeps of members' capital: the terms that were voted, what left an account, what waits for others."""

from msgspec import Struct, field

from payouts.corrections.correcting import Correcting
from payouts.kept import Run


class TermsSet(Struct, kw_only=True):
    """Terms of member accounts that a vote has set, and since when."""

    entry: int  # the first entry that was said under them
    since: int  # ms
    runs: int  # how many runs there were: under later rules an account may have another name
    text: str


class Moved(Struct, kw_only=True):
    """Money that left a member account between two closes, by decision."""

    entry: int
    received: int  # ms
    runs: int  # how many runs there were by then
    account: str
    person: str
    amount: int  # minor units
    advance: int = 0  # what of it paid back advances


class Asked(Struct, kw_only=True):
    """A treasurer wants money of a member's account paid out; others must say so too."""

    person: str
    account: str
    amount: int
    entry: int
    received: int  # ms
    runs: int
    said: dict[str, int] = field(default_factory=dict)  # treasurer -> entry


class Capital(Correcting, kw_only=True):
    """This part of the book."""

    capital_terms: list[TermsSet] = field(default_factory=list)  # oldest first
    capital_moves: list[Moved] = field(default_factory=list)  # oldest first
    capital_asked: dict[str, Asked] = field(default_factory=dict)  # entry id -> what waits
    redemptions: dict[str, Run] = field(default_factory=dict)  # book years whose redemptions are computed, by first day
