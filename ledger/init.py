"""What `tally init` does at the desk: asks for what is missing, makes keys, founds, remembers, tells what is next."""

import getpass
from pathlib import Path
from typing import Any

from ledger.doors import Desk
from ledger.errors import Usage
from ledger.founding import Plan, found, sections
from ledger.home import slugged
from ledger.keys import Key, new_key, write_key
from ledger.store import FILE, LedgerExists


def found_from(desk: Desk, wanted: dict[str, Any]) -> None:
    """Found a ledger as the options say, and say what came of it."""
    slug = slugged(wanted["name"])
    folder = Path(wanted["at"]) if wanted["at"] else desk.home.default_place(slug)
    _refuse_taken(desk, folder, slug)
    names = _founders(desk, wanted["founders"])
    passphrase = None if wanted["rehearsal"] else desk.passphrase("A passphrase for the founders' keys: ", confirm=True)
    keys = tuple((name, new_key()) for name in names)
    rule = Path(wanted["rule"]).read_text(encoding="utf-8") if wanted["rule"] else None
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
    )
    founded = found(desk.home, folder, desk.rooms, plan, lambda: _keep_keys(desk, slug, keys, passphrase))
    desk.home.remember(founded.known)
    desk.slug = slug
    _tell(desk, founded.known.founding, folder, keys)


def _refuse_taken(desk: Desk, folder: Path, slug: str) -> None:
    known, _ = desk.home.ledgers()
    if (folder / FILE).exists() or slug in known:
        place = known[slug].place if slug in known else str(folder)
        raise LedgerExists(f"A ledger called {slug} stands in {place} already.", "Choose another name or place (--at DIR).")


def _founders(desk: Desk, given: tuple[str, ...]) -> list[str]:
    names = list(given)
    if desk.person and desk.person.casefold() not in [name.casefold() for name in names]:
        names.insert(0, desk.person)
    names = [name.strip() for name in names] or [getpass.getuser()]
    if len({slugged(name) for name in names}) != len(names):
        raise Usage("Two founders have the same name.", "Give each a name of their own.")
    return names


def _keep_keys(desk: Desk, slug: str, keys: tuple[tuple[str, Key], ...], passphrase: str | None) -> None:
    for name, key in keys:
        path = desk.home.key_path(slug, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_key(path, key, passphrase)
        desk.home.add_key(slug, name, key.public)


def _tell(desk: Desk, founding: str, folder: Path, keys: tuple[tuple[str, Key], ...]) -> None:
    book = desk.ledger.book.ledger
    data = {
        "ledger": founding,
        "name": book.name,
        "place": str(folder.absolute()),
        "founders": [{"name": name, "fingerprint": key.fingerprint} for name, key in keys],
        "period": book.calendar[0].id,
    }
    lines = [f"Founded {book.name}: {book.currency}, {book.zone}, a payout each {book.period}, first period {book.calendar[0].id}."]
    lines += [f"Ledger id  {founding}", f"Place      {folder.absolute()}"]
    lines += [f"Founder    {name}, key {key.fingerprint}" for name, key in keys]
    lines += ["", "What to do next:", "  tally log 1h30 \"what you did\" --role ROLE", "  tally invite NAME --out FILE"]
    lines += ["  tally rule show"]
    desk.answer(data, "\n".join(lines))
