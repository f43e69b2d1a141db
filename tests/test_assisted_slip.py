"""A witness at another device: the words travel in a file, are read there in words, and are recorded once."""

import json
from pathlib import Path

import pytest

from tests.riverbend import REFUSED, USAGE, Riverbend


@pytest.fixture
def four(tmp_path: Path) -> Riverbend:
    """Four members who decide on a text."""
    coop = Riverbend(tmp_path, "Ana", "Bela", "Chidi", "Dilek")
    coop.ok("Ana", "propose", "text", "New chairs.")
    return coop


def slip(four: Riverbend) -> str:
    """Ana has written down how Dilek votes."""
    out = four.folder / "slip.json"
    paper = four.write("paper.txt", "Dilek rang.")
    four.ok("Ana", "vote", "1", "yes", "--for", "Dilek", "--paper", paper, "--how", "phone", "--out", str(out))
    return str(out)


def test_the_witness_reads_what_was_said_in_words_and_it_is_recorded_once(four: Riverbend) -> None:
    written = slip(four)
    signed = written.replace("slip.json", "signed.json")

    said = four.ok("Bela", "assist", "sign", written, "--out", signed, "--yes")
    assert "Ana says this for Dilek (phone" in said.err
    assert "Dilek: votes yes in proposal 1, New chairs" in said.err

    assert "Recorded for Dilek" in four.ok("Ana", "assist", "hand-in", signed).out
    assert four.data("Chidi", "proposal", "show", "1")["votes"]["yes"] == ["Dilek (with help)"]
    again = four.run("Ana", "assist", "hand-in", signed)
    assert (again.code, "These very words are recorded already" in again.err) == (REFUSED, True)
    assert "votes yes in proposal 1" in four.ok("Chidi", "assist", "list").out


@pytest.mark.parametrize(
    "wrong",
    [
        lambda body: body.pop("act"),
        lambda body: body.update(act={"kind": 1, "body": {}}),
        lambda body: body.update(person=None),
        lambda body: body["act"].update(kind="governance.nothing"),
        lambda body: body["act"]["body"].update(proposal="00" * 32),
        lambda body: body["act"]["body"].update(choice=7),
    ],
)
def test_what_no_witness_could_read_is_not_signed(four: Riverbend, wrong) -> None:
    written = slip(four)
    held = json.loads(Path(written).read_text())
    wrong(held["body"])
    Path(written).write_text(json.dumps(held))

    said = four.run("Bela", "assist", "sign", written, "--out", written.replace("slip.json", "signed.json"), "--yes")

    assert said.code in (USAGE, REFUSED, 5)
    assert "Traceback" not in said.err
    assert not Path(written.replace("slip.json", "signed.json")).exists()
