"""A signed note opens for whoever knows a signer, and for nobody once a byte of it has changed."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import checkpoint, merkle
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import NoteError
from ledger.keys import Key
from ledger.note import (
    COSIGNATURE,
    NotSigned,
    cosign,
    open_note,
    parse_vkey,
    read_base64,
    read_number,
    sign_note,
    vkey,
)

VECTORS = Path(__file__).parent / "vectors" / "ledger"
LOG = Key(bytes(range(32)))
WITNESS = Key(bytes(range(32, 64)))
NAME = "coop.example/ledger"
LOG_VKEY = vkey(NAME, LOG.public)
HEAD = Checkpoint(NAME, 7, bytes(range(32)))


def vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text())


NOTES = vectors("signed-note")
TESSERA = vectors("tlog-tiles-tessera")


@pytest.mark.parametrize("case", NOTES["notes"], ids=lambda case: case["desc"])
def test_notes_of_other_programs_get_their_stated_verdict(case):
    note = bytes.fromhex(case["note_hex"])
    if not case["want_ok"]:
        with pytest.raises(NoteError):
            open_note(note, case["vkeys"])
        return
    opened = open_note(note, case["vkeys"])

    assert set(opened.names) == {text.split("+")[0] for text in case["vkeys"]}
    assert note.decode().startswith(opened.text + "\n— ")


@pytest.mark.parametrize("text", NOTES["good_vkeys"])
def test_a_good_verifier_key_is_read_and_written(text):
    key = parse_vkey(text)
    assert vkey(key.name, key.public) == text


@pytest.mark.parametrize("text", [*NOTES["bad_vkeys"], "", "a+b", "a b+12345678+AAAA", LOG_VKEY + "\n", LOG_VKEY[:-1]])
def test_a_damaged_verifier_key_is_refused(text):
    with pytest.raises(NoteError):
        parse_vkey(text)


def test_two_known_keys_that_look_alike_are_refused():
    with pytest.raises(NoteError, match="same name"):
        open_note(bytes.fromhex(NOTES["notes"][1]["note_hex"]), NOTES["ambiguous_keys"]["vkeys"])


@pytest.mark.parametrize("case", NOTES["checkpoint_bodies"], ids=lambda case: case["text"].split("\n")[1])
def test_checkpoint_texts_get_their_stated_verdict(case):
    if not case["want_ok"]:
        with pytest.raises(NoteError):
            checkpoint.parse(case["text"])
        return
    head = checkpoint.parse(case["text"])

    assert head.size == case["size"]
    assert base64.b64encode(head.root).decode() == case["root"]
    assert checkpoint.body(head) == case["text"]


def test_the_checkpoints_of_a_real_log_are_rebuilt_and_their_signatures_fit():
    leaves = [merkle.leaf_hash(text.encode()) for text in TESSERA["entries_text"]]
    for size, note in TESSERA["checkpoints"].items():
        head = open_checkpoint(note.encode(), TESSERA["vkey"])

        assert head == Checkpoint(TESSERA["origin"], int(size), merkle.root(leaves[: int(size)]))
        assert note.startswith(checkpoint.body(head))


def test_requests_to_a_witness_open_with_the_keys_of_their_log_alone():
    cases = vectors("tlog-witness-add-checkpoint")
    log = vkey(cases["log_origin"], bytes.fromhex(cases["log_ed25519_pub_hex"]))
    verdicts = []
    for case in cases["cases"]:
        note = case["request_body"].partition("\n\n")[2].encode()
        try:
            checkpoint.parse(open_note(note, [log]).text)
            verdicts.append("good")
        except NotSigned:
            verdicts.append("not signed")
        except NoteError:
            verdicts.append("malformed")

    expected = {403: "not signed", 404: "not signed", 400: "malformed"}
    assert verdicts == [expected.get(case["want_status"], "good") for case in cases["cases"]]


def test_a_checkpoint_we_sign_opens_with_our_key_and_no_other():
    note = checkpoint.sign(HEAD, LOG)

    assert open_checkpoint(note, LOG_VKEY) == HEAD
    with pytest.raises(NotSigned):
        open_checkpoint(note, vkey(NAME, WITNESS.public))
    with pytest.raises(NotSigned):
        open_checkpoint(note, vkey("other.example", LOG.public))


def test_a_checkpoint_of_another_log_is_refused_though_this_log_signed_it():
    note = sign_note(checkpoint.body(Checkpoint("other.example", 7, bytes(32))), NAME, LOG)

    with pytest.raises(NoteError, match="is of 'other"):
        open_checkpoint(note, LOG_VKEY)


def test_a_changed_byte_or_a_cut_anywhere_closes_the_note():
    note = checkpoint.sign(HEAD, LOG)
    for place in range(len(note)):
        for change in (1, 0x20, 0x80):
            changed = note[:place] + bytes([note[place] ^ change]) + note[place + 1 :]
            with pytest.raises(NoteError):
                open_checkpoint(changed, LOG_VKEY)
    for start in range(len(note)):
        for end in range(start + 1, len(note) + 1):
            if (start, end) != (0, len(note)):
                with pytest.raises(NoteError):
                    open_checkpoint(note[start:end], LOG_VKEY)


def test_a_line_of_an_unknown_key_is_passed_over_and_a_bad_line_of_a_known_key_is_not():
    note = checkpoint.sign(HEAD, LOG)
    other = sign_note(checkpoint.body(HEAD), "neighbour.example", WITNESS).rpartition(b"\n\n")[2]
    forged = sign_note("another text\n", NAME, LOG).rpartition(b"\n\n")[2]

    assert open_note(note + other, [LOG_VKEY]).names == (NAME,)
    assert open_note(note + other, [LOG_VKEY, vkey("neighbour.example", WITNESS.public)]).names == (
        NAME,
        "neighbour.example",
    )
    with pytest.raises(NotSigned):
        open_note(note + forged, [LOG_VKEY])


def test_a_hundred_signatures_are_read_and_no_more():
    note = checkpoint.sign(HEAD, LOG)
    line = note.rpartition(b"\n\n")[2]

    assert open_note(note + line * 99, [LOG_VKEY]).names == (NAME,)
    with pytest.raises(NoteError, match="more than 100"):
        open_note(note + line * 100, [LOG_VKEY])


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "bell\a\n", "\r\n", "\x00\n"])
def test_a_text_that_nobody_could_open_is_not_signed(text):
    with pytest.raises(NoteError):
        sign_note(text, NAME, LOG)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\tb"])
def test_a_name_that_nobody_could_read_does_not_sign(name):
    with pytest.raises(NoteError):
        sign_note("text\n", name, LOG)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n")))
def test_whatever_text_is_signed_is_the_text_that_opens(text):
    assert open_note(sign_note(text + "\n", NAME, LOG), [LOG_VKEY]).text == text + "\n"


def test_a_witness_says_when_it_saw_a_checkpoint():
    note = checkpoint.sign(HEAD, LOG)
    line = cosign(checkpoint.body(HEAD), "witness.example", WITNESS, 1_790_000_000)
    witness = vkey("witness.example", WITNESS.public, COSIGNATURE)
    opened = open_note(note + line.encode() + b"\n", [LOG_VKEY, witness])

    assert opened.names == (NAME, "witness.example")
    assert opened.signatures[1].time == 1_790_000_000
    assert opened.signatures[1].line == line
    assert opened.signatures[0].time is None


def test_the_time_of_a_cosignature_cannot_be_moved():
    line = cosign(checkpoint.body(HEAD), "witness.example", WITNESS, 1_790_000_000)
    payload = bytearray(base64.b64decode(line.split(" ")[2]))
    payload[11] += 1
    moved = f"{checkpoint.body(HEAD)}\n— witness.example {base64.b64encode(payload).decode()}\n"

    with pytest.raises(NotSigned):
        open_note(moved.encode(), [vkey("witness.example", WITNESS.public, COSIGNATURE)])


def test_a_cosignature_is_no_signature_of_the_log_and_the_other_way_round():
    line = cosign(checkpoint.body(HEAD), NAME, LOG, 5)

    with pytest.raises(NotSigned):
        open_note(f"{checkpoint.body(HEAD)}\n{line}\n".encode(), [LOG_VKEY])
    with pytest.raises(NotSigned):
        open_note(checkpoint.sign(HEAD, LOG), [vkey(NAME, LOG.public, COSIGNATURE)])


@pytest.mark.parametrize(
    "text", ["", " 5", "5 ", "+5", "-5", "1_000", "٥", "05", "00", "5.0", "0x5", "5\n", "9" * 5000]
)
def test_numbers_that_python_would_take_are_refused(text):
    with pytest.raises(NoteError):
        read_number(text)


def test_plain_numbers_below_two_to_the_63_are_read():
    assert [read_number(text) for text in ("0", "7", "10", str(2**63 - 1))] == [0, 7, 10, 2**63 - 1]
    with pytest.raises(NoteError):
        read_number(str(2**63))


@pytest.mark.parametrize("text", ["QUJ=", "QQ", "QQ=", "Q Q=", "QQ==\n", "QQ-_", "QQ==QQ==", "=", "é"])
def test_base64_that_python_would_take_or_trip_over_is_refused(text):
    with pytest.raises(NoteError):
        read_base64(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{NAME}\n7\n{'A' * 43}=\nextension\n",
        f"{NAME}\n7\n{'A' * 43}=",
        f"\n7\n{'A' * 43}=\n",
        f"{NAME}\n07\n{'A' * 43}=\n",
        f"{NAME}\n7\n{'A' * 40}\n",
        f"{NAME}\n7\n\n",
        f"{NAME}\n7\n",
    ],
)
def test_a_checkpoint_has_three_lines_and_no_other_spelling(text):
    with pytest.raises(NoteError):
        checkpoint.parse(text)
