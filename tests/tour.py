"""Reads a tour: a text of commands and what they print, and plays it with the real `tally`.

Lines `$ COMMAND` are typed, the lines up to the next command are what it prints (stdout and stderr together). What is
different every time (ids, keys, paths) is masked on both sides. `TALLY_NOW` is set by lines `$ export TALLY_NOW=…`.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

MASKS = (
    (re.compile(r"SHA256:[A-Za-z0-9+/]{43}"), "SHA256:KEY"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "HASH"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "ID"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "SHORT"),
    (re.compile(r"/\S*/(ledgers/|riverbend)"), r"…/\1"),
)


def masked(text: str) -> str:
    """The text without what chance decides, and without blanks at the ends of lines."""
    for pattern, word in MASKS:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def steps(text: str) -> list[tuple[str, str]]:
    """(command, what it prints) in order."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
    return [(command, "\n".join(lines)) for command, lines in found]


def play(text: str, folder: Path) -> list[tuple[str, str, str]]:
    """Every command with what the tour says it prints and what it printed, both masked."""
    bin_folder = str(Path(sys.executable).parent)
    environment = os.environ | {"TALLY_HOME": str(folder / "home"), "COLUMNS": "100"}
    environment["PATH"] = bin_folder + os.pathsep + os.environ.get("PATH", "")
    environment.pop("TALLY_AS", None)
    told = []
    for command, expected in steps(text):
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            environment[name] = value
            continue
        done = subprocess.run(
            command, shell=True, cwd=folder, env=environment, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        told.append((command, masked(expected), masked(done.stdout)))
    return told
