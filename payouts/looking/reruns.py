"""Closed periods run again under another rule, each on the facts of its own run: its money, people, accounts and work.

Nothing is carried from one rerun to the next: every period starts from where its own run started.
"""

from msgspec import Struct
from msgspec.structs import replace

from governance import state as governance
from governance.moving import facts_under
from governance.rule import Rule
from governance.rules import parse
from governance.run import run
from governance.run_facts import Facts, Result
from ledger.book import Book
from ledger.calendar import Period
from payouts import state
from payouts.compute import Computed, computed_run, inflow
from payouts.figures import changes
from payouts.inputs import items_of, thanks_of
from payouts.times import row_named

Place = tuple[str, str]
"""(sort, id): ("people", person), ("accounts", "reserve"), ("pots", "work")."""
SORTS = ("people", "accounts", "pots")


class Closed(Struct, frozen=True, kw_only=True):
    """A period whose run was computed, read once for all rules that are tried on it."""

    period: Period
    computed: Computed

    @property
    def income(self) -> int:
        """What came in, less what was spent, in minor units."""
        return inflow(self.computed.pin)


class Ran(Struct, frozen=True, kw_only=True):
    """One run: the rule, the facts that it read, and what it came to."""

    rule: Rule
    facts: Facts
    result: Result

    def gains(self) -> dict[Place, int]:
        """By how much everybody and every account and pot holds more after the run."""
        facts, result = self.facts, self.result
        gains: dict[Place, int] = {}
        people = [(facts.balances, result.balances)]
        people += [
            (facts.members.get(name, {}), result.members.get(name, {}))
            for name in facts.members.keys() | result.members.keys()
        ]
        for before, after in people:
            for person, change in changes(before, after).items():
                gains["people", person] = gains.get(("people", person), 0) + change
        places = (("accounts", facts.accounts, result.accounts), ("pots", facts.carried, result.carried))
        for sort, before, after in places:
            gains |= {(sort, name): change for name, change in changes(before, after).items()}
        return gains


def closed(book: Book, periods: int) -> list[Closed]:
    """The last computed periods, oldest first."""
    last = list(state.of(book).runs)[-periods:]
    return [Closed(period=row_named(book, period), computed=computed_run(book, period)) for period in last]


def as_it_was(book: Book, one: Closed) -> Ran:
    """The run that was computed."""
    rule = parse(governance.of(book).rules[one.computed.rule].text)
    return Ran(rule=rule, facts=one.computed.facts, result=one.computed.result)


def rerun(book: Book, one: Closed, rule: Rule) -> Ran:
    """The run as this rule would have made it. Raises RuleError for facts that the rule cannot start from."""
    # Work is weighed by the rule that is tried, also where it came late; so nothing is asked about older rules.
    items = items_of(book, one.period, one.computed.pin, rule, lambda _: rule)
    thanks = thanks_of(book, one.period, rule)
    facts = replace(facts_under(one.computed.facts, rule), items=items, thanks=thanks)
    return Ran(rule=rule, facts=facts, result=run(rule, facts))
