"""Whatever is changed in a ledger, `tally verify` says so; what it verified once, it need not read again."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli import ROOMS
from ledger import clock, fact, note, verify
from ledger.book import Book
from ledger.database import FILE, TRIGGERS
from ledger.keys import new_key
from ledger.log import Unreachable
from ledger.private import Text
from ledger.verified import Verified
from ledger.verify import FAILED, INCOMPLETE, OK, Verdict
from ledger.verifying import encoded
from tests.forge import Coop, forge
from tests.many import grow


def verified(
    coop: Coop, kept: Verified | None = None, place: Path | None = None, seen: bool = True
) -> tuple[Verdict, Book]:
    """The verdict on a ledger, and its book, without the desk; compared with what the home has seen, or not."""
    known = coop.home.ledger(None)
    anchor = coop.home.anchor(known.founding) if seen else None
    return verify.verify(str(place or known.place), known, ROOMS, lambda *_: None, anchor, kept)


def kept(coop: Coop) -> Verified:
    """What the home keeps of its own ledger's verification."""
    known = coop.home.ledger(None)
    return Verified(coop.home, known.founding, known.place, ROOMS)


def edit(folder: Path, *statements: tuple[str, tuple[Any, ...]] | str) -> None:
    """Change the database as its owner could: with the guards taken away, and put back afterwards."""
    db = sqlite3.connect(folder / FILE)
    guards = [db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0] for name in TRIGGERS]
    for name in TRIGGERS:
        db.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        db.execute(*((statement,) if isinstance(statement, str) else statement))
    for sql in guards:
        db.execute(sql)
    db.commit()
    db.close()


def copied(coop: Coop, folder: Path) -> Path:
    """The ledger's folder as it is now, to be damaged."""
    shutil.copytree(coop.folder, folder)
    return folder


# What a person types and reads.


def test_a_verification_goes_on_from_the_last_one_and_says_so(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "mended the roof", "--role", "care")
    first = coop.must("verify").out.splitlines()
    coop.must("log", "2h", "painted the door", "--role", "care")
    coop.must("log", "20m", "--role", "care")
    second = coop.must("verify").out.splitlines()
    third = coop.must("verify").out.splitlines()
    full = coop.must("verify", "--full").out.splitlines()

    assert first[0].startswith("OK: 2 entries, every signature, admission and proof; 3 private texts;")
    assert second[0].startswith(
        "OK: 2 new entries after the first 2, every signature, admission and proof; 1 private text;"
    )
    assert second[1].startswith("The 2 entries before that were verified here earlier")
    assert "--full" in second[1]
    assert third[0] == "OK: no new entries after the first 4."
    assert full[0].startswith("OK: 4 entries, every signature, admission and proof; 4 private texts;")
    assert {lines[-1] for lines in (second, third, full)} == {full[-1]}


def test_the_answer_for_programs_says_from_which_entry_on(tmp_path):
    coop = forge(tmp_path)
    answers = []
    for words in ((), (), ("--full",)):
        coop.must("log", "5m", "roof", "--role", "care")
        answers.append(coop.must("verify", "--json", *words).answer)

    assert [(one["verdict"], one["since"], one["entries"]) for one in answers] == [
        (OK, 0, 2),
        (OK, 2, 3),
        (OK, 0, 4),
    ]


def test_what_was_verified_is_remembered_as_the_newest_head(tmp_path):
    coop = forge(tmp_path)
    known = coop.home.ledger(None)
    anchor = coop.home.anchor(known.founding)
    coop.must("log", "5m", "roof", "--role", "care")
    anchor.path.unlink()
    coop.must("verify")
    remembered = anchor.read()

    assert remembered is not None
    assert remembered[0] == coop.size


# Going on from the last time is as good as reading everything.


def test_an_incremental_verification_ends_with_the_book_of_a_full_one(tmp_path):
    """Work, days that pass, months that close, payouts that are computed: in steps of any size."""
    coop, chance = forge(tmp_path, "Ana"), random.Random(4)
    coop.must("income", "add", "1000.00", "--from", "ACME")
    days = iter(["2025-08-20", "2025-09-10", "2025-10-12", "2025-10-13", "2025-11-09"])
    own, seen, payouts = kept(coop), 0, 0
    for day in days:
        coop.now = f"{day}T12:00:00Z"
        grow(coop, chance.randrange(1, 40), note=Text("reviewed the parser"))
        coop.must("payout", "tick")
        verdict, book = verified(coop, own)
        full, anew = verified(coop)

        assert (verdict.verdict, verdict.since, full.verdict) == (OK, seen, OK)
        assert verdict.entries == full.entries == coop.size
        assert encoded(book) == encoded(anew)
        assert (book.root, book.received, book.last_id) == (anew.root, anew.received, anew.last_id)
        seen, payouts = coop.size, payouts + verdict.payouts
        assert payouts == full.payouts
    assert payouts >= 2


