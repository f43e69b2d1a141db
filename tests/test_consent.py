"""By consent: what nobody has a reasoned objection to is decided; else it is answered, or a vote opens by itself."""

import pytest
from msgspec.structs import replace

from governance.profile import PLAIN
from ledger.private import Text
from tests.test_life_after import ENDED, NAMES, WEEK, follows, resolution
from tests.village import DAY, FOUNDED, Village, found

PROFILES = {
    "cast": replace(PLAIN, base="cast"),
    "objecting": replace(PLAIN, method="consent", fallback="cast"),
}


def village() -> Village:
    """A cooperative of five."""
    return found(*NAMES, profiles=PROFILES)


def test_what_nobody_objects_to_is_decided():
    here = village()
    moved = resolution(here, "objecting")

    with here.refuses("by consent: nobody votes"):
        here.say("Bela", "governance.ballot_cast", {"proposal": moved.id, "choice": "yes"})
    assert here.status(moved, ENDED) == "effective"


def objection(here: Village, who: str, moved, when: int | None = None):
    body = {"proposal": moved.id, "text": Text("Mondays are market days."), "harm": Text("The shop would be shut.")}
    return here.say(who, "governance.objected", body, when)


def answer(here: Village, who: str, objected, how: str, text: str = "", when: int | None = None):
    options = [here.put(who, text)] if text else []
    return here.say(who, "governance.answered", {"objection": objected.id, "how": how, "options": options}, when)


def test_an_objection_that_stands_opens_the_vote_that_was_named_for_this():
    here = village()
    moved = resolution(here, "objecting")
    objection(here, "Bela", moved)

    assert here.status(moved, ENDED) == "failed"
    vote = here.after(moved)
    assert here.proposal(moved).course.decision.reason == "objections"
    assert (vote.status, vote.profile_name, vote.course.why) == ("open", "cast", "fallback")
    assert vote.id == follows("fallback", moved.id)
    here.all_cast(NAMES[:3], vote, "yes")
    assert here.status(vote, ENDED + WEEK) == "effective"


def test_an_objection_that_is_lifted_by_who_raised_it_stands_no_more():
    here = village()
    moved = resolution(here, "objecting")
    objected = objection(here, "Bela", moved)
    with here.refuses("Only who objected"):
        here.say("Ana", "governance.lifted", {"objection": objected.id})

    here.say("Bela", "governance.lifted", {"objection": objected.id}, FOUNDED + DAY)

    assert here.status(moved, ENDED) == "effective"


def test_with_a_new_version_everybody_is_asked_again_for_the_whole_time():
    here = village()
    moved = resolution(here, "objecting")
    objected = objection(here, "Bela", moved, FOUNDED + 6 * DAY)
    here.put("Ana", "We meet on Tuesdays.")
    with here.refuses("The proposer answers"):
        answer(here, "Chidi", objected, "amend", "We meet on Tuesdays.")
    with here.refuses("another text than before"):
        answer(here, "Ana", objected, "amend", "We meet on Mondays.")
    answer(here, "Ana", objected, "amend", "We meet on Tuesdays.", FOUNDED + 6 * DAY)

    version = here.after(moved)
    assert (here.status(moved), here.proposal(moved).course.reason) == ("superseded", "a new version")
    assert (version.closes, version.course.objections) == (FOUNDED + 13 * DAY, {})
    assert version.id == follows("version", moved.id)
    assert here.status(version, FOUNDED + 13 * DAY) == "effective"


def test_the_proposer_can_answer_by_withdrawing():
    here = village()
    moved = resolution(here, "objecting")
    objected = objection(here, "Bela", moved)
    with here.refuses("is no answer"):
        answer(here, "Ana", objected, "shrug")
    with here.refuses("has its text"):
        answer(here, "Ana", objected, "integrate")

    answer(here, "Ana", objected, "withdraw")

    assert here.status(moved, ENDED) == "withdrawn"
    with here.refuses("No such objection stands"):
        answer(here, "Ana", objected, "withdraw")


@pytest.mark.parametrize("lost", ["text", "harm"])
def test_an_objection_without_a_text_or_a_harm_is_none(lost):
    here = village()
    moved = resolution(here, "objecting")
    whole = {"proposal": moved.id, "text": Text("Mondays are market days."), "harm": Text("The shop would be shut.")}

    with here.refuses("not a governance.objected statement"):
        here.say("Bela", "governance.objected", {name: said for name, said in whole.items() if name != lost})


def test_an_objection_that_its_author_contests_does_not_stand():
    here = village()
    moved = resolution(here, "objecting")
    body = {"proposal": moved.id, "text": "ab" * 32, "harm": "cd" * 32}
    helped = here.helped("Ana", "Bela", "Chidi", "governance.objected", body)
    here.say("Chidi", "ledger.contested", {"entry": helped.id}, FOUNDED + DAY)

    assert here.status(moved, ENDED) == "effective"
