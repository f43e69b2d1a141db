"""What counts under a rule, in the units work is logged in: minutes, minor units of money, pieces."""

from governance.rule import HOUR, MINUTE, MONEY, Kind, Rule
from ledger.catalogue import Catalogue, KindOfWork

UNLISTED_WORK = {"work": {HOUR: KindOfWork(points="0", per="60", unit=MINUTE)}}
"""What can be logged where a rule shares by hours and lists no work: hours are hours, whatever was done in them."""


def catalogue(rule: Rule, exponent: int) -> Catalogue:
    """The rule's catalogue as every room reads it: role -> kind -> measure."""
    if not rule.points and any(among.weight == "hours" for pot in rule.pots.values() if (among := pot.how.sharing())):
        return UNLISTED_WORK
    return {
        role: {name: _measure(kind, exponent) for name, kind in kinds.items()} for role, kinds in rule.points.items()
    }


def _measure(kind: Kind, exponent: int) -> KindOfWork:
    number, unit = kind.per
    return KindOfWork(
        points=None if kind.points is None else str(kind.points),
        per=str(number * 10**exponent if unit == MONEY else number),
        unit=unit,
        when=kind.when,
        claim=None if kind.claim is None else str(kind.claim.minor(exponent)),
    )
