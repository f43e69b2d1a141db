"""What a bank says about an account, whatever the form it says it in: lines that moved money, and rejections. Pure."""

import re
from datetime import date

from msgspec import Struct

from ledger.errors import Refused
from payouts.bank.iban import looks_like_iban

OURS = re.compile(r"\b[EBM][0-9a-f]{32}\b")
"""What this program calls payments, batches and files."""
_REASON = re.compile(r"[A-Z]{2}[0-9A-Z]{2}")
NO_REASON = "MS03"
"""The code of a bank that gives no reason."""


class BadStatement(Refused):
    """A statement that is not of our account, does not add up, or cannot be read; nothing of it was recorded."""


class Line(Struct, frozen=True, kw_only=True):
    """Money that moved on the account: how much (minor units), which way, when booked, and what the bank says of it."""

    booked: str
    amount: int
    is_out: bool
    payments: tuple[str, ...] = ()  # EndToEndIds
    batch: str = ""  # PmtInfId or MsgId
    reason: str = ""  # of a return
    ref: str = ""  # the bank's own
    name: str = ""
    iban: str = ""
    text: str = ""
    line: int = 0

    def __repr__(self) -> str:
        # Names and account numbers never end up in a traceback.
        return f"Line({self.line})"


class Rejected(Struct, frozen=True, kw_only=True):
    """The bank refused a payment, a batch, or a whole file."""

    id: str
    reason: str
    booked: str


def minor_units(text: str, exponent: int, line: int) -> int:
    """The amount "1842.1" in minor units. Raises BadStatement where it is none, or finer than the currency."""
    found = re.fullmatch(r"([0-9]{1,13})(?:\.([0-9]{0,5}))?", text.strip())
    if found is None:
        raise BadStatement(f"Line {line}: this is no amount.", "Ask the bank for another file.")
    digits = (found[2] or "").rstrip("0")
    if len(digits) > exponent:
        raise BadStatement(f"Line {line}: this amount is finer than the currency.", "Ask the bank for another file.")
    return int(found[1] + digits.ljust(exponent, "0"))


def checked_day(text: str, line: int) -> str:
    """The day "2026-11-20". Raises BadStatement where it is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise BadStatement(f"Line {line}: this is no day.", "Ask the bank for another file.") from error


def tidy_ref(text: str) -> str:
    """A bank's reference as it may stand in the log: its letters, at most 35; "" for one that is an account number."""
    if looks_like_iban(text):
        return ""
    return re.sub(r"[^A-Za-z0-9/?:().,'+ -]", "", text).strip()[:35]


def tidy_reason(text: str) -> str:
    """A bank's reason for a return as it may stand in the log: its code; "" for none, MS03 for what is no code."""
    return text if not text or _REASON.fullmatch(text) else NO_REASON
