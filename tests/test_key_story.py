"""The lives of keys as people meet them: several devices, a theft, a loss, a page of paper, a new key for the log."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ledger.key_paper import NotPaper, is_paper, read
from tests.forge import Coop, forge

LATER = "2025-08-01T13:00:00Z"
PEOPLE = ("Ana", "Bela", "Chidi", "Dilek")


@pytest.fixture
def coop(tmp_path: Path) -> Coop:
    found = forge(tmp_path, *PEOPLE)
    found.now = "2025-08-01T12:00:00Z"
    return found


def device(coop: Coop, name: str) -> Coop:
    """A home that has never seen the ledger, on another machine that reaches the same folder."""
    return Coop(coop.path.parent / name, who="", now=coop.now)


class Unlocking(Coop):
    """The same home, with a passphrase at hand."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"TALLY_PASSPHRASE_FILE": str(self.path / "phrase")}


def at(coop: Coop, who: str, *words: str) -> dict[str, Any]:
    return coop.must(*words, "--as", who, "--json").answer


def keys(coop: Coop, name: str = "Ana") -> list[dict[str, Any]]:
    rows = coop.must("key", "list", "--json").answer["keys"]
    return [row for row in rows if row["person"] == name]


def recovery(coop: Coop) -> dict[str, Any]:
    found: dict[str, Any] = coop.must("key", "list", "--json").answer["recoveries"][0]
    return found


def logged(coop: Coop, who: str = "Ana") -> int:
    """The entry of an hour that this person logs."""
    at(coop, who, "log", "1h", "work", "--role", "code")
    return coop.size - 1


def second_key(coop: Coop) -> dict[str, Any]:
    """Another key of Ana, in the same home; from then on it is the one that signs there."""
    at(coop, "Ana", "key", "new")
    at(coop, "Ana", "key", "add")
    return keys(coop)[-1]


def test_a_second_device_asks_by_a_file_and_signs_for_the_same_person(coop, tmp_path):
    phone, request = device(coop, "phone"), str(tmp_path / "request.json")
    phone.must("key", "new", "--name", "Ana", "--request", "--out", request, "--at", str(coop.folder))
    refused = phone.tally("log", "1h", "work", "--role", "code")
    assert refused.code == 4
    assert "tally key add" in refused.err

    at(coop, "Ana", "key", "add", request, "--yes")
    first, other = keys(coop)

    assert logged(phone, "Ana") == other["since"] + 1
    assert (first["state"], other["state"]) == ("live", "live")
    assert other["added_by"] == first["fingerprint"]
    assert (first["here"], other["here"]) == (True, False)
    assert coop.must("verify", "--full").code == 0


def test_nobody_adds_a_device_that_asked_in_anothers_name(coop, tmp_path):
    phone, request = device(coop, "phone"), str(tmp_path / "request.json")
    phone.must("key", "new", "--name", "Ana", "--request", "--out", request, "--at", str(coop.folder))

    assert coop.tally("key", "add", request, "--yes", "--as", "Bela").code == 6
    assert len(keys(coop, "Bela")) == 1


def test_a_request_from_a_device_that_was_shown_another_ledger_is_refused(coop, tmp_path):
    forged = forge(tmp_path / "elsewhere", *PEOPLE)
    phone, request = device(coop, "phone"), str(tmp_path / "request.json")
    phone.must("key", "new", "--name", "Ana", "--request", "--out", request, "--at", str(forged.folder))
    refused = coop.tally("key", "add", request, "--yes", "--as", "Ana")

    assert refused.code == 5
    assert "another ledger" in refused.err
    assert len(keys(coop)) == 1


