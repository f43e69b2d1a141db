"""What a run is computed from: the sheets, the money and the people of a pinned period, as the share rule reads them.

Everything comes out of the book and the shelf; nothing here is decided. Quantities become hours, pieces or major
units, and everything is summed up per person, role, kind and circle before the rule sees it.
"""

from collections import defaultdict
from fractions import Fraction

from contributions import state as contributions
from contributions.state import Quantity
from governance import state as governance
from governance.rule import MINUTE, MONEY, UNLISTED, Kind, Rule
from governance.rules import parse
from governance.run_facts import Facts, Item, Person, Receipt
from ledger.book import Book
from ledger.calendar import Period
from payouts.state import Money, Pin, lying, of

Sold = dict[tuple[str, str, str, str], Fraction]
"""(person, role, kind, circle) -> the part of a receipt that is theirs."""


def facts_of(book: Book, period: Period, pin: Pin, rule: Rule) -> Facts:
    """The facts of a run of this period under this rule. Accounts are those before the run."""
    state = of(book)
    members: dict[str, dict[str, int]] = defaultdict(dict)
    for name, amount in lying(book, "member").items():
        account, _, person = name.partition(":")
        members[account][person] = amount
    receipts = [(one, parts_of(pin, one)) for one in pin.money if one.incoming]
    return Facts(
        currency=book.ledger.currency,
        exponent=book.ledger.exponent,
        receipts=tuple(Receipt(amount=one.amount, deals=_by_person(parts)) for one, parts in receipts),
        costs=sum(one.amount for one in pin.money if not one.incoming),
        carried=lying(book, "pot"),
        accounts=lying(book, "account") | lying(book, "result"),
        members=dict(members),
        balances=lying(book, "balance"),
        debts=state.debts,
        seed=period.id,
        people=_people(book, period, pin),
        items=tuple(_items(book, period, rule) + _sold_items(book, rule, receipts)),
        open=state.open_claims,
    )


def parts_of(pin: Pin, money: Money) -> Sold:
    """Whose a receipt is: each named deal's sellers, by what they sold of them all; empty where nobody sold."""
    sold: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for ref in money.deals:
        for seller, qty in pin.sellers.get(ref, {}).items():
            person, role, kind, circle = seller.split(" ", 3)
            sold[person, role, kind, circle] += qty
    total = sum(sold.values())
    return {seller: Fraction(qty, total) for seller, qty in sorted(sold.items())}


def ages(book: Book, period: Period, rule: Rule) -> list[tuple[int, str]]:
    """(age, period) of every closed period that a pot of this rule looks at, this one first."""
    reach = _reach(rule)
    rows = [row.id for row in book.ledger.calendar if row.cut <= period.cut]
    known = contributions.of(book).sheets
    return [(age, one) for age, one in enumerate(reversed(rows)) if one in known and (reach is None or age < reach)]


def _reach(rule: Rule) -> int | None:
    """How many runs back the rule looks at most; None for all there ever were."""
    windows = [pot.how.among.look_back for pot in rule.pots.values() if hasattr(pot.how, "among")]
    if any(window is None for window in windows):
        return None
    return max(windows, default=1)


def _items(book: Book, period: Period, rule: Rule) -> list[Item]:
    found = []
    for age, one in ages(book, period, rule):
        for quantity in contributions.sheet(book, one).quantities:
            listed = _listed(book, rule, quantity, one)
            # What is weighed by the money that came in is made from the receipts, not from what was agreed.
            if not quantity.early and listed.when != "paid":
                found.append(_item(quantity, age, book.ledger.exponent, listed if listed is not _own(rule, quantity) else None))
    return found


def _own(rule: Rule, quantity: Quantity) -> Kind:
    return rule.listed(quantity.role, quantity.kind)


def _listed(book: Book, rule: Rule, quantity: Quantity, sheet: str) -> Kind:
    """The line of the catalogue a quantity is weighed by: of its own date's rule when it came late."""
    listed = _own(rule, quantity)
    if quantity.period != sheet:
        start = next(row.start for row in book.ledger.calendar if row.id == quantity.period)
        then = parse(governance.of(book).rules[governance.rule_at(book, start)].text)
        before = then.listed(quantity.role, quantity.kind)
        listed = before if before != listed else listed
    # A kind whose measure a vote has changed cannot weigh work that was counted in another.
    return listed if listed.per[1] == quantity.unit or listed.points is None and listed.claim is None else UNLISTED


def _item(quantity: Quantity, age: int, exponent: int, listed: Kind | None) -> Item:
    return Item(
        who=quantity.who,
        role=quantity.role,
        kind=quantity.kind,
        qty=in_units(quantity.qty, quantity.unit, exponent),
        age=age,
        circle=quantity.circle,
        gift=quantity.gift,
        listed=listed,
    )


def in_units(qty: int, unit: str, exponent: int) -> Fraction:
    """A logged quantity as rules write it: hours, major units of money, or pieces."""
    if unit == MINUTE:
        return Fraction(qty, 60)
    return Fraction(qty, 10**exponent) if unit == MONEY else Fraction(qty)


def _sold_items(book: Book, rule: Rule, receipts: list[tuple[Money, Sold]]) -> list[Item]:
    """Deals that were paid this period, by what came in."""
    came: dict[tuple[str, str, str, str], Fraction] = defaultdict(Fraction)
    for money, parts in receipts:
        for seller, part in parts.items():
            came[seller] += Fraction(money.amount, 10**book.ledger.exponent) * part
    return [
        Item(who=who, role=role, kind=kind, circle=circle, qty=qty)
        for (who, role, kind, circle), qty in sorted(came.items())
        if rule.listed(role, kind).when == "paid"
    ]


def _by_person(parts: Sold) -> dict[str, Fraction]:
    whole: dict[str, Fraction] = defaultdict(Fraction)
    for (person, *_), part in parts.items():
        whole[person] += part
    return dict(whole)


def _people(book: Book, period: Period, pin: Pin) -> dict[str, Person]:
    state = of(book)
    pay = state.pay if state.year == book_year(book, period) else {}
    return {
        person: Person(
            standing=seen.standing,
            tenure=seen.tenure,
            left=seen.standing == "former",
            pay=pay.get(person, 0),
            last=_inside(state.last, person),
            paid=_inside(state.paid, person),
        )
        for person, seen in pin.people.items()
    }


def _inside(nested: dict[str, dict[str, int]], person: str) -> dict[str, int]:
    return {pot: amounts[person] for pot, amounts in nested.items() if person in amounts}


def book_year(book: Book, period: Period) -> str:
    """The first day of the book year a period begins in."""
    year, day = int(period.first[:4]), book.ledger.year_start
    return f"{year if period.first[5:] >= day else year - 1:04}-{day}"
