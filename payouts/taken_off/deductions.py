"""What is taken off a share before it is paid: tax withheld for an authority, then advances that were paid before.

As on a payslip: what is withheld is a part of the gross of each run, by rate and authority; what is then left pays back
advances, the oldest first, and never goes below zero. What stays open of an advance waits for the next run. Pure.
"""

import re
from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct, field

from payouts.parties.payees import Payees

_RATE = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,6}))?%|([0-9]{1,6})/([0-9]{1,6})|0")


class Advance(Struct, kw_only=True):
    """Money that a member had before the run it is a share of."""

    entry: int
    amount: int
    period: str  # whose run it is set off against, and against those after it while some of it is open
    ref: str
    booked: str
    set_off: int = 0
    repaid: int = 0

    @property
    def open(self) -> int:
        """What the member has still to give back, in minor units."""
        return self.amount - self.set_off - self.repaid


class Rate(Struct, frozen=True, kw_only=True):
    """What is withheld of these people's shares for an authority, from a period on; 0 ends what was said before."""

    entry: int
    persons: list[str]
    authority: str
    rate: str
    since: str  # period


class Deducting(Payees, kw_only=True):
    """This part of the book."""

    advances: dict[str, list[Advance]] = field(default_factory=dict)  # person -> as they came
    withholding: list[Rate] = field(default_factory=list)  # as they were said; of two, the later holds


class Deducted(Struct, frozen=True, kw_only=True):
    """What a run takes off, in minor units; nobody and nothing that comes to zero."""

    withheld: dict[str, dict[str, int]]  # person -> authority -> amount
    set_off: dict[str, int]  # person -> amount

    def __bool__(self) -> bool:
        """Whether anything is taken off at all."""
        return bool(self.withheld or self.set_off)

    def of(self, person: str) -> int:
        """All that is taken off one person's share."""
        return sum(self.withheld.get(person, {}).values()) + self.set_off.get(person, 0)


def net_balances(balances: Mapping[str, int], taken: Deducted) -> dict[str, int]:
    """Balances less what is taken off them; without those that are zero."""
    return {one: net for one, held in balances.items() if (net := held - taken.of(one))}


def rows_of(taken: Deducted) -> dict[str, list[list[str | int]]]:
    """How a digest's document says it: sorted rows [person, authority, amount], [person, amount]; nothing if empty."""
    rows: dict[str, list[list[str | int]]] = {
        "withheld": [
            [one, authority, amount]
            for one, parts in sorted(taken.withheld.items())
            for authority, amount in sorted(parts.items())
        ],
        "advances": [[one, amount] for one, amount in sorted(taken.set_off.items())],
    }
    return {name: found for name, found in rows.items() if found}


def rate_of(text: str) -> Fraction | None:
    """The part that "20%", "12.5%", "1/5" or "0" says, exactly; None for what is no part of a whole."""
    found = _RATE.fullmatch(text)
    if found is None:
        return None
    whole, decimals, over, under = found.groups()
    if over is not None:
        rate = Fraction(int(over), int(under)) if int(under) else None
    else:
        rate = Fraction(f"{whole or 0}.{decimals or 0}") / 100
    return rate if rate is not None and rate <= 1 else None


def deducted(
    gross: Mapping[str, int],
    before: Mapping[str, int],
    rates: Mapping[str, Mapping[str, Fraction]],
    due: Mapping[str, int],
) -> Deducted:
    """What is taken off what a run puts on balances.

    `gross`: person -> what it puts there; `before`: what lay there, a minus too; `rates`: person -> authority -> rate;
    `due`: what is open of the advances to set off. Nothing depends on the order of any of them.
    """
    withheld = {one: found for one in sorted(gross) if (found := withheld_of(gross[one], rates.get(one, {})))}
    set_off = {}
    for one in sorted(gross):
        net = gross[one] - sum(withheld.get(one, {}).values())
        # Where a balance is below zero, the share makes that good first: it is paid out to nobody.
        amount = min(due.get(one, 0), net, before.get(one, 0) + net)
        if amount > 0:
            set_off[one] = amount
    return Deducted(withheld=withheld, set_off=set_off)


def withheld_of(gross: int, rates: Mapping[str, Fraction]) -> dict[str, int]:
    """Authority -> its part of the gross, rounded down. Never more together than the gross."""
    found, left = {}, max(gross, 0)
    for authority in sorted(rates):
        # Rates over the whole are refused when they are said; a disputed word may still bring an older one back.
        amount = min(rates[authority].numerator * max(gross, 0) // rates[authority].denominator, left)
        left -= amount
        if amount:
            found[authority] = amount
    return found


def take(advances: list[Advance], amount: int) -> None:
    """Note that so much of these advances was set off, the oldest first."""
    for one in advances:
        part = min(one.open, amount)
        one.set_off += part
        amount -= part
    assert not amount, "more was set off than is open"


def give_back(advances: list[Advance], amount: int) -> None:
    """Note that a member paid so much back, the oldest first."""
    for one in advances:
        part = min(one.open, amount)
        one.repaid += part
        amount -= part
    assert not amount, "more was paid back than is open"
