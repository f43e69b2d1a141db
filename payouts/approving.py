"""Who approved a payout, who is missing, and why an approval alone may not be enough."""

import sys
from typing import Any

import click

from ledger import people
from ledger.book import Book
from ledger.doors import Desk
from ledger.errors import Cancelled, Refused
from ledger.names import Names
from payouts import state
from payouts.amounts import amounts_of, people_words
from payouts.compute import computed_run
from payouts.facts import PayoutApproved, standing_of
from payouts.figures import figures
from payouts.state import Run


def run_named(book: Book, period: str) -> Run:
    """The run of a period. Raises Refused, saying where the period stands, when there is none."""
    run = state.of(book).runs.get(period)
    if run is None:
        due = period in state.of(book).pins
        hint = "Compute it: tally payout tick." if due else "`tally payout list` shows what is computed."
        raise Refused(f"There is no payout of {period}: {standing_of(book, period)}.", hint)
    return run


def approval_data(book: Book, names: Names, run: Run) -> dict[str, Any]:
    """Approvals as data: how many of how many, by whom, who could still, whether it is enough."""
    return {
        "approved": run.approved is not None,
        "have": len(run.approvals),
        "need": run.needed,
        "by": [{"name": names.of(person), "entry": entry} for person, entry in run.approvals.items()],
        "could": [names.of(person) for person in could(book, run)],
        "missing": missing(book, names, run),
    }


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
        return f"{said}; members vote treasurers in: tally propose role NAME treasurer"
    return said


def approval_words(book: Book, names: Names, run: Run) -> str:
    """One line: "1 of 2 (Ana, entry 14); missing 1 more: Bela or Chidi"."""
    by = ", ".join(f"{names.of(person)} in entry {entry}" for person, entry in run.approvals.items())
    have = f"{len(run.approvals)} of {run.needed}{f' ({by})' if by else ''}"
    return f"approved, {have}" if run.approved is not None else f"{have}; missing {missing(book, names, run)}"


def approve_at_desk(desk: Desk, period: str, yes: bool, confirm: str | None) -> None:
    """Sign for a payout's digest, after the person said the period's name, and say what is missing still."""
    book, names, (_, me) = desk.book, desk.names, desk.me
    run = run_named(book, period)
    said = PayoutApproved(period=period, digest=run.digest)
    people.must_speak(book.ledger, me, "payouts.approved")
    said.check_by(book, me)
    found, say = figures(computed_run(book, period)), amounts_of(book)
    shares = (
        f"{say.full(found.to_people)} to {people_words(len(found.people))}, {say.full(found.to_accounts)} to accounts"
    )
    if not yes:
        _must_name(desk, period, confirm, f"Payout {period}: {shares}; digest {run.digest}.")
    entry = desk.record("payouts.approved", {"period": period, "digest": run.digest}).entry.index
    run = run_named(desk.book, period)
    lines = [f"You approved {period} (entry {entry}): {shares}."]
    lines.append(f"Approvals: {approval_words(desk.book, names, run)}.")
    desk.answer({"period": period, "entry": entry, "digest": run.digest} | approval_data(desk.book, names, run), *lines)


def _must_name(desk: Desk, period: str, confirm: str | None, summary: str) -> None:
    """Go on only when the period's name was given once more, by option or by hand."""
    if confirm is None and (desk.no_input or not sys.stdin.isatty()):
        raise Cancelled(
            "Nothing was recorded: an approval asks for the period's name.", f"Repeat with --confirm {period}."
        )
    if confirm is None:
        desk.note(summary)
        confirm = click.prompt(f"To approve it, type {period}", err=True)
    if confirm.strip() != period:
        raise Cancelled(f"Nothing was recorded: you wrote {confirm.strip()!r}, not {period}.")
