"""The life of a matter up to its count: draft, notice, open, extended, closed, and what was pinned when it opened."""

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from governance.cranks import turns
from governance.days import after_clear_days, local_date
from governance.part import of
from governance.presets import PRESETS
from governance.profile import PLAIN, Quorum, digest
from governance.profile_words import written
from ledger.book import Book
from tests.keyring import add, revoke
from tests.village import DAY, FOUNDED, HOUR, Village, at, found, person, titled

NAMES = ("Ana", "Bela", "Chidi", "Dilek", "Emre")
WEEK = 7 * DAY
MEETING = "uk-worker-coop-meeting"
HALF = Quorum(kind="participation", number=0, fraction=(1, 2))
PROFILES = {
    "late": replace(PLAIN, base="cast", quorum=HALF, extension_hours=24, extension_window_hours=24),
    "late-and-early": replace(PLAIN, quorum=HALF, extension_hours=24, early=True),
    "early": replace(PLAIN, early=True),
    "notice": replace(PLAIN, notice_days=20),
}


def village(*names: str) -> Village:
    """A cooperative of five, or of these."""
    return found(*(names or NAMES), profiles=PROFILES)


def resolution(here: Village, when: int = FOUNDED, profile: str = "simple-majority", who: str = "Ana", **terms: object):
    """Somebody puts a resolution before the members."""
    return here.move(who, "text", when, profile, ["We meet on Mondays."], terms)


# A draft.


def test_a_draft_waits_until_its_author_announces_it():
    here = village()
    moved = resolution(here, draft=True)
    with here.refuses("is not open yet"):
        here.cast("Bela", moved, "yes", FOUNDED + DAY)
    with here.refuses("no draft of yours"):
        here.say("Bela", "governance.announced", {"proposal": moved.id})
    assert here.status(moved) == "draft"

    here.say("Ana", "governance.announced", {"proposal": moved.id}, FOUNDED + 2 * DAY)

    proposal = here.proposal(moved)
    assert (proposal.status, proposal.opened) == ("open", FOUNDED + 2 * DAY)
    assert proposal.closes == FOUNDED + 2 * DAY + WEEK


def test_who_joins_while_a_matter_is_a_draft_is_asked():
    here = village("Ana")
    moved = resolution(here, draft=True)
    here.join("Bela", here.invite("Ana", "Bela"))

    here.say("Ana", "governance.announced", {"proposal": moved.id}, FOUNDED + HOUR)

    assert here.proposal(moved).roll == sorted([person("Ana"), person("Bela")])


def test_a_draft_that_nobody_announces_expires_after_ninety_days():
    here = village()
    moved = resolution(here, draft=True)

    assert here.status(moved, FOUNDED + 90 * DAY - 1) == "draft"
    assert here.status(moved, FOUNDED + 90 * DAY) == "expired"
    assert here.proposal(moved).course.reason == "never announced"
    with here.refuses("no draft of yours"):
        here.say("Ana", "governance.announced", {"proposal": moved.id})


def test_a_draft_gets_the_notice_that_the_members_have_asked_for_meanwhile():
    here = village()
    draft = resolution(here, profile="late", draft=True)
    careful = written(replace(PROFILES["late"], notice_days=3))
    change = here.move("Ana", "profile", FOUNDED, "late", [careful], {"names": ["late"]})
    here.all_cast(NAMES, change, "yes")

    here.say("Ana", "governance.announced", {"proposal": draft.id}, FOUNDED + WEEK)

    assert here.status(change) == "effective"
    assert here.status(draft) == "notice"
    assert here.proposal(draft).course.opens == at("2025-08-12")


def test_a_profile_that_has_come_to_choose_otherwise_meanwhile_opens_nothing_it_cannot_decide():
    here = village()
    seats = written(replace(PROFILES["notice"], method="stv", tie="lot"))
    change = here.move("Ana", "profile", FOUNDED, "notice", [seats], {"names": ["notice"]})
    waiting = resolution(here, FOUNDED + 10 * DAY, profile="notice")
    here.all_cast(NAMES, change, "yes", at("2025-08-23"))

    assert here.status(waiting, FOUNDED + 50 * DAY) == "superseded"
    assert here.status(change) == "effective"
    assert here.proposal(waiting).course.reason == "Seats are for candidates"


# Notice.


def test_notice_runs_in_clear_days_and_no_ballot_is_taken_before_it_ends():
    here = village()
    moved = resolution(here, profile=MEETING)

    assert here.status(moved) == "notice"
    with here.refuses("is not open yet"):
        here.cast("Bela", moved, "yes", at("2025-08-15T23:59:59Z"))
    assert here.status(moved, at("2025-08-16")) == "open"
    assert here.proposal(moved).closes == at("2025-08-18")


@cache
def book_in(zone: str) -> Book:
    return found("Ana", zone=zone).book


