"""A secret ballot is by somebody on the roll, counts once, and shows nobody's hand.

The second verifier below is written in plain whole numbers, after RFC 8032 and RFC 9380, and shares no code with the
first: neither the arithmetic nor the bytes that are hashed.
"""

from collections.abc import Callable
from hashlib import sha512
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance import ring
from ledger.errors import Refused
from ledger.keys import Key, valid_point

LEDGER, PROPOSAL, OPTIONS = "a" * 64, "b" * 64, ("c" * 64, "d" * 64)
SEEDS = tuple(sha512(b"member %d" % number).digest()[:32] for number in range(50))
KEYS = tuple(Key(seed).public for seed in SEEDS)
FIVE = KEYS[:5]
VOTE = ring.context(LEDGER, PROPOSAL, FIVE, OPTIONS)


def chance(name: str) -> Callable[[], bytes]:
    """Draws that look random and are the same in every run."""
    numbers = count()
    return lambda: sha512(f"{name} {next(numbers)}".encode()).digest()


def signed(who: int, choice: bytes = b"yes", vote: bytes = VOTE, keys: tuple[bytes, ...] = FIVE) -> bytes:
    return ring.sign(choice, vote, keys, SEEDS[who], chance(f"{who} {choice!r}"))


BALLOT = signed(2)


# Who may vote, and on what


