"""A treasurer looks at figures and signs for their digest: their name is asked for, so that no habit says yes."""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import click

from ledger import people, quorum
from ledger.doors import Desk
from ledger.errors import Cancelled
from ledger.fact import plain
from ledger.peers.cosigned import of_ledger
from payouts.amounts import amounts_of, people_words
from payouts.approval import Approval
from payouts.approving import approval_data, approval_words, run_named, unapproved_before, why_needed
from payouts.bank.details_words import news
from payouts.compute import computed_run
from payouts.facts import PayoutApproved
from payouts.figures import figures
from payouts.kept import Run
from payouts.looking.anomalies import anomalies, new_accounts
from payouts.showing import show_payout
from payouts.state import APPROVED
from payouts.taken_off.deductions_words import taken_words


def approve_at_desk(desk: Desk, period: str, yes: bool, confirm: str | None) -> None:
    """Sign for a payout's digest, after the person said the period's name, and say what is missing still."""
    run = run_named(desk.book, period)
    found, say = figures(computed_run(desk.book, period)), amounts_of(desk.book)
    people_get = f"{say.full(found.to_people)} to {people_words(len(found.people))}{taken_words(found, say)}"
    shares = f"{people_get}, {say.full(found.to_accounts)} to accounts"
    said = PayoutApproved(period=period, digest=run.digest)
    by_hand = not yes and confirm is None
    asked = Asked(
        yes, confirm, lambda: _tell(desk, period, by_hand), lambda: show_payout(desk.book, desk.names, period)
    )
    signed = sign(desk, APPROVED, said, (period,), asked)
    lines = [f"You approved {period} (entry {signed.entry}): {shares}.", *signed.lines]
    desk.answer({"period": period} | signed.data, *lines)


def _tell(desk: Desk, period: str, by_hand: bool) -> None:
    """What to know before signing; by hand, what is unusual stands in the payout that is shown before the question."""
    book, names, run = desk.book, desk.names, run_named(desk.book, period)
    for earlier in unapproved_before(book, period):
        desk.note(f"{earlier} comes before {period} and is not approved yet.")
    accounts = news(desk, list(run.payees), max(desk.now, book.received))
    unusual = [] if by_hand else anomalies(book, names, period, amounts_of(book))
    # What was set long ago, but after the last approval, is no news, and nobody has looked at it.
    unusual += [] if by_hand or accounts else new_accounts(book, names, period)
    for line in [*(f"{one[0].upper()}{one[1:]}." for one in unusual), *accounts]:
        desk.note(line)


class Asked(NamedTuple):
    """How a treasurer says yes: by option, or by hand after what there is to tell and to show."""

    yes: bool
    confirm: str | None
    tell: Callable[[], None]
    show: Callable[[], list[Any]]


class Signed(NamedTuple):
    """An approval that was recorded, as it is answered."""

    entry: int
    data: dict[str, Any]
    lines: list[str]


def sign(desk: Desk, kind: str, said: Approval, names: tuple[str, ...], asked: Asked) -> Signed:
    """Record an approval by digest, once the person has written one of its names; the first is the one asked for."""
    _, me = desk.me
    people.must_speak(desk.book.ledger, me, kind)
    run = said.check_by(desk.book, me)
    seen, seen_words = seen_by_witnesses(desk, run)
    asked.tell()
    if not asked.yes:
        _must_name(desk, names, asked)
    entry = desk.record(kind, plain(said) | seen, may_wait=False).entry.index
    after = said.run(desk.book)
    assert after is not None
    lines = [*seen_words, f"Approvals: {approval_words(desk.book, desk.names, after)}."]
    lines += [f"{after.needed} must: {why}."] if (why := why_needed(desk.book, after)) else []
    return Signed(entry, {"entry": entry, "digest": said.digest} | approval_data(desk.book, desk.names, after), lines)


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


def _must_name(desk: Desk, names: tuple[str, ...], asked: Asked) -> None:
    """Go on only when the name was given once more: by option, or by hand after looking at what it is."""
    name, confirm = names[0], asked.confirm
    if confirm is None and (desk.no_input or not sys.stdin.isatty()):
        raise Cancelled(
            f"Nothing was recorded: an approval asks for its name, {name}.", f"Repeat with --yes or --confirm {name}."
        )
    if confirm is None:
        for text in asked.show():
            desk.show_aside(text)
        confirm = click.prompt(f"\nTo approve this, type {name}", err=True)
    if confirm.strip() not in names:
        raise Cancelled(f"Nothing was recorded: you wrote {confirm.strip()!r}, not {name}.")
