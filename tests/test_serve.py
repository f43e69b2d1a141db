"""The ledger as a service: who hands in what, what anybody may read, and what is for members alone."""

import json
import signal
import socket
import sqlite3
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from ledger import entry, receipt, tiles, wire
from ledger.canonical import decode, encode
from ledger.checkpoint import open_checkpoint
from ledger.composing import numbered
from ledger.entry import Seen, split_leaf
from ledger.keys import Key, new_key, read_key, verify
from ledger.merkle import leaf_hash
from ledger.note import vkey
from ledger.outbox import Signed
from ledger.peers.http_signing import signature_base
from ledger.private import Text
from tests.forge import Coop, forge
from tests.service import Service, serving
from tests.signing import item

LOGGED = "contributions.logged"


@pytest.fixture
def coop(tmp_path) -> Coop:
    return forge(tmp_path, "Ana", "Chidi")


@pytest.fixture
def service(coop) -> Iterator[Service]:
    with serving(coop) as one:
        yield one


def key_of(coop: Coop, name: str) -> Key:
    return read_key(next(file.path for file in coop.home.keys("riverbend") if file.name == name))


def says(coop: Coop, name: str, note: str = "roof", signer: Key | None = None, seq: int = 0, **changed: Any) -> Signed:
    """What this person would say next, or `seq` statements later."""
    key = key_of(coop, name)
    with coop.opened() as ledger:
        book = ledger.book
        known = book.ledger.keys[key.id]
        body = {"items": [item("Ana", who=known.person, qty=5, note=Text(note), **changed)]}
        seen = Seen(book.size, book.root)
        data, words = numbered(
            book, key, known.person, LOGGED, body, book.received, known.seq + 1 + seq, known.last, seen
        )
    return Signed(data, (signer or key).sign(entry.preimage(entry.NAMESPACE, data)), words)


def post(service: Service, signed: Signed) -> Any:
    return service.ask("POST", "/entries", wire.write_said(signed))


def test_a_statement_that_is_handed_in_is_answered_with_its_receipt(coop, service):
    said = says(coop, "Ana")
    got = post(service, said)

    assert got.status == 200
    assert got.headers["cache-control"] == "no-store"
    known = coop.home.ledger(None)
    checked = receipt.check(receipt.parse(got.body), said.data, vkey(known.origin, bytes.fromhex(known.log_key)))
    assert (checked.index, checked.signature) == (1, said.signature)
    again = post(service, said)
    assert (again.status, receipt.parse(again.body).index) == (200, 1)
    assert coop.size == 2
    assert [kept["words"] for kept in words_of(service, coop, "Chidi", 1)] == ["roof"]
    assert coop.must("verify").out.startswith("OK: 2 entries")


def words_of(service: Service, coop: Coop, name: str, index: int) -> list[dict[str, str]]:
    held = json.loads(service.words(key_of(coop, name), index, index + 1).body)["words"]
    return list(held.get(str(index), {}).values())


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"\xff", b'{"entry": 1, "sig": "", "words": {}}', b'{"entry": "{}"', b"[" * 100_000],
    ids=lambda body: body[:20].decode(errors="replace"),
)
def test_what_is_no_statement_is_turned_away(service, body):
    got = service.ask("POST", "/entries", body)

    assert got.status == 400
    assert got.error["message"]


def test_each_refusal_has_its_status_and_says_why(coop, service):
    value = decode(says(coop, "Ana").data)
    first, other = says(coop, "Ana", "one"), says(coop, "Ana", "another")
    stranger = says(coop, "Ana", signer=new_key())
    spaced = Signed(first.data + b" ", first.signature, first.words)
    unknown = encode(value | {"key": "0" * 64})
    assert post(service, first).status == 200
    cases = [
        (400, "NotCanonical", spaced),
        (400, "Usage", Signed(first.data, first.signature, {"/x": wire.Kept(b"short", "x")})),
        (403, "BadSignature", stranger),
        (403, "NoKey", Signed(unknown, first.signature, {})),
        (409, "SequenceTaken", other),
        (422, "WrongPlace", says(coop, "Ana", seq=3)),
        (422, "WorkUnknown", says(coop, "Ana", role="no such role")),
    ]
    for status, kind, said in cases:
        got = post(service, said)
        assert got.status == status, (kind, got)
        assert got.error["message"]
        if kind in ("NotCanonical", "BadSignature", "NoKey", "SequenceTaken", "WrongPlace"):
            assert got.error["kind"] == kind
    assert json.loads(post(service, other).body)["index"] == 1
    assert coop.size == 2


