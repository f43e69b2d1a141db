"""Treasurers approve what a close redeems, and redeem by decision: two of them, never the person alone."""

from ledger.doors import Desk
from ledger.errors import Refused
from ledger.money import parse_amount
from payouts import state
from payouts.amounts import amounts_of
from payouts.capital.capital_moves import redemption_of
from payouts.capital.capital_showing import list_data, list_lines, redemption_lines, redemption_words
from payouts.capital.capital_years import accounts_of
from payouts.capital_facts import RedeemedApproved, needed, redemption_run
from payouts.signing import Asked, sign
from payouts.state import REDEEMED_APPROVED
from payouts.years.year_words import year_named


def list_at_desk(desk: Desk) -> None:
    """Everybody's accounts."""
    data = list_data(desk.book, desk.names)
    desk.answer(data, *list_lines(desk.book, desk.names, data))


def approve_at_desk(desk: Desk, text: str, yes: bool, confirm: str | None) -> None:
    """Sign for what the close of a year redeems, after the person said the year once more."""
    year = year_named(desk.book, text)
    said = RedeemedApproved(year=year, digest=redemption_run(desk.book, year).digest)
    asked = Asked(yes, confirm, lambda: None, lambda: redemption_lines(desk.book, desk.names, year))
    signed = sign(desk, REDEEMED_APPROVED, said, (year[:4], year), asked)
    words = redemption_words(redemption_of(desk.book, year), amounts_of(desk.book))
    lines = [f"You approved what the close of {year} redeems (entry {signed.entry}): {words}.", *signed.lines]
    desk.answer({"year": year} | signed.data, *lines)


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
    data = {"entry": entry.index, "name": whose, "account": chosen, "amount": say.plain(minor)}
    desk.answer(data | {"currency": say.currency, "done": still is None}, *lines)


def _only_account(desk: Desk, person: str, whose: str) -> str:
    accounts = accounts_of(desk.book, person)
    if len(accounts) != 1:
        named = ", ".join(accounts) or "none"
        raise Refused(f"{whose} has these member accounts: {named}.", "Say which: --account NAME.")
    return accounts[0]
