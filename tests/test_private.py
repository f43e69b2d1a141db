"""Personal words stay beside the log: committed to, erasable, shown harmlessly, and never where they do not belong."""

import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.inspect import ListType, Metadata, StrType, StructType, UnionType, VarTupleType, type_info

from cli import ROOMS
from ledger import invitation
from ledger.database import FILE
from ledger.entry import read as read_entry
from ledger.errors import Usage
from ledger.fact import commitments, kinds, read
from ledger.keys import read_key
from ledger.log import KEY
from ledger.private import Kept, Text, WrongCommitment, check, check_forms, commitment, seal, show, tidy
from ledger.record import compose
from tests.forge import Coop, forge
from tests.signing import item
from tests.test_house import all_commands
from tests.village import found, key, person

KEY_ID = "ab" * 32


def independently(key_id: str, seq: int, pointer: str, salt: bytes, words: str) -> str:
    """The commitment as its definition says, byte by byte."""
    place = pointer.encode()
    parts = [b"tally-private-v1", b"\0", bytes.fromhex(key_id), seq.to_bytes(8, "big"), bytes(divmod(len(place), 256))]
    return hashlib.sha256(b"".join([*parts, place, salt, words.encode("utf-8")])).hexdigest()


def test_the_commitment_of_these_words_is_this_for_ever():
    kept = Kept(bytes(range(32)), "Zoë mended the roof")

    assert commitment(KEY_ID, 7, "/items/0/note", kept) == independently(KEY_ID, 7, "/items/0/note", *kept_parts(kept))
    assert (
        commitment(KEY_ID, 7, "/items/0/note", kept)
        == "2fd145523667648f90575360f6028b1ce58e8d4cd4c449d748d48b87ab9cbea2"
    )


def kept_parts(kept: Kept) -> tuple[bytes, str]:
    return kept.salt, kept.words


@given(
    st.integers(0, 2**53),
    st.text(st.characters(codec="ascii"), max_size=300),
    st.binary(min_size=32, max_size=32),
    st.text(),
)
def test_the_commitment_is_the_one_that_is_defined(seq, pointer, salt, words):
    assert commitment(KEY_ID, seq, pointer, Kept(salt, words)) == independently(KEY_ID, seq, pointer, salt, words)


def test_the_same_words_never_commit_the_same_way_twice():
    sealed = [seal({"note": Text("roof"), "more": [Text("roof")]}, KEY_ID, 3)[0] for _ in range(20)]
    found = [value for body in sealed for value in (body["note"], *body["more"])]

    assert len(set(found)) == 40


def test_words_that_were_moved_or_changed_are_noticed():
    body, words = seal({"note": Text("roof"), "name": Text("Ana"), "items": [{"note": Text("door")}]}, KEY_ID, 3)
    promised = {"/note": body["note"], "/name": body["name"], "/items/0/note": body["items"][0]["note"]}
    check(KEY_ID, 3, promised, words)
    kept = words["/note"]
    for key_id, seq, moved in (
        (KEY_ID, 3, {"/name": kept}),
        (KEY_ID, 3, {"/items/0/note": kept}),
        (KEY_ID, 3, {"/items/1/note": kept}),
        (KEY_ID, 3, {"": kept}),
        (KEY_ID, 4, {"/note": kept}),
        ("cd" * 32, 3, {"/note": kept}),
        (KEY_ID, 3, {"/note": Kept(kept.salt, "rooF")}),
        (KEY_ID, 3, {"/note": Kept(kept.salt[:-1] + b"x", "roof")}),
    ):
        with pytest.raises(WrongCommitment):
            check(key_id, seq, promised, moved)


def test_words_that_were_erased_are_no_fault():
    body, words = seal({"note": Text("roof"), "name": Text("Ana")}, KEY_ID, 3)
    del words["/note"]

    check(KEY_ID, 3, {"/note": body["note"], "/name": body["name"]}, words)


