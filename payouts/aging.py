"""How long members have waited for what lies on their balance: the newest shares are what is not paid yet. Pure.

Whatever was paid went for the oldest shares, so a balance is made of the newest ones: walking back from the last run,
each share is taken as unpaid until together they are the balance. A share is as old as the run that computed it.
"""

from collections.abc import Iterator, Mapping

from ledger.book import Book
from payouts import state
from payouts.compute import computed_run
from payouts.paying import DAY
from payouts.taking_off import onto_balance
from payouts.year_run import computed_year

STEPS = (30, 60, 90)
"""Days: up to 30, up to 60, up to 90, and more."""

HEADS = ("0-30 days", "31-60 days", "61-90 days", "over 90 days")


def aged(book: Book, balances: Mapping[str, int], now: int) -> dict[str, list[int]]:
    """Person -> what of the balance is how old, by STEPS, in minor units. Of a balance of 0 or less nothing is owed."""
    left = {person: amount for person, amount in balances.items() if amount > 0}
    found = {person: [0] * len(HEADS) for person in left}
    for received, credits in _credits(book):
        if not any(left.values()):
            break
        step = step_of(now - received)
        for person, amount in credits.items():
            taken = min(max(amount, 0), left.get(person, 0))
            if taken:
                left[person] -= taken
                found[person][step] += taken
    for person, amount in left.items():
        found[person][-1] += amount  # from before anything that is known here
    return found


def step_of(age: int) -> int:
    """Which of STEPS an age in ms falls into."""
    days = max(age, 0) // DAY
    return next((at for at, limit in enumerate(STEPS) if days <= limit), len(STEPS))


def _credits(book: Book) -> Iterator[tuple[int, dict[str, int]]]:
    """What each run and book year put on balances, the newest first, with the time its period was cut off."""
    own, cuts = state.of(book), {row.id: row.cut for row in book.ledger.calendar}
    ends = {year: cuts[computed_year(book, year).periods[-1]] for year in own.years}
    dated = [(run.entry, cuts[period], period, False) for period, run in own.runs.items()]
    dated += [(run.entry, ends[year], year, True) for year, run in own.years.items()]
    for _, cut, which, is_year in sorted(dated, reverse=True):
        found = computed_year(book, which) if is_year else computed_run(book, which)
        gross = onto_balance(found.result)
        yield cut, {person: amount - found.deducted.of(person) for person, amount in gross.items()}
