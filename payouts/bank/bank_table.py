"""Reads a bank's statement as a table (CSV), where there is no camt.053: a day, an amount, and our ids anywhere. Pure.

A table does not say whose account it is and proves no balance; so only what bears an id of ours is ever recorded.
"""

import csv
import re
from datetime import date

from payouts.bank.bank_lines import OURS, BadStatement, Line, minor_units, tidy_ref

DAYS = ("date", "booked", "booking date", "day", "buchungstag", "data", "fecha", "date comptable", "created on")
AMOUNTS = ("amount", "betrag", "importo", "importe", "montant", "net")
NAMES = ("name", "payee", "counterparty", "target name", "beneficiary")
REFS = ("bank reference", "transaction id", "id")
ASK = "The head line names a column for the day and one for the amount: Date, Amount."


def lines_of(text: str, exponent: int) -> list[Line]:
    """All lines of a table. Raises BadStatement."""
    try:
        rows = [row for row in csv.reader(text.splitlines(), _dialect(text)) if any(map(str.strip, row))]
    except csv.Error as error:
        raise BadStatement("This is no table that can be read.", ASK) from error
    if not rows:
        raise BadStatement("This table is empty.", ASK)
    head = [cell.strip().casefold() for cell in rows[0]]
    day, amount = _column(head, DAYS), _column(head, AMOUNTS)
    if day is None or amount is None:
        raise BadStatement("It is not clear what stands where in this table.", ASK)
    name, ref, found = _column(head, NAMES), _column(head, REFS), []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(head):
            raise BadStatement(f"Line {number}: a row of another width than the head.", ASK)
        out, plain = _plain(row[amount])
        ids = OURS.findall(" ".join(row))
        found.append(
            Line(
                booked=_day(row[day], number),
                amount=minor_units(plain, exponent, number),
                is_out=out,
                payments=tuple(dict.fromkeys(one for one in ids if one[0] == "E")),
                batch=next((one for one in ids if one[0] in "BM"), ""),
                ref=tidy_ref(row[ref]) if ref is not None and not OURS.search(row[ref]) else "",
                name=row[name].strip() if name is not None else "",
                line=number,
            )
        )
    return found


def _dialect(text: str) -> type[csv.Dialect]:
    class Table(csv.excel):
        delimiter = max(",;\t", key=text.partition("\n")[0].count)

    return Table


def _column(head: list[str], names: tuple[str, ...]) -> int | None:
    return next((head.index(name) for name in names if name in head), None)


def _plain(text: str) -> tuple[bool, str]:
    """Whether money went out, and the amount as 1234.50; "-1.234,50" and "1,234.50-" are read too."""
    bare = re.sub(r"[\s'\u00a0]|EUR|€", "", text).replace("−", "-")
    digits = bare.replace("-", "").replace("+", "")
    if re.fullmatch(r"[0-9.]*,[0-9]{1,2}", digits):
        digits = digits.replace(".", "").replace(",", ".")
    return "-" in bare, digits.replace(",", "")


def _day(text: str, line: int) -> str:
    found = re.match(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text.strip())
    parts = found.groups() if found else ()
    if found is None and (found := re.fullmatch(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})", text.strip())):
        parts = found.groups()[::-1]
    try:
        return date(*map(int, parts)).isoformat()
    except (TypeError, ValueError) as error:
        raise BadStatement(f"Line {line}: this is no day.", "Write days as 2026-11-20 or 20.11.2026.") from error
