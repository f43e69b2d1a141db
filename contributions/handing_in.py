"""Logging work: from what a person typed to an item, and back to a sentence that says what was understood."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from contributions import state
from contributions.state import weight
from ledger.book import Book
from ledger.calendar import containing
from ledger.catalogue import Catalogue, KindOfWork
from ledger.errors import Usage
from ledger.facts import Circle
from ledger.money import parse_amount, show_amount
from ledger.names import Names
from ledger.private import Text, show
from ledger.spans import parse_minutes, show_minutes

LATE_CORRECTS = "true_up"
EXAMPLE = 'Write for example: tally log 1h30 "Reviewed the parser" --role code'


class Typed(Struct, kw_only=True, frozen=True):
    """What was typed, before the rule in force gives it meaning."""

    words: tuple[str, ...]
    role: str | None
    kind: str | None
    amount: str | None
    circle: str
    refs: tuple[str, ...]
    beside: tuple[str, ...]  # person ids
    gift: bool
    evidence: str | None


def item(book: Book, person: str, day: date, today: date, typed: Typed) -> dict[str, Any]:
    """The item for the body of a `contributions.logged` entry. Raises Usage in words for what makes no sense."""
    if day > today:
        raise Usage(f"{day} lies in the future.", "Log work when it is done.")
    check_circle(typed.circle)
    role = typed.role or usual_role(book, person)
    kind_name, kind = pick_kind(book.ledger.catalogue, role, typed.kind)
    qty, note = _quantity(kind_name, kind, typed, book.ledger.exponent)
    return draft_item(
        who=person,
        day=day,
        role=role,
        kind=kind_name,
        qty=qty,
        circle=typed.circle,
        refs=typed.refs,
        beside=typed.beside,
        gift=typed.gift,
        note=note,
        evidence=typed.evidence,
    )


def draft_item(
    who: str,
    day: date,
    role: str,
    kind: str,
    qty: int,
    note: str | None,
    circle: str = "",
    refs: tuple[str, ...] = (),
    beside: tuple[str, ...] = (),
    gift: bool = False,
    source: str | None = None,
    evidence: str | None = None,
) -> dict[str, Any]:
    """One item with all its fields, words put aside as private."""
    return {
        "who": who,
        "date": day.isoformat(),
        "role": role,
        "kind": kind,
        "qty": qty,
        "circle": circle,
        "refs": list(refs),
        "with": list(beside),
        "gift": gift,
        "source": source,
        "note": Text(note) if note else None,
        "evidence": Text(evidence) if evidence else None,
    }


def check_circle(circle: str) -> None:
    """Raise Usage for what is not a path of circles."""
    try:
        msgspec.convert(circle, Circle)
    except msgspec.ValidationError as error:
        raise Usage(
            f"{show(circle)!r} is not a circle.", "Write small letters, like berlin or berlin/support."
        ) from error


def usual_role(book: Book, person: str) -> str:
    """The role this person logged last, or the only one there is."""
    roles = list(book.ledger.catalogue)
    logged = [work.role for work in state.of(book).work.values() if work.who == work.by == person]
    if logged and logged[-1] in roles:
        return logged[-1]
    if len(roles) == 1:
        return roles[0]
    raise Usage("Say in which role you did it.", f"Add --role {' | '.join(roles)}.")


def pick_kind(catalogue: Catalogue, role: str, kind: str | None) -> tuple[str, KindOfWork]:
    """The kind of work that was named, or hours, or the only kind of the role."""
    if role not in catalogue:
        raise Usage(f"The rule in force knows no role {role!r}.", f"It knows: {', '.join(catalogue)}.")
    kinds = catalogue[role]
    name = kind or ("hour" if "hour" in kinds else next(iter(kinds)) if len(kinds) == 1 else None)
    if name is None:
        raise Usage(f"Say which kind of {role} work it was.", f"Add --kind {' | '.join(kinds)}.")
    if name not in kinds:
        raise Usage(f"The rule in force knows no kind {name!r} of {role}.", f"It knows: {', '.join(kinds)}.")
    return name, kinds[name]


def _quantity(name: str, kind: KindOfWork, typed: Typed, exponent: int) -> tuple[int, str | None]:
    """How much, and the note: a length comes first, a count may, an amount has an option of its own."""
    words = list(typed.words)
    if kind.unit == "money":
        figure = typed.amount or (words.pop(0) if len(words) == 2 else None)
        if figure is None:
            raise Usage(f"A {name} is counted in money.", "Add --amount 12000.00.")
        qty = parse_amount(figure, exponent)
    elif typed.amount is not None:
        raise Usage(f"--amount is for work counted in money; {name} is not.", "Leave it out, or name another --kind.")
    elif kind.unit == "minute":
        if not words:
            raise Usage("Say how long it took.", EXAMPLE)
        qty = _span(words.pop(0))
    else:
        counted = len(words) == 2 or (len(words) == 1 and words[0].isdecimal())
        qty = _count(words.pop(0)) if counted else 1
    if len(words) > 1:
        raise Usage(f"{words[1]!r} is too much: put the note in quotes.", EXAMPLE)
    if qty < 1:
        raise Usage("Nothing is not work.", "Log an amount above 0.")
    return qty, words[0] if words else None


def _span(text: str) -> int:
    minutes = parse_minutes(text)
    if minutes > state.PER_ITEM_MAX:
        raise Usage(
            f"{show_minutes(minutes)} is more than 16 hours in one span; nobody can do that.",
            "Log it day by day, with --date.",
        )
    return minutes


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise Usage(f"{text!r} is not a number of pieces.", "Write a whole number, like 3.")
    return int(text)


def measure(qty: int, unit: str, exponent: int, currency: str = "") -> str:
    """A quantity as people write it: 1h30, 12,000.00 EUR, 3."""
    if unit == "minute":
        return show_minutes(qty)
    return f"{show_amount(qty, exponent)} {currency}".strip() if unit == "money" else str(qty)


def show_points(exact: Fraction) -> str:
    """Points as people read them: whole, or rounded to two decimals with a ~ before them where that is not exact."""
    if exact.denominator == 1:
        return f"{exact.numerator:,}"
    hundredths = (exact.numerator * 200 + exact.denominator) // (2 * exact.denominator)
    mark = "" if hundredths * exact.denominator == exact.numerator * 100 else "~"
    return f"{mark}{hundredths // 100:,}.{hundredths % 100:02}".rstrip("0").rstrip(".")


def week_of(book: Book, person: str, day: date) -> tuple[int, Fraction]:
    """Minutes and points a person has in the week (Monday to Sunday) around a day, closed periods included."""
    monday = day - timedelta(days=day.weekday())
    first, last = monday.isoformat(), (monday + timedelta(days=6)).isoformat()
    weighs_from = "9" if state.is_waiting(book, person) else state.first_day(book, person)
    # One piece for each kind of work: quantities are quick to add up, points are fractions.
    sums: dict[tuple[str, str, str, bool, bool], state.Work] = {}
    for work in state.of(book).work.values():
        if work.who == person and work.counts and first <= work.date <= last:
            like = (work.role, work.kind, work.unit, work.gift, work.date >= weighs_from)
            sums[like] = replace(work, qty=work.qty + sums[like].qty) if like in sums else work
    minutes = sum(work.qty for work in sums.values() if work.unit == "minute")
    weighed = sum((weight(book, work) for like, work in sums.items() if like[-1]), Fraction(0))
    for date_text, (closed_minutes, closed_points) in state.of(book).lately.get(person, {}).items():
        if first <= date_text <= last:
            minutes, weighed = minutes + closed_minutes, weighed + Fraction(closed_points)
    return minutes, weighed


def _late(book: Book, day: str) -> str:
    """What becomes of late work: the rule of its own date says."""
    row = containing(book.ledger.calendar, day)
    if row is not None and book.ledger.late == LATE_CORRECTS:
        return f"late: corrects {row.id} once this period is closed, by the rule of its own date"
    return "late: counts in the next run, by the rule of its own date"


def sentence(book: Book, names: Names, work: state.Work) -> str:
    """Who, when, what, how much, worth what: as it was understood."""
    day = date.fromisoformat(work.date)
    where = f" · {work.circle}" if work.circle else ""
    kind = book.ledger.catalogue.get(work.role, {}).get(work.kind)
    if work.gift:
        worth = "a gift, no points"
    elif state.is_waiting(book, work.who):
        worth = "waits until the members have said yes to the person"
    elif state.is_early(book, work):
        worth = "weighs nothing: it is dated before the ledger or the person began"
    elif state.is_late(book, work.date):
        worth = _late(book, work.date)
    elif kind is not None and kind.when == "paid":
        worth = "points when it is paid"
    else:
        worth = f"{show_points(weight(book, work))} points"
    much = measure(work.qty, work.unit, book.ledger.exponent, book.ledger.currency)
    refs = f" · {', '.join(map(show, work.refs))}" if work.refs else ""
    beside = f" with {', '.join(map(names.of, work.beside))}" if work.beside else ""
    who = f"{names.of(work.who)}{beside}"
    return f"{who} · {day:%a} {day} · {work.role}/{work.kind}{where} · {much}{refs} · {worth}"
