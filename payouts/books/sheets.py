"""A table of a report, once: the same figures go to a CSV file, into a workbook, and onto the screen."""

from typing import Any

from msgspec import Struct

from ledger.looks import table
from payouts.amounts import Amounts

Cell = str | int
"""A text, or an amount in minor units."""


class Sheet(Struct, frozen=True, kw_only=True):
    """A named table; the columns in `money` hold amounts in minor units, all others texts."""

    name: str
    columns: tuple[str, ...]
    money: frozenset[str]
    rows: tuple[dict[str, Cell], ...]

    def total(self, column: str) -> int:
        """The sum of a column of amounts, in minor units."""
        return sum(cell for row in self.rows if isinstance(cell := row[column], int))

    def plain(self, say: Amounts) -> list[dict[str, str]]:
        """The rows for files and programs: amounts as "1234.50"."""
        return [
            {name: say.plain(cell) if isinstance(cell, int) else cell for name, cell in row.items()}
            for row in self.rows
        ]

    def drawn(self, say: Amounts) -> Any:
        """The table for people; ids are for files."""
        shown = tuple(name for name in self.columns if name != "id")
        cells = [
            tuple(say.show(cell) if isinstance(cell := row[name], int) else cell for name in shown) for row in self.rows
        ]
        return table(shown, cells, right=tuple(name for name in shown if name in self.money))


def sheet(name: str, columns: tuple[str, ...], money: tuple[str, ...], rows: list[dict[str, Cell]]) -> Sheet:
    """A table whose rows all have its columns; what is missing is an empty text, or no money."""
    filled = [{column: row.get(column, 0 if column in money else "") for column in columns} for row in rows]
    return Sheet(name=name, columns=columns, money=frozenset(money), rows=tuple(filled))
