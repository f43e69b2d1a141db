"""What `tally vote`, `votes` and `proposal list|show|close` do at the desk: look at what is asked, answer it."""

from typing import Any

from governance import ballots, casting
from governance.boxes import covering, labels_of
from governance.locking import cast_secret, sealed_body, unseal_at_desk
from governance.looks import (
    Row,
    about,
    by_choice,
    consequence,
    figures,
    life_line,
    numbered,
    options,
    outcome_words,
    result_words,
    row,
    standing_words,
    status_words,
    title,
)
from governance.part import BEFORE, CLOSED, DECIDED, DRAFT, NOTICE, OPEN, PASSED, Proposal, of
from governance.profile import CONSENT, YES_NO
from governance.profile_words import sentence as profile_words
from governance.ruling import text_of, text_won
from governance.telling import points, tell
from governance.versions import changes_of, options_impact
from ledger.assist_desk import say_for, told
from ledger.doors import Desk
from ledger.errors import Refused
from ledger.fact import plain
from ledger.localtime import iso, when
from ledger.looks import table
from ledger.private import show as shown

HEADS = {
    "yes": "For",
    "no": "Against",
    "abstain": "Abstained",
    "silent": "Silent",
    "sealed": "Sealed",
    "struck": "Struck",
}
IMPACT_WHILE = (*BEFORE, OPEN, PASSED, DECIDED, CLOSED)
"""While it can still be decided or is to come, a rule is shown with what it would have paid."""


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
    changed = f", and no longer {before}" if before not in (None, choice) else ""
    mine = f"you vote {choice}{changed}" if shown_choice else "your ballot is sealed"
    lines = [f"Proposal {number}, {title(desk.book, desk.names, proposal)}: {mine}."]
    tell(desk, data, [*lines, *_after_voting(desk, proposal)])


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
        mine = f"{desk.names.of(person)} votes {choice}." if is_open else "The ballot is sealed."
        data = row(desk.book, desk.names, numbered(desk.book, number)) | {"entry": entry}
        tell(desk, data, [mine, *told(desk, entry)])


def _after_voting(desk: Desk, proposal: Proposal) -> list[str]:
    if proposal.is_decided:
        decided = f"With this it is decided. {outcome_words(desk.book, desk.names, proposal)}."
        return [decided, *consequence(desk.book, desk.names, proposal)]
    return [
        f"So far {standing_words(desk.book, proposal)}.",
        f"You may change your vote until {when(desk.book, proposal.closes)}; the last one counts.",
    ]


def as_spelled(desk: Desk, proposal: Proposal, said: str, person: str) -> str:
    """The ballot as it is signed: names become numbers, and every meaning has one spelling. Raises what refuses it."""
    if proposal.status != OPEN:
        _refuse_closed(proposal)
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


def _refuse_closed(proposal: Proposal) -> None:
    if proposal.status in BEFORE:
        raise Refused(f"Proposal {proposal.number} is not open yet.", "`tally proposal show` tells from when.")
    if proposal.is_decided:
        raise Refused(f"Proposal {proposal.number} is decided. {result_words(proposal)}.")
    raise Refused(f"Proposal {proposal.number} takes no ballots any more: it is {proposal.status}.")


def ballot_body(proposal: Proposal, person: str, choice: str) -> tuple[str, dict[str, Any]]:
    """Kind and body of the statement that casts this ballot for this person."""
    if proposal.profile.secrecy == "sealed":
        return "governance.ballot_sealed", sealed_body(proposal, person, choice)
    kind = "governance.voted" if proposal.profile.method == YES_NO else "governance.ballot_cast"
    return kind, {"proposal": proposal.id, "choice": choice}


# What waits.


