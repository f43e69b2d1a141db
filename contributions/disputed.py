"""A dispute about a piece of work: who objects, who has said what should become of it, and what became of it. Pure."""

from msgspec import Struct, field


class Dispute(Struct, kw_only=True):
    """One piece of work that a member objects to. Once settled it stays so."""

    id: str  # of the entry that disputed it
    entry: int
    by: str
    who: str  # whose work it is
    sheet: str = ""  # the period in whose sheet it lies; "" while it is open
    said: dict[str, tuple[bool, int]] = field(default_factory=dict)  # person -> (it stands, entry)
    upheld: bool | None = None
    settled: int | None = None  # entry

    def was_open(self, before: int) -> bool:
        """Whether it was not settled yet before this entry."""
        return self.settled is None or self.settled >= before
