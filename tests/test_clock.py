"""The alarm clock turns the cranks, stops when it is asked to, and goes on strike when time cannot be right."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from ledger import clock
from tests.riverbend import TALLY, Riverbend

DAY = 86_400
MIDNIGHT = "2025-09-03T21:59:58Z"  # two seconds before August is cut off in Rome
REFUSED, USAGE = 6, 2


@pytest.fixture
def coop(tmp_path: Path) -> Riverbend:
    """One founder, some work, some money."""
    made = Riverbend(tmp_path, "Ana")
    made.ok("Ana", "log", "2h", "all of it", "--role", "code")
    made.ok("Ana", "income", "add", "100.00", "--from", "ACME")
    return made


@contextmanager
def running(coop: Riverbend, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The clock in a process of its own; killed at the end if it still runs."""
    told = {"TALLY_HOME": str(coop.folder / "founders"), "TALLY_NOW": coop.now, "PATH": os.environ["PATH"]}
    words = [TALLY, "clock", "--every", "0:00:01", "--as", "Ana", *options]
    with subprocess.Popen(words, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_the_clock_pays_a_month_when_its_time_comes_and_ends_cleanly(coop: Riverbend) -> None:
    coop.now = MIDNIGHT
    with running(coop) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)

    assert "2025-08 ended on 2025-08-31; its work may still come in until 2025-09-04 00:00 (Europe/Rome)" in lines[0]
    assert lines[1].startswith("2025-08 closed")
    assert lines[2].startswith("2025-08 computed")
    assert "2025-09 runs until 2025-09-30" in lines[3]
    assert process.returncode == 0
    coop.now = "2025-09-05T09:00:00Z"
    assert [row["period"] for row in coop.data("Ana", "payout", "list")["payouts"]] == ["2025-08"]


def test_april_exists(tmp_path: Path) -> None:
    """A popular scheduler, told to wake on the first of the month in Rome, goes from March to May every year."""
    coop = Riverbend(tmp_path)
    coop.now = "2027-03-10T09:00:00Z"
    coop.ok("Ana", "init", "Riverbend", "--zone", "Europe/Rome", "--founder", "Ana", "--rehearsal")
    coop.now = "2027-06-05T09:00:00Z"
    coop.ok("Ana", "payout", "tick")

    rows = coop.data("Ana", "payout", "list")["payouts"]
    assert [row["period"] for row in rows] == ["2027-03", "2027-04", "2027-05"]
    assert coop.data("Ana", "payout", "show", "2027-04")["cut"] == "2027-05-04T00:00:00+02:00"


def test_ctrl_c_ends_the_clock_and_json_is_a_line_a_piece(coop: Riverbend) -> None:
    coop.now = "2025-09-05T09:00:00Z"
    with running(coop, "--json") as process:
        assert process.stdout is not None
        said = [json.loads(process.stdout.readline()) for _ in range(3)]
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)

    assert [one.get("kind") for one in said] == ["payouts.closed", "payouts.computed", None]
    assert {(one["schema"], one["rehearsal"]) for one in said} == {("tally.clock/v1", True)}
    assert process.returncode == 0


def test_a_clock_that_falls_behind_the_log_stops(coop: Riverbend) -> None:
    coop.now = "2025-08-10T09:00:00Z"
    with running(coop) as process:
        assert process.stdout is not None
        process.stdout.readline()
        coop.now = "2025-08-11T09:00:00Z"
        coop.ok("Ana", "log", "1h", "a day later", "--role", "code")
        process.wait(timeout=20)
        assert process.stderr is not None
        told = process.stderr.read()

    assert process.returncode == REFUSED
    assert "The clock says 2025-08-10" in told


def test_on_a_real_ledger_a_clock_far_ahead_is_not_believed_without_a_word(tmp_path: Path) -> None:
    """In 2099 every period until then would be closed."""
    coop = Riverbend(tmp_path)
    coop.write("passphrase", "correct horse battery staple\n")
    told = {"TALLY_NOW": "", "TALLY_PASSPHRASE_FILE": "passphrase"}
    coop.ok("Ana", "init", "Riverbend", "--founder", "Ana", **told)
    later = time.time_ns() + 40 * DAY * 10**9

    # Where the clock goes on by itself it would do so in all later tests of this process.
    with mock.patch.object(time, "time_ns", return_value=later), mock.patch.object(clock, "_running_since", None):
        refused = [coop.run("Ana", *words, **told) for words in (["clock"], ["payout", "tick"])]
        believed = coop.run("Ana", "payout", "tick", "--clock-ok", **told)
    assert [one.code for one in refused] == [REFUSED, REFUSED]
    assert all("--clock-ok" in one.err for one in refused)
    assert (believed.code, "computed" in believed.out) == (0, True)


@pytest.mark.parametrize("every", ["0s", "soon", "5", "0:00:00"])
def test_how_often_is_a_length_of_time(coop: Riverbend, every: str) -> None:
    assert coop.run("Ana", "clock", "--every", every).code == USAGE


def test_a_rehearsals_time_goes_on_by_itself_only_where_a_program_keeps_running(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TALLY_NOW", "2025-08-01T09:00:00Z")
    monkeypatch.setattr(clock, "_running_since", None)
    standing = clock.now(rehearsal=True)
    assert clock.now(rehearsal=True) == standing

    clock.run_on()
    time.sleep(0.02)
    assert standing + 20 <= clock.now(rehearsal=True) < standing + 5_000
