"""What counts under a rule, in the units work is logged in: minutes, minor units of money, pieces."""

from governance.rule import MONEY, Kind, Rule
from ledger.catalogue import Catalogue, KindOfWork


def catalogue(rule: Rule, exponent: int) -> Catalogue:
    """The rule's catalogue as every room reads it: role -> kind -> measure."""
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
