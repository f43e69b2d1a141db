"""What somebody with bad intent might try against the cooperative, and what comes of it."""

import time
from typing import Any
from unittest.mock import patch

import pytest

from contributions import state as contributions
from ledger import entry, people
from ledger.book import Book
from ledger.composing import compose, consented, numbered
from ledger.entry import Entry
from ledger.errors import NoKey, Refused
from ledger.key_requests import proofs_by
from ledger.keys import Key, new_key
from ledger.log import Leaf
from ledger.note import cosign, divide, open_note
from ledger.outbox import Signed
from ledger.peers import asking, cosigned
from ledger.peers.beside_words import fitting
from ledger.private import Kept, Text
from ledger.sequencer import TooMany
from tests.forge import Coop, forge, new_log
from tests.keyring import add, reaffirm, speak, stolen, veto, vouch
from tests.signing import item
from tests.test_policy import key as eye
from tests.test_sequencer import Speaker, sequencing
from tests.test_witness_http import asked, policy_of
from tests.village import DAY, FOUNDED, Village, at, found, key, parts, person

CUT = at("2025-09-05")


@pytest.fixture
def village() -> Village:
    """Five members; Ana and Bela have a phone besides, which will be stolen."""
    made = found("Ana", "Bela", "Chidi", "Dilek", "Emre")
    add(made, "Ana", "Ana", "phone")
    add(made, "Bela", "Bela", "tablet")
    return made


@pytest.fixture
def coop(tmp_path) -> Coop:
    return forge(tmp_path, "Ana", "Chidi")


def same_again(village: Village) -> None:
    """Whoever folds the log anew knows the same."""
    again = village.again()
    again.advance(village.book.until)
    assert parts(again) == parts(village.book)


def worked(village: Village, period: str = "2025-08") -> int:
    """How much work stands in the sheet of a closed period."""
    return sum(quantity.qty for quantity in contributions.sheet(village.book, period).quantities)


# Work.


def drafted(village: Village) -> tuple[Entry, Entry]:
    """A draft that Bela wrote for Ana, and its confirmation by whoever has Ana's phone."""
    draft = village.say("Bela", "contributions.logged", {"items": [item("Ana", qty=900)]})
    body = {"items": [{"entry": draft.id, "items": [1]}]}
    return draft, speak(village, "Ana", "phone", "contributions.confirmed", body)


def test_a_draft_that_a_thief_confirmed_earns_nothing_until_its_person_stands_by_it(village):
    _, confirmed = drafted(village)
    stolen(village, "Ana", "Ana", "phone", confirmed)
    village.book.advance(CUT)
    assert worked(village) == 0

    reaffirm(village, "Ana", "Ana", confirmed, at=CUT)
    village.book.advance(at("2025-10-05"))

    assert worked(village, "2025-09") == 900
    assert contributions.of(village.book).confirmed == {}
    same_again(village)


def test_a_thiefs_confirmation_makes_no_room_for_a_day_of_more_than_24_hours(village):
    draft, confirmed = drafted(village)
    stolen(village, "Ana", "Ana", "phone", confirmed)
    with pytest.raises(Refused, match="24 hours"):
        village.say("Ana", "contributions.logged", {"items": [item("Ana", qty=600)]})

    village.say("Ana", "contributions.retracted", {"items": [{"entry": draft.id, "items": [1]}]})
    village.say("Ana", "contributions.logged", {"items": [item("Ana", qty=600)]})
    reaffirm(village, "Ana", "Ana", confirmed)
    village.book.advance(CUT)

    assert worked(village) == 600


def test_no_deal_is_named_twice_on_one_piece_of_work_so_that_it_weighs_double(village):
    with pytest.raises(Refused, match="twice"):
        village.say("Ana", "contributions.logged", {"items": [item("Ana", refs=["D-7", "D-7"])]})


# Keys.


def bring_word(village: Village) -> Entry:
    """Chidi and Dilek vouch for a new key of Ana's, and so does Bela, with her tablet."""
    for by in ("Chidi", "Dilek"):
        vouch(village, by, "Ana", "new")
    body: dict[str, Any] = {"person": person("Ana"), "key": key("new").public.hex()}
    proofs = proofs_by([key("new")], village.book.ledger.id, "ledger.vouched", person("Bela"), body)
    return speak(village, "Bela", "tablet", "ledger.vouched", body | {"proofs": proofs})


