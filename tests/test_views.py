"""Tables follow the log: caught up in pieces of any size, or made anew, they say the same."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from contributions.tables import ConfirmedRow, RetractedRow, WorkRow
from ledger import views
from tests.forge import Coop, forge


def test_tables_caught_up_in_any_pieces_are_those_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    coop = forge(tmp_path, "Ana")
    coop.must("log", "1h", "One", "--role", "code")
    first = shown(coop)
    coop.must("log", "2h", "Two", "--role", "code")
    coop.must("undo")
    coop.must("log", "30m", "Three", "--role", "care")
    monkeypatch.setattr(views, "BATCH", 2)
    caught_up = shown(coop)
    for file in tmp_path.rglob("views-*.sqlite*"):
        file.unlink()

    assert len(first["WorkRow"]) == 1
    assert len(caught_up["WorkRow"]) == 3
    assert len(caught_up["RetractedRow"]) == 1
    assert shown(coop) == caught_up


def test_private_words_never_come_into_a_table(tmp_path: Path) -> None:
    coop = forge(tmp_path, "Ana")
    coop.must("log", "1h", "Zanzibar", "--role", "code")
    coop.must("work", "list")
    files = list(tmp_path.rglob("views-*.sqlite*"))

    assert files
    assert not any(b"Zanzibar" in file.read_bytes() for file in files)


def test_a_list_shows_taken_back_work_only_when_asked(tmp_path: Path) -> None:
    coop = forge(tmp_path, "Ana")
    coop.must("log", "1h", "Kept", "--role", "code")
    coop.must("log", "2h", "A slip", "--role", "code")
    coop.must("undo")

    assert [row["note"] for row in coop.must("work", "list", "--json").answer["work"]] == ["Kept"]
    assert [row["stands"] for row in coop.must("work", "list", "--all", "--json").answer["work"]] == [
        "open",
        "taken back",
    ]


def shown(coop: Coop) -> dict[str, list[Any]]:
    """All rows of all tables, after catching up."""
    with coop.opened() as ledger, views.open_views(ledger) as session:
        return {table.__name__: rows(session, table) for table in (WorkRow, ConfirmedRow, RetractedRow)}


def rows(session: Session, table: type[Any]) -> list[Any]:
    """The rows of a table, as plain data in a fixed order."""
    return sorted(tuple(row.model_dump().items()) for row in session.exec(select(table)))
