"""What the book knows of paying: whose details are sealed for whom, and how far every payment is. Pure.

A payment is exported, then sent, then settled or returned; one that was settled may still come back. Each step is a
signed statement. What was returned or voided is paid by a new attempt under a new id.
"""

from msgspec import Struct, field

from payouts.kept import Bill
from payouts.sums import summed

EXPORTED, SENT, SETTLED, RETURNED, VOID = "exported", "sent", "settled", "returned", "void"
LIVE = (EXPORTED, SENT)
"""On their way: money that is promised to the bank's file and not booked yet."""

BLOCKING = ("AC01", "AC04", "AC06", "MD07")
"""The bank's reasons after which an account is not paid to again: wrong, closed, blocked, its owner has died."""

HOLD_DAYS = 7
"""How long changed details wait."""
OTHERS_HOLD_DAYS = 14
"""How long details wait that others set for somebody."""
DAY = 86_400_000
PARTY = "party"


class BoxKey(Struct, kw_only=True):
    """What a treasurer's payment details are sealed with."""

    public: str  # X25519, hex
    entry: int


class Details(Struct, kw_only=True):
    """The account of a member or a party, known here by its promise alone."""

    promise: str
    entry: int
    received: int  # ms
    boxes: dict[str, tuple[int, str]] = field(default_factory=dict)  # X25519 key -> entry and pointer of the box
    held_days: int = 0
    others: dict[str, int] = field(default_factory=dict)  # whoever set them for this person -> entry
    blocked: str = ""  # the bank's reason


class Offer(Struct, kw_only=True):
    """Details that others want to set for somebody, and who has said so."""

    person: str
    why: str  # "lost", "died"; PARTY for a party's
    entry: int
    boxes: dict[str, tuple[int, str]] = field(default_factory=dict)
    said: dict[str, int] = field(default_factory=dict)  # person -> entry


class Payment(Struct, kw_only=True):
    """One payment to a member or a party: of which run, how much, to which details, and how far it is."""

    period: str
    payee: str
    amount: int
    attempt: int
    details: str  # promise
    export: str  # entry id
    status: str = EXPORTED
    settled: int | None = None  # entry
    ended: int | None = None  # entry that returned or voided it
    booked: str = ""
    ref: str = ""
    reason: str = ""
    bills: list[Bill] = field(default_factory=list)  # what a party is paid for


class Export(Struct, kw_only=True):
    """One file for the bank."""

    entry: int
    period: str
    file: str  # SHA-256, hex
    form: str
    date: str
    created: str
    debtor: str
    payments: list[str]  # ids, sorted
    sent: int | None = None  # entry
    void_said: dict[str, int] = field(default_factory=dict)  # treasurer -> entry


class Paying(Struct, kw_only=True):
    """This part of the book."""

    box_keys: dict[str, BoxKey] = field(default_factory=dict)  # person -> key
    details: dict[str, list[Details]] = field(default_factory=dict)  # person -> oldest first
    offers: dict[str, Offer] = field(default_factory=dict)  # promise -> offer
    payments: dict[str, Payment] = field(default_factory=dict)
    exports: dict[str, Export] = field(default_factory=dict)  # entry id -> export


def details_now(paying: Paying, person: str) -> Details | None:
    """The details a member has set last."""
    held = paying.details.get(person)
    return held[-1] if held else None


def held_until(paying: Paying, person: str) -> int | None:
    """Until when (ms) details wait before they are paid to; None for those that need not."""
    details = details_now(paying, person)
    return details.received + details.held_days * DAY if details and details.held_days else None


def why_not_pay(paying: Paying, person: str, now: int) -> str:
    """Why nothing can be sent to a member now: "no-details", "blocked", "held"; "" where it can."""
    details = details_now(paying, person)
    if details is None:
        return "no-details"
    if details.blocked:
        return "blocked"
    until = held_until(paying, person)
    return "held" if until is not None and now < until else ""


def of_run(paying: Paying, period: str) -> dict[str, list[Payment]]:
    """Person -> all attempts to pay them in a run, oldest first."""
    found: dict[str, list[Payment]] = {}
    for one in paying.payments.values():
        if one.period == period:
            found.setdefault(one.payee, []).append(one)
    return {payee: sorted(tries, key=lambda one: one.attempt) for payee, tries in found.items()}


def on_the_way(paying: Paying) -> dict[str, int]:
    """Person -> what was exported and is neither booked nor back."""
    return summed((one.payee, one.amount) for one in paying.payments.values() if one.status in LIVE)
