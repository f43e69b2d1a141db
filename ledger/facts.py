"""What may be said in the ledger room: a cooperative is founded, people are invited, parties named, time continued."""

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ledger import calendar, people
from ledger.book import Book, state_of
from ledger.calendar import Period
from ledger.entry import Entry, Hex64, Natural, PersonId, consent
from ledger.errors import Refused
from ledger.fact import Fact, Piece, Private, Words, fact
from ledger.keys import key_id, valid_point, verify
from ledger.state import Invitation, Party

Hex128 = Annotated[str, Meta(pattern=r"^[0-9a-f]{128}\Z")]
Circle = Annotated[str, Meta(pattern=r"^\Z|^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*\Z", max_length=100)]
"""A path of circles; "" is the whole cooperative."""
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]*\Z", max_length=40)]
"""A word the cooperative uses for a role, a standing or a kind of work."""
GROWTH_MAX = 24
PARTY_SORTS = ("customer", "supplier", "authority", "fund", "cooperative", "heir")


class Proof(Piece, frozen=True):
    """A second signature: another key consents to these very words."""

    key: Hex64  # the public key itself, 32 bytes
    sig: Hex128


class Founder(Piece, frozen=True):
    """One of those who found the cooperative."""

    person: PersonId
    key: Hex64
    name: Private
    roles: tuple[Name, ...]


class Continues(Piece, frozen=True):
    """The ledger that this one goes on from."""

    ledger: Hex64
    size: Natural
    root: Hex64


class Currency(Piece, frozen=True):
    """The currency and how many decimals it has."""

    code: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
    exponent: Annotated[int, Meta(ge=0, le=4)]


class Clock(Piece, frozen=True):
    """How time is cut: the zone, the unit of periods, the first day of the book year, and the first rows."""

    zone: Annotated[str, Meta(min_length=1, max_length=64)]
    period: Annotated[str, Meta(pattern=r"^(week|month|quarter|year|days:[0-9]{1,3})\Z")]
    year_start: Annotated[str, Meta(pattern=r"^[0-9][0-9]-[0-9][0-9]\Z")]
    rows: tuple[Period, ...]


class Log(Piece, frozen=True):
    """The log's own name and the key that signs its checkpoints."""

    origin: Annotated[str, Meta(pattern=r"^[!-*,-~]{1,200}\Z")]
    key: Hex64


class Standing(Piece, frozen=True):
    """A rung of the ladder and the rooms or kinds of statement it may speak in."""

    name: Name
    may: tuple[Annotated[str, Meta(pattern=r"^[a-z]+(\.[a-z_]+)?\Z")], ...]


@fact("ledger.founded")
class Founded(Fact, frozen=True):
    """A cooperative begins: its name, money, time, founders and first rules. The hash of this entry is its identity."""

    name: Words
    currency: Currency
    clock: Clock
    log: Log
    founders: tuple[Founder, ...]
    standings: tuple[Standing, ...]
    continues: Continues | None
    nonce: Hex64
    rehearsal: bool
    rooms: dict[str, dict[str, Any]]
    proofs: tuple[Proof, ...]

    def brings_key(self) -> str | None:
        """The first founder signs."""
        return self.founders[0].key if self.founders else None

    def check(self, book: Book, entry: Entry) -> None:
        """Only the first entry founds; every founder consents; the calendar holds this day."""
        if book.size != 0:
            raise Refused("A ledger is founded once.")
        if (
            not self.founders
            or self.founders[0].person != entry.author
            or key_id(bytes.fromhex(self.founders[0].key)) != entry.key
        ):
            raise Refused("The first founder signs the founding entry.")
        if len({f.person for f in self.founders} | {f.key for f in self.founders}) != 2 * len(self.founders):
            raise Refused("Two founders share an id or a key.")
        self._check_consents(entry)
        self._check_ladder()
        if not valid_point(bytes.fromhex(self.log.key)):
            raise Refused("The log's key is not a sound Ed25519 key.")
        self._check_clock()
        if not self.clock.rows or not self.clock.rows[0].start <= entry.received < self.clock.rows[0].end:
            raise Refused("The first period of the calendar must contain the founding.")
        for room in self.rooms:
            if room not in book.rooms or not hasattr(state_of(room), "check_founding"):
                raise Refused(f"The founding entry names a room {room!r} that takes nothing at the founding.")
        for room in book.rooms:
            ask = getattr(state_of(room), "check_founding", None)
            if ask:
                ask(self.rooms.get(room, {}), self)

    def apply(self, book: Book, entry: Entry) -> None:
        """The cooperative exists; each room takes its section."""
        state = book.ledger
        state.id, state.name, state.founded = entry.id, self.name, entry.received
        state.currency, state.exponent = self.currency.code, self.currency.exponent
        state.zone, state.period = self.clock.zone, self.clock.period
        state.year_start, state.rehearsal = self.clock.year_start, self.rehearsal
        state.origin, state.log_key = self.log.origin, self.log.key
        state.calendar = list(self.clock.rows)
        state.standings = {rung.name: list(rung.may) for rung in self.standings}
        for place, founder in enumerate(self.founders):
            named = (entry.index, f"/founders/{place}/name")
            people.enter(state, founder.person, named, people.MEMBER, entry.received)
            people.bring_key(state, key_id(bytes.fromhex(founder.key)), founder.key, founder.person, entry.index)
            for role in founder.roles:
                people.give_role(state, founder.person, role, "")
        for room in book.rooms:
            ask = getattr(state_of(room), "found", None)
            if ask:
                ask(book, self.rooms.get(room, {}))

    def _check_clock(self) -> None:
        try:
            date.fromisoformat(f"2001-{self.clock.year_start}")
        except ValueError as error:
            raise Refused(f"{self.clock.year_start!r} is not a day that every year has.") from error
        grace = calendar.grace_days(self.clock.rows[0]) if self.clock.rows else 0
        check_rows([], self.clock.rows, self.clock.period, grace)

    def _check_consents(self, entry: Entry) -> None:
        signed = {proof.key: proof.sig for proof in self.proofs}
        message = consent_of(entry)
        for founder in self.founders:
            if not valid_point(bytes.fromhex(founder.key)):
                raise Refused("A founder's key is not a sound Ed25519 key.")
            if founder.key != self.founders[0].key:
                check_consent(signed, founder.key, message, "A co-founder has not consented with her own key.")

    def _check_ladder(self) -> None:
        names = [rung.name for rung in self.standings]
        if len(set(names)) != len(names) or not {people.MEMBER, people.CANDIDATE} <= set(names):
            raise Refused("The ladder needs the standings member and candidate, each once.")


