"""The log's service: takes entries in, loses its power, is put back from an old copy, and may misbehave.

An honest operator's anchor outlives the database. A dishonest one, or one who lost the anchor too, starts a second
history; then the service has two branches, and shows each device one of them.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.founding import Plan, found, sections
from ledger.home import Home, Known
from ledger.keys import Key
from ledger.log import Reader, RolledBack
from ledger.note import vkey
from ledger.opened import Ledger
from ledger.receipt import parse
from ledger.record import receive
from ledger.store import SqliteLog
from tests.faults import Failing, Fault
from tests.village import ROOMS

if TYPE_CHECKING:
    from ledger.outbox import Signed
    from tests.simulator.device import Device
    from tests.simulator.world import World

STATEMENTS = 24  # of an append: a power cut falls on one of them, or just after


class PowerCut(BaseException):
    """The service's machine goes dark; nothing of the program runs any more."""


class Branch:
    """One history as it is kept and served: a folder, and the home whose anchor watches it."""

    def __init__(self, name: str, folder: Path, home: Home, known: Known) -> None:
        self.name, self.folder, self.home, self.known = name, folder, home, known
        self.published = 0  # the greatest size anybody outside has been shown
        self.ledger = Ledger(home, known, ROOMS)

    @property
    def log(self) -> SqliteLog:
        """Its log, open."""
        log = self.ledger.log
        assert isinstance(log, SqliteLog)
        return log

    def restart(self) -> None:
        """The machine starts again."""
        self.ledger.close()
        self.ledger = Ledger(self.home, self.known, ROOMS)

    def again(self, name: str, folder: Path) -> "Branch":
        """The same history under another name, on another machine."""
        shutil.copytree(self.folder, folder / "ledger")
        home = Home(folder / "config", folder, folder / "state")
        known = Known(
            **{field: getattr(self.known, field) for field in self.known.__struct_fields__}
            | {"place": str(folder / "ledger")}
        )
        branch = Branch(name, folder / "ledger", home, known)
        branch.published = branch.log.head().size
        return branch


