"""Treasurers approve what a close redeems, and redeem by decision: two of them, never the person alone."""

from typing import Any

from ledger.doors import Desk
from ledger.errors import Refused
from ledger.money import parse_amount
from payouts import state
from payouts.amounts import amounts_of
from payouts.approving import approval_data, approval_words
from payouts.capital_facts import RedeemedApproved, needed, redemption_run
from payouts.capital_moves import redemption_of
from payouts.capital_showing import list_data, list_lines, redemption_words
from payouts.capital_years import accounts_of
from payouts.signing import seen_by_witnesses
from payouts.year_words import year_named


def list_at_desk(desk: Desk) -> None:
    """Everybody's accounts."""
    data = list_data(desk.book, desk.names)
    desk.answer(data, *list_lines(desk.book, desk.names, data))


def approve_at_desk(desk: Desk, text: str, yes: bool) -> None:
    """Sign for what the close of a year redeems."""
    year, (_, me), say = year_named(desk.book, text), desk.me, amounts_of(desk.book)
    run = redemption_run(desk.book, year)
    RedeemedApproved(year=year, digest=run.digest).check_by(desk.book, me)
    seen, seen_words = seen_by_witnesses(desk, run)
    words = redemption_words(redemption_of(desk.book, year), say)
    desk.confirm(f"Close of {year}: {words}. Approve it?", yes)
    body: dict[str, Any] = {"year": year, "digest": run.digest} | seen
    entry = desk.record("payouts.redeemed_approved", body, may_wait=False).entry.index
    run = redemption_run(desk.book, year)
    lines = [f"You approved what the close of {year} redeems (entry {entry}): {words}.", *seen_words]
    lines.append(f"Approvals: {approval_words(desk.book, desk.names, run)}.")
    data = {"year": year, "entry": entry, "digest": run.digest}
    desk.answer(data | approval_data(desk.book, desk.names, run), *lines)


def redeem_at_desk(desk: Desk, name: str, amount: str, account: str | None) -> None:
    """Ask for a redemption by decision, or agree to the very one that another treasurer has asked for."""
    person, say, (_, me) = desk.names.person(name), amounts_of(desk.book), desk.me
    minor, whose = parse_amount(amount, say.exponent), desk.names.of(person)
    chosen = account or _only_account(desk, person, whose)
    waiting = [
        entry_id
        for entry_id, one in state.of(desk.book).capital_asked.items()
        if (one.person, one.account, one.amount) == (person, chosen, minor) and me not in one.said
    ]
    if waiting:
        asked = waiting[-1]
        entry = desk.record("payouts.redemption_agreed", {"asked": asked}, may_wait=False).entry
    else:
        body = {"person": person, "account": chosen, "amount": minor}
        entry = desk.record("payouts.redemption_asked", body, may_wait=False).entry
        asked = entry.id
    still = state.of(desk.book).capital_asked.get(asked)
    what = f"{say.full(minor)} of {chosen} of {whose}"
    if still is None:
        lines = [f"{what} are redeemed (entry {entry.index}); they are payable now."]
    else:
        have = f"{len(still.said)} of {needed(desk.book, person)} treasurers"
        lines = [f"You want {what} redeemed (entry {entry.index}): {have}."]
        lines.append(f"Another treasurer agrees: tally capital redeem {whose} {say.plain(minor)} --account {chosen}")
    data = {"entry": entry.index, "name": whose, "account": chosen, "amount": say.plain(minor), "done": still is None}
    desk.answer(data, *lines)


def _only_account(desk: Desk, person: str, whose: str) -> str:
    accounts = accounts_of(desk.book, person)
    if len(accounts) != 1:
        named = ", ".join(accounts) or "none"
        raise Refused(f"{whose} has these member accounts: {named}.", "Say which: --account NAME.")
    return accounts[0]
