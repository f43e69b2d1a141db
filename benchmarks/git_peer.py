"""What a small group would use instead: a git repository with signed commits, per entry, in the same run."""

import os
import subprocess
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.big import ROOMS, Builder
from benchmarks.measure import wall
from benchmarks.row import Row, compared
from ledger import verify

COMMITS, ENTRIES = 60, 2_000


def rows() -> list[Row]:
    """Saying one thing and having it stand signed; and checking what was said: git beside us, one entry each."""
    with tempfile.TemporaryDirectory() as name:
        builder = Builder(Path(name))
        day = builder.book.ledger.calendar[0].first
        saying = wall(partial(_say_singly, builder, day), times=1) / COMMITS
        builder.log(ENTRIES, day, each=1)
        builder.close()
        known = builder.known
        checking = wall(lambda: verify.verify(known.place, known, ROOMS, lambda _done, _all: None, None)) / ENTRIES
    with tempfile.TemporaryDirectory() as name:
        git = _repository(Path(name))
        committing = wall(partial(_commit, git), times=1) / COMMITS
        listed = subprocess.run([*git, "rev-list", "HEAD"], check=True, capture_output=True, text=True).stdout.split()
        verifying = wall(partial(subprocess.run, [*git, "verify-commit", *listed], check=True, capture_output=True))
    return [
        compared("git commit -S, per entry", committing, saying, "one append of ours"),
        compared("git verify-commit, per entry", verifying / COMMITS, checking, "tally verify --full"),
    ]


def _say_singly(builder: Builder, day: str) -> None:
    for _ in range(COMMITS):
        builder.log(1, day)
        builder.write()


def _repository(folder: Path) -> list[str]:
    """An empty repository that signs with an SSH key and knows it; answers how git is called in it."""
    key, allowed = folder / "key", folder / "allowed"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    allowed.write_text(f"ana@example.org {key.with_suffix('.pub').read_text()}")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
    settings = {
        "gpg.format": "ssh",
        "gpg.ssh.allowedSignersFile": str(allowed),
        "user.signingkey": str(key),
        "user.name": "Ana",
        "user.email": "ana@example.org",
    }
    return ["git", "-C", str(folder), *(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))]


def _commit(git: list[str]) -> None:
    for number in range(COMMITS):
        subprocess.run([*git, "commit", "-q", "-S", "--allow-empty", "-m", f"Reviewed the parser {number}"], check=True)
