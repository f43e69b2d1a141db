"""Importing work: read what another program knows, show it, and after a yes record it as drafts.

An import never lets anything count by itself but the importer's own work: everybody else confirms. A source is
taken once, so a second import adds nothing.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from contributions import state
from contributions.drafts import Draft, Known, Someone, for_members, match, parse_map
from contributions.facts import LOGGED, Item, check_item
from contributions.handing_in import check_circle, draft_item, measure
from contributions.imports import csv, git
from ledger import people
from ledger.book import Book
from ledger.catalogue import is_known
from ledger.doors import Desk
from ledger.errors import Refused, Usage
from ledger.looks import table
from ledger.money import parse_amount
from ledger.private import show
from ledger.reading import text_in

ITEMS_AT_ONCE = 100  # of about 450 bytes each: well inside one entry
MEASURE_OF = {"minute": "minutes", "piece": "pieces", "money": "money"}


def import_history(
    desk: Desk, path: str, since: str, until: str | None, map_file: str | None, circle: str, dry_run: bool, yes: bool
) -> None:
    """Commits of a repository, as drafts."""
    history = git.read(path, since, until)
    known = _matched(desk, history.drafts, map_file)
    data = git.preview(history, known)
    rows = [
        (show(row["name"]), show(row["email"]), row["member"] or "", str(row["authored"]), str(row["coauthored"]))
        for row in data["people"]
    ]
    heads = ("Name", "Email", "Member", "Authored", "Co-authored")
    shown: list[Any] = [table(heads, rows, right=heads[3:])]
    shown += [_bots(data)] if data["bots"] else []
    shown += [show(words) for words in data["unread"]]
    _go_on(desk, "git", for_members(history.drafts, known), data, shown, circle, dry_run, yes)


def import_table(
    desk: Desk,
    path: str,
    columns: str,
    date_format: str | None,
    map_file: str | None,
    circle: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Rows of a table, as drafts."""
    catalogue, exponent = desk.book.ledger.catalogue, desk.book.ledger.exponent
    measures = {name: MEASURE_OF[kind.unit] for kinds in catalogue.values() for name, kind in kinds.items()}
    read = csv.read(path, columns, date_format, exponent=exponent, measures=measures)  # type: ignore[arg-type]
    known = _matched(desk, read.drafts, map_file)
    data = csv.preview(read, known)
    rows = [
        (
            show(row["name"]),
            row["member"] or "",
            str(row["rows"]),
            measure(row["minutes"], "minute", 0),
            str(row["pieces"]),
            row["money"],
        )
        for row in data["people"]
    ]
    heads = ("Name", "Member", "Rows", "Time", "Pieces", "Money")
    shown: list[Any] = [table(heads, rows, right=heads[2:]), *(show(notice) for notice in data["notices"])]
    _go_on(desk, "csv", for_members(read.drafts, known), data, shown, circle, dry_run, yes)


def _go_on(
    desk: Desk,
    origin: str,
    drafts: tuple[tuple[Draft, str], ...],
    data: dict[str, Any],
    shown: list[Any],
    circle: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Show what would be recorded; record what is new of it after a yes."""
    check_circle(circle)
    items = new_items(desk.book, desk.now, origin, drafts, circle)
    _, me = desk.me if not dry_run else (None, "")
    mine = sum(item["who"] == me for item in items)
    skipped = len(drafts) - len(items)
    data |= {"new": len(items), "known_already": skipped, "recorded": []}
    pieces = "1 new piece" if len(items) == 1 else f"{len(items)} new pieces"
    summary = f"{pieces} of work for members; {skipped} in the ledger already; who is no member is only listed."
    if not drafts:
        summary += " Nobody here is a member by name: say who is who with --map FILE (lines MEMBER = Name <email>)."
    if dry_run or not items:
        desk.answer(data, *shown, summary + (" Nothing was recorded (--dry-run)." if dry_run else ""))
        return
    for each in shown if not (yes or desk.json) else ():
        desk.show_aside(each)
    desk.confirm(f"{summary} Record them?", yes)
    for start in range(0, len(items), ITEMS_AT_ONCE):
        entry = desk.record("contributions.logged", {"items": items[start : start + ITEMS_AT_ONCE]}).entry
        data["recorded"].append(entry.index)
    told = f"Recorded {len(items)}: your own {mine} count; drafts until their people confirm: {len(items) - mine}."
    desk.answer(data, *shown, told, *(["They do it with: tally work confirm"] if mine < len(items) else []))


def new_items(
    book: Book, now: int, origin: str, drafts: tuple[tuple[Draft, str], ...], circle: str
) -> list[dict[str, Any]]:
    """The items of those drafts that no import has brought yet; Usage for work the rule in force does not know."""
    found: list[tuple[Draft, dict[str, Any]]] = []
    for draft, person in drafts:
        source = source_of(book, origin, draft.id)
        if state.settled(book, source):
            continue
        if not is_known(book.ledger.catalogue, draft.role, draft.kind):
            raise Usage(
                f"The rule in force knows no kind {draft.kind!r} of {draft.role!r}, so this work cannot be recorded.",
                "Members vote kinds of work into the rule: tally rule show.",
            )
        amount = draft.amount
        made = draft_item(
            who=person,
            day=draft.date,
            role=draft.role,
            kind=draft.kind,
            qty=parse_amount(amount, book.ledger.exponent) if isinstance(amount, str) else amount,
            note=draft.note or None,
            circle=circle,
            source=source,
        )
        found.append((draft, made))
    if faults := _faults(book, now, found):
        named = "\n".join(faults)
        raise Usage(f"Some of this work cannot be recorded, so none of it is.\n{named}", "Correct it there.")
    return [made for _, made in found]


def _faults(book: Book, now: int, items: list[tuple[Draft, dict[str, Any]]]) -> list[str]:
    """Why the log would refuse these pieces of work, each with who and when; nothing where it would not."""
    found, names = [], {}
    minutes: dict[tuple[str, str], int] = {}
    for draft, made in items:
        item = msgspec.convert(made | {"note": None}, Item)
        names[item.who] = show(draft.who.name)
        try:
            check_item(book, now, item)
        except Refused as error:
            found.append(f"{names[item.who]}, {draft.date}: {error.message}")
            continue
        if book.ledger.catalogue[item.role][item.kind].unit == "minute":
            minutes[item.who, item.date] = minutes.get((item.who, item.date), 0) + item.qty
    state.add_minutes(book, minutes)
    over = [day for day, total in minutes.items() if total > state.PER_DAY_MAX]
    return found + [f"{names[who]}, {day}: more than 24 hours on one day." for who, day in sorted(over)]


def source_of(book: Book, origin: str, record: str) -> str:
    """What makes a record unique for ever: SHA-256 of ledger id ‖ origin ‖ 0 ‖ record id, hex."""
    return hashlib.sha256(bytes.fromhex(book.ledger.id) + origin.encode() + b"\0" + record.encode()).hexdigest()


def _matched(desk: Desk, drafts: tuple[Draft, ...], map_file: str | None) -> Mapping[Someone, Known]:
    mapping = parse_map(text_in(map_file)) if map_file else ()
    may = {
        name: person for name, person in desk.names.persons().items() if people.may(desk.book.ledger, person, LOGGED)
    }
    return match(drafts, may, mapping)


def _bots(data: dict[str, Any]) -> str:
    named = ", ".join(f"{show(bot['name'])} ({bot['authored'] + bot['coauthored']})" for bot in data["bots"])
    skipped = data["skipped"]
    return (
        f"Programs, not counted: {named}. Skipped: {skipped['merges']} merges, {skipped['bots']} commits by programs."
    )
