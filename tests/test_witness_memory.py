"""A witness never goes back: not when two ask at once, not when it is killed, not when its memory is damaged."""

import os
import random
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from ledger import anchor, merkle
from ledger.note import open_note, read_number
from ledger.peers.add_checkpoint import Declined, OtherSize
from ledger.peers.witness import Witness
from ledger.peers.witness_state import BadMemory
from tests.forge import in_children
from tests.test_witness_protocol import LEAVES, ORIGIN, head, request, witness


def grow(one: Witness, until: int, steps: random.Random) -> list[int]:
    """Ask again and again for greater heads, as a client does; answers the sizes that were signed."""
    old, signed = 0, []
    while old < until:
        size = min(until, old + steps.randint(0, 4))
        try:
            one.add_checkpoint(request(old, size))
        except OtherSize as other:
            old = other.size
        else:
            signed.append(size)
            old = size
    return signed


def test_threads_that_ask_at_once_never_set_it_back(tmp_path):
    one = witness(tmp_path)
    seen, stop = [], threading.Event()

    def watch() -> None:
        while not stop.is_set():
            last = one.memory.last(ORIGIN)
            seen.append(last.size if last else 0)

    watching = threading.Thread(target=watch)
    watching.start()
    with ThreadPoolExecutor(8) as pool:
        rounds = [pool.submit(grow, one, len(LEAVES), random.Random(number)) for number in range(8)]
        assert all(done.result() == sorted(done.result()) for done in rounds)
    stop.set()
    watching.join()
    assert seen == sorted(seen)
    assert one.memory.last(ORIGIN).size == len(LEAVES)


def test_processes_that_ask_at_once_sign_each_size_in_one_order(tmp_path):
    one = witness(tmp_path)
    journal = tmp_path / "journal"

    def ask(number: int) -> Callable[[], None]:
        def work() -> None:
            keep = one.memory.keep

            def noted(origin: str, note: bytes) -> None:
                keep(origin, note)
                with journal.open("a") as file:  # still under the witness's own lock
                    file.write(note.split(b"\n")[1].decode() + "\n")

            one.memory.keep = noted  # type: ignore[method-assign]
            grow(one, len(LEAVES), random.Random(number))

        return work

    assert in_children(*(ask(number) for number in range(4))) == [0] * 4
    sizes = [read_number(line) for line in journal.read_text().splitlines()]
    assert sizes == sorted(sizes)
    assert sizes[-1] == len(LEAVES)


STEPS = ("open", "fsync", "replace")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("number", range(3))
def test_killed_at_any_moment_it_remembers_all_it_gave_away(tmp_path, monkeypatch, step, after, number):
    """The child dies in the middle of the second signature; what it answered it must know afterwards."""
    one = witness(tmp_path)
    one.add_checkpoint(request(0, 5))
    real, calls = getattr(os, step), iter(range(100))
    given = tmp_path / "given"

    def dying(*words, **more):
        dies = next(calls) == number
        if dies and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*words, **more)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    child = os.fork()
    if not child:
        with monkeypatch.context() as patching:
            patching.setattr(os, step, dying)
            line = one.add_checkpoint(request(5, 9))
            patching.undo()
            given.write_text(line)
        os._exit(0)
    os.waitpid(child, 0)

    last = one.memory.last(ORIGIN)
    assert (last.size, last.root) in [(size, merkle.root(LEAVES[:size])) for size in (5, 9)]
    assert not given.exists() or last.size == 9
    one.add_checkpoint(request(last.size, 12))
    assert one.memory.last(ORIGIN).size == 12


@pytest.mark.parametrize("step", STEPS)
def test_where_it_cannot_write_it_signs_nothing(tmp_path, monkeypatch, step):
    one = witness(tmp_path)
    one.add_checkpoint(request(0, 5))
    real = getattr(os, step)

    def full(*words, **more):
        if step != "open" or words[1] & os.O_CREAT:
            raise OSError(28, "No space left on device")
        return real(*words, **more)

    with monkeypatch.context() as patching:
        patching.setattr(anchor.os, step, full)
        with pytest.raises(OSError, match="No space"):
            one.add_checkpoint(request(5, 9))
    assert one.memory.last(ORIGIN).size == 5
    one.add_checkpoint(request(5, 9))


def test_with_any_byte_of_its_memory_changed_or_lost_it_refuses_and_says_what_to_do(tmp_path):
    one = witness(tmp_path)
    one.add_checkpoint(request(0, 5))
    path, good = one.memory.path, one.memory.path.read_bytes()
    for place in range(len(good)):
        for bad in (good[:place], good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]):
            path.write_bytes(bad)
            with pytest.raises(BadMemory) as refusal:
                one.add_checkpoint(request(0, 7))
    path.unlink()
    with pytest.raises(BadMemory) as refusal:
        one.add_checkpoint(request(0, 7))
    assert "signs nothing" in refusal.value.message
    assert "Bring the newest copy" in refusal.value.hint
    path.write_bytes(good)
    one.add_checkpoint(request(5, 7))


def test_the_memory_of_another_witness_is_not_its_own(tmp_path):
    one = witness(tmp_path)
    one.add_checkpoint(request(0, 5))
    one.memory.vkey = one.memory.vkey.replace("eyes.example", "ears.example")
    with pytest.raises(BadMemory):
        one.memory.last(ORIGIN)


def test_what_stands_in_its_memory_is_the_head_with_its_own_signature(tmp_path):
    one = witness(tmp_path)
    one.add_checkpoint(request(0, 5))
    with suppress(Declined):
        one.add_checkpoint(request(5, 4))
    note = one.memory.all()[ORIGIN].note

    assert note.startswith(head(5))
    assert open_note(note, [one.vkey]).names == ("eyes.example",)
    assert Path(one.memory.path).stat().st_mode & 0o777 == 0o600