def test_every_private_field_of_an_entry_is_found_where_its_words_are_kept():
    village = found("Ana", "Chidi")
    items = [item("Ana", note=Text(f"note {n}"), evidence=Text("a photo") if n else None) for n in range(3)]
    data, words = compose(village.book, key("Ana"), person("Ana"), "contributions.logged", {"items": items}, 0)
    promised = dict(commitments(read(read_entry(data), ROOMS)))

    assert (
        set(promised) == set(words) == {f"/items/{n}/note" for n in range(3)} | {f"/items/{n}/evidence" for n in (1, 2)}
    )
    check(key("Ana").id, 1, promised, words)


PUBLIC_TEXTS = {
    "ledger.founded": {"name", "zone"},  # of the cooperative
    "ledger.witnesses": {"policy"},  # names of witnesses and their keys, for everybody to judge heads by
    "payouts.approved": {"cosigned"},  # a signed head
    "contributions.logged": {"refs"},  # names of deals, methods, papers
    "payouts.received": {"ref", "deals", "source"},  # a rate's source, like ECB
    "payouts.spent": {"ref", "deals", "source"},
    "payouts.billed": {"ref", "deals", "source"},
    "payouts.owed_to": {"account"},  # of the rule
    "payouts.made_payable": {"account", "ref"},
    "payouts.payable_paid": {"ref"},
    "governance.text": {"text"},  # what members vote on, word for word
    "governance.voted": {"choice"},
    "governance.moved": {"names", "account"},  # of numbers and accounts of the rule
    "payouts.spent_as_decided": {"ref"},
    "payouts.year_approved": {"cosigned"},  # a signed head
    "payouts.tax_paid": {"ref"},
    "payouts.tax_corrected": {"ref"},
    "payouts.redeemed_approved": {"cosigned"},  # a signed head
    "payouts.redemption_asked": {"account"},  # of the rule
    "payouts.refunded": {"ref", "source"},  # a rate's source
    "payouts.credited": {"ref"},
    "payouts.amendment_approved": {"cosigned"},  # a signed head
    "payouts.advanced": {"ref"},
    "payouts.advance_repaid": {"ref"},
    "payouts.withheld_paid": {"ref"},
}
"""Texts that stand in the log for ever. All others of people's own are private, so that they can be erased."""


@pytest.mark.parametrize(("kind", "cls"), kinds(ROOMS).items(), ids=lambda one: one if isinstance(one, str) else "")
def test_words_that_can_never_be_erased_are_decided_one_by_one(kind, cls):
    assert free_texts(cls) == PUBLIC_TEXTS.get(kind, set())


def free_texts(cls: type) -> set[str]:
    """The names of all text fields of a kind that are not held to a pattern, those of its pieces included."""

    def walk(info: object, name: str) -> set[str]:
        if isinstance(info, Metadata):
            return walk(info.type, name)
        if isinstance(info, UnionType):
            return {one for part in info.types for one in walk(part, name)}
        if isinstance(info, ListType | VarTupleType):
            return walk(info.item_type, name)
        if isinstance(info, StructType):
            return {one for field in info.fields for one in walk(field.type, field.name)}
        return {name} if isinstance(info, StrType) and info.pattern is None else set()

    return walk(type_info(cls), "")


# Shown.


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("plain words, 100 % fine; [b]not markup[/b]", "plain words, 100 % fine; [b]not markup[/b]"),
        ("Zoë Łukasz 李雷 سارة 🎉", "Zoë Łukasz 李雷 سارة 🎉"),
        ("می‌خواهم", "می‌خواهم"),  # Persian needs its zero-width non-joiner
        ("👩‍🌾", "👩‍🌾"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\rb\x08\x7f", "a\\x0db\\x08\\x7f"),
        ("two\nlines\tand", "two⏎lines\\x09and"),
        ("\u202eevil\u202c", "\\u202eevil\\u202c"),
        ("\u2066x\u2069\u200e\u200f\u061c", "\\u2066x\\u2069\\u200e\\u200f\\u061c"),
        ("A\u200bna", "A\\u200bna"),
        ("A\u200dna\u200c", "A\\u200dna\\u200c"),
        ("A\u2060n\ufeffa\u00ad", "A\\u2060n\\ufeffa\\xad"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("A\U000e0041na", "A\\U000e0041na"),
        ("\u3164\u115f", "\\u3164\\u115f"),
        ("half \ud800", "half \\ud800"),
    ],
)
def test_words_are_shown_so_that_they_do_nothing_to_a_terminal(words, shown):
    assert show(words) == shown


