"""Witnesses and logs over HTTP: what is answered, what is too much, and who cannot be reached stops nobody."""

import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ledger import wire
from ledger.log import Log
from ledger.note import COSIGNATURE, cosign, divide, open_note, vkey
from ledger.peers import witness_server
from ledger.peers.add_checkpoint import BODY_MAX
from ledger.peers.asking import Asked, Asking, take
from ledger.peers.witness import Watched, Witness
from ledger.peers.witness_server import WitnessServer
from ledger.peers.witness_state import Memory
from ledger.policy import Policy, cosigned, parse
from tests.forge import forge
from tests.riverbend import TALLY, Riverbend
from tests.test_policy import key
from tests.test_witness_protocol import CASES, ORIGIN, request, witness


@contextmanager
def served(one: Witness) -> Iterator[str]:
    """The witness behind an address."""
    server = WitnessServer(("127.0.0.1", 0), one, print)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(address: str, method: str, path: str, body: bytes | None = None) -> tuple[int, str, str]:
    """Status, body, type."""
    line = http.client.HTTPConnection(address.removeprefix("http://"), timeout=5)
    try:
        line.request(method, path, body)
        answer = line.getresponse()
        return answer.status, answer.read().decode(), answer.headers.get("Content-Type", "")
    finally:
        line.close()


def test_the_published_requests_get_their_answers_over_http_too(tmp_path):
    known = vkey(CASES["log_origin"], bytes.fromhex(CASES["log_ed25519_pub_hex"]))
    with served(witness(tmp_path, {CASES["log_origin"]: [known]})) as address:
        for case in CASES["cases"]:
            status, body, media = ask(address, "POST", "/add-checkpoint", case["request_body"].encode())
            assert status == case["want_status"], case["name"]
            if status == 409:
                assert (body, media) == (case["want_body_contains"], "text/x.tlog.size")
        latest = ask(address, "GET", f"/{sha256(CASES['log_origin'].encode()).hexdigest()}/checkpoint")
    assert latest[0] == 200
    assert divide(latest[1].encode())[0].split("\n")[1] == "5"
    assert len(divide(latest[1].encode())[1]) == 2, "the log's line and its own"


