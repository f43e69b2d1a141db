"""The share rule becomes another: one new text, or several that compete with the one that holds."""

from governance import ruling
from governance.asked import Asked, only_texts
from governance.part import PASSED, Proposal, of
from ledger.book import Book
from ledger.errors import Refused
from ledger.names import Names


def check(book: Book, asked: Asked) -> None:
    """Each text is a rule that could hold from the next period on, and replaces the newest."""
    only_texts(asked, "rule")
    if not asked.texts:
        raise Refused("A vote on the rule has at least one option: the new rule; no keeps the current one.")
    check_replaced(book, asked.replaces)
    for text in asked.texts:
        if ruling.digest_of(text) == asked.replaces:
            raise Refused("This is the newest rule already, letter for letter.", "`tally rule show` prints it.")
        ruling.check(book, text)


def check_replaced(book: Book, replaces: str | None) -> None:
    """Raise Refused unless a proposal is written against the rule that will hold once all that is decided holds."""
    if replaces != ruling.upcoming(book):
        raise Refused("This proposal was written against a rule that is no longer the newest.", "Propose it anew.")


def title(book: Book, names: Names, proposal: Proposal) -> str:
    """The titles of the rules."""
    titles = [ruling.title_of(book, ruling.digest_of(of(book).texts[one])) for one in proposal.options]
    return f"share rule {' / '.join(quoted(one) for one in titles)}"


def quoted(words: str) -> str:
    """Words in quotes; what has no title says so."""
    return f'"{words}"' if words else "without a title"


def act(book: Book, proposal: Proposal, at: int) -> str:
    """It waits for the first period that starts from now on; then it holds, if it still replaces the newest."""
    proposal.status = PASSED
    proposal.since = None
    of(book).waiting.append(proposal.id)
    return ""


def lapse(book: Book, proposal: Proposal, at: int) -> str:
    """The rule named for this day holds from the next period on; else the one that it replaced."""
    fallback = proposal.terms.fallback
    text = of(book).texts[fallback] if fallback else ruling.text_of(book, proposal.course.undo)
    start = next((row.start for row in book.ledger.calendar if row.start >= at), None)
    own = ruling.digest_of(ruling.text_won(book, proposal))
    if start is None or ruling.upcoming(book) != own:
        return ""
    try:
        ruling.check(book, text)
    except Refused as refused:
        return f"{ruling.GOES_ON}: {refused.message}"
    ruling.schedule(book, text, start)
    return ""
