"""What is written in one cell of a table of work: a day, a length of time, a number of pieces, an amount of money.

Pure. Whether 03/04 is in March or in April, and whether 1,234 is a thousand, no single cell can tell: that is
decided once for the whole file, and where the file does not decide it, a person is asked.
"""

import datetime
import re
from collections.abc import Iterable
from fractions import Fraction

from ledger.errors import Usage
from ledger.money import parse_amount
from ledger.spans import parse_seconds

FORMAT_HINT = "Say which with --date-format DD/MM/YYYY or --date-format MM/DD/YYYY."
HOUR = 3600
MINUTE = 60
ORDERS = ("dmy", "mdy", "ymd")

# The time of day that some programs write behind the day says nothing about how long the work took.
_DAY = re.compile(r"([0-9]{1,4})([-/.]) ?([0-9]{1,2})\2 ?([0-9]{1,4})(?:[T ]+[0-9:]{4,8}(?: ?[AaPp][Mm])?)?")
_NUMBER = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,6}))?")
_WHOLE = re.compile(r"([0-9]{1,9})(?:\.0{1,2})?")
_GROUPING = re.compile("(?<=[0-9])[ '\u00a0\u202f\u2019](?=[0-9]{3})")
_SWAP = str.maketrans(".,", ",.")


def order_of(date_format: str) -> str:
    """The order of day, month and year in `DD/MM/YYYY`, `%m/%d/%y` and the like: "dmy", "mdy" or "ymd"."""
    order = "".join(dict.fromkeys(letter for letter in date_format.lower() if letter in "dmy"))
    if order not in ORDERS:
        raise Usage(f'"{date_format}" is not a date format.', "Write DD/MM/YYYY, MM/DD/YYYY or YYYY-MM-DD.")
    return order


def decide_order(cells: Iterable[tuple[int, str]]) -> str:
    """Whether the dates of a file, given with their lines, have the day or the month first: "dmy" or "mdy".

    A part over 12 decides for the whole file; dates with dots have the day first if nothing says otherwise.
    Raises Usage, showing both readings, where nothing decides or the dates contradict each other.
    """
    firm: dict[str, tuple[int, str]] = {}
    unsure: tuple[int, str] | None = None
    for line, text in cells:
        found = _DAY.fullmatch(text)
        if found is None or len(found[1]) > 2 or len(found[4]) != 4:
            continue
        first, second = int(found[1]), int(found[3])
        if first > 12 or second > 12:
            firm.setdefault("dmy" if first > 12 else "mdy", (line, text))
        elif first != second and found[2] != ".":
            unsure = unsure or (line, text)
    if len(firm) == 2:
        (line, day_first), (other, month_first) = firm["dmy"], firm["mdy"]
        raise Usage(
            f"{day_first} (line {line}) has the day first and {month_first} (line {other}) the month.", FORMAT_HINT
        )
    if not firm and unsure:
        line, text = unsure
        both = " or ".join(f"{read_day(text, order)} ({order_name(order)} first)" for order in ("dmy", "mdy"))
        raise Usage(f"{text} (line {line}) reads as {both}, and no other date in the file tells which.", FORMAT_HINT)
    return next(iter(firm), "dmy")


def order_name(order: str) -> str:
    """The part that an order puts first, as a word."""
    return {"d": "day", "m": "month", "y": "year"}[order[0]]


def read_day(text: str, order: str, two_digits: bool = False) -> datetime.date:
    """The day of a cell. A year in front is a year, whatever the order; a year of two digits is 20.. if allowed.

    Raises Usage for what is not a day, or is none in this order.
    """
    found = _DAY.fullmatch(text)
    if found is None:
        raise Usage(f'"{text}" is not a day.')
    parts = (found[1], found[3], found[4])
    by_name = dict(zip("ymd" if len(found[1]) == 4 else order, parts, strict=True))
    if len(by_name["y"]) == 2 and not two_digits:
        raise Usage(f'"{text}" has a year of two digits; say what comes first with --date-format.')
    if len(by_name["y"]) not in (2, 4):
        raise Usage(f'"{text}" is not a day with the {order_name(order)} first.')
    year = int(by_name["y"]) + (2000 if len(by_name["y"]) == 2 else 0)
    try:
        return datetime.date(year, int(by_name["m"]), int(by_name["d"]))
    except ValueError as error:
        raise Usage(f'"{text}" is not in the calendar with the {order_name(order)} first.') from error


def read_length(text: str, bare: int) -> Fraction:
    """The exact seconds of one day's work, as `read_seconds` reads them.

    Raises Usage also for a number without a unit that would be more hours than a day has: it is minutes, or a slip.
    """
    seconds = read_seconds(text, bare)
    found = _NUMBER.fullmatch(text)
    if found and bare == HOUR and seconds > 24 * HOUR:
        raise Usage(f'"{text}" would be more hours than a day has; write {found[1]}h, or {found[1]}m for minutes.')
    return seconds


def read_seconds(text: str, bare: int) -> Fraction:
    """The exact seconds of a length of time; a number without a unit counts `bare` seconds, HOUR or MINUTE.

    Raises Usage for what is no length of time.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return parse_seconds(text)
    whole, part = found[1], found[2] or ""
    return Fraction(int(whole + part) * bare, 10 ** len(part))


def is_length(text: str) -> bool:
    """Whether a cell writes a length of time with its unit, or as on a clock."""
    try:
        parse_seconds(text)
    except Usage:
        return False
    return True


def read_pieces(text: str) -> int:
    """A whole number of pieces. Raises Usage for anything else."""
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise Usage(f'"{text}" is not a whole number.')
    return int(found[1])


def is_whole(text: str) -> bool:
    """Whether a cell writes a whole number and nothing else."""
    return _WHOLE.fullmatch(text) is not None


def decide_mark(cells: Iterable[tuple[int, str]], exponent: int) -> str:
    """Whether the amounts of a file, given with their lines, have a point or a comma before the decimals.

    An amount that can be read in one way only decides for the whole file. Raises Usage where nothing decides or
    the amounts contradict each other.
    """
    firm: dict[str, tuple[int, str]] = {}
    unsure: tuple[int, str] | None = None
    for line, text in cells:
        readings = {mark: amount for mark in ".," if (amount := _reading(text, mark, exponent)) is not None}
        if len(readings) == 1:
            firm.setdefault(next(iter(readings)), (line, text))
        elif len(set(readings.values())) == 2:
            unsure = unsure or (line, text)
    if len(firm) == 2:
        (line, point), (other, comma) = firm["."], firm[","]
        raise Usage(
            f"{point} (line {line}) has a point before the decimals and {comma} (line {other}) a comma.",
            "Write all amounts of the file in one way.",
        )
    if not firm and unsure:
        line, text = unsure
        raise Usage(f"{text} (line {line}) can be read in two ways.", "Write it with all its decimals.")
    return next(iter(firm), ".")


def read_money(text: str, mark: str, exponent: int) -> int:
    """The smallest units of an amount whose decimals come after `mark`. Raises Usage for anything else."""
    plain = _GROUPING.sub("", text)
    try:
        return parse_amount(plain.translate(_SWAP) if mark == "," else plain, exponent)
    except Usage as error:
        raise Usage(f'"{text}" is not an amount of money; write the number alone, like 1234.50.') from error


def _reading(text: str, mark: str, exponent: int) -> int | None:
    try:
        return read_money(text, mark, exponent)
    except Usage:
        return None
