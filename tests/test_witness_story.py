"""Three members keep an eye on the log, each from a home of their own; the treasurer pays only what they have seen."""

import json
import shutil
from pathlib import Path

import pytest

from ledger.contradiction import check, read
from ledger.log import StoreFailed
from ledger.store import SqliteLog
from tests.autumn import AUGUST, RULE
from tests.riverbend import Riverbend

REFUSED, BAD, USAGE, NO_KEY = 6, 5, 2, 4
MEMBERS = ("Ana", "Bela", "Chidi")
DUE = "2025-09-05T09:00:00Z"


def eyes(coop: Riverbend, who: str) -> str:
    """A member makes a witness that watches the ledger; its line for a policy."""
    made = coop.data(who, "witness", "new", "--name", who.lower())
    coop.ok(who, "witness", "follow")
    return f"witness {who} {made['vkey']}"


def policy(coop: Riverbend, *lines: str) -> str:
    """Two of three members."""
    text = "\n".join([*lines, "group members 2 Ana Bela Chidi", "quorum members", ""])
    return coop.write("policy", text)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Riverbend:
    """A cooperative whose three members are witnesses, and a payout that waits for its approval."""
    coop = Riverbend(tmp_path_factory.mktemp("watched"))
    coop.homes = {"Ana": "founders"}
    rule = coop.write("rule.toml", RULE)
    coop.ok("Ana", "init", "Riverbend", "--rule", rule, "--founder", "Ana", "--rehearsal")
    for name in ("Bela", "Chidi"):
        coop.join("Ana", name)
    coop.ok("Ana", "log", "3h", "the shop", "--role", "code")
    coop.ok("Ana", "income", "add", "1000", "--from", "ACME")
    lines = [eyes(coop, name) for name in MEMBERS]
    said = coop.ok("Ana", "witness", "policy", "require", policy(coop, *lines), "--yes")
    assert "It holds from now on" in said.out
    coop.now = DUE
    coop.ok("Ana", "payout", "tick")
    return coop


@pytest.fixture
def coop(watched: Riverbend, tmp_path: Path) -> Riverbend:
    """The same in a folder of its own."""
    to = Riverbend(tmp_path / "coop")
    shutil.copytree(watched.folder, to.folder)
    for name in ("config/ledgers.toml", "witnesses/*/witness.json"):
        for path in to.folder.glob(f"*/{name}"):
            path.write_text(path.read_text().replace(str(watched.folder), str(to.folder)))
    to.homes, to.now = dict(watched.homes), watched.now
    return to


def ledger_folder(coop: Riverbend) -> Path:
    return coop.folder / "founders" / "ledgers" / "riverbend"


def test_a_payout_is_approved_once_two_of_three_members_have_seen_it(coop: Riverbend):
    said = coop.run("Ana", "payout", "approve", AUGUST, "--yes")
    assert said.code == REFUSED
    assert "2 of Ana, Bela, Chidi must. Signed: none yet. Missing: Ana, Bela, Chidi." in said.err
    assert "tally witness once" in said.err

    assert "the log has it" in coop.ok("Bela", "witness", "once").out
    assert coop.ok("Bela", "witness", "once").out == "Nothing is new since the last look.\n"
    said = coop.run("Ana", "payout", "approve", AUGUST, "--yes", "--json")
    assert (said.code, said.data["error"]["kind"]) == (REFUSED, "TooFewWitnesses")
    assert "Signed: Bela. Missing: Ana, Chidi." in said.data["error"]["message"]

    size = coop.size("Ana")
    coop.ok("Ana", "log", "1h", "meanwhile", "--role", "code")
    signed = coop.data("Chidi", "witness", "once")["signed"]
    assert [one["size"] for one in signed] == [size, size + 1], "the head that Bela signed, and the newest"
    told = coop.ok("Ana", "payout", "approve", AUGUST, "--yes").out
    assert f"The log of {size} entries was seen by Bela, Chidi." in told
    assert "approved" in told
    assert coop.data("Ana", "verify", "--full")["verdict"] == "OK"
    assert coop.data("Bela", "verify", "--full")["verdict"] == "OK"


def test_members_can_look_at_what_is_asked_for_and_how_it_stands(coop: Riverbend):
    before = coop.data("Chidi", "witness", "policy", "show")
    coop.ok("Bela", "witness", "once")
    after = coop.data("Chidi", "witness", "policy", "show")
    told = coop.ok("Chidi", "witness", "policy", "show").out

    assert (before["asks"], before["head"]) == ("2 of Ana, Bela, Chidi", None)
    assert after["head"] == {"size": coop.size("Ana"), "by": ["Bela"], "enough": False}
    assert f"Newest signed head: {coop.size('Ana')} entries, by Bela; that is not enough." in told
    checked = coop.data("Chidi", "witness", "policy", "check", "policy")
    assert checked["head"] == after["head"]
    wrong = coop.run("Chidi", "witness", "policy", "check", coop.write("wrong", "quorum members\n"))
    assert (wrong.code, "in line 1: no line before defines 'members'" in wrong.err) == (USAGE, True)


