"""How keys and time come into a ledger: by founding, by invitation, by a calendar that holds together."""

import hashlib
from typing import Any

import pytest

from ledger import canonical, entry, people
from ledger.book import BadSignature
from ledger.cranks import turns
from ledger.errors import NoKey, Refused, TallyError, Usage
from ledger.keys import Key
from ledger.private import Text
from ledger.record import compose, consented
from tests.signing import fields, refused
from tests.village import DAY, FOUNDED, Village, found, key, person

SMALL_ORDER = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
"""A point of order two: libsodium's check refuses it as a key."""


@pytest.fixture
def village() -> Village:
    return found("Ana", "Chidi")


def joining(village: Village, name: str = "Bela", once: Key | None = None, **changed: Any) -> bytes:
    """A joining as this person would sign it, after Ana has invited them."""
    invited = village.invite("Ana", name)
    body = {"invitation": invited.id, "key": key(name).public.hex(), "name": Text(name), "proofs": []} | changed
    data, _ = compose(village.book, key(name), person(name), "governance.joined", body, village.book.received)
    return consented(data, [once or key(f"once {name}")])


def test_who_holds_the_invitation_joins(village):
    village.append(joining(village), key("Bela"), FOUNDED)

    assert village.book.ledger.persons[person("Bela")].standing == people.CANDIDATE


def test_who_does_not_hold_the_invitation_stays_outside(village):
    refused(village, joining(village, once=key("Mallory")), Refused, key("Bela"))


def test_an_invitation_is_used_once(village):
    village.append(joining(village), key("Bela"), FOUNDED)
    invitation = canonical.decode(village.leaves[-1][0])["body"]["invitation"]
    again = canonical.decode(village.leaves[-1][0]) | {
        "key": key("Mallory").id,
        "seen": fields(village)["seen"],
        "author": person("Bela"),
    }
    again["body"] |= {"key": key("Mallory").public.hex(), "invitation": invitation, "proofs": []}

    refused(village, consented(canonical.encode(again), [key("once Bela")]), Refused, key("Mallory"))


def test_a_consent_to_other_words_is_none(village):
    value = canonical.decode(joining(village))
    value["body"]["name"] = "0" * 64

    refused(village, canonical.encode(value), Refused, key("Bela"))


def test_the_key_that_joins_is_the_key_that_signs(village):
    """Otherwise somebody could sign with a key of their own under the name of another's."""
    data = joining(village, key=key("Mallory").public.hex())

    refused(village, data, NoKey, key("Mallory"))
    refused(village, data, NoKey, key("Bela"))


def test_a_key_that_fits_many_messages_does_not_join(village):
    data = joining(village, key=SMALL_ORDER)
    value = canonical.decode(data) | {"key": hashlib.sha256(bytes.fromhex(SMALL_ORDER)).hexdigest()}
    value["body"]["proofs"] = []
    error = refused(village, consented(canonical.encode(value), [key("once Bela")]), TallyError)

    assert isinstance(error, BadSignature | Refused)


@pytest.mark.parametrize("name", ["founders", "log"])
def test_a_key_that_fits_many_messages_does_not_found(name):
    founding = canonical.decode(found("Ana", "Chidi").leaves[0][0])
    if name == "founders":
        founding["body"]["founders"][1]["key"] = SMALL_ORDER
        founding["body"]["proofs"] = [{"key": SMALL_ORDER, "sig": "00" * 64}]
    else:
        founding["body"]["log"]["key"] = SMALL_ORDER
    data = canonical.encode(founding)
    data = consented(data, [key("Chidi")]) if name == "log" else data

    error = refused(founding_place(), data, Refused)
    assert "sound" in error.message


def founding_place() -> Village:
    """A village before its founding."""
    village = found("Ana")
    village.leaves.clear()
    village.book = village.empty_book()
    village.book.received = 0
    return village


def founding_with(**clock: Any) -> bytes:
    value = canonical.decode(found("Ana").leaves[0][0])
    value["body"]["clock"] |= clock
    return canonical.encode(value)


def rows_with(place: int, **changed: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = canonical.decode(found("Ana").leaves[0][0])["body"]["clock"]["rows"]
    rows[place] |= changed
    return rows


@pytest.mark.parametrize(
    "clock",
    [
        {"rows": []},
        {"rows": rows_with(3, first="2025-13-01")},
        {"rows": rows_with(3, first="0000-01-01", last="9999-99-99")},
        {"rows": rows_with(3, id="2025-10")},
        {"rows": rows_with(3, last="2025-11-29")},
        {"rows": rows_with(-1, cut=2**53 - 1)},
        {"rows": rows_with(-1, end=2**53 - 1, cut=2**53 - 1)},
        {"rows": rows_with(0)[1:]},
        {"rows": rows_with(0) + rows_with(0)},
        {"period": "quarter"},
        {"period": "days:0"},
        {"year_start": "02-29"},
        {"year_start": "13-01"},
    ],
    ids=str,
)
def test_a_ledger_begins_with_a_calendar_that_holds_together(clock):
    data = founding_with(**clock)
    village = founding_place()
    signature = key("Ana").sign(entry.preimage(entry.NAMESPACE, data))
    with pytest.raises((Refused, Usage)):
        village.book.admit(data, signature, FOUNDED)


def test_nobody_lengthens_the_days_of_grace_with_the_calendar(village):
    """A cut-off that never comes would keep everybody's pay waiting for ever."""
    late = village.book.ledger.calendar[-11].start
    kind, body = turns(village.book, late)[0]
    body["rows"][-1]["cut"] += 30 * DAY
    data, _ = compose(village.book, key("Ana"), person("Ana"), kind, body, late)
    signature = key("Ana").sign(entry.preimage(entry.NAMESPACE, data))
    with pytest.raises(Refused, match="days of grace"):
        village.book.admit(data, signature, late)

    body["rows"][-1]["cut"] -= 30 * DAY
    village.say("Ana", kind, body, late)
    assert len(village.book.ledger.calendar) == 48


def test_a_ledger_is_founded_once(village):
    data, signature, _ = village.leaves[0]
    with pytest.raises(TallyError):
        village.book.admit(data, signature, FOUNDED)
    value = canonical.decode(data) | {"ledger": village.book.ledger.id}

    refused(village, canonical.encode(value), TallyError)


def test_an_id_belongs_to_one_person_or_party(village):
    village.say("Ana", "ledger.party", {"id": "ab" * 16, "sort": "customer", "name": Text("Acme")})
    village.invite("Ana", "Bela")
    for taken in ("ab" * 16, person("Bela"), person("Chidi")):
        invited = {"person": taken, "admission": key("once Bela").public.hex(), "name": Text("Bela")}
        party = {"id": taken, "sort": "supplier", "name": Text("Bela")}
        for kind, body in (("ledger.invited", invited), ("ledger.party", party)):
            with pytest.raises(Refused, match="known already"):
                village.say("Ana", kind, body)
