"""docs/SHARE-RULES.md says what a share rule does: every box is computed again, and everything a rule can say has one.

`make golden` (or TALLY_GOLDEN=write) makes the boxes anew; look at the difference before you commit it.
"""

import os
import re
import shlex
from pathlib import Path

import pytest

from governance import among, rules
from governance.rule import KINDS_OF_ACCOUNT, RESERVED, STARTS
from governance.rule_parse import LATE
from governance.rules.share import KEYS as KEYS_OF_SHARE
from governance.rules.split import BASES
from governance.run_facts import Facts, Item, Person
from governance.starting import template_names
from tests.share_page import MARKED, PAGE, WIDTH, answered, facts_of, page_again
from tests.test_docs import known


def page() -> str:
    """The page as it stands."""
    return PAGE.read_text(encoding="utf-8")


def test_all_that_the_page_shows_is_what_the_program_computes(tmp_path: Path) -> None:
    again = page_again(page(), tmp_path)
    if os.environ.get("TALLY_GOLDEN") == "write":
        PAGE.write_text(again, encoding="utf-8")

    assert page() == again


def test_no_box_stands_there_that_is_not_computed_again() -> None:
    made = MARKED.sub("", page())

    assert "```" not in made
    assert "<!--" not in made


@pytest.mark.parametrize("key", KEYS_OF_SHARE)
def test_every_key_of_a_share_has_a_line_and_an_example(key: str) -> None:
    assert re.search(rf"\b{key} = ", answered(page()))
    assert f"`{key}" in MARKED.sub("", page())


@pytest.mark.parametrize(
    "word", [*rules.names(), "of", "until", "up_to", "part", "to", "points", "claim", "per", "when"]
)
def test_every_verb_and_every_key_of_a_line_has_an_example(word: str) -> None:
    assert re.search(rf"\b{word} = ", answered(page()))


@pytest.mark.parametrize("value", [*among.WEIGHTS, *BASES[1:], *KINDS_OF_ACCOUNT])
def test_every_weight_base_and_kind_of_account_has_an_example_and_is_named(value: str) -> None:
    assert f'"{value}"' in answered(page())
    assert re.search(rf'`"?{value}"?`', MARKED.sub("", page()))


@pytest.mark.parametrize("name", [*STARTS, *RESERVED, *LATE, *among.Who.__struct_fields__, "interest", "life", "moved"])
def test_what_is_built_in_is_named(name: str) -> None:
    assert re.search(rf'[`"{{ ]{name}\b', MARKED.sub("", page()))


def test_every_template_is_in_the_table_of_by_laws() -> None:
    for name in template_names()[1:]:
        assert f"`{name}`" in page(), name


def test_all_that_facts_can_say_is_on_the_page() -> None:
    said = {key for facts in facts_of(page()) for key in facts}

    assert {"receipts", "refunds", "costs", "amount", "start", "accounts", "members", "carried", "debts"} <= said
    assert {"people", "items", "thanks", "seed"} <= said
    named = MARKED.sub("", page())
    for kind in (Facts, Person, Item):
        for field in kind.__struct_fields__:
            assert field == "listed" or f"`{field}`" in named, field


def test_every_command_that_the_page_names_is_there() -> None:
    named = re.findall(r"^\w*\$ tally ([^>\n]*)", page(), re.MULTILINE) + re.findall(r"`tally ([a-z][^`]*)`", page())

    assert len(named) > 20
    for words in named:
        assert known(shlex.split(words)), words


def test_its_links_lead_somewhere_and_other_pages_lead_to_it() -> None:
    text = page()
    heads = {
        re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.*)$", text, re.M)
    }

    assert set(re.findall(r"\]\(#([^)]*)\)", text)) <= heads
    for document in ("README.md", "docs/DECIDING.md", "docs/ARCHITECTURE.md"):
        assert "SHARE-RULES.md" in (PAGE.parents[1] / document).read_text(encoding="utf-8"), document


def test_the_page_fits_a_screen() -> None:
    prose = [line for line in page().splitlines() if not line.startswith(("|", " ", "{"))]

    assert [line for line in prose if len(line) > WIDTH + 15] == []
