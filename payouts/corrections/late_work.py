"""Late work under `late = "true_up"`: it belongs to the period of its date and changes what that period paid. Pure.

It stands in the sheet of the period in which it came. The run of that period leaves it out; an amendment of its own
period takes it in, and later runs that look back see it there, as if it had come in time.
"""

from collections.abc import Callable

from contributions import state as contributions
from contributions.disputes import Part, parts_of
from contributions.state import Quantity
from governance import state as governance
from governance.rule import TRUE_UP, Rule
from governance.rules import parse
from ledger.book import Book
from ledger.calendar import Period
from payouts.corrections.correcting import Correcting

RuleThen = Callable[[str], Rule]
"""The rule of a period by the period's id: what late work is weighed by."""


def rules_then(book: Book) -> RuleThen:
    """The rule that was in force at the start of a period, each version parsed once."""
    starts = {row.id: row.start for row in book.ledger.calendar}
    parsed: dict[str, Rule] = {}

    def then(period: str) -> Rule:
        digest = governance.rule_at(book, starts[period])
        if digest not in parsed:
            parsed[digest] = parse(governance.of(book).rules[digest].text)
        return parsed[digest]

    return then


def trues_up(quantity: Quantity, sheet: str, then: RuleThen) -> bool:
    """Whether work of this sheet changes what the earlier period of its date paid."""
    late = not quantity.early and quantity.period not in ("", sheet)
    return late and then(quantity.period).late == TRUE_UP


def work_of(book: Book, run: Period, period: str, then: RuleThen, before: int) -> list[tuple[Part, str]]:
    """The work that counts at a period's age in a run, as it was disputed before an entry, with the sheet of each."""
    cuts = {row.id: row.cut for row in book.ledger.calendar}
    own = parts_of(book, period, before)
    found = [(one, period) for one in own if not trues_up(one.quantity, period, then)]
    for sheet in _kept(book).late_in.get(period, ()):
        if cuts[sheet] <= run.cut:
            found += [(one, sheet) for one in late_of(book, period, sheet, then, before)]
    return found


def late_of(book: Book, period: str, sheet: str, then: RuleThen, before: int) -> list[Part]:
    """The work of a later sheet that trues a period up, as it was disputed before this entry."""
    found = parts_of(book, sheet, before)
    return [one for one in found if one.quantity.period == period and trues_up(one.quantity, sheet, then)]


def note_late(book: Book, sheet: str) -> None:
    """Of a sheet that was frozen just now, keep which earlier periods its late work changes.

    Gifts move no money, so they alone ask for no amendment.
    """
    own, then = _kept(book), rules_then(book)
    for quantity in contributions.sheet(book, sheet).quantities:
        if not trues_up(quantity, sheet, then):
            continue
        for kept in (own.late_in,) if quantity.gift else (own.late_in, own.late_due):
            sheets = kept.setdefault(quantity.period, [])
            if sheet not in sheets:
                sheets.append(sheet)


def _kept(book: Book) -> Correcting:
    found: Correcting = book.parts["payouts"]
    return found
