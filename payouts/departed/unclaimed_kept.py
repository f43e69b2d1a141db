"""What the book keeps of balances that nobody claims: what members voted, and since when each lies still."""

from msgspec import Struct, field

from ledger.people import MEMBER
from ledger.state import State
from payouts.departed.heirs_kept import Heirs, keys_spoken


class Unclaimed(Struct, kw_only=True):
    """After how many months a balance is unclaimed, and to which account of the rule it goes then."""

    months: int
    account: str
    runs: int  # how many runs there were: under later rules the account may have another name


class Quiet(Struct, kw_only=True):
    """A balance of somebody who is no member, as it lay at a cut-off, and since when nothing was heard of them."""

    since: int  # ms, the first cut-off at which it was so
    balance: int  # minor units
    spoken: dict[str, int]  # the person's keys -> their last statement's number
    noticed: int | None = None  # entry of the notice
    noticed_at: int = 0  # ms, received


class Claims(Heirs, kw_only=True):
    """This part of the book."""

    unclaimed: Unclaimed | None = None  # None: members have voted nothing
    quiet: dict[str, Quiet] = field(default_factory=dict)  # person -> balance


def watched(ledger: State, quiet: dict[str, Quiet], balances: dict[str, int], cut: int) -> dict[str, Quiet]:
    """What lies still at a cut-off: as before where neither the balance has changed nor the person spoken."""
    found = {}
    for person, balance in balances.items():
        known = ledger.persons.get(person)
        if balance <= 0 or known is None or known.standing == MEMBER:
            continue
        spoken, before = keys_spoken(ledger, person), quiet.get(person)
        same = before is not None and (before.balance, before.spoken) == (balance, spoken)
        found[person] = before if before and same else Quiet(since=cut, balance=balance, spoken=spoken)
    return found
