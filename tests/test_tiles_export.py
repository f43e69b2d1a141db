"""The log as a folder of files that any web server can show: whole at every moment, and only ever added to."""

import json
import os
import shutil
from pathlib import Path

import pytest

from ledger import merkle, tiles
from ledger.anchor import Anchor
from ledger.checkpoint import open_checkpoint
from ledger.database import FILE
from ledger.errors import TallyError
from ledger.keys import read_key
from ledger.log import KEY, Leaf, Log
from ledger.note import vkey
from ledger.peers.exporting import NotSound, NotThisSite, export
from ledger.peers.tilesource import TileSource
from ledger.store import SqliteLog
from tests.forge import ORIGIN, Coop, forge, killed_at, new_log, small_leaf
from tests.sites import Memory

GOLDEN = json.loads((Path(__file__).parent / "vectors" / "ledger" / "tlog-tiles-tessera.json").read_text())
LEAVES = [text.encode() for text in GOLDEN["entries_text"]]


def vkeys(log: Log) -> list[str]:
    return [vkey(ORIGIN, read_key(log.folder / KEY).public)]


def grow(log: Log, size: int) -> None:
    head = log.head().size
    log.append([Leaf(small_leaf(number), {}) for number in range(head, size)], after=head)


def files(folder: Path) -> dict[str, bytes]:
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: data for name, data in found.items() if name != ".lock"}


def is_whole(folder: Path, keys: list[str]) -> int:
    """How many entries a folder shows; all tiles and bundles give the root under its checkpoint."""
    source = TileSource(str(folder))
    head = open_checkpoint(source.head().note, *keys)
    leaves = [merkle.leaf_hash(leaf) for leaf in source.entries(0, head.size)]
    assert merkle.root(leaves) == head.root == source.hash_of(0, head.size)
    for tile in source.full_tiles():
        assert tile.level or tiles.split_hashes(tile.hashes) == leaves[tile.n * 256 : tile.n * 256 + 256]
    return head.size


def test_ana_shows_the_log_to_others_and_no_private_word_is_in_it(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h30", "mended Chidi's roof", "--role", "care")
    folder = tmp_path / "site"
    ran = coop.must("export", "tiles", str(folder))

    assert f"{folder} shows 2 entries" in ran.out
    assert "Whoever can read this folder or its site reads every entry" in ran.err
    shown = files(folder)
    assert set(shown) == {"checkpoint", "log.vkey", "README.txt", "tile/0/000.p/2", "tile/entries/000.p/2"}
    everything = b"".join(shown.values())
    for word in (b"mended", b"Chidi", b"Ana"):
        assert word not in everything
    assert b'"qty":90' in everything
    assert is_whole(folder, [shown["log.vkey"].decode().strip()]) == 2
    assert coop.must("verify", str(folder)).out.startswith("OK: 2 entries")
    again = coop.must("export", "tiles", str(folder), "--json").answer
    assert (again["before"], again["size"], again["files"]) == (2, 2, 0)


def test_the_site_of_another_program_is_made_again_byte_for_byte_from_its_entries(tmp_path):
    """The log of Tessera's test data: 15 entries, every partial tile and bundle, a checkpoint at every size."""
    for size, note in GOLDEN["checkpoints"].items():
        export(Memory(LEAVES[: int(size)], note.encode()), tmp_path, [GOLDEN["vkey"]])
        shown = files(tmp_path)

        assert shown.pop("checkpoint") == note.encode()
        assert shown.pop("log.vkey").decode() == GOLDEN["vkey"] + "\n"
        shown.pop("README.txt")
        expected = {
            path: bytes.fromhex(data)
            for path, data in GOLDEN["files_hex"].items()
            if int(path.rpartition("/")[2]) <= int(size)
        }
        assert shown == expected
        source = TileSource(str(tmp_path))
        assert list(source.entries(0, 99)) == LEAVES[: int(size)]
        assert source.hash_of(0, int(size)) == source.head().root
    assert shown == {path: bytes.fromhex(data) for path, data in GOLDEN["files_hex"].items()}


def test_exporting_again_adds_only_what_is_new_and_never_touches_a_full_tile(tmp_path):
    log, folder = new_log(tmp_path / "log", 600), tmp_path / "site"
    export(log, folder, vkeys(log))
    assert "tile/0/002.p/88" in files(folder)
    full = {path: path.stat() for path in folder.rglob("*") if path.is_file() and ".p" not in str(path)}
    grow(log, 700)
    done = export(log, folder, vkeys(log))

    assert (done.before, done.size, done.files) == (600, 700, 2)  # one bundle, one tile: those of level 1 did not grow
    for path, was in full.items():
        if "tile" in str(path):
            assert (path.stat().st_mtime_ns, path.stat().st_ino) == (was.st_mtime_ns, was.st_ino)
    assert {"tile/0/002.p/88", "tile/0/002.p/188", "tile/entries/002.p/188"} <= set(files(folder))
    grow(log, 769)
    export(log, folder, vkeys(log))
    shown = set(files(folder))
    assert {"tile/0/002", "tile/0/003.p/1", "tile/entries/002", "tile/1/000.p/3"} <= shown
    assert not [path for path in shown if path.startswith(("tile/0/002.p", "tile/entries/002.p"))]
    assert is_whole(folder, vkeys(log)) == 769


def test_a_log_with_tiles_of_three_levels_is_shown_as_the_format_says(tmp_path):
    log, folder = new_log(tmp_path / "log", 66_000), tmp_path / "site"
    export(log, folder, vkeys(log))
    shown = files(folder)

    assert {"tile/0/000", "tile/0/256", "tile/0/257.p/208", "tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1"} <= set(
        shown
    )
    assert "tile/0/257" not in shown
    assert "tile/3/000" not in shown
    assert TileSource(str(folder)).hash_of(0, 66_000) == log.head().root
    assert TileSource(str(folder)).consistency(500, 66_000) == log.consistency(500, 66_000)
    assert TileSource(str(folder)).receipt(65_999) == log.receipt(65_999)


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path):
    log = new_log(tmp_path / "log", 3)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "holiday.txt").write_text("pictures")
    with pytest.raises(NotThisSite):
        export(log, tmp_path / "site", vkeys(log))
    other = new_log(tmp_path / "other", 3)
    export(other, tmp_path / "others", vkeys(other))
    before = files(tmp_path / "others")
    with pytest.raises(NotThisSite, match="another log"):
        export(log, tmp_path / "others", vkeys(log))
    assert files(tmp_path / "others") == before


