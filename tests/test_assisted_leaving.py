"""Who leaves with help is a member until nobody can contest it; and who contests with help can be contested."""

from msgspec.structs import replace

from governance.profile import PLAIN
from ledger import people
from ledger.looks import member_rows
from tests.recounts import recounted
from tests.test_assisted import ENDED, NAMES, WEEK, ballot, contest, resolution, village
from tests.village import DAY, FOUNDED, HOUR, Village, assert_every_book_is_the_same, found, person


class Called:
    """Names for who needs none of the words that lie beside the log."""

    def of(self, one: str) -> str:
        return next(name for name in NAMES if person(name) == one)


def left(here: Village, whose: str = "Chidi", when: int | None = None, how: str = "paper"):
    return here.helped("Ana", "Bela", whose, "ledger.left", {}, when, how=how)


def standing(here: Village, name: str, when: int) -> str:
    here.book.advance(when)
    return here.book.ledger.persons[person(name)].standing


def test_who_leaves_with_help_is_a_member_with_all_she_has_until_nobody_can_contest_it():
    here = village()
    left(here)
    assert standing(here, "Chidi", ENDED - 1) == "member"
    assert person("Chidi") in people.treasurers(here.book.ledger)
    moved = resolution(here, ENDED - 1)
    assert person("Chidi") in here.proposal(moved).roll

    assert standing(here, "Chidi", ENDED) == "former"
    assert here.book.ledger.persons[person("Chidi")].roles == {}
    assert here.book.ledger.persons[person("Chidi")].standings[-1] == (ENDED, "former")
    assert_every_book_is_the_same(here)


def test_who_contests_that_she_leaves_stays():
    here = village()
    said = left(here)
    contest(here, said, when=ENDED - 1)

    assert standing(here, "Chidi", ENDED + WEEK) == "member"
    assert [one for _, one in here.book.ledger.persons[person("Chidi")].standings] == ["member"]
    assert_every_book_is_the_same(here)


def test_two_members_cannot_say_that_all_others_leave_and_decide_alone():
    here = found("Ana", "Bela", "Chidi", "Dilek", "Emre", profiles={"early": replace(PLAIN, early=True)})
    said = {name: left(here, name) for name in ("Chidi", "Dilek", "Emre")}
    moved = here.move("Ana", "policy", FOUNDED, "early", texts=["1"], terms={"names": ["approvers"]})
    here.all_cast(("Ana", "Bela"), moved, "yes")

    assert here.status(moved, FOUNDED + HOUR) == "open"
    for name, one in said.items():
        contest(here, one, name, FOUNDED + DAY)
    assert standing(here, "Chidi", ENDED) == "member"
    assert len(people.members(here.book.ledger)) == 5


def test_that_somebody_leaves_is_said_once_and_again_after_it_was_contested():
    here = village()
    said = left(here)
    with here.refuses("said already that this member leaves"):
        left(here)
    contest(here, said)
    left(here, when=FOUNDED + DAY, how="phone")

    assert standing(here, "Chidi", ENDED) == "member"
    assert standing(here, "Chidi", ENDED + DAY) == "former"


def test_who_has_left_herself_and_come_back_does_not_leave_by_what_was_said_before():
    here = found(*NAMES, profiles={"early": replace(PLAIN, early=True)})
    left(here)
    here.say("Chidi", "ledger.left", {}, FOUNDED + HOUR)
    back = here.move("Ana", "member", FOUNDED + HOUR, "early", person=person("Chidi"))
    here.all_cast(("Ana", "Bela"), back, "yes")
    assert here.status(back, FOUNDED + 2 * HOUR) == "effective"

    assert standing(here, "Chidi", ENDED + WEEK) == "member"


def test_nobody_leaves_with_help_as_the_last_member():
    here = village("Ana", "Bela", "Chidi")
    left(here)
    for name in ("Ana", "Bela"):
        here.say(name, "ledger.left", {}, FOUNDED + HOUR)

    assert standing(here, "Chidi", ENDED) == "member"


def test_members_see_who_is_about_to_leave():
    here = village()
    said = left(here)
    assert [one["leaves"] for one in member_rows(here.book, Called())] == [None, None, "2025-08-08T09:00:00Z", None]
    contest(here, said)
    assert all(one["leaves"] is None for one in member_rows(here.book, Called()))


def test_the_last_member_cannot_leave():
    here = village("Ana")

    with here.refuses("The last member cannot leave"):
        here.say("Ana", "ledger.left", {})


# Contests that are contested.


def five_with_a_contest(here: Village):
    """What Chidi said with the help of two, and what two others have then said for him against it."""
    moved = resolution(here)
    said = here.helped("Bela", "Emre", "Chidi", "governance.voted", {"proposal": moved.id, "choice": "no"})
    return moved, said, here.helped("Ana", "Dilek", "Chidi", "ledger.contested", {"entry": said.id})


def test_what_was_contested_for_somebody_stands_again_when_she_contests_that():
    here = village("Ana", "Bela", "Chidi", "Dilek", "Emre")
    moved, said, against = five_with_a_contest(here)
    assert here.proposal(moved).ballots == {}
    contest(here, against)

    assert here.proposal(moved).ballots == {person("Chidi"): "no"}
    assert here.proposal(moved).course.assisted == {person("Chidi"): said.index}
    here.book.advance(ENDED)
    assert_every_book_is_the_same(here)
    assert recounted(here, moved).outcome.decision.no == 1


def test_a_contest_is_not_contested_with_help():
    """Otherwise two members could undo at the last moment what somebody contested with the help of others."""
    here = village("Ana", "Bela", "Chidi", "Dilek", "Emre")
    said = left(here)
    against = here.helped("Dilek", "Emre", "Chidi", "ledger.contested", {"entry": said.id})

    with here.refuses("stays so until the person herself says otherwise"):
        here.helped("Ana", "Bela", "Chidi", "ledger.contested", {"entry": against.id}, ENDED - 1)
    assert standing(here, "Chidi", ENDED) == "member"


def test_a_helper_does_not_stand_by_what_the_person_contests_and_the_person_may():
    here = village()
    moved = resolution(here)
    said = ballot(here, moved)
    contest(here, said)

    with here.refuses("no disputed statement of yours"):
        here.say("Ana", "ledger.reaffirmed", {"entries": [said.id]})
    here.say("Chidi", "ledger.reaffirmed", {"entries": [said.id]})
    assert here.proposal(moved).ballots == {person("Chidi"): "yes"}
