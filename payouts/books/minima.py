"""What law and by-laws say the reserve must get at least, as the rule says it, beside what it got and holds. Pure."""

from math import ceil

from msgspec import Struct

from governance.rule import INDIVISIBLE, Rule
from governance.rule_names import Level
from governance.rules.split import Split
from governance.run_facts import Facts, Result


class Minimum(Struct, frozen=True, kw_only=True):
    """One line of the rule with "at least" that goes to an indivisible account, in one run. Minor units."""

    pot: str
    account: str
    clause: str
    least: int  # what the clause asks for, rounded up
    got: int
    reached: bool  # also where the account has come to the level that the clause names


def minima(rule: Rule, facts: Facts, result: Result) -> list[Minimum]:
    """Every such line of a run's pots that held money."""
    found = []
    for step in result.steps:
        how = rule.pots[step.pot].how
        if not isinstance(how, Split) or step.amount <= 0:
            continue
        # The lines with a bound, a base or a level come first, in written order, as do their parts.
        first = [line for line in how.lines if line.part is not None and not line.plain]
        for line, part in zip(first, step.parts, strict=False):
            declared = rule.accounts.get(line.to)
            if line.bound != ">=" or declared is None or declared.kind != INDIVISIBLE:
                continue
            least = ceil(part.exact)
            full = line.until is not None and result.accounts.get(line.to, 0) >= _level(line.until, facts)
            found.append(
                Minimum(
                    pot=step.pot,
                    account=line.to,
                    clause=line.words(),
                    least=least,
                    got=part.amount,
                    reached=part.amount >= least or full,
                )
            )
    return found


def _level(level: Level, facts: Facts) -> int:
    """The level in minor units: an amount, or what another account held before the run."""
    if level.amount is not None:
        return level.amount.minor(facts.exponent)
    of_people = facts.members.get(level.as_account, {})
    return facts.accounts.get(level.as_account, 0) + sum(of_people.values())
