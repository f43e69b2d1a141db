"""Elections that were held, and those of the textbooks: every matrix, round and stage is what was published."""

from fractions import Fraction
from typing import Any

import pytest

from governance.grouped import ranked
from governance.pairwise import condorcet_winner, matrix, schulze, strongest_paths
from governance.voting import Outcome, count, stv
from tests.elections import FOLDER, election, fractions, rows

DEBIAN = ("debian_2003_leader", "debian_2007_leader", "debian_2008_gr003_lenny")
GLASGOW = ("glasgow_2007_greater_pollock", "glasgow_2007_springburn")


def test_the_elections_are_there() -> None:
    assert len(list(FOLDER.glob("*.json"))) == 11


def pairs(case: dict[str, Any]) -> dict[str, dict[str, int]]:
    return matrix(ranked(case["ballots"], case["options"]), case["options"])


def of_debian(case: dict[str, Any], **terms: Any) -> Outcome:
    expected = case["expected"]
    default = str(expected["default_option"])
    ratios = {option: Fraction(ratio) for option, ratio in expected.get("majority_ratio", {}).items()}
    ratios.pop(default, None)
    return count("cssd", case["ballots"], case["options"], default=default, ratios=ratios, **terms)


@pytest.mark.parametrize("name", DEBIAN)
def test_debian_elects_whom_it_elected_by_its_published_quorum_and_by_the_number_of_those_eligible(name: str) -> None:
    case = election(name)
    expected = case["expected"]
    by_number = of_debian(case, quorum=Fraction(expected["quorum"]))

    assert by_number.winners == (str(expected["winner"]),)
    assert of_debian(case, eligible=expected["eligible"]) == by_number
    assert rows(pairs(case)) == expected["pairwise_matrix"]
    assert by_number.transcript[0] == f"{expected['total_ballots']} ballots, one against one:"


def test_every_published_defeat_of_the_leader_election_of_2003_is_one() -> None:
    case = election("debian_2003_leader")
    figures = pairs(case)
    found = [
        [int(one), int(other), row[other], figures[other][one]]
        for one, row in figures.items()
        for other in figures
        if row[other] > figures[other][one]
    ]

    assert sorted(found) == sorted(case["expected"]["defeats_published"])


@pytest.mark.parametrize("name", DEBIAN[1:])
def test_the_first_stage_is_how_many_prefer_each_option_to_the_default(name: str) -> None:
    case = election(name)
    published = case["expected"]["option_over_default"]
    first = of_debian(case).stages[0]

    assert first == {option: Fraction(one[0] if isinstance(one, list) else one) for option, one in published.items()}


def test_an_option_that_beats_all_others_is_dropped_where_it_needs_three_to_one() -> None:
    """Libraries that know no ratio elect option 2."""
    case = election("debian_2008_gr003_lenny")
    found = of_debian(case)
    dropped = [line.split(" ", 1)[0] for line in found.transcript if " is dropped: " in line]

    assert condorcet_winner(pairs(case)) == "2"
    assert dropped == [str(option) for option in case["expected"]["dropped_by_majority"]]
    assert found.winners == ("5",)
    assert count("cssd", case["ballots"], case["options"], default="7").winners == ("2",)


def test_burlington_elects_by_instant_runoff_somebody_whom_another_would_have_beaten() -> None:
    case = election("burlington_2009_mayor")
    expected = case["expected"]
    found = count("irv", case["ballots"], case["options"])
    rounds = expected["recomputed"]["rounds"]

    assert [dict(stage) for stage in found.stages] == [fractions(one["tally"]) for one in rounds]
    assert [line.rpartition("exhausted ")[2] for line in found.transcript[:-1:2]] == [
        f"{one['exhausted']}." for one in rounds
    ]
    assert [line.split()[1].rstrip(",") for line in found.transcript[1:-1:2]] == [
        one["eliminated"] for one in rounds[:-1]
    ]
    assert found.winners == (expected["winner"],)
    assert rows(pairs(case)) == expected["recomputed"]["pairwise_matrix_in_option_order"]
    assert found.transcript[-1].endswith("Notice: Montroll would have beaten every other option one against one.")


