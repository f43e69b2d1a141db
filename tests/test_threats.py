"""What somebody could try on a cooperative's log, row by row, and the tests that show it is noticed.

Rows whose tests stand with the part they are about are listed with their names; the others are tested here.
"""

import ast
import hashlib
import itertools
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger import canonical, checkpoint, entry, invitation, merkle, note, receipt
from ledger.book import BadSignature
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.database import FILE, TRIGGERS
from ledger.errors import NotCanonical, TallyError
from ledger.invitation import Invitation
from ledger.keys import Key, read_key
from ledger.log import KEY
from tests.forge import Coop, forge
from tests.signing import refused, spelled
from tests.village import FOUNDED, HOUR, Village, found, key

HERE = Path(__file__).parent
ROWS = {
    "edit, swap, delete, insert": (
        "test_threats.py::test_in_each_place_only_the_entry_that_stood_there_is_admitted",
        "test_threats.py::test_no_other_order_of_eight_entries_has_their_root",
        "test_threats.py::test_an_operator_who_signs_a_changed_log_anew_is_found_out_at_the_first_entry_he_changed",
        "test_verify.py::test_a_flipped_byte_anywhere_never_gives_another_book",
        "test_verify.py::test_entries_that_are_taken_away_put_in_or_changed_are_named",
        "test_verify.py::test_tiles_heads_and_words_that_are_changed_missing_or_too_many_fail",
    ),
    "tail truncated, old backup": (
        "test_threats.py::test_a_tail_that_is_cut_off_and_signed_anew_is_noticed_by_whoever_saw_it",
        "test_trust.py::test_whoever_is_shown_an_older_ledger_reads_why_and_where_the_proof_is",
        "test_trust.py::test_a_ledger_that_tells_another_past_stops_everything_and_convicts_its_key",
        "test_repair.py::test_whatever_befalls_the_file_the_repaired_root_is_the_anchored_one",
    ),
    "rewritten history, split view": (
        "test_evidence.py::test_every_fork_is_found_and_its_proof_stands_by_itself",
        "test_trust.py::test_members_who_saw_different_pasts_can_never_be_merged_unnoticed",
        "test_simulator.py::test_every_truth_holds_in_a_run_nobody_has_seen",
        "test_simulator.py::test_a_safeguard_that_is_missing_is_noticed_in_some_run",
    ),
    "entry omitted, stalled": ("test_threats.py::test_whoever_leaves_an_entry_out_leaves_a_gap_in_its_keys_numbers",),
    "replay, cross-protocol reuse": (
        "test_admission.py::test_everything_said_here_is_refused_when_it_comes_again_here_or_elsewhere",
        "test_admission.py::test_a_signature_made_for_another_purpose_is_no_signature",
        "test_threats.py::test_a_signature_over_anything_but_the_preimage_is_no_signature",
    ),
    "weak or malleable key": (
        "test_keys.py::test_every_published_signature_gets_the_verdict_of_libsodium",
        "test_admission_keys.py::test_a_key_that_fits_many_messages_does_not_join",
        "test_threats.py::test_a_signature_has_one_form",
    ),
    "two encodings, NaN, depth bombs": (
        "test_canonical.py::test_what_needs_judgement_is_refused",
        "test_canonical.py::test_the_bytes_are_those_of_rfc_8785_and_give_the_value_back",
        "test_threats.py::test_an_entry_too_long_or_too_deep_is_refused_before_anything_is_read_from_it",
    ),
    "stolen or lost key": (
        "test_key_lives.py::test_a_backdated_entry_of_a_stolen_key_does_not_slip_in",
        "test_key_lives.py::test_keys_that_a_thief_added_end_with_the_stolen_one_and_theirs",
        "test_admission.py::test_a_key_signs_only_from_the_entry_after_the_one_that_brought_it_until_it_ends",
    ),
    "garbled notes, witness lines": (
        "test_threats.py::test_every_part_of_a_text_that_is_signed_is_refused",
        "test_threats.py::test_every_byte_one_higher_is_refused",
        "test_sshsig.py::test_a_changed_byte_or_a_cut_anywhere_spoils_the_file",
        "test_keys.py::test_a_damaged_key_file_is_refused_and_never_a_crash",
        "test_evidence.py::test_a_file_of_evidence_has_one_spelling_and_no_byte_to_spare",
    ),
    "SQL injection, owner abuse": (
        "test_store.py::test_our_own_program_cannot_change_what_stands",
        "test_store.py::test_another_program_cannot_change_what_stands",
        "test_threats.py::test_words_that_look_like_sql_are_words",
    ),
    "crash, EIO, failed-but-persisted commit": (
        "test_fault_injection.py::test_whatever_statement_fails_all_of_it_is_there_or_nothing_and_again_does_it_once",
        "test_fault_injection.py::test_whatever_statement_of_a_command_fails_its_work_counts_once",
        "test_strace.py::test_whatever_call_fails_or_kills_work_counts_once_and_all_is_verified",
    ),
    "bit rot": (
        "test_store.py::test_a_bit_that_flipped_in_the_log_is_an_error_in_words",
        "test_repair.py::test_whatever_befalls_the_file_the_repaired_root_is_the_anchored_one",
    ),
    "flooding": (
        "test_sequencer.py::test_the_queue_is_bounded_and_memory_does_not_grow_with_what_is_sent",
        "test_sequencer.py::test_who_sends_too_much_is_told_to_come_later_and_the_others_are_not_held_up",
        "test_sequencer.py::test_rubbish_does_not_even_queue",
    ),
    "dictionary on commitments": ("test_private.py::test_the_same_words_never_commit_the_same_way_twice",),
    "receive time falls or contradicts cosignatures": (
        "test_admission.py::test_nothing_is_received_before_what_came_before_it",
        "test_verify.py::test_an_entry_received_after_a_witness_cosigned_it_fails",
        "test_threats.py::test_an_operator_who_signs_a_changed_log_anew_is_found_out_at_the_first_entry_he_changed",
    ),
    "ANSI, markup, bidi text": ("test_private.py::test_every_command_shows_names_and_notes_harmlessly",),
    "check skipped because unverified data says so": (
        "test_verify.py::test_what_was_kept_of_a_verification_and_is_damaged_or_forged_is_not_used",
        "test_threats.py::test_no_number_that_nobody_signed_makes_a_check_be_skipped",
    ),
}
"""What could be tried, and the tests that show what comes of it."""


