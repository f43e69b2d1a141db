"""Measuring: CPU and wall seconds of a command, of a function, and the most memory a process had."""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("cli.py", "ledger", "contributions", "governance", "payouts")
TALLY = str(Path(sys.executable).with_name("tally"))


def command(
    arguments: Sequence[str], environment: Mapping[str, str], times: int = 15, cwd: Path | None = None
) -> float:
    """The median CPU seconds (user and system) of a command, all its children included.

    As on a person's machine, bytecode is there already.
    """
    own: dict[str, str] = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}
    if times > 1:
        subprocess.run([sys.executable, "-m", "compileall", "-q", *ROOMS], env=own, check=True, cwd=ROOT)
    taken = []
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            arguments,
            env={**own, **environment},
            cwd=cwd,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(taken)


def wall(function: Callable[[], object], times: int = 3) -> float:
    """The least wall seconds of a function."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        function()
        taken.append(time.perf_counter() - began)
    return min(taken)


def peak_megabytes() -> float:
    """The most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tree_megabytes(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    """The most memory a command and all its processes held at one moment: their resident sizes added up.

    What the processes share is counted for each of them, so the true figure is smaller. Looked at every 20 ms.
    """
    process = subprocess.Popen(arguments, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, sum(map(_resident_kilobytes, _with_children(process.pid))))
        time.sleep(0.02)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(arguments))
    return most / 1024


def _with_children(pid: int) -> list[int]:
    try:
        children = [
            child for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()
        ]
    except OSError:
        return []
    return [pid, *(below for child in children for below in _with_children(int(child)))]


def _resident_kilobytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
