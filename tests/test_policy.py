"""Whom a cooperative relies on to have seen its log: policies are read strictly, and heads judged by them."""

import re
from contextlib import suppress
from hashlib import sha256
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import checkpoint, policy
from ledger.checkpoint import Checkpoint, body
from ledger.errors import NoteError
from ledger.keys import Key
from ledger.note import COSIGNATURE, cosign, note_with, vkey
from ledger.policy import BadPolicy, cosigned, in_words, is_enough, parse

ORIGIN = "tally.invalid/policy"


def key(name: str) -> Key:
    return Key(sha256(name.encode()).digest())


LOG = vkey(ORIGIN, key("log").public)
NOTE = checkpoint.sign(Checkpoint(ORIGIN, 7, bytes(32)), key("log"))


def eyes(name: str) -> str:
    """The verifier key of the witness of that name."""
    return vkey(f"{name}.example", key(name).public, COSIGNATURE)


def line(name: str, note: bytes = NOTE, time: int = 1_790_000_000) -> str:
    """Its signature under a head."""
    found = checkpoint.parse(note.partition(b"\n\n")[0].decode() + "\n")
    return cosign(body(found), f"{name}.example", key(name), time)


TWO_OF_THREE = f"""# Members who look after the log.
log {LOG} https://ledger.example/

witness Ana {eyes("Ana")}
witness Bela {eyes("Bela")} https://bela.example/witness
\twitness  Chidi\t{eyes("Chidi")}
group members 2 Ana Bela Chidi
quorum members
"""
NESTED = f"""{TWO_OF_THREE.rpartition("quorum")[0]}
witness Dilek {eyes("Dilek")}
witness Emre {eyes("Emre")}
group elsewhere any Dilek Emre
group both all members elsewhere
quorum both
"""


def test_two_of_three_members_make_a_quorum_and_one_does_not():
    wanted = parse(TWO_OF_THREE.encode())
    names = ("Ana", "Bela", "Chidi")

    assert in_words(wanted) == "2 of Ana, Bela, Chidi"
    assert wanted.witnesses["Bela"].url == "https://bela.example/witness"
    assert wanted.logs == (policy.Log(LOG, "https://ledger.example/"),)
    for count in range(4):
        for have in combinations(names, count):
            judged = cosigned(wanted, note_with(NOTE, [line(name) for name in have]), [LOG])
            assert tuple(judged.times) == have
            assert is_enough(wanted, judged.times) == (count >= 2)


def test_groups_of_groups_are_counted_as_they_are_written():
    wanted = parse(NESTED.encode())

    assert in_words(wanted) == "2 of (2 of Ana, Bela, Chidi), (1 of Dilek, Emre)"
    for have in (("Ana", "Bela", "Dilek"), ("Ana", "Bela", "Chidi", "Emre")):
        assert is_enough(wanted, have)
    for have in (("Ana", "Bela", "Chidi"), ("Ana", "Dilek", "Emre"), ("Dilek",), ()):
        assert not is_enough(wanted, have)


def test_a_quorum_can_be_one_witness_or_nobody():
    one = parse(f"witness Ana {eyes('Ana')}\nquorum Ana\n".encode())
    none = parse(b"quorum none\n")

    assert (is_enough(one, ["Ana"]), is_enough(one, []), one.is_strict) == (True, False, True)
    assert (is_enough(none, []), none.is_strict, in_words(none)) == (True, False, "nobody")


def test_a_signature_that_does_not_check_or_is_of_another_head_makes_the_note_bad():
    wanted = parse(TWO_OF_THREE.encode())
    other = checkpoint.sign(Checkpoint(ORIGIN, 8, bytes(32)), key("log"))
    for bad in (line("Ana", other), line("Ana")[:-6] + "AAAA==", line("Ana").replace(" Ana", " Bela")):
        with pytest.raises(NoteError):
            cosigned(wanted, note_with(NOTE, [line("Bela"), bad, bad.replace("—", "-")]), [LOG])
    with pytest.raises(NoteError):
        cosigned(wanted, note_with(NOTE.replace(b"\n7\n", b"\n8\n"), [line("Ana")]), [LOG])


def test_a_head_that_the_log_has_not_signed_is_none_however_many_witnesses_did():
    wanted = parse(TWO_OF_THREE.encode())
    note = note_with(NOTE, [line("Ana"), line("Bela"), line("Chidi")])
    with pytest.raises(NoteError):
        cosigned(wanted, note, [vkey(ORIGIN, key("another log").public)])


def test_a_witness_that_signed_twice_or_under_a_strange_name_counts_once_or_not_at_all():
    wanted = parse(TWO_OF_THREE.encode())
    stranger = cosign(body(Checkpoint(ORIGIN, 7, bytes(32))), "Bela.example", key("somebody"), 1_790_000_000)
    note = note_with(NOTE, [line("Ana"), line("Ana", time=1_790_000_100), stranger])

    assert list(cosigned(wanted, note, [LOG]).times) == ["Ana"]


