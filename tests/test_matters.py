"""What a decision does by itself: nobody retypes it; and where by then it cannot act any more, it says so."""

import pytest

from governance import matters, state
from governance.cranks import turns
from ledger import people
from tests.test_witness_quorum import POLICY
from tests.village import DAY, FOUNDED, Village, at, found, person, titled

NAMES = ("Ana", "Bela", "Chidi", "Dilek", "Emre")
WEEK = 7 * DAY
ENDED = FOUNDED + WEEK
FORTNIGHT = FOUNDED + 14 * DAY
SEPTEMBER = at("2025-09-01")


def village(*names: str) -> Village:
    """A cooperative of five, or of these."""
    return found(*(names or NAMES))


def decided(here: Village, sort: str, names=NAMES, choice: str = "yes", profile: str = "simple-majority", **more):
    """A matter in which these say the same."""
    moved = here.move("Ana", sort, here.book.received, profile, **more)
    here.all_cast(names, moved, choice)
    return moved


def standing(here: Village, name: str) -> str:
    return here.book.ledger.persons[person(name)].standing


def test_every_matter_says_when_it_may_be_put_what_it_is_called_and_what_it_does():
    for name in matters.names():
        own = matters.of(name)
        assert all(callable(getattr(own, part)) for part in ("check", "title", "act"))


# Members.


def test_who_is_expelled_is_no_member_and_holds_no_role():
    here = village()
    moved = decided(here, "member", NAMES[:3], person=person("Emre"), give=False)
    assert here.proposal(moved).course.recused == [person("Emre")]
    with here.refuses("concerns you: you are recused"):
        here.cast("Emre", moved, "no")

    assert here.status(moved, ENDED) == "effective"
    assert (here.proposal(moved).course.decision.roll, standing(here, "Emre")) == (4, "former")
    assert here.book.ledger.persons[person("Emre")].roles == {}


def test_the_ballot_of_who_is_expelled_is_struck_in_open_votes_and_the_base_is_one_less():
    """group-income#850: with a stale base a proposal could never pass."""
    here = village()
    here.move("Ana", "member", FOUNDED, person=person("Emre"), give=False)
    expulsion = here.book.parts["governance"].proposals
    (expelled,) = expulsion.values()
    here.all_cast(NAMES[:3], expelled, "yes")
    open_ = here.move("Ana", "text", FOUNDED + DAY, texts=["We meet on Mondays."])
    here.all_cast(("Ana", "Bela"), open_, "yes")
    here.cast("Emre", open_, "no")
    here.cast("Chidi", open_, "yes")

    here.book.advance(ENDED)
    struck = [body for kind, body in turns(here.book, ENDED) if kind == "governance.struck"]
    assert struck == [{"proposal": open_.id, "person": person("Emre")}]
    here.say("Bela", "governance.struck", struck[0])
    with here.refuses("No ballot of this person is to be struck"):
        here.say("Bela", "governance.struck", struck[0])
    with here.refuses("You are not a member", code=4):
        here.cast("Emre", open_, "no")
    here.book.advance(ENDED + DAY)
    decision = here.proposal(open_).course.decision
    assert (decision.roll, decision.struck, decision.no, decision.needed) == (4, 1, 0, 3)


def test_an_expulsion_counts_in_votes_on_joining_too():
    here = village()
    expelled = decided(here, "member", NAMES[:3], person=person("Emre"), give=False)
    joined = here.join("Femi", here.invite("Ana", "Femi", FOUNDED + DAY))
    here.vote("Emre", joined, "no")
    here.vote("Bela", joined, "yes")

    assert here.status(expelled, ENDED) == "effective"
    here.vote("Chidi", joined, "yes", ENDED)
    here.book.advance(ENDED)
    assert here.proposal(joined).result.roll == 4
    assert standing(here, "Femi") == "member"


def test_who_leaves_of_her_own_stays_on_the_roll_and_her_ballot_counts():
    here = village()
    moved = here.move("Ana", "text", FOUNDED, texts=["We meet on Mondays."])
    here.all_cast(NAMES[2:], moved, "yes")
    here.say("Emre", "ledger.left", {})

    here.book.advance(ENDED)

    decision = here.proposal(moved).course.decision
    assert (decision.roll, decision.yes, decision.struck, decision.passed) == (5, 3, 0, True)


