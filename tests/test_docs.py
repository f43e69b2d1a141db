"""The documents say what the program does: the README's tour is played, the manual is every command's own help."""

import os
import re
import shlex
from pathlib import Path

import click
import pytest

from cli import ROOMS
from ledger.doors import Commands
from tests.tour import play

ROOT = Path(__file__).parents[1]
MANUAL = ROOT / "docs" / "MANUAL.md"
README = (ROOT / "README.md").read_text(encoding="utf-8")
EVENING = (ROOT / "payouts" / "evening.txt").read_text(encoding="utf-8")


def test_the_readmes_tour_prints_what_it_says(tmp_path: Path) -> None:
    tour = "\n".join(re.findall(r"```console\n(.*?)```", README, re.DOTALL))

    for command, expected, printed in play(tour, tmp_path):
        assert printed == expected, command


def test_the_manual_is_every_commands_own_help() -> None:
    if os.environ.get("TALLY_GOLDEN") == "write":
        MANUAL.write_text(manual(), encoding="utf-8")

    assert MANUAL.read_text(encoding="utf-8") == manual()


@pytest.mark.parametrize("text", [README, EVENING], ids=["README", "evening"])
def test_every_command_the_documents_name_is_there(text: str) -> None:
    named = re.findall(r"""\$ tally ((?:"[^"\n]*"|[^\n#|&>"])*)""", text) + re.findall(r"`tally ([a-z][^`]*)`", text)

    assert named
    for words in named:
        assert known(shlex.split(words)), words


def test_every_decision_is_in_the_list_of_decisions() -> None:
    pages = {page.name for page in (ROOT / "docs" / "decisions").glob("0*.md")}
    listed = set(re.findall(r"\((0[^)]*\.md)\)", (ROOT / "docs" / "decisions" / "README.md").read_text()))

    assert pages == listed


def known(words: list[str]) -> bool:
    """Whether the first words name a command, and its options exist."""
    at: click.Command = Commands(ROOMS)
    while isinstance(at, click.Group) and words and words[0] in at.commands:
        at = at.commands[words.pop(0)]
    options = {name for param in at.params for name in param.opts}
    return at.name != "tally" and all(word in options | {"--help"} for word in words if re.match(r"--[a-z]", word))


def manual() -> str:
    """All commands with their help, as one page."""
    parts = ["# Manual\n\nEvery command as its own `--help` says it.\n"]
    for path, command in sorted(leaves(Commands(ROOMS), ("tally",))):
        context = click.Context(command, info_name=" ".join(path), terminal_width=100, max_content_width=100)
        parts.append(f"## {' '.join(path)}\n\n```\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def leaves(command: click.Command, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], click.Command]]:
    """(words, command) of every command below this one, and of a group that does something by itself."""
    if not isinstance(command, click.Group):
        return [(path, command)]
    own = [(path, command)] if command.invoke_without_command else []
    return own + [leaf for name, one in command.commands.items() for leaf in leaves(one, (*path, name))]
