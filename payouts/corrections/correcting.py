"""What the book knows of corrections: money that went back and is still in shares, late work, amendments. Pure.

A refund of a receipt that no period has taken in yet goes into that period together with the receipt, which is so much
less. Of a receipt that a period has taken in, it waits on an account of its own until an amendment takes it back from
those who shared it.
"""

from collections.abc import Collection, Iterable

from msgspec import field
from msgspec.structs import replace

from payouts.held_money import Holding
from payouts.kept import Money, Refund, Run
from payouts.sums import summed

REFUNDED = "clearing:refunds"
"""What went back and has not been taken from anybody's share yet."""


class Correcting(Holding, kw_only=True):
    """This part of the book."""

    refunds: list[Refund] = field(default_factory=list)  # that no run and no amendment has taken in yet
    amendments: dict[str, Run] = field(default_factory=dict)  # "2026-10#1" -> the first amendment of that period
    late_in: dict[str, list[str]] = field(default_factory=dict)  # period -> later sheets with work that trues it up
    late_due: dict[str, list[str]] = field(default_factory=dict)  # the same, of what no amendment has taken in yet


def amendment_name(period: str, number: int) -> str:
    """What people call an amendment: "2026-10#1"."""
    return f"{period}#{number}"


def period_of(name: str) -> str:
    """The period of an amendment, by what people call it."""
    return name.partition("#")[0]


def names_of(correcting: Correcting, period: str) -> list[str]:
    """The amendments of a period, oldest first."""
    return [name for name in correcting.amendments if period_of(name) == period]


def refund_paper(party: str, ref: str) -> str:
    """What makes the paper of a refund the same paper, as `paper_id` does for money in and out."""
    return f"back {party} {ref.strip().casefold()}"


def less_refunds(money: Iterable[Money], refunds: Collection[Refund]) -> list[Money]:
    """The money with each receipt less what went back of it."""
    sums = summed((one.receipt, one.amount) for one in refunds)
    left = [replace(one, amount=one.amount - sums.get(one.entry, 0)) for one in money]
    assert all(one.amount >= 0 for one in left if one.incoming), "more of a receipt went back than came in"
    return left


def taken_in(correcting: Correcting, going: Collection[int], disputed: Collection[int], period: str) -> list[Refund]:
    """Take out of what waits the refunds of receipts that go into this period.

    A disputed one stays; once somebody stands by it, it amends the period.
    """
    mine = [one for one in correcting.refunds if one.receipt in going and not one.period]
    for one in mine:
        one.period = period
    taken = [one for one in mine if one.entry not in disputed]
    correcting.refunds = [one for one in correcting.refunds if one not in taken]
    return taken
