"""A treasurer looks at an amendment and signs for it, as for a payout."""

import sys

import click

from ledger import people
from ledger.doors import Desk
from ledger.errors import Cancelled
from payouts.amendment_showing import show_amendment
from payouts.amendment_words import amendment_named, in_short
from payouts.amounts import amounts_of
from payouts.approving import approval_data, approval_words
from payouts.correction_facts import AmendmentApproved
from payouts.details_words import news
from payouts.signing import seen_by_witnesses
from payouts.standing import amended

KIND = "payouts.amendment_approved"


def approve_amendment_at_desk(desk: Desk, name: str, yes: bool, confirm: str | None) -> None:
    """Sign for an amendment's digest, after the person said its name once more, and say what is missing still."""
    (_, me), run = desk.me, amendment_named(desk.book, name)
    people.must_speak(desk.book.ledger, me, KIND)
    AmendmentApproved(amendment=name, digest=run.digest).check_by(desk.book, me)
    seen, seen_words = seen_by_witnesses(desk, run)
    for line in news(desk, list(run.payees), max(desk.now, desk.book.received)):
        desk.note(line)
    if not yes:
        _must_name(desk, name, confirm)
    body = {"amendment": name, "digest": run.digest} | seen
    entry = desk.record(KIND, body, may_wait=False).entry.index
    run = amendment_named(desk.book, name)
    found = amended(desk.book, name)
    lines = [f"You approved {name} (entry {entry}): {in_short(found, amounts_of(desk.book))}.", *seen_words]
    lines.append(f"Approvals: {approval_words(desk.book, desk.names, run)}.")
    data = {"amendment": name, "entry": entry, "digest": run.digest}
    desk.answer(data | approval_data(desk.book, desk.names, run), *lines)


def _must_name(desk: Desk, name: str, confirm: str | None) -> None:
    """Go on only when the amendment's name was given once more: by option, or by hand after looking at it."""
    if confirm is None and (desk.no_input or not sys.stdin.isatty()):
        raise Cancelled(
            "Nothing was recorded: an approval asks for the amendment's name.",
            f"Repeat with --yes or --confirm {name}.",
        )
    if confirm is None:
        for text in show_amendment(desk.book, desk.names, name):
            desk.show_aside(text)
        confirm = click.prompt(f"\nTo approve this, type {name}", err=True)
    if confirm.strip() != name:
        raise Cancelled(f"Nothing was recorded: you wrote {confirm.strip()!r}, not {name}.")
