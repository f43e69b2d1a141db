"""What Tallystick signs, a bare machine with OpenSSH can check, and the other way round."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import sshsig
from ledger.errors import Usage
from ledger.keys import Key, verify
from ledger.sshsig import NotASignature, allowed_signer, armor, dearmor, preimage

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors/ledger/sshsig.json").read_text())
ANA = Key(bytes(range(32)))
NAMESPACE = "tally-entry-v1"


def ssh_keygen(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ssh-keygen", *arguments], input=stdin, capture_output=True, check=False)


def accepts(text: str, namespace: str, message: bytes, public_key: bytes) -> bool:
    """Whether a reader who expects this key and purpose accepts the signature file."""
    try:
        key, purpose, signature = dearmor(text)
    except NotASignature:
        return False
    return key == public_key and purpose == namespace and verify(key, preimage(namespace, message), signature)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["desc"])
def test_signature_files_get_their_stated_verdict(case):
    public_key, message = bytes.fromhex(VECTORS["public_key_hex"]), bytes.fromhex(case["message_hex"])
    ours_alone_refuses = "sha256" in case["desc"]

    accepted = accepts(case["armored"], case["namespace"], message, public_key)
    assert accepted == (case["want_ok"] and not ours_alone_refuses)


def test_the_preimage_and_the_file_are_those_of_openssh_byte_for_byte():
    case = VECTORS["cases"][0]
    public_key, signature = bytes.fromhex(VECTORS["public_key_hex"]), bytes.fromhex(VECTORS["raw_signature_hex"])

    assert preimage(NAMESPACE, bytes.fromhex(case["message_hex"])).hex() == VECTORS["preimage_hex"]
    assert armor(public_key, NAMESPACE, signature) == case["armored"]
    assert sshsig.public_line(public_key) == VECTORS["public_key_openssh"]


def test_the_published_ballot_has_its_published_signature():
    message = preimage(NAMESPACE, b'{"kind":"ballot","v":1}')

    assert len(message) == 106
    assert ANA.sign(message).hex() == (
        "0cd51730eea6a71d20155e356fb6d60f85e577e94ba051a89fb6e7918d7609b6"
        "aa3b813766856490dd18eba1b56f51bd7e696d76d09e78095f82c410b4e6f30b"
    )


@given(st.binary(max_size=100), st.sampled_from(["tally-entry-v1", "tally-login-v1", "é"]))
def test_every_signature_file_is_read_back(message, namespace):
    signature = ANA.sign(preimage(namespace, message))

    assert dearmor(armor(ANA.public, namespace, signature)) == (ANA.public, namespace, signature)
    assert verify(ANA.public, preimage(namespace, message), signature)


def test_a_signature_for_one_purpose_is_none_for_another():
    signature = ANA.sign(preimage("tally-login-v1", b"hello"))
    assert not verify(ANA.public, preimage(NAMESPACE, b"hello"), signature)


def test_a_changed_byte_or_a_cut_anywhere_spoils_the_file():
    text = armor(ANA.public, NAMESPACE, ANA.sign(preimage(NAMESPACE, b"hello")))
    for place in range(len(text)):
        for change in (1, 0x20):
            changed = text[:place] + chr(ord(text[place]) ^ change) + text[place + 1 :]
            assert not accepts(changed, NAMESPACE, b"hello", ANA.public)
        assert not accepts(text[:place], NAMESPACE, b"hello", ANA.public)
        assert not accepts(text[:place] + "\n" + text[place:], NAMESPACE, b"hello", ANA.public)


@pytest.mark.parametrize("text", ["", "hello", "é", f"{sshsig.BEGIN}\n{sshsig.END}\n", f"{sshsig.BEGIN}{sshsig.END}\n"])
def test_what_is_no_signature_file_is_refused_in_words(text):
    with pytest.raises(NotASignature):
        dearmor(text)


def test_ssh_keygen_verifies_what_we_sign(tmp_path):
    (tmp_path / "signers").write_text(allowed_signer("ana", NAMESPACE, ANA.public) + "\n")
    (tmp_path / "entry.sig").write_text(armor(ANA.public, NAMESPACE, ANA.sign(preimage(NAMESPACE, b"hello"))))

    def check(namespace: str, name: str, message: bytes) -> int:
        files = ("-f", str(tmp_path / "signers"), "-s", str(tmp_path / "entry.sig"))
        return ssh_keygen("-Y", "verify", *files, "-n", namespace, "-I", name, stdin=message).returncode

    assert check(NAMESPACE, "ana", b"hello") == 0
    assert check(NAMESPACE, "ana", b"hello!") != 0
    assert check(NAMESPACE, "bela", b"hello") != 0
    assert check("git", "ana", b"hello") != 0


def test_we_read_what_ssh_keygen_signs(tmp_path):
    key = str(tmp_path / "bela")
    assert ssh_keygen("-q", "-t", "ed25519", "-N", "", "-C", "bela", "-f", key).returncode == 0
    (tmp_path / "note").write_bytes(b"hello")
    assert ssh_keygen("-Y", "sign", "-f", key, "-n", NAMESPACE, str(tmp_path / "note")).returncode == 0
    text = (tmp_path / "note.sig").read_text()
    public_key, namespace, signature = dearmor(text)

    assert armor(public_key, namespace, signature) == text
    assert accepts(text, NAMESPACE, b"hello", public_key)
    assert (tmp_path / "bela.pub").read_text() == sshsig.public_line(public_key, "bela") + "\n"
    shown = ssh_keygen("-l", "-f", key).stdout.decode()
    assert sshsig.fingerprint(public_key) in shown


def test_a_signature_by_another_kind_of_key_or_hash_is_refused_in_words(tmp_path):
    (tmp_path / "note").write_bytes(b"hello")
    for kind, extra in (("ecdsa", ()), ("ed25519", ("-O", "hashalg=sha256"))):
        key = str(tmp_path / kind)
        assert ssh_keygen("-q", "-t", kind, "-N", "", "-f", key).returncode == 0
        assert ssh_keygen("-Y", "sign", *extra, "-f", key, "-n", NAMESPACE, str(tmp_path / "note")).returncode == 0
        text = (tmp_path / "note.sig").read_text()
        (tmp_path / "note.sig").unlink()

        with pytest.raises(NotASignature, match="another form"):
            dearmor(text)


@pytest.mark.parametrize("name", ["", "Ana Maria", "ana,bela", "*", "!ana", "#ana", 'ana"', "ana\n", "ana\tb"])
def test_a_name_that_openssh_would_misread_stays_out_of_the_list_of_signers(name):
    with pytest.raises(Usage):
        allowed_signer(name, NAMESPACE, ANA.public)
