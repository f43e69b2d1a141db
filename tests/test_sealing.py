"""While a vote is sealed nobody can look into its boxes; at the close everybody can."""

import os
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_box_seal

from governance.sealing import keys_from, matches, opened, promise, seal
from ledger import canonical
from ledger.errors import NotCanonical, Refused
from ledger.keys import Key, verify
from ledger.sshsig import preimage

SEED, NONCE = bytes(range(32)), bytes(range(32, 64))
PUBLIC, SECRET = keys_from(SEED, NONCE)
PROPOSAL = "b" * 64
LOW_ORDER = (bytes(32), b"\1" + bytes(31), bytes.fromhex("ecffffffffffffffff" + "ff" * 22 + "7f"))


def box_of(choice: str, draw: Callable[[int], bytes] = os.urandom) -> bytes:
    return seal(PUBLIC, PROPOSAL, choice, draw)


def written(text: bytes, size: int = 1024) -> bytes:
    """A box with a content of our own making, filled up as it should be."""
    return crypto_box_seal(text.ljust(size, b" "), PUBLIC)


# The key of a vote


def test_the_key_of_a_vote_follows_from_the_seed_of_the_log_and_a_nonce():
    assert keys_from(SEED, NONCE) == (PUBLIC, SECRET)
    assert PUBLIC.hex() == "b1112793c910aec4ff34aa6f6b6e09bbb102aabc4b307ab44bcc2dd181228a6f"
    assert SECRET.hex() == "299f5940f7d1f1e9a7c499ef18e4e6fe82fee2f1b84e799c8e478b2738105143"


def test_every_vote_has_a_key_of_its_own():
    pairs = [keys_from(SEED, NONCE), keys_from(SEED, SEED), keys_from(NONCE, NONCE), keys_from(NONCE, SEED)]

    assert len({half for pair in pairs for half in pair}) == 8


def test_a_nonce_of_another_length_makes_no_key():
    for nonce in (b"", NONCE[:31], NONCE + b"\0"):
        with pytest.raises(Refused, match="32 bytes"):
            keys_from(SEED, nonce)


def test_the_secret_published_at_the_close_is_held_against_what_was_promised():
    other_public, other_secret = keys_from(SEED, SEED)

    assert matches(SECRET, PUBLIC)
    assert matches(other_secret, other_public)
    assert not matches(SECRET, other_public)
    assert not matches(other_secret, PUBLIC)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_no_bytes_from_outside_match_a_key(secret, public):
    assert not matches(secret, PUBLIC)
    assert not matches(SECRET, public)


def test_the_log_promises_that_it_can_open_what_is_sealed():
    log = Key(SEED)
    said = promise("a" * 64, NONCE.hex(), PUBLIC.hex())
    text = b'{"ledger":"%s","nonce":"%s","public":"%s","v":1}' % (
        b"a" * 64,
        NONCE.hex().encode(),
        PUBLIC.hex().encode(),
    )
    signature = log.sign(said)

    assert said == preimage("tally-sealing-v1", text)
    assert verify(log.public, said, signature)
    for other in (("e" * 64, NONCE.hex(), PUBLIC.hex()), ("a" * 64, SEED.hex(), PUBLIC.hex()), ("a" * 64, "", "")):
        assert not verify(log.public, promise(*other), signature)


# Boxes


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=500))
def test_what_was_sealed_is_what_opens(choice):
    assert opened(SECRET, PROPOSAL, box_of(choice)) == choice


def test_the_length_of_a_box_tells_nothing():
    choices = ("yes", "no", "abstain", "", "y" * 400, '"' * 400, "ä" * 400)

    assert {len(box_of(choice)) for choice in choices} == {1024 + 48}


def test_a_very_long_choice_is_filled_up_to_the_next_64_bytes():
    sizes = [len(box_of("y" * length)) - 48 for length in range(850, 1200)]

    assert {size % 64 for size in sizes} == {0}
    assert sizes == sorted(sizes)
    assert {sizes[0], sizes[-1]} == {1024, 1344}


