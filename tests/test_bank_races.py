"""Several treasurers at once, and a program that is killed: each payment stands in one file, which can be had."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.autumn import AUGUST
from tests.bankers import exported, ready
from tests.riverbend import Riverbend

CODE = f"import sys; sys.path.insert(0, {str(Path(__file__).parent.parent)!r}); from cli import main; main()"


def started(coop: Riverbend, who: str, *words: str) -> subprocess.Popen[bytes]:
    """The program, in a process of its own."""
    told = {
        "TALLY_HOME": str(coop.folder / "founders"),
        "TALLY_NOW": coop.now,
        "TALLY_AS": who,
        "PATH": os.environ["PATH"],
    }
    return subprocess.Popen(
        [sys.executable, "-c", CODE, *words],
        env=told,
        cwd=coop.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def export(coop: Riverbend, who: str, out: str) -> subprocess.Popen[bytes]:
    """Make August's file."""
    return started(coop, who, "payout", "export", AUGUST, "--date", "2025-09-08", "--out", out, "--yes")


def test_treasurers_who_export_at_once_make_one_file(tmp_path: Path) -> None:
    coop = ready(tmp_path)
    running = [export(coop, who, f"{who}{n}.xml") for n in range(2) for who in ("Ana", "Bela")]
    codes = [one.wait() for one in running]
    files = {path.read_bytes() for path in tmp_path.glob("*.xml")}

    assert set(codes) <= {0, 6}
    assert 0 in codes
    assert len(files) == 1
    rows = coop.data("Ana", "payout", "payments")["payments"]
    assert sorted((row["name"], row["attempt"]) for row in rows) == [("Ana", 1), ("Bela", 1), ("Chidi", 1)]


def test_an_export_that_is_killed_at_any_moment_is_made_once_and_the_file_can_be_had(tmp_path: Path) -> None:
    coop = ready(tmp_path)
    for wait in (0.15, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5):
        child = export(coop, "Ana", f"killed{wait}.xml")
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.wait()
    exported(coop, "whole.xml")

    rows = coop.data("Ana", "payout", "payments")["payments"]
    assert sorted((row["name"], row["attempt"]) for row in rows) == [("Ana", 1), ("Bela", 1), ("Chidi", 1)]
    assert {path.read_bytes() for path in tmp_path.glob("*.xml")} == {(tmp_path / "whole.xml").read_bytes()}
    assert coop.run("Bela", "bank", "check", "whole.xml", "--against", AUGUST).code == 0


def test_payments_settled_by_two_at_once_are_settled_once(tmp_path: Path) -> None:
    coop = ready(tmp_path)
    exported(coop)
    running = [started(coop, who, "payout", "settle", AUGUST) for who in ("Ana", "Bela", "Ana", "Bela")]

    assert sorted(one.wait() for one in running) == [0, 6, 6, 6]
    assert coop.data("Ana", "payout", "payments")["sums"]["settled"] == "2275.00"
