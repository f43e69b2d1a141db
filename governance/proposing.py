"""What `tally propose` does: checks that the members could decide it, and only then records anything."""

import os
from typing import Any

from governance import matters, state
from governance.facts import TEXT_MAX
from governance.looks import about, row, version
from governance.profile import sentence as profile_words
from governance.state import Matter
from governance.telling import points, tell
from governance.versions import changes_of
from ledger.doors import Desk
from ledger.errors import Usage
from ledger.localtime import when
from ledger.people import must_speak
from ledger.reading import text_in

KIND = "governance.proposed"


def propose_rule(desk: Desk, file: str, profile: str) -> None:
    """Put a new share rule before the members, in place of the newest one."""
    text, replaced = text_in(file), state.upcoming(desk.book)
    _propose(desk, _matter("rule"), text, profile, replaced)


def propose_text(desk: Desk, said: str, profile: str) -> None:
    """Put a resolution before the members: the text of a file, or the words themselves."""
    text = _words(said).strip()
    if not text:
        raise Usage("The text is empty.", "Write what is to be decided.")
    _propose(desk, _matter("text"), text, profile, None)


def propose_role(desk: Desk, name: str, role: str, give: bool, circle: str, profile: str) -> None:
    """Propose that somebody takes on a role, or lays it down."""
    matter = Matter(sort="role", person=desk.names.person(name), role=role, circle=circle, give=give)
    _propose(desk, matter, None, profile, None)


def _words(said: str) -> str:
    if said == "-" or os.path.isfile(said):  # which, unlike Path, finds no fault with long words
        return text_in(said)
    if not any(letter.isspace() for letter in said.strip()):
        # A mistyped file name would otherwise become what the members vote on.
        raise Usage(f"There is no file {said}, and one word is no resolution.", "Write a sentence in quotes.")
    return said


def _matter(sort: str) -> Matter:
    return Matter(sort=sort, person=None, role=None, circle="", give=True)


def _propose(desk: Desk, matter: Matter, text: str | None, profile: str, replaces: str | None) -> None:
    """Check as admission will, record the text and then the proposal, and tell how to vote."""
    _, person = desk.me
    must_speak(desk.book.ledger, person, KIND)
    if text is not None and len(text) > TEXT_MAX:
        raise Usage(f"The text has {len(text)} characters; at most {TEXT_MAX} fit.", "Link to a longer text.")
    matters.check(desk.book, matter, [] if text is None else [text], profile, replaces)
    options = [] if text is None else [_put(desk, text)]
    body = {"matter": _fields(matter), "options": options, "profile": profile, "replaces": replaces}
    recorded = desk.record(KIND, body)
    _tell(desk, recorded.entry.id, text)


def _put(desk: Desk, text: str) -> str:
    """The entry that holds this text: one that is in the log already, or a new one."""
    texts = state.of(desk.book).texts
    held = next((one for one, put in texts.items() if put == text), None)
    return held or desk.record("governance.text", {"text": text}).entry.id


def _rivals(desk: Desk, proposal: state.Proposal) -> list[str]:
    """A word about other rules that are being voted on for the same place."""
    own = state.of(desk.book)
    others = [
        str(one.number)
        for one in map(own.proposals.__getitem__, own.open)
        if one.replaces == proposal.replaces and one is not proposal
    ]
    if not others:
        return []
    return [
        f"Also before the members in its place: proposal {', '.join(others)}. Of rules that pass,"
        " the one decided first holds; the others are superseded."
    ]


def _fields(matter: Matter) -> dict[str, Any]:
    return {name: getattr(matter, name) for name in Matter.__struct_fields__}


def _tell(desk: Desk, one: str, text: str | None) -> None:
    book = desk.book
    proposal = state.of(book).proposals[one]
    data = row(book, desk.names, proposal)
    lines = [f"Proposal {proposal.number}. {about(book, desk.names, proposal)}"]
    if proposal.matter.sort == "rule" and text is not None and proposal.replaces:
        data["differences"] = changes_of(book, proposal.replaces, text)
        lines += [f"What changes in {version(book, proposal.replaces)}:"]
        lines += points(data["differences"] or ["Nothing in what the rule does."])
        lines += _rivals(desk, proposal)
    lines += [
        f"It needs {profile_words(proposal.profile)}: {data['needed']} of {data['roll']}.",
        f"Open until {when(book, proposal.closes)}.",
        f"Vote:  tally vote {proposal.number} yes|no|abstain",
    ]
    tell(desk, data, lines)