@pytest.mark.parametrize("row", ROWS)
def test_each_threat_has_tests_that_are_there(row):
    for named in ROWS[row]:
        file, _, name = named.partition("::")
        functions = [node.name for node in ast.walk(ast.parse((HERE / file).read_text())) if isinstance(node, DEF)]

        assert name in functions, named


DEF = ast.FunctionDef


# Edit, swap, delete, insert.


@pytest.fixture(scope="module")
def eight() -> Village:
    """A log of eight entries by two people."""
    village = found("Ana", "Chidi")
    for number in range(6):
        who = ("Ana", "Chidi")[number % 2]
        village.say(who, "governance.text", {"text": f"Text {number}."}, FOUNDED + number * HOUR)
    village.invite("Ana", "Bela")
    return village


def test_in_each_place_only_the_entry_that_stood_there_is_admitted(eight):
    """So every order but the true one is refused at the first entry that is out of place, and every gap and double."""
    assert len(eight.leaves) == 8
    for place, true in enumerate(eight.leaves):
        for other in eight.leaves:
            book = eight.again(place)
            if other is true:
                assert book.admit(*other).index == place
            else:
                data, signature, received = other
                with pytest.raises(TallyError):
                    book.admit(data, signature, max(received, book.received))


def test_no_other_order_of_eight_entries_has_their_root(eight):
    hashes = [merkle.leaf_hash(entry.leaf(*leaf)) for leaf in eight.leaves]
    roots = {merkle.root(order) for order in itertools.permutations(hashes)}

    assert len(roots) == 40_320
    for size in range(8):
        assert merkle.root(hashes[:size]) not in roots


