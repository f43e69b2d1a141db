"""A lot that anybody can draw again: it follows from the log alone.

The seed is SHA-256(proposal id ‖ root), where the root is that of everything received before the vote closed; the
first checkpoint signed afterwards commits to it. Of those tied, the one with the lowest SHA-256(seed ‖ option) is
drawn. Pure.
"""

import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction


def seed(proposal: str, root: str) -> bytes:
    """32 bytes from the ids of the proposal and of the log's head (hex)."""
    return hashlib.sha256(bytes.fromhex(proposal) + bytes.fromhex(root)).digest()


def draw(seeded: bytes, tied: Sequence[str]) -> str:
    """The one that is drawn."""
    return min(tied, key=lambda option: lot_of(seeded, option))


def lot_of(seeded: bytes, option: str) -> bytes:
    """What an option is ordered by."""
    return hashlib.sha256(seeded + option.encode()).digest()


class Drawing:
    """The tie rule of a vote, and what was drawn by it, for the transcript."""

    def __init__(self, proposal: str, root: str) -> None:
        self.seed = seed(proposal, root)
        self.lines: list[str] = []

    def __call__(self, tied: tuple[str, ...], _: Sequence[Mapping[str, Fraction]]) -> str:
        found = draw(self.seed, tied)
        lots = ", ".join(f"{option}: {lot_of(self.seed, option).hex()[:16]}" for option in sorted(tied))
        self.lines.append(f"Lot with the seed {self.seed.hex()}: {lots}; the lowest is drawn: {found}.")
        return found
