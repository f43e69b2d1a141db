"""A treasurer closes a book year, looks at what it comes to, and signs for it."""

import os
import sys
from typing import Any

import click

from ledger import people
from ledger.doors import Desk
from ledger.errors import Cancelled, Usage
from ledger.money import parse_amount
from ledger.private import Text, tidy
from ledger.spans import parse_day
from payouts.amounts import amounts_of
from payouts.approving import approval_data, approval_words, why_needed
from payouts.signing import seen_by_witnesses
from payouts.year_facts import YearApproved, YearClosed, owed_of
from payouts.year_run import computed_year
from payouts.year_showing import show_year
from payouts.year_words import outcome_words, run_of_year, year_named, year_to_close


def close_at_desk(desk: Desk, year: str | None, tax: str | None, authority: str | None) -> None:
    """Close a book year, with the tax it owes; an authority of a new name is made first."""
    if (tax is None) != (authority is None):
        raise Usage("A tax is owed to an authority.", "Write --tax AMOUNT --to AUTHORITY, or neither.")
    first, (_, me), say = year_to_close(desk.book, year), desk.me, amounts_of(desk.book)
    minor = parse_amount(tax, say.exponent) if tax is not None else 0
    if authority is not None and not minor:
        raise Usage("A tax of nothing is owed to nobody.", "Leave out --tax and --to.")
    known = desk.names.party(authority) if authority is not None else None
    party = (known or os.urandom(16).hex()) if authority is not None else None
    people.must_speak(desk.book.ledger, me, "payouts.year_closed")
    YearClosed(year=first, tax=minor, authority=party).check_by(desk.book, me)
    named = None
    if authority is not None and known is None:
        tidy(authority)
        named = desk.record("ledger.party", {"id": party, "sort": "authority", "name": Text(authority)}).entry.index
    entry = desk.record("payouts.year_closed", {"year": first, "tax": minor, "authority": party}).entry.index
    owed = f", {say.full(minor)} of tax owed to {desk.names.of(party)}" if party else ""
    lines = [f"Closed the book year {first}{owed} (entry {entry}).", "What it comes to: tally payout tick"]
    data = {"year": first, "entry": entry, "tax": say.plain(minor), "party_entry": named}
    desk.answer(data | {"authority": desk.names.of(party) if party else None}, *lines)


def approve_year_at_desk(desk: Desk, text: str, yes: bool, confirm: str | None) -> None:
    """Sign for a year's digest, after the person said the year once more, and say what is missing still."""
    year, (_, me), say = year_named(desk.book, text), desk.me, amounts_of(desk.book)
    run = run_of_year(desk.book, year)
    people.must_speak(desk.book.ledger, me, "payouts.year_approved")
    YearApproved(year=year, digest=run.digest).check_by(desk.book, me)
    seen, seen_words = seen_by_witnesses(desk, run)
    if not yes:
        _must_name(desk, year, confirm)
    body: dict[str, Any] = {"year": year, "digest": run.digest} | seen
    entry = desk.record("payouts.year_approved", body, may_wait=False).entry.index
    run = run_of_year(desk.book, year)
    words = outcome_words(computed_year(desk.book, year), say)
    lines = [f"You approved the book year {year} (entry {entry}): {words}.", *seen_words]
    lines.append(f"Approvals: {approval_words(desk.book, desk.names, run)}.")
    lines += [f"{run.needed} must: {why}."] if (why := why_needed(desk.book, run)) else []
    data = {"year": year, "entry": entry, "digest": run.digest}
    desk.answer(data | approval_data(desk.book, desk.names, run), *lines)


def _must_name(desk: Desk, year: str, confirm: str | None) -> None:
    """Go on only when the year was given once more: by option, or by hand after looking at it."""
    short = year[:4]
    if confirm is None and (desk.no_input or not sys.stdin.isatty()):
        raise Cancelled(
            "Nothing was recorded: an approval asks for the year once more.", f"Repeat with --yes or --confirm {short}."
        )
    if confirm is None:
        for text in show_year(desk.book, desk.names, year):
            desk.show_aside(text)
        confirm = click.prompt(f"\nTo approve this, type {short}", err=True)
    if confirm.strip() not in (short, year):
        raise Cancelled(f"Nothing was recorded: you wrote {confirm.strip()!r}, not {short}.")


def pay_tax_at_desk(desk: Desk, text: str, amount: str, ref: str, booked: str, value: str | None) -> None:
    """Record that tax of a book year was paid."""
    year, say, on = year_named(desk.book, text), amounts_of(desk.book), parse_day(booked, desk.today)
    minor = parse_amount(amount, say.exponent)
    if not minor:
        raise Usage(f'"{amount}" is no money.', "Write what was paid.")
    body = {
        "year": year,
        "amount": minor,
        "ref": ref.strip(),
        "booked": on.isoformat(),
        "value": (parse_day(value, desk.today) if value else on).isoformat(),
    }
    entry = desk.record("payouts.tax_paid", body).entry.index
    left = owed_of(desk.book, year)
    lines = [f"Booked {say.full(minor)} of the tax of {year} (entry {entry}); {say.full(left)} is owed still."]
    desk.answer({"entry": entry, "year": year, "amount": say.plain(minor), "owed": say.plain(left)}, *lines)
