"""What may enter the log: one spelling, one signature, one place; everything else leaves no trace in the book."""

import hashlib
import json

import pytest

from ledger import canonical, entry, people
from ledger.book import BadSignature, SequenceTaken, UnknownVersion, WrongPlace
from ledger.errors import NoKey, NotAMember, NotCanonical, TallyError
from ledger.fact import Malformed, UnknownKind
from ledger.record import compose
from tests.signing import fields, item, refused, spelled
from tests.village import DAY, FOUNDED, HOUR, Village, found, key, parts, person


@pytest.fixture
def village() -> Village:
    return found("Ana", "Chidi")


def test_an_honest_statement_is_admitted(village):
    village.append(canonical.encode(fields(village)), key("Ana"), FOUNDED)

    assert village.book.size == 2


# The bytes.


SPELLINGS = {
    "a key twice": lambda data: data.replace(b'"v":1', b'"v":1,"v":1'),
    "a key twice in the body": lambda data: data.replace(b'"qty":90', b'"qty":60,"qty":90'),
    "a fraction": lambda data: data.replace(b'"qty":90', b'"qty":90.0'),
    "an exponent": lambda data: data.replace(b'"qty":90', b'"qty":9e1'),
    "not a number": lambda data: data.replace(b'"qty":90', b'"qty":NaN'),
    "infinity": lambda data: data.replace(b'"qty":90', b'"qty":Infinity'),
    "an integer too big": lambda data: data.replace(b'"qty":90', b'"qty":9007199254740992'),
    "an integer of 5000 digits": lambda data: data.replace(b'"qty":90', b'"qty":' + b"9" * 5000),
    "a leading zero": lambda data: data.replace(b'"qty":90', b'"qty":090'),
    "minus zero": lambda data: data.replace(b'"qty":90', b'"qty":-0'),
    "nested too deep": lambda data: data.replace(b'"refs":[]', b'"refs":' + b"[" * 9 + b"]" * 9),
    "nested beyond the parser": lambda data: data.replace(b'"refs":[]', b'"refs":' + b"[" * 20_000 + b"]" * 20_000),
    "a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "not UTF-8": lambda data: data.replace(b'"circle":""', b'"circle":"\xff"'),
    "half a character": lambda data: data.replace(b'"circle":""', b'"circle":"\\ud800"'),
    "an escape that needs none": lambda data: data.replace(b'"code"', b'"c\\u006fde"'),
    "another order of keys": lambda data: json.dumps(
        dict(reversed(json.loads(data).items())), separators=(",", ":")
    ).encode(),
    "blanks": lambda data: json.dumps(json.loads(data), sort_keys=True).encode(),
    "a blank at the end": lambda data: data + b" ",
    "a newline at the end": lambda data: data + b"\n",
    "something behind": lambda data: data + b"{}",
    "cut off": lambda data: data[:-1],
    "nothing": lambda data: b"",
    "a list": lambda data: b"[" + data + b"]",
    "a text": lambda data: b'"' + b"a" * 100 + b'"',
    "too long": lambda data: data.replace(b'"refs":[]', b'"refs":["' + b"a" * 65_500 + b'"]'),
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_statement_has_one_spelling(village, spell):
    data = spelled(village)
    assert spell(data) != data

    refused(village, spell(data), NotCanonical)


@pytest.mark.parametrize("name", ["v", "ledger", "kind", "author", "key", "seq", "prev", "seen", "ts", "body"])
def test_every_field_of_the_envelope_is_there(village, name):
    whole = fields(village)
    del whole[name]

    refused(village, canonical.encode(whole), NotCanonical)


@pytest.mark.parametrize(
    "changed",
    [
        {"extra": 1},
        {"v": "1"},
        {"v": None},
        {"author": "ana"},
        {"author": person("Ana") + "\n"},
        {"author": person("Ana").upper()},
        {"key": key("Ana").id + "\n"},
        {"seq": -1},
        {"seq": True},
        {"prev": ""},
        {"seen": {"size": 1}},
        {"seen": {"size": 1, "root": "0" * 64, "more": 1}},
        {"ts": "2025-08-01"},
        {"ts": "2025-08-01T09:00:00Z\n"},
        {"ts": "٢٠٢٥-08-01T09:00:00Z"},
        {"kind": "Contributions.logged"},
        {"kind": "contributions.logged\n"},
        {"kind": "contributions"},
        {"kind": "../contributions.facts"},
    ],
    ids=str,
)
def test_every_field_of_the_envelope_is_of_its_form(village, changed):
    refused(village, spelled(village, **changed), NotCanonical)


def test_an_entry_of_a_later_format_is_named_and_not_skipped(village):
    error = refused(village, spelled(village, v=2), UnknownVersion)

    assert "version 2" in error.message


@pytest.mark.parametrize("kind", ["contributions.sung", "os.path", "ledger.", "elsewhere.facts"])
def test_a_kind_from_a_newer_copy_is_named_and_nothing_is_imported_for_it(village, kind):
    error = refused(village, spelled(village, kind=kind), (UnknownKind, NotCanonical))  # type: ignore[arg-type]

    assert kind in error.message or isinstance(error, NotCanonical)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"items": [item("Ana")], "more": 1},
        {"items": [item("Ana", qty="90")]},
        {"items": [item("Ana", qty=0)]},
        {"items": [item("Ana", qty=-90)]},
        {"items": [item("Ana", gift=0)]},
        {"items": [item("Ana", note="seen by all")]},
        {"items": [item("Ana", circle="a//b")]},
        {"items": [item("Ana", circle="berlin\n")]},
        {"items": [item("Ana", date="2025-8-1")]},
        {"items": [item("Ana", date="2025-08-01\n")]},
        {"items": [item("Ana", more=1)]},
        {"items": item("Ana")},
        [],
        None,
        "items",
    ],
    ids=str,
)
def test_a_body_has_exactly_the_fields_of_its_kind(village, body):
    refused(village, spelled(village, body=body), Malformed)