def test_what_is_not_understood_is_answered_plainly_and_nothing_is_signed(tmp_path):
    one = witness(tmp_path)
    good = request(0, 3)
    with served(one) as address:
        assert ask(address, "GET", "/add-checkpoint")[0] == 404
        assert ask(address, "GET", f"/{'0' * 64}/checkpoint")[0] == 404
        assert ask(address, "GET", f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint")[0] == 404
        assert ask(address, "POST", "/else", good)[0] == 404
        assert ask(address, "PUT", "/add-checkpoint", good)[0] == 501
        assert ask(address, "POST", "/add-checkpoint", b"x" * (BODY_MAX + 1))[0] == 413
        assert ask(address, "POST", "/add-checkpoint", b"")[0] == 400
        for length in ("-1", "+5", "1e3", "٣", "9" * 30, ""):
            assert ask_raw(address, f"Content-Length: {length}") in ("411", "400")
        assert ask_raw(address, "Transfer-Encoding: chunked") == "411"
        assert ask_raw(address, f"Content-Length: {len(good)}\r\nTransfer-Encoding: chunked") == "411"
        assert one.memory.last(ORIGIN) is None
        assert ask(address, "POST", "/add-checkpoint", good)[0] == 200


def ask_raw(address: str, header: str) -> str:
    """The status of a request with this header, as it is spelled."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(f"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode())
        return line.recv(1000).decode().split(" ")[1]


def test_a_witness_that_cannot_sign_says_so_without_telling_strangers_why(tmp_path):
    told: list[str] = []
    one = witness(tmp_path)
    one.memory.path.write_text("damaged")
    server = WitnessServer(("127.0.0.1", 0), one, told.append)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        status, body, _ = ask(f"127.0.0.1:{server.server_address[1]}", "POST", "/add-checkpoint", request(0, 3))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (status, body) == (500, "This witness cannot sign now.\n")
    assert "is damaged" in told[0]
    assert str(tmp_path) in told[0]


def test_whoever_sends_slowly_or_opens_too_many_lines_holds_nobody_up(tmp_path, monkeypatch):
    monkeypatch.setattr(witness_server, "CONNECTION_S", 0.5)
    monkeypatch.setattr(witness_server, "OPEN_MAX", 4)
    one = witness(tmp_path)
    with served(one) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        lines = [socket.create_connection((host, int(port))) for _ in range(4)]
        for line in lines:
            line.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 1000\r\n\r\nold")
        time.sleep(0.2)
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(address, "POST", "/add-checkpoint", request(0, 3))
        began = time.monotonic()
        while time.monotonic() - began < 5:
            try:
                assert ask(address, "POST", "/add-checkpoint", request(0, 3))[0] == 200
                break
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
        else:
            raise AssertionError("it never answered again")
        for line in lines:
            assert line.recv(10) == b""
            line.close()


# The log asks.


def eye(folder: Path, name: str, log: Log, watched: bool = True) -> Witness:
    """A witness of that name that watches this log."""
    own = vkey(f"{name}.example", key(name).public, COSIGNATURE)
    memory = Memory(folder / f"{name}.json", own)
    memory.create()
    known = [vkey(log.origin, one.public) for one in log.signers(log.head())]
    logs = {log.origin: Watched(known)} if watched else {}
    return Witness(f"{name}.example", key(name), logs, memory, lambda _: time.time_ns() // 1_000_000)


def policy_of(**urls: str) -> Policy:
    """All of these, each at its address."""
    lines = [
        f"witness {name} {vkey(f'{name}.example', key(name).public, COSIGNATURE)} {url}" for name, url in urls.items()
    ]
    return parse("\n".join([*lines, f"group all all {' '.join(urls)}", "quorum all", ""]).encode())


def asked(log: Log, wanted: Policy, notes: Path, now: int | None = None) -> dict[str, Asked]:
    """What came of asking all."""
    at = time.time_ns() // 1_000_000 if now is None else now
    return {one.name: one for one in Asking(log, log.keep_cosignatures, at, notes).ask(wanted)}


def test_every_witness_is_asked_and_who_cannot_be_reached_is_named(tmp_path):
    coop = forge(tmp_path)
    coop.now = None
    with coop.opened() as ledger:
        log = ledger.log
        ana, bela, deaf = (eye(tmp_path, name, log, name != "deaf") for name in ("ana", "bela", "deaf"))
        with served(ana) as here, served(bela) as there, served(deaf) as nowhere:
            wanted = policy_of(ana=here, bela=f"{there}/", deaf=nowhere, gone="http://127.0.0.1:9", shy="")
            found = asked(log, wanted, tmp_path / "notes")

        assert {name for name, one in found.items() if one.size == 1} == {"ana", "bela"}
        assert "unknown log" in found["deaf"].why
        assert "cannot be reached" in found["gone"].why
        assert "no address" in found["shy"].why
        known = [vkey(log.origin, one.public) for one in log.signers(log.head())]
        assert set(cosigned(wanted, log.shown().note, known).times) == {"ana", "bela"}


def test_a_witness_that_knows_more_or_less_than_we_remember_says_where_it_is(tmp_path):
    coop, notes = forge(tmp_path), tmp_path / "notes"
    with coop.opened() as ledger:
        ana = eye(tmp_path, "ana", ledger.log)
    with served(ana) as here:
        wanted = policy_of(ana=here)
        for damage in (None, b"{}", b"[]", b"nonsense", b'{"x": "y"}', "back"):
            coop.must("log", "1h", "on", "--role", "care")
            before = notes.read_bytes() if notes.exists() else b""
            with coop.opened() as ledger:
                if isinstance(damage, bytes):
                    notes.write_bytes(damage)
                found = asked(ledger.log, wanted, notes)
                assert found["ana"].size == ledger.log.head().size, found
                assert json.loads(notes.read_bytes())[wanted.witnesses["ana"].vkey] == ledger.log.head().size
                if damage == "back":
                    notes.write_bytes(before)
                    assert asked(ledger.log, wanted, notes)["ana"].size == ledger.log.head().size


class _Odd(BaseHTTPRequestHandler):
    """Answers whatever the server was told to."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.count += 1  # type: ignore[attr-defined]
        status, media, body = self.server.answer  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def test_what_a_witness_answers_is_not_believed_before_it_was_checked(tmp_path):
    coop = forge(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Odd)
    server.count = 0  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    wanted = policy_of(ana=f"http://127.0.0.1:{server.server_address[1]}")
    try:
        with coop.opened() as ledger:
            text = divide(ledger.log.head().note)[0]
            now = time.time_ns() // 1_000_000
            good, theirs = (cosign(text, f"{name}.example", key(name), now // 1000) for name in ("ana", "bela"))
            late, early = (cosign(text, "ana.example", key("ana"), at) for at in (now // 1000 + 3600, 1_000_000_000))
            other = cosign(text.replace("\n1\n", "\n2\n"), "ana.example", key("ana"), now // 1000)
            plain, size = "text/plain", "text/x.tlog.size"
            for status, media, body, why in (
                (200, plain, other, "does not check"),
                (200, plain, theirs, "does not check"),
                (200, plain, "", "does not check"),
                (200, plain, f"{good}\nrubbish", "does not check"),
                (200, plain, late, "clock"),
                (200, plain, early, "clock"),
                (200, plain, "x" * 100_000, "far too much"),
                (409, size, "0\n", "for others all the time"),
                (409, size, "7\n", "has signed 7 entries, but this log has 1"),
                (409, size, "-1\n", "no size"),
                (409, size, "٣\n", "no size"),
                (409, plain, "1\n", "said no (409)"),
                (302, plain, "", "said no (302)"),
                (500, plain, "\x1b[31mred\u202e", "said no (500): ?[31mred?"),
            ):
                server.answer = (status, media, body.encode())  # type: ignore[attr-defined]
                found = asked(ledger.log, wanted, tmp_path / "notes")["ana"]
                assert (found.size, why in found.why) == (None, True), (status, body[:50], found)
            assert ledger.log.shown() == ledger.log.head()
            server.answer = (200, plain, f"{theirs}\n{good}\n".encode())  # type: ignore[attr-defined]
            before = server.count  # type: ignore[attr-defined]
            assert asked(ledger.log, wanted, tmp_path / "notes")["ana"].size == 1
            assert server.count == before + 1  # type: ignore[attr-defined]
            kept = divide(ledger.log.shown().note)[1]
            assert kept[1:] == [good], "and not the line of somebody else"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_lines_that_came_by_hand_are_kept_under_the_head_they_sign(tmp_path):
    coop = forge(tmp_path)
    wanted = policy_of(ana="", bela="")
    now = time.time_ns() // 1_000_000
    with coop.opened() as ledger:
        log = ledger.log
        first = divide(log.head().note)[0]
        take(log, log.keep_cosignatures, wanted, cosign(first, "ana.example", key("ana"), now // 1000), now)
    coop.must("log", "1h", "on", "--role", "care")
    with coop.opened() as ledger:
        log = ledger.log
        second = divide(log.head().note)[0]
        lines = [cosign(text, "bela.example", key("bela"), now // 1000) for text in (first, second)]
        found = take(log, log.keep_cosignatures, wanted, "\n".join(["Hello!", *lines, "— nobody x"]), now)

        assert {(one.name, one.size) for one in found} == {("bela", 1), ("bela", 2)}
        assert [(head.size, len(lines)) for head, lines in log.witnessed()] == [(1, 2), (2, 1)]


# In processes of their own.


@contextmanager
def process(coop: Riverbend, who: str, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service of somebody's home, and the address it says."""
    home = coop.folder / coop.homes.get(who, who)
    told = {"TALLY_HOME": str(home), "TALLY_NOW": coop.now, "PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
    started = subprocess.Popen([TALLY, *words], env=told, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert started.stderr is not None
    try:
        while "http://" not in (said := started.stderr.readline()):
            assert started.poll() is None, said
        address = next(word for word in said.split() if word.startswith("http://")).rstrip(".;,")
        yield started, address
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate()


def test_a_member_serves_a_witness_that_the_treasurer_asks(tmp_path):
    coop = Riverbend(tmp_path)
    coop.homes = {"Ana": "founders"}
    coop.ok("Ana", "init", "Riverbend", "--founder", "Ana", "--rehearsal")
    coop.join("Ana", "Bela")
    made = coop.data("Bela", "witness", "new", "--name", "bela")
    coop.ok("Bela", "witness", "follow")
    with process(coop, "Bela", "witness", "serve", "--port", "0") as (started, address):
        text = coop.write("policy", f"witness Bela {made['vkey']} {address}\nquorum Bela\n")
        coop.ok("Ana", "witness", "policy", "require", text, "--yes")
        for _ in range(3):
            coop.ok("Ana", "log", "1h", "on", "--role", "code")
            told = coop.data("Ana", "witness", "ask")["asked"]
            assert told == [{"name": "Bela", "size": coop.size("Ana"), "why": ""}]
        started.send_signal(signal.SIGTERM)
        out, _ = started.communicate(timeout=10)
        assert (started.returncode, out) == (0, "Stopped.\n")
    told = coop.ok("Ana", "witness", "ask").out
    assert "Bela cannot be reached: " in told
    shown = coop.data("Bela", "witness", "show")["logs"][0]
    assert shown["size"] == coop.size("Ana")
    origin = shown["origin"]
    with process(coop, "Bela", "witness", "serve", "--port", "0") as (started, address):
        status, note, _ = ask(address, "GET", f"/{sha256(origin.encode()).hexdigest()}/checkpoint")
        assert (status, open_note(note.encode(), [made["vkey"]]).names) == (200, ("bela",))


def test_a_served_witness_that_is_killed_goes_on_where_it_was(tmp_path):
    coop = Riverbend(tmp_path)
    coop.homes = {"Ana": "founders"}
    coop.ok("Ana", "init", "Riverbend", "--founder", "Ana", "--rehearsal")
    made = coop.data("Ana", "witness", "new", "--name", "ana")
    coop.ok("Ana", "witness", "follow")
    sizes = []
    for _ in range(3):
        with process(coop, "Ana", "witness", "serve", "--port", "0") as (started, address):
            old = coop.data("Ana", "witness", "show")["logs"][0]["size"] or 0
            coop.ok("Ana", "log", "1h", "on", "--role", "code")
            body = coop.ok("Ana", "witness", "request", "--old", str(old)).out.encode()
            status, line, _ = ask(address, "POST", "/add-checkpoint", body)
            started.kill()
            assert (status, line.startswith("— ana ")) == (200, True)
        sizes.append(coop.data("Ana", "witness", "show")["logs"][0]["size"])
    assert sizes == [2, 3, 4]
    assert made["vkey"].startswith("ana+")


def test_members_and_treasurers_far_away_meet_at_the_service(tmp_path):
    """The ledger is behind a URL: a member's witness reads it there, hands its line over, and others fetch it."""
    coop = Riverbend(tmp_path)
    coop.homes = {"Ana": "founders"}
    coop.ok("Ana", "init", "Riverbend", "--founder", "Ana", "--rehearsal")
    known = coop.data("Ana", "witness", "new", "--name", "ana")
    coop.ok("Bela", "witness", "new", "--name", "bela")
    bela = coop.data("Bela", "witness", "show")["vkey"]
    text = coop.write("policy", f"witness Ana {known['vkey']}\nwitness Bela {bela}\ngroup g all Ana Bela\nquorum g\n")
    coop.ok("Ana", "witness", "policy", "require", text, "--yes")
    coop.ok("Ana", "witness", "follow")
    log_vkey = coop.data("Ana", "witness", "show")["logs"][0]["vkeys"][0]
    with process(coop, "Ana", "serve", "--port", "0") as (_, address):
        coop.ok("Bela", "witness", "follow", log_vkey, address)
        assert "TALLY_NOW is set" in coop.run("Bela", "witness", "once").err
        wrong = coop.ok("Bela", "witness", "once", TALLY_NOW="")
        assert "clock" in wrong.err
        assert wrong.out.startswith("— bela ")
        coop.ok("Bela", "witness", "follow", log_vkey, address, "--rehearsal")
        coop.ok("Ana", "log", "1h", "on", "--role", "code")
        signed = coop.data("Bela", "witness", "once")["signed"]
        assert [(one["size"], one["kept"]) for one in signed] == [(3, True)]
        status, shown, _ = ask(address, "GET", "/cosigned")
        assert (status, len(json.loads(shown)["heads"])) == (200, 1)
        assert ask(address, "POST", "/cosigned", b"rubbish")[0] == 422
        assert ask(address, "POST", "/cosigned", b"x" * (wire.BODY_MAX + 1))[0] == 413
    assert coop.data("Ana", "witness", "policy", "show")["head"] == {"size": 3, "by": ["Bela"], "enough": False}
    assert [one["kept"] for one in coop.data("Ana", "witness", "once")["signed"]] == [True]
    assert coop.data("Ana", "witness", "policy", "show")["head"]["enough"]


def test_a_treasurer_far_away_pays_what_witnesses_far_away_have_seen(tmp_path):
    """Bela reaches the ledger by URL only: she looks at the policy, and her witness watches, through the service."""
    coop = Riverbend(tmp_path)
    coop.homes = {"Ana": "founders"}
    coop.ok("Ana", "init", "Riverbend", "--founder", "Ana", "--rehearsal")
    made = coop.data("Ana", "witness", "new", "--name", "ana")
    coop.ok("Ana", "witness", "follow")
    coop.ok("Bela", "witness", "new", "--name", "bela")
    bela = coop.data("Bela", "witness", "show")["vkey"]
    text = f"witness Ana {made['vkey']}\nwitness Bela {bela}\ngroup g all Ana Bela\nquorum g\n"
    coop.ok("Ana", "witness", "policy", "require", coop.write("policy", text), "--yes")
    with process(coop, "Ana", "serve", "--port", "0") as (_, address):
        coop.ok("Ana", "invite", "Bela", "--out", "bela.invitation", "--place", address)
        coop.ok("Bela", "join", "bela.invitation")
        coop.ok("Bela", "witness", "follow")
        assert [one["kept"] for one in coop.data("Bela", "witness", "once")["signed"]] == [True]
        coop.ok("Ana", "witness", "once")
        shown = coop.data("Bela", "witness", "policy", "show")
    assert shown["head"] == {"size": coop.size("Ana"), "by": ["Ana", "Bela"], "enough": True}
    assert shown["asks"] == "2 of Ana, Bela"
