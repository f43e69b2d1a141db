"""Who said something holds the log's receipt for it, can show it to anybody, and anybody can check it alone."""

import base64
import json
import shutil
from pathlib import Path

import pytest

from ledger import checkpoint, merkle, receipt, receipts_kept, verify_receipt
from ledger.entry import entry_id, split_leaf
from ledger.note import vkey
from tests.forge import NOON, Coop, forge


def shown(coop: Coop, path: Path, entry: str = "1", *more: str) -> Path:
    coop.must("receipt", "show", entry, "--out", str(path), *more)
    return path


def log_key(coop: Coop) -> str:
    known = coop.home.ledger(None)
    return vkey(known.origin, bytes.fromhex(known.log_key))


def test_ana_keeps_the_receipt_of_her_hours_and_shows_it_to_bela(tmp_path):
    coop = forge(tmp_path)
    logged = coop.must("log", "1h", "roof", "--role", "care", "--json").answer
    coop.must("log", "1h", "door", "--role", "care")
    kept = coop.must("receipt", "show", "1.1", "--kept").out
    fresh = coop.must("receipt", "show", "1").out

    assert logged["receipts"] == [kept]
    assert receipt.parse(kept.encode()).index == receipt.parse(fresh.encode()).index == 1
    assert kept != fresh
    for name in ("kept", "fresh"):
        (tmp_path / name).write_text({"kept": kept, "fresh": fresh}[name])
        told = coop.must("receipt", "check", str(tmp_path / name)).out
        assert told.startswith("OK: the log ")
        assert "as entry 1" in told
        assert "contributions.logged, by Ana" in told
        assert "2025-08-01T12:00:00Z" in told
    assert "a head of 2 entries" in coop.must("receipt", "check", str(tmp_path / "kept")).out
    assert "a head of 3 entries" in told


def test_every_statement_leaves_its_receipt_at_home(tmp_path):
    coop = forge(tmp_path, "Ana")
    for words in (
        ("log", "1h", "roof", "--role", "care"),
        ("erase", "1", "--field", "note", "--basis", "mistake", "--yes"),
    ):
        coop.must(*words)
    with coop.opened() as ledger:
        for index in (1, 2):
            name = entry_id(split_leaf(ledger.log.entry(index))[0])
            assert receipts_kept.kept(coop.home, ledger.known, name) is not None
    other = Coop(tmp_path / "other", "", NOON)
    shutil.copytree(coop.path / "config", other.path / "config")
    ran = other.tally("receipt", "show", "1", "--kept")
    assert (ran.code, ran.out) == (2, "")
    assert "No receipt of entry 1 was kept here" in ran.err


def test_a_receipt_is_checked_where_there_is_no_ledger_at_all(tmp_path):
    """The folder of `tally prove` holds what it needs; the key of the log is named, for it was never pinned here."""
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care")
    coop.must("prove", "1", "--out", str(tmp_path / "proof"))
    anywhere = Coop(tmp_path / "empty", "")
    told = anywhere.must("receipt", "check", str(tmp_path / "proof" / "receipt"))

    assert "Compare the log's key" in told.out
    assert log_key(coop) in told.out
    assert verify_receipt.main([str(tmp_path / "proof")]) == 0
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(tmp_path / "proof" / "receipt", alone)
    for more, code in (
        ((), 2),
        (("--vkey", log_key(coop)), 2),
        (("--vkey", log_key(coop), "--entry", str(tmp_path / "proof" / "entry.json")), 5),
    ):
        ran = anywhere.tally("receipt", "check", str(alone / "receipt"), *more)
        assert (ran.code, ran.out) == (code, ""), more
    assert not anywhere.path.exists()


def test_the_pinned_key_counts_and_not_the_one_that_lies_beside(tmp_path):
    coop, stranger = forge(tmp_path), Coop(tmp_path / "stranger", "Ana", NOON)
    stranger.must("init", "Riverbend", "--rehearsal", "--founder", "Ana")
    stranger.must("log", "1h", "roof", "--role", "care")
    stranger.must("prove", "1", "--out", str(tmp_path / "proof"))
    ran = coop.tally("receipt", "check", str(tmp_path / "proof" / "receipt"), "--ledger", "riverbend")

    assert ran.code == 5
    assert "known keys" in ran.err
    assert "Compare the log's key" in coop.must("receipt", "check", str(tmp_path / "proof" / "receipt")).out