class Operator:
    """Whoever holds a ledger's folder and its key, and changes what he likes."""

    def __init__(self, coop: Coop) -> None:
        self.coop, self.known = coop, coop.home.ledger(None)
        with coop.opened() as ledger:
            self.leaves = list(ledger.log.entries(0, ledger.log.head().size))

    def sign_anew(self) -> None:
        """Put these leaves in place of those that stood there, under a head that the log's key signs."""
        head = Checkpoint(self.known.origin, len(self.leaves), merkle.root([merkle.leaf_hash(x) for x in self.leaves]))
        signed = checkpoint.sign(head, read_key(self.coop.folder / KEY))
        db = unguarded(self.coop)
        db.execute("DELETE FROM leaf")
        db.execute("DELETE FROM checkpoint")
        db.executemany("INSERT INTO leaf VALUES (?, ?)", enumerate(self.leaves))
        db.execute("INSERT INTO checkpoint VALUES (?, ?)", (head.size, signed))
        db.execute(f"DELETE FROM private WHERE idx >= {head.size}")
        db.close()

    def changed(self, place: int, **said: Any) -> bytes:
        """The entry in this place, saying something else, with the signature it had."""
        data, signature, received = entry.split_leaf(self.leaves[place])
        return entry.leaf(canonical.encode(canonical.decode(data) | said), signature, received)

    def at(self, place: int, received: int) -> bytes:
        """The entry in this place, as if it had come at another time."""
        data, signature, _ = entry.split_leaf(self.leaves[place])
        return entry.leaf(data, signature, received)


def unguarded(coop: Coop) -> sqlite3.Connection:
    """The database of a ledger without its guards, as its owner can open it."""
    db = sqlite3.connect(coop.folder / FILE, isolation_level=None)
    for trigger in TRIGGERS:
        db.execute(f"DROP TRIGGER {trigger}")
    return db


REWRITES: tuple[tuple[str, int, Callable[[Operator], None]], ...] = (
    ("edited", 2, lambda one: one.leaves.__setitem__(2, one.changed(2, ts="2025-08-01T12:00:01Z"))),
    ("swapped", 2, lambda one: one.leaves.__setitem__(slice(2, 4), one.leaves[3:1:-1])),
    ("deleted", 2, lambda one: one.leaves.__delitem__(2)),
    ("said twice", 3, lambda one: one.leaves.insert(3, one.leaves[2])),
    ("earlier than the one before", 3, lambda one: one.leaves.__setitem__(3, one.at(3, FOUNDED))),
    ("in another's name", 2, lambda one: one.leaves.__setitem__(2, one.changed(2, author="0" * 32))),
)


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Coop:
    """A ledger with five entries by two people."""
    coop = forge(tmp_path_factory.mktemp("written"))
    for number in range(4):
        Coop(coop.path, ("Ana", "Chidi")[number % 2]).must("log", "1h", f"note {number}", "--role", "care")
    return coop


@pytest.fixture
def coop(written, tmp_path) -> Coop:
    """The same ledger in a home of its own."""
    shutil.copytree(written.path, tmp_path / "home")
    toml = tmp_path / "home" / "config" / "ledgers.toml"
    toml.write_text(toml.read_text().replace(str(written.path), str(tmp_path / "home")))
    return Coop(tmp_path / "home")


@pytest.mark.parametrize(("how", "place", "rewrite"), REWRITES, ids=[how for how, _, _ in REWRITES])
def test_an_operator_who_signs_a_changed_log_anew_is_found_out_at_the_first_entry_he_changed(coop, how, place, rewrite):
    operator = Operator(coop)
    rewrite(operator)
    operator.sign_anew()
    shutil.rmtree(coop.path / "state")  # even somebody who never saw the log before
    ran = coop.tally("verify", "--json")

    assert ran.code == 5, ran
    assert (ran.answer["verdict"], ran.answer["entry"]) == ("FAILED", place), ran.answer["why"]


def test_the_operator_of_these_tests_is_believed_where_he_changes_nothing(coop):
    operator = Operator(coop)
    operator.sign_anew()

    assert coop.must("verify").out.startswith("OK")


