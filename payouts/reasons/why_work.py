"""The work behind a weight: every kind of it with its measure, what it comes to, and the pieces that people logged.

Everything is worked out anew from the sheets, and must come to the very weight that the run shared by.
"""

from collections.abc import Container
from fractions import Fraction
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from contributions import state as contributions
from contributions.disputes import Part, apart
from contributions.state import Quantity, Work
from governance.among import Among
from governance.rule import MINUTE, MONEY, Kind, Rule
from governance.rule_values import spelled
from governance.run_facts import Item
from governance.weights import Tally, fade, tallies, worth
from ledger.book import Book
from ledger.calendar import Period, containing
from ledger.names import Look
from ledger.private import show
from ledger.spans import show_minutes
from payouts.amounts import Amounts, number
from payouts.compute import Computed
from payouts.corrections.late_work import RuleThen, rules_then, work_of
from payouts.inputs import Seller, ages, item_of, listed_for, parts_of
from payouts.kept import Money, Pin
from payouts.state import of
from payouts.years.year_late import work_of_year


class Weighing(Struct, frozen=True, kw_only=True):
    """What is weighed for whom: a run, its rule, who shares by what, and the person."""

    book: Book
    period: Period
    computed: Computed
    rule: Rule
    among: Among
    person: str
    say: Amounts
    words: Look
    runs: tuple[Computed, ...] = ()  # of a book year: those of its periods, in order; `period` is the last of them

    def sheets(self) -> list[tuple[int, str]]:
        """(age, period) of the sheets that are weighed, the newest first; in a book year all of them are of age 0."""
        if not self.runs:
            return ages(self.book, self.period, self.rule)
        known = contributions.of(self.book).sheets
        return [(0, run.period) for run in reversed(self.runs) if run.period in known]

    def before(self) -> int:
        """The entry that computed it: what was said later does not count here."""
        own = of(self.book)
        return (own.years if self.runs else own.runs)[self.computed.period].entry

    def work_of(self, sheet: str, then: RuleThen) -> list[tuple[Part, str]]:
        """The work that counts at the age of a sheet, each with the sheet it stands in."""
        if not self.runs:
            return work_of(self.book, self.period, sheet, then, self.before())
        return work_of_year(self.book, {run.period for run in self.runs}, sheet, then, self.before())

    def pins(self) -> list[tuple[str, Pin]]:
        """(period, pin) of the money that is weighed, in order."""
        return [(run.period, run.pin) for run in self.runs or (self.computed,)]

    def listed_for(self, then: RuleThen, quantity: Quantity, sheet: str) -> Kind:
        """The line of the catalogue that weighs a quantity; the year's own rule for all the work of a book year."""
        of_year = quantity.period in {run.period for run in self.runs}
        return listed_for(self.rule, then, quantity, quantity.period if of_year else sheet)

    def looks_at(self, item: Item) -> bool:
        """Whether the share looks at this piece of work, by its role, circle and age."""
        return bool(self.among.chosen(replace(self.computed.facts, items=(item,))))

    def tallies(self) -> dict[str, Tally]:
        """What everybody's chosen work comes to, as the run counted it."""
        return tallies(self.among, self.rule, self.computed.facts)

    def own(self) -> Tally | None:
        """What the person's chosen work comes to; None where there is none."""
        return self.tallies().get(self.person)


class Row(Struct, frozen=True, kw_only=True):
    """One kind of work as it is shown, and what it weighs exactly: a text that was cut off cannot be added up."""

    weighs: Fraction
    life: str
    data: dict[str, Any]


def work_rows(at: Weighing) -> list[Row]:
    """The person's work that the share looks at, kind by kind: quantity × measure = what it weighs, and its pieces."""
    then, rows = rules_then(at.book), list[Row]()
    for age, sheet in at.sheets():
        for (quantity, key), came in at.work_of(sheet, then):
            if quantity.early or quantity.who != at.person:
                continue
            listed = at.listed_for(then, quantity, sheet)
            item = item_of(quantity, age, at.say.exponent, None)
            if listed.when != "paid" and at.looks_at(item):
                pieces = _pieces(at, came, quantity, key, apart(at.book, came, at.before()))
                rows.append(_row(at, item, listed, sheet, {"pieces": pieces, "disputed": bool(key)}))
    return rows + _paid_rows(at)


def comes_to(rows: list[Row]) -> Fraction:
    """What all rows weigh together; claims in major units."""
    return sum((row.weighs for row in rows), Fraction(0))


def data_of(rows: list[Row]) -> list[dict[str, Any]]:
    """The rows as they are answered."""
    return [row.data for row in rows]


def _row(at: Weighing, item: Item, listed: Kind, sheet: str, more: dict[str, Any]) -> Row:
    weight = worth(at.among, item, listed, at.say.exponent)
    weighs = Fraction(weight, 10**at.say.exponent if at.among.weight == "claims" else 1)
    return Row(weighs=weighs, life=listed.life, data=_row_data(at, item, listed, sheet, weighs) | more)


