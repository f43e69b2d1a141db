"""One verdict on every signature, and keys that are kept, locked and lent the way people expect."""

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import locked, pem, sshsig
from ledger.agent import AgentFailed, agent_keys
from ledger.errors import NoKey, Usage
from ledger.keys import Key, KeyFileExists, new_key, read_key, valid_point, verify, write_key
from ledger.pem import Locked, NotShortForm, UnreadableKey, WrongPassphrase

VECTORS = Path(__file__).parent / "vectors" / "ledger"
SEED = bytes(range(32))
PHRASE = "correct horse"


def vectors(name: str) -> list[dict[str, Any]]:
    return json.loads((VECTORS / f"{name}.json").read_text())["cases"]


def run(*arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> bytes:
    done = subprocess.run(arguments, input=stdin, capture_output=True, check=False, env={**os.environ, **(env or {})})
    assert done.returncode == 0, done.stderr
    return done.stdout


# Signatures


def test_every_published_signature_gets_the_verdict_of_libsodium():
    for case in vectors("ed25519-wycheproof"):
        parts = (bytes.fromhex(case[name]) for name in ("pk", "msg", "sig"))
        assert verify(*parts) == (case["measured"]["pynacl"] == "accept"), case["tcId"]
    for case in vectors("ed25519-speccheck"):
        parts = (bytes.fromhex(case[name]) for name in ("pub", "msg", "sig"))
        assert verify(*parts) == (case["measured"]["pynacl"] == "accept"), case["n"]
    for case in vectors("ed25519-cctv"):
        key, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"])
        accepted = verify(key, case["msg"].encode(), signature)
        assert accepted == (case["measured"]["pynacl"] == "accept"), case["number"]


def test_a_key_under_which_libraries_disagree_cannot_be_registered():
    disputed = [
        case for case in vectors("ed25519-cctv") if case["measured"]["pynacl"] != case["measured"]["cryptography"]
    ]
    registrable = [case for case in disputed if valid_point(bytes.fromhex(case["key"]))]

    # The one that is left has a good key and the identity as R: only one verifier everywhere settles that.
    assert len(disputed) > 100
    assert len(registrable) == 1
    assert "low_order_R" in registrable[0]["flags"]


def test_an_honest_key_can_be_registered_and_no_other_length_can():
    assert valid_point(Key(SEED).public)
    for data in (b"", bytes(31), bytes(32), bytes(33), Key(SEED).public + b"\0"):
        assert not valid_point(data)


def test_lengths_that_cannot_be_are_a_no_and_not_a_crash():
    key = Key(SEED)
    signature = key.sign(b"hello")

    assert verify(key.public, b"hello", signature)
    for public, wrong in ((key.public, signature[:63]), (key.public, signature + b"\0"), (key.public[:31], signature)):
        assert not verify(public, b"hello", wrong)
    assert not verify(b"", b"", b"")


# Keys and their files


def test_a_key_is_the_one_of_the_published_vector():
    key = Key(SEED)

    assert key.public.hex() == "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
    assert key.seed == SEED
    assert len(key.id) == 64
    assert key.id == Key(SEED).id != new_key().id


def test_a_key_never_shows_its_seed():
    key = Key(SEED)

    assert key.fingerprint in repr(key)
    for shown in (repr(key), str(key), f"{key}", "%r" % [key]):
        assert SEED.hex() not in shown
        assert repr(SEED) not in shown
    with pytest.raises(UnreadableKey):
        Key(SEED[:31])


def test_the_locked_file_is_the_one_of_the_published_vector():
    data = pem.write_locked(SEED, PHRASE, salt=bytes(range(16)), iv=bytes(range(16, 32)))
    der = pem._open_armor(data)[1]

    assert len(der) == 167
    assert der[-64:].hex() == (
        "0f5fb755675584ce5d6127ed7baa9fb1e1bd6895f32d241d23038a25a33b485d"
        "405645f6041971fc6ee5801b517fd8be7b9606890f0788451d82c8a3cf6c56eb"
    )
    assert pem.read(data, PHRASE) == SEED
    assert pem.advice(data) == ""


def test_other_programs_open_the_files_we_write(tmp_path):
    for name, passphrase in (("open", None), ("locked", PHRASE)):
        path = tmp_path / name
        write_key(path, Key(SEED), passphrase)
        shown = run("openssl", "pkey", "-in", str(path), "-passin", f"pass:{PHRASE}", "-text", "-noout").decode()
        loaded = serialization.load_pem_private_key(path.read_bytes(), passphrase and passphrase.encode())

        assert SEED[:15].hex(":") in shown
        assert isinstance(loaded, Ed25519PrivateKey)
        assert loaded.private_bytes_raw() == SEED


def test_we_open_the_files_of_other_programs(tmp_path):
    plain, strong, short = (str(tmp_path / name) for name in ("plain", "strong", "short"))
    run("openssl", "genpkey", "-algorithm", "ed25519", "-out", plain)
    aes = ("-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-passout", f"pass:{PHRASE}")
    run("openssl", "pkcs8", "-topk8", *aes, "-iter", "600000", "-in", plain, "-out", strong)
    run("openssl", "pkcs8", "-topk8", *aes, "-iter", "2048", "-in", plain, "-out", short)

    assert read_key(plain).seed == read_key(strong, PHRASE).seed == read_key(short, PHRASE).seed
    assert pem.advice(Path(strong).read_bytes()) == pem.advice(Path(plain).read_bytes()) == ""
    assert "too lightly" in pem.advice(Path(short).read_bytes())


def test_a_wrong_passphrase_and_none_are_told_apart(tmp_path):
    path = tmp_path / "key"
    write_key(path, Key(SEED), PHRASE)

    with pytest.raises(Locked):
        read_key(path)
    with pytest.raises(WrongPassphrase, match="does not open"):
        read_key(path, "correct hoarse")
    assert read_key(path, PHRASE).seed == SEED


def test_no_wrong_passphrase_slips_through_by_padding_that_looks_right(monkeypatch):
    monkeypatch.setattr(locked, "ROUNDS", 1)
    monkeypatch.setattr(locked, "TO_IV", locked.TO_IV.replace(bytes.fromhex("02030927c0"), bytes.fromhex("0203000001")))
    data = pem.write_locked(SEED, PHRASE, bytes(16), bytes(16))

    assert pem.read(data, PHRASE) == SEED
    for number in range(2000):
        with pytest.raises(WrongPassphrase):
            pem.read(data, f"wrong {number}")


def test_a_short_passphrase_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(Usage, match="too short"):
        write_key(tmp_path / "key", Key(SEED), "horse12")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("lock", "named"),
    [
        (("-v2", "aes-128-cbc"), "AES-128-CBC"),
        (("-v2", "des3"), "3DES"),
        (("-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"), "HMAC-SHA1"),
        (("-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"), "HMAC-SHA512"),
        (("-scrypt",), "scrypt"),
    ],
)
def test_a_lock_of_another_kind_is_refused_by_name(tmp_path, lock, named):
    plain, other = str(tmp_path / "plain"), str(tmp_path / "other")
    run("openssl", "genpkey", "-algorithm", "ed25519", "-out", plain)
    run("openssl", "pkcs8", "-topk8", *lock, "-passout", f"pass:{PHRASE}", "-in", plain, "-out", other)

    with pytest.raises(UnreadableKey, match=named) as refused:
        read_key(other, PHRASE)
    assert "openssl pkcs8" in refused.value.hint