@pytest.mark.parametrize("size", [1, 2, 5, 20, 50])
def test_a_ballot_of_anybody_on_the_roll_is_accepted(size):
    keys = KEYS[:size]
    vote = ring.context(LEDGER, PROPOSAL, keys, OPTIONS)
    for who in {0, size // 2, size - 1}:
        ballot = signed(who, b"yes", vote, keys)

        assert len(ballot) == 32 * (size + 2)
        assert ring.verify(b"yes", vote, keys, ballot)


def test_somebody_not_on_the_roll_cannot_vote():
    with pytest.raises(Refused, match="not on the roll"):
        signed(5)
    with_five = (*FIVE, KEYS[5])
    theirs = ring.sign(b"yes", VOTE, with_five, SEEDS[5], chance("stranger"))

    assert ring.verify(b"yes", VOTE, with_five, theirs)
    assert not ring.verify(b"yes", VOTE, FIVE, theirs)
    assert not ring.verify(b"yes", VOTE, FIVE, theirs[:-32])


def test_a_ballot_says_one_choice_and_no_other():
    for other in (b"no", b"", b"yes ", b"Yes", b"yes" * 100):
        assert not ring.verify(other, VOTE, FIVE, BALLOT)


@pytest.mark.parametrize(
    "other",
    [
        ring.context("e" * 64, PROPOSAL, FIVE, OPTIONS),
        ring.context(LEDGER, "e" * 64, FIVE, OPTIONS),
        ring.context(LEDGER, PROPOSAL, (*FIVE, KEYS[5]), OPTIONS),
        ring.context(LEDGER, PROPOSAL, FIVE[::-1], OPTIONS),
        ring.context(LEDGER, PROPOSAL, FIVE, OPTIONS[::-1]),
        ring.context(LEDGER, PROPOSAL, FIVE, OPTIONS[:1]),
        ring.context(LEDGER, PROPOSAL, FIVE, (*OPTIONS, "e" * 64)),
        b"",
    ],
)
def test_a_ballot_cannot_be_carried_into_another_vote(other):
    assert not ring.verify(b"yes", other, FIVE, BALLOT)


def test_a_ballot_fits_the_roll_in_its_order_only():
    for keys in (FIVE[::-1], (*FIVE[1:], FIVE[0]), FIVE[:4], (*FIVE, KEYS[5]), (*FIVE[:4], KEYS[5]), ()):
        assert not ring.verify(b"yes", VOTE, keys, BALLOT)


@given(st.lists(st.lists(st.sampled_from(["", "a", "b", "ab"]), max_size=3), min_size=2, max_size=2, unique_by=tuple))
def test_two_votes_never_have_the_same_bytes(options):
    here, there = (ring.context(LEDGER, PROPOSAL, FIVE, each) for each in options)

    assert here != there
    assert ring.context("a", "bc", FIVE, ()) != ring.context("ab", "c", FIVE, ())
    assert ring.context("a", "", (b"b" * 32,), ()) != ring.context("a", "", (), ("b" * 32,))


# Once


def test_two_ballots_of_one_member_in_one_vote_are_seen_to_be_of_one():
    tags = [ring.tag(signed(who, choice)) for who in range(5) for choice in (b"yes", b"no")]

    assert tags[::2] == tags[1::2]
    assert len(set(tags)) == 5


def test_ballots_of_one_member_in_two_votes_cannot_be_joined():
    again = ring.context(LEDGER, "e" * 64, FIVE, OPTIONS)

    assert {ring.tag(signed(who)) for who in range(5)}.isdisjoint(ring.tag(signed(who, vote=again)) for who in range(5))


# Nobody's hand


@pytest.mark.parametrize("who", range(5))
def test_the_place_of_the_signer_does_not_show_in_a_ballot(who):
    """A smoke test: no part repeats, is small, or differs in kind from another; the draws are no part of the ballot."""
    ballots = [ring.sign(b"yes", VOTE, FIVE, SEEDS[who], chance(f"{who} {turn}")) for turn in range(40)]
    numbers = [parts(ballot)[1:] for ballot in ballots]
    flat = [int.from_bytes(number, "little") for each in numbers for number in each]

    assert len(set(flat)) == len(flat) == 40 * 6
    assert min(flat) > ring.ORDER >> 20
    for place in range(6):
        # Of 40 even draws fewer than 6 or more than 34 in the upper half come once in a million times.
        assert 6 <= sum(int.from_bytes(each[place], "little") > ring.ORDER // 2 for each in numbers) <= 34


def test_every_ballot_by_one_member_looks_new():
    first, second = (ring.sign(b"yes", VOTE, FIVE, SEEDS[1], chance(name)) for name in ("once", "again"))

    assert set(parts(first)) & set(parts(second)) == {ring.tag(first)}


# One spelling


def test_a_changed_byte_anywhere_is_noticed():
    for place in range(len(BALLOT)):
        assert not ring.verify(b"yes", VOTE, FIVE, changed(BALLOT, place, 1 << place % 8)), place


@given(st.integers(0, len(BALLOT) - 1), st.integers(1, 255), st.sampled_from(["ballot", "context", "key"]))
@settings(max_examples=150)
def test_any_changed_byte_of_ballot_vote_or_roll_is_noticed(place, change, where):
    ballot = changed(BALLOT, place, change) if where == "ballot" else BALLOT
    vote = changed(VOTE, place % len(VOTE), change) if where == "context" else VOTE
    last = changed(FIVE[4], place % 32, change) if where == "key" else FIVE[4]

    assert not ring.verify(b"yes", vote, (*FIVE[:4], last), ballot)


def test_a_number_written_in_another_way_is_refused():
    """s and s + L stand for the same number; with both, one ballot would have many spellings."""
    for place in range(1, 7):
        number = int.from_bytes(parts(BALLOT)[place], "little")
        for same in range(number + ring.ORDER, 2**256, ring.ORDER):
            assert not ring.verify(b"yes", VOTE, FIVE, with_part(BALLOT, place, same.to_bytes(32, "little")))


def test_nought_is_no_number_in_a_ballot():
    for place in range(7):
        for odd in (0, ring.ORDER, 2**256 - 1):
            assert not ring.verify(b"yes", VOTE, FIVE, with_part(BALLOT, place, odd.to_bytes(32, "little")))


def test_a_length_that_cannot_be_is_a_no():
    for wrong in (b"", BALLOT[:-1], BALLOT + b"\0", BALLOT[:-32], BALLOT + bytes(32), BALLOT * 2):
        assert not ring.verify(b"yes", VOTE, FIVE, wrong)
    assert not ring.verify(b"yes", VOTE, (), BALLOT[:64])
    assert not ring.verify(b"yes", VOTE, (*FIVE[:4], FIVE[4][:31]), BALLOT)


@given(st.binary(min_size=224, max_size=224))
def test_noise_is_no_ballot(noise):
    assert not ring.verify(b"yes", VOTE, FIVE, noise)


# The second verifier, in whole numbers

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int]
"""(X, Y, Z) with x = X/Z and y = Y/Z, on -x² + y² = 1 + d·x²·y²."""
NEUTRAL: Point = (0, 1, 1)


def plus(one: Point, other: Point) -> Point:
    """The sum (RFC 8032 section 5.1.4's curve; the formulas of Bernstein and others 2008, complete here)."""
    a = one[2] * other[2] % P
    b, c, d = a * a % P, one[0] * other[0] % P, one[1] * other[1] % P
    e = D * c * d % P
    f, g = (b - e) % P, (b + e) % P
    x = a * f * ((one[0] + one[1]) * (other[0] + other[1]) - c - d) % P
    return x, a * g * (d + c) % P, f * g % P


def times(number: int, point: Point) -> Point:
    found = NEUTRAL
    while number:
        if number & 1:
            found = plus(found, point)
        point, number = plus(point, point), number >> 1
    return found


def same(one: Point, other: Point) -> bool:
    return (one[0] * other[2] - other[0] * one[2]) % P == (one[1] * other[2] - other[1] * one[2]) % P == 0


def x_of(y: int, odd: int) -> int | None:
    """RFC 8032 section 5.1.3: the x that goes with a y, with the parity asked for."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and odd):
        return None
    return x if x % 2 == odd else P - x


def point_of(data: bytes) -> Point | None:
    y, odd = int.from_bytes(data, "little") % 2**255, data[31] >> 7
    x = x_of(y, odd) if y < P else None
    return None if x is None else (x, y, 1)


def bytes_of(point: Point) -> bytes:
    inverse = pow(point[2], -1, P)
    return (point[1] * inverse % P + (point[0] * inverse % P % 2 << 255)).to_bytes(32, "little")


def sound(point: Point | None) -> bool:
    """In the prime subgroup, and not its neutral point."""
    return point is not None and same(times(L, point), NEUTRAL) and not same(point, NEUTRAL)


def mapped(data: bytes) -> Point:
    """Elligator 2 (RFC 9380 section 6.7.1), x of the parity in the highest bit, then eight times the point."""
    r, odd = int.from_bytes(data, "little") % 2**255, data[31] >> 7
    u = -486662 * pow(1 + 2 * r * r, -1, P) % P
    if pow(u**3 + 486662 * u * u + u, (P - 1) // 2, P) == P - 1:
        u = (-u - 486662) % P
    y = (u - 1) * pow(u + 1, -1, P) % P
    x = x_of(y, odd)
    assert x is not None
    return times(8, (x, y, 1))


def framed(*texts: bytes) -> bytes:
    return b"".join(len(text).to_bytes(4, "big") + text for text in texts)


def base_by_hand(vote: bytes) -> Point:
    return mapped(sha512(framed(b"tally-ring-base-v1", vote)).digest()[:32])


def hashed(choice: bytes, vote: bytes, linking: bytes, left: Point, right: Point) -> int:
    text = framed(b"tally-ring-challenge-v1", choice, vote, linking) + bytes_of(left) + bytes_of(right)
    return int.from_bytes(sha512(text).digest(), "little") % L


B: Point = (x_of(4 * pow(5, -1, P) % P, 0) or 0, 4 * pow(5, -1, P) % P, 1)


def parts(ballot: bytes) -> list[bytes]:
    return [ballot[start : start + 32] for start in range(0, len(ballot), 32)]


def with_part(ballot: bytes, place: int, part: bytes) -> bytes:
    return b"".join((*parts(ballot)[:place], part, *parts(ballot)[place + 1 :]))


def changed(data: bytes, place: int, change: int) -> bytes:
    return data[:place] + bytes([data[place] ^ change]) + data[place + 1 :]


def comes_back(choice: bytes, vote: bytes, keys: tuple[bytes, ...], ballot: bytes) -> bool:
    """Whether the chain of challenges returns to its beginning; the points are not judged."""
    linking, first, *answers = parts(ballot)
    tag_point, h = point_of(linking), base_by_hand(vote)
    c = int.from_bytes(first, "little")
    for key, answer in zip(keys, answers, strict=True):
        key_point, s = point_of(key), int.from_bytes(answer, "little")
        assert key_point is not None
        assert tag_point is not None
        left = plus(times(s, B), times(c, key_point))
        c = hashed(choice, vote, linking, left, plus(times(s, h), times(c, tag_point)))
    return c == int.from_bytes(first, "little")


def verified_by_hand(choice: bytes, vote: bytes, keys: tuple[bytes, ...], ballot: bytes) -> bool:
    if len(ballot) != 32 * (len(keys) + 2):
        return False
    if not all(0 < int.from_bytes(number, "little") < L for number in parts(ballot)[1:]):
        return False
    points = [point_of(data) for data in (ballot[:32], *keys)]
    return all(sound(point) for point in points) and comes_back(choice, vote, keys, ballot)


def signed_by_hand(who: int, keys: tuple[bytes, ...], vote: bytes, extra: Point, attempt: int) -> bytes:
    """A signature whose tag has something added to it that must not be there."""
    data = sha512(SEEDS[who]).digest()[:32]
    x = (int.from_bytes(data, "little") & ((1 << 254) - 8)) | 1 << 254
    h, draw = base_by_hand(vote), chance(f"by hand {attempt}")
    tag_point = plus(times(x % L, h), extra)
    u = int.from_bytes(draw(), "little") % L
    linking, size = bytes_of(tag_point), len(keys)
    c, s = [0] * size, [0] * size
    c[(who + 1) % size] = hashed(b"yes", vote, linking, times(u, B), times(u, h))
    for place in (*range(who + 1, size), *range(who)):
        s[place] = int.from_bytes(draw(), "little") % L
        left = plus(times(s[place], B), times(c[place], point_of(keys[place]) or NEUTRAL))
        right = plus(times(s[place], h), times(c[place], tag_point))
        c[(place + 1) % size] = hashed(b"yes", vote, linking, left, right)
    s[who] = (u - c[who] * x) % L
    return linking + b"".join(number.to_bytes(32, "little") for number in (c[0], *s))


def low_order_points() -> list[Point]:
    """The eight points whose order divides 8."""
    some = next(point for y in count(2) if (point := point_of(y.to_bytes(32, "little"))))
    eighth = next(
        torsion
        for number in count(1)
        if not same(times(4, torsion := times(L * number, plus(some, times(number, B)))), NEUTRAL)
    )
    return [times(number, eighth) for number in range(8)]


LOW_ORDER = low_order_points()


def test_a_second_verifier_accepts_every_ballot():
    for who in range(5):
        ballot = signed(who)

        assert verified_by_hand(b"yes", VOTE, FIVE, ballot)
        assert not verified_by_hand(b"no", VOTE, FIVE, ballot)
    assert Key(SEEDS[0]).public == bytes_of(point_of(FIVE[0]) or NEUTRAL)


def test_what_the_second_verifier_signs_the_first_accepts_and_both_give_the_same_tag():
    theirs = signed_by_hand(1, FIVE, VOTE, NEUTRAL, 0)

    assert ring.verify(b"yes", VOTE, FIVE, theirs)
    assert ring.tag(theirs) == ring.tag(signed(1))


@given(st.integers(0, 6), st.integers(0, 31), st.integers(0, 255), st.sampled_from([b"yes", b"no"]))
@settings(max_examples=40)
def test_two_verifiers_agree_on_ballots_that_were_changed(part, place, change, choice):
    """Where the change is 0 the ballot is the right one."""
    ballot = changed(BALLOT, 32 * part + place, change)

    assert ring.verify(choice, VOTE, FIVE, ballot) == verified_by_hand(choice, VOTE, FIVE, ballot)


def test_a_tag_of_low_order_is_refused():
    for point in LOW_ORDER:
        ballot = with_part(BALLOT, 0, bytes_of(point))

        assert not ring.verify(b"yes", VOTE, FIVE, ballot)
        assert not valid_point(bytes_of(point))


def test_a_key_of_low_or_mixed_order_is_refused():
    mixed = [plus(point_of(FIVE[4]) or NEUTRAL, point) for point in LOW_ORDER]

    assert [valid_point(bytes_of(point)) for point in mixed] == [True] + [False] * 7
    for point in (*mixed[1:], *LOW_ORDER):
        keys = (*FIVE[:4], bytes_of(point))
        vote = ring.context(LEDGER, PROPOSAL, keys, OPTIONS)
        with pytest.raises(Refused, match="not a sound"):
            ring.sign(b"yes", vote, keys, SEEDS[0], chance("mixed"))
        assert not ring.verify(b"yes", vote, keys, BALLOT)


@pytest.mark.parametrize("eighths", [4, 2, 6, 1])
def test_nobody_votes_again_under_a_tag_with_a_part_of_low_order(eighths):
    """The chain returns, with a tag that no honest ballot of this member has: only the check of the point stops it."""
    keys = FIVE[:2]
    vote = ring.context(LEDGER, PROPOSAL, keys, OPTIONS)
    forged = next(
        ballot
        for attempt in count()
        if comes_back(b"yes", vote, keys, ballot := signed_by_hand(1, keys, vote, LOW_ORDER[eighths], attempt))
    )

    assert ring.tag(forged) != ring.tag(signed(1, vote=vote, keys=keys))
    assert not ring.verify(b"yes", vote, keys, forged)
