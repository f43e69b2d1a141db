"""What is unusual in a run, for treasurers to look at before they approve: shares, accounts, pairs. Pure.

Each is a sentence that says what is so and where to look. It accuses nobody, and stops nothing.
"""

from collections.abc import Iterator, Sequence

from contributions import state as contributions
from ledger.book import Book
from ledger.names import Names
from payouts import state
from payouts.amounts import Amounts

OWN_RUNS = 6
"""So many runs before this one tell what is usual for somebody."""

PIECES = 2
"""From so many pieces of work each way on two people are a pair."""

REVIEW = "review"


def anomalies(book: Book, names: Names, period: str, say: Amounts) -> list[str]:
    """All that is unusual in a computed run, without what is told of payment details."""
    return [*unusual_shares(book, names, period, say), *pairs(book, names, period)]


def unusual_shares(book: Book, names: Names, period: str, say: Amounts) -> Iterator[str]:
    """Who gets more than so many times the median of this run, and of their own last runs, greatest first.

    A run that gave them nothing counts as nothing; who was never paid before is measured by this run alone.
    """
    runs, times = state.of(book).runs, state.unusual(book)
    paid = {person: amount for person, amount in runs[period].payees.items() if amount > 0}
    before = [runs[one].payees for one in list(runs)[: list(runs).index(period)]][-OWN_RUNS:]
    for person, amount in sorted(paid.items(), key=lambda row: (-row[1], row[0])):
        own = [max(0, payees.get(person, 0)) for payees in before]
        if not exceeds(amount, times, list(paid.values())) or (before and not exceeds(amount, times, own)):
            continue
        last = "run" if len(own) == 1 else f"{len(own)} runs"
        usual = f" and of the own last {last} ({_median(own, say)})" if own else ""
        name = names.of(person)
        than = f"more than {times} times the median of this run ({_median(list(paid.values()), say)}){usual}"
        yield f"{name} gets {say.full(amount)}, {than}: tally why {typed(name)} {period}"


def exceeds(amount: int, times: int, others: Sequence[int]) -> bool:
    """Whether an amount is more than so many times the median of these."""
    return 2 * amount > times * _twice_median(others)


def _twice_median(amounts: Sequence[int]) -> int:
    """The median, twice, so that it is whole: of an even number, the two in the middle together."""
    ranked, count = sorted(amounts), len(amounts)
    return ranked[(count - 1) // 2] + ranked[count // 2] if ranked else 0


def _median(amounts: Sequence[int], say: Amounts) -> str:
    return say.show(_twice_median(amounts) // 2)


def new_accounts(book: Book, names: Names, period: str) -> Iterator[str]:
    """Whose payment details are new or others since the approval before; of an approved run, by its own approval."""
    own = state.of(book)
    runs, run = list(own.runs), own.runs[period]
    approved = [entry for one in runs[: runs.index(period)] if (entry := own.runs[one].approved) is not None]
    since, until = max(approved, default=-1), run.approved if run.approved is not None else book.size
    first, changed = list[str](), list[str]()
    for person in run.payees:
        said = own.details.get(person, [])
        if any(since < one.entry <= until for one in said):
            (first if since < said[0].entry <= until else changed).append(names.of(person))
    when = "since the last approval" if approved else "and no payout was approved before"
    look = "tally payout details check"
    if first:
        yield f"payment details set for the first time {when}: {_listed(first)}; {look}"
    if changed:
        yield f"payment details changed {when}: {_listed(changed)}; {look}"


def pairs(book: Book, names: Names, period: str) -> Iterator[str]:
    """Two people whose work in a role was recorded for them, or reviewed, by nobody but each other."""
    for (role, one, other), (ones, others) in sorted(_pairs(book, period).items()):
        who = sorted((names.of(one), names.of(other)), key=str.casefold)
        count = f"{ones + others} pieces"
        yield (
            f"in {role}, work of {who[0]} and {who[1]} was recorded or reviewed by nobody but each other ({count}): "
            f"tally work list --who {typed(who[0])}"
        )


def _pairs(book: Book, period: str) -> dict[tuple[str, str, str], tuple[int, int]]:
    """(role, one, other) -> pieces that the other vouched for of the one, and the one of the other."""
    seen: dict[tuple[str, str], dict[str, int]] = {}
    if period not in contributions.of(book).sheets:
        return {}
    for work in contributions.pieces(book, period).values():
        if work.gift:
            continue
        vouched = [(work.by, work.who)] if work.by != work.who else []
        vouched += [(work.who, one) for one in work.beside] if work.kind == REVIEW else []
        for voucher, whose in vouched:
            by = seen.setdefault((work.role, whose), {})
            by[voucher] = by.get(voucher, 0) + 1
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    for (role, one), by in seen.items():
        other = next(iter(by))
        back = seen.get((role, other), {})
        if len(by) == 1 and list(back) == [one] and one < other and min(by[other], back[one]) >= PIECES:
            found[role, one, other] = (by[other], back[one])
    return found


def typed(name: str) -> str:
    """A name as it is typed in a command."""
    return f'"{name}"' if any(letter.isspace() for letter in name) else name


def _listed(found: list[str]) -> str:
    return ", ".join(sorted(found, key=str.casefold))
