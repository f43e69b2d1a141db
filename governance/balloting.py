"""What `tally vote` does: a ballot as it was typed is spelled, cast and said back, for oneself or with help."""

from typing import Any

from governance import ballots, casting
from governance.boxes import carried_now, labels_of
from governance.doubts import BALLOT, BOXED, VOTED
from governance.locking import cast_secret, sealed_body
from governance.looks import (
    consequence,
    numbered,
    options,
    outcome_words,
    row,
    said_words,
    standing_words,
    title,
)
from governance.part import OPEN, Proposal
from governance.profile import YES_NO
from governance.telling import tell
from ledger.assist_desk import say_for, told
from ledger.doors import Desk
from ledger.errors import Refused
from ledger.localtime import when
from ledger.people import must_speak


def vote(desk: Desk, number: int, said: str) -> None:
    """Cast a ballot, and say back what was said and how long it may be changed."""
    proposal = numbered(desk.book, number)
    _, person = desk.me
    choice = as_spelled(desk, proposal, said, person)
    if proposal.profile.secrecy == "secret":
        cast_secret(desk, proposal, choice)
        return
    before = proposal.ballots.get(person) if proposal.profile.secrecy == "open" else None
    kind, body = ballot_body(proposal, person, choice)
    recorded = desk.record(kind, body)
    proposal = numbered(desk.book, number)
    # What a sealed ballot says is shown to nobody, on no screen that might be looked at later.
    shown_choice = choice if proposal.profile.secrecy == "open" else None
    data = row(desk.book, desk.names, proposal)
    data |= {"choice": shown_choice, "before": before, "ballot": recorded.entry.index}
    changed = f", and no longer {said_words(proposal, before)}" if before not in (None, choice) else ""
    mine = f"you vote {said_words(proposal, choice)}{changed}" if shown_choice else "your ballot is sealed"
    lines = [f"Proposal {number}, {title(desk.book, desk.names, proposal)}: {mine}."]
    tell(desk, data, [*lines, *_for_others(desk, proposal, person), *_after_voting(desk, proposal)])


def vote_for(desk: Desk, number: int, said: str, helped: dict[str, str | None]) -> None:
    """Cast the ballot of somebody who asked for it, with a witness."""
    proposal = numbered(desk.book, number)
    person = desk.names.person(helped["for_"] or "")
    if proposal.profile.secrecy == "secret":
        raise Refused("A secret ballot is signed by the voter's own key: nobody casts it for her.")
    choice = as_spelled(desk, proposal, said, person)
    entry = say_for(desk, person, *ballot_body(proposal, person, choice), helped)
    if entry is not None:
        is_open = proposal.profile.secrecy == "open"
        mine = f"{desk.names.of(person)} votes {said_words(proposal, choice)}." if is_open else "The ballot is sealed."
        data = row(desk.book, desk.names, numbered(desk.book, number)) | {"entry": entry}
        tell(desk, data, [mine, *told(desk, entry)])


def _for_others(desk: Desk, proposal: Proposal, person: str) -> list[str]:
    """For how many others this ballot counts as well, as it stands."""
    through = proposal.course.carried if proposal.is_decided else carried_now(desk.book, proposal, desk.book.until)
    many = list(through.values()).count(person)
    return [f"It counts for {many} other{'s' if many > 1 else ''} too."] if many else []


def _after_voting(desk: Desk, proposal: Proposal) -> list[str]:
    if proposal.is_decided:
        decided = f"With this it is decided. {outcome_words(desk.book, desk.names, proposal)}."
        return [decided, *consequence(desk.book, desk.names, proposal)]
    return [
        f"So far {standing_words(desk.book, desk.names, proposal)}.",
        f"You may change your vote until {when(desk.book, proposal.closes)}; the last one counts.",
    ]


def as_spelled(desk: Desk, proposal: Proposal, said: str, person: str) -> str:
    """The ballot as it is signed: names become numbers, and every meaning has one spelling. Raises what refuses it."""
    if proposal.status != OPEN:
        casting.refuse_closed(proposal)
    must_speak(desk.book.ledger, person, VOTED)
    casting.check_asked(proposal, person)
    if not proposal.course.moved:
        return said.strip().casefold()
    for label, name in sorted(options(desk.book, desk.names, proposal).items(), key=lambda pair: -len(pair[1])):
        if proposal.terms.candidates or proposal.matter.sort == "number":
            said = _called(said, name, label)
    choice = ballots.spelled(proposal.profile, labels_of(proposal), said)
    casting.check_spelled(desk.book, proposal, choice)
    return choice


def _called(said: str, name: str, label: str) -> str:
    """The ballot with a name in it written as its number."""
    parts = []
    for part in _parts(said):
        parts.append(label if part.strip().casefold() == name.casefold() else part)
    return "".join(parts)


def _parts(said: str) -> list[str]:
    """The ballot cut at what stands between options."""
    parts, word = [], ""
    for letter in said:
        if letter in ">=,":
            parts += [word, letter]
            word = ""
        else:
            word += letter
    return [*parts, word]


def ballot_body(proposal: Proposal, person: str, choice: str) -> tuple[str, dict[str, Any]]:
    """Kind and body of the statement that casts this ballot for this person."""
    if proposal.profile.secrecy == "sealed":
        return BOXED, sealed_body(proposal, person, choice)
    kind = VOTED if proposal.profile.method == YES_NO else BALLOT
    return kind, {"proposal": proposal.id, "choice": choice}
