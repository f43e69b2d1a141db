"""What a witness signs and what it does not: the protocol, request by request."""

import json
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import checkpoint, merkle
from ledger.checkpoint import Checkpoint
from ledger.keys import Key
from ledger.note import COSIGNATURE, cosign, note_with, open_note, sign_note, vkey
from ledger.peers import add_checkpoint
from ledger.peers.add_checkpoint import Declined, Unreadable
from ledger.peers.witness import Watched, Witness
from ledger.peers.witness_state import Memory

CASES = json.loads((Path(__file__).parent / "vectors/ledger/tlog-witness-add-checkpoint.json").read_text())
LOG = Key(sha256(b"the log").digest())
ORIGIN = "tally.invalid/witnessed"
LOG_VKEY = vkey(ORIGIN, LOG.public)
EYES = Key(sha256(b"the eyes").digest())
NOW = 1_790_000_000
LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(40)]


def witness(tmp_path: Path, watched: dict[str, list[str]] | None = None) -> Witness:
    """A witness of the log of this page, or of others, that has signed nothing yet."""
    logs = {ORIGIN: [LOG_VKEY]} if watched is None else watched
    memory = Memory(tmp_path / "memory.json", vkey("eyes.example", EYES.public, COSIGNATURE))
    memory.create()
    return Witness(
        "eyes.example", EYES, {origin: Watched(keys) for origin, keys in logs.items()}, memory, lambda _: NOW * 1000
    )


def head(size: int, leaves: list[bytes] = LEAVES) -> bytes:
    """The signed head of a log of so many of these leaves."""
    return checkpoint.sign(Checkpoint(ORIGIN, size, merkle.root(leaves[:size])), LOG)


def request(old: int, size: int, leaves: list[bytes] = LEAVES) -> bytes:
    """An honest request for these sizes."""
    proof = merkle.consistency_proof(leaves[:size], old) if 0 < old <= size else []
    return add_checkpoint.write(old, proof, head(size, leaves))


def answer(one: Witness, data: bytes) -> tuple[int, str, str]:
    """Status, body and type of what it answers over HTTP."""
    try:
        return 200, one.add_checkpoint(data) + "\n", "text/plain; charset=utf-8"
    except Declined as declined:
        return declined.status, declined.answer, declined.media


def test_the_published_requests_in_their_order_get_the_published_answers(tmp_path):
    key = bytes.fromhex(CASES["log_ed25519_pub_hex"])
    one = witness(tmp_path, {CASES["log_origin"]: [vkey(CASES["log_origin"], key)]})
    statuses = []
    for case in CASES["cases"]:
        status, body, media = answer(one, case["request_body"].encode())
        statuses.append(status)

        assert status == case["want_status"], case["name"]
        if status == 200:
            note = case["request_body"].partition("\n\n")[2] + body
            assert open_note(note.encode(), [one.vkey]).signatures[0].time == NOW
            assert body.count("\n") == 1, "its own signature and no other"
        elif status == 409:
            assert (body, media) == (case["want_body_contains"], "text/x.tlog.size")
        else:
            assert case["want_body_contains"] in body, case["name"]
    assert statuses == [200, 403, 404, 422, 422, 200, 409, 200, 409, 400, 400]


def test_a_head_that_goes_on_from_the_last_is_signed_and_nothing_else(tmp_path):
    one = witness(tmp_path)
    assert answer(one, request(0, 3))[0] == 200
    assert answer(one, request(3, 8))[0] == 200
    assert answer(one, request(8, 8))[0] == 200, "the same head once more, with a new time"
    assert answer(one, request(3, 9)) == (409, "8\n", "text/x.tlog.size")
    assert answer(one, request(3, 8))[0] == 409
    assert answer(one, request(8, 5))[0] == 400
    assert one.memory.last(ORIGIN).size == 8


def test_another_past_is_never_signed(tmp_path):
    forked = [*LEAVES[:5], *(merkle.leaf_hash(b"another %d" % number) for number in range(20))]
    one = witness(tmp_path)
    one.add_checkpoint(request(0, 8))
    for size in (8, 9, 16, 20):
        assert answer(one, request(8, size, forked))[0] == 422
    assert answer(one, add_checkpoint.write(8, [], head(8, forked)))[0] == 422
    proof = merkle.consistency_proof(LEAVES[:9], 8)
    assert answer(one, add_checkpoint.write(8, proof, head(9, forked)))[0] == 422
    assert one.memory.last(ORIGIN).root == merkle.root(LEAVES[:8])


def test_a_log_without_entries_has_the_root_of_nothing_and_needs_no_proof(tmp_path):
    one = witness(tmp_path)
    wrong = checkpoint.sign(Checkpoint(ORIGIN, 0, bytes(32)), LOG)

    assert answer(one, add_checkpoint.write(0, [], wrong))[0] == 422
    assert answer(one, add_checkpoint.write(0, [bytes(32)], head(0)))[0] == 422
    assert answer(one, request(0, 0))[0] == 200
    assert answer(one, add_checkpoint.write(0, [bytes(32)], head(4)))[0] == 422
    assert answer(one, request(0, 4))[0] == 200
    assert answer(one, request(0, 0)) == (409, "4\n", "text/x.tlog.size")


