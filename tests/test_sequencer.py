"""Many speak at once and one hand writes: each gets its receipt, nobody waits for ever, nobody fills the memory."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from cli import ROOMS
from ledger import entry, receipt
from ledger.book import BadSignature, Book, SequenceTaken
from ledger.composing import numbered
from ledger.entry import Seen, split_leaf
from ledger.errors import NoKey, NotCanonical, Refused, TallyError
from ledger.keys import Key, new_key, read_key
from ledger.log import InDoubt, StoreFailed
from ledger.note import vkey
from ledger.opened import Ledger
from ledger.outbox import Signed
from ledger.private import Kept, Text
from ledger.sequencer import Allowances, Sequencer, Stopped, TooMany
from tests.forge import Coop, forge
from tests.signing import item

LOGGED = "contributions.logged"


@pytest.fixture
def coop(tmp_path) -> Coop:
    return forge(tmp_path, "Ana", "Chidi")


@contextmanager
def sequencing(coop: Coop, **limits: Any) -> Iterator[Sequencer]:
    """A sequencer at work on the cooperative's ledger."""
    with patch.dict(os.environ, coop.environment, clear=True):
        one = Sequencer(lambda: Ledger(coop.home, coop.home.ledger(None), ROOMS), **limits)
        one.start()
        try:
            yield one
        finally:
            one.stop()


class Speaker:
    """Somebody with a key who signs statements by themselves, without asking the log in between."""

    def __init__(self, coop: Coop, name: str, sequencer: Sequencer) -> None:
        self.key: Key = read_key(next(file.path for file in coop.home.keys("riverbend") if file.name == name))
        self.book = sequencer.ledger.book
        known = self.book.ledger.keys[self.key.id]
        self.person, self.seq, self.last = known.person, known.seq, known.last
        self.seen = Seen(self.book.size, self.book.root)

    def says(self, note: str = "mended the roof", **changed: Any) -> Signed:
        """The next statement under this key."""
        body = {"items": [item("Ana", who=self.person, qty=5, note=Text(note), **changed)]}
        now = self.book.received
        self.seq += 1
        data, words = numbered(self.book, self.key, self.person, LOGGED, body, now, self.seq, self.last, self.seen)
        self.last = entry.entry_id(data)
        return Signed(data, self.key.sign(entry.preimage(entry.NAMESPACE, data)), words)


@contextmanager
def held(sequencer: Sequencer) -> Iterator[Callable[[], None]]:
    """The writing hand rests, so that statements gather; it goes on when the function is called, or at the end."""
    go, resting = threading.Event(), threading.Event()
    real = sequencer._take_in

    def waiting(*given: Any) -> None:
        resting.set()
        go.wait()
        real(*given)

    with patch.object(sequencer, "_take_in", waiting):
        sequencer.catch_up()
        resting.wait()
        try:
            yield go.set
        finally:
            go.set()


def test_what_waits_goes_in_as_one_append_and_every_receipt_proves_its_place(coop):
    with sequencing(coop) as one, patch.object(one.ledger.log, "append", wraps=one.ledger.log.append) as appended:
        ana, chidi = Speaker(coop, "Ana", one), Speaker(coop, "Chidi", one)
        said = [speaker.says(f"note {number}") for number in range(10) for speaker in (ana, chidi)]
        with held(one) as go:
            answers = [one.submit(signed) for signed in said]
            go()
        known = one.ledger.known
        places = []
        for signed, answer in zip(said, answers, strict=True):
            recorded = answer.result(10)
            assert recorded is not None
            key = vkey(known.origin, bytes.fromhex(known.log_key))
            checked = receipt.check(receipt.parse(recorded.receipt), signed.data, key)
            assert checked.index == recorded.entry.index
            places.append(checked.index)

        assert places == list(range(1, 21))
        assert appended.call_count == 1
    assert coop.must("verify").out.startswith("OK: 21 entries")


def test_a_refused_statement_fails_alone(coop):
    with sequencing(coop) as one:
        ana, chidi = Speaker(coop, "Ana", one), Speaker(coop, "Chidi", one)
        first, wrong, after = ana.says(), chidi.says(role="no such role"), ana.says()
        with held(one) as go:
            answers = [one.submit(signed) for signed in (first, wrong, after)]
            go()
        places = [answers[place].result(10) for place in (0, 2)]

        assert [place.entry.index for place in places if place] == [1, 2]
        with pytest.raises(Refused):
            answers[1].result(10)
    assert coop.size == 3


def test_the_same_statement_twice_in_one_batch_counts_once(coop):
    with sequencing(coop) as one:
        said = Speaker(coop, "Ana", one).says()
        with held(one) as go:
            twice = [one.submit(said), one.submit(said)]
            go()
        answers = [answer.result(10) for answer in twice]
        later = one.submit(said).result(10)

        assert [answer.entry.index for answer in (*answers, later) if answer] == [1, 1, 1]
    assert coop.size == 2


def test_two_statements_under_one_number_in_one_batch_are_kept_as_evidence(coop):
    with sequencing(coop) as one:
        first = Speaker(coop, "Ana", one).says("one")
        second = Speaker(coop, "Ana", one).says("another")
        with held(one) as go:
            answers = [one.submit(first), one.submit(second)]
            go()
        assert answers[0].result(10)
        with pytest.raises(SequenceTaken):
            answers[1].result(10)
    with coop.opened() as ledger:
        assert [row[2] for row in ledger.log.evidence()] == [second.data]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda said: Signed(said.data + b" ", said.signature, said.words), NotCanonical),
        (lambda said: Signed(said.data, bytes(64), said.words), BadSignature),
        (lambda said: Signed(said.data, said.signature[:-1], said.words), BadSignature),
        (lambda said: Signed(said.data, said.signature, {"/x": Kept(b"short", "words")}), TallyError),
    ],
)
def test_rubbish_does_not_even_queue(coop, change, why):
    with sequencing(coop) as one:
        said = Speaker(coop, "Ana", one).says()
        with pytest.raises(why):
            one.submit(change(said))
        assert one._waiting.empty()