def test_only_a_treasurer_changes_the_policy_and_is_asked_first(coop: Riverbend):
    assert coop.run("Bela", "witness", "policy", "end", "--yes").code in (NO_KEY, REFUSED)
    assert coop.run("Ana", "witness", "policy", "end").code == 3
    assert coop.data("Bela", "witness", "policy", "show")["policy"]
    coop.ok("Ana", "witness", "policy", "end", "--yes")
    assert coop.data("Bela", "witness", "policy", "show")["policy"] == ""
    coop.ok("Ana", "payout", "approve", AUGUST, "--yes")


def fork(coop: Riverbend, folder: Path) -> Riverbend:
    """The operator shows another log from here on, signed by the same key."""
    other = Riverbend(folder)
    shutil.copytree(coop.folder, other.folder, dirs_exist_ok=True)
    toml = other.folder / "founders" / "config" / "ledgers.toml"
    toml.write_text(toml.read_text().replace(str(coop.folder), str(other.folder)))
    other.homes, other.now = dict(coop.homes), coop.now
    return other


def test_another_past_shown_to_one_witness_is_caught_and_proved(coop: Riverbend, tmp_path: Path):
    other = fork(coop, tmp_path / "other")
    coop.ok("Ana", "log", "1h", "as it was", "--role", "code")
    for number in range(3):
        other.ok("Ana", "log", "2h", f"as it was not {number}", "--role", "code")
    coop.ok("Chidi", "witness", "once")
    coop.ok("Chidi", "witness", "follow", "riverbend", str(ledger_folder(other)))
    said = coop.run("Chidi", "witness", "once", "--json")

    assert (said.code, said.data["error"]["kind"]) == (BAD, "Diverged")
    [path] = (coop.folder / "Chidi").rglob("evidence-fork-*.json")
    assert str(path) in said.data["error"]["hint"]
    assert check(read(path.read_bytes()))
    assert coop.ok("Ana", "evidence", "verify", str(path)).code == 0
    shown = coop.data("Chidi", "witness", "show")["logs"][0]
    assert shown["size"] == coop.size("Ana"), "it has signed the first past and nothing of the second"


def test_an_older_log_shown_to_a_witness_is_not_signed(coop: Riverbend, tmp_path: Path):
    older = tmp_path / "older"
    shutil.copytree(ledger_folder(coop), older)
    coop.ok("Ana", "log", "1h", "and on", "--role", "code")
    coop.ok("Chidi", "witness", "once")
    coop.ok("Chidi", "witness", "follow", "riverbend", str(older))
    said = coop.run("Chidi", "witness", "once", "--json")

    assert (said.code, said.data["error"]["kind"]) == (BAD, "Diverged")
    assert list((coop.folder / "Chidi").rglob("evidence-rollback-*.json"))


def test_a_fork_behind_which_one_witness_stands_gets_no_payout_through(coop: Riverbend, tmp_path: Path):
    """Bela and Chidi have seen the true log. On the false one only Ana's own witness signs."""
    for name in ("Bela", "Chidi"):
        coop.ok(name, "witness", "once")
    other = fork(coop, tmp_path / "other")
    sqlite = ledger_folder(other)
    coop.ok("Ana", "log", "1h", "as it was", "--role", "code")
    for name in ("Bela", "Chidi"):
        coop.ok(name, "witness", "once")
    other.ok("Ana", "log", "9h", "as it was not", "--role", "code")
    other.now = "2025-10-05T09:00:00Z"
    other.ok("Ana", "income", "add", "500", "--from", "ACME", "--date", "2025-09-06")
    other.ok("Ana", "payout", "tick")
    card = other.folder / "founders" / "witnesses" / "ana" / "witness.json"
    card.write_text(card.read_text().replace(str(coop.folder), str(other.folder)))
    other.ok("Ana", "witness", "once")
    for name in ("Bela", "Chidi"):
        coop.ok(name, "witness", "follow", "riverbend", str(sqlite))
        assert coop.run(name, "witness", "once").code == BAD
    said = other.run("Ana", "payout", "approve", "2025-09", "--yes")

    assert said.code == REFUSED
    assert "Signed: Ana. Missing: Bela, Chidi." in said.err