def test_a_receipt_outlives_the_ledger_it_came_from(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care")
    coop.must("prove", "1", "--out", str(tmp_path / "proof"))
    shutil.rmtree(coop.folder)

    assert coop.must("receipt", "check", str(tmp_path / "proof" / "receipt")).out.startswith("OK")


def test_a_receipt_fits_no_other_entry_and_a_changed_one_nothing(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care")
    coop.must("log", "1h", "door", "--role", "care")
    for number in (1, 2):
        coop.must("prove", str(number), "--out", str(tmp_path / f"proof {number}"))
    mine, other = (tmp_path / f"proof {number}" for number in (1, 2))
    text = (mine / "receipt").read_bytes()
    ran = coop.tally("receipt", "check", str(mine / "receipt"), "--entry", str(other / "entry.json"))
    assert (ran.code, ran.out) == (5, "")
    for place in range(0, len(text), 7):
        (mine / "receipt").write_bytes(text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :])
        assert coop.tally("receipt", "check", str(mine / "receipt")).code in (2, 5)
    (mine / "receipt").write_bytes(text)
    assert coop.must("receipt", "check", str(mine / "receipt"))


def test_a_signature_that_is_not_the_authors_is_no_signature(tmp_path):
    """A log that takes in what nobody signed proves only its own guilt."""
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care")
    with coop.opened() as ledger:
        entry_bytes, signature, received = split_leaf(ledger.log.entry(1))
        key = ledger.log.signers(ledger.log.head())[0]
    extra = receipt.extra(bytes([signature[0] ^ 1]) + signature[1:], received)
    root = merkle.root([merkle.leaf_hash(entry_bytes + extra)])
    head = checkpoint.sign(checkpoint.Checkpoint(coop.home.ledger(None).origin, 1, root), key)
    (tmp_path / "entry.json").write_bytes(entry_bytes)
    (tmp_path / "receipt").write_bytes(receipt.write(receipt.Receipt(0, (), head, extra)))
    ran = coop.tally("receipt", "check", str(tmp_path / "receipt"))

    assert ran.code == 5
    assert "author's signature" in ran.err


@pytest.mark.parametrize(("wanted", "told"), [("7", "numbered from 0"), ("x", "412"), ("1.x", "412"), ("", "412")])
def test_an_entry_that_is_not_there_has_no_receipt(tmp_path, wanted, told):
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care")
    ran = coop.tally("receipt", "show", wanted)

    assert ran.code == 2
    assert told in ran.err


# Statements carry the head around.


def test_a_statement_names_the_receipt_of_its_payout_and_the_head_so_that_mail_is_gossip(tmp_path):
    coop = forge(tmp_path, "Ana", "Chidi")
    coop.must("log", "1h", "roof", "--role", "care")
    coop.must("income", "add", "100.00", "--from", "Acme", "--date", "2025-08-01")
    coop.now = "2025-09-10T12:00:00Z"
    coop.must("payout", "tick")
    text, data = coop.must("statement", "Ana", "2025-08").out, coop.must("statement", "Ana", "2025-08", "--json").answer
    computed = data["computed"]["entry"]

    assert f"tally receipt show {computed}" in text
    assert f"Log head  {coop.size} entries" in text
    (tmp_path / "receipt").write_text(data["receipt"])
    assert f"as entry {computed}" in coop.must("receipt", "check", str(tmp_path / "receipt")).out
    (tmp_path / "mailed.json").write_text(json.dumps(data))
    (tmp_path / "mine").write_text(coop.must("checkpoint").out)
    compared = coop.must("checkpoint", "compare", str(tmp_path / "mailed.json"), str(tmp_path / "mine"))
    assert compared.out.startswith("same")


def test_a_receipt_holds_no_word_of_the_note(tmp_path):
    coop = forge(tmp_path)
    text = coop.must("log", "1h", "Zoë's illness", "--role", "care", "--json").answer["receipts"][0]

    assert "illness" not in text
    assert base64.b64encode(b"illness").decode()[:8] not in text
