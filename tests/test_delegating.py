"""Voting through another: nobody is counted twice, nobody carries more than allowed, a direct vote goes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from governance.delegating import Named, behind, carried, is_circle
from governance.part import of
from governance.profile import PLAIN, Quorum
from governance.tally import Box, decide
from tests.keyring import add, stolen
from tests.village import DAY, FOUNDED, HOUR, Village, at, found, person

NAMES = ("Ana", "Bela", "Chidi", "Dilek", "Emre", "Femi", "Gita")
WEEK = 7 * DAY
ROLL = [f"p{place:02}" for place in range(14)]
CAPPED = {"two": replace(PLAIN, base="cast", delegation_cap=2), "nobody": replace(PLAIN, delegation_cap=0)}


@st.composite
def graphs(draw: st.DrawFn):
    """(roll, who voted, who named whom, cap): everybody may name anybody, members or not, in circles too."""
    roll = ROLL[: draw(st.integers(1, len(ROLL)))]
    direct = draw(st.lists(st.sampled_from(roll), unique=True))
    names = draw(st.dictionaries(st.sampled_from(ROLL), st.sampled_from(ROLL)))
    order = draw(st.permutations(range(len(names))))
    named = {who: Named(to, index) for (who, to), index in zip(names.items(), order, strict=True)}
    return roll, direct, named, draw(st.integers(0, 6))


def chain(person_: str, voted: set[str], roll: set[str], named: dict[str, Named]) -> list[str]:
    """The persons from somebody to the first who voted, or none: walked the slow way."""
    path = [person_]
    while path[-1] in named:
        nearest = named[path[-1]].to
        if nearest in path or nearest not in roll:
            return []
        path.append(nearest)
        if nearest in voted:
            return path
    return []


# The pure walk.


@given(graphs())
def test_nobody_is_counted_twice_and_nobody_who_is_not_asked_is_counted_at_all(graph):
    roll, direct, named, cap = graph

    found_ = carried(roll, direct, named, cap)

    assert found_.keys() <= set(roll) - set(direct)
    assert set(found_.values()) <= set(direct)
    assert len(found_) + len(direct) <= len(roll)


@given(graphs())
def test_nobody_votes_for_more_others_than_the_cap_and_as_many_as_there_is_room_for(graph):
    roll, direct, named, cap = graph

    found_ = carried(roll, direct, named, cap)
    reach = {one: path[-1] for one in set(roll) - set(direct) if (path := chain(one, set(direct), set(roll), named))}

    for voter in direct:
        led = sorted((named[one].index, one) for one, end in reach.items() if end == voter)
        assert {one for one, by in found_.items() if by == voter} == {one for _, one in led[:cap]}


@given(graphs(), st.randoms())
def test_the_order_in_which_anything_is_listed_changes_nothing(graph, random):
    roll, direct, named, cap = graph
    items = list(named.items())
    for listed in (roll, direct, items):
        random.shuffle(listed)

    assert carried(roll, direct, dict(items), cap) == carried(sorted(roll), sorted(direct), named, cap)


@given(graphs())
def test_who_votes_herself_is_carried_by_nobody_whatever_she_said_before(graph):
    roll, direct, named, cap = graph

    for one in roll:
        assert one not in carried(roll, {*direct, one}, named, cap)


@given(graphs())
def test_the_weight_in_a_count_is_never_more_than_the_roll(graph):
    roll, direct, named, cap = graph
    box = Box(
        proposal="00" * 32,
        profile=replace(PLAIN, delegation_cap=cap),
        options=["yes", "no", "abstain"],
        voters=roll,
        recused=0,
        struck=0,
        ballots={one: ("yes", "no", "abstain")[place % 3] for place, one in enumerate(direct)},
        named=named,
    )

    decision = decide(box).decision

    assert decision.cast == decision.yes + decision.no + decision.abstain == len(direct) + decision.carried
    assert decision.cast <= decision.roll == len(roll)


@given(st.integers(2, 9))
def test_in_a_circle_without_a_vote_nobody_is_counted_and_one_vote_counts_for_all(size):
    roll = ROLL[:size]
    named = {one: Named(roll[(place + 1) % size], place) for place, one in enumerate(roll)}

    assert carried(roll, [], named, size) == {}
    assert carried(roll, roll[:1], named, size) == dict.fromkeys(roll[1:], roll[0])


@given(st.dictionaries(st.sampled_from(ROLL), st.sampled_from(ROLL)), st.sampled_from(ROLL), st.sampled_from(ROLL))
def test_a_circle_is_warned_about_exactly_where_following_comes_back(named, who, to):
    seen, here = [], to
    while here not in seen and here != who and here in named:
        seen.append(here)
        here = named[here]

    assert is_circle(who, to, named) == (here == who)


@given(st.dictionaries(st.sampled_from(ROLL), st.sampled_from(ROLL)), st.sampled_from(ROLL))
def test_behind_somebody_are_all_who_come_to_her_by_following(named, proxy):
    def comes(one: str) -> bool:
        seen: set[str] = set()
        while one in named and one not in seen:
            seen.add(one)
            one = named[one]
            if one == proxy:
                return True
        return False

    assert behind(proxy, named.items()) == {one for one in ROLL if one != proxy and comes(one)}


# In a vote.


def village() -> Village:
    """A cooperative of seven."""
    return found(*NAMES, profiles=CAPPED)


def resolution(here: Village, profile: str = "simple-majority", when: int = FOUNDED, **terms: object):
    return here.move("Ana", "text", when, profile, ["We meet on Mondays."], terms)


def through(here: Village, moved, when: int = FOUNDED + WEEK) -> dict[str, str]:
    """Who is counted through whom, by name, once the vote is over."""
    here.book.advance(when)
    names = {person(name): name for name in NAMES}
    return {names[who]: names[by] for who, by in here.proposal(moved).course.carried.items()}


def test_a_member_who_does_not_vote_is_counted_with_whom_she_named():
    here = village()
    for who, to in (("Bela", "Ana"), ("Chidi", "Bela"), ("Dilek", "Chidi")):
        here.delegate(who, to)
    moved = resolution(here)
    here.cast("Ana", moved, "yes")

    assert through(here, moved) == {"Bela": "Ana", "Chidi": "Ana", "Dilek": "Ana"}
    assert here.status(moved) == "effective"
    assert here.proposal(moved).course.decision.yes == 4


def test_a_direct_vote_goes_first_until_the_end_and_is_counted_once():
    """snapshot-strategies#462 counted such a delegator twice."""
    here = village()
    here.delegate("Bela", "Ana")
    moved = resolution(here)
    here.cast("Ana", moved, "yes")
    here.cast("Bela", moved, "no", FOUNDED + WEEK - 1)

    assert through(here, moved) == {}
    decision = here.proposal(moved).course.decision
    assert (decision.yes, decision.no, decision.cast, decision.carried) == (1, 1, 2, 0)