@given(st.text())
def test_whatever_is_shown_is_one_line_of_visible_letters(words):
    shown = show(words)

    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]", shown)
    assert len(shown) >= len(words)
    shown.encode()


def test_every_command_shows_names_and_notes_harmlessly(tmp_path):
    nasty = "Ana\x1b[2J\u202e"
    coop = Coop(tmp_path / "home", who=nasty)
    # No command gives such a name any more; another program may have let one in.
    with mock.patch("ledger.init.proper", str):
        coop.must("init", "River\x1b[31mbend", "--rehearsal", "--founder", nasty)
    coop.must("log", "1h", "roof\x1b]0;gone\x07 \u202efoor", "--role", "care", "--circle", "")
    for words in (
        ("member", "list"),
        ("member", "show", nasty),
        ("key", "list"),
        ("work", "list"),
        ("work", "show", "1.1"),
        ("status",),
        ("proposal", "list"),
        ("rule", "show"),
        ("log", "1h", "again\x1b", "--role", "care"),
    ):
        ran = coop.must(*words)
        assert not re.search("[\x07\x1b\u202e]", ran.out + ran.err), words


@pytest.mark.parametrize("words", ["", "  ", "\n\t", "a" * 4001, "half \ud800"])
def test_words_without_meaning_are_refused(words):
    with pytest.raises(Usage):
        tidy(words)


def test_words_from_elsewhere_must_be_tidy():
    check_forms({"/note": Kept(bytes(32), "fine")})
    for kept in (Kept(bytes(31), "fine"), Kept(bytes(32), " fine"), Kept(bytes(32), ""), Kept(bytes(32), "\udfff")):
        with pytest.raises(Usage):
            check_forms({"/note": kept})


# Where words and secrets are not.

NOTE, EVIDENCE, BELA = "mended-the-secret-roof", "https://example.org/secret-evidence", "Bela-Whose-Name-Is-Private"


def secrets(coop: Coop) -> list[bytes]:
    """Every seed in this home, as it could leak: raw and in hex."""
    seeds = [read_key(key.path).seed for key in coop.home.keys("riverbend")] + [read_key(coop.folder / KEY).seed]
    return [spelled for seed in seeds for spelled in (seed, seed.hex().encode())]


def test_no_personal_words_and_no_secret_enter_the_log(tmp_path):
    coop = forge(tmp_path, "Ana-Whose-Name-Is-Private")
    coop.must("log", "1h", NOTE, "--role", "care", "--evidence", EVIDENCE)
    coop.must("invite", BELA, "--out", str(tmp_path / "invitation"))
    with coop.opened() as ledger:
        leaves = b"".join(ledger.log.entries(0, 9))
        said = {kept.words for held in ledger.log.private_between(0, 9).values() for kept in held.values()}
        seed = invitation.read((tmp_path / "invitation").read_text()).seed
    assert said == {"Ana-Whose-Name-Is-Private", NOTE, EVIDENCE, BELA}
    for secret in [*(words.encode() for words in said), *secrets(coop), seed.encode(), bytes.fromhex(seed)]:
        assert secret not in leaves


def test_words_lie_in_one_erasable_table_and_in_no_copy(tmp_path):
    coop = forge(tmp_path, "Ana")
    coop.must("log", "1h", NOTE, "--role", "care", "--evidence", EVIDENCE)
    coop.must("work", "list")
    coop.must("member", "list")
    held = [path for path in coop.path.rglob("*") if path.is_file() and NOTE.encode() in path.read_bytes()]

    assert [path.name for path in held if not path.name.startswith(FILE)] == []
    db = sqlite3.connect(coop.folder / FILE)
    holding = [
        table
        for table in ("leaf", "tile", "checkpoint", "private", "evidence")
        if any(NOTE.encode() in repr(row).encode() for row in db.execute(f"SELECT * FROM {table}"))
    ]
    db.close()
    assert holding == ["private"]


