"""A service at work in a process of its own, and homes that reach their ledger through it."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ledger.anchor import Anchor
from ledger.home import Known
from ledger.keys import Signer
from ledger.log import Log
from ledger.outbox import Outbox
from ledger.peers.http_signing import Asked, signed_headers
from ledger.peers.remote import Remote
from tests.forge import Coop, killed_at

ROOT = Path(__file__).parent.parent


class Got(NamedTuple):
    """An answer: status, header fields by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """The refusal in it."""
        found: dict[str, Any] = json.loads(self.body)["error"]
        return found


class Service:
    """`tally serve` of a cooperative, at an address of this machine."""

    def __init__(self, coop: Coop, *options: str, port: int = 0) -> None:
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from cli import main; main()"
        words = [sys.executable, "-c", code, "serve", "--port", str(port), *options]
        self.process = subprocess.Popen(words, env=coop.environment, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        self.said = self.process.stderr.readline()
        found = re.search(r"at (http://\S+)\. ", self.said)
        assert found, self.said + self.process.stderr.read()
        self.url = found[1]
        self.port = urlsplit(self.url).port or 0

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Got:
        """One request, as it is written here."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request(method, path, body or None, headers or {})
            answer = line.getresponse()
            return Got(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            line.close()

    def words(self, signer: Signer, start: int, end: int, **changed: Any) -> Got:
        """Ask for private words as this key; what is signed may be changed."""
        query = f"start={start}&end={end}"
        asked = Asked("GET", f"127.0.0.1:{self.port}", "/private", changed.get("query", query))
        nonce = changed.get("nonce", os.urandom(16).hex())
        headers = signed_headers(signer, asked, int(time.time()) + changed.get("late", 0), nonce)
        return self.ask("GET", f"/private?{query}", headers=headers)

    def end(self, how: int = signal.SIGTERM) -> int:
        """Tell it to end; the exit code."""
        self.process.send_signal(how)
        code = self.process.wait(30)
        assert self.process.stderr is not None
        self.said += self.process.stderr.read()
        self.process.stderr.close()
        return code


@contextmanager
def serving(coop: Coop, *options: str, port: int = 0) -> Iterator[Service]:
    """The ledger of this home, served."""
    service = Service(coop, *options, port=port)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.end(signal.SIGKILL)


def far_home(coop: Coop, path: Path, who: str, url: str) -> Coop:
    """A home with this person's key alone, that reaches the ledger at a URL."""
    known = coop.home.ledger(None)
    far = Coop(path, who, coop.now)
    (path / "keys").mkdir(parents=True)
    (path / "keys" / known.slug).mkdir()
    for file in (coop.path / "keys" / known.slug).glob(f"{who.lower()}.*"):
        shutil.copy(file, path / "keys" / known.slug)
    far.home.remember(
        Known(slug=known.slug, place=url, origin=known.origin, log_key=known.log_key, founding=known.founding)
    )
    return far


STEPS = (
    *((os, name) for name in ("fsync", "replace", "unlink", "open")),
    (Path, "unlink"),
    (Log, "append"),
    (Anchor, "write"),
    (Outbox, "done"),
    (Remote, "hand_over"),
    (Remote, "_believe"),
)
"""On the way of a statement from a person to the log: what changes a file, and what is handed on."""


def command_killed_at(coop: Coop, step: int, *words: str) -> bool:
    """Run a command and kill it before the step of this number; whether it came so far."""
    return killed_at(step, lambda: coop.tally(*words), *STEPS)
