"""The evening that `make demo` plays, from founding to a changed byte, with the real commands."""

import os
import subprocess
import sys
from pathlib import Path


def test_the_evening_plays_to_its_end_and_each_month_is_paid_under_its_own_rule(tmp_path: Path) -> None:
    told = play(tmp_path)

    assert '2025-09 closed: 37 entries count, rule 1 "Share rule"' in told
    assert '2025-10 closed: 41 entries count, rule 2 "Care weighs more"' in told
    assert "OK: 73 entries, every signature, admission and proof" in told
    assert "PASS: Passed (1): 3 for" in told
    assert 'Good "tally-entry-v1" signature' in told
    assert told.rstrip().splitlines()[-1].startswith("FAILED at entry ")


def play(folder: Path) -> str:
    tally = Path(sys.executable).with_name("tally")
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "100"}
    done = subprocess.run(
        [tally, "demo", "--quick", "--keep", "evening"], env=environment, cwd=folder, text=True, check=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.stdout
