"""A cooperative in memory, for tests of what the book decides: people with keys, a log of leaves, no file, no process.

`village = found("Ana", "Chidi")`, then `village.say("Ana", "governance.voted", {...}, at)`: signed, admitted and
folded as the real log would, or the refusal is raised and nothing happened. Persons' ids follow from their names.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from governance import state as governance
from governance.profile import YES_NO, Profile
from governance.sealing import keys_from, promise, seal
from governance.versions import template
from ledger import calendar, clock, entry, merkle, people
from ledger.book import Book
from ledger.entry import Entry
from ledger.errors import TallyError
from ledger.fact import plain
from ledger.founding import sections
from ledger.keys import Key
from ledger.private import Text
from ledger.record import compose, consented
from ledger.shelf import MemoryShelf

ROOMS = ("ledger", "contributions", "governance", "payouts")
HOUR = 3_600_000
DAY = 24 * HOUR


def at(text: str) -> int:
    """Milliseconds of an instant such as "2025-08-01T09:00:00Z"; a bare date is its midnight in UTC."""
    return clock.parse(text if "T" in text else f"{text}T00:00:00Z")


FOUNDED = at("2025-08-01T09:00:00Z")
DEFAULT = template()


def titled(title: str) -> str:
    """The rule of the program under another title: another rule by its bytes, the same by its meaning."""
    return DEFAULT.replace('title = "Share rule"', f'title = "{title}"')


def person(name: str) -> str:
    """The id of the person of that name."""
    return hashlib.sha256(f"person {name}".encode()).hexdigest()[:32]


def key(name: str) -> Key:
    """The key of that name: a person's, or "once NAME", the one-time key of NAME's invitation."""
    return Key(hashlib.sha256(f"key {name}".encode()).digest())


class Village:
    """A book that has folded every leaf so far, and the leaves, so that it can be folded again."""

    def __init__(self) -> None:
        self.leaves: list[tuple[bytes, bytes, int]] = []
        self.book = self.empty_book()

    def empty_book(self) -> Book:
        """A book that knows nothing yet and can tell every earlier root of this log."""
        book = Book(ROOMS, MemoryShelf())
        book.root_at = lambda size: merkle.root([merkle.leaf_hash(entry.leaf(*one)) for one in self.leaves[:size]])
        book.leaf_at = lambda index: entry.leaf(*self.leaves[index])
        return book

    def say(self, who: str, kind: str, body: dict[str, Any], at: int | None = None, signed: int | None = None) -> Entry:
        """Say this as this person at this instant (ms; by default as soon as may be). Raises what refuses it.

        It was signed at that instant too, unless `signed` says when: it comes late then.
        """
        received = max(self.book.received, self.book.until) if at is None else at
        data, _ = compose(self.book, key(who), person(who), kind, body, received if signed is None else signed)
        return self.append(data, key(who), received)

    def append(self, data: bytes, signer: Key, received: int) -> Entry:
        """Sign, admit and fold the bytes of an entry."""
        signature = signer.sign(entry.preimage(entry.NAMESPACE, data))
        self.book.admit(data, signature, received)
        self.leaves.append((data, signature, received))
        return self.book.fold(data, signature, received)

    def invite(self, by: str, name: str, at: int | None = None) -> Entry:
        """A member keeps a place for somebody."""
        once = key(f"once {name}").public.hex()
        return self.say(by, "ledger.invited", {"person": person(name), "admission": once, "name": Text(name)}, at)

    def join(self, name: str, invited: Entry, at: int | None = None) -> Entry:
        """Somebody takes the place that was kept; the members decide."""
        received = self.book.received if at is None else at
        body = {"invitation": invited.id, "key": key(name).public.hex(), "name": Text(name), "proofs": []}
        data, _ = compose(self.book, key(name), person(name), "governance.joined", body, received)
        return self.append(consented(data, [key(f"once {name}")]), key(name), received)

    def propose_rule(self, who: str, text: str, at: int | None = None, profile: str = "simple-majority") -> Entry:
        """Put a rule before the members, against the newest one."""
        put = self.say(who, "governance.text", {"text": text}, at)
        return self._propose(who, "rule", at, profile, options=[put.id], replaces=governance.upcoming(self.book))

    def propose_text(self, who: str, text: str, at: int | None = None) -> Entry:
        """Put a resolution before the members."""
        put = self.say(who, "governance.text", {"text": text}, at)
        return self._propose(who, "text", at, "simple-majority", options=[put.id])

    def propose_role(
        self, who: str, name: str, role: str, at: int | None = None, give: bool = True, circle: str = ""
    ) -> Entry:
        """Propose to give somebody a role, or to end it."""
        whom: dict[str, Any] = {"person": person(name), "role": role, "circle": circle, "give": give}
        return self._propose(who, "role", at, "simple-majority", **whom)

    def _propose(
        self,
        who: str,
        sort: str,
        at: int | None,
        profile: str,
        options: Sequence[str] = (),
        replaces: str | None = None,
        **whom: Any,
    ) -> Entry:
        matter = {"sort": sort, "person": None, "role": None, "circle": "", "give": True} | whom
        body = {"matter": matter, "options": list(options), "profile": profile, "replaces": replaces}
        return self.say(who, "governance.proposed", body, at)

    def vote(self, who: str, proposed: Entry, choice: str, at: int | None = None) -> Entry:
        """Cast a ballot."""
        return self.say(who, "governance.voted", {"proposal": proposed.id, "choice": choice}, at)

    def put(self, who: str, text: str, at: int | None = None) -> str:
        """The entry that holds this text: one that is there, or a new one."""
        held = next((one for one, said in governance.of(self.book).texts.items() if said == text), None)
        return held or self.say(who, "governance.text", {"text": text}, at).id

    def move(
        self,
        who: str,
        sort: str,
        at: int | None = None,
        profile: str = "simple-majority",
        texts: Sequence[str] = (),
        terms: dict[str, Any] | None = None,
        replaces: str | None = None,
        **matter: Any,
    ) -> Entry:
        """Put a matter before the members on these terms; a rule or a number against the newest rule."""
        options = [self.put(who, text, at) for text in texts]
        newest = governance.upcoming(self.book) if sort in ("rule", "number") else None
        body = {
            "matter": {"sort": sort, "person": None, "role": None, "circle": "", "give": True} | matter,
            "options": options,
            "profile": profile,
            "replaces": replaces or newest,
            "terms": terms or {},
        }
        return self.say(who, "governance.moved", body, at)

    def cast(self, who: str, moved: Any, choice: str, at: int | None = None, signed: int | None = None) -> Entry:
        """Cast a ballot in a matter (an entry or a proposal), as it is spelled there."""
        method = self.proposal(moved).profile.method
        kind = "governance.voted" if method == YES_NO else "governance.ballot_cast"
        return self.say(who, kind, {"proposal": moved.id, "choice": choice}, at, signed)

    def all_cast(self, names: Iterable[str], moved: Any, choice: str, at: int | None = None) -> None:
        """Each of these casts the same ballot."""
        for name in names:
            self.cast(name, moved, choice, at)

    def delegate(
        self,
        who: str,
        to: str | None,
        scope: str = "all",
        of: str = "",
        until: str | None = None,
        at: int | None = None,
    ) -> Entry:
        """Let somebody vote for this member, or with nobody end that."""
        body = {"to": person(to) if to else None, "scope": scope, "of": of, "until": until}
        return self.say(who, "governance.delegated", body, at)

    def helped(
        self,
        helper: str,
        witness: str,
        whose: str,
        kind: str,
        body: dict[str, Any],
        at: int | None = None,
        name: str | None = None,
        how: str = "paper",
    ) -> Entry:
        """Somebody says something by a helper's hand, before a witness."""
        received = max(self.book.received, self.book.until) if at is None else at
        whole = {
            "person": person(whose),
            "act": {"kind": kind, "body": body},
            "how": how,
            "paper": "ab" * 32,
            "name": Text(name) if name else None,
            "proofs": [],
        }
        data, _ = compose(self.book, key(helper), person(helper), "ledger.assisted", whole, received)
        return self.append(consented(data, [key(witness)]), key(helper), received)

    def lock(self, nonce: str = "11" * 32) -> dict[str, str]:
        """The lock of a sealed vote, as the log makes and signs it."""
        public, _ = keys_from(key("log").seed, bytes.fromhex(nonce))
        sig = key("log").sign(promise(self.book.ledger.id, nonce, public.hex()))
        return {"nonce": nonce, "public": public.hex(), "log": key("log").public.hex(), "sig": sig.hex()}

    def boxed(self, who: str, moved: Any, choice: str) -> str:
        """This person's ballot under seal, hex, whatever it holds."""
        lock = self.proposal(moved).terms.sealing
        assert lock is not None
        place = f"{moved.id}:{person(who)}"
        salt = hashlib.sha256(place.encode()).digest()
        return seal(bytes.fromhex(lock.public), place, choice, lambda size: salt[:size]).hex()

    def seal(self, who: str, moved: Any, choice: str, at: int | None = None) -> Entry:
        """Cast a ballot under seal."""
        box = self.boxed(who, moved, choice)
        return self.say(who, "governance.ballot_sealed", {"proposal": moved.id, "box": box}, at)

    def unseal(self, who: str, moved: Any, at: int | None = None) -> Entry:
        """Publish what opens the ballots of a sealed vote."""
        lock = self.proposal(moved).terms.sealing
        assert lock is not None
        _, secret = keys_from(key("log").seed, bytes.fromhex(lock.nonce))
        return self.say(who, "governance.unsealed", {"proposal": moved.id, "secret": secret.hex()}, at)

    def proposal(self, proposed: Any) -> governance.Proposal:
        """What has become of the matter that this entry opened, at the time of the last entry."""
        return governance.of(self.book).proposals[proposed.id]

    def after(self, proposed: Any) -> governance.Proposal:
        """The matter that followed on this one by itself."""
        return governance.of(self.book).proposals[self.proposal(proposed).course.after]

    def status(self, proposed: Any, at: int | None = None) -> str:
        """Where a matter is in its life, at this instant."""
        self.book.advance(self.book.until if at is None else at)
        return self.proposal(proposed).status

    @contextmanager
    def refuses(self, words: str, code: int = 6) -> Iterator[None]:
        """What is said inside is refused in these words (a pattern) with this exit code, and nothing is recorded."""
        size = len(self.leaves)
        with pytest.raises(TallyError, match=words) as refusal:
            yield

        again = self.again()
        again.advance(self.book.until)
        assert refusal.value.exit_code == code
        assert len(self.leaves) == size
        assert parts(again) == parts(self.book)

    def again(self, size: int | None = None) -> Book:
        """The first `size` entries folded anew, into a book of their own."""
        book = self.empty_book()
        for leaf in self.leaves[: len(self.leaves) if size is None else size]:
            book.fold(*leaf)
        return book


