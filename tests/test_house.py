"""The house keeps its own rules: who may know whom, what is pure, where a newcomer finds things."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli import ROOMS
from ledger.doors import command
from ledger.fact import Fact, kinds

ROOT = Path(__file__).parent.parent
BELOW = {
    "ledger": ("ledger",),
    "contributions": ("ledger", "contributions"),
    "governance": ("ledger", "governance"),
    "payouts": ("ledger", "contributions", "governance", "payouts"),
    "cli": ("ledger",),
}
"""Which rooms the code of a room may import."""

PURE = (
    "ledger/canonical.py",
    "ledger/entry.py",
    "ledger/sshsig.py",
    "ledger/fact.py",
    "ledger/*facts.py",
    "ledger/erasure.py",
    "ledger/book.py",
    "ledger/state.py",
    "ledger/people.py",
    "ledger/lives.py",
    "ledger/assisting.py",
    "ledger/policies.py",
    "ledger/log_keys.py",
    "ledger/key_paper.py",
    "ledger/key_requests.py",
    "ledger/catalogue.py",
    "ledger/money.py",
    "ledger/calendar.py",
    "ledger/spans.py",
    "ledger/merkle.py",
    "ledger/tiles.py",
    "ledger/note.py",
    "ledger/checkpoint.py",
    "ledger/receipt.py",
    "ledger/contradiction.py",
    "ledger/policy.py",
    "ledger/quorum.py",
    "ledger/peers/add_checkpoint.py",
    "ledger/errors.py",
    "contributions/*facts.py",
    "contributions/disputed.py",
    "contributions/disputes.py",
    "contributions/state.py",
    "contributions/cells.py",
    "contributions/drafts.py",
    "governance/*facts.py",
    "governance/state.py",
    "governance/part.py",
    "governance/terms.py",
    "governance/profile.py",
    "governance/presets.py",
    "governance/profile_words.py",
    "governance/tally.py",
    "governance/first_form.py",
    "governance/first_form_life.py",
    "governance/contestable.py",
    "governance/ballots.py",
    "governance/boxes.py",
    "governance/casting.py",
    "governance/words.py",
    "governance/delegating.py",
    "governance/lots.py",
    "governance/life.py",
    "governance/opening.py",
    "governance/leaving.py",
    "governance/doubts.py",
    "governance/days.py",
    "governance/rolls.py",
    "governance/locks.py",
    "governance/unsealing.py",
    "governance/constituencies.py",
    "governance/ruling.py",
    "governance/ask_text.py",
    "governance/asked.py",
    "governance/proposable.py",
    "governance/cranks.py",
    "governance/matters/*.py",
    "governance/messages.py",
    "governance/letters.py",
    "governance/noticing.py",
    "governance/grouped.py",
    "governance/counted.py",
    "governance/tied.py",
    "governance/pairwise.py",
    "governance/highest.py",
    "governance/hurdles.py",
    "governance/market.py",
    "governance/scottish.py",
    "governance/blt.py",
    "governance/abif.py",
    "governance/foreign_ballots.py",
    "governance/by_name.py",
    "governance/consenting.py",
    "governance/outcomes.py",
    "governance/count_*.py",
    "governance/evidence_of_count.py",
    "governance/recounted_*.py",
    "governance/recounting.py",
    "governance/turn.py",
    "governance/rule*.py",
    "governance/weights.py",
    "governance/among.py",
    "governance/flow*.py",
    "governance/rates.py",
    "governance/moving.py",
    "governance/measures.py",
    "governance/runnable.py",
    "governance/run*.py",
    "governance/ring.py",
    "governance/sealing.py",
    "governance/rules/*.py",
    "governance/voting/*.py",
    "payouts/*facts.py",
    "payouts/bank/iban.py",
    "payouts/approvers.py",
    "payouts/policies.py",
    "payouts/bank/paying.py",
    "payouts/bank/payment_ids.py",
    "payouts/bank/due_payments.py",
    "payouts/parties/payees.py",
    "payouts/parties/party_dues.py",
    "payouts/parties/foreign.py",
    "payouts/parties/currencies.py",
    "payouts/bank/details_sealing.py",
    "payouts/bank/bank_words.py",
    "payouts/bank/bank_file.py",
    "payouts/bankfiles/*.py",
    "payouts/bank/bank_check.py",
    "payouts/bank/nacha_check.py",
    "payouts/bank/us_account.py",
    "payouts/bank/xml_lines.py",
    "payouts/bank/bank_lines.py",
    "payouts/bank/bank_table.py",
    "payouts/bank/pain001.py",
    "payouts/bank/camt053.py",
    "payouts/bank/pain002.py",
    "payouts/bank/matching.py",
    "payouts/corrections/correcting.py",
    "payouts/parties/crediting.py",
    "payouts/corrections/late_work.py",
    "payouts/corrections/standing.py",
    "payouts/corrections/amending.py",
    "payouts/corrections/amended_held.py",
    "payouts/corrections/receipts.py",
    "payouts/corrections/amended_years.py",
    "payouts/years/year_late.py",
    "payouts/years/book_years.py",
    "payouts/sums.py",
    "payouts/capital/capital_terms.py",
    "payouts/capital/capital_kept.py",
    "payouts/capital/capital_moves.py",
    "payouts/capital/capital_compute.py",
    "payouts/capital/capital_free.py",
    "payouts/capital/capital_years.py",
    "payouts/departed/heirs_kept.py",
    "payouts/departed/heirs.py",
    "payouts/unapproved.py",
    "payouts/departed/unclaimed_kept.py",
    "payouts/departed/unclaimed.py",
    "payouts/years/year_run.py",
    "payouts/years/year_inputs.py",
    "payouts/years/year_compute.py",
    "payouts/years/year_words.py",
    "payouts/years/taxes.py",
    "payouts/looking/anomalies.py",
    "payouts/looking/over_time.py",
    "payouts/looking/recognition.py",
    "payouts/approval.py",
    "payouts/looking/concentration.py",
    "payouts/looking/roles.py",
    "payouts/looking/reruns.py",
    "payouts/looking/options.py",
    "payouts/kept.py",
    "payouts/seen.py",
    "payouts/books/aging.py",
    "payouts/books/minima.py",
    "payouts/state.py",
    "payouts/inputs.py",
    "payouts/compute.py",
    "payouts/amounts.py",
    "payouts/figures.py",
    "payouts/bank/payable.py",
    "payouts/taken_off/deductions.py",
    "payouts/taken_off/taking_off.py",
    "payouts/held_money.py",
    "payouts/holding.py",
    "payouts/statements/statement_steps.py",
    "payouts/statements/statement_carried.py",
    "payouts/statements/statement_page.py",
    "payouts/statements/locales.py",
    "payouts/pages/html.py",
    "payouts/pages/style.py",
    "payouts/books/chart.py",
    "payouts/books/postings.py",
    "payouts/books/replay.py",
    "payouts/books/stated.py",
    "payouts/books/journal.py",
    "payouts/books/plain_text.py",
    "payouts/exports/*.py",
)
"""Files without clock, file, network, SQL, printing or randomness: the same answer on every machine."""

WORLD = frozenset(
    [
        "asyncio",
        "fcntl",
        "getpass",
        "http",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "platformdirs",
        "random",
        "secrets",
        "select",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "sqlalchemy",
        "sqlmodel",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
        "zoneinfo",
        "rich",
        "click",
    ]
)
"""Modules that reach outside of a computation."""

WORLDLY_CALLS = frozenset(["print", "open", "input", "exec", "eval", "now", "utcnow", "today"])
FROM_KEYS = frozenset(["verify", "valid_point", "key_id", "Signer", "SIGNATURE_SIZE", "PUBLIC_SIZE"])
"""What pure files take from `ledger/keys.py`: it keeps keys in files too, but these only compute."""

REGISTERS = (
    "governance/rules",
    "governance/voting",
    "governance/matters",
    "contributions/imports",
    "payouts/exports",
    "payouts/bankfiles",
)
LAZY = ("commands.py", "pages.py", "doors.py")


def sources() -> dict[str, str]:
    """Every file of the rooms, by its path from the root."""
    paths = [ROOT / "cli.py", *(path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


SOURCES = sources()


def imports(source: str) -> Iterator[tuple[str, str | None]]:
    """(module, name) of every import, also of those inside functions; the name is None for `import module`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out in full"
            yield from ((node.module or "", alias.name) for alias in node.names)


