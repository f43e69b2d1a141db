"""Anybody may keep a full copy; it takes in only what the log signed, and only as the continuation of what it has."""

import json
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.anchor import Anchor
from ledger.checkpoint import is_unsigned
from ledger.database import FILE, make_database
from ledger.errors import TallyError, VerificationFailed
from ledger.keys import Key, new_key, read_key
from ledger.log import KEY, Head, Leaf, Reader, Unreachable
from ledger.note import NotSigned, vkey
from ledger.peers import copying, fetching
from ledger.peers.copying import BadSource, DamagedCopy, bring_up
from ledger.peers.exporting import export
from ledger.peers.tilesource import IncompleteSource, TileSource
from ledger.store import SqliteLog
from tests import sites
from tests.forge import ORIGIN, Coop, Ran, everything, forge, new_log, small_leaf
from tests.postgres import database, forge_beside
from tests.sites import Answer, Site, site


def stranger(tmp_path: Path) -> Coop:
    """A home that knows no ledger."""
    return Coop(tmp_path / "stranger", who="")


def shown(coop: Coop, folder: Path) -> Path:
    coop.must("export", "tiles", str(folder))
    return folder


def worked(coop: Coop, *notes: str) -> Coop:
    for note in notes:
        coop.must("log", "1h", note, "--role", "care")
    return coop


def held(folder: Path) -> list[bytes]:
    return [row[1] for row in everything(folder / FILE)["leaf"]]


def words(folder: Path) -> set[str]:
    return {row[3] for row in everything(folder / FILE)["private"]}


def test_dilek_keeps_a_copy_of_a_ledger_that_she_knows_by_its_key_alone(tmp_path):
    coop = worked(forge(tmp_path), "roof", "door")
    dilek, folder = stranger(tmp_path), shown(coop, tmp_path / "site")
    with site(folder) as web:
        refused = dilek.tally("copy", web.address)
        assert refused.code == 2
        assert "--vkey" in refused.err
        key = (folder / "log.vkey").read_text().strip()
        ran = dilek.must("copy", web.address, "--vkey", key, "--to", str(tmp_path / "copy"))
        assert "holds 3 entries, 3 of them new" in ran.out
        assert "OK: 3 entries" in ran.out
        worked(coop, "roof again")
        shown(coop, folder)
        ran = dilek.must("copy")
        assert "holds 4 entries, 1 of them new" in ran.out
        assert "OK: 1 new entry after the first 3" in ran.out

    assert held(tmp_path / "copy") == held(coop.folder)
    assert words(tmp_path / "copy") == set()
    assert dilek.must("verify", str(tmp_path / "copy"), "--full").out.startswith("OK: 4 entries")
    listed = dilek.must("copy", "--list", "--json").answer["copies"]
    assert [(row["size"], row["folder"], row["state"]) for row in listed] == [(4, str(tmp_path / "copy"), "whole")]
    assert "4 entries, the newest of 2025-08-01 12:00 UTC" in dilek.must("copy", "--list").out
    assert coop.must("verify", str(tmp_path / "copy"), "--full").out.startswith("OK: 4 entries")


def test_a_member_copies_the_ledgers_folder_with_its_private_words(tmp_path):
    coop = worked(forge(tmp_path), "roof", "door")
    ran = coop.must("copy", str(coop.folder))
    folder = coop.path / "copies" / "riverbend"

    assert str(folder) in ran.out
    assert words(folder) == words(coop.folder) >= {"roof", "door", "Ana"}
    assert not (folder / KEY).exists()
    assert folder.stat().st_mode & 0o77 == 0
    assert coop.must("copy").out.count("none of them new") == 1


