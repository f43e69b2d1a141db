"""The tree over all entries: one short hash that vouches for every one of them, and the proofs that fit it.

A Merkle tree as in RFC 6962 section 2.1 and RFC 9162 section 2.1. A *root* is the hash of the whole log at one
size. An inclusion proof shows that one leaf stands in it; a consistency proof shows that a later log only added
to an earlier one. Proofs are built on a function `hash_of(start, end)`, the tree hash of the leaves in
[start, end), so the same code serves a list in memory and tiles on disk.

Every hash is exactly 32 bytes, and the checks insist on it: otherwise an inner node could pass as a leaf.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from ledger.errors import ProofError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

HashOf = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf's bytes; the prefix 0 keeps leaves apart from inner nodes."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the inner node above two others."""
    return sha256(b"\1" + left + right).digest()


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The tree hash of these leaves in this order; of none, the hash of nothing (RFC 6962 section 2.1)."""
    frontier: list[bytes] = []
    for size, leaf in enumerate(leaf_hashes):
        push(frontier, size, leaf)
    return frontier_root(frontier)


# The frontier: the roots of the complete subtrees that make up a log, from the first (tallest) to the last.
# Together with the size it is all that is needed to append, and has at most 64 hashes.


def push(frontier: list[bytes], size: int, leaf_hash: bytes) -> None:
    """Append one leaf, in place, to the frontier of a log that has `size` leaves before it."""
    node = leaf_hash
    while size & 1:
        node = node_hash(frontier.pop(), node)
        size >>= 1
    frontier.append(node)


def frontier_root(frontier: Sequence[bytes]) -> bytes:
    """The root of the log whose frontier this is."""
    if not frontier:
        return EMPTY_ROOT
    node = frontier[-1]
    for left in frontier[-2::-1]:
        node = sha256(b"\1" + left + node).digest()  # node_hash, without the call: every entry's `seen` passes here
    return node


def frontier_at(size: int, hash_of: HashOf) -> list[bytes]:
    """The frontier of the first `size` leaves."""
    return [hash_of(start, end) for start, end in complete_subtrees(0, size)]


def complete_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut [start, end) into complete subtrees, tallest first, as the tree itself does."""
    while start < end:
        width = 1 << (end - start).bit_length() - 1
        yield start, start + width
        start += width


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The proof that leaf `index` stands in the tree of these leaves. Raises ProofError for an index outside."""
    return inclusion_path(index, len(leaf_hashes), lambda start, end: root(leaf_hashes[start:end]))


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """The proof that the first `old_size` leaves became this list by appending. Raises ProofError for no such size."""
    return consistency_path(old_size, len(leaf_hashes), lambda start, end: root(leaf_hashes[start:end]))


def inclusion_path(index: int, size: int, hash_of: HashOf) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 section 2.1.1: the hashes beside the way from leaf `index` up to the root."""
    if not 0 <= index < size:
        raise ProofError(f"There is no leaf {index} in a log of {size}.")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(start, middle))
            start = middle
    return path[::-1]


def consistency_path(old_size: int, new_size: int, hash_of: HashOf) -> list[bytes]:
    """PROOF(m, D[n]) of RFC 6962 section 2.1.2. Nothing is proved about size 0: every log continues the empty one."""
    if not 0 < old_size <= new_size:
        raise ProofError(f"A log of {new_size} cannot be shown to continue one of {old_size}.")
    path = []
    start, end = 0, new_size
    while old_size != end:
        middle = _middle(start, end)
        if old_size <= middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(start, middle))
            start = middle
    # Whoever checks knows the old root, so the old log is left out when it is one complete subtree from the start.
    if start > 0:
        path.append(hash_of(start, end))
    return path[::-1]


def _middle(start: int, end: int) -> int:
    """Where the tree over [start, end) divides: after the largest power of two that is smaller than its width."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def check_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofError unless `proof` shows this leaf as number `index` under this root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError(f"There is no leaf {index} in a log of {size}.")
    _check_lengths((leaf_hash, root, *proof))
    position, last, node = index, size - 1, leaf_hash
    for beside in proof:
        if last == 0:
            raise ProofError("The inclusion proof is longer than the tree is tall.")
        if position & 1 or position == last:
            node = node_hash(beside, node)
            position, last = _up_to_left_turn(position, last)
        else:
            node = node_hash(node, beside)
        position, last = position >> 1, last >> 1
    if last != 0 or node != root:
        raise ProofError("The inclusion proof does not lead to the root.")


def check_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise ProofError unless `proof` shows that the new log only added to the old one (RFC 9162 section 2.1.4.2)."""
    if not 0 < old_size <= new_size:
        raise ProofError(f"A log of {new_size} cannot continue one of {old_size}.")
    if old_size == new_size:
        if proof or old_root != new_root:
            raise ProofError(f"There are two different logs of size {new_size}.")
        return
    _check_lengths(proof)
    old_node, new_node, complete = _replay(old_size, new_size, old_root, proof)
    if not complete or old_node != old_root or new_node != new_root:
        raise ProofError(f"The log of {new_size} does not continue the log of {old_size}.")


def _replay(old_size: int, new_size: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes, bool]:
    """The two roots that a consistency proof leads to, and whether it had the right length."""
    # An old log that is one complete subtree is where the proof begins, and stands for itself.
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not proof:
        raise ProofError("The consistency proof is empty.")
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_node = new_node = path[0]
    for beside in path[1:]:
        if last == 0:
            raise ProofError("The consistency proof is longer than the tree is tall.")
        if position & 1 or position == last:
            old_node, new_node = node_hash(beside, old_node), node_hash(beside, new_node)
            position, last = _up_to_left_turn(position, last)
        else:
            new_node = node_hash(new_node, beside)
        position, last = position >> 1, last >> 1
    return old_node, new_node, last == 0


def _up_to_left_turn(position: int, last: int) -> tuple[int, int]:
    """Skip the levels where the right edge of the tree has no neighbour."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def _check_lengths(hashes: Sequence[bytes]) -> None:
    if any(len(hash_) != HASH_SIZE for hash_ in hashes):
        raise ProofError(f"Every hash of a proof has {HASH_SIZE} bytes; one of these has not.")
