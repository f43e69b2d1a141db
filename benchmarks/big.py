"""Ledgers as they look after years, made quickly: real entries with real signatures, put in by the hundred."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ledger import clock, cranks, entry, snapshot
from ledger.book import Book
from ledger.founding import Plan, found, sections
from ledger.home import Home, Known
from ledger.keys import Key, new_key, read_key, write_key
from ledger.log import Leaf
from ledger.opened import Ledger
from ledger.private import Text
from ledger.record import compose, consented

ROOMS = ("ledger", "contributions", "governance", "payouts")
FOUNDED = "2025-08-01T09:00:00Z"
ANA = "Ana"
BATCH = 250
DAY = 86_400_000


class Builder:
    """A rehearsal ledger in a home of its own, written batch by batch."""

    def __init__(self, folder: Path, rule: str | None = None, period: str = "month", grace: int = 3) -> None:
        self.rule, self.period, self.grace = rule, period, grace
        os.environ["TALLY_HOME"], os.environ["TALLY_NOW"] = str(folder), FOUNDED
        self.home, self.key = Home.find(), new_key()
        self.known = self._found(folder, rule)
        self.home.remember(self.known)
        self._open(clock.parse(FOUNDED))

    @classmethod
    def again(cls, home: Home, known: Known) -> "Builder":
        """The builder of a ledger that was built before, to go on with it now."""
        builder = cls.__new__(cls)
        builder.home, builder.known = home, known
        builder.key = read_key(home.key_path(known.slug, ANA))
        builder._open(clock.parse(os.environ["TALLY_NOW"]))
        return builder

    def _open(self, now: int) -> None:
        self.ledger = Ledger(self.home, self.known, ROOMS)
        self.now = now
        self.ana = next(iter(self.book.ledger.persons))
        self._waiting: list[Leaf] = []
        self._written = self.book.size

    @property
    def book(self) -> Book:
        """What is known, written or not yet."""
        return self.ledger.book

    def _found(self, folder: Path, rule: str | None) -> Known:
        terms = {"rule": rule, "approvers": 1, "grace_days": self.grace, "currency": "EUR"}
        wanted = sections(ROOMS, terms)
        # Whoever is invited becomes a member after an hour, without anybody's further vote: 500 join in no time.
        wanted["governance"]["profiles"]["joining"] |= {"base": "cast", "length_hours": 1, "early": False}
        plan = Plan(
            name="Riverbend",
            slug="riverbend",
            currency="EUR",
            zone="Europe/Rome",
            period=self.period,
            grace_days=self.grace,
            year_start="01-01",
            rehearsal=True,
            founders=((ANA, self.key),),
            sections=wanted,
        )
        return found(self.home, folder / "ledger", ROOMS, plan, self._keep_key).known

    def _keep_key(self) -> None:
        path = self.home.key_path("riverbend", ANA)
        path.parent.mkdir(parents=True)
        write_key(path, self.key)
        self.home.add_key("riverbend", ANA, self.key.public)

    def say(self, key: Key, author: str, kind: str, body: dict[str, Any], once: Key | None = None) -> None:
        """One entry, folded at once and written with the next batch."""
        data, words = compose(self.book, key, author, kind, body, self.now)
        if once is not None:
            data = consented(data, [once])
        signature = key.sign(entry.preimage(entry.NAMESPACE, data))
        self.book.fold(data, signature, self.now)
        self._waiting.append(Leaf(entry.leaf(data, signature, self.now), words))
        if len(self._waiting) == BATCH:
            self.write()

    def write(self) -> None:
        """Put what waits into the log, as one append."""
        if self._waiting:
            self.ledger.log.append(self._waiting, after=self._written)
            self._written, self._waiting = self._written + len(self._waiting), []

    def join(self, name: str) -> tuple[Key, str]:
        """Somebody is invited and joins; a member an hour later. Answers her key and her id."""
        person, key, once = hashlib.sha256(name.encode()).hexdigest()[:32], new_key(), new_key()
        self.say(
            self.key, self.ana, "ledger.invited", {"person": person, "admission": once.public.hex(), "name": Text(name)}
        )
        body = {"invitation": self.book.last_id, "key": key.public.hex(), "name": Text(name), "proofs": []}
        self.say(key, person, "governance.joined", body, once)
        return key, person

    def log(self, items: int, day: str, each: int = 100, by: tuple[Key, str] | None = None) -> None:
        """So many pieces of somebody's own work on a day, `each` to an entry; Ana's unless said."""
        key, person = by or (self.key, self.ana)
        for start in range(0, items, each):
            pieces = [self.item(person, start + n, day) for n in range(min(each, items - start))]
            self.say(key, person, "contributions.logged", {"items": pieces})

    def log_days(self, days: list[str], by: tuple[Key, str]) -> None:
        """A piece of somebody's own work on each of these days, in one entry."""
        pieces = [self.item(by[1], n, day) for n, day in enumerate(days)]
        self.say(by[0], by[1], "contributions.logged", {"items": pieces})

    def item(self, who: str, n: int, day: str) -> dict[str, Any]:
        """Some reviews."""
        return {
            "who": who, "date": day, "role": "code", "kind": "review", "qty": 1 + n % 3, "circle": "", "refs": [],
            "with": [], "gift": False, "source": None, "note": None, "evidence": None,
        }  # fmt: skip

    def months(self, count: int, items: int, income: int, each: int = 100) -> Iterator[str]:
        """So many months lived through: work, income, and the payout of each when its days of grace are over."""
        self.name_customer()
        for month in range(count):
            # Looked up anew each time: when few periods lie ahead, turning the cranks adds more.
            row = self.book.ledger.calendar[month]
            self.now = max(self.now, row.start + DAY)
            self.log(items // count, row.first, each=each)
            self.receive(income, row.first)
            self.now = row.cut + 1
            self.turn()
            yield row.id

    def name_customer(self) -> None:
        """ACME, who pays."""
        self.say(self.key, self.ana, "ledger.party", {"id": "ac" * 16, "sort": "customer", "name": Text("ACME")})

    def receive(self, income: int, day: str) -> None:
        """Money comes in."""
        body = {
            "party": "ac" * 16, "amount": income, "currency": "EUR", "ref": "", "deals": [], "circle": "",
            "booked": day, "value": day,
        }  # fmt: skip
        self.say(self.key, self.ana, "payouts.received", body)

    def turn(self) -> None:
        """Turn every crank that is due."""
        self.book.advance(self.now)
        while waiting := cranks.all_turns(self.book, ROOMS, self.now):
            self.say(self.key, self.ana, *waiting[0])
            self.book.advance(self.now)

    def close(self) -> None:
        """Write the rest and leave a warm snapshot."""
        self.write()
        path = self.home.kept(self.known.founding, "snapshot")
        snapshot.save(self.book, path, self.home.secret())
        os.environ["TALLY_NOW"] = clock.claim(self.now + 1000)
        self.ledger.log.close()