def wrong_rooms(path: str, source: str) -> list[str]:
    """The rooms a file imports from and may not."""
    room = path.partition("/")[0].removesuffix(".py")
    heads = {module.partition(".")[0] for module, _ in imports(source)}
    return sorted(head for head in heads if head in BELOW and head not in BELOW[room])


def path_of(module: str, name: str | None) -> str | None:
    """The file of the house that an import means, if it is one."""
    for dotted in (f"{module}.{name}", module):
        for spelled in (f"{dotted.replace('.', '/')}.py", f"{dotted.replace('.', '/')}/__init__.py"):
            if spelled in SOURCES:
                return spelled
    return None


def is_worldly(path: str) -> bool:
    """Whether a file of the house reaches outside by itself."""
    return any(module.partition(".")[0] in WORLD for module, _ in imports(SOURCES[path]))


def impurities(source: str) -> list[str]:
    """What in this source reaches outside of a computation, by itself or through a file of the house."""
    found = []
    for module, name in imports(source):
        ours = path_of(module, name)
        if ours == "ledger/keys.py" and name in FROM_KEYS:
            continue
        if module.partition(".")[0] in WORLD or (module == "importlib" and name == "resources"):
            found.append(f"imports {module}")
        elif ours is not None and is_worldly(ours):
            found.append(f"imports {ours}, which reaches outside")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in WORLDLY_CALLS:
                found.append(f"calls {called}")
    return found