def test_a_word_for_a_recovery_that_is_reaffirmed_counts_again_and_the_waiting_begins_anew(village):
    word = bring_word(village)
    stolen(village, "Bela", "Bela", "tablet", word)
    reaffirm(village, "Bela", "Bela", word, at=FOUNDED + DAY)
    village.book.advance(FOUNDED + 3 * DAY)
    assert key("new").id not in village.book.ledger.keys

    village.book.advance(FOUNDED + 4 * DAY)

    assert people.signing_key(village.book.ledger, key("new").id, person("Ana"), village.book.size)
    same_again(village)


def test_a_veto_is_not_passed_over_by_vouching_for_another_key():
    """Three of six bring a person back; once she has said no it takes four, whichever key they want."""
    village = found("Ana", "Bela", "Chidi", "Dilek", "Emre", "Femi")
    for by in ("Bela", "Chidi", "Dilek"):
        vouch(village, by, "Ana", "first")
    veto(village, "Ana", "Ana", "first")
    for by in ("Bela", "Chidi", "Dilek"):
        vouch(village, by, "Ana", "second")
    village.book.advance(FOUNDED + 100 * DAY)
    assert key("second").id not in village.book.ledger.keys

    vouch(village, "Emre", "Ana", "second", FOUNDED + 100 * DAY)
    village.book.advance(FOUNDED + 104 * DAY)

    assert village.book.ledger.keys[key("second").id].until is None
    same_again(village)


def test_where_two_are_members_a_veto_keeps_nobody_out_who_later_loses_every_key():
    two = found("Ana", "Bela")
    vouch(two, "Bela", "Ana", "wrong")
    veto(two, "Ana", "Ana", "wrong")
    vouch(two, "Bela", "Ana", "right")
    two.book.advance(FOUNDED + 15 * DAY)

    assert two.book.ledger.keys[key("right").id].until is None


def test_words_for_ever_new_keys_do_not_pile_up(village):
    for number in range(20):
        vouch(village, "Bela", "Ana", f"key {number}")

    assert list(village.book.ledger.recoveries) == [key("key 19").id]
    same_again(village)


def test_what_a_thief_did_in_many_votes_is_undone_by_reading_the_log_a_few_times(village):
    proposed = [village.propose_text("Bela", f"resolution {number}") for number in range(40)]
    ballots = [
        speak(village, "Ana", "phone", "governance.voted", {"proposal": one.id, "choice": "yes"}) for one in proposed
    ]
    read, leaf_at = [0], village.book.leaf_at

    def counted(index: int) -> bytes:
        read[0] += 1
        return leaf_at(index)  # type: ignore[misc]

    village.book.leaf_at = counted
    stolen(village, "Ana", "Ana", "phone", ballots[0])
    assert not any(person("Ana") in village.proposal(one).ballots for one in proposed)
    reaffirm(village, "Ana", "Ana", *ballots)
    assert all(village.proposal(one).ballots[person("Ana")] == "yes" for one in proposed)

    assert read[0] < 10 * village.book.size
    village.book.leaf_at = leaf_at
    same_again(village)


# Those who only send.


def test_sending_somebodys_old_statements_again_does_not_keep_her_from_speaking(coop):
    with sequencing(coop, rate=0.001, burst=3) as one:
        ana = Speaker(coop, "Ana", one)
        first = ana.says()
        assert one.submit(first).result(10)
        for _ in range(3):
            assert one.submit(first).result(10)
        with pytest.raises(TooMany):
            one.submit(first)

        assert one.submit(ana.says()).result(10)


def joining(book: Book, admission: Key, invitation: str, who: str) -> tuple[Key, Signed]:
    """Somebody's request to join under a key of their own, with the one-time key of an invitation."""
    own = new_key()
    body = {"invitation": invitation, "key": own.public.hex(), "name": "0" * 64, "proofs": []}
    data, _ = numbered(book, own, who, "governance.joined", body, book.received, 0, None, None)
    data = consented(data, [admission])
    return own, Signed(data, own.sign(entry.preimage(entry.NAMESPACE, data)), {})


