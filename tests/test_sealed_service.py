"""Votes under seal and in secret for members who reach the ledger through a URL: what the service tells, and when."""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from governance import letters, mailbox, sealing, services
from governance.part import Proposal, of
from ledger.addresses import Question
from ledger.keys import Key, new_key, read_key
from ledger.log import KEY, OLD_KEY, Unreachable
from tests.forge import Coop, forge
from tests.postgres import database, forge_beside
from tests.service import Service, far_home, serving

FIVE = ("Ana", "Bela", "Chidi", "Dilek", "Eda")
PROPOSED, CLOSED, OPENED = (
    "2025-08-20T09:00:00Z",
    "2025-08-27T09:05:00Z",
    "2025-08-28T09:10:00Z",
)
UNDER_SEAL = 'method = "approval"\nbase = "cast"\nlength_hours = 168\nsecrecy = "sealed"\n'
HOUSES = [word for number in range(2, 10) for word in ("--option", f"House number {number} it shall be.")]
READING = (
    *(("proposal", what, "2") for what in ("show", "close", "count")),
    ("proposal", "list"),
    ("vote", "2", "nothing"),
    ("votes",),
    ("verify",),
    ("delegation", "list"),
    ("member", "list"),
    ("payout", "tick"),
    ("payout", "due"),
    ("checkpoint",),
    ("doctor",),
    ("sync",),
)


def at(now: str, *homes: Coop) -> None:
    for home in homes:
        home.now = now


@contextmanager
def served(coop: Coop, now: str, port: int, *far: Coop) -> Iterator[Service]:
    """The service at this time, and everybody's clock with it."""
    at(now, coop, *far)
    with serving(coop, port=port) as service:
        yield service


def shown(home: Coop, number: int = 1) -> dict[str, Any]:
    return home.must("proposal", "show", str(number), "--json").answer


def error(service: Service, method: str, path: str, body: bytes = b"") -> tuple[int, str]:
    got = service.ask(method, path, body)
    return got.status, got.error["message"]


# Under seal.


def addresses(service: Service, coop: Coop, one: str, size: int) -> list[bytes]:
    """What anybody can fetch, and what members can."""
    open_ = ("/checkpoint", "/cosigned", f"/tile/entries/000.p/{size}", f"/tile/0/000.p/{size}")
    said = [service.ask("GET", path) for path in (*open_, f"/sealing/{one}", f"/mailbox/{one}", "/sealing", "/mailbox")]
    said += [service.ask("POST", path, b"{}") for path in (f"/sealing/{one}", f"/mailbox/{one}", "/sealing")]
    assert [got.status for got in said] == [200] * 4 + [422, 422, 405, 404, 405, 422, 200]
    return [got.body for got in (*said, service.words(key_of(coop, "Chidi"), 0, size))]


def key_of(coop: Coop, name: str) -> Key:
    return read_key(next(file.path for file in coop.home.keys("riverbend") if file.name == name))


