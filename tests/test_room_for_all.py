"""Nobody fills the book that everybody keeps: texts that nobody proposes and notices without end are refused."""

from governance.loose import LOOSE_MAX
from governance.part import of
from governance.voice_facts import OFTEN_MAX
from tests.riverbend import REFUSED, Riverbend
from tests.test_consent import answer, objection
from tests.test_consent import village as consenting
from tests.test_life_after import resolution
from tests.village import FOUNDED, Village, found, parts, person, titled

NAMES = ("Ana", "Bela", "Chidi")


def full_of_texts() -> Village:
    """A cooperative in which Ana has put down as many texts as may lie there for nothing."""
    here = found(*NAMES)
    for number in range(LOOSE_MAX):
        here.put("Ana", f"We buy {number} presses.")
    return here


def test_texts_that_nobody_proposes_are_not_put_down_without_end():
    here = full_of_texts()

    with here.refuses("50 texts of yours are named by no proposal"):
        here.put("Ana", "We buy a wheel.")
    here.put("Bela", "We buy a wheel.")
    assert parts(here.again()) == parts(here.book)


def test_what_is_proposed_makes_room_for_other_texts():
    here = full_of_texts()
    here.move("Bela", "text", texts=["We buy 7 presses."])

    here.put("Ana", "We buy a wheel.")
    with here.refuses("are named by no proposal"):
        here.put("Ana", "We buy a cart.")
    own = of(here.book)
    lying = [own.texts[one] for one, by in own.loose.items() if by == person("Ana")]
    assert (len(lying), "We buy 7 presses." in lying) == (LOOSE_MAX, False)


def test_a_rule_that_a_sunset_falls_back_on_is_named_too():
    here = found(*NAMES)
    last = here.put("Ana", titled("Fallback"))
    for number in range(LOOSE_MAX - 1):
        here.put("Ana", f"We buy {number} presses.")
    terms = {"sunset": "2026-08-01", "fallback": last}
    here.move("Bela", "rule", FOUNDED, texts=[titled("Second")], terms=terms)

    here.put("Ana", "We buy a wheel.")


def test_the_new_version_that_answers_an_objection_is_named_too():
    here = consenting()
    moved = resolution(here, "objecting")
    objected = objection(here, "Bela", moved)
    put = here.put("Ana", "We meet on Tuesdays.")
    assert put in of(here.book).loose

    answer(here, "Ana", objected, "amend", "We meet on Tuesdays.")
    assert of(here.book).loose == {}


def test_who_proposes_several_texts_and_has_room_for_one_leaves_none_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("governance.loose.LOOSE_MAX", 1)
    coop = Riverbend(tmp_path, *NAMES)
    before = coop.size("Ana")

    said = coop.run("Ana", "propose", "text", "We buy a press.", "--option", "We buy a wheel.")

    assert (said.code, "named by no proposal" in said.err) == (REFUSED, True)
    assert coop.size("Ana") == before
    coop.ok("Ana", "propose", "text", "We buy a press.")
    coop.ok("Ana", "propose", "text", "We buy a wheel.")


def told(here: Village, who: str, moved, what: str = "reminder") -> None:
    rows = [{"person": person(name), "how": "phone"} for name in NAMES]
    here.say(who, "governance.notified", {"proposal": moved.id, "what": what, "told": rows})


def test_who_tells_of_a_vote_again_and_again_is_stopped_and_keeps_nobody_else_from_telling():
    here = found(*NAMES)
    moved = here.move("Ana", "text", texts=["We buy a press."])
    told(here, "Ana", moved, "notice")
    for _ in range(OFTEN_MAX - 1):
        told(here, "Ana", moved)

    with here.refuses("you have told every member 10 times"):
        told(here, "Ana", moved)
    told(here, "Bela", moved)
    course = here.proposal(moved).course
    assert len(course.told[person("Chidi")]) == OFTEN_MAX + 1
    assert course.told_by == {person("Ana"): 30, person("Bela"): 3}
