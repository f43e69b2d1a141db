"""How people and keys are shown: rows as data, the same rows as tables."""

from collections.abc import Sequence
from typing import Any

from ledger import clock, people
from ledger.book import Book
from ledger.names import Names
from ledger.sshsig import fingerprint

Row = dict[str, Any]


def member_rows(book: Book, names: Names) -> list[Row]:
    """Everybody, by name: standing, since when, roles by circle."""
    rows = [
        {
            "name": names.of(person),
            "id": person,
            "standing": known.standing,
            "since": clock.claim(known.standings[-1][0]),
            "roles": {circle: held for circle, held in sorted(known.roles.items()) if held},
            "leaves": _leaves(book, person),
        }
        for person, known in book.ledger.persons.items()
    ]
    return sorted(rows, key=lambda row: row["name"].casefold())


def _leaves(book: Book, person: str) -> str | None:
    """From when on she is no member, where she leaves with help and nobody has contested it."""
    at, said = book.ledger.leaving.get(person, (0, ""))
    return clock.claim(at) if said and not people.is_disputed(book.ledger, said) else None


def _standing(row: Row) -> str:
    return f"{row['standing']}, leaves {row['leaves'][:10]}" if row["leaves"] else row["standing"]


def roles_text(roles: dict[str, list[str]]) -> str:
    """Roles as people read them: "treasurer", "steward (berlin)"."""
    return ", ".join(f"{role} ({circle})" if circle else role for circle, held in roles.items() for role in held)


def member_table(rows: list[Row]) -> Any:
    """The rows as a table."""
    cells = [(row["name"], _standing(row), row["since"][:10], roles_text(row["roles"])) for row in rows]
    return table(("Name", "Standing", "Since", "Roles"), cells)


def member_story(book: Book, names: Names, person: str) -> tuple[Row, str]:
    """One person: data, and the same in lines."""
    row = next(row for row in member_rows(book, names) if row["id"] == person)
    known = book.ledger.persons[person]
    row["history"] = [{"standing": standing, "since": clock.claim(since)} for since, standing in known.standings]
    row["keys"] = [fingerprint(bytes.fromhex(key.public)) for key in book.ledger.keys.values() if key.person == person]
    lines = [f"{row['name']}, {row['standing']} since {row['since'][:10]}", f"id     {person}"]
    lines += [f"leaves {row['leaves'][:10]}, unless she contests it"] if row["leaves"] else []
    lines += [f"roles  {roles_text(row['roles'])}"] if row["roles"] else []
    lines += [f"key    {key}" for key in row["keys"]]
    return row, "\n".join(lines)


_WHOLE = ("Key", "Date", "Work", "Since", "Period", "Booked")
"""Columns that are not broken into lines: half a date is no date."""


def table(heads: tuple[str, ...], cells: Sequence[tuple[str, ...]], right: tuple[str, ...] = ()) -> Any:
    """A plain table; the columns named in `right` are aligned to the right."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415  only what draws tables pays for Rich
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head in heads:
        drawn.add_column(
            head, justify="right" if head in right else "left", overflow="fold", no_wrap=head in right or head in _WHOLE
        )
    for row in cells:
        drawn.add_row(*(Text(cell) for cell in row))
    return drawn
