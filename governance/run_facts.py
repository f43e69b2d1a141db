"""What one run is computed from, and what it answers: who did what, what came in, who gets which cent and why.

Money is in minor units, debts in 10^-9 of them, quantities are exact fractions. An age counts runs back: 0 is this one.
"""

from collections.abc import Mapping
from fractions import Fraction

from msgspec import Struct

from governance.rule import Kind
from ledger.money import AMOUNT_MAX


def bounded(number: int) -> int:
    """A number no further from 0 than the greatest amount that can be booked; what claims or debts have beyond lapses.

    No payment could ever cover a greater claim, and no document that is signed for can hold one.
    """
    return max(-AMOUNT_MAX, min(number, AMOUNT_MAX))


class Person(Struct, frozen=True, kw_only=True):
    """What a share may ask about somebody; `last` and `paid` are what each pot gave last time, and ever."""

    standing: str = ""
    tenure: int = 0
    left: bool = False
    pay: int = 0
    last: Mapping[str, int] = {}
    paid: Mapping[str, int] = {}


class Item(Struct, frozen=True, kw_only=True):
    """Work somebody gave: `qty` in hours where the kind is timed, else pieces, or money in major units.

    `listed` is the line of the catalogue of the item's own date, where that is not the rule that settles it.
    """

    who: str
    role: str
    kind: str
    qty: Fraction
    age: int = 0
    circle: str = ""
    gift: bool = False
    disputed: bool = False
    listed: Kind | None = None


class Receipt(Struct, frozen=True, kw_only=True):
    """Money that came in, gross, and whose deal it was: person -> part; the parts add up to 1."""

    amount: int
    deals: Mapping[str, Fraction] = {}


class Thanks(Struct, frozen=True, kw_only=True):
    """Somebody thanked somebody."""

    giver: str
    to: str
    age: int = 0


class Facts(Struct, frozen=True, kw_only=True):
    """Everything one run reads: what came in, what lies where before it, and who did what.

    `amount` is what flows into the start pot instead of receipts - refunds - costs. `members` is account -> person ->
    amount, `debts` pot -> person or place -> 10^-9 units, `open` pot -> person -> claims not yet paid.
    """

    currency: str
    exponent: int
    start: str = "income"
    amount: int | None = None
    receipts: tuple[Receipt, ...] = ()
    refunds: int = 0
    costs: int = 0
    carried: Mapping[str, int] = {}
    accounts: Mapping[str, int] = {}
    members: Mapping[str, Mapping[str, int]] = {}
    balances: Mapping[str, int] = {}
    debts: Mapping[str, Mapping[str, int]] = {}
    seed: str = ""
    people: Mapping[str, Person] = {}
    items: tuple[Item, ...] = ()
    thanks: tuple[Thanks, ...] = ()
    open: Mapping[str, Mapping[str, int]] = {}

    def everyone(self) -> list[str]:
        """All whom people, items, thanks, deals, members or balances name, sorted."""
        named = set(self.people) | set(self.balances) | {item.who for item in self.items}
        named.update(name for thanks in self.thanks for name in (thanks.giver, thanks.to))
        named.update(*(receipt.deals for receipt in self.receipts), *self.members.values())
        return sorted(named)

    def person(self, name: str) -> Person:
        """What is known of somebody; of whom nothing is said, nothing."""
        return self.people.get(name, NOBODY)

    def gross(self) -> int:
        """The receipts of the period, before refunds and costs."""
        return sum(receipt.amount for receipt in self.receipts)

    def gross_of_deals(self) -> int:
        """The receipts that name deals."""
        return sum(receipt.amount for receipt in self.receipts if receipt.deals)


NOBODY = Person()


class Line(Struct, frozen=True, kw_only=True, order=True):
    """Money that moved: from a pot to a pot or an account, or (with `account`) to a person's account."""

    pot: str
    to: str
    account: str | None = None
    amount: int


class Part(Struct, frozen=True, kw_only=True):
    """Why one place or person got what it got.

    `to` is a person, a pot, an account, "carry", or "rest" for what is left; `words` what the line asked or what held
    it; `weight` a person's weight; `exact` the part before rounding, in minor units; debts before and after.
    """

    to: str
    words: str
    weight: Fraction | None = None
    exact: Fraction
    debt_before: int = 0
    debt_after: int = 0
    amount: int


class Step(Struct, frozen=True, kw_only=True):
    """One pot in one run: what it held, from whom, and how it was parted."""

    pot: str
    verb: str
    amount: int
    carried: int
    inflows: Mapping[str, int]  # sender -> amount; at the start "receipts", "refunds", "costs", or "amount"
    parts: tuple[Part, ...]


class Result(Struct, frozen=True, kw_only=True):
    """The state after a run, without zeros; the lines that led there, sorted; the reasons, in the order of the run."""

    lines: tuple[Line, ...]
    carried: Mapping[str, int]
    accounts: Mapping[str, int]
    members: Mapping[str, Mapping[str, int]]
    balances: Mapping[str, int]
    debts: Mapping[str, Mapping[str, int]]
    open: Mapping[str, Mapping[str, int]]
    steps: tuple[Step, ...]
