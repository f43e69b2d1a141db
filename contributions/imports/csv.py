"""Any table of work: a timesheet, a list of events or of deals, saved as CSV by the program people keep it in.

The person who imports says which column means what. The order of day and month and the decimal mark are decided
on the whole file; if one row cannot be read, all such rows are named and nothing is imported. A row keeps its id
when the file is read again, so a second import adds nothing.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from msgspec import Struct

from contributions.drafts import Draft, Known, Someone, for_members, one_line
from contributions.rows import Measure, Ways, Work, decide, sum_quantity, understand, whole
from contributions.table import Columns, Row, parse_columns, read_sheet
from ledger import canonical
from ledger.errors import Usage
from ledger.money import format_amount, parse_amount
from ledger.spans import show_minutes

MEASURES: Mapping[str, Measure] = {"hour": "minutes"}
TOTALS = ("total", "totals", "grand total", "sum", "summe", "gesamt", "totale", "somme", "suma")


class BadRows(Usage):
    """Rows that cannot be read, every one with its line and the reason; nothing of the file is imported."""

    def __init__(self, path: str | Path, faults: Sequence[tuple[int, str]]) -> None:
        count = len({line for line, _ in faults})
        said = "1 row cannot be read" if count == 1 else f"{count} rows cannot be read"
        named = "\n".join(f"Line {line}: {words}" for line, words in faults)
        super().__init__(
            f"{one_line(str(path))}: {said}, so nothing is imported.\n{named}", "Correct them there, then import again."
        )
        self.faults = tuple(faults)


class Table(Struct, frozen=True):
    """The work in a file, and for each kind in it how it is measured.

    `empty` and `totals` count the rows left out because they hold no quantity, or the sum of others; `notices`
    tell of them in words. `exponent` is that of the money.
    """

    drafts: tuple[Draft, ...]
    measures: dict[str, Measure]
    empty: int
    totals: int
    notices: tuple[str, ...]
    exponent: int


def read(
    path: str | Path,
    columns: str,
    date_format: str | None = None,
    *,
    exponent: int = 2,
    measures: Mapping[str, Measure] = MEASURES,
) -> Table:
    """The work in the table at `path`, its columns named as `contributions.table.parse_columns` reads them.

    `measures` says how a kind of work is measured; a kind not in it is measured the way its cells are all
    written: whole numbers are pieces, 1h30 are minutes, anything else is money of `exponent` decimals.
    Raises BadRows if a row cannot be read, Usage if the file as a whole cannot.
    """
    meaning = parse_columns(columns)
    sheet = read_sheet(path, meaning)
    rows, sums = _without_sums(sheet.rows, meaning)
    filled = [row for row in rows if row.fields["quantity"]]
    ways = decide(filled, sheet, meaning, date_format, exponent, measures)
    works, faults = [], []
    for row in filled:
        work, found = understand(row, ways)
        faults += [(row.line, words) for words in found]
        works += [work] if work else []
    if faults:
        raise BadRows(path, faults)
    counted = [work for work in works if whole(work.exact)]
    empty = sorted({row.line for row in rows} - {work.line for work in counted})
    notices = (*_of_empty(empty), *_of_rounding(counted), *(_of_sum(row, works, ways) for row in sums))
    return Table(_drafts(counted, ways), ways.measures, len(empty), len(sums), notices, exponent)


def preview(table: Table, known: Mapping[Someone, Known]) -> dict[str, Any]:
    """What an import would do, as plain data: the file's totals for each person and in all, and what was left out.

    Minutes and pieces are whole numbers, money is text such as "1234.50". `items` is what would be logged.
    """
    sums: dict[Someone, Counter[str]] = {}
    for draft in table.drafts:
        amount = parse_amount(draft.amount, table.exponent) if isinstance(draft.amount, str) else draft.amount
        sums.setdefault(draft.who, Counter()).update({"rows": 1, table.measures[draft.kind]: amount})
    people = [
        {"name": who.name, "email": who.email, **_shown(sums[who], table.exponent)}
        | {"member": known[who].name if who in known else None}
        for who in sorted(sums)
    ]
    together = sum(sums.values(), Counter())
    return {
        "people": people,
        "skipped": {"empty": table.empty, "totals": table.totals},
        "totals": _shown(together, table.exponent) | {"items": len(for_members(table.drafts, known))},
        "notices": list(table.notices),
    }


def _shown(sums: Counter[str], exponent: int) -> dict[str, Any]:
    counts = {key: sums[key] for key in ("rows", "minutes", "pieces")}
    return counts | {"money": format_amount(sums["money"], exponent)}


def _drafts(works: Iterable[Work], ways: Ways) -> tuple[Draft, ...]:
    drafts = []
    seen: Counter[tuple[str, ...]] = Counter()
    for work in works:
        identity = _identity(work, ways)
        name = hashlib.sha256(canonical.encode([*identity, seen[identity]])).hexdigest()
        seen[identity] += 1
        units = whole(work.exact)
        amount = format_amount(units, ways.exponent) if ways.measures[work.kind] == "money" else units
        drafts.append(
            Draft(id=name, who=work.who, date=work.date, role=work.role, kind=work.kind, amount=amount, note=work.note)
        )
    return tuple(drafts)


def _identity(work: Work, ways: Ways) -> tuple[str, ...]:
    # No e-mail address: the same file with one more column named has to give the same ids. The amount as a plain
    # number: whether 4200 turns out to be pieces or money may depend on rows that are added later.
    number = work.exact / 10**ways.exponent if ways.measures[work.kind] == "money" else work.exact
    return (work.who.name, work.date.isoformat(), work.role, work.kind, str(number), work.note)


def _without_sums(rows: Sequence[Row], meaning: Columns) -> tuple[Sequence[Row], Sequence[Row]]:
    """The rows, and apart from them those at the end that sum up others: they have no day, nor anything else."""
    end = len(rows)
    while end and _is_sum(rows[end - 1], meaning):
        end -= 1
    return rows[:end], rows[end:]


def _is_sum(row: Row, meaning: Columns) -> bool:
    day = row.fields["date"]
    if "date" not in meaning.named or (day and not _says_total(day)):
        return False
    # Either a cell says so, or only the quantity is filled in.
    others = [row.fields[field] for field in meaning.named if field not in ("date", "quantity")]
    return any(_says_total(cell) for cell in row.cells) or not any(others)


def _says_total(cell: str) -> bool:
    return cell.casefold().rstrip(" :") in TOTALS


def _of_empty(lines: Sequence[int]) -> tuple[str, ...]:
    if not lines:
        return ()
    named = f"Line {lines[0]} holds" if len(lines) == 1 else f"Lines {', '.join(map(str, lines))} hold"
    return (f"{named} no quantity, or none worth a minute, and nothing of it is imported.",)


def _of_rounding(works: Iterable[Work]) -> tuple[str, ...]:
    broken = [work.exact for work in works if work.exact.denominator != 1]
    if not broken:
        return ()
    before, after = sum(broken, Fraction(0)), sum(map(whole, broken))
    seconds = f"{show_minutes(int(before))} and {int(before % 1 * 60)} seconds"
    return (f"Rounded to whole minutes: {len(broken)} lengths of {seconds} became {show_minutes(after)} in all.",)


def _of_sum(row: Row, works: Sequence[Work], ways: Ways) -> str:
    """What to say about a row that sums up others: whether it agrees with them, as far as it can be read."""
    left_out = f"Line {row.line} sums up other rows and was left out"
    found = set(ways.measures.values())
    if len(found) != 1 or not row.fields["quantity"]:
        return f"{left_out}."
    measure = found.pop()
    try:
        said = sum_quantity(row.fields["quantity"], measure, ways)
    except Usage:
        return f"{left_out}; what it says cannot be read."
    real = sum((work.exact for work in works), Fraction(0))
    if whole(said) == whole(real):
        return f"{left_out}; it agrees with them."
    return f"{left_out}; it says {_spelled(said, measure, ways)}, but they come to {_spelled(real, measure, ways)}."


def _spelled(amount: Fraction, measure: Measure, ways: Ways) -> str:
    if measure == "minutes":
        return show_minutes(whole(amount))
    return str(amount) if measure == "pieces" else format_amount(int(amount), ways.exponent)