@fact("ledger.invited")
class Invited(Fact, frozen=True):
    """A member keeps a place for somebody: whoever holds the one-time key may join as this person."""

    person: PersonId
    admission: Hex64
    name: Private

    def check(self, book: Book, entry: Entry) -> None:
        """The person is new and the one-time key is sound."""
        if is_taken(book, self.person):
            raise Refused("This person is known already.")
        if not valid_point(bytes.fromhex(self.admission)):
            raise Refused("The invitation's one-time key is not a sound Ed25519 key.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The invitation stands until it is used."""
        book.ledger.invitations[entry.id] = Invitation(
            by=entry.author, index=entry.index, person=self.person, admission=self.admission
        )


@fact("ledger.party")
class PartyNamed(Fact, frozen=True):
    """Somebody outside whom money comes from or goes to: customer, supplier, fund, heir, and so on."""

    id: PersonId
    sort: Name
    name: Private

    def check(self, book: Book, entry: Entry) -> None:
        """The party is new and of a sort there is."""
        if is_taken(book, self.id):
            raise Refused("This party is known already.")
        if self.sort not in PARTY_SORTS:
            raise Refused(f"{self.sort!r} is no sort of party.", f"There are: {', '.join(PARTY_SORTS)}.")

    def apply(self, book: Book, entry: Entry) -> None:
        """The party can be named by money from now on."""
        book.ledger.parties[self.id] = Party(sort=self.sort, named=(entry.index, "/name"))


@fact("ledger.calendar")
class CalendarGoesOn(Fact, frozen=True):
    """The calendar is lengthened when fewer than twelve periods lie ahead."""

    rows: tuple[Period, ...]

    def check(self, book: Book, entry: Entry) -> None:
        """Rows follow what is there, in the cooperative's unit, and are needed."""
        if not needs_rows(book, entry.received):
            raise Refused("The calendar reaches far enough ahead.")
        if not 1 <= len(self.rows) <= GROWTH_MAX:
            raise Refused(f"The calendar grows by 1 to {GROWTH_MAX} periods at a time.")
        known = book.ledger.calendar
        check_rows(known, self.rows, book.ledger.period, calendar.grace_days(known[-1]))

    def apply(self, book: Book, entry: Entry) -> None:
        """Time goes on."""
        book.ledger.calendar.extend(self.rows)


def is_taken(book: Book, wanted: str) -> bool:
    """Whether an id is a person's, a party's, or kept for somebody who was invited."""
    state = book.ledger
    kept = {invitation.person for invitation in state.invitations.values()}
    return wanted in state.persons or wanted in state.parties or wanted in kept


def needs_rows(book: Book, now: int) -> bool:
    """Fewer than twelve periods lie ahead of this instant."""
    return sum(row.start > now for row in book.ledger.calendar) < 12


def check_rows(before: list[Period], rows: tuple[Period, ...], unit: str, grace: int) -> None:
    """Raise Refused unless the rows follow one another and what was there before."""
    last = before[-1] if before else None
    offset = calendar.offset_of(last) if last else None
    for row in rows:
        if why := calendar.follow(last, row) or calendar.differ(unit, grace, row, offset):
            raise Refused(f"The calendar does not hold together: {why}.")
        last = row


def consent_of(entry: Entry) -> bytes:
    """What the second signatures of this statement sign."""
    body = msgspec.json.decode(entry.envelope.body)
    return consent(entry.envelope.ledger, entry.envelope.kind, entry.author, body)


def check_consent(signed: dict[str, str], public: str, message: bytes, otherwise: str) -> None:
    """Raise Refused unless this key signed the message."""
    if public not in signed or not verify(bytes.fromhex(public), message, bytes.fromhex(signed[public])):
        raise Refused(otherwise)
