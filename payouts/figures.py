"""What a run came to: who got what from which pot, what went to accounts, what stayed in pots. It ties to the cent.

Pure. Everything shown of a payout (table, report, statement, reasons) starts from these sums.
"""

from collections.abc import Mapping

from msgspec import Struct

from governance.rule import BALANCE
from payouts.compute import Computed, given, inflow
from payouts.sums import summed_by_two
from payouts.taken_off.deductions import Deducted


class Figures(Struct, frozen=True, kw_only=True):
    """The sums of one run, in minor units. People + accounts + pots = income, always."""

    period: str
    received: int
    spent: int
    people: dict[str, dict[str, int]]  # person -> pot -> amount, wherever it came to lie
    into: dict[str, dict[str, int]]  # person -> account ("balance", "loan", "held") -> amount
    accounts: dict[str, int]  # account -> change
    pots: dict[str, int]  # pot -> change of what it carries
    balances: dict[str, int]  # person -> balance after the run, when all is taken off
    holds: dict[str, int]  # account -> what lies on it after the run
    carried: dict[str, int]  # pot -> what it carries after the run
    taken: Deducted  # what is taken off the shares that lie on balances

    @property
    def income(self) -> int:
        """What came in, less what was spent."""
        return self.received - self.spent

    @property
    def paid(self) -> dict[str, int]:
        """Person -> all that the run gave them."""
        return {person: sum(pots.values()) for person, pots in self.people.items()}

    @property
    def gross(self) -> dict[str, int]:
        """Person -> what the run put on the balance, before anything was taken off."""
        return {person: into[BALANCE] for person, into in self.into.items() if BALANCE in into}

    @property
    def net(self) -> dict[str, int]:
        """Person -> what of that was left."""
        return {person: amount - self.taken.of(person) for person, amount in self.gross.items()}

    @property
    def to_people(self) -> int:
        """All that went to people."""
        return sum(self.paid.values())

    @property
    def to_accounts(self) -> int:
        """All that went to accounts of the cooperative."""
        return sum(self.accounts.values())

    @property
    def to_pots(self) -> int:
        """By how much the pots hold more than before."""
        return sum(self.pots.values())

    def paying_pots(self) -> list[str]:
        """The pots that gave people something, by name."""
        return sorted({pot for pots in self.people.values() for pot in pots})


def figures(computed: Computed) -> Figures:
    """The sums of a run."""
    facts, result = computed.facts, computed.result
    found = Figures(
        period=computed.period,
        received=facts.gross(),
        spent=facts.costs,
        people=summed_by_two([(line.to, line.pot, line.amount) for line in result.lines if line.account is not None]),
        into=summed_by_two([(line.to, line.account, line.amount) for line in result.lines if line.account is not None]),
        accounts=changes(facts.accounts, result.accounts),
        pots=changes(facts.carried, result.carried),
        balances=computed.balances,
        holds=dict(result.accounts),
        carried=dict(result.carried),
        taken=computed.deducted,
    )
    assert found.income == inflow(computed.pin), "the facts are not those of the pinned money"
    assert found.paid == given(result), "the shares by pot are not those of the run"
    assert found.to_people + found.to_accounts + found.to_pots == found.income, "the run does not tie to its income"
    return found


def changes(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """By how much each name holds more than before, without zeros, by name."""
    names = sorted(before.keys() | after.keys())
    return {name: change for name in names if (change := after.get(name, 0) - before.get(name, 0))}
