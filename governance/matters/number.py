"""A number of the share rule is set: the median of what members want, or a division of the whole among several."""

from fractions import Fraction

from governance import ask_text, ruling
from governance.asked import Asked, only_texts
from governance.matters.rule import check_replaced
from governance.matters.rule import lapse as lapse
from governance.part import PASSED, Proposal, of
from governance.rules import parse
from ledger.book import Book
from ledger.errors import Refused
from ledger.names import Names

OUT_OF_BOUNDS = "the number would lie outside of what the rule allows"


def check(book: Book, asked: Asked) -> None:
    """The newest rule asks for these numbers, and its text is written so that they can be set in it."""
    only_texts(asked, "number", names=True)
    if asked.texts or not asked.terms.names or len(set(asked.terms.names)) != len(asked.terms.names):
        raise Refused("A vote on a number names what the rule asks for, and nothing else.")
    if (len(asked.terms.names) == 1) != (asked.profile.method == "median"):
        raise Refused("A median sets one number; several that come to the whole are divided by split-the-pot.")
    check_replaced(book, asked.replaces)
    text = ruling.text_of(book, asked.replaces or "")
    asks = parse(text).asks
    for name in asked.terms.names:
        if name not in asks:
            known = ", ".join(sorted(asks)) or "none"
            raise Refused(f"The newest rule asks for no number {name!r}.", f"It asks for: {known}.")
    if asked.profile.method == "pot" and sum(asks[name].now.value for name in asked.terms.names) != 1:
        raise Refused("These numbers do not come to the whole, so that nobody can divide it among them.")
    ask_text.check_settable(text, asked.terms.names)


def as_is(book: Book, proposal: Proposal) -> dict[str, Fraction]:
    """The numbers as they are: by option, or under "" for a median."""
    asks = parse(ruling.text_of(book, proposal.replaces or "")).asks
    names = proposal.terms.names
    if proposal.profile.method == "median":
        return {"": asks[names[0]].now.value}
    return {str(place): asks[name].now.value for place, name in enumerate(names, 1)}


def made(book: Book, proposal: Proposal, winners: tuple[str, ...]) -> str:
    """The rule with the numbers that won; "" where they lie outside of its bounds."""
    text = ruling.text_of(book, proposal.replaces or "")
    names = proposal.terms.names
    values = [winner.rpartition("=")[2] for winner in winners]
    asks = parse(text).asks
    numbers = dict(zip(names, ask_text.writable(list(map(Fraction, values))), strict=True))
    if not all(asks[name].min.value <= value <= asks[name].max.value for name, value in numbers.items()):
        return ""
    return ask_text.with_numbers(text, numbers)


def title(book: Book, names: Names, proposal: Proposal) -> str:
    """Which numbers."""
    return f"the rule's number{'s' if len(proposal.terms.names) > 1 else ''} {', '.join(proposal.terms.names)}"


def act(book: Book, proposal: Proposal, at: int) -> str:
    """New bytes of the rule wait for the next period."""
    decision = proposal.course.decision
    text = made(book, proposal, decision.winners if decision else ())
    if not text:
        return OUT_OF_BOUNDS
    try:
        ruling.check(book, text)
    except Refused:
        return "by then a rule with this number could not hold any more"
    proposal.course.made = text
    proposal.status = PASSED
    of(book).waiting.append(proposal.id)
    return ""
