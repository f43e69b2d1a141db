"""What a payment, a batch of payments and a file are called at the bank: each name follows from what it stands for.

A second export therefore gives the same names, and the bank's answer leads back to the very payment. Pure.
"""

from collections.abc import Iterable
from hashlib import sha256

POOL = "income"
"""The pot in which every run starts."""


def run_name(period: str) -> str:
    """The run of a period, as ids are made of it: pot, period, number of the amendment."""
    return f"{POOL}/{period}#0"


def payment_id(ledger: str, period: str, member: str, attempt: int) -> str:
    """E-id: one payment of a run to a member; a payment that is tried again is another attempt."""
    return _named("E", f"tally-pay-v1|{ledger}|{run_name(period)}|{member}|{attempt}")


def batch_id(payments: Iterable[str], day: str) -> str:
    """B-id: these payments on this day."""
    return _named("B", f"tally-batch-v1|{','.join(sorted(payments))}|{day}")


def message_id(batches: Iterable[str]) -> str:
    """M-id: a file with these batches."""
    return _named("M", f"tally-msg-v1|{','.join(sorted(batches))}")


def _named(letter: str, text: str) -> str:
    return letter + sha256(text.encode()).hexdigest()[:32]
