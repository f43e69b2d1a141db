"""Whatever people and thieves do with keys, in any order: the book agrees with a plain model, folded once or twice."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec import Struct

from ledger.entry import Entry
from ledger.errors import NoKey, Refused
from tests.keyring import add, reaffirm, revoke, speak, veto, vouch
from tests.village import DAY, HOUR, Village, found, key, parts, person

PEOPLE = ("Ana", "Bela", "Chidi", "Dilek", "Emre")
who = st.sampled_from(("Ana", "Ana", "Ana", *PEOPLE))  # most happens to Ana, so that things meet
number = st.integers(0, 40)


class Life(Struct):
    """A key as the model knows it."""

    person: str
    since: int
    until: int | None = None


class Said(Struct):
    """An entry as the model knows it."""

    index: int
    id: str
    key: str
    person: str
    adds: str = ""


class Waiting(Struct):
    """A recovery as the model knows it."""

    person: str
    vouches: dict[str, int]
    due: int | None = None
    vetoed: bool = False


class Keys(RuleBasedStateMachine):
    """People with keys, said in the plainest way."""

    @initialize()
    def begin(self) -> None:
        self.village: Village = found(*PEOPLE)
        self.now = self.village.book.received
        self.lives = {one: Life(one, 0) for one in PEOPLE}
        self.log = [Said(0, self.village.book.ledger.id, "Ana", "Ana")]
        self.disputed: set[int] = set()
        self.waiting: dict[str, Waiting] = {}
        self.names = 0

    # What happens.

    @rule(person=who, by=number)
    def add_a_key(self, person: str, by: int) -> None:
        new = self.fresh()
        if (signer := self.signer(person, by)) and (entry := self.said(person, signer, add, signer, new)):
            self.log[-1].adds = new
            self.lives[new] = Life(person, entry.index)

    @rule(person=who, by=number, old=number, suspect=st.none() | number)
    def end_a_key(self, person: str, by: int, old: int, suspect: int | None) -> None:
        signer, theirs = self.signer(person, by), [one for one, life in self.lives.items() if life.person == person]
        if signer is None:
            return
        ended, size = theirs[old % len(theirs)], len(self.log)
        start = None if suspect is None else suspect % (size + 1)
        reason = "lost" if start is None else "compromised"
        dead = self.lives[ended].until is not None
        if not self.said(person, signer, revoke, signer, ended, reason, start, refused=dead and start is None):
            return
        self.end(ended, size)
        if start is not None:
            self.dispute(ended, start, size, signer)
            self.settle_all()

    @rule(person=who, by=number, which=number)
    def stand_by_a_statement(self, person: str, by: int, which: int) -> None:
        signer, mine = self.signer(person, by), [self.log[one] for one in self.disputed]
        mine = sorted((one for one in mine if one.person == person), key=lambda one: one.index)
        if signer is None or not mine:
            return
        chosen = mine[which % len(mine)]
        if self.said(person, signer, reaffirm, signer, chosen):
            self.disputed.discard(chosen.index)

    @rule(members=st.lists(st.sampled_from(PEOPLE), min_size=1, unique=True), whom=who, which=number)
    def vouch_for_somebody(self, members: list[str], whom: str, which: int) -> None:
        theirs = [one for one, waiting in self.waiting.items() if waiting.person == whom]
        new = (*theirs, self.fresh())[which % (len(theirs) + 1)]
        for member in members:
            if self.lives[member].until is None:  # members here vouch with the key they began with
                self.vouch(member, whom, new)

    def vouch(self, member: str, whom: str, new: str) -> None:
        before = self.waiting.get(new)
        again = before is not None and member in self.counting(before)
        entry = self.said(member, member, vouch, whom, new, refused=member == whom or again)
        if entry is None:
            return
        for one, waiting in self.waiting.items():
            if one != new and waiting.person == whom:
                waiting.vouches.pop(member, None)
        refused = any(waiting.vetoed for waiting in self.waiting.values() if waiting.person == whom)
        self.waiting.setdefault(new, Waiting(whom, {}, vetoed=refused)).vouches[member] = entry.index
        self.waiting = {
            one: waiting
            for one, waiting in self.waiting.items()
            if waiting.person != whom or waiting.vouches or waiting.vetoed
        }
        self.settle_all(whom)

    @rule(person=who, by=number, which=number)
    def say_no(self, person: str, by: int, which: int) -> None:
        theirs = [one for one, waiting in self.waiting.items() if waiting.person == person]
        signer = self.signer(person, by)
        if signer is None or not theirs:
            return
        waiting = self.waiting[theirs[which % len(theirs)]]
        if self.said(person, signer, veto, signer, theirs[which % len(theirs)], refused=waiting.vetoed):
            waiting.vetoed, waiting.due, waiting.vouches = True, None, {}

    @rule(person=who, by=number)
    def speak_with_any_key(self, person: str, by: int) -> None:
        """Also with one that ended, or of somebody else."""
        names = list(self.lives)
        signer = names[by % len(names)]
        life = self.lives[signer]
        try:
            self.said(person, signer, text, signer)
            assert life.person == person
            assert life.until is None
        except NoKey:
            assert life.person != person or life.until is not None

    @rule(hours=st.sampled_from([1, 71, 72, 73]))
    def wait(self, hours: int) -> None:
        self.now += hours * HOUR
        self.village.book.advance(self.now)
        due = [(one.due, name) for name, one in self.waiting.items() if one.due is not None and one.due <= self.now]
        for _, name in sorted(due, key=lambda one: one[0]):
            if name in self.waiting:
                self.replace(name)

    # The model.

    def fresh(self) -> str:
        self.names += 1
        return f"key {self.names}"

    def signer(self, person: str, by: int) -> str | None:
        live = [one for one, life in self.lives.items() if life.person == person and life.until is None]
        return live[by % len(live)] if live else None

    def said(self, person: str, signer: str, what: Any, *words: Any, refused: bool = False) -> Entry | None:
        try:
            entry = what(self.village, person, *words, at=self.now)
        except Refused:
            assert refused
            return None
        assert not refused
        self.log.append(Said(entry.index, entry.id, signer, person))
        return entry

    def end(self, name: str, index: int) -> None:
        self.lives[name].until = index if self.lives[name].until is None else self.lives[name].until

    def dispute(self, ended: str, start: int, now: int, signer: str) -> None:
        """All that the suspect keys said, and the keys they added, until nothing new is found."""
        suspects, grown = {ended: start}, True
        while grown:
            said = [one for one in self.log[:now] if one.key in suspects and self.lives[one.key].since < one.index]
            said = [one for one in said if one.index >= suspects[one.key] and one.adds != signer]
            more = {one.adds: one.index for one in said if one.adds and one.adds not in suspects}
            suspects |= more
            grown = bool(more)
        self.disputed |= {one.index for one in said}
        for one in suspects:
            self.end(one, now)

    def counting(self, waiting: Waiting) -> list[str]:
        return [one for one, index in waiting.vouches.items() if index not in self.disputed]

    def settle_all(self, whom: str | None = None) -> None:
        for waiting in self.waiting.values():
            if whom in (None, waiting.person):
                enough = len(self.counting(waiting)) >= 3
                waiting.due = (waiting.due or self.now + 3 * DAY) if enough else None

    def replace(self, name: str) -> None:
        waiting = self.waiting.pop(name)
        for one, life in self.lives.items():
            if life.person == waiting.person:
                self.end(one, len(self.log))
        self.waiting = {one: other for one, other in self.waiting.items() if other.person != waiting.person}
        self.lives[name] = Life(waiting.person, len(self.log) - 1)

    # What must be so.

    @invariant()
    def the_book_knows_the_same(self) -> None:
        state = self.village.book.ledger
        lives = {one: (known.person, known.since, known.until) for one, known in state.keys.items()}

        assert lives == {key(one).id: (person(life.person), life.since, life.until) for one, life in self.lives.items()}
        assert set(state.disputed.values()) == self.disputed
        assert {one: waiting.due for one, waiting in state.recoveries.items()} == {
            key(one).id: waiting.due for one, waiting in self.waiting.items()
        }

    def teardown(self) -> None:
        if hasattr(self, "village"):
            again = self.village.again()
            again.advance(self.village.book.until)
            assert parts(again) == parts(self.village.book)


def text(village: Village, who: str, by: str, at: int) -> Entry:
    return speak(village, who, by, "governance.text", {"text": "a word"}, at)


TestKeys = Keys.TestCase
TestKeys.settings = settings(
    max_examples=100, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
