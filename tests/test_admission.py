"""What may enter the log: one spelling, one signature, one place; everything else leaves no trace in the book."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger import canonical, entry, people, receipt
from ledger.book import BadSignature, SequenceTaken, UnknownVersion, WrongPlace
from ledger.errors import NoKey, NotAMember, NotCanonical, Refused, TallyError, Usage
from ledger.fact import Malformed, UnknownKind
from ledger.keys import Key
from ledger.note import vkey
from ledger.private import Kept, Text, WrongCommitment
from ledger.record import compose, consented, receive, record
from tests.forge import Coop, forge
from tests.village import DAY, FOUNDED, HOUR, ROOMS, Village, found, key, parts, person

SMALL_ORDER = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
"""A point of order two: libsodium's check refuses it as a key."""


def item(whose: str, **changed: Any) -> dict[str, Any]:
    return {
        "who": person(whose),
        "date": "2025-08-01",
        "role": "code",
        "kind": "hour",
        "qty": 90,
        "circle": "",
        "refs": [],
        "with": [],
        "gift": False,
        "source": None,
        "note": None,
        "evidence": None,
    } | changed


def fields(village: Village, who: str = "Ana", **changed: Any) -> dict[str, Any]:
    """What this person would sign next, as a value, with some of it changed."""
    data, _ = compose(
        village.book, key(who), person(who), "contributions.logged", {"items": [item(who)]}, village.book.received
    )
    return canonical.decode(data) | changed


def refused(
    village: Village,
    data: bytes,
    why: type[TallyError],
    signer: Key | None = None,
    namespace: str = entry.NAMESPACE,
    later: int = 0,
) -> TallyError:
    """Sign and hand in these bytes; they are refused for this reason, and the book knows nothing of it."""
    signature = (signer or key("Ana")).sign(entry.preimage(namespace, data))
    before, size, root = parts(village.book), village.book.size, village.book.root
    with pytest.raises(why) as refusal:
        village.book.admit(data, signature, village.book.received + later)

    assert refusal.value.message
    assert (parts(village.book), village.book.size, village.book.root) == (before, size, root)
    return refusal.value


@pytest.fixture
def village() -> Village:
    return found("Ana", "Chidi")


def test_an_honest_statement_is_admitted(village):
    village.append(canonical.encode(fields(village)), key("Ana"), FOUNDED)

    assert village.book.size == 2


# The bytes.


def spelled(village: Village, **changed: Any) -> bytes:
    return canonical.encode(fields(village, **changed))


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


@pytest.mark.parametrize("kind", ["contributions.thanked", "os.path", "ledger.", "elsewhere.facts"])
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
    refused(village, spelled(village, seen={"size": 0, "root": entry.EMPTY_ROOT}), WrongPlace)


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
    assert "candidate" in error.message


@pytest.mark.parametrize("standing", ["volunteer", "former"])
def test_who_is_not_a_member_does_not_invite(village, standing):
    people.set_standing(village.book.ledger, person("Chidi"), standing, FOUNDED)
    body = {"person": person("Dilek"), "admission": key("once Dilek").public.hex(), "name": "0" * 64}
    data, _ = compose(village.book, key("Chidi"), person("Chidi"), "ledger.invited", body, FOUNDED)

    refused(village, data, NotAMember, key("Chidi"))


# Keys that join.


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
    while True:
        from ledger.cranks import turns

        kind, body = turns(village.book, late)[0]
        break
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


# What comes from elsewhere.


def signed_elsewhere(ledger: Any, signer: Key, author: str, **changed: Any) -> tuple[bytes, bytes, dict[str, Kept]]:
    body = {"items": [item("Ana", who=author, note=Text("mended the roof"), **changed)]}
    data, words = compose(ledger.book, signer, author, "contributions.logged", body, ledger.book.received)
    return data, signer.sign(entry.preimage(entry.NAMESPACE, data)), words


@pytest.fixture
def coop(tmp_path) -> Coop:
    return forge(tmp_path, "Ana")


def ana(ledger: Any, coop: Coop) -> tuple[Key, str]:
    from ledger.keys import read_key

    signer = read_key(coop.home.keys("riverbend")[0].path)
    return signer, ledger.book.ledger.keys[signer.id].person


