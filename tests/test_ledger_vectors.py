"""What other programs say of the same bytes: their verdicts where ours may differ, and that none is left unasked.

The verdicts on our side stand with each part (`test_merkle.py`, `test_notes.py`, `test_keys.py` and so on). Here are
the stock `ssh-keygen` (OpenSSH), the documents of RFC 8785 from their other spellings, and numbers that JSON lacks.
"""

import json
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ledger import sshsig
from ledger.canonical import encode
from ledger.errors import NotCanonical

HERE = Path(__file__).parent
FOLDER = HERE / "vectors" / "ledger"


def vectors(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def test_every_file_of_cases_is_asked_by_some_test():
    tests = "".join(path.read_text() for path in HERE.glob("test_*.py") if path.name != Path(__file__).name)

    for path in FOLDER.glob("*.json"):
        assert path.stem in tests or f'vectors("{path.stem}")' in Path(__file__).read_text(), path.name


SIGNED = vectors("sshsig")


@pytest.mark.parametrize("case", SIGNED["cases"], ids=lambda case: case["desc"])
def test_the_stock_ssh_keygen_says_what_was_recorded_of_it(tmp_path, case):
    (tmp_path / "signers").write_text(
        sshsig.allowed_signer("ana", case["namespace"], bytes.fromhex(SIGNED["public_key_hex"])) + "\n"
    )
    (tmp_path / "signature").write_text(case["armored"])
    signers = ["-f", str(tmp_path / "signers"), "-I", "ana", "-n", case["namespace"]]
    done = subprocess.run(
        ["ssh-keygen", "-Y", "verify", *signers, "-s", str(tmp_path / "signature")],
        input=bytes.fromhex(case["message_hex"]),
        capture_output=True,
        check=False,
    )

    assert (done.returncode == 0) == case["ssh_keygen_ok"], done


def test_documents_in_another_spelling_are_written_as_rfc_8785_writes_them():
    """From their readable form, where the profile has a place for what they hold."""
    written = []
    for case in vectors("rfc8785")["documents"]:
        try:
            data = encode(json.loads(bytes.fromhex(case["input_hex"])))
        except NotCanonical:
            continue
        assert data.hex() == case["canonical_hex"], case["name"]
        written.append(case["name"])

    # The others hold fractions (56.0 is one too) or names beyond ASCII.
    assert written == ["arrays", "unicode"]


def test_what_is_no_number_is_not_written():
    for case in vectors("rfc8785")["numbers_must_reject"]:
        (number,) = struct.unpack(">d", bytes.fromhex(case["ieee754_hex"]))
        with pytest.raises(NotCanonical):
            encode(number)


def test_a_number_that_is_whole_in_name_only_is_not_written():
    """A fraction never stands for money or votes, not even 1.0."""
    for case in vectors("rfc8785")["numbers"]:
        (number,) = struct.unpack(">d", bytes.fromhex(case["ieee754_hex"]))
        with pytest.raises(NotCanonical):
            encode(number)
