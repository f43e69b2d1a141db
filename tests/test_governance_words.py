"""What governance says to people and to programs, and where it gets its words from."""

from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from governance import profile, voting
from governance.presets import PRESETS
from ledger.errors import Refused
from tests.riverbend import REFUSED, Riverbend

LATER = """
late = "true_up"
accounts = { loan = { kind = "member", interest = "2%" } }
income = { share = "equal", circle = "Berlin Süd", rest = "carry" }
"""
FACTS = '{"currency": "EUR", "exponent": 2, "amount": "10.00", "people": {"ana": {}}}'


def test_a_rule_of_the_whole_language_is_sound_and_can_be_tried_before_there_is_a_ledger(tmp_path: Path) -> None:
    here = Riverbend(tmp_path)
    rule, facts = here.write("later.toml", LATER), here.write("facts.json", FACTS)

    here.ok("Ana", "rule", "check", rule)
    work = here.write("work.toml", "[points.care]\nhour = 14\n[income]\nshare = 'points'\nrest = 'carry'\n")
    assert "What work weighs:\n- care: 14 points an hour\n" in here.ok("Ana", "rule", "check", work).out
    assert "10.00" in here.ok("Ana", "rule", "try", rule, "--facts", facts).out


def test_in_a_ledger_a_rule_is_checked_for_what_this_version_could_not_follow(tmp_path: Path) -> None:
    here = Riverbend(tmp_path, "Ana")
    rule, facts = here.write("later.toml", LATER), here.write("facts.json", FACTS)

    said = here.run("Ana", "rule", "check", rule)
    assert (said.code, said.err.startswith("income: No work can name the circle")) == (REFUSED, True)
    here.ok("Ana", "rule", "try", rule, "--facts", facts)


def test_amounts_of_a_trial_are_grouped_for_people(tmp_path: Path) -> None:
    here = Riverbend(tmp_path)
    facts = here.write("facts.json", FACTS.replace("10.00", "-12345.60"))

    assert "-12,345.60" in here.ok("Ana", "rule", "try", here.write("later.toml", LATER), "--facts", facts).out


def test_what_a_joiner_hears_is_harmless_and_says_its_instants_with_the_offset(tmp_path: Path) -> None:
    here = Riverbend(tmp_path)
    here.homes = dict.fromkeys(("Ana", "Chidi"), "founders")
    options = ["--zone", "Europe/Rome", "--founder", "Ana", "--founder", "Chidi", "--rehearsal"]
    here.ok("Ana", "init", "River\u202ebend", *options)

    said = here.join("Ana", "Bela").out
    assert "\u202e" not in said
    assert "You asked to join River\\u202ebend as Bela." in said
    joined = here.ok("Dilek", "join", here.invite("Ana", "Dilek"), "--json").data
    assert datetime.fromisoformat(joined["closes"]).utcoffset() is not None


def test_every_way_of_voting_in_the_folder_may_stand_in_a_profile() -> None:
    for method in voting.names():
        profile.check("ours", replace(PRESETS["two-thirds"], method=method))

    with pytest.raises(Refused, match="method cannot be 'lottery'"):
        profile.check("ours", replace(PRESETS["two-thirds"], method="lottery"))


def test_a_count_without_a_roll_is_of_the_ballots_cast() -> None:
    ballots = [(2, [["yes"]]), (1, [["no"]]), (1, [["abstain"]])]

    found = voting.count("yes-no", ballots, ("yes", "no", "abstain"))
    assert found.transcript == ("Failed: 2 for, 1 against, 1 abstained of 4; needed 3",)
    assert voting.count("yes-no", [*ballots, (1, [["yes"]])], ("yes", "no", "abstain"), base="cast").winners == ("yes",)
