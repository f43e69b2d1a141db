"""Counting yes and no: what "more than half" and "two thirds" mean for every size of a cooperative, exactly."""

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance import voting
from governance.first_form import decided_early, tally
from governance.first_form import sentence as result_sentence
from governance.presets import PRESETS
from governance.profile import Profile, Quorum, check
from governance.profile_words import sentence
from governance.voting import count
from governance.voting.yes_no import CHOICES, needed
from ledger.errors import Refused, TallyError, Usage

ballots = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(CHOICES).map(lambda choice: [[choice]])), max_size=12)
profiles = st.builds(
    lambda base, num, den, strict, kind, number, part: changed(
        base=base,
        threshold=(num % (den + 1), den),
        strict=strict,
        quorum=Quorum(kind=kind, number=number, fraction=part),
    ),
    st.sampled_from(["roll", "cast", "for+against"]),
    st.integers(0, 12),
    st.integers(1, 12),
    st.booleans(),
    st.sampled_from(["none", "participation", "support"]),
    st.integers(0, 6),
    st.sampled_from([(0, 1), (1, 3), (1, 2), (1, 1)]),
)


def changed(**parts: object) -> Profile:
    """Simple majority with these parts changed."""
    from msgspec.structs import replace

    return replace(PRESETS["simple-majority"], **parts)


def said(yes: int = 0, no: int = 0, abstain: int = 0, silent: int = 0) -> tuple[list[str], dict[str, str]]:
    """A roll, and ballots of its first people."""
    choices = ["yes"] * yes + ["no"] * no + ["abstain"] * abstain
    roll = [f"{place:032x}" for place in range(len(choices) + silent)]
    return roll, dict(zip(roll, choices, strict=False))


# How many are needed.


def test_needed_is_the_ceiling_or_one_more_than_the_floor_when_strict():
    for n in range(61):
        for den in range(1, 21):
            for num in range(den + 1):
                exact = Fraction(num * n, den)
                assert needed(n, Fraction(num, den), strict=False) == ceil(exact)
                assert needed(n, Fraction(num, den), strict=True) == floor(exact) + 1


def test_two_thirds_of_three_are_two():
    assert needed(3, Fraction(2, 3), strict=False) == 2


def test_fifty_five_percent_of_a_hundred_are_fifty_five():
    """A float says 55.00000000000001 and would ask for one more."""
    assert needed(100, Fraction(55, 100), strict=False) == 55


def test_at_least_half_of_three_are_two_and_more_than_half_of_four_are_three():
    assert needed(3, Fraction(1, 2), strict=False) == 2
    assert needed(4, Fraction(1, 2), strict=True) == 3


@given(st.integers(0, 10**6), st.integers(0, 1000), st.integers(1, 1000), st.booleans())
def test_one_vote_less_than_needed_is_not_enough(n, num, den, strict):
    least = needed(n, Fraction(num, den), strict)

    def enough(votes: int) -> bool:
        return votes * den > num * n if strict else votes * den >= num * n

    assert enough(least)
    assert not enough(least - 1)


# Counting.


@given(ballots, st.randoms(), st.sampled_from(["roll", "cast", "for+against"]))
def test_neither_the_order_of_ballots_nor_their_grouping_matters(given_ballots, random, base):
    shuffled = [(1, ballot) for number, ballot in given_ballots for _ in range(number)]
    random.shuffle(shuffled)

    assert count("yes-no", given_ballots, CHOICES, roll=60, base=base) == count(
        "yes-no", shuffled, CHOICES, roll=60, base=base
    )


@given(profiles, st.integers(0, 8), st.integers(0, 8), st.integers(0, 8), st.integers(0, 8))
@settings(max_examples=200)
def test_a_no_never_helps_where_no_quorum_of_participation_is_asked_for(profile, yes, no, abstain, silent):
    kind = {"participation": "support"}.get(profile.quorum.kind, profile.quorum.kind)
    asked = changed(
        base=profile.base,
        threshold=profile.threshold,
        strict=profile.strict,
        quorum=Quorum(kind=kind, number=profile.quorum.number, fraction=profile.quorum.fraction),
    )

    before = tally(asked, *said(yes, no, abstain, silent + 1))
    after = tally(asked, *said(yes, no + 1, abstain, silent))

    assert before.passed or not after.passed


@given(profiles, st.integers(0, 6), st.integers(0, 6))
def test_a_tie_keeps_things_as_they_are(profile, each, abstain):
    assert not tally(profile, *said(each, each, abstain)).passed