def test_two_boxes_with_one_choice_differ_in_every_part():
    one, other = box_of("yes"), box_of("yes")

    assert one[:32] != other[:32]
    assert sum(a == b for a, b in zip(one, other, strict=True)) < 40
    assert box_of("yes", bytes) != box_of("yes", bytes)


def test_the_choice_stands_nowhere_in_a_box():
    box = box_of("Refuse the offer of the bank")

    assert b"Refuse" not in box
    assert PROPOSAL.encode() not in box


def test_a_box_moved_to_another_vote_holds_nothing():
    assert opened(SECRET, "e" * 64, box_of("yes")) is None
    assert opened(SECRET, "", box_of("yes")) is None


def test_a_box_opens_with_the_key_of_its_vote_only():
    for secret in (keys_from(SEED, SEED)[1], keys_from(NONCE, NONCE)[1], PUBLIC, b"", SECRET[:31], SECRET + b"\0"):
        assert opened(secret, PROPOSAL, box_of("yes")) is None


@given(st.binary(max_size=1200))
def test_noise_in_place_of_a_box_holds_nothing(noise):
    assert opened(SECRET, PROPOSAL, noise) is None
    assert opened(SECRET, PROPOSAL, box_of("yes") + noise + b"\0") is None
    assert opened(noise, PROPOSAL, box_of("yes")) is None


@given(st.integers(0, 1071), st.integers(1, 255))
def test_a_box_with_a_changed_byte_holds_nothing(place, change):
    box = bytearray(box_of("yes"))
    box[place] ^= change

    assert opened(SECRET, PROPOSAL, bytes(box)) is None


def test_a_box_written_in_another_way_holds_nothing():
    """X25519 reads the same point with and without the highest bit; a copy of a box must not look like a new one."""
    box = bytearray(box_of("yes"))
    box[31] ^= 128

    assert opened(SECRET, PROPOSAL, bytes(box)) is None


def test_a_box_by_a_sender_of_low_order_holds_nothing():
    for point in LOW_ORDER:
        assert opened(SECRET, PROPOSAL, point + box_of("yes")[32:]) is None


SALT = "0" * 32
GOOD = {"choice": "yes", "proposal": PROPOSAL, "salt": SALT}


def test_a_box_made_by_another_program_in_the_same_form_opens():
    assert opened(SECRET, PROPOSAL, written(canonical.encode(GOOD))) == "yes"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"yes",
        b'"yes"',
        b"null",
        b"[" * 900,
        b"\xff\xfe",
        b'{"choice": "yes", "proposal": "%s", "salt": "%s"}' % (PROPOSAL.encode(), SALT.encode()),
        canonical.encode(GOOD) + b"\n",
        b" " + canonical.encode(GOOD),
        canonical.encode(GOOD | {"choice": None}),
        canonical.encode(GOOD | {"choice": 1}),
        canonical.encode(GOOD | {"choice": ["yes"]}),
        canonical.encode(GOOD | {"proposal": 1}),
        canonical.encode(GOOD | {"salt": ""}),
        canonical.encode(GOOD | {"salt": SALT + "0"}),
        canonical.encode(GOOD | {"salt": "0" * 31 + "G"}),
        canonical.encode(GOOD | {"name": "Ana"}),
        canonical.encode([GOOD]),
        canonical.encode({"choice": "yes", "proposal": PROPOSAL}),
    ],
)
def test_a_box_with_something_else_in_it_holds_nothing(content):
    assert opened(SECRET, PROPOSAL, written(content)) is None


@pytest.mark.parametrize("size", [0, 512, 960, 1023, 1025, 1088])
def test_a_box_of_an_odd_length_holds_nothing(size):
    """A ballot could be marked by its length, and shown to whoever pays for it before the close."""
    assert opened(SECRET, PROPOSAL, written(canonical.encode(GOOD), size)) is None


def test_nothing_is_sealed_with_a_key_that_everybody_could_open():
    for public in (*LOW_ORDER, b"", PUBLIC[:31], PUBLIC + b"\0"):
        with pytest.raises(Refused, match="not a sound key"):
            seal(public, PROPOSAL, "yes", os.urandom)


def test_half_a_character_cannot_be_sealed():
    with pytest.raises(NotCanonical):
        box_of("\ud800")
