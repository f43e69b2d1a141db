"""What this room shows inside other rooms' answers: beside a proposed rule, what it would have paid."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from governance.rules import parse
from ledger.book import Book
from ledger.doors import Desk
from ledger.looks import table
from ledger.names import Names
from payouts.amounts import Amounts, amounts_of
from payouts.approving import run_named
from payouts.corrections.amendment_words import amendment_named
from payouts.corrections.correcting import period_of
from payouts.looking.impact import PERIODS, Compared, by_name, compare, impact_data, name_of, together, words
from payouts.looking.options import options_data, tried
from payouts.looking.options_table import drawn
from payouts.state import of
from payouts.years.year_words import is_year, run_of_year, shares_years, year_named

MANY = 12
"""With more rows than this in a period, only those that change are drawn."""

ENDINGS = {"people": "", "accounts": " (account)", "pots": " (pot)"}


class Impact(Struct, frozen=True, kw_only=True):
    """The answer to "what would this rule have paid?": as data for --json, and drawn."""

    data: dict[str, Any]
    table: Any


def held_for(book: Book, work: str) -> dict[str, str]:
    """What runs hold for a disputed piece of work ("412.3")."""
    held = sum(row.amount for row in of(book).disputed_money if row.work == work)
    return {"held": amounts_of(book).plain(held)}


def rule_impact(book: Book, names: Names, rule_text: str) -> Impact:
    """What the last periods would have paid under this rule, beside what they paid. Raises RuleError."""
    found, say = compare(book, parse(rule_text)), amounts_of(book)
    beside = shares_years(rule_text)
    data = impact_data(found, names, say)
    return Impact(data=data | {"years": beside} if beside else data, table=_with(_drawn(found, names, say), beside))


def options_impact(
    book: Book, names: Names, options: Sequence[tuple[str, str]], viewer: str | None, periods: int = PERIODS
) -> Impact:
    """What each option of a vote (label, text of its rule) would have paid in the last `periods` closed periods (1 up).

    As data, amounts being plain decimals and TRIPLE {"paid", "under", "difference"}:

        words, currency
        paid      what the runs gave, a row for each period, oldest first: {period, income, people, accounts, pots,
                  mine, roles: {role: amount}, rule: number of the version it was paid by}
        options   in ballot order: {label, title, periods: the same rows under this option (without rule), together}
        together  all periods: {mine, people, accounts, pots, sum: TRIPLE, roles: [{role} + TRIPLE],
                  concentration: {before, after: {people: how many, top: "31.2%", top_name, gini: "0.412"}}}

    `people`, `accounts` and `pots` are all they got, and add up to `income`; `roles` add up to `people`. `mine` is null
    where these periods do not know the viewer; `top` and `gini` where nobody got anything; `top_name` also where
    several got the most. Counted in the concentration are all members of these periods and whoever got something.
    Raises RuleError for a rule that cannot be read, or cannot start from the facts of a period.
    """
    found, say = tried(book, options, viewer, periods), amounts_of(book)
    beside = next((said for _, text in options if (said := shares_years(text))), "")
    data = options_data(found, names, say)
    return Impact(data=data | {"years": beside} if beside else data, table=_with(drawn(found, say), beside))


def to_approve(book: Book, text: str) -> tuple[str, str]:
    """What the members would approve by vote, by its period or book year, and its digest. Raises Refused.

    That is a payout, an amendment ("2025-08#1"), the close of a book year or, once that is approved, what it redeems.
    """
    if is_year(book, text):
        year = year_named(book, text)
        run = run_of_year(book, year)
        redeemed = of(book).redemptions.get(year)
        return year, (run if redeemed is None or run.approved is None else redeemed).digest
    if "#" in text:
        return period_of(text), amendment_named(book, text).digest
    return text, run_named(book, text).digest


def verify_file(desk: Desk, path: Path) -> None:
    """Check a file that a member was handed: the page of a statement. Raises TallyError with what is wrong with it."""
    from payouts.statements.statement_proving import verify_page  # noqa: PLC0415  (no other panel draws pages)

    verify_page(desk, path)


def _with(table: Any, beside: str) -> Any:
    """A table with a sentence below it, if there is one to be said."""
    from rich.console import Group  # noqa: PLC0415  only what draws pays for Rich
    from rich.text import Text  # noqa: PLC0415

    return Group(table, Text(beside)) if beside else table


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