def files(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_until_a_sealed_vote_closes_nothing_near_or_far_tells_a_choice_and_then_a_far_home_opens_it(tmp_path):
    coop, ballots = forge(tmp_path, "Ana", "Bela", "Chidi"), {"Ana": "2,5,8", "Bela": "1,5,9", "Chidi": "5,6,7"}
    (tmp_path / "sealed.toml").write_text(UNDER_SEAL)
    coop.must("propose", "profile", "under-seal", str(tmp_path / "sealed.toml"))
    for who in ballots:
        coop.must("vote", "1", "yes", "--as", who)
    with served(coop, PROPOSED, 0) as service:
        bela, chidi = (far_home(coop, tmp_path / who, who, service.url) for who in ("Bela", "Chidi"))
        bela.must("propose", "text", "House number 1 it shall be.", *HOUSES, "--profile", "under-seal")
        for home in (coop, bela, chidi):
            home.must("vote", "2", "3,4,8")
            said = home.must("vote", "2", ballots[home.who], "--json")
            assert (said.answer["choice"], ballots[home.who] in said.out + said.err) == (None, False)
        one, size = shown(chidi, 2)["id"], coop.size
        seen = addresses(service, coop, one, size)
        for home in (coop, bela, chidi):
            for words in READING:
                ran = [home.tally(*words), home.tally(*words, "--json")]
                seen += [part.encode() for one in ran for part in (one.out, one.err)]
        chidi.must("export", "tiles", str(tmp_path / "site"))
        chidi.must("copy", service.url, "--to", str(tmp_path / "copy"))
        everything = [*seen, files(tmp_path)]
        assert not [word for word in (*ballots.values(), "3,4,8") if any(word.encode() in held for held in everything)]
        assert error(service, "GET", f"/sealing/{one}")[1] == "Nothing of proposal 2 waits to be opened: it is open."
        assert shown(bela, 2)["cast"] == 3
    with served(coop, CLOSED, service.port, bela, chidi) as service:
        assert error(service, "GET", f"/mailbox/{one}")[0] == 422
        closed = bela.must("proposal", "close", "2")
        assert "Passed (House number 5 it shall be.): 3 for" in closed.out
        assert shown(chidi, 2)["votes"]["2,5,8"] == ["Ana"]
        assert json.loads(service.ask("GET", f"/sealing/{one}").body)["secret"]
        assert chidi.must("verify").code == 0
    assert coop.must("doctor").out == "riverbend is well kept.\n"


def test_a_lock_opens_one_vote_only(tmp_path):
    """Somebody proposes a short vote under the lock of a long one, to have the ballots of that one opened early."""
    coop = forge(tmp_path, "Ana", "Bela")
    coop.must("propose", "text", "We meet on Mondays.", "--profile", "sealed")
    with coop.opened() as ledger:
        lock = next(iter(of(ledger.book).proposals.values())).terms.sealing
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("governance.proposing.new_lock", lambda *_: lock)
        refused = coop.tally("propose", "text", "We meet on Tuesdays.", "--profile", "sealed")

    assert (refused.code, "Another matter has this lock already." in refused.err) == (6, True)


# In secret.


@pytest.fixture
def coop(tmp_path: Path) -> Coop:
    """Five members, of whom all but Ana have homes of their own, far from the ledger."""
    return forge(tmp_path, *FIVE)


def proposal_of(coop: Coop) -> Proposal:
    with coop.opened() as ledger:
        return next(iter(of(ledger.book).proposals.values()))


def held(coop: Coop) -> list[Path]:
    return sorted((coop.folder / mailbox.FOLDER).glob("*/*"))


def letter(coop: Coop, key: Key, number: int = 1, ring: list[str] | None = None) -> bytes:
    """A letter for the vote that is open, with a ballot that nobody can open."""
    with coop.opened() as ledger:
        proposal = next(iter(of(ledger.book).proposals.values()))
        proposal.course.ring = ring or proposal.course.ring
        box = os.urandom(2_000).hex()
        found, _ = letters.written(ledger.book, proposal, box, number, key.seed, lambda: os.urandom(64))
    return json.dumps({"box": found.box, "number": found.number, "sig": found.sig}).encode()


def test_five_members_behind_a_url_vote_in_secret(coop, tmp_path):
    with served(coop, PROPOSED, 0) as service:
        far = [far_home(coop, tmp_path / who, who, service.url) for who in FIVE]
        far[0].must("propose", "text", "We meet on Mondays.", "--profile", "secret")
        for home, said in zip(far, ("no", "yes", "yes", "abstain", "no"), strict=True):
            assert "your ballot lies in the mailbox" in home.must("vote", "1", said).out
        far[0].must("vote", "1", "yes")
        one, size = shown(far[1])["id"], coop.size
        assert (size, len(held(coop))) == (3, 5)
        assert {path.stat().st_mtime for path in held(coop)} == {0}
        assert error(service, "GET", f"/mailbox/{one}")[0] == 422
        assert error(service, "GET", f"/sealing/{one}")[0] == 422
        assert far[2].tally("proposal", "close", "1").code == 6
        late = letter(coop, key_of(coop, "Eda"), 2)
    with served(coop, CLOSED, service.port, *far) as service:
        status, why = error(service, "POST", f"/mailbox/{one}", late)
        assert (status, "the vote is not open" in why) == (422, True)
        assert error(service, "GET", f"/sealing/{one}")[1].startswith("No ballot of this secret vote is published yet")
        assert len(service.ask("GET", f"/mailbox/{one}").body.splitlines()) == 5
        assert far[1].must("payout", "tick").out.count("Secret ballots were published") == 1
        refused = far[2].tally("proposal", "close", "1")
        assert (refused.code, "5 ballots are published; they are opened 2025-08-28 11:0" in refused.err) == (6, True)
        assert "24 hours" in error(service, "GET", f"/sealing/{one}")[1]
        assert service.ask("GET", f"/mailbox/{one}").body == b""
    with served(coop, OPENED, service.port, *far) as service:
        assert "Sealed ballots were opened and counted" in far[3].must("payout", "tick").out
        votes = shown(far[4])
        assert (votes["yes"], votes["no"], votes["abstain"]) == (3, 1, 1)
        assert error(service, "GET", f"/mailbox/{one}")[0] == 422
        for home in (coop, *far):
            assert home.must("verify").code == 0
    assert coop.must("doctor").out == "riverbend is well kept.\n"
    coop.must("payout", "tick")
    assert held(coop) == []


def test_the_mailbox_takes_letters_of_the_roll_alone_one_for_each_key(coop):
    """Nobody is asked who they are, and yet strangers cannot fill it, nor a member with more than one ballot."""
    with served(coop, PROPOSED, 0) as service:
        coop.must("propose", "text", "We meet on Mondays.", "--profile", "secret")
        one, ana, stranger = proposal_of(coop).id, key_of(coop, "Ana"), new_key()
        good = letter(coop, ana, 2)
        ring = [stranger.public.hex(), *proposal_of(coop).course.ring[1:]]
        tampered = json.loads(good) | {"box": os.urandom(2_000).hex()}
        small = json.loads(good) | {"box": "ab" * 100}
        garbage = [b"", b"{}", b"[" * 50_000, b"\xff", os.urandom(2_000).hex().encode(), json.dumps(small).encode()]
        for body in garbage:
            assert error(service, "POST", f"/mailbox/{one}", body) == (400, "That is no sealed ballot.")
        for body in (letter(coop, stranger, 1, ring), json.dumps(tampered).encode()):
            status, why = error(service, "POST", f"/mailbox/{one}", body)
            assert (status, why) == (422, "Nobody on the roll of this vote has signed this letter.")
        assert error(service, "POST", f"/mailbox/{one}", b"x" * (letters.BYTES_MAX + 1))[0] == 413
        assert error(service, "POST", "/sealing", b"x" * 2_000)[0] == 413
        assert error(service, "POST", f"/mailbox/{'0' * 64}", good)[0] == 404
        assert error(service, "GET", f"/sealing/{'0' * 64}")[0] == 404
        assert held(coop) == []
        for _ in range(2):  # whoever got no answer sends it again
            assert service.ask("POST", f"/mailbox/{one}", good).status == 200
        for number in range(3, 9):
            assert service.ask("POST", f"/mailbox/{one}", letter(coop, ana, number)).status == 200
        status, why = error(service, "POST", f"/mailbox/{one}", good)
        assert (status, "A later ballot of this key" in why) == (422, True)
        assert service.ask("POST", f"/mailbox/{one}", letter(coop, key_of(coop, "Eda"))).status == 200
        assert service.ask("GET", "/checkpoint").status == 200
    assert len(held(coop)) == 2


def test_a_letter_tells_nothing_by_its_tag_that_the_ballot_in_it_tells_later(coop):
    coop.must("propose", "text", "We meet on Mondays.", "--profile", "secret")
    coop.must("vote", "1", "yes")
    coop.must("vote", "1", "no")
    path = held(coop)[0]
    lock = proposal_of(coop).terms.sealing
    _, secret = sealing.keys_from(read_key(coop.folder / KEY).seed, bytes.fromhex(lock.nonce))
    said = json.loads(sealing.opened(secret, proposal_of(coop).id, bytes.fromhex(path.read_text())) or "")

    assert (said["choice"], said["number"]) == ("no", 2)
    assert path.name.split("-")[0] != said["sig"][:64]
    modes = {stat.S_IMODE(one.stat().st_mode) for one in (coop.folder / mailbox.FOLDER).rglob("*") if one.is_dir()}
    assert modes | {stat.S_IMODE((coop.folder / mailbox.FOLDER).stat().st_mode)} == {0o700}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_takes_no_ballot_before_or_after_its_vote(coop):
    coop.must("propose", "text", "We meet on Mondays.", "--profile", "secret", "--draft")
    assert "not open yet" in coop.tally("vote", "1", "yes").err
    coop.must("proposal", "announce", "1")
    coop.must("vote", "1", "yes")
    coop.now = CLOSED
    refused = coop.tally("vote", "1", "yes", "--as", "Bela")

    assert (refused.code, "takes no ballots any more" in refused.err) == (6, True)
    assert len(held(coop)) == 1


def test_a_ballot_that_somebody_sends_again_as_her_own_is_published_once(coop):
    coop.must("propose", "text", "We meet on Mondays.", "--profile", "secret")
    coop.must("vote", "1", "yes")
    with coop.opened() as ledger:
        proposal = of(ledger.book).proposals[proposal_of(coop).id]
        box, seed = held(coop)[0].read_text(), key_of(coop, "Bela").seed
        copied = letters.written(ledger.book, proposal, box, 1, seed, lambda: os.urandom(64))
        mailbox.keep(coop.folder, proposal, *copied)
        boxes = mailbox.lying(coop.folder, proposal)

    assert (len(held(coop)), boxes) == (2, [box])


def test_a_full_mailbox_is_handed_out_in_parts(coop, monkeypatch):
    coop.must("propose", "text", "We meet on Mondays.", "--profile", "secret")
    for who in FIVE:
        coop.must("vote", "1", "yes", "--as", who)
    monkeypatch.setattr(mailbox, "ANSWER_BYTES", 2 * held(coop)[0].stat().st_size + 10)
    with coop.opened() as ledger:
        proposal = of(ledger.book).proposals[proposal_of(coop).id]
        ledger.book.advance(proposal.closes)
        asked, parts = Question(ledger, ledger.book, proposal.closes, proposal.id, b""), []
        while part := services.hand_out(asked).decode().split():
            parts.append(len(part))
            proposal.course.mailed += part

    assert parts == [2, 2, 1]
    assert sorted(proposal.course.mailed) == sorted(path.read_text() for path in held(coop))


def test_copies_sites_and_services_for_reading_hold_no_mailbox(coop, tmp_path):
    coop.must("propose", "text", "We meet on Mondays.", "--profile", "secret")
    for who in FIVE[:2]:
        coop.must("vote", "1", "yes", "--as", who)
    boxes = [path.read_bytes() for path in held(coop)]
    with serving(coop) as service:
        far = far_home(coop, tmp_path / "far", "Bela", service.url)
        far.must("sync")
    coop.must("copy", str(coop.folder), "--to", str(tmp_path / "copy"))
    coop.must("export", "tiles", str(tmp_path / "site"))

    for folder in ("copy", "site", "far"):
        assert (tmp_path / folder).is_dir()
        assert not [box for box in boxes if box in files(tmp_path / folder)]
    coop.now = far.now = CLOSED
    with serving(coop, port=service.port), serving(far, "--read-only") as mirror:
        one = proposal_of(coop).id
        for path in (f"/mailbox/{one}", "/sealing"):
            assert error(mirror, "POST", path, letter(coop, key_of(coop, "Eda")))[0] == 405
        for path in (f"/mailbox/{one}", f"/sealing/{one}"):
            assert mirror.ask("GET", path).status == 422
        assert "a copy of the log alone" in error(mirror, "GET", f"/mailbox/{one}")[1]
    with serving(coop, "--read-only") as near:
        assert len(near.ask("GET", f"/mailbox/{one}").body.splitlines()) == 2
    assert coop.must("doctor").out == "riverbend is well kept.\n"


# The log's key.


@pytest.mark.parametrize("changes", [1, 2])
def test_ballots_open_also_when_the_log_has_another_key_by_then_and_the_old_one_signs_no_more(coop, changes):
    coop.must("propose", "text", "We meet on Mondays.", "--profile", "sealed")
    lock = proposal_of(coop).terms.sealing.log
    for who in FIVE[:3]:
        coop.must("vote", "1", "yes", "--as", who)
    for _ in range(changes):
        for who in FIVE[:2]:
            coop.must("key", "rotate-log", "--yes", "--as", who)
    for coop.now in ("2025-08-20T09:00:00Z", "2025-09-03T09:00:00Z", "2025-09-06T09:00:00Z"):
        coop.must("log", "1h", "work", "--role", "code")
    assert not (coop.folder / OLD_KEY).exists()
    assert [read_key(path).public.hex() for path in coop.folder.glob("log-aside-*.key")] == [lock]
    assert coop.must("doctor").out == "riverbend is well kept.\n"

    assert "Passed: 3 for" in coop.must("proposal", "close", "1").out
    coop.must("log", "1h", "work", "--role", "code")
    assert list(coop.folder.glob("log-aside-*")) == []


def test_a_service_with_another_key_by_then_opens_ballots_too(coop, tmp_path):
    with served(coop, PROPOSED, 0) as service:
        bela = far_home(coop, tmp_path / "far", "Bela", service.url)
        bela.must("propose", "text", "We meet on Mondays.", "--profile", "sealed")
        bela.must("vote", "1", "yes")
        for who in FIVE[:2]:
            coop.must("key", "rotate-log", "--yes", "--as", who)
        bela.must("propose", "text", "We meet on Tuesdays.", "--profile", "sealed")
    with served(coop, CLOSED, service.port, bela):
        assert "Sealed ballots were opened" in bela.must("payout", "tick").out
    assert shown(coop)["cast"] == 1


# Beside a database.


def test_a_ledger_in_postgresql_keeps_its_mailbox_in_the_folder_and_moves_without_it(tmp_path):
    with database() as db:
        coop = forge_beside(tmp_path, db, *FIVE)
        with served(coop, PROPOSED, 0) as service:
            bela = far_home(coop, tmp_path / "far", "Bela", service.url)
            bela.must("propose", "text", "We meet on Mondays.", "--profile", "secret")
            bela.must("vote", "1", "yes")
        coop.must("vote", "1", "yes")
        coop.must("db", "move", "--to", "sqlite")
        assert len(held(coop)) == 2
        with served(coop, CLOSED, service.port, bela):
            bela.must("payout", "tick")
        assert len(proposal_of(coop).course.mailed) == 2
        assert coop.must("doctor").out == "riverbend is well kept.\n"


def test_whoever_cannot_reach_the_service_is_told_and_nothing_is_sent_later(coop, tmp_path):
    with served(coop, PROPOSED, 0) as service:
        bela = far_home(coop, tmp_path / "far", "Bela", service.url)
        coop.must("propose", "text", "We meet on Mondays.", "--profile", "secret")
        bela.must("votes")
    ran = bela.tally("vote", "1", "yes")
    assert (ran.code, "nobody answers" in ran.err) == (1, True)
    assert bela.tally("propose", "text", "We meet on Tuesdays.", "--profile", "sealed").code == 1
    at(CLOSED, bela)

    with served(coop, CLOSED, service.port):
        assert "Nothing waits" in bela.must("sync").out
        with bela.opened() as ledger, pytest.raises(Unreachable, match="answers 404, and not as a ledger's service"):
            ledger.remote.ask("GET", "/an/address/of/later")
    assert held(coop) == []
