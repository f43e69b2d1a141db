"""Work as people look through it: a list from the read model, and one piece with everything known of it."""

from typing import Any

from msgspec import Struct
from sqlmodel import col, select

from contributions import state
from contributions.facts import Logged
from contributions.handing_in import measure
from contributions.tables import ConfirmedRow, RetractedRow, WorkRow
from ledger import clock, erasure
from ledger.book import Book
from ledger.doors import Desk
from ledger.entry import entry_id, read, split_leaf
from ledger.errors import Usage
from ledger.fact import read as read_fact
from ledger.looks import table
from ledger.private import show
from ledger.views import open_views

Row = dict[str, Any]


class Wanted(Struct, kw_only=True, frozen=True):
    """What a list is asked for."""

    who: str | None
    since: str
    circle: str | None
    drafts: bool
    everything: bool
    limit: int


def rows_of(desk: Desk, wanted: Wanted) -> list[Row]:
    """The newest work that fits, oldest first."""
    query = select(WorkRow).order_by(col(WorkRow.entry).desc(), col(WorkRow.number).desc())
    if wanted.who:
        query = query.where(WorkRow.who == wanted.who)
    if wanted.since:
        query = query.where(WorkRow.date >= wanted.since)
    if wanted.circle:
        within = col(WorkRow.circle)
        query = query.where((within == wanted.circle) | within.startswith(wanted.circle + "/", autoescape=True))
    found: list[Row] = []
    with open_views(desk.ledger) as session:
        confirmed = {(row.entry_id, row.number) for row in session.exec(select(ConfirmedRow))}
        retracted = {(row.entry_id, row.number) for row in session.exec(select(RetractedRow))}
        for row in session.exec(query):
            place = (row.entry_id, row.number)
            stands = "taken back" if place in retracted else _stands(desk, row, place in confirmed)
            if (stands == "taken back" and not wanted.everything) or (wanted.drafts and stands != "draft"):
                continue
            found.append(_row(desk, row, stands))
            if len(found) == wanted.limit:
                break
    _add_notes(desk, found)
    return found[::-1]


def _stands(desk: Desk, row: WorkRow, confirmed: bool) -> str:
    if row.who != row.by and not confirmed:
        return "draft"
    key = f"{row.entry}.{row.number}"
    dispute = state.of(desk.book).disputes.get(key)
    if dispute is not None and not dispute.upheld:
        return "disputed" if dispute.upheld is None else "struck"
    if key not in state.of(desk.book).work:
        return "settled"
    return "disputed" if state.is_disputed(desk.book, key) else "open"


def _unit(book: Book, key: str, row: WorkRow) -> str:
    """In what a piece was counted when it was logged: the book or its sheet knows; the rule may have changed since."""
    own = state.of(book)
    if key in own.work:
        return own.work[key].unit
    for period in book.ledger.calendar[: own.frozen]:
        if period.last >= row.date and key in (found := state.pieces(book, period.id)):
            return found[key].unit
    kind = book.ledger.catalogue.get(row.role, {}).get(row.kind)
    return kind.unit if kind else "piece"


def _row(desk: Desk, row: WorkRow, stands: str) -> Row:
    unit = _unit(desk.book, f"{row.entry}.{row.number}", row)
    return {
        "work": f"{row.entry}.{row.number}",
        "date": row.date,
        "who": desk.names.of(row.who),
        "role": row.role,
        "kind": row.kind,
        "qty": row.qty,
        "unit": unit,
        "much": measure(row.qty, unit, desk.book.ledger.exponent),
        "circle": row.circle,
        "gift": row.gift,
        "stands": stands,
        "by": desk.names.of(row.by),
        "note": None,
        "note_erased_by": None,
        "noted": row.noted,
    }


def _add_notes(desk: Desk, rows: list[Row]) -> None:
    """The words beside the entries, for those rows that have them and where they are still held."""
    places = {}
    for row in rows:
        entry, _, number = row["work"].partition(".")
        if row.pop("noted"):
            places[row["work"]] = (int(entry), f"/items/{int(number) - 1}/note")
    held, erased = desk.ledger.log.private_many(list(places.values())), desk.ledger.book.ledger.erased
    for row in rows:
        if row["work"] in places:
            row["note"] = held.get(places[row["work"]])
            row["note_erased_by"] = erased.get(erasure.place(*places[row["work"]]))


def _gone(by: int | None) -> str:
    """What is shown where a text was erased."""
    return "" if by is None else erasure.words(by)


def table_of(rows: list[Row]) -> Any:
    """The rows as a table."""
    cells = [
        (
            row["work"],
            row["date"],
            row["who"],
            f"{row['role']}/{row['kind']}",
            row["much"],
            row["circle"],
            "" if row["stands"] == "open" else row["stands"],
            show(row["note"] or "") or _gone(row["note_erased_by"]),
        )
        for row in rows
    ]
    return table(("Work", "Date", "Who", "What", "Much", "Circle", "", "Note"), cells, right=("Much",))


def story_of(desk: Desk, wanted: str) -> tuple[Row, str]:
    """One piece of work: what, when received, by which key, how it stands."""
    index, number = _spelled(wanted)
    row = _one(desk, index, number)
    if row is None:
        raise Usage(f"There is no work {wanted}.", "`tally work list` shows what there is.")
    entry_bytes, _, received = split_leaf(desk.ledger.log.entry(index))
    said = read_fact(read(entry_bytes), desk.rooms)
    assert isinstance(said, Logged)
    item = said.items[number - 1]
    row |= {"entry": entry_id(entry_bytes), "received": clock.claim(received), "refs": list(item.refs)}
    row |= {"with": [desk.names.of(person) for person in item.beside]}
    row |= {"evidence": desk.ledger.log.private_many([place := (index, f"/items/{number - 1}/evidence")]).get(place)}
    row |= {"evidence_erased_by": desk.ledger.book.ledger.erased.get(erasure.place(*place))}
    lines = [f"{row['work']}  {row['date']}  {row['who']}  {row['role']}/{row['kind']}  {row['much']}"]
    note, evidence = (show(row[of] or "") or _gone(row[f"{of}_erased_by"]) for of in ("note", "evidence"))
    lines += [f"note      {note}"] if note else []
    lines += [f"evidence  {evidence}"] if evidence else []
    lines += [f"circle    {row['circle']}"] if row["circle"] else []
    lines += [f"with      {', '.join(row['with'])}"] if row["with"] else []
    lines += [f"refs      {', '.join(map(show, row['refs']))}"] if row["refs"] else []
    lines += ["gift      given, not to be paid"] if row["gift"] else []
    lines += [f"stands    {row['stands']}", f"recorded  by {row['by']}, received {clock.show(received)}"]
    lines += [f"entry     {row['entry']}"]
    return row, "\n".join(lines)


def _one(desk: Desk, index: int, number: int) -> Row | None:
    with open_views(desk.ledger) as session:
        row = session.get(WorkRow, (index, number))
        if row is None:
            return None
        place = (row.entry_id, row.number)
        retracted = session.get(RetractedRow, place) is not None
        stands = "taken back" if retracted else _stands(desk, row, session.get(ConfirmedRow, place) is not None)
        found = _row(desk, row, stands)
    _add_notes(desk, [found])
    return found


def _spelled(wanted: str) -> tuple[int, int]:
    entry, _, number = wanted.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 12 for part in (entry, number or "1")):
        raise Usage(f"{wanted!r} is no work.", "Work is spelled 412.3: the third item of entry 412.")
    return int(entry), int(number or "1")