def test_a_stranger_does_not_even_queue(coop):
    with sequencing(coop) as one:
        ana, stranger = Speaker(coop, "Ana", one), new_key()
        ana.key = stranger
        with pytest.raises(NoKey):
            one.submit(ana.says())


def test_who_sends_too_much_is_told_to_come_later_and_the_others_are_not_held_up(coop):
    with sequencing(coop, rate=0.001, burst=3) as one:
        ana, chidi = Speaker(coop, "Ana", one), Speaker(coop, "Chidi", one)
        for _ in range(3):
            one.submit(ana.says()).result(10)
        with pytest.raises(TooMany) as told:
            one.submit(ana.says())
        assert told.value.status == 429
        assert told.value.after >= 1
        assert one.submit(chidi.says()).result(10)


def test_an_allowance_fills_again():
    allowances = Allowances(rate=100, burst=1)
    allowances.take("key")
    with pytest.raises(TooMany):
        allowances.take("key")
    time.sleep(0.02)
    allowances.take("key")


def test_the_queue_is_bounded_and_memory_does_not_grow_with_what_is_sent(coop):
    with sequencing(coop, waiting_max=8) as one:
        said = Speaker(coop, "Ana", one).says()
        refused = 0
        with held(one):
            for _ in range(2_000):
                try:
                    one.submit(said)
                except TooMany:
                    refused += 1
            assert one._waiting.qsize() == 8
            assert refused == 2_000 - 200 + 192  # 200 pass the key's allowance, 8 of them the queue
    assert coop.size == 2


def test_when_somebody_else_wrote_first_the_batch_is_checked_again(coop):
    with sequencing(coop) as one:
        ana = Speaker(coop, "Ana", one)
        real = one.ledger.log.append

        def late(leaves: Any, after: int) -> Any:
            if coop.size == 1:
                assert coop.process("log", "5m", "quicker", "--role", "care", "--as", "Chidi").code == 0
            return real(leaves, after)

        with patch.object(one.ledger.log, "append", late):
            place = one.submit(ana.says()).result(30)
        assert place is not None
        assert place.entry.index == 2
    assert coop.must("verify").out.startswith("OK: 3 entries")


@pytest.mark.parametrize("error", [StoreFailed("The disk failed."), InDoubt("It may be there or not.")])
def test_a_store_that_fails_for_good_fails_all_that_wait_and_ends(coop, error):
    with sequencing(coop) as one:
        ana = Speaker(coop, "Ana", one)
        said = [ana.says() for _ in range(5)]
        with held(one) as go, patch.object(one.ledger.log, "append", side_effect=error):
            answers = [one.submit(signed) for signed in said]
            go()
            for answer in answers:
                with pytest.raises(type(error)):
                    answer.result(10)
        with pytest.raises(type(error)):
            one.submit(said[0])
    assert coop.size == 1


def test_an_error_nobody_thought_of_takes_nobody_else_with_it(coop):
    with sequencing(coop) as one:
        ana, chidi = Speaker(coop, "Ana", one), Speaker(coop, "Chidi", one)
        good, poison = ana.says(), chidi.says("poison")
        real = Book.admit

        def admit(book: Book, data: bytes, *given: Any) -> Any:
            if data == poison.data:
                raise KeyError("a mistake of ours")
            return real(book, data, *given)

        with patch.object(Book, "admit", admit):
            with held(one) as go:
                answers = [one.submit(poison), one.submit(good)]
                go()
            with pytest.raises(TallyError, match="an error of its own"):
                answers[0].result(10)
            assert answers[1].result(10)
    assert coop.size == 2


def test_what_waits_when_it_is_told_to_end_is_still_taken_in(coop):
    with sequencing(coop) as one:
        ana = Speaker(coop, "Ana", one)
        said = [ana.says() for _ in range(20)]
        with held(one) as go:
            answers = [one.submit(signed) for signed in said]
            threading.Timer(0.1, go).start()
            one.stop()
        assert all(answer.result(0) for answer in answers)
        with pytest.raises(Stopped):
            one.submit(said[0])
    assert coop.size == 21


def test_sixty_four_who_speak_at_once_lose_nothing(coop):
    with sequencing(coop, rate=10_000, burst=10_000) as one:
        speakers = {name: Speaker(coop, name, one) for name in ("Ana", "Chidi")}
        said = [speakers[name].says(f"{name} {number}") for number in range(64) for name in ("Ana", "Chidi")]
        gate = threading.Lock()
        order = iter(said)

        def speak(_: int) -> list[int]:
            places = []
            for _ in range(2):
                with gate:  # each key's statements arrive in their order, from whichever thread
                    answer = one.submit(next(order))
                place = answer.result(30)
                assert place is not None
                places.append(place.entry.index)
            return places

        with ThreadPoolExecutor(64) as pool:
            places = [place for both in pool.map(speak, range(64)) for place in both]
    assert sorted(places) == list(range(1, 129))
    with coop.opened() as ledger:
        inside = {split_leaf(leaf)[0] for leaf in ledger.log.entries(1, 129)}
    assert inside == {signed.data for signed in said}
    assert coop.must("verify").out.startswith("OK: 129 entries")


def test_a_place_that_cannot_be_opened_is_told_to_whoever_starts():
    def nothing() -> Ledger:
        raise StoreFailed("There is nothing here.")

    with pytest.raises(StoreFailed):
        Sequencer(nothing).start()