def test_other_kinds_of_keys_are_refused_in_plain_words(tmp_path):
    for name in ("EC", "X25519"):
        path, shut = str(tmp_path / name), str(tmp_path / f"{name}.locked")
        curve = ("-pkeyopt", "ec_paramgen_curve:P-256") if name == "EC" else ()
        run("openssl", "genpkey", "-algorithm", name, *curve, "-out", path)
        run("openssl", "pkcs8", "-topk8", "-passout", f"pass:{PHRASE}", "-in", path, "-out", shut)
        with pytest.raises(NotShortForm):
            read_key(path)
        with pytest.raises(NoKey):
            read_key(shut, PHRASE)
    with_public = bytes.fromhex("3053020101300506032b657004220420") + SEED + b"\x81\x21\0" + Key(SEED).public
    with pytest.raises(NotShortForm):
        pem.read(pem._armor(pem.OPEN_LABEL, with_public))
    with pytest.raises(UnreadableKey, match="CERTIFICATE"):
        pem.read(pem._armor("CERTIFICATE", b"abc"))


def test_a_damaged_key_file_is_refused_and_never_a_crash():
    data = pem.write_locked(SEED, PHRASE, bytes(16), bytes(16))
    der = pem._open_armor(data)[1]
    for place in range(len(der) - 64):
        for change in (1, 0x80, 0xFF):
            changed = der[:place] + bytes([der[place] ^ change]) + der[place + 1 :]
            try:
                locked.rounds(changed)
            except UnreadableKey:
                continue
            # What still reads differs in salt, rounds or IV alone.
            assert 34 <= place < 51 or 53 <= place < 56 or 85 <= place < 101
    for end in range(len(der)):
        with pytest.raises(UnreadableKey):
            locked.rounds(der[:end])
    for text in (b"", b"hello", b"\xff\xfe", data[:100], data.replace(b"E", b"*"), data + b"x"):
        with pytest.raises(UnreadableKey):
            pem.read(text, PHRASE)


