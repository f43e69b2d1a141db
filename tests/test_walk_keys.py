"""What people meet who try keys, copies and heads for the first time, and slip."""

from pathlib import Path

import pytest

from ledger.key_paper import NotPaper, is_paper, read, write
from tests.forge import Coop, forge
from tests.service import far_home, serving

SEED = bytes(range(32))


@pytest.fixture
def coop(tmp_path: Path) -> Coop:
    return forge(tmp_path, "Ana", "Chidi")


def letters() -> list[str]:
    page = write(SEED, "Ana", "Riverbend", "SHA256:…")
    return [line.strip() for line in page.splitlines() if line.startswith("    ") and len(line.split()) == 7]


def test_the_letters_of_a_paper_key_may_be_typed_on_one_line_or_without_blanks():
    for typed in (" ".join(letters()), "".join(letters()).replace(" ", ""), "-".join(letters()).lower()):
        assert is_paper(typed)
        assert read(typed) == SEED


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("\n".join(letters())[:-1], "56 letters; here are 55"),
        ("\n".join(letters()) + "A", "56 letters; here are 57"),
        (letters()[0], "56 letters; here are 28"),
        ("\n".join(reversed(letters())), "wrong"),
        ("Ñ" + "\n".join(letters())[1:], "cannot be read"),
    ],
)
def test_a_slip_in_a_paper_key_is_said_to_be_one(typed, said):
    assert is_paper(typed)
    with pytest.raises(NotPaper, match=said):
        read(typed)


def test_a_file_that_is_no_key_at_all_is_not_taken_for_paper(coop, tmp_path):
    (tmp_path / "note").write_text("hello\n")
    assert "BEGIN" in coop.tally("key", "import", str(tmp_path / "note"), "--as", "Ana").err


def test_a_key_is_named_as_the_list_shows_it(coop):
    coop.must("key", "new", "--as", "Ana")
    listed = coop.must("key", "list", "--json", "--as", "Ana").answer["new_here"]
    assert len(listed) == 1
    assert f"{listed[0]} lies here, but the ledger does not know it" in coop.must("key", "list", "--as", "Ana").out
    coop.must("key", "add", "--as", "Ana")
    assert coop.must("key", "list", "--json", "--as", "Ana").answer["new_here"] == []

    coop.must("key", "revoke", f"{listed[0][:19]}…", "--reason", "rotated", "--yes", "--as", "Ana")


def test_a_missing_reason_is_asked_for_on_one_line(coop):
    ran = coop.tally("key", "revoke", "SHA256:abcdef", "--as", "Ana")
    assert ran.code == 2
    assert ran.err.startswith("Missing option '--reason'. Choose from: rotated, lost, compromised. `tally key")


def test_a_second_device_that_is_new_to_the_service_goes_by_the_id(coop, tmp_path):
    """Names go to members alone, and a key that nobody knows yet is nobody's."""
    request = str(tmp_path / "phone.json")
    with serving(coop) as service:
        phone = Coop(tmp_path / "phone", "", coop.now)
        asked = ("key", "new", "--request", "--out", request)
        refused = phone.tally(*asked, "--name", "Ana", "--at", service.url)
        assert refused.code == 2
        assert "not told any names" in refused.err
        assert "tally member show NAME" in refused.err
        shown = coop.must("member", "show", "Ana").out.split()
        phone.must(*asked, "--name", shown[shown.index("id") + 1][:8])
        coop.must("key", "add", request, "--yes", "--as", "Ana")
        assert "Ana" in phone.must("log", "5m", "from the phone", "--role", "care").out


def test_a_copy_of_ones_own_that_is_damaged_is_fetched_anew(coop, tmp_path):
    with serving(coop) as service:
        far = far_home(coop, tmp_path / "far", "Ana", service.url)
        far.must("sync")
        log = next((tmp_path / "far" / "state").glob("*/copy/log.sqlite"))
        log.write_bytes(b"no database")
        ran = far.tally("sync")
        assert ran.code == 1
        assert f"move {log.parent} away" in ran.err
        log.parent.rename(tmp_path / "aside")
        far.must("sync")
        assert far.must("verify").out.startswith("OK")


def test_heads_that_cannot_be_read_are_named_by_their_file(coop, tmp_path):
    (tmp_path / "head").write_text(coop.must("checkpoint").out)
    for name, content in (("shopping", b"eggs\n"), ("picture", b"\xff\xfe\x00"), ("half", b"c2sp.org/tlog-proof@v1\n")):
        (tmp_path / name).write_bytes(content)
        for pair in ((name, "head"), ("head", name)):
            ran = coop.tally("checkpoint", "compare", *(str(tmp_path / one) for one in pair))
            assert ran.code == 5
            assert ran.err.startswith(f"{tmp_path / name}: ")


def test_what_cannot_be_decided_while_the_service_is_away_says_what_would_decide_it(coop, tmp_path):
    with serving(coop) as service:
        far = far_home(coop, tmp_path / "far", "Ana", service.url)
        far.must("sync")
        (tmp_path / "a").write_text(far.must("checkpoint").out)
        far.must("log", "5m", "work", "--role", "care")
        (tmp_path / "b").write_text(far.must("checkpoint").out)
    ran = far.tally("checkpoint", "compare", str(tmp_path / "a"), str(tmp_path / "b"))
    assert ran.code == 1
    assert ran.err.startswith("Undecided: ")
    assert "--at PLACE" in ran.err


def test_who_joins_a_second_time_reads_that_it_is_done(coop, tmp_path):
    coop.must("invite", "Femi", "--out", str(tmp_path / "femi"), "--as", "Ana")
    femi, dilek = (Coop(tmp_path / name, "", coop.now) for name in ("home", "other"))
    femi.must("join", str(tmp_path / "femi"))
    size = coop.size
    for home, said in ((femi, "You have joined with this invitation already."), (dilek, "was used already")):
        ran = home.tally("join", str(tmp_path / "femi"))
        assert ran.code == 6
        assert said in ran.err
    assert coop.size == size