@given(
    st.sampled_from(["UTC", "Europe/Rome", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]),
    st.integers(FOUNDED, FOUNDED + 600 * DAY),
    st.integers(0, 40),
)
@example("Europe/Rome", at("2026-03-30T23:00:00Z") - 1, 1)  # in a period in which clocks go forward
def test_between_notice_and_opening_lie_as_many_whole_days_as_the_profile_says(zone, instant, days):
    book = book_in(zone)

    opens = after_clear_days(book, instant, days)

    assert opens - instant >= days * DAY
    assert opens - instant <= (days + 1) * DAY + HOUR
    assert (local_date(book, opens + HOUR) - local_date(book, instant)).days == days + 1


def test_shorter_notice_needs_so_many_of_the_members_as_the_profile_says():
    here = village()
    moved = resolution(here, profile=MEETING)
    for name in NAMES[:4]:
        here.say(name, "governance.waived", {"proposal": moved.id}, FOUNDED + HOUR)
    assert here.status(moved) == "notice"
    with here.refuses("have said so already"):
        here.say("Ana", "governance.waived", {"proposal": moved.id})

    here.say("Emre", "governance.waived", {"proposal": moved.id}, FOUNDED + 2 * HOUR)

    assert (here.proposal(moved).status, here.proposal(moved).opened) == ("open", FOUNDED + 2 * HOUR)


def test_a_profile_without_a_waiver_keeps_its_notice():
    here = village()
    moved = resolution(here, profile="entrenched-100")

    with here.refuses("cannot be shortened"):
        here.say("Ana", "governance.waived", {"proposal": moved.id})


# Open, and the end.


def test_a_ballot_counts_until_the_last_millisecond_and_not_at_the_end():
    here = village()
    moved = resolution(here)
    here.all_cast(("Ana", "Bela", "Chidi"), moved, "yes", FOUNDED + WEEK - 1)

    assert here.status(moved, FOUNDED + WEEK) == "effective"
    with here.refuses(r"is decided\. Passed: 3 for, 0 against"):
        here.cast("Dilek", moved, "no", FOUNDED + WEEK)


def test_a_ballot_signed_in_time_that_comes_too_late_is_kept_and_marked_and_not_counted():
    here = village()
    moved = resolution(here)
    here.all_cast(("Ana", "Bela", "Chidi"), moved, "yes")

    late = here.cast("Dilek", moved, "no", FOUNDED + WEEK + DAY, signed=FOUNDED + WEEK - HOUR)

    course = here.proposal(moved).course
    assert course.late == {person("Dilek"): late.index}
    assert (course.decision.yes, course.decision.no, course.decision.cast) == (3, 0, 3)
    with here.refuses("is decided"):
        here.cast("Emre", moved, "no", FOUNDED + 2 * WEEK + 1, signed=FOUNDED + WEEK - HOUR)


def test_the_end_moves_once_where_the_quorum_is_first_reached_late():
    here = village()
    moved = resolution(here, profile="late")
    here.all_cast(("Ana", "Bela"), moved, "yes", FOUNDED + HOUR)
    here.cast("Chidi", moved, "yes", FOUNDED + WEEK - HOUR)

    assert here.status(moved, FOUNDED + WEEK) == "open"
    assert here.proposal(moved).closes == FOUNDED + WEEK + DAY
    here.all_cast(("Dilek", "Emre"), moved, "no", FOUNDED + WEEK + DAY - 1)
    assert here.status(moved, FOUNDED + WEEK + DAY) == "effective"
    assert here.proposal(moved).course.ended == FOUNDED + WEEK + DAY


@pytest.mark.parametrize(
    ("reached", "extended"),
    [(FOUNDED + HOUR, False), (FOUNDED + WEEK - DAY - 1, False), (FOUNDED + WEEK - DAY, True)],
)
def test_a_quorum_that_was_reached_in_time_moves_nothing(reached, extended):
    here = village()
    moved = resolution(here, profile="late")
    here.all_cast(("Ana", "Bela", "Chidi"), moved, "yes", reached)
    here.all_cast(("Dilek", "Emre"), moved, "no", FOUNDED + WEEK - 1)

    here.book.advance(FOUNDED + WEEK + DAY)

    assert here.proposal(moved).course.extended is extended


def test_changing_a_ballot_or_losing_the_quorum_again_does_not_take_the_extension_back():
    """OpenZeppelin PR 6681: an override lost the extended deadline."""
    here = village()
    moved = resolution(here, profile="late")
    here.all_cast(("Ana", "Bela"), moved, "yes", FOUNDED + HOUR)
    helped = here.helped(
        "Ana", "Bela", "Chidi", "governance.voted", {"proposal": moved.id, "choice": "yes"}, FOUNDED + WEEK - HOUR
    )
    here.cast("Ana", moved, "no")
    here.say("Chidi", "ledger.contested", {"entry": helped.id})
    assert len(here.proposal(moved).ballots) == 2

    assert here.status(moved, FOUNDED + WEEK) == "open"
    assert here.status(moved, FOUNDED + WEEK + DAY) == "failed"
    assert here.proposal(moved).course.decision.reason == "quorum"


def test_a_quorum_reached_late_by_letting_others_vote_moves_the_end_too():
    here = village()
    moved = resolution(here, profile="late")
    here.all_cast(("Ana", "Bela"), moved, "yes", FOUNDED + HOUR)

    here.delegate("Chidi", "Ana", at=FOUNDED + WEEK - HOUR)

    assert here.status(moved, FOUNDED + WEEK) == "open"


