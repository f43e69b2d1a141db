"""What may be said about work: it was done, it was really mine, it is taken back."""

from datetime import date, timedelta
from typing import Annotated

from msgspec import Meta, field

from contributions import state
from ledger import people
from ledger.book import Book
from ledger.canonical import INT_MAX
from ledger.entry import Entry, Hex64, PersonId
from ledger.errors import Refused
from ledger.fact import Day, Fact, Piece, Private, fact
from ledger.facts import Circle, Name

Ref = Annotated[str, Meta(min_length=1, max_length=100)]
LATE_REFUSED = "reject"
LOGGED = "contributions.logged"


class Item(Piece, frozen=True):
    """One piece of work: who gave what, when, how much, to which circle.

    `qty` is in minutes for kinds measured in time, in minor units where `per` is money, else in pieces. `source`
    says where an import found it, once for ever. `with` names persons it was done with.
    """

    who: PersonId
    date: Day
    role: Name
    kind: Name
    qty: Annotated[int, Meta(ge=1, le=INT_MAX)]
    circle: Circle
    refs: Annotated[tuple[Ref, ...], Meta(max_length=20)]
    beside: Annotated[tuple[PersonId, ...], Meta(max_length=50)] = field(name="with")
    gift: bool
    source: Hex64 | None
    note: Private | None
    evidence: Private | None


class Reference(Piece, frozen=True):
    """Items of one entry, by their numbers from 1."""

    entry: Hex64
    items: Annotated[tuple[Annotated[int, Meta(ge=1)], ...], Meta(min_length=1, max_length=1000)]


@fact(LOGGED)
class Logged(Fact, frozen=True):
    """Somebody states work, one piece or many under one signature. For another person it is a draft."""

    items: Annotated[tuple[Item, ...], Meta(min_length=1, max_length=1000)]

    def check(self, book: Book, entry: Entry) -> None:
        """Every piece is possible, known to the rule in force, and new."""
        sources: set[str] = set()
        minutes: dict[tuple[str, str], int] = {}
        for item in self.items:
            _check_person(book, item)
            _check_date(book, entry, item)
            minute = _check_kind(book, item)
            if minute:
                day = (item.who, item.date)
                minutes[day] = minutes.get(day, 0) + item.qty
            if item.source:
                if item.source in sources or state.settled(book, item.source):
                    raise Refused("This work is in the ledger already: it came from the same source.")
                sources.add(item.source)
        _check_days(book, minutes)

    def apply(self, book: Book, entry: Entry) -> None:
        """The pieces lie in the book; those of the author count at once."""
        own = state.of(book)
        own.entries[entry.id] = entry.index
        for place, item in enumerate(self.items, 1):
            key = f"{entry.index}.{place}"
            kind = book.ledger.catalogue[item.role][item.kind]
            own.work[key] = state.Work(
                who=item.who,
                date=item.date,
                role=item.role,
                kind=item.kind,
                unit=kind.unit,
                qty=item.qty,
                circle=item.circle,
                refs=list(item.refs),
                beside=list(item.beside),
                gift=item.gift,
                source=item.source,
                by=entry.author,
                received=entry.received,
                entry=entry.id,
                counts=False,
                deal=kind.when == "paid" and not item.gift,
            )
            if item.source:
                own.sources[item.source] = key
            if item.who == entry.author:
                state.count(book, key)


@fact("contributions.confirmed")
class Confirmed(Fact, frozen=True):
    """A person confirms drafts that somebody else recorded for them; from now on they count."""

    items: Annotated[tuple[Reference, ...], Meta(min_length=1, max_length=200)]

    def check(self, book: Book, entry: Entry) -> None:
        """Each is a draft of the author's own work."""
        for key, work in _open(book, self.items).items():
            if work.who != entry.author:
                raise Refused(f"Work {key} is not yours to confirm.")
            if work.counts:
                raise Refused(f"Work {key} counts already.")

    def apply(self, book: Book, entry: Entry) -> None:
        """They count."""
        for key in _open(book, self.items):
            state.count(book, key)


@fact("contributions.retracted")
class Retracted(Fact, frozen=True):
    """Work is taken back by whoever gave or recorded it, while its period is open."""

    items: Annotated[tuple[Reference, ...], Meta(min_length=1, max_length=200)]

    def check(self, book: Book, entry: Entry) -> None:
        """Each is open, and the author's own or recorded by the author."""
        for key, work in _open(book, self.items).items():
            if entry.author not in (work.who, work.by):
                raise Refused(f"Work {key} is not yours to take back.")

    def apply(self, book: Book, entry: Entry) -> None:
        """They are no more; the log still tells that they were."""
        for key in _open(book, self.items):
            state.take_back(book, key)


def _open(book: Book, references: tuple[Reference, ...]) -> dict[str, state.Work]:
    """The open work that is referred to; Refused where some is settled, taken back or was never there."""
    own = state.of(book)
    found: dict[str, state.Work] = {}
    for reference in references:
        index = own.entries.get(reference.entry)
        for number in reference.items:
            key = f"{index}.{number}"
            if index is None or key not in own.work:
                raise Refused(
                    "This work is not open: it was taken back, or its period is closed.",
                    "`tally work list` shows what is open.",
                )
            if key in found:
                raise Refused(f"Work {key} is named twice.")
            found[key] = own.work[key]
    return found


def _check_person(book: Book, item: Item) -> None:
    for person in (item.who, *item.beside):
        if not people.may(book.ledger, person, LOGGED):
            raise Refused("Work is recorded for people who may log work here; one of these may not.")
    if item.who in item.beside or len(set(item.beside)) != len(item.beside):
        raise Refused("A person is named twice on one piece of work.", "Name with whom it was done, each once.")


def _check_date(book: Book, entry: Entry, item: Item) -> None:
    try:
        day = date.fromisoformat(item.date)
    except ValueError as error:
        raise Refused(f"{item.date} is no date.") from error
    # The local date may be one ahead of the UTC date, never more; the command judges finer by the zone.
    if day > date.fromisoformat(state.utc_day(entry.received)) + timedelta(days=1):
        raise Refused(f"{item.date} lies in the future.", "Log work when it is done.")
    own = state.of(book)
    if book.ledger.late == LATE_REFUSED and own.frozen and item.date <= book.ledger.calendar[own.frozen - 1].last:
        raise Refused(f"{item.date} lies in a closed period, and the rule takes no late work.")


def _check_kind(book: Book, item: Item) -> bool:
    """Whether the quantity is minutes; Refused for what the rule in force does not know or nobody can do."""
    kinds = book.ledger.catalogue.get(item.role)
    if kinds is None:
        raise Refused(
            f"The rule in force knows no role {item.role!r}.", f"It knows: {', '.join(book.ledger.catalogue)}."
        )
    if item.kind not in kinds:
        raise Refused(
            f"The rule in force knows no kind {item.kind!r} of {item.role}.", f"It knows: {', '.join(kinds)}."
        )
    minutes = kinds[item.kind].unit == "minute"
    if minutes and item.qty > state.PER_ITEM_MAX:
        raise Refused("A single span of more than 16 hours is not work anybody can do.", "Log it day by day.")
    return minutes


def _check_days(book: Book, minutes: dict[tuple[str, str], int]) -> None:
    """No day of a person has more than 24 hours, the work of open periods counted together."""
    for work in state.of(book).work.values() if minutes else ():
        day = (work.who, work.date)
        if work.unit == "minute" and day in minutes:
            minutes[day] += work.qty
    for (_, day_text), total in minutes.items():
        if total > state.PER_DAY_MAX:
            raise Refused(f"{day_text} would have more than 24 hours of one person's work.")
