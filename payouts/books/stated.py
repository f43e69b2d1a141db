"""What a step of the log states: all that `postings` has words for, closes of book years, settled disputes. Pure.

A close is said line by line like a run: what the result bears, what it starts, what each pot gave, what was taken off.
Of a dispute, what was held goes where it went: to its person, less what is withheld, or back to the pot.
"""

from collections.abc import Callable, Iterable, Iterator

from contributions.dispute_facts import DisputeSettled
from governance import state as governance
from governance.rule import HELD
from governance.rules import parse
from ledger.book import Book
from payouts import state
from payouts.books.postings import SAY, Moment, Transaction, decisions, line_words, moved, taken_off
from payouts.compute import account_of
from payouts.state import OF_RESULT, owed_name
from payouts.taken_off.taking_off import WITHHELD, advance_of, balance_of
from payouts.year_facts import YearComputed
from payouts.years.book_years import rules_since
from payouts.years.year_inputs import forward
from payouts.years.year_run import YearRun, computed_year

Said = tuple[str, str, str, int, str]
"""A line: words, the account of the books that has more of it, the one that has less, how much, whose."""


def stated(at: Moment) -> tuple[Transaction, ...]:
    """The transactions of a step: what the entry says, or the decisions that took effect with it."""
    return tuple((LINES | SAY).get(at.kind, decisions)(at))


def has_words(kind: str) -> bool:
    """Whether a kind of entry says all that it moves."""
    return kind in SAY or kind in LINES


def _lines(at: Moment, head: str, lines: Iterable[Said], **more: str) -> Iterator[Transaction]:
    """Each line as a transaction, numbered; those that come to nothing are left out."""
    said = ((words, debit, credit, amount, whose) for words, debit, credit, amount, whose in lines if amount)
    for number, (words, debit, credit, amount, whose) in enumerate(said, start=1):
        member = {"member": at.chart.short(whose)} if whose else {}
        yield Transaction(
            date=at.day,
            code=f"{at.index}.{number}",
            words=f"{head}: {words}",
            tags={"entry": at.index, "line": str(number), **more, **member},
            postings=moved(at.where(debit), at.where(credit), amount),
        )


def _year(at: Moment) -> Iterable[Transaction]:
    """The close of a book year, in its order."""
    assert isinstance(at.said, YearComputed)
    year = at.said.year
    return _lines(at, f"the book year {year} is closed", _of_year(at, computed_year(at.book, year)), period=year)


def _of_year(at: Moment, found: YearRun) -> Iterator[Said]:
    later = forward(rules_since(at.book, found.year))
    rule = parse(governance.of(at.book).rules[found.pin.rule].text)
    for person, lacks in found.uncollected.items():
        yield f"not to be collected from {at.name(person)}", OF_RESULT, balance_of(person), lacks, person
    yield "costs that no income covered", OF_RESULT, later("pot:income"), -found.costs, ""
    if found.pin.tax:
        owed = owed_name(found.year, found.pin.authority)
        yield f"tax owed to {at.name(found.pin.authority)}", OF_RESULT, owed, found.pin.tax, ""
    for account, people in sorted(found.interest.items()):
        for person, paid in sorted(people.items()):
            on = later(f"member:{account}:{person}")
            yield f"interest to {at.name(person)}, on {account}", OF_RESULT, on, paid, person
    if found.start:
        yield f"the {found.start} of the year", OF_RESULT, later(f"pot:{found.start}"), found.amount, ""
    order = [step.pot for step in found.result.steps]
    for one in sorted(found.result.lines, key=lambda line: order.index(line.pot)):
        whose = one.to if one.account is not None else ""
        yield line_words(at, one), later(f"pot:{one.pot}"), later(account_of(rule, one)), one.amount, whose
    for words, person, to, amount in taken_off(at, found.deducted):
        yield words, balance_of(person), to, amount, person


def _dispute(at: Moment) -> Iterable[Transaction]:
    """What was held for disputed work goes where it belongs."""
    assert isinstance(at.said, DisputeSettled)
    held = f"member:{HELD}:"
    (person,) = {name.removeprefix(held) for name in _changed(at.book, at) if name.startswith(held)}
    outcome = "stands" if at.said.upheld else "is struck"
    return _lines(at, f"disputed work of {at.name(person)} {outcome}", _of_dispute(at, person))


def _of_dispute(at: Moment, person: str) -> Iterator[Said]:
    held, balance = f"member:{HELD}:{person}", balance_of(person)
    more = {name: amount for name, amount in _changed(at.book, at).items() if name != held}
    off = {name: more.pop(name) for name in list(more) if _is_taken_off(name, person)}
    if off or balance in more:
        more[balance] = more.get(balance, 0) + sum(off.values())
    for name, amount in sorted(more.items()):
        kind, _, rest = name.partition(":")
        back = f"what was held goes back to {rest}"
        kept = f", on {rest.rpartition(':')[0]}" if kind == "member" else ""
        paid = f"what was held to {at.name(person)}{kept}"
        yield (back if kind == "pot" else paid), held, name, amount, "" if kind == "pot" else person
    for name, amount in sorted(off.items()):
        is_advance = name == advance_of(person)
        what = f"advance to {at.name(person)}, set off" if is_advance else f"withheld of {at.name(person)}"
        to = "" if is_advance else f" for {at.name(name.rpartition(':')[2])}"
        yield what + to, balance, name, amount, person


def _is_taken_off(name: str, person: str) -> bool:
    """Whether an account is what is withheld for an authority, or an open advance."""
    return name == advance_of(person) or name.startswith(f"owed:{WITHHELD}:")


def _changed(book: Book, at: Moment) -> dict[str, int]:
    """By how much more is kept or owed on each account of the books after this step."""
    now = state.of(book).accounts
    names = sorted({*now, *at.accounts})
    return {name: more for name in names if (more := at.accounts.get(name, 0) - now.get(name, 0))}


LINES: dict[str, Callable[[Moment], Iterable[Transaction]]] = {
    "payouts.year_computed": _year,
    "contributions.dispute_settled": _dispute,
}
"""The kinds that are said line by line here; `SAY` has the others."""