@pytest.mark.parametrize("change", [("key", "0" * 64), ("wants", "recover"), ("more", 1), ("consents", {})])
def test_a_request_that_was_changed_adds_nothing(coop, tmp_path, change):
    phone, request = device(coop, "phone"), tmp_path / "request.json"
    phone.must("key", "new", "--name", "Ana", "--request", "--out", str(request), "--at", str(coop.folder))
    request.write_text(json.dumps(json.loads(request.read_text()) | dict([change])))
    size = coop.size

    assert coop.tally("key", "add", str(request), "--yes", "--as", "Ana").code != 0
    assert coop.size == size


def test_a_key_that_ended_signs_no_more_and_is_told_why(coop):
    phone = second_key(coop)
    coop.must("key", "revoke", phone["fingerprint"], "--reason", "lost", "--yes", "--as", "Ana")
    first, other = keys(coop)

    assert (first["state"], other["state"]) == ("live", "ended: lost")
    assert logged(coop) == other["until"] + 1
    assert keys(coop)[0]["statements"] == first["statements"] + 1


def test_who_ends_her_last_key_is_warned_and_told_who_can_help(coop):
    only = keys(coop)[0]
    ran = coop.must("key", "revoke", only["fingerprint"], "--reason", "lost", "--yes", "--as", "Ana")
    refused = coop.tally("log", "1h", "work", "--role", "code", "--as", "Ana")

    assert "last live key" in ran.err
    assert refused.code == 4
    assert "ended" in refused.err


def test_a_key_ends_only_when_somebody_says_yes(coop):
    second_key(coop)
    ran = coop.tally("key", "revoke", keys(coop)[0]["fingerprint"], "--reason", "lost", "--as", "Ana", "--no-input")

    assert ran.code == 3
    assert {key["state"] for key in keys(coop)} == {"live"}


def test_what_a_stolen_key_said_is_disputed_until_its_person_stands_by_it(coop):
    phone = second_key(coop)
    mine, thiefs = logged(coop), logged(coop)
    ended = at(
        coop,
        "Ana",
        "key",
        "revoke",
        phone["fingerprint"],
        "--reason",
        "compromised",
        "--suspect-from",
        str(mine),
        "--yes",
    )

    assert ended["disputed"] == [mine, thiefs]
    assert [row["stands"] for row in coop.must("work", "list", "--json").answer["work"]] == ["disputed", "disputed"]
    assert "2 disputed" in " ".join(coop.must("key", "list").out.split())

    at(coop, "Ana", "key", "reaffirm", str(mine), "--yes")

    assert [row["stands"] for row in coop.must("work", "list", "--json").answer["work"]] == ["open", "disputed"]
    assert coop.tally("key", "reaffirm", str(mine), "--yes", "--as", "Ana").code == 6
    assert coop.tally("key", "reaffirm", str(thiefs), "--yes", "--as", "Bela").code == 6
    assert coop.must("verify", "--full").code == 0


def test_a_theft_is_known_even_where_the_ledger_cannot_be_reached(coop):
    phone, stolen = second_key(coop), logged(coop)
    words = ("key", "revoke", phone["fingerprint"], "--reason", "compromised", "--suspect-from", str(stolen), "--yes")
    at(coop, "Ana", *words)
    logged(coop)
    coop.folder.rename(coop.folder.with_name("away"))

    ran = coop.must("key", "list", "--json")
    assert "cannot be reached" in ran.err
    assert [key["suspect_from"] for key in ran.answer["keys"] if key["id"] == phone["id"]] == [stolen]


def test_who_lost_every_key_is_helped_by_three_members_and_three_days(coop, tmp_path):
    new, request = device(coop, "new"), str(tmp_path / "request.json")
    made = new.must("key", "recover", "Ana", "--out", request, "--at", str(coop.folder), "--json").answer
    for member in ("Bela", "Chidi", "Dilek"):
        assert recoveries_due(coop) in ([], [None])
        at(coop, member, "key", "vouch", request, "--yes")

    assert recovery(coop)["fingerprint"] == made["fingerprint"]
    assert recovery(coop)["due"].startswith("2025-08-04T14:00:00")
    early = new.tally("log", "1h", "work", "--role", "code")
    assert early.code == 4
    assert "3 of 3 members have vouched" in early.err

    coop.now = new.now = "2025-08-04T12:00:00Z"
    index = logged(new)
    old, fresh = keys(coop)

    assert (old["state"], old["until"]) == ("ended: recovered", index)
    assert sorted(fresh["vouched_by"]) == ["Bela", "Chidi", "Dilek"]
    assert coop.tally("log", "1h", "work", "--role", "code", "--as", "Ana").code == 4
    assert coop.must("verify", "--full").code == 0


