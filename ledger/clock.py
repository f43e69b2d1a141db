"""What time it is: the machine's clock, or on a rehearsal the one that `TALLY_NOW` sets.

On a real ledger `TALLY_NOW` is refused. The log never stamps far behind its last stamp, nor far ahead of it
without being told that the clock is right: a clock in 2099 would close every period until then.
"""

import os
import time
from datetime import UTC, datetime

from ledger.errors import Refused, Usage

BEHIND_MAX = 10 * 60 * 1000
AHEAD_MAX = 31 * 24 * 3600 * 1000


class ClockDoubtful(Refused):
    """The machine's clock is far from the log's last stamp."""


_running_since: int | None = None  # nanoseconds of the monotonic clock


def run_on() -> None:
    """From now on a time set by TALLY_NOW goes on by itself, as a program that keeps running needs; never backwards."""
    global _running_since
    _running_since = time.monotonic_ns()


def now(rehearsal: bool) -> int:
    """Milliseconds since 1970, by the machine or by TALLY_NOW."""
    told = os.environ.get("TALLY_NOW")
    if not told:
        return time.time_ns() // 1_000_000
    if not rehearsal:
        raise Usage(
            "TALLY_NOW is set, but this is no rehearsal: the clock of a real ledger is the machine's.",
            "Unset TALLY_NOW.",
        )
    elapsed = 0 if _running_since is None else (time.monotonic_ns() - _running_since) // 1_000_000
    return parse(told) + elapsed


def stamp(now_ms: int, last: int, rehearsal: bool, clock_ok: bool) -> int:
    """The time of receipt for an entry after one received at `last`; never decreasing."""
    if now_ms < last - BEHIND_MAX:
        raise ClockDoubtful(
            f"The clock says {show(now_ms)}, but the log's last entry was received at {show(last)}.",
            "Set the clock right.",
        )
    if now_ms > last + AHEAD_MAX and last and not rehearsal and not clock_ok:
        raise ClockDoubtful(
            f"The log's last entry was received at {show(last)}, 31 days and more before this clock's {show(now_ms)}.",
            "If the clock is right, repeat the command with --clock-ok.",
        )
    return max(now_ms, last)


def parse(text: str) -> int:
    """Milliseconds of an RFC 3339 instant."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Usage(f"{text!r} is not an instant.", "Write it like 2025-08-01T09:00:00Z.") from error
    if instant.tzinfo is None:
        raise Usage(f"{text!r} has no time zone.", "Write it like 2025-08-01T09:00:00Z.")
    if not 1970 < instant.year < 2900:
        raise Usage(f"{text!r} is before computers kept time, or too far ahead.", "Write it like 2025-08-01T09:00:00Z.")
    return int(instant.timestamp()) * 1000 + instant.microsecond // 1000


def show(ms: int) -> str:
    """An instant as people read it, in UTC."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def claim(ms: int) -> str:
    """An instant as an entry's `ts` has it: RFC 3339, UTC, seconds."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