def test_a_signature_can_travel_by_hand(coop: Riverbend):
    """Bela's machine cannot reach the log: a request goes there in a file, and the line comes back."""
    coop.ok("Bela", "witness", "once")
    size = coop.data("Bela", "witness", "show")["logs"][0]["size"]
    coop.ok("Ana", "log", "1h", "and on", "--role", "code")
    first = coop.ok("Ana", "witness", "request").out
    said = coop.run("Bela", "witness", "once", "-", given=first)
    assert (said.code, f"last signed a head of {size} entries" in said.err) == (BAD, True)

    request = coop.ok("Ana", "witness", "request", "--old", str(size)).out
    line = coop.ok("Bela", "witness", "once", coop.write("request", request)).out
    assert line.startswith("— bela ")
    coop.write("line", f"Dear Ana,\nhere it is:\n{line}")
    assert "Kept: Bela signed the head" in coop.ok("Ana", "witness", "take", "line").out
    assert coop.data("Ana", "witness", "policy", "show")["head"]["size"] == coop.size("Ana")
    twisted = line[:-8] + ("A" if line[-8] != "A" else "B") + line[-7:]
    assert coop.run("Ana", "witness", "take", coop.write("twisted", twisted)).code == REFUSED
    assert coop.run("Ana", "witness", "request", "--old", "9999").code == USAGE


def test_a_witness_without_its_memory_or_with_another_key_signs_nothing(coop: Riverbend):
    coop.ok("Bela", "witness", "once")
    memory = coop.folder / "Bela" / "state" / "witnesses" / "bela.json"
    held = memory.read_bytes()
    memory.unlink()
    said = coop.run("Bela", "witness", "once")
    assert (said.code, "is gone" in said.err, "never an older one" in said.err) == (BAD, True, True)
    memory.write_bytes(held)
    key = coop.folder / "Bela" / "witnesses" / "bela" / "key.pem"
    key.write_bytes((coop.folder / "Chidi" / "witnesses" / "chidi" / "key.pem").read_bytes())
    assert coop.run("Bela", "witness", "once").code == NO_KEY


def test_a_witness_may_be_locked_and_is_made_once(coop: Riverbend):
    coop.write("phrase", "a long passphrase\n")
    told = {"TALLY_PASSPHRASE_FILE": str(coop.folder / "phrase")}
    made = json.loads(coop.ok("Chidi", "witness", "new", "--name", "second", "--lock", "--json", **told).out)
    assert made["locked"]
    assert b"ENCRYPTED" in Path(made["key"]).read_bytes()
    assert Path(made["key"]).stat().st_mode & 0o777 == 0o600
    coop.ok("Chidi", "witness", "follow", "--name", "second")
    assert coop.run("Chidi", "witness", "once", "--name", "second").code == NO_KEY
    assert "second signed" in coop.ok("Chidi", "witness", "once", "--name", "second", **told).out
    assert coop.run("Chidi", "witness", "new", "--name", "second").code == REFUSED
    assert coop.run("Chidi", "witness", "once").code == USAGE, "there are two now"
    for name in ("two words", "a+b", "", "\x1b[1m"):
        assert coop.run("Chidi", "witness", "new", "--name", name).code != 0
    names = [one["name"] for one in coop.data("Chidi", "witness", "list")["witnesses"]]
    assert names == ["chidi", "second"]


def test_a_witness_that_stops_watching_does_not_forget(coop: Riverbend):
    coop.ok("Bela", "witness", "once")
    log = coop.data("Bela", "witness", "show")["logs"][0]
    coop.ok("Bela", "witness", "unfollow", log["origin"])
    assert coop.run("Bela", "witness", "once").code == USAGE
    coop.ok("Bela", "witness", "follow")
    assert coop.data("Bela", "witness", "show")["logs"][0]["size"] == log["size"]
    stranger = log["vkeys"][0].rpartition("+")[0]
    assert coop.run("Bela", "witness", "follow", f"{stranger}+AAAA").code != 0


def test_a_new_key_of_the_log_is_followed_from_the_old_one(coop: Riverbend):
    coop.ok("Bela", "witness", "once")
    before = coop.data("Bela", "witness", "show")["logs"][0]["vkeys"]
    coop.ok("Ana", "key", "rotate-log", "--yes")
    coop.ok("Ana", "log", "1h", "and on", "--role", "code")
    old = ledger_folder(coop) / "log-old.key"
    assert old.exists()
    coop.now = "2025-12-05T09:00:00Z"
    coop.ok("Ana", "log", "1h", "and on", "--role", "code")
    coop.ok("Ana", "log", "1h", "and on", "--role", "code")
    assert not old.exists()
    coop.ok("Bela", "witness", "once")
    after = coop.data("Bela", "witness", "show")["logs"][0]

    assert after["size"] == coop.size("Ana")
    assert set(before) < set(after["vkeys"])


def test_a_signature_that_never_reached_the_log_is_handed_over_by_the_next_look(coop: Riverbend, monkeypatch):
    with monkeypatch.context() as patching:
        patching.setattr(SqliteLog, "keep_cosignatures", _full)
        said = coop.run("Bela", "witness", "once")
        assert (said.code, "No space left" in said.err) == (0, True)
    line = said.out.strip()
    signed = coop.data("Bela", "witness", "once")["signed"]
    assert [(one["line"], one["kept"]) for one in signed] == [(line, True)], "the very same one"
    assert coop.data("Bela", "witness", "once")["signed"] == []


def _full(*_: object) -> None:
    raise StoreFailed("No space left.")