def test_words_come_later_where_a_copy_was_made_from_a_site_first(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    folder = str(tmp_path / "copy")
    coop.must("copy", str(shown(coop, tmp_path / "site")), "--to", folder)
    assert words(Path(folder)) == set()
    coop.must("copy", str(coop.folder), "--to", folder)

    assert "roof" in words(Path(folder))


def test_nothing_is_recorded_in_a_copy(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    coop.must("copy", str(coop.folder), "--to", str(tmp_path / "copy"))
    toml = coop.path / "config" / "ledgers.toml"
    toml.write_text(toml.read_text().replace(str(coop.folder), str(tmp_path / "copy")))
    ran = coop.tally("log", "1h", "door", "--role", "care")

    assert ran.code == 6
    assert "is a copy" in ran.err
    assert len(held(tmp_path / "copy")) == 2
    assert "roof" in coop.must("work", "list").out


def test_an_erased_text_leaves_every_copy_and_does_not_come_back(tmp_path):
    coop = worked(forge(tmp_path), "roof", "whispered")
    stale = tmp_path / "stale"
    shutil.copytree(coop.folder, stale)
    coop.must("copy", str(coop.folder), "--to", str(tmp_path / "copy"))
    assert "whispered" in words(tmp_path / "copy")
    coop.must("erase", "2", "--field", "note", "--basis", "mistake", "--yes")
    coop.must("copy", "--to", str(tmp_path / "copy"))

    assert "whispered" not in words(tmp_path / "copy")
    assert all(b"whispered" not in path.read_bytes() for path in (tmp_path / "copy").iterdir())
    ran = coop.must("verify", str(tmp_path / "copy"), "--full")
    assert "1 erased by entry 3" in ran.out
    # Somebody still has the words; a copy that knows of the erasure does not take them in.
    fresh = new_copy(tmp_path / "fresh", coop)
    source = coop_log(coop.folder, coop)
    bring_up(fresh, source, keys_of(coop), tmp_path)
    old = coop_log(stale, coop)
    assert any(kept.words == "whispered" for kept in old.private(2).values())
    copying.lay_beside(fresh, old, 3)
    assert "whispered" not in words(tmp_path / "fresh")


def test_words_that_nobody_promised_are_not_taken_in(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    source = coop_log(coop.folder, coop)
    place, kept = next(iter(source.private(1).items()))
    source.private_erase([(1, place)])
    source.private_put(1, {place: type(kept)(kept.salt, "another roof")})
    copy = new_copy(tmp_path / "copy", coop)
    bring_up(copy, source, keys_of(coop), tmp_path)

    assert len(held(tmp_path / "copy")) == 2
    assert not words(tmp_path / "copy") & {"roof", "another roof"}


# Faults of the place a copy comes from.


def new_copy(folder: Path, coop: Coop | None = None) -> SqliteLog:
    folder.mkdir()
    make_database(folder)
    return SqliteLog(folder, Anchor(folder / "anchor.json"), coop.home.ledger(None).origin if coop else ORIGIN)


def coop_log(folder: Path, coop: Coop) -> SqliteLog:
    return SqliteLog(folder, Anchor(folder / "anchor.json"), coop.home.ledger(None).origin)


def keys_of(coop: Coop) -> list[str]:
    known = coop.home.ledger(None)
    return [vkey(known.origin, bytes.fromhex(known.log_key))]


def key_of(log: SqliteLog) -> list[str]:
    return [vkey(ORIGIN, read_key(log.folder / KEY).public)]


def small(tmp_path: Path, size: int) -> tuple[SqliteLog, Path, list[str]]:
    """A log of small leaves, and the site that shows it."""
    log, folder = new_log(tmp_path / "log", size), tmp_path / "site"
    export(log, folder, key_of(log))
    return log, folder, key_of(log)


def fetched(tmp_path: Path, web: Site, keys: list[str]) -> SqliteLog:
    copy = new_copy(tmp_path / "copy") if not (tmp_path / "copy").exists() else reopened(tmp_path / "copy")
    bring_up(copy, TileSource(web.address), keys, tmp_path / "evidence")
    return copy


def reopened(folder: Path) -> SqliteLog:
    return SqliteLog(folder, Anchor(folder / "anchor.json"), ORIGIN)


def test_a_packed_answer_is_unpacked(tmp_path):
    log, folder, keys = small(tmp_path, 600)
    with site(folder, always=sites.packed) as web:
        copy = fetched(tmp_path, web, keys)

    assert held(tmp_path / "copy") == held(tmp_path / "log")
    assert copy.head() == log.head()
    assert list(copy.full_tiles()) == list(log.full_tiles())


BUNDLE = "tile/entries/001"
PARTIAL = "tile/entries/002.p/88"


@pytest.mark.parametrize(
    ("name", "answer", "why"),
    [
        (BUNDLE, sites.dropped, Unreachable),
        (BUNDLE, sites.cut_off, Unreachable),
        (BUNDLE, sites.absent, IncompleteSource),
        (BUNDLE, sites.broken, Unreachable),
        (BUNDLE, sites.flipped, (BadSource, IncompleteSource)),
        (BUNDLE, sites.endless, Unreachable),
        (BUNDLE, sites.exploding, Unreachable),
        (PARTIAL, sites.absent, IncompleteSource),
        (PARTIAL, sites.flipped, (BadSource, IncompleteSource)),
        ("tile/0/001", sites.flipped, BadSource),
        ("tile/0/002.p/88", sites.cut_off, Unreachable),
        ("tile/1/000.p/2", sites.flipped, BadSource),
        ("checkpoint", sites.flipped, VerificationFailed),
        ("checkpoint", sites.cut_off, Unreachable),
        ("checkpoint", sites.absent, TallyError),
        ("checkpoint", sites.endless, Unreachable),
        ("checkpoint", sites.sends_to("http://localhost:1/checkpoint"), Unreachable),
        ("checkpoint", sites.sends_to("file:///etc/passwd"), Unreachable),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_a_bad_site_spoils_nothing_and_a_copy_goes_on_when_it_is_well(
    tmp_path, monkeypatch, name: str, answer: Answer, why: type[Exception]
):
    monkeypatch.setattr(copying, "PORTION", 128)  # so that tiles matter, which prove each portion
    log, folder, keys = small(tmp_path, 600)
    with site(folder) as web:
        web.answers[name] = answer
        with pytest.raises(why) as refusal:
            fetched(tmp_path, web, keys)
        error = refusal.value
        assert isinstance(error, TallyError)
        assert error.message
        assert held(tmp_path / "copy") == held(tmp_path / "log")[: len(held(tmp_path / "copy"))]
        del web.answers[name]
        copy = fetched(tmp_path, web, keys)

    assert copy.head() == log.head()
    assert held(tmp_path / "copy") == held(tmp_path / "log")


def test_a_line_that_drops_once_is_tried_again(tmp_path):
    log, folder, keys = small(tmp_path, 300)
    with site(folder) as web:

        def once(visit: sites.Visit, data: bytes | None) -> None:
            del web.answers["tile/entries/000"]
            sites.dropped(visit, data)

        web.answers["tile/entries/000"] = once
        assert fetched(tmp_path, web, keys).head() == log.head()
        assert web.asked.count("tile/entries/000") == 2


def test_a_site_that_moves_its_files_about_is_followed_within_itself(tmp_path):
    log, folder, keys = small(tmp_path, 3)
    (folder / "moved").write_bytes((folder / "checkpoint").read_bytes())
    with site(folder) as web:
        web.answers["checkpoint"] = sites.sends_to(f"{web.address}/moved")
        assert fetched(tmp_path, web, keys).head() == log.head()


def test_a_slow_server_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "QUIET_S", 0.1)
    monkeypatch.setattr(fetching, "TRIES", 1)
    _, folder, keys = small(tmp_path, 3)
    with site(folder, always=lambda visit, data: time.sleep(0.5)) as web, pytest.raises(Unreachable):
        fetched(tmp_path, web, keys)


def test_where_a_partial_tile_has_gone_the_full_one_serves(tmp_path):
    """Asked for under an older checkpoint, while the site has already cleared the partial tiles away."""
    log, folder, keys = small(tmp_path, 200)
    older = TileSource(str(folder))
    older.head()
    log.append([Leaf(small_leaf(number), {}) for number in range(200, 300)], after=200)
    export(log, folder, keys)
    assert not (folder / "tile" / "0" / "000.p").exists()

    assert [*older.entries(0, 999)] == [small_leaf(number) for number in range(200)]
    assert older.hash_of(0, 200) == older.head().root
    assert older.opener().head() == older.head()


def test_a_partial_tile_is_asked_for_only_if_the_checkpoint_says_that_it_is_there(tmp_path):
    _, folder, keys = small(tmp_path, 600)
    with site(folder) as web:
        fetched(tmp_path, web, keys)
        assert web.asked[0] == "checkpoint"
        assert set(web.asked) <= {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
        web.answers["checkpoint"] = sites.flipped
        web.asked.clear()
        with pytest.raises(VerificationFailed):
            bring_up(new_copy(tmp_path / "second"), TileSource(web.address), keys, tmp_path / "evidence")


@pytest.mark.parametrize(
    "address",
    [
        "ftp://coop.example/log",
        "http://",
        "https://ana:word@coop.example/log",
        "https://coop.example/?a=b",
        "http://[x/",
    ],
)
def test_what_is_no_address_of_a_site_is_refused(tmp_path, address):
    ran = stranger(tmp_path).tally("copy", address, "--vkey", "x")

    assert ran.code == 2
    assert "word" not in ran.err.replace("password", "")


# Other pasts.


def signed_again(key: Key, tmp_path: Path, leaves: list[int]) -> SqliteLog:
    """A log of these small leaves under the same key."""
    folder = tmp_path / f"again-{len(leaves)}-{leaves[-1]}"
    SqliteLog.create(folder, key)
    log = SqliteLog(folder, Anchor(folder / "anchor.json"), ORIGIN)
    log.append([Leaf(small_leaf(number), {}) for number in leaves], after=0)
    return log


def test_an_older_checkpoint_stops_a_copy(tmp_path):
    log, folder, keys = small(tmp_path, 5)
    shutil.copytree(folder, tmp_path / "older")
    log.append([Leaf(small_leaf(5), {})], after=5)
    export(log, folder, keys)
    with site(folder) as web:
        fetched(tmp_path, web, keys)
    with site(tmp_path / "older") as web, pytest.raises(TallyError) as refusal:
        fetched(tmp_path, web, keys)

    assert refusal.value.exit_code == 5
    assert "older" in refusal.value.message
    assert "rollback" in next((tmp_path / "evidence").iterdir()).name
    assert len(held(tmp_path / "copy")) == 6


@pytest.mark.parametrize("size", [5, 8])
def test_a_log_that_tells_two_pasts_is_caught_and_anybody_can_check_the_evidence(tmp_path, size):
    log, folder, keys = small(tmp_path, 5)
    with site(folder) as web:
        fetched(tmp_path, web, keys)
    forked = signed_again(read_key(log.folder / KEY), tmp_path, [0, 1, 2, 3, 99, *range(5, size)])
    export(forked, tmp_path / "forked", keys)
    with site(tmp_path / "forked") as web, pytest.raises(TallyError) as refusal:
        fetched(tmp_path, web, keys)

    assert refusal.value.exit_code == 5
    evidence = next((tmp_path / "evidence").iterdir())
    assert str(evidence) in refusal.value.hint
    ran = stranger(tmp_path).must("evidence", "verify", str(evidence))
    assert keys[0] in ran.out
    assert held(tmp_path / "copy") == [small_leaf(number) for number in range(5)]


def test_another_key_or_another_ledger_stops_a_copy(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    folder = shown(coop, tmp_path / "site")
    coop.must("copy", str(folder), "--to", str(tmp_path / "copy"))
    other = forge(tmp_path / "elsewhere", "Femi")
    ran = coop.tally("copy", str(shown(other, tmp_path / "other")), "--to", str(tmp_path / "copy"))

    assert ran.code == 5
    assert "Another ledger" in ran.err
    assert ran.err.count("evidence-other-ledger") == 1
    assert len(held(tmp_path / "copy")) == 2
    wrong = vkey(coop.home.ledger(None).origin, new_key().public)
    assert stranger(tmp_path).tally("copy", str(folder), "--vkey", wrong).code == 5


def test_a_site_that_contradicts_what_this_home_saw_itself_is_not_copied(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    twin = coop.twin(tmp_path / "twin")
    worked(twin, "there", "there again")
    worked(coop, "here")
    for late in (False, True):
        if late:
            worked(coop, "here again", "and again")
        ran = coop.tally("copy", str(shown(twin, tmp_path / "twin-site")), "--to", str(tmp_path / f"copy-{late}"))

        assert ran.code == 5, ran
        assert "evidence-fork" in ran.err
        assert not (tmp_path / f"copy-{late}").exists()


def test_an_older_site_is_no_reproach_to_a_home_that_has_seen_more(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    folder = shown(coop, tmp_path / "site")
    worked(coop, "door")

    assert "holds 2 entries" in coop.must("copy", str(folder)).out


# Being stopped.


class Stopping(Reader):
    """A source whose line goes dead after so many portions."""

    def __init__(self, real: Reader, portions: int) -> None:
        self.real, self.left = real, portions

    opener = property(lambda self: self.real.opener)  # type: ignore[assignment]

    def close(self) -> None: ...

    def head(self) -> Head:
        return self.real.head()

    def entry(self, index: int) -> bytes:
        return self.real.entry(index)

    def entries(self, start: int, end: int):  # type: ignore[no-untyped-def]
        self.left -= 1
        if self.left < 0:
            raise Unreachable("The line is dead.")
        return self.real.entries(start, end)

    def full_tile(self, level: int, n: int) -> bytes | None:
        return self.real.full_tile(level, n)

    def full_tiles(self):  # type: ignore[no-untyped-def]
        return self.real.full_tiles()

    def tile_roots(self, level: int, n: int) -> bytes:
        return self.real.tile_roots(level, n)

    def tile(self, level: int, n: int) -> bytes:
        return self.real.tile(level, n)


def test_a_half_made_copy_is_not_taken_for_a_whole_one_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "PORTION", 2)
    coop = worked(forge(tmp_path), "roof", "door", "wall", "lamp")
    coop.must("copy", str(shown(coop, tmp_path / "site")), "--to", str(tmp_path / "copy"))
    worked(coop, *"abcdefg")
    copy = coop_log(tmp_path / "copy", coop)
    with pytest.raises(Unreachable):
        bring_up(copy, Stopping(coop_log(coop.folder, coop), 2), keys_of(coop), tmp_path)
    assert copy.head().size == 9
    assert is_unsigned(copy.head().note)
    ran = coop.tally("verify", str(tmp_path / "copy"))
    assert ran.code == 5
    assert ran.err.startswith("INCOMPLETE: This copy is only half made")
    assert "half made" in coop.must("copy", "--list").out

    coop.must("copy", str(shown(coop, tmp_path / "site")), "--to", str(tmp_path / "copy"))
    assert held(tmp_path / "copy") == held(coop.folder)
    assert coop.must("verify", str(tmp_path / "copy"), "--full").out.startswith("OK: 12 entries")


def test_a_half_made_copy_remembers_the_head_it_was_shown(tmp_path, monkeypatch):
    """Whoever is shown another past the next time notices, though the copy holds nothing yet of what is in dispute."""
    monkeypatch.setattr(copying, "PORTION", 2)
    log, _, keys = small(tmp_path, 9)
    copy = new_copy(tmp_path / "copy")
    with pytest.raises(Unreachable):
        bring_up(copy, Stopping(log, 2), keys, tmp_path / "evidence")
    assert copy.head().size == 4
    forked = signed_again(read_key(log.folder / KEY), tmp_path, [0, 1, 2, 3, 4, 5, 6, 7, 99, 100])
    with pytest.raises(TallyError) as refusal:
        bring_up(copy, forked, keys, tmp_path / "evidence")

    assert refusal.value.exit_code == 5
    assert "fork" in next((tmp_path / "evidence").iterdir()).name


def test_a_copy_that_was_damaged_since_is_not_built_upon(tmp_path):
    log, folder, keys = small(tmp_path, 300)
    copy = new_copy(tmp_path / "copy")
    bring_up(copy, TileSource(str(folder)), keys, tmp_path)
    good = log.tile_roots(0, 0)
    copy.close()
    data = (tmp_path / "copy" / FILE).read_bytes()
    place = data.index(good) + 5
    (tmp_path / "copy" / FILE).write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    log.append([Leaf(small_leaf(300), {})], after=300)
    export(log, folder, keys)
    with pytest.raises(DamagedCopy):
        bring_up(reopened(tmp_path / "copy"), TileSource(str(folder)), keys, tmp_path)


def test_a_copy_that_is_killed_at_any_moment_goes_on_and_ends_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "PORTION", 3)
    coop = worked(forge(tmp_path), *(f"note {number}" for number in range(12)))
    chance, folder = random.Random(7), tmp_path / "copy"
    command = ("copy", str(coop.folder), "--to", str(folder))
    began = time.monotonic()
    coop.must("copy", str(coop.folder), "--to", str(tmp_path / "usual"))
    usual = time.monotonic() - began
    for _ in range(12):
        coop.killed(tmp_path / "out", chance.uniform(0, usual), *command)
        if (folder / FILE).exists():
            there = held(folder)
            assert there == held(coop.folder)[: len(there)]
    ran: Ran = coop.must(*command)

    assert "holds 13 entries" in ran.out
    assert held(folder) == held(coop.folder)
    assert words(folder) == words(coop.folder)
    assert coop.must("verify", str(folder), "--full").out.startswith("OK: 13 entries")


def test_a_folder_with_other_things_or_another_copy_is_left_alone(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "holiday.txt").write_text("pictures")
    tried: list[Callable[[], Ran]] = [
        lambda: coop.tally("copy", str(coop.folder), "--to", str(tmp_path / "mine")),
        lambda: coop.tally("copy", str(coop.folder), "--to", str(coop.folder)),
    ]
    assert [one().code for one in tried] == [6, 2]
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["holiday.txt"]
    assert not (coop.folder / "copy.json").exists()
    assert json.loads((coop.must("copy", "--list", "--json")).out)["copies"] == []


def test_a_head_that_the_log_did_not_sign_is_not_followed(tmp_path):
    log, _, _ = small(tmp_path, 3)
    with pytest.raises(NotSigned):
        bring_up(new_copy(tmp_path / "copy"), log, [vkey(ORIGIN, new_key().public)], tmp_path)


# The log's key changes; the log lies in PostgreSQL.


def test_a_copy_follows_the_log_to_its_new_key_even_when_it_comes_after_the_old_one_has_gone(tmp_path):
    coop = worked(forge(tmp_path), "roof")
    folder, late = shown(coop, tmp_path / "site"), stranger(tmp_path)
    key = (folder / "log.vkey").read_text().strip()
    late.must("copy", str(folder), "--vkey", key, "--to", str(tmp_path / "copy"))
    for who in ("Ana", "Chidi"):
        Coop(coop.path, who).must("key", "rotate-log", "--yes")
    for day in ("2025-08-20", "2025-09-10", "2025-10-05"):
        coop.now = f"{day}T12:00:00Z"
        worked(coop, day)
    shown(coop, folder)
    signed_by = (folder / "log.vkey").read_text().split()
    assert key not in signed_by
    assert len(signed_by) == 1
    ran = late.must("copy")

    assert "holds 7 entries, 5 of them new" in ran.out
    assert coop.must("verify", str(tmp_path / "copy"), "--full").out.startswith("OK: 7 entries")
    first = Coop(tmp_path / "another", who="")
    assert "holds 7 entries" in first.must("copy", str(folder), "--vkey", signed_by[0]).out
    assert "holds 7 entries" in first.must("copy", str(folder), "--vkey", key, "--to", str(tmp_path / "x")).out


def test_a_ledger_beside_postgresql_is_copied_and_shown_like_any_other(tmp_path):
    with database() as db:
        coop = worked(forge_beside(tmp_path, db), "roof")
        copy = tmp_path / "copy"
        coop.must("copy", str(coop.folder), "--to", str(copy))
        assert "roof" in words(copy)
        coop.must("copy", str(shown(coop, tmp_path / "site")), "--to", str(tmp_path / "second"))
        assert held(tmp_path / "second") == held(copy)
        ran = coop.tally("repair", "--from", str(copy), "--yes")

    assert ran.code == 2
    assert "folder of its own" in ran.err
