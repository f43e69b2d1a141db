"""What every decision promises, whatever the profile and the ballots: drawn by chance, checked one by one."""

from collections import Counter
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from governance.delegating import Named
from governance.profile import Profile, Quorum, wanted
from governance.tally import Box, decide, has_quorum, is_settled, words
from governance.voting.yes_no import CHOICES
from tests.test_profiles import profiles as any_profile
from tests.test_profiles import quorums

ROLL = [f"{place:032x}" for place in range(9)]
SPELLED = {
    "yes-no": CHOICES,
    "approval": ("0", "1", "2", "1,2", "0,1", "abstain"),
    "score": ("1=5,2=3", "0=1", "2=5", "1=4,2=4", "abstain"),
    "star": ("1=5,2=3", "0=1", "2=5", "1=4,2=4", "abstain"),
    "cssd": ("1>2>0", "2>1>0", "0", "1=2>0", "0>2", "abstain"),
    "irv": ("1>2>0", "2>1>0", "0", "2", "0>2", "abstain"),
    "stv": ("1>2>3", "2", "3>1", "2>3>1", "abstain"),
    "median": ("1/4", "1/2", "3/4", "0", "abstain"),
    "pot": ("1=1", "2=1", "1=1/2,2=1/2", "1=1/3,2=2/3", "abstain"),
}
OPTIONS = {"yes-no": list(CHOICES), "stv": ["1", "2", "3"], "median": [], "pot": ["1", "2"]}
NOW = {"median": {"": Fraction(1, 3)}, "pot": {"1": Fraction(1, 4), "2": Fraction(3, 4)}}

profiles = any_profile.map(lambda one: replace(one, secrecy="open", top=5, decides=(), delegation_cap=5))
yes_no = profiles.map(lambda one: replace(one, method="yes-no"))


def box(profile: Profile, ballots: dict[str, str], roll: int = len(ROLL), **more: object) -> Box:
    """A ballot box of the first so many."""
    method = profile.method
    return Box(
        proposal="ab" * 32,
        profile=profile,
        options=OPTIONS.get(method, ["0", "1", "2"]),
        voters=ROLL[:roll],
        recused=0,
        struck=0,
        ballots=ballots,
        root="cd" * 32,
        now=NOW.get(method, {}),
        **more,
    )


@st.composite
def boxes(draw: st.DrawFn, of: st.SearchStrategy[Profile] = profiles) -> Box:
    profile = draw(of)
    roll = draw(st.integers(1, len(ROLL)))
    voters = draw(st.lists(st.sampled_from(ROLL[:roll]), unique=True))
    return box(profile, {one: draw(st.sampled_from(SPELLED[profile.method])) for one in voters}, roll)


@given(boxes())
def test_a_decision_adds_up_and_says_what_it_comes_to(drawn):
    counted = decide(drawn)
    found = counted.decision

    assert found.cast == found.yes + found.no + found.abstain == len(drawn.ballots) <= found.roll
    assert found.passed is (found.reason == "") is bool(found.winners)
    assert str(found.roll) in words(found)
    assert counted.transcript[-1] == words(found)


@given(boxes())
def test_what_passes_has_reached_its_quorum_and_its_threshold(drawn):
    found, profile = decide(drawn).decision, drawn.profile
    if not found.passed:
        return
    supports, quorum = wanted(profile.quorum, found.roll)

    assert found.present >= found.quorum == quorum
    if profile.method in ("median", "pot", "stv"):
        return
    base = {"roll": found.roll, "cast": found.cast, "for+against": found.yes + found.no}[profile.base]
    num, den = profile.threshold
    assert found.yes > found.no
    assert found.yes * den > num * base or (not profile.strict and found.yes * den == num * base)
    assert found.roll > 2 or found.yes == found.roll
    assert not supports or found.yes >= quorum