def found(
    *names: str,
    at: int = FOUNDED,
    zone: str = "UTC",
    period: str = "month",
    rule: str | None = None,
    profiles: dict[str, Profile] | None = None,
) -> Village:
    """A cooperative of these founders, all treasurers; the first rule is the one of the program unless given.

    `profiles` are ways of deciding beside those of the program, or in their place.
    """
    village = Village()
    lead, *others = names
    terms = {"rule": rule, "approvers": min(2, len(names)), "grace_days": 3, "currency": "EUR"}
    rooms = sections(ROOMS, terms)
    rooms["governance"]["profiles"] |= plain(profiles or {})
    first = calendar.first_day(period, datetime.fromtimestamp(at // 1000, UTC).date())
    body = {
        "name": "Riverbend",
        "currency": {"code": "EUR", "exponent": 2},
        "clock": {
            "zone": zone,
            "period": period,
            "year_start": "01-01",
            "rows": msgspec.to_builtins(calendar.rows(period, first, 24, 3, ZoneInfo(zone))),
        },
        "log": {"origin": "tally.invalid/village", "key": key("log").public.hex()},
        "founders": [
            {"person": person(one), "key": key(one).public.hex(), "name": Text(one), "roles": [people.TREASURER]}
            for one in names
        ],
        "standings": [{"name": name, "may": may} for name, may in people.LADDER.items()],
        "continues": None,
        "nonce": "00" * 32,
        "rehearsal": True,
        "rooms": rooms,
        "proofs": [],
    }
    data, _ = compose(village.book, key(lead), person(lead), "ledger.founded", body, at)
    village.append(consented(data, [key(one) for one in others]), key(lead), at)
    return village


def parts(book: Book) -> dict[str, bytes]:
    """What each room knows, as bytes: equal for books that know the same."""
    return {room: msgspec.msgpack.encode(part) for room, part in book.parts.items()}


def assert_every_book_is_the_same(village: Village) -> None:
    """Folded again, and folded again with somebody who looks all the time."""
    until = village.book.until
    for step in (None, 11 * HOUR + 7):
        again = village.empty_book()
        for data, signature, received in village.leaves:
            if step and again.size:
                for instant in range(again.until, received, step):
                    again.advance(instant)
            again.fold(data, signature, received)
        again.advance(until)
        assert parts(again) == parts(village.book)