def test_a_vote_that_nothing_can_change_any_more_ends_at_once_though_its_quorum_came_late():
    here = village()
    moved = resolution(here, profile="late-and-early")
    here.all_cast(("Ana", "Bela", "Chidi"), moved, "yes", FOUNDED + WEEK - HOUR)

    assert here.status(moved) == "effective"
    assert here.proposal(moved).course.ended == FOUNDED + WEEK - HOUR


def test_who_lets_another_vote_may_still_vote_herself_so_her_voice_settles_nothing_early():
    here = village()
    for name in ("Bela", "Chidi"):
        here.delegate(name, "Ana")
    moved = resolution(here, profile="early")
    here.cast("Ana", moved, "yes")

    assert here.status(moved) == "open"
    here.all_cast(("Bela", "Chidi"), moved, "no")
    assert here.status(moved, FOUNDED + WEEK + DAY) == "failed"


# What is pinned.


def test_a_profile_that_is_changed_while_a_vote_is_open_changes_nothing_in_it():
    """CVE-2022-31198: a quorum read live made votes pass that had failed."""
    here = village()
    change = here.move(
        "Ana",
        "profile",
        FOUNDED,
        texts=[written(replace(PLAIN, threshold=(1, 5)))],
        terms={"names": ["simple-majority"]},
    )
    here.all_cast(NAMES, change, "yes")
    running = resolution(here, FOUNDED + WEEK - 1)
    here.all_cast(("Ana", "Bela"), running, "yes")
    assert here.status(change, FOUNDED + WEEK) == "effective"

    failed = here.status(running, FOUNDED + 3 * WEEK)
    later = resolution(here, FOUNDED + 3 * WEEK)
    here.all_cast(("Ana", "Bela"), later, "yes")

    assert failed == "failed"
    assert here.proposal(running).profile == PLAIN
    assert here.proposal(running).course.decision.needed == 3
    assert here.status(later, FOUNDED + 4 * WEEK) == "effective"
    assert here.status(running) == "failed"


def test_who_joins_while_a_vote_is_open_is_not_on_its_roll():
    here = village("Ana")
    moved = resolution(here)
    here.join("Bela", here.invite("Ana", "Bela", FOUNDED + HOUR))

    with here.refuses("opened before you were a member"):
        here.cast("Bela", moved, "yes", FOUNDED + 2 * HOUR)
    here.book.advance(FOUNDED + WEEK)
    assert here.proposal(moved).roll == [person("Ana")]
    assert here.proposal(moved).course.decision.roll == 1


def test_what_was_pinned_is_published_by_anybody_once_and_exactly():
    here = village()
    moved = resolution(here, recused=[person("Ana")])
    (kind, body), *_ = turns(here.book, FOUNDED)

    with here.refuses("not what was pinned"):
        here.say("Bela", kind, body | {"size": 4})
    here.say("Bela", kind, body)
    with here.refuses("published already"):
        here.say("Chidi", kind, body)

    assert (body["proposal"], body["size"], body["recused"]) == (moved.id, 5, [person("Ana")])
    assert body["profile"] == digest(PRESETS["simple-majority"])


def test_the_roll_that_is_published_holds_the_keys_of_the_opening_whenever_it_is_published():
    here = village()
    resolution(here)
    before = turns(here.book, FOUNDED)

    add(here, "Bela", "Bela", "Bela's telephone", FOUNDED + DAY)
    revoke(here, "Bela", "Bela's telephone", "Bela", at=FOUNDED + DAY)

    assert turns(here.book, FOUNDED + DAY) == before


def test_options_that_are_put_down_later_never_reach_an_open_vote():
    here = village()
    moved = here.move("Ana", "rule", FOUNDED, "debian-options", [titled("One"), titled("Two")])
    before = list(here.proposal(moved).options)

    here.put("Ana", titled("Three"), FOUNDED + DAY)

    assert here.proposal(moved).options == before
    assert len(of(here.book).texts) == 3
    with here.refuses("no option '3'", code=2):
        here.cast("Ana", moved, "3>1")


# Taking it back.


@pytest.mark.parametrize(
    ("profile", "terms", "status"),
    [("simple-majority", {"draft": True}, "draft"), (MEETING, {}, "notice"), ("simple-majority", {}, "open")],
)
def test_whoever_put_it_takes_it_back_before_it_is_decided(profile, terms, status):
    here = village()
    moved = resolution(here, profile=profile, **terms)
    assert here.status(moved) == status
    with here.refuses("not yours to withdraw"):
        here.say("Bela", "governance.withdrawn", {"proposal": moved.id})

    here.say("Ana", "governance.withdrawn", {"proposal": moved.id}, FOUNDED + HOUR)

    assert here.status(moved, FOUNDED + 200 * DAY) == "withdrawn"
    assert here.proposal(moved).course.decision is None
    with here.refuses("it is withdrawn"):
        here.say("Ana", "governance.withdrawn", {"proposal": moved.id})
