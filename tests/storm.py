"""A storm over one rehearsal ledger: many processes at once, clocks that disagree, and a kill at any moment.

`Storm(folder, seed).blow(scenes)` lets forked processes work, tick, vote, approve and pay in two homes, each killed
with SIGKILL when chance says so and started again; `settle` is the calm afterwards. `replayed` tells the same facts, in
the log's order and with its times of receipt, to one process that publishes everything as soon as it is due.
"""

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import msgspec

from cli import ROOMS
from ledger import clock, cranks, entry, merkle
from ledger.book import Book
from ledger.home import Home
from ledger.keys import Key, read_key
from ledger.log import Log
from ledger.opened import Ledger
from ledger.private import Text
from ledger.record import compose
from ledger.shelf import MemoryShelf
from tests.autumn import RULE
from tests.bankers import COOP, HOLDERS, IBANS, written
from tests.riverbend import REFUSED, Riverbend

FOUNDERS = ("Ana", "Bela", "Chidi", "Dilek")
IBANS_HERE = IBANS | {"Emil": "CH9300762011623852957"}
HOLDERS_HERE = HOLDERS | {"Emil": "Emil Keller"}
CRANKS = frozenset(
    (
        *("ledger.calendar", "governance.opened", "governance.struck", "governance.closed", "governance.decided"),
        *("payouts.closed", "payouts.computed"),
    )
)
SPARED = 0.3
"""How many come to their end by themselves."""
SECOND = 1000
HOUR = 3600 * SECOND
STEP = 3 * HOUR
"""From one round of a scene to the next: longer than any clock is ahead."""

Leaf = tuple[bytes, bytes, int]
Hand = Callable[["Storm", "Doer"], None]


class Scene(NamedTuple):
    """A moment at which everybody is busy: the time, what is booked then, and a rule that is proposed."""

    now: str
    refs: tuple[str, ...] = ()
    rule: str = ""


class Doer:
    """A process at work: its own clock, its own chance, and a note of all that it was told is done."""

    def __init__(self, storm: "Storm", name: str, now: int, chance: random.Random) -> None:
        self.storm, self.name, self.chance = storm, name, chance
        self.coop = Riverbend(storm.folder)
        self.coop.homes, self.coop.now = storm.coop.homes, clock.claim(now)

    def do(self, who: str, *words: str, done: str = "", may: Iterable[int] = (REFUSED,)) -> int:
        """Type a command. What went well is noted under this name, and is not done again; what should not be, too."""
        if done and done in self.storm.noted():
            return 0
        said = self.coop.run(who, *words)
        if said.code not in (0, *may) or "Traceback" in said.err:
            self.storm.note("faults", f"{self.name}: {who} {' '.join(words)}: {said.code}: {said.err.strip()}")
        if said.code == REFUSED:
            self.storm.note("refused", f"{self.name}: {who} {' '.join(words)}: {said.err.strip()}")
        if done and said.code == 0:
            self.storm.note("done", done)
        return said.code


