"""The versions of the share rule: which held when, which holds now, which will hold once all that is decided holds."""

import hashlib

from governance.measures import catalogue
from governance.part import IN_FORCE, SUPERSEDED, Proposal, RuleText, of
from governance.profile import HOUR
from governance.rules import parse
from governance.runnable import refuse_unrunnable
from ledger.book import Book, hooks

GOES_ON = "it goes on past its day, since the rule of before has no place here now"


def put_in_force(book: Book, text: str, start: int) -> None:
    """This rule holds from this instant: its catalogue is what counts as work."""
    state = of(book)
    rule, digest = parse(text), digest_of(text)
    if digest not in state.rules:
        state.rules[digest] = RuleText(number=len(state.rules) + 1, text=text, title=rule.title)
    state.force.append((start, digest))
    book.ledger.catalogue = catalogue(rule, book.ledger.exponent)
    book.ledger.late = rule.late


def text_won(book: Book, proposal: Proposal) -> str:
    """The rule that this proposal brings: the option that won, or the one it would bring where it is yes or no."""
    if proposal.course.made:
        return proposal.course.made
    return of(book).texts[option_won(proposal)]


def option_won(proposal: Proposal) -> str:
    """The text (its entry) that was chosen of those that were put, or the only one."""
    decision = proposal.course.decision
    won = decision.winners[0] if decision and decision.winners and decision.winners[0].isdigit() else "1"
    return proposal.options[int(won) - 1]


def effective_start(book: Book, proposal: Proposal) -> int | None:
    """The start of the first period at or after the decision; None while the calendar does not reach it."""
    acted = acts_from(proposal)
    return next((row.start for row in book.ledger.calendar if row.start >= acted), None)


def acts_from(proposal: Proposal) -> int:
    """The instant from which a decision acts: its end, the count of what was sealed, the end of its challenge."""
    course = proposal.course
    if course.decided is None:
        return proposal.closes
    return course.decided + proposal.profile.challenge_hours * HOUR


def enforce(book: Book, one: str, start: int) -> None:
    """The passed rule holds from this period on, unless the rule it replaces is no longer the current one."""
    state = of(book)
    proposal = state.proposals[one]
    state.waiting.remove(one)
    proposal.since = start
    if proposal.replaces != current(book):
        proposal.status = SUPERSEDED
        return
    proposal.course.undo = current(book) if proposal.course.moved else ""
    put_in_force(book, text_won(book, proposal), start)
    proposal.status = IN_FORCE
    if proposal.terms.sunset is not None:
        state.pending.append(one)


def current(book: Book) -> str:
    """The digest of the rule in force now."""
    return of(book).force[-1][1]


def waiting(book: Book) -> list[Proposal]:
    """The proposals whose rule was passed and does not hold yet, as they were decided."""
    state = of(book)
    return sorted(map(state.proposals.__getitem__, state.waiting), key=lambda one: (acts_from(one), one.number))


def upcoming(book: Book) -> str:
    """The digest of the rule that will hold once all that is decided holds: the one a new proposal would replace."""
    digest = current(book)
    for _, text in of(book).scheduled:
        digest = digest_of(text)
    for proposal in waiting(book):
        if proposal.replaces == digest:
            digest = digest_of(text_won(book, proposal))
    return digest


def text_of(book: Book, digest: str) -> str:
    """The text of a rule that holds, held, or was voted on."""
    state = of(book)
    if digest in state.rules:
        return state.rules[digest].text
    made = (one.course.made for one in state.proposals.values() if one.course.made)
    return next(text for text in (*state.texts.values(), *made) if digest_of(text) == digest)


def title_of(book: Book, digest: str) -> str:
    """The title of a rule that holds, held, or was voted on; "" where it has none."""
    state = of(book)
    return state.rules[digest].title if digest in state.rules else parse(text_of(book, digest)).title


def rule_at(book: Book, instant: int) -> str:
    """The digest of the rule in force at an instant: that of a period is the one at its start."""
    return next(digest for start, digest in reversed(of(book).force) if start <= instant)


def decided_by(book: Book, start: int, digest: str) -> Proposal | None:
    """The vote that brought a rule which holds from an instant on; None for the one of the founding."""
    # Of two votes of which one built on the other, both rules may come into force at the same instant.
    begun = (one for one in of(book).proposals.values() if one.status == IN_FORCE and one.since == start)
    return next((one for one in begun if digest_of(text_won(book, one)) == digest), None)


def digest_of(text: str) -> str:
    """What a rule is called in signed statements: SHA-256 of its bytes, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def check(book: Book, text: str) -> None:
    """Raise RuleError or Refused unless this text is a rule that could hold here.

    Every room may object (payouts: money in a pot that would be dropped).
    """
    rule = parse(text)
    refuse_unrunnable(rule, book.ledger.exponent)
    for ask in hooks(book.rooms, "object_to_rule"):
        ask(book, rule)


def schedule(book: Book, text: str, start: int) -> None:
    """This rule holds from the start of a period on, or at once where that is now."""
    assert all(begun <= start for begun, _ in of(book).force), "a rule would begin before one that holds"
    of(book).scheduled.append((start, text))
