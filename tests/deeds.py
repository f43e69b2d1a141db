"""What members of a cooperative may try in any order, at any time: joining, deciding in every way, delegating, leaving.

A script is a list of (time that passes, deed, number); the number says who does it, to whom, and how. What is refused
is not in the log.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from governance.boxes import labels_of
from governance.cranks import turns
from governance.part import CLOSED, DECIDED, DRAFT, NOTICE, OPEN, Proposal, of
from governance.profile import PLAIN, Quorum
from governance.profile_words import written
from ledger.errors import TallyError
from ledger.private import Text
from tests.village import DAY, DEFAULT, FOUNDED, HOUR, Village, found, person, titled

WEEK = 7 * DAY
PEOPLE = ("Ana", "Chidi", "Bela", "Dilek")
LATER = ("Emre", "Femi")
EVERYBODY = (*PEOPLE, *LATER)
CHOICES = (*("yes",) * 6, "no", "abstain")
FOUR = Quorum(kind="participation", number=2, fraction=(1, 2))
ONE = Quorum(kind="fixed", number=1, fraction=(0, 1))
LATE = replace(PLAIN, base="cast", quorum=FOUR, extension_hours=24, second_call=ONE)
PROFILES = {
    "late": replace(LATE, challenge_hours=48, challengers=1),
    "noticed": replace(PLAIN, notice_days=2, waiver=(1, 2)),
    "objecting": replace(PLAIN, method="consent", fallback="late"),
    "quick": replace(PLAIN, early=True),
}
RULE = 'ask.most = { now = "50%", min = "0", max = "1" }\n' + DEFAULT
GAPS = (0, 0, 0, 0, 0, 0, 1, 1, HOUR, HOUR, DAY, DAY, 3 * DAY, WEEK - 1, WEEK, 25 * DAY)


def village() -> Village:
    """Four founders, all ways of deciding."""
    return found(*PEOPLE, rule=RULE, profiles=PROFILES)


class Script:
    """A cooperative, what was opened in it, and the time."""

    def __init__(self, here: Village) -> None:
        self.here, self.now = here, FOUNDED
        self.opened: list[Any] = []

    def do(self, gap: int, deed: str, number: int) -> None:
        """Time passes, and somebody tries something."""
        self.now += gap
        try:
            DEEDS[deed](self, number)
        except TallyError:
            return

    def say(self, who: str, kind: str, body: dict[str, Any]) -> Any:
        """Somebody says this now."""
        return self.here.say(who, kind, body, self.now)

    def one_of(self, number: int, *statuses: str) -> Proposal:
        """One of the newest proposals that are in one of these states, those that opened by themselves too."""
        self.here.book.advance(max(self.now, self.here.book.until))
        self.now = self.here.book.until
        known = [one for one in of(self.here.book).proposals.values() if not statuses or one.status in statuses]
        if not known:
            raise TallyError("There is none.")
        return known[-1 - number % min(4, len(known))]


def who(number: int) -> str:
    """Who does it."""
    return PEOPLE[number % 4]


# What is put before the members.


def join(script: Script, number: int) -> None:
    """Somebody joins with an invitation."""
    name = LATER[number % 2]
    script.opened.append(script.here.join(name, script.here.invite("Ana", name, script.now), script.now))


def put_first_form(script: Script, number: int) -> None:
    """A matter as older copies put it."""
    here, name = script.here, PEOPLE[number // 4 % 4]
    role = ("treasurer", "steward")[number // 16 % 2]
    ways: tuple[Callable[[], Any], ...] = (
        lambda: here.propose_text(who(number), f"Resolution {number}", script.now),
        lambda: here.propose_rule(who(number), titled(f"Rule {number % 3}"), script.now),
        lambda: here.propose_role(who(number), name, role, script.now, give=number // 32 % 2 == 0),
    )
    script.opened.append(ways[number // 64 % 3]())


def move(script: Script, number: int) -> None:
    """A matter with terms, by any profile."""
    name, place = person(PEOPLE[number // 4 % 4]), number // 64
    give = number // 16 % 2 == 0
    changed = written(replace(PLAIN, threshold=(1 + number % 2, 3), strict=False))
    sunset = {"sunset": ("2025-08-20", "2025-11-10")[number % 2]} if number // 32 % 3 == 0 else {}
    profile = ("simple-majority", "late", "noticed", "quick")[number // 8 % 4]
    lock = script.here.lock(f"{len(script.here.leaves):064x}")
    matters: tuple[dict[str, Any], ...] = (
        {"sort": "text", "texts": [f"Resolution {number % 5}"], "profile": profile, "terms": sunset},
        {"sort": "text", "texts": ["One", "Other"], "profile": ("debian-options", "approval", "star")[number % 3]},
        {"sort": "text", "texts": [f"By consent {number % 5}"], "profile": "objecting", "terms": {"draft": give}},
        {"sort": "rule", "texts": [titled(f"Rule {number % 3}")], "profile": profile, "terms": sunset},
        {"sort": "rule", "texts": [titled("One"), titled("Other")], "profile": "instant-runoff"},
        {"sort": "number", "profile": "median", "terms": {"names": ["most"]} | sunset},
        {"sort": "role", "person": name, "role": "steward", "give": give, "profile": profile, "terms": sunset},
        {"sort": "role", "person": name, "role": "treasurer", "give": give, "profile": "quick"},
        {"sort": "member", "person": name, "give": give, "profile": profile},
        {"sort": "policy", "texts": [f"{1 + number % 3}"], "terms": {"names": ["approvers"]} | sunset},
        {"sort": "profile", "texts": [changed], "profile": "late", "terms": {"names": ["late"]}},
        {
            "sort": "text",
            "texts": ["Sealed"],
            "profile": "sealed",
            "terms": {"sealing": lock},
        },
        {
            "sort": "role",
            "role": "connector",
            "profile": "scottish-stv",
            "terms": {"candidates": [person(one) for one in PEOPLE[:3]], "seats": 2},
        },
    )
    chosen = matters[place % len(matters)]
    script.opened.append(script.here.move(who(number), at=script.now, **chosen))


# Ballots.


def ballot_of(proposal: Proposal, number: int) -> str:
    """Some ballot that may be cast there."""
    method, labels = proposal.profile.method, labels_of(proposal)
    if method == "yes-no":
        return CHOICES[number % 8]
    if number % 9 == 0:
        return "abstain"
    turned = labels[number % len(labels) :] + labels[: number % len(labels)] if labels else []
    if method == "median":
        return f"{number % 5}/7" if number % 5 else "0"
    if method == "approval":
        return ",".join(sorted(turned[: 1 + number % 2]))
    if method in ("score", "star"):
        return ",".join(f"{one}={number // 3 % 6}" for one in sorted(turned[:2]))
    return ">".join(turned)


def one_votes(script: Script, number: int) -> None:
    """Somebody votes in some proposal."""
    _cast(script, EVERYBODY[number % 6], script.one_of(number // 4, OPEN), number // 16)


def all_vote(script: Script, number: int) -> None:
    """All but one do, some against."""
    proposal = script.one_of(number, OPEN)
    for place, name in enumerate(EVERYBODY):
        if place == number % 8:
            continue
        try:
            _cast(script, name, proposal, number >> place)
        except TallyError:
            continue


def _cast(script: Script, name: str, proposal: Proposal, number: int) -> None:
    choice = ballot_of(proposal, number)
    if proposal.profile.secrecy == "sealed":
        script.here.seal(name, proposal, choice if number % 5 else "nonsense", script.now)
    else:
        script.here.cast(name, proposal, choice, script.now)


def with_help(script: Script, number: int) -> None:
    """Somebody votes, works, leaves or objects by a helper's hand; or contests what was said like this."""
    here, whose = script.here, who(number)
    helper, witness = (name for name in (*PEOPLE, *PEOPLE)[number % 4 + 1 : number % 4 + 3])
    if number // 4 % 3 == 0 and here.book.ledger.assisted:
        entry, held = list(here.book.ledger.assisted.items())[-1]
        script.say(
            next(name for name in EVERYBODY if person(name) == held.person),
            "ledger.contested",
            {"entry": entry},
        )
        return
    proposal = script.one_of(number // 16, OPEN)
    kinds: tuple[tuple[str, dict[str, Any]], ...] = (
        ("governance.voted", {"proposal": proposal.id, "choice": CHOICES[number // 64 % 8]}),
        ("governance.ballot_cast", {"proposal": proposal.id, "choice": ballot_of(proposal, number)}),
        ("governance.objected", {"proposal": proposal.id, "text": "ab" * 32, "harm": "cd" * 32}),
        ("ledger.left", {}),
    )
    kind, body = kinds[3 if number % 7 == 0 else number // 64 % 3]
    here.helped(helper, witness, whose, kind, body, script.now)


# The course of a matter.


STEPS = {
    DRAFT: ("announced", "announced", "withdrawn"),
    NOTICE: ("waived", "waived", "withdrawn"),
    OPEN: ("objected", "objected", "answered", "lifted", "stood_aside", "withdrawn"),
    CLOSED: ("unsealed",),
    DECIDED: ("challenged",),
}


def course(script: Script, number: int) -> None:
    """Somebody announces, waives, withdraws, stands aside, objects, answers, lifts, challenges or unseals."""
    here, proposal = script.here, script.one_of(number, *STEPS)
    step = STEPS[proposal.status][number // 4 % len(STEPS[proposal.status])]
    own = step in ("announced", "withdrawn", "answered")
    name = next(one for one in EVERYBODY if person(one) == proposal.by) if own else who(number // 64)
    body: dict[str, Any] = {"proposal": proposal.id}
    if step == "unsealed":
        here.unseal(name, proposal, script.now)
        return
    if step == "objected":
        body |= {"text": Text("It is market day."), "harm": Text("The shop would be shut.")}
    elif step == "challenged":
        body |= {"why": Text("Half of us were away.")}
    elif step in ("answered", "lifted"):
        objections = list(proposal.course.objections) or ["ab" * 32]
        body = {"objection": objections[-1]}
        if step == "answered":
            body |= {"how": "amend", "options": [here.put(name, f"Amended {number % 3}", script.now)]}
    script.say(name, f"governance.{step}", body)


def delegate(script: Script, number: int) -> None:
    """Somebody lets another vote, in something, for some time; or ends it."""
    scope = ("all", "topic", "role", "proposal")[number // 16 % 4]
    what = {"all": "", "topic": "text", "role": "steward"}.get(scope) if scope != "proposal" else None
    of_ = script.one_of(number).id if what is None else what
    to = PEOPLE[number // 4 % 4] if number // 64 % 5 else None
    until = ("2025-08-10", "2025-09-20", None)[number // 64 % 3]
    script.here.delegate(who(number), to, scope, of_, until if to else None, script.now)


def leave(script: Script, number: int) -> None:
    """Somebody leaves, or comes back."""
    if number % 3 == 0:
        script.say(who(number), "ledger.left", {})
        return
    gone = [one for one, known in script.here.book.ledger.persons.items() if known.standing == "former"]
    if gone:
        script.here.move("Ana", "member", script.now, "quick", person=gone[0])


def crank(script: Script, number: int) -> None:
    """Somebody publishes what follows from the log."""
    script.here.book.advance(max(script.now, script.here.book.received))
    for kind, body in turns(script.here.book, script.now):
        script.say(who(number), kind, body)


DEEDS: dict[str, Callable[[Script, int], None]] = {
    "join": join,
    "first form": put_first_form,
    "move": move,
    "one votes": one_votes,
    "all vote": all_vote,
    "with help": with_help,
    "course": course,
    "delegate": delegate,
    "leave": leave,
    "crank": crank,
}
OFTEN = (
    "join",
    "join",
    "first form",
    *("move",) * 5,
    "all vote",
    "all vote",
    "all vote",
    "one votes",
    "course",
    "course",
)
scripts = st.lists(
    st.tuples(st.sampled_from(GAPS), st.sampled_from([*DEEDS, *OFTEN]), st.integers(0, 10**6)), max_size=24
)


def live(script: list[tuple[int, str, int]]) -> Village:
    """A cooperative in which all this was tried; what was refused is not in its log."""
    played = Script(village())
    for gap, deed, number in script:
        played.do(gap, deed, number)
    return played.here