def test_a_long_log_is_checked_by_several_processes_with_the_same_outcome(tmp_path):
    coop = forge(tmp_path, "Ana")
    grow(coop, verify.CHUNK + 300)
    own = kept(coop)
    first, _ = verified(coop, own)
    grow(coop, verify.CHUNK + 5)
    second, book = verified(coop, own)
    full, anew = verified(coop)

    assert [one.verdict for one in (first, second, full)] == [OK, OK, OK]
    assert second.since == first.entries
    assert encoded(book) == encoded(anew)


@pytest.mark.parametrize("damage", ["gone", "a byte", "short", "daily", "sheets gone"])
def test_what_was_kept_of_a_verification_and_is_damaged_or_forged_is_not_used(tmp_path, damage):
    coop = forge(tmp_path, "Ana")
    coop.now = "2025-10-10T12:00:00Z"
    grow(coop, 70)
    coop.must("verify")
    own = kept(coop)
    assert own.book() is not None
    whole = own.path.read_bytes()
    if damage == "gone":
        own.path.unlink()
    elif damage == "a byte":
        own.path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    elif damage == "short":
        own.path.write_bytes(whole[:-1])
    elif damage == "daily":
        # What is read from day to day trusts admission; under the same secret, it is for another purpose.
        own.path.write_bytes((own.path.parent / "snapshot").read_bytes())
    else:
        own.close()
        own.shelf.path.unlink()

    assert coop.must("verify", "--json").answer["since"] == 0
    assert coop.must("verify", "--json").answer["since"] == 71


@pytest.mark.parametrize("place", range(0, 200, 7))
def test_no_byte_of_what_is_kept_of_a_verification_can_be_changed(tmp_path, place):
    coop = forge(tmp_path, "Ana")
    coop.must("verify")
    own = kept(coop)
    whole = own.path.read_bytes()
    at = place * len(whole) // 200
    own.path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])

    assert own.book() is None


def test_a_log_that_is_not_the_one_verified_before_fails_even_if_it_is_sound_by_itself(tmp_path):
    coop = forge(tmp_path, "Ana")
    coop.must("log", "5m", "roof", "--role", "care")
    older = copied(coop, tmp_path / "older")
    coop.must("log", "5m", "door", "--role", "care")
    coop.must("verify")
    own = kept(coop)
    shutil.rmtree(coop.folder)
    shutil.copytree(older, coop.folder)
    known = coop.home.ledger(None)
    coop.home.anchor(known.founding).path.unlink()
    shorter, _ = verified(coop, own)
    for _ in range(2):
        coop.now = "2025-08-01T13:00:00Z"
        grow(coop, 1)
    other, _ = verified(coop, own)
    alone, _ = verified(coop)

    ran = coop.tally("verify")

    assert (ran.code, "tally verify --full" in ran.err) == (5, True)
    assert (shorter.verdict, "has verified 3" in shorter.why) == (FAILED, True)
    assert (other.verdict, "not those that this home has verified" in other.why) == (FAILED, True)
    assert alone.verdict == OK


