"""A file of rows and columns as other programs save it, and which of its columns says what.

The comma, semicolon or tab between the cells is decided on the whole file; a cell in quotes may run over
several lines. Every row knows the line it begins on, so that whatever is wrong can be found.
"""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from contributions.drafts import one_line
from ledger.errors import Usage

FIELDS = ("date", "person", "email", "role", "kind", "quantity", "note")
NEEDED = ("date", "person", "role", "kind", "quantity")
DELIMITERS = (",", ";", "\t")
COLUMNS_HINT = 'Write --columns "date=Day,person=Who,role:=code,kind:=hour,quantity=Hours,note=What".'


class Columns(Struct, frozen=True):
    """Which column says what (`named`), and what is the same for every row (`constant`)."""

    named: dict[str, str]
    constant: dict[str, str]


class Row(Struct, frozen=True):
    """One row: the line it begins on, all its cells, and the cells that have a meaning by their field."""

    line: int
    cells: tuple[str, ...]
    fields: Mapping[str, str]


class Sheet(Struct, frozen=True):
    """A table: the names of its columns, and its rows."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


def parse_columns(text: str) -> Columns:
    """The meaning of "date=Day,role:=code": a field is a column of the file, or after `:=` the same everywhere.

    A column with a comma in its name stands in quotes: date=Day,"quantity=Hours, net". Raises Usage.
    """
    named: dict[str, str] = {}
    constant: dict[str, str] = {}
    for part in next(csv.reader([text], skipinitialspace=True), []):
        field, equals, value = part.partition("=")
        meaning, target = one_line(value), constant if field.endswith(":") else named
        field = field.removesuffix(":").strip().lower()
        if not equals or not meaning:
            raise Usage(f'"{part}" says nothing about a column.', COLUMNS_HINT)
        if field not in FIELDS:
            raise Usage(f'"{field}" is not something a row of work has.', f"There are: {', '.join(FIELDS)}.")
        if field in named or field in constant:
            raise Usage(f'"{field}" is given twice.', COLUMNS_HINT)
        target[field] = meaning
    missing = [field for field in NEEDED if field not in named and field not in constant]
    if missing:
        raise Usage(f"Nothing says where to find: {', '.join(missing)}.", COLUMNS_HINT)
    return Columns(named, constant)


def read_sheet(path: str | Path, columns: Columns) -> Sheet:
    """The header and the rows below it, without the empty ones. Raises Usage where the file is no such table."""
    text = _text(path)
    sheets, faults = [], []
    for delimiter in DELIMITERS:
        try:
            sheets.append(_sheet(text, delimiter, columns))
        except Usage as fault:
            faults.append(fault)
    best = max(sheets, key=lambda sheet: _fits(sheet, columns), default=None)
    if best is None or (faults and _missing(best.header, columns)):
        raise faults[0]
    if missing := _missing(best.header, columns):
        there = ", ".join(name for name in best.header if name)
        raise Usage(f"The table has no column {_quoted(missing)}.", f"Its first line names: {there}.")
    for name in columns.named.values():
        if [_folded(column) for column in best.header].count(_folded(name)) > 1:
            raise Usage(f'The table has more than one column "{name}".', "Give each column a name of its own.")
    return best


def _text(path: str | Path) -> str:
    shown = one_line(str(path))
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "that is no name of a file"
        raise Usage(f'"{shown}" cannot be read: {why}.', "Give the file that holds the table.") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Usage(f'"{shown}" is not text in UTF-8.', "Save it from the other program as CSV, UTF-8.") from error
    if "\0" in text or not text.strip():
        raise Usage(f'"{shown}" holds no table.', "Save it from the other program as CSV, UTF-8.")
    return text


def _sheet(text: str, delimiter: str, columns: Columns) -> Sheet:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    lines: list[tuple[int, tuple[str, ...]]] = []
    begin = 1
    try:
        for cells in reader:
            # A cell over several lines belongs to the line its row begins on.
            if any(cell.strip() for cell in cells):
                lines.append((begin, tuple(cell.strip().replace("\r\n", "\n") for cell in cells)))
            begin = reader.line_num + 1
    except csv.Error as error:
        raise Usage(f"Line {begin} is not a row of a table: {error}.", "Look at the quotes there.") from error
    if not lines:
        raise Usage("The table has no line with anything in it.")
    header = tuple(one_line(cell) for cell in lines[0][1])
    return Sheet(header, tuple(Row(line, cells, _fields(header, cells, columns)) for line, cells in lines[1:]))


def _fields(header: tuple[str, ...], cells: tuple[str, ...], columns: Columns) -> dict[str, str]:
    by_column = dict(zip(map(_folded, header), cells, strict=False))
    named = {field: by_column.get(_folded(name), "") for field, name in columns.named.items()}
    return {"email": "", "note": ""} | named | columns.constant


def _fits(sheet: Sheet, columns: Columns) -> tuple[bool, int]:
    width = len(sheet.header)
    return not _missing(sheet.header, columns), sum(len(row.cells) == width for row in sheet.rows) if width > 1 else 0


def _missing(header: tuple[str, ...], columns: Columns) -> list[str]:
    there = {_folded(name) for name in header}
    return [name for name in columns.named.values() if _folded(name) not in there]


def _quoted(names: list[str]) -> str:
    return " and no column ".join(f'"{name}"' for name in names)


def _folded(name: str) -> str:
    return name.casefold()
