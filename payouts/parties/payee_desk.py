"""What a treasurer does about parties: says to whom an account is owed, makes money payable, books what was paid."""

import os
from typing import Any

import msgspec

from ledger import naming, people
from ledger.doors import Desk
from ledger.errors import Refused, Usage
from ledger.money import parse_amount
from ledger.private import show
from ledger.reading import text_in
from ledger.spans import parse_day
from payouts import state
from payouts.amounts import amounts_of
from payouts.bank.details_desk import read_account, row, sealed, show_details
from payouts.bank.details_sealing import SALT_SIZE, promise
from payouts.bank.iban import looks_like_iban
from payouts.bank.paying import details_now
from payouts.parties.party_dues import ACCOUNT, amounts_to_parties, early, kind_of, owed_names, owed_party, ready
from payouts.parties.payee_showing import owed_label, parties_drawn, party_rows
from payouts.payee_facts import OwedToSaid


def party_named(desk: Desk, name: str) -> str:
    """The party of that name. Raises Usage."""
    found = desk.names.party(name)
    # Without a name, here or because it was erased, the id does, as it is shown.
    found = found or next((one for one in desk.book.ledger.parties if name in (one, desk.names.of(one))), None)
    if found is None:
        raise Usage(f"No party is called {show(name)!r}.", "`tally payee list` shows those that are paid.")
    return found


def list_at_desk(desk: Desk) -> None:
    """Every party with what is to be paid, on its way, owed, and how its payment details stand."""
    rows = party_rows(desk.book, desk.names)
    for one in rows:
        one["details"] = row(desk, one["id"])["state"] if one["id"] else None
    data = {"parties": rows, "currency": desk.book.ledger.currency}
    desk.answer(data, *parties_drawn(desk.book, rows))


def owed_at_desk(desk: Desk, account: str, name: str, sort: str) -> None:
    """Say to whom the money on an owed account of the rule is owed; a party of a new name is made first."""
    (_, me), party = desk.me, naming.named(desk, name)
    people.must_speak(desk.book.ledger, me, "payouts.owed_to")
    OwedToSaid(account=account, party="").check_account(desk.book, me)
    named = naming.made(desk, party, sort)
    entry = desk.record("payouts.owed_to", {"account": account, "party": party.id}).entry.index
    whose = desk.names.of(party.id)
    lines = [f"What lies on {show(account)} is owed to {whose} (entry {entry})."]
    lines += [f"{whose} is new here, noted as a {sort} (entry {named})."] if named is not None else []
    lines.append(f"To pay it: tally payee due {show(account)}")
    desk.answer({"entry": entry, "account": account, "party": whose, "party_entry": named}, *lines)


def due_at_desk(desk: Desk, what: str, amount: str | None, ref: str, due: str | None) -> None:
    """Make money that is owed to a party payable: all of it that can be, unless said."""
    book, say = desk.book, amounts_of(desk.book)
    account = _account(desk, what)
    party, called = owed_party(book, account), owed_label(account)
    if not party:
        raise Refused(f"Nobody has said to whom {called} is owed.", f"tally payee owed {called} --to NAME")
    most, waits = ready(book, account), early(book, account)
    minor = parse_amount(amount, say.exponent) if amount is not None else max(most, 0)
    if not minor:
        later = f" {say.full(waits)} waits until its run is approved." if waits else ""
        raise Refused(f"Nothing of {called} can be paid now.{later}", "tally payee list")
    body: dict[str, Any] = {"account": account, "party": party, "amount": minor, "ref": ref_typed(ref)}
    if due is not None:
        body["due"] = parse_day(due, desk.today).isoformat()
    entry = desk.record("payouts.made_payable", body).entry.index
    whose, left = desk.names.of(party), -state.of(desk.book).accounts.get(account, 0)
    lines = [f"{say.full(minor)} is to be paid to {whose} (entry {entry})."]
    lines += [f"{say.full(left)} stays on {called}."] if left else []
    lines.append(_how(desk, party))
    data = {"entry": entry, "account": account, "party": whose, "amount": say.plain(minor), "currency": say.currency}
    desk.answer(data | {"left": say.plain(left)}, *lines)