def test_a_statement_signed_elsewhere_is_taken_in_with_its_words_and_a_receipt(coop):
    with coop.opened() as ledger:
        data, signature, words = signed_elsewhere(ledger, *ana(ledger, coop))
        recorded = receive(ledger, data, signature, words)

        known = ledger.known
        checked = receipt.check(receipt.parse(recorded.receipt), data, vkey(known.origin, bytes.fromhex(known.log_key)))
        assert (checked.index, checked.signature) == (1, signature)
        assert [kept.words for kept in ledger.log.private(1).values()] == ["mended the roof"]


def test_the_same_bytes_again_answer_with_the_place_they_have(coop):
    with coop.opened() as ledger:
        signer, author = ana(ledger, coop)
        data, signature, words = signed_elsewhere(ledger, signer, author)
        first = receive(ledger, data, signature, words)
        record(ledger, signer, author, "contributions.logged", {"items": [item("Ana", who=author)]})
        again = receive(ledger, data, signature, words)

        assert again.entry == first.entry
        assert receipt.parse(again.receipt).index == 1
        assert ledger.log.head().size == 3
        assert ledger.log.evidence() == []


def test_two_statements_under_one_number_are_kept_as_evidence_once(coop):
    with coop.opened() as ledger:
        signer, author = ana(ledger, coop)
        one = signed_elsewhere(ledger, signer, author)
        two = signed_elsewhere(ledger, signer, author, qty=600)
        receive(ledger, *one)
        for _ in range(3):
            with pytest.raises(SequenceTaken):
                receive(ledger, *two)

        assert [(row[2], row[3]) for row in ledger.log.evidence()] == [two[:2]]
        assert ledger.log.head().size == 2


def test_nobody_is_accused_by_somebody_elses_signature(coop):
    with coop.opened() as ledger:
        signer, author = ana(ledger, coop)
        receive(ledger, *signed_elsewhere(ledger, signer, author))
        ledger.reopen()
        value = canonical.decode(signed_elsewhere(ledger, signer, author)[0])
        value |= {"seq": 1, "prev": None}
        data = canonical.encode(value)
        forged = key("Mallory").sign(entry.preimage(entry.NAMESPACE, data))
        with pytest.raises(BadSignature):
            receive(ledger, data, forged, {})
        mallory = value | {"kind": "governance.joined", "seq": 0}
        mallory["body"] = {
            "invitation": "0" * 64,
            "key": key("Mallory").public.hex(),
            "name": "0" * 64,
            "proofs": [{"key": "0" * 64, "sig": "0" * 128}],
        }
        data = canonical.encode(mallory)
        with pytest.raises(NoKey):
            receive(ledger, data, key("Mallory").sign(entry.preimage(entry.NAMESPACE, data)), {})

        assert ledger.log.evidence() == []


def test_words_that_their_author_did_not_commit_to_are_refused_with_the_statement(coop):
    with coop.opened() as ledger:
        data, signature, words = signed_elsewhere(ledger, *ana(ledger, coop))
        pointer, kept = next(iter(words.items()))
        for wrong, why in (
            ({pointer: Kept(kept.salt, "burned the roof")}, WrongCommitment),
            ({pointer: Kept(bytes(32), kept.words)}, WrongCommitment),
            ({pointer: Kept(kept.salt[:31], kept.words)}, Usage),
            ({pointer: Kept(kept.salt, " mended the roof")}, Usage),
            ({pointer: Kept(kept.salt, "\ud800")}, Usage),
            ({"/items/0/evidence": kept}, WrongCommitment),
        ):
            with pytest.raises(why):
                receive(ledger, data, signature, wrong)

        assert ledger.log.head().size == 1


def test_words_that_do_not_come_are_no_fault(coop):
    with coop.opened() as ledger:
        data, signature, _ = signed_elsewhere(ledger, *ana(ledger, coop))
        receive(ledger, data, signature, {})

        assert ledger.log.private(1) == {}


# Everything at once.


