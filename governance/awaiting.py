"""What waits for a member: votes to cast, objections to answer, drafts, decisions that may still be challenged."""

from governance.consenting import standing_in
from governance.figures import Row
from governance.looks import row, standing_words, status_words, title
from governance.noticing import is_silent
from governance.part import DECIDED, DRAFT, NOTICE, OPEN, Proposal, of
from governance.profile import CONSENT, YES_NO
from governance.showing import listed_rules
from governance.telling import grouped, tell
from governance.versions import options_impact
from governance.voiced import voice_of
from ledger import people
from ledger.doors import Desk
from ledger.errors import Refused
from ledger.localtime import iso, when


def waiting(desk: Desk) -> None:
    """What the members are asked and this person has not answered, and what waits for her otherwise."""
    person, book = desk.whoami, desk.book
    asked = [one for one in map(of(book).proposals.__getitem__, of(book).open) if person in one.voters]
    unanswered = [one for one in asked if is_silent(one, person)]
    lines = []
    for proposal in unanswered:
        lines += [
            f"{proposal.number}  {title(book, desk.names, proposal)}",
            f"   open until {when(book, proposal.closes)}; {standing_words(book, desk.names, proposal)}",
            *_through(desk, proposal, person),
            *_would_have_paid(desk, proposal),
        ]
    lines = [*lines, *_how(unanswered)] if lines else ["No vote waits for you."]
    answered = len(asked) - len(unanswered)
    lines += [f"You may still change {answered} {'vote' if answered == 1 else 'votes'} of yours."] if answered else []
    other, helped = _other(desk, person), _helped(desk, person)
    waits = [row(book, desk.names, one) for one in unanswered]
    data = {"waiting": waits, "answered": answered, "helped": helped, "other": other}
    tell(desk, data, [*lines, *(f"- {one['words']}" for one in (*helped, *other))])


def _through(desk: Desk, proposal: Proposal, person: str) -> list[str]:
    voice = voice_of(desk.book, desk.names, proposal, person)
    return [f"   {voice.words}"] if voice else []


def _how(unanswered: list[Proposal]) -> list[str]:
    """How these are read and answered."""
    methods = {one.profile.method for one in unanswered}
    votes = "yes|no|abstain" if methods <= {YES_NO, CONSENT} else "BALLOT"
    vote = f"     Vote:  tally vote N {votes}" if methods != {CONSENT} else ""
    lines = [f"Read it first:  tally proposal show N{vote}"]
    return lines + (['By consent, object:  tally proposal object N "…" --harm "…"'] if CONSENT in methods else [])


def _helped(desk: Desk, person: str) -> list[Row]:
    """Votes that others cast for this person at her word, as long as she may contest them."""
    book, names, found = desk.book, desk.names, []
    held = {one.index: (entry, one) for entry, one in book.ledger.assisted.items()}
    for proposal in of(book).proposals.values():
        entry, one = held.get(proposal.course.assisted.get(person, -1), ("", None))
        if one is None or desk.now >= one.until or people.is_disputed(book.ledger, entry):
            continue
        words = (
            f"proposal {proposal.number}: {names.of(one.helper)} helped you vote, {names.of(one.witness)} was witness;"
            f" contest it until {when(book, one.until)}:  tally assist contest {one.index}"
        )
        found.append({"number": proposal.number, "entry": one.index, "until": iso(book, one.until), "words": words})
    return found


def _would_have_paid(desk: Desk, proposal: Proposal) -> list[str]:
    """What each option of a rule would have paid this person lately, in one line."""
    if proposal.matter.sort != "rule":
        return []
    try:
        impact, _ = options_impact(desk, listed_rules(desk, proposal))
    except Refused:
        return []
    mine = [(one["label"], one["together"]["mine"]) for one in impact.get("options", []) if one.get("together")]
    paid = [f"{label}: {grouped(own['under'])} ({_signed(own['difference'])})" for label, own in mine if own]
    span = f"{len(impact['paid'])} periods" if len(impact.get("paid", [])) > 1 else "the last period"
    return [f"   in {span} it would have paid you {impact['currency']} {', '.join(paid)}"] if paid else []


def _signed(plain: str) -> str:
    return f"{'' if plain.startswith('-') else '+'}{grouped(plain)}"


def _other(desk: Desk, person: str) -> list[Row]:
    """Drafts of one's own, objections to answer, decisions that may be challenged, reviews that are due."""
    book, found = desk.book, []
    today = desk.today.isoformat()
    for proposal in of(book).proposals.values():
        number, course = proposal.number, proposal.course
        if proposal.status == DRAFT and proposal.by == person:
            found.append((number, f"your draft {number} waits: tally proposal announce {number}"))
        if proposal.status == NOTICE:
            found.append((number, f"proposal {number}: {status_words(book, proposal)}"))
        if proposal.status == DECIDED and proposal.is_decided and person not in course.challenges:
            how = f'tally proposal challenge {number} "why"'
            found.append((number, f"proposal {number}: {status_words(book, proposal)}: {how}"))
        if proposal.status == OPEN and proposal.by == person:
            standing = len(standing_in(proposal, book.ledger.disputed))
            if standing:
                found.append(
                    (number, f"{standing} to answer in your proposal {number}: tally proposal answer {number}")
                )
        if proposal.passed and proposal.terms.review and proposal.terms.review <= today and not course.after:
            found.append((number, f"decision {number} was to be looked at again on {proposal.terms.review}"))
    return [{"number": number, "words": words} for number, words in found]