def test_among_fewer_than_three_members_nobody_is_expelled():
    here = village("Ana", "Bela")

    with here.refuses("fewer than 3 members nobody is expelled"):
        here.move("Ana", "member", FOUNDED, person=person("Bela"), give=False)


def test_two_expulsions_together_cannot_leave_fewer_than_two():
    here = village("Ana", "Bela", "Chidi")
    both = [here.move("Ana", "member", FOUNDED, person=person(name), give=False) for name in ("Bela", "Chidi")]
    here.all_cast(("Ana", "Chidi"), both[0], "yes")
    here.all_cast(("Ana", "Bela"), both[1], "yes")

    assert here.status(both[0], ENDED) == "effective"
    assert here.status(both[1]) == "superseded"
    assert here.proposal(both[1]).course.reason.startswith("by then this membership could not")
    assert people.members(here.book.ledger) == sorted(map(person, ("Ana", "Chidi")))


def test_who_has_left_can_become_a_member_again():
    here = village()
    here.say("Emre", "ledger.left", {})
    moved = decided(here, "member", NAMES[:3], person=person("Emre"), give=True)

    assert here.status(moved, ENDED) == "effective"
    assert standing(here, "Emre") == "member"
    assert people.members(here.book.ledger) == sorted(map(person, NAMES))


def test_a_membership_that_has_begun_meanwhile_begins_no_second_time():
    here = village()
    here.say("Emre", "ledger.left", {})
    twice = [decided(here, "member", NAMES[:3], person=person("Emre")) for _ in range(2)]

    assert [here.status(moved, ENDED) for moved in twice] == ["effective", "superseded"]


@pytest.mark.parametrize(
    ("matter", "words"),
    [
        ({"person": None}, "names a person"),
        ({"person": person("Nobody"), "give": False}, "does not know"),
        ({"person": person("Bela")}, "is a member"),
        ({"person": person("Bela"), "give": False, "role": "steward"}, "names a person"),
    ],
)
def test_a_vote_on_membership_that_means_nothing_is_refused(matter, words):
    here = village()

    with here.refuses(words):
        here.move("Ana", "member", FOUNDED, **matter)


# Elections and roles.


@pytest.mark.parametrize(
    ("profile", "ballots", "days"),
    [
        ("instant-runoff", ("1>2>0", "1>2>0", "2>1>0"), 7),
        ("debian-options", ("1>2>0", "1>2>0", "2>1>0", "1>0"), 14),
        ("approval", ("1", "1,2", "2", "1"), 7),
        ("score", ("1=5,2=4", "1=5", "1=3,2=5"), 7),
        ("star", ("1=5,2=4", "1=5", "1=3,2=5"), 7),
    ],
)
def test_whom_the_members_choose_takes_on_the_role(profile, ballots, days):
    here = village()
    candidates = [person("Dilek"), person("Emre")]
    moved = here.move("Ana", "role", FOUNDED, profile, terms={"candidates": candidates}, role="steward")
    for name, ballot in zip(NAMES, ballots, strict=False):
        here.cast(name, moved, ballot)

    assert here.status(moved, FOUNDED + days * DAY) == "effective"
    assert here.proposal(moved).course.decision.winners == ("1",)
    assert people.holds(here.book.ledger, person("Dilek"), "steward")
    assert not people.holds(here.book.ledger, person("Emre"), "steward")


def test_two_seats_are_filled_in_proportion():
    here = village()
    candidates = [person(name) for name in ("Bela", "Chidi", "Dilek")]
    moved = here.move(
        "Ana", "role", FOUNDED, "scottish-stv", terms={"candidates": candidates, "seats": 2}, role="connector"
    )
    for name, ballot in zip(NAMES, ("1>2>3", "1>2", "1>3", "3>2", "3"), strict=True):
        here.cast(name, moved, ballot)

    assert here.status(moved, FORTNIGHT) == "effective"
    held = [name for name in NAMES if people.holds(here.book.ledger, person(name), "connector")]
    assert held == ["Bela", "Dilek"]


def test_of_those_elected_who_has_left_by_then_takes_on_nothing_and_the_others_do():
    here = village()
    candidates = [person(name) for name in ("Bela", "Chidi", "Dilek")]
    terms = {"candidates": candidates, "seats": 2}
    moved = here.move("Ana", "role", FOUNDED, "scottish-stv", terms=terms, role="connector")
    here.all_cast(NAMES, moved, "1>3>2")
    here.say("Bela", "ledger.left", {})

    assert here.status(moved, FORTNIGHT) == "effective"
    assert people.holds(here.book.ledger, person("Dilek"), "connector")
    assert here.book.ledger.persons[person("Bela")].roles == {}