@given(boxes(), st.randoms())
def test_the_order_of_ballots_and_of_the_roll_changes_nothing(drawn, random):
    items, voters = list(drawn.ballots.items()), list(drawn.voters)
    random.shuffle(items)
    random.shuffle(voters)

    assert decide(replace(drawn, ballots=dict(items), voters=voters)) == decide(drawn)


@given(boxes(), st.permutations(range(len(ROLL))))
def test_who_said_what_changes_nothing(drawn, order):
    others = {ROLL[place]: ROLL[to] for place, to in enumerate(order)}
    moved = {others[one]: choice for one, choice in drawn.ballots.items()}

    assert decide(replace(drawn, ballots=moved, voters=[others[one] for one in drawn.voters])) == decide(drawn)


@given(boxes())
def test_ballots_of_people_who_are_not_asked_change_nothing(drawn):
    more = dict.fromkeys([f"{place:032x}" for place in range(20, 30)], SPELLED[drawn.profile.method][0])

    assert decide(replace(drawn, ballots=more | drawn.ballots)) == decide(drawn)


@given(boxes(yes_no), st.booleans(), quorums)
@settings(max_examples=300)
def test_a_no_never_makes_a_vote_pass_that_fails_by_a_quorum_of_support(drawn, none, quorum):
    kind = "none" if none else "support"
    profile = replace(drawn.profile, quorum=Quorum(kind=kind, number=quorum.number, fraction=quorum.fraction))
    for silent in set(drawn.voters) - drawn.ballots.keys():
        before = decide(replace(drawn, profile=profile)).decision
        after = decide(replace(drawn, profile=profile, ballots=drawn.ballots | {silent: "no"})).decision
        assert before.passed or not after.passed


@given(boxes(yes_no))
def test_a_yes_never_makes_a_vote_fail(drawn):
    for silent in set(drawn.voters) - drawn.ballots.keys():
        after = decide(replace(drawn, ballots=drawn.ballots | {silent: "yes"})).decision
        assert not decide(drawn).decision.passed or after.passed


@given(boxes(yes_no), yes_no)
def test_a_second_threshold_only_makes_it_harder(drawn, also):
    both, alone = decide(replace(drawn, also=also)).decision, decide(drawn).decision

    assert alone.passed or not both.passed
    assert both.needed >= alone.needed


@given(
    boxes(yes_no),
    st.dictionaries(st.sampled_from(ROLL), st.builds(Named, st.sampled_from(ROLL), st.integers(0, 50))),
)
@settings(max_examples=200)
def test_a_vote_is_settled_exactly_when_no_way_of_voting_of_the_others_changes_it(drawn, named):
    """Who lets another vote for her is one of these others, until she has voted herself."""
    roll = drawn.voters[:5]
    ballots = {one: choice for one, choice in drawn.ballots.items() if one in roll}
    drawn = replace(drawn, voters=roll, ballots=ballots, named=named)
    silent = [one for one in roll if one not in ballots]
    ends = set()
    for said in product([*CHOICES, ""], repeat=len(silent)):
        more = {one: choice for one, choice in zip(silent, said, strict=True) if choice}
        ends.add(decide(replace(drawn, ballots=ballots | more, named={})).decision.passed)

    assert is_settled(drawn) is (len(ends) == 1)


@given(boxes())
def test_a_quorum_is_reached_when_the_count_says_so(drawn):
    found = decide(drawn).decision
    supports, quorum = wanted(drawn.profile.quorum, found.roll)
    if supports and drawn.profile.method != "yes-no":
        return

    assert has_quorum(drawn) is (found.present >= quorum)


@given(boxes(yes_no), st.lists(st.sampled_from(ROLL), unique=True, min_size=1))
def test_where_most_of_a_role_are_against_it_fails_and_else_nothing_changes(drawn, at_work):
    at_work = [one for one in at_work if one in drawn.voters]
    with_role = decide(replace(drawn, roles={"care": at_work})).decision
    sides = Counter(drawn.ballots.get(one, "") for one in at_work)

    if 2 * sides["no"] > len(at_work):
        assert not with_role.passed
    else:
        assert with_role == decide(drawn).decision
