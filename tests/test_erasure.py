"""Personal words can be erased for good: no trace of them stays, and nothing that was counted or paid changes."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from ledger import erasure
from ledger.entry import Entry, placed, read
from ledger.erase_facts import BASES
from ledger.errors import Refused
from ledger.log import Busy, Leaf
from ledger.private import Kept, Text
from tests.forge import NOON, Coop, forge, new_log, small_leaf
from tests.signing import item
from tests.village import Village, found, parts, person

SECRET = "Zoë's illness in the spring"


def traces(path: Path, *needles: bytes) -> list[str]:
    """The files below a path in which one of these is found, also in UTF-16, as JSON writes it, or as base64 or hex."""
    spelled = {form for needle in needles for form in (needle, needle.hex().encode())}
    spelled |= {needle.decode().encode("ascii", "backslashreplace") for needle in needles if _is_text(needle)}
    files = [one for one in path.rglob("*") if one.is_file()]
    return [str(one) for one in files if any(form in one.read_bytes() for form in spelled)]


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def erase(coop: Coop, entry: str, field: str = "note", basis: str = "mistake") -> Any:
    return coop.must("erase", entry, "--field", field, "--basis", basis, "--yes", "--json").answer


# At the terminal.


def test_a_note_is_erased_and_everybody_reads_that_it_was(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h30", SECRET, "--role", "care", "--evidence", "https://example.org/zoe")
    coop.must("log", "1h", "the roof", "--role", "care")
    with coop.opened() as ledger:
        salt = ledger.log.private(1)["/items/0/note"].salt
    assert traces(coop.path, SECRET.encode(), salt)
    asked = coop.tally("erase", "1.1", "--field", "note", "--basis", "mistake")
    assert (asked.code, coop.size) == (3, 3)
    assert SECRET in asked.err
    done = coop.must("erase", "1.1", "--field", "note", "--basis", "consent-withdrawn", "--yes")

    assert "Erased the note of 1.1 (entry 3)" in done.out
    assert traces(tmp_path, SECRET.encode(), SECRET[:12].encode(), salt) == []
    assert "(erased by entry 3)" in coop.must("work", "list").out
    assert "note      (erased by entry 3)" in (shown := coop.must("work", "show", "1.1").out)
    assert "https://example.org/zoe" in shown
    assert coop.must("work", "show", "1.1", "--json").answer["note_erased_by"] == 3
    assert "1 erased by entry 3" in coop.must("verify").out
    assert "1 erased by entry 3" in coop.must("verify", "--full").out
    assert "the roof" in coop.must("work", "list").out


def test_a_name_that_was_erased_shows_as_the_letters_of_its_id(tmp_path):
    coop = forge(tmp_path, "Ana", "Chidi")
    chidi = next(row for row in coop.must("member", "list", "--json").answer["members"] if row["name"] == "Chidi")
    erase(coop, "0.2", "name", "no-longer-needed")
    listed = coop.must("member", "list")

    assert f"({chidi['id'][:8]})" in listed.out
    assert "Chidi" not in listed.out
    assert "Ana" in listed.out


def test_what_is_meant_is_asked_for_where_it_is_not_clear(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care", "--evidence", "a photograph")
    for words, told in (
        (("erase", "1"), "1.1 --field note"),
        (("erase", "1", "--field", "colour"), "1.1 --field evidence"),
        (("erase", "1.2", "--field", "note"), "1.1 --field note"),
        (("erase", "1", "--field", "note"), "consent-withdrawn"),
        (("erase", "1", "--field", "note", "--basis", "spite"), "consent-withdrawn"),
        (("erase", "9", "--field", "note"), "numbered from 0 to 1"),
        (("erase", "one", "--field", "note"), "412.3"),
        (("erase", "-1", "--field", "note"), ""),
    ):
        ran = coop.tally(*words, "--yes")
        assert ran.code == 2, words
        assert told in ran.err
    assert coop.size == 2


def test_asking_once_more_clears_what_could_not_be_cleared_and_says_nothing_twice(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", SECRET, "--role", "care")
    erase(coop, "1")
    again = coop.must("erase", "1", "--field", "note", "--basis", "mistake", "--yes")

    assert "gone already, erased by entry 2" in again.out
    assert coop.size == 3


def test_the_help_names_every_reason_there_is(tmp_path):
    told = " ".join(forge(tmp_path).must("erase", "--help").out.split())
    for basis, meaning in BASES.items():
        assert f"{basis} {meaning}" in told


# Copies.


def test_a_home_that_shares_the_folder_keeps_nothing_either(tmp_path):
    coop = forge(tmp_path, "Ana", "Chidi")
    other = Coop(tmp_path / "other", "Chidi", NOON)
    for folder in ("config", "keys"):
        shutil.copytree(coop.path / folder, other.path / folder)
    coop.must("log", "1h", SECRET, "--role", "care")
    assert SECRET in other.must("work", "list").out
    other.must("verify")
    erase(coop, "1")

    assert "(erased by entry 2)" in other.must("work", "list").out
    assert traces(tmp_path, SECRET.encode()) == []
    assert "1 erased by entry 2" in other.must("verify").out


def test_words_of_an_erased_text_are_never_taken_in_again(tmp_path):
    """A copied folder still holds them; whoever brings words back from there leaves these out."""
    coop = forge(tmp_path)
    coop.must("log", "1h", SECRET, "--role", "care", "--evidence", "a photograph")
    with coop.opened() as ledger:
        words = ledger.log.private(1)
    erase(coop, "1")
    with coop.opened() as ledger:
        wanted = erasure.without(ledger.book.ledger.erased, 1, words)

    assert list(wanted) == ["/items/0/evidence"]


def test_a_copied_folder_obeys_when_it_takes_in_what_is_new(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", SECRET, "--role", "care")
    copy = tmp_path / "kept"
    coop.must("copy", str(coop.folder), "--to", str(copy))
    assert traces(copy, SECRET.encode())
    erase(coop, "1")
    coop.must("copy", str(coop.folder), "--to", str(copy))

    assert traces(tmp_path, SECRET.encode()) == []
    assert "1 erased by entry 2" in coop.must("verify", str(copy), "--full").out


# What stays.


def worked() -> Iterator[tuple[Village, Entry]]:
    """A village with work, money, votes and a closed month behind it; and the same, its texts erased."""
    village = found("Ana", "Chidi")
    noted = {"note": Text(SECRET), "evidence": Text("a photograph")}
    logged = village.say("Ana", "contributions.logged", {"items": [item("Ana", **noted), item("Ana", qty=60)]})
    village.say("Chidi", "contributions.logged", {"items": [item("Chidi", note=Text("door"))]})
    invited = village.invite("Ana", "Bela")
    village.join("Bela", invited)
    yield village, logged
    gone("Ana", village, logged, "/items/0/note")
    gone("Ana", village, logged, "/items/0/evidence")
    gone("Ana", village, village_entry(village, 0), "/founders/1/name")
    yield village, logged


def village_entry(village: Village, index: int) -> Entry:
    data, _, received = village.leaves[index]
    return placed(index, data, received, read(data))


def gone(who: str, village: Village, said: Entry, field: str, basis: str = "mistake", **options: Any) -> Entry:
    """Say that this text is erased."""
    body = {"entry": said.id, "index": said.index, "field": field, "basis": basis} | options
    return village.say(who, "ledger.erased", body)


def test_all_that_is_known_stays_byte_for_byte_but_that_texts_are_gone():
    stages = worked()
    before, logged = next(stages)
    known = {room: msgspec.msgpack.decode(part) for room, part in parts(before.book).items()}
    after, _ = next(stages)
    now = {room: msgspec.msgpack.decode(part) for room, part in parts(after.book).items()}
    for book in (known, now):
        for one in book["ledger"]["keys"].values():  # their last statement is the erasure
            one.update(seq=0, last=None, seen=0)

    assert now["ledger"].pop("erased") == {
        f"{logged.index} /items/0/note": logged.index + 4,
        f"{logged.index} /items/0/evidence": logged.index + 5,
        "0 /founders/1/name": logged.index + 6,
    }
    assert known["ledger"].pop("erased") == {}
    assert now == known
    assert parts(after.again()) == parts(after.book)


def test_payouts_are_the_same_to_the_byte(tmp_path):
    """A whole evening: work, income, a payout computed and approved, then every note of it erased."""
    coop = forge(tmp_path, "Ana", "Chidi")
    for number, who in enumerate(("Ana", "Chidi", "Ana")):
        coop.must("log", f"{number + 1}h", f"note {number} {SECRET}", "--role", "care", "--as", who)
    coop.must("income", "add", "1000.00", "--from", "Acme", "--date", "2025-08-01")
    coop.now = "2025-09-10T12:00:00Z"
    coop.must("payout", "tick")
    for who in ("Ana", "Chidi"):
        coop.must("payout", "approve", "2025-08", "--yes", "--as", who)

    def paid() -> tuple[Any, ...]:
        with coop.opened() as ledger:
            return tuple(parts(ledger.book)[room] for room in ("contributions", "governance", "payouts"))

    before, shown = paid(), coop.must("payout", "show", "2025-08").out
    why = coop.must("why", "Ana", "2025-08").out
    for entry in ("1", "2", "3"):
        erase(coop, entry, basis="objection")

    assert paid() == before
    assert coop.must("payout", "show", "2025-08").out == shown
    told = coop.must("why", "Ana", "2025-08").out
    assert told != why
    assert "(erased by entry" in told
    assert traces(tmp_path, SECRET.encode()) == []
    assert coop.must("verify", "--full").out.startswith("OK")


# Who may.


def test_the_author_the_person_it_is_about_and_treasurers_may_erase_and_nobody_else():
    village = found("Ana", "Chidi")
    for name in ("Bela", "Dilek"):
        proposed = village.join(name, village.invite("Ana", name))
        village.vote("Chidi", proposed, "yes")
    about_bela = [item("Bela", note=Text("first")), item("Bela", note=Text("second")), item("Bela", note=Text("third"))]
    drafted = village.say("Dilek", "contributions.logged", {"items": about_bela})
    with pytest.raises(Refused, match="not yours"):
        gone("Dilek", village, village_entry(village, 0), "/founders/0/name")

    gone("Dilek", village, drafted, "/items/0/note")
    gone("Bela", village, drafted, "/items/1/note")
    gone("Chidi", village, drafted, "/items/2/note")
    own = village.say("Chidi", "contributions.logged", {"items": [item("Chidi", note=Text("mine"))]})
    with pytest.raises(Refused, match="not yours"):
        gone("Bela", village, own, "/items/0/note")


def test_a_candidate_may_erase_what_is_about_her():
    """The right does not hang on a standing."""
    village = found("Ana", "Chidi", "Emre")
    village.join("Bela", invited := village.invite("Ana", "Bela"))
    assert village.book.ledger.persons[person("Bela")].standing == "candidate"

    gone("Bela", village, invited, "/name")
    with pytest.raises(Refused, match="not yours"):
        gone("Bela", village, village_entry(village, 0), "/founders/0/name")


def test_an_erasure_names_exactly_one_text_that_is_there():
    village = found("Ana", "Chidi")
    said = village.say("Ana", "contributions.logged", {"items": [item("Ana", note=Text("roof"))]})
    for body, why in (
        ({"field": "/items/0/evidence"}, "no personal text"),
        ({"field": "/items/1/note"}, "no personal text"),
        ({"field": "/items/0/qty"}, "no personal text"),
        ({"field": "/items/0"}, "no personal text"),
        ({"field": "items/0/note"}, "do not belong"),
        ({"entry": "00" * 32}, "another statement"),
        ({"index": 0}, "another statement"),
        ({"index": 2}, "no entry 2"),
        ({"index": 999}, "no entry 999"),
        ({"basis": "spite"}, "no basis"),
    ):
        with pytest.raises(Refused, match=why):
            gone("Ana", village, said, **({"field": "/items/0/note"} | body))
    gone("Ana", village, said, "/items/0/note")
    with pytest.raises(Refused, match="erased by entry 2"):
        gone("Chidi", village, said, "/items/0/note")


def test_what_an_erasing_entry_strikes_out_is_read_from_its_bytes_alone():
    village = found("Ana", "Chidi")
    said = village.say("Ana", "contributions.logged", {"items": [item("Ana", note=Text('"kind":"ledger.erased"'))]})
    gone("Ana", village, said, "/items/0/note")
    leaves = [data + signature + received.to_bytes(8, "big") for data, signature, received in village.leaves]

    assert [erasure.struck(leaf) for leaf in leaves] == [None, None, (1, "/items/0/note")]


# No trace.


@pytest.mark.parametrize("seed", [1, 3, 4])
def test_no_page_of_the_file_holds_what_was_erased_however_rows_were_moved(tmp_path, seed):
    """SQLite moves rows between pages as others go, and leaves the old bytes where they were."""
    chance, held = Random(seed), {}
    log = new_log(tmp_path)
    for size in range(0, 200, 20):
        leaves = []
        for index in range(size, size + 20):
            lengths = [chance.choice((20, 200, 1500, 3900)) for _ in range(chance.randint(0, 3))]
            words = {
                f"/items/{place}/note": Kept(chance.randbytes(32), f"<{index}.{place}>" + "x" * length)
                for place, length in enumerate(lengths)
            }
            held |= {(index, pointer): kept for pointer, kept in words.items()}
            leaves.append(Leaf(small_leaf(index), words))
        log.append(leaves, after=size)
    places = chance.sample(sorted(held), len(held))
    while places:
        now = [places.pop() for _ in range(min(chance.choice((1, 1, 2, 5, 30)), len(places)))]
        assert log.private_erase(now) == len(now)
        whole = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        there = {(int(at), f"/items/{int(place)}/note") for at, place in re.findall(rb"<([0-9]+)[.]([0-9])>x", whole)}
        assert there == set(places)
        assert not [at for at in now if held[at].salt in whole]
    log.close()


def test_who_still_reads_the_log_as_it_was_keeps_the_file_beside_it_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("ledger.database.WAIT_S", 0)
    log = new_log(tmp_path)
    log.append([Leaf(small_leaf(0), {"/note": Kept(bytes(32), SECRET)})], after=0)
    reader = sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM private").fetchone()
    with pytest.raises(Busy, match="still reads"):
        log.private_erase([(0, "/note")])
    assert log.private(0) == {}
    reader.execute("COMMIT")
    reader.close()
    log.scrub()

    assert traces(tmp_path, SECRET.encode()) == []
    log.close()
