"""Matters at each point of their lives, in memory: what docs/DECIDING.md shows of them in a line."""

import textwrap
from collections.abc import Iterator

from governance.looks import life_line
from governance.words import result_words
from ledger.private import Text
from tests.village import DAY, FOUNDED, HOUR, Village, found, titled

NAMES = ("Ana", "Bela", "Chidi", "Dilek", "Emre")
WEEK = 7 * DAY
LABEL, WIDTH = 12, 118


def _here() -> Village:
    return found(*NAMES)


def _line(here: Village, moved: object, at: int, head: str) -> str:
    status = here.status(moved, at)
    assert status == head, (status, head)
    # On a terminal a line that is too long goes on below.
    line = f"{head:<{LABEL}}{life_line(here.book, here.proposal(moved))}"
    return textwrap.fill(line, WIDTH, subsequent_indent=" " * LABEL, break_on_hyphens=False)


def before() -> Iterator[str]:
    """A draft, and a matter of which notice has been given."""
    here = _here()
    draft = here.move("Ana", "text", FOUNDED, texts=["We meet on Mondays."], terms={"draft": True})
    yield _line(here, draft, FOUNDED + HOUR, "draft")
    told = here.move("Ana", "text", profile="uk-worker-coop-meeting", texts=["We buy a van."])
    yield _line(here, told, FOUNDED + DAY, "notice")


def voting() -> Iterator[str]:
    """An open vote, and one whose sealed ballots wait to be opened."""
    here = _here()
    text = here.move("Ana", "text", FOUNDED, texts=["We meet on Mondays."])
    yield _line(here, text, FOUNDED + DAY, "open")
    sealed = here.move("Ana", "text", profile="sealed", texts=["We buy a van."], terms={"sealing": here.lock()})
    here.seal("Ana", sealed, "yes")
    yield _line(here, sealed, FOUNDED + 9 * DAY, "closed")


def passed() -> Iterator[str]:
    """What was decided: it waits to be challenged, has taken effect, waits for its period, holds, held, has ended."""
    here = _here()
    unit = here.move("Ana", "text", FOUNDED, profile="pilot-unit", texts=["We buy a van."])
    here.all_cast(NAMES, unit, "yes")
    yield _line(here, unit, FOUNDED + 4 * DAY, "decided")
    yield _line(here, unit, FOUNDED + 7 * DAY, "effective")
    rule = here.move("Ana", "rule", texts=[titled("More kept")])
    here.all_cast(NAMES, rule, "yes")
    yield _line(here, rule, FOUNDED + 15 * DAY, "passed")
    yield _line(here, rule, FOUNDED + 40 * DAY, "in force")
    short = here.move("Ana", "text", texts=["The shop opens on Sundays."], terms={"sunset": "2025-12-31"})
    here.all_cast(NAMES, short, "yes")
    yield _line(here, short, FOUNDED + 170 * DAY, "lapsed")


def ended() -> Iterator[str]:
    """What came to nothing: too few, taken back, overtaken, forgotten."""
    here = _here()
    few = here.move("Ana", "text", FOUNDED, texts=["We meet on Mondays."])
    draft = here.move("Ana", "text", texts=["We meet on Sundays."], terms={"draft": True})
    taken_back = here.move("Bela", "text", texts=["We meet on Fridays."])
    unit = here.move("Ana", "text", profile="pilot-unit", texts=["We buy a van."])
    here.all_cast(NAMES[:2], few, "yes")
    here.all_cast(NAMES[:3], unit, "yes")
    here.say("Bela", "governance.withdrawn", {"proposal": taken_back.id}, FOUNDED + DAY)
    for name in NAMES[3:]:
        why = {"proposal": unit.id, "why": Text("Half of us were away.")}
        here.say(name, "governance.challenged", why, FOUNDED + 4 * DAY)
    yield _line(here, unit, FOUNDED + 4 * DAY, "superseded")
    yield _line(here, few, FOUNDED + 8 * DAY, "failed")
    yield _line(here, taken_back, FOUNDED + 8 * DAY, "withdrawn")
    yield _line(here, draft, FOUNDED + 91 * DAY, "expired")


def again() -> Iterator[str]:
    """A meeting that too few came to, and the one that is called by itself."""
    here = _here()
    meeting = here.move("Ana", "text", FOUNDED, profile="uk-worker-coop-meeting", texts=["We buy a barn."])
    here.all_cast(NAMES[:2], meeting, "yes", FOUNDED + 15 * DAY)
    yield _line(here, meeting, FOUNDED + 18 * DAY, "failed")
    yield _line(here, here.after(meeting), FOUNDED + 18 * DAY, "notice")


def consents() -> Iterator[str]:
    """Results of a decision by consent: nobody objects, somebody does."""
    for objects in (False, True):
        here = found(*(f"Member {number}" for number in range(26)))
        moved = here.move("Member 0", "text", FOUNDED, profile="consent", texts=["We meet on Mondays."])
        if objects:
            said = {"text": Text("Nobody can come on Mondays."), "harm": Text("We decide without half of us.")}
            here.say("Member 1", "governance.objected", {"proposal": moved.id} | said)
        here.book.advance(FOUNDED + WEEK)
        yield result_words(here.proposal(moved))


LIVES = {"again": again, "before": before, "voting": voting, "passed": passed, "ended": ended}