def test_three_ways_of_counting_tennessee_have_three_winners() -> None:
    case = election("tennessee_textbook")
    expected = case["expected"]
    found = count("irv", case["ballots"], case["options"])
    first = found.stages[0]

    assert max(first, key=first.__getitem__) == expected["plurality_winner"]
    assert found.winners == (expected["irv_winner"],)
    assert count("cssd", case["ballots"], case["options"]).winners == (expected["condorcet_winner"],)
    assert [dict(stage) for stage in found.stages] == [fractions(one["tally"]) for one in expected["irv_rounds"]]
    assert rows(pairs(case)) == expected["pairwise_matrix"]


def test_the_circle_of_the_textbook_is_solved_by_strongest_paths_and_by_dropping_alike() -> None:
    case = election("schulze_45_textbook")
    expected = case["expected"]
    figures = pairs(case)

    assert rows(figures) == expected["pairwise_matrix"]
    assert rows(strongest_paths(figures)) == expected["strongest_paths"]
    assert schulze(figures) == tuple((option,) for option in expected["ranking"])
    assert condorcet_winner(figures) is None
    assert count("cssd", case["ballots"], case["options"]).winners == (expected["winner"],)


@pytest.mark.parametrize("name", GLASGOW)
def test_glasgow_is_counted_to_five_decimals_at_every_stage(name: str) -> None:
    case = election(name)
    expected = case["expected"]
    whole = stv.detailed(case["ballots"], case["options"], seats=case["seats"])

    assert [stage.votes for stage in whole.stages] == [fractions(stage["votes"]) for stage in expected["stages"]]
    assert [stage.non_transferable for stage in whole.stages] == [
        Fraction(stage["non_transferable"]) for stage in expected["stages"]
    ]
    assert whole.winners == tuple(str(option) for option in expected["winners"])
    assert whole.quota == Fraction(expected["quota"])
    assert whole.valid == expected["valid_ballots"]
    assert whole.stages[-1].lost_to_truncation > 0


def test_minneapolis_reaches_its_quota_exactly_and_fills_the_last_seat_below_it() -> None:
    case = election("minneapolis_2013_park_board")
    expected = case["expected"]
    whole = stv.detailed(case["ballots"], case["options"], seats=case["seats"], overvote="skip")
    # The published rounds repeat one for the election, and end with a surplus that need not move.
    published = [one for number, one in enumerate(expected["rounds"]) if number not in (3, 10)]

    assert whole.winners == tuple(expected["winners"])
    assert whole.quota == expected["threshold"]
    assert whole.valid == expected["total_ballots"] - expected["blank_ballots"] - expected["no_usable_preference"]
    assert [{option: votes for option, votes in stage.votes.items() if votes} for stage in whole.stages] == [
        fractions(one["tally"]) for one in published
    ]
    assert [stage.non_transferable for stage in whole.stages] == [
        Fraction(one["inactive"]["exhaustedChoices"]) - expected["no_usable_preference"] for one in published
    ]
    assert [stage.elected for stage in whole.stages if stage.elected] == [
        ("JOHN ERWIN",),
        ("ANNIE YOUNG", "MEG FORNEY"),
    ]
    assert whole.stages[-1].votes["MEG FORNEY"] < whole.quota


def test_a_straw_poll_of_washington_is_counted_by_star() -> None:
    case = election("star_wa_governor_2020_straw_poll")
    expected = case["expected"]
    found = count("star", case["ballots"], case["options"])

    assert found.stages[0] == fractions(expected["scores"])
    assert found.stages[1] == fractions(
        dict(zip(expected["runoff"]["finalists"], expected["runoff"]["preferred"], strict=True))
    )
    assert found.winners == (expected["winner"],)


@pytest.mark.parametrize("case", election("star_tiebreaks")["elections"], ids=lambda case: str(case["name"]))
def test_star_solves_its_ties_by_its_own_steps_and_leaves_a_true_one_open(case: dict[str, Any]) -> None:
    asked = []

    def tie(tied: tuple[str, ...], history: Any) -> str:
        asked.append(tied)
        return tied[0]

    options = ("Amy", "Brian", "Chuck")
    winner = case["expected"]["winner"]

    assert count("star", case["ballots"], options).winners == ((winner,) if winner else ())
    assert count("star", case["ballots"], options, tie=tie).winners == ((winner or "Brian"),)
    assert asked == ([] if winner else [("Brian", "Chuck")])
