"""A receipt proves, to anybody and without us, that one entry stands in the log, who signed it and when it came."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nacl import bindings

from ledger import checkpoint, receipt, verify_receipt
from ledger.canonical import encode
from ledger.checkpoint import Checkpoint
from ledger.errors import NoteError, ProofError, VerificationFailed
from ledger.keys import Key
from ledger.merkle import inclusion_proof, leaf_hash, root
from ledger.note import sign_note, vkey
from ledger.receipt import Receipt
from ledger.sshsig import allowed_signer, armor, preimage

VECTORS = Path(__file__).parent / "vectors" / "ledger"
DERIVED: dict[str, Any] = json.loads((VECTORS / "tlog-proof-derived.json").read_text())
ORIGIN = "coop.example/ledger"
LOG, ANA, BELA = Key(bytes(32)), Key(bytes(range(32))), Key(bytes(range(32, 64)))
LOG_VKEY = vkey(ORIGIN, LOG.public)
RECEIVED = 1_790_000_000_123
AUTHOR = "0123456789abcdef" * 2


def entry(**changed: Any) -> bytes:
    fields = {
        "v": 1,
        "ledger": "ab" * 32,
        "kind": "contributions.logged",
        "author": AUTHOR,
        "key": ANA.id,
        "seq": 3,
        "prev": "cd" * 32,
        "seen": {"size": 2, "root": "ef" * 32},
        "ts": "2026-09-21T14:13:20Z",
        "body": {"items": [{"qty": 90}]},
    }
    return encode({**fields, **changed})


def sign(data: bytes, key: Key = ANA, namespace: str = "tally-entry-v1") -> bytes:
    return key.sign(preimage(namespace, data))


def receipt_of(data: bytes, signature: bytes, index: int = 5, size: int = 11) -> Receipt:
    """The receipt of an entry at this place in a log of otherwise empty entries."""
    extra = receipt.extra(signature, RECEIVED)
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    leaves[index] = leaf_hash(data + extra)
    note = checkpoint.sign(Checkpoint(ORIGIN, size, root(leaves)), LOG)
    return Receipt(index, tuple(inclusion_proof(leaves, index)), note, extra)


@pytest.mark.parametrize("case", DERIVED["tlog_proofs"], ids=lambda case: case["desc"])
def test_receipts_over_a_real_log_get_their_stated_verdict(case):
    text, leaf = case["proof_text"].encode(), case["entry_text"].encode()
    if not case["want_ok"]:
        with pytest.raises(VerificationFailed):
            receipt.check_leaf(receipt.parse(text), leaf, DERIVED["vkey"])
        return
    read = receipt.parse(text)
    head = receipt.check_leaf(read, leaf, DERIVED["vkey"])

    assert receipt.write(read) == text
    assert read.index < head.size


def test_a_receipt_proves_place_signature_and_time():
    data = entry()
    text = receipt.write(receipt_of(data, sign(data)))
    checked = receipt.check(receipt.parse(text), data, LOG_VKEY)

    assert (checked.index, checked.checkpoint.size, checked.received) == (5, 11, RECEIVED)
    assert checked.signature == sign(data)


def test_the_first_entry_of_a_log_has_a_receipt_without_hashes():
    data = entry()
    only = receipt_of(data, sign(data), index=0, size=1)

    assert only.proof == ()
    assert receipt.check(receipt.parse(receipt.write(only)), data, LOG_VKEY).checkpoint.size == 1


def test_a_receipt_fits_no_other_entry_time_signature_or_log():
    data = entry()
    good = receipt_of(data, sign(data))
    later = Receipt(good.index, good.proof, good.checkpoint, receipt.extra(sign(data), RECEIVED + 1))
    swapped = Receipt(good.index, good.proof, good.checkpoint, receipt.extra(sign(data, BELA), RECEIVED))
    bare = Receipt(good.index, good.proof, good.checkpoint)

    for forged, about in ((good, entry(seq=4)), (good, data + b" "), (later, data), (swapped, data), (bare, data)):
        with pytest.raises(ProofError):
            receipt.check(forged, about, LOG_VKEY)
    with pytest.raises(NoteError):
        receipt.check(good, data, vkey(ORIGIN, ANA.public))


def test_bytes_cannot_move_between_entry_and_signature():
    data = entry()
    good = receipt_of(data, sign(data))
    shifted = Receipt(good.index, good.proof, good.checkpoint, data[-1:] + good.extra)

    with pytest.raises(ProofError, match="lacks"):
        receipt.check(shifted, data[:-1], LOG_VKEY)


def test_a_changed_byte_or_a_cut_anywhere_spoils_a_receipt():
    data = entry()
    text = receipt.write(receipt_of(data, sign(data)))
    for place in range(len(text)):
        for change in (1, 0x20, 0x80):
            changed = text[:place] + bytes([text[place] ^ change]) + text[place + 1 :]
            with pytest.raises(VerificationFailed):
                receipt.check(receipt.parse(changed), data, LOG_VKEY)
        with pytest.raises(VerificationFailed):
            receipt.check(receipt.parse(text[:place]), data, LOG_VKEY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"index 5", b"index +5"),
        (b"index 5", b"index 05"),
        (b"index 5", b"index  5"),
        (b"index 5\n", b""),
        (b"extra ", b"extra \nextra "),
        (b"@v1\n", b"@v1\r\n"),
        (b"@v1\n", b"@v1\nextra \n"),
        (b"@v1\n", b"@v1\n\n"),
        (b"index 5\n", b"index 5\nAAAA\n"),
        (b"index 5\n", b"index 5\n" + (b"A" * 43 + b"=\n") * 64),
    ],
)
def test_a_receipt_has_one_spelling(old, new):
    data = entry()
    text = receipt.write(receipt_of(data, sign(data))).replace(old, new, 1)

    with pytest.raises(NoteError):
        receipt.check(receipt.parse(text), data, LOG_VKEY)


def test_witnesses_may_add_their_lines():
    data = entry()
    good = receipt_of(data, sign(data))
    text = good.checkpoint.decode().rpartition("\n\n")[0] + "\n"
    line = sign_note(text, "witness.example", BELA).rpartition(b"\n\n")[2]
    witnessed = Receipt(good.index, good.proof, good.checkpoint + line, good.extra)

    assert receipt.check(witnessed, data, LOG_VKEY).index == 5


# The verifier that ships with a proof


@pytest.fixture
def folder(tmp_path) -> Path:
    return proof_folder(tmp_path)


def proof_folder(path: Path, data: bytes | None = None, key: Key = ANA, namespace: str = "tally-entry-v1") -> Path:
    """A folder as `tally prove` hands it out."""
    data = entry() if data is None else data
    signature = sign(data, key, namespace)
    (path / "entry.json").write_bytes(data)
    (path / "entry.json.sig").write_text(armor(key.public, namespace, signature))
    (path / "receipt").write_bytes(receipt.write(receipt_of(data, signature)))
    (path / "log.vkey").write_text(LOG_VKEY + "\n")
    (path / "allowed_signers").write_text(allowed_signer(AUTHOR, "tally-entry-v1", key.public) + "\n")
    return path


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python isolated: no site packages, nothing of ours, PyNaCl alone importable."""
    libraries = tmp_path_factory.mktemp("libraries")
    site = Path(bindings.__file__).parents[2]
    for name in ("nacl", *(path.name for path in site.glob("_cffi_backend*"))):
        (libraries / name).symlink_to(site / name)

    def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = f"import sys; sys.path.append({str(libraries)!r})\n{script}"
        return subprocess.run(
            [sys.executable, "-I", "-S", "-c", command, *arguments], capture_output=True, text=True, check=False
        )

    return run


