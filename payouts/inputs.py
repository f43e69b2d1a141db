"""What a run is computed from: the sheets, the money and the people of a pinned period, as the share rule reads them.

Everything comes out of the book and the shelf; nothing here is decided. Quantities become hours, pieces or major
units, and everything is summed up per person, role, kind and circle before the rule sees it.
"""

from collections import defaultdict
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from contributions import state as contributions
from contributions.state import Quantity
from governance import moving
from governance.rule import MINUTE, MONEY, UNLISTED, Kind, Rule
from governance.run_facts import Facts, Item, Person, Receipt, Thanks
from ledger.book import Book
from ledger.calendar import Period
from payouts.corrections.late_work import RuleThen, rules_then, work_of
from payouts.kept import Money, Pin
from payouts.state import by_person, of, of_kind


class Seller(NamedTuple):
    """Who sold: the person, and the role, kind and circle of the work that names the deal."""

    person: str
    role: str
    kind: str
    circle: str


def facts_of(book: Book, period: Period, pin: Pin, rule: Rule) -> Facts:
    """The facts of a run of this period under this rule, in the rule's own names. Accounts are those before the run."""
    state, accounts = of(book), dict[str, int]()
    for name, amount in state.accounts.items():
        where = place(name, rule)
        accounts[where] = accounts.get(where, 0) + amount
    return Facts(
        currency=book.ledger.currency,
        exponent=book.ledger.exponent,
        receipts=receipts_of(pin),
        costs=sum(one.amount for one in pin.money if not one.incoming),
        carried=of_kind(accounts, "pot"),
        accounts=of_kind(accounts, "account"),
        members=by_person(of_kind(accounts, "member")),
        balances=of_kind(accounts, "balance"),
        debts=moving.of_pots(state.debts, rule),
        seed=period.id,
        people=_people(book, period, pin, rule),
        items=items_of(book, period, pin, rule, rules_then(book)),
        thanks=thanks_of(book, period, rule),
        open=moving.of_pots(state.open_claims, rule),
    )


def place(name: str, rule: Rule) -> str:
    """The account of the books where money lies under this rule: "pot:old" may become "pot:new"."""
    if not rule.moved:
        return name
    kind, _, rest = name.partition(":")
    if kind == "pot":
        return f"pot:{moving.pot(rest, rule)}"
    if kind == "account":
        return f"account:{moving.account(rest, rule)}"
    if kind == "member":
        account, _, person = rest.rpartition(":")
        return f"member:{moving.member(account, rule)}:{person}"
    return name


def receipts_of(pin: Pin) -> tuple[Receipt, ...]:
    """What came in, gross, and whose deals it was."""
    return tuple(Receipt(amount=one.amount, deals=_summed(parts_of(pin, one))) for one in pin.money if one.incoming)


def parts_of(pin: Pin, money: Money) -> dict[Seller, Fraction]:
    """Whose a receipt is: the sellers of its deals, by what they sold of them all; empty where nobody sold."""
    sold: dict[Seller, int] = defaultdict(int)
    for ref in money.deals:
        for seller, qty in pin.sellers.get(ref, {}).items():
            person, role, kind, circle = seller.split(" ", 3)
            sold[Seller(person, role, kind, circle)] += qty
    total = sum(sold.values())
    return {seller: Fraction(qty, total) for seller, qty in sorted(sold.items())}


def items_of(book: Book, period: Period, pin: Pin, rule: Rule, then: RuleThen) -> tuple[Item, ...]:
    """The work this rule looks at in a run of this period: of the sheets, and of deals that were paid."""
    done = [item for _, item in done_items(book, period, rule, then)]
    return tuple(done + paid_items(book.ledger.exponent, rule, pin))


def thanks_of(book: Book, period: Period, rule: Rule) -> tuple[Thanks, ...]:
    """Who thanked whom in the periods this rule looks at; empty where no pot shares by thanks."""
    if not any(among.weight == "thanks" for pot in rule.pots.values() if (among := pot.how.sharing())):
        return ()
    return tuple(
        Thanks(giver=one.giver, to=one.to, age=age)
        for age, sheet in ages(book, period, rule)
        for one in contributions.sheet(book, sheet).thanks
    )


def ages(book: Book, period: Period, rule: Rule) -> list[tuple[int, str]]:
    """(age, period) of every closed period that a pot of this rule looks at, this one first."""
    windows = [among.look_back for pot in rule.pots.values() if (among := pot.how.sharing())]
    reach = None if None in windows else max((window for window in windows if window), default=1)
    rows = [row.id for row in book.ledger.calendar if row.cut <= period.cut]
    known = contributions.of(book).sheets
    return [(age, one) for age, one in enumerate(reversed(rows)) if one in known and (reach is None or age < reach)]


