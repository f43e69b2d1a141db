"""What an amendment does to money that its period holds for disputed work. Pure.

While a dispute is open, more or less is held. Once it is settled, the difference goes where the money went: to the
person if the work stands, to the pot if it was struck; of several pieces, to the person unless all were struck.
"""

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from contributions import state as contributions
from governance.rule import HELD, Rule
from governance.run_facts import Item, Line
from ledger.book import Book
from payouts.corrections.standing import Amended
from payouts.held_money import HeldMoney
from payouts.holding import hold
from payouts.state import of
from payouts.taken_off.taking_off import balance_of

Keyed = Sequence[tuple[str, Item]]
"""Late work, with the key of each piece that is disputed."""
Named = Callable[[str], str]


def settled_moves(
    book: Book, period: str, lines: Sequence[Line], late: Keyed, later: Named
) -> Iterator[tuple[str, str, int, Line]]:
    """(debit, credit, amount, line) of what is no longer held: money that the line put on, or took from, `held`."""
    for line in (one for one in lines if one.account == HELD):
        held, where = f"member:{HELD}:{line.to}", _where(book, period, line, later)
        open_now = sum(row.amount for row in _rows(book, period, line, later))
        if line.amount < 0 and -line.amount > open_now:
            yield where, held, -line.amount - open_now, line
        if line.amount > 0 and not open_now and not _disputed_of(late, line.to):
            yield held, where, line.amount, line


def hold_otherwise(book: Book, found: Amended, rule: Rule, late: Keyed, later: Named) -> None:
    """Remember that more, or less, is held for disputed work."""
    for line in (one for one in found.lines if one.account == HELD):
        rows, keyed = _rows(book, found.period, line, later), _disputed_of(late, line.to)
        if line.amount < 0:
            _take(rows, -line.amount)
        elif keyed:
            computed = found.computed
            more = replace(computed.result, lines=(line,))
            hold(book, found.period, rule, computed.facts, more, lambda keyed=keyed: keyed, later)  # type: ignore[misc]
        elif rows:
            account = next(iter(rows[0].to))
            rows[0].to[account] += line.amount
    own = of(book)
    own.disputed_money = [row for row in own.disputed_money if row.amount]


def _take(rows: Sequence[HeldMoney], amount: int) -> None:
    """Less is held; the first rows first."""
    for row in rows:
        for account in list(row.to):
            part = min(row.to[account], amount)
            row.to[account] -= part
            amount -= part


def _rows(book: Book, period: str, line: Line, later: Named) -> list[HeldMoney]:
    """What is held still of a run's share for somebody from a pot."""
    held = of(book).disputed_money
    return [row for row in held if (row.run, row.person, row.pot) == (period, line.to, later(f"pot:{line.pot}"))]


def _disputed_of(late: Keyed, person: str) -> Keyed:
    return [(key, item) for key, item in late if key and item.who == person]


def _where(book: Book, period: str, line: Line, later: Named) -> str:
    """Where the money went that the run held for somebody: to the person, or back to the pot."""
    then = of(book).runs[period].entry
    mine = [
        one
        for one in contributions.of(book).disputes.values()
        if one.who == line.to and one.entry < then and one.was_open(then)
    ]
    struck = mine and not any(one.upheld for one in mine)
    return later(f"pot:{line.pot}") if struck else balance_of(line.to)