def test_a_log_that_was_put_back_or_forked_does_not_replace_what_is_shown(tmp_path):
    log, folder = new_log(tmp_path / "log", 5), tmp_path / "site"
    keys = vkeys(log)
    log.close()
    for name in ("older", "forked"):
        shutil.copytree(tmp_path / "log", tmp_path / name)
    log = SqliteLog(tmp_path / "log", Anchor(tmp_path / "anchor"), ORIGIN)
    grow(log, 9)
    export(log, folder, keys)
    before = files(folder)
    older = SqliteLog(tmp_path / "older", Anchor(tmp_path / "older-anchor"), ORIGIN)
    with pytest.raises(NotThisSite, match="9 entries already"):
        export(older, folder, keys)
    forked = SqliteLog(tmp_path / "forked", Anchor(tmp_path / "forked-anchor"), ORIGIN)
    forked.append([Leaf(small_leaf(900 + number), {}) for number in range(10)], after=5)
    with pytest.raises(NotThisSite, match="another past"):
        export(forked, folder, keys)
    assert files(folder) == before


@pytest.mark.parametrize("table", ["leaf", "tile"])
def test_what_is_damaged_in_the_log_is_not_shown(tmp_path, table):
    log, folder = new_log(tmp_path / "log", 600), tmp_path / "site"
    keys, good = vkeys(log), small_leaf(300) if table == "leaf" else log.full_tile(0, 1)
    log.close()
    path = tmp_path / "log" / FILE
    data = path.read_bytes()
    assert good
    assert data.count(good[:80]) == 1
    place = data.index(good[:80]) + 9
    path.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
    damaged = SqliteLog(tmp_path / "log", Anchor(tmp_path / "other"), ORIGIN)
    with pytest.raises(NotSound) as refusal:
        export(damaged, folder, keys)

    assert "repair" in refusal.value.hint
    assert not (folder / "checkpoint").exists()


def test_an_export_that_is_killed_at_any_step_leaves_the_site_whole(tmp_path):
    log, folder = new_log(tmp_path / "log", 300), tmp_path / "site"
    keys = vkeys(log)
    export(log, folder, keys)
    grow(log, 520)
    log.close()

    def stopped_at(step: int, site: Path) -> bool:
        calls = ((os, name) for name in ("open", "fsync", "replace", "mkdir", "unlink", "rmdir"))
        return killed_at(
            step, lambda: export(SqliteLog(tmp_path / "log", Anchor(tmp_path / "a"), ORIGIN), site, keys), *calls
        )

    step, sizes = 1, set()
    while stopped_at(step, copy := Path(shutil.copytree(folder, tmp_path / f"site-{step}"))):
        sizes.add(is_whole(copy, keys))
        export(SqliteLog(tmp_path / "log", Anchor(tmp_path / "a"), ORIGIN), copy, keys)
        assert is_whole(copy, keys) == 520
        assert not list(copy.rglob(".*.[0-9]*"))
        shutil.rmtree(copy)
        step += 3
    assert sizes == {300, 520}
    assert is_whole(copy, keys) == 520


def test_the_newest_head_carries_what_witnesses_signed(tmp_path):
    log, folder = new_log(tmp_path / "log", 3), tmp_path / "site"
    log.keep_cosignatures(3, ["— witness.example/w " + "A" * 104])
    export(log, folder, vkeys(log))

    assert "witness.example/w" in (folder / "checkpoint").read_text()
    assert is_whole(folder, vkeys(log)) == 3


@pytest.mark.parametrize("lost", ["tile/entries/000.p/4", "tile/0/000.p/4"])
def test_a_site_that_lacks_something_is_never_called_whole(tmp_path, lost):
    coop = forge(tmp_path)
    for note in ("roof", "door", "wall"):
        coop.must("log", "1h", note, "--role", "care")
    coop.must("export", "tiles", str(tmp_path / "site"))
    path = tmp_path / "site" / lost
    data = path.read_bytes()
    path.unlink()
    ran = coop.tally("verify", str(tmp_path / "site"))
    assert (ran.code, ran.err.partition(":")[0]) == (5, "INCOMPLETE")
    assert lost in ran.err
    path.write_bytes(data[:-5])
    assert coop.tally("verify", str(tmp_path / "site")).code == 5
    path.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
    ran = coop.tally("verify", str(tmp_path / "site"))
    assert (ran.code, ran.err[:6]) == (5, "FAILED")


def test_what_is_no_log_is_not_exported_and_a_ledger_not_over_itself(tmp_path):
    coop = forge(tmp_path)
    with pytest.raises(TallyError):
        export(TileSource(str(tmp_path / "nothing")), tmp_path / "site", ["x"])
    assert Coop(tmp_path / "stranger").tally("export", "tiles", str(tmp_path / "s")).code == 2
    assert coop.tally("export", "tiles", str(coop.folder)).code == 6