def test_an_abstention_is_handed_on_like_any_other_vote():
    here = village()
    here.delegate("Bela", "Ana")
    moved = resolution(here)
    here.cast("Ana", moved, "abstain")

    assert through(here, moved) == {"Bela": "Ana"}
    assert here.proposal(moved).course.decision.abstain == 2


def test_the_narrower_delegation_goes_before_the_wider_one():
    """proposal > role > topic > everything."""
    said = [("all", "", "Ana"), ("topic", "role", "Chidi"), ("role", "steward", "Dilek")]
    for many, (_, _, to) in enumerate(said, 1):
        here = village()
        for scope, what, whom in said[:many]:
            here.delegate("Bela", whom, scope, what)
        moved = here.move("Ana", "role", FOUNDED, person=person("Gita"), role="steward")
        here.all_cast(("Ana", "Chidi", "Dilek", "Emre"), moved, "yes")

        assert through(here, moved) == {"Bela": to}

    here = village()
    moved = here.move("Ana", "role", FOUNDED, person=person("Gita"), role="steward")
    for scope, what, whom in [("proposal", moved.id, "Emre"), *said]:
        here.delegate("Bela", whom, scope, what)
    here.all_cast(("Ana", "Chidi", "Dilek", "Emre"), moved, "yes")
    assert through(here, moved) == {"Bela": "Emre"}


def test_a_topic_is_what_the_proposer_says_or_else_the_sort_of_the_matter():
    here = village()
    here.delegate("Bela", "Ana", "topic", "housing")
    here.delegate("Chidi", "Ana", "topic", "text")
    housing, plain = resolution(here, topic="housing"), resolution(here)
    for moved in (housing, plain):
        here.cast("Ana", moved, "yes")

    assert through(here, housing) == {"Bela": "Ana"}
    assert through(here, plain) == {"Chidi": "Ana"}


def test_a_delegation_that_runs_out_holds_through_its_last_day_and_not_one_instant_longer():
    short = replace(PLAIN, length_hours=1)

    for instant, expected in ((at("2025-08-08") - 1, {"Bela": "Ana"}), (at("2025-08-08"), {})):
        here = found(*NAMES, profiles={"short": short})
        here.delegate("Bela", "Ana", until="2025-08-07")
        moved = resolution(here, "short", instant - HOUR)
        here.cast("Ana", moved, "yes")
        assert through(here, moved, instant) == expected


