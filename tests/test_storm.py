"""Two schedulers and more, killed at any moment, clocks that jump, months off, a rule changed within a period.

Whatever happens, each period is closed once, computed once, complete, and what one undisturbed process makes of the
same facts. TALLY_STORM=100 makes it so many scenes longer (each starts eighteen processes), TALLY_STORM_SEED another.
What chance decides follows from the seed; when the machine lets whom go on does not.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger import entry
from ledger.book import Book
from payouts import state
from payouts.bank.paying import LIVE, SETTLED
from payouts.compute import computed_run
from tests.postgres import database
from tests.storm import Scene, Storm, folded, leaves_of, replayed
from tests.village import parts

MORE = int(os.environ.get("TALLY_STORM", "0"))
ROUNDS = 2
SEED = int(os.environ.get("TALLY_STORM_SEED", "5"))
SCENES = (
    Scene("2025-08-06T10:00:00Z", refs=("INV-1", "OUT-1")),
    # Wednesday: the cut-off of the first week is about to come, and somebody wants another rule.
    Scene("2025-08-06T21:59:58Z", refs=("INV-2",), rule="2026"),
    # Nobody looked for ten weeks; the clocks went back on 26 October, and the cut-off of that week is 23:00 UTC.
    Scene("2025-10-22T12:00:00Z", refs=("INV-4", "OUT-22")),
    Scene("2025-10-29T22:59:57Z", refs=("INV-5",)),
    # Months off. The clocks go forward on 29 March; that week's cut-off is 22:00 UTC, and the rule changes in it.
    Scene("2026-03-25T12:00:00Z", refs=("INV-6",), rule="2027"),
    Scene("2026-04-01T21:59:57Z", refs=("INV-7", "OUT-333")),
)
LATER = date(2026, 5, 5)
SCENES += tuple(Scene(f"{LATER + timedelta(days=17 * n)}T22:00:01Z", refs=(f"INV-{n}-more",)) for n in range(MORE))
CALM = f"{LATER + timedelta(days=17 * MORE)}T09:00:00Z"


class Aftermath:
    """What a storm left, and what a clean process makes of it."""

    def __init__(self, folder: Path, scenes: tuple[Scene, ...], rounds: int, *options: str) -> None:
        self.storm, self.scenes = Storm(folder, SEED, *options), scenes
        self.storm.blow(scenes, rounds, 0.9)
        self.storm.settle(CALM)
        with self.storm.opened("Emil") as ledger:
            self.elsewhere = ledger.book
        with self.storm.opened("Ana") as ledger:
            self.book, self.leaves = ledger.book, leaves_of(ledger.log)
            words = ledger.log.private_between(0, len(self.leaves)).values()
            self.calm = replayed(ledger.log, self.storm.keys(), self.storm.before, self.leaves[-1][2])
        self.words = [kept.words for held in words for kept in held.values()]
        self.again = folded(self.leaves)

    def said(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of all entries of a kind."""
        read = [entry.read(data) for data, _, _ in self.leaves]
        return [msgspec.json.decode(one.body) for one in read if one.kind == kind]


@pytest.fixture(scope="module", params=["folder", "database"])
def after(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """The storm of this seed over a log in a folder, and a shorter one over a log in a database."""
    folder = tmp_path_factory.mktemp("storm")
    if request.param == "folder":
        yield Aftermath(folder, SCENES, ROUNDS)
    else:
        with database() as db:
            yield Aftermath(folder, SCENES[1:5:3], ROUNDS, "--db", db.app)


def test_nothing_went_wrong_but_kills_and_refusals_in_words(after: Aftermath) -> None:
    assert after.storm.noted("faults") == []
    assert after.storm.killed > 9, (after.storm.killed, after.storm.started)


def test_each_period_is_closed_once_and_computed_once_in_order_and_none_is_missing(after: Aftermath) -> None:
    due = [row.id for row in after.book.ledger.calendar if row.cut <= after.leaves[-1][2]]

    assert len(due) > 30
    assert [one["period"] for one in after.said("payouts.closed")] == due
    assert [one["period"] for one in after.said("payouts.computed")] == due


def test_every_home_and_one_clean_process_come_to_the_same_digests_accounts_and_books(after: Aftermath) -> None:
    digests = [one["digest"] for one in after.said("payouts.computed")]

    assert [run.digest for run in state.of(after.again).runs.values()] == digests
    assert parts(after.again) == parts(after.book) == parts(after.elsewhere)


def paid(book: Book) -> dict[str, Any]:
    """All that runs gave, without what depends on where in the log they stand."""
    found = {}
    for period, run in state.of(book).runs.items():
        computed = computed_run(book, period)
        money = [(one.incoming, one.amount, one.ref, one.booked) for one in computed.pin.money]
        found[period] = (run.rule, money, computed.pin.people, computed.result.lines, computed.result.debts)
    return found


def test_a_process_that_was_never_late_pays_the_same_from_the_same_facts(after: Aftermath) -> None:
    stormy, calm = state.of(after.book), state.of(after.calm)

    assert paid(after.book) == paid(after.calm)
    assert len({run.rule for run in stormy.runs.values()}) == 3
    assert stormy.accounts == calm.accounts
    assert sum(stormy.accounts.values()) == 0
    assert {eid: (one.amount, one.status) for eid, one in stormy.payments.items()} == {
        eid: (one.amount, one.status) for eid, one in calm.payments.items()
    }


def test_what_was_told_to_be_done_is_there_once_and_what_was_killed_at_most_once(after: Aftermath) -> None:
    done = after.storm.noted()
    refs = Counter(one["ref"] for kind in ("received", "spent") for one in after.said(f"payouts.{kind}"))
    notes = Counter(after.words)

    assert refs == dict.fromkeys((ref for scene in after.scenes for ref in scene.refs), 1)
    worked = [one for one in done if ".works " in one]
    assert len(worked) > 5
    assert {note: notes[note] for note in worked} == dict.fromkeys(worked, 1)
    assert max(notes[note] for note in notes if ".works " in note) == 1


def test_each_payment_stands_in_one_live_file_and_nobody_is_paid_twice(after: Aftermath) -> None:
    own, folder = state.of(after.book), after.storm.folder
    alive = Counter((one.period, one.payee) for one in own.payments.values() if one.status in (*LIVE, SETTLED))
    files = {sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.xml")}
    booked = Counter[str]()
    for one in own.payments.values():
        booked[one.payee] += one.amount if one.status == SETTLED else 0
    got = Counter[str]()
    for period in own.runs:
        for line in computed_run(after.book, period).result.lines:
            got[line.to] += line.amount if line.account == "balance" else 0

    assert own.exports, after.storm.noted("refused")[-9:]
    assert set(alive.values()) == {1}
    assert files <= {one.file for one in own.exports.values()}
    assert all(booked[person] + -own.accounts.get(f"balance:{person}", 0) == got[person] for person in got)