def waiting(desk: Desk) -> None:
    """What the members are asked and this person has not answered, and what waits for her otherwise."""
    person, book = desk.whoami, desk.book
    asked = [one for one in map(of(book).proposals.__getitem__, of(book).open) if person in one.voters]
    unanswered = [one for one in asked if not _has_answered(one, person)]
    lines = []
    for proposal in unanswered:
        lines += [
            f"{proposal.number}  {title(book, desk.names, proposal)}",
            f"   open until {when(book, proposal.closes)}; {standing_words(book, proposal)}",
            *_through(desk, proposal, person),
        ]
    lines += ["Read it first:  tally proposal show N     Vote:  tally vote N yes|no|abstain"] if lines else []
    lines = lines or ["No vote waits for you."]
    answered = len(asked) - len(unanswered)
    lines += [f"You may still change {answered} {'vote' if answered == 1 else 'votes'} of yours."] if answered else []
    other = _other(desk, person)
    tell(
        desk,
        {"waiting": [row(book, desk.names, one) for one in unanswered], "answered": answered, "other": other},
        [*lines, *(f"- {one['words']}" for one in other)],
    )


def _has_answered(proposal: Proposal, person: str) -> bool:
    if proposal.profile.method == CONSENT:
        return any(one.by == person for one in proposal.course.objections.values())
    return person in proposal.ballots or person in proposal.course.boxes


def _through(desk: Desk, proposal: Proposal, person: str) -> list[str]:
    said = covering(desk.book, of(desk.book).delegations.get(person, []), proposal, desk.book.until)
    if said is None or not proposal.course.moved or not proposal.profile.delegation_cap:
        return []
    voted = said.to in proposal.ballots
    how = f"has voted {proposal.ballots[said.to]}" if voted else "has not voted yet"
    return [f"   {desk.names.of(said.to)} votes for you here unless you do, and {how}"]


def _other(desk: Desk, person: str) -> list[Row]:
    """Drafts of one's own, objections to answer, decisions that may be challenged, reviews that are due."""
    book, found = desk.book, []
    today = desk.today.isoformat()
    for proposal in of(book).proposals.values():
        number, course = proposal.number, proposal.course
        if proposal.status == DRAFT and proposal.by == person:
            found.append((number, f"your draft {number} waits: tally proposal announce {number}"))
        if proposal.status == NOTICE:
            found.append((number, f"proposal {number} is announced: {status_words(book, proposal)}"))
        if proposal.status == DECIDED and person not in course.challenges:
            found.append((number, f"proposal {number}: {status_words(book, proposal)}"))
        if proposal.status == OPEN and proposal.by == person:
            standing = sum(one.lifted is None and not one.answer for one in course.objections.values())
            if standing:
                found.append(
                    (number, f"{standing} to answer in your proposal {number}: tally proposal answer {number}")
                )
        if proposal.passed and proposal.terms.review and proposal.terms.review <= today and not course.after:
            found.append((number, f"decision {number} was to be looked at again on {proposal.terms.review}"))
    return [{"number": number, "words": words} for number, words in found]


# Looking.


def list_all(desk: Desk) -> None:
    """Every proposal there was, oldest first."""
    book = desk.book
    proposals = list(of(book).proposals.values())
    cells = [
        (str(one.number), title(book, desk.names, one), _votes(desk, one), status_words(book, one)) for one in proposals
    ]
    drawn = table(("No", "Matter", "Votes", "State"), cells, right=("No",)) if cells else "No proposals yet."
    desk.answer({"proposals": [row(book, desk.names, one) for one in proposals]}, drawn)


def _votes(desk: Desk, proposal: Proposal) -> str:
    votes = figures(desk.book, proposal)
    if votes["cast"] is None or proposal.profile.method == CONSENT:
        return f"{votes['roll']} asked"
    if votes["yes"] is None or proposal.profile.method != YES_NO:
        return f"{votes['cast']} of {votes['roll']}"
    return f"{votes['yes']}:{votes['no']} of {votes['roll']}"


def show(desk: Desk, number: int) -> None:
    """A proposal with all that is known of it: what it is, who voted how, what came of it."""
    book, proposal = desk.book, numbered(desk.book, number)
    choices = by_choice(book, desk.names, proposal)
    data = row(book, desk.names, proposal) | {"votes": choices}
    parts: list[Any] = [[f"Proposal {number}. {about(book, desk.names, proposal)}", *_from_to(desk, proposal), ""]]
    listed = options(book, desk.names, proposal)
    if listed:
        parts += [["To choose from:", *(f"  {label}  {said}" for label, said in listed.items()), ""]]
    more, matter = _matter_part(desk, proposal)
    data, parts = data | more, parts + matter
    lines = [_choice_line(choice, who, listed) for choice, who in choices.items() if who or choice in HEADS]
    lines = [] if proposal.status in BEFORE else lines
    beside, beside_lines = beside_parts(desk, proposal)
    tell(desk, data | beside, *parts, [*lines, *beside_lines, *_result(desk, proposal), *_what_follows(desk, proposal)])