# Tail truncated, old backup.


def test_a_tail_that_is_cut_off_and_signed_anew_is_noticed_by_whoever_saw_it(coop):
    operator = Operator(coop)
    del operator.leaves[3:]
    operator.sign_anew()

    assert coop.tally("verify").code == 5
    assert coop.tally("log", "1h", "more", "--role", "care").code == 5


# Entry omitted, stalled.


def test_whoever_leaves_an_entry_out_leaves_a_gap_in_its_keys_numbers(eight):
    for left_out in range(1, 8):
        book = eight.again(left_out)
        of_the_key = entry.read(eight.leaves[left_out][0]).key
        later = [leaf for leaf in eight.leaves[left_out + 1 :] if entry.read(leaf[0]).key == of_the_key]
        for leaf in later:
            with pytest.raises(TallyError):
                book.admit(*leaf)


# Replay, cross-protocol reuse.


@pytest.fixture
def village() -> Village:
    return found("Ana", "Chidi")


def test_a_signature_over_anything_but_the_preimage_is_no_signature(village):
    """Over the bytes alone, their hash, a note or a cosignature of them, or what a second signature signs."""
    data = spelled(village)
    value = canonical.decode(data)
    text = data.decode() + "\n"
    for message in (
        data,
        hashlib.sha512(data).digest(),
        hashlib.sha256(data).digest(),
        merkle.leaf_hash(data),
        text.encode(),
        f"cosignature/v1\ntime 1754038800\n{text}".encode(),
        entry.consent(value["ledger"], value["kind"], value["author"], value["body"]),
        entry.preimage(entry.NAMESPACE, data + b" "),
    ):
        with pytest.raises(BadSignature):
            village.book.admit(data, key("Ana").sign(message), FOUNDED)

    village.book.admit(data, key("Ana").sign(entry.preimage(entry.NAMESPACE, data)), FOUNDED)


# Weak or malleable key.


def test_a_signature_has_one_form(village):
    """S + L verifies in libraries that do not look; an entry would get a second leaf."""
    order = 2**252 + 27742317777372353535851937790883648493
    data = spelled(village)
    signature = key("Ana").sign(entry.preimage(entry.NAMESPACE, data))
    for times in range(1, 16):
        scalar = int.from_bytes(signature[32:], "little") + times * order
        if scalar < 2**256:
            with pytest.raises(BadSignature):
                village.book.admit(data, signature[:32] + scalar.to_bytes(32, "little"), FOUNDED)


# Two encodings, NaN, depth bombs.


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 1_000_000,
        b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
        b'{"body":"' + b"a" * 10_000_000 + b'"}',
        b'{"body":"' + b"a" * (entry.ENTRY_MAX - 10) + b'"}',
        b'{"v":' + b"9" * 60_000 + b"}",
        b'{"v":NaN}',
        b'{"v":1,"v":1}',
        b"",
    ],
    ids=["brackets", "objects", "ten megabytes", "one byte too long", "a number", "NaN", "twice", "nothing"],
)
def test_an_entry_too_long_or_too_deep_is_refused_before_anything_is_read_from_it(village, data):
    refused(village, data, NotCanonical)


# Garbled notes, witness lines, receipts, keys, invitations.

LOG, OTHER = Key(bytes(range(32))), Key(bytes(range(1, 33)))
ORIGIN = "coop.example/ledger"
VKEY = note.vkey(ORIGIN, LOG.public)
WITNESS = note.vkey("w.example", OTHER.public, note.COSIGNATURE)
ENTRY = b'{"an":"entry"}'
LEAF = ENTRY + LOG.sign(ENTRY) + (1_750_000_000_000).to_bytes(8, "big")
SIDE = merkle.leaf_hash(b"another")
HEAD = Checkpoint(ORIGIN, 2, merkle.node_hash(merkle.leaf_hash(LEAF), SIDE))
SIGNED = checkpoint.sign(HEAD, LOG)
COSIGNED = SIGNED + f"{note.cosign(checkpoint.body(HEAD), 'w.example', OTHER, 1_750_000_000)}\n".encode()
RECEIPT = receipt.write(receipt.Receipt(0, (SIDE,), SIGNED, LEAF[-72:]))
INVITATION = invitation.write(
    Invitation(
        v=1,
        origin="o",
        log=LOG.public.hex(),
        founding="0" * 64,
        place="/x",
        person="1" * 32,
        seed=bytes(32).hex(),
        entry="2" * 64,
    )
).encode()