class Cooperative(RuleBasedStateMachine):
    """Honest people state things; somebody forges, replays, reorders and back-dates whatever was ever signed."""

    @initialize()
    def begin(self) -> None:
        self.village = found("Ana", "Chidi")
        self.now = FOUNDED
        self.roots = {1: self.village.book.root}
        self.said = ["Ana", "Chidi"]
        self.unsent: list[tuple[bytes, Key]] = []

    @rule(hours=st.integers(0, 24 * 20))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    def _try(self, who: str, kind: str, body: dict[str, Any]) -> None:
        """Say it; an honest statement that comes at a bad moment (the vote is over) is refused and leaves no trace."""
        size = self.village.book.size
        try:
            self.village.say(who, kind, body, self.now)
        except (Refused, NotAMember):
            assert self.village.book.size == size
        else:
            assert self.village.book.size == size + 1

    @rule(who=st.sampled_from(["Ana", "Bela", "Chidi"]), minutes=st.integers(1, 900))
    def somebody_logs_work(self, who: str, minutes: int) -> None:
        if key(who).id in self.village.book.ledger.keys:
            self._try(who, "contributions.logged", {"items": [item(who, qty=minutes, note=Text("work"))]})

    @precondition(lambda self: "Bela" not in self.said)
    @rule()
    def bela_joins(self) -> None:
        self.said.append("Bela")
        self.village.join("Bela", self.village.invite("Ana", "Bela", self.now), self.now)

    @rule(who=st.sampled_from(["Ana", "Bela", "Chidi"]), choice=st.sampled_from(["yes", "no", "abstain"]))
    def somebody_votes(self, who: str, choice: str) -> None:
        for proposal in list(self.village.book.parts["governance"].proposals):
            if key(who).id in self.village.book.ledger.keys:
                self._try(who, "governance.voted", {"proposal": proposal, "choice": choice})

    @rule(who=st.sampled_from(["Ana", "Chidi"]), count=st.integers(2, 3))
    def a_statement_is_handed_in_before_the_one_it_follows(self, who: str, count: int) -> None:
        first = fields(self.village, who)
        chain = [first]
        for _ in range(count - 1):
            last = chain[-1]
            chain.append(last | {"seq": last["seq"] + 1, "prev": entry.entry_id(canonical.encode(last))})
        for later in reversed(chain[1:]):
            self._refused(canonical.encode(later), key(who).sign, self.now)

    @rule(data=st.data())
    def something_is_replayed(self, data: st.DataObject) -> None:
        entry_bytes, signature, received = data.draw(st.sampled_from(self.village.leaves))
        self._refused(entry_bytes, lambda _: signature, data.draw(st.sampled_from([received, self.now])))

    @rule(data=st.data(), flip=st.integers(1, 255))
    def something_is_forged(self, data: st.DataObject, flip: int) -> None:
        whole = canonical.encode(fields(self.village))
        signature = key("Ana").sign(entry.preimage(entry.NAMESPACE, whole))
        together = bytearray(whole + signature)
        together[data.draw(st.integers(0, len(together) - 1))] ^= flip
        self._refused(bytes(together[:-64]), lambda _: bytes(together[-64:]), self.now)

    @rule(minutes=st.integers(1, 10_000))
    def something_is_back_dated(self, minutes: int) -> None:
        received = self.village.book.received - minutes * 60_000
        self._refused(canonical.encode(fields(self.village)), key("Ana").sign, received)

    @rule(changed=st.sampled_from(["author", "ledger", "prev", "seq", "seen", "key"]))
    def a_member_lies_about_the_place(self, changed: str) -> None:
        lies = {
            "author": person("Chidi"),
            "ledger": "0" * 64,
            "prev": "0" * 64,
            "seq": 2**40,
            "seen": {"size": self.village.book.size, "root": "0" * 64},
            "key": key("Chidi").id,
        }
        whole = fields(self.village) | {changed: lies[changed]}
        self._refused(canonical.encode(whole), key("Ana").sign, self.now)

    def _refused(self, data: bytes, sign: Any, received: int) -> None:
        book = self.village.book
        book.advance(max(received, book.received))
        self.now = max(self.now, received)
        before, size, root = parts(book), book.size, book.root
        with pytest.raises(TallyError):
            book.admit(data, sign(entry.preimage(entry.NAMESPACE, data)), received)

        assert (parts(book), book.size, book.root) == (before, size, root)

    @invariant()
    def the_log_only_grows_and_has_one_root_at_each_size(self) -> None:
        book = self.village.book

        assert book.size == len(self.village.leaves) >= max(self.roots)
        assert self.roots.setdefault(book.size, book.root) == book.root

    @invariant()
    def folding_the_log_again_gives_the_same_book(self) -> None:
        book, again = self.village.book, self.village.again()
        # What falls due at the very instant of the last entry is done by whoever looks next.
        book.advance(book.until)
        again.advance(book.until)

        assert parts(again) == parts(book)
        assert (again.size, again.root, again.last_id, again.received) == (
            book.size,
            book.root,
            book.last_id,
            book.received,
        )

    def teardown(self) -> None:
        assert set(self.village.book.parts) == set(ROOMS)


Cooperative.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
test_whatever_is_tried_the_log_tells_one_story = Cooperative.TestCase
