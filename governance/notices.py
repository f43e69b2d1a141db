"""Evidence of notice: who is told of a vote or reminded of it, and that it stands in the log who was told when and how.

Who is told follows from the roll, who is reminded from who is silent. Of a secret vote nobody knows that, so all are.
"""

import os
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from msgspec import Struct

from governance.figures import Row
from governance.looks import numbered, status_words, title
from governance.message_files import called, folder_for, write
from governance.messages import NOTICE as TOLD
from governance.messages import REMINDER, Vote, subject, text
from governance.noticing import asked_in, due_to
from governance.part import DRAFT, NOTICE, OPEN, Proposal
from governance.sending_mail import Post, letter, post_of, send
from governance.telling import tell
from governance.voice_facts import MAIL, MESSAGE, OTHERWISE
from governance.vote_words import vote_of
from ledger import people
from ledger.composing import compose
from ledger.doors import Desk
from ledger.errors import Refused, TallyError, Usage
from ledger.intake import stamp
from ledger.localtime import iso, local, when
from ledger.log import Unreachable
from ledger.looks import table
from ledger.record import expect

KIND = "governance.notified"
TOLD_MAX = 500
"""So many fit into one statement, with room to spare."""
WORDS = {MESSAGE: "as files", MAIL: "by mail", "letter": "by letter", "phone": "by phone", "in-person": "in person"}


class Telling(Struct, frozen=True, kw_only=True):
    """One member is told: notice or reminder, in which way, and in which file the message lies."""

    person: str
    what: str
    how: str
    file: str = ""


def notify(desk: Desk, number: int, folder: str | None, told: tuple[str, ...]) -> None:
    """Tell who was not told, remind who is silent, and record who was told how; nothing is recorded that was not."""
    proposal = numbered(desk.book, number)
    asked = _may_be_told(desk, proposal)
    due = due_to(proposal, asked)
    otherwise = _otherwise(desk, asked, due, told)
    post = post_of(desk.home.config, desk.names) if due.keys() - otherwise else None
    _check(desk, proposal, [Telling(person=one, what=what, how=MESSAGE) for one, what in due.items()])
    done = [Telling(person=one, what=due[one], how=way) for one, way in otherwise.items()]
    vote = vote_of(desk, proposal, len(asked_in(desk.book, proposal)))
    try:
        _deliver(desk, vote, {one: what for one, what in due.items() if one not in otherwise}, post, folder, done)
    except BaseException:
        # Whatever stops this command, what went out by then is on record.
        entries = _record(desk, proposal, done)
        desk.note("\n".join([*_ways(_rows(desk, done)), *_stands(entries)]))
        raise
    _tell(desk, proposal, done, _record(desk, proposal, done))


# Who.


def _may_be_told(desk: Desk, proposal: Proposal) -> list[str]:
    """Who is asked and still a member. Raises Refused or Unreachable where nobody is told of this vote now."""
    number = proposal.number
    if desk.ledger.alone is not None:
        raise Unreachable(
            f"{desk.ledger.alone.message} Nobody was told anything.",
            "Who is silent is known where the ledger is; try again once it can be reached.",
        )
    if proposal.status == DRAFT:
        raise Refused(
            f"Proposal {number} is a draft; nobody is told of it yet.", f"Announce it: tally proposal announce {number}"
        )
    if proposal.status not in (NOTICE, OPEN):
        raise Refused(
            f"Nobody is asked about proposal {number} any more: {status_words(desk.book, proposal)}.",
            f"Who was told of it: tally proposal notices {number}",
        )
    members = set(people.members(desk.book.ledger))
    asked = [one for one in asked_in(desk.book, proposal) if one in members]
    return sorted(asked, key=lambda one: desk.names.of(one).casefold())


def _otherwise(desk: Desk, asked: list[str], due: dict[str, str], told: tuple[str, ...]) -> dict[str, str]:
    """Who was told by letter, phone or in person, as typed: person -> way. Raises Usage or Refused."""
    found: dict[str, str] = {}
    for one in told:
        name, _, way = one.rpartition("=")
        if not name or way not in OTHERWISE:
            raise Usage(
                f"{one!r} tells not who was told how.", f"Write --told Dilek=phone; ways: {', '.join(OTHERWISE)}."
            )
        person = desk.names.person(name)
        if person in found:
            raise Usage(f"{desk.names.of(person)} is named twice.", "Name one way.")
        if person not in due:
            why = "was told and has answered" if person in asked else "is not asked in this vote"
            raise Refused(f"{desk.names.of(person)} {why}: nothing is to be told.")
        found[person] = way
    return found


# Telling.


def _deliver(
    desk: Desk, vote: Vote, due: dict[str, str], post: Post | None, folder: str | None, done: list[Telling]
) -> None:
    """Mail what can be mailed and write all else as files; each goes into `done` as soon as it is."""
    if not due:
        return
    place = folder_for(Path(folder) if folder else desk.home.kept(desk.ledger.known.founding, "messages"))
    letters = {person: _letter(desk, vote, person, what, post) for person, what in due.items()}
    mailed = {person: one for person, one in letters.items() if post and person in post.addresses}

    def put(persons: Iterable[str]) -> None:
        for person in persons:
            base = called(desk.names.of(person), vote.number, due[person])
            path = write(place, base, bytes(letters[person]))
            done.append(Telling(person=person, what=due[person], how=MESSAGE, file=str(path)))

    put(person for person in letters if person not in mailed)
    if not (post and mailed):
        return
    why = send(post, mailed, lambda person: done.append(Telling(person=person, what=due[person], how=MAIL)))
    left = [person for person in mailed if person not in {one.person for one in done}]
    if left:
        who = ", ".join(map(desk.names.of, left))
        desk.note(f"{post.mail.host} mailed nothing to {who}: {why}. These messages are written as files instead.")
        put(left)


