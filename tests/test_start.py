"""The command is there at once: what everybody types every day loads no heavy library."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forge import Coop, forge

HEAVY = ("sqlmodel", "sqlalchemy", "pydantic", "fastapi", "starlette", "rich", "apscheduler", "cryptography")
HEAVY += ("babel", "typst", "pypdf")
TYPED = """
import json, sys
sys.path.insert(0, {root!r})
sys.argv = ["tally", *{words!r}]
from cli import main
try:
    main()
except SystemExit as left:
    code = left.code
print("\\n" + json.dumps([code, sorted(sys.modules)]))
"""


def modules_after(coop: Coop, *words: str) -> list[str]:
    """What a fresh interpreter has imported when this command is done."""
    source = TYPED.format(root=str(Path(__file__).parent.parent), words=words)
    done = subprocess.run(
        [sys.executable, "-c", source], env=coop.environment, capture_output=True, text=True, check=True
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stderr
    assert "ledger.doors" in modules
    return modules


def heavy(modules: list[str]) -> list[str]:
    return [module for module in modules if module.partition(".")[0] in HEAVY]


@pytest.mark.parametrize("words", [("--help",), ("log", "--help"), ("--version",)], ids=" ".join)
def test_help_loads_nothing_heavy(tmp_path, words):
    assert heavy(modules_after(Coop(tmp_path), *words)) == []


@pytest.mark.parametrize(
    "words",
    [("log", "1h30", "mended the roof", "--role", "care"), ("status",), ("start", "roof", "--role", "care")],
    ids=lambda words: words[0],
)
def test_logging_work_with_an_open_key_loads_nothing_heavy(tmp_path, words):
    coop = forge(tmp_path, "Ana")

    assert heavy(modules_after(coop, *words)) == []
    assert coop.size == (2 if words[0] == "log" else 1)


def test_help_does_not_even_open_a_database(tmp_path):
    modules = modules_after(Coop(tmp_path), "--help")

    assert not {"sqlite3", "nacl", "msgspec", "ledger.store"} & set(modules)


def test_a_heavy_import_would_be_noticed():
    assert heavy(["json", "rich.table", "richer"]) == ["rich.table"]