def test_where_nobody_is_preferred_nobody_takes_on_the_role():
    here = village()
    standing_ = {"candidates": [person("Dilek"), person("Emre")]}
    moved = here.move("Ana", "role", FOUNDED, "instant-runoff", terms=standing_, role="steward")
    here.all_cast(NAMES, moved, "0>1>2")

    assert here.status(moved, ENDED) == "failed"
    assert here.proposal(moved).course.decision.winners == ()


@pytest.mark.parametrize(
    ("profile", "terms", "words"),
    [
        ("simple-majority", {"candidates": [person("Bela"), person("Chidi")]}, "a way of voting that chooses"),
        ("scottish-stv", {"candidates": [person("Bela")]}, "more candidates than seats"),
        ("approval", {"candidates": [person(one) for one in NAMES], "seats": 2}, "several seats are filled by"),
        ("approval", {"candidates": [person("Bela"), person("Bela")]}, "each candidate once"),
        ("approval", {"candidates": [person("Bela"), person("Nobody")]}, "does not know"),
        ("approval", {}, "members say yes or no"),
        ("debian-options", {"candidates": [f"{one:032x}" for one in range(21)]}, "more to choose from"),
    ],
)
def test_an_election_that_cannot_be_held_is_refused(profile, terms, words):
    here = village()

    with here.refuses(words):
        here.move("Ana", "role", FOUNDED, profile, terms=terms, role="steward")


def test_a_role_that_is_ended_is_held_no_more_and_ends_once():
    here = village()
    twice = [decided(here, "role", NAMES[:3], person=person("Emre"), role="treasurer", give=False) for _ in range(2)]

    assert [here.status(moved, ENDED) for moved in twice] == ["effective", "superseded"]
    assert here.proposal(twice[1]).course.reason == "by then this role could not be given or ended any more"
    assert person("Emre") not in people.treasurers(here.book.ledger)


def test_who_has_left_by_then_gets_no_role():
    here = village()
    moved = decided(here, "role", NAMES[:3], person=person("Emre"), role="steward")
    here.say("Emre", "ledger.left", {})

    assert here.status(moved, ENDED) == "superseded"


# Policies and texts.


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("name", "Upstream", lambda book: book.ledger.name),
        ("contest-days", "9", lambda book: str(book.ledger.contest_days)),
        ("approvers", "3", lambda book: str(book.parts["payouts"].approvers)),
        ("witnesses", POLICY, lambda book: book.ledger.policy),
    ],
)
def test_a_policy_holds_from_the_decision_on(name, value, read):
    here = village()
    moved = decided(here, "policy", texts=[value], terms={"names": [name]})

    assert here.status(moved, ENDED) == "effective"
    assert read(here.book) == value
    with here.refuses("is that already"):
        here.move("Ana", "policy", None, texts=[value], terms={"names": [name]})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("weather", "sunny", "nothing that members set by name"),
        ("approvers", "0", "no number from 1 to 100"),
        ("approvers", "two", "no number from 1 to 100"),
        ("contest-days", "61", "no number from 1 to 60"),
        ("name", "one\ntwo", "A name is one line"),
        ("witnesses", "witness somebody", "."),
    ],
)
def test_a_policy_that_cannot_be_is_refused(name, value, words):
    here = village()
    here.put("Ana", value)

    with here.refuses(words):
        here.move("Ana", "policy", FOUNDED, texts=[value], terms={"names": [name]})


def test_a_resolution_stands_and_nothing_else_follows():
    here = village()
    before = here.book.parts["ledger"].persons, here.book.parts["payouts"].accounts
    moved = decided(here, "text", texts=["We meet on Mondays."])

    assert here.status(moved, ENDED) == "effective"
    assert (here.book.parts["ledger"].persons, here.book.parts["payouts"].accounts) == before


def test_a_rule_that_passed_is_the_voted_bytes_from_the_next_period_on():
    here = village()
    moved = here.move("Ana", "rule", FOUNDED, "debian-options", [titled("One"), titled("Two")])
    here.all_cast(NAMES, moved, "2>1>0")

    assert here.status(moved, FORTNIGHT) == "passed"
    assert here.status(moved, SEPTEMBER) == "in force"
    assert state.text_of(here.book, state.current(here.book)) == titled("Two")
