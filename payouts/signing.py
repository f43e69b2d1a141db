"""A treasurer looks at a payout and signs for it: the period's name is asked for, so that no habit says yes."""

import sys

import click

from ledger import people, quorum
from ledger.doors import Desk
from ledger.errors import Cancelled
from ledger.peers.cosigned import of_ledger
from payouts.amounts import amounts_of, people_words
from payouts.approving import approval_data, approval_words, run_named, unapproved_before
from payouts.compute import computed_run
from payouts.deductions_words import taken_words
from payouts.details_words import news
from payouts.facts import PayoutApproved
from payouts.figures import figures
from payouts.kept import Run
from payouts.showing import show_payout


def approve_at_desk(desk: Desk, period: str, yes: bool, confirm: str | None) -> None:
    """Sign for a payout's digest, after the person said the period's name, and say what is missing still."""
    book, names, (_, me) = desk.book, desk.names, desk.me
    run = run_named(book, period)
    said = PayoutApproved(period=period, digest=run.digest)
    people.must_speak(book.ledger, me, "payouts.approved")
    said.check_by(book, me)
    seen, seen_words = seen_by_witnesses(desk, run)
    found, say = figures(computed_run(book, period)), amounts_of(book)
    people_get = f"{say.full(found.to_people)} to {people_words(len(found.people))}{taken_words(found, say)}"
    shares = f"{people_get}, {say.full(found.to_accounts)} to accounts"
    for earlier in unapproved_before(book, period):
        desk.note(f"{earlier} comes before {period} and is not approved yet.")
    for line in news(desk, list(run.payees), max(desk.now, book.received)):
        desk.note(line)
    if not yes:
        _must_name(desk, period, confirm)
    entry = desk.record("payouts.approved", {"period": period, "digest": run.digest} | seen, may_wait=False).entry.index
    run = run_named(desk.book, period)
    lines = [f"You approved {period} (entry {entry}): {shares}.", *seen_words]
    lines.append(f"Approvals: {approval_words(desk.book, names, run)}.")
    desk.answer({"period": period, "entry": entry, "digest": run.digest} | approval_data(desk.book, names, run), *lines)


def seen_by_witnesses(desk: Desk, run: Run) -> tuple[dict[str, str], list[str]]:
    """The head that a quorum of witnesses signed, for the statement and in words; nothing where nobody asks for it.

    Raises TooFewWitnesses, saying who is missing.
    """
    wanted = quorum.required(desk.book.ledger)
    if wanted is None:
        return {}, []
    note, best = quorum.newest(desk.book, wanted, of_ledger(desk.ledger), run.entry)
    if note is None or best is None:
        raise quorum.too_few(wanted, best.times if best else ())
    return {"cosigned": note.decode()}, [f"The log of {best.head.size} entries was seen by {', '.join(best.times)}."]


def _must_name(desk: Desk, period: str, confirm: str | None) -> None:
    """Go on only when the period's name was given once more: by option, or by hand after looking at the payout."""
    if confirm is None and (desk.no_input or not sys.stdin.isatty()):
        raise Cancelled(
            "Nothing was recorded: an approval asks for the period's name.", f"Repeat with --yes or --confirm {period}."
        )
    if confirm is None:
        for text in show_payout(desk.book, desk.names, period):
            desk.show_aside(text)
        confirm = click.prompt(f"\nTo approve this, type {period}", err=True)
    if confirm.strip() != period:
        raise Cancelled(f"Nothing was recorded: you wrote {confirm.strip()!r}, not {period}.")