def late_imports(path: str, source: str) -> list[int]:
    """Lines with an import inside a function that give no reason for it."""
    lines = source.splitlines()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.Lambda)]
    inside = [node for function in functions for node in ast.walk(function)]
    found = {node.lineno for node in inside if isinstance(node, ast.Import | ast.ImportFrom)}
    if path.endswith(LAZY):
        return []
    # Lines that follow one another share the reason that stands on the first of them.
    excused: set[int] = set()
    for line in sorted(found):
        _, marked, reason = lines[line - 1].partition("noqa: PLC0415")
        if marked and (len(reason.strip(" ()")) > 10 or line - 1 in excused):
            excused.add(line)
    return sorted(found - excused)


def pure_files() -> list[str]:
    return sorted({path.relative_to(ROOT).as_posix() for pattern in PURE for path in ROOT.glob(pattern)})


@pytest.mark.parametrize("path", SOURCES)
def test_a_room_knows_only_the_rooms_below_it(path):
    assert wrong_rooms(path, SOURCES[path]) == []


def test_an_import_from_above_would_be_noticed():
    assert wrong_rooms("ledger/book.py", "def act():\n    from governance.state import of") == ["governance"]
    assert wrong_rooms("governance/facts.py", "import contributions.state") == ["contributions"]
    assert wrong_rooms("contributions/facts.py", "from governance import state") == ["governance"]
    assert wrong_rooms("contributions/facts.py", "import payouts") == ["payouts"]


@pytest.mark.parametrize("pattern", PURE)
def test_every_pure_file_is_there(pattern):
    assert list(ROOT.glob(pattern))


def test_no_file_is_called_pure_twice_and_no_errand_stands_twice_on_the_map():
    errands = [line.split("|")[1] for line in (ROOT / "docs/ARCHITECTURE.md").read_text().splitlines() if "|" in line]
    errands = [one for one in errands if set(one) - set("- ")]

    assert len(PURE) == len(set(PURE))
    assert [one for one in errands if errands.count(one) > 1] == []


@pytest.mark.parametrize("path", pure_files())
def test_what_decides_or_pays_asks_no_clock_file_or_chance(path):
    assert impurities(SOURCES[path]) == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import os.path",
        "from random import choice",
        "from pathlib import Path",
        "def roll():\n    import secrets",
        "from ledger.clock import now",
        "from ledger import store",
        "from ledger.keys import read_key",
        "from importlib import resources",
        "print('hello')",
        "open('log')",
        "from datetime import datetime\ndatetime.now()",
        "from datetime import date\ndate.today()",
    ],
)
def test_an_impure_line_would_be_noticed(source):
    assert impurities(source)


def test_a_folder_says_in_one_sentence_what_it_is_and_runs_nothing_when_it_is_imported():
    for path, source in SOURCES.items():
        folder, _, name = path.rpartition("/")
        if name != "__init__.py" or folder in REGISTERS:
            continue
        body = ast.parse(source).body

        assert len(body) == 1, path
        assert ast.get_docstring(ast.parse(source)), path


