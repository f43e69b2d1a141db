"""What is typed wrongly is answered in words: what happened and what to do now; and nothing is recorded."""

import os
import re
from pathlib import Path

import pytest

from tests.forge import Coop, Ran, forge, in_children

USAGE, NO_KEY, REFUSED = 2, 4, 6
CASES: tuple[tuple[str, int], ...] = (
    # What cannot be understood.
    ("frobnicate", USAGE),
    ("log --frobnicate", USAGE),
    ("log", USAGE),
    ("log soon roof --role care", USAGE),
    ("log 1h75 roof --role care", USAGE),
    ("log 0m roof --role care", USAGE),
    ("log -5m roof --role care", USAGE),
    ("log 17h roof --role care", USAGE),
    ("log 99999999999999999999h roof --role care", USAGE),
    ("log 1h roof", USAGE),
    ("log 1h roof --role frob", USAGE),
    ("log 1h roof --role care --kind frob", USAGE),
    ("log 1h roof --role care --date 2025-02-30", USAGE),
    ("log 1h roof --role care --date someday", USAGE),
    ("log 1h roof --role care --date 2025-08-02", USAGE),
    ("log 1h roof --role care --circle Berlin//Support", USAGE),
    ("log 1h roof --role care --with Zed", USAGE),
    ("log 1h roof --role care --with Ana", REFUSED),
    ("log 1h roof --role care --amount 12", USAGE),
    ("log 1h roof --role sales --kind deal --amount 1,2,3", USAGE),
    ("log 1h {long} --role care", USAGE),
    ("log 1h roof --role care --ref {long}", REFUSED),
    ("start roof --role frob", USAGE),
    ("start roof --role care --ago later", USAGE),
    ("stop", REFUSED),
    ("undo 99", REFUSED),
    ("undo x", REFUSED),
    ("work show 99.1", USAGE),
    ("work show roof", USAGE),
    ("work confirm 99.1", REFUSED),
    ("work list --since someday", USAGE),
    ("work list --who Zed", USAGE),
    ("import csv {nowhere} --columns date=Day", USAGE),
    ("import csv {file} --columns nonsense", USAGE),
    ("import git {folder} --since 2025-01-01", USAGE),
    ("member show Zed", USAGE),
    ("member show ''", USAGE),
    ("invite Ana", REFUSED),
    ("invite aNA", REFUSED),
    ("invite Bela --out {file}", REFUSED),
    ("invite ''", USAGE),
    ("join {nowhere}", USAGE),
    ("join {file}", USAGE),
    ("prove 99 --out {folder}/proof", USAGE),
    ("prove roof --out {folder}/proof", USAGE),
    ("prove 0", USAGE),
    ("vote 9 yes", USAGE),
    ("vote one yes", USAGE),
    ("vote 1 perhaps", USAGE),
    ("proposal show 9", USAGE),
    ("proposal close 9", USAGE),
    ("propose rule {nowhere}", USAGE),
    ("propose rule {file}", REFUSED),
    ("propose rule {binary}", USAGE),
    ("propose role Zed treasurer", USAGE),
    ("propose role Ana king", REFUSED),
    ("propose role Ana treasurer", REFUSED),
    ("propose text words --profile frob", USAGE),
    ("rule show 9", USAGE),
    ("income add lots --from Acme", USAGE),
    ("income add 0 --from Acme", USAGE),
    ("income add -5 --from Acme", USAGE),
    ("income add 10.005 --from Acme", USAGE),
    ("income add 99999999999999999999 --from Acme", USAGE),
    ("income add 10 --from Acme --date 2026-01-01", USAGE),
    ("expense add 10", USAGE),
    ("payout show 2025-13", REFUSED),
    ("payout show 2025-08", REFUSED),
    ("payout approve 2025-08 --yes", REFUSED),
    ("why Zed 2025-08", USAGE),
    ("why Ana 2025-08", REFUSED),
    ("statement Ana 1999-01", REFUSED),
    ("report frob", REFUSED),
    # What belongs elsewhere.
    ("member list --ledger hillside", USAGE),
    ("init Riverbend --rehearsal", REFUSED),
    ("init Hillside --rehearsal --at {file}", USAGE),
    ("init Hillside --rehearsal --currency EURO", USAGE),
    ("init Hillside --rehearsal --zone Rome", USAGE),
    ("init Hillside --rehearsal --zone ../../etc/passwd", USAGE),
    ("init Hillside --rehearsal --period fortnight", USAGE),
    ("init Hillside --rehearsal --grace 99", USAGE),
    ("init Hillside --rehearsal --year-start 02-29", USAGE),
    ("init Hillside --rehearsal --year-start 1-1", USAGE),
    ("init Hillside --rehearsal --approvers 0", USAGE),
    ("init Hillside --rehearsal --approvers 3", REFUSED),
    ("init Hillside --rehearsal --founder Ana --founder ana", USAGE),
    ("init Hillside --rehearsal --founder ---", USAGE),
    ("init Hillside --rehearsal --rule {file}", REFUSED),
    ("init Hillside --rehearsal --rule {binary}", USAGE),
    ("init Hillside --rehearsal --rule {nowhere}", USAGE),
    ("init --- --rehearsal", USAGE),
    ("init {long} --rehearsal", REFUSED),
    ("verify --at {folder}", USAGE),
    # Who may not.
    ("log 1h roof --role care --as Zed", NO_KEY),
    ("status --as Zed", NO_KEY),
)


