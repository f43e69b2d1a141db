"""Reads a file of direct deposits (Nacha) back and says everything that is wrong with it. Pure.

It shares no code with what writes such files: lengths, counts, sums, hashes and check digits are worked out once more.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from payouts.bank.bank_check import Finding, Paid

Row = tuple[int, str]
"""A line and its number."""


def is_nacha(data: bytes) -> bool:
    """Whether a file begins as such a file does."""
    return data.startswith(b"101 ")


def check_file(data: bytes, today: str) -> list[Finding]:
    """Everything that is wrong, by line. `today` is the cooperative's date."""
    rows = _rows(data)
    short = [Finding(number, "length", "a line has not 94 signs") for number, row in rows if len(row) != 94]
    if short:
        return short
    return sorted({*_frame(rows), *_entries(rows), *_controls(rows), *_day(rows, today)})


def payments_in(data: bytes) -> list[Paid]:
    """Every payment, in its order; ids are the first signs of ours, in capitals there."""
    return [
        Paid(eid=f"E{row[40:54].strip().lower()}", cents=_number(row[29:39]), iban=row[12:29].strip(), line=number)
        for number, row in _of(_rows(data), "6")
    ]


def _rows(data: bytes) -> list[Row]:
    return list(enumerate(data.decode("latin-1").splitlines(), 1))


def _of(rows: Sequence[Row], kind: str) -> list[Row]:
    return [(number, row) for number, row in rows if row.startswith(kind) and set(row) != {"9"}]


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]+", text) else None


def _frame(rows: Sequence[Row]) -> Iterator[Finding]:
    """The order of the lines, the blocks, the letters."""
    kinds = "".join(row[0] for _, row in rows if set(row) != {"9"})
    if not re.fullmatch("156+89", kinds):
        yield Finding(1, "structure", "the lines of the file are not header, batch, payments, controls")
    if len(rows) % 10:
        yield Finding(len(rows), "blocks", "the lines do not come to whole blocks of ten")
    for number, row in rows:
        if not all(" " <= sign <= "~" for sign in row):
            yield Finding(number, "letters", "a line has letters that cannot stand there")
    for number, row in _of(rows, "5"):
        if row[1:4] != "220" or row[50:53] != "PPD":
            yield Finding(number, "service", "the batch is not one of PPD credits")


def _entries(rows: Sequence[Row]) -> Iterator[Finding]:
    """Each payment by itself."""
    entries = _of(rows, "6")
    traces, ids = (Counter(row[place] for _, row in entries) for place in (slice(79, 94), slice(39, 54)))
    for number, row in entries:
        digits = [int(sign) for sign in row[3:12] if "0" <= sign <= "9"]
        sums = 3 * sum(digits[0::3]) + 7 * sum(digits[1::3]) + sum(digits[2::3])
        if len(digits) != 9 or sums % 10 or not any(digits):
            yield Finding(number, "routing", "the digits of a routing number do not fit")
        if row[1:3] not in ("22", "32"):
            yield Finding(number, "code", "a payment is no credit to a checking or savings account")
        if not _number(row[29:39]):
            yield Finding(number, "amount", "an amount is nothing, or no number")
        if not row[12:29].strip() or not row[54:76].strip():
            yield Finding(number, "name", "a payment has no account or no name")
        if traces[row[79:94]] > 1 or ids[row[39:54]] > 1:
            yield Finding(number, "id-twice", "an id stands here more than once")


def _controls(rows: Sequence[Row]) -> Iterator[Finding]:
    """Counts, sums and hashes that the file states, worked out anew: of the batch and of the file."""
    entries = [row for _, row in _of(rows, "6")]
    total = sum(_number(row[29:39]) or 0 for row in entries)
    hashed = sum(_number(row[3:11]) or 0 for row in entries) % 10_000_000_000
    for kind, count, start in (("8", slice(4, 10), 10), ("9", slice(13, 21), 21)):
        for number, row in _of(rows, kind):
            if _number(row[count]) != len(entries):
                yield Finding(number, "count", f"the number of payments is not {len(entries)}")
            if _number(row[start : start + 10]) != hashed:
                yield Finding(number, "hash", "the sum of the routing numbers is another")
            if (_number(row[start + 10 : start + 22]), _number(row[start + 22 : start + 34])) != (0, total):
                yield Finding(number, "sum", "the sums are not those of the payments")
    for number, row in _of(rows, "9"):
        if (_number(row[1:7]), _number(row[7:13])) != (1, -(-len(rows) // 10)):
            yield Finding(number, "count", "the number of batches or blocks is another")


def _day(rows: Sequence[Row], today: str) -> Iterator[Finding]:
    for number, row in _of(rows, "5"):
        said = row[69:75]
        try:
            on = date(2000 + int(said[:2]), int(said[2:4]), int(said[4:]))
        except ValueError:
            yield Finding(number, "day", "the day of payment is no day")
            continue
        if on < date.fromisoformat(today):
            yield Finding(number, "day", "the day of payment is over")
