"""A page of the docs whose boxes are a story: every command is played in order, and its answer compared or written.

Each command ends with `--as NAME`, who types it. `cat FILE` shows a file that is there, or makes it of what the page
shows. Between the boxes `<!-- now: 2025-09-04 09:00 -->` moves the time. `make golden` writes the page anew.
"""

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

from tests.riverbend import Riverbend
from tests.tour import masked, steps

PART = re.compile(r"<!-- now: ([\d-]+) ([\d:]+) -->|(?P<open>```console\n)(?P<box>.*?)(?P<close>```)", re.DOTALL)
IDS = (
    (re.compile(r"\bE[0-9a-f]{32}\b"), "EID"),
    (re.compile(r"\bE[0-9a-f]{8}\b"), "EID"),
    (re.compile(r"\bM[0-9a-f]{8}\b"), "MID"),
)
REHEARSAL = "(rehearsal: nobody is paid)\n"


def plays(page: Path, coop: Riverbend, before: Callable[[Riverbend, list[str]], None]) -> None:
    """The page prints what it says; `before` makes what is not typed, like the bank's answer, for a command's words."""
    text = page.read_text(encoding="utf-8")

    def part(found: re.Match[str]) -> str:
        if not found["open"]:
            coop.now = f"{found[1]}T{found[2]}:00Z"
            return found[0]
        rows = []
        for command, expected in steps(found["box"]):
            printed = _printed(coop, command, expected, before)
            rows.append((command, expected if same(printed) == same(expected) else printed))
        return found["open"] + "".join(map(_written, rows)) + found["close"]

    again = PART.sub(part, text)
    if os.environ.get("TALLY_GOLDEN") == "write":
        page.write_text(again, encoding="utf-8")

    assert page.read_text(encoding="utf-8") == again


def _printed(coop: Riverbend, command: str, expected: str, before: Callable[[Riverbend, list[str]], None]) -> str:
    words = shlex.split(command)
    if words[0] == "cat":
        return _shown(coop, words[1], expected)
    before(coop, words)
    said = coop.run(words[-1], *words[1 : words.index("--as")])
    return said.err.replace(REHEARSAL, "") + said.out


def _shown(coop: Riverbend, file: str, expected: str) -> str:
    if not (coop.folder / file).exists():
        coop.write(file, expected)
    return (coop.folder / file).read_text(encoding="utf-8")


def same(text: str) -> str:
    """The text without what chance decides, and without blanks at the ends of lines."""
    for pattern, word in IDS:
        text = pattern.sub(word, text)
    return masked(text)


def _written(row: tuple[str, str]) -> str:
    """A command and what it printed; what is the same but for chance stays as it stands in the page."""
    command, text = row
    return f"$ {command}\n" + "".join(f"{line.rstrip()}\n" for line in text.strip("\n").splitlines())
