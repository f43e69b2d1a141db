"""A home far from the ledger: it reads its own checked copy, and believes the service only what is proved."""

import json
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ledger import receipt, receipts_kept, wire
from ledger.entry import entry_id
from ledger.note import vkey
from ledger.peers import remote
from tests.forge import Coop, Ran, forge, in_children
from tests.service import Service, command_killed_at, far_home, serving

LOG, CARE = ("log", "5m"), ("--role", "care")


@pytest.fixture
def coop(tmp_path) -> Coop:
    return forge(tmp_path, "Ana", "Chidi")


def notes(coop: Coop) -> list[str]:
    """The notes of all work in the log, in its order."""
    with coop.opened() as ledger:
        said = ledger.log.private_between(1, ledger.log.head().size)
    return [kept.words for index in sorted(said) for kept in said[index].values()]


def evidence(ran: Ran) -> dict[str, Any]:
    """What a command that stopped has kept: it says where."""
    assert ran.code == 5, ran
    path = next(word for word in ran.err.split() if "evidence-" in word)
    found: dict[str, Any] = json.loads(Path(path.rstrip(".;")).read_text())
    return found


def test_femi_joins_over_a_url_and_goes_on_from_there(coop, tmp_path):
    """What a person types and reads."""
    with serving(coop) as service:
        coop.must("invite", "Femi", "--out", str(tmp_path / "femi"), "--place", service.url)
        femi = Coop(tmp_path / "far", "", coop.now)
        joined = femi.must("join", str(tmp_path / "femi"))
        assert "You asked to join Riverbend as Femi." in joined.out
        for who in ("Ana", "Chidi"):
            coop.must("vote", "1", "yes", "--as", who)
        assert "Logged 5.1: Femi" in femi.must(*LOG, "from afar", *CARE).out
        members = femi.must("member", "list").out
        assert all(name in members for name in ("Ana", "Chidi", "Femi"))
        assert femi.must("verify").out.startswith("OK: 6 entries")
        assert service.end() == 0
    ran = femi.tally(*LOG, "on the train", *CARE)
    assert ran.code == 75
    assert "cannot be reached" in ran.err
    assert "as of 6 entries" in ran.err
    assert "from afar" in femi.must("work", "list").out
    with serving(coop, port=service.port):
        assert "is in the ledger as entry 6" in femi.must("sync").out
        assert "Nothing waits" in femi.must("sync").out
    assert notes(coop)[-1] == "on the train"
    assert coop.must("verify").out.startswith("OK: 7 entries")


def test_receipts_are_checked_and_kept(coop, tmp_path):
    with serving(coop) as service:
        far = far_home(coop, tmp_path / "far", "Ana", service.url)
        far.must(*LOG, "roof", *CARE)
    known = far.home.ledger(None)
    with coop.opened() as ledger:
        data = ledger.log.entry(1)[:-72]
    kept = receipts_kept.kept(far.home, known, entry_id(data))
    assert kept is not None
    assert receipt.check(receipt.parse(kept), data, vkey(known.origin, bytes.fromhex(known.log_key))).index == 1


def test_a_home_whose_copy_was_lost_makes_a_new_one_and_forgets_nothing(coop, tmp_path):
    with serving(coop) as service:
        far = far_home(coop, tmp_path / "far", "Ana", service.url)
        far.must(*LOG, "roof", *CARE)
        shutil.rmtree(next(far.path.glob("state/*/copy")))
        assert "roof" in far.must("work", "list").out
        far.must(*LOG, "door", *CARE)
    assert notes(coop) == ["roof", "door"]


def test_what_the_service_refuses_is_refused_here_in_the_same_words(coop, tmp_path):
    with serving(coop) as service:
        far = far_home(coop, tmp_path / "far", "Ana", service.url)
        far.must("log", "14h", "a long day", *CARE)
        ran = far.tally("log", "14h", "the same day", *CARE)
        assert (ran.code, "more than 24 hours" in ran.err) == (6, True)
        assert far.must("sync", "--list", "--json").answer["outbox"] == []


def test_two_homes_with_one_key_each_say_what_they_have_to_say(coop, tmp_path):
    with serving(coop) as service:
        one = far_home(coop, tmp_path / "one", "Ana", service.url)
        two = far_home(coop, tmp_path / "two", "Ana", service.url)
        one.must(*LOG, "one", *CARE)
        two.must("status")
        service.end()
    for note in ("two", "three"):
        assert two.tally(*LOG, note, *CARE).code == 75
    assert one.tally(*LOG, "four", *CARE).code == 75
    with serving(coop, port=service.port):
        assert "signed anew" not in one.must("sync").out
        ran = two.must("sync")
        assert ran.out.count("was signed anew") == 2
        assert "Nothing waits" in two.must("sync").out
    assert notes(coop) == ["one", "four", "two", "three"]
    assert coop.must("verify").out.startswith("OK: 5 entries")