def _account(desk: Desk, what: str) -> str:
    """The account that is called so: by the rule, or "proposal 3", "tax 2025", "withheld"."""
    known = owed_names(desk.book)
    if ACCOUNT + what in known:
        return ACCOUNT + what
    wanted = what.strip().casefold()
    found = [
        one
        for one in known
        if wanted in (one, owed_label(one).casefold(), f"{owed_label(one)} {_whose(desk, one)}".casefold())
        or (wanted.startswith("tax ") and owed_label(one).startswith(wanted))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        called = ", ".join(f'"{owed_label(one)} {_whose(desk, one)}"' for one in found)
        raise Usage(f"{show(what)} may be several: {called}.", "Write which.")
    if kind_of(desk.book, ACCOUNT + what):
        raise Refused(f"Nothing lies on {show(what)} that is owed to a party.", "tally payee list")
    called = ", ".join(owed_label(one) for one in known) or "none"
    raise Usage(f"Nothing is owed under {show(what)!r}; these hold some: {called}.", "tally payee list")


def _whose(desk: Desk, account: str) -> str:
    party = owed_party(desk.book, account)
    return desk.names.of(party) if party else ""


def _how(desk: Desk, party: str) -> str:
    """How a party comes to its money."""
    whose = desk.names.of(party)
    if details_now(state.of(desk.book), party) is None:
        return f'Where it is paid is not known yet: tally payee details "{whose}" --file FILE'
    return "The next file for the bank pays it: tally payout export PERIOD"


def details_at_desk(desk: Desk, name: str, file: str | None) -> None:
    """Say where a party is paid, or show it."""
    party = party_named(desk, name)
    if file is None:
        show_details(desk, party, f'tally payee details "{desk.names.of(party)}" --file FILE')
        return
    account = msgspec.structs.replace(read_account(text_in(file)), salt=os.urandom(SALT_SIZE).hex())
    readers = state.reading_keys(desk.book)
    if not readers:
        raise Refused("No treasurer can read payment details yet.", "Each treasurer makes a key: tally payout key")
    promised = promise(desk.book.ledger.id, party, account)
    body = {"party": party} | sealed(promised, account, list(readers.values()))
    entry = desk.record("payouts.party_details_set", body, may_wait=False).entry.index
    whose, details = desk.names.of(party), details_now(state.of(desk.book), party)
    holds = details is not None and details.promise == promised
    lines = [f"You set payment details for {whose} (entry {entry})."]
    if holds and details is not None and details.held_days:
        lines.append(f"They are changed, so nothing is paid to them for {details.held_days} days.")
    elif not holds:
        lines.append(f'Another treasurer compares them with the paper and says: tally payee agree "{whose}"')
    desk.answer({"entry": entry, "promise": promised, "name": whose, "holds": holds}, *lines)


def paid_at_desk(desk: Desk, name: str, amount: str, ref: str, booked: str, value: str | None) -> None:
    """Book that a party was paid without a file of ours."""
    party, say, on = party_named(desk, name), amounts_of(desk.book), parse_day(booked, desk.today)
    minor = parse_amount(amount, say.exponent)
    if not minor:
        raise Usage(f'"{show(amount)}" is no money.', "Write what was paid.")
    body = {
        "party": party,
        "amount": minor,
        "ref": ref_typed(ref),
        "booked": on.isoformat(),
        "value": (parse_day(value, desk.today) if value else on).isoformat(),
    }
    entry = desk.record("payouts.payable_paid", body).entry.index
    left = amounts_to_parties(desk.book).get(party, 0)
    lines = [
        f"Booked {say.full(minor)} paid to {desk.names.of(party)} (entry {entry}); {say.full(left)} is left to pay."
    ]
    data = {"entry": entry, "party": desk.names.of(party), "amount": say.plain(minor), "currency": say.currency}
    desk.answer(data | {"payable": say.plain(left)}, *lines)


def ref_typed(ref: str) -> str:
    """A paper as it was typed. Raises Usage for an account number."""
    if looks_like_iban(ref):
        raise Usage("A reference is not the place for an account number.", "It would stand in the log for ever.")
    return ref.strip()
