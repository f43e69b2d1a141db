"""The tree over all entries: its roots, proofs and tiles are those of RFC 6962 and C2SP, and nothing forged passes."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import merkle, tiles
from ledger.errors import ProofError
from ledger.merkle import (
    check_consistency,
    check_inclusion,
    consistency_path,
    consistency_proof,
    frontier_at,
    frontier_root,
    inclusion_path,
    inclusion_proof,
    leaf_hash,
    push,
    root,
)
from ledger.tiles import NoSuchTile, Tile, parse_path, tile_path

VECTORS = Path(__file__).parent / "vectors" / "ledger"
LEAVES = [leaf_hash(b"entry %d" % number) for number in range(80)]


def vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text())


def hashes(texts: list[str] | None) -> list[bytes]:
    return [b64decode(text) for text in texts or []]


@pytest.mark.parametrize("case", vectors("rfc6962-inclusion")["cases"], ids=lambda case: case["path"])
def test_inclusion_probes_get_their_stated_verdict(case):
    leaf, top, proof = b64decode(case["leafHash"]), b64decode(case["root"]), hashes(case["proof"])
    if case["wantErr"]:
        with pytest.raises(ProofError):
            check_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, top)
    else:
        check_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, top)


@pytest.mark.parametrize("case", vectors("rfc6962-consistency")["cases"], ids=lambda case: case["path"])
def test_consistency_probes_get_their_stated_verdict(case):
    old, new, proof = b64decode(case["root1"]), b64decode(case["root2"]), hashes(case["proof"])
    if case["wantErr"]:
        with pytest.raises(ProofError):
            check_consistency(case["size1"], case["size2"], old, new, proof)
    else:
        check_consistency(case["size1"], case["size2"], old, new, proof)


def test_the_golden_tree_comes_out_node_by_node():
    golden = vectors("rfc6962-golden-tree")
    leaves = [leaf_hash(bytes.fromhex(text)) for text in golden["leaf_inputs_hex"]]

    assert [root(leaves[:size]).hex() for size in range(9)] == golden["root_hashes_hex_by_size"]
    for level, nodes in enumerate(golden["node_hashes_hex_by_level"]):
        width = 2**level
        for place, node in enumerate(nodes):
            assert root(leaves[place * width : (place + 1) * width]).hex() == node


def test_the_hasher_keeps_leaves_and_nodes_apart():
    empty, leaf, named, node = vectors("rfc6962-golden-tree")["hasher"]

    assert merkle.EMPTY_ROOT.hex() == root([]).hex() == empty["hash"]
    assert leaf_hash(b"").hex() == leaf["hash"]
    assert leaf_hash(bytes.fromhex(named["leaf_hex"])).hex() == named["hash"]
    left, right = bytes.fromhex(node["left_hex"]), bytes.fromhex(node["right_hex"])
    assert merkle.node_hash(left, right).hex() == node["hash"]


def test_proofs_of_a_real_log_are_rebuilt_hash_by_hash():
    cases = vectors("tlog-proof-derived")
    leaves = [leaf_hash(text.encode()) for text in vectors("tlog-tiles-tessera")["entries_text"]]

    for case in cases["all_inclusion"]:
        assert inclusion_proof(leaves[: case["size"]], case["index"]) == hashes(case["proof"])
    for case in cases["all_consistency"]:
        assert consistency_proof(leaves[: case["new"]], case["old"]) == hashes(case["proof"])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 31, 33, 64, 80])
def test_every_proof_made_is_accepted(size):
    leaves = LEAVES[:size]
    top = root(leaves)
    for index in range(size):
        check_inclusion(leaves[index], index, size, inclusion_proof(leaves, index), top)
    for old in range(1, size + 1):
        check_consistency(old, size, root(leaves[:old]), top, consistency_proof(leaves, old))


@given(st.integers(1, 80), st.data())
def test_an_inclusion_proof_fits_one_leaf_at_one_place_in_one_log(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof, top = inclusion_proof(LEAVES[:size], index), root(LEAVES[:size])
    other = data.draw(st.integers(0, 79).filter(lambda number: number != index))

    for leaf, place, of, hashes_, under in (
        (LEAVES[other], index, size, proof, top),
        (LEAVES[index], other, size, proof, top),
        (LEAVES[index], index, size, [*proof, top], top),
        (LEAVES[index], index, size, proof[:-1] if proof else [top], top),
        (LEAVES[index], index, size, proof, root(LEAVES[: size - 1])),
        (LEAVES[index], size, size, proof, top),
        (LEAVES[index], -1, size, proof, top),
    ):
        with pytest.raises(ProofError):
            check_inclusion(leaf, place, of, hashes_, under)


@given(st.integers(2, 80), st.data())
def test_a_log_that_changed_one_early_entry_cannot_pass_as_a_continuation(size, data):
    old = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*LEAVES[:changed], leaf_hash(b"forged"), *LEAVES[changed + 1 : size]]

    with pytest.raises(ProofError):
        check_consistency(old, size, root(LEAVES[:old]), root(rewritten), consistency_proof(rewritten, old))


def test_nothing_is_proved_about_the_empty_log():
    with pytest.raises(ProofError):
        check_consistency(0, 3, root([]), root(LEAVES[:3]), [])
    with pytest.raises(ProofError):
        consistency_proof(LEAVES[:3], 0)
    with pytest.raises(ProofError):
        inclusion_proof([], 0)
    with pytest.raises(ProofError):
        consistency_proof(LEAVES[:3], 4)


def test_a_log_does_not_shrink():
    with pytest.raises(ProofError):
        check_consistency(3, 2, root(LEAVES[:3]), root(LEAVES[:2]), [])


def test_a_hash_of_another_length_is_refused():
    proof, top = inclusion_proof(LEAVES[:4], 2), root(LEAVES[:4])
    for leaf, hashes_, under in (
        (LEAVES[2] + b"\0", proof, top),
        (LEAVES[2], [proof[0][:31], proof[1]], top),
        (LEAVES[2], proof, top[:20]),
        (b"", [], b""),
    ):
        with pytest.raises(ProofError):
            check_inclusion(leaf, 2, 4, hashes_, under)


def test_an_inner_node_does_not_pass_as_a_leaf():
    inner = root(LEAVES[:2])

    with pytest.raises(ProofError):
        check_inclusion(leaf_hash(LEAVES[0] + LEAVES[1]), 0, 2, [root(LEAVES[2:4])], root(LEAVES[:4]))
    with pytest.raises(ProofError):
        check_inclusion(inner, 0, 4, [root(LEAVES[2:4])], root(LEAVES[:4]))


def test_the_frontier_gives_the_root_after_every_entry():
    frontier: list[bytes] = []
    for size, leaf in enumerate(LEAVES):
        assert frontier_root(frontier) == root(LEAVES[:size])
        assert frontier == frontier_at(size, lambda start, end: root(LEAVES[start:end]))
        push(frontier, size, leaf)


# Tiles


def tiles_of(leaves: list[bytes]) -> dict[tuple[int, int], bytes]:
    """All tiles of a log, the partial ones at their greatest."""
    found: dict[tuple[int, int], bytes] = {}
    level, row = 0, leaves
    while row:
        for n in range(-(-len(row) // 256)):
            found[level, n] = b"".join(row[n * 256 : (n + 1) * 256])
        row = [tiles.tile_root(found[level, n]) for n in range(len(row) // 256)]
        level += 1
    return found


LONG = [sha256(number.to_bytes(4, "big")).digest() for number in range(66_000)]


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 700, 65_536, 66_000])
def test_proofs_from_tiles_are_those_from_leaves_and_read_few_tiles(size):
    stored = tiles_of(LONG[:size])
    read: list[tuple[int, int]] = []

    def reader(level: int, n: int) -> bytes:
        read.append((level, n))
        return stored[level, n]

    hash_of = tiles.hash_of(reader)
    top = root(LONG[:size])

    assert hash_of(0, size) == top
    assert frontier_root(frontier_at(size, hash_of)) == top
    for index in {0, 1, size // 3, size // 2, size - 1}:
        read.clear()
        check_inclusion(LONG[index % size], index % size, size, inclusion_path(index % size, size, hash_of), top)
        assert len(read) <= 2 * size.bit_length()
        assert len(set(read)) <= 6
    for old in {1, size // 2 or 1, size - 1 or 1, size}:
        check_consistency(old, size, root(LONG[:old]), top, consistency_path(old, size, hash_of))


def test_a_tile_that_is_too_short_is_noticed():
    short = tiles.hash_of(lambda level, n: b"".join(LEAVES[:5]))
    torn = tiles.hash_of(lambda level, n: b"".join(LEAVES[:6])[:-1])

    with pytest.raises(ProofError):
        short(0, 6)
    with pytest.raises(ProofError):
        torn(0, 6)


def test_the_tiles_of_a_real_log_are_read_and_written_byte_for_byte():
    log = vectors("tlog-tiles-tessera")
    entries = [text.encode() for text in log["entries_text"]]

    for path, content in log["files_hex"].items():
        tile = parse_path(path)
        assert tile_path(tile) == path
        if tile.level is None:
            assert tiles.unpack_bundle(bytes.fromhex(content)) == entries[: tile.width]
            assert tiles.pack_bundle(entries[: tile.width]).hex() == content
        else:
            assert tiles.split_hashes(bytes.fromhex(content)) == [leaf_hash(entry) for entry in entries[: tile.width]]


def test_tile_addresses_are_spelled_as_c2sp_spells_them():
    assert tile_path(Tile(0, 1234067)) == "tile/0/x001/x234/067"
    assert tile_path(Tile(1, 999, 17)) == "tile/1/999.p/17"
    assert tile_path(Tile(None, 1000)) == "tile/entries/x001/000"
    assert parse_path("tile/0/x001/x234/067") == Tile(0, 1234067, 256)


@given(st.none() | st.integers(0, 63), st.integers(0, 10**15), st.integers(1, 256))
def test_every_tile_address_is_read_back(level, n, width):
    assert parse_path(tile_path(Tile(level, n, width))) == Tile(level, n, width)


@pytest.mark.parametrize(
    "path",
    [
        *("", "tile/0/0", "tile/0/1234", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/0/x000/000", "tile/0/000/"),
        *("tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/x01/000", "tile/data/000", "/tile/0/000"),
        *("tile/0/001/000", "tile/0/٠٠٠", "tile/0/000\n", "tile/0/" + "x001/" * 2000 + "000", "tile/0/../000"),
    ],
)
def test_any_other_spelling_is_no_tile(path):
    with pytest.raises(NoSuchTile):
        parse_path(path)


def test_a_tile_is_as_wide_as_the_log_has_filled_it():
    assert [tiles.width_at(0, 1, size) for size in (0, 256, 257, 511, 512, 9999)] == [0, 0, 1, 255, 256, 256]
    assert [tiles.width_at(1, 0, size) for size in (255, 256, 70_000)] == [0, 1, 256]
    assert tiles.width_at(1, 1, 70_000) == 17


def test_a_bundle_that_is_cut_off_is_refused():
    whole = tiles.pack_bundle([b"one", b"", b"three"])

    assert tiles.unpack_bundle(whole) == [b"one", b"", b"three"]
    for end in range(1, len(whole)):
        if end not in {5, 7}:  # after a whole entry
            with pytest.raises(ProofError):
                tiles.unpack_bundle(whole[:end])
