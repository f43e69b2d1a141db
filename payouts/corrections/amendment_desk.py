"""A treasurer looks at an amendment and signs for it, as for a payout."""

from ledger.doors import Desk
from payouts.amounts import amounts_of
from payouts.bank.details_words import news
from payouts.correction_facts import AmendmentApproved
from payouts.corrections.amendment_showing import show_amendment
from payouts.corrections.amendment_words import amendment_named, in_short
from payouts.corrections.standing import amended
from payouts.signing import Asked, sign
from payouts.state import AMENDMENT_APPROVED


def approve_amendment_at_desk(desk: Desk, name: str, yes: bool, confirm: str | None) -> None:
    """Sign for an amendment's digest, after the person said its name once more, and say what is missing still."""
    run = amendment_named(desk.book, name)
    said = AmendmentApproved(amendment=name, digest=run.digest)
    asked = Asked(yes, confirm, lambda: _tell(desk, name), lambda: show_amendment(desk.book, desk.names, name))
    signed = sign(desk, AMENDMENT_APPROVED, said, (name,), asked)
    words = in_short(amended(desk.book, name), amounts_of(desk.book))
    lines = [f"You approved {name} (entry {signed.entry}): {words}.", *signed.lines]
    desk.answer({"amendment": name} | signed.data, *lines)


def _tell(desk: Desk, name: str) -> None:
    """Whose account is new or was changed, of those who get more."""
    for line in news(desk, list(amendment_named(desk.book, name).payees), max(desk.now, desk.book.received)):
        desk.note(line)