class Storm:
    """A cooperative of five, two homes, and what has happened to it."""

    def __init__(self, folder: Path, seed: int, *options: str) -> None:
        self.folder, self.chance = folder, random.Random(seed)
        self.killed = self.started = 0
        self.coop = _founded(folder, options)
        self.before = self.coop.size("Ana")

    def note(self, name: str, line: str) -> None:
        """Write a line that no kill takes back."""
        with (self.folder / name).open("a") as file:
            file.write(json.dumps(line) + "\n")

    def noted(self, name: str = "done") -> list[str]:
        """The lines so far."""
        path = self.folder / name
        # The last line may have been cut by a kill.
        return (
            [json.loads(line) for line in path.read_text().splitlines() if line.endswith('"')] if path.exists() else []
        )

    def blow(self, scenes: Iterable[Scene], rounds: int, longest: float) -> None:
        """Everybody is at work in every scene; whoever is killed starts again, so many times."""
        self.todo: list[Scene] = []
        for number, scene in enumerate(scenes):
            self.todo.append(scene)
            for turn in range(rounds):
                self._all_at_once(f"{number}.{turn}", clock.parse(scene.now) + turn * STEP, longest)
            # Whoever was killed too often does it in peace, before the day is over.
            later = clock.parse(scene.now) + rounds * STEP
            for hand in (books, proposes):
                hand(self, Doer(self, f"{number}.later", later, self.chance))

    def _all_at_once(self, name: str, now: int, longest: float) -> None:
        ends = {}
        for hand in HANDS:
            doer = Doer(self, f"{name}.{hand.__name__}", now + self._skew(), random.Random(self.chance.random()))
            spared = hand not in (wakes, wakes_elsewhere) and self.chance.random() < SPARED
            ends[self._fork(hand, doer)] = time.monotonic() + (60 if spared else self.chance.uniform(0.05, longest))
        while ends:
            for child, end in list(ends.items()):
                if os.waitpid(child, os.WNOHANG)[0]:
                    del ends[child]
                elif time.monotonic() > end:
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)
                    self.killed += 1
                    del ends[child]
            time.sleep(0.002)

    def _skew(self) -> int:
        """How wrong this clock is: mostly a little, sometimes so much that the log takes nothing from it."""
        near = (0, -SECOND, 2 * SECOND, 3 * SECOND, -5 * 60 * SECOND)
        return self.chance.choice((-3 * HOUR, 2 * HOUR)) if self.chance.random() < 0.07 else self.chance.choice(near)

    def _fork(self, hand: Hand, doer: Doer) -> int:
        self.started += 1
        child = os.fork()
        if child:
            return child
        try:
            hand(self, doer)
        except BaseException as error:
            self.note("faults", f"{doer.name}: {error!r}")
        finally:
            os._exit(0)

    def settle(self, now: str) -> None:
        """The calm: what waits is sent, what was left is done, and everything is published, approved and paid."""
        for who in self.coop.homes:
            self.coop.now = now
            assert self.coop.run(who, "sync").code in (0, REFUSED)
        calm = Doer(self, "calm", clock.parse(now), self.chance)
        for hand in (books, proposes):
            hand(self, calm)
        self.coop.ok("Emil", "payout", "tick")
        for row in self.coop.data("Ana", "payout", "list")["payouts"]:
            # Whoever is paid by a run is not enough alone.
            for who in ("Ana", "Bela") if row["state"] != "approved" and row["people"] else ():
                calm.do(who, "payout", "approve", row["period"], "--yes")
        for row in self.coop.data("Ana", "payout", "list")["payouts"]:
            if row["people"]:
                pay(calm, row["period"], f"calm-{row['period']}.xml")

    @contextmanager
    def opened(self, who: str) -> Iterator[Ledger]:
        """The ledger as this person's home has it."""
        place = self.folder / self.coop.homes.get(who, who)
        with mock.patch.dict(os.environ, TALLY_HOME=str(place), TALLY_NOW=self.coop.now):
            home = Home.find()
            with closing(Ledger(home, home.ledger(None), ROOMS)) as ledger:
                yield ledger

    def keys(self) -> dict[str, Key]:
        """Everybody's key by its id."""
        found = [read_key(path) for path in self.folder.glob("*/keys/*/*.pem")]
        return {key.id: key for key in found}


