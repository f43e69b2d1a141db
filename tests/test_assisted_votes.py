"""Votes in which some ballots were cast with help: nothing final rests on what its person may still contest."""

import pytest
from msgspec.structs import replace

from governance.count_files import NotRecounted
from governance.part import of
from governance.presets import PRESETS
from governance.profile import PLAIN
from governance.recounting import recount
from ledger import people
from tests.recounts import export, recounted, rewritten
from tests.village import DAY, FOUNDED, HOUR, Village, assert_every_book_is_the_same, found, person

NAMES = ("Ana", "Bela", "Chidi", "Dilek", "Emre", "Femi", "Gita")
WEEK = 7 * DAY
ENDED = FOUNDED + WEEK


def village() -> Village:
    """Ana and Bela help one another to the votes of five others."""
    return found(*NAMES, profiles=PRESETS | {"early": replace(PLAIN, early=True)})


def steward(here: Village, profile: str = "simple-majority", when: int = FOUNDED):
    return here.move("Ana", "role", when, profile, person=person("Ana"), role="steward")


def ballot(here: Village, moved, whose: str, when: int, choice: str = "yes"):
    return here.helped("Ana", "Bela", whose, "governance.voted", {"proposal": moved.id, "choice": choice}, when)


def contest(here: Village, said, who: str, when: int):
    return here.say(who, "ledger.contested", {"entry": said.id}, when)


def is_steward(here: Village) -> bool:
    return people.holds(here.book.ledger, person("Ana"), "steward")


def by_two_and_two_with_help(here: Village, profile: str = "simple-majority", when: int = FOUNDED + 1):
    """Four of seven say yes, two of them by the hand of the others."""
    moved = steward(here, profile)
    here.all_cast(("Ana", "Bela"), moved, "yes")
    return moved, [ballot(here, moved, whose, when) for whose in ("Chidi", "Dilek")]


def test_a_ballot_cast_with_help_ends_no_vote_early():
    here = village()
    moved, _ = by_two_and_two_with_help(here, "early")

    assert here.status(moved, FOUNDED + HOUR) == "open"
    here.all_cast(("Emre", "Femi"), moved, "yes")
    assert here.status(moved, FOUNDED + 2 * HOUR) == "effective"


def test_a_joining_is_not_decided_early_by_ballots_cast_with_help():
    here = village()
    asked = here.join("Hana", here.invite("Ana", "Hana"))
    here.vote("Bela", asked, "yes")
    said = [ballot(here, asked, whose, FOUNDED) for whose in ("Chidi", "Dilek", "Emre", "Femi")]

    assert here.status(asked, FOUNDED + HOUR) == "open"
    for whose, one in zip(("Chidi", "Dilek", "Emre", "Femi"), said, strict=True):
        contest(here, one, whose, FOUNDED + 2 * HOUR)
    assert here.status(asked, FOUNDED + 60 * DAY) == "failed"
    assert here.book.ledger.persons[person("Hana")].standing != people.MEMBER


def test_a_joining_that_rests_on_ballots_cast_with_help_waits_until_nobody_can_contest_them():
    here = village()
    asked = here.join("Hana", here.invite("Ana", "Hana"))
    closes = here.proposal(asked).closes
    said = [ballot(here, asked, whose, closes - 1) for whose in ("Chidi", "Dilek", "Emre", "Femi")]

    assert here.status(asked, closes + DAY) == "decided"
    assert here.book.ledger.persons[person("Hana")].standing == "candidate"
    contest(here, said[0], "Chidi", closes + DAY)
    contest(here, said[1], "Dilek", closes + DAY)
    assert here.status(asked, closes - 1 + WEEK) == "failed"
    assert here.book.ledger.persons[person("Hana")].standing != people.MEMBER
    assert_every_book_is_the_same(here)
    recounted(here, asked)


def test_who_is_admitted_by_ballots_that_nobody_contests_is_a_member_from_that_day_on():
    here = village()
    asked = here.join("Hana", here.invite("Ana", "Hana"))
    closes = here.proposal(asked).closes
    for whose in ("Chidi", "Dilek", "Emre"):
        ballot(here, asked, whose, closes - 1)

    assert here.status(asked, closes - 1 + WEEK) == "passed"
    assert people.member_since(here.book.ledger.persons[person("Hana")]) == closes - 1 + WEEK
    assert_every_book_is_the_same(here)
    recounted(here, asked)


def test_what_passes_by_ballots_of_the_last_moment_does_not_act_before_they_can_be_contested_no_more():
    here = village()
    moved, _ = by_two_and_two_with_help(here, when=ENDED - 1)

    assert here.status(moved, ENDED) == "decided"
    assert not is_steward(here)
    assert not here.proposal(moved).is_decided
    assert here.status(moved, ENDED + WEEK - 2) == "decided"
    assert here.status(moved, ENDED + WEEK - 1) == "effective"
    assert is_steward(here)
    assert_every_book_is_the_same(here)


def test_a_ballot_that_is_contested_after_the_end_does_not_count():
    here = village()
    moved, (_, said) = by_two_and_two_with_help(here, when=ENDED - 1)
    contest(here, said, "Dilek", ENDED + 1)

    assert here.status(moved, ENDED + WEEK) == "failed"
    decision = here.proposal(moved).course.decision
    assert (decision.yes, decision.reason, is_steward(here)) == (3, "threshold", False)
    assert_every_book_is_the_same(here)
    recounted(here, moved)


