"""Money of a share that is held because the work behind it is disputed, and where it goes in the end. Pure."""

from msgspec import Struct, field

from payouts.taken_off.deductions import Deducting


class HeldMoney(Struct, kw_only=True):
    """What one run gave for one disputed piece of work from one pot; it lies on the person's account `held`."""

    run: str  # the period, or the first day of the book year
    work: str  # "412.3"
    person: str
    pot: str  # the account it goes back to if the work is struck
    to: dict[str, int]  # the accounts it goes to if the work stands -> amount

    @property
    def amount(self) -> int:
        """All of it, in minor units."""
        return sum(self.to.values())

    def places(self) -> set[str]:
        """The pot it goes to if the work is struck, and members' accounts it goes to if it stands, as the rule says."""
        accounts = [name.removeprefix("member:").rpartition(":")[0] for name in self.to if name.startswith("member:")]
        return {self.pot.removeprefix("pot:"), *accounts}


def since_close(year: str) -> str:
    """The key for what came after the close of this book year, and before a run of the next."""
    return f"since {year}"


class Holding(Deducting, kw_only=True):
    """This part of the book."""

    disputed_money: list[HeldMoney] = field(default_factory=list)  # as it was held
    # What upheld work put on members' own accounts, for capital statements: account -> amount, by the last computed
    # period, or by `since_close` where the book year of that period is computed too.
    upheld: dict[str, dict[str, int]] = field(default_factory=dict)
