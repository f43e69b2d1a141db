"""What somebody says by phone or on paper: a helper signs, a second person witnesses, and the person may contest it."""

import pytest

from contributions import state as contributions
from governance.part import of
from ledger import people
from ledger.record import compose
from tests.keyring import add, stolen
from tests.signing import item
from tests.village import DAY, FOUNDED, HOUR, Village, at, found, key, person

NAMES = ("Ana", "Bela", "Chidi", "Dilek")
WEEK = 7 * DAY
ENDED = FOUNDED + WEEK
LOGGED = "contributions.logged"


def village(*names: str) -> Village:
    """A cooperative of four, or of these."""
    return found(*(names or NAMES))


def resolution(here: Village, when: int = FOUNDED):
    return here.move("Ana", "text", when, texts=["We meet on Mondays."])


def ballot(here: Village, moved, whose: str = "Chidi", choice: str = "yes", when: int | None = None):
    """Ana writes down how somebody votes, and Bela witnesses it."""
    return here.helped("Ana", "Bela", whose, "governance.voted", {"proposal": moved.id, "choice": choice}, when)


def contest(here: Village, said, who: str = "Chidi", when: int | None = None):
    return here.say(who, "ledger.contested", {"entry": said.id}, when)


def test_what_a_witness_has_signed_is_recorded_once_and_never_after_it_was_contested():
    here = village()
    moved = resolution(here)
    said = ballot(here, moved)

    with here.refuses("recorded already"):
        ballot(here, moved)
    contest(here, said)
    with here.refuses("recorded already"):
        ballot(here, moved)
    assert here.proposal(moved).ballots == {}


# Three people.


@pytest.mark.parametrize(
    ("helper", "witness", "whose"), [("Ana", "Ana", "Chidi"), ("Ana", "Chidi", "Chidi"), ("Ana", "Bela", "Ana")]
)
def test_the_helper_the_witness_and_the_person_are_three(helper, witness, whose):
    here = village()
    moved = resolution(here)

    with here.refuses("are three people"):
        here.helped(helper, witness, whose, "governance.voted", {"proposal": moved.id, "choice": "yes"})


def test_a_second_key_makes_nobody_a_second_person():
    here = village()
    moved = resolution(here)
    add(here, "Ana", "Ana", "Ana's telephone")

    with here.refuses("are three people"):
        here.helped("Ana", "Ana's telephone", "Chidi", "governance.voted", {"proposal": moved.id, "choice": "yes"})


def test_the_witness_signs_these_very_words():
    here = village()
    moved = resolution(here)
    body = {
        "person": person("Chidi"),
        "act": {"kind": "governance.voted", "body": {"proposal": moved.id, "choice": "yes"}},
        "how": "phone",
        "paper": "ab" * 32,
        "name": None,
        "proofs": [{"key": key("Bela").public.hex(), "sig": "00" * 64}],
    }

    with here.refuses("has not signed these very words"):
        here.say("Ana", "ledger.assisted", body)
    data, _ = compose(here.book, key("Ana"), person("Ana"), "ledger.assisted", body, FOUNDED)
    assert b'"how":"phone"' in data


def test_helpers_and_witnesses_are_members_with_keys_that_live():
    here = village()
    moved = resolution(here)
    here.join("Emre", here.invite("Ana", "Emre"))
    body = {"proposal": moved.id, "choice": "yes"}
    with here.refuses("Members help, and members witness", code=4):
        here.helped("Ana", "Emre", "Chidi", "governance.voted", body)
    with here.refuses("no live key"):
        here.helped("Ana", "Nobody", "Chidi", "governance.voted", body)
    with here.refuses("no way to help"):
        here.helped("Ana", "Bela", "Chidi", "governance.voted", body, how="telepathy")


@pytest.mark.parametrize("kind", ["governance.moved", "payouts.approved", "ledger.key_added", "ledger.assisted"])
def test_nobody_proposes_approves_or_brings_keys_for_somebody_else(kind):
    here = village()

    with here.refuses("nothing that is said with help"):
        here.helped("Ana", "Bela", "Chidi", kind, {})


def test_nobody_says_for_somebody_what_she_could_not_say_herself():
    here = village()
    moved = resolution(here)
    here.say("Dilek", "ledger.left", {})

    with here.refuses("You are not a member any more", code=4):
        ballot(here, moved, "Dilek")
    with here.refuses("no choice|is no choice", code=2):
        ballot(here, moved, choice="maybe")


# Ballots.


def test_a_ballot_cast_with_help_counts_and_is_marked():
    here = village()
    moved = resolution(here)
    said = ballot(here, moved)
    here.all_cast(("Ana", "Bela"), moved, "yes")

    assert here.proposal(moved).course.assisted == {person("Chidi"): said.index}
    assert here.status(moved, ENDED) == "effective"
    assert here.proposal(moved).course.decision.yes == 3