@pytest.fixture(scope="module")
def coop(tmp_path_factory) -> Coop:
    path: Path = tmp_path_factory.mktemp("words")
    (path / "file").write_text("neither a rule nor an invitation\n")
    (path / "binary").write_bytes(os.urandom(8) + b"\xff\xfe")
    (path / "folder").mkdir()
    return forge(path, "Ana", "Chidi")


def typed(coop: Coop, line: str) -> list[str]:
    """The words of a line; places of this home stand in braces, '' is an empty word."""
    base = coop.path.parent
    places = {name: str(base / name) for name in ("file", "binary", "folder", "nowhere")} | {"long": "a" * 5000}
    return [word.format(**places).replace("''", "") for word in line.split(" ")]


@pytest.mark.parametrize(("line", "code"), CASES, ids=[line[:60] for line, _ in CASES])
def test_what_is_refused_is_said_in_words_and_recorded_nowhere(coop, line, code):
    before, known = coop.size, coop.home.ledgers()
    said, json_ = coop.tally(*typed(coop, line)), coop.tally(*typed(coop, line), "--json")

    assert (said.code, json_.code) == (code, code), said
    assert (coop.size, coop.home.ledgers()) == (before, known)
    assert set(json_.answer) == {"error"}
    assert set(json_.error) == {"kind", "message", "hint"}
    assert said.out == ""
    assert said.err == f"{json_.error['message']} {json_.error['hint']}\n"
    is_a_sentence(json_)


def is_a_sentence(ran: Ran) -> None:
    """What happened, with a full stop, and what to do now; nothing of the inside of the program."""
    message, hint = ran.error["message"], ran.error["hint"]

    assert re.fullmatch(r"\S.*\.", message), message
    assert re.fullmatch(r"\S.*\S", hint), message
    for inside in ("Traceback", "Error:", "Expected `", "$.", "<class", "None", "ValueError"):
        assert inside not in message + hint, message
    assert len(message) < 600


def test_without_a_ledger_it_is_said_how_to_get_one(tmp_path):
    for words in (("member", "list"), ("log", "1h", "roof", "--role", "care"), ("verify",), ("checkpoint",)):
        ran = Coop(tmp_path).tally(*words, "--json")

        assert (ran.code, "tally init" in ran.error["hint"]) == (USAGE, True)
    assert list(tmp_path.iterdir()) == []


def test_with_several_keys_it_is_asked_who_speaks(coop):
    for who, words in (("", ("log", "1h", "roof", "--role", "care")), ("", ("status",))):
        ran = Coop(coop.path, who).tally(*words, "--json")

        assert ran.code == USAGE
        assert "--as" in ran.error["hint"]
        assert "Ana, Chidi" in ran.error["hint"]


