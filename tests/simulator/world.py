"""One world: its dice and clock, the cooperative in it, the network between its devices and its log.

The network loses requests, loses answers, and delivers what it has delivered before once more, later and in another
order. Nobody's clock is quite right.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple
from unittest.mock import patch

from ledger import clock
from ledger.errors import TallyError
from ledger.log import Unreachable
from ledger.outbox import Signed
from tests.simulator.device import Device
from tests.simulator.household import NAME, Household
from tests.simulator.service import PowerCut, Service
from tests.simulator.truths import Truths
from tests.simulator.witness import onlookers
from tests.village import FOUNDED, HOUR

NAMES = ("Ana", "Bela", "Chidi")


class Weather(NamedTuple):
    """What may go wrong in a run, as chances per step."""

    lossy: float = 0.15  # a request or an answer is lost
    echo: float = 0.1  # what was delivered comes once more, later
    cut: float = 0.04  # the service loses its power in the middle of an append
    restore: float = 0.02  # somebody puts an old copy of the database back
    misdeed: float = 0.0  # the operator starts a second history


ROUNDS = 12
CALM = Weather(0, 0, 0, 0, 0)


class World:
    """Everything there is in one run."""

    def __init__(self, seed: int | str, folder: Path, tell: Callable[[str], None] = lambda _: None) -> None:
        self.seed, self.folder, self.tell = seed, folder, tell
        self.dice, self.bytes = Random(f"{seed}"), Random(f"bytes {seed}")
        self.now, self.skew = FOUNDED, 0
        self.weather = Weather(misdeed=self.dice.choice([0, 0.04]))
        self.late: list[Signed] = []

    @contextmanager
    def begun(self) -> Iterator["World"]:
        """The world, with its own time and chance in place of the machine's."""
        with (
            patch.object(os, "urandom", self.bytes.randbytes),
            patch.object(clock, "now", lambda _rehearsal: self.now + self.skew),
        ):
            self.truths = Truths()
            self.service = Service(self, self.folder / "service", (*NAMES, NAME))
            self.devices = [Device(self, number, name) for number, name in enumerate(NAMES * 2)]
            self.households = [Household(self, number) for number in (1, 2)]
            self.witnesses = onlookers(self)
            try:
                yield self
            finally:
                for one in (self.service, *self.devices):
                    one.close()

    # Time.

    @property
    def day(self) -> date:
        """The date, UTC."""
        return datetime.fromtimestamp(self.now // 1000, UTC).date()

    @contextmanager
    def clock_of(self, skew: int) -> Iterator[None]:
        """Whoever acts meanwhile reads this clock."""
        before, self.skew = self.skew, skew
        yield
        self.skew = before

    # Life.

    def live(self, steps: int) -> None:
        """So many steps; the truths are looked at after each."""
        for _ in range(steps):
            self.now += self.dice.randint(0, 3 * HOUR)
            self.step()
            self.truths.look(self)

    def step(self) -> None:
        """Somebody does something, or something happens."""
        self.happens()
        device = self.dice.choice(self.devices)
        deed = self.dice.choice([device.say, device.say, device.send, device.send, device.sync, device.travel])
        if not device.stopped:
            deed()
        if self.dice.random() < 0.3 and not self.service.is_old(self.service.first):
            home = self.dice.choice(self.households)
            self.dice.choice([home.say, home.say, home.sync, home.travel])()
        if self.dice.random() < 0.2:
            self.dice.choice(self.witnesses).look()
        if self.dice.random() < 0.1:
            self.dice.choice(self.devices).compare(self.dice.choice(self.devices))

    def happens(self) -> None:
        """The weather of this step."""
        chance, weather = self.dice.random(), self.weather
        for likely, happening in (
            (weather.cut, self.service.will_lose_power),
            (weather.restore, self.service.restore),
            (weather.restore, self.service.back_up),
            (weather.misdeed, self.service.misbehave),
            (weather.echo, self.echo),
        ):
            if chance < likely:
                happening()
                return
            chance -= likely

    def echo(self) -> None:
        """Something that was sent before arrives once more; nobody waits for the answer."""
        if self.late:
            sent = self.late.pop(self.dice.randrange(len(self.late)))
            try:
                self.service.post(None, sent)
            except (TallyError, PowerCut) as error:
                self.tell(f"  an echo: {error}")

    def deliver(self, device: Device, sent: Signed) -> bytes:
        """Take this to the log and its answer back. Raises Unreachable where one is lost, and what the log refuses."""
        lost = Unreachable("The network lost it.")
        if self.dice.random() < self.weather.lossy:
            raise lost
        if self.dice.random() < self.weather.echo:
            self.late.append(sent)
        try:
            answer = self.service.post(device, sent)
        except PowerCut as cut:
            raise lost from cut
        if self.dice.random() < self.weather.lossy:
            raise lost
        return answer

    # The end.

    def settle(self) -> None:
        """The weather clears: everybody comes home, sends what waits, and all must be as it should."""
        self.weather = CALM
        self.service.look_after()
        for one in (*self.devices, *self.households):
            one.come_home()
        for _ in range(ROUNDS):
            for device in self.devices:
                device.sync()
                device.send()
            for home in self.households:
                home.sync()
            self.truths.look(self)
            settled = all(device.stopped or device.is_settled for device in self.devices)
            if settled and all(home.is_settled for home in self.households):
                break
        for device in self.devices:
            device.sync()
        self.truths.at_the_end(self)


def play(
    seed: int | str,
    folder: Path,
    steps: int,
    tell: Callable[[str], None] = lambda _: None,
    weather: Weather | None = None,
) -> World:
    """One run from its seed; raises AssertionError where a truth does not hold."""
    world = World(seed, folder, tell)
    world.weather = weather or world.weather
    with world.begun():
        world.live(steps)
        world.settle()
        return world