def test_what_is_refused_repeats_no_secret(tmp_path):
    coop = forge(tmp_path, "Ana")
    file = tmp_path / "invitation"
    coop.must("invite", "Bela", "--out", str(file))
    text = file.read_text()
    file.write_text(text.replace(text[40], "A" if text[40] != "A" else "B", 1))
    for words in (("join", str(file)), ("log", "1h", NOTE, "--role", "nothing"), ("log", "1h75", NOTE)):
        for json_ in ((), ("--json",)):
            ran = coop.tally(*words, *json_)

            assert ran.code, words
            assert not [one for one in (NOTE, text[50:90]) if one in ran.out + ran.err]
            assert not [secret for secret in secrets(coop) if secret in (ran.out + ran.err).encode()]


def test_no_command_takes_a_secret_as_an_argument():
    for words, one in all_commands().items():
        for option in one.params:
            assert not re.search("pass|secret|seed|pin|token", option.name or ""), words
            assert not (isinstance(option, click.Option) and option.hide_input)


def test_a_passphrase_is_never_seen_from_outside_while_a_key_is_unlocked(tmp_path):
    """Neither among the arguments nor in the environment, where every user of the machine could read it."""
    passphrase = "four words are good"
    (tmp_path / "passphrase").write_text(passphrase + "\n")
    coop = Coop(tmp_path / "home", now=None)
    environment = coop.environment | {"TALLY_PASSPHRASE_FILE": str(tmp_path / "passphrase")}
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent.parent)!r}); from cli import main; main()"
    child = subprocess.Popen(
        [sys.executable, "-c", code, "init", "Riverbend", "--founder", "Ana"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    seen = b""
    while child.poll() is None:
        for name in ("cmdline", "environ"):
            try:
                seen += Path(f"/proc/{child.pid}/{name}").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
        time.sleep(0.005)
    out, err = child.communicate()

    assert child.returncode == 0, err
    assert b"Riverbend" in seen or not os.path.exists("/proc/self/cmdline")
    for place in (seen, out, err, *(path.read_bytes() for path in coop.path.rglob("*") if path.is_file())):
        assert passphrase.encode() not in place
    locked = (coop.path / "keys" / "riverbend" / "ana.pem").read_text()
    assert "ENCRYPTED" in locked


def test_secrets_are_readable_by_their_owner_alone(tmp_path):
    coop = forge(tmp_path, "Ana")
    coop.must("invite", "Bela", "--out", str(tmp_path / "invitation"))
    for path in (tmp_path / "invitation", coop.folder / KEY, coop.folder / FILE, *coop.path.glob("keys/*/*.pem")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_an_invitation_that_cannot_be_written_is_not_recorded(tmp_path):
    coop = forge(tmp_path, "Ana")
    (tmp_path / "taken").write_text("a letter")
    for out in (tmp_path / "taken", tmp_path / "nowhere" / "file"):
        ran = coop.tally("invite", "Bela", "--out", str(out), "--json")
        assert (ran.code in (1, 6), bool(ran.error["hint"])) == (True, True)

    assert coop.size == 1
    assert (tmp_path / "taken").read_text() == "a letter"
    ran = coop.tally("invite", "Ana", "--out", str(tmp_path / "file"))
    assert (ran.code, (tmp_path / "file").exists()) == (6, False)


def test_a_terminal_that_lacks_a_letter_is_no_reason_to_fail_after_recording(tmp_path):
    coop = forge(tmp_path, "Łukasz")
    environment = coop.environment | {"PYTHONIOENCODING": "iso-8859-1"}
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent.parent)!r}); from cli import main; main()"
    words = ["log", "1h", "Dach gedeckt — schön 🎉", "--role", "care"]
    for json_ in ([], ["--json"]):
        done = subprocess.run([sys.executable, "-c", code, *words, *json_], env=environment, capture_output=True)
        assert done.returncode == 0, done.stderr

    assert json.loads(done.stdout)["who"] == "Łukasz"
    assert coop.size == 3