def _choice_line(choice: str, who: list[str], listed: dict[str, str]) -> str:
    head = HEADS.get(choice, choice) if not listed or choice in HEADS else choice
    return f"{head:<10}{len(who):>3}  {', '.join(who)}".rstrip()


def _result(desk: Desk, proposal: Proposal) -> list[str]:
    return [f"{outcome_words(desk.book, desk.names, proposal)}."]


def beside_parts(desk: Desk, proposal: Proposal) -> tuple[Row, list[str]]:
    """Objections, challenges, the outcome in words, late ballots: as data and as lines."""
    course, names = proposal.course, desk.names
    places = [(one.index, f"/{field}") for one in course.objections.values() for field in ("text", "harm")]
    places += [(course.outcome, "/text")] if course.outcome is not None else []
    words = desk.words(places)
    objections = [
        {
            "entry": one.index,
            "by": names.of(one.by),
            "text": words.get((one.index, "/text"), ""),
            "harm": words.get((one.index, "/harm"), ""),
            "answer": one.answer,
            "stands": one.lifted is None and not one.answer,
        }
        for one in course.objections.values()
    ]
    outcome = words.get((course.outcome or -1, "/text"))
    told = {
        names.of(person): [[iso(desk.book, at), how, what] for at, how, what in one]
        for person, one in course.told.items()
    }
    lines = [_objection_line(one) for one in objections]
    if course.challenges:
        who = ", ".join(map(names.of, course.challenges))
        lines.append(f"Challenged by {who} ({len(course.challenges)} of {proposal.profile.challengers})")
    if course.late:
        lines.append(f"Late, kept and not counted: {', '.join(map(names.of, course.late))}")
    if outcome:
        lines.append(f"Outcome: {shown(outcome)}")
    if told:
        lines.append(f"Told of it: {len(told)} (tally proposal notices {proposal.number})")
    late = {names.of(person): entry for person, entry in course.late.items()}
    return {"objections": objections, "outcome": outcome, "late": late, "told": told}, lines


def _objection_line(one: Row) -> str:
    state = "stands" if one["stands"] else f"answered: {one['answer']}" if one["answer"] else "lifted"
    return f"Objection {one['entry']} of {one['by']} ({state}): {shown(one['text'])} Harm: {shown(one['harm'])}"


def _from_to(desk: Desk, proposal: Proposal) -> list[str]:
    votes, book = figures(desk.book, proposal), desk.book
    lines = [f"Life    {life_line(book, proposal)}"] if proposal.course.moved else []
    if proposal.status not in BEFORE and (proposal.course.size is not None or not proposal.course.moved):
        ended = "closes" if proposal.status == OPEN else "closed"
        lines += [
            f"Opened  {when(book, proposal.opened)} by {desk.names.of(proposal.by)}",
            f"{ended.capitalize()}  {when(book, proposal.closes)}",
        ]
    need = f"{votes['needed']} of {votes['roll']}: " if votes["needed"] else ""
    lines += [f"Needs   {need}{profile_words(proposal.profile)}"]
    terms = proposal.terms
    lines += [f"Recused {', '.join(map(desk.names.of, proposal.course.recused))}"] if proposal.course.recused else []
    lines += [f"Review  {terms.review}"] if terms.review else []
    lines += [f"Ends    {terms.sunset}, unless the members renew it"] if terms.sunset else []
    return lines


def _matter_part(desk: Desk, proposal: Proposal) -> tuple[Row, list[Any]]:
    """What is put, word for word or in what it changes, and for a rule what it would have paid."""
    texts = of(desk.book).texts
    if proposal.matter.sort == "rule":
        return _rule_part(desk, proposal)
    if proposal.matter.sort == "number":
        return _number_part(desk, proposal)
    if not proposal.options:
        return {}, []
    data: Row = {"texts": [texts[one] for one in proposal.options], "text": texts[proposal.options[0]]}
    if data["text"].strip() == title(desk.book, desk.names, proposal):
        return data, []
    parts = [[*(f"  {line}" for line in text.splitlines()), ""] for text in data["texts"]]
    return data, parts


