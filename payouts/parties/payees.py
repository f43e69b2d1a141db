"""What the book knows of parties that are paid: who an account of the rule is owed to, and the bills to be paid. Pure.

How much is payable to a party is what lies on `payable:PARTY`. The bills say what for and until when; they follow that
amount, and where money came to lie there without a bill, the rest is one without words.
"""

from collections.abc import Callable, Iterable

from msgspec import Struct, field
from msgspec.structs import replace

from payouts.bank.paying import Paying
from payouts.kept import Bill
from payouts.sums import summed

PAYABLE = "payable"
LAST = "9999-99-99"
"""After every day: bills without a day are paid last."""


class OwedTo(Struct, kw_only=True):
    """To which party the money on an account of the rule is owed, and the entry that says so."""

    party: str
    entry: int


class Payees(Paying, kw_only=True):
    """This part of the book."""

    owed_to: dict[str, OwedTo] = field(default_factory=dict)  # account of the rule -> party
    bills: dict[str, list[Bill]] = field(default_factory=dict)  # party -> what is to be paid and not on its way


def payable_name(party: str) -> str:
    """The account of what is to be paid to a party."""
    return f"{PAYABLE}:{party}"


def in_order(bills: Iterable[Bill]) -> list[Bill]:
    """Bills in the order in which they are paid: by their last day, then as they came."""
    return sorted(bills, key=lambda one: (one.due or LAST, one.entry))


def making_up(bills: Iterable[Bill], amount: int) -> list[Bill]:
    """The first of these bills that come to an amount, the last one in part; what they lack is a bill without words."""
    found, left = [], amount
    for one in in_order(bills):
        if left <= 0:
            break
        found.append(replace(one, amount=min(one.amount, left)))
        left -= found[-1].amount
    return [*found, Bill(entry=None, amount=left, due="", ref="")] if left > 0 else found


def without(bills: Iterable[Bill], taken: Iterable[Bill]) -> list[Bill]:
    """What is left of bills after some were taken, whole or in part."""
    gone = summed((one.entry, one.amount) for one in taken)
    rest = [replace(one, amount=one.amount - gone.get(one.entry, 0)) for one in bills if one.entry is not None]
    return [one for one in rest if one.amount > 0]


def together(bills: Iterable[Bill]) -> list[Bill]:
    """Bills with the parts of one made whole again; those without words say nothing and are left out."""
    found: dict[int, Bill] = {}
    for one in bills:
        if one.entry is not None:
            before = found.get(one.entry)
            found[one.entry] = replace(one, amount=one.amount + (before.amount if before else 0))
    return in_order(found.values())


def stood_by(bills: Iterable[Bill], is_disputed: Callable[[int], bool]) -> list[Bill]:
    """The bills but those whose entry nobody stands by."""
    return [one for one in bills if one.entry is None or not is_disputed(one.entry)]