def test_a_register_lists_its_folder_and_defines_little_else():
    for folder in REGISTERS:
        source = SOURCES.get(f"{folder}/__init__.py")
        if source is None:
            continue
        assert ast.get_docstring(ast.parse(source))
        assert "pkgutil.iter_modules(__path__)" in source, folder
        assert len(source.splitlines()) < 60, folder


@pytest.mark.parametrize("path", SOURCES)
def test_imports_stand_at_the_top_unless_a_reason_stands_beside_them(path):
    assert late_imports(path, SOURCES[path]) == []


def test_a_late_import_without_a_reason_would_be_noticed():
    assert late_imports("ledger/book.py", "def act():\n    import json") == [2]
    assert late_imports("ledger/book.py", "def act():\n    import json  # noqa: PLC0415") == [2]
    assert late_imports("ledger/book.py", "def act():\n    import json  # noqa: PLC0415  (only a table needs it)") == []
    assert late_imports("ledger/commands.py", "def act():\n    import json") == []


@pytest.mark.parametrize("path", SOURCES)
def test_a_file_fits_in_a_head(path):
    source = SOURCES[path]

    assert ast.get_docstring(ast.parse(source)), "a file opens with a sentence that a member would understand"
    assert len(source.splitlines()) <= 400


@pytest.mark.parametrize("path", SOURCES)
def test_a_function_fits_in_a_glance(path):
    for node in ast.walk(ast.parse(SOURCES[path])):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            assert node.end_lineno - node.lineno < 40, f"{path}: {node.name}"


@pytest.mark.parametrize("path", SOURCES)
def test_lists_of_a_module_cannot_grow_behind_its_back(path):
    for node in ast.parse(SOURCES[path]).body:
        value = getattr(node, "value", None) if isinstance(node, ast.Assign | ast.AnnAssign) else None

        assert not isinstance(value, ast.List), f"{path}:{node.lineno} is a list; write a tuple"


@pytest.mark.parametrize("path", SOURCES)
def test_a_pattern_lets_no_newline_slip_in_at_its_end(path):
    """Python's $ also matches before a last newline, and \\d also means the digits of other scripts."""
    for node in ast.walk(ast.parse(SOURCES[path])):
        if isinstance(node, ast.keyword) and node.arg == "pattern":
            pattern = ast.literal_eval(node.value)

            assert pattern.startswith("^"), pattern
            assert pattern.endswith(r"\Z"), pattern
            assert "$" not in pattern, pattern
            assert r"\d" not in pattern, pattern


@pytest.mark.parametrize(("kind", "cls"), kinds(ROOMS).items(), ids=lambda one: one if isinstance(one, str) else "")
def test_every_statement_belongs_to_the_room_it_is_named_after(kind: str, cls: type[Fact]):
    room, _, file = cls.__module__.partition(".")

    assert room == kind.partition(".")[0]
    assert file == "facts" or file.endswith("_facts")


@pytest.mark.parametrize(("kind", "cls"), kinds(ROOMS).items(), ids=lambda one: one if isinstance(one, str) else "")
def test_every_statement_says_what_it_means_when_it_may_be_said_and_what_follows(kind: str, cls: type[Fact]):
    own = [base for base in cls.__mro__ if issubclass(base, Fact) and base is not Fact]

    assert cls.__doc__
    assert any("check" in vars(base) for base in own)
    assert any("apply" in vars(base) for base in own)


def all_commands() -> dict[str, click.Command]:
    """Every command and group of every room, as it is typed."""
    found: dict[str, click.Command] = {}

    def walk(words: str, one: click.Command) -> None:
        found[words] = one
        for name, inner in one.commands.items() if isinstance(one, click.Group) else ():
            walk(f"{words} {name}", inner)

    for room in ROOMS:
        for one in importlib.import_module(f"{room}.commands").commands:
            walk(one.name or "", one)
    return found


@pytest.mark.parametrize(("words", "one"), all_commands().items(), ids=lambda one: one if isinstance(one, str) else "")
def test_every_command_has_help_for_itself_and_its_options(words: str, one: click.Command):
    assert one.help
    assert one.help.strip().endswith(".")
    for option in one.params:
        assert isinstance(option, click.Argument) or option.help, f"{words}: {option.name}"  # type: ignore[attr-defined]


def test_a_command_always_answers_as_json_too():
    assert {"json_", "ledger", "as_", "no_input", "clock_ok"} <= {
        option.name for option in command("any")(lambda _desk: None).params
    }