def test_too_long_a_body_is_cut_off_and_so_is_one_that_never_ends(service):
    got = service.ask("POST", "/entries", b"x" * (wire.BODY_MAX + 1))
    assert (got.status, got.error["kind"]) == (413, "TooLong")
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as line:
        line.sendall(b"POST /entries HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        block = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
        sent = 0
        try:
            while sent < 64 * 1024 * 1024:
                line.sendall(block)
                sent += len(block)
        except OSError:
            pass
        assert sent < 32 * 1024 * 1024
    assert service.ask("GET", "/checkpoint").status == 200


def test_who_floods_is_told_when_to_come_again(coop, service):
    said = wire.write_said(says(coop, "Ana"))

    def flood(_: int) -> list[int]:
        return [service.ask("POST", "/entries", said).status for _ in range(40)]

    with ThreadPoolExecutor(8) as pool:
        found = [status for some in pool.map(flood, range(8)) for status in some]

    assert set(found) == {200, 429}
    last = service.ask("POST", "/entries", said)
    assert last.status in (200, 429)
    if last.status == 429:
        assert int(last.headers["retry-after"]) >= 1
    assert post(service, says(coop, "Chidi")).status == 200
    assert coop.size == 3


def test_anybody_may_read_the_head_and_the_tiles_as_a_site_has_them(coop, service):
    for number in range(3):
        coop.must("log", "5m", f"note {number}", "--role", "care")
    known = coop.home.ledger(None)
    got = service.ask("GET", "/checkpoint")
    head = open_checkpoint(got.body, vkey(known.origin, bytes.fromhex(known.log_key)))

    assert head.size == 4
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    assert "immutable" not in got.headers["cache-control"]
    hashes = service.ask("GET", "/tile/0/000.p/4")
    bundle = service.ask("GET", "/tile/entries/000.p/4")
    leaves = tiles.unpack_bundle(bundle.body)
    assert hashes.body == b"".join(map(leaf_hash, leaves))
    assert tiles.tile_root(hashes.body) == head.root
    assert service.ask("GET", "/tile/0/000.p/2").body == hashes.body[:64], "an earlier edge stays as it was"
    assert {"immutable" in one.headers["cache-control"] for one in (hashes, bundle)} == {True}
    assert hashes.headers["content-type"] == "application/octet-stream"
    assert "note" not in " ".join(str(split_leaf(leaf)[0]) for leaf in leaves[1:]).replace('"note":"', "")


@pytest.mark.parametrize(
    "path",
    ["/tile/0/000", "/tile/0/000.p/9", "/tile/0/000.p/0", "/tile/1/000", "/tile/0/0", "/tile/entries/001",
     "/tile/0/x000/000", "/tile/../log.key", "/log.key", "/", "/docs", "/openapi.json"],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(service, path):
    got = service.ask("GET", path)

    assert got.status == 404
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in got.headers["content-security-policy"]


def test_private_words_are_for_members_who_sign_their_request(coop, service):
    coop.must("log", "5m", "mended the roof", "--role", "care")

    assert [kept["words"] for kept in words_of(service, coop, "Chidi", 1)] == ["mended the roof"]
    assert service.ask("GET", "/private?start=0&end=2").status == 401
    assert service.words(new_key(), 0, 2).status == 401


def test_a_request_counts_once_and_for_a_minute(coop, service):
    ana = key_of(coop, "Ana")
    nonce = "n" * 32
    assert service.words(ana, 0, 1, nonce=nonce).status == 200
    again = service.words(ana, 0, 1, nonce=nonce)
    assert (again.status, "sent before" in again.error["message"]) == (401, True)
    for late in (-90, 90):
        got = service.words(ana, 0, 1, late=late)
        assert (got.status, "a minute off" in got.error["message"]) == (401, True)


def test_a_request_that_was_changed_on_its_way_is_not_answered(coop, service):
    assert service.words(key_of(coop, "Ana"), 0, 2, query="start=0&end=1").status == 401


def test_a_request_signed_for_another_service_is_not_answered(coop):
    with serving(coop, "--url", "https://coop.example/ledger") as one:
        assert one.words(key_of(coop, "Ana"), 0, 1).status == 401
        assert "strict-transport-security" in one.ask("GET", "/checkpoint").headers


def test_who_only_asked_to_join_gets_no_words_and_an_invitation_opens_its_own_alone(coop, service, tmp_path):
    invited = coop.must("invite", "Femi", "--out", str(tmp_path / "femi"), "--json").answer["entry"]
    from ledger import invitation

    once = Key(bytes.fromhex(invitation.read((tmp_path / "femi").read_text()).seed))
    held = json.loads(service.words(once, 0, 9).body)["words"]
    assert {index: [kept["words"] for kept in one.values()] for index, one in held.items()} == {str(invited): ["Femi"]}
    assert service.words(once, 0, 1).status == 403
    femi = Coop(tmp_path / "femi-home", "", coop.now)
    femi.must("join", str(tmp_path / "femi"))
    key = read_key(femi.home.keys("riverbend")[0].path)
    assert service.words(key, 0, 9).status == 403


def test_a_head_is_shown_only_once_it_is_remembered_so_that_an_older_one_is_never_shown_after_it(coop, service):
    file = coop.folder / "log.sqlite"
    with closing(sqlite3.connect(file)) as db:
        older = db.execute("SELECT * FROM checkpoint").fetchall()
        coop.must("log", "1h", "--role", "code")
        assert service.ask("GET", "/checkpoint").body.split(b"\n")[1] == b"2"
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.executescript("DELETE FROM leaf WHERE idx = 1; DELETE FROM checkpoint;")
        db.executemany("INSERT INTO checkpoint VALUES (?, ?)", older)
        db.commit()

    got = service.ask("GET", "/checkpoint")
    assert (got.status, b"put back from a copy" in got.body) == (503, True)


def test_a_service_for_reading_takes_nothing_in(coop):
    with serving(coop, "--read-only") as one:
        got = post(one, says(coop, "Ana"))
        assert (got.status, got.error["kind"]) == (405, "ReadOnly")
        coop.must("log", "5m", "later", "--role", "care")
        assert b"\n2\n" in one.ask("GET", "/checkpoint").body
        assert [kept["words"] for kept in words_of(one, coop, "Ana", 1)] == ["later"]


def test_several_services_and_commands_write_one_log(coop):
    with serving(coop) as one, serving(coop) as two:
        for number in range(6):
            service = (one, two)[number % 2]
            assert post(service, says(coop, "Chidi", f"posted {number}")).status == 200
            coop.must("log", "5m", f"typed {number}", "--role", "care")
    assert coop.must("verify").out.startswith("OK: 13 entries")


def test_it_ends_with_everything_answered_when_it_is_told_to(coop, service):
    answers: list[int] = []
    said = [says(coop, name) for name in ("Ana", "Chidi")]
    threads = [threading.Thread(target=lambda one=one: answers.append(post(service, one).status)) for one in said]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    code = service.end()
    for thread in threads:
        thread.join()

    assert (code, answers) == (0, [200, 200])
    assert "everything that was taken in has its receipt" in service.said
    assert coop.size == 3


def test_a_service_that_is_killed_loses_nothing_it_acknowledged(coop):
    acknowledged = []
    for number in range(4):
        with serving(coop) as one:
            said = says(coop, "Ana", f"note {number}")
            acknowledged += [said.data] if post(one, said).status == 200 else []
            one.end(signal.SIGKILL)
    with coop.opened() as ledger:
        inside = [split_leaf(leaf)[0] for leaf in ledger.log.entries(1, 9)]

    assert inside == acknowledged
    assert coop.must("verify").out.startswith("OK: 5 entries")


def test_nothing_secret_is_said_aloud(coop, service):
    post(service, says(coop, "Ana", "a secret note"))
    service.words(key_of(coop, "Ana"), 0, 2)
    service.ask("GET", "/private?start=0&end=2&token=hunter2")
    service.end()

    assert len(service.said.splitlines()) == 2, service.said
    assert "secret" not in service.said
    assert "hunter2" not in service.said


def test_requests_are_signed_as_the_standard_says():
    """RFC 9421, appendix B.2.6: signing a request using ed25519."""
    covered = [
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("@method", "POST"),
        ("@path", "/foo"),
        ("@authority", "example.com"),
        ("content-type", "application/json"),
        ("content-length", "18"),
    ]
    names = " ".join(f'"{name}"' for name, _ in covered)
    params = f'({names});created=1618884473;keyid="test-key-ed25519"'
    public = bytes.fromhex("26b40b8f93fff3d897112f7ebc582b232dbd72517d082fe83cfb30ddce43d1bb")
    signature = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    from base64 import b64decode

    assert verify(public, signature_base(covered, params), b64decode(signature))
    assert b64encode(b64decode(signature)).decode() == signature
