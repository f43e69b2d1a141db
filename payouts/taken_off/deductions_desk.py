"""A treasurer books advances and what came back of them, sets what is withheld of shares, and pays it over."""

from typing import Any

from ledger import naming, people
from ledger.doors import Desk
from ledger.errors import Refused, Usage
from ledger.looks import table
from ledger.money import parse_amount
from ledger.private import show
from ledger.spans import parse_day
from payouts import state
from payouts.amounts import amounts_of
from payouts.bank.iban import looks_like_iban
from payouts.deduction_facts import WithholdingSet
from payouts.taken_off.deductions import Advance, rate_of
from payouts.taken_off.deductions_words import rate_words
from payouts.taken_off.taking_off import advance_of, owed_withheld, rates_in, withheld_owed
from payouts.times import cut_words, row_named


def advance_at_desk(desk: Desk, amount: str, name: str, period: str, ref: str, booked: str, value: str | None) -> None:
    """Record an advance, and say which run it is set off against."""
    person = desk.names.person(name)
    body = _money(desk, amount, ref, booked, value) | {"person": person, "period": period}
    entry = desk.record("payouts.advanced", body).entry.index
    say, whole = amounts_of(desk.book), state.of(desk.book).accounts.get(advance_of(person), 0)
    lines = [f"Booked {say.full(body['amount'])} to {desk.names.of(person)} in advance (entry {entry})."]
    if any(row.id == period for row in desk.book.ledger.calendar):
        cut = cut_words(desk.book, row_named(desk.book, period))
        lines.append(f"The run of {period}, cut off {cut}, sets it off; {say.full(whole)} is open.")
    data = {"entry": entry, "name": desk.names.of(person), "amount": say.plain(body["amount"]), "period": period}
    desk.answer(data | {"currency": say.currency, "open": say.plain(whole)}, *lines)


def repaid_at_desk(desk: Desk, amount: str, name: str, ref: str, booked: str, value: str | None) -> None:
    """Record that an advance was paid back."""
    person = desk.names.person(name)
    body = _money(desk, amount, ref, booked, value) | {"person": person}
    entry = desk.record("payouts.advance_repaid", body).entry.index
    say, left = amounts_of(desk.book), state.of(desk.book).accounts.get(advance_of(person), 0)
    words = f"Booked {say.full(body['amount'])} that {desk.names.of(person)} paid back (entry {entry});"
    data = {"entry": entry, "name": desk.names.of(person), "amount": say.plain(body["amount"])}
    desk.answer(data | {"currency": say.currency, "open": say.plain(left)}, f"{words} {say.full(left)} is open still.")


def list_advances(desk: Desk, everything: bool) -> None:
    """Show advances, by person, oldest first."""
    own, say = state.of(desk.book), amounts_of(desk.book)
    found = [
        (desk.names.of(person), person, one)
        for person, advances in own.advances.items()
        for one in advances
        if one.open or everything
    ]
    found.sort(key=lambda row: (row[0].casefold(), row[1], row[2].entry))
    rows = [_row(desk, name, person, one) for name, person, one in found]
    total = sum(one.open for _, _, one in found)
    data = {"advances": rows, "open": say.plain(total), "currency": say.currency}
    if not rows:
        more = " Those that are settled: tally advance list --all" if own.advances and not everything else ""
        desk.answer(data, f"No advance is open.{more}")
        return
    sums = ("amount", "set_off", "repaid", "open")
    cells = [
        (str(row["entry"]), row["booked"], row["name"], row["period"], *(say.show(getattr(one, key)) for key in sums))
        for row, (_, _, one) in zip(rows, found, strict=True)
    ]
    together = [sum(getattr(one, key) for _, _, one in found) for key in sums]
    cells.append(("", "", "together", "", *map(say.show, together)))
    heads = ("Entry", "Booked", "Member", "For", say.currency, "Set off", "Paid back", "Open")
    desk.answer(data, table(heads, cells, right=("Entry", *heads[4:])))


def _row(desk: Desk, name: str, person: str, one: Advance) -> dict[str, Any]:
    say = amounts_of(desk.book)
    sums = {"amount": one.amount, "set_off": one.set_off, "repaid": one.repaid, "open": one.open}
    disputed = people.is_disputed(desk.book.ledger, one.entry)
    known = {"entry": one.entry, "name": name, "id": person, "period": one.period, "booked": one.booked}
    return known | {"ref": show(one.ref), "disputed": disputed} | {key: say.plain(each) for key, each in sums.items()}


