"""For the work of which role a run paid: everybody's share of every pot, by the roles of the work that it weighed.

Pure. A share by points, hours or claims goes to the roles of the work it looks at, each by what the person's work in it
weighs; a share by deals to the roles in which the deals were sold. What weighs no work (heads, pay, thanks, capital) is
not by work, and claims that were open from before are earlier claims: their role is no longer known. Whole minor units
throughout, so the roles together are to the cent what people got.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from fractions import Fraction

from msgspec.structs import replace

from governance.among import Among
from governance.run_facts import Item, Line
from governance.weights import Weight, worth
from ledger import money
from payouts.inputs import Seller, parts_of
from payouts.kept import Pin
from payouts.looking.reruns import Ran

NOT_BY_WORK, EARLIER = "not by work", "earlier claims"
"""Stand beside roles; no role has a blank in its name."""

Weights = Mapping[str, Mapping[str, Weight]]
"""Person -> role -> what the person's work in it weighs."""


Sorted = Callable[[Item | Seller], str]
"""By what work is told apart: by its role, or by its circle."""


def by_role(ran: Ran, pin: Pin) -> dict[str, int]:
    """Role -> what a run gave people for work in it, in minor units, by name; not by work and earlier claims last."""
    return by_sort(ran, pin, lambda work: work.role)


def by_sort(ran: Ran, pin: Pin, sort: Sorted) -> dict[str, int]:
    """The same by another sort of work."""
    sums: dict[str, int] = defaultdict(int)
    weights: dict[str, Weights] = {}
    for line in ran.result.lines:
        if line.account is None:
            continue
        if line.pot not in weights:
            weights[line.pot] = weights_in(ran, line.pot, pin, sort)
        for role, part in _parts(line, weights[line.pot].get(line.to, {}), ran.facts.seed).items():
            sums[role] += part
    return {role: sums[role] for role in sorted(sums, key=lambda role: (role in (NOT_BY_WORK, EARLIER), role))}


def _parts(line: Line, weights: Mapping[str, Weight], seed: str) -> dict[str, int]:
    """One line's money by role."""
    roles = [role for role, weight in weights.items() if weight]
    if len(roles) < 2:
        return {roles[0] if roles else NOT_BY_WORK: line.amount}
    # Odd cents follow the person and the account too, so that they do not always fall to the same role.
    return money.split(line.amount, weights, seed=f"{line.pot}/{seed}/{line.to}/{line.account}".encode())


def weights_in(ran: Ran, pot: str, pin: Pin, sort: Sorted = lambda work: work.role) -> Weights:
    """What everybody's work weighs in a pot: points, hours, or minor units; nothing where no work is weighed."""
    among = ran.rule.pots[pot].how.sharing()
    if among is not None and among.by_items:
        return _of_work(ran, pot, among, sort)
    return _of_deals(pin, sort) if among is not None and among.weight == "deals" else {}


def _of_work(ran: Ran, pot: str, among: Among, sort: Sorted) -> Weights:
    found: dict[str, dict[str, Weight]] = {}
    ones: dict[tuple[str, str, int, int], Weight] = {}
    for item in among.chosen(ran.facts):
        # A weight grows evenly with the quantity, so one of each sort of work is weighed for all.
        alike = (item.role, item.kind, item.age, id(item.listed))
        if alike not in ones:
            kind = item.listed or ran.rule.listed(item.role, item.kind)
            ones[alike] = worth(among, replace(item, qty=Fraction(1)), kind, ran.facts.exponent)
        if ones[alike]:
            sorts, weight, own = found.setdefault(item.who, {}), item.qty * ones[alike], sort(item)
            sorts[own] = sorts[own] + weight if own in sorts else weight
    for person, claim in ran.facts.open.get(pot, {}).items() if among.weight == "claims" else ():
        found.setdefault(person, {})[EARLIER] = claim
    return found


def _of_deals(pin: Pin, sort: Sorted) -> Weights:
    """What everybody sold of the deals that were paid, in minor units, by the sort of work that sold it."""
    found: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for one in pin.money:
        for seller, part in parts_of(pin, one).items() if one.incoming else ():
            found[seller.person][sort(seller)] += one.amount * part
    return found
