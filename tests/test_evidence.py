"""Two stories told under one key are proof for ever, on any machine and without a ledger."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import canonical, checkpoint, entry, evidence, merkle, verify_receipt
from ledger.book import SequenceTaken
from ledger.checkpoint import Checkpoint
from ledger.contradiction import Fork, NoEvidence, OtherLedger, Rollback, Signed, TwoStatements, check, read, write
from ledger.entry import NAMESPACE, preimage
from ledger.errors import NoteError
from ledger.evidence import Undecided, between
from ledger.keys import Key, new_key
from ledger.log import Leaf
from ledger.note import vkey
from ledger.record import receive
from ledger.store import SqliteLog
from tests.forge import Coop, forge, new_log, small_leaf
from tests.signing import fields, item
from tests.village import found, key, person

ORIGIN = "coop.example/ledger"
LOG, OTHER = Key(bytes(32)), Key(bytes(range(32)))
VKEY = vkey(ORIGIN, LOG.public)


class Tree:
    """A log in memory: leaf hashes, the heads it signs, and what `between` reads of it."""

    def __init__(self, leaves: list[bytes], signer: Key = LOG) -> None:
        self.leaves, self.signer = leaves, signer

    def note(self, size: int | None = None) -> bytes:
        size = len(self.leaves) if size is None else size
        return checkpoint.sign(Checkpoint(ORIGIN, size, merkle.root(self.leaves[:size])), self.signer)

    def head(self) -> Any:
        return Checkpoint(ORIGIN, len(self.leaves), merkle.root(self.leaves))

    def hashing(self) -> Any:
        return lambda start, end: merkle.root(self.leaves[start:end])


def leaves(count: int, told: str = "") -> list[bytes]:
    return [merkle.leaf_hash(f"{told}{number}".encode()) for number in range(count)]


def compared(older: bytes, newer: bytes, tree: Tree | None, keys: tuple[str, ...] = (VKEY,)) -> Any:
    return between(older, newer, tree, keys)  # type: ignore[arg-type]


# At the terminal.


def test_two_members_compare_their_heads_and_the_fork_convicts_the_log_on_any_machine(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "before", "--role", "care")
    other = coop.twin(tmp_path / "other")
    coop.must("log", "1h", "here", "--role", "care")
    for number in range(3):
        other.must("log", "1h", f"there {number}", "--role", "care")
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.write_text(coop.must("checkpoint").out)
    theirs.write_text(json.dumps(other.must("checkpoint", "--json").answer))
    ran = coop.tally("checkpoint", "compare", str(ours), str(theirs), "--at", str(other.folder))
    path = next((coop.path / "state").glob("*/evidence/*.json"))

    assert ran.code == 5
    assert ran.err.startswith("FORKED")
    assert str(path) in ran.err
    anywhere = Coop(tmp_path / "empty", "")
    proved = anywhere.must("evidence", "verify", str(path)).out
    assert "PROVED" in proved
    assert "a head of 3 entries and one of 5 that does not go on from it" in proved
    assert vkey(coop.home.ledger(None).origin, bytes.fromhex(coop.home.ledger(None).log_key)) in proved
    assert not anywhere.path.exists()


def test_heads_that_go_on_from_one_another_are_told_apart_in_both_orders(tmp_path):
    coop = forge(tmp_path)
    coop.must("log", "1h", "roof", "--role", "care")
    first, second, receipt = (tmp_path / name for name in ("first", "second", "receipt"))
    first.write_text(coop.must("checkpoint").out)
    coop.must("receipt", "show", "1", "--out", str(receipt))
    coop.must("log", "1h", "door", "--role", "care")
    second.write_text(coop.must("checkpoint").out)

    def verdict(*files: Path) -> str:
        answer = coop.must("checkpoint", "compare", *map(str, files), "--json").answer
        return str(answer["verdict"])

    assert verdict(first, second) == "B extends A"
    assert verdict(second, first) == "A extends B"
    assert verdict(first, receipt) == "same"
    assert not list((coop.path / "state").glob("*/evidence/*"))


def test_our_own_log_convicts_a_head_that_is_none_of_its_past_without_the_other_tree(tmp_path):
    coop = forge(tmp_path)
    other = coop.twin(tmp_path / "other")
    other.must("log", "1h", "there", "--role", "care")
    theirs = tmp_path / "theirs"
    theirs.write_text(other.must("checkpoint").out)
    other.must("log", "1h", "there too", "--role", "care")
    longer = tmp_path / "longer"
    longer.write_text(other.must("checkpoint").out)
    assert coop.tally("checkpoint", "compare", str(theirs), str(longer)).code == 1
    for number in range(4):
        coop.must("log", "1h", f"here {number}", "--role", "care")
    ran = coop.tally("checkpoint", "compare", str(theirs), str(longer))

    assert ran.code == 5
    assert isinstance(read(next((coop.path / "state").glob("*/evidence/*.json")).read_bytes()), Fork)


@pytest.mark.parametrize("content", ["", "{}", "{", "hello\n", '{"checkpoint": 1}', "c2sp.org/tlog-proof@v1\n"])
def test_what_holds_no_head_is_refused_in_words(tmp_path, content):
    coop = forge(tmp_path)
    (tmp_path / "a").write_text(content)
    (tmp_path / "b").write_text(coop.must("checkpoint").out)
    ran = coop.tally("checkpoint", "compare", str(tmp_path / "a"), str(tmp_path / "b"))

    assert ran.code in (2, 5)
    assert ran.err


def test_a_head_that_the_log_did_not_sign_convicts_nobody(tmp_path):
    coop = forge(tmp_path)
    origin = coop.home.ledger(None).origin
    (tmp_path / "a").write_bytes(checkpoint.sign(Checkpoint(origin, 1, bytes(32)), new_key()))
    (tmp_path / "b").write_text(coop.must("checkpoint").out)

    assert coop.tally("checkpoint", "compare", str(tmp_path / "a"), str(tmp_path / "b")).code == 5
    assert not list((coop.path / "state").glob("*/evidence/*"))


def test_a_statement_the_log_refused_as_a_contradiction_can_be_shown_to_others(tmp_path):
    coop = forge(tmp_path, "Ana")
    other = coop.twin(tmp_path / "other")
    coop.must("log", "1h", "here", "--role", "care")
    other.must("log", "1h", "there", "--role", "care")
    with other.opened() as ledger:
        data, signature, _ = entry.split_leaf(ledger.log.entry(1))
        words = ledger.log.private(1)
    with coop.opened() as ledger, pytest.raises(SequenceTaken):
        receive(ledger, data, signature, words)
    listed = coop.must("evidence", "list", "--json").answer["refused"]
    ran = coop.must("evidence", "show", "1", "--out", str(tmp_path / "proof.json"))

    assert [row["id"] for row in listed] == [entry.entry_id(data)]
    assert "SHOWN" in ran.out
    assert "SHOWN" in Coop(tmp_path / "empty", "").must("evidence", "verify", str(tmp_path / "proof.json")).out
    assert coop.tally("evidence", "show", "2").code == 2


# What two heads prove.


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40))
def test_an_honest_log_can_never_be_accused(first, second):
    older, newer = sorted((first, second))
    tree = Tree(leaves(newer))

    assert compared(tree.note(older), tree.note(newer), tree) is None


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 40), st.integers(0, 40), st.data())
def test_every_fork_is_found_and_its_proof_stands_by_itself(older, more, data):
    changed = data.draw(st.integers(0, older - 1))
    here, there = Tree(leaves(older)), Tree(leaves(older + more))
    there.leaves[changed] = merkle.leaf_hash(b"another story")
    found = compared(here.note(), there.note(), there)
    proved = check(read(write(found)))

    assert isinstance(found, Fork)
    assert (proved.stands_alone, proved.keys) == (True, (VKEY,))


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 30), st.integers(0, 30), st.data())
def test_no_path_whatever_makes_a_fork_of_an_honest_log(older, more, data):
    """Hashes of the honest tree, mixed at will, and a root that is not the true one."""
    tree = Tree(leaves(older + more))
    true = merkle.consistency_path(older, older + more, tree.hashing())
    pool = [*true, *tree.leaves, merkle.root(tree.leaves), bytes(32)]
    path = data.draw(st.lists(st.sampled_from(pool), max_size=len(true) + 1)) if data.draw(st.booleans()) else true
    root = data.draw(st.sampled_from(pool))
    claim = Fork(
        vkeys=(VKEY,), older=tree.note(older).decode(), newer=tree.note().decode(), root=root.hex(),
        path=tuple(one.hex() for one in path),
    )  # fmt: skip

    with pytest.raises(NoEvidence):
        check(claim)


def test_without_the_newer_tree_two_sizes_tell_nothing_and_that_is_said():
    here, there = Tree(leaves(5)), Tree(leaves(8, "other "))
    for tree in (None, here, Tree(leaves(8, "a third "))):
        with pytest.raises(Undecided):
            compared(here.note(), there.note(), tree)


def test_heads_of_one_size_need_no_tree():
    found = compared(Tree(leaves(5)).note(), Tree(leaves(5, "other ")).note(), None)

    assert isinstance(found, Fork)
    assert check(found).stands_alone


def test_a_smaller_head_after_a_greater_is_shown_and_accuses_nobody():
    tree = Tree(leaves(8))
    found = compared(tree.note(), tree.note(5), tree)

    assert isinstance(found, Rollback)
    assert not check(read(write(found))).stands_alone
    with pytest.raises(NoEvidence):
        check(Rollback(vkeys=(VKEY,), seen=found.shown, shown=found.seen))


def test_a_key_that_signed_only_one_head_is_not_accused_by_both():
    """Else anybody could sign a second head with a key of their own and lay it beside an honest one."""
    mine = vkey(ORIGIN, OTHER.public)
    honest, forged = Tree(leaves(5)), Tree(leaves(5, "forged "), OTHER)
    found = compared(honest.note(), forged.note(), None, (VKEY, mine))
    proved = check(found)

    assert not proved.stands_alone
    assert "different keys" in proved.says[-1]
    twice = compared(forged.note(), Tree(leaves(5), OTHER).note(), None, (VKEY, mine))
    assert check(twice).keys == (mine,)
    with pytest.raises(NoteError):
        compared(honest.note(), forged.note(), None)


def test_a_key_added_to_a_proof_that_does_not_need_it_is_not_accused():
    found = compared(Tree(leaves(5)).note(), Tree(leaves(5, "other ")).note(), None)
    added = Fork(vkeys=(*found.vkeys, vkey(ORIGIN, OTHER.public)), older=found.older, newer=found.newer,
                 root=found.root, path=())  # fmt: skip

    assert check(added).keys == (VKEY,)


def test_a_real_log_gives_the_same_proof(tmp_path):
    logs = []
    for name in ("here", "there"):
        log = new_log(tmp_path / name)
        logs.append(log)
    (tmp_path / "there" / "log.key").write_bytes((tmp_path / "here" / "log.key").read_bytes())
    here, there = logs
    for log, told, count in ((here, 0, 300), (there, 1, 700)):
        log.append([Leaf(small_leaf(told + 2 * number), {}) for number in range(count)], after=0)
    keys = [vkey(log.origin, log.signers(log.head())[0].public) for log in logs]
    found = between(here.head().note, there.head().note, there, keys[:1])

    assert isinstance(found, Fork)
    assert check(found).stands_alone
    with pytest.raises(Undecided):
        between(here.head().note, there.head().note, here, keys[:1])
    for log in logs:
        assert isinstance(log, SqliteLog)
        log.close()


# What two statements prove.


def said(village: Any, who: str = "Ana", **changed: Any) -> tuple[bytes, bytes]:
    data = canonical.encode(fields(village, who, **changed))
    return data, key(who).sign(preimage(NAMESPACE, data))


def two(first: tuple[bytes, bytes], second: tuple[bytes, bytes], public: bytes | None = None) -> TwoStatements:
    one, other = (Signed(entry=data.decode(), sig=signature.hex()) for data, signature in (first, second))
    return TwoStatements(key=(public or key("Ana").public).hex(), first=one, second=other)


def test_two_statements_under_one_number_are_shown_and_a_refused_one_may_be_among_them():
    village = found("Ana")
    proved = check(read(write(two(said(village), said(village, body={"items": [item("Ana", qty=120)]})))))

    assert not proved.stands_alone
    assert proved.keys == (key("Ana").fingerprint,)


def test_two_statements_that_do_not_contradict_each_other_prove_nothing():
    village, elsewhere = found("Ana", "Chidi"), found("Ana")
    once = said(village)
    harmless = [
        two(once, once),
        two(once, said(village, seq=7)),
        two(once, said(elsewhere)),
        two(said(village, ledger=None), said(village, ledger=None, ts="2025-08-01T12:00:00Z")),
        two(once, (said(village, ts="2025-08-01T12:00:00Z")[0], once[1])),
        two(once, said(village, "Chidi")),
        two(once, said(village, ts="2025-08-01T12:00:00Z"), key("Chidi").public),
        two(once, (said(village, ts="2025-08-01T12:00:00Z")[0] + b" ", once[1])),
    ]
    for one in harmless:
        with pytest.raises(NoEvidence):
            check(one)


# The verifier of one file.


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(0, 40), st.data())
def test_the_one_file_verifier_finds_the_same_forks(tmp_path_factory, older, more, data):
    here, there = Tree(leaves(older)), Tree(leaves(older + more))
    there.leaves[data.draw(st.integers(0, older - 1))] = merkle.leaf_hash(b"another story")
    found = compared(here.note(), there.note(), there)
    path = tmp_path_factory.mktemp("evidence") / "evidence.json"
    path.write_bytes(write(found))

    assert verify_receipt.main([str(path)]) == 0
    honest = Tree(leaves(older + more))
    true = merkle.root(honest.leaves[:older]).hex()
    steps = merkle.consistency_path(older, older + more, honest.hashing())
    for root, of in ((true, honest), (found.root, honest), (true, there)):
        claim = Fork(vkeys=(VKEY,), older=here.note().decode(), newer=of.note().decode(), root=root,
                     path=tuple(step.hex() for step in steps))  # fmt: skip
        path.write_bytes(write(claim))
        assert verify_receipt.main([str(path)]) == 5
        with pytest.raises(NoEvidence):
            check(claim)


def test_the_one_file_verifier_accepts_no_changed_byte_and_no_other_kind(tmp_path, capsys):
    fork, *others = one_of_each()
    path, data = tmp_path / "evidence.json", write(fork)
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert verify_receipt.main([str(path)]) == 5, place
    for other in (*map(write, others), b"", b"{}", b"[]", b'{"kind":"fork","v":1}'):
        path.write_bytes(other)
        assert verify_receipt.main([str(path)]) == 5
    path.write_bytes(data)
    capsys.readouterr()
    assert verify_receipt.main([str(path)]) == 0
    assert VKEY in capsys.readouterr().out


# Files.


def one_of_each() -> list[Any]:
    here, there, village = Tree(leaves(5)), Tree(leaves(8)), found("Ana")
    there.leaves[2] = merkle.leaf_hash(b"another story")
    return [
        compared(here.note(), there.note(), there),
        compared(there.note(), there.note(3), there),
        two(said(village), said(village, ts="2025-08-01T12:00:00Z")),
        OtherLedger(vkeys=(VKEY,), founding="00" * 32, shown=here.note().decode(), entry="{}"),
    ]


@pytest.mark.parametrize("number", range(4))
def test_a_file_of_evidence_has_one_spelling_and_no_byte_to_spare(number):
    """Changed anywhere it is no evidence, or it still says what it said: the word of a home is not signed."""
    found = one_of_each()[number]
    data, proved = write(found), check(found)
    assert read(data) == found
    for place in range(0, len(data), 1 if len(data) < 2500 else 3):
        for changed in (data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :], data[:place]):
            try:
                other = check(read(changed))
            except NoEvidence:
                continue
            assert not other.stands_alone
            assert not proved.stands_alone
    with pytest.raises(NoEvidence):
        read(data + b"\n")


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"\xff", b'{"kind":"fork","v":1}', b'{"kind":"gossip","v":1}', b"[" * 10_000, b" " * 400_000],
)
def test_what_is_no_evidence_is_refused_in_words(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    ran = Coop(tmp_path / "empty", "").tally("evidence", "verify", str(tmp_path / "file"))

    assert ran.code == 5
    assert ran.err


def test_the_version_is_part_of_the_file():
    data = write(one_of_each()[0])
    for other in (data.replace(b'"v":1', b'"v":2'), data.replace(b',"v":1', b"")):
        with pytest.raises(NoEvidence):
            read(other)


def test_the_same_evidence_is_kept_once_under_the_same_name(tmp_path):
    found = one_of_each()[0]
    paths = {evidence.keep(tmp_path, found), evidence.keep(tmp_path, found)}
    stopped = evidence.stop(tmp_path, found)

    assert len(list(tmp_path.iterdir())) == len(paths) == 1
    assert str(paths.pop()) in stopped.hint
    assert person("Ana") not in stopped.message