def _row_data(at: Weighing, item: Item, listed: Kind, sheet: str, weighs: Fraction) -> dict[str, Any]:
    return {
        "role": item.role,
        "kind": item.kind,
        "circle": item.circle,
        "period": sheet,
        "of_year": bool(at.runs),
        "age": item.age,
        "quantity": number(item.qty),
        "unit": "h" if listed.per[1] == MINUTE else at.say.currency if listed.per[1] == MONEY else "",
        "measure": _measure(at.among.weight, listed),
        "fade": number(fade(item.age, at.among.half_life)) if at.among.half_life else "1",
        "weighs": spelled(weighs),
        "life": listed.life if at.among.weight == "claims" else None,
        "other_rule": listed != at.rule.listed(item.role, item.kind),
    }


def _measure(weight: str, listed: Kind) -> str:
    """What a unit weighs, as the rule writes it: "10 per 1h"."""
    if weight == "points":
        return f"{number(listed.points)} per {listed.per_text}" if listed.points is not None else "no points"
    if weight == "claims":
        return f"{listed.claim.text} per {listed.per_text}" if listed.claim else "no claim"
    return "1 per 1h"


def _pieces(at: Weighing, sheet: str, quantity: Quantity, disputed: str, apart: Container[str]) -> list[dict[str, Any]]:
    """The pieces a quantity was summed up from: the one that is disputed, or all that are not, and not struck."""
    found = contributions.pieces(at.book, sheet)
    if disputed:
        return pieces_data(at.say, at.words, {disputed: found[disputed]})
    mine = {key: work for key, work in found.items() if key not in apart and _is_of(at.book, work, quantity)}
    return pieces_data(at.say, at.words, mine)


def pieces_data(say: Amounts, words: Look, found: dict[str, Work]) -> list[dict[str, Any]]:
    """Pieces of work in the order of the log, with their notes."""
    return [_piece(say, words, key, found[key]) for key in sorted(found, key=_place)]


def _is_of(book: Book, work: Work, quantity: Quantity) -> bool:
    # Whose it is comes first: it is the cheapest question, and settles almost every piece.
    mine = (work.who, work.role, work.kind, work.circle, work.unit, work.gift)
    if mine != (quantity.who, quantity.role, quantity.kind, quantity.circle, quantity.unit, quantity.gift):
        return False
    period = containing(book.ledger.calendar, work.date)
    return period is not None and period.id == quantity.period and not contributions.is_early(book, work)


def _place(key: str) -> tuple[int, int]:
    """How people spell a piece, "412.3", as numbers."""
    entry, _, item = key.partition(".")
    return int(entry), int(item)


def _piece(say: Amounts, words: Look, key: str, work: Work) -> dict[str, Any]:
    entry, item = _place(key)
    where = (entry, f"/items/{item - 1}/note")
    units = {MINUTE: show_minutes, MONEY: say.full}
    quantity = units.get(work.unit, str)(work.qty)
    return {"piece": key, "date": work.date, "quantity": quantity, "note": show(words([where]).get(where, ""))}


def _paid_rows(at: Weighing) -> list[Row]:
    """The person's deals that were paid in this period, receipt by receipt."""
    rows = list[Row]()
    money_in = ((period, pin, one) for period, pin in at.pins() for one in pin.money if one.incoming)
    for period, pin, money in money_in:
        for seller, part in parts_of(pin, money).items():
            listed = at.rule.listed(seller.role, seller.kind)
            qty = Fraction(money.amount, 10**at.say.exponent) * part
            item = Item(who=seller.person, role=seller.role, kind=seller.kind, circle=seller.circle, qty=qty)
            if seller.person == at.person and listed.when == "paid" and at.looks_at(item):
                more = {"pieces": _sold(at, money, seller), "receipt": receipt_data(at, money, part)}
                rows.append(_row(at, item, listed, period, more))
    return rows


def receipt_data(at: Weighing, money: Money, part: Fraction) -> dict[str, Any]:
    """A receipt and the person's part in its deals."""
    deals = [show(deal) for deal in money.deals]
    return {"entry": money.entry, "amount": at.say.plain(money.amount), "deals": deals, "part": spelled(part)}


def _sold(at: Weighing, money: Money, seller: Seller) -> list[dict[str, Any]]:
    """The statements in which the person says that they sold these deals, whenever that was."""
    own = contributions.of(at.book)
    found = dict(own.work)
    for sheet in own.sheets:
        found |= contributions.pieces(at.book, sheet)
    mine = {
        key: work
        for key, work in found.items()
        if (work.who, work.role, work.kind, work.circle) == seller and set(work.refs) & set(money.deals) and work.counts
    }
    return pieces_data(at.say, at.words, mine)
