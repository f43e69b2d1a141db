"""`tally demo`: one evening of a cooperative, played with the real commands on a rehearsal ledger.

The evening is a text (`evening.txt`): words for the reader, `@ INSTANT` sets the rehearsal's clock, `$ COMMAND` runs
in the founders' home, `bela$ COMMAND` in Bela's. Each command is printed before what it answers. Commands that
are meant to be refused end with `# exit N`; any other outcome stops the demo.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.resources import as_file, files
from pathlib import Path

import click

from ledger.errors import TallyError

_TOOLS = ("git", "ssh-keygen")
"""Programs of others that the demo shows at work where they are."""

_COMMAND = re.compile(r"(?P<home>[a-z]*)\$ (?P<words>.*?)(?:  # exit (?P<code>\d+))?$")


class DemoFailed(TallyError):
    """A command of the demo did not do what it is there to show."""


def play(folder: Path, quick: bool) -> None:
    """Play the evening in a folder. With `quick`, words for the reader are left out."""
    text = files("payouts").joinpath("evening.txt").read_text(encoding="utf-8")
    stage = _Stage(folder)
    for line in text.splitlines():
        if line.startswith("@ "):
            stage.now = line[2:].strip()
        elif found := _COMMAND.match(line):
            stage.run(found["home"] or "founders", found["words"], int(found["code"] or 0))
        elif not quick:
            click.secho(line, bold=True, err=True)


class _Stage:
    """The folder of a demo, its clock, and the homes in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, ""
        with as_file(files("contributions").joinpath("examples/riverbend.fast-import")) as history:
            shutil.copy(history, folder / "riverbend.fast-import")

    def run(self, home: str, words: str, expected: int) -> None:
        """Run one command as a person would type it, and print it first."""
        click.secho(f"\n{home}$ {words}", fg="cyan")
        missing = [tool for tool in _TOOLS if tool in words.split() and not shutil.which(tool)]
        if missing:
            click.echo(f"(skipped: {missing[0]} is not installed here)")
            return
        sys.stdout.flush()
        environment = os.environ | {
            "TALLY_HOME": str(self.folder / home),
            "TALLY_NOW": self.now,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "COLUMNS": os.environ.get("COLUMNS", "100"),
        }
        environment.pop("TALLY_AS", None)
        done = subprocess.run(
            words, shell=True, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode != expected:
            raise DemoFailed(f"The demo stopped: `{words}` left with {done.returncode}, not {expected}.")


def play_in_new_folder(keep: Path | None, quick: bool) -> None:
    """Play in a folder that is given, or in one that is removed afterwards."""
    if keep is not None:
        keep = keep.absolute()
        keep.mkdir(parents=True, exist_ok=True)
        if any(keep.iterdir()):
            raise DemoFailed(f"{keep} is not empty.", "Name a new folder.")
        play(keep, quick)
        return
    with tempfile.TemporaryDirectory(prefix="tally-demo-") as folder:
        play(Path(folder), quick)
