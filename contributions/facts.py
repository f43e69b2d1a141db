"""What may be said about work: it was done, it was really mine, it is taken back."""

from datetime import date
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
DAY = 86_400_000
LOGGED = "contributions.logged"


class Item(Piece, frozen=True, gc=False):
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
            check_item(book, entry.received, item)
            if book.ledger.catalogue[item.role][item.kind].unit == "minute":
                day = (item.who, item.date)
                minutes[day] = minutes.get(day, 0) + item.qty
            if item.source:
                if item.source in sources or state.settled(book, item.source):
                    raise Refused("This work is in the ledger already: it came from the same source.")
                sources.add(item.source)
        check_days(book, minutes)
        if state.of(book).given + sum(item.qty for item in self.items) > INT_MAX:
            raise Refused("All work ever stated would be more than can be counted exactly.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The pieces lie in the book; those of the author count at once."""
        own = state.of(book)
        own.entries[entry.id] = entry.index
        own.given += sum(item.qty for item in self.items)
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
        """Each is a draft of the author's own work, which no rule or day has no room for."""
        minutes: dict[tuple[str, str], int] = {}
        for key, work in _open(book, self.items).items():
            if work.who != entry.author:
                raise Refused(f"Work {key} is not yours to confirm.")
            if work.counts:
                raise Refused(f"Work {key} counts already.")
            _check_late(book, work.date)
            if work.unit == "minute":
                day = (work.who, work.date)
                minutes[day] = minutes.get(day, 0) + work.qty
        check_days(book, minutes)

    def apply(self, book: Book, entry: Entry) -> None:
        """They count."""
        for key in _open(book, self.items):
            state.count(book, key)
            state.of(book).confirmed[key] = entry.id


@fact("contributions.retracted")
class Retracted(Fact, frozen=True):
    """Work is taken back while its period is open: by whoever gave it; a draft also by whoever recorded it."""

    items: Annotated[tuple[Reference, ...], Meta(min_length=1, max_length=200)]

    def check(self, book: Book, entry: Entry) -> None:
        """Each is open, and the author's own, or a draft that the author recorded."""
        for key, work in _open(book, self.items).items():
            if entry.author != work.who and (work.counts or entry.author != work.by):
                raise Refused(f"Work {key} is not yours to take back.")

    def apply(self, book: Book, entry: Entry) -> None:
        """They are no more; the log still tells that they were."""
        for key in _open(book, self.items):
            state.take_back(book, key)


@fact("contributions.thanked")
class Thanked(Fact, frozen=True):
    """A person thanks another. It moves no money unless the rule says so: there each giver counts once."""

    to: PersonId
    why: Private
    circle: Circle

    def check(self, book: Book, entry: Entry) -> None:
        """Another person who takes part here."""
        if self.to == entry.author:
            raise Refused("Thanks are for others.")
        if not people.may(book.ledger, self.to, LOGGED):
            raise Refused("Thanks are for people who take part here; this one does not.")

    def apply(self, book: Book, entry: Entry) -> None:
        """They lie in the open period, and are shown."""
        state.of(book).thanks.append(
            state.Thanks(giver=entry.author, to=self.to, received=entry.received, entry=entry.index, id=entry.id)
        )


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


def check_item(book: Book, received: int, item: Item) -> None:
    """Raise Refused for a piece of work that cannot be: its people, date, kind or quantity."""
    _check_person(book, item)
    _check_refs(item)
    _check_date(book, received, item)
    _check_kind(book, item)


def _check_person(book: Book, item: Item) -> None:
    for person in (item.who, *item.beside):
        if not people.may(book.ledger, person, LOGGED):
            raise Refused("Work is recorded for people who may log work here; one of these may not.")
    if item.who in item.beside or len(set(item.beside)) != len(item.beside):
        raise Refused("A person is named twice on one piece of work.", "Name with whom it was done, each once.")


def _check_refs(item: Item) -> None:
    # A deal that were named twice would weigh twice when its receipt is shared.
    if len(set(item.refs)) != len(item.refs):
        raise Refused("A deal or paper is named twice on one piece of work.", "Name each once.")


def _check_date(book: Book, received: int, item: Item) -> None:
    try:
        date.fromisoformat(item.date)
    except ValueError as error:
        raise Refused(f"{item.date} is no date.") from error
    # The local date may be one ahead of the UTC date, never more; the command judges finer by the zone.
    if item.date > state.utc_day(received + DAY):
        raise Refused(f"{item.date} lies in the future.", "Log work when it is done.")
    _check_late(book, item.date)


def _check_late(book: Book, day: str) -> None:
    if book.ledger.late == LATE_REFUSED and state.is_late(book, day):
        raise Refused(f"{day} lies in a closed period, and the rule takes no late work.")


def _check_kind(book: Book, item: Item) -> None:
    """Refused for what the rule in force does not know, or nobody can do."""
    kinds = book.ledger.catalogue.get(item.role)
    if kinds is None:
        raise Refused(
            f"The rule in force knows no role {item.role!r}.", f"It knows: {', '.join(book.ledger.catalogue)}."
        )
    if item.kind not in kinds:
        raise Refused(
            f"The rule in force knows no kind {item.kind!r} of {item.role}.", f"It knows: {', '.join(kinds)}."
        )
    unit = kinds[item.kind].unit
    if unit == "minute" and item.qty > state.PER_ITEM_MAX:
        raise Refused("A single span of more than 16 hours is not work anybody can do.", "Log it day by day.")
    if item.qty > {"minute": state.PER_ITEM_MAX, "piece": state.PIECES_MAX, "money": state.MONEY_MAX}[unit]:
        raise Refused("That is more than one piece of work can come to.", "Check the figure.")


def check_days(book: Book, minutes: dict[tuple[str, str], int]) -> None:
    """No day of a person has more than 24 hours, with what counts there already."""
    state.add_minutes(book, minutes)
    for (_, day), total in minutes.items():
        if total > state.PER_DAY_MAX:
            raise Refused(f"{day} would have more than 24 hours of one person's work.")