@pytest.mark.parametrize(("salt", "rounds"), [(16, 20_000_000), (16, 0), (16, -1), (7, 600_000), (65, 600_000)])
def test_a_key_file_with_an_absurd_lock_is_refused_before_hours_of_work(salt, rounds):
    function = bytes.fromhex("300c06082a864886f70d02090500")
    settings = bytes([4, salt]) + bytes(salt) + b"\x02\x04" + rounds.to_bytes(4, "big", signed=True) + function

    with pytest.raises(UnreadableKey, match=f"{rounds} rounds"):
        locked._derivation(settings)


def test_line_ends_and_blank_lines_from_other_systems_do_no_harm():
    data = pem.write_open(SEED)
    assert pem.read(b"\r\n" + data.replace(b"\n", b"\r\n") + b"\n") == SEED


def test_only_the_owner_may_read_a_key_file_and_nothing_else_is_left_in_its_folder(tmp_path):
    path = tmp_path / "ana.pem"
    old = os.umask(0)
    try:
        write_key(path, Key(SEED))
    finally:
        os.umask(old)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["ana.pem"]


def test_a_key_file_is_never_overwritten(tmp_path):
    path = tmp_path / "ana.pem"
    write_key(path, Key(SEED))
    before = path.read_bytes()
    with pytest.raises(KeyFileExists):
        write_key(path, new_key())
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(KeyFileExists):
        write_key(tmp_path / "link", new_key())

    assert path.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["ana.pem", "link"]


def test_a_key_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NoKey, match="There is no key file"):
        read_key(tmp_path / "nowhere.pem")


def test_openssh_key_files_are_read(tmp_path):
    for name, passphrase in (("open", ""), ("locked", PHRASE)):
        path = str(tmp_path / name)
        run("ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", passphrase, "-C", "", "-f", path)
        key = read_key(path, PHRASE)

        assert sshsig.public_line(key.public) == Path(f"{path}.pub").read_text().strip()
        assert Key(key.seed).public == key.public
    with pytest.raises(Locked):
        read_key(tmp_path / "locked")
    with pytest.raises(WrongPassphrase):
        read_key(tmp_path / "locked", "correct hoarse")


def test_openssh_keys_of_other_kinds_or_damaged_are_refused(tmp_path):
    path = tmp_path / "key"
    run("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", str(path))
    with pytest.raises(UnreadableKey, match="not Ed25519"):
        read_key(path)
    text = path.read_text().splitlines()
    path.write_text("\n".join([text[0], text[1][:40], text[-1], ""]))
    with pytest.raises(UnreadableKey):
        read_key(path)