def test_words_for_members_do_not_travel_in_the_open(coop, tmp_path):
    far = far_home(coop, tmp_path / "far", "Ana", "http://coop.example:8423")
    ran = far.tally("status")

    assert (ran.code, "in the open" in ran.err) == (2, True)


# A line and a service that fail.


class Relay:
    """Stands between a home and the service; what it does to a request is up to the test."""

    def __init__(self, service: Service) -> None:
        self.service, self.posts = service, 0
        self.before: Callable[[Relay], bool] = lambda _: True
        self.after: Callable[[Relay, int, bytes], tuple[int, bytes] | None] = lambda _, status, body: (status, body)
        relay = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                relay.posts += 1
                self.hand(relay.service.ask("POST", self.path, body) if relay.before(relay) else None)

            def do_GET(self) -> None:
                headers = {name: value for name, value in self.headers.items() if name.startswith("Signature")}
                self.hand(relay.service.ask("GET", self.path, headers=headers))

            def hand(self, got: Any) -> None:
                answer = (
                    relay.after(relay, got.status, got.body) if got and self.command == "POST" else got and got[::2]
                )
                if not answer:
                    self.close_connection = True  # the line breaks before anything comes back
                    return
                self.send_response(answer[0])
                self.send_header("Content-Length", str(len(answer[1])))
                self.end_headers()
                self.wfile.write(answer[1])

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@contextmanager
def relaying(coop: Coop) -> Iterator[Relay]:
    with serving(coop) as service:
        relay = Relay(service)
        thread = threading.Thread(target=relay.server.serve_forever)
        thread.start()
        try:
            yield relay
        finally:
            relay.server.shutdown()
            relay.server.server_close()
            thread.join()


@pytest.mark.parametrize("taken", [True, False], ids=["taken in", "lost"])
def test_where_the_line_breaks_it_counts_once_all_the_same(coop, tmp_path, taken):
    with relaying(coop) as relay:
        far = far_home(coop, tmp_path / "far", "Ana", relay.url)
        if taken:
            relay.after = lambda one, status, body: (status, body) if one.posts > 1 else None
        else:
            relay.before = lambda one: one.posts > 1
        ran = far.tally(*LOG, "roof", *CARE)
        assert ran.code == 75, ran
        assert coop.size == (2 if taken else 1)
        assert "is in the ledger as entry 1" in far.must("sync").out
        assert relay.posts == (1 if taken else 2), "what the copy shows already is not sent again"
    assert notes(coop) == ["roof"]


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_service_that_cannot_now_is_asked_again_later(coop, tmp_path, status):
    with relaying(coop) as relay:
        far = far_home(coop, tmp_path / "far", "Ana", relay.url)
        busy = json.dumps({"error": {"kind": "TooMany", "message": "Come later.", "hint": ""}}).encode()
        relay.after = lambda one, was, body: (status, busy) if one.posts == 1 else (was, body)
        assert far.tally(*LOG, "roof", *CARE).code == 75
        far.must("sync")
    assert notes(coop) == ["roof"]


def test_a_page_of_somebody_elses_is_not_taken_for_a_refusal(coop, tmp_path):
    with relaying(coop) as relay:
        far = far_home(coop, tmp_path / "far", "Ana", relay.url)
        relay.after = lambda one, was, body: (403, b"<html>Please log in</html>")
        ran = far.tally(*LOG, "roof", *CARE)
        assert (ran.code, "not as a ledger's service" in ran.err) == (75, True)


@pytest.mark.parametrize("way", ["a letter", "another entry's", "nothing"])
def test_a_receipt_that_proves_nothing_is_not_believed(coop, tmp_path, way):
    coop.must(*LOG, "first", *CARE)
    with coop.opened() as ledger:
        other = ledger.log.receipt(1)
    spoiled = {"a letter": lambda body: body.replace(b"index ", b"index 9", 1), "another entry's": lambda _: other}
    with relaying(coop) as relay:
        far = far_home(coop, tmp_path / "far", "Ana", relay.url)
        relay.after = lambda one, was, body: (was, spoiled.get(way, lambda _: b"")(body))
        ran = far.tally(*LOG, "roof", *CARE)
        assert ran.code == 5, ran
        relay.after = lambda one, was, body: (was, body)
        assert "is in the ledger as entry 2" in far.must("sync").out
    assert notes(coop) == ["first", "roof"]


