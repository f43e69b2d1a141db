"""One value has one spelling, the one that RFC 8785 gives, and every other spelling is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.canonical import DEPTH_MAX, INT_MAX, decode, decode_many, encode
from ledger.errors import NotCanonical

VECTORS = json.loads((Path(__file__).parent / "vectors/ledger/rfc8785.json").read_text())

texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.text(st.characters(max_codepoint=127))
plain = st.none() | st.booleans() | st.integers(-INT_MAX, INT_MAX) | texts
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(names, inner), max_leaves=12).filter(
    lambda value: depth(value) <= DEPTH_MAX
)


def depth(value: Any) -> int:
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 0


def nested(levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


@given(values)
def test_the_bytes_are_those_of_rfc_8785_and_give_the_value_back(value):
    data = encode(value)

    assert data == rfc8785.dumps(value)
    assert decode(data) == value


@given(values, st.data())
@settings(max_examples=200)
def test_bytes_changed_anywhere_are_refused_or_are_canonical_themselves(value, data):
    original = bytearray(encode(value))
    place = data.draw(st.integers(0, len(original) - 1))
    original[place] = data.draw(st.integers(0, 255))
    try:
        changed = decode(bytes(original))
    except NotCanonical:
        return

    assert rfc8785.dumps(changed) == bytes(original)


@pytest.mark.parametrize("case", VECTORS["tallystick_profile_must_reject"], ids=lambda case: case["why"])
def test_what_needs_judgement_is_refused(case):
    with pytest.raises(NotCanonical):
        decode(case["json"].encode())


def test_the_documents_of_rfc_8785_are_read_and_written_byte_for_byte_where_the_profile_allows_them():
    inside = []
    for case in VECTORS["documents"]:
        canonical = bytes.fromhex(case["canonical_hex"])
        try:
            assert encode(decode(canonical)) == canonical
            inside.append(case["name"])
        except NotCanonical:
            pass

    # "values" holds fractions; "french" and "weird" have names beyond ASCII.
    assert inside == ["arrays", "structures", "unicode"]


@pytest.mark.parametrize("case", VECTORS["numbers"], ids=lambda case: case["expected"])
def test_a_number_is_accepted_only_if_every_reader_keeps_it_exactly(case):
    try:
        value = decode(case["expected"].encode())
    except NotCanonical:
        assert "." in case["expected"] or "e" in case["expected"] or abs(int(case["expected"])) > INT_MAX
    else:
        assert abs(value) <= INT_MAX


def test_the_greatest_whole_numbers_are_inside():
    for value in (INT_MAX, -INT_MAX):
        assert decode(encode(value)) == value
        with pytest.raises(NotCanonical):
            encode(value * 2)
        with pytest.raises(NotCanonical):
            decode(str(value * 2).encode())
    with pytest.raises(NotCanonical):
        decode(b"9" * 5000)


def test_eight_levels_are_inside_and_nine_are_not():
    assert decode(encode(nested(8))) == nested(8)
    with pytest.raises(NotCanonical, match="deeper"):
        encode(nested(9))
    with pytest.raises(NotCanonical, match="deeper"):
        decode(b"[" * 9 + b"]" * 9)


@pytest.mark.parametrize("bomb", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000])
def test_a_bomb_of_brackets_is_refused_and_not_a_crash(bomb):
    with pytest.raises(NotCanonical):
        decode(bomb)


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b" 1", b"1 ", b"1\n", b"01", b"+1", b"1.0", b"1e2", b"-0", b"NaN", b"Infinity", b"-Infinity", b"1 1"),
        *(b"\xef\xbb\xbf1", b'"\xff"', b'"\xed\xa0\x80"', b'"\\ud800"', b'"\\/"', b'"\\u000A"', b'"\\u001F"', b"'a'"),
        *(b'{"b":1,"a":1}', b'{"a":1,"a":1}', b'{"a" :1}', b"[1,]", b"[1, 2]", b"tru", b'"\n"', b'{"\xc3\xa9":1}'),
        *('"é"'.encode("utf-16"), '"é"'.encode("latin-1"), b"\x001"),
    ],
)
def test_every_other_spelling_is_refused(data):
    with pytest.raises(NotCanonical):
        decode(data)


class Whole(int):
    """An int that could print as something else."""


@pytest.mark.parametrize(
    "value",
    [
        *(
            1.0,
            float("nan"),
            float("inf"),
            (1, 2),
            {1: 2},
            {None: 1},
            {True: 1},
            {"é": 1},
            b"a",
            {1},
            Whole(3),
            object(),
        ),
        *("\ud800", ["a", "\udfff"], {"a": "\ud83d"}, {"\ud800": 1}),
    ],
)
def test_values_outside_the_profile_are_not_written(value):
    with pytest.raises(NotCanonical):
        encode(value)
    with pytest.raises(NotCanonical):
        encode([value])


def test_a_character_beyond_the_basic_plane_is_written_as_itself():
    assert encode("😀") == '"😀"'.encode()
    assert decode('"😀"'.encode()) == "😀"
    with pytest.raises(NotCanonical):
        decode(b'"\\ud83d\\ude00"')


@given(st.binary(max_size=40) | values.map(encode) | values.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=300)
def test_the_quick_way_takes_nothing_that_the_careful_way_refuses(data):
    def verdict(way: Any) -> Any:
        try:
            return way(data)
        except NotCanonical as error:
            return error.message

    assert verdict(decode) == verdict(decode_many)


@pytest.mark.parametrize(
    "text",
    ["1.0", "-0", "9007199254740992", "-9007199254740992", "18446744073709551616", "1e2",
     '{"b":1,"a":2}', '{"a":1,"a":1}', '"\\u0041"', '"\\ud800"', " 1",
     "[" * 9 + "]" * 9, '{"a":' * 9 + "1" + "}" * 9, "[1.5]", "NaN", "", "[1,]"],
)  # fmt: skip
def test_neither_way_takes_another_spelling(text):
    for way in (decode, decode_many):
        with pytest.raises(NotCanonical):
            way(text.encode())