def test_a_delegation_that_was_ended_holds_no_more_in_votes_that_are_open():
    here = village()
    here.delegate("Bela", "Ana")
    moved = resolution(here)
    here.cast("Ana", moved, "yes")
    here.delegate("Bela", None, at=FOUNDED + WEEK - 1)

    assert through(here, moved) == {}


def test_of_two_delegations_for_the_same_the_last_one_holds():
    here = village()
    here.delegate("Bela", "Ana")
    here.delegate("Bela", "Chidi")
    moved = resolution(here)
    here.all_cast(("Ana", "Chidi"), moved, "yes")

    assert through(here, moved) == {"Bela": "Chidi"}
    assert len(of(here.book).delegations[person("Bela")]) == 1


def test_nobody_votes_through_a_delegation_that_a_thief_has_made():
    here = village()
    made = here.delegate("Bela", "Ana")
    add(here, "Bela", "Bela", "Bela's telephone")
    moved = resolution(here)
    here.cast("Ana", moved, "yes")
    stolen(here, "Bela", "Bela's telephone", "Bela", made)

    assert through(here, moved) == {}


def test_a_sixth_is_refused_also_where_the_five_named_him_for_less_than_everything():
    here = found(*NAMES, "Hana")
    for name in ("Dilek", "Emre", "Femi", "Gita"):
        here.delegate(name, "Chidi", at=FOUNDED)
    here.say("Hana", "governance.delegated", {"to": person("Chidi"), "scope": "topic", "of": "text", "until": None})

    with here.refuses("With this 6 members"):
        here.delegate("Ana", "Chidi")


def test_who_has_left_or_is_recused_votes_for_nobody():
    here = village()
    here.delegate("Bela", "Ana")
    here.delegate("Dilek", "Chidi")
    here.say("Chidi", "ledger.left", {})
    moved = resolution(here, recused=[person("Ana")])
    here.cast("Emre", moved, "yes")

    assert through(here, moved) == {}


def test_the_cap_of_a_profile_holds_in_its_votes_and_the_first_who_said_so_go_before():
    here = village()
    for name in NAMES[1:5]:
        here.delegate(name, "Ana")
    capped, closed = resolution(here, "two"), resolution(here, "nobody")
    for moved in (capped, closed):
        here.cast("Ana", moved, "yes")

    assert through(here, capped) == {"Bela": "Ana", "Chidi": "Ana"}
    assert through(here, closed) == {}


def test_nobody_may_come_to_stand_for_more_others_than_the_widest_profile_allows():
    here = village()
    for name in NAMES[1:6]:
        here.delegate(name, "Ana")

    with here.refuses("6 members would be led to one; at most 5"):
        here.delegate("Gita", "Ana")
    with here.refuses("6 members would be led to one"):
        here.delegate("Gita", "Bela")
    with here.refuses("6 members would be led to one"):
        here.delegate("Gita", "Femi")


def test_the_cap_of_one_proposal_is_that_of_its_profile():
    here = village()
    moved = resolution(here, "two")
    for name in NAMES[1:3]:
        here.delegate(name, "Ana", "proposal", moved.id)

    with here.refuses("3 members would be led to one; at most 2"):
        here.delegate("Dilek", "Ana", "proposal", moved.id)


@pytest.mark.parametrize(
    ("to", "scope", "what", "until", "words"),
    [
        ("Bela", "all", "", None, "You cannot name yourself"),
        ("Nobody", "all", "", None, "does not know"),
        ("Ana", "weather", "rain", None, "nothing to vote for others in"),
        ("Ana", "all", "rain", None, "nothing to vote for others in"),
        ("Ana", "topic", "", None, "nothing to vote for others in"),
        ("Ana", "proposal", "ab" * 32, None, "no such proposal"),
        ("Ana", "all", "", "2025-07-31", "not in the future"),
        ("Ana", "all", "", "2125-12-31", "more than 100 years ahead"),
        ("Ana", "all", "", "9999-12-31", "more than 100 years ahead"),
        (None, "all", "", None, "let nobody vote for you"),
    ],
)
def test_a_delegation_that_means_nothing_is_refused(to, scope, what, until, words):
    here = village()

    with here.refuses(words):
        here.delegate("Bela", to, scope, what, until)


@pytest.mark.parametrize(("counts", "passes"), [(True, True), (False, False)])
def test_whether_voices_through_others_count_for_the_quorum_is_for_the_profile_to_say(counts, passes):
    half = Quorum(kind="participation", number=0, fraction=(1, 2))
    profile = replace(PLAIN, base="cast", quorum=half, delegated_quorum=counts)
    here = found(*NAMES, profiles={"half": profile})
    for name in NAMES[1:4]:
        here.delegate(name, "Ana")
    moved = resolution(here, "half")
    here.cast("Ana", moved, "yes")

    assert (here.status(moved, FOUNDED + WEEK) == "effective") is passes
