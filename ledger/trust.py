"""Before anything is read or signed: the ledger at hand is the one this home knows, and goes on from what it has seen.

A home pins a ledger by its founding entry, its name and its log's key, and remembers the newest head it has seen. A
ledger that is older than that, tells another past or is another one stops every command with a plain reason and a
file of evidence; only commands that exist to look into such trouble open the log without asking here.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ledger import evidence, log_keys
from ledger.contradiction import OtherLedger
from ledger.entry import entry_id, split_leaf
from ledger.errors import NoteError, TallyError, VerificationFailed
from ledger.home import Home, Known
from ledger.log import Log, RolledBack
from ledger.opened import Ledger
from ledger.places import is_afar, open_log


def opened(home: Home, known: Known, rooms: tuple[str, ...]) -> Ledger:
    """The ledger, open and trusted. Raises Diverged with the path of the evidence, and what opening raises."""
    try:
        ledger = Ledger(home, known, rooms)
    except VerificationFailed as error:
        if not is_afar(known.place):
            _must_be_known(home, known)
        raise error
    try:
        must_go_on(ledger, home)
    except BaseException:
        ledger.close()
        raise
    return ledger


def evidence_folder(home: Home, known: Known) -> Path:
    """Where a home keeps what proves that this ledger's log, or a member, told two stories."""
    return home.kept(known.founding, "evidence")


def must_go_on(ledger: Ledger, home: Home) -> None:
    """Raise Diverged unless the log goes on from the head this home remembers; then remember the newer one.

    Evidence is kept in this home. Raises RolledBack without any where this home remembers size and root alone, or the
    log at hand does not even give the head it signed.
    """
    log = ledger.log
    remembered = log.anchor.note()  # before the head: another process may append in between, and remember it
    head = log.head()
    try:
        log.check_anchor()
    except RolledBack as error:
        keys = log_keys.vkeys(log.origin, log_keys.chain(ledger.book.ledger))
        with suppress(evidence.Undecided):
            if remembered and (found := evidence.between(remembered, head.note, log, keys)):
                stopped = evidence.stop(evidence_folder(home, ledger.known), found)
                stopped.hint += (
                    f" Should the members decide that this log is the one to go on with, remove {log.anchor.path}."
                )
                raise stopped from error
        raise
    if head.note:
        # A home that is full or may not be written to still reads; it only remembers less.
        with suppress(OSError):
            _remember(log)


def _remember(log: Log) -> None:
    head, seen = log.head(), log.anchor.read()
    if seen is None or seen[0] < head.size or log.anchor.note() is None:
        log.anchor.write(head.size, head.root, head.note)


def _must_be_known(home: Home, known: Known) -> None:
    """Raise Diverged if another ledger lies at the place; return if it is the one, and something else ails it."""
    log = open_log(str(home.folder(known)), home.anchor(known.founding), known.origin)
    try:
        head = log.head()
        first = split_leaf(log.entry(0))[0]
        keys = log_keys.heirs([known.log_key], log.entries(0, head.size))
    except TallyError:
        return
    finally:
        log.close()
    if entry_id(first) == known.founding and _is_signed(head.note, known.origin, keys):
        return
    try:
        shown, founding = head.note.decode(), first.decode()
    except UnicodeDecodeError:
        return
    pinned = log_keys.vkeys(known.origin, [known.log_key])
    found = OtherLedger(vkeys=pinned, founding=known.founding, shown=shown, entry=founding)
    raise evidence.stop(evidence_folder(home, known), found)


def _is_signed(note: bytes, origin: str, keys: Iterable[str]) -> bool:
    try:
        log_keys.open_head(note, origin, sorted(keys))
    except NoteError:
        return False
    return True