def set_withholding(desk: Desk, names: tuple[str, ...], rate: str, everybody: bool, authority: str, since: str) -> None:
    """Record a rate; an authority of a new name is made first."""
    book, (_, me) = desk.book, desk.me
    if bool(names) == everybody:
        raise Usage("Say of whom it is withheld.", "Name members, or say --all.")
    members = people.members(book.ledger)
    persons = [one for one in members if one != me or members == [me]] if everybody else []
    persons += [desk.names.person(name) for name in names]
    party = naming.named(desk, authority)
    if party.is_new and rate_of(rate) == 0:
        raise Refused(f"Nothing is withheld for {authority!r}.", "tally withholding list")
    people.must_speak(book.ledger, me, "payouts.withholding_set")
    said = WithholdingSet(persons=tuple(persons), authority=party.id, rate=rate, since=since)
    said.check_by(book, me)
    named = naming.made(desk, party, "authority")
    body = {"persons": persons, "authority": party.id, "rate": rate, "since": since}
    entry = desk.record("payouts.withholding_set", body).entry.index
    who = ", ".join(sorted(map(desk.names.of, persons), key=str.casefold))
    what = f"{rate_words(rate)} of the shares" if rate_of(rate) else "Nothing more of the shares"
    lines = [f"{what} of {who} is withheld for {desk.names.of(party.id)} from {since} on (entry {entry})."]
    if everybody and me not in persons:
        lines.append("Yours is not among them: another treasurer says what is withheld of it.")
    data = {"entry": entry, "party_entry": named, "authority": desk.names.of(party.id), "rate": rate, "since": since}
    desk.answer(data | {"persons": sorted(map(desk.names.of, persons))}, *lines)


def list_withholding(desk: Desk) -> None:
    """Show the rates of the next run, those that begin later, and what each authority is owed."""
    own, say, names = state.of(desk.book), amounts_of(desk.book), desk.names
    rows = [row.id for row in desk.book.ledger.calendar]
    upcoming = rows[min(len(own.runs), len(rows) - 1)]
    now = [
        {"name": names.of(person), "id": person, "authority": names.of(party), "rate": str(rate)}
        for person, rates in rates_in(desk.book, upcoming).items()
        for party, rate in rates.items()
    ]
    now.sort(key=lambda row: (row["name"].casefold(), row["authority"].casefold(), row["id"]))
    later: list[dict[str, Any]] = [
        {"since": one.since, "authority": names.of(one.authority), "rate": rate_words(one.rate), "entry": one.entry}
        | {"persons": sorted(map(names.of, one.persons), key=str.casefold)}
        for one in own.withholding
        if rows.index(one.since) > rows.index(upcoming)
    ]
    owed = {names.of(party): say.plain(amount) for party, amount in sorted(withheld_owed(desk.book).items())}
    data = {"period": upcoming, "rates": now, "later": later, "owed": owed, "currency": say.currency}
    lines: list[Any] = [f"In the run of {upcoming} is withheld:" if now else f"Nothing is withheld in {upcoming}."]
    cells = [(row["name"], row["authority"], rate_words(row["rate"])) for row in now]
    lines += [table(("Member", "For", "Of the share"), cells, right=("Of the share",))] if now else []
    lines += [
        f"From {one['since']} on: {one['rate']} of {', '.join(one['persons'])} for {one['authority']}." for one in later
    ]
    lines += [f"Owed to {party}: {amount} {say.currency}." for party, amount in owed.items()]
    desk.answer(data, *lines)


def withheld_paid_at_desk(desk: Desk, authority: str, amount: str, ref: str, booked: str, value: str | None) -> None:
    """Record that an authority was paid."""
    party = desk.names.party(authority)
    if party is None:
        raise Refused(f"No party is called {authority!r}.", "tally withholding list")
    body = _money(desk, amount, ref, booked, value) | {"authority": party}
    entry = desk.record("payouts.withheld_paid", body).entry.index
    say = amounts_of(desk.book)
    left = -state.of(desk.book).accounts.get(owed_withheld(party), 0)
    words = f"Booked {say.full(body['amount'])} to {desk.names.of(party)} of what was withheld (entry {entry});"
    data = {"entry": entry, "authority": desk.names.of(party), "amount": say.plain(body["amount"])}
    desk.answer(data | {"currency": say.currency, "owed": say.plain(left)}, f"{words} {say.full(left)} is owed still.")


def _money(desk: Desk, amount: str, ref: str, booked: str, value: str | None) -> dict[str, Any]:
    """What was typed of money that moved on the bank account."""
    minor = parse_amount(amount, desk.book.ledger.exponent)
    if not minor:
        raise Usage(f'"{amount}" is no money.', "Write what moved.")
    if looks_like_iban(ref):
        raise Usage("A reference is not the place for an account number.", "It would stand in the log for ever.")
    on = parse_day(booked, desk.today)
    valued = parse_day(value, desk.today) if value else on
    if max(on, valued) > desk.today:
        raise Usage(f"{max(on, valued)} lies in the future.", "Book money when it has moved.")
    return {"amount": minor, "ref": ref.strip(), "booked": on.isoformat(), "value": valued.isoformat()}