def recoveries_due(coop: Coop) -> list[str | None]:
    return [one["due"] for one in coop.must("key", "list", "--json").answer["recoveries"]]


def test_who_still_has_a_key_sees_that_it_is_to_be_replaced_and_says_no(coop, tmp_path):
    thief, request = device(coop, "thief"), str(tmp_path / "request.json")
    thief.must("key", "recover", "Ana", "--out", request, "--at", str(coop.folder))
    for member in ("Bela", "Chidi", "Dilek"):
        at(coop, member, "key", "vouch", request, "--yes")
    seen = coop.must("log", "1h", "work", "--role", "code", "--as", "Ana")
    assert "replace all your keys" in seen.err
    assert "tally key veto" in seen.err

    at(coop, "Ana", "key", "veto", "--yes")
    coop.now = thief.now = "2025-08-30T12:00:00Z"

    assert thief.tally("log", "1h", "work", "--role", "code").code == 4
    assert [key["state"] for key in keys(coop)] == ["live"]
    assert coop.tally("key", "veto", "--yes", "--as", "Ana").code == 6


def test_nobody_vouches_for_themself_or_twice(coop, tmp_path):
    request = str(tmp_path / "request.json")
    device(coop, "new").must("key", "recover", "Ana", "--out", request, "--at", str(coop.folder))

    assert coop.tally("key", "vouch", request, "--yes", "--as", "Ana").code == 6
    at(coop, "Bela", "key", "vouch", request, "--yes")
    assert coop.tally("key", "vouch", request, "--yes", "--as", "Bela").code == 6


def test_a_paper_key_brings_a_person_back_on_a_new_machine(coop, tmp_path):
    page = tmp_path / "page.txt"
    at(coop, "Ana", "key", "paper", "--out", str(page))
    assert page.stat().st_mode & 0o777 == 0o600
    assert not [key for key in keys(coop) if key["paper"] and key["here"]]

    new = device(coop, "new")
    new.must("key", "import", str(page), "--at", str(coop.folder))
    new.must("key", "new")
    new.must("key", "add")
    new.must("log", "1h", "from paper", "--role", "code")

    assert [(key["paper"], key["statements"]) for key in keys(coop)][1:] == [(True, 1), (False, 1)]


def test_a_paper_key_is_read_as_people_copy_it_and_a_slip_is_noticed(coop, tmp_path):
    page = tmp_path / "page.txt"
    at(coop, "Ana", "key", "paper", "--out", str(page))
    seed = read(page.read_text())
    lines = [line for line in page.read_text().splitlines() if line.startswith("    ") and len(line.split()) == 7]
    copied = "\n".join(lines).lower().replace("o", "0").replace("i", "1").replace("b", "8")

    assert read(copied) == seed
    half = page.read_text().replace(lines[0], "")
    assert is_paper(half)
    with pytest.raises(NotPaper, match="56 letters; here are 28"):
        read(half)
    letters = "\n".join(lines)
    for place, letter in enumerate(letters):
        if letter.isalnum():
            with pytest.raises(NotPaper):
                read(letters[:place] + ("A" if letter != "A" else "C") + letters[place + 1 :])


def test_a_paper_key_that_cannot_be_recorded_leaves_no_page(coop, tmp_path):
    page = tmp_path / "page.txt"

    assert coop.tally("key", "paper", "--out", str(page), "--as", "Nobody").code == 4
    assert not page.exists()
    page.write_text("a shopping list")
    assert coop.tally("key", "paper", "--out", str(page), "--as", "Ana").code == 6
    assert page.read_text() == "a shopping list"