# The place.


def test_a_statement_about_a_sister_ledger_is_refused_here(village):
    sister = found("Ana", "Chidi", at=FOUNDED + 1000)

    refused(village, spelled(sister), WrongPlace)
    refused(village, spelled(village, ledger=None), WrongPlace)


def test_everything_said_here_is_refused_when_it_comes_again_here_or_elsewhere(village):
    invited = village.invite("Ana", "Bela")
    village.join("Bela", invited)
    village.append(spelled(village), key("Ana"), FOUNDED + HOUR)
    sister = found("Ana", "Chidi", at=FOUNDED + HOUR)
    for data, signature, _ in village.leaves:
        for other in (village, sister):
            before = parts(other.book)
            with pytest.raises(TallyError):
                other.book.admit(data, signature, FOUNDED + HOUR)

            assert parts(other.book) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"prev": None},
        {"prev": hashlib.sha256(b"another").hexdigest()},
        {"seq": 2},
        {"seq": 2**53 - 1},
        {"seen": {"size": 1, "root": "0" * 64}},
        {"seen": {"size": 2, "root": "0" * 64}},
        {"seen": {"size": 0, "root": "0" * 64}},
    ],
    ids=str,
)
def test_a_statement_follows_the_last_of_its_key_and_its_author_saw_our_past(village, changed):
    refused(village, spelled(village, **changed), WrongPlace)


def test_what_an_author_has_seen_never_shrinks(village):
    old = fields(village)["seen"]
    village.append(spelled(village), key("Ana"), FOUNDED)
    village.append(spelled(village), key("Ana"), FOUNDED)

    refused(village, spelled(village, seen=old), WrongPlace)
    refused(village, spelled(village, seen={"size": 0, "root": hashlib.sha256(b"").hexdigest()}), WrongPlace)


def test_an_author_who_was_away_may_have_seen_less_than_there_is(village):
    old = fields(village, "Chidi")["seen"]
    village.append(spelled(village), key("Ana"), FOUNDED)
    village.append(canonical.encode(fields(village, "Chidi", seen=old)), key("Chidi"), FOUNDED)

    assert village.book.size == 3