def test_what_somebody_has_said_herself_stands_and_what_others_said_for_her_she_replaces():
    here = village()
    moved = resolution(here)
    ballot(here, moved)
    here.cast("Chidi", moved, "no")

    course = here.proposal(moved).course
    assert (here.proposal(moved).ballots[person("Chidi")], course.assisted) == ("no", {})
    with here.refuses("has voted herself; that stands"):
        ballot(here, moved)


def test_a_ballot_that_is_contested_is_out_of_the_open_vote():
    here = village()
    moved = resolution(here)
    said = ballot(here, moved)
    contest(here, said, when=FOUNDED + HOUR)

    assert person("Chidi") not in here.proposal(moved).ballots
    with here.refuses("contested this already"):
        contest(here, said)
    here.cast("Chidi", moved, "no")
    assert here.proposal(moved).ballots[person("Chidi")] == "no"


def test_a_sealed_ballot_that_is_contested_is_out_too():
    here = village()
    moved = here.move("Ana", "text", FOUNDED, "sealed", ["We meet on Mondays."], {"sealing": here.lock()})
    said = here.helped("Ana", "Bela", "Chidi", "governance.ballot_sealed", {"proposal": moved.id, "box": "ab" * 1072})
    contest(here, said)

    assert here.proposal(moved).course.boxes == {}


@pytest.mark.parametrize("kind", ["governance.ballot_cast", "governance.delegated", "governance.objected"])
def test_rankings_delegations_and_objections_can_be_said_with_help(kind):
    here = village()
    moved = here.move("Ana", "text", FOUNDED, "debian-options", ["We meet on Mondays.", "On Fridays."])
    consent = here.move("Ana", "text", FOUNDED, "consent", ["We meet on Mondays."])
    bodies = {
        "governance.ballot_cast": {"proposal": moved.id, "choice": "1>2>0"},
        "governance.delegated": {"to": person("Dilek"), "scope": "all", "of": "", "until": None},
        "governance.objected": {"proposal": consent.id, "text": "ab" * 32, "harm": "cd" * 32},
    }

    said = here.helped("Ana", "Bela", "Chidi", kind, bodies[kind])

    held = here.book.ledger.assisted[said.id]
    assert (held.person, held.helper, held.witness) == (person("Chidi"), person("Ana"), person("Bela"))
    assert [
        here.proposal(moved).ballots.get(person("Chidi")) == "1>2>0",
        person("Chidi") in of(here.book).delegations,
        said.id in here.proposal(consent).course.objections,
    ] == [kind == one for one in bodies]


def test_a_delegation_that_is_contested_hands_on_no_vote():
    here = village()
    body = {"to": person("Ana"), "scope": "all", "of": "", "until": None}
    said = here.helped("Ana", "Bela", "Chidi", "governance.delegated", body)
    moved = resolution(here)
    here.cast("Ana", moved, "yes")
    contest(here, said)

    here.book.advance(ENDED)

    assert here.proposal(moved).course.carried == {}


def body_of_delegation(to: str | None, scope: str = "all", what: str = ""):
    return {"to": person(to) if to else None, "scope": scope, "of": what, "until": None}


@pytest.mark.parametrize("to", ["Ana", None])
def test_whom_somebody_named_herself_nobody_replaces_or_ends_for_her(to):
    here = village()
    here.delegate("Chidi", "Dilek")

    with here.refuses("has said herself who votes for her"):
        here.helped("Ana", "Bela", "Chidi", "governance.delegated", body_of_delegation(to))
    here.helped("Ana", "Bela", "Chidi", "governance.delegated", body_of_delegation("Ana", "topic", "money"))
    here.delegate("Chidi", None)
    here.helped("Ana", "Bela", "Chidi", "governance.delegated", body_of_delegation("Ana"))


def test_whom_somebody_named_with_help_she_replaces_herself_or_with_help():
    here = village()
    here.helped("Ana", "Bela", "Chidi", "governance.delegated", body_of_delegation("Ana"))
    here.helped("Ana", "Bela", "Chidi", "governance.delegated", body_of_delegation("Dilek"))
    here.delegate("Chidi", "Bela")

    assert [one.to for one in of(here.book).delegations[person("Chidi")]] == [person("Bela")]


# In time.


def test_it_can_be_contested_for_the_days_that_the_members_have_set_and_no_longer():
    here = village()
    moved = here.move("Ana", "policy", FOUNDED, texts=["2"], terms={"names": ["contest-days"]})
    here.all_cast(NAMES, moved, "yes")
    here.book.advance(ENDED)
    later = resolution(here, ENDED)
    early, late = (ballot(here, later, whose) for whose in ("Chidi", "Dilek"))

    contest(here, early, "Chidi", ENDED + 2 * DAY - 1)
    with here.refuses("days to contest this are over"):
        contest(here, late, "Dilek", ENDED + 2 * DAY)


