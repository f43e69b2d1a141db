"""Proposals on a screen: the list, one of them with all that is known of it, and the result as it is published."""

from typing import Any

from governance.ask_text import with_numbers
from governance.consenting import standing_in
from governance.cranks import result_of
from governance.figures import Row, asks_words, figures, needed_words, quorum_asked
from governance.locking import unseal_at_desk
from governance.looks import (
    about,
    by_choice,
    consequence,
    fallback_title,
    has_opened,
    life_line,
    numbered,
    options,
    outcome_words,
    quoted,
    row,
    standing_words,
    status_words,
    title,
)
from governance.matters.profile import changes
from governance.matters.text import shortened
from governance.next_steps import limits, next_steps
from governance.part import (
    BEFORE,
    CLOSED,
    DECIDED,
    FAILED,
    IN_FORCE,
    OPEN,
    PASSED,
    SUPERSEDED,
    WITHDRAWN,
    Objection,
    Proposal,
    of,
)
from governance.profile import CONSENT, YES_NO
from governance.rules import parse
from governance.ruling import text_of
from governance.telling import points, tell
from governance.versions import changes_of, options_impact
from ledger.doors import Desk
from ledger.errors import Refused
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
IMPACT_WHILE = (*BEFORE, OPEN, PASSED, DECIDED, CLOSED, FAILED, IN_FORCE)
"""While it can still be decided, and after its count, a rule is shown with what it would have paid."""


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
    if proposal.status in BEFORE:
        return ""
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


def _result(desk: Desk, proposal: Proposal) -> list[str]:
    """What came of it, or how it stands; where neither can be said, its life says all."""
    if proposal.course.moved and not proposal.is_decided and proposal.status != OPEN:
        return []
    return [f"{outcome_words(desk.book, desk.names, proposal)}."]


def _choice_line(choice: str, who: list[str], listed: dict[str, str]) -> str:
    head = HEADS.get(choice, choice) if not listed or choice in HEADS else choice
    return f"{head:<10}{len(who):>3}  {', '.join(who)}".rstrip()


