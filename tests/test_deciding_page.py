"""docs/DECIDING.md says what the program does: everything in its boxes is made again, and nothing stands there unmade.

`make golden` (or TALLY_GOLDEN=write) makes the boxes anew; look at the difference before you commit it.
"""

import os
import re
import shlex
from pathlib import Path

from governance import voting
from governance.presets import PRESETS
from governance.profile import CONSENT, NUMBERS, YES_NO
from governance.profile_words import sentences
from tests.deciding_page import MARKED, PAGE, WAYS, WIDTH, page_again
from tests.test_docs import known

HALF_A_PAGE = 34
"""Lines of a section, without those of its tables and empty ones."""


def test_all_that_the_page_shows_is_what_the_program_says(tmp_path: Path) -> None:
    again = page_again(page(), tmp_path)
    if os.environ.get("TALLY_GOLDEN") == "write":
        PAGE.write_text(again, encoding="utf-8")

    assert page() == again


def test_no_box_and_no_table_of_ballots_stands_there_that_is_not_made_again() -> None:
    made = MARKED.sub("", page())

    assert "```" not in made
    assert "<!--" not in made
    assert "| ballot |" not in made


def test_every_profile_that_a_cooperative_begins_with_is_on_the_page() -> None:
    shown = {found[2] for found in MARKED.finditer(page()) if found[1] == "profile"}

    assert set(PRESETS) <= shown
    for name in PRESETS:
        assert name in " ".join(headings("## The profiles", "## The ways of voting")), name


def test_every_way_of_voting_is_on_the_page_with_a_count() -> None:
    counted = {found[2] for found in MARKED.finditer(page()) if found[1] == "count"}
    methods = {PRESETS[WAYS[name].profile].method for name in counted}

    assert counted == set(WAYS)
    assert methods | {YES_NO} == set(voting.names())
    assert len(headings("## The ways of voting", "## How to say")) == len(voting.names()) + 1  # and consent


def test_each_profile_and_each_way_of_voting_takes_half_a_page() -> None:
    for begin, end in (("## The profiles", "## The ways of voting"), ("## The ways of voting", "## How to say")):
        for section in part(begin, end).split("\n### ")[1:]:
            said = [line for line in section.splitlines() if line and not line.startswith(("|", "<!--", "```"))]
            many = section.count("<!-- profile:") or 1
            assert len(said) <= HALF_A_PAGE * many, said[0]


def test_every_command_that_the_page_names_is_there() -> None:
    named = re.findall(r"^\w+\$ tally (.*)$", page(), re.MULTILINE) + re.findall(r"`tally ([a-z][^`]*)`", page())

    assert len(named) > 50
    for words in named:
        assert known(shlex.split(words)), words


def test_the_page_fits_a_terminal() -> None:
    assert [line for line in page().splitlines() if len(line) > WIDTH + 2] == []


def test_a_profile_says_nothing_that_has_no_meaning_in_its_way_of_voting() -> None:
    for name, profile in PRESETS.items():
        told = "\n".join(sentences(profile))

        assert not re.search(r"\b1 times\b|Needs everybody|\b1/1\b|at least 1 take ", told), name
        assert ("Tie:" in told) == (profile.method not in (*NUMBERS, CONSENT)), name
        assert ("Quorum:" in told) == (profile.method != CONSENT), name


def test_readme_and_map_lead_to_the_page() -> None:
    root = PAGE.parents[1]

    for document, many in (("README.md", 1000), ("docs/ARCHITECTURE.md", 300)):
        assert "DECIDING.md" in (root / document).read_text(encoding="utf-8")[-many:], document


def page() -> str:
    """The page as it stands."""
    return PAGE.read_text(encoding="utf-8")


def part(begin: str, end: str) -> str:
    """The page between two headings."""
    return page().partition(f"\n{begin}")[2].partition(f"\n{end}")[0]


def headings(begin: str, end: str) -> list[str]:
    """The headings of third rank between two of second."""
    return re.findall(r"^### (.*)$", part(begin, end), re.MULTILINE)
