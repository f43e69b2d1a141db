"""A disk that fails at any moment: afterwards all of it is there or nothing, what was said of it is right, and a
second attempt does not count twice.

Every statement of every way in which a log changes fails once, before it is done and after, alone and with all that
follow; and so does every statement of a whole `tally log`.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ledger import note, receipt
from ledger.anchor import Anchor
from ledger.checkpoint import Checkpoint, body, sign
from ledger.database import FILE
from ledger.errors import TallyError
from ledger.keys import Key, read_key
from ledger.log import KEY, AnchorFailed, InDoubt, Leaf, Moved, NotProved
from ledger.merkle import leaf_hash, root
from ledger.private import Kept
from ledger.store import SqliteLog
from tests.faults import Fault, failing, failing_stores, faults
from tests.forge import ORIGIN, Coop, everything, forge, new_log, small_leaf

BEFORE = 255  # one more leaf fills a tile
WORDS = {"/note": Kept(bytes(32), "words to be forgotten")}
ERASING = b'{"body":{"field":"/note","index":254},"kind":"ledger.erased"}' + bytes(72)
ROOT = root([leaf_hash(small_leaf(number)) for number in range(BEFORE)])
WITNESS = Key(bytes(range(32)))


class Log(NamedTuple):
    """A folder with a log in it, as it stands before something is tried."""

    folder: Path

    def open(self) -> SqliteLog:
        """The log, opened anew."""
        return SqliteLog(self.folder, Anchor(self.folder / "anchor.json"), ORIGIN)

    def everything(self) -> dict[str, list[Any]]:
        """All that the database holds."""
        return everything(self.folder / FILE)


def add(log: SqliteLog) -> None:
    """An append that brings words and fills a tile."""
    log.append([Leaf(small_leaf(BEFORE), WORDS), Leaf(small_leaf(BEFORE + 1), {})], after=BEFORE)


def erase(log: SqliteLog) -> None:
    """An append that strikes words out."""
    log.append([Leaf(ERASING, {})], after=BEFORE)


def cosign(log: SqliteLog) -> None:
    """What two witnesses signed."""
    text = body(Checkpoint(ORIGIN, BEFORE, ROOT))
    lines = [note.cosign(text, f"witness{number}.example", WITNESS, 1_750_000_000 + number) for number in (1, 2)]
    log.keep_cosignatures(BEFORE, lines)


def copy(log: SqliteLog) -> None:
    """What a copy takes over from another log of the same key."""
    leaves = [*log.entries(0, BEFORE), small_leaf(BEFORE), small_leaf(BEFORE + 1)]
    head = Checkpoint(ORIGIN, len(leaves), root(list(map(leaf_hash, leaves))))
    signed = sign(head, read_key(log.folder / KEY))
    log.extend([Leaf(data, {}) for data in leaves[BEFORE:]], after=BEFORE, note=signed)


def accuse(log: SqliteLog) -> None:
    """A refused contradiction."""
    log.keep_evidence(1, "why", b"entry", b"signature")


def bring_words(log: SqliteLog) -> None:
    """Words that come after their entry."""
    log.private_put(3, WORDS)


def forget(log: SqliteLog) -> None:
    """Words that go."""
    log.private_erase([(BEFORE - 1, "/note")])


CHANGES: tuple[Callable[[SqliteLog], None], ...] = (add, erase, cosign, copy, accuse, bring_words, forget)


@pytest.fixture(scope="module")
def standing(tmp_path_factory) -> Log:
    """A log with words in its last entry, on which all is tried."""
    folder = tmp_path_factory.mktemp("standing")
    log = new_log(folder, BEFORE - 1)
    log.append([Leaf(small_leaf(BEFORE - 1), WORDS)], after=BEFORE - 1)
    log.close()
    return Log(folder)


def again(log: Log, folder: Path) -> Log:
    """The same log once more, in a folder of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(log.folder, folder)
    return Log(folder)