def opens_both(data: bytes) -> None:
    """A note that the log and a witness have signed."""
    if note.open_note(data, [VKEY, WITNESS]).names != (ORIGIN, "w.example"):
        raise note.NoteError("a signature is missing")


TEXTS: dict[str, tuple[bytes, Callable[[bytes], Any]]] = {
    "a checkpoint": (SIGNED, lambda data: open_checkpoint(data, VKEY)),
    "a checkpoint with a witness's line": (COSIGNED, opens_both),
    "a receipt": (RECEIPT, lambda data: receipt.check(receipt.parse(data), ENTRY, VKEY)),
    "a log's key": (VKEY.encode(), lambda data: note.parse_vkey(data.decode(errors="replace"))),
    "a witness's key": (WITNESS.encode(), lambda data: note.parse_vkey(data.decode(errors="replace"))),
    "an invitation": (INVITATION, lambda data: invitation.read(data.decode(errors="replace"))),
}
"""What is handed around signed or checked, and how it is read."""


@pytest.mark.parametrize("what", TEXTS)
def test_every_part_of_a_text_that_is_signed_is_refused(what):
    text, opens = TEXTS[what]
    opens(text)
    for start in range(len(text)):
        for end in range(start, len(text) + 1):
            if (start, end) != (0, len(text)):
                with pytest.raises(TallyError):
                    opens(text[start:end])


@pytest.mark.parametrize("what", TEXTS)
def test_every_byte_one_higher_is_refused(what):
    text, opens = TEXTS[what]
    for place in range(len(text)):
        for step in (1, 32, 128, 255):
            changed = text[:place] + bytes([(text[place] + step) % 256]) + text[place + 1 :]
            with pytest.raises(TallyError):
                opens(changed)
        with pytest.raises(TallyError):
            opens(text[:place] + b"\0" + text[place:])


# SQL injection, owner abuse.


@pytest.mark.parametrize("words", ["'); DROP TABLE leaf; --", '" OR 1=1 --', "%s ? :name $1", "x' UNION SELECT salt--"])
def test_words_that_look_like_sql_are_words(coop, words):
    coop.must("log", "1h", words, "--role", "care")
    coop.must("member", "list")
    with coop.opened() as ledger:
        assert [kept.words for kept in ledger.log.private(5).values()] == [words]
        assert ledger.log.head().size == 6


# A check that is skipped because unverified data says so.

UNSIGNED = [
    (table, column, value)
    for table, column in (("leaf", "idx"), ("checkpoint", "size"), ("private", "idx"))
    for value in ("0", "-1", "1", "9223372036854775807", f"{column} - 1", f"{column} + 1")
]


@pytest.mark.parametrize(("table", "column", "value"), UNSIGNED)
def test_no_number_that_nobody_signed_makes_a_check_be_skipped(coop, table, column, value):
    before = coop.must("verify", "--full", "--json").answer
    db = unguarded(coop)
    rows = db.execute(f"SELECT * FROM {table}").fetchall()
    db.execute(f"UPDATE OR IGNORE {table} SET {column} = {value}")
    changed = db.execute(f"SELECT * FROM {table}").fetchall() != rows
    db.close()
    ran = coop.tally("verify", "--full", "--json")

    if ran.code == 0:
        told = ("words", "words_erased", "words_not_held")
        assert not changed or table == "private", "only words may be gone, and then they are counted"
        assert [ran.answer[name] for name in ("entries", "root")] == [before[name] for name in ("entries", "root")]
        assert sum(ran.answer[name] for name in told) == before["words"]
    else:
        assert ran.code in (1, 5), ran
        assert ran.answer.get("verdict", "FAILED") in ("FAILED", "INCOMPLETE")
