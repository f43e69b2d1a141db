"""Who approved a payout, who is missing, and why an approval alone may not be enough."""

from typing import Any

from ledger import people
from ledger.book import Book
from ledger.errors import Refused
from ledger.names import Names
from payouts import state
from payouts.amounts import amounts_of
from payouts.approvers import amount_of
from payouts.facts import standing_of
from payouts.kept import Run
from payouts.years.year_words import is_year


def run_named(book: Book, period: str) -> Run:
    """The run of a period. Raises Refused, saying where the period stands, when there is none."""
    run = state.of(book).runs.get(period)
    if run is None:
        due = period in state.of(book).pins
        hint = "Compute it: tally payout tick." if due else "`tally payout list` shows what is computed."
        if is_year(book, period):
            hint = f"That is a book year: tally year show {period}, tally why NAME {period}."
        raise Refused(f"There is no payout of {period}: {standing_of(book, period)}.", hint)
    return run


def approval_data(book: Book, names: Names, run: Run) -> dict[str, Any]:
    """Approvals as data: how many of how many, by whom, who could still, whether it is enough."""
    return {
        "approved": run.approved is not None,
        "have": len(run.approvals),
        "need": run.needed,
        "by_amount": run.needed_by or None,
        "by": [{"name": names.of(person), "entry": entry} for person, entry in run.approvals.items()],
        "could": [names.of(person) for person in could(book, run)],
        "missing": missing(book, names, run),
    }


def unapproved_before(book: Book, period: str) -> list[str]:
    """The computed periods before this one that are not approved, oldest first."""
    runs = state.of(book).runs
    return [one for one in list(runs)[: list(runs).index(period)] if runs[one].approved is None]


def could(book: Book, run: Run) -> list[str]:
    """The treasurers who have not approved yet."""
    return [person for person in people.treasurers(book.ledger) if person not in run.approvals]


def missing(book: Book, names: Names, run: Run) -> str:
    """What is still missing, in words; "" when it is approved."""
    if run.approved is not None:
        return ""
    others = sorted((names.of(person) for person in could(book, run)), key=str.casefold)
    short = max(run.needed - len(run.approvals), 1)
    who = f"{short} more of {', '.join(others)}" if short < len(others) else f"{short} more: {', '.join(others)}"
    said = who if others else f"{short} more, and no other treasurer is there"
    if run.approvals and len(run.approvals) >= run.needed and state.alone_for_own_pay(run):
        only = names.of(next(iter(run.approvals)))
        return f"{only} is paid by this run, and nobody approves their own pay alone; {said}"
    if len(others) < short:
        instead = f"or they approve it themselves: tally propose payout {_named_by_roll(book, run)}"
        return f"{said}; members vote treasurers in: tally propose role NAME treasurer; {instead}"
    return said


def _named_by_roll(book: Book, run: Run) -> str:
    """How members name what they would approve by vote: a period, an amendment, or a book year."""
    known = {row.id for row in book.ledger.calendar}
    of_years = (state.YEAR_APPROVED, state.REDEEMED_APPROVED)
    found = next((kind, name) for kind, _, name, one in state.approvable(state.of(book)) if one is run)
    return found[1][:4] if found[0] in of_years and found[1][:4] not in known else found[1]


def why_needed(book: Book, run: Run) -> str:
    """Why so many must approve it, where members have set that by amount; "" where one number holds for all runs."""
    given = sum(run.payees.values())
    people_get = "gives people" if given >= 0 else "takes from people"
    figure = amounts_of(book).full(amount_of(run.payees))
    return f"it {people_get} {figure}, and members asked for {run.needed_by}" if run.needed_by else ""


def approval_words(book: Book, names: Names, run: Run) -> str:
    """One line: "1 of 3 (Ana in entry 14); missing 2 more of Bela, Chidi"; "3 treasurers, 2 needed (…), approved"."""
    by = ", ".join(f"{names.of(person)} in entry {entry}" for person, entry in run.approvals.items())
    count = len(run.approvals)
    have = f"{count} of {run.needed}" if count <= run.needed else f"{count} treasurers, {run.needed} needed"
    have += f" ({by})" if by else ""
    return f"{have}, approved" if run.approved is not None else f"{have}; missing {missing(book, names, run)}"
