"""docs/TREASURER.md is played: every command prints what stands below it. `make golden` writes the page anew."""

import re
import shlex
from pathlib import Path

from tests.played_page import plays
from tests.test_docs import known
from tests.treasurer_year import at_work, happens

PAGE = Path(__file__).parents[1] / "docs" / "TREASURER.md"


def test_the_treasurers_page_prints_what_it_says(tmp_path: Path) -> None:
    plays(PAGE, at_work(tmp_path), happens)


def test_every_command_that_the_page_names_is_there() -> None:
    named = re.findall(r"`tally ([a-z][^`]*)`", PAGE.read_text(encoding="utf-8"))

    assert named
    for words in named:
        assert known(shlex.split(words)), words
