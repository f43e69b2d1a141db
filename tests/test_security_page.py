"""docs/SECURITY.md names for each promise the test that holds it: those tests are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "SECURITY.md").read_text(encoding="utf-8")


def test_every_promise_names_a_test_that_is_there() -> None:
    rows = PAGE.partition("## What is promised")[2].partition("## What is not promised")[0]
    promises = [row for row in rows.splitlines() if row.startswith("| ") and not row.startswith("| promise")]

    assert promises
    for row in promises:
        named = re.findall(r"`(tests/\w+\.py)(?:::(\w+))?`", row)
        assert named, row
        for path, test in named:
            source = (ROOT / path).read_text(encoding="utf-8")
            # A machine of Hypothesis has its test made for it.
            there = f"def {test}(" in source if test else re.search(r"^def test_|\.TestCase$", source, re.MULTILINE)
            assert there, (path, test)