VERIFIER = str(Path(verify_receipt.__file__))
AS_PROGRAM = f"import runpy; runpy.run_path({VERIFIER!r}, run_name='__main__')"
FLIP_EVERYTHING = f"""
import contextlib, io, pathlib, runpy
main = runpy.run_path({VERIFIER!r})["main"]
folder = pathlib.Path(sys.argv[1])
def verdict():
    with contextlib.redirect_stdout(io.StringIO()):
        return main([str(folder)])
assert verdict() == 0
for path in sorted(folder.iterdir()):
    data, flips = path.read_bytes(), 0
    for place in range(len(data)):
        for change in (1, 32, 128):
            path.write_bytes(data[:place] + bytes([data[place] ^ change]) + data[place + 1:])
            if verdict() != 5:
                print("ACCEPTED", path.name, place, change)
            flips += 1
        path.write_bytes(data[:place])
        if verdict() != 5:
            print("ACCEPTED cut", path.name, place)
    path.write_bytes(data)
    print(path.name, flips == 3 * len(data) > 0)
assert verdict() == 0
"""


def test_a_bare_machine_with_pynacl_alone_checks_a_proof(folder, bare_python):
    done = bare_python(AS_PROGRAM, str(folder))

    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        *("entry", "signature", "checkpoint", "log", "receipt", "signers", "OK")
    ]
    assert LOG_VKEY in done.stdout
    assert "entry 5 of these, received 2026-09-21 14:13:20.123 UTC" in done.stdout
    assert ANA.fingerprint in done.stdout


