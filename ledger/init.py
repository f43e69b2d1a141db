"""What `tally init` does at the desk: asks for what is missing, makes keys, founds, remembers, tells what is next."""

import getpass
from pathlib import Path
from typing import Any

from ledger.doors import Desk
from ledger.errors import Usage
from ledger.founding import Plan, found, founded_before, sections
from ledger.home import Known, slugged
from ledger.keys import Key, KeyFileExists, new_key, read_key, write_key
from ledger.log import LedgerExists
from ledger.names import proper
from ledger.pem import Locked
from ledger.places import check_database, spelled
from ledger.private import show
from ledger.reading import text_in
from ledger.sshsig import fingerprint


def found_from(desk: Desk, wanted: dict[str, Any]) -> None:
    """Found a ledger as the options say, and say what came of it."""
    slug = slugged(wanted["name"])
    folder = Path(spelled(wanted["at"])) if wanted["at"] else desk.home.default_place(slug)
    _refuse_known(desk, slug)
    if wanted["db"]:
        check_database(wanted["db"])
    founded = founded_before(desk.home, folder, slug, desk.rooms)
    if founded is None:
        founded = _found(desk, folder, slug, wanted)
    else:
        desk.note(f"An earlier `tally init` that was stopped had founded {slug} already; its terms stand.")
    desk.home.remember(founded)
    desk.slug = slug
    _tell(desk, founded)
    for finding in desk.ledger.log.health() if wanted["db"] else ():
        desk.note(finding)


def _found(desk: Desk, folder: Path, slug: str, wanted: dict[str, Any]) -> Known:
    names = _founders(desk, wanted["founders"])
    phrases: dict[str, str | None] = dict.fromkeys(names)
    for name in names if not wanted["rehearsal"] else ():
        # Each founder types her own: whoever knows two of them could approve for two.
        phrases[name] = desk.passphrase(f"A passphrase for the key of {name}: ", confirm=True)
    keys = tuple((name, _key(desk, slug, name, phrases[name])) for name in names)
    rule = text_in(wanted["rule"]) if wanted["rule"] else None
    approvers = wanted["approvers"] if wanted["approvers"] is not None else min(2, len(names))
    terms = {"rule": rule, "approvers": approvers, "grace_days": wanted["grace_days"], "currency": wanted["currency"]}
    plan = Plan(
        name=wanted["name"].strip(),
        slug=slug,
        currency=wanted["currency"].upper(),
        zone=wanted["zone"],
        period=wanted["period"],
        grace_days=wanted["grace_days"],
        year_start=wanted["year_start"],
        rehearsal=wanted["rehearsal"],
        founders=keys,
        sections=sections(desk.rooms, terms),
        database=wanted["db"],
    )
    return found(desk.home, folder, desk.rooms, plan, lambda: _keep_keys(desk, slug, keys, phrases)).known


def _refuse_known(desk: Desk, slug: str) -> None:
    known, _ = desk.home.ledgers()
    if slug in known:
        raise LedgerExists(f"A ledger called {slug} stands in {known[slug].place} already.", "Choose another name.")


def _key(desk: Desk, slug: str, name: str, passphrase: str | None) -> Key:
    """A new key for a founder, or the one that an `init` that was stopped has left here."""
    path = desk.home.key_path(slug, name)
    if not path.exists():
        return new_key()
    try:
        key, is_open = read_key(path), True
    except Locked:
        key, is_open = read_key(path, passphrase), False
    if is_open != (passphrase is None):
        raise KeyFileExists(f"An unlocked key of {name} for {slug} lies in {path}.", "Move it away, then found again.")
    desk.note(f"{name} has a key for {slug} already and keeps it: {path}")
    return key


def _founders(desk: Desk, given: tuple[str, ...]) -> list[str]:
    names = list(given)
    if desk.person and desk.person.casefold() not in [name.casefold() for name in names]:
        names.insert(0, desk.person)
    names = [proper(name) for name in names] or [getpass.getuser()]
    if len({slugged(name) for name in names}) != len(names):
        raise Usage("Two founders have the same name.", "Give each a name of their own.")
    return names


def _keep_keys(desk: Desk, slug: str, keys: tuple[tuple[str, Key], ...], phrases: dict[str, str | None]) -> None:
    for name, key in keys:
        path = desk.home.key_path(slug, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        # A key that an `init` in another window has just put here is not ours; writing ours then fails.
        if not (path.exists() and read_key(path, phrases[name]).public == key.public):
            write_key(path, key, phrases[name])
        desk.home.add_key(slug, name, key.public)


def _tell(desk: Desk, founded: Known) -> None:
    book = desk.ledger.book.ledger
    founders = [
        {"name": desk.names.of(key.person), "fingerprint": fingerprint(bytes.fromhex(key.public))}
        for key in book.keys.values()
    ]
    first = book.calendar[0].id
    data = {
        "ledger": founded.founding,
        "name": book.name,
        "place": founded.place,
        "founders": founders,
        "period": first,
    }
    name = show(book.name)
    lines = [f"Founded {name}: {book.currency}, {book.zone}, a payout each {book.period}, first period {first}."]
    lines += [f"Ledger id  {founded.founding}", f"Place      {founded.place}"]
    lines += [f"Founder    {founder['name']}, key {founder['fingerprint']}" for founder in founders]
    lines += ["", "What to do next:", '  tally log 1h30 "what you did" --role ROLE', "  tally invite NAME --out FILE"]
    lines += ["  tally rule show"]
    if len(desk.home.ledgers()[0]) > 1:
        lines += [
            "",
            f"Commands now go to this ledger; --ledger SLUG chooses another of this home ({desk.slug} is this).",
        ]
    desk.answer(data, "\n".join(lines))
