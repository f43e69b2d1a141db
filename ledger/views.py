"""Read models: tables for lists, search and pages that follow the log. They may be deleted at any time.

A function marked `@reads(KIND)` in a room's `tables.py` yields (table, row) for each entry of that kind. Whoever
looks catches up first: rows are put in in bulk, together with the position they reach, in one transaction. Nothing
is decided or paid from here, and private words never come here.
"""

import importlib
import importlib.util
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, insert
from sqlalchemy.exc import DatabaseError
from sqlmodel import Field, Session, SQLModel, select

from ledger.anchor import one_at_a_time
from ledger.entry import Entry, placed, read, split_leaf
from ledger.fact import Fact
from ledger.fact import read as read_fact
from ledger.opened import Ledger

Rows = Iterator[tuple[type[SQLModel], dict[str, Any]]]
Reader = Callable[[Any, Entry], Rows]
BATCH = 1000
FORMAT = 1

_readers: dict[str, list[Reader]] = defaultdict(list)


class Seen(SQLModel, table=True):
    """Up to which entry the tables follow the log, in which format."""

    format: int = Field(primary_key=True)
    position: int


def reads(kind: str) -> Callable[[Reader], Reader]:
    """Mark a function that makes rows from entries of a kind."""

    def mark(reader: Reader) -> Reader:
        _readers[kind].append(reader)
        return reader

    return mark


def open_views(ledger: Ledger) -> Session:
    """A session on this home's tables, caught up with the log."""
    for room in ledger.rooms:
        if importlib.util.find_spec(f"{room}.tables"):
            importlib.import_module(f"{room}.tables")
    path = ledger.home.kept(ledger.known.founding, f"views-{FORMAT}.sqlite")
    # Two who look at once must not both put in the same rows.
    with one_at_a_time(path.with_suffix(".lock")):
        try:
            return _caught_up(path, ledger)
        except DatabaseError:
            # Tables are made again from the log; nothing is lost with damaged ones.
            path.unlink(missing_ok=True)
            return _caught_up(path, ledger)


def _caught_up(path: Path, ledger: Ledger) -> Session:
    path.touch(0o600)
    engine = create_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(engine)
    catch_up(engine, ledger)
    return Session(engine)


def catch_up(engine: Engine, ledger: Ledger) -> None:
    """Put in the rows of all entries the tables have not seen."""
    with Session(engine) as session:
        seen = session.exec(select(Seen)).first() or Seen(format=FORMAT, position=0)
        end = ledger.log.head().size
        while seen.position < end:
            upto = min(seen.position + BATCH, end)
            for table, rows in _rows(ledger, seen.position, upto).items():
                session.execute(insert(table), rows)
            seen.position = upto
            session.add(seen)
            session.commit()


def _rows(ledger: Ledger, start: int, end: int) -> dict[type[SQLModel], list[dict[str, Any]]]:
    found: dict[type[SQLModel], list[dict[str, Any]]] = defaultdict(list)
    for index, leaf in enumerate(ledger.log.entries(start, end), start):
        entry_bytes, _, received = split_leaf(leaf)
        envelope = read(entry_bytes)
        if envelope.kind in _readers:
            entry = placed(index, entry_bytes, received, envelope)
            said: Fact = read_fact(envelope, ledger.rooms)
            for reader in _readers[envelope.kind]:
                for table, row in reader(said, entry):
                    found[table].append(row)
    return found
