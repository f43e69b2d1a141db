"""A cooperative on rehearsal for stories: each person types commands in a home of their own; TALLY_NOW tells the time.

`typed` runs the real `tally` command, `called` the same program without starting it each time.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest

from cli import ROOMS
from governance.versions import template
from ledger.doors import run

TALLY = str(Path(sys.executable).parent / "tally")
START = "2025-08-01T09:00:00Z"
REFUSED, NO_KEY, USAGE, BAD = 6, 4, 2, 5


class Said(NamedTuple):
    """What a command left behind: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.out)


def typed(words: list[str], environment: dict[str, str], given: str, folder: Path) -> Said:
    """The real command, in a process of its own."""
    done = subprocess.run(
        [TALLY, *words], env=environment, input=given, capture_output=True, text=True, cwd=folder, check=False
    )
    return Said(done.returncode, done.stdout, done.stderr)


def called(words: list[str], environment: dict[str, str], given: str, folder: Path) -> Said:
    """The same program in this process."""
    out, err = io.StringIO(), io.StringIO()
    stdin = io.TextIOWrapper(io.BytesIO(given.encode()))
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "stdin", stdin),
        mock.patch.dict(os.environ, environment, clear=True),
        pytest.raises(SystemExit) as left,
    ):
        run(ROOMS, words)
    return Said(int(left.value.code or 0), out.getvalue(), err.getvalue())


class Riverbend:
    """A cooperative on rehearsal: founders share one home, whoever joins has one of her own."""

    def __init__(self, folder: Path, *founders: str, by: Callable[..., Said] = called) -> None:
        self.folder, self.now, self.by = folder, START, by
        self.homes = dict.fromkeys(founders, "founders")
        people = [word for name in founders for word in ("--founder", name)]
        if founders:
            self.ok(founders[0], "init", "Riverbend", "--zone", "Europe/Rome", *people, "--rehearsal")

    def run(self, who: str, *words: str, given: str = "", **environment: str) -> Said:
        """The command as this person; --as is said where several people share a home."""
        home = self.folder / self.homes.get(who, who)
        told = {"TALLY_HOME": str(home), "TALLY_NOW": self.now, "PATH": os.environ["PATH"], "COLUMNS": "100"}
        told = {name: value for name, value in (told | environment).items() if value}
        named = ["--as", who] if who in self.homes and words[0] != "init" else []
        return self.by([*words, *named], told, given, self.folder)

    def ok(self, who: str, *words: str, **more: Any) -> Said:
        """The same, and it went well."""
        said = self.run(who, *words, **more)
        assert said.code == 0, said.err
        return said

    def data(self, who: str, *words: str) -> dict[str, Any]:
        """The answer as JSON."""
        return self.ok(who, *words, "--json").data

    def invite(self, by: str, name: str) -> str:
        """A member invites somebody; the file of the invitation."""
        file = f"{name.lower()}.invitation"
        self.ok(by, "invite", name, "--out", file)
        return file

    def join(self, by: str, name: str) -> Said:
        """Invite somebody, who joins at once."""
        return self.ok(name, "join", self.invite(by, name))

    def write(self, name: str, text: str) -> str:
        """A file in the folder where commands are typed."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def rule(self, title: str, old: str = "", new: str = "") -> str:
        """The rule of the program in a file, under another title, with something in it changed."""
        text = template().replace('title = "Share rule"', f'title = "{title}"')
        assert old in text
        return self.write(f"{title}.toml", text.replace(old, new))

    def size(self, who: str) -> int:
        """How many entries the log has."""
        return int(self.data(who, "checkpoint")["size"])

    def left(self, name: str) -> list[str]:
        """The files in somebody's home."""
        home = self.folder / name
        return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())


def refused(coop: Riverbend, *words: str, says: str, who: str = "Ana", code: int = REFUSED) -> None:
    """A command is refused in these words, and nothing is recorded."""
    before = coop.size(who)
    said = coop.run(who, *words)

    assert (said.code, coop.size(who)) == (code, before), said
    assert says in said.err