WRONG = {
    "an unknown word": (f"friend Ana {eyes('Ana')}\nquorum none\n", 1, "'friend' is not"),
    "no quorum": (f"witness Ana {eyes('Ana')}\n", 2, "without a quorum"),
    "an empty file": ("", 1, "without a quorum"),
    "two quorums": ("quorum none\nquorum none\n", 2, "second quorum"),
    "a quorum nobody defined": ("quorum Ana\n", 1, "no line before defines 'Ana'"),
    "a quorum defined later": (f"quorum Ana\nwitness Ana {eyes('Ana')}\n", 1, "no line before"),
    "a quorum of two": ("quorum none none\n", 1, "is written"),
    "a line without an end": (f"witness Ana {eyes('Ana')}\nquorum Ana", 2, "newline"),
    "a return": ("quorum none\r\n", 1, "0x0d"),
    "a zero byte": ("quorum none\n#\0\n", 2, "0x00"),
    "a delete": ("#\x7f\nquorum none\n", 1, "0x7f"),
    "a log's key for a witness": (f"witness Ana {LOG}\nquorum Ana\n", 1, "kind"),
    "a witness's key for a log": (f"log {eyes('Ana')}\nquorum none\n", 1, "kind"),
    "a damaged key": (f"witness Ana {eyes('Ana')[:-2]}AA\nquorum Ana\n", 1, "damaged"),
    "no key": ("witness Ana\nquorum Ana\n", 1, "is written"),
    "too much in a line": (f"witness Ana {eyes('Ana')} https://a b\nquorum Ana\n", 1, "is written"),
    "one name twice": (f"witness Ana {eyes('Ana')}\nwitness Ana {eyes('Bela')}\nquorum Ana\n", 2, "taken"),
    "a group of a witness's name": (f"witness Ana {eyes('Ana')}\ngroup Ana any Ana\nquorum Ana\n", 2, "taken"),
    "a witness called none": (f"witness none {eyes('Ana')}\nquorum none\n", 1, "taken"),
    "a key twice": (f"witness Ana {eyes('Ana')}\nwitness Bela {eyes('Ana')}\nquorum Ana\n", 2, "there already"),
    "a key under two names": (
        f"witness Ana {eyes('Ana')}\nwitness B {vkey('b', key('Ana').public, COSIGNATURE)}\nquorum Ana\n",
        2,
        "there already",
    ),
    "a log twice": (f"log {LOG}\nlog {LOG}\nquorum none\n", 2, "there already"),
    "a member twice in a group": (f"witness Ana {eyes('Ana')}\ngroup g any Ana Ana\nquorum g\n", 2, "member already"),
    "a member of two groups": (
        f"witness Ana {eyes('Ana')}\ngroup g any Ana\ngroup h any Ana\nquorum g\n",
        3,
        "member already",
    ),
    "a group in itself": (f"witness Ana {eyes('Ana')}\ngroup g any Ana g\nquorum g\n", 2, "no line before"),
    "none as a member": (f"witness Ana {eyes('Ana')}\ngroup g any Ana none\nquorum g\n", 2, "no line before"),
    "a group without members": ("group g any\nquorum g\n", 1, "is written"),
    **{
        f"{count!r} of one": (f"witness Ana {eyes('Ana')}\ngroup g {count} Ana\nquorum g\n", 2, "")
        for count in ("0", "2", "01", "+1", "-1", "1.0", "ALL", "٢", "1_0")
    },
}


@pytest.mark.parametrize(("text", "number", "why"), WRONG.values(), ids=WRONG)
def test_every_mistake_is_named_with_its_line(text: str, number: int, why: str):
    with pytest.raises(BadPolicy) as refusal:
        parse(text.encode())

    assert f"in line {number}:" in refusal.value.message
    assert why in refusal.value.message


def test_names_are_octets_and_may_be_any_but_are_never_taken_for_one_another():
    kelvin, latin = "\u212a", b"\xff\xfe"
    text = f"witness K {eyes('Ana')}\nwitness {kelvin} {eyes('Bela')}\nwitness ".encode()
    text += latin + f" {eyes('Chidi')}\ngroup g 3 K {kelvin} ".encode() + latin + b"\nquorum g\n"

    assert len(parse(text).witnesses) == 3
    with pytest.raises(BadPolicy):
        parse(text.replace(b"g 3 K", b"g 3 k"))
    with pytest.raises(BadPolicy, match=re.escape(r"'\udcff\udcfe'")):
        parse(b"quorum " + latin + b"\n")
    nbsp = f"witness Ana\u00a0B {eyes('Ana')}\nquorum Ana\u00a0B\n"
    assert list(parse(nbsp.encode()).witnesses) == ["Ana\u00a0B"], "only spaces and tabs part words"


def test_as_many_as_32_are_taken_of_each_and_one_more_is_not():
    logs = [f"log {vkey(f'log{number}', key(f'log{number}').public)}" for number in range(33)]
    witnesses = [f"witness w{number} {eyes(f'w{number}')}" for number in range(33)]
    groups = [f"group g{number} any w{number}" for number in range(32)]
    full = [*logs[:32], *witnesses[:32], *groups, "quorum g31", ""]

    found = parse("\n".join(full).encode())
    assert (len(found.logs), len(found.witnesses), len(found.groups)) == (32, 32, 32)
    for more in (logs[32], witnesses[32], "group more any g0"):
        with pytest.raises(BadPolicy, match="more than 32"):
            parse("\n".join([*full[:-2], more, "quorum g31", ""]).encode())


def test_any_letter_left_out_gives_another_meaning_or_a_mistake_but_never_fewer_eyes():
    """A policy from which something was cut is refused, or asks for no less than a witness of the whole one."""
    wanted = TWO_OF_THREE.encode()
    for end in range(len(wanted)):
        with pytest.raises(BadPolicy):
            parse(wanted[:end])


@given(st.binary(max_size=200))
def test_no_bytes_at_all_make_it_stumble(data: bytes):
    for text in (data, b"quorum none\n" + data, b"witness " + data + b"\nquorum none\n"):
        with suppress(BadPolicy):
            assert parse(text).quorum


@given(st.lists(st.sampled_from(["Ana", "Bela", "Chidi", "Dilek", "Emre"])), st.sampled_from([TWO_OF_THREE, NESTED]))
def test_one_more_witness_never_breaks_a_quorum(have: list[str], text: str):
    wanted = parse(text.encode())
    for more in ("Ana", "Emre"):
        assert is_enough(wanted, [*have, more]) or not is_enough(wanted, have)