def test_the_first_reason_in_the_order_of_the_protocol_is_the_one_that_is_given(tmp_path):
    one = witness(tmp_path)
    one.add_checkpoint(request(0, 8))
    stranger = checkpoint.sign(Checkpoint("tally.invalid/other", 3, bytes(32)), LOG)
    unsigned = head(9).rpartition(b"\n\n")[0] + b"\n\n"
    extended = "\n".join((checkpoint.body(Checkpoint(ORIGIN, 9, bytes(32))) + "extension", "", "")).encode()

    assert answer(one, add_checkpoint.write(99, [], unsigned))[0] == 400
    assert answer(one, add_checkpoint.write(99, [], stranger))[0] == 404
    assert answer(one, add_checkpoint.write(99, [], head(9).replace(b"\n9\n", b"\n7\n")))[0] == 403
    assert answer(one, add_checkpoint.write(0, [], extended + head(9).rpartition(b"\n\n")[2]))[0] == 403
    assert answer(one, add_checkpoint.write(0, [], _signed_text(extended.decode()[:-1])))[0] == 400
    assert answer(one, add_checkpoint.write(10, [], head(9)))[0] == 400
    assert answer(one, add_checkpoint.write(7, [bytes(32)], head(9)))[0] == 409
    assert answer(one, add_checkpoint.write(8, [bytes(32)], head(9)))[0] == 422


def _signed_text(text: str) -> bytes:
    return sign_note(text, ORIGIN, LOG)


def test_a_request_with_any_byte_changed_or_lost_is_declined(tmp_path):
    one = witness(tmp_path)
    one.add_checkpoint(request(0, 5))
    good = request(5, 9)
    for place in range(len(good)):
        for bad in (good[:place], good[:place] + good[place + 1 :], _bumped(good, place)):
            with pytest.raises(Declined):
                one.add_checkpoint(bad)
    for bad in (b"", b"\n" + good, b" " + good, good.replace(b"\n", b"\r\n"), good + b"\n", good + b"x" * 70_000):
        with pytest.raises(Declined):
            one.add_checkpoint(bad)
    assert one.memory.last(ORIGIN).size == 5
    one.add_checkpoint(good)


def _bumped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([(data[place] + 1) % 256]) + data[place + 1 :]


def test_sizes_and_hashes_have_one_spelling_and_there_are_not_too_many():
    hashes = [bytes([number]) * 32 for number in range(64)]

    assert len(add_checkpoint.read(add_checkpoint.write(5, hashes[:63], head(9))).proof) == 63
    for top in (
        b"old 05",
        b"old +5",
        b"old 5 ",
        b"old  5",
        b"old",
        b"OLD 5",
        b"old \xd9\xa5",
        b"old 9223372036854775808",
    ):
        with pytest.raises(Unreadable):
            add_checkpoint.read(top + b"\n\n" + head(9))
    for bad in ("A" * 43 + "B", "AAAA", " " + "A" * 43 + "=", "A" * 42 + "B="):
        with pytest.raises(Unreadable):
            add_checkpoint.read(f"old 5\n{bad}\n\n".encode() + head(9))
    with pytest.raises(Unreadable):
        add_checkpoint.read(add_checkpoint.write(5, hashes, head(9)))


def test_only_its_own_signature_goes_out_and_only_what_it_checked_is_kept(tmp_path):
    one = witness(tmp_path)
    other = Key(sha256(b"another witness").digest())
    foreign = cosign(checkpoint.body(Checkpoint(ORIGIN, 3, merkle.root(LEAVES[:3]))), "other.example", other, NOW)
    line = one.add_checkpoint(add_checkpoint.write(0, [], note_with(head(3), [foreign])))

    assert line.startswith("— eyes.example ")
    kept = one.memory.last(ORIGIN).note
    assert kept == note_with(head(3), [line])
    assert one.latest(sha256(ORIGIN.encode()).hexdigest()).note == kept
    assert one.latest(sha256(b"elsewhere").hexdigest()) is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.integers(0, 12)), max_size=25))
@settings(max_examples=60, deadline=None)
def test_whatever_it_is_asked_all_it_signed_is_one_log_that_only_grew(asked: list[tuple[bool, int, int]]):
    """Two pasts of one log that part after three entries; the requests come in any order."""
    forked = [*LEAVES[:3], *(merkle.leaf_hash(b"another %d" % number) for number in range(20))]
    signed: list[tuple[int, bytes]] = []
    with tempfile.TemporaryDirectory() as folder:
        one = witness(Path(folder))
        for honest, old, size in asked:
            leaves = LEAVES if honest else forked
            with suppress(Declined):
                one.add_checkpoint(request(old, size, leaves))
                signed.append((size, merkle.root(leaves[:size])))
    assert signed == sorted(signed, key=lambda head: head[0])
    assert any(all(merkle.root(leaves[:size]) == root for size, root in signed) for leaves in (LEAVES, forked)), (
        "of one past alone"
    )
