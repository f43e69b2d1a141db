"""No account number and no holder's name stands where it does not belong: log, errors, process list, other homes."""

import base64
import itertools
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from ledger.doors import Commands
from tests.autumn import AUGUST, copied
from tests.bank_says import camt, entry, one
from tests.bankers import COOP, HOLDERS, IBANS, exported, payments, ready, written
from tests.riverbend import Riverbend
from tests.village import ROOMS

BELONGS = ("details-", ".account.toml", "bank.toml", "august.xml", "statement.xml")
"""Files that hold account numbers: a member's own copy, what was typed, the cooperative's account, the bank's files."""


@pytest.fixture(scope="module")
def coop(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """A month from details to a payment that came back."""
    coop = ready(tmp_path_factory.mktemp("secrets"))
    coop.join("Ana", "Emil")
    exported(coop)
    coop.ok("Ana", "payout", "sent", AUGUST)
    coop.now = "2025-09-10T09:00:00Z"
    bela = payments(coop)["Bela"]["eid"]
    back = entry("08", 58_078, one("08", 58_078, bela, "AC04", HOLDERS["Bela"], IBANS["Bela"]), "CRDT")
    gone = entry("08", 58_078, one("08", 58_078, bela, "", HOLDERS["Bela"], IBANS["Bela"]))
    coop.write("statement.xml", camt("08", [gone, back], 0))
    coop.ok("Ana", "bank", "read", "statement.xml", "--yes")
    coop.ok("Emil", "checkpoint")
    return coop


def spellings() -> set[bytes]:
    """Every account number and holder, plainly and in base64 at each of its three offsets."""
    texts = [*IBANS.values(), *HOLDERS.values(), COOP]
    found = {text.encode() for text in texts}
    for text, shift in itertools.product(texts, range(3)):
        found.add(base64.b64encode(b"\0" * shift + text.encode())[4:-4])
    return found


def test_nothing_personal_stands_in_the_log_or_in_anybody_elses_files(coop: Riverbend) -> None:
    looked, secret = 0, spellings()
    for path in coop.folder.rglob("*"):
        if not path.is_file() or any(mark in path.name for mark in BELONGS):
            continue
        looked += 1
        data = path.read_bytes()
        assert not [one for one in secret if one in data], path

    assert looked > 10
    assert (coop.folder / "founders" / "ledgers" / "riverbend" / "log.sqlite").exists()


def test_what_holds_it_is_readable_by_its_owner_alone_or_was_written_by_hand(coop: Riverbend) -> None:
    for path in coop.folder.rglob("*"):
        if path.is_file() and any(mark in path.name for mark in ("details-", "bank.toml", "august.xml")):
            assert path.stat().st_mode & 0o077 == 0, path


def test_no_answer_and_no_error_tells_it_to_who_may_not_see_it(coop: Riverbend) -> None:
    tries = (
        ("payout", "details", "show", "Chidi"),
        ("payout", "details", "check"),
        ("payout", "details", "reseal"),
        ("payout", "payments"),
        ("payout", "show", AUGUST),
        ("statement", "Chidi", AUGUST),
        ("report", "accounts"),
        ("bank", "check", "august.xml", "--against", AUGUST),
        ("payout", "export", AUGUST, "--date", "today", "--out", "x.xml", "--yes"),
    )
    for words, as_json in itertools.product(tries, ((), ("--json",))):
        said = coop.run("Emil", *words, *as_json)
        for one_ in (*IBANS.values(), *HOLDERS.values(), COOP):
            assert one_ not in said.out + said.err, words


def test_errors_about_bad_files_do_not_repeat_what_is_in_them(coop: Riverbend, tmp_path: Path) -> None:
    coop = copied(coop, tmp_path)
    wrong = IBANS["Chidi"][:-1] + "1"
    for text in (f'iban = "{wrong}"\nname = "Chidi"', f'iban = "{IBANS["Chidi"]}" name', f"IBAN {IBANS['Chidi']}"):
        said = coop.run("Chidi", "payout", "details", "set", "--file", coop.write("bad.account.toml", text))
        assert said.code != 0
        assert wrong[:12] not in said.out + said.err
    coop.write("bad.xml", (coop.folder / "august.xml").read_text().replace(IBANS["Chidi"], wrong))
    said = coop.run("Ana", "bank", "check", "bad.xml")

    assert ("iban" in said.err, wrong in said.err) == (True, False)


def test_no_command_takes_an_account_number_as_an_argument() -> None:
    def walk(command: click.Command) -> list[click.Parameter]:
        inner = command.commands.values() if isinstance(command, click.Group) else ()
        return [*command.params, *(one for sub in inner for one in walk(sub))]

    assert not [one.name for one in walk(Commands(ROOMS)) if one.name in ("iban", "bic", "holder")]


def test_nothing_personal_is_seen_in_the_process_list_while_details_are_set(tmp_path: Path) -> None:
    coop = ready(tmp_path, but="Dilek")
    file = written(coop, "Dilek", IBANS["Dilek"], HOLDERS["Dilek"])
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent.parent)!r}); from cli import main; main()"
    environment = {"TALLY_HOME": str(tmp_path / "founders"), "TALLY_NOW": coop.now, "TALLY_AS": "Dilek"}
    child = subprocess.Popen(
        [sys.executable, "-c", code, "payout", "details", "set", "--file", file],
        env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    seen = b""
    while child.poll() is None:
        for name in ("cmdline", "environ"):
            try:
                seen += Path(f"/proc/{child.pid}/{name}").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
        time.sleep(0.005)
    out, err = child.communicate()

    assert child.returncode == 0, err
    assert b"details" in seen or not Path("/proc/self/cmdline").exists()
    for place in (seen, out, err):
        assert not [secret for secret in spellings() if secret in place and secret != b""]