def test_a_vote_that_passes_without_them_waits_for_nobody():
    here = village()
    moved, (_, said) = by_two_and_two_with_help(here, when=ENDED - 1)
    here.all_cast(("Emre", "Femi"), moved, "yes", ENDED - 1)

    assert here.status(moved, ENDED) == "effective"
    contest(here, said, "Dilek", ENDED + 1)
    assert here.proposal(moved).course.decision.yes == 6
    assert recounted(here, moved).outcome.decision.yes == 6


def test_a_yes_with_help_hides_behind_no_no_with_help():
    here = found(*NAMES, profiles={"cast": replace(PLAIN, base="for+against")})
    moved = steward(here, "cast")
    here.all_cast(("Ana", "Bela"), moved, "yes")
    here.cast("Femi", moved, "no")
    said = [ballot(here, moved, "Chidi", ENDED - 1), ballot(here, moved, "Dilek", ENDED - 1, "no")]
    said.append(ballot(here, moved, "Emre", ENDED - 1, "no"))
    here.cast("Gita", moved, "yes", ENDED - 1)

    assert here.status(moved, ENDED) == "decided"
    contest(here, said[0], "Chidi", ENDED)
    assert here.status(moved, ENDED + WEEK) == "failed"


def test_votes_that_go_through_others_by_a_word_said_with_help_wait_too():
    here = village()
    moved = steward(here)
    here.all_cast(("Ana", "Bela"), moved, "yes")
    body = {"to": person("Ana"), "scope": "all", "of": "", "until": None}
    said = [here.helped("Ana", "Bela", who, "governance.delegated", body, ENDED - 1) for who in ("Chidi", "Dilek")]

    assert here.status(moved, ENDED) == "decided"
    contest(here, said[0], "Chidi", ENDED + DAY)
    assert here.status(moved, ENDED + WEEK) == "failed"
    assert here.proposal(moved).course.carried == {person("Dilek"): person("Ana")}
    assert_every_book_is_the_same(here)
    recounted(here, moved)


def test_while_it_waits_nobody_votes_challenges_or_publishes():
    here = village()
    moved, _ = by_two_and_two_with_help(here, when=ENDED - 1)
    here.book.advance(ENDED)

    with here.refuses("takes no ballots any more"):
        here.cast("Emre", moved, "no")
    with here.refuses("cannot be challenged"):
        here.say("Emre", "governance.challenged", {"proposal": moved.id, "why": "ab" * 32})


def test_what_may_be_challenged_may_be_so_from_the_last_count_on():
    here = found(*NAMES, profiles={"slow": replace(PLAIN, challenge_hours=48, challengers=1)})
    moved, _ = by_two_and_two_with_help(here, "slow", ENDED - 1)

    counted = ENDED + WEEK - 1
    assert here.status(moved, counted) == "decided"
    assert here.proposal(moved).is_decided
    assert here.status(moved, counted + 48 * HOUR) == "effective"


def test_sealed_ballots_cast_with_help_wait_once_they_are_opened():
    here = village()
    moved = here.move("Ana", "text", FOUNDED, "sealed", ["We meet on Mondays."], {"sealing": here.lock()})
    closes = here.proposal(moved).closes
    for name in ("Ana", "Bela"):
        here.seal(name, moved, "yes", closes - 1)
    said = []
    for name in ("Chidi", "Dilek"):
        box = here.boxed(name, moved, "yes")
        body = {"proposal": moved.id, "box": box}
        said.append(here.helped("Ana", "Bela", name, "governance.ballot_sealed", body, closes - 1))
    here.unseal("Ana", moved, closes + HOUR)

    assert here.proposal(moved).status == "decided"
    contest(here, said[0], "Chidi", closes + DAY)
    assert here.status(moved, closes + WEEK) == "failed"
    assert_every_book_is_the_same(here)
    recounted(here, moved)


def test_where_the_last_of_two_ballots_with_help_is_contested_the_one_before_is_still_marked():
    here = village()
    moved = steward(here)
    first = ballot(here, moved, "Chidi", FOUNDED + 1, "no")
    last = ballot(here, moved, "Chidi", FOUNDED + 2, "yes")
    contest(here, last, "Chidi", FOUNDED + 3)

    assert here.proposal(moved).ballots == {person("Chidi"): "no"}
    assert here.proposal(moved).course.assisted == {person("Chidi"): first.index}
    assert of(here.book).open == [moved.id]


def test_whoever_hands_out_a_count_cannot_say_that_it_waited_where_nothing_did():
    here = village()
    moved, (_, said) = by_two_and_two_with_help(here, when=ENDED - 1)
    here.all_cast(("Emre", "Femi", "Gita"), moved, "no")
    here.book.advance(ENDED)
    contest(here, said, "Dilek", ENDED + 1)
    failed = steward(here, when=ENDED + 2)
    here.cast("Ana", failed, "yes")
    here.book.advance(ENDED + 3 * WEEK)

    for one, counted in ((failed, 0), (failed, 1_000), (moved, 0)):
        forged = rewritten(export(here, one), "proposal.json", lambda vote, to=counted: vote.update(counted=to))
        with pytest.raises(NotRecounted, match="nothing had to wait"):
            recount(forged)