def _founded(folder: Path, more: tuple[str, ...]) -> Riverbend:
    """Five members, all with an account; Ana and Bela pay. Emil has a home of his own."""
    coop = Riverbend(folder)
    coop.homes = dict.fromkeys(FOUNDERS, "founders")
    people = [word for name in FOUNDERS for word in ("--founder", name)]
    options = ["--zone", "Europe/Rome", "--rule", coop.write("rule.toml", RULE), "--period", "week", *more]
    coop.ok("Ana", "init", "Riverbend", *options, *people, "--approvers", "1", "--rehearsal")
    coop.homes["Emil"] = "Emil"
    file = coop.invite("Ana", "Emil")
    del coop.homes["Emil"]
    coop.ok("Emil", "join", file)
    for name in ("Bela", "Chidi", "Dilek"):
        coop.run(name, "vote", "1", "yes")
    for name in ("Ana", "Bela"):
        coop.ok(name, "payout", "key")
        coop.ok(name, "log", "3h", "founded it all", "--role", "code")
    coop.ok("Ana", "bank", "account", "--file", written(coop, "coop", COOP, "Riverbend eG", "COBADEFFXXX"))
    for name, iban in IBANS_HERE.items():
        coop.ok(name, "payout", "details", "set", "--file", written(coop, name, iban, HOLDERS_HERE[name]))
    return coop


# What the processes do.


def ticks(storm: Storm, doer: Doer) -> None:
    """A treasurer ticks and ticks."""
    for _ in range(3):
        doer.do("Bela", "payout", "tick")


def ticks_elsewhere(storm: Storm, doer: Doer) -> None:
    """So does a member in another home."""
    for _ in range(3):
        doer.do("Emil", "payout", "tick")


def wakes(storm: Storm, doer: Doer) -> None:
    """An alarm clock."""
    doer.do("Chidi", "clock", "--every", "0:00:01")


def wakes_elsewhere(storm: Storm, doer: Doer) -> None:
    """Another one, in another home."""
    doer.do("Emil", "clock", "--every", "0:00:01")


def works(storm: Storm, doer: Doer) -> None:
    """Members log work, each note once."""
    for number in range(6):
        who = doer.chance.choice((*FOUNDERS, "Emil"))
        role = doer.chance.choice(("code", "care"))
        note = f"{doer.name} {number}"
        doer.do(who, "log", f"{doer.chance.randint(1, 9)}h", note, "--role", role, done=note)


def books(storm: Storm, doer: Doer) -> None:
    """A treasurer books what came in and went out, each paper once, however often she has to begin again."""
    for scene in storm.todo:
        for ref in scene.refs:
            amount = f"{1000 + sum(map(ord, ref)) % 700}.{len(ref):02}"
            way = ("expense", "--to") if ref.startswith("OUT") else ("income", "--from")
            day = min(scene.now[:10], doer.coop.now[:10])
            booked = ("--ref", ref, "--date", day)
            doer.do("Ana", way[0], "add", amount[-6:], way[1], "ACME", *booked, done=ref)


def proposes(storm: Storm, doer: Doer) -> None:
    """In the middle of a period, somebody wants another rule, and most are for it."""
    for scene in storm.todo:
        if scene.rule:
            text = RULE.replace("2025", scene.rule).replace("review = 4", f"review = {len(scene.rule)}")
            file = doer.coop.write(f"{doer.name}.toml", text)
            doer.do("Dilek", "propose", "rule", file, done=scene.rule)

    for one in doer.coop.data("Ana", "proposal", "list")["proposals"]:
        for who in ("Ana", "Bela", "Emil") if one["status"] == "open" else ():
            vote = f"vote {one['number']} {who}"
            doer.do(who, "vote", str(one["number"]), "yes", done=vote)


def pays(storm: Storm, doer: Doer) -> None:
    """A treasurer approves what gives somebody money, and pays the newest that is approved."""
    who = doer.chance.choice(FOUNDERS)
    rows = [row for row in doer.coop.data(who, "payout", "list")["payouts"] if row["people"]]
    for row in rows:
        if row["state"] != "approved":
            doer.do(who, "payout", "approve", row["period"], "--yes")
    for row in rows[-1:]:
        pay(doer, row["period"], f"{doer.name}-{row['period']}.xml")


def pays_too(storm: Storm, doer: Doer) -> None:
    """So does another."""
    pays(storm, doer)


