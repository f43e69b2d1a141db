"""What this room shows inside other rooms' answers: beside a proposed rule, what it would have paid."""

from typing import Any

from msgspec import Struct

from governance.rules import parse
from ledger.book import Book
from ledger.looks import table
from ledger.names import Names
from payouts.amounts import Amounts, amounts_of
from payouts.impact import Compared, by_name, compare, impact_data, name_of, together, words

MANY = 12
"""With more rows than this in a period, only those that change are drawn."""

ENDINGS = {"people": "", "accounts": " (account)", "pots": " (pot)"}


class Impact(Struct, frozen=True, kw_only=True):
    """The answer to "what would this rule have paid?": as data for --json, and drawn."""

    data: dict[str, Any]
    table: Any


def rule_impact(book: Book, names: Names, rule_text: str) -> Impact:
    """What the last periods would have paid under this rule, beside what they paid. Raises RuleError."""
    found, say = compare(book, parse(rule_text)), amounts_of(book)
    return Impact(data=impact_data(found, names, say), table=_drawn(found, names, say))


def _drawn(found: list[Compared], names: Names, say: Amounts) -> Any:
    from rich.console import Group  # noqa: PLC0415  only what draws pays for Rich
    from rich.text import Text  # noqa: PLC0415

    if not found:
        return Text(words(found))
    cells = _section("", together(found), names, say)
    if len(found) > 1:
        for one in found:
            cells += [("", "", "", ""), *_section(f"{one.period}: ", one, names, say)]
    heads = ("Who or where", f"{say.currency} by the run", "Under this rule", "Difference")
    return Group(Text(words(found)), table(heads, cells, right=heads[1:]))


def _section(head: str, one: Compared, names: Names, say: Amounts) -> list[tuple[str, ...]]:
    """The rows of one period, or of all together, and their sum."""
    places = by_name(one.places(), names)
    shown = [place for place in places if len(places) <= MANY or not head or one.difference(place)]
    cells: list[tuple[str, ...]] = [
        (
            head + name_of(names, place) + ENDINGS[place[0]],
            say.show(one.paid.get(place, 0)),
            say.show(one.under.get(place, 0)),
            say.signed(one.difference(place)),
        )
        for place in shown
    ]
    if len(shown) < len(places):
        cells.append((f"{head}{len(places) - len(shown)} more are the same", "", "", say.signed(0)))
    sums = (sum(one.paid.values()), sum(one.under.values()))
    cells.append((f"{head}sum", say.show(sums[0]), say.show(sums[1]), say.signed(sums[1] - sums[0])))
    return cells
