"""What `tally vote`, `votes` and `proposal …` do at the desk: look at what is asked, answer it, publish the result."""

from typing import Any

import msgspec

from governance import state
from governance.looks import (
    about,
    by_choice,
    consequence,
    figures,
    numbered,
    result_words,
    row,
    standing_words,
    status_words,
    title,
)
from governance.profile import sentence as profile_words
from governance.state import Proposal
from governance.telling import points, tell
from governance.versions import changes_of, impact_of
from ledger.doors import Desk
from ledger.errors import Refused
from ledger.localtime import iso, when
from ledger.looks import table

HEADS = {"yes": "For", "no": "Against", "abstain": "Abstained", "silent": "Silent"}
IMPACT_WHILE = ("open", "passed")
"""While it can still be decided or is to come, a rule is shown with what it would have paid."""


def vote(desk: Desk, number: int, choice: str) -> None:
    """Cast a ballot, and say back what was said and how long it may be changed."""
    proposal = numbered(desk.book, number)
    _, person = desk.me
    before = proposal.ballots.get(person)
    recorded = desk.record("governance.voted", {"proposal": proposal.id, "choice": choice})
    proposal = numbered(desk.book, number)
    data = row(desk.book, desk.names, proposal) | {"choice": choice, "before": before, "ballot": recorded.entry.index}
    changed = f", and no longer {before}" if before not in (None, choice) else ""
    lines = [f"Proposal {number}, {title(desk.book, desk.names, proposal)}: you vote {choice}{changed}."]
    if proposal.result is not None:
        lines += [f"With this it is decided. {result_words(proposal)}.", *consequence(desk.book, desk.names, proposal)]
    else:
        lines += [
            f"So far {standing_words(proposal)}.",
            f"You may change your vote until {when(desk.book, proposal.closes)}; the last one counts.",
        ]
    tell(desk, data, lines)


def waiting(desk: Desk) -> None:
    """The open votes that this person is asked in and has not answered."""
    person = desk.whoami
    book = desk.book
    asked = [one for one in map(state.of(book).proposals.__getitem__, state.of(book).open) if person in one.roll]
    unanswered = [one for one in asked if person not in one.ballots]
    lines = []
    for proposal in unanswered:
        lines += [
            f"{proposal.number}  {title(book, desk.names, proposal)}",
            f"   open until {when(book, proposal.closes)}; {standing_words(proposal)}",
        ]
    answered = len(asked) - len(unanswered)
    lines += ["Vote:  tally vote N yes|no|abstain     Read it first:  tally proposal show N"] if lines else []
    lines = lines or ["No vote waits for you."]
    lines += [f"You may still change {answered} {'vote' if answered == 1 else 'votes'} of yours."] if answered else []
    data = {"waiting": [row(book, desk.names, one) for one in unanswered], "answered": answered}
    tell(desk, data, lines)


def list_all(desk: Desk) -> None:
    """Every proposal there was, oldest first."""
    book = desk.book
    proposals = list(state.of(book).proposals.values())
    cells = [(str(one.number), title(book, desk.names, one), _votes(one), status_words(book, one)) for one in proposals]
    drawn = table(("No", "Matter", "Votes", "State"), cells, right=("No",)) if cells else "No proposals yet."
    desk.answer({"proposals": [row(book, desk.names, one) for one in proposals]}, drawn)


def _votes(proposal: Proposal) -> str:
    votes = figures(proposal)
    return f"{votes['yes']}:{votes['no']} of {votes['roll']}"


def show(desk: Desk, number: int) -> None:
    """A proposal with all that is known of it: what it is, who voted how, what came of it."""
    book, proposal = desk.book, numbered(desk.book, number)
    choices = by_choice(desk.names, proposal)
    data = row(book, desk.names, proposal) | {"votes": choices}
    parts: list[Any] = [[f"Proposal {number}. {about(book, desk.names, proposal)}", *_from_to(desk, proposal), ""]]
    if proposal.matter.sort == "rule":
        more, matter = _rule_part(desk, proposal)
        data, parts = data | more, parts + matter
    elif proposal.matter.sort == "text":
        data["text"] = state.of(book).texts[proposal.options[0]]
        if data["text"].strip() != data["title"]:
            parts += [[*(f"  {line}" for line in data["text"].splitlines()), ""]]
    lines = [f"{HEADS[choice]:<10}{len(who):>3}  {', '.join(who)}".rstrip() for choice, who in choices.items()]
    tell(desk, data, *parts, [*lines, f"{result_words(proposal)}.", *_what_follows(desk, proposal)])


def _from_to(desk: Desk, proposal: Proposal) -> list[str]:
    ended = "closes" if proposal.status == "open" else "closed"
    votes = figures(proposal)
    return [
        f"Opened  {when(desk.book, proposal.opened)} by {desk.names.of(proposal.by)}",
        f"{ended.capitalize()}  {when(desk.book, proposal.closes)}",
        f"Needs   {votes['needed']} of {votes['roll']}: {profile_words(proposal.profile)}",
    ]


def _rule_part(desk: Desk, proposal: Proposal) -> tuple[dict[str, Any], list[Any]]:
    """What a rule changes in words, and what it would have paid."""
    text = state.of(desk.book).texts[proposal.options[0]]
    changes = changes_of(desk.book, proposal.replaces or "", text)
    data: dict[str, Any] = {"replaces": proposal.replaces, "differences": changes, "text": text}
    parts: list[Any] = [["What changes:", *points(changes or ["Nothing in what the rule does."]), ""]]
    if proposal.status not in IMPACT_WHILE:
        return data, parts
    try:
        impact, tables = impact_of(desk, text)
    except Refused as error:
        return data, [*parts, [f"What it would have paid cannot be told: {error.message}", ""]]
    return data | {"impact": impact}, [*parts, *tables, *([[""]] if tables else [])]


def _what_follows(desk: Desk, proposal: Proposal) -> list[str]:
    if proposal.result is None:
        return [f"Vote:  tally vote {proposal.number} yes|no|abstain"]
    if proposal.published is None:
        published = f"Anybody may publish the result:  tally proposal close {proposal.number}"
    else:
        published = f"The result stands in the log as entry {proposal.published}."
    return [*consequence(desk.book, desk.names, proposal), published]


def close(desk: Desk, number: int) -> None:
    """Publish the result of a vote that has closed."""
    proposal = numbered(desk.book, number)
    if proposal.result is None:
        raise Refused(
            f"Proposal {number} is open until {when(desk.book, proposal.closes)}; it has no result before.",
            f"It stands so: {standing_words(proposal)}.",
        )
    body = {"proposal": proposal.id, "outcome": msgspec.to_builtins(proposal.result)}
    recorded = desk.record("governance.closed", body, may_wait=False)
    proposal = numbered(desk.book, number)
    data = row(desk.book, desk.names, proposal) | {"closed": iso(desk.book, proposal.closes)}
    lines = [f"{result_words(proposal)}.", *consequence(desk.book, desk.names, proposal)]
    tell(desk, data, [*lines, f"The result stands in the log as entry {recorded.entry.index}."])