def pay(doer: Doer, period: str, file: str) -> None:
    """Export a run, say that it was sent, and that the bank booked it."""
    day = clock.claim(clock.parse(doer.coop.now) + 7 * 24 * HOUR)[:10]
    exported = doer.do("Ana", "payout", "export", period, "--date", day, "--out", file, "--yes")
    if exported == 0 and doer.chance.random() < 0.7:
        doer.do("Bela", "payout", "settle", period)


HANDS: tuple[Hand, ...] = (*(ticks, ticks_elsewhere, wakes, wakes_elsewhere, works, books, proposes, pays, pays_too),)


# What one clean process makes of it.


def leaves_of(log: Log) -> list[Leaf]:
    """The whole log."""
    return [entry.split_leaf(leaf) for leaf in log.entries(0, log.head().size)]


class Clean:
    """One process that nothing ever happens to."""

    def __init__(self, keys: dict[str, Key]) -> None:
        self.keys, self.leaves = keys, list[Leaf]()
        self.hashes: list[bytes] = []
        self.book = Book(ROOMS, MemoryShelf())
        self.book.root_at = lambda size: merkle.root(self.hashes[:size])
        self.book.leaf_at = lambda index: entry.leaf(*self.leaves[index])
        self.new: dict[str, str] = {}  # id or digest in the log -> here

    def take(self, leaf: Leaf) -> str:
        """Admit a leaf as it is; answers its id."""
        self.book.admit(*leaf)
        self.leaves.append(leaf)
        self.hashes.append(merkle.leaf_hash(entry.leaf(*leaf)))
        return self.book.fold(*leaf).id

    def say(self, key: str, author: str, kind: str, body: dict[str, Any], received: int) -> str:
        """Say this anew on this book."""
        data, _ = compose(self.book, self.keys[key], author, kind, body, received)
        return self.take((data, self.keys[key].sign(entry.preimage(entry.NAMESPACE, data)), received))

    def turn(self, key: str, author: str, now: int) -> None:
        """Publish at once what is due."""
        self.book.advance(now)
        while waiting := cranks.all_turns(self.book, ROOMS, now):
            self.say(key, author, *waiting[0], now)
            self.book.advance(now)

    def known(self, value: Any) -> Any:
        """A body with the ids that its entries have here."""
        if isinstance(value, dict):
            return {name: self.known(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.known(part) for part in value]
        return self.new.get(value, value) if isinstance(value, str) else value


def folded(leaves: list[Leaf]) -> Book:
    """The same log, every entry admitted anew by one process: all that follows from it is computed again."""
    clean = Clean({})
    for leaf in leaves:
        clean.take(leaf)
    return clean.book


def replayed(log: Log, keys: dict[str, Key], start: int, until: int) -> Book:
    """The same facts, told to one process that publishes what is due before anything else is said."""
    clean, leaves = Clean(keys), leaves_of(log)
    for leaf in leaves[:start]:
        clean.take(leaf)
    turner = next(read for read in (entry.read(data) for data, _, _ in leaves) if read.kind == "ledger.founded")
    digests: dict[str, str] = {}
    for index, (data, _, received) in enumerate(leaves[start:], start):
        clean.turn(turner.key, turner.author, received)
        said = entry.read(data)
        body = msgspec.json.decode(said.body)
        if said.kind in CRANKS:
            digests |= {body["digest"]: body["period"]} if said.kind == "payouts.computed" else {}
            continue
        if said.kind == "payouts.approved":
            body["digest"] = clean.book.parts["payouts"].runs[digests[body["digest"]]].digest
        for pointer, kept in log.private(index).items():
            _put(body, pointer, Text(kept.words))
        clean.new[entry.entry_id(data)] = clean.say(said.key, said.author, said.kind, clean.known(body), received)
    clean.turn(turner.key, turner.author, until)
    return clean.book


def _put(body: Any, pointer: str, words: Text) -> None:
    """Words in the place of their commitment."""
    *way, last = pointer.removeprefix("/").split("/")
    for step in way:
        body = body[int(step)] if isinstance(body, list) else body[step]
    body[int(last) if isinstance(body, list) else last] = words
