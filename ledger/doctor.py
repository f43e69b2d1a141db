"""Whether a ledger is well kept: what would make it unsafe or stop it one day, each with what to do about it.

`tally verify` tells whether the ledger is right; this looks at everything around it: the guards of the database, who
may read which file, what this home remembers of the log, its clock, what waits to be sent, room on the disk.
"""

import shutil
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from ledger import clock, key_files
from ledger.doors import Desk
from ledger.entry import split_leaf
from ledger.errors import TallyError
from ledger.home import Home, Known
from ledger.log import KEY, NEXT_KEY, OLD_KEY, Log
from ledger.outbox import outboxes
from ledger.places import is_afar, open_log

ROOM_MIN = 200 * 1024 * 1024  # bytes; below this a year of work may not fit any more
WAL = "log.sqlite-wal"


class Finding(NamedTuple):
    """One thing that is not as it should be: about what, and what to do, in one sentence."""

    about: str
    text: str


def examine_at_desk(desk: Desk) -> None:
    """Look at the current ledger; leaves with exit code 1 when something is to be done."""
    known = desk.home.ledger(desk.slug)
    # One trouble can show in several places; it is told once.
    found = list({one.text: one for one in examine(desk, known)}.values())
    data = {"ledger": known.slug, "well": not found, "findings": [one._asdict() for one in found]}
    desk.answer(data, *([f"- {one.text}" for one in found] or [f"{known.slug} is well kept."]))
    if found:
        sys.exit(1)


def examine(desk: Desk, known: Known) -> Iterator[Finding]:
    """Everything that is not as it should be. Changes nothing."""
    home = desk.home
    yield from _files(home, known)
    yield from _room(home, known)
    yield from _waiting(home, known)
    try:
        log = open_log(str(home.folder(known)), home.anchor(known.founding), known.origin)
    except TallyError as error:
        yield Finding("log", _said(error))
        return
    with closing(log):
        yield from _tried("database", lambda: (Finding("database", text) for text in log.health()))
        if not is_afar(known.place):
            yield from _tried("key", lambda: _key(log))
        yield from _tried("head", lambda: _head(log))
        yield from _tried("clock", lambda: _clock(desk, log))
        yield from _tried("erasure", lambda: _erasure(desk, log))


def _tried(about: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What was found, or why it could not be looked at: one trouble never hides the others."""
    try:
        yield from look()
    except TallyError as error:
        yield Finding(about, _said(error))


def _said(error: TallyError) -> str:
    return f"{error.message} {error.hint}".strip()


def _files(home: Home, known: Known) -> Iterator[Finding]:
    """Keys and secrets are for their owner's eyes alone."""
    folder = home.key_path(known.slug, "any").parent
    secrets = [home.state / "secret", *(sorted(folder.glob("*.pem")) if folder.is_dir() else [])]
    if not is_afar(known.place):
        place = Path(known.place)
        secrets += [*(place / name for name in (KEY, OLD_KEY, NEXT_KEY)), *key_files.aside(place)]
    for path in secrets:
        if path.exists() and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
            yield Finding("files", f"{path} can be read or written by others (mode {mode:o}): chmod 600 {path}.")


def _room(home: Home, known: Known) -> Iterator[Finding]:
    """There is room on the disks of the ledger and of this home."""
    places = {} if is_afar(known.place) else {Path(known.place): "the ledger"}
    for path, what in {**places, home.state: "this home"}.items():
        if path.exists() and (free := shutil.disk_usage(path).free) < ROOM_MIN:
            yield Finding("disk", f"Only {free // 2**20} MB are left on the disk of {what} ({path}): make room.")


def _waiting(home: Home, known: Known) -> Iterator[Finding]:
    """Nothing that somebody signed lies here unsent."""
    for box in outboxes(home.kept(known.founding, "")):
        try:
            waiting, refused = len(box.waiting), len(box.refused)
        except TallyError as error:
            yield Finding("outbox", _said(error))
            continue
        if waiting:
            yield Finding("outbox", f"{_many(waiting, 'statement')} waiting here, not sent yet: tally sync.")
        if refused:
            yield Finding("outbox", f"{_many(refused, 'statement')} refused: tally sync --list tells why.")


def _many(count: int, what: str) -> str:
    return f"1 {what} is" if count == 1 else f"{count} {what}s are"


def _key(log: Log) -> Iterator[Finding]:
    """The log's key is at hand, and the right one. Raises WrongLogKey otherwise."""
    log.signers(log.head())
    return iter(())


def _head(log: Log) -> Iterator[Finding]:
    """The log goes on from what this home has seen, and this home has seen all of it. Raises RolledBack otherwise."""
    log.check_anchor()
    seen, size = log.anchor.read(), log.head().size
    if seen is None:
        yield Finding("head", "This home remembers no head of this log, so a rollback would go unseen: tally verify.")
    elif seen[0] < size:
        yield Finding(
            "head",
            f"This home remembers the log up to {seen[0]} entries, but it has {size}, so that the newest could be "
            "taken away unseen: tally verify.",
        )


def _clock(desk: Desk, log: Log) -> Iterator[Finding]:
    """This machine's clock fits the time at which the last entry was received."""
    size = log.head().size
    if not size:
        return
    _, _, last = split_leaf(log.entry(size - 1))
    now = desk.now
    at = f"the log's last entry was received at {clock.show(last)}, this machine's clock says {clock.show(now)}"
    if now < last - clock.BEHIND_MAX:
        yield Finding("clock", f"{at[0].upper()}{at[1:]}: set the clock right.")
    elif now > last + clock.AHEAD_MAX and not desk.ledger.book.ledger.rehearsal:
        yield Finding("clock", f"{at[0].upper()}{at[1:]}: if that is right, go on with --clock-ok.")


def _erasure(desk: Desk, log: Log) -> Iterator[Finding]:
    """No text that was erased is still held, nor lies in a file beside the database."""
    erased = desk.ledger.book.ledger.erased
    for place, by in erased.items():
        index, _, pointer = place.partition(" ")
        if pointer in log.private(int(index)):
            yield Finding(
                "erasure", f"A text of entry {index} is still held, though entry {by} erased it: tally repair."
            )
    wal = log.folder / WAL
    if erased and wal.exists() and wal.stat().st_size:
        yield Finding("erasure", f"{wal} may still hold erased texts: end all commands that use this ledger.")
