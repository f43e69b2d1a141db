"""docs/TREASURER.md is played: every command prints what stands below it. `make golden` writes the page anew."""

from pathlib import Path

from tests.played_page import plays
from tests.treasurer_year import answered, founded

PAGE = Path(__file__).parents[1] / "docs" / "TREASURER.md"


def test_the_treasurers_page_prints_what_it_says(tmp_path: Path) -> None:
    plays(PAGE, founded(tmp_path), answered)