# Changes in the database.


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A ledger with tiles, and its book."""
    coop = forge(tmp_path_factory.mktemp("verify"), "Ana")
    coop.must("log", "1h", "mended the roof", "--role", "care")
    grow(coop, 300)
    grow(coop, 4, in_one=1, note=Text("reviewed the parser"))
    verdict, book = verified(coop)
    assert verdict.verdict == OK
    return coop, encoded(book)


LEAF = "UPDATE leaf SET leaf = ? WHERE idx = ?"
CHANGES: dict[str, tuple[Callable[[list[bytes]], list[Any]], int | None]] = {
    "one taken away": (lambda _: ["DELETE FROM leaf WHERE idx = 17"], 17),
    "the first taken away": (lambda _: ["DELETE FROM leaf WHERE idx = 0"], 0),
    "the last taken away": (lambda _: ["DELETE FROM leaf WHERE idx = 305"], 305),
    "the tail taken away": (lambda _: ["DELETE FROM leaf WHERE idx >= 290"], 290),
    "two swapped": (lambda leaves: [(LEAF, (leaves[9], 8)), (LEAF, (leaves[8], 9))], 8),
    "one said twice": (lambda leaves: [(LEAF, (leaves[20], 21))], 21),
    "one put in between": (
        lambda leaves: ["UPDATE leaf SET idx = -idx WHERE idx >= 30", "UPDATE leaf SET idx = 1 - idx WHERE idx < 0",
                        ("INSERT INTO leaf VALUES (30, ?)", (leaves[29],))],
        30,
    ),
    "one put behind the end": (lambda leaves: [("INSERT INTO leaf VALUES (306, ?)", (leaves[305],))], None),
    "one put far behind the end": (lambda leaves: [("INSERT INTO leaf VALUES (99999, ?)", (leaves[305],))], None),
    "one put before the beginning": (lambda leaves: [("INSERT INTO leaf VALUES (-1, ?)", (leaves[305],))], None),
    "a time of receipt": (lambda leaves: [(LEAF, (leaves[40][:-1] + bytes([leaves[40][-1] ^ 1]), 40))], None),
    "a time of receipt behind the last tile": (
        lambda leaves: [(LEAF, (leaves[305][:-1] + bytes([leaves[305][-1] ^ 1]), 305))],
        None,
    ),
    "a signature": (lambda leaves: [(LEAF, (leaves[40][:-72] + bytes(64) + leaves[40][-8:], 40))], 40),
    "a word": (lambda leaves: [(LEAF, (leaves[41].replace(b'"qty":1', b'"qty":9'), 41))], 41),
    "a space": (lambda leaves: [(LEAF, (leaves[42].replace(b',"', b', "', 1), 42))], 42),
    "an empty one": (lambda _: [(LEAF, (bytes(80), 43))], 43),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_entries_that_are_taken_away_put_in_or_changed_are_named(sound, tmp_path, change):
    coop, _ = sound
    folder = copied(coop, tmp_path / "ledger")
    with coop.opened() as ledger:
        leaves = list(ledger.log.entries(0, 306))
    statements, entry = CHANGES[change]
    edit(folder, *statements(leaves))
    verdict, _ = verified(coop, place=folder, seen=False)

    assert verdict.verdict == FAILED
    if entry is not None:
        assert verdict.entry == entry
    else:
        assert verdict.why


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM tile",
        "UPDATE tile SET root = zeroblob(32)",
        "UPDATE tile_part SET hashes = zeroblob(1024) WHERE part = 7",
        "UPDATE tile_part SET hashes = (SELECT hashes FROM tile_part WHERE part = 5) WHERE part = 3",
        "DELETE FROM tile_part WHERE part = 7",
        "DELETE FROM tile_part",
        "INSERT INTO tile VALUES (0, 1, zeroblob(32))",
        "INSERT INTO tile VALUES (1, 0, zeroblob(32))",
        "INSERT INTO tile VALUES (0, 70, zeroblob(32))",
        "INSERT INTO tile VALUES (-1, 0, zeroblob(32))",
        "INSERT INTO tile_part VALUES (0, 1, 0, zeroblob(1024))",
        "INSERT INTO tile_part VALUES (0, 70, 3, zeroblob(1024))",
        "DELETE FROM checkpoint",
        "UPDATE checkpoint SET note = zeroblob(40)",
        "UPDATE checkpoint SET size = 5",
        "UPDATE private SET words = 'something else' WHERE idx = 305",
        "UPDATE private SET salt = zeroblob(32) WHERE idx = 305",
        "UPDATE private SET pointer = '/items/0/evidence' WHERE idx = 305",
        "INSERT INTO private VALUES (20, '/items/0/note', zeroblob(32), 'said about another')",
    ],
)
def test_tiles_heads_and_words_that_are_changed_missing_or_too_many_fail(sound, tmp_path, statement):
    coop, _ = sound
    folder = copied(coop, tmp_path / "ledger")
    edit(folder, statement)
    verdict, _ = verified(coop, place=folder, seen=False)

    assert verdict.verdict == FAILED, verdict


def test_words_that_are_not_held_are_counted_and_no_fault(sound, tmp_path):
    coop, book = sound
    folder = copied(coop, tmp_path / "ledger")
    edit(folder, "DELETE FROM private WHERE idx >= 303")
    verdict, anew = verified(coop, place=folder)

    assert (verdict.verdict, verdict.words_not_held) == (OK, 3)
    assert encoded(anew) == book


def test_an_older_copy_is_behind_what_this_home_has_seen(tmp_path):
    coop = forge(tmp_path, "Ana")
    coop.must("log", "5m", "roof", "--role", "care")
    older = copied(coop, tmp_path / "older")
    coop.must("log", "5m", "door", "--role", "care")
    verdict, _ = verified(coop, place=older)
    ran = coop.must("verify", str(older))

    assert (verdict.verdict, "has seen 3" in verdict.why) == (FAILED, True)
    assert ran.out.startswith("OK: 2 entries")
    assert "It is older: this home has seen 3 entries" in ran.err


def test_a_flipped_byte_anywhere_never_gives_another_book(tmp_path):
    """Every byte of an entry, its words and the head; every so many of the rest. Free space may change unnoticed."""
    coop = forge(tmp_path, "Ana")
    coop.must("log", "1h", "mended the roof", "--role", "care")
    _, book = verified(coop)
    whole = bytearray((coop.folder / FILE).read_bytes())
    folder = copied(coop, tmp_path / "flipped")
    with coop.opened() as ledger:
        leaf, head = ledger.log.entry(1), ledger.log.head().note
    places = [(whole.find(piece), len(piece)) for piece in (leaf, head, b"mended the roof")]
    dense = [at + n for at, length in places for n in range(length)]
    noticed = 0
    for place in (*dense, *range(0, len(whole), 499)):
        flipped = bytes(whole[:place]) + bytes([whole[place] ^ 0x41]) + bytes(whole[place + 1 :])
        (folder / FILE).write_bytes(flipped)
        verdict, anew = verified(coop, place=folder)
        noticed += verdict.verdict != OK
        if verdict.verdict == OK:
            assert encoded(anew) == encoded(book), place
            assert place not in dense, place
    assert noticed >= len(dense)


# What cannot be read or understood.


def test_an_unknown_kind_is_incomplete_and_never_ok(tmp_path, monkeypatch):
    coop = forge(tmp_path, "Ana")
    coop.must("log", "5m", "roof", "--role", "care")
    older = {kind: cls for kind, cls in fact.kinds(ROOMS).items() if not kind.startswith("contributions.")}
    monkeypatch.setattr(fact, "_by_kind", older)
    monkeypatch.setattr(fact, "_decoders", {kind: fact._decoders[kind] for kind in older})
    monkeypatch.setattr(fact, "_load", lambda _: None)
    verdict, _ = verified(coop)

    assert (verdict.verdict, verdict.entry) == (INCOMPLETE, 1)
    assert "contributions.logged" in verdict.why


def test_a_database_of_a_later_format_is_incomplete(tmp_path):
    coop = forge(tmp_path, "Ana")
    edit(coop.folder, "PRAGMA user_version = 99")
    verdict, _ = verified(coop)
    ran = coop.tally("verify")

    assert (verdict.verdict, "format 99" in verdict.why) == (INCOMPLETE, True)
    assert (ran.code, ran.err.startswith("INCOMPLETE")) == (5, True)


def test_a_log_that_cannot_be_reached_is_incomplete(tmp_path, monkeypatch):
    coop = forge(tmp_path, "Ana")

    def gone(*_: Any) -> None:
        raise Unreachable("The server does not answer.", "Try again later.")

    monkeypatch.setattr("ledger.store.SqliteLog.entries", gone)
    verdict, _ = verified(coop)

    assert (verdict.verdict, verdict.why, verdict.hint) == (
        INCOMPLETE,
        "The server does not answer.",
        "Try again later.",
    )


def test_an_entry_received_after_a_witness_cosigned_it_fails(tmp_path):
    """A witness saw the head at noon; the entries below it say they came an hour later."""
    coop = forge(tmp_path, "Ana")
    coop.now = "2025-08-01T13:00:00Z"
    coop.must("log", "5m", "roof", "--role", "care")
    for said, name, verdict in (("12:50:30", "bela.example", OK), ("12:49:30", "chidi.example", FAILED)):
        with coop.opened() as ledger:
            head = ledger.log.head()
            text = head.note.rpartition(b"\n\n")[0].decode() + "\n"
            at = clock.parse(f"2025-08-01T{said}Z") // 1000
            ledger.log.keep_cosignatures(head.size, [note.cosign(text, name, new_key(), at)])
        found, _ = verified(coop)

        assert found.verdict == verdict, found
    assert "chidi.example" in found.why


# What is somewhere else.


def site(coop: Coop, folder: Path) -> Path:
    """The ledger as a folder of tiles, without any private words."""
    coop.must("export", "tiles", str(folder))
    return folder


def test_a_folder_of_tiles_is_verified_and_holds_no_words(sound, tmp_path):
    coop, book = sound
    folder = site(coop, tmp_path / "site")
    verdict, anew = verified(coop, place=folder)
    ran = coop.must("verify", str(folder))

    assert (verdict.verdict, verdict.words, verdict.words_not_held) == (OK, 0, 6)
    assert encoded(anew) == book
    assert "OK: 306 entries" in ran.out
    assert "0 private texts, 6 not held here" in ran.out
    assert coop.must("verify", str(folder)).out.startswith("OK: no new entries after the first 306.")


@pytest.mark.parametrize(("gone", "word"), [("tile/entries/000", "lacks"), ("tile/entries/001.p/50", "lacks")])
def test_a_folder_of_tiles_that_lacks_a_file_is_incomplete(sound, tmp_path, gone, word):
    coop, _ = sound
    folder = site(coop, tmp_path / "site")
    (folder / gone).unlink()
    verdict, _ = verified(coop, place=folder)

    assert (verdict.verdict, word in verdict.why) == (INCOMPLETE, True)
    assert coop.tally("verify", str(folder)).code == 5


@pytest.mark.parametrize(
    "changed", ["tile/entries/000", "tile/0/000", "tile/0/001.p/50", "tile/1/000.p/1", "checkpoint"]
)
def test_a_folder_of_tiles_with_a_changed_file_is_never_ok(sound, tmp_path, changed):
    coop, _ = sound
    folder = site(coop, tmp_path / "site")
    path = folder / changed
    whole = path.read_bytes()
    for place in random.Random(changed).sample(range(len(whole)), 4):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        verdict, _ = verified(coop, place=folder)

        assert verdict.verdict in (FAILED, INCOMPLETE), place


def test_a_copy_that_went_its_own_way_fails_and_evidence_of_it_is_kept(tmp_path):
    coop = forge(tmp_path, "Ana")
    other = copied(coop, tmp_path / "other")
    coop.must("log", "5m", "here", "--role", "care")
    home = shutil.copytree(coop.path, tmp_path / "home 2")
    elsewhere = Coop(Path(home), who="Ana")
    toml = elsewhere.path / "config" / "ledgers.toml"
    toml.write_text(toml.read_text().replace(str(coop.folder), str(other)))
    shutil.rmtree(elsewhere.path / "state")
    for note_ in ("there", "and there"):
        elsewhere.must("log", "5m", note_, "--role", "care")
    ran = coop.tally("verify", str(other))

    assert ran.code == 5
    assert "another past" in ran.err
    assert "tally evidence verify" in ran.err
    assert list((coop.path / "state").rglob("evidence-*.json"))


# Texts that were erased.


def test_an_erased_text_is_no_fault_and_the_entry_that_erased_it_is_told(tmp_path):
    coop = forge(tmp_path, "Ana")
    coop.must("log", "1h", "mended the roof", "--role", "care")
    coop.must("erase", "1.1", "--field", "note", "--basis", "mistake", "--yes")
    verdict, _ = verified(coop)
    ran = coop.must("verify")

    assert (verdict.verdict, verdict.words_erased, verdict.erased_by, verdict.words_not_held) == (OK, 1, [2], 0)
    assert "1 private text, 1 erased by entry 2;" in ran.out


def test_a_text_that_was_erased_and_lies_there_again_is_not_passed_over(tmp_path):
    coop = forge(tmp_path, "Ana")
    coop.must("log", "1h", "mended the roof", "--role", "care")
    db = sqlite3.connect(coop.folder / FILE)
    row = db.execute("SELECT * FROM private WHERE idx = 1").fetchone()
    coop.must("erase", "1.1", "--field", "note", "--basis", "mistake", "--yes")
    db.execute("INSERT INTO private VALUES (?, ?, ?, ?)", row)
    db.commit()
    db.close()
    verdict, _ = verified(coop)

    assert (verdict.verdict, verdict.entry, "entry 2 erased it" in verdict.why) == (FAILED, 1, True)