class Service:
    """The operator's machines."""

    def __init__(self, world: "World", folder: Path, names: tuple[str, ...]) -> None:
        self.world, self.folder = world, folder
        self.skew = world.dice.randint(-60_000, 60_000)
        self.keys = {name: Key(world.bytes.randbytes(32)) for name in names}
        home = Home(folder / "config", folder, folder / "state")
        terms = {"rule": None, "approvers": 2, "grace_days": 3, "currency": "EUR"}
        plan = Plan(
            name="Riverbend",
            slug="riverbend",
            currency="EUR",
            zone="UTC",
            period="month",
            grace_days=3,
            year_start="01-01",
            rehearsal=True,
            founders=tuple(self.keys.items()),
            sections=sections(ROOMS, terms),
        )
        self.known = found(home, folder / "ledger", ROOMS, plan, lambda: None).known
        self.vkeys = (vkey(self.known.origin, bytes.fromhex(self.known.log_key)),)
        self.branches = [Branch("first", folder / "ledger", home, self.known)]
        self.shown: dict[int, Branch] = {}  # which branch a device is shown, by its number; the first unless said
        self.cut: Fault | None = None
        self.backup: Path | None = None
        self.kept = 0  # how many entries the backup holds
        self.newest: Path | None = None  # what an old copy replaced
        self.forked = False

    @property
    def first(self) -> Branch:
        """The history there would be if all went well."""
        return self.branches[0]

    def branch_of(self, device: "Device | None") -> Branch:
        """What this device is shown."""
        return self.first if device is None else self.shown.get(device.number, self.first)

    def reader(self, device: "Device") -> Reader:
        """The log as this device may read it; the operator's anchor remembers what is shown."""
        branch = self.branch_of(device)
        head = branch.log.head()
        branch.log.anchor.write(head.size, head.root, head.note)
        self.world.truths.released(branch, head)
        return branch.log

    def post(self, device: "Device | None", sent: "Signed") -> bytes:
        """Take an entry in; answers its receipt, raises what refuses it, or PowerCut."""
        branch = self.branch_of(device)
        with self.world.clock_of(self.skew):
            try:
                answer = self._post(branch, sent)
            except PowerCut:
                self.world.tell("  the service loses its power")
                self._start(branch)
                raise
            except RolledBack as error:
                self.world.tell(f"  the service: {error.message}")
                self.bring_newest_back()
                raise
        self.world.truths.answered(branch, parse(answer).checkpoint)
        return answer

    def _post(self, branch: Branch, sent: "Signed") -> bytes:
        real, fault, self.cut = branch.log._db, self.cut, None
        if fault is not None:
            branch.log._db = Failing(real, fault, PowerCut)  # type: ignore[assignment]
        try:
            return receive(branch.ledger, sent.data, sent.signature, sent.words).receipt
        finally:
            branch.log._db = real

    # What happens to it.

    def will_lose_power(self) -> None:
        """The next entry meets a power cut at some statement, or just after it."""
        self.cut = Fault(self.world.dice.randint(1, STATEMENTS), self.world.dice.random() < 0.5)

    def back_up(self) -> None:
        """A copy of the database is put aside, as it is now."""
        if self.newest is None:
            self.backup, self.kept = self.folder / f"backup {self.world.now}", self.first.log.head().size
            self.first.ledger.close()
            shutil.copytree(self.first.folder, self.backup, dirs_exist_ok=True)
            self.first.restart()

    def restore(self) -> None:
        """Somebody puts the old copy in place of the database; the operator's anchor knows better."""
        seen = self.first.log.anchor.read()
        is_older = self.backup is not None and seen is not None and self.kept < seen[0]
        if is_older and self.newest is None and not self.forked:
            assert self.backup is not None
            self.world.tell("an old copy is put back")
            self.newest = self.folder / f"newest {self.world.now}"
            self.first.ledger.close()
            shutil.move(self.first.folder, self.newest)
            shutil.copytree(self.backup, self.first.folder)
            self._start(self.first)

    def is_old(self, branch: Branch) -> bool:
        """Whether an old copy lies in its place, and the operator has not noticed yet."""
        return branch is self.first and self.newest is not None

    def _start(self, branch: Branch) -> None:
        """The machine starts on what lies there; where even looking is refused, the newest copy comes back at once."""
        try:
            branch.restart()
        except RolledBack:
            self.bring_newest_back()
        if not self.is_old(branch):
            self.world.truths.survived(branch)

    def look_after(self) -> None:
        """The operator sees to it that all is well."""
        self.cut = None
        if self.newest is not None:
            self.bring_newest_back()

    def bring_newest_back(self) -> None:
        """What the refusal asks for."""
        assert self.newest is not None, "it is said to be rolled back, but nobody did that"
        self.world.tell("the newest copy comes back")
        self.first.ledger.close()
        shutil.rmtree(self.first.folder)
        shutil.move(self.newest, self.first.folder)
        self.newest = None
        self.first.restart()

    def misbehave(self) -> None:
        """A second history begins, from an old copy or from now, and some devices are shown it.

        Later the operator confuses who was shown which.
        """
        if self.newest is not None:
            return
        if not self.forked:
            self._begin_second_history()
        dice = self.world.dice
        self.shown = {device.number: self.branches[1] for device in self.world.devices if dice.random() < 0.5}
        self.world.tell(f"the second history is shown to {sorted(self.shown)}")

    def _begin_second_history(self) -> None:
        dice, self.forked = self.world.dice, True
        self.first.ledger.close()
        if self.backup is not None and dice.random() < 0.5:
            shutil.copytree(self.first.folder, self.folder / "aside")
            shutil.rmtree(self.first.folder)
            shutil.copytree(self.backup, self.first.folder)
            second = self.first.again("second", self.folder / "second")
            shutil.rmtree(self.first.folder)
            shutil.move(self.folder / "aside", self.first.folder)
        else:
            second = self.first.again("second", self.folder / "second")
        self.first.restart()
        self.branches.append(second)
        self.world.tell(f"a second history begins at {second.log.head().size}")

    def close(self) -> None:
        """Let go of all files."""
        for branch in self.branches:
            branch.ledger.close()
