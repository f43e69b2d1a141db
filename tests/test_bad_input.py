"""What cannot be meant is refused in words before anybody is asked, with exit code 6 or 2, and nothing is recorded."""

import pytest

from governance.matters import names as sorts
from tests.village import FOUNDED, HOUR, Village, found, titled

NAMES = ("Ana", "Bela", "Chidi", "Dilek", "Emre", "Femi")
WEEK = 7 * 24 * HOUR
ENDED = FOUNDED + WEEK


def village(*names: str) -> Village:
    """A cooperative of six, or of these."""
    return found(*(names or NAMES))


def resolution(here: Village, profile: str = "simple-majority", when: int = FOUNDED, **terms: object):
    return here.move("Ana", "text", when, profile, ["We meet on Mondays."], terms)


def test_who_is_not_on_the_roll_is_told_why():
    here = village("Ana", "Bela", "Chidi")
    moved = resolution(here)
    joined = here.join("Dilek", here.invite("Ana", "Dilek"))
    here.vote("Bela", joined, "yes")

    with here.refuses("opened before you were a member; its roll is fixed"):
        here.cast("Dilek", moved, "yes", FOUNDED + HOUR)


@pytest.mark.parametrize(
    ("profile", "choice", "code", "words"),
    [
        ("debian-options", "3>1", 2, "no option '3'"),
        ("debian-options", "1>1", 2, "stands there twice"),
        ("debian-options", "1>2=1", 2, "stands there twice"),
        ("debian-options", "1>>2", 2, "no option ''"),
        ("debian-options", ">", 2, "no option ''"),
        ("debian-options", "2=1", 2, "is spelled '1=2'"),
        ("instant-runoff", "1=2", 2, "no two options share a rank"),
        ("approval", "1,3", 2, "no option '3'"),
        ("approval", "1,1", 2, "stands there twice"),
        ("score", "1=6", 2, "gets '6'"),
        ("score", "1=5,4=1", 2, "no option '4'"),
        ("score", "1", 2, "gets ''"),
        ("star", "1=05", 2, "is spelled '1=5'"),
        ("debian-options", "1 > 2", 6, "do not belong there"),
        ("debian-options", "", 6, "do not belong there"),
        ("debian-options", "1>" * 251, 6, "more than 500 letters"),
        ("debian-options", "yes", 2, "no option 'yes'"),
    ],
)
def test_a_ballot_that_says_nothing_here_is_refused(profile, choice, code, words):
    here = village()
    moved = here.move("Ana", "text", FOUNDED, profile, ["We meet on Mondays.", "On Fridays."])

    with here.refuses(words, code):
        here.cast("Ana", moved, choice)


@pytest.mark.parametrize(("choice", "code"), [("maybe", 2), ("Yes", 2), ("", 2), ("1", 2)])
def test_where_members_say_yes_or_no_nothing_else_is_a_ballot(choice, code):
    here = village()
    moved = resolution(here)

    with here.refuses(".", code):
        here.cast("Ana", moved, choice)
    with here.refuses("yes, no or abstain"):
        here.say("Ana", "governance.ballot_cast", {"proposal": moved.id, "choice": "yes"})


def test_a_ballot_for_a_proposal_there_is_not_is_refused():
    here = village()

    with here.refuses("no such proposal"):
        here.say("Ana", "governance.voted", {"proposal": "ab" * 32, "choice": "yes"})


def test_a_proposal_whose_base_rule_is_no_longer_current_is_refused():
    here = village()
    old = here.move("Ana", "rule", FOUNDED, texts=[titled("One")])
    here.all_cast(NAMES, old, "yes")
    here.book.advance(ENDED)
    here.put("Bela", titled("Two"))

    with here.refuses("no longer the newest"):
        here.move("Bela", "rule", None, texts=[titled("Two")], replaces=here.proposal(old).replaces)


@pytest.mark.parametrize(
    ("sort", "profile", "texts", "terms", "words"),
    [
        ("weather", "simple-majority", [], {}, "no matter for a vote"),
        ("join", "simple-majority", [], {}, "no matter for a proposal"),
        ("text", "coin", ["Aye."], {}, "no profile 'coin'"),
        ("text", "joining", ["Aye."], {}, "no profile 'joining'"),
        ("text", "simple-majority", ["Aye.", "Nay."], {}, "a way of voting that chooses"),
        ("text", "simple-majority", [], {}, "one text or several"),
        ("text", "median", ["Aye."], {}, "set the numbers of a rule"),
        ("text", "scottish-stv", ["Aye."], {}, "Seats are for candidates"),
        ("text", "debian-options", ["Aye."], {"ratios": [[3, 1], [1, 1]]}, "one for each"),
        ("text", "approval", ["Aye."], {"ratios": [[3, 1]]}, "belong to ranked options"),
        ("text", "simple-majority", ["Aye."], {"seats": 2}, "nothing that belongs to another matter"),
        ("text", "simple-majority", ["Aye."], {"amount": 5}, "nothing that belongs to another matter"),
        ("text", "simple-majority", ["Aye."], {"weights": [1, 2]}, "is not known"),
        ("text", "sealed", ["Aye."], {}, "need a lock"),
        ("member", "consent", [], {}, "."),
        ("rule", "simple-majority", ["Aye."], {}, "."),
    ],
)
def test_a_proposal_that_could_not_be_decided_is_refused_before_anybody_is_asked(sort, profile, texts, terms, words):
    here = village()
    for text in texts:
        here.put("Ana", text)

    with here.refuses(words):
        here.move("Ana", sort, FOUNDED, profile, texts, terms)


def test_a_roll_below_the_minimum_of_the_profile_is_refused():
    here = village("Ana")
    here.put("Ana", "We meet on Mondays.")

    with here.refuses("1 would be asked; uk-worker-coop-meeting needs at least 2"):
        resolution(here, "uk-worker-coop-meeting")


def test_the_lock_of_a_sealed_vote_is_one_that_this_log_can_open():
    here = village()
    here.put("Ana", "We meet on Mondays.")
    lock = here.lock()

    with here.refuses("has not signed that it can open"):
        resolution(here, "sealed", sealing=lock | {"public": "ab" * 32})
    with here.refuses("has not signed that it can open"):
        resolution(here, "sealed", sealing=lock | {"log": "ab" * 32})
    with here.refuses("Open ballots need no lock"):
        resolution(here, sealing=lock)
    with here.refuses("has no sunset"):
        resolution(here, "sealed", sealing=lock, sunset="2025-11-20")


def test_nobody_proposes_more_than_members_can_read():
    here = village()
    for place in range(50):
        here.move("Ana", "text", FOUNDED, texts=[f"Resolution {place}."])
    here.put("Ana", "One too many.")

    with here.refuses("You have 50 matters"):
        here.move("Ana", "text", FOUNDED, texts=["One too many."])
    here.move("Bela", "text", FOUNDED, texts=["One too many."])


def test_who_is_no_member_decides_nothing():
    here = village()
    moved = resolution(here)
    here.join("Gita", here.invite("Ana", "Gita"))
    here.say("Femi", "ledger.left", {})

    for name in ("Gita", "Femi"):
        with here.refuses("may not state this", code=4):
            here.cast(name, moved, "yes")
    with here.refuses("not known", code=4):
        here.cast("Nobody", moved, "yes")


def test_every_sort_of_matter_is_refused_without_what_it_is_about():
    here = village()

    for sort in sorts():
        with here.refuses("."):
            here.move("Ana", sort, FOUNDED)
