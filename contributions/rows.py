"""What each row of a table of work says, once it is decided on the whole file how its cells are to be read.

Amounts stay exact until the last moment: a length of time may have seconds, and a total is compared with
what the rows really say.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from contributions import cells
from contributions.drafts import Someone, one_line, someone
from contributions.table import Columns, Row, Sheet
from ledger.errors import Usage
from ledger.private import TEXT_MAX

Measure = Literal["minutes", "pieces", "money"]


class Work(Struct, frozen=True):
    """A row understood; `exact` is in minutes, pieces or the smallest unit of money, before any rounding."""

    line: int
    who: Someone
    date: datetime.date
    role: str
    kind: str
    exact: Fraction
    note: str


class Ways(Struct, frozen=True):
    """How the cells of this file are to be read: what was decided on the whole of it."""

    width: int
    order: str
    two_digits: bool
    mark: str
    bare: int
    measures: dict[str, Measure]
    exponent: int


def decide(
    rows: Sequence[Row],
    sheet: Sheet,
    meaning: Columns,
    date_format: str | None,
    exponent: int,
    measures: Mapping[str, Measure],
) -> Ways:
    """How these rows are to be read. Raises Usage where dates or amounts can be read in two ways.

    A kind that is not among `measures` is measured the way all its cells are written.
    """
    by_kind: dict[str, list[Row]] = {}
    for row in rows:
        by_kind.setdefault(one_line(row.fields["kind"]), []).append(row)
    found = {kind: measures.get(kind) or _measure(same) for kind, same in by_kind.items()}
    money = [row for kind, same in by_kind.items() if found[kind] == "money" for row in same]
    days = ((row.line, row.fields["date"]) for row in rows)
    # A column called Minutes holds minutes; everywhere else a bare number of time is hours.
    in_minutes = meaning.named.get("quantity", "").casefold().startswith("min")
    return Ways(
        width=len(sheet.header),
        order=cells.order_of(date_format) if date_format else cells.decide_order(days),
        two_digits=date_format is not None,
        mark=cells.decide_mark(((row.line, row.fields["quantity"]) for row in money), exponent),
        bare=cells.MINUTE if in_minutes else cells.HOUR,
        measures=found,
        exponent=exponent,
    )


def _measure(rows: Iterable[Row]) -> Measure:
    written = [row.fields["quantity"] for row in rows]
    if all(cells.is_whole(text) for text in written):
        return "pieces"
    return "minutes" if all(cells.is_length(text) for text in written) else "money"


def understand(row: Row, ways: Ways) -> tuple[Work | None, list[str]]:
    """The work of a row, or every reason why it cannot be read."""
    faults = _gaps(row, ways)
    given, kind, day, exact = row.fields, one_line(row.fields["kind"]), None, None
    if given["date"]:
        try:
            day = cells.read_day(given["date"], ways.order, ways.two_digits)
        except Usage as fault:
            faults.append(fault.message)
    try:
        exact = _quantity(given["quantity"], ways.measures[kind], ways)
    except Usage as fault:
        faults.append(fault.message)
    if faults or day is None or exact is None:
        return None, faults
    who = someone(given["person"], given["email"])
    return Work(row.line, who, day, one_line(given["role"]), kind, exact, given["note"]), faults


def _gaps(row: Row, ways: Ways) -> list[str]:
    faults = [f"it has no {field}." for field in ("date", "person", "role", "kind") if not row.fields[field]]
    if len(row.cells) > ways.width:
        faults.append(f"it has {len(row.cells)} cells, but the table has {ways.width} columns.")
    if len(row.fields["note"]) > TEXT_MAX:
        faults.append(f"its note has {len(row.fields['note'])} characters; at most {TEXT_MAX} fit.")
    return faults


def _quantity(text: str, measure: Measure, ways: Ways) -> Fraction:
    if measure == "minutes":
        return cells.read_length(text, ways.bare) / 60
    if measure == "pieces":
        return Fraction(cells.read_pieces(text))
    return Fraction(cells.read_money(text, ways.mark, ways.exponent))


def whole(exact: Fraction) -> int:
    """The whole minutes, pieces or units. Only minutes can have a fraction; from half a minute on it is a minute."""
    return int((2 * exact + 1) // 2)


def sum_quantity(text: str, measure: Measure, ways: Ways) -> Fraction:
    """The quantity of a row that sums up others, which may well be more hours than a day has. Raises Usage."""
    return cells.read_seconds(text, ways.bare) / 60 if measure == "minutes" else _quantity(text, measure, ways)