def test_a_number_is_used_once_by_each_key(village):
    first = fields(village)
    village.append(canonical.encode(first), key("Ana"), FOUNDED)

    refused(village, spelled(village, seq=first["seq"], prev=first["prev"]), SequenceTaken)
    refused(village, canonical.encode(first), SequenceTaken)


def test_nothing_is_received_before_what_came_before_it(village):
    village.append(spelled(village), key("Ana"), FOUNDED + HOUR)

    refused(village, spelled(village), WrongPlace, later=-1)


def test_nothing_is_received_at_a_time_for_which_votes_were_already_counted(village):
    """A reader who looked ahead holds a book in which later things are done; nothing is judged by it any more."""
    village.book.advance(FOUNDED + DAY)

    refused(village, spelled(village), WrongPlace, later=HOUR)


# Who speaks.


def test_a_stranger_is_refused(village):
    data = canonical.encode(fields(village, key=key("Mallory").id, author=person("Mallory"), seq=0, prev=None))

    refused(village, data, NoKey, key("Mallory"))


def test_an_unknown_key_does_not_speak_for_a_member(village):
    data = canonical.encode(fields(village, key=key("Mallory").id, seq=0, prev=None))

    refused(village, data, NoKey, key("Mallory"))


def test_a_member_does_not_speak_for_another(village):
    refused(village, spelled(village, author=person("Chidi")), NoKey)


def test_a_signature_by_another_key_is_no_signature(village):
    refused(village, spelled(village), BadSignature, key("Chidi"))


@pytest.mark.parametrize("namespace", [entry.PROOF_NAMESPACE, "git", "file", "", "tally-entry-v2"])
def test_a_signature_made_for_another_purpose_is_no_signature(village, namespace):
    refused(village, spelled(village), BadSignature, namespace=namespace)


@pytest.mark.parametrize("cut", [b"", b"\0" * 64, b"\0" * 63])
def test_no_signature_is_no_signature(village, cut):
    with pytest.raises(BadSignature):
        village.book.admit(spelled(village), cut, FOUNDED)


def test_every_changed_byte_of_a_signed_statement_is_noticed(village):
    data = spelled(village)
    signature = key("Ana").sign(entry.preimage(entry.NAMESPACE, data))
    before = parts(village.book)
    for place in range(len(data)):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises(TallyError):
            village.book.admit(changed, signature, FOUNDED)
    for place in range(len(signature)):
        changed = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
        with pytest.raises(BadSignature):
            village.book.admit(data, changed, FOUNDED)

    assert parts(village.book) == before


def test_a_key_signs_only_from_the_entry_after_the_one_that_brought_it_until_it_ends(village):
    state = village.book.ledger
    state.keys[key("Ana").id].until = 1
    refused(village, spelled(village), NoKey)
    state.keys[key("Ana").id].until = None
    state.keys[key("Ana").id].since = 1
    refused(village, spelled(village), NoKey)


def test_a_candidate_logs_work_but_does_not_vote(village):
    village.join("Bela", village.invite("Ana", "Bela"))
    proposal = next(iter(village.book.parts["governance"].proposals))
    village.say("Bela", "contributions.logged", {"items": [item("Bela")]})
    body = {"proposal": proposal, "choice": "yes"}
    data, _ = compose(village.book, key("Bela"), person("Bela"), "governance.voted", body, FOUNDED)

    error = refused(village, data, NotAMember, key("Bela"))
    assert error.message == "You are not a member yet."


@pytest.mark.parametrize("standing", ["volunteer", "former"])
def test_who_is_not_a_member_does_not_invite(village, standing):
    people.set_standing(village.book.ledger, person("Chidi"), standing, FOUNDED)
    body = {"person": person("Dilek"), "admission": key("once Dilek").public.hex(), "name": "0" * 64}
    data, _ = compose(village.book, key("Chidi"), person("Chidi"), "ledger.invited", body, FOUNDED)

    refused(village, data, NotAMember, key("Chidi"))