def attempt(log: SqliteLog, change: Callable[[SqliteLog], None]) -> TallyError | None:
    """Do it; what was said if it did not work."""
    try:
        change(log)
    except TallyError as error:
        return error
    return None


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_whatever_statement_fails_all_of_it_is_there_or_nothing_and_again_does_it_once(tmp_path, standing, change):
    whole = again(standing, tmp_path / "whole")
    log = whole.open()
    with failing(log, None) as seen:
        change(log)
    log.close()
    before, after = standing.everything(), whole.everything()
    assert before != after

    for fault in faults(len(seen.said)):
        tried = again(standing, tmp_path / "tried")
        log = tried.open()
        with failing(log, fault) as between:
            refused = attempt(log, change)
        log.close()
        assert between.hit, fault
        is_right(tried, before, after, refused, fault)
        log = tried.open()
        second = attempt(log, change)
        assert second is None or isinstance(second, Moved), fault
        log.check_anchor()
        log.close()
        assert tried.everything() == after, fault


def is_right(
    tried: Log, before: dict[str, list[Any]], after: dict[str, list[Any]], refused: TallyError | None, fault: Fault
) -> None:
    """The log is as it was or as it should be, and whoever asked was told which, or that it is in doubt."""
    now = tried.everything()
    assert now in (before, after), fault
    if refused is None:
        assert now == after, fault
    elif "Nothing was recorded" in refused.message:
        assert now == before, fault
    else:
        assert isinstance(refused, AnchorFailed | InDoubt | NotProved), (fault, refused)
    anchored = Anchor(tried.folder / "anchor.json").read()
    log = tried.open()
    assert anchored is not None
    assert anchored[0] <= log.head().size, "what is remembered is in the log"
    log.close()


@pytest.mark.parametrize("fault", [Fault(1), Fault(1, after=True)], ids=str)
@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_head_that_could_not_be_noted_is_told_and_the_next_append_notes_it(tmp_path, monkeypatch, moment, fault):
    log = new_log(tmp_path, 2)
    done = getattr(os, moment)

    def fails(*given: Any) -> None:
        if fault.after:
            done(*given)
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, moment, fails)
        with pytest.raises(AnchorFailed, match="in the log as entry 2"):
            log.append([Leaf(small_leaf(2), {})], after=2)
    given = log.append([Leaf(small_leaf(3), {})], after=3)

    assert receipt.parse(given[0]).index == 3
    assert log.anchor.read() == (4, log.head().root)
    log.close()


# A whole command.


def notes(coop: Coop) -> list[str]:
    """The words of all work in the log."""
    with coop.opened() as ledger:
        size = ledger.log.head().size
        return sorted(kept.words for held in ledger.log.private_between(1, size).values() for kept in held.values())


def settle(coop: Coop, words: str, code: int, said: str) -> None:
    """After a failed or doubtful `tally log`: sends what waits, says again what is not there, and looks."""
    there = notes(coop)
    if code == 0:
        assert words in there, said
    elif "Nothing was recorded" in said:
        assert words not in there, said
    coop.tally("sync")
    if words not in notes(coop):
        assert code not in (0, 75), said
        coop.must("log", "5m", words, "--role", "care")


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whatever_statement_of_a_command_fails_its_work_counts_once(tmp_path, after, for_good):
    coop, at, said = forge(tmp_path, "Ana"), 0, []
    hit = True
    while hit:
        at += 1
        with failing_stores(Fault(at, after, for_good)) as opened:
            ran = coop.tally("log", "5m", f"note {at}", "--role", "care")
        hit = any(one.hit for one in opened)
        assert "Traceback" not in ran.err
        settle(coop, f"note {at}", ran.code, ran.err)
        said.append(f"note {at}")
        assert notes(coop) == sorted(said), "each piece of work stands once"
        if at % 8 == 0 or not hit:
            assert coop.must("verify").out.startswith("OK")

    assert at > 15
    assert ran.code == 0