def test_the_clock_of_a_real_ledger_cannot_be_set(tmp_path):
    ran = Coop(tmp_path).tally("init", "Riverbend", "--founder", "Ana", "--json")
    assert (ran.code, ran.error["kind"]) == (NO_KEY, "NoKey")
    (tmp_path / "passphrase").write_text("four words are good\n")
    environment = Coop(tmp_path).environment | {"TALLY_PASSPHRASE_FILE": str(tmp_path / "passphrase")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Coop, "environment", environment)
        ran = Coop(tmp_path).tally("init", "Riverbend", "--founder", "Ana", "--json")

    assert ran.code == USAGE
    assert "TALLY_NOW" in ran.error["message"]
    assert not (tmp_path / "ledgers").exists()
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize(
    "now",
    [
        "yesterday",
        "2025-08-01",
        "2025-08-01T09:00:00",
        "1969-12-31T23:59:59Z",
        "9999-12-31T00:00:00Z",
        "2025-13-01T00:00Z",
    ],
)
def test_a_rehearsals_clock_is_set_to_an_instant(coop, now):
    ran = Coop(coop.path, now=now).tally("log", "1h", "roof", "--role", "care", "--json")

    assert ran.code == USAGE
    assert "2025-08-01T09:00:00Z" in ran.error["hint"]


def test_a_clock_that_fell_behind_stamps_nothing(tmp_path):
    coop = forge(tmp_path, "Ana")
    coop.now = "2025-08-01T11:49:00Z"
    ran = coop.tally("log", "1h", "roof", "--role", "care", "--json")

    assert (ran.code, ran.error["kind"], coop.size) == (REFUSED, "ClockDoubtful", 1)
    coop.now = "2025-08-01T11:51:00Z"
    coop.must("log", "1h", "roof", "--role", "care")
    with coop.opened() as ledger:
        assert ledger.book.received == ledger.book.ledger.founded


@pytest.mark.parametrize(
    "text",
    [
        "nonsense [",
        "current = 5",
        'current = "riverbend"\n[ledger.riverbend]\nplace = "/tmp"\n',
        'current = "riverbend"\nledger = 3',
        'current = "hillside"\n[ledger.riverbend]\nplace="/tmp"\norigin="a"\nlog_key="b"\nfounding="c"\n',
    ],
)
def test_a_list_of_ledgers_that_was_edited_by_hand_is_an_error_in_words(tmp_path, text):
    coop = Coop(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "ledgers.toml").write_text(text)
    for words in (("member", "list"), ("checkpoint",), ("log", "1h", "roof")):
        ran = coop.tally(*words, "--json")

        assert ran.code == USAGE
        assert ran.error["hint"]


def test_a_home_may_lie_anywhere(tmp_path):
    """Also where the path has letters that not every file format takes as they are."""
    place = tmp_path / 'Zoë\'s "home" 🎉 \x7f\\'
    place.mkdir()
    coop = forge(place, "Ana")
    coop.must("log", "1h", "roof", "--role", "care")
    coop.must("init", "Hillside", "--rehearsal", "--founder", "Ana")

    assert sorted(coop.home.ledgers()[0]) == ["hillside", "riverbend"]
    assert coop.must("member", "list", "--ledger", "riverbend").code == 0


def test_names_are_found_however_a_keyboard_writes_them(tmp_path):
    coop = forge(tmp_path, "José", "Chidi")
    for name in ("José", "jose\u0301", "JOSÉ", " José "):
        assert coop.must("member", "show", name, "--json").answer["name"] == "José"
    assert coop.tally("invite", "Jose\u0301").code == REFUSED
    coop.who = "Chidi"
    coop.must("log", "1h", "roof", "--role", "care", "--with", "josé")


def test_two_who_found_at_once_in_one_home_are_both_remembered(tmp_path):
    coop = Coop(tmp_path, who="")

    def work(name: str):
        return lambda: coop.must("init", name, "--rehearsal", "--founder", "Ana")

    assert in_children(*(work(name) for name in ("One", "Two", "Three", "Four"))) == [0, 0, 0, 0]
    assert sorted(coop.home.ledgers()[0]) == ["four", "one", "three", "two"]
    for slug in coop.home.ledgers()[0]:
        coop.must("verify", "--ledger", slug)


def test_of_several_who_found_the_same_at_once_one_does_and_its_founder_can_speak(tmp_path):
    coop = Coop(tmp_path)

    def work() -> None:
        ran = coop.tally("init", "Riverbend", "--rehearsal", "--founder", "Ana", "--json")
        assert ran.code in (0, 6), ran

    assert in_children(*[work] * 5) == [0] * 5
    coop.must("log", "1h", "roof", "--role", "care")
    assert coop.must("verify").out.startswith("OK: 2 entries")


def test_an_interrupted_command_says_so(coop, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ledger.record.compose", interrupt)
    ran = coop.tally("log", "1h", "roof", "--role", "care", "--json")

    assert (ran.code, ran.error["kind"]) == (130, "Interrupted")