def test_only_the_person_contests_what_was_said_for_her():
    here = village()
    moved = resolution(here)
    said = ballot(here, moved)

    with here.refuses("not said for you by others"):
        contest(here, said, "Dilek")
    with here.refuses("not said for you by others"):
        contest(here, moved, "Ana")


def test_somebody_contests_with_the_help_of_others_too():
    here = village("Ana", "Bela", "Chidi", "Dilek", "Emre")
    moved = resolution(here)
    said = ballot(here, moved)

    here.helped("Dilek", "Emre", "Chidi", "ledger.contested", {"entry": said.id})

    assert people.is_disputed(here.book.ledger, said.id)
    assert here.proposal(moved).ballots == {}


def test_what_passes_without_a_ballot_stays_when_it_is_contested_afterwards():
    here = village()
    moved = resolution(here)
    here.all_cast(("Ana", "Bela", "Dilek"), moved, "yes")
    said = ballot(here, moved, when=ENDED - 1)
    here.book.advance(ENDED)

    contest(here, said)

    assert here.status(moved) == "effective"
    assert here.proposal(moved).course.decision.yes == 4


# Work.


def sheets(here: Village) -> dict[str, int]:
    """Period -> minutes in its sheet."""
    found_ = contributions.of(here.book).sheets
    return {one: sum(row.qty for row in contributions.sheet(here.book, one).quantities) for one in found_}


def work(here: Village, minutes: int, when: int | None = None, date: str = "2025-08-01"):
    return here.helped("Ana", "Bela", "Chidi", LOGGED, {"items": [item("Chidi", qty=minutes, date=date)]}, when)


def test_work_stated_with_help_counts_like_ones_own_once_nobody_can_contest_it():
    here = village()
    work(here, 60)
    here.say("Ana", LOGGED, {"items": [item("Ana", qty=30)]})

    here.book.advance(at("2025-09-05"))

    assert sheets(here) == {"2025-08": 90}


def test_work_that_can_still_be_contested_at_the_cut_off_waits_for_the_next_sheet():
    here = village()
    work(here, 60, at("2025-09-02"), "2025-08-31")

    here.book.advance(at("2025-10-05"))

    assert sheets(here) == {"2025-08": 0, "2025-09": 60}


def test_work_that_is_contested_is_in_no_sheet():
    here = village()
    said = work(here, 60)
    contest(here, said)

    here.book.advance(at("2025-11-05"))

    assert sum(sheets(here).values()) == 0


# Joining.


def asked(here: Village, name: str = "Emre", when: int | None = None, helper: str = "Ana", says: str = "Ana"):
    body = {"helper": person(says)}
    return here.helped(helper, "Bela", name, "governance.asked_to_join", body, when, name=name)


def test_somebody_without_a_device_asks_to_join_and_the_helpers_yes_goes_with_it():
    here = village()
    said = asked(here)
    assert here.book.ledger.persons[person("Emre")].standing == "candidate"
    assert here.proposal(said).ballots == {person("Ana"): "yes"}
    for name in ("Bela", "Chidi"):
        here.vote(name, said, "yes")

    here.book.advance(FOUNDED)

    assert here.book.ledger.persons[person("Emre")].standing == "member"


def test_who_asks_to_join_is_new_and_the_yes_is_the_helpers_own():
    here = village()
    with here.refuses("known here need not ask"):
        asked(here, "Chidi")
    with here.refuses("The helper's own yes"):
        asked(here, says="Bela")
    here.invite("Ana", "Emre")
    with here.refuses("A place is kept"):
        asked(here)
    with here.refuses("says a name"):
        here.helped("Ana", "Bela", "Femi", "governance.asked_to_join", {"helper": person("Ana")})


def test_ballots_on_somebody_who_asked_with_help_can_be_contested_and_doubted():
    here = village()
    said = asked(here)
    helped = here.helped("Ana", "Bela", "Chidi", "governance.voted", {"proposal": said.id, "choice": "yes"})

    contest(here, helped)

    assert here.proposal(said).ballots == {person("Ana"): "yes"}


def test_a_helpers_yes_stands_again_where_a_thief_has_changed_it():
    here = village()
    add(here, "Ana", "Ana", "Ana's telephone")
    said = asked(here)
    no = here.vote("Ana", said, "no")
    assert here.proposal(said).ballots == {person("Ana"): "no"}

    stolen(here, "Ana", "Ana's telephone", "Ana", no)

    assert here.proposal(said).ballots == {person("Ana"): "yes"}
