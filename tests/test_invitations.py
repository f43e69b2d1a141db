"""An invitation is one text: whoever changes a letter of it holds nothing."""

import base64
import hashlib
import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical, invitation
from ledger.invitation import HEAD, BadInvitation, Invitation
from tests.forge import Coop, forge

WHOLE = Invitation(
    v=1,
    origin="tally.invalid/0123",
    log="ab" * 32,
    founding="cd" * 32,
    place="/srv/Zoë's ledgers/riverbend",
    person="ef" * 16,
    seed="01" * 32,
    entry="23" * 32,
)
TEXT = invitation.write(WHOLE)
LETTERS = string.ascii_letters + string.digits + "-_=+/ .\n:é"


def test_an_invitation_comes_back_as_it_was_written():
    assert TEXT.startswith("tally1:")
    assert invitation.read(TEXT) == WHOLE
    assert invitation.read(f"  {TEXT}\n") == WHOLE


def test_any_changed_letter_is_noticed():
    for place, letter in enumerate(TEXT):
        for other in (chr(ord(letter) ^ 1), chr(ord(letter) ^ 32), LETTERS[place % len(LETTERS)]):
            changed = TEXT[:place] + other + TEXT[place + 1 :]
            if changed.strip() == TEXT:
                continue
            with pytest.raises(BadInvitation):
                invitation.read(changed)


def test_the_last_letter_has_one_spelling():
    """Base64 leaves bits of the last letter unused; another spelling of them is another text."""
    for letter in string.ascii_letters + string.digits + "-_":
        if letter != TEXT[-1]:
            with pytest.raises(BadInvitation):
                invitation.read(TEXT[:-1] + letter)


def test_a_letter_more_or_less_is_noticed():
    for place in range(len(TEXT)):
        for changed in (TEXT[:place] + TEXT[place + 1 :], TEXT[:place] + "A" + TEXT[place:]):
            with pytest.raises(BadInvitation):
                invitation.read(changed)


@pytest.mark.parametrize(
    "text", ["", HEAD, "tally2:" + TEXT[7:], TEXT.upper(), TEXT * 2, TEXT + "=", HEAD + "AAAA", "a letter to Bela"]
)
def test_another_text_is_no_invitation(text):
    with pytest.raises(BadInvitation) as refusal:
        invitation.read(text)

    assert "Ask for the file again" in refusal.value.hint


@given(st.text(max_size=200))
def test_whatever_is_read_is_an_invitation_or_refused(text):
    with pytest.raises(BadInvitation):
        invitation.read(HEAD + text)


def spelled(data: bytes) -> str:
    """The text of these bytes with a good check sum."""
    check = hashlib.sha256(data).digest()[:4]
    return HEAD + base64.urlsafe_b64encode(data + check).decode().rstrip("=")


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 2},
        {"v": True},
        {"log": "AB" * 32},
        {"log": "ab" * 31},
        {"seed": "01" * 32 + "\n"},
        {"person": None},
        {"place": 5},
        {"more": 1},
        {"origin": ""},
    ],
    ids=str,
)
def test_a_check_sum_alone_makes_no_invitation(changed):
    with pytest.raises(BadInvitation):
        invitation.read(spelled(canonical.encode(msgspec.to_builtins(WHOLE) | changed)))


def test_an_invitation_in_another_order_or_with_blanks_is_another_text():
    values = msgspec.to_builtins(WHOLE)
    for data in (
        msgspec.json.encode(dict(sorted(values.items(), reverse=True))),
        msgspec.json.format(canonical.encode(values)),
    ):
        with pytest.raises(BadInvitation):
            invitation.read(spelled(data))


def test_who_joins_with_a_changed_invitation_stays_outside_and_leaves_nothing(tmp_path):
    coop = forge(tmp_path, "Ana")
    file = tmp_path / "invitation"
    coop.must("invite", "Bela", "--out", str(file))
    whole = file.read_text()
    bela = Coop(tmp_path / "bela", who="")
    for place in range(0, len(whole) - 1, 60):
        file.write_text(whole[:place] + ("A" if whole[place] != "A" else "B") + whole[place + 1 :])
        ran = bela.tally("join", str(file), "--json")

        assert (ran.code, ran.error["kind"]) == (2, "BadInvitation")
    assert coop.size == 2
    assert [path for path in bela.path.rglob("*") if path.is_file()] == []
    file.write_text(whole)
    bela.must("join", str(file))
    assert coop.size == 3
    assert bela.tally("join", str(file)).code != 0
    assert coop.size == 3