# Keys of OpenSSH.


def ssh_key(folder: Path, passphrase: str = "", kind: str = "ed25519") -> Path:
    path = folder / f"id_{kind}"
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "ana@laptop", "-f", str(path)]
    subprocess.run(command, check=True)
    return path


def shown_by_ssh(path: Path) -> str:
    return subprocess.run(["ssh-keygen", "-l", "-f", path], check=True, capture_output=True, text=True).stdout.split()[
        1
    ]


def test_an_ssh_key_is_brought_in_added_and_signs(coop, tmp_path):
    path = ssh_key(tmp_path)
    at(coop, "Ana", "key", "import", str(path))
    at(coop, "Ana", "key", "add")

    assert keys(coop)[-1]["fingerprint"] == shown_by_ssh(path)
    logged(coop)
    assert keys(coop)[-1]["statements"] == 1


def test_an_ssh_key_with_a_passphrase_stays_locked_by_it(coop, tmp_path):
    path = ssh_key(tmp_path, "four words are good")
    assert coop.tally("key", "import", str(path), "--as", "Ana", "--no-input").code == 4

    (coop.path / "phrase").write_text("four words are good\n")
    unlocking = Unlocking(coop.path, now=coop.now)
    unlocking.must("key", "import", str(path))
    unlocking.must("key", "add")

    assert "ENCRYPTED" in (coop.path / "keys" / "riverbend" / "ana-2.pem").read_text()
    assert coop.tally("log", "1h", "work", "--role", "code", "--as", "Ana", "--no-input").code == 4
    logged(unlocking)


def test_a_key_of_another_kind_is_refused_with_a_hint(coop, tmp_path):
    refused = coop.tally("key", "import", str(ssh_key(tmp_path, kind="ecdsa")), "--as", "Ana")

    assert refused.code == 4
    assert "ssh-keygen -t ed25519" in refused.err


@pytest.fixture
def agent(tmp_path: Path) -> Any:
    """A real ssh-agent on a socket of its own."""
    socket = str(tmp_path / "agent")
    process = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not os.path.exists(socket):
        assert process.poll() is None
    yield socket
    process.terminate()
    process.wait()


def test_a_key_in_ssh_agent_signs_though_its_file_is_gone(coop, tmp_path, agent, monkeypatch):
    path = ssh_key(tmp_path)
    subprocess.run(["ssh-add", "-q", path], check=True, env=os.environ | {"SSH_AUTH_SOCK": agent})
    print_of_it = shown_by_ssh(path)
    path.unlink()
    monkeypatch.setenv("SSH_AUTH_SOCK", agent)
    at(coop, "Ana", "key", "import", "--agent", "ana@laptop")
    at(coop, "Ana", "key", "add")
    index = logged(coop)

    assert keys(coop)[-1]["fingerprint"] == print_of_it
    assert keys(coop)[-1]["where"] == "agent"
    assert not list(coop.path.glob("keys/riverbend/ana-2.pem"))
    coop.must("prove", str(index), "--out", str(tmp_path / "proof"))
    signers = tmp_path / "proof" / "allowed_signers"
    name = signers.read_text().split()[0]
    asked = ["-f", signers, "-I", name, "-n", "tally-entry-v1", "-s", signers.parent / "entry.json.sig"]
    entry = (signers.parent / "entry.json").read_bytes()
    assert subprocess.run(["ssh-keygen", "-Y", "verify", *asked], input=entry, check=False).returncode == 0

    subprocess.run(["ssh-add", "-q", "-D"], check=True, env=os.environ | {"SSH_AUTH_SOCK": agent})
    refused = coop.tally("log", "1h", "work", "--role", "code", "--as", "Ana")
    assert refused.code == 4
    assert "ssh-add" in refused.err
