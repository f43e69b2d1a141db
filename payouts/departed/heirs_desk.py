"""A member has died: who inherits is said by treasurers and a steward, three people, and can be looked at by all."""

import re
from fractions import Fraction
from typing import Any

from ledger import naming
from ledger.book import Book
from ledger.doors import Desk
from ledger.errors import Refused, Usage
from ledger.localtime import day
from ledger.looks import table
from ledger.names import Names, UnknownMember
from payouts import state
from payouts.amounts import amounts_of
from payouts.departed.heirs import WAIT_DAYS, holds_from, named, stands
from payouts.departed.heirs_kept import Naming
from payouts.heirs_facts import must_be_neutral

_PART = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)%|([1-9][0-9]{0,5})/([1-9][0-9]{0,5})")


def name_at_desk(desk: Desk, name: str, shares: tuple[str, ...], yes: bool) -> None:
    """Say that somebody has died, and who inherits; heirs of a new name are made first."""
    person, parts = desk.names.person(name), [_share(text) for text in shares]
    if sum(part for _, part in parts) != 1:
        raise Usage("The parts of the heirs do not come to the whole.", 'Write "Farah=1/2" "Emil=1/2".')
    whose = desk.names.of(person)
    said = ", ".join(f"{heir} {part}" for heir, part in parts)
    desk.confirm(f"{whose} has died, and these inherit: {said}. Have you seen the papers?", yes)
    # All but the heirs is asked before one of them is named as a party.
    must_be_neutral(desk.book, desk.me[1], person, [])
    heirs = [{"to": _heir(desk, heir), "part": f"{part.numerator}/{part.denominator}"} for heir, part in parts]
    entry = desk.record("payouts.heirs_named", {"person": person, "heirs": heirs}, may_wait=False).entry
    lines = [f"You named the heirs of {whose} (entry {entry.index}); nothing goes to them yet."]
    lines.append(f"Two treasurers and a steward must say so, three people: tally heirs agree {whose}")
    desk.answer({"entry": entry.index, "name": whose, "heirs": heirs}, *lines)


def _share(text: str) -> tuple[str, Fraction]:
    """ "Farah=1/2" or "Farah=50%"; without a part the whole."""
    heir, _, part = text.rpartition("=") if "=" in text else (text, "", "1/1")
    said = _PART.fullmatch(part.strip())
    if not heir.strip() or said is None:
        raise Usage(f'"{text}" is no heir with a part.', 'Write "Farah=1/2", or "Farah=50%".')
    return heir.strip(), Fraction(said[1]) / 100 if said[1] else Fraction(int(said[2]), int(said[3]))


def _heir(desk: Desk, name: str) -> str:
    """The id of an heir: a party or a member of that name, or a new party."""
    party = naming.named(desk, name)
    if party.is_new:
        try:
            return desk.names.person(name)
        except UnknownMember:
            naming.made(desk, party, "heir", may_wait=False)
    return party.id


def agree_at_desk(desk: Desk, name: str, yes: bool) -> None:
    """Agree to the heirs that were named last."""
    person = desk.names.person(name)
    whose = desk.names.of(person)
    waiting = [
        (entry_id, one)
        for entry_id, one in state.of(desk.book).heirs.items()
        if one.person == person and one.enough is None and stands(desk.book, one)
    ]
    if not waiting:
        raise Refused(f"Nobody has named heirs of {whose} that wait for others.", "tally heirs list")
    asked, one = waiting[-1]
    desk.confirm(
        f"{whose} has died, and these inherit: {_heirs_words(desk.names, one)}. Have you seen the papers?", yes
    )
    entry = desk.record("payouts.heirs_agreed", {"naming": asked}, may_wait=False).entry
    since = holds_from(state.of(desk.book).heirs[asked])
    more = f"It holds from {day(desk.book, since)} on." if since else "More must agree: two treasurers and a steward."
    data = {"entry": entry.index, "name": whose, "enough": since is not None, "wait_days": WAIT_DAYS}
    desk.answer(data, f"You agreed to the heirs of {whose} (entry {entry.index}). {more}")


def list_at_desk(desk: Desk) -> None:
    """Whose heirs are named, by whom, and what they were given."""
    book = desk.book
    rows = [_row(book, desk.names, entry_id, one) for entry_id, one in state.of(book).heirs.items()]
    cells = [
        (row["name"], ", ".join(f"{heir['name']} {heir['part']}" for heir in row["heirs"]), row["state"], _given(row))
        for row in rows
    ]
    currency = book.ledger.currency
    drawn = table(("Of", "Heirs", "Where it stands", f"Given so far, {currency}"), cells)
    desk.answer({"heirs": rows, "currency": currency}, drawn if rows else "Nobody's heirs are named.")


def _row(book: Book, names: Names, entry_id: str, one: Naming) -> dict[str, Any]:
    say = amounts_of(book)
    return {
        "name": names.of(one.person),
        "entry": one.entry,
        "by": [names.of(who) for who in one.said],
        "state": _state(book, names, entry_id, one),
        "heirs": [
            {"name": names.of(heir.to), "part": heir.part, "given": say.plain(one.given.get(heir.to, 0))}
            for heir in one.heirs
        ],
    }


def _state(book: Book, names: Names, entry_id: str, one: Naming) -> str:
    since, current = holds_from(one), named(book, one.person)
    if not stands(book, one):
        return "over: the person has spoken, or a word for it is in doubt"
    if since is None:
        return f"said by {', '.join(names.of(who) for who in one.said)}; more must agree"
    if current is not None and current[0] != entry_id:
        return "replaced by a later one"
    return f"{'holds since' if since <= book.until else 'holds from'} {day(book, since)}"


def _given(row: dict[str, Any]) -> str:
    return ", ".join(f"{heir['name']} {heir['given']}" for heir in row["heirs"])


def _heirs_words(names: Names, one: Naming) -> str:
    return ", ".join(f"{names.of(heir.to)} {heir.part}" for heir in one.heirs)


def told_inherited(book: Book, names: Names, entry: int) -> str:
    """What an entry says with which something went to heirs."""
    one = next(one for one in state.of(book).heirs.values() if one.last == entry)
    return f"What was payable to {names.of(one.person)} went to the heirs, {_heirs_words(names, one)} (entry {entry})."
