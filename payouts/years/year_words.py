"""A book year in words: its name, what it came to, and why nothing of it was shared. Pure."""

from governance import state as governance
from governance.rules import parse
from ledger.book import Book
from ledger.errors import Refused
from payouts import state
from payouts.amounts import Amounts, amounts_of, people_words
from payouts.kept import Run
from payouts.sums import total
from payouts.year_facts import standing_of_year
from payouts.years.book_years import next_year, rule_of, why_not_close, years
from payouts.years.year_run import YearRun, computed_year


def year_named(book: Book, text: str) -> str:
    """The first day of the book year that somebody means by "2026" or "2026-01-01". Raises Refused."""
    found = [year for year in years(book) if text in (year, year[:4])]
    if not found:
        named = ", ".join(year[:4] for year in years(book))
        raise Refused(f"There is no book year {text!r}.", f"Name it by the year it begins in: {named}.")
    return found[0]


def is_year(book: Book, text: str) -> bool:
    """Whether somebody who may mean a period or a book year means a year; a period of that name comes first."""
    known = {row.id for row in book.ledger.calendar}
    return text not in known and any(text in (year, year[:4]) for year in years(book))


def run_of_year(book: Book, year: str) -> Run:
    """The computed run of a book year. Raises Refused, saying where the year stands, when there is none."""
    run = state.of(book).years.get(year)
    if run is None:
        hint = "Compute it: tally payout tick." if year in state.of(book).year_pins else f"tally year close {year[:4]}"
        raise Refused(f"The book year {year} is {standing_of_year(book, year)}.", hint)
    return run


def year_to_close(book: Book, text: str | None) -> str:
    """The year that is meant, or the oldest one that is not closed. Raises Refused where the calendar has none."""
    if text is not None:
        return year_named(book, text)
    year = next_year(book)
    if year is None:
        raise Refused("Every book year of the calendar is closed.", "tally year list")
    return year


def told_year(book: Book, entry: int) -> str:
    """What the entry that computed a book year says."""
    year, run = next((year, run) for year, run in state.of(book).years.items() if run.entry == entry)
    words = outcome_words(computed_year(book, year), amounts_of(book))
    return f"Book year {year} computed: {words}; digest {run.digest[:16]} (entry {entry})."


def outcome_words(found: YearRun, say: Amounts) -> str:
    """What a year came to, in a sentence without its end."""
    if found.start == "":
        return staying_words(found, say)
    people = {one for each in found.shares().values() for one in each}
    sort = "a surplus" if found.start == "surplus" else "a loss"
    shared = sum(sum(each.values()) for each in found.shares().values())
    much = f"{say.full(abs(shared))} {'to' if found.start == 'surplus' else 'from'} {people_words(len(people))}"
    return f"{sort} of {say.full(abs(found.amount))}, {much}, {say.full(total(found.interest))} interest"


def staying_words(found: YearRun, say: Amounts) -> str:
    """Why nothing of a year was shared."""
    if not found.amount:
        return "nothing is left over and nothing is lacking"
    pot = "surplus" if found.amount > 0 else "loss"
    left = "is left over" if found.amount > 0 else "is lacking"
    kept = f"{say.full(abs(found.amount))} {left}, and the rule has no pot {pot}"
    return f"{kept}: it stays in the result for the next year"


def result_words(found: YearRun, say: Amounts) -> str:
    """How the amount comes about: "result 100.00 - costs not covered 0.00 - tax 10.00 - interest 2.00 = 88.00 EUR"."""
    parts = [f"result {say.show(found.left)}"]
    parts += [f"costs that no income covered {say.show(-found.costs)}"] if found.costs else []
    parts += [f"tax {say.show(found.pin.tax)}", f"interest {say.show(total(found.interest))}"]
    parts += [f"not to be collected {say.show(sum(found.uncollected.values()))}"] if found.uncollected else []
    return f"{' - '.join(parts)} = {say.full(found.amount)}"


def shares_years(text: str) -> str:
    """What a comparison of periods does not show of a rule that shares a year's result; "" where it shares none."""
    pots = parse(text).pots
    if "surplus" not in pots and "loss" not in pots:
        return ""
    return "What it would share at the close of a book year is not in these figures."


def waiting_words(book: Book) -> list[str]:
    """What a treasurer has still to do about book years: close one that leaves something to share, or approve one."""
    own = state.of(book)
    lines = [
        f"The book year {year} waits for approval: tally year approve {year[:4]}"
        for year, run in own.years.items()
        if run.approved is None
    ]
    year = next_year(book)
    if year is not None and not why_not_close(book, year) and _shares(book, rule_of(book, year)):
        lines.append(f"The book year {year} is over and not closed yet: tally year close {year[:4]}")
    return lines


def _shares(book: Book, digest: str) -> bool:
    """Whether a rule does anything at the end of a year: a surplus, a loss, or interest."""
    rule = parse(governance.of(book).rules[digest].text)
    interest = any(account.interest is not None for account in rule.accounts.values())
    return interest or "surplus" in rule.pots or "loss" in rule.pots


def rule_words(book: Book, year: str) -> str:
    """The rule a computed book year follows."""
    rule = governance.of(book).rules[state.of(book).years[year].rule]
    return f"rule {rule.number}, the one in force when the year began"
