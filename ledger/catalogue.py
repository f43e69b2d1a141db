"""What counts as work, in which measure, and what it weighs: plain data that the rule in force puts here.

Members decide it by vote in another room; everybody who logs or shows work reads it here.
"""

from fractions import Fraction

from msgspec import Struct


class KindOfWork(Struct, frozen=True, kw_only=True):
    """One kind of work under the rule in force. A quantity is counted in `unit`: minutes, minor units or pieces."""

    points: str | None  # an exact number, "10" or "1/3", for every `per` units; None where it makes a claim instead
    per: str  # an exact number of units
    unit: str
    when: str = "done"  # or "paid": it weighs what came in, not what was agreed
    claim: str | None = None


Catalogue = dict[str, dict[str, KindOfWork]]
"""role -> kind -> measure."""


def points(kind: KindOfWork, qty: int) -> Fraction:
    """What a quantity weighs, exactly; 0 for what is only paid for by claims."""
    return Fraction(kind.points or 0) * qty / Fraction(kind.per)


def is_known(catalogue: Catalogue, role: str, kind: str) -> bool:
    """Whether this kind of work counts in this role."""
    return kind in catalogue.get(role, {})
