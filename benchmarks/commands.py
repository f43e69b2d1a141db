"""How long a person waits: `tally --help` and `tally log`, beside bare Python and a signed git commit."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.big import Builder
from benchmarks.measure import TALLY, command
from benchmarks.row import Row, at_most, compared
from ledger.keys import read_key, write_key

OLD, OPEN = 95_000, 5_000
PASSPHRASE = "correct horse"


def rows() -> list[Row]:
    """A ledger of 100,000 items, 5,000 of them open, with a warm snapshot."""
    bare = command([sys.executable, "-c", "pass"], {})
    found = [at_most("tally --help", command([TALLY, "--help"], {}), bare, "python -c pass", 6)]
    with tempfile.TemporaryDirectory() as folder:
        builder = Builder(Path(folder))
        list(builder.months(5, OLD, 1_000_000))
        builder.log(OPEN, builder.book.ledger.calendar[5].first)
        builder.close()
        log = [TALLY, "log", "30m", "Reviewed the parser", "--role", "code"]
        aside = {"TALLY_HOME": folder}
        found.append(at_most("tally log, open key, 100,000 items", command(log, aside), bare, "python -c pass", 12))
        locked = _lock(builder, Path(folder))
        found.append(
            at_most("tally log, key with a passphrase", command(log, aside | locked), bare, "python -c pass", 22)
        )
    found.append(compared("git commit -S", _signed_commit(), bare, "python -c pass"))
    return found


def _lock(builder: Builder, folder: Path) -> dict[str, str]:
    """The same key under a passphrase, and the file that holds it."""
    path = builder.home.key_path("riverbend", "Ana")
    key = read_key(path)
    path.unlink()
    write_key(path, key, PASSPHRASE)
    words = folder / "passphrase"
    words.write_text(PASSPHRASE)
    return {"TALLY_PASSPHRASE_FILE": str(words)}


def _signed_commit() -> float:
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        subprocess.run(["git", "init", "-q", folder], check=True)
        settings = {
            "gpg.format": "ssh",
            "user.signingkey": str(key),
            "user.name": "Ana",
            "user.email": "ana@example.org",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        commit = ["git", *options, "commit", "-q", "-S", "--allow-empty", "-m", "Reviewed the parser"]
        return command(commit, {"GIT_CONFIG_GLOBAL": os.devnull}, cwd=Path(folder))
