"""The book years there are: which periods each holds, when it may be closed, and what it began and ended with.

A book year begins on the day the founding named and holds the periods that begin in it; its rule is the one in force
when the first of them began. Years are closed one after the other. Whatever a year began or ended with is read off the
runs of its first and last period; a year before it that was closed later than that run is added. Pure.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from msgspec import Struct

from governance import moving
from governance import state as governance
from governance.rule import RESULT, Rule
from governance.rules import parse
from ledger.book import Book
from ledger.calendar import Period
from payouts.capital.capital_moves import by_close, by_decision
from payouts.compute import Computed, computed_run
from payouts.corrections.amended_years import changed_after, opened_otherwise
from payouts.corrections.amending import next_amendment
from payouts.corrections.standing import standing
from payouts.held_money import since_close
from payouts.inputs import book_year, year_of
from payouts.state import by_person, of
from payouts.sums import added, less
from payouts.years.year_inputs import Named, backward
from payouts.years.year_run import Members, YearRun, computed_year

FOREVER = 2**53
"""An instant (ms) that does not come."""


class Ended(Struct, frozen=True, kw_only=True):
    """What a year ended with: what lies in `result`, and the costs of `income` that nothing has covered (0 or less)."""

    result: int
    costs: int


def years(book: Book) -> dict[str, list[Period]]:
    """Every book year of the calendar by its first day, with the periods that begin in it, in order."""
    found: dict[str, list[Period]] = {}
    for row in book.ledger.calendar:
        found.setdefault(book_year(book, row), []).append(row)
    return found


def next_year(book: Book) -> str | None:
    """The oldest book year that nobody has closed; None where the calendar knows of none."""
    own = of(book)
    return next((year for year in years(book) if year not in own.years and year not in own.year_pins), None)


def why_not_close(book: Book, year: str) -> str:
    """Why a book year cannot be closed now, in words; "" where it can."""
    own, known = of(book), years(book)
    if year in own.years:
        return f"The book year {year} is closed and computed already (entry {own.years[year].entry})."
    if year in own.year_pins:
        return f"The book year {year} is closed already (entry {own.year_pins[year].entry})."
    if year not in known:
        return f"No book year begins on {year}; it begins on {book.ledger.year_start} of a year of the calendar."
    if own.year_pins:
        return f"The book year {next(iter(own.year_pins))} is closed and not computed yet."
    if year != next_year(book):
        return f"The book year {next_year(book)} comes before {year} and is not closed yet."
    last = known[year][-1]
    if not is_last(book, last) or last.id not in own.runs:
        return f"The book year {year} is not over: it can be closed once the run of its last period is computed."
    if waiting := next_amendment(book):
        return f"Period {waiting} is amended first: tally payout tick."
    return ""


def is_last(book: Book, period: Period) -> bool:
    """Whether the next period begins in another book year."""
    after = date.fromisoformat(period.last) + timedelta(days=1)
    return year_of(book, after.isoformat()) != book_year(book, period)


def runs_of(book: Book, year: str) -> list[Computed]:
    """The computed periods of a book year as they stood when it was closed, or stand now, in order."""
    closed = of(book).years.get(year)
    upto = closed.entry if closed else None
    return [standing(book, row.id, upto) for row in years(book)[year] if row.id in of(book).runs]


def rule_of(book: Book, year: str) -> str:
    """The digest of the rule that a book year follows: the one its first period followed."""
    return of(book).runs[years(book)[year][0].id].rule


def rules_since(book: Book, year: str) -> list[Rule]:
    """The rules of all runs since the first of a book year, each once, in the order they came."""
    runs = of(book).runs
    since = list(runs).index(years(book)[year][0].id)
    digests = dict.fromkeys(run.rule for run in list(runs.values())[since:])
    return [parse(governance.of(book).rules[digest].text) for digest in digests]


def opening(book: Book, year: str, rule: Rule) -> Members:
    """What lay on the member accounts when a book year began, in the names of its rule."""
    first = years(book)[year][0].id
    then = backward(rule, rules_since(book, year))
    corrected = opened_otherwise(book, year, of(book).runs[first].entry, then)
    upheld = less(_upheld_before(book, year, then))
    late = [added(one.result.members, less(one.members)) for one in _closed_after(book, first)]
    renamed = [{moving.member(name, rule): people} for change in late for name, people in change.items()]
    return added(computed_run(book, first).facts.members, *renamed, corrected, upheld, _as_of(book, year, rule))


def _as_of(book: Book, year: str, rule: Rule) -> Members:
    """What the first run of a year saw of redemptions that belong elsewhere, in the names of the year's rule.

    What the close of a year before took out later was gone already when this one began; what was taken out by decision
    since it began was there still.
    """
    own, first = of(book), years(book)[year][0]
    seen = own.runs[first.id].entry
    gone = [less(by_close(book, one)) for one, run in own.redemptions.items() if one < year and run.entry > seen]
    back = by_decision(book, first.start, FOREVER, before=seen)
    then = backward(rule, rules_since(book, year))
    found = added(*gone, back)
    return {then(f"member:{name}:").removeprefix("member:")[:-1]: people for name, people in found.items()}


def upheld_of(book: Book, year: str, then: Named) -> Members:
    """What disputed work that stands put on member accounts in a year, under other names."""
    periods = [row.id for row in years(book)[year] if row.id in of(book).runs]
    upheld = [of(book).upheld.get(period, {}) for period in periods]
    return added(_upheld_before(book, year, then), *(_members(each, then) for each in upheld))


def _upheld_before(book: Book, year: str, then: Named) -> Members:
    """The same, of what was upheld after the year before was computed, and before the first run of this one."""
    before = max((one for one in years(book) if one < year), default="")
    return _members(of(book).upheld.get(since_close(before), {}), then)


def _members(accounts: Mapping[str, int], then: Named) -> Members:
    sums: dict[str, int] = {}
    for name, amount in accounts.items():
        sums[then(name)] = sums.get(then(name), 0) + amount
    return by_person({name.removeprefix("member:"): amount for name, amount in sums.items()})


def ended(book: Book, year: str, closed: int) -> Ended:
    """What a book year ended with that is closed with this entry, whatever came after it.

    What was set right of an earlier year's tax until then is borne by this one.
    """
    own, last = of(book), years(book)[year][-1].id
    result = computed_run(book, last).result
    late = _closed_after(book, last)
    left = result.accounts.get(RESULT, 0) + sum(one.change_of_result for one in late)
    said = [one for corrected in own.tax_corrected.values() for one in corrected]
    left -= sum(one.more for one in said if own.runs[last].entry < one.entry < closed)
    income = result.carried.get("income", 0) - sum(one.costs for one in late)
    entry = of(book).runs[last].entry
    left += changed_after(book, year, entry, f"account:{RESULT}")
    income += changed_after(book, year, entry, "pot:income")
    return Ended(result=left, costs=min(0, income))


def _closed_after(book: Book, period: str) -> list[YearRun]:
    """The book years that were computed after the run of this period."""
    own = of(book)
    return [computed_year(book, year) for year, run in own.years.items() if run.entry > own.runs[period].entry]
