"""The contributions room's part of the book: the work of open periods, and the digests of closed ones.

When a period's cut-off passes, everything that counts and is dated up to its last day becomes a sheet: it leaves
the book for the shelf, and the book keeps two digests. Drafts wait here until their person confirms them.
"""

from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

import msgspec
from msgspec import Struct, field

from contributions.disputed import Dispute
from ledger import people
from ledger.assisting import is_contestable
from ledger.book import Act, Book
from ledger.calendar import Period, containing
from ledger.catalogue import points

PER_ITEM_MAX = 16 * 60
PER_DAY_MAX = 24 * 60
PIECES_MAX = 1_000_000
MONEY_MAX = 10**12
"""What one piece of work can come to: minutes, minutes of a day, pieces, minor units."""


class Work(Struct, array_like=True, kw_only=True, gc=False):
    """One piece of work that lies in an open period.

    There are many of them and none can be part of a cycle, so the garbage collector need not look at them.
    """

    who: str
    date: str
    role: str
    kind: str
    unit: str  # in which qty is counted: minute, money or piece, as the rule said when it was logged
    qty: int
    circle: str
    refs: list[str]
    beside: list[str]  # persons it was done with
    gift: bool
    source: str | None
    by: str  # who recorded it
    received: int
    entry: str  # id of the entry it stands in
    counts: bool  # False: a draft that `who` has not confirmed
    deal: bool  # weighs by the money that comes in under its refs, as the rule said when it was logged


class Quantity(Struct, array_like=True, frozen=True, kw_only=True):
    """How much of one kind of work one person gave to a circle, as a run weighs it."""

    who: str
    role: str
    kind: str
    circle: str
    gift: bool
    early: bool  # dated before the first period or the person's standing: weighs nothing until voted
    period: str  # of the work's date; earlier than the sheet's for late work
    unit: str
    qty: int
    items: int


class Thanks(Struct, array_like=True, frozen=True, kw_only=True):
    """Somebody thanked somebody; the words lie beside the entry."""

    giver: str
    to: str
    received: int
    entry: int
    id: str


class Sheet(Struct, kw_only=True, omit_defaults=True):
    """A closed period's work: summed up, and the digest of the list of pieces; and who thanked whom in it."""

    period: str
    quantities: list[Quantity]
    pieces: str
    thanks: list[Thanks] = field(default_factory=list)


class Pieces(Struct, kw_only=True):
    """A closed period's work, piece by piece, by how people spell them ("412.3")."""

    period: str
    work: dict[str, Work]


class State(Struct, kw_only=True):
    """Everything the contributions room keeps at hand."""

    work: dict[str, Work] = field(default_factory=dict)  # "412.3" -> work of open periods
    entries: dict[str, int] = field(default_factory=dict)  # entry id -> index, where open work stands in it
    sources: dict[str, str] = field(default_factory=dict)  # source -> "412.3", of open work
    deals: dict[str, dict[str, int]] = field(default_factory=dict)  # ref -> "person role kind circle" -> quantity
    confirmed: dict[str, str] = field(default_factory=dict)  # "412.3" of open work -> id of the entry confirming it
    sheets: dict[str, str] = field(default_factory=dict)  # period -> digest of its sheet
    minutes: dict[str, int] = field(default_factory=dict)  # "person date" -> minutes of open work that counts
    thanks: list[Thanks] = field(default_factory=list)  # of the open periods, as they came
    given: int = 0  # all quantities ever stated, together: bounded, so that no sum outgrows a signed number
    frozen: int = 0  # how many periods of the calendar are closed
    disputes: dict[str, Dispute] = field(default_factory=dict)  # "412.3", open or settled, -> dispute
    # Of the newest closed period's last days: person -> date -> (minutes, points), so that the sum of a week that
    # began there needs no sheet.
    lately: dict[str, dict[str, tuple[int, str]]] = field(default_factory=dict)


def of(book: Book) -> State:
    """This room's part."""
    found: State = book.parts["contributions"]
    return found


def due(book: Book, until: int) -> Act | None:
    """The next period's work is frozen when its cut-off comes."""
    state = of(book)
    if state.frozen >= len(book.ledger.calendar):
        return None
    period = book.ledger.calendar[state.frozen]
    return (period.cut, f"freeze {period.id} 1", lambda book: freeze(book, period)) if period.cut <= until else None


