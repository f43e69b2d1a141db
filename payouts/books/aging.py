"""How long members have waited for what lies on their balance: the newest shares are what is not paid yet. Pure.

Whatever was paid went for the oldest shares, so a balance is made of the newest ones: walking back from the last run,
each share is taken as unpaid until together they are the balance. A share is as old as the run that computed it.
"""

from collections.abc import Iterator, Mapping

from ledger.book import Book
from payouts import state
from payouts.bank.paying import DAY
from payouts.compute import computed_run
from payouts.taken_off.taking_off import onto_balance
from payouts.years.year_run import computed_year

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
    """What each run, book year and redemption put on balances, the newest first, with the time its period was cut off.

    What was redeemed by decision is as old as the decision.
    """
    own, cuts = state.of(book), {row.id: row.cut for row in book.ledger.calendar}
    ends = {year: cuts[computed_year(book, year).periods[-1]] for year in own.years}
    dated = [(run.entry, cuts[period], period, RUN) for period, run in own.runs.items()]
    dated += [(run.entry, ends[year], year, YEAR) for year, run in own.years.items()]
    dated += [(run.entry, ends[year], year, REDEEMED) for year, run in own.redemptions.items()]
    dated += [(one.entry, one.received, str(at), DECIDED) for at, one in enumerate(own.capital_moves)]
    for _, cut, which, sort in sorted(dated, reverse=True):
        yield cut, _credited(book, which, sort)


RUN, YEAR, REDEEMED, DECIDED = range(4)
"""What puts money on balances."""


def _credited(book: Book, which: str, sort: int) -> dict[str, int]:
    """What one of them put on balances, net."""
    own = state.of(book)
    if sort == REDEEMED:
        return own.redemptions[which].payees
    if sort == DECIDED:
        one = own.capital_moves[int(which)]
        return {one.person: one.amount - one.advance}
    found = computed_year(book, which) if sort == YEAR else computed_run(book, which)
    gross = onto_balance(found.result)
    return {person: amount - found.deducted.of(person) for person, amount in gross.items()}
