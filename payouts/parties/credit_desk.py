"""A treasurer books what a supplier takes off its bills."""

from ledger.doors import Desk
from ledger.errors import Usage
from ledger.money import parse_amount
from ledger.private import show
from ledger.spans import parse_day
from payouts import state
from payouts.amounts import amounts_of
from payouts.booking import taking
from payouts.parties.party_dues import amounts_to_parties
from payouts.parties.payee_desk import party_named, ref_typed


def credit_at_desk(desk: Desk, name: str, amount: str, ref: str, booked: str) -> None:
    """Record it, and say what is left to pay and which run it makes cheaper."""
    party, say, on = party_named(desk, name), amounts_of(desk.book), parse_day(booked, desk.today)
    minor = parse_amount(amount, say.exponent)
    if not minor:
        raise Usage(f'"{show(amount)}" is no money.', "Write what is taken off.")
    if on > desk.today:
        raise Usage(f"{on} lies in the future.", "Book a credit when it has come.")
    body = {"party": party, "amount": minor, "ref": ref_typed(ref), "booked": on.isoformat()}
    entry = desk.record("payouts.credited", body).entry.index
    whose, left = desk.names.of(party), amounts_to_parties(desk.book).get(party, 0)
    money = next(one for one in state.of(desk.book).money if one.entry == entry)
    period = taking(desk.book, money)
    lines = [f"Booked {say.full(minor)} credited by {whose} (entry {entry}); {say.full(left)} is left to pay."]
    lines += [f"So much less is spent in the run of {period.id}."] if period else []
    data = {"entry": entry, "party": whose, "amount": say.plain(minor), "currency": say.currency}
    desk.answer(data | {"payable": say.plain(left), "period": period.id if period else None}, *lines)
