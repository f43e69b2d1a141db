"""The alarm clock: turns the cranks every few minutes until it is stopped.

What is due follows from the log alone. The scheduler (APScheduler 3.11) only wakes us: nothing is stored in it, so
nothing is lost when it stops, and several clocks on one ledger do no harm.
"""

import json
import logging
import signal
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

import click
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]
from msgspec import to_builtins

from ledger import clock
from ledger.doors import Desk
from ledger.errors import TallyError, Usage
from ledger.opened import Ledger
from ledger.private import show
from ledger.spans import parse_seconds
from payouts.due import next_data, next_words
from payouts.ticking import Ticker

GRACEFUL = (signal.SIGTERM, signal.SIGINT)


def run_clock(desk: Desk, every: str) -> None:
    """Tick now and then every so often, until SIGTERM or Ctrl-C. Raises ClockDoubtful as soon as the clock is."""
    seconds = parse_seconds(every)
    if seconds < 1 or seconds.denominator != 1:
        raise Usage(f'"{every}" is no time to wait.', "Write 5m, or 0:00:30 for thirty seconds.")
    clock.run_on()
    # Who cannot sign, or has a doubtful clock, learns so at once and not from the first alarm.
    Ticker(desk.ledger, *desk.me, desk.clock_ok).refuse_doubtful_clock()
    alarm = Alarm(desk)
    for number in GRACEFUL:
        signal.signal(number, alarm.stop)
    book = desk.ledger.book.ledger
    aside = " (a rehearsal: nobody is paid)" if book.rehearsal else ""
    desk.note(f"Turning the cranks of {show(book.name)}{aside} every {every}; Ctrl-C stops it.")
    alarm.run(int(seconds))


class Alarm:
    """One clock at work."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.stopped = threading.Event()
        self.doubtful: clock.ClockDoubtful | None = None
        self.told = ""  # the period whose cut-off was announced last

    def run(self, seconds: int) -> None:
        """Sleep between ticks until somebody stops it; a tick that is at work is finished first."""
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # what goes wrong is told by `failed`
        scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        scheduler.add_listener(self.failed, EVENT_JOB_ERROR)
        trigger = IntervalTrigger(
            start_date=datetime.now(UTC) + timedelta(seconds=seconds), seconds=seconds, timezone="UTC"
        )
        scheduler.add_job(self.tick, trigger, next_run_time=datetime.now(UTC))
        scheduler.start()
        self.stopped.wait()
        scheduler.shutdown(wait=True)
        if self.doubtful is not None:
            raise self.doubtful

    def tick(self) -> None:
        """Publish what is due, on a book opened anew: a database belongs to one thread, and time went on."""
        desk = self.desk
        ledger = Ledger(desk.home, desk.ledger.known, desk.rooms)
        with closing(ledger):
            ticker = Ticker(ledger, *desk.me, desk.clock_ok)
            ticker.refuse_doubtful_clock()
            for published in ticker.tick():
                self.say(to_builtins(published), published.words)
            ahead = next_data(ticker.look(), ticker.now)
            if ahead is not None and ahead["period"] != self.told:
                self.say({"next": ahead}, next_words(ledger.book, ahead))
                self.told = ahead["period"]

    def say(self, data: dict[str, Any], words: str) -> None:
        """One line: words, or an object with --json."""
        rehearsal = {"rehearsal": True} if self.desk.ledger.book.ledger.rehearsal else {}
        head = {"schema": f"tally.{self.desk.name}/v1"} | rehearsal
        click.echo(json.dumps(head | data) if self.desk.json else words)

    def failed(self, event: JobExecutionEvent) -> None:
        """Show what stopped a tick. The next one tries again; only a doubtful clock ends it all."""
        error = event.exception
        if isinstance(error, clock.ClockDoubtful):
            self.doubtful = error
            self.stopped.set()
        elif isinstance(error, TallyError):
            self.desk.note(f"This tick failed: {error.message} {error.hint}".rstrip())
        else:
            self.desk.note(f"This tick failed, and the program is at fault: {error!r}\n{event.traceback}")

    def stop(self, _: int, __: FrameType | None) -> None:
        """Somebody asked for the end."""
        self.stopped.set()
