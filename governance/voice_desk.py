"""What `tally delegation` does: who votes for whom, in what, until when; and how it was used."""

from typing import Any

from governance.delegating import is_circle
from governance.looks import numbered, title
from governance.part import OPEN, Delegation, Proposal, of
from governance.telling import tell
from governance.voice_facts import beside
from governance.voiced import voice_of
from ledger.doors import Desk
from ledger.errors import Usage
from ledger.localtime import day, iso
from ledger.people import is_disputed
from ledger.spans import parse_day


def delegate(
    desk: Desk, name: str | None, topic: str | None, role: str | None, number: int | None, until: str | None
) -> None:
    """Let somebody vote for this member, or end that."""
    scope, what = _scope(desk, topic, role, number)
    to = None if name is None else desk.names.person(name)
    last = None if until is None else parse_day(until, desk.today).isoformat()
    body = {"to": to, "scope": scope, "of": what, "until": last}
    recorded = desk.record("governance.delegated", body).entry.index
    words = scope_words(desk, scope, what)
    if to is None:
        tell(desk, {"recorded": recorded}, [f"Nobody votes for you {words} any more (entry {recorded})."])
        return
    who = desk.names.of(to)
    lines = [f"{who} votes for you {words} where you do not vote yourself{f', until {last}' if last else ''}."]
    lines += _warning(desk, scope, what, to)
    tell(desk, {"recorded": recorded, "to": who, "scope": scope, "of": what, "until": last}, lines)


def _scope(desk: Desk, topic: str | None, role: str | None, number: int | None) -> tuple[str, str]:
    said = [one for one in (topic, role, number) if one is not None]
    if len(said) > 1:
        raise Usage("Name one: a topic, a role or a proposal.")
    if number is not None:
        return "proposal", numbered(desk.book, number).id
    if role is not None:
        return "role", role
    return ("topic", topic) if topic is not None else ("all", "")


def scope_words(desk: Desk, scope: str, what: str) -> str:
    """In what, in words."""
    if scope == "proposal":
        return f"in proposal {of(desk.book).proposals[what].number}"
    return {"all": "in everything", "topic": f"in votes on {what}", "role": f"in votes about the role {what}"}[scope]


def _warning(desk: Desk, scope: str, what: str, to: str) -> list[str]:
    me = desk.whoami
    scopes = beside(desk.book, me, to, (scope, what), desk.book.until)
    if any(is_circle(me, named[me], {who: whom for who, whom in named.items() if who != me}) for named in scopes):
        return ["This goes in a circle: if none of you votes, none of you is counted."]
    return []


def list_delegations(desk: Desk) -> None:
    """Whom I named, who named me, and how my voice was used in votes that are open."""
    me, book, names = desk.whoami, desk.book, desk.names
    every = [(who, one) for who, said in of(book).delegations.items() for one in said if _holds(desk, one)]
    own = [one for who, one in every if who == me]
    for_me = [(who, one) for who, one in every if one.to == me]
    lines = [f"{names.of(one.to)} votes for you {_words(desk, one)}" for one in own] or ["Nobody votes for you."]
    lines += [f"You vote for {names.of(who)} {_words(desk, one)}" for who, one in for_me]
    used = [_used(desk, one, me) for one in of(book).proposals.values() if one.status == OPEN]
    lines += [one["words"] for one in used if one]
    data = {
        "own": [_row(desk, one) | {"to": names.of(one.to)} for one in own],
        "for": [_row(desk, one) | {"from": names.of(who)} for who, one in for_me],
        "used": [one for one in used if one],
    }
    tell(desk, data, lines)


def _holds(desk: Desk, one: Delegation) -> bool:
    return one.holds(desk.book.until) and not is_disputed(desk.book.ledger, one.id)


def _words(desk: Desk, one: Delegation) -> str:
    until = f", until {day(desk.book, one.until - 1)}" if one.until is not None else ""
    return f"{scope_words(desk, one.scope, one.of)}{until}"


def _row(desk: Desk, one: Delegation) -> dict[str, Any]:
    return {"scope": one.scope, "of": one.of, "until": iso(desk.book, one.until), "entry": one.index}


def _used(desk: Desk, proposal: Proposal, me: str) -> dict[str, Any] | None:
    """How this member's voice is cast in an open vote, where another casts it."""
    voice = voice_of(desk.book, desk.names, proposal, me)
    if voice is None:
        return None
    head = f"Proposal {proposal.number}, {title(desk.book, desk.names, proposal)}"
    return {"number": proposal.number, "choice": voice.choice or None, "words": f"{head}: {voice.words}"}