def freeze(book: Book, period: Period) -> None:
    """Move the work that counts, dated up to the period's last day, to a sheet.

    The work of somebody who has asked to join waits until the members have decided; so does work that is disputed,
    until its person reaffirms it, and what others recorded with her consent on paper, until she can contest it no
    more. It was stated in time, and goes into the next sheet then.
    """
    state = of(book)
    waiting = {person for person in book.ledger.persons if is_waiting(book, person)}
    going = {
        key: work
        for key, work in state.work.items()
        if work.counts
        and work.date <= period.last
        and work.who not in waiting
        and not is_disputed(book, key)
        and not is_contestable(book, work.entry, period.cut)
    }
    sources = [work.source for work in going.values() if work.source]
    pieces = book.keep(msgspec.msgpack.encode(Pieces(period=period.id, work=going)), [])
    thanks = [one for one in state.thanks if one.received < period.end and not people.is_disputed(book.ledger, one.id)]
    state.thanks = [one for one in state.thanks if one not in thanks]
    sheet = Sheet(period=period.id, quantities=summed(book, going), pieces=pieces, thanks=thanks)
    state.sheets[period.id] = book.keep(msgspec.msgpack.encode(sheet), sources)
    state.frozen += 1
    state.lately = _lately(book, period, going)
    for key, work in going.items():
        if key in state.disputes:
            state.disputes[key].sheet = period.id
        del state.work[key]
        state.confirmed.pop(key, None)
        _spend(book, work, -work.qty)
        if work.source:
            del state.sources[work.source]
    staying = {work.entry for work in state.work.values()} if going else state.entries
    state.entries = {entry: index for entry, index in state.entries.items() if entry in staying}


def _lately(book: Book, period: Period, pieces: dict[str, Work]) -> dict[str, dict[str, tuple[int, str]]]:
    first = (date.fromisoformat(period.last) - timedelta(days=5)).isoformat()
    found: dict[str, dict[str, tuple[int, str]]] = {}
    for work in pieces.values():
        if work.date >= first:
            days = found.setdefault(work.who, {})
            minutes, points = days.get(work.date, (0, "0"))
            minutes += work.qty if work.unit == "minute" else 0
            days[work.date] = (minutes, str(Fraction(points) + weight(book, work)))
    return found


def weight(book: Book, work: Work) -> Fraction:
    """The points of a piece of work under the rule in force; 0 for a gift, and for what waits to be paid."""
    kind = book.ledger.catalogue.get(work.role, {}).get(work.kind)
    if kind is None or work.gift or kind.unit != work.unit or kind.when == "paid":
        return Fraction(0)
    return points(kind, work.qty)


def summed(book: Book, pieces: dict[str, Work]) -> list[Quantity]:
    """The quantities of these pieces, in a fixed order."""
    sums: dict[tuple[str, str, str, str, bool, bool, str, str], tuple[int, int]] = {}
    # Many pieces, few days and people: each day's period and each person's first day are looked up once.
    days = {work.date for work in pieces.values()}
    periods = {day: row.id if (row := containing(book.ledger.calendar, day)) else "" for day in days}
    began = {who: first_day(book, who) for who in {work.who for work in pieces.values()}}
    for work in pieces.values():
        at, early = periods[work.date], work.date < began[work.who]
        group = (work.who, work.role, work.kind, work.circle, work.gift, early, at, work.unit)
        qty, items = sums.get(group, (0, 0))
        sums[group] = (qty + work.qty, items + 1)
    return [
        Quantity(
            who=who,
            role=role,
            kind=kind,
            circle=circle,
            gift=gift,
            early=early,
            period=at,
            unit=unit,
            qty=qty,
            items=items,
        )
        for (who, role, kind, circle, gift, early, at, unit), (qty, items) in sorted(sums.items())
    ]


def is_waiting(book: Book, person: str) -> bool:
    """Whether the members have not decided yet about this person, or have said no."""
    return book.ledger.persons[person].standing in (people.CANDIDATE, people.REJECTED)


def add_minutes(book: Book, sums: dict[tuple[str, str], int]) -> None:
    """Add to these (person, date) sums the minutes that count there, closed periods included, drafts left out."""
    if not sums:
        return
    own, first = of(book), min(day for _, day in sums)
    for person, day in sums:
        sums[person, day] += own.minutes.get(f"{person} {day}", 0)
    for period in book.ledger.calendar[: own.frozen] if is_late(book, first) else ():
        for work in pieces(book, period.id).values() if period.last >= first else ():
            if work.unit == "minute" and (work.who, work.date) in sums:
                sums[work.who, work.date] += work.qty


def is_late(book: Book, day: str) -> bool:
    """Whether a date lies in a period that is closed already."""
    closed = of(book).frozen
    return bool(closed) and day <= book.ledger.calendar[closed - 1].last


