"""Moving a log from one database to another: the same entries, roots and receipts, and nobody appends to the old one.

Nothing is appended anywhere while a log moves. The new log is filled beside the old one and compared with it leaf by
leaf; then the old one refuses to grow, for good; only then does the folder name the new one. Whoever is stopped on
the way does it again, and goes on from there. Every home that shares the folder follows it.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ledger import beside, checkpoint, database
from ledger.anchor import Anchor, one_at_a_time
from ledger.errors import Usage, VerificationFailed
from ledger.home import Known
from ledger.log import KEY, Leaf, Log
from ledger.places import open_log
from ledger.postgres_making import begin
from ledger.shred import Keys
from ledger.store import SqliteLog
from ledger.store_postgres import PostgresLog

SQLITE = "sqlite"
PORTION = 8_192  # leaves that move in one transaction
DRAFT, MOVED = ".moving", ".moved"


class NotTheSame(VerificationFailed):
    """The new log is not the old one, so the old one stays in use."""


def move_log(known: Known, to: str) -> bool:
    """Move the log of a folder to the database at this address, or back to the folder's own ("sqlite").

    False when it is there already. Raises TallyError; then the old log is still in use, or this can be done again.
    """
    folder, url = Path(known.place), None if to == SQLITE else beside.checked(to)
    if not (folder / KEY).exists():
        raise Usage(f"The key of this log does not lie in {known.place}.", "Move it where the ledger itself is kept.")
    with one_at_a_time(folder / ".moving.lock"), _scratch() as anchor:
        _finish(folder, anchor, known.origin)
        now = beside.read(folder).url if beside.stands(folder) else None
        if now == url:
            return False
        if now is not None and url is not None:
            raise Usage("This log is in another PostgreSQL database.", "Move it back first: tally db move --to sqlite")
        with (
            closing(open_log(str(folder), anchor, known.origin)) as old,
            closing(_draft(folder, url, anchor, known.origin)) as new,
        ):
            _pass_on(old, new)
        _switch(folder, url)
        _finish(folder, anchor, known.origin)
    return True


@contextmanager
def _scratch() -> Iterator[Anchor]:
    """What these two logs have been seen to hold is of no use to anybody later."""
    with tempfile.TemporaryDirectory() as folder:
        yield Anchor(Path(folder) / "anchor.json")


def _draft(folder: Path, url: str | None, anchor: Anchor, origin: str) -> Log:
    """The new log, which no folder names yet: an empty one, or what a move that was stopped has left."""
    return _in_postgres(folder, url, anchor, origin) if url else _in_folder(folder, anchor, origin)


def _in_postgres(folder: Path, url: str, anchor: Anchor, origin: str) -> Log:
    name = beside.FILE + DRAFT
    where = beside.read(folder, name) if (folder / name).exists() else None
    if where is None or where.url != url:
        where = beside.fresh(url)
        begin(where)
        beside.write(folder, where, name)
    return PostgresLog(folder, anchor, origin, where)


def _in_folder(folder: Path, anchor: Anchor, origin: str) -> Log:
    draft = folder / DRAFT
    draft.mkdir(mode=0o700, exist_ok=True)
    if not (draft / database.FILE).exists():
        database.make_database(draft)
    return SqliteLog(draft, anchor, origin)


def _pass_on(old: Log, new: Log) -> None:
    """Nobody appends to the old log while this transaction is open, and once it is committed nobody can."""
    with old.transaction():
        _fill(old, new)
        compare(old, new)
        old.retire()


def _fill(old: Log, new: Log) -> None:
    """Copy what the new log lacks, in portions that each end in a head the log signed."""
    head, lines = old.head(), dict(old.witnessed())
    heads = {one.size: one for one in (*lines, head)}
    for size in sorted({*range(PORTION, head.size, PORTION), *heads}):
        at = new.head().size
        if at < size:
            note = heads[size].note if size in heads else _signed(old, size)
            new.extend(list(_leaves(old, at, size)), at, note)
        if size in heads and heads[size] in lines:
            new.keep_cosignatures(size, lines[heads[size]])
    for row in old.evidence():
        new.keep_evidence(*row)


def _leaves(old: Log, start: int, end: int) -> Iterator[Leaf]:
    words = old.private_between(start, end)
    for index, data in enumerate(old.entries(start, end), start):
        yield Leaf(data, words.get(index, {}))


def _signed(old: Log, size: int) -> bytes:
    """A head that the log may have signed when it was so long; a portion must end in one."""
    return checkpoint.sign(checkpoint.Checkpoint(old.origin, size, old.hash_of(0, size)), *old.signers(old.head()))


def compare(old: Log, new: Log) -> None:
    """Raise NotTheSame unless the new log is the old one: head, leaves, tiles, words, and what others signed."""
    head = old.head()
    _equal("heads", [head], [new.head()])
    _equal("entries", old.entries(0, head.size), new.entries(0, head.size))
    _equal("tiles", old.full_tiles(), new.full_tiles())
    _equal("roots", [head.root], [new.hash_of(0, head.size)])
    for start in range(0, head.size, PORTION):
        end = start + PORTION
        _equal("private texts", [old.private_between(start, end)], [new.private_between(start, end)])
    _equal("witnesses' signatures", old.witnessed(), new.witnessed())
    _equal("refused entries", sorted(old.evidence()), sorted(new.evidence()))


def _equal(what: str, old: Iterable[Any], new: Iterable[Any]) -> None:
    if any(one != other for one, other in zip_longest(old, new)):
        raise NotTheSame(f"The {what} of the new log and of the old one differ. The log was not moved.")


def _switch(folder: Path, url: str | None) -> None:
    """From here on every home that shares the folder opens the new log."""
    os.rename(*((folder / (beside.FILE + DRAFT), folder / beside.FILE) if url else _away(folder)))


def _away(folder: Path) -> tuple[Path, Path]:
    return folder / beside.FILE, folder / (beside.FILE + MOVED)


def _finish(folder: Path, anchor: Anchor, origin: str) -> None:
    """Clear away an old log that the folder names no more; also what a move that was stopped had left to do.

    The old log stays as it was, but for the private words: nobody could erase them there later.
    """
    if beside.stands(folder) and (folder / database.FILE).exists():
        _forget_words(SqliteLog(folder, anchor, origin))
        for end in ("", "-wal", "-shm"):
            if (folder / (database.FILE + end)).exists():
                os.rename(folder / (database.FILE + end), folder / (database.FILE + MOVED + end))
    _, away = _away(folder)
    if away.exists() and not beside.stands(folder):
        if not (folder / database.FILE).exists():
            os.rename(folder / DRAFT / database.FILE, folder / database.FILE)
        _forget_words(PostgresLog(folder, anchor, origin, beside.read(folder, away.name)))
        Keys(folder).shred_all()
        away.unlink()
        shutil.rmtree(folder / DRAFT)


def _forget_words(old: Log) -> None:
    """Erase all private words of a log, and let go of it."""
    with closing(old):
        for start in range(0, old.head().size, PORTION):
            held = old.private_between(start, start + PORTION)
            old.private_erase([(index, pointer) for index, words in held.items() for pointer in words])