def beside_parts(desk: Desk, proposal: Proposal) -> tuple[Row, list[str]]:
    """Objections, challenges, the outcome in words, late ballots: as data and as lines."""
    course, names = proposal.course, desk.names
    places = [(one.index, f"/{field}") for one in course.objections.values() for field in ("text", "harm")]
    places += [(course.outcome, "/text")] if course.outcome is not None else []
    words = desk.words(places)
    standing = standing_in(proposal, desk.book.ledger.disputed)
    objections = [
        {
            "entry": one.index,
            "by": names.of(one.by),
            "text": words.get((one.index, "/text"), ""),
            "harm": words.get((one.index, "/harm"), ""),
            "answer": one.answer,
            "stands": entry in standing,
            "state": "stands" if entry in standing else _how_it_ended(one),
        }
        for entry, one in course.objections.items()
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


def _how_it_ended(one: Objection) -> str:
    if one.answer:
        return f"answered: {one.answer}"
    return "lifted" if one.lifted is not None else "contested: nobody stands by it"


def _objection_line(one: Row) -> str:
    return f"Objection {one['entry']} of {one['by']} ({one['state']}): {shown(one['text'])} Harm: {shown(one['harm'])}"


def _from_to(desk: Desk, proposal: Proposal) -> list[str]:
    votes, book = figures(desk.book, proposal), desk.book
    lines = [f"Life    {life_line(book, proposal)}"] if proposal.course.moved else []
    if has_opened(proposal):
        lines += [f"Opened  {when(book, proposal.opened)} by {desk.names.of(proposal.by)}"]
        head = "Closes" if proposal.status == OPEN else "Closed"
        lines += [] if _is_cut_short(proposal) else [f"{head}  {when(book, proposal.closes)}"]
    need = needed_words(book, proposal, votes)
    quorum = f"; {asked}" if (asked := quorum_asked(proposal.profile)) else ""
    lines += [f"Needs   {f'{need}: ' if need else ''}{asks_words(book, proposal)}{quorum}", *limits(proposal)]
    terms = proposal.terms
    out = [*proposal.course.recused, *proposal.course.aside]
    lines += [f"Recused {', '.join(map(desk.names.of, out))}"] if out else []
    before = of(book).proposals.get(proposal.course.before)
    lines += [f"Follows proposal {before.number} ({proposal.course.why})"] if before else []
    lines += [f"Review  {terms.review}"] if terms.review else []
    return [*lines, *_ends(desk, proposal)]


def _is_cut_short(proposal: Proposal) -> bool:
    """Whether it ended before its time, without a count: its life says on which day."""
    return proposal.status in (SUPERSEDED, WITHDRAWN) and not proposal.is_decided


def _ends(desk: Desk, proposal: Proposal) -> list[str]:
    if not proposal.terms.sunset:
        return []
    then = ""
    if proposal.matter.sort in ("rule", "number"):
        fallback = fallback_title(desk.book, proposal)
        then = f"; then {'the rule from before' if fallback is None else f'the rule {quoted(fallback)}'} holds"
    return [f"Ends    {proposal.terms.sunset}, unless the members renew it{then}"]


def _matter_part(desk: Desk, proposal: Proposal) -> tuple[Row, list[Any]]:
    """What is put, word for word or in what it changes, and for a rule what it would have paid."""
    texts = of(desk.book).texts
    if proposal.matter.sort == "rule":
        return _rule_part(desk, proposal)
    if proposal.matter.sort == "number":
        return _number_part(desk, proposal)
    if not proposal.options:
        return {}, []
    if proposal.matter.sort == "profile":
        said = changes(desk.book, proposal)
        return {"text": texts[proposal.options[0]], "differences": said}, [["What it says:", *points(said), ""]]
    data: Row = {"texts": [texts[one] for one in proposal.options], "text": texts[proposal.options[0]]}
    if data["text"].strip().removesuffix(".") == title(desk.book, desk.names, proposal):
        return data, []
    # What the list of options says already is not said again.
    long = {place: text for place, text in enumerate(data["texts"], 1) if text.strip() != shortened(text)}
    if len(data["texts"]) == 1:
        return data, [[*(f"  {line}" for line in data["text"].splitlines()), ""]]
    return data, [
        [f"Option {place}:", *(f"  {line}" for line in text.splitlines()), ""] for place, text in long.items()
    ]


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
    return _with_impact(desk, proposal, data, parts, listed_rules(desk, proposal)[1:])


def listed_rules(desk: Desk, proposal: Proposal) -> list[tuple[str, str]]:
    """The rules to choose from by label, the one that holds first."""
    texts = [of(desk.book).texts[one] for one in proposal.options]
    keep = ("0", text_of(desk.book, proposal.replaces or ""))
    return [keep, *((str(place), text) for place, text in enumerate(texts, 1))]


def _number_part(desk: Desk, proposal: Proposal) -> tuple[Row, list[Any]]:
    """What the numbers are, between what, and what the rule would have paid: at both ends, or as it was decided."""
    text = text_of(desk.book, proposal.replaces or "")
    asks, names = parse(text).asks, proposal.terms.names
    numbers = {name: {part: getattr(asks[name], part).text for part in ("now", "min", "max")} for name in names}
    said = [f"{name}: now {one['now']}, from {one['min']} to {one['max']}" for name, one in numbers.items()]
    data, parts = {"numbers": numbers}, [["What is asked:", *points(said), ""]]
    if proposal.status not in IMPACT_WHILE:
        return data, parts
    if proposal.course.made:
        return _with_impact(desk, proposal, data, parts, [("decided", proposal.course.made)])
    if len(names) > 1:
        return data, parts
    ends = [(part, with_numbers(text, {names[0]: getattr(asks[names[0]], part).value})) for part in ("min", "max")]
    return _with_impact(desk, proposal, data, parts, ends)


def _with_impact(
    desk: Desk, proposal: Proposal, data: Row, parts: list[Any], listed: list[tuple[str, str]]
) -> tuple[Row, list[Any]]:
    keep = ("now" if proposal.matter.sort == "number" else "0", text_of(desk.book, proposal.replaces or ""))
    try:
        impact, tables = options_impact(desk, [keep, *listed])
    except Refused as error:
        return data, [*parts, [f"What it would have paid cannot be told: {error.message}", ""]]
    return data | {"impact": impact}, [*parts, *tables, *([[""]] if tables else [])]


def _what_follows(desk: Desk, proposal: Proposal) -> list[str]:
    number = proposal.number
    steps = next_steps(desk.book, proposal)
    if proposal.status == OPEN:
        return steps
    follows = [*consequence(desk.book, desk.names, proposal), *steps]
    if not proposal.is_decided:
        # Its life says already since when it is superseded, and why.
        return follows[1:] if proposal.course.moved and proposal.status == SUPERSEDED else follows
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
            f"It stands so: {standing_words(desk.book, desk.names, proposal)}." if proposal.status == OPEN else "",
        )
    recorded = desk.record(*result_of(proposal), may_wait=False)
    proposal = numbered(desk.book, number)
    data = row(desk.book, desk.names, proposal) | {"closed": iso(desk.book, proposal.closes)}
    lines = [f"{outcome_words(desk.book, desk.names, proposal)}.", *consequence(desk.book, desk.names, proposal)]
    stands = f"The result stands in the log as entry {recorded.entry.index}."
    tell(desk, data, [*lines, stands, *next_steps(desk.book, proposal)])