def test_keys_that_strangers_make_up_do_not_keep_an_invited_person_out(coop):
    with sequencing(coop, rate=0.001, burst=3) as one:
        ana, once = Speaker(coop, "Ana", one), new_key()
        body = {"person": person("Emre"), "admission": once.public.hex(), "name": Text("Emre")}
        data, words = compose(one.ledger.book, ana.key, ana.person, "ledger.invited", body, one.ledger.book.received)
        invited = Signed(data, ana.key.sign(entry.preimage(entry.NAMESPACE, data)), words)
        assert one.submit(invited).result(10)
        for _ in range(10):
            with pytest.raises(NoKey):
                one.submit(joining(one.ledger.book, new_key(), invited.id, person("Emre"))[1])
        assert one._waiting.empty()

        own, asked_to = joining(one.ledger.book, once, invited.id, person("Emre"))
        assert one.submit(asked_to).result(10)
        assert one.ledger.book.ledger.keys[own.id].person == person("Emre")


@pytest.mark.parametrize("pointer", ["/items/0/nöte", "/" + "a" * 70_000, "", "/items/0/evidence"])
def test_words_for_a_place_that_the_statement_does_not_have_are_refused_alone(coop, pointer):
    with sequencing(coop) as one:
        ana = Speaker(coop, "Ana", one)
        said = ana.says()
        book = one.ledger.book
        odd = Signed(said.data, said.signature, {**said.words, pointer: Kept(bytes(32), "words")})
        with pytest.raises(Exception, match="not the one its author committed to"):
            one.submit(odd).result(10)

        assert one.ledger.book is book, "nobody had to read the ledger anew"
        assert one.submit(said).result(10)


def test_words_that_a_copy_is_offered_for_a_place_without_end_are_left_out(village):
    said = village.say("Ana", "contributions.logged", {"items": [item("Ana")]})
    leaf = village.empty_book().leaf_at(said.index)  # type: ignore[misc]

    assert fitting(leaf, {f"/items/{'9' * 5000}/note": Kept(bytes(32), "words")}) == {}


def test_a_statement_is_looked_for_only_after_what_its_author_had_seen(tmp_path):
    log = new_log(tmp_path)
    leaf = b"x" * 100
    log.append([Leaf(leaf, {}), Leaf(b"y" * 100, {}), Leaf(b"z" * 100, {})], after=0)

    assert (log.find(leaf[:-72]), log.find(leaf[:-72], 1), log.find(b"z" * 28, 2)) == (0, None, 2)


# Witnesses.


def eyes_of_ana(head: bytes, *seconds: int) -> str:
    """What Ana's witness signs under a head, at each of these times."""
    return "".join(f"{cosign(divide(head)[0], 'ana.example', eye('ana'), at)}\n" for at in seconds)


def test_a_witness_that_slips_in_a_signature_of_long_ago_does_not_make_the_ledger_look_forged(coop, tmp_path):
    wanted, now = policy_of(ana="http://127.0.0.1:1"), time.time_ns() // 1_000_000
    with coop.opened() as ledger:
        text = eyes_of_ana(ledger.log.head().note, now // 1000, 1_000_000_000)
        with patch.object(asking, "post", return_value=asking.Answer(200, "text/plain", text.encode())):
            assert asked(ledger.log, wanted, tmp_path / "notes")["ana"].size == 1

    assert coop.must("verify").out.startswith("OK: 1 entries")


def test_a_witness_that_signs_again_and_again_does_not_crowd_out_the_others(coop):
    wanted, now = policy_of(ana="", bela=""), time.time_ns() // 1_000_000
    with coop.opened() as ledger:
        log = ledger.log
        for start in range(0, 150, 50):
            text = eyes_of_ana(log.head().note, *(now // 1000 + second for second in range(start, start + 50)))
            asking.take(log, log.keep_cosignatures, wanted, text, now)
        bela = cosign(divide(log.head().note)[0], "bela.example", eye("bela"), now // 1000)
        asking.take(log, log.keep_cosignatures, wanted, bela, now)
        (note,) = cosigned.of_log(log)

        known = [one.vkey for one in wanted.witnesses.values()]
        assert sorted(one.name for one in open_note(note, known).signatures) == ["ana.example", "bela.example"]