def test_an_open_key_costs_no_import_of_a_cipher(tmp_path):
    write_key(tmp_path / "key", Key(SEED))
    script = "import sys, ledger.keys as k; k.read_key(sys.argv[1]).sign(b''); print(*sys.modules)"
    modules = run(sys.executable, "-c", script, str(tmp_path / "key"), env={"PYTHONPATH": str(Path.cwd())}).split()

    assert b"nacl.bindings" in modules
    assert not [name for name in modules if name.startswith((b"cryptography", b"bcrypt", b"msgspec", b"tempfile"))]


# The agent


@pytest.fixture
def agent(tmp_path) -> Iterator[str]:
    """A real ssh-agent with one Ed25519 key, one of another kind, and nobody else's keys."""
    # A socket's path is short, so it lies in a folder of its own.
    folder = tempfile.mkdtemp(prefix="agent")
    path = f"{folder}/agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL) as process:
        for kind in ("ed25519", "ecdsa"):
            run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", f"ana {kind}", "-f", str(tmp_path / kind))
        while not os.path.exists(path):
            assert process.poll() is None
            time.sleep(0.005)
        for kind in ("ecdsa", "ed25519"):
            run("ssh-add", "-q", str(tmp_path / kind), env={"SSH_AUTH_SOCK": path})
        yield path
        process.terminate()
    shutil.rmtree(folder)


def test_an_agent_signs_what_the_key_file_would_sign(agent, tmp_path, monkeypatch):
    monkeypatch.setenv("SSH_AUTH_SOCK", agent)
    (lent,) = agent_keys()
    key = read_key(tmp_path / "ed25519")

    assert lent.comment == "ana ed25519"
    assert (lent.public, lent.id, lent.fingerprint) == (key.public, key.id, key.fingerprint)
    assert lent.sign(b"hello") == key.sign(b"hello")


def test_an_agent_that_refuses_says_so(agent):
    (lent,) = agent_keys(agent)
    run("ssh-add", "-q", "-D", env={"SSH_AUTH_SOCK": agent})

    assert agent_keys(agent) == ()
    with pytest.raises(AgentFailed, match="refused"):
        lent.sign(b"hello")


def test_no_agent_is_said_in_words(tmp_path, monkeypatch):
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(AgentFailed, match="no ssh-agent"):
        agent_keys()
    with pytest.raises(AgentFailed, match="cannot be reached"):
        agent_keys(str(tmp_path / "nowhere"))


@pytest.fixture
def impostor() -> Iterator[Callable[[bytes], str]]:
    """Something at a socket that gives one answer, whatever is asked."""
    folder = tempfile.mkdtemp(prefix="agent")
    threads = []

    def listen(answer: bytes) -> str:
        path = f"{folder}/{len(threads)}"
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen()

        def serve() -> None:
            connection = server.accept()[0]
            with server, connection:
                connection.recv(10_000)
                connection.sendall(answer)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return path

    yield listen
    for thread in threads:
        thread.join()
    shutil.rmtree(folder)


def test_an_answer_that_makes_no_sense_is_refused(impostor):
    for answer in (b"", b"\0\0", b"\0\0\0\0", b"\0\0\0\x05\x0c\0\0\0\1", b"\xff\xff\xff\xff", b"\0\0\0\x0a\x0c\0\0"):
        with pytest.raises(AgentFailed):
            agent_keys(impostor(answer))


def test_a_signature_by_the_wrong_key_is_noticed(agent, impostor):
    (lent,) = agent_keys(agent)
    forged = Key(SEED).sign(b"hello")
    inner = b"\0\0\0\x0bssh-ed25519\0\0\0\x40" + forged
    body = b"\x0e" + len(inner).to_bytes(4, "big") + inner
    lent.socket_path = impostor(len(body).to_bytes(4, "big") + body)

    with pytest.raises(AgentFailed, match="not a signature"):
        lent.sign(b"hello")
