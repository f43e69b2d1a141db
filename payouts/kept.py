"""What the payouts room keeps of money that waits, of people as a run sees them, and of periods, runs and years."""

from msgspec import Struct, field


class Money(Struct, array_like=True, kw_only=True):
    """A receipt or a cost, booked, that no run has taken in yet, or that a pinned period has.

    A cost below zero is what a supplier took off its bills.
    """

    entry: int
    incoming: bool
    party: str
    amount: int
    ref: str
    deals: list[str]
    circle: str
    booked: str
    value: str


class Refund(Struct, array_like=True, kw_only=True):
    """Money of a receipt that went back, or was taken back."""

    entry: int
    receipt: int  # the entry that booked the receipt
    period: str  # the period that took the receipt in; "" while none has
    party: str
    amount: int
    ref: str
    booked: str
    value: str
    chargeback: bool


class Bill(Struct, array_like=True, kw_only=True):
    """What is to be paid to a party: by which entry (None where none says it), how much, until when, which paper."""

    entry: int | None
    amount: int
    due: str  # "" for no day
    ref: str
    account: str = ""  # that owed it before; "" for a bill that came as such


class Standing(Struct, array_like=True, kw_only=True):
    """A person as a run sees them."""

    standing: str
    tenure: int  # whole periods as a member, this one included


class Pin(Struct, kw_only=True, omit_defaults=True):
    """A period whose cut-off has passed: what its run is computed from, besides accounts and sheets.

    Receipts are less what went back of them; `refunds` says what that was.
    """

    size: int
    root: str
    rule: str
    money: list[Money]
    sellers: dict[str, dict[str, int]]  # deal -> "person role kind circle" -> quantity, of the deals that were paid
    people: dict[str, Standing]
    published: int | None = None  # the entry that closed it
    refunds: list[Refund] = field(default_factory=list)


class Run(Struct, kw_only=True):
    """A computed payout."""

    entry: int
    rule: str
    digest: str
    document: str  # digest of the document on the shelf: lines and reasons
    payees: dict[str, int]  # person -> what the run gave them
    needed: int  # how many treasurers must approve it
    approvals: dict[str, int] = field(default_factory=dict)  # treasurer -> entry
    approved: int | None = None  # the entry with which the approvals were enough
    needed_by: str = ""  # the steps by amount that `needed` follows from; "" where one number held for all runs


class YearPin(Struct, frozen=True, kw_only=True):
    """A book year that a treasurer has closed: the tax it owes to whom, and the head and rule its run is pinned to."""

    entry: int
    size: int
    root: str
    rule: str
    tax: int
    authority: str  # party, "" where no tax is owed


class TaxCorrected(Struct, frozen=True, kw_only=True):
    """What a treasurer said of the tax of a book year after its close: the right total, and what came back of it."""

    entry: int
    tax: int  # the right total
    more: int  # than was said before; a minus for less
    authority: str  # party
    refunded: int
    ref: str