def test_the_verifier_takes_files_too_with_or_without_the_list_of_signers(folder, bare_python):
    files = [str(folder / name) for name in verify_receipt.NAMES]

    assert bare_python(AS_PROGRAM, *files).returncode == 0
    assert bare_python(AS_PROGRAM, *files[:4]).returncode == 0
    assert bare_python(AS_PROGRAM, *files[:3]).returncode == 2
    assert bare_python(AS_PROGRAM).returncode == 2


def test_it_imports_nothing_of_ours(folder, bare_python):
    done = bare_python(f"{AS_PROGRAM.replace('__main__', 'verifier')}; import ledger", str(folder))
    assert "No module named 'ledger'" in done.stderr


def test_no_byte_of_any_file_can_change_unnoticed(folder, bare_python):
    done = bare_python(FLIP_EVERYTHING, str(folder))

    assert done.stderr == ""
    assert done.stdout.splitlines() == [f"{name} True" for name in sorted(verify_receipt.NAMES)]


def failure(capsys, folder: Path) -> str:
    assert verify_receipt.main([str(folder)]) == 5
    return capsys.readouterr().out.splitlines()[-1]


def test_a_missing_file_is_a_failure_with_its_name(folder, capsys):
    (folder / "log.vkey").unlink()
    assert failure(capsys, folder).startswith("FAILED log.vkey")


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"v": True},
        {"more": 1},
        {"key": "AB" * 32},
        {"author": "\x1b[31mAna"},
        {"kind": "Contributions.logged"},
        {"ts": "yesterday"},
    ],
)
def test_an_entry_of_another_form_fails_though_it_is_signed_and_logged(tmp_path, capsys, changes):
    assert failure(capsys, proof_folder(tmp_path, entry(**changes))).startswith("FAILED entry")


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"1.5", b'{"a":NaN}', b"[" * 100_000, b'"\\ud800"', entry().replace(b",", b", "), b"\xff"]
)
def test_an_entry_that_is_not_canonical_fails(tmp_path, capsys, data):
    assert failure(capsys, proof_folder(tmp_path, data)).startswith("FAILED entry")


def test_a_signature_by_another_key_or_for_another_purpose_fails(tmp_path, capsys):
    assert "another key" in failure(capsys, proof_folder(tmp_path, key=BELA))
    assert "another purpose" in failure(capsys, proof_folder(tmp_path, namespace="git"))


def test_a_receipt_for_another_signature_of_the_same_entry_fails(folder, capsys):
    other = receipt_of(entry(), sign(entry(), BELA))
    (folder / "receipt").write_bytes(receipt.write(other))

    assert "another signature" in failure(capsys, folder)


def test_a_log_with_another_key_but_the_same_name_fails(folder, capsys):
    (folder / "log.vkey").write_text(vkey(ORIGIN, BELA.public) + "\n")
    assert "did not sign" in failure(capsys, folder)


def test_ssh_keygen_checks_the_same_folder(folder):
    arguments = ["-Y", "verify", "-n", "tally-entry-v1", "-f", "allowed_signers", "-s", "entry.json.sig", "-I"]
    with open(folder / "entry.json", "rb") as file:
        done = subprocess.run(
            ["ssh-keygen", *arguments, AUTHOR], stdin=file, cwd=folder, capture_output=True, check=False
        )

    assert done.returncode == 0