def _rule_part(desk: Desk, proposal: Proposal) -> tuple[Row, list[Any]]:
    """What each rule changes in words, and what it would have paid."""
    book = desk.book
    texts = [of(book).texts[one] for one in proposal.options]
    changes = [changes_of(book, proposal.replaces or "", text) for text in texts]
    data: Row = {"replaces": proposal.replaces, "differences": changes[0], "text": texts[0], "texts": texts}
    parts: list[Any] = []
    for place, one in enumerate(changes, 1):
        head = "What changes:" if len(changes) == 1 else f"What option {place} changes:"
        parts += [[head, *points(one or ["Nothing in what the rule does."]), ""]]
    if proposal.status not in IMPACT_WHILE:
        return data, parts
    return _with_impact(desk, proposal, data, parts, [(str(place), text) for place, text in enumerate(texts, 1)])


def _number_part(desk: Desk, proposal: Proposal) -> tuple[Row, list[Any]]:
    """The rule as it is, and once it is decided with the new number."""
    if not proposal.course.made or proposal.status not in IMPACT_WHILE:
        return {}, []
    text = text_won(desk.book, proposal)
    return _with_impact(desk, proposal, {"text": text}, [], [("1", text)])


def _with_impact(
    desk: Desk, proposal: Proposal, data: Row, parts: list[Any], listed: list[tuple[str, str]]
) -> tuple[Row, list[Any]]:
    keep = ("0", text_of(desk.book, proposal.replaces or ""))
    try:
        impact, tables = options_impact(desk, [keep, *listed])
    except Refused as error:
        return data, [*parts, [f"What it would have paid cannot be told: {error.message}", ""]]
    return data | {"impact": impact}, [*parts, *tables, *([[""]] if tables else [])]


def _what_follows(desk: Desk, proposal: Proposal) -> list[str]:
    number = proposal.number
    if proposal.status == OPEN:
        if proposal.profile.method == CONSENT:
            return [f'Object:  tally proposal object {number} "what speaks against it" --harm "to what"']
        how = (
            "yes|no|abstain"
            if proposal.profile.method == YES_NO
            else f"BALLOT. {ballots.how_to(proposal.profile.method)}"
        )
        return [f"Vote:  tally vote {number} {how}"]
    follows = consequence(desk.book, desk.names, proposal)
    if not proposal.is_decided:
        return follows
    if proposal.published is None:
        return [*follows, f"Anybody may publish the result:  tally proposal close {number}"]
    return [*follows, f"The result stands in the log as entry {proposal.published}."]


def close(desk: Desk, number: int) -> None:
    """Publish the result of a vote that has closed; sealed ballots are opened first."""
    proposal = numbered(desk.book, number)
    if proposal.status == CLOSED:
        unseal_at_desk(desk, proposal)
        proposal = numbered(desk.book, number)
    if not proposal.is_decided:
        raise Refused(
            f"Proposal {number} is open until {when(desk.book, proposal.closes)}; it has no result before."
            if proposal.status == OPEN
            else f"Proposal {number} has no result: {status_words(desk.book, proposal)}.",
            f"It stands so: {standing_words(desk.book, proposal)}." if proposal.status == OPEN else "",
        )
    outcome = proposal.course.decision or proposal.result
    kind = "governance.decided" if proposal.course.decision else "governance.closed"
    body = {"proposal": proposal.id, "outcome": plain(outcome)}
    recorded = desk.record(kind, body, may_wait=False)
    proposal = numbered(desk.book, number)
    data = row(desk.book, desk.names, proposal) | {"closed": iso(desk.book, proposal.closes)}
    lines = [f"{outcome_words(desk.book, desk.names, proposal)}.", *consequence(desk.book, desk.names, proposal)]
    tell(desk, data, [*lines, f"The result stands in the log as entry {recorded.entry.index}."])
