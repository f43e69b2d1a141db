"""What a statement's page carries inside: the data it is made from, and what proves that to anybody who gets the page.

Pure. The page follows from this letter by letter, so it can be made again and laid beside the one that was handed over.
Everything read back comes from a stranger: it is bounded, and has one spelling.
"""

import json
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from ledger.entry import Hex64
from ledger.errors import VerificationFailed

SIZE_MAX = 1_000_000  # bytes of what a page carries; a usual one has 5,000
PERIODS_MAX = 12

_Line = Annotated[str, Meta(max_length=400)]
_Words = Annotated[str, Meta(max_length=4_000)]
_Plain = Annotated[str, Meta(pattern=r"^[+-]?[0-9]{1,40}(\.[0-9]{1,9})?\Z")]
_Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
_Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class Damaged(VerificationFailed):
    """A page whose data is not there, or cannot be read as that of a statement."""


class Carried(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The data of a statement's page, as JSON in it. Times in ms since 1970; `checkpoint` as other answers name it."""

    schema: Literal["tally.statement-page/v1"] = "tally.statement-page/v1"
    made_by: Annotated[dict[str, _Line], Meta(max_length=8)]  # program or library -> its version
    locale: Annotated[str, Meta(pattern=r"^(|[a-z]{2,3}(_[A-Za-z0-9]{2,8}){0,3})\Z")]  # as locales.py spells it
    rehearsal: bool
    written: _Count
    day: _Day  # the local date of that
    first: _Day  # of the period
    last: _Day
    statement: dict[str, Any]
    log_keys: Annotated[tuple[_Line, ...], Meta(max_length=100)]
    author_key: Hex64
    entry: _Words  # that computed the payout, as it was signed
    receipt: Annotated[str, Meta(max_length=20_000)]
    checkpoint: Annotated[str, Meta(max_length=20_000)]


class Share(Struct, frozen=True, kw_only=True):
    """A share of one pot."""

    pot: _Line
    amount: _Plain
    weight: _Line
    together: _Line
    measure: _Line
    rounding: _Plain
    drift_after: _Plain
    held_at: _Line


class Nothing(Struct, frozen=True, kw_only=True):
    """A pot that gave nothing, and why."""

    pot: _Line
    why: _Words


class Account(Struct, frozen=True, kw_only=True):
    """One of the member's accounts over the period."""

    account: _Line
    opening: _Plain
    shares: _Plain
    closing: _Plain


class Before(Struct, frozen=True, kw_only=True):
    """What a period gave."""

    period: _Line
    total: _Plain


class Rule(Struct, frozen=True, kw_only=True):
    """The rule of the period, in words."""

    words: _Words


class Pinned(Struct, frozen=True, kw_only=True):
    """The part of the log that the payout rests on."""

    size: _Count
    root: Hex64
    entry: _Count | None


class Computed(Struct, frozen=True, kw_only=True):
    """The entry that computed the payout, and the digest it states."""

    entry: _Count
    digest: Hex64


class Approval(Struct, frozen=True, kw_only=True):
    """A treasurer's approval."""

    name: _Line
    entry: _Count


class Approvals(Struct, frozen=True, kw_only=True):
    """Who approved the payout, of how many."""

    approved: bool
    have: _Count
    need: _Count
    by: tuple[Approval, ...]
    missing: _Words


class Change(Struct, frozen=True, kw_only=True):
    """What else a run did to the balance; the words may be those of `statement_steps.STEPS`."""

    words: _Line = ""
    amount: _Plain


class Corrected(Struct, frozen=True, kw_only=True):
    """What an amendment changed of this period's share since."""

    amendment: _Line
    change: _Plain
    words: _Words


class Statement(Struct, frozen=True, kw_only=True):
    """What of a statement's data the page shows; see `statement.statement_data`."""

    ledger: _Line
    name: _Line
    id: _Line
    period: _Line
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
    total: _Plain
    payable: _Plain
    payable_from: _Plain
    rule: Rule
    shares: tuple[Share, ...]
    nothing: tuple[Nothing, ...]
    lies_on: Annotated[tuple[Account, ...], Meta(min_length=1)]
    history: Annotated[tuple[Before, ...], Meta(min_length=1, max_length=PERIODS_MAX)]
    pinned: Pinned
    computed: Computed
    approvals: Approvals
    corrections: tuple[Change, ...] = ()
    corrected: tuple[Corrected, ...] = ()
    advances: tuple[Change, ...] = ()
    withheld: tuple[Change, ...] = ()


def as_bytes(carried: Carried) -> bytes:
    """The one spelling of what a page carries."""
    return (json.dumps(msgspec.to_builtins(carried), ensure_ascii=False, indent=1) + "\n").encode()


def from_bytes(data: bytes) -> Carried:
    """Read back what a page carries. Raises Damaged for any other spelling than that of `as_bytes`."""
    try:
        if len(data) > SIZE_MAX:
            raise Damaged("The data in this page is too large for a statement.")
        carried = msgspec.json.decode(data, type=Carried)
        told(carried)
        if as_bytes(carried) != data:
            raise Damaged("The data in this page is not spelled as this program spells it.")
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError) as error:
        raise Damaged(f"The data in this page is not that of a statement: {error}.") from error
    return carried


def told(carried: Carried) -> Statement:
    """The statement in it, looked at field by field. Raises msgspec.ValidationError."""
    return msgspec.convert(carried.statement, Statement)