def _letter(desk: Desk, vote: Vote, person: str, what: str, post: Post | None) -> EmailMessage:
    name = desk.names.of(person)
    return letter(
        cooperative=vote.cooperative,
        sender=post.mail.sender if post else "",
        name=name,
        address=post.addresses.get(person, "") if post else "",
        subject=subject(vote, what),
        text=text(vote, what, name),
        date=local(desk.book, desk.now),
    )


# Recording.


def _bodies(proposal: Proposal, tellings: list[Telling]) -> Iterator[dict[str, Any]]:
    """What is stated: notices and reminders apart, and of very many members in parts."""
    for what in (TOLD, REMINDER):
        told = [{"person": one.person, "how": one.how} for one in tellings if one.what == what]
        for start in range(0, len(told), TOLD_MAX):
            yield {"proposal": proposal.id, "what": what, "told": told[start : start + TOLD_MAX]}


def _check(desk: Desk, proposal: Proposal, tellings: list[Telling]) -> None:
    """Raise now what recording would raise: a message cannot be called back."""
    (signer, person), ledger = desk.me, desk.ledger
    for body in _bodies(proposal, tellings):
        data, _ = compose(ledger.book, signer, person, KIND, body, desk.now, ledger.seen)
        # A service has a clock of its own.
        expect(ledger.book, data, stamp(ledger, desk.clock_ok or ledger.remote is not None))


def _record(desk: Desk, proposal: Proposal, done: list[Telling]) -> list[int]:
    """The entries in which it stands. Where the log refuses after all, the person is told what went out for nothing."""
    entries, left = [], [one.person for one in done]
    try:
        for body in _bodies(proposal, done):
            entries.append(desk.record(KIND, body).entry.index)
            stated = {one["person"] for one in body["told"]}
            left = [person for person in left if person not in stated]
    except (TallyError, OSError):
        out = ", ".join(map(desk.names.of, left))
        desk.note(f"These were told, but the log did not confirm it: {out}. Files that were written stay.")
        raise
    return entries


# Showing.


def _tell(desk: Desk, proposal: Proposal, done: list[Telling], entries: list[int]) -> None:
    rows, place = _rows(desk, done), next((os.path.dirname(one.file) for one in done if one.file), None)
    data = {"number": proposal.number, "title": title(desk.book, desk.names, proposal), "told": rows}
    lines = [f"Proposal {proposal.number}, {data['title']}: {status_words(desk.book, proposal)}.", *_ways(rows)]
    lines += [f"The files lie in {place}: hand them over, print them or send them on."] if place else []
    lines += [] if done else ["Everybody who is asked was told and has answered; nobody is told anything."]
    if desk.queued:
        # Nothing else is shown of what waits in the outbox, but messages that went out went out.
        desk.note("\n".join(lines))
        return
    tell(desk, data | {"folder": place, "recorded": entries}, [*lines, *_stands(entries)])


def _rows(desk: Desk, done: list[Telling]) -> list[Row]:
    names = desk.names
    return [{"name": names.of(one.person), "what": one.what, "how": one.how, "file": one.file or None} for one in done]


def _stands(entries: list[int]) -> list[str]:
    return [f"It stands in the log as entry {' and '.join(map(str, entries))}."] if entries else []


def _ways(rows: list[Row]) -> list[str]:
    """Who was told how, a line for each way."""
    lines = []
    for what in (TOLD, REMINDER):
        for how, words in WORDS.items():
            who = [row["name"] for row in rows if (row["what"], row["how"]) == (what, how)]
            lines += [f"{what.capitalize()} {words}: {', '.join(who)}."] if who else []
    return lines


def show_notices(desk: Desk, number: int) -> None:
    """Who was told of a vote, when and how, and who of those asked was not."""
    book, names, proposal = desk.book, desk.names, numbered(desk.book, number)
    told = proposal.course.told
    asked = [] if proposal.status == DRAFT else asked_in(book, proposal)
    said = ((at, names.of(one), how, what) for one, each in told.items() for at, how, what in each)
    found = sorted(said, key=lambda one: (one[0], one[1].casefold()))
    missing = sorted((names.of(one) for one in asked if one not in told), key=str.casefold)
    cells = [(name, what, how, when(book, at)) for at, name, how, what in found]
    drawn = [table(("Member", "What", "How", "When"), cells)] if cells else []
    data = {
        "number": number,
        "title": title(book, names, proposal),
        "status": proposal.status,
        "notices": [{"name": name, "what": what, "how": how, "at": iso(book, at)} for at, name, how, what in found],
        "asked": len(asked),
        "not_told": missing,
    }
    head = f"Proposal {number}, {data['title']}: {status_words(book, proposal)}."
    rest = f"Not told: {', '.join(missing)}." if missing else "Everybody who is asked was told." if asked else ""
    tell(desk, data, [head], *drawn, [rest or "Nobody is asked yet."])
