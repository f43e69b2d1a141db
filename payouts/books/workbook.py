"""The tables of a pack as one workbook for a spreadsheet (xlsx).

A spreadsheet counts in binary fractions, so beside every amount stands the same in minor units as a text: that one is
exact. Texts never become formulas or links. The bytes depend on the figures alone.
"""

import io
from datetime import UTC, datetime
from decimal import Decimal

from ledger.errors import Usage
from payouts.amounts import Amounts
from payouts.books.sheets import Sheet

WIDTHS = {"id": 12, "clause": 44, "note": 46, "what": 38, "name": 24}
WIDTH = 16


def workbook(sheets: tuple[Sheet, ...], say: Amounts, made: int) -> bytes:
    """The workbook; `made` is the time (ms) that it says it was made at, that of the log's last entry."""
    try:
        import xlsxwriter  # noqa: PLC0415  comes with the extra "reports" alone
    except ImportError as error:
        raise Usage("A workbook needs xlsxwriter.", 'pip install "tallystick[reports]"') from error
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(written, options)
    book.set_properties({"created": datetime.fromtimestamp(made // 1000, UTC).replace(tzinfo=None)})
    bold = book.add_format({"bold": True, "bottom": 1})
    figure = book.add_format({"num_format": "#,##0" + ("." + "0" * say.exponent if say.exponent else "")})
    for one in sheets:
        page = book.add_worksheet(one.name)
        page.freeze_panes(1, 0)
        for column, (head, width) in enumerate(_heads(one, say)):
            page.set_column(column, column, width)
            page.write_string(0, column, head, bold)
        for number, row in enumerate(one.rows, 1):
            column = 0
            for name in one.columns:
                cell = row[name]
                if isinstance(cell, int):
                    page.write_number(number, column, Decimal(cell).scaleb(-say.exponent), figure)
                    page.write_string(number, column + 1, str(cell))
                    column += 1
                else:
                    page.write_string(number, column, cell)
                column += 1
    book.close()
    return written.getvalue()


def _heads(one: Sheet, say: Amounts) -> list[tuple[str, int]]:
    """The columns with their widths; after each amount the one in minor units."""
    found = []
    for name in one.columns:
        head = f"{name} ({say.currency})" if name in one.money else name
        found.append((head, WIDTHS.get(name, WIDTH)))
        if name in one.money:
            found.append((f"{name}, exact, in {_unit(say)}", WIDTH))
    return found


def _unit(say: Amounts) -> str:
    return f"{say.plain(1)} {say.currency}"
