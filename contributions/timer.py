"""The stop-watch of `tally start` and `tally stop`: one small file in a person's own home, nothing in the log."""

from pathlib import Path

import msgspec
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
            return msgspec.json.decode(self.path.read_bytes(), type=Running)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise Refused(f"The timer's file is damaged: {self.path}.", "Remove it; nothing was logged.") from error

    def start(self, running: Running) -> None:
        """Begin; refused while something runs."""
        if self.read() is not None:
            raise Refused("A timer is running already.", "`tally stop` logs it, `tally stop --drop` forgets it.")
        write_durably(self.path, msgspec.json.encode(running))

    def must_run(self) -> Running:
        """What is running; Refused when nothing is."""
        running = self.read()
        if running is None:
            raise Refused("No timer is running.", "`tally start` begins one.")
        return running

    def clear(self) -> None:
        """Forget it, after it was logged."""
        self.path.unlink(missing_ok=True)
