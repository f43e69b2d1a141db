"""The answer of `tally payout fairness` as tables, each with a sentence that says what it means."""

from fractions import Fraction
from typing import Any

from governance.telling import grouped
from ledger.looks import table

LEVELS = " ▁▂▃▄▅▆▇█"
"""From nothing to all that people got in a run, in eighths."""


def fairness_texts(data: dict[str, Any]) -> list[Any]:
    """The sections that have something to say."""
    sections = [_drift(data), *_sorted(data, "roles", "Role"), *_sorted(data, "circles", "Circle")]
    sections += _concentration(data)
    sections += _recognition(data)
    return [text for section in sections for text in (*section, "")][:-1]


def _drift(data: dict[str, Any]) -> list[Any]:
    """A line for each member; where rounding never gave anybody a part of a unit more or less, a sentence."""
    if not data["drifts"]:
        return ["Nothing had to be rounded yet."]
    head = f"{data['currency']} more (+) or less (-) than exact"
    cells = [
        (row["name"], row["drift"], str(row["pots"]), f"{row['furthest']} in {row['in']}") for row in data["members"]
    ]
    runs = "one run" if data["runs"] == 1 else f"{data['runs']} runs"
    within = "less than" if data["within_a_unit"] else "more than"
    limit = f"{within} {data['unit']} {data['currency']}"
    said = f"After {runs} nobody is further off than {data['largest']} {data['currency']} in a pot, {limit}."
    drawn = table(("Member", head, "Pots", "Furthest in one"), cells, right=(head, "Pots"))
    return [drawn, said] if cells else [said]


def _sorted(data: dict[str, Any], key: str, head: str) -> list[list[Any]]:
    """What roles or circles got, and how that changed from run to run; nothing where there are none."""
    if not data[key]:
        return []
    bars = "Part of each run"
    cells = [
        (row["name"], grouped(row["total"]), row["part"] or "", "".join(map(_level, row["parts"]))) for row in data[key]
    ]
    money = f"{data['currency']} to people"
    return [[table((head, money, "Part", bars), cells, right=(money, "Part")), f"{bars}: {_span(data)}."]]


def _span(data: dict[str, Any]) -> str:
    periods = data["periods"]
    return periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}, from left to right"


def _level(part: str | None) -> str:
    """A part of a run as a bar: an eighth at least where there was anything."""
    value = Fraction(part.rstrip("%")) / 100 if part else Fraction(0)
    return "·" if value <= 0 else LEVELS[max(1, min(8, int(value * 8 + Fraction(1, 2))))]


def _concentration(data: dict[str, Any]) -> list[list[Any]]:
    if not any(row["people"] for row in data["concentration"]):
        return []
    cells = [
        (
            row["period"],
            str(row["people"]),
            grouped(row["to_people"]),
            row["top"] or "",
            row["most"] or ("several" if row["people"] else ""),
            str(row["half"] or ""),
        )
        for row in data["concentration"]
    ]
    heads = ("Period", "People", f"{data['currency']} to them", "Most to one", "Who", "Half goes to")
    said = "Half goes to: the smallest number of people who together got half of it."
    return [[table(heads, cells, right=(*heads[1:4], heads[5])), said]]


def _recognition(data: dict[str, Any]) -> list[list[Any]]:
    if not data["recognition"]:
        return []
    cells = [
        (
            row["name"],
            f"{row['thanks']} from {row['from']}" if row["thanks"] else "",
            row["gift_time"] if row["gift_minutes"] else "",
            str(row["gift_pieces"] or ""),
            row["unweighed_time"] if row["unweighed_minutes"] else "",
        )
        for row in data["recognition"]
    ]
    heads = ("Recognised without money", "Thanks", "Given, time", "Given, pieces", "Time that no pot weighs")
    said = f"In the periods {_span(data).removesuffix(', from left to right')}; no money follows from it."
    return [[table(heads, cells, right=heads[2:]), said]]
