"""The files that hold the log's keys: the present one, the one before, the one to come, in the ledger's folder.

From the day a change is asked for the key to come signs every head beside the present one. When enough treasurers
have said so they change places; 31 days later the old file goes. Every step can be stopped anywhere and done again.
A key with which something is yet to be opened, as the ballots of a sealed vote, is laid aside until that is done.
"""

import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from ledger import log_keys
from ledger.anchor import one_at_a_time
from ledger.errors import NoKey, NoteError
from ledger.keys import Key, new_key, read_key, write_key
from ledger.log import KEY, NEXT_KEY, OLD_KEY
from ledger.state import State

LOCK = ".log-keys.lock"
ASIDE = "log-aside-{}.key"


def key_to_come(folder: Path) -> Key:
    """The key that is to sign next: the one that lies here already, or a new one."""
    path = folder / NEXT_KEY
    if not path.exists():
        write_key(path, new_key())
    return read_key(path)


def present(folder: Path, state: State, now: int) -> Key:
    """The newest key of the log that lies here and is valid now. Raises NoKey where none does."""
    for wanted in log_keys.valid(state, now):
        if (key := held(folder, wanted)) is not None:
            return key
    raise NoKey("The log's key does not lie here.", "Whoever keeps the ledger's folder asks for the change: see --out.")


def held(folder: Path, wanted: str) -> Key | None:
    """The key of the log with this public half (hex), if it lies here, whether it still signs or not."""
    for path in (folder / KEY, folder / NEXT_KEY, folder / OLD_KEY, *aside(folder)):
        if _holds(path, (wanted,)):
            return read_key(path)
    return None


def aside(folder: Path) -> list[Path]:
    """The files of keys that sign no more and are kept because something is yet to be opened with them."""
    return sorted(folder.glob(ASIDE.format("*")))


def settle(folder: Path, state: State, now: int, note: bytes, needed: Callable[[], Collection[str]]) -> None:
    """Put the files where the log says they belong; does nothing where they do already, or where there are none.

    `needed` tells the keys (hex) with which something is yet to be opened.
    """
    if not any((folder / name).exists() for name in (NEXT_KEY, OLD_KEY)) and not aside(folder):
        return
    with one_at_a_time(folder / LOCK):
        if _holds(folder / NEXT_KEY, (state.log_key,)):
            _change_places(folder)
        old, wanted = folder / OLD_KEY, needed()
        if old.exists() and not _holds(old, log_keys.valid(state, now)) and _is_signed(note, state):
            _lay_aside(old)
        for path in aside(folder):
            if not _holds(path, tuple(wanted)):
                path.unlink()


def _holds(path: Path, keys: Sequence[str]) -> bool:
    return path.exists() and read_key(path).public.hex() in keys


def _change_places(folder: Path) -> None:
    if (folder / OLD_KEY).exists() and read_key(folder / OLD_KEY).public != read_key(folder / KEY).public:
        _lay_aside(folder / OLD_KEY)  # that of a change not long ago
    draft = folder / f".{OLD_KEY}"
    draft.unlink(missing_ok=True)
    os.link(folder / KEY, draft)
    os.replace(draft, folder / OLD_KEY)
    os.replace(folder / NEXT_KEY, folder / KEY)


def _lay_aside(path: Path) -> None:
    os.replace(path, path.with_name(ASIDE.format(read_key(path).public.hex()[:16])))


def _is_signed(note: bytes, state: State) -> bool:
    """Whether the newest key signed this head: whoever appends next must find it signed by a key that lies here."""
    try:
        log_keys.open_head(note, state.origin, [state.log_key])
    except NoteError:
        return False
    return True