def test_words_that_nobody_committed_to_are_not_kept(coop, tmp_path, monkeypatch):
    with serving(coop) as service:
        far = far_home(coop, tmp_path / "far", "Ana", service.url)
        real = wire.read_held

        def forged(body: bytes) -> Any:
            upto, words = real(body)
            lies = {at: wire.Kept(kept.salt, "Mallory") for one in words.values() for at, kept in one.items()}
            return upto, dict.fromkeys(words, lies)

        with monkeypatch.context() as patch:
            patch.setattr(remote.wire, "read_held", forged)
            members = far.must("member", "list").out
    assert "Mallory" not in members


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_commands_sent_while_the_service_goes_down_and_up_are_recorded_once(coop, tmp_path, how):
    with serving(coop) as service:
        far = far_home(coop, tmp_path / "far", "Ana", service.url)
        far.must(*LOG, "0", *CARE)

        def speak() -> None:
            for number in range(1, 13):
                ran = far.tally(*LOG, str(number), *CARE)
                # It may end between taking a statement in and being read again for it; that is said.
                assert ran.code in (0, 75) or "It is in the ledger as entry" in ran.err, ran

        ender = threading.Timer(0.5, service.end, (how,))
        ender.start()
        assert in_children(speak) == [0]
        ender.join()
    with serving(coop, port=service.port):
        far.must("sync")
    assert notes(coop) == [str(number) for number in range(13)]
    assert coop.must("verify").out.startswith("OK: 14 entries")


def test_a_command_far_away_that_is_killed_at_any_step_has_said_it_once_or_not_at_all(coop, tmp_path):
    with serving(coop) as service:
        far = far_home(coop, tmp_path / "far", "Ana", service.url)
        far.must("status")
        step = said = 0
        while True:
            step += 1
            note = f"note {step}"
            killed = command_killed_at(far, step, *LOG, note, *CARE)
            waited = note in json.dumps(far.must("sync", "--list", "--json").answer["outbox"])
            far.must("sync")
            found = notes(coop).count(note)
            assert found <= 1
            assert found == 1 or not waited
            said += found
            if not killed:
                break

    assert step > 10
    assert said > 3
    assert coop.must("verify").out.startswith("OK")


# A service that shows another past.


def test_a_service_that_was_put_back_is_left_alone_with_evidence(coop, tmp_path):
    older = tmp_path / "older"
    coop.must(*LOG, "first", *CARE)
    shutil.copytree(coop.path, older)
    with serving(coop) as service:
        far = far_home(coop, tmp_path / "far", "Ana", service.url)
        far.must(*LOG, "second", *CARE)
    old = Coop(older, "Ana", coop.now)
    moved(coop, old)
    with serving(old, port=service.port):
        for words in (("status",), (*LOG, "third", *CARE), ("sync",)):
            ran = far.tally(*words)
            assert evidence(ran)["kind"] == "rollback"
            assert "older" in ran.err


def moved(coop: Coop, copy: Coop) -> None:
    """The copied home reads the copied ledger."""
    known = coop.home.ledger(None)
    copy.home.remember(replace(known, place=str(copy.path / "ledgers" / known.slug)))


def test_a_service_that_tells_another_past_is_left_alone_with_evidence_against_the_log(coop, tmp_path):
    forked = tmp_path / "forked"
    shutil.copytree(coop.path, forked)
    other = Coop(forked, "Ana", coop.now)
    moved(coop, other)
    coop.must(*LOG, "shown to one", *CARE)
    for note in ("shown to", "another"):
        other.must(*LOG, note, *CARE)
    with serving(coop) as service:
        far = far_home(coop, tmp_path / "far", "Ana", service.url)
        far.must("status")
    with serving(other, port=service.port):
        ran = far.tally("status")
        assert evidence(ran)["kind"] == "fork"
        path = next(word for word in ran.err.split() if "evidence-" in word).rstrip(".;")
    assert coop.tally("evidence", "verify", path).code == 0


@pytest.mark.parametrize("first", [True, False], ids=["at first", "later"])
def test_a_service_of_another_ledger_is_left_alone_with_evidence(coop, tmp_path, first):
    stranger = forge(tmp_path / "stranger", "Mallory")
    with serving(coop) as service:
        far = far_home(coop, tmp_path / "far", "Ana", service.url)
        if not first:
            far.must("status")
    with serving(stranger, port=service.port):
        assert evidence(far.tally("status"))["kind"] == "other-ledger"
    if not first:
        assert far.must("sync", "--list", "--json").code == 0