def test_a_tie_at_half_of_the_roll_says_why_it_failed():
    profile = changed(threshold=(1, 2), strict=False)

    result = tally(profile, *said(yes=2, no=2))

    assert result_sentence(profile, result) == (
        "Failed: 2 for, 2 against, 0 abstained of 4; needed 2 (not more for than against)"
    )


def test_the_sentence_of_a_result():
    result = tally(PRESETS["simple-majority"], *said(yes=14, no=3, abstain=2, silent=7))

    assert result.passed
    assert result_sentence(PRESETS["simple-majority"], result) == (
        "Passed: 14 for, 3 against, 2 abstained of 26; needed 14"
    )


def test_no_ballots_at_all_keep_things_as_they_are():
    for base in ("roll", "cast", "for+against"):
        for threshold in ((0, 1), (1, 2), (1, 1)):
            profile = changed(base=base, threshold=threshold, strict=False)
            assert not tally(profile, *said(silent=5)).passed
            assert not tally(profile, *said(abstain=5)).passed


def test_a_quorum_compares_who_took_part_not_who_was_asked():
    half = Quorum(kind="participation", number=0, fraction=(1, 2))
    profile = changed(base="cast", quorum=half)

    assert not tally(profile, *said(yes=2, silent=3)).passed
    assert tally(profile, *said(yes=2, abstain=1, silent=2)).passed


def test_a_quorum_of_support_is_reached_by_yes_alone():
    profile = changed(base="for+against", quorum=Quorum(kind="support", number=3, fraction=(0, 1)))

    failed = tally(profile, *said(yes=2, abstain=8))

    assert result_sentence(profile, failed).endswith("(quorum: 2 of 3)")
    assert tally(profile, *said(yes=3, abstain=8)).passed


def test_ballots_of_people_who_are_not_on_the_roll_do_not_count():
    roll, votes = said(yes=2, silent=1)

    assert tally(PRESETS["simple-majority"], roll, votes | {"f" * 32: "no"}).no == 0


# Deciding early.


@given(profiles, st.integers(0, 4), st.integers(0, 4), st.integers(0, 3), st.integers(0, 4))
@settings(max_examples=150)
def test_a_vote_ends_early_exactly_when_no_way_of_voting_of_the_others_changes_it(profile, yes, no, abstain, silent):
    results = {
        tally(profile, *said(yes + more, no + against, abstain + neither, silent - more - against - neither)).passed
        for more in range(silent + 1)
        for against in range(silent - more + 1)
        for neither in range(silent - more - against + 1)
    }

    assert decided_early(profile, *said(yes, no, abstain, silent)) == (len(results) == 1)


# Profiles and the register.


def test_profiles_say_in_words_what_they_ask_for():
    assert sentence(PRESETS["simple-majority"]) == "more than 1/2 of the roll, within 7 days"
    assert sentence(PRESETS["two-thirds"]) == "at least 2/3 of the roll, within 14 days"
    assert sentence(PRESETS["joining"]).endswith("earlier once nothing can change it")


def test_all_preset_profiles_can_be_run():
    for name, profile in PRESETS.items():
        check(name, profile)


@pytest.mark.parametrize(
    "parts",
    [
        {"threshold": (3, 2)},
        {"threshold": (1, 1), "strict": True},
        {"method": "lot"},
        {"challenge_hours": 24},
        {"quorum": Quorum(kind="some", number=0, fraction=(0, 1))},
    ],
)
def test_a_profile_that_could_not_be_run_is_refused(parts):
    with pytest.raises(Refused):
        check("odd", changed(**parts))


def test_a_method_that_is_not_in_the_folder_is_refused():
    assert "yes-no" in voting.names()
    for name in ("lottery", "../ledger", "yes_no.count", "os"):
        with pytest.raises(Usage):
            count(name, [], CHOICES)


@pytest.mark.parametrize("ballot", [[["maybe"]], [], [["yes", "no"]], [["yes"], ["no"]]])
def test_a_ballot_that_says_something_else_is_refused(ballot):
    with pytest.raises(TallyError):
        count("yes-no", [(1, ballot)], CHOICES, roll=3)


@pytest.mark.parametrize("terms", [{"base": "shares"}, {"quorum": "half"}])
def test_terms_that_mean_nothing_are_refused(terms):
    with pytest.raises(Usage):
        count("yes-no", [], CHOICES, roll=3, **terms)