def is_early(book: Book, work: Work) -> bool:
    """Dated before the first period, or before the person had any standing."""
    return work.date < first_day(book, work.who)


def first_day(book: Book, person: str) -> str:
    """The first date a person's work weighs: of the first period, or the UTC date on which her standing began."""
    began = book.ledger.persons[person].standings[0][0]
    return max(book.ledger.calendar[0].first, utc_day(began))


def utc_day(ms: int) -> str:
    """The UTC date of an instant."""
    return _date_of(ms // 86_400_000)


@lru_cache(maxsize=1024)
def _date_of(days: int) -> str:
    """The date so many days after 1970-01-01; an audit asks for the same few again and again."""
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()


WORKING = 3
"""Who is at work in a role: who has given work to it in so many of the last closed periods, or in the open one."""


def at_work(book: Book) -> dict[str, list[str]]:
    """Role -> the persons at work in it, sorted."""
    state, found = of(book), dict[str, set[str]]()
    for work in state.work.values():
        if work.counts and not work.gift:
            found.setdefault(work.role, set()).add(work.who)
    for period in list(state.sheets)[-WORKING:]:
        for quantity in sheet(book, period).quantities:
            if not quantity.gift:
                found.setdefault(quantity.role, set()).add(quantity.who)
    return {role: sorted(persons) for role, persons in sorted(found.items())}


def sheet(book: Book, period: str) -> Sheet:
    """A closed period's sheet, loaded from the shelf and checked against its digest."""
    return msgspec.msgpack.decode(book.shelf.get(of(book).sheets[period]), type=Sheet)


def pieces(book: Book, period: str) -> dict[str, Work]:
    """A closed period's work, piece by piece; not to be changed, since whoever asks next gets the same."""
    name = f"pieces {period}"
    if name not in book.memo:
        book.memo[name] = msgspec.msgpack.decode(book.shelf.get(sheet(book, period).pieces), type=Pieces).work
    found: dict[str, Work] = book.memo[name]
    return found


def settled(book: Book, source: str) -> bool:
    """Whether work of this source lies in the book or in a closed period."""
    state = of(book)
    return source in state.sources or book.shelf.settled(source, set(state.sheets.values()))


def is_disputed(book: Book, key: str) -> bool:
    """Whether nobody stands by open work: by the statement it stands in, or by the one that confirmed it."""
    state, known = of(book), book.ledger
    if not known.disputed:
        return False
    return people.is_disputed(known, state.work[key].entry) or people.is_disputed(known, state.confirmed.get(key, ""))


def count(book: Book, key: str) -> None:
    """From now on this piece counts."""
    state = of(book)
    work = state.work[key]
    work.counts = True
    _deal(book, work, work.qty)
    _spend(book, work, work.qty)


def take_back(book: Book, key: str) -> None:
    """This piece is no more."""
    state = of(book)
    work = state.work.pop(key)
    state.confirmed.pop(key, None)
    state.disputes.pop(key, None)
    if work.source:
        del state.sources[work.source]
    if work.counts:
        _deal(book, work, -work.qty)
        _spend(book, work, -work.qty)


def sellers(book: Book, ref: str) -> dict[str, int]:
    """Who sold how much under a ref ("person role kind circle" -> quantity), without open work that is disputed."""
    found = dict(of(book).deals.get(ref, {}))
    for key, work in of(book).work.items() if found and book.ledger.disputed else ():
        if work.deal and work.counts and ref in work.refs and is_disputed(book, key):
            found[_seller(work)] -= work.qty
    return {seller: qty for seller, qty in found.items() if qty}


def _spend(book: Book, work: Work, qty: int) -> None:
    """Keep how many minutes of each day are taken by work that counts."""
    if work.unit == "minute":
        minutes, day = of(book).minutes, f"{work.who} {work.date}"
        minutes[day] = minutes.get(day, 0) + qty
        if not minutes[day]:
            del minutes[day]


def _deal(book: Book, work: Work, qty: int) -> None:
    """Keep, per deal, who sold how much: a receipt that names the deal is divided by it."""
    if not work.deal:
        return
    seller = _seller(work)
    for ref in work.refs:
        sellers = of(book).deals.setdefault(ref, {})
        sellers[seller] = sellers.get(seller, 0) + qty
        if not sellers[seller]:
            del sellers[seller]


def _seller(work: Work) -> str:
    """Who sold it, as what, where: persons and names hold no blanks."""
    return " ".join((work.who, work.role, work.kind, work.circle))