def listed_for(rule: Rule, then: RuleThen, quantity: Quantity, sheet: str) -> Kind:
    """The line of the catalogue a quantity is weighed by: that of its own date's rule where it came late."""
    by = rule if quantity.period == sheet else then(quantity.period)
    listed = by.listed(quantity.role, quantity.kind)
    weighs = listed.points is not None or listed.claim is not None
    # A kind whose measure a vote has changed cannot weigh work that was counted in another.
    return UNLISTED if weighs and listed.per[1] != quantity.unit else listed


@lru_cache(maxsize=10_000)  # the same quantities come again and again
def in_units(qty: int, unit: str, exponent: int) -> Fraction:
    """A logged quantity as rules write it: hours, major units of money, or pieces."""
    if unit == MINUTE:
        return Fraction(qty, 60)
    return Fraction(qty, 10**exponent) if unit == MONEY else Fraction(qty)


def done_items(book: Book, period: Period, rule: Rule, then: RuleThen) -> list[tuple[str, Item]]:
    """The work of the sheets; with each piece that is disputed, which stands by itself, its key ("412.3")."""
    found, exponent = [], book.ledger.exponent
    lines: dict[tuple[str, str, str, str], tuple[Kind, Kind | None]] = {}  # looked up once for all that are alike
    for age, sheet in ages(book, period, rule):
        for (quantity, key), _ in work_of(book, period, sheet, then, book.size):
            if quantity.early:
                continue
            late = quantity.period if quantity.period != sheet else ""
            alike = (quantity.role, quantity.kind, quantity.unit, late)
            if alike not in lines:
                listed = listed_for(rule, then, quantity, sheet)
                lines[alike] = listed, None if listed == rule.listed(quantity.role, quantity.kind) else listed
            listed, other = lines[alike]
            # What is weighed by the money that came in is made from the receipts, not from what was agreed.
            if listed.when != "paid":
                found.append((key, item_of(quantity, age, exponent, other, bool(key))))
    return found


def item_of(quantity: Quantity, age: int, exponent: int, listed: Kind | None, disputed: bool = False) -> Item:
    """A quantity of a sheet as the share rule reads it; `listed` where another rule's catalogue weighs it."""
    return Item(
        who=quantity.who,
        role=quantity.role,
        kind=quantity.kind,
        qty=in_units(quantity.qty, quantity.unit, exponent),
        age=age,
        circle=quantity.circle,
        gift=quantity.gift,
        disputed=disputed,
        listed=listed,
    )


def paid_items(exponent: int, rule: Rule, pin: Pin) -> list[Item]:
    """Deals that were paid this period, by what came in."""
    came: dict[Seller, Fraction] = defaultdict(Fraction)
    for money in pin.money:
        for seller, part in parts_of(pin, money).items() if money.incoming else ():
            came[seller] += Fraction(money.amount, 10**exponent) * part
    return [
        Item(who=seller.person, role=seller.role, kind=seller.kind, circle=seller.circle, qty=qty)
        for seller, qty in sorted(came.items())
        if qty and rule.listed(seller.role, seller.kind).when == "paid"
    ]


def _summed(parts: dict[Seller, Fraction]) -> dict[str, Fraction]:
    whole: dict[str, Fraction] = defaultdict(Fraction)
    for seller, part in parts.items():
        whole[seller.person] += part
    return dict(whole)


def _people(book: Book, period: Period, pin: Pin, rule: Rule) -> dict[str, Person]:
    state = of(book)
    pay = state.pay if state.year == book_year(book, period) else {}
    last, paid = moving.of_pots(state.last, rule), moving.of_pots(state.paid, rule)
    return {
        person: Person(
            standing=seen.standing,
            tenure=seen.tenure,
            left=seen.standing == "former",
            pay=pay.get(person, 0),
            last=_inside(last, person),
            paid=_inside(paid, person),
        )
        for person, seen in pin.people.items()
    }


def _inside(nested: dict[str, dict[str, int]], person: str) -> dict[str, int]:
    return {pot: amounts[person] for pot, amounts in nested.items() if person in amounts}


def book_year(book: Book, period: Period) -> str:
    """The first day of the book year a period begins in."""
    return year_of(book, period.first)


def year_of(book: Book, date: str) -> str:
    """The first day of the book year a date lies in."""
    year, day = int(date[:4]), book.ledger.year_start
    return f"{year if date[5:] >= day else year - 1:04}-{day}"
