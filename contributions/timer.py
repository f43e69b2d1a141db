"""The stop-watch of `tally start` and `tally stop`: one small file in a person's own home, nothing in the log."""

import json
from pathlib import Path

from msgspec import Struct

from ledger.anchor import write_durably
from ledger.errors import Refused


class Running(Struct, kw_only=True, frozen=True):
    """Work that has begun: since when (ms), as what, and the note so far."""

    since: int
    note: str | None
    role: str | None
    kind: str | None
    circle: str


class Timer:
    """One person's timer."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Running | None:
        """What is running, or None."""
        try:
            return Running(**json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def start(self, running: Running) -> None:
        """Begin; refused while something runs."""
        if self.read() is not None:
            raise Refused("A timer is running already.", "`tally stop` logs it, `tally stop --drop` forgets it.")
        held = {name: getattr(running, name) for name in running.__struct_fields__}
        write_durably(self.path, json.dumps(held).encode())

    def must_run(self) -> Running:
        """What is running; Refused when nothing is."""
        running = self.read()
        if running is None:
            raise Refused("No timer is running.", "`tally start` begins one.")
        return running

    def clear(self) -> None:
        """Forget it, after it was logged."""
        self.path.unlink(missing_ok=True)
