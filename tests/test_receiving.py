"""What was signed elsewhere is taken in once, with its words and a receipt; contradictions are kept as evidence."""

from typing import Any

import pytest

from ledger import canonical, entry, receipt
from ledger.book import BadSignature, SequenceTaken
from ledger.errors import NoKey, Usage
from ledger.keys import Key, read_key
from ledger.note import vkey
from ledger.private import Kept, Text, WrongCommitment
from ledger.record import compose, receive, record
from tests.forge import Coop, forge
from tests.signing import item
from tests.village import key


def signed_elsewhere(ledger: Any, signer: Key, author: str, **changed: Any) -> tuple[bytes, bytes, dict[str, Kept]]:
    body = {"items": [item("Ana", who=author, note=Text("mended the roof"), **changed)]}
    data, words = compose(ledger.book, signer, author, "contributions.logged", body, ledger.book.received)
    return data, signer.sign(entry.preimage(entry.NAMESPACE, data)), words


@pytest.fixture
def coop(tmp_path) -> Coop:
    return forge(tmp_path, "Ana")


def ana(ledger: Any, coop: Coop) -> tuple[Key, str]:
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
