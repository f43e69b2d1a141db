"""A cooperative's log in all weathers: some known runs and some that nobody has seen, each from one seed.

And proof that the simulator can fail: with one safeguard taken away, some run does.
"""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger import clock, erasure, evidence, intake, people, sending
from ledger.book import Book
from ledger.errors import TallyError
from ledger.log import Log
from ledger.outbox import Outbox
from ledger.peers import add_checkpoint, copying
from ledger.peers.add_checkpoint import Approved, signed
from ledger.store import SqliteLog
from tests.simulator.device import Device
from tests.simulator.world import Weather, play

KNOWN = range(10)
FRESH = int.from_bytes(os.urandom(4), "big")  # the seed of the seeds nobody has seen
STEPS = 120
MOST = 12  # runs in which a missing safeguard must be noticed


def played(
    seed: int, folder: Path, tell: Callable[[str], None] = lambda _: None, weather: Weather | None = None
) -> None:
    """A run; a failure says how to see it again."""
    place = folder / str(seed)
    place.mkdir(parents=True)
    try:
        play(seed, place, STEPS, tell, weather)
    except BaseException as error:
        error.add_note(f"Play it again: .venv/bin/python -m tests.simulator {seed} {STEPS}")
        raise


def test_every_truth_holds_in_the_known_runs_which_meet_all_there_is_to_meet(tmp_path):
    told: list[str] = []
    for seed in KNOWN:
        played(seed, tmp_path, told.append)
    everything = "\n".join(told)

    for met in ("loses its power", "old copy is put back", "newest copy comes back", "second history begins"):
        assert met in everything
    for met in (
        "quicker",
        "is refused",
        "find out",
        "does not sign",
        "an echo",
        "stops:",
        "lost it",
        "signed anew",
        "queued",
    ):
        assert met in everything


@pytest.mark.parametrize("number", range(6))
def test_every_truth_holds_in_a_run_nobody_has_seen(tmp_path, number):
    played(random.Random(f"{FRESH} {number}").randrange(10**9), tmp_path)


def test_one_seed_makes_one_run(tmp_path):
    told: list[list[str]] = [[], []]
    for number, lines in enumerate(told):
        played(3, tmp_path / str(number), lines.append)

    assert told[0] == told[1]
    assert len(told[0]) > 50


# What each safeguard is for.


def nothing(*_: Any) -> None:
    """In place of a safeguard."""


@contextmanager
def committed_later(log: SqliteLog) -> Iterator[None]:
    """A transaction that is made to stand when the next one begins."""
    if log._db.in_transaction:
        log._db.execute("COMMIT")
    log._db.execute("BEGIN IMMEDIATE")
    yield


def without_the_anchor(patch: pytest.MonkeyPatch) -> None:
    """An old copy put back is signed again."""
    patch.setattr(Log, "_check_anchor", nothing)


def without_consistency(patch: pytest.MonkeyPatch) -> None:
    """A device takes whatever it is shown, as long as it is signed."""
    patch.setattr(copying, "must_go_on", nothing)
    patch.setattr(Log, "_check_anchor", nothing)
    patch.setattr(Device, "_holds_what_was_promised", nothing)


def without_promises(patch: pytest.MonkeyPatch) -> None:
    """A device forgets which heads stood in its receipts."""
    patch.setattr(Device, "_holds_what_was_promised", nothing)


def without_numbers(patch: pytest.MonkeyPatch) -> None:
    """An entry is taken in as often as it comes."""
    patch.setattr(intake, "recorded", nothing)
    patch.setattr(Book, "follows", nothing)


def without_a_clock(patch: pytest.MonkeyPatch) -> None:
    """The log stamps what its clock says, whatever it said before."""
    dice = random.Random(0)
    patch.setattr(clock, "stamp", lambda now, *_: now - dice.randint(0, 9_000_000))
    patch.setattr(Book, "follows", nothing)


def without_durability(patch: pytest.MonkeyPatch) -> None:
    """A receipt is released before the database has made its entry stand."""
    patch.setattr(SqliteLog, "transaction", committed_later)


def without_honest_witnesses(patch: pytest.MonkeyPatch) -> None:
    """A witness signs whatever its log has signed."""
    patch.setattr(add_checkpoint, "judge", lambda request, vkeys, *_: Approved(*signed(request.note, vkeys)))


def without_comparing(patch: pytest.MonkeyPatch) -> None:
    """Members who hold their heads side by side see no difference."""
    patch.setattr(evidence, "between", nothing)


def without_erasure(patch: pytest.MonkeyPatch) -> None:
    """Words that were struck out stay where they are."""
    patch.setattr(erasure, "struck", nothing)


def without_ends(patch: pytest.MonkeyPatch) -> None:
    """A key that was revoked signs on."""
    patch.setattr(people, "signing_key", lambda state, key_id, *_: state.keys[key_id])


def without_an_outbox(patch: pytest.MonkeyPatch) -> None:
    """What is said while the ledger is away is not kept."""
    patch.setattr(Outbox, "_write", nothing)


def without_looking_first(patch: pytest.MonkeyPatch) -> None:
    """What waits is sent without a look whether the log has it already."""
    patch.setattr(sending, "recorded", nothing)
    patch.setattr(intake, "recorded", nothing)


CALM = Weather(lossy=0.05, echo=0, cut=0, restore=0, misdeed=0)
MISDEED = CALM._replace(misdeed=0.1, restore=0.03)
SAFEGUARDS = {
    without_the_anchor: CALM._replace(restore=0.1),
    without_consistency: MISDEED,
    without_promises: MISDEED._replace(lossy=0.3),
    without_numbers: CALM._replace(echo=0.3),
    without_a_clock: CALM,
    without_durability: CALM._replace(cut=0.2),
    without_honest_witnesses: MISDEED,
    without_comparing: MISDEED,
    without_erasure: CALM,
    without_ends: CALM,
    without_an_outbox: CALM,
    without_looking_first: CALM._replace(lossy=0),
}
"""What is taken away, and the weather it is for."""
FIRST = {without_promises: 1, without_honest_witnesses: 1, without_looking_first: 6, without_ends: 7}
"""The run that has noticed it before is tried first; the others only when it does no more."""


@pytest.mark.parametrize("safeguard", SAFEGUARDS, ids=lambda one: one.__name__)
def test_a_safeguard_that_is_missing_is_noticed_in_some_run(tmp_path, monkeypatch, safeguard):
    safeguard(monkeypatch)
    for seed in sorted(range(MOST), key=lambda one: one != FIRST.get(safeguard)):
        try:
            played(seed, tmp_path, weather=SAFEGUARDS[safeguard])
        except (AssertionError, TallyError):
            return
    pytest.fail(f"no run noticed that it is {safeguard.__name__.replace('_', ' ')}")
